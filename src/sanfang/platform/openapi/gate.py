"""The gate: a straight line of small steps, each of which may refuse with an error of its own.

    route · https · method and Content-Type · body · token · kind of app · permission · IP whitelist ·
    rate · parameters · handler · envelope

What an endpoint needs is decided once, in ``Route``; a request only looks it up.
"""

from __future__ import annotations

from ..domain import gatekeeping, permissions, rates, tokens
from ..domain.core import Core
from ..domain.gatekeeping import Caller
from ..domain.model import Identity
from ..domain.refusals import Refusal
from . import reasons, top, top_protocol
from .answers import explanation
from .body import media_type, parse_body, parse_json, read_body, read_multipart
from .handling import Binary, Call, Raw
from .multipart import check_uploads
from .params import read_params
from .query import read_query
from .request import Fields, Request
from .routes import Route, Router, host_of
from .synthetic import MARK

NOBODY = Caller(Identity("internal"))  # who calls an endpoint that needs no token
TOKEN_HEADER = b"x-acs-dingtalk-access-token"
LONGEST_TOKEN = 512
_SIGNED = ("accessKey", "timestamp", "suiteTicket", "signature")
_FORM, _MULTIPART = b"application/x-www-form-urlencoded", b"multipart/form-data"
_NO_VALUES: dict[str, str] = {}
_CORPS = frozenset(("internal", "isv_corp"))
_OTHERS = ("suite", "user", "sso", "personal", "sns_user")


