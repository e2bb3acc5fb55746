"""进入后台: an administrator opens the admin page of an app, as from the OA console.

The page lists the apps of the administrator's corp that have an admin page; a button makes a code and
opens that page with it (sso-and-login.md 5, entry 1).
"""

from __future__ import annotations

from starlette.responses import Response

from ...domain import micro_apps, signin, signin_redirects
from ...domain.desks import Desk
from ...domain.refusals import Refusal
from . import asking, looks, persons
from .addresses import BACKENDS, OWN
from .markup import Html, both, hidden, join, tag, words
from .visit import Visit

ENTER = f"{OWN}enter"


async def show(visit: Visit) -> Response:
    """``GET backends``."""
    desk = await visit.desk()
    if desk is None:
        why = both("管理员从这里进入应用后台。", "Administrators enter admin pages from here.")
        return await persons.page(visit, BACKENDS, why=why)
    apps = [app for app in await _apps(visit, desk) if app.oa_url]
    rows = [_row(visit, desk, app) for app in apps]
    body = join(
        looks.brand(),
        tag("h1", words("应用后台", "Admin pages")),
        tag("ul", *rows, class_="people")
        if rows
        else both(
            "这家企业没有设置了后台主页（oa_url）的应用。",
            "No app of this corp has an admin page (oa_url).",
            class_="none",
        ),
        persons.switch(BACKENDS),
    )
    return looks.page("应用后台 · Admin pages", body, leads_out=True)


async def enter(visit: Visit) -> Response:
    """``POST enter``: open one of them; refuse 51005 for who is no administrator."""
    fields = await visit.form()
    desk = await visit.desk()
    if desk is None or asking.who(desk) != fields.get("who"):
        return looks.send_to(BACKENDS, 303)
    wanted = fields.get("app", "")
    app = next((each for each in await _apps(visit, desk) if str(each.agent_id) == wanted), None)
    if app is None or not app.oa_url:
        raise Refusal(
            51000,
            f"企业 {desk.corp_id} 没有 agentid 为 {wanted[:40]!r}、设了后台主页的应用。",
            f"Corp {desk.corp_id} has no app with the agentid {wanted[:40]!r} and an admin page.",
        )
    host = signin_redirects.host_of(app.oa_url)
    if host.is_loopback and not visit.core.settings.sandbox:
        raise Refusal(
            51000,
            f"后台主页在本机 {host}，只有沙箱允许。",
            f"The admin page is on this machine ({host}); only a sandbox allows that.",
        )
    made = await signin.admin_code(visit.core, desk.corp_id, desk.userid, wanted)
    return looks.send_to(signin_redirects.with_params(app.oa_url, {"code": made.code}), 303)


async def _apps(visit: Visit, desk: Desk) -> list[micro_apps.ShownApp]:
    return await micro_apps.list_apps(visit.core, desk.corp_id)


def _row(visit: Visit, desk: Desk, app: micro_apps.ShownApp) -> Html:
    fields = hidden(form=visit.form_token(), who=asking.who(desk), app=str(app.agent_id))
    label = tag("span", words("进入后台", "Enter"), class_="mark")
    name = tag(
        "span",
        tag("b", app.name),
        tag("span", f"agentid {app.agent_id}", class_="where"),
        class_="who",
    )
    button = tag("button", name, label, type="submit")
    return tag("li", tag("form", fields, button, method="post", action=ENTER))
