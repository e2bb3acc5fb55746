"""QR codes: the hosted page, the two embedded ones, and the page that a scan opens.

Where a real phone is not at hand the link below the picture opens the same page in another window:
the person there is a persona of the sandbox.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from urllib.parse import urlsplit

import msgspec
import segno
from starlette.responses import Response

from ...domain import signin, signin_apps, signin_pages, signin_people, signin_scans
from ...domain.refusals import Refusal
from ...domain.signin_pages import Request
from ...domain.signin_people import Membership
from ...domain.signin_redirects import registered
from ...domain.signin_scans import Scan, Shown
from .. import names
from . import asking, choices, looks, persons, refused
from .addresses import OWN, SCAN
from .markup import Html, both, join, tag, words
from .visit import Visit

ANSWER, POLL = f"{OWN}scanned", f"{OWN}qr"
_SNS = "/connect/oauth2/sns_authorize"
_GOTO = (_SNS, "/connect/qrconnect")


async def hosted(visit: Visit, request: Request) -> Response:
    """``/connect/qrconnect``: the whole page is the QR code."""
    return await _show(visit, request, visit.path, visit.query, "page")


async def framed(visit: Visit, request: Request) -> Response:
    """``/oauth2/auth`` in the frame that DTFrameLogin makes.

    Only pages of the origin that the person is sent back to may frame it (sso-and-login.md 7).
    """
    origin = names.origin_of(request.redirect_uri)
    by = [origin] if "[" not in origin else []  # a policy cannot write an IPv6 address
    return await _show(visit, request, visit.path, visit.query, "frame", framed_by=by)


async def old_frame(visit: Visit) -> Response:
    """``/login/qrcode.htm?goto=``: the frame that DDLogin makes.

    ``goto`` is the address of sns_authorize, encoded as a whole. Only pages on the app's registered
    hosts may frame it: what it posts to them signs a person in.
    """
    path, query = _goto(visit)
    request = await signin_pages.examine(visit.core, path, query, embedded=True)
    hosts = await signin_apps.hosts_of(visit.core, request.client)
    by = [source for host in hosts for source in _sources(host)]
    return await _show(visit, request, path, query, "old_frame", framed_by=by)


async def opened(visit: Visit) -> Response:
    """``GET scan/ID``: what the QR code leads to, on the phone of the person."""
    scan_id = visit.path.removeprefix(SCAN)
    scan = await signin_scans.look(visit.core, scan_id)
    request = await _examined(visit, scan)
    desk = await visit.desk()
    if desk is None:
        return await persons.page(
            visit, visit.path, why=asking.where_to(request), corp_id=request.corp_id
        )
    await signin_scans.note_scanned(visit.core, scan)
    found = await choices.of(visit.core, request, desk)
    place = found[0] if found else None
    try:
        await signin_pages.check(
            visit.core,
            request,
            place.corp_id if place else desk.corp_id,
            place.userid if place else desk.userid,
        )
    except Refusal as refusal:
        who = await signin_people.person(visit.core, desk.corp_id, desk.userid)
        return refused.page(refusal, asking.signed_in_as(who), persons.switch(visit.path))
    return await asking.page(
        visit,
        request,
        desk,
        found,
        onward=visit.path,
        action=ANSWER,
        elsewhere=True,
        scan=scan_id,
    )


async def answered(visit: Visit) -> Response:
    """``POST scanned``: the person who scanned said yes or no."""
    fields = await visit.form()
    scan_id = fields.get("scan", "")
    scan = await signin_scans.look(visit.core, scan_id)
    request = await _examined(visit, scan)
    if fields.get("answer") != "yes":
        await signin_scans.finish(visit.core, scan_id, None)
        return _said("已拒绝。", "You refused.")
    desk = await visit.desk()
    if desk is None or asking.who(desk) != fields.get("who"):
        return looks.send_to(SCAN + scan_id, 303)
    found = await choices.of(visit.core, request, desk)
    place = next((each for each in found if each.corp_id == fields.get("corp")), None)
    if place is None:
        raise Refusal(
            50002, "所选企业不在可选之列。", "The corp is none of those to choose from.", faq="F2"
        )
    result = await _result(visit, scan, request, place)
    await signin_scans.finish(visit.core, scan_id, result)
    return _said(
        "已确认，另一个屏幕会继续。可以关闭这个页面。",
        "Confirmed; the other screen goes on. You may close this page.",
    )


async def poll(visit: Visit) -> Response:
    """``POST qr``: the page that shows the code asks how it stands."""
    outcome = await signin_scans.watch(visit.core, (await visit.fields()).get("watch", ""))
    body = msgspec.json.encode({"state": outcome.state, "result": outcome.result})
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return Response(body, 200, headers, "application/json")


async def _result(visit: Visit, scan: Scan, request: Request, place: Membership) -> str:
    if scan.shown != "old_frame":
        return await signin_pages.admit(visit.core, request, place.corp_id, place.userid)
    await signin_pages.check(visit.core, request, place.corp_id, place.userid)
    made = await signin.scan_code(visit.core, place.corp_id, place.userid, request.client)
    return made.code


async def _examined(visit: Visit, scan: Scan) -> Request:
    """Examine once more: what was registered may have changed since the code was shown."""
    return await signin_pages.examine(
        visit.core, scan.path, scan.query, embedded=scan.shown == "old_frame"
    )


async def _show(
    visit: Visit,
    request: Request,
    path: str,
    query: str,
    shown: Shown,
    *,
    framed_by: Iterable[str] = (),
) -> Response:
    scan_id, watch = await signin_scans.begin(visit.core, path, query, shown)
    address = f"{visit.origin}{SCAN}{scan_id}"
    seconds = signin_scans.lifetime(visit.core) // 1000
    box = tag(
        "div",
        tag("div", picture(address), role="img", aria_label="二维码 · QR code", class_="picture"),
        tag(
            "p",
            words("用钉钉扫码登录", "Scan to sign in"),
            id="status",
            role="status",
        ),
        tag(
            "p",
            tag(
                "a",
                words("模拟扫码", "Scan as a persona"),
                href=address,
                target="_blank",
                rel="noopener",
                id="scan",
            ),
        ),
        tag(
            "p",
            tag(
                "button",
                words("刷新二维码", "New QR code"),
                type="button",
                id="again",
                hidden=True,
            ),
        ),
        tag("noscript", both("此页需要 JavaScript。", "This page needs JavaScript.")),
        id="qr",
        class_="qr",
        data_watch=watch,
        data_poll=POLL,
        data_shown=shown,
        data_seconds=str(seconds),
        data_site=names.origin_of(request.redirect_uri),
    )
    small = shown != "page"
    body = join(
        None if small else looks.brand(),
        tag("h1", "登录 ", tag("b", request.name)),
        box,
        None if small else asking.where_to(request),
    )
    return looks.page(
        f"扫码登录 {request.name}", body, script="qr.js", framed_by=framed_by, small=small
    )


def picture(address: str) -> Html:
    """Return a QR code as SVG."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", scale=5, border=4, xmldecl=False, svgns=False, light="#fff", dark="#000"
    )
    return Html(out.getvalue().decode("ascii"))


