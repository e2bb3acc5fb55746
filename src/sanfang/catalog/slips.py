"""Which path a mistaken one may have meant, among thousands, in a millisecond or two.

Comparing texts properly costs 50 µs a pair, so only a few pairs get that: every path is reduced
once to a set of its three-letter pieces (as bits of one integer), and the paths that share most
pieces with the mistaken one are compared. An identifier in the mistaken path does not count against
a template that has a variable part in its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nlargest

_BITS = 1021  # a prime well above the 40 pieces of a path
_COMPARED = 24
_CUTOFF = 0.8


class Slips:
    """Reduced paths, ready to be compared."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._pieces: dict[str, int] = {}  # most parts occur in many paths
        self._masks = [
            (mask, mask.bit_count(), path) for path in paths if (mask := self._mask(path))
        ]

    def near(self, path: str, limit: int) -> list[str]:
        """Return the paths nearest to a mistaken one, nearest first; none if none is near."""
        mask = 0
        for part in path.lower().split("/"):
            mask |= _reduce(part)
        size = mask.bit_count()
        # A template is short of pieces, so what it shares weighs more than what it lacks.
        likely = nlargest(
            _COMPARED,
            (
                ((mask & other).bit_count() / (0.7 * count + 0.3 * size), right)
                for other, count, right in self._masks
            ),
        )
        rated = ((_likeness(path, right), right) for _, right in likely)
        return [right for rate, right in nlargest(limit, rated) if rate >= _CUTOFF]

    def _mask(self, path: str) -> int:
        mask = 0
        for part in path.lower().split("/"):
            known = self._pieces.get(part)
            if known is None:
                known = self._pieces[part] = 0 if "{" in part else _reduce(part)
            mask |= known
        return mask


def _reduce(part: str) -> int:
    codes = [ord(letter) for letter in f"/{part}/"]  # not encode: a path may have lone surrogates
    mask = 0
    for a, b, c in zip(codes, codes[1:], codes[2:], strict=False):
        mask |= 1 << (a * 961 + b * 31 + c) % _BITS
    return mask


def _likeness(wrong: str, right: str) -> float:
    from difflib import SequenceMatcher  # 5 ms to import, for mistakes only

    if "{" in right:
        ours, theirs = wrong.split("/"), right.split("/")
        if len(ours) == len(theirs):
            pairs = zip(ours, theirs, strict=True)
            wrong = "/".join(b if b[:1] == "{" and a else a for a, b in pairs)
    return SequenceMatcher(None, right.lower(), wrong.lower(), autojunk=False).ratio()
