"""The five addresses a browser is sent to, and what the person answers there.

Inside the client (``corp``) and for admin backends (``admin``) being signed in is enough; web sites
(``sns``, ``oauth``) get a person's consent, which is a form of ours and nothing else.
"""

from __future__ import annotations

import hashlib

from starlette.responses import Response

from ...domain import signin_pages, signin_people
from ...domain.core import Core
from ...domain.desks import Desk
from ...domain.refusals import Refusal
from ...domain.signin_pages import Request
from ...domain.signin_people import Membership
from .. import names
from . import asking, choices, looks, persons, refused, scanning
from .addresses import OWN, way_back
from .markup import Html
from .visit import Visit

DECIDE = f"{OWN}decide"
_SILENT = ("corp", "admin")
_AGREED_MS = 30 * 86_400_000  # how long a consent is remembered where the site does not ask anew


async def enter(visit: Visit) -> Response:
    """``GET`` of one of the five."""
    core, path = visit.core, visit.path
    request = await signin_pages.examine(core, path, visit.query)
    if request.login_tmp_code and request.page in ("sns", "qr"):
        return looks.send_to(await signin_pages.admit_scanned(core, request, used_in=path))
    if request.page == "qr":
        return await scanning.hosted(visit, request)
    if request.page == "oauth" and visit.field("iframe") == "true":
        return await scanning.framed(visit, request)
    if visit.is_framed:
        return await _hand_over(visit, request)
    desk = await visit.desk()
    if desk is None:
        return await _ask_who(visit, request)
    try:
        return await _go_on(visit, request, desk)
    except Refusal as refusal:
        return refused.page(refusal, await _who_is_this(core, desk), persons.switch(here(visit)))


async def enter_without_pages(visit: Visit) -> Response:
    """The same for a program: no page is shown; refuse 51002 where a person would be asked."""
    request = await signin_pages.examine(visit.core, visit.path, visit.query)
    if request.login_tmp_code and request.page in ("sns", "qr"):
        target = await signin_pages.admit_scanned(visit.core, request, used_in=visit.path)
        return looks.send_to(target)
    raise Refusal(
        51002,
        "地址无误，但还没有人登录：这是给浏览器的页面（Accept: text/html）。不用浏览器时："
        "sanfang signin open CORP_ID USERID '完整地址'，得到带 code 的跳转地址。",
        "The address is right, but nobody has signed in: this is a page for browsers (Accept:"
        " text/html). Without one: sanfang signin open CORP_ID USERID 'THE ADDRESS' gives the"
        " address with the code.",
    )


async def decide(visit: Visit) -> Response:
    """``POST decide``: the person said yes or no on the consent page."""
    fields = await visit.form()
    onward = way_back(fields.get("next", ""))
    path, _, query = onward.partition("?")
    request = await signin_pages.examine(visit.core, path, query)
    if fields.get("answer") != "yes":
        return looks.send_to(signin_pages.deny(request), 303)
    desk = await visit.desk()
    if desk is None or asking.who(desk) != fields.get("who"):
        return looks.send_to(onward, 303)  # somebody else sits here by now: ask again
    try:
        chosen = await _chosen(visit.core, request, desk, fields.get("corp", ""))
        target = await signin_pages.admit(visit.core, request, chosen.corp_id, chosen.userid)
    except Refusal as refusal:
        return refused.page(refusal, await _who_is_this(visit.core, desk), persons.switch(onward))
    agreed = _agreed(request, chosen)
    await visit.core.hot.put(agreed, b"1", now=visit.core.clock.now(), ttl=_AGREED_MS)
    return looks.send_to(target, 303)


def here(visit: Visit) -> str:
    """Return path and query of this request, to come back to."""
    return f"{visit.path}?{visit.query}" if visit.query else visit.path


async def _go_on(visit: Visit, request: Request, desk: Desk) -> Response:
    core = visit.core
    found = await choices.of(core, request, desk)
    if request.page in _SILENT:
        place = found[0] if found else None
        corp_id, userid = (place.corp_id, place.userid) if place else (desk.corp_id, desk.userid)
        return looks.send_to(await signin_pages.admit(core, request, corp_id, userid))
    if not found:  # says why
        await signin_pages.check(core, request, desk.corp_id, desk.userid)
    if (
        visit.field("prompt") != "consent"
        and len(found) == 1
        and await _has(core, request, found[0])
    ):
        target = await signin_pages.admit(core, request, found[0].corp_id, found[0].userid)
        return looks.send_to(target)
    await signin_pages.check(core, request, found[0].corp_id, found[0].userid)
    return await asking.page(visit, request, desk, found, onward=here(visit), action=DECIDE)


async def _ask_who(visit: Visit, request: Request) -> Response:
    return await persons.page(
        visit,
        here(visit),
        why=asking.where_to(request),
        corp_id=request.corp_id,
    )


async def _chosen(core: Core, request: Request, desk: Desk, corp_id: str) -> Membership:
    found = await choices.of(core, request, desk)
    for each in found:
        if each.corp_id == corp_id:
            return each
    raise Refusal(
        50002,
        f"企业 {corp_id[:80]!r} 不在可选之列。",
        f"The corp {corp_id[:80]!r} is none of those to choose from.",
        faq="F2",
    )


async def _has(core: Core, request: Request, place: Membership) -> bool:
    now = core.clock.now()
    return await core.hot.get(_agreed(request, place), now=now) is not None


def _agreed(request: Request, place: Membership) -> str:
    """Return the key under which a consent is remembered: this person, app, site and scope."""
    site = names.origin_of(request.redirect_uri)
    said = "\n".join((place.corp_id, place.userid, request.client, request.scope, site))
    return "agreed:" + hashlib.sha256(said.encode()).hexdigest()


async def _who_is_this(core: Core, desk: Desk) -> Html:
    who = await signin_people.person(core, desk.corp_id, desk.userid)
    return asking.signed_in_as(who)


async def _hand_over(visit: Visit, request: Request) -> Response:
    """Inside an app's frame of the workbench: the workbench knows the person and goes on.

    No cookie of ours reaches a frame, and none is needed. The page tells the workbench, which alone
    may frame it, that it has been opened; the workbench examines the address once more, lets its
    member in and moves the frame on. No code passes through a page.
    """
    workbench = names.workbench_origin(visit.core.settings, visit.scope)
    return await asking.hand_over(visit.core, request, workbench, visit.origin + here(visit))
