"""The consent page: which app, whose, what it will be told, and where the browser goes then."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from ...domain import signin_apps, signin_people, signin_redirects
from ...domain.core import Core
from ...domain.corps import get_corp
from ...domain.desks import Desk
from ...domain.refusals import Refusal
from ...domain.signin_apps import SigninApp
from ...domain.signin_pages import Request
from ...domain.signin_people import Membership, Person
from . import inframe, looks, persons
from .markup import Html, both, hidden, join, tag, words
from .visit import Visit

_KINDS = {
    "own": ("企业自建应用", "an app of the corp's own"),
    "suite": ("第三方企业应用（套件）", "a suite of an ISV"),
    "open": ("登录应用", "an open app"),
}


async def page(
    visit: Visit,
    request: Request,
    desk: Desk,
    found: Sequence[Membership],
    *,
    onward: str,
    action: str,
    elsewhere: bool = False,
    **more: str,
) -> Response:
    """Ask a person whether an app may know who he is.

    ``found`` are the memberships to choose from, the first is ticked; ``elsewhere``: the question is
    about a screen that shows a QR code; ``more`` are further hidden fields.
    """
    app = await signin_apps.get(visit.core, request.client)
    fields = hidden(form=visit.form_token(), next=onward, who=who(desk), **more)
    form = tag(
        "form",
        fields,
        _places(found),
        tag("h2", words("将告诉它", "It will be told")),
        tag("ul", *given(request), class_="given"),
        tag(
            "p",
            tag("button", "同意并登录 Agree", type="submit", name="answer", value="yes"),
            tag("button", "拒绝 Refuse", type="submit", name="answer", value="no", class_="second"),
            class_="buttons",
        ),
        method="post",
        action=action,
    )
    warning = both(
        "你正在确认另一个屏幕上的登录。不是你自己打开的，请拒绝。",
        "You are confirming a sign-in on another screen. Refuse if you did not open it yourself.",
        class_="warning",
    )
    body = join(
        looks.brand(),
        tag("h1", "登录 ", tag("b", request.name)),
        warning if elsewhere else None,
        tag("dl", *await _facts(visit.core, app, request)),
        signed_in_as(await signin_people.person(visit.core, desk.corp_id, desk.userid)),
        form,
        persons.switch(onward),
    )
    return looks.page(f"登录 {request.name}", body, leads_out=True)


def who(desk: Desk) -> str:
    """Return a mark of who a page was shown to, so that nobody agrees in another's name."""
    return f"{desk.corp_id}/{desk.userid}"


def given(request: Request) -> list[Html]:
    """Return what is given away, as list items."""
    if request.page == "corp":
        return [both("你在企业里的 userid", "your userid in the corp", "li")]
    items = [
        both("昵称、头像", "your nick and picture", "li"),
        both(
            "在这个应用里的 openid，和 unionid",
            "your openid in this app, and your unionid",
            "li",
        ),
    ]
    if "corpid" in request.scope.split():
        items.append(both("所选企业的 corpId", "the corpId of the corp you choose", "li"))
    return items


def where_to(request: Request) -> Html:
    """Return for which app, and to which host, somebody is signing in."""
    return both(
        f"登录 {request.name}，之后回到 {site(request)}。",
        f"Signing in to {request.name}; the browser then goes to {site(request)}.",
        class_="why",
    )


def site(request: Request) -> str:
    """Return the host the browser will go to, in ASCII: what is written may look like another."""
    return str(signin_redirects.host_of(request.redirect_uri))


def signed_in_as(who: Person) -> Html:
    """Return who is signed in here, for pages that refuse."""
    return tag(
        "div",
        persons.card(who.corp.name, who.member.name, who.member.userid),
        class_="now",
        aria_label="当前登录 · signed in as",
        role="group",
    )


async def hand_over(core: Core, request: Request, workbench: str, address: str) -> Response:
    """Return the page for a frame of the workbench; its script tells the workbench.

    A page that the workbench cannot go on from is opened beside it: ``address``.
    """
    asks, able = request.page in inframe.ASKING, request.page in inframe.SILENT
    label = words("在新窗口登录", "Sign in in a new window")
    link = tag("a", label, href=address, target="_blank", rel="noopener")
    working = both(
        f"正在以工作台的身份登录 {request.name}…",
        f"Signing in to {request.name} as in the workbench…",
        class_="why",
    )
    body = join(
        looks.brand(),
        working if able else None,
        await _question(core, request) if asks else None,
        tag("p", link, id="beside", hidden=able or asks),
        tag("div", id="handing", data_workbench=workbench) if able or asks else None,
    )
    return looks.page(
        f"登录 {request.name}",
        body,
        script="hand-over.js" if able or asks else "",
        framed_by=[workbench],
        small=not asks,
    )


async def _question(core: Core, request: Request) -> Html:
    """Return what the consent page asks, for a frame: the script hears the buttons."""
    app = await signin_apps.get(core, request.client)
    return join(
        tag("h1", "登录 ", tag("b", request.name)),
        tag("dl", *await _facts(core, app, request)),
        tag("h2", words("将告诉它", "It will be told")),
        tag("ul", *given(request), class_="given"),
        tag(
            "p",
            tag("button", "同意并登录 Agree", type="button", value="yes"),
            tag("button", "拒绝 Refuse", type="button", value="no", class_="second"),
            class_="buttons",
        ),
    )


async def _facts(core: Core, app: SigninApp, request: Request) -> list[Html]:
    zh, en = _KINDS[app.kind]
    lines = [("应用", "App", tag("dd", request.name, " ", tag("code", app.key)))]
    lines.append(("类型", "Kind", tag("dd", f"{zh} · {en}")))
    owner = await _owner(core, app)
    if owner:
        lines.append(("所属企业", "Of", tag("dd", owner)))
    lines.append(("之后前往", "Goes to", tag("dd", tag("code", site(request)))))
    return [join(tag("dt", words(zh, en)), value) for zh, en, value in lines]


async def _owner(core: Core, app: SigninApp) -> str:
    if not app.corp_id:
        return ""
    try:
        return (await get_corp(core, app.corp_id)).name
    except Refusal:
        return app.corp_id


def _places(found: Sequence[Membership]) -> Html:
    """Return the corps to choose from; of one there is nothing to choose."""

    def row(number: int, each: Membership) -> Html:
        mark = tag("span", "管理员 admin", class_="mark") if each.is_admin else None
        return tag(
            "label",
            tag("input", type="radio", name="corp", value=each.corp_id, checked=number == 0),
            tag(
                "span",
                tag("b", each.corp_name),
                tag("span", each.userid, class_="where"),
                class_="who",
            ),
            mark,
            class_="place",
        )

    title = words("以哪家企业的身份", "In which corp")
    return tag("fieldset", tag("legend", title), *(row(n, each) for n, each in enumerate(found)))
