"""What stands in somebody's calendar between two times: single events, and those that repeat.

An occurrence is the event of its series at another time; its id is the series' and its start,
``<event id>_20240101T020000Z``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from typing import Any

import msgspec

from ..store.queries import calendars as rows_of
from . import calendars, recurrences
from .calendars import Attendee, Event
from .core import Core
from .refusals import Refusal

Position = tuple[int, int]
FIRST: Position = (-1, 0)  # before every event of a calendar: start time and number
_MOST_SERIES = 500
_MOST_BUSY = 500
_FOREVER = 1 << 53
_A_YEAR = 366 * 86_400_000
_STAMP = "%Y%m%dT%H%M%SZ"
_BEIJING = timezone(timedelta(hours=8))


async def page(
    core: Core,
    corp_id: str,
    unionid: str,
    *,
    time_min: int,
    time_max: int | None,
    expanded: bool,
    show_deleted: bool = False,
    after: Position = FIRST,
    size: int = 100,
) -> tuple[list[Event], Position | None]:
    """Return a page of a calendar by start time, and where the next page begins.

    ``expanded``: every occurrence of what repeats; else a series once, if it occurs in the window,
    in the place of its first occurrence there. ``time_max`` None: series are looked at a year ahead.
    """
    end = time_max if time_max is not None else _FOREVER
    ahead = time_max if time_max is not None else max(core.clock.now(), time_min) + _A_YEAR
    who = (corp_id, unionid, int(show_deleted))
    single = await core.durable.all(rows_of.OF_PERSON, *who, time_min, end, *after, size + 1)
    found: list[tuple[Position, Any]] = [((row[4], row[0]), row) for row in single]
    for row in await core.durable.all(rows_of.SERIES_OF_PERSON, *who, ahead, _MOST_SERIES):
        event = calendars.event_of(row[:-1])
        begin = max(time_min, after[0]) if expanded else time_min
        starts = _starts(event, begin, ahead)
        places = [(start, event.number) for start in islice(starts, size + 2 if expanded else 1)]
        found += [(place, row[:-1]) for place in places if place > after]
    found.sort(key=lambda each: each[0])
    events = []
    for (start, _), row in found[:size]:
        event = await calendars.with_people(core.durable, row)
        events.append(_at(event, start) if expanded and _repeats(event) else event)
    return events, found[size - 1][0] if len(found) > size else None


async def get(core: Core, corp_id: str, event_id: str, by: str) -> Event:
    """Return an event, or one occurrence of it, for somebody who takes part."""
    series_id, joint, stamp = event_id.partition("_")
    event = await calendars.get(core, corp_id, series_id, by)
    if not joint:
        return event
    try:
        start = int(datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        start = -1
    if start not in _starts(event, start, start):
        raise calendars.unknown(event_id)
    return _at(event, start)


async def instances(
    core: Core,
    corp_id: str,
    event_id: str,
    by: str,
    *,
    time_min: int = 0,
    time_max: int | None = None,
    after: int = -1,
    size: int = 100,
) -> tuple[list[Event], int | None]:
    """Return the occurrences of a series from a window, and the start after which others follow."""
    event = await calendars.get(core, corp_id, event_id, by)
    if not _repeats(event):
        raise Refusal(
            40035,
            f"日程 {event_id[:64]} 不是循环日程。",
            f"Event {event_id[:64]} does not repeat.",
            facts={"field": "seriesMasterId"},
        )
    ahead = time_max if time_max is not None else max(core.clock.now(), time_min) + _A_YEAR
    starts = list(islice(_starts(event, max(time_min, after + 1), ahead), size + 1))
    shown = [_at(event, start) for start in starts[:size]]
    return shown, starts[size - 1] if len(starts) > size else None


async def busy(core: Core, corp_id: str, unionid: str, start: int, end: int) -> list[Event]:
    """Return what occupies a person between two times; what was declined does not."""
    found = [
        msgspec.structs.replace(
            calendars.event_of(row[:-1]), people=[Attendee(unionid, response=row[-1])]
        )
        for row in await core.durable.all(rows_of.BUSY, corp_id, unionid, start, end)
    ]
    who = (corp_id, unionid, 0, end)
    for row in await core.durable.all(rows_of.SERIES_OF_PERSON, *who, _MOST_SERIES):
        event, response = calendars.event_of(row[:-1]), row[-1]
        if response == "declined":
            continue
        event = msgspec.structs.replace(event, people=[Attendee(unionid, response=response)])
        length = event.ends_at - event.starts_at
        starts = islice(_starts(event, start - length + 1, end - 1), _MOST_BUSY)
        found += [_at(event, at) for at in starts]
    found.sort(key=lambda event: (event.starts_at, event.number))
    return found[:_MOST_BUSY]


def _repeats(event: Event) -> bool:
    return bool(event.details.get("recurrence"))


def _starts(event: Event, begin: int, end: int) -> Iterator[int]:
    try:
        rule = recurrences.rule_of(event.details, event.starts_at)
    except Refusal:  # kept by a version that did not check it
        rule = None
    if rule is not None:
        return recurrences.occurrences(rule, begin, end)
    return iter([event.starts_at] if begin <= event.starts_at <= end else [])


def _at(event: Event, start: int) -> Event:
    """Return the occurrence of a series at a start."""
    details = dict(event.details)
    for name, was in (("start", event.starts_at), ("end", event.ends_at)):
        details[name] = _moved(details.get(name), start + was - event.starts_at)
    at = datetime.fromtimestamp(start / 1000, UTC)
    details["seriesMasterId"] = event.event_id
    details["originStart"] = {"dateTime": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
    return msgspec.structs.replace(
        event,
        event_id=f"{event.event_id}_{at.strftime(_STAMP)}",
        starts_at=start,
        ends_at=start + event.ends_at - event.starts_at,
        details=details,
    )


def _moved(given: Any, moment: int) -> dict[str, Any]:
    """Write a start or end as it was sent, at another time."""
    old = given if isinstance(given, dict) else {}
    zone = recurrences.zone_of(old)
    at = datetime.fromtimestamp(moment / 1000, UTC)
    if old.get("date") and not old.get("dateTime"):
        return {**old, "date": at.astimezone(_BEIJING).strftime("%Y-%m-%d")}
    return {
        "timeZone": "Asia/Shanghai",
        **old,
        "dateTime": at.astimezone(zone).isoformat(timespec="seconds"),
    }
