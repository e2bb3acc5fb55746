"""What the core asks of its driver, and what a transport has to offer.

The core is a set of generators (httpx's auth_flow trick). It yields a `Request` and is sent a
`Response`; it yields a `Pause` and is sent None; it yields a `Renew` and is sent a `Token`. The
sync and the async driver differ in nothing but how they carry these three out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec

from sanfang import __version__

from .tokens import Token, TokenKey

T = TypeVar("T")

OWN_HEADERS = {"User-Agent": f"sanfang/{__version__}", "Accept-Encoding": "identity"}
"""What a transport adds to every request: compressed answers cannot be bounded cheaply."""

_SECRET_FIELDS = re.compile(
    r"((?:access_?token|suite_?ticket|corp_?secret|app_?secret|suite_?secret|permanent_?code"
    r"|tmp_?auth_?code|jsapi_?ticket|signature)\"?\s*[=:]\s*\"?)[^&\s\"'<>,}]+",
    re.IGNORECASE,
)


def mask_fields(text: str) -> str:
    """Hide the values of fields that are secret by their name: ``access_token=…``."""
    return _SECRET_FIELDS.sub(r"\1…", text)


class Request(msgspec.Struct, frozen=True, gc=False):
    """One HTTP exchange to make, with no redirect followed.

    ``timeout`` bounds the whole exchange in seconds, ``limit`` the bytes of the answer.
    ``api`` names the call in errors. ``secrets`` are the texts that must not be shown.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None
    timeout: float = 10.0
    limit: int = 16 * 1024 * 1024
    api: str = ""
    secrets: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.url.partition('?')[0]}>"

    def mask(self, text: str) -> str:
        """Hide this request's secrets in a text that came from elsewhere."""
        for secret in self.secrets:
            if secret:
                text = text.replace(secret, "…")
        return mask_fields(text)


class Response(msgspec.Struct, frozen=True):
    """The answer; ``body`` holds at most ``limit`` + 1 bytes, so that the core sees the excess."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header whatever the case of its name, or an empty text."""
        for key, value in self.headers.items():
            if key.lower() == name:
                return value
        return ""

    def __repr__(self) -> str:
        return f"<Response {self.status} {len(self.body)} bytes>"


class Pause(NamedTuple):
    """Wait before going on."""

    seconds: float


class Renew(NamedTuple):
    """Run ``fetch`` once for all who ask for this key at the same time.

    ``fallback`` is a token that still works: nobody needs to wait, and a failure is no failure.
    """

    key: TokenKey
    fetch: Callable[[], Flow[Token]]
    fallback: Token | None


Effect = Request | Pause | Renew
Flow = Generator[Effect, Any, T]


class Transport(Protocol):
    """Send requests, from any thread.

    ``send`` follows no redirect, verifies TLS, reads at most ``limit`` + 1 bytes and raises
    `TransportFailed`, `TimedOut` or (for a truncated body) `BadAnswer`, without secrets in them.
    """

    def send(self, request: Request, /) -> Response: ...

    def close(self) -> None: ...


class AsyncTransport(Protocol):
    """The same for coroutines; ``send`` can be cancelled at any await."""

    async def send(self, request: Request, /) -> Response: ...

    async def close(self) -> None: ...
