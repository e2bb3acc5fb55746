"""Signing in, in a sandbox: choose whom to be. Outside one there is nobody to choose."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from ...domain import desks
from ...domain.desks import Desk, Persona
from ...domain.refusals import Refusal
from .. import names
from . import looks
from .addresses import OWN, way_back
from .markup import Html, Node, both, hidden, join, tag, words
from .visit import Visit

PEOPLE, DESK, LEAVE = f"{OWN}people", f"{OWN}desk", f"{OWN}leave"
# Names that nobody can register (RFC 2606, 6761, 6762, 8375), and DingTalk's own, intercepted.
_HOMES = ("localhost", "test", "example", "internal", "local", "lan", "home.arpa", "dingtalk.com")
_MOST = 50
_LONGEST_SEARCH = 50


async def show(visit: Visit) -> Response:
    """``GET people?next=&search=&corp_id=``: the list, to search in or to change the person."""
    onward = way_back(visit.field("next"))
    return await page(
        visit,
        onward,
        search=visit.field("search")[:_LONGEST_SEARCH],
        corp_id=visit.field("corp_id")[:100],
    )


async def sit(visit: Visit) -> Response:
    """``POST desk``: sign in as somebody and go on to where the person was heading."""
    fields = await visit.form()
    onward = way_back(fields.get("next", ""))
    check_sandbox(visit)
    token = await desks.open_desk(
        visit.core, fields.get("corp_id", "")[:100], fields.get("userid", "")[:100]
    )
    if visit.desk_token:
        await desks.close_desk(visit.core, visit.desk_token)
    visit.sit_down(token)
    return looks.send_to(onward, 303)


async def stand(visit: Visit) -> Response:
    """``POST leave``: sign out, and be asked who you are again."""
    fields = await visit.form()
    onward = way_back(fields.get("next", ""))
    if visit.desk_token:
        await desks.close_desk(visit.core, visit.desk_token)
    visit.stand_up()
    return looks.send_to(onward, 303)


def check_sandbox(visit: Visit) -> None:
    """Refuse 51003 outside a sandbox, where nobody may be whom he likes; 51000 on a strange host.

    A name that anybody can register may be pointed at this machine by the page that uses it (DNS
    rebinding), and that page would be of our own origin.
    """
    if visit.core.settings.sandbox and not is_at_home(
        visit.core.settings.console_domain, visit.host
    ):
        raise Refusal(
            51000,
            f"沙箱的登录页不在 {visit.host[:100]} 上提供：用 IP、localhost，或用"
            " --set console_domain=域名 说明这是自己的域名。",
            f"A sandbox's sign-in pages are not served on {visit.host[:100]}: use an IP address or"
            " localhost, or say with --set console_domain=NAME that the name is yours.",
            facts={"host": visit.host[:100]},
        )
    if not visit.core.settings.sandbox:
        raise Refusal(
            51003,
            "只有沙箱可以选一个成员登录；这个平台不是沙箱（sandbox=false）。",
            "Only a sandbox lets you choose whom to sign in as; this platform is none"
            " (sandbox=false).",
        )


def is_at_home(domain: str, host: str) -> bool:
    """Tell whether a Host header is an address, a name of no public zone, or below our own domain."""
    name = names.bare(host)
    if (name[:1] + name[-1:]) == "[]" or name.replace(".", "").isdigit() or "." not in name:
        return True
    return any(name == each or name.endswith(f".{each}") for each in (*_HOMES, domain.lower()))


async def page(
    visit: Visit,
    onward: str,
    *,
    why: Html | None = None,
    search: str = "",
    corp_id: str = "",
) -> Response:
    """Return the page with the people of the sandbox, each a button that signs in."""
    check_sandbox(visit)
    found = await desks.people(visit.core, search=search, corp_id=corp_id, limit=_MOST)
    now_at = await visit.desk()
    body = join(
        looks.brand(),
        tag("h1", words("以谁的身份登录？", "Sign in as whom?")),
        why,
        _search(onward, search, corp_id),
        _rows(visit, found, onward, now_at)
        if found
        else both("没有找到这样的成员。", "No such member was found.", class_="none"),
        both(
            f"最多显示 {_MOST} 人；按姓名的一部分或完整 userid 搜索。",
            f"At most {_MOST} people are shown; search by part of a name or a whole userid.",
            class_="note",
        ),
        _leave(visit, onward) if now_at else None,
    )
    return looks.page("登录 · Sign in", body, leads_out=True)


def switch(onward: str) -> Html:
    """Return the link to become somebody else."""
    label = words("使用其他账号", "Use another account")
    return tag("p", tag("a", label, href=f"{PEOPLE}?next={quote(onward, safe='')}"), class_="other")


def card(corp_name: str, name: str, userid: str, extra: Node = None) -> Html:
    """Return who somebody is."""
    return join(
        tag("span", name[:1] or "?", class_="face", aria_hidden="true"),
        tag(
            "span",
            tag("b", name),
            tag("span", f"{corp_name} · {userid}", class_="where"),
            class_="who",
        ),
        extra,
    )


def _search(onward: str, search: str, corp_id: str) -> Html:
    return tag(
        "form",
        hidden(next=onward, **({"corp_id": corp_id} if corp_id else {})),
        tag("label", words("搜索", "Search"), for_="search"),
        tag("input", type="search", name="search", id="search", value=search, maxlength="50"),
        tag("button", "搜索 Search", type="submit", class_="second"),
        method="get",
        action=PEOPLE,
        role="search",
        class_="search",
    )


def _leave(visit: Visit, onward: str) -> Html:
    label = words("退出登录", "Sign out")
    fields = hidden(form=visit.form_token(), next=onward)
    return tag("form", fields, tag("button", label, type="submit"), method="post", action=LEAVE)


def _rows(visit: Visit, found: list[Persona], onward: str, now_at: Desk | None) -> Html:
    form = visit.form_token()

    def row(each: Persona) -> Html:
        mine = now_at is not None and (now_at.corp_id, now_at.userid) == (each.corp_id, each.userid)
        marks = join(
            tag("span", "管理员 admin", class_="mark") if each.is_admin else None,
            tag("span", "当前 current", class_="mark") if mine else None,
        )
        button = tag("button", card(each.corp_name, each.name, each.userid, marks), type="submit")
        fields = hidden(form=form, next=onward, corp_id=each.corp_id, userid=each.userid)
        return tag("li", tag("form", fields, button, method="post", action=DESK))

    return tag("ul", *map(row, found), class_="people")
