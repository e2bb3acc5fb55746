"""What can go wrong with a call, split by whose fault it is.

::

    SanfangError
    ├── BadCall               ours: we were called wrongly; nothing was sent
    │   ├── BadArgument         a typed method's argument is unknown, missing or of a wrong type
    │   ├── NoTicket            a suite call before any suite_ticket was stored
    │   └── NotSignedIn         a call for a person who has not signed in, or no longer is
    ├── CallRefused           ours, mostly: the platform answered with an error code
    │   ├── TokenRefused        a token stayed refused after one renewal
    │   ├── RateLimited         too many calls
    │   │   └── LimitReached      our own limiter held the call back; nothing was sent
    │   ├── Forbidden           permission, authorisation or IP list
    │   └── PlatformBusy        the platform's: it could not do it now
    ├── BadAnswer             the other end's: the answer cannot be read (HTML, charset, no JSON)
    │   ├── Redirected          it wants us elsewhere; tokens do not go there
    │   ├── AnswerTooLong       longer than the limit, in its head or its body
    │   └── AnswerCutShort      the connection ended in the middle
    ├── StoreFailed           ours: the store of tokens and codes cannot be used
    │   └── TokenBusy           another process took too long to renew a token
    ├── FileFailed            ours: a local file could not be read or written
    └── TransportFailed       the network's: no answer came
        ├── ConnectFailed       no connection; nothing was sent
        │   ├── TlsFailed         the certificate or the handshake
        │   └── ProxyFailed       the proxy refused
        └── TimedOut            not in time; ``phase`` says which time

Programs look at attributes, never at texts. No message holds a secret.
"""

from __future__ import annotations

from typing import Any


class SanfangError(Exception):
    """Any failure of a call; catch this to catch them all.

    ``retry_after``: seconds until it is worth trying again, when known.
    """

    retry_after: float | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        # The constructors take keywords and build the text; pickle and copy must not run them.
        return _rebuild, (type(self), self.args, self.__dict__)


def _one_line(text: str) -> str:
    """Keep a text from elsewhere from writing lines of its own into a log."""
    return "".join(char if char.isprintable() else " " for char in text[:2000])


def _rebuild(cls: type[SanfangError], args: tuple[Any, ...], state: dict[str, Any]) -> SanfangError:
    error = cls.__new__(cls)
    error.args = args
    error.__dict__.update(state)
    return error


class BadCall(SanfangError):  # noqa: N818
    """The call was refused before anything was sent."""


class BadArgument(BadCall):
    """An argument of a typed method is unknown, missing or of a wrong type.

    ``api`` is the method's name, ``field`` the way to the value (``users[0].name``), ``known`` the
    names of the arguments that there are.
    """

    def __init__(self, api: str, field: str, zh: str, en: str, known: tuple[str, ...] = ()) -> None:
        self.api = api
        self.field = field
        self.known = known
        name = f"{field} " if field else ""
        super().__init__(_one_line(f"{api}: {name}{zh} / {name}{en}"))


class NoTicket(BadCall):
    """The suite has no suite_ticket yet, so it cannot authenticate."""

    def __init__(self, suite_key: str) -> None:
        self.suite_key = suite_key
        super().__init__(
            f"套件 {suite_key} 还没有 suite_ticket：请先接收平台的推送，或在开发者后台点击重新推送"
            f" / suite {suite_key} has no suite_ticket yet: receive the push first, "
            "or ask for it again in the developer console"
        )


class NotSignedIn(BadCall):
    """Nothing is known of this person, or their refresh token is older than 30 days."""

    def __init__(self, user: str) -> None:
        self.user = user
        super().__init__(
            f"用户 {user[:40]!r} 没有登录，或登录已超过 30 天：请重新登录，用新的 code 调用 sign_in"
            f" / {user[:40]!r} has not signed in, or more than 30 days ago: let them sign in and "
            "call sign_in with the new code"
        )


