"""The catalogue of endpoints and how to find one in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, cached_property

from .files import Area, Endpoints, Index, read_index
from .paths import Paths, values
from .records import DEPRECATED, INFERRED, SDK_ONLY, Access, Endpoint, Entry
from .slips import Slips

_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")


class Catalog:
    """All endpoints, found by address.

    ``entries`` are the rows of the index, which cost nothing more to read; ``endpoints`` gives the
    whole of one by its id, and reads the file of its area at the first question.
    """

    def __init__(self, index: Index, endpoints: Mapping[str, Endpoint]) -> None:
        self.endpoints = endpoints
        self.entries: Sequence[Entry] = index.endpoints
        self.areas: dict[str, Area] = {area.name: area for area in index.areas}
        self._access = index.access
        # All calls of the TOP gateway share a path; a name tells them apart (`find_top`).
        self._paths = Paths(entry for entry in index.endpoints if entry.host != "top")

    @classmethod
    def of(cls, *endpoints: Endpoint) -> Catalog:
        """Make a catalogue of a few endpoints, for tests."""
        access = [Access(e.scheme, e.token_in, e.token_name, e.tokens, e.signed) for e in endpoints]
        entries = [
            Entry(
                *(e.id, e.host, e.method, e.path, 0, 0, number),
                SDK_ONLY * (not e.documented) | DEPRECATED * e.deprecated | INFERRED * e.inferred,
                e.top_api,
            )
            for number, e in enumerate(endpoints)
        ]
        return cls(Index([Area("")], access, entries), {e.id: e for e in endpoints})

    def find(self, host: str | None, method: str, path: str) -> Endpoint | None:
        """Find the endpoint that a request is for; ``path`` without its query.

        ``host`` None looks on all hosts: no two of them have the same address. An address written
        out wins over one with ``{...}`` parts. A ``{...}`` part matches exactly one part that is
        not empty.
        """
        entry = self._paths.find(host, method, path)
        return None if entry is None else self.endpoints[entry.id]

    def match(
        self, host: str | None, method: str, path: str
    ) -> tuple[Entry, dict[str, str]] | None:
        """Find as `find` does, without reading details, and with the values of ``{...}`` parts."""
        entry = self._paths.find(host, method, path)
        return None if entry is None else (entry, values(entry.path, path))

    def find_top(self, name: str) -> Endpoint | None:
        """Find an endpoint by its name in the TOP generation: dingtalk.oapi.user.get.

        ``dingtalk.corp.*`` and ``dingtalk.smartwork.*`` live on the TOP gateway itself, most of
        ``dingtalk.oapi.*`` on oapi under a path of their own.
        """
        id_ = self._top.get(name)
        return None if id_ is None else self.endpoints[id_]

    def methods(self, host: str | None, path: str) -> list[str]:
        """List the methods that an address has: tells 43001 and 43002 from 404."""
        return [m for m in _METHODS if self._paths.find(host, m, path) is not None]

    def guess(self, path: str, method: str | None = None) -> Endpoint | None:
        """Find an endpoint by its path alone, with or without the leading slash.

        Where a path has several methods: the documented one that comes first. Never guesses
        another path; see `suggest` for that.
        """
        slashed = "/" + path.lstrip("/")
        methods = _METHODS if method is None else (method,)
        found = self._paths.exact.get(slashed)
        if found is None:
            matches = (self.find(None, m, slashed) for m in methods)
            return next((e for e in matches if e is not None), None)
        fitting = [e for e in found if e.method in methods]
        first = min(fitting, key=lambda e: not e.documented, default=None)
        return None if first is None else self.endpoints[first.id]

    def suggest(self, path: str, limit: int = 3) -> list[Entry]:
        """List endpoints that a mistaken path may have meant, likeliest first (FAQ F34).

        ``/getuserinfo`` gives ``/user/getuserinfo`` first.
        """
        slashed = "/" + path.strip("/")
        paths = self._paths.exact
        tails = sorted((p for p in paths if p.endswith(slashed)), key=self._rarity)
        close = [] if len(tails) >= limit else self._slips.near(slashed, limit)
        return [paths[p][0] for p in dict.fromkeys([*tails, *close])][:limit]

    def clashes(self) -> list[tuple[Entry, Entry]]:
        """List pairs on different hosts that one origin could not tell apart by path and method."""
        found: dict[frozenset[str], tuple[Entry, Entry]] = {}
        for entry in self.entries:
            if entry.host == "top":
                continue
            filled = entry.path.replace("{", "").replace("}", "")
            for host in {"oapi", "api", "login"} - {entry.host}:
                other = self._paths.find(host, entry.method, filled)
                if other is not None:
                    found.setdefault(frozenset((entry.id, other.id)), (entry, other))
        return list(found.values())

    def tokens(self, entry: Entry) -> list[str]:
        """Return whose tokens an endpoint takes, without reading its details."""
        return self._access[entry.access].tokens

    def errors(self, endpoint: Endpoint) -> list[str | int]:
        """List the codes an endpoint may answer: its own, and those of the set it names."""
        area = self.areas.get(endpoint.area)
        shared = area.error_sets.get(endpoint.error_set, []) if area else []
        return list(dict.fromkeys([*endpoint.errors, *shared]))

    @cached_property
    def _slips(self) -> Slips:
        return Slips(self._paths.exact)

    @cached_property
    def _top(self) -> dict[str, str]:
        return {entry.top_api: entry.id for entry in self.entries if entry.top_api}

    def _rarity(self, path: str) -> tuple[bool, bool, int]:
        # An API for ordinary tokens is meant more often than one of the sign-in flows.
        entry = self._paths.exact[path][0]
        ordinary = {"internal", "isv_corp"}.intersection(self.tokens(entry))
        return (not ordinary, not entry.documented, len(path))


@cache
def load() -> Catalog:
    """Read the index; the first call costs some milliseconds, later ones nothing."""
    index = read_index()
    return Catalog(index, Endpoints(index))