def _goto(visit: Visit) -> tuple[str, str]:
    """Read ``goto``; refuse 40035 naming what is wrong with it."""
    goto = visit.field("goto")
    if visit.field("appid") or visit.field("redirect_uri"):
        raise _bad_goto(
            "没有 URL 编码：整个 goto 地址要做一次 encodeURIComponent",
            "it is not URL-encoded: put the whole address through encodeURIComponent once",
        )
    try:
        parts = urlsplit(goto)
    except ValueError as error:
        raise _bad_goto("不是合法的地址", "it is no address") from error
    if parts.path not in _GOTO:
        raise _bad_goto(f"应为 {_SNS} 的地址", f"it is an address of {_SNS}")
    return _SNS, parts.query


def _bad_goto(zh: str, en: str) -> Refusal:
    return Refusal(
        40035, f"参数 goto：{zh}。", f"The parameter goto: {en}.", facts={"field": "goto"}
    )


def _sources(host: str) -> list[str]:
    """Return a registered host as sources of a policy: without a port of its own, any port."""
    known = registered(host)
    if ":" in known.name:  # IPv6, as above
        return []
    return [f"{scheme}://{known.name}:{known.port or '*'}" for scheme in ("http", "https")]


def _said(zh: str, en: str) -> Response:
    return looks.page(
        "扫码登录 · QR code", looks.brand(), both(zh, en, "h1"), tag("p", "", id="end")
    )
