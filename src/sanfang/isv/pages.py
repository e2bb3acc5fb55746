"""Ready endpoints for an app's pages, to be mounted under a path of your choice.

    POST config      {"url", "corp_id"}     what dd.config takes, for the page that asks
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

Behind a reverse proxy that changes the host (DingTalk's clients have none, our workbench is one)
the page's own address is another than ours. The proxy says so in X-Forwarded-Host, the workbench's
also in X-Sanfang-Host (beside an Origin it leaves the other out, docs/app-proxy.md); then the
signature is made for *our* origin with the page's path and query, which the platform accepts, and
which is worth nothing to anybody else.
"""

from __future__ import annotations

import hmac
import secrets as randomness
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from sanfang.client import BadCall, CallRefused, SanfangError

from . import asgi, web
from .asgi import Receive, Scope, Send
from .origins import ForeignPage, Origins, host_of, origin_of
from .people import CodeNotValid, Person
from .refusals import Refused
from .sessions import Signer
from .web import Asked, Reply, json_reply, redirect

if TYPE_CHECKING:
    from .doors import Doors

F = TypeVar("F", bound=msgspec.Struct)

_STATE_LIFE = 600.0  # seconds that somebody may take to sign in


class ConfigForm(msgspec.Struct):
    """What a page sends for its signature."""

    url: str
    corp_id: str
    agent_id: int | str | None = None


class LoginForm(msgspec.Struct):
    """What a page sends with its code."""

    code: str
    corp_id: str


