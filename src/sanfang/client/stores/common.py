"""What the stores share: the platform they keep for, and how a key is written as one text."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self
from urllib.parse import quote

from ..addresses import addresses, platform_of
from ..errors import BadCall
from ..suites import SuiteStore
from ..tokens import TokenKey, TokenStore

PATIENCE = 10.0
"""Seconds to wait for a lock or a server before `StoreFailed`."""


class Store(TokenStore, SuiteStore, Protocol):
    """A store of tokens, tickets and permanent codes in one."""


class DurableStore:
    """The part of a store that is about the platform, and closing.

    Token keys carry their platform. Tickets and permanent codes are saved by those who receive
    the pushes, so for them the store is told: ``base_url`` and ``api_url`` as for a client, and
    the same defaults.
    """

    def __init__(self, base_url: str | None, api_url: str | None) -> None:
        self.platform = platform_of(*addresses(base_url, api_url))

    def close(self) -> None:
        """Close connections; the store may be used again, which opens new ones."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def text_of(*parts: str) -> str:
    """Write names as one text, so that no two lists of names give the same."""
    return "|".join(quote(part, safe=":/@ ", errors="surrogatepass") for part in parts)


def key_text(key: TokenKey) -> str:
    """Write a key as one text, readable, the platform first."""
    return text_of(key.platform, key.kind, key.suite, key.app, key.corp, key.user)


def checked(what: str, value: object) -> str:
    """Refuse to save as a secret what is no text, or none."""
    if not isinstance(value, str) or not value:
        raise BadCall(f"{what} 应为非空文本 / {what} must be a text that is not empty")
    return value


def seconds_left(now: float, leased_at: float, leased_until: float) -> bool:
    """Tell whether a lease still runs, on a clock that somebody may set.

    Before its own beginning it does not: the clock was set back, and waiting for the end might
    take for ever. A holder that is alive is then overtaken, which the fence makes harmless.
    """
    return leased_at - 1.0 <= now < leased_until
