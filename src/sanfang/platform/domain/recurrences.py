"""Events that repeat: when, worked out from the ``recurrence`` of the newer calendar API.

A pattern (daily, weekly, absoluteMonthly, relativeMonthly, absoluteYearly) divides time into periods
that can be counted, so a window far from the beginning is reached without walking there; only a
series that ends after a number of times is walked from its start. Every occurrence keeps the local
time of the first one. A date that a month does not have is left out.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from itertools import count, islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from .refusals import Refusal

MOST_TIMES = 1000
MOST_INTERVAL = 1000
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_INDEX = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
_TYPES = ("daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly")
_BEIJING = timezone(timedelta(hours=8))
_LAST_YEAR = 9998


class Rule(NamedTuple):
    """How an event repeats. ``days`` are weekdays from Monday 0; ``until`` is epoch milliseconds,
    included; ``times`` 0 is without number.
    """

    kind: str
    interval: int
    first: datetime  # start of the event, in its own zone
    days: tuple[int, ...]
    week_begins: int
    day: int  # of the month
    nth: int  # which of a month's weekdays
    until: int | None
    times: int


def rule_of(details: Mapping[str, Any], starts_at: int) -> Rule | None:
    """Read how an event repeats; None if it does not. Refuses 40035 naming the field.

    ``details`` are the event's as they were sent, ``starts_at`` is its start in epoch milliseconds.
    """
    given = details.get("recurrence")
    if not given:
        return None
    pattern, ends = given.get("pattern") or {}, given.get("range") or {}
    kind = pattern.get("type")
    if kind not in _TYPES:
        known = ", ".join(_TYPES)
        raise _unfit("pattern.type", f"应为 {known} 之一", f"is one of {known}")
    first = datetime.fromtimestamp(starts_at / 1000, UTC).astimezone(zone_of(details.get("start")))
    index = pattern.get("index") or "first"
    if index not in _INDEX:
        raise _unfit("pattern.index", "应为 first 到 fourth 或 last", "is first to fourth, or last")
    week = pattern.get("firstDayOfWeek") or "sunday"
    rule = Rule(
        kind,
        _number(pattern, "pattern.interval", 1, MOST_INTERVAL),
        first,
        _weekdays(pattern.get("daysOfWeek"), first),
        _weekdays(week, first)[0],
        _number(pattern, "pattern.dayOfMonth", first.day, 31),
        _INDEX[index],
        None,
        0,
    )
    return _ending(rule, ends)


def _ending(rule: Rule, ends: Mapping[str, Any]) -> Rule:
    kind = ends.get("type") or "noEnd"
    if kind == "numbered":
        if ends.get("numberOfOccurrences") is None:
            raise _unfit("range.numberOfOccurrences", "须填写", "is needed")
        return rule._replace(times=_number(ends, "range.numberOfOccurrences", 1, MOST_TIMES))
    if kind == "endDate":
        return rule._replace(until=_end_of(ends.get("endDate"), rule.first.tzinfo))
    if kind != "noEnd":
        raise _unfit(
            "range.type", "应为 noEnd、endDate 或 numbered", "is noEnd, endDate or numbered"
        )
    return rule


def occurrences(rule: Rule, begin: int, end: int) -> Iterator[int]:
    """Yield the starts from ``begin`` to ``end`` (epoch milliseconds, both included), in order."""
    if rule.until is not None:
        end = min(end, rule.until)
    starts = _starts(rule, 0 if rule.times else _skipped(rule, begin))
    for start in islice(starts, rule.times or None):
        if start > end:
            return
        if start >= begin:
            yield start


def _starts(rule: Rule, period: int) -> Iterator[int]:
    first = rule.first.date()
    for number in count(period):
        days = _dates(rule, number)
        if days is None:
            return
        for day in days:
            if day >= first:
                at = datetime.combine(day, rule.first.timetz())
                yield int(at.timestamp() * 1000)


def _skipped(rule: Rule, begin: int) -> int:
    """Return a period that surely begins before ``begin``."""
    first = rule.first.date()
    days = (begin - int(rule.first.timestamp() * 1000)) // 86_400_000
    length = {"daily": 1, "weekly": 7, "absoluteYearly": 366}.get(rule.kind, 31)
    if days <= 0 or first.year >= _LAST_YEAR:
        return 0
    return max(0, days // (length * rule.interval) - 1)


def _dates(rule: Rule, number: int) -> list[date] | None:
    """Return the dates of a period, in order; None beyond the end of all calendars."""
    first, step = rule.first.date(), number * rule.interval
    try:
        if rule.kind == "daily":
            return [first + timedelta(days=step)]
        if rule.kind == "weekly":
            back = (first.weekday() - rule.week_begins) % 7
            monday = first + timedelta(days=7 * step - back)
            offsets = sorted((day - rule.week_begins) % 7 for day in rule.days)
            return [monday + timedelta(days=offset) for offset in offsets]
    except OverflowError:
        return None
    if rule.kind == "absoluteYearly":
        year, month = first.year + step, first.month
    else:
        year, month = divmod(first.year * 12 + first.month - 1 + step, 12)
        month += 1
    if year > _LAST_YEAR:
        return None
    if rule.kind == "relativeMonthly":
        return _of_weekday(rule, year, month)
    longest = calendar.monthrange(year, month)[1]
    return [date(year, month, rule.day)] if rule.day <= longest else []


def _of_weekday(rule: Rule, year: int, month: int) -> list[date]:
    begins, length = calendar.monthrange(year, month)
    days = [n for n in range(1, length + 1) if (begins + n - 1) % 7 in rule.days]
    return [date(year, month, days[rule.nth])]


def zone_of(start: object) -> tzinfo:
    """Return the time zone in which a start or end was sent; Beijing when it does not say."""
    given = start if isinstance(start, dict) else {}
    name = given.get("timeZone")
    if name == "Asia/Shanghai":
        return _BEIJING
    if isinstance(name, str) and name:
        try:
            return ZoneInfo(name)
        except (OSError, ValueError, KeyError):
            return _BEIJING
    try:
        return datetime.fromisoformat(str(given.get("dateTime"))).tzinfo or _BEIJING
    except ValueError:
        return _BEIJING


def _weekdays(given: object, first: datetime) -> tuple[int, ...]:
    if not given:
        return (first.weekday(),)
    names = [each.strip().lower() for each in str(given).split(",") if each.strip()]
    if not names or any(name not in _DAYS for name in names):
        raise _unfit(
            "pattern.daysOfWeek", "应为 sunday 到 saturday，逗号分隔", "is sunday to saturday"
        )
    return tuple(sorted({_DAYS.index(name) for name in names}))


def _number(given: Mapping[str, Any], name: str, usual: int, most: int) -> int:
    value = given.get(name.rpartition(".")[2])
    if value is None:
        return usual
    if not isinstance(value, int) or not 1 <= value <= most:
        raise _unfit(name, f"应为 1 到 {most}", f"is from 1 to {most}")
    return value


def _end_of(given: object, zone: tzinfo | None) -> int:
    text = given.strip() if isinstance(given, str) else ""
    try:
        at = datetime.fromisoformat(text) if len(text) <= 40 else None
    except ValueError:
        at = None
    if at is None or not 1970 < at.year <= _LAST_YEAR:
        raise _unfit("range.endDate", "应为 ISO 8601 时间", "is an ISO 8601 time")
    if len(text) == 10:  # a whole day
        at += timedelta(days=1, microseconds=-1)
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone)
    return int(at.timestamp() * 1000)


def _unfit(name: str, zh: str, en: str) -> Refusal:
    field = f"recurrence.{name}"
    return Refusal(40035, f"{field} {zh}。", f"{field} {en}.", facts={"field": field})