class Begun(msgspec.Struct):
    """A web sign-in that has begun: its state, and where to go afterwards."""

    state: str
    next: str


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
        self._js_api_list = None if js_api_list is None else list(js_api_list)
        self._secret = secret.encode() if isinstance(secret, str) else secret
        self._life = hours * 3600
        self._home = local_path(home)
        self._clock = clock
        self._signers: tuple[bytes, Signer[Person], Signer[Begun]] | None = None
        self._routes: dict[tuple[str, str], Callable[[Asked], Awaitable[Reply]]] = {
            ("POST", "config"): self._config,
            ("POST", "login"): self._login,
            ("GET", "me"): self._me,
            ("POST", "logout"): self._logout,
            ("GET", "signin"): self._signin,
            ("GET", "signed-in"): self._signed_in,
            ("GET", "admin"): self._admin,
        }

    def person(self, scope: Scope) -> Person | None:
        """Return who is signed in by the cookie of a request (Starlette: ``request.scope``)."""
        headers = web.headers_of(scope)
        secure = self._secure(headers, scope.get("scheme", "http"))
        return self._person(web.cookie_in(headers.get("cookie", ""), _session_name(secure)))

    def own(self, scope: Scope) -> bool:
        """Whether a request comes from an own page: ask before you change anything."""
        return self._own(web.headers_of(scope))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve ASGI. Start and stop are the app's."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await asgi.idle_lifespan(receive, send)
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
        method = "GET" if asked.method == "HEAD" else asked.method
        route = self._routes.get((method, name))
        if route is None:
            raise _unknown(name, [known for known, one in self._routes if one == name], method)
        if method == "POST" and not self._own(asked.headers):
            raise _cross_site(asked.headers, self._origins.all)
        try:
            return await route(asked)
        except (LookupError, BadCall, SanfangError) as error:
            raise _explained(error) from error

    # The endpoints

    async def _config(self, asked: Asked) -> Reply:
        form = _form(asked, ConfigForm)
        config = await self._app.jsapi_config(
            self._signed_address(form.url, asked.headers),
            corp_id=form.corp_id,
            agent_id=form.agent_id,
            js_api_list=self._js_api_list,
        )
        return json_reply(config)

    async def _login(self, asked: Asked) -> Reply:
        form = _form(asked, LoginForm)
        person = await self._app.login(form.code, form.corp_id)
        return json_reply(_shown(person), self._session(person, asked))

    async def _me(self, asked: Asked) -> Reply:
        person = self._person(asked.cookie(_session_name(self._secure_of(asked))))
        if person is None:
            raise Refused(
                401,
                401,
                "Not Signed In",
                "还没有登录，或登录已过期：取免登码后 POST login。",
                "Nobody is signed in, or no longer: get a code and POST it to login.",
            )
        return json_reply(_shown(person))

    async def _logout(self, asked: Asked) -> Reply:
        secure = self._secure_of(asked)
        return json_reply({"errcode": 0}, _cookie(_session_name(secure), "", 0, secure))

    async def _signin(self, asked: Asked) -> Reply:
        begun = Begun(randomness.token_urlsafe(24), local_path(asked.query.get("next", self._home)))
        back = self._here(asked) + asked.path.rpartition("/")[0] + "/signed-in"
        corp_id = asked.query.get("corp_id", "")
        url = self._app.sign_in_url(back, begun.state, corp_id=corp_id)
        secure = self._secure_of(asked)
        value = self._keys()[2].sign(begun, self._clock() + _STATE_LIFE)
        return redirect(url, _cookie(_begun_name(secure), value, _STATE_LIFE, secure))

    async def _signed_in(self, asked: Asked) -> Reply:
        secure = self._secure_of(asked)
        begun = self._keys()[2].read(asked.cookie(_begun_name(secure)), self._clock())
        state = asked.query.get("state", "")
        if begun is None or not hmac.compare_digest(begun.state.encode(), state.encode()):
            raise Refused(
                403,
                403,
                "Not Begun Here",
                "这次登录不是在这个浏览器里开始的，或超过了十分钟：请从 signin 重新开始。",
                "This sign-in was not begun in this browser, or ten minutes ago: begin at signin.",
            )
        if error := asked.query.get("error"):
            raise Refused(
                403,
                403,
                "Refused",
                f"没有登录：{error[:40]!r}。",
                f"Nobody signed in: {error[:40]!r}.",
            )
        visitor = await self._app.web_login(
            asked.query.get("authCode") or asked.query.get("code") or ""
        )
        if not visitor.userid:
            raise Refused(
                403,
                403,
                "Not A Member",
                "你的企业没有开通本应用，或你不在可见范围内。",
                "Your corp has not authorised this app, or you are outside its scope.",
                faq="F2",
            )
        person = Person(
            corp_id=visitor.corp_id,
            userid=visitor.userid,
            name=visitor.nick,
            unionid=visitor.unionid,
        )
        ended = _cookie(_begun_name(secure), "", 0, secure)
        return redirect(begun.next, self._session(person, asked), ended)

    async def _admin(self, asked: Asked) -> Reply:
        who = await self._app.admin_login(asked.query.get("code", ""))
        person = Person(
            corp_id=who.corp_id, userid=who.userid, name=who.name, is_admin=who.is_admin
        )
        self._app.live_corp(person.corp_id)
        return redirect(self._home, self._session(person, asked))

    # Whose page, which address

    def _own(self, headers: Any) -> bool:
        """Whether a browser says that an own page asks; who says nothing is no browser page."""
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return False
        page = headers.get("origin") or origin_of(headers.get("referer", ""))
        return self._origins.own(page) or self._proxied(page, headers)

    def _proxied(self, url: str, headers: Any) -> bool:
        """Whether a page is ours as seen through a proxy. No other site can send that header."""
        host = _seen_at(headers)
        here = self._origins.at(headers.get("host", ""))
        return bool(here and host) and host_of(origin_of(url)) == host

    def _signed_address(self, url: str, headers: Any) -> str:
        if self._origins.own(url) or not self._proxied(url, headers):
            return url  # the app refuses it if it is foreign
        parts = urlsplit(url)
        here = self._origins.at(headers["host"])
        return here + url.partition("#")[0][len(f"{parts.scheme}://{parts.netloc}") :]

    def _here(self, asked: Asked) -> str:
        return self._origins.at(asked.headers.get("host", "")) or self._origins.all[0]

    def _secure_of(self, asked: Asked) -> bool:
        return self._secure(asked.headers, asked.scheme)

    def _secure(self, headers: Any, scheme: str) -> bool:
        """Whether the browser talks https with us, as our own origins say; else as the server."""
        here = self._origins.at(headers.get("host", ""))
        if _seen_at(headers) and headers.get("x-forwarded-proto"):
            return bool(headers["x-forwarded-proto"] == "https")
        return here.startswith("https:") if here else scheme == "https"

    # The session

    def _session(self, person: Person, asked: Asked) -> tuple[str, str]:
        secure = self._secure_of(asked)
        kept = msgspec.structs.replace(person, device_id="")
        value = self._keys()[1].sign(kept, self._clock() + self._life)
        return _cookie(_session_name(secure), value, self._life, secure)

    def _person(self, cookie: str) -> Person | None:
        if not cookie:
            return None
        person = self._keys()[1].read(cookie, self._clock())
        if person is None:
            return None
        try:
            self._app.live_corp(person.corp_id)
        except (LookupError, BadCall):
            return None
        return person

    def _keys(self) -> tuple[bytes, Signer[Person], Signer[Begun]]:
        secret = self._secret or self._app.session_secret()
        if self._signers is None or self._signers[0] != secret:
            made = Signer(secret, "session", Person), Signer(secret, "signin", Begun)
            self._signers = (secret, *made)
        return self._signers


