"""Call the platform: one client for threads, one for coroutines, the same core in both.

Importing this loads no HTTP library, reads no catalogue and makes no event loop: a client does
so when it is used.
"""

from typing import TYPE_CHECKING, Any

from .client import Client
from .credentials import AppKey, AuthorisedCorp, CorpSecret, Credentials, Suite
from .errors import (
    BadAnswer,
    BadCall,
    CallRefused,
    Forbidden,
    NoTicket,
    RateLimited,
    SanfangError,
    TimedOut,
    TokenRefused,
    TransportFailed,
)
from .retries import RetryRule
from .suites import MemorySuites, SuiteStore
from .tokens import MemoryTokens, Token, TokenKey, TokenStore
from .wire import AsyncTransport, Request, Response, Transport

if TYPE_CHECKING:
    from .async_client import AsyncClient

__all__ = [
    "AppKey",
    "AsyncClient",
    "AsyncTransport",
    "AuthorisedCorp",
    "BadAnswer",
    "BadCall",
    "CallRefused",
    "Client",
    "CorpSecret",
    "Credentials",
    "Forbidden",
    "MemorySuites",
    "MemoryTokens",
    "NoTicket",
    "RateLimited",
    "Request",
    "Response",
    "RetryRule",
    "SanfangError",
    "Suite",
    "SuiteStore",
    "TimedOut",
    "Token",
    "TokenKey",
    "TokenRefused",
    "TokenStore",
    "Transport",
    "TransportFailed",
]


def __getattr__(name: str) -> Any:
    if name == "AsyncClient":  # asyncio is half the time of this import
        from .async_client import AsyncClient

        return AsyncClient
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
