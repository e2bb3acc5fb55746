"""What can go wrong with a call, split by whose fault it is.

::

    SanfangError
    ├── BadCall            we were called wrongly; nothing was sent
    │   └── NoTicket       a suite call before any suite_ticket was stored
    ├── CallRefused        the platform answered with an error code
    │   ├── TokenRefused   a token stayed refused after one renewal
    │   ├── RateLimited    too many calls
    │   └── Forbidden      permission, authorisation or IP list
    ├── BadAnswer          the answer cannot be read (HTML, truncated, wrong charset, too long)
    └── TransportFailed    no answer came
        └── TimedOut

Programs look at attributes, never at texts. No message holds a secret.
"""

from __future__ import annotations

from typing import Any


class SanfangError(Exception):
    """Any failure of a call; catch this to catch them all."""

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


class NoTicket(BadCall):
    """The suite has no suite_ticket yet, so it cannot authenticate."""

    def __init__(self, suite_key: str) -> None:
        self.suite_key = suite_key
        super().__init__(
            f"套件 {suite_key} 还没有 suite_ticket：请先接收平台的推送，或在开发者后台点击重新推送"
            f" / suite {suite_key} has no suite_ticket yet: receive the push first, "
            "or ask for it again in the developer console"
        )


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

    def _text(self) -> str:
        parts = [f"{self.api or '调用 call'} 被拒绝 refused: {self.code} {self.errmsg}".rstrip()]
        if self.explanation:
            parts.append(self.explanation)
        if self.request_id:
            parts.append(f"request_id={self.request_id}")
        return _one_line(" | ".join(parts))


class RateLimited(CallRefused):
    """Too many calls. ``retry_after``: seconds until it is worth trying again, when known."""

    retry_after: float | None = None


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


class BadAnswer(SanfangError):  # noqa: N818
    """The answer cannot be read.

    ``what`` is one of ``html``, ``empty``, ``truncated``, ``charset``, ``json``, ``shape``,
    ``too_long``, ``redirect``, ``encoding``; ``excerpt`` is a short cleaned piece of the body.
    """

    def __init__(
        self, what: str, text: str, *, api: str = "", status: int = 0, excerpt: str = ""
    ) -> None:
        self.what = what
        self.api = api
        self.status = status
        self.excerpt = excerpt
        message = f"{api or '调用 call'}: {text} (HTTP {status})"
        super().__init__(f"{message}: {excerpt}" if excerpt else message)


class TransportFailed(SanfangError):  # noqa: N818
    """No answer came. ``dropped`` is true when a connection was cut after the request was sent."""

    def __init__(self, text: str, *, api: str = "", dropped: bool = False) -> None:
        self.api = api
        self.dropped = dropped
        super().__init__(f"{api or '调用 call'}: {text}")


class TimedOut(TransportFailed):
    """No complete answer came in time."""

    def __init__(self, seconds: float, *, api: str = "") -> None:
        self.seconds = seconds
        super().__init__(
            f"{seconds:g} 秒内没有完整的应答 / no complete answer within {seconds:g} s", api=api
        )
