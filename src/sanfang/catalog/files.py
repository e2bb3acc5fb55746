"""The data files: an index that is read whole, and a file per area of which only the lines asked
for are decoded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path  # not importlib.resources, whose import takes 10 ms

import msgspec

from .records import Access, Details, Endpoint, Entry

DATA = Path(__file__).parent / "data"


class Area(msgspec.Struct, frozen=True, array_like=True):
    """A family of APIs: its name, its Chinese title, and its named sets of error codes."""

    name: str
    title: str = ""
    error_sets: dict[str, list[str | int]] = {}


class Index(msgspec.Struct, frozen=True):
    """The index as its file has it."""

    areas: list[Area]
    access: list[Access]
    endpoints: list[Entry]


_details = msgspec.json.Decoder(Details)


def read_index() -> Index:
    """Read the index."""
    return msgspec.json.decode((DATA / "index.json").read_bytes(), type=Index)


class Endpoints(Mapping[str, Endpoint]):
    """Endpoints by id. The first one asked of an area reads the area's file."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._entries = {entry.id: entry for entry in index.endpoints}
        self._lines: dict[int, list[bytes]] = {}
        self._made: dict[str, Endpoint] = {}

    def __getitem__(self, id_: str) -> Endpoint:
        made = self._made.get(id_)
        if made is None:
            made = self._make(self._entries[id_])
            made = self._made.setdefault(id_, made)  # one object, however many threads ask
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._entries

    def _make(self, entry: Entry) -> Endpoint:
        area = self._index.areas[entry.area].name
        lines = self._lines.get(entry.area)
        if lines is None:
            lines = (DATA / "areas" / f"{area}.jsonl").read_bytes().split(b"\n")
            self._lines[entry.area] = lines
        details = _details.decode(lines[entry.line])
        access = self._index.access[entry.access]
        return Endpoint(
            *(entry.id, entry.host, entry.method, entry.path, area),
            *(access.scheme, access.token_in, access.token_name, access.tokens, access.signed),
            *(entry.documented, entry.deprecated, entry.inferred, entry.top_api),
            **msgspec.structs.asdict(details),
        )