class Gate:
    """Takes a request through all steps; refuses with a ``Refusal`` at the first that says no."""

    def __init__(self, core: Core, router: Router) -> None:
        self._core = core
        self._router = router
        self._static = router.static
        settings = core.settings
        self._require_https = settings.require_https
        self._strict_type = settings.strict_content_type
        self._enforce = settings.permissions == "enforce"
        self._modern = settings.rate_profile == "modern"
        self._bans = rates.Bans()
        self._behind_proxy = bool(settings.trusted_proxy_header)

    async def answer(self, request: Request) -> bytes | Binary | Raw:
        """Return the body of a success, or an answer that has no envelope."""
        route, values = self._route(request)
        if self._require_https and not self._is_https(request):
            raise reasons.need_https()
        fields: Fields = read_query(request.scope["query_string"])
        if request.has_body:
            if route is None or route.uploads:
                return await self._take_parts(request, fields)
            raw = await read_body(request.receive, request.headers)
            if raw:
                sent = self._parse(route, raw, request)
                sent.update(fields)
                fields = sent
        elif route is None:
            return await self._gateway(request, fields)
        if values:
            fields.update(values)
        return await self._admit(request, route, fields)

    def _route(self, request: Request) -> tuple[Route | None, dict[str, str]]:
        """Return the route and the values in its path; None for the TOP gateway."""
        site = self._static.get(request.path)
        route = None if site is None else site.get(request.method)
        values = _NO_VALUES
        if route is None:
            if request.path == top.PATH and request.method in ("GET", "POST"):
                return None, values
            host = host_of(request.headers.get(b"host", b""))
            route, values = self._router.find(request.method, request.path, host)
        request.route = route
        return route, values

    async def _take_parts(self, request: Request, fields: Fields) -> bytes | Binary | Raw:
        """Read a body that may hold files: of an upload, or of the TOP gateway."""
        route, headers = request.route, request.headers
        media = media_type(headers)
        if media == _MULTIPART:
            if route is None:
                parts = await read_multipart(request.receive, headers)
            else:
                parts = await read_multipart(request.receive, headers, route.largest)
            try:
                fields = {**parts.finish(), **fields}
                if route is None:
                    return await self._gateway(request, fields)
                return await self._admit(request, route, fields)
            finally:
                parts.close()
        if route is not None:
            raise reasons.need_multipart(route.uploads, media.decode("latin-1")[:100])
        raw = await read_body(request.receive, headers)
        sent = parse_body(raw, media) if raw else {}
        return await self._gateway(request, {**sent, **fields}, raw if media == _FORM else b"")

    async def _gateway(
        self, request: Request, fields: Fields, form: bytes = b""
    ) -> bytes | Binary | Raw:
        await top_protocol.check(self._core, fields, form)
        route = request.route = self._router.find_top(str(fields["method"]))
        token = fields.get("access_token")
        for name in top.PROTOCOL:
            fields.pop(name, None)
        if token is not None:
            fields.setdefault("session", token)
        return await self._admit(request, route, fields)

    async def _admit(self, request: Request, route: Route, fields: Fields) -> bytes | Binary | Raw:
        core, caller, signed, now = self._core, NOBODY, False, 0
        if self._modern:
            now = core.clock.now()
            self._bans.check(request.ip, now)
        if route.token_name:
            now = now or core.clock.now()
            signed = route.signed and _is_signed(route, fields, request)
            identity = request.identity = await (
                self._verify(fields) if signed else self._identify(route, fields, request, now)
            )
            caller = await gatekeeping.load_caller(core, identity)
            if self._enforce:
                await permissions.check(core, identity, route.path, route.permissions)
            if caller.whitelist:
                gatekeeping.check_ip(caller, request.ip)
            await rates.check_rate(core, identity, route.endpoint, now)
        if self._modern:
            await rates.check_modern(
                *(core, self._bans, request.identity, route.endpoint, now),
                ip=request.ip,
                in_quota=route.in_quota,
            )
        if route.uploads:
            check_uploads(route.uploads, fields, strict=self._strict_type)
        args = read_params(route.plan, fields)
        call = Call(core, caller.identity, caller, args, request.ip, signed, request.scope)
        answer = await route.run(call)
        if route.synthetic:
            request.answer_headers.append(MARK)
        return answer if isinstance(answer, (Binary, Raw)) else route.style.accepted(answer)

    def _parse(self, route: Route, raw: bytes, request: Request) -> Fields:
        media = media_type(request.headers)
        if route.v1:
            if media == _FORM or media.startswith(b"multipart/"):
                raise reasons.no_body()
            return parse_json(raw, route.root)
        if media != b"application/json":
            refusal = reasons.need_json_type(media.decode("latin-1")[:100])
            if self._strict_type:
                raise refusal
            zh, en = f"已接受，但正式平台可能拒绝：{refusal.zh}", f"Accepted; yet: {refusal.en}"
            request.answer_headers += explanation(en, zh, refusal.faq)
        elif self._strict_type:
            reasons.check_charset(request.headers.get(b"content-type", b""))
        return parse_body(raw, media)

    async def _identify(self, route: Route, fields: Fields, request: Request, now: int) -> Identity:
        name, headers = route.token_name, request.headers
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

    def _is_https(self, request: Request) -> bool:
        if request.scope.get("scheme") == "https":
            return True
        proto = request.headers.get(b"x-forwarded-proto", b"") if self._behind_proxy else b""
        return proto.rpartition(b",")[2].strip().lower() == b"https"


def _is_signed(route: Route, fields: Fields, request: Request) -> bool:
    token_given = route.token_name in fields or TOKEN_HEADER in request.headers
    return not token_given and ("signature" in fields or "accessKey" in fields)


def _no_token(route: Route, fields: Fields) -> Refusal:
    if route.in_header:
        if "access_token" in fields or route.token_name in fields:
            return reasons.token_in_wrong_place(route.token_name)
        return reasons.token_absent(route.absent, route.token_name, "header")
    return reasons.token_absent(route.absent, route.token_name, "query")


def _wrong_kind(route: Route, identity: Identity) -> Refusal:
    """A token of quite another kind is a wrong token; another kind of corp's app may not call."""
    kinds = route.kinds
    if identity.kind in _CORPS and not _CORPS.isdisjoint(kinds):
        return reasons.no_permission(route.path, identity.kind)
    wanted = next((kind for kind in _OTHERS if kind in kinds), "corp")
    return reasons.token_of_other_kind(route.wrong, wanted, identity.kind)


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value)[:LONGEST_TOKEN]
