"""Ready endpoints for an app's pages, to be mounted under a path of your choice.

    POST config      {"url", "corp_id"}     what dd.config takes, for the page that asks
    POST failed      {"url", "corp_id", "config"}   dd.config failed with 52013: sign again?
    POST login       {"code", "corp_id"}    免登: sets the session, answers who it is
    GET  me                                 who it is, or 401
    POST logout
    GET  signin      ?next=/path&corp_id=   to the sign-in page of the platform (a browser outside)
    GET  signed-in   ?authCode=&state=      and back
    GET  admin       ?code=                 the address for the admin console; only with ``sso``

What they take care of: a signature is given to own pages only; whatever changes something comes
from an own page (Origin, Sec-Fetch-Site), so no other site can do it in somebody's name; the web
sign-in is bound to the browser that began it; the session is a signed cookie that scripts cannot
read; nobody is redirected to another site; a corp that ends its authorisation ends its sessions.
"""

from __future__ import annotations

import logging
import secrets as randomness
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from sanfang.client import BadCall, SanfangError

from . import asgi, page_answers, web
from .asgi import Receive, Scope, Send
from .cookies import Cookies, begun_name, session_name
from .origins import Origins
from .page_answers import form
from .people import Person
from .refusals import Refused
from .runtime import NotConfigured
from .vantage import Vantage
from .web import Asked, Reply, json_reply, redirect

if TYPE_CHECKING:
    from .doors import Doors

log = logging.getLogger("sanfang.isv")

# A code serves once: what only looks at an address (HEAD) must not use it up.
_ONCE = frozenset({"signed-in", "admin"})


class ConfigForm(msgspec.Struct):
    """What a page sends for its signature."""

    url: str
    corp_id: str = ""  # an own app knows its corp
    agent_id: int | str | None = None


class FailedForm(msgspec.Struct):
    """What a page sends when its ``dd.config`` failed."""

    url: str
    config: dict[str, Any]
    corp_id: str = ""


class LoginForm(msgspec.Struct):
    """What a page sends with its code."""

    code: str
    corp_id: str = ""