class FileFailed(SanfangError):  # noqa: N818
    """A local file could not be read or written; nothing is left of a download."""

    def __init__(self, path: object, text: str) -> None:
        self.path = str(path)
        super().__init__(_one_line(f"文件 {self.path[-200:]}: {text} / the local file failed"))


class CallRefused(SanfangError):  # noqa: N818
    """The platform answered with an error code.

    ``code`` is a number on oapi.dingtalk.com (88 is already unwrapped to its sub_code) and text
    on api.dingtalk.com. ``explanation`` says what to do, in Chinese and English.
    """

    def __init__(
        self,
        code: int | str,
        errmsg: str = "",
        explanation: str = "",
        request_id: str = "",
        api: str = "",
        *,
        status: int = 200,
    ) -> None:
        self.code = code
        self.errmsg = errmsg
        self.explanation = explanation
        self.request_id = request_id
        self.api = api
        self.status = status
        super().__init__(self._text())

    def hint(self, text: str) -> None:
        """Put what the caller should know first in front of the explanation."""
        self.explanation = " / ".join(filter(None, (text, self.explanation)))
        self.args = (self._text(), *self.args[1:])

    def _text(self) -> str:
        parts = [f"{self.api or '调用 call'} 被拒绝 refused: {self.code} {self.errmsg}".rstrip()]
        if self.explanation:
            parts.append(self.explanation)
        if self.request_id:
            parts.append(f"request_id={self.request_id}")
        return _one_line(" | ".join(parts))


class RateLimited(CallRefused):
    """Too many calls; see ``retry_after``."""


class Forbidden(CallRefused):
    """The caller may not do this: permission, authorisation or IP whitelist."""


class TokenRefused(CallRefused):
    """A token was refused, renewed once, and refused again, so its age is not the reason.

    ``kind`` is the kind of token, ``age`` the seconds since it was fetched, ``store`` the name of
    the store it came from.
    """

    kind: str = ""
    age: float = 0.0
    store: str = ""

    @classmethod
    def after(cls, refusal: CallRefused, *, kind: str, age: float, store: str) -> TokenRefused:
        """Make the error out of the second refusal."""
        error = cls(
            refusal.code,
            refusal.errmsg,
            f"{kind} 令牌刚换新（{age:.1f} 秒前取得，存于 {store}）仍被拒绝：不是过期。"
            "请检查企业、套件与密钥是否对应，base_url 是否指向签发它的平台，"
            "是否有别的程序让它失效"
            f" / the {kind} token was renewed ({age:.1f} s old, kept in {store}) and is still "
            "refused: it is not expiry. Check that corp, suite and secret belong together, that "
            "base_url is the platform that issued it, and that nobody else kills it",
            refusal.request_id,
            refusal.api,
            status=refusal.status,
        )
        error.kind, error.age, error.store = kind, age, store
        return error


class PlatformBusy(CallRefused):
    """The platform could not do it now (-1 and its like). It may or may not have done it."""


class LimitReached(RateLimited):
    """Our own limiter held the call back, so that the platform need not: nothing was sent.

    ``scope`` names the rule that is full, ``limit`` its calls in ``window`` seconds; ``code`` is
    the one the platform would have answered, ``retry_after`` the seconds until there is room.
    """

    scope: str = ""
    limit: int = 0
    window: float = 60.0

    @classmethod
    def of(
        cls, code: int | str, scope: str, limit: int, window: float, seconds: float, api: str
    ) -> LimitReached:
        """Make the error of a rule that is full."""
        error = cls(
            code,
            f"客户端限流，未发送：{scope} 每 {window:g} 秒 {limit} 次已满，{seconds:.1f} 秒后可再试"
            f" / held back by the client, nothing was sent: {scope} has had its {limit} calls "
            f"in {window:g} s; try again in {seconds:.1f} s",
            api=api,
            status=0,
        )
        error.scope, error.limit, error.window = scope, limit, window
        error.retry_after = seconds
        return error