def local_path(path: str) -> str:
    """Return a path on this site as it was given, or ``/``: never another site (open redirect)."""
    if not path.startswith("/") or path[:2] in ("//", "/\\"):
        return "/"
    if any(char in path for char in "\\\r\n\t") or not path.isprintable():
        return "/"
    return path if path.isascii() else "/"


def _seen_at(headers: Any) -> str:
    """Return the host under which the browser sees us, as a proxy says; '' without one."""
    return str(headers.get("x-sanfang-host") or headers.get("x-forwarded-host", "")).lower()


def _shown(person: Person) -> dict[str, Any]:
    return {
        "corp_id": person.corp_id,
        "userid": person.userid,
        "name": person.name,
        "is_admin": person.is_admin,
    }


def _session_name(secure: bool) -> str:
    return "__Host-sanfang_session" if secure else "sanfang_session"


def _begun_name(secure: bool) -> str:
    return "__Host-sanfang_signin" if secure else "sanfang_signin"


def _cookie(name: str, value: str, life: float, secure: bool) -> tuple[str, str]:
    text = f"{name}={value}; Path=/; Max-Age={int(life)}; HttpOnly; SameSite=Lax"
    return "set-cookie", f"{text}; Secure" if secure else text


def _form(asked: Asked, kind: type[F]) -> F:
    if asked.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refused(
            415,
            415,
            "Unsupported Media Type",
            "请用 Content-Type: application/json 发送 JSON。",
            "Send JSON with Content-Type: application/json.",
        )
    try:
        return msgspec.json.decode(asked.body, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Refused(
            400,
            400,
            "Bad Request",
            f"请求体不对：应为 JSON 对象，字段 {', '.join(kind.__struct_fields__)}。",
            f"The body is a JSON object with {', '.join(kind.__struct_fields__)}: {error!s:.200}",
        ) from error


def _unknown(name: str, known: list[str], method: str) -> Refused:
    if known:
        return Refused(
            405,
            405,
            "Method Not Allowed",
            f"{name} 只接受 {', '.join(known)}。",
            f"{name} takes {', '.join(known)}, not {method[:20]}.",
        )
    return Refused(
        404,
        404,
        "Not Found",
        "这里有 config、login、me、logout、signin、signed-in、admin。",
        "There are config, login, me, logout, signin, signed-in and admin.",
    )


def _cross_site(headers: Any, origins: tuple[str, ...]) -> Refused:
    page = headers.get("origin") or headers.get("referer") or "(no Origin)"
    return Refused(
        403,
        403,
        "Foreign Page",
        f"请求来自 {page[:100]}，不是应用自己的页面 {', '.join(origins)}。",
        f"The request comes from {page[:100]}, no page of the app's own origins.",
    )


def _explained(error: Exception) -> Refused:
    """Turn what a door refuses into an answer for the page's author."""
    text = str(error)
    zh, _, en = text.partition(" / ")
    en = en or text
    if isinstance(error, ForeignPage):
        return Refused(403, 403, "Foreign Page", zh, en, faq="F14")
    if isinstance(error, BadCall):
        return Refused(400, 400, "Bad Request", zh, en)
    if isinstance(error, CodeNotValid):
        return Refused(400, 40078, error.errmsg or "不存在的临时授权码", zh, en, faq="F3")
    if isinstance(error, CallRefused):
        code = error.code if isinstance(error.code, int) else 502
        return Refused(502, code, error.errmsg[:200] or "refused", zh, en)
    if isinstance(error, SanfangError):
        return Refused(502, 502, "Bad Gateway", zh, en)
    return Refused(404, 404, "Unknown Corp", zh, en)
