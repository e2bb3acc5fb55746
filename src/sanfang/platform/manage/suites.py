"""Suites and their micro-apps, as the developer keeps them."""

from __future__ import annotations

from ..domain import corps, developers, suites
from ..domain.core import Core
from ..domain.model import MicroApp, Suite
from ..domain.refusals import Refusal
from . import forms, views


async def create(core: Core, form: forms.SuiteCreate) -> views.SuiteView:
    """Make a suite; the answer is where its secrets are shown unasked."""
    developer_id = form.developer_id or await _only_developer(core)
    suite = await suites.create_suite(
        core,
        developer_id,
        suites.SuiteForm(
            name=form.name,
            token=form.token,
            aes_key=form.aes_key,
            callback_url=form.callback_url,
            ip_whitelist=form.ip_whitelist,
            user_fields=form.user_fields,
            micro_apps=[_app_form(app) for app in form.micro_apps],
        ),
    )
    return await _view(core, suite, secrets=True)


async def list_(core: Core, form: forms.Listing) -> views.Page[views.SuiteView]:
    found = await suites.list_suites(core, limit=form.limit, after=form.cursor)
    items = [await _view(core, suite) for suite in found]
    return views.Page(items, found[-1].suite_key if len(found) == form.limit else "")


async def show(core: Core, form: forms.SuiteShow) -> views.SuiteView:
    suite = await suites.get_suite(core, form.suite_key)
    return await _view(core, suite, secrets=form.secrets)


async def update(core: Core, form: forms.SuiteUpdate) -> views.SuiteView:
    suite = await suites.update_suite(
        core,
        form.suite_key,
        name=form.name,
        token=form.token,
        aes_key=form.aes_key,
        callback_url=form.callback_url,
        ip_whitelist=form.ip_whitelist,
        user_fields=form.user_fields,
        status=form.status,
    )
    return await _view(core, suite)


async def add_micro_app(core: Core, form: forms.MicroAppCreate) -> MicroApp:
    return await suites.add_micro_app(core, form.suite_key, _app_form(form))


async def micro_apps(core: Core, form: forms.OfSuite) -> views.Page[MicroApp]:
    await suites.get_suite(core, form.suite_key)
    return views.Page(await suites.micro_apps(core, form.suite_key))


async def repush(core: Core, form: forms.OfSuite) -> views.Repushed:
    return views.Repushed(await suites.repush(core, form.suite_key))


async def _only_developer(core: Core) -> str:
    found = await developers.list_developers(core, limit=2)
    if len(found) == 1:
        return found[0].developer_id
    if found:
        raise Refusal(
            40035,
            "有多个开发者，请用 developer_id 指明。",
            "There are several developers; say which with developer_id.",
            facts={"field": "developer_id"},
        )
    corp = await corps.create_corp(core, "示例软件公司 Example ISV", is_authenticated=True)
    made = await developers.create_developer(core, corp.corp_id, "示例开发者 Example developer")
    return made.developer_id


async def _view(core: Core, suite: Suite, *, secrets: bool = False) -> views.SuiteView:
    hidden = (
        views.SuiteSecrets(suite.suite_secret, suite.token, suite.aes_key, suite.ticket)
        if secrets
        else None
    )
    return views.SuiteView(
        suite_id=suite.suite_id,
        suite_key=suite.suite_key,
        developer_id=suite.developer_id,
        name=suite.name,
        status=suite.status,
        callback_url=suite.callback_url,
        ip_whitelist=suite.ip_whitelist,
        user_fields=suite.user_fields,
        ticket_at=suite.ticket_at,
        ticket_due_at=suite.ticket_due_at,
        created_at=suite.created_at,
        micro_apps=await suites.micro_apps(core, suite.suite_key),
        secrets=hidden,
    )


def _app_form(app: forms.MicroAppInput) -> suites.MicroAppForm:
    return suites.MicroAppForm(
        name=app.name,
        home_url=app.home_url,
        description=app.description,
        logo_url=app.logo_url,
        pc_home_url=app.pc_home_url,
    )
