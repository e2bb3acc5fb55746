"""What both clients' constructors do: fill in the defaults."""

from __future__ import annotations

from collections.abc import Callable

from .addresses import addresses
from .core import Settings
from .errors import BadCall
from .plans import Planner
from .retries import RetryRule
from .suites import MemorySuites, SuiteStore
from .tokens import MemoryTokens, TokenStore

LIMIT = 16 * 1024 * 1024
"""Bytes of an answer that are accepted."""


def settings_of(
    base_url: str | None,
    api_url: str | None,
    timeout: float,
    retries: int | RetryRule,
    tokens: TokenStore | None,
    suite_store: SuiteStore | None,
    clock: Callable[[], float],
) -> Settings:
    """Make the settings that a client and its corps share."""
    if not 0 < timeout < float("inf"):
        raise BadCall(f"timeout 应为大于 0 的秒数 / timeout must be seconds above 0: {timeout!r}")
    old, new = addresses(base_url, api_url)
    return Settings(
        Planner(old, new),
        MemoryTokens() if tokens is None else tokens,
        MemorySuites() if suite_store is None else suite_store,
        timeout=timeout,
        limit=LIMIT,
        retries=RetryRule.of(retries),
        clock=clock,
    )
