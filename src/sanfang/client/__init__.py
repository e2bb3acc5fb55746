"""Call the platform: one client for threads, one for coroutines, the same core in both.

Importing this loads no HTTP library, reads no catalogue and makes no event loop: a client does
so when it is used.
"""

from typing import TYPE_CHECKING, Any

from .client import Client
from .credentials import (
    AppKey,
    AuthorisedCorp,
    CorpSecret,
    Credentials,
    OAuthApp,
    OpenApp,
    SignedIn,
    SsoSecret,
    Suite,
)
from .downloads import Download
from .errors import (
    AnswerCutShort,
    AnswerTooLong,
    BadAnswer,
    BadArgument,
    BadCall,
    CallRefused,
    ConnectFailed,
    FileFailed,
    Forbidden,
    LimitReached,
    NoTicket,
    NotSignedIn,
    PlatformBusy,
    ProxyFailed,
    RateLimited,
    Redirected,
    SanfangError,
    StoreFailed,
    TimedOut,
    TlsFailed,
    TokenBusy,
    TokenRefused,
    TransportFailed,
)
from .files import Expect
from .hooks import Exchange, Hooks
from .jsapi import sign_jsapi
from .limits import Limits
from .retries import RetryRule
from .suites import MemorySuites, SuiteStore
from .timeouts import Timeout
from .tokens import MemoryTokens, Token, TokenKey, TokenStore
from .wire import AsyncTransport, Request, Response, Transport

if TYPE_CHECKING:
    from .async_client import AsyncClient
    from .robots import AsyncRobot, Robot, TooManyMessages

__all__ = [
    "AnswerCutShort",
    "AnswerTooLong",
    "AppKey",
    "AsyncClient",
    "AsyncRobot",
    "AsyncTransport",
    "AuthorisedCorp",
    "BadAnswer",
    "BadArgument",
    "BadCall",
    "CallRefused",
    "Client",
    "ConnectFailed",
    "CorpSecret",
    "Credentials",
    "Download",
    "Exchange",
    "Expect",
    "FileFailed",
    "Forbidden",
    "Hooks",
    "LimitReached",
    "Limits",
    "MemorySuites",
    "MemoryTokens",
    "NoTicket",
    "NotSignedIn",
    "OAuthApp",
    "OpenApp",
    "PlatformBusy",
    "ProxyFailed",
    "RateLimited",
    "Redirected",
    "Request",
    "Response",
    "RetryRule",
    "Robot",
    "SanfangError",
    "SignedIn",
    "SsoSecret",
    "StoreFailed",
    "Suite",
    "SuiteStore",
    "TimedOut",
    "Timeout",
    "TlsFailed",
    "Token",
    "TokenBusy",
    "TokenKey",
    "TokenRefused",
    "TokenStore",
    "TooManyMessages",
    "Transport",
    "TransportFailed",
    "sign_jsapi",
]


def __getattr__(name: str) -> Any:
    if name == "AsyncClient":  # asyncio is half the time of this import
        from .async_client import AsyncClient

        return AsyncClient
    if name in ("AsyncRobot", "Robot", "TooManyMessages"):
        from . import robots

        return getattr(robots, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
