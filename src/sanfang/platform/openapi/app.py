"""The gate: a straight line of small steps, each of which may refuse with an error of its own.

    route · https · method and Content-Type · body · token · kind of app · IP whitelist · rate ·
    parameters · handler · envelope

An ASGI application without a framework: a router's regular expressions and request objects cost more
than all of these steps together (stack.md, part i). What an endpoint needs is decided once, in
``Route``; a request only looks it up.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from sanfang.catalog import Catalog, load

from ..domain import gatekeeping, tokens
from ..domain.core import Core
from ..domain.gatekeeping import Caller
from ..domain.model import Identity
from ..domain.refusals import Refusal
from . import reasons
from .answers import JSON, V1, Header, explained, explanation, style_of
from .body import ClientGone, Receive, media_type, parse_body, parse_json, read_body, read_multipart
from .handlers import ALL
from .handling import Binary, Call, Handler
from .multipart import check_uploads
from .params import read_params
from .query import read_query
from .routes import Route, Router
from .sending import send_file

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Fields = dict[str, Any]

NOBODY = Caller(Identity("internal"))  # who calls an endpoint that needs no token
TOKEN_HEADER = b"x-acs-dingtalk-access-token"
LONGEST_TOKEN = 512
_SIGNED = ("accessKey", "timestamp", "suiteTicket", "signature")

log = logging.getLogger(__name__)


class OpenApi:
    """The open API of a platform, as an ASGI application.

    Every answer is JSON, also to the worst request; only files are answered as they are. Serve it
    with the server's own reading of ``X-Forwarded-*`` switched off: here only
    ``Settings.trusted_proxy_header`` is believed.
    """

    def __init__(
        self, core: Core, *, catalog: Catalog | None = None, handlers: Iterable[Handler] = ALL
    ) -> None:
        self._core = core
        self._router = Router(catalog or load(), handlers)
        self._static = self._router.static
        settings = core.settings
        self._require_https = settings.require_https
        self._strict_type = settings.strict_content_type
        self._proxy_header = settings.trusted_proxy_header.lower().encode("latin-1")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await _not_http(scope, receive, send)
            return
        path, route = scope["path"], None
        try:
            values: dict[str, str] | None = None
            site = self._static.get(path)
            route = None if site is None else site.get(scope["method"])
            if route is None:
                route, values = self._router.find(scope["method"], path)
            status, headers = 200, [JSON]
            body: bytes | Binary = await self._answer(route, values, scope, receive, headers)
        except Refusal as refusal:
            status, body, headers = _refused(route, path, refusal)
        except ClientGone:
            return
        except Exception:
            log.exception("%s failed", route.endpoint if route else "the router")
            status, body, headers = _refused(route, path, reasons.broken())
        if isinstance(body, Binary):
            await send_file(send, body)
            return
        headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(
        self,
        route: Route,
        values: dict[str, str] | None,
        scope: Scope,
        receive: Receive,
        answer_headers: list[Header],
    ) -> bytes | Binary:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if self._require_https and not self._is_https(scope, headers):
            raise reasons.need_https()
        fields: Fields = read_query(scope["query_string"])
        if (
            scope["method"] != "GET"
            or b"content-length" in headers
            or b"transfer-encoding" in headers
        ):
            if route.uploads:
                return await self._take_files(route, fields, scope, receive, headers)
            raw = await read_body(receive, headers)
            if raw:
                sent = self._parse(route, raw, headers, answer_headers)
                sent.update(fields)
                fields = sent
        if values:
            fields.update(values)
        return await self._admit(route, fields, scope, headers)

    async def _take_files(
        self,
        route: Route,
        fields: Fields,
        scope: Scope,
        receive: Receive,
        headers: dict[bytes, bytes],
    ) -> bytes | Binary:
        media = media_type(headers)
        if media != b"multipart/form-data":
            raise reasons.need_multipart(route.uploads, media.decode("latin-1")[:100])
        parts = await read_multipart(receive, headers, route.largest)
        try:
            return await self._admit(route, {**parts.finish(), **fields}, scope, headers)
        finally:
            parts.close()

    async def _admit(
        self, route: Route, fields: Fields, scope: Scope, headers: dict[bytes, bytes]
    ) -> bytes | Binary:
        core = self._core
        client = scope.get("client")
        ip = client[0] if client else ""
        if self._proxy_header:
            ip = _forwarded(headers.get(self._proxy_header, b""), ip)
        caller, signed = NOBODY, False
        if route.token_name:
            now = core.clock.now()
            signed = route.signed and _is_signed(route, fields, headers)
            identity = await (
                self._verify(fields) if signed else self._identify(route, fields, headers, now)
            )
            caller = await gatekeeping.load_caller(core, identity)
            if caller.whitelist:
                gatekeeping.check_ip(caller, ip)
            await gatekeeping.check_rate(core, identity, route.endpoint, now)
        if route.uploads:
            check_uploads(route.uploads, fields, strict=self._strict_type)
        args = read_params(route.plan, fields)
        answer = await route.run(Call(core, caller.identity, caller, args, ip, signed, scope))
        return answer if isinstance(answer, Binary) else route.style.accepted(answer)

    def _parse(
        self, route: Route, raw: bytes, headers: dict[bytes, bytes], answer_headers: list[Header]
    ) -> Fields:
        media = media_type(headers)
        if route.style is V1:
            if media == b"application/x-www-form-urlencoded" or media.startswith(b"multipart/"):
                raise reasons.no_body()
            return parse_json(raw)
        if media != b"application/json":
            refusal = reasons.need_json_type(media.decode("latin-1")[:100])
            if self._strict_type:
                raise refusal
            zh, en = f"已接受，但正式平台可能拒绝：{refusal.zh}", f"Accepted; yet: {refusal.en}"
            answer_headers += explanation(en, zh, refusal.faq)
        return parse_body(raw, media)

    async def _identify(
        self, route: Route, fields: Fields, headers: dict[bytes, bytes], now: int
    ) -> Identity:
        name = route.token_name
        if route.in_header:
            token = headers.get(TOKEN_HEADER, b"").decode("latin-1") or None
        else:
            token = fields.pop(name, None)
            if token is None and TOKEN_HEADER in headers:
                token = headers[TOKEN_HEADER].decode("latin-1")
        if token is None:
            raise _no_token(route, fields)
        if type(token) is not str or len(token) > LONGEST_TOKEN:
            raise reasons.token_dead(route.wrong, name)
        identity = await tokens.resolve(self._core, token, now)
        if identity is None:
            raise reasons.token_dead(route.wrong, name)
        if identity.kind not in route.kinds:
            raise _wrong_kind(route, identity)
        return identity

    async def _verify(self, fields: Fields) -> Identity:
        key, timestamp, ticket, signature = (_text(fields.pop(name, "")) for name in _SIGNED)
        return await tokens.verify_signed_call(
            self._core,
            access_key=key,
            timestamp=timestamp,
            suite_ticket=ticket,
            signature=signature,
        )

    def _is_https(self, scope: Scope, headers: dict[bytes, bytes]) -> bool:
        if scope.get("scheme") == "https":
            return True
        proto = headers.get(b"x-forwarded-proto", b"") if self._proxy_header else b""
        return proto.rpartition(b",")[2].strip().lower() == b"https"


def _refused(route: Route | None, path: str, refusal: Refusal) -> tuple[int, bytes, list[Header]]:
    style, names = (style_of(path), {}) if route is None else (route.style, route.names)
    status, body = style.refused(refusal, names)
    return status, body, [JSON, *explained(refusal)]


def _is_signed(route: Route, fields: Fields, headers: dict[bytes, bytes]) -> bool:
    token_given = route.token_name in fields or TOKEN_HEADER in headers
    return not token_given and ("signature" in fields or "accessKey" in fields)


def _no_token(route: Route, fields: Fields) -> Refusal:
    if route.in_header:
        if "access_token" in fields or route.token_name in fields:
            return reasons.token_in_wrong_place(route.token_name)
        return reasons.token_absent(route.absent, route.token_name, "header")
    return reasons.token_absent(route.absent, route.token_name, "query")


def _wrong_kind(route: Route, identity: Identity) -> Refusal:
    """A suite's token where a corp's is wanted is a wrong token; another kind of app may not call."""
    if "suite" in route.kinds or identity.kind == "suite":
        wanted = "suite" if "suite" in route.kinds else "corp"
        return reasons.token_of_other_kind(route.wrong, wanted, identity.kind)
    return reasons.no_permission(route.path, identity.kind)


def _forwarded(value: bytes, socket: str) -> str:
    """Return the address the trusted proxy appended last; without one the socket's."""
    return value.rpartition(b",")[2].strip().decode("latin-1") or socket


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value)[:LONGEST_TOKEN]


async def _not_http(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1003})
        return
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
