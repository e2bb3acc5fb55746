"""The apps of a corp's own."""

from __future__ import annotations

from ..domain import corps, micro_apps
from ..domain.core import Core
from ..domain.micro_apps import OwnApp
from . import forms, views

# The open API is narrower, and the two generations of it differ; here it is the sandbox's owner.
_LIMITS = micro_apps.Limits((1, 100), 200, complete=False)


async def create(core: Core, form: forms.AppCreate) -> views.AppView:
    shown = micro_apps.AppForm(
        name=form.name.strip(),
        description=form.description or form.name.strip(),
        icon=form.icon,
        home_url=form.home_url,
        pc_home_url=form.pc_home_url,
        oa_url=form.oa_url,
    )
    made = await micro_apps.create_app(
        core, form.corp_id, shown, _LIMITS, ip_whitelist=form.ip_whitelist
    )
    return _view(await micro_apps.get_own(core, made.agent_id), secrets=True)


async def list_(core: Core, form: forms.AppList) -> views.Page[views.AppView]:
    await corps.get_corp(core, form.corp_id)
    found = await micro_apps.list_own(core, form.corp_id)
    return views.Page([_view(one, secrets=form.secrets) for one in found])


async def show(core: Core, form: forms.AppShow) -> views.AppView:
    return _view(await micro_apps.get_own(core, form.agent_id), secrets=form.secrets)


async def update(core: Core, form: forms.AppUpdate) -> views.AppView:
    app = (await micro_apps.get_own(core, form.agent_id)).app
    given = {
        "name": None if form.name is None else form.name.strip(),
        "description": form.description,
        "icon": form.icon,
        "home_url": form.home_url,
        "pc_home_url": form.pc_home_url,
        "oa_url": form.oa_url,
    }
    await micro_apps.update_app(
        core,
        app.corp_id,
        form.agent_id,
        _LIMITS,
        ip_whitelist=form.ip_whitelist,
        **{name: value for name, value in given.items() if value is not None},
    )
    return _view(await micro_apps.get_own(core, form.agent_id), secrets=False)


def _view(own: OwnApp, *, secrets: bool) -> views.AppView:
    app, shown = own
    return views.AppView(
        app_key=app.app_key,
        corp_id=app.corp_id,
        agent_id=app.agent_id,
        name=shown.name,
        description=shown.description,
        icon=shown.icon,
        home_url=shown.home_url,
        pc_home_url=shown.pc_home_url,
        oa_url=shown.oa_url,
        ip_whitelist=app.ip_whitelist,
        secret=app.secret if secrets else None,
    )
