"""Which API a wrong path may have meant (F34), at a price that a scanner cannot run up.

``/getuserinfo`` is the end of ``/user/getuserinfo``: a table of last parts finds it. Misspelt paths
are compared with those of the services whose names are most alike, a few hundred of the 4,400, and
only the best of them letter by letter. A question costs some 0.3 ms; when more than a hundred a second
are asked, the rest get no suggestion. Nothing is prepared before it is needed, and then only the part
that is: the first question must not hold up those who call the right paths.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from heapq import nlargest

from sanfang.catalog import Catalog, Entry

LONGEST = 120  # characters of a wrong path that are compared with right ones
A_SECOND = 100  # questions answered
_SERVICES = 3  # services whose paths are looked at
_COMPARED = 8  # paths compared letter by letter
_SAME = 0.8  # how alike a suggestion must be
_GENERATIONS = frozenset(("", "topapi", "v1.0", "v2.0", "v2"))

Letters = frozenset[str]


class Suggestions:
    """Two small tables are made at the first wrong path, the rest service by service."""

    def __init__(self, catalog: Catalog, clock: Callable[[], float] = time.monotonic) -> None:
        self._catalog = catalog
        self._clock = clock
        self._second = -1
        self._spent = 0
        self._last: dict[str, list[Entry]] = {}  # by the last part of the path
        self._services: dict[str, list[str]] = {}
        self._names: list[tuple[Letters, str]] = []  # of services
        self._compared: dict[str, list[tuple[Letters, str]]] = {}  # services asked about before
        self._remembered = lru_cache(maxsize=512)(self._search)

    def nearest(self, path: str) -> tuple[str, ...]:
        """Return up to three paths, likeliest first; none when nothing is near or time is short."""
        second = int(self._clock())
        if second != self._second:
            self._second, self._spent = second, 0
        self._spent += 1
        return self._remembered(path[:LONGEST]) if self._spent <= A_SECOND else ()

    def _search(self, path: str) -> tuple[str, ...]:
        if not self._services:
            self._prepare()
        slashed = "/" + path.strip("/")
        ends = self._last.get(slashed.rpartition("/")[2], ())
        meant = (entry for entry in ends if entry.path.endswith(slashed))
        found = [entry.path for entry in sorted(meant, key=self._rarity)]
        if len(found) < 3:
            found += self._alike(slashed)
        return tuple(dict.fromkeys(found))[:3]

    def _alike(self, path: str) -> list[str]:
        from difflib import SequenceMatcher  # 5 ms to import, for mistakes only

        lower = path.lower()
        letters = _letters(lower)
        name = _letters(_service(lower))
        services = nlargest(
            _SERVICES,
            ((_share(name, one), word) for one, word in self._names),
        )
        paths = (each for rate, word in services if rate > 0 for each in self._paths(word))
        likely = nlargest(_COMPARED, ((_share(letters, one), right) for one, right in paths))
        rated = []
        for _, right in likely:
            matcher = SequenceMatcher(None, right.lower(), _filled(lower, right), autojunk=False)
            if matcher.quick_ratio() >= _SAME:
                rated.append((matcher.ratio(), right))
        return [right for rate, right in nlargest(3, rated) if rate >= _SAME]

    def _paths(self, service: str) -> list[tuple[Letters, str]]:
        paths = self._compared.get(service)
        if paths is None:
            paths = [(_letters(path.lower()), path) for path in self._services[service]]
            self._compared[service] = paths
        return paths

    def _prepare(self) -> None:
        seen: set[str] = set()
        for entry in self._catalog.entries:
            path = entry.path
            if entry.host == "top" or path in seen:
                continue
            seen.add(path)
            self._last.setdefault(path.rpartition("/")[2], []).append(entry)
            self._services.setdefault(_service(path.lower()), []).append(path)
        self._names = [(_letters(word), word) for word in self._services]

    def _rarity(self, entry: Entry) -> tuple[bool, bool, int]:
        # An API for ordinary tokens is meant more often than one of the sign-in flows.
        tokens = self._catalog.tokens(entry)
        ordinary = not {"internal", "isv_corp"}.isdisjoint(tokens)
        return (not ordinary, not entry.documented, len(entry.path))


def _service(path: str) -> str:
    """Return the first part of a path that is not the name of a generation."""
    return next((part for part in path.split("/") if part not in _GENERATIONS), "")


def _letters(text: str) -> Letters:
    padded = f"/{text}/"
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2))


def _share(ours: Letters, theirs: Letters) -> float:
    return 2 * len(ours & theirs) / (len(ours) + len(theirs))


def _filled(wrong: str, right: str) -> str:
    """Put the variable parts of a template in place of what stands there."""
    if "{" not in right:
        return wrong
    ours, theirs = wrong.split("/"), right.lower().split("/")
    if len(ours) != len(theirs):
        return wrong
    pairs = zip(ours, theirs, strict=True)
    return "/".join(b if b[:1] == "{" and a else a for a, b in pairs)
