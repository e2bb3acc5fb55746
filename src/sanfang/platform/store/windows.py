"""Rate windows: for each key, how many calls in each of the last 61 seconds.

Sixty one-second counters are not enough: the second that drops out may have taken its calls at its
end, so a burst at 0.95 s is forgotten at 60.0 s, 59.05 s later, and twice the limit fits into 60 s.
With 61 (sixty full seconds and the running one) nothing younger than 60 s is forgotten and nothing
older than 61 s remembered: never above the limit, and at most 1/60 stricter than it.

A window of another span has sixty slots of its own length; where seconds are spoken of here, slots
are meant. Refused calls are counted nowhere. Keys live in two generations of 61 seconds: one that is used moves
to the young one; what is left in the old one when they change has no calls left to remember and is
thrown away, a few keys per decision.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from .ports import Window

SECONDS = 61
MINUTE = 60_000
BURY = 8  # keys thrown away per decision, more than one can add


def slot_of(span: int) -> int:
    """Return how many milliseconds one of the 61 slots of a window takes; 0 for a kept one."""
    return -(-span // 60)


class Recent:
    """Calls of one key: ``counts[i]`` in second ``seconds[i]``, seconds without calls left out."""

    __slots__ = ("counts", "second", "seconds", "total")

    def __init__(self, second: int) -> None:
        self.second = second
        self.seconds = [second]
        self.counts = [0]
        self.total = 0

    def advance(self, second: int) -> None:
        """Forget what has left the window. For a clock that runs backwards time stands still."""
        if second <= self.second:
            return
        horizon = second - SECONDS
        if self.second <= horizon:
            self.seconds, self.counts, self.total = [], [], 0
        elif self.seconds[0] <= horizon:
            gone = bisect_right(self.seconds, horizon)
            self.total -= sum(self.counts[:gone])
            del self.seconds[:gone], self.counts[:gone]
        self.second = second
        self.seconds.append(second)
        self.counts.append(0)


class Windows:
    """All windows of a process."""

    def __init__(self) -> None:
        self._young: dict[str, Recent] = {}
        self._old: dict[str, Recent] = {}
        self._dead: list[dict[str, Recent]] = []
        self._kept: dict[str, Recent] = {}  # of windows that forget nothing
        self._born = 0  # second in which the young generation began

    def __len__(self) -> int:
        return len(self._young) + len(self._old) + sum(map(len, self._dead))

    def admit(self, windows: Sequence[Window], now: int) -> int:
        """Count a call at ``now`` (ms) in every window, or return the first full one's index."""
        second = now // 1000
        if second - self._born >= SECONDS:
            self._age(second)
        if self._dead:
            self._bury()
        young = self._young
        found: list[Recent] = []
        for index, (key, limit, span) in enumerate(windows):
            if span == MINUTE:
                slot = second
                recent = young.get(key) or self._adopt(key, slot)
            elif span:
                slot = now // slot_of(span)
                recent = young.get(key) or self._adopt(key, slot)
            else:
                slot = 0
                recent = self._kept.setdefault(key, Recent(0))
            if recent.second != slot:
                recent.advance(slot)
            if recent.total >= limit:
                return index
            found.append(recent)
        for recent in found:
            recent.counts[-1] += 1
            recent.total += 1
        return -1

    def _adopt(self, key: str, second: int) -> Recent:
        recent = self._old.pop(key, None)
        if recent is None:
            recent = Recent(second)
        self._young[key] = recent
        return recent

    def _age(self, second: int) -> None:
        if second - self._born >= 2 * SECONDS:
            self._dead.append(self._young)
            self._young = {}
        self._dead.append(self._old)
        self._young, self._old = {}, self._young
        self._born = second

    def _bury(self) -> None:
        dead = self._dead[-1]
        for _ in range(min(BURY, len(dead))):
            dead.popitem()
        if not dead:
            self._dead.pop()