class BadAnswer(SanfangError):  # noqa: N818
    """The answer cannot be read.

    ``what`` is one of ``html``, ``empty``, ``truncated``, ``charset``, ``json``, ``shape``,
    ``too_long``, ``redirect``, ``encoding``, ``http``; ``excerpt`` is a short cleaned piece of the
    body.
    """

    def __init__(
        self, what: str, text: str, *, api: str = "", status: int = 0, excerpt: str = ""
    ) -> None:
        self.what = what
        self.api = api
        self.status = status
        self.excerpt = excerpt
        message = f"{api or '调用 call'}: {text} (HTTP {status})"
        super().__init__(_one_line(f"{message}: {excerpt}" if excerpt else message))


class Redirected(BadAnswer):
    """The platform wants us elsewhere (``location``, without its query). Not followed."""

    def __init__(self, text: str, location: str, api: str = "", status: int = 0) -> None:
        self.location = location
        super().__init__("redirect", text, api=api, status=status)


class AnswerTooLong(BadAnswer):
    """The answer is longer than the limit; what was over it was not read."""

    def __init__(self, text: str, api: str = "", status: int = 0) -> None:
        super().__init__("too_long", text, api=api, status=status)


class AnswerCutShort(BadAnswer):
    """The connection ended before the answer did."""

    def __init__(self, text: str, api: str = "", status: int = 0) -> None:
        super().__init__("truncated", text, api=api, status=status)


class TransportFailed(SanfangError):  # noqa: N818
    """No answer came. ``dropped`` is true when a connection was cut after the request was sent."""

    def __init__(self, text: str, *, api: str = "", dropped: bool = False) -> None:
        self.api = api
        self.dropped = dropped
        super().__init__(_one_line(f"{api or '调用 call'}: {text}"))


class ConnectFailed(TransportFailed):
    """There is no connection, so nothing was sent."""


class TlsFailed(ConnectFailed):
    """The certificate is not trusted, or the handshake failed."""


class ProxyFailed(ConnectFailed):
    """The proxy cannot be reached or refused; ``status`` is its HTTP answer, or 0."""

    def __init__(self, text: str, *, api: str = "", status: int = 0) -> None:
        self.status = status
        super().__init__(text, api=api)


_PHASES = {
    "connect": "连接未建立 / no connection",
    "read": "应答停顿 / the answer paused",
    "exchange": "没有完整的应答 / no complete answer",
}


class StoreFailed(SanfangError):  # noqa: N818
    """A store of tokens, tickets or permanent codes cannot be used; ``store`` names it."""

    def __init__(self, store: str, zh: str, en: str) -> None:
        self.store = store
        super().__init__(_one_line(f"{store}: {zh} / {en}"))


class TokenBusy(StoreFailed):
    """Another process had the turn to renew a token, and neither brought it nor gave up in time.

    ``kind`` is the kind of token, ``seconds`` how long we waited for it.
    """

    def __init__(self, kind: str, seconds: float, store: str) -> None:
        self.kind = kind
        self.seconds = seconds
        super().__init__(
            store,
            f"{seconds:g} 秒内没有等到别的进程换新 {kind} 令牌：请看持有租约的进程是否卡住、平台是否可达",
            f"no {kind} token came from the process whose turn it was within {seconds:g} s: see "
            "whether it hangs, and whether the platform can be reached",
        )


class TimedOut(TransportFailed):
    """No complete answer came in time.

    ``phase``: ``connect``, ``read`` (a silence within an exchange) or ``exchange``. ``seconds``:
    the time it had.
    """

    def __init__(self, seconds: float, *, api: str = "", phase: str = "exchange") -> None:
        self.seconds = seconds
        self.phase = phase
        what = _PHASES[phase]
        super().__init__(f"{seconds:g} 秒内{what} within {seconds:g} s", api=api)