class Pages:
    """The endpoints as an ASGI application; made by ``app.pages(...)``.

    ``origins``: where the app's pages are served (``https://app.example.com``); needed, here or in
    the app. ``js_api_list``: names put into every ``dd.config``. ``secret``: signs the cookies; of
    the app's own secret when absent. ``hours``: how long a session lives. ``home``: where an
    administrator or a web sign-in without ``next`` goes. Raises `BadCall`.
    """

    def __init__(
        self,
        app: Doors,
        *,
        origins: Iterable[str],
        js_api_list: Iterable[str] | None = None,
        secret: bytes | str | None = None,
        hours: float = 12.0,
        home: str = "/",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._app = app
        self._origins = Origins(origins)
        if not self._origins:
            raise BadCall(
                "请给出 origins=['https://应用的域名']：只为自己的页面签名"
                " / give origins=['https://host of the app']: only own pages are signed"
            )
        self._vantage = Vantage(self._origins)
        self._js_api_list = None if js_api_list is None else list(js_api_list)
        given = secret.encode() if isinstance(secret, str) else secret
        self._cookies = Cookies(lambda: given or app.session_secret(), hours * 3600, clock)
        self._home = local_path(home)
        self._routes: dict[str, tuple[str, Callable[[Asked], Awaitable[Reply]]]] = {
            "config": ("POST", self._config),
            "failed": ("POST", self._failed),
            "login": ("POST", self._login),
            "me": ("GET", self._me),
            "logout": ("POST", self._logout),
            "signin": ("GET", self._signin),
            "signed-in": ("GET", self._signed_in),
            "admin": ("GET", self._admin),
        }

    def person(self, scope: Scope) -> Person | None:
        """Return who is signed in by the cookie of a request (Starlette: ``request.scope``)."""
        headers = web.headers_of(scope)
        secure = self._vantage.secure(headers, scope.get("scheme", "http"))
        return self._person(web.cookie_in(headers.get("cookie", ""), session_name(secure)))

    def own(self, scope: Scope) -> bool:
        """Whether a request comes from an own page: ask before you change anything."""
        return self._vantage.own(web.headers_of(scope))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve ASGI. The app is started by the first request, if nobody did before."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await asgi.idle_lifespan(receive, send)
            elif scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1003})
            return
        try:
            asked = await web.asked_of(scope, receive)
            if asked is None:
                return
            reply = await self._answer(asked)
        except Refused as refusal:
            reply = web.refused(refusal)
        await web.answer(reply, scope, send)

    async def _answer(self, asked: Asked) -> Reply:
        name = asked.path.rstrip("/").rpartition("/")[2]
        known, route = self._routes.get(name, ("", None))
        methods = ("GET", "HEAD") if known == "GET" and name not in _ONCE else (known,)
        if route is None:
            raise page_answers.unknown(name, (), asked.method, self._routes)
        if asked.method not in methods:
            refusal = page_answers.unknown(name, methods, asked.method, self._routes)
            return web.refused(refusal, ("allow", ", ".join(methods)))
        if known == "POST" and not self._vantage.own(asked.headers):
            raise page_answers.cross_site(asked.headers, self._origins.all)
        try:
            await self._app.begin()
            return await route(asked)
        except (LookupError, BadCall, SanfangError, NotConfigured) as error:
            raise page_answers.explained(error) from error
        except sqlite3.Error as error:
            log.exception("读不到数据文件 / cannot read the data file")
            raise page_answers.no_data() from error

    # The endpoints

    async def _config(self, asked: Asked) -> Reply:
        given = form(asked, ConfigForm)
        config = await self._app.jsapi_config(
            self._vantage.signed_address(given.url, asked.headers),
            corp_id=given.corp_id,
            agent_id=given.agent_id,
            js_api_list=self._js_api_list,
        )
        return json_reply(config)

    async def _failed(self, asked: Asked) -> Reply:
        given = form(asked, FailedForm)
        again = await self._app.jsapi_failed(
            self._vantage.signed_address(given.url, asked.headers),
            given.config,
            corp_id=given.corp_id,
        )
        return json_reply({"again": again})

    async def _login(self, asked: Asked) -> Reply:
        given = form(asked, LoginForm)
        person = await self._app.login(given.code, given.corp_id)
        return json_reply(_shown(person), self._session(person, asked))

    async def _me(self, asked: Asked) -> Reply:
        person = self._person(asked.cookie(session_name(self._secure(asked))))
        if person is None:
            raise page_answers.nobody()
        return json_reply(_shown(person))

    async def _logout(self, asked: Asked) -> Reply:
        return json_reply({"errcode": 0}, self._cookies.no_session(self._secure(asked)))

    async def _signin(self, asked: Asked) -> Reply:
        state = randomness.token_urlsafe(24)
        folder = quote(asked.path.rstrip("/").rpartition("/")[0], safe="/-._~:@!$&'()*+,;=")
        back = f"{self._vantage.here(asked.headers)}{folder}/signed-in"
        url = self._app.sign_in_url(back, state, corp_id=asked.query.get("corp_id", ""))
        then = local_path(asked.query.get("next", self._home))
        return redirect(url, self._cookies.begun(state, then, self._home, self._secure(asked)))

    async def _signed_in(self, asked: Asked) -> Reply:
        secure = self._secure(asked)
        cookie = asked.cookie(begun_name(secure))
        begun = self._cookies.begun_by(cookie, asked.query.get("state", ""))
        if begun is None:
            raise page_answers.not_begun()
        if error := asked.query.get("error"):
            shown = repr(error[:40])
            raise Refused(
                403, 403, "Refused", f"没有登录：{shown}。", f"Nobody signed in: {shown}."
            )
        visitor = await self._app.web_login(
            asked.query.get("authCode") or asked.query.get("code") or ""
        )
        if not visitor.userid:
            raise page_answers.not_a_member()
        person = Person(
            corp_id=visitor.corp_id,
            userid=visitor.userid,
            name=visitor.nick,
            unionid=visitor.unionid,
        )
        ended = self._cookies.not_begun(secure)
        return redirect(begun.next, self._session(person, asked), ended)

    async def _admin(self, asked: Asked) -> Reply:
        who = await self._app.admin_login(asked.query.get("code", ""))
        person = Person(
            corp_id=who.corp_id, userid=who.userid, name=who.name, is_admin=who.is_admin
        )
        self._app.live_corp(person.corp_id)
        return redirect(self._home, self._session(person, asked))

    # The session

    def _secure(self, asked: Asked) -> bool:
        return self._vantage.secure(asked.headers, asked.scheme)

    def _session(self, person: Person, asked: Asked) -> tuple[str, str]:
        return self._cookies.session(person, self._secure(asked))

    def _person(self, cookie: str) -> Person | None:
        try:
            person = self._cookies.person(cookie)
            if person is not None:
                self._app.live_corp(person.corp_id)
        except (LookupError, BadCall, NotConfigured):
            return None
        return person


def _shown(person: Person) -> dict[str, Any]:
    return {
        "corp_id": person.corp_id,
        "userid": person.userid,
        "name": person.name,
        "is_admin": person.is_admin,
    }


def local_path(path: str) -> str:
    """Return a path on this site as it was given, or ``/``: never another site (open redirect)."""
    if not path.startswith("/") or path[:2] in ("//", "/\\"):
        return "/"
    if any(char in path for char in "\\\r\n\t") or not path.isprintable():
        return "/"
    return path if path.isascii() else "/"
