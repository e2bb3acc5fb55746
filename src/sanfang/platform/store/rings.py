"""Rate windows: for each key, how many calls in each of the last 61 seconds.

A ring of 60 one-second counters is not enough: the second that drops out took its calls at its end,
so a burst at 0.95 s is forgotten at 60.0 s, 59.05 s later, and twice the limit fits into 60 s. With
61 counters (60 full seconds and the running one) nothing younger than 60 s is forgotten and nothing
older than 61 s is remembered: never above the limit, and at most 1/60 stricter than it.

Refused calls are counted nowhere. A key that was not counted for 61 seconds goes: rings live in two
generations, a ring that is used moves to the young one, and what is left in the old one when the
generations change is thrown away, a few at a time.
"""

from __future__ import annotations

from collections.abc import Sequence

from .ports import Window

SECONDS = 61
BURY = 8  # rings thrown away per decision


class Ring:
    """Calls of one key; ``total`` is the sum of ``counts``, ``second`` the last one counted in."""

    __slots__ = ("counts", "second", "total")

    def __init__(self, second: int) -> None:
        self.counts = [0] * SECONDS
        self.second = second
        self.total = 0

    def advance(self, second: int) -> None:
        """Forget the seconds that have left the window. Time that runs backwards stands still."""
        passed = second - self.second
        if passed >= SECONDS:
            self.counts = [0] * SECONDS
            self.total = 0
        elif passed > 0:
            counts = self.counts
            for past in range(self.second + 1, second + 1):
                self.total -= counts[past % SECONDS]
                counts[past % SECONDS] = 0
        else:
            return
        self.second = second


class Rings:
    """All windows of a process."""

    def __init__(self) -> None:
        self._young: dict[str, Ring] = {}
        self._old: dict[str, Ring] = {}
        self._dead: list[dict[str, Ring]] = []
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
        found: list[Ring] = []
        for index, (key, limit) in enumerate(windows):
            ring = young.get(key) or self._adopt(key, second)
            if ring.second != second:
                ring.advance(second)
            if ring.total >= limit:
                return index
            found.append(ring)
        for ring in found:
            ring.counts[ring.second % SECONDS] += 1
            ring.total += 1
        return -1

    def _adopt(self, key: str, second: int) -> Ring:
        ring = self._old.pop(key, None)
        if ring is None:
            ring = Ring(second)
        self._young[key] = ring
        return ring

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
