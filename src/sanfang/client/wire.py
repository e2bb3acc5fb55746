"""What the core asks of its driver, and what a transport has to offer.

The core is a set of generators (httpx's auth_flow trick). It yields a `Request` and is sent a
`Response`; it yields a `Pause` and is sent None; it yields a `Renew` and is sent a `Token`; it
yields an `InStore` and is sent what the store answered. The sync and the async driver differ in
nothing but how they carry these four out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec

from sanfang import __version__

from .credentials import tail
from .tokens import Token, TokenKey

T = TypeVar("T")

OWN_HEADERS = {"User-Agent": f"sanfang/{__version__}", "Accept-Encoding": "identity"}
"""What a transport adds to every request: compressed answers cannot be bounded cheaply."""

_SECRET_FIELDS = re.compile(
    r"((?:access_?token|suite_?ticket|corp_?secret|app_?secret|suite_?secret|permanent_?code"
    r"|tmp_?auth_?code|jsapi_?ticket|signature|sns_?token|client_?secret|sso_?secret"
    r"|refresh_?token|persistent_?code|session|\bsign)\"?\s*[=:]\s*\"?)[^&\s\"'<>,}]+",
    re.IGNORECASE,
)


def mask_fields(text: str) -> str:
    """Shorten the values of fields that are secret by their name: ``access_token=…cdef``."""
    return _SECRET_FIELDS.sub(_shortened, text)


def _shortened(match: re.Match[str]) -> str:
    value = match[0][len(match[1]) :]
    return match[1] + (value if value.startswith("…") else tail(value))


class Body(Protocol):
    """A body that is sent piece by piece: an upload. ``size``: its bytes.

    It is iterated once per try, from its beginning, in the thread (or the event loop) that sends;
    pieces of 64 kB or so keep both the memory and the progress smooth.
    """

    @property
    def size(self) -> int: ...

    def __iter__(self) -> Iterator[bytes]: ...


class Request(msgspec.Struct, frozen=True, gc=False):
    """One HTTP exchange to make, with no redirect followed.

    ``timeout`` bounds the whole exchange in seconds, ``connect`` the making of a connection and
    ``read`` the silence between two pieces of the answer; ``limit`` bounds the bytes of the answer.
    ``api`` names the call in errors. ``secrets`` are the texts that must not be shown.
    ``sink``: a download. It is given the pieces of a body as they come if the status is 2xx and
    the content is no JSON; the response's body is then empty. What it raises ends the exchange.
    A sink with ``begin(status, headers)`` is asked instead whether it wants the body of a 2xx;
    ``most`` is then the limit of its bytes.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | Body | None = None
    timeout: float = 10.0
    limit: int = 16 * 1024 * 1024
    api: str = ""
    secrets: tuple[str, ...] = ()
    connect: float | None = None
    read: float | None = None
    sink: Callable[[bytes], object] | None = None

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.url.partition('?')[0]}>"

    def mask(self, text: str) -> str:
        """Show this request's secrets by four characters in a text that came from elsewhere."""
        for secret in self.secrets:
            if secret:
                text = text.replace(secret, tail(secret))
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


class InStore(NamedTuple):
    """Run ``work`` where it may block: it asks a store of tokens, tickets or codes."""

    work: Callable[[], Any]


Effect = Request | Pause | Renew | InStore
Flow = Generator[Effect, Any, T]


class Transport(Protocol):
    """Send requests, from any thread.

    ``send`` follows no redirect, verifies TLS, and raises `TransportFailed`, `TimedOut` or
    `BadAnswer` (cut short, no HTTP), without secrets in them. It keeps at most ``limit`` + 1 bytes
    of a body, so that the core sees the excess, or raises `AnswerTooLong` itself.
    """

    def send(self, request: Request, /) -> Response: ...

    def close(self) -> None: ...


class AsyncTransport(Protocol):
    """The same for coroutines; ``send`` can be cancelled at any await."""

    async def send(self, request: Request, /) -> Response: ...

    async def close(self) -> None: ...
