"""Tags of the documented events."""

from __future__ import annotations

from functools import cache

import msgspec

from .files import DATA


class _Row(msgspec.Struct):
    event: str
    mode: str


class _File(msgspec.Struct):
    events: list[_Row]


@cache
def http_tags() -> frozenset[str]:
    """Return the tags of all events that are documented as pushed over HTTP; reads their file once."""
    found = msgspec.json.decode((DATA / "events.json").read_bytes(), type=_File)
    return frozenset(row.event for row in found.events if row.mode == "http")
