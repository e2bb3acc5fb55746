"""Which keys have expired, found a few at a time and without looking at the others.

Keys are kept in buckets of ten seconds by the time they expire at, the buckets in a heap. Memory is
one set entry per key; a key that is renewed moves, one that is removed leaves.
"""

from __future__ import annotations

import heapq

WIDTH = 10_000  # milliseconds


class Expiry:
    """An index of keys by expiry time (milliseconds)."""

    def __init__(self) -> None:
        self._buckets: dict[int, set[str]] = {}
        self._heap: list[int] = []

    def add(self, key: str, at: int) -> None:
        number = at // WIDTH
        bucket = self._buckets.get(number)
        if bucket is None:
            bucket = self._buckets[number] = set()
            heapq.heappush(self._heap, number)
        bucket.add(key)

    def discard(self, key: str, at: int) -> None:
        """Forget ``key``, which was added for ``at``. An empty bucket waits for its time."""
        self._buckets[at // WIDTH].discard(key)

    def due(self, now: int, most: int) -> list[str]:
        """Remove and return at most ``most`` keys whose bucket has passed."""
        keys: list[str] = []
        for _ in range(most):
            if not self._heap or (self._heap[0] + 1) * WIDTH > now:
                break
            bucket = self._buckets[self._heap[0]]
            if bucket:
                keys.append(bucket.pop())
            if not bucket:
                del self._buckets[heapq.heappop(self._heap)]
        return keys
