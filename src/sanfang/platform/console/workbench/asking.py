"""What a request to the workbench's API is allowed to be.

A session is the cookie ``sanfang_desk``: HttpOnly, SameSite=Lax, for this host alone. Apps are served
from sibling hosts of the same site, so their pages' requests carry the cookie; what keeps them out is
that they cannot read our answers (no CORS), that everything with an effect must carry a header no
form or simple request can set, and that ``Origin`` and ``Sec-Fetch-Site`` must be our own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from ...domain import desks
from ...domain.core import Core
from ...domain.desks import Desk
from ...domain.refusals import Refusal
from .. import jar, names

COOKIE = "sanfang_desk"
CSRF_HEADER = "x-sanfang-desk"
LONGEST_BODY = 1 << 20  # bytes of JSON
_SESSION_S = 12 * 3600
_SAFE = ("GET", "HEAD")


class Fault(Refusal):
    """A request that HTTP alone can refuse; its code is the HTTP status."""

    def __init__(self, status: int, zh: str, en: str, *, allow: str = "") -> None:
        super().__init__(status, zh, en, errmsg=en)
        self.allow = allow


class Caller(msgspec.Struct, frozen=True):
    """Who asks: the token of the desk and what it stands for."""

    token: str
    desk: Desk


def origin_of(core: Core, request: Request) -> str:
    """Return our own origin as this browser sees it."""
    return names.workbench_origin(core.settings, request.scope)


def check_origin(core: Core, request: Request) -> None:
    """Refuse 403 for a request with an effect that another page may have caused."""
    headers = request.headers
    site = headers.get("sec-fetch-site", "same-origin")
    foreign = site not in ("same-origin", "none")
    if request.method not in _SAFE:
        origin = headers.get("origin")
        foreign |= origin is not None and origin.lower() != origin_of(core, request)
        foreign |= headers.get(CSRF_HEADER) != "1"
    if foreign:
        raise Fault(
            403,
            "请求不是从工作台页面发出的（Origin 或 X-Sanfang-Desk 不对）。",
            "The request does not come from the workbench's page (Origin or X-Sanfang-Desk).",
        )


async def caller(core: Core, request: Request) -> Caller:
    """Return who is signed in; refuse 401."""
    token = token_of(core, request)
    desk = await desks.get_desk(core, token) if token else None
    if desk is None:
        raise Fault(
            401,
            "还没有登录，或登录已过期；请在工作台首页登录。",
            "Nobody is signed in, or the session has ended; sign in on the workbench's page.",
        )
    return Caller(token, desk)


def token_of(core: Core, request: Request) -> str:
    """Return the token the browser shows, '' when there is none that could be one, or two of them."""
    token = jar.only(request.scope["headers"], _cookie_name(core, request))
    return token if token.isascii() and 0 < len(token) <= 128 and token.isprintable() else ""


def remember(core: Core, request: Request, response: Response, token: str) -> None:
    """Give the browser a session; ``''`` takes it away."""
    response.set_cookie(
        _cookie_name(core, request),
        token,
        max_age=_SESSION_S if token else 0,
        path="/",
        secure=_is_https(core, request),
        httponly=True,
        samesite="lax",
    )


def take_away_planted(core: Core, request: Request, response: Response) -> None:
    """Take away a session that a page of a sibling host has set beside ours."""
    host = names.bare(request.headers.get("host", ""))
    jar.take_away(response, request.scope, host, _cookie_name(core, request))


def _cookie_name(core: Core, request: Request) -> str:
    # The prefix binds the cookie to this host, so that no sibling host can set it. Browsers accept
    # it with Secure only, so plain http (a sandbox on loopback) goes without.
    return f"__Host-{COOKIE}" if _is_https(core, request) else COOKIE


def _is_https(core: Core, request: Request) -> bool:
    return names.scheme_of(core.settings, request.scope) == "https"


async def json_of(
    request: Request, *, halves: Callable[[dict[str, Any]], bool] | None = None
) -> dict[str, Any]:
    """Read a JSON object; refuse 413, 415 and 40035.

    Text may hold half a character (JavaScript's may) where ``halves`` says so of the object.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Fault(415, "请求体应为 application/json。", "The body is application/json.")
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > LONGEST_BODY:
            raise Fault(
                413,
                f"请求体最大 {LONGEST_BODY} 字节。",
                f"A body has at most {LONGEST_BODY} bytes.",
            )
    try:
        found = msgspec.json.decode(bytes(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = _with_halves(bytes(raw)) if halves else None
        if not (halves and isinstance(found, dict) and halves(found)):
            raise bad("body", "不是合法的 JSON", "it is no valid JSON") from None
    if not isinstance(found, dict):
        raise bad("body", "应为 JSON 对象", "it is a JSON object")
    if rb"\u0000" in raw:
        raise bad("body", "含有 NUL 字符", "it holds a NUL character")
    return found


def _with_halves(raw: bytes) -> Any:
    """Read JSON in which half a character may be escaped, as no strict reader takes it."""
    if rb"\ud" not in raw.lower():
        return None
    try:
        return json.loads(raw, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None


def text(fields: dict[str, Any], name: str, *, most: int = 256, needed: bool = True) -> str:
    """Return a text of a JSON body; refuse 40035."""
    value = fields.get(name, "")
    if value is None:
        value = ""
    if not isinstance(value, str) or len(value) > most:
        raise bad(
            name, f"应为不超过 {most} 个字符的文本", f"it is text of at most {most} characters"
        )
    if needed and not value:
        raise bad(name, "缺少", "it is missing")
    return value


def number(fields: dict[str, Any], name: str, default: int | None = None) -> int:
    """Return a whole number of a JSON body or a query; refuse 40035."""
    value = fields.get(name, default)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 17:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise bad(name, "应为非负整数", "it is a whole number that is not negative")
    return value


def table(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an object of a JSON body, {} when it is absent; refuse 40035."""
    value = fields.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise bad(name, "应为 JSON 对象", "it is a JSON object")
    return value


def query(request: Request, name: str, *, most: int = 256) -> str:
    """Return a parameter of the query, '' when it is absent; refuse 40035."""
    value = request.query_params.get(name, "")
    if len(value) > most or "\0" in value:
        raise bad(
            name, f"应为不超过 {most} 个字符的文本", f"it is text of at most {most} characters"
        )
    return value


def bad(name: str, zh: str, en: str) -> Refusal:
    """40035 for one field."""
    return Refusal(40035, f"参数 {name}：{zh}。", f"The parameter {name}: {en}.")


def answer(value: object, status: int = 200) -> Response:
    """Return JSON that nobody keeps."""
    return Response(
        msgspec.json.encode(value), status, {"cache-control": "no-store"}, "application/json"
    )
