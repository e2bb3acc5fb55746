"""Enterprises and the apps of their own."""

from __future__ import annotations

from ..domain import corps, micro_apps
from ..domain.core import Core
from ..domain.model import Corp, CorpApp
from . import forms, views

# The open API is narrower, and the two generations of it differ; here it is the sandbox's owner.
_LIMITS = micro_apps.Limits((1, 100), 200, complete=False)


async def create(core: Core, form: forms.CorpCreate) -> Corp:
    return await corps.create_corp(
        core, form.name, is_authenticated=form.is_authenticated, admin_name=form.admin_name
    )


async def list_(core: Core, form: forms.Listing) -> views.Page[Corp]:
    found = await corps.list_corps(core, limit=form.limit, after=form.cursor)
    return views.Page(found, found[-1].corp_id if len(found) == form.limit else "")


async def show(core: Core, form: forms.OfCorp) -> Corp:
    return await corps.get_corp(core, form.corp_id)


async def update(core: Core, form: forms.CorpUpdate) -> Corp:
    return await corps.update_corp(
        core, form.corp_id, name=form.name, is_authenticated=form.is_authenticated
    )


async def dissolve(core: Core, form: forms.OfCorp) -> Corp:
    await corps.dissolve_corp(core, form.corp_id)
    return await corps.get_corp(core, form.corp_id)


async def create_app(core: Core, form: forms.AppCreate) -> views.AppView:
    if not (form.description or form.home_url or form.pc_home_url or form.oa_url):
        return _app(await corps.create_app(core, form.corp_id, form.name), secrets=True)
    shown = micro_apps.AppForm(
        name=form.name.strip(),
        description=form.description or form.name,
        home_url=form.home_url,
        pc_home_url=form.pc_home_url,
        oa_url=form.oa_url,
    )
    made = await micro_apps.create_app(core, form.corp_id, shown, _LIMITS)
    return _app(made, secrets=True)


async def list_apps(core: Core, form: forms.AppList) -> views.Page[views.AppView]:
    found = await corps.list_apps(core, form.corp_id)
    return views.Page([_app(app, secrets=form.secrets) for app in found])


def _app(app: CorpApp, *, secrets: bool) -> views.AppView:
    return views.AppView(
        app_key=app.app_key,
        corp_id=app.corp_id,
        agent_id=app.agent_id,
        name=app.name,
        ip_whitelist=app.ip_whitelist,
        secret=app.secret if secrets else None,
    )
