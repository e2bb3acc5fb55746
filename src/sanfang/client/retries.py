"""When a refused or broken call is made again, and after how long.

Two kinds of refusal pass by themselves. A rate limit (90001 to 90018) was refused before it did
anything, so repeating it is always safe. "System busy" (-1 and its like on the new host) may come
after the work was done, so by default only calls that change nothing are repeated.
Dead tokens are another matter: see ``exchange``.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from .errors import BadAnswer, CallRefused, PlatformBusy, RateLimited, SanfangError, TransportFailed

GATEWAY = (502, 503, 504)
# 90017 (corpids per IP) and 90020 (monthly quota) do not pass in seconds.
SLOW_DOWN: frozenset[int | str] = frozenset({*range(90001, 90015), 90018})
_SLOW_DOWN_NEW = ("Forbidden.AccessDenied.Qps", "Forbidden.AccessDenied.Qpm")


class RetryRule(NamedTuple):
    """How often and how long to wait: a retry per pause, in seconds.

    ``unsafe`` repeats calls that change something too, when the platform says it is busy.
    ``jitter``: up to this part of a pause is added at random, so that those who were refused
    together do not come back together. ``longest``: an answer that wants us to wait for more
    seconds than this (Retry-After) is an error at once.
    """

    pauses: tuple[float, ...] = (1.0, 2.0, 4.0)
    unsafe: bool = False
    jitter: float = 0.5
    longest: float = 30.0

    @classmethod
    def of(cls, retries: int | RetryRule) -> RetryRule:
        """Make a rule of a number of retries: 1, 2, 4 ... seconds apart."""
        if isinstance(retries, RetryRule):
            return retries
        return cls(tuple(float(2**n) for n in range(retries)))

    def pause(self, error: SanfangError, *, safe: bool, tries: int) -> float | None:
        """Return the seconds to wait before the next try, or None to give up.

        ``tries`` counts the retries made; ``safe`` says that the call changes nothing.
        """
        if tries >= len(self.pauses):
            return None
        if isinstance(error, TransportFailed):
            # A kept-alive connection may be closed by the other end just as it is used again.
            return 0.0 if error.dropped and safe and tries == 0 else None
        if not _passes(error, safe=safe or self.unsafe):
            return None
        wanted = error.retry_after or 0.0
        if wanted > self.longest:
            return None
        return max(self.pauses[tries], wanted) * (1.0 + self.jitter * random.random())  # noqa: S311


def _passes(error: SanfangError, *, safe: bool) -> bool:
    if isinstance(error, BadAnswer):  # the page of a gateway whose server is away
        return error.status == 429 or (safe and error.status in GATEWAY)
    if not isinstance(error, CallRefused):
        return False
    if isinstance(error, PlatformBusy) or error.status in GATEWAY:
        return safe
    if not isinstance(error, RateLimited):
        return False
    if isinstance(error.code, str):
        return error.code.startswith(_SLOW_DOWN_NEW) or error.status == 429
    # Of the others only those that say for how long.
    return error.code in SLOW_DOWN or error.retry_after is not None
