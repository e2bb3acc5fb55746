"""When a failed event is tried again, and when it is given up. Plain arithmetic, no clock."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """The retry schedule of an event.

    ``first`` seconds after the first failure, each wait ``factor`` times the one before, at most
    ``most`` seconds; after ``attempts`` failed attempts the event is a dead letter. ``jitter`` is
    the share of a wait that is left to chance, so that a thousand corps that failed together do
    not come back together. The defaults give up after about half an hour.
    """

    first: float = 1.0
    factor: float = 2.0
    most: float = 300.0
    attempts: int = 15
    jitter: float = 0.1
    chance: Callable[[], float] = random.random

    def wait(self, failures: int) -> float | None:
        """Return the seconds to wait after the ``failures``-th failure, or None to give up."""
        if failures >= self.attempts:
            return None
        # Bounded exponent: 2.0 ** 2000 is an OverflowError.
        seconds = min(self.most, self.first * self.factor ** min(failures - 1, 64))
        return seconds * (1.0 - self.jitter * self.chance())
