"""One request to the sign-in pages: who asks, from where, and whether a form may be believed."""

from __future__ import annotations

import hmac
import re
import secrets
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from ...domain import desks
from ...domain.core import Core
from ...domain.desks import Desk
from ...domain.refusals import Refusal
from .. import jar, names

DESK, FORM = "sanfang_desk", "sanfang_form"
DESK_S = 12 * 3600  # life of both cookies, in seconds; a desk's own
_LONGEST_BODY = 64 * 1024
_HOST = re.compile(r"[a-z0-9._\[\]:-]{1,260}")


class Visit:
    """A request. Cookies that an answer has to set are collected here and put on by ``dress``."""

    def __init__(self, core: Core, request: Request) -> None:
        self.core = core
        self.request = request
        self.scope = request.scope
        self.path: str = request.scope["path"]
        self.query: str = request.scope["query_string"].decode("latin-1")
        self._cookies: list[tuple[str, str, int]] = []
        self._form_token = ""

    @property
    def is_secure(self) -> bool:
        """Whether it came over https."""
        return names.scheme_of(self.core.settings, self.scope) == "https"

    @property
    def host(self) -> str:
        """The Host header, port included, lower case."""
        return self.request.headers.get("host", "").lower()

    @property
    def host_is_sound(self) -> bool:
        """Whether the Host header can stand in an address (and in a QR code)."""
        return _HOST.fullmatch(self.host) is not None

    @property
    def origin(self) -> str:
        """The origin of the pages, as this browser sees it."""
        return f"{'https' if self.is_secure else 'http'}://{self.host}"

    @property
    def is_framed(self) -> bool:
        """Whether the browser says that it loads this into a frame (only to https and loopback)."""
        return self.request.headers.get("sec-fetch-dest", "") in ("iframe", "frame")

    def field(self, name: str) -> str:
        """Return a field of the query, the first of that name; for addresses that were examined."""
        pairs = parse_qsl(self.query, keep_blank_values=True, errors="replace")
        return next((value for key, value in pairs if key == name), "")

    async def desk(self) -> Desk | None:
        """Return who has signed in in this browser."""
        token = self.desk_token
        return await desks.get_desk(self.core, token) if token else None

    @property
    def desk_token(self) -> str:
        """The desk's token, as the browser sent it."""
        return self._cookie(DESK)[:200]

    def sit_down(self, token: str) -> None:
        """Remember a desk in this browser."""
        self._cookies.append((DESK, token, DESK_S))

    def stand_up(self) -> None:
        """Forget the desk."""
        self._cookies.append((DESK, "", 0))

    def form_token(self) -> str:
        """Return what every form of a page carries; the same stands in a cookie."""
        if not self._form_token:
            kept = self._cookie(FORM)
            self._form_token = kept if 32 <= len(kept) <= 64 and kept.isascii() else ""
        if not self._form_token:
            self._form_token = secrets.token_urlsafe(32)
            self._cookies.append((FORM, self._form_token, DESK_S))
        return self._form_token

    async def form(self) -> dict[str, str]:
        """Return the fields of a form that one of our own pages sent; refuse any other.

        Refuses 40035 for what is no form. The token stops other sites, as they can neither read nor
        set the cookie; the origin stops a site on another port or name of the same machine, which
        shares cookies with us.
        """
        fields = await self.fields()
        origin = self.request.headers.get("origin")
        site = self.request.headers.get("sec-fetch-site", "same-origin" if origin else "")
        if site != "same-origin" or (origin or self.origin).lower() != self.origin:
            raise _forged()
        sent, kept = fields.get("form", ""), self._cookie(FORM)
        if not kept or not hmac.compare_digest(_bytes(sent), _bytes(kept)):
            raise _forged()
        return fields

    async def fields(self) -> dict[str, str]:
        """Return the fields of a posted form; refuse 40035 for what is none."""
        body = bytearray()
        async for piece in self.request.stream():
            body += piece
            if len(body) > _LONGEST_BODY:
                raise _no_form()
        try:
            pairs = parse_qsl(
                body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50
            )
        except ValueError as error:
            raise _no_form() from error
        return dict(pairs)

    def dress(self, response: Response) -> Response:
        """Put the collected cookies on an answer."""
        for name in (DESK, FORM):
            jar.take_away(response, self.scope, names.bare(self.host), self._spelt(name))
        for name, value, seconds in self._cookies:
            response.set_cookie(
                self._spelt(name),
                value,
                max_age=seconds,
                path="/",
                secure=self.is_secure,
                httponly=True,
                samesite="lax",
            )
        return response

    def _cookie(self, name: str) -> str:
        return jar.only(self.scope["headers"], self._spelt(name))

    def _spelt(self, name: str) -> str:
        return f"__Host-{name}" if self.is_secure else name


def wants_page(headers: Any) -> bool:
    """Tell a browser, which asks for HTML by name, from a program."""
    return "text/html" in headers.get("accept", "").lower()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _forged() -> Refusal:
    return Refusal(
        51002,
        "这个表单不是从本页面提交的，或页面放得太久、浏览器没有带上 cookie；请重新打开登录地址。",
        "This form was not sent from our own page, or the page is too old, or the browser kept back"
        " the cookie; open the sign-in address again.",
        errmsg="表单校验失败",
    )


def _no_form() -> Refusal:
    return Refusal(
        40035,
        "提交的内容不是表单，或太长。",
        "What was posted is no form, or too long.",
        facts={"field": "body"},
    )
