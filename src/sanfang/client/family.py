"""What both clients' constructors do: fill in the defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .addresses import addresses, platform_of
from .core import Settings
from .credentials import Credentials, Suite
from .errors import BadCall
from .hooks import Hooks, Watch
from .keeper import Keeper, Suites, check_store
from .limits import Limits
from .plans import Planner
from .retries import RetryRule
from .suites import MemorySuites, SuiteStore
from .timeouts import Timeout
from .tokens import MemoryTokens, TokenStore

LIMIT = 16 * 1024 * 1024
"""Bytes of an answer that are accepted."""


def settings_of(
    base_url: str | None,
    api_url: str | None,
    timeout: float | Timeout,
    retries: int | RetryRule,
    tokens: TokenStore | None,
    suite_store: SuiteStore | None,
    clock: Callable[[], float],
    *,
    credentials: Credentials,
    limits: Limits | bool | None,
    hooks: Hooks | Iterable[Hooks] | None,
) -> Settings:
    """Make the settings that a client and its corps share."""
    times = Timeout.of(timeout)
    old, new = addresses(base_url, api_url)
    if tokens is not None:
        check_store(tokens)
    platform = platform_of(old, new)
    _same_platform(suite_store, platform)
    return Settings(
        Planner(old, new),
        Keeper(
            MemoryTokens() if tokens is None else tokens,
            platform=platform,
            timeout=times.exchange,
            clock=clock,
        ),
        Suites.of(MemorySuites() if suite_store is None else suite_store),
        times=times,
        limit=LIMIT,
        retries=RetryRule.of(retries),
        limits=_limits(limits, credentials),
        watch=Watch(hooks),
        clock=clock,
    )


def _limits(limits: Limits | bool | None, credentials: Credentials) -> Limits | None:
    """Choose the limiter: on for an ISV, off for a corp's own app, unless told otherwise.

    The four rules are an ISV's, whose excess is punished on all its corps and seen on none of
    its machines alone. An own app hurts only itself, is told so at once (90018, repeated after a
    pause), and its limit is another one by now: 20 calls a second.
    """
    if isinstance(limits, Limits):
        return limits
    if limits is None:
        limits = isinstance(credentials, Suite)
    return Limits() if limits else None


def _same_platform(store: object, platform: str) -> None:
    theirs = getattr(store, "platform", platform)
    if theirs != platform:
        raise BadCall(
            f"suite_store 存的是 {theirs} 的票据与授权码，而客户端调用 {platform}：请给存储相同的 base_url"
            f" / suite_store keeps what {theirs} issued, but this client calls {platform}: give the "
            "store the same base_url"
        )
