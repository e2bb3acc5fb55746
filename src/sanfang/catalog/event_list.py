"""The events that DingTalk pushes, with their payloads, and which of them a call_back may name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal

import msgspec

from .files import DATA
from .records import Event

Mode = Literal["http", "stream", "sync", "robot_http"]


class StreamTopic(msgspec.Struct, frozen=True):
    """A topic of Stream mode: its name, the type of its frames, what it is for."""

    topic: str
    type: str
    use: str


class _File(msgspec.Struct, frozen=True):
    call_back_tags: dict[str, list[str]]
    stream_topics: list[StreamTopic]
    events: list[Event]


class Events:
    """All events; each is listed once per way of pushing and generation of documents."""

    def __init__(self, listed: list[Event], topics: list[StreamTopic]) -> None:
        self.stream_topics = topics
        self._listed = listed
        self._by_tag: dict[str, list[Event]] = {}
        for event in listed:
            self._by_tag.setdefault(event.event, []).append(event)

    def __iter__(self) -> Iterator[Event]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)

    def tags(self, mode: Mode | None = None) -> list[str]:
        """List the names of events, of one mode if given, in the order of the alphabet."""
        return sorted({e.event for e in self._listed if mode is None or e.mode == mode})

    def of(self, tag: str, mode: Mode | None = None, generation: str | None = None) -> list[Event]:
        """List the descriptions of an event, newest first: current, history, 2016."""
        found = (
            event
            for event in self._by_tag.get(tag, ())
            if (mode is None or event.mode == mode)
            and (generation is None or event.generation == generation)
        )
        return sorted(found, key=lambda event: _AGE[event.generation])

    def by_biz_type(self, number: int) -> list[Event]:
        """List the events that SyncHTTP and the RDS tables carry under a biz_type."""
        return [event for event in self._listed if number in event.biz_type]


_AGE = {"current": 0, "history": 1, "2016": 2}


@cache
def _file() -> _File:
    return msgspec.json.decode((DATA / "events.json").read_bytes(), type=_File)


@cache
def events() -> Events:
    """Read the events; the first call costs some milliseconds, later ones nothing."""
    file = _file()
    return Events(file.events, file.stream_topics)


def event_tags(generation: Literal["2016", "later"] | None = None) -> tuple[str, ...]:
    """List the tags that /call_back/register_call_back takes.

    16 in ``2016``, 25 more ``later``; all of them unless told. Another tag is 71008.
    """
    tags = _file().call_back_tags
    names = tags if generation is None else (generation,)
    return tuple(tag for name in names for tag in tags[name])
