"""Events that repeat: when they are, and how calendars show them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from itertools import islice
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanfang.platform.domain.recurrences import occurrences, rule_of

from ..openapi.world import World, story
from .people import hire
from .test_calendars import END, START, events_of, make

BEIJING = timezone(timedelta(hours=8))
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FAR = 1 << 52


def millis(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def dates(recurrence: dict[str, Any], start: str, count: int = 8, begin: int = 0) -> list[str]:
    at = millis(start)
    rule = rule_of({"start": {"dateTime": start}, "recurrence": recurrence}, at)
    assert rule is not None
    found = islice(occurrences(rule, begin, FAR), count)
    return [f"{datetime.fromtimestamp(each / 1000, BEIJING):%Y-%m-%d}" for each in found]


@pytest.mark.parametrize(
    ("pattern", "range_", "expected"),
    [
        ({"type": "daily", "interval": 2}, {"type": "numbered", "numberOfOccurrences": 3},
         ["2023-11-20", "2023-11-22", "2023-11-24"]),
        ({"type": "weekly", "daysOfWeek": "monday,thursday", "interval": 2},
         {"type": "endDate", "endDate": "2023-12-18T10:00:00+08:00"},
         ["2023-11-20", "2023-11-23", "2023-12-04", "2023-12-07", "2023-12-18"]),
        ({"type": "absoluteMonthly", "dayOfMonth": 31}, {"type": "numbered",
         "numberOfOccurrences": 3}, ["2023-12-31", "2024-01-31", "2024-03-31"]),
        ({"type": "relativeMonthly", "index": "last", "daysOfWeek": "friday"},
         {"type": "numbered", "numberOfOccurrences": 3},
         ["2023-11-24", "2023-12-29", "2024-01-26"]),
        ({"type": "absoluteYearly"}, {"type": "endDate", "endDate": "2025-11-20"},
         ["2023-11-20", "2024-11-20", "2025-11-20"]),
    ],
)  # fmt: skip
def test_documented_patterns(
    pattern: dict[str, Any], range_: dict[str, Any], expected: list[str]
) -> None:
    made = dates({"pattern": pattern, "range": range_}, "2023-11-20T10:00:00+08:00")
    assert made == expected


def test_the_first_day_of_the_week_decides_which_weeks_are_skipped() -> None:
    pattern = {"type": "weekly", "daysOfWeek": "sunday,monday", "interval": 2}
    start = "2023-11-20T10:00:00+08:00"  # a Monday
    by_sunday = dates({"pattern": pattern}, start, 3)
    by_monday = dates({"pattern": {**pattern, "firstDayOfWeek": "monday"}}, start, 3)
    assert by_sunday == ["2023-11-20", "2023-12-03", "2023-12-04"]
    assert by_monday == ["2023-11-20", "2023-11-26", "2023-12-04"]


def test_an_occurrence_keeps_its_local_time_when_clocks_change() -> None:
    details = {
        "start": {"dateTime": "2024-03-30T09:00:00", "timeZone": "Europe/Berlin"},
        "recurrence": {"pattern": {"type": "daily"}},
    }
    at = datetime(2024, 3, 30, 9, tzinfo=ZoneInfo("Europe/Berlin"))
    rule = rule_of(details, int(at.timestamp() * 1000))
    assert rule is not None
    first, second = islice(occurrences(rule, 0, FAR), 2)
    assert second - first == 23 * 3_600_000


_rules = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly"]
        )
    },
    optional={
        "interval": st.integers(1, 6),
        "dayOfMonth": st.integers(1, 31),
        "index": st.sampled_from(["first", "second", "third", "fourth", "last"]),
        "daysOfWeek": st.lists(st.sampled_from(DAYS), min_size=1).map(",".join),
        "firstDayOfWeek": st.sampled_from(DAYS),
    },
)


@given(_rules, st.dates(date(2000, 1, 1), date(2030, 1, 1)), st.integers(0, 4000))
@settings(max_examples=300)
def test_a_window_shows_what_walking_day_by_day_finds(
    pattern: dict[str, Any], first: date, ahead: int
) -> None:
    start = f"{first}T08:30:00+08:00"
    at = millis(start)
    rule = rule_of({"start": {"dateTime": start}, "recurrence": {"pattern": pattern}}, at)
    assert rule is not None
    begin = at + ahead * 86_400_000
    found = list(occurrences(rule, begin, begin + 400 * 86_400_000))
    days = (first + timedelta(days=ahead + n) for n in range(401))
    expected = [each for each in days if _falls(pattern, first, each)]
    shown = [datetime.fromtimestamp(each / 1000, BEIJING).date() for each in found]
    assert shown == expected


def _falls(pattern: dict[str, Any], first: date, day: date) -> Any:
    """The same rules, asked of one day."""
    every = pattern.get("interval", 1)
    named = pattern.get("daysOfWeek", DAYS[first.weekday()]).split(",")
    months = (day.year - first.year) * 12 + day.month - first.month
    kind = pattern["type"]
    if kind == "daily":
        return (day - first).days % every == 0
    if kind == "weekly":
        begins = DAYS.index(pattern.get("firstDayOfWeek", "sunday"))
        weeks = [each - timedelta(days=(each.weekday() - begins) % 7) for each in (first, day)]
        return (weeks[1] - weeks[0]).days // 7 % every == 0 and DAYS[day.weekday()] in named
    if kind == "absoluteYearly":
        same = (day.month, day.day) == (first.month, pattern.get("dayOfMonth", first.day))
        return same and (day.year - first.year) % every == 0
    if months % every:
        return False
    if kind == "absoluteMonthly":
        return day.day == pattern.get("dayOfMonth", first.day)
    month = [date(day.year, day.month, 1) + timedelta(days=n) for n in range(31)]
    fitting = [e for e in month if e.month == day.month and DAYS[e.weekday()] in named]
    place = ["first", "second", "third", "fourth", "last"].index(pattern.get("index", "first"))
    return day == fitting[-1 if place == 4 else place]


WEEKLY = {"pattern": {"type": "weekly", "interval": 1}, "range": {"type": "noEnd"}}


def view_of(unionid: str, **query: object) -> str:
    base = f"/v1.0/calendar/users/{unionid}/calendars/primary"
    return f"{base}/eventsview?{urlencode(query)}"


def test_the_view_shows_every_occurrence_the_list_the_series_once() -> None:
    async def body(world: World) -> None:
        zhang, li = await hire(world, "zhang", "li")
        single = await make(world, zhang, summary="一次")
        made = await make(world, zhang, recurrence=WEEKLY, attendees=[{"id": li}])
        window = {"timeMin": "2023-12-01T00:00:00+08:00", "timeMax": "2023-12-20T00:00:00+08:00"}
        shown = (await world.v1("GET", view_of(li, **window), token=world.own)).json["events"]
        assert [each["start"]["dateTime"] for each in shown] == [
            "2023-12-04T10:00:00+08:00",
            "2023-12-11T10:00:00+08:00",
            "2023-12-18T10:00:00+08:00",
        ]
        assert {each["seriesMasterId"] for each in shown} == {made["id"]}
        assert shown[0]["end"]["dateTime"] == "2023-12-04T11:00:00+08:00"
        assert shown[0]["originStart"] == {"dateTime": "2023-12-04T02:00:00Z"}
        listed = f"{events_of(zhang)}?{urlencode(window)}"
        (series,) = (await world.v1("GET", listed, token=world.own)).json["events"]
        assert (series["id"], series["start"], series["recurrence"]) == (made["id"], START, WEEKLY)
        whole = (await world.v1("GET", events_of(zhang), token=world.own)).json["events"]
        assert {each["id"] for each in whole} == {single["id"], made["id"]}
        of_series = f"{events_of(zhang)}?seriesMasterId={made['id']}&{urlencode(window)}"
        again = (await world.v1("GET", of_series, token=world.own)).json["events"]
        assert [each["id"] for each in again] == [each["id"] for each in shown]
        one = f"{events_of(li)}/{shown[1]['id']}"
        assert (await world.v1("GET", one, token=world.own)).json == shown[1]

    story(body)


def test_pages_of_a_view_have_no_gap_and_no_repetition() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        daily = {"pattern": {"type": "daily"}, "range": {"type": "noEnd"}}
        for summary in ("甲", "乙"):
            await make(world, zhang, summary=summary, recurrence=daily)
        await make(world, zhang, summary="丙")
        window = {"timeMin": START["dateTime"], "timeMax": "2023-11-25T00:00:00+08:00"}
        seen: list[tuple[str, str]] = []
        token: dict[str, object] = {}
        while True:
            target = view_of(zhang, maxResults=3, **window, **token)
            page = (await world.v1("GET", target, token=world.own)).json
            seen += [(each["start"]["dateTime"], each["summary"]) for each in page["events"]]
            if "nextToken" not in page:
                break
            token = {"nextToken": page["nextToken"]}
        assert len(seen) == len(set(seen)) == 11
        assert [at for at, _ in seen] == sorted(at for at, _ in seen)
        made = (await world.v1("GET", events_of(zhang), token=world.own)).json["events"]
        base = f"{events_of(zhang)}/{made[0]['id']}/instances?maxResults=2"
        first = (await world.v1("GET", base, token=world.own)).json
        more = f"{base}&nextToken={first['nextToken']}"
        second = (await world.v1("GET", more, token=world.own)).json
        starts = [each["start"]["dateTime"][8:10] for each in first["events"] + second["events"]]
        assert starts == ["20", "21", "22", "23"]

    story(body)


def test_an_occurrence_occupies_its_people_and_cannot_be_changed_by_itself() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        made = await make(world, zhang, recurrence=WEEKLY)
        base = f"/v1.0/calendar/users/{zhang}"
        ask = {"userIds": [zhang], "startTime": "2023-12-04T10:30:00+08:00"}
        ask |= {"endTime": "2023-12-04T18:00:00+08:00"}
        told = await world.v1("POST", f"{base}/querySchedule", ask, world.own)
        (item,) = told.json["scheduleInformation"][0]["scheduleItems"]
        assert item["start"]["dateTime"] == "2023-12-04T10:00:00+08:00"
        one = f"{events_of(zhang)}/{made['id']}_20231204T020000Z"
        for method, path, fields in (
            ("DELETE", one, None),
            ("PUT", one, {"id": "x", "summary": "改"}),
            ("GET", f"{events_of(zhang)}/{made['id']}_20231205T020000Z", None),
            ("GET", f"{events_of(zhang)}/{made['id']}_nonsense", None),
        ):
            reply = await world.v1(method, path, fields, world.own)
            assert (reply.status, reply.json["code"]) == (404, "itemNotFound")
            assert "seriesMasterId" in reply.explained
        assert (
            await world.v1("DELETE", f"{events_of(zhang)}/{made['id']}", None, world.own)
        ).json == {}
        gone = view_of(zhang, timeMin="2023-12-01T00:00:00Z", timeMax="2023-12-30T00:00:00Z")
        assert (await world.v1("GET", gone, token=world.own)).json["events"] == []

    story(body)


def test_whole_days_repeat_as_days() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        days = {"start": {"date": "2023-11-20"}, "end": {"date": "2023-11-21"}, "isAllDay": True}
        await make(world, zhang, **days, recurrence={"pattern": {"type": "absoluteMonthly"}})
        window = {"timeMin": "2024-02-01T00:00:00Z", "timeMax": "2024-02-28T00:00:00Z"}
        (shown,) = (await world.v1("GET", view_of(zhang, **window), token=world.own)).json["events"]
        assert (shown["start"], shown["end"]) == ({"date": "2024-02-20"}, {"date": "2024-02-21"})

    story(body)


@pytest.mark.parametrize(
    ("recurrence", "named"),
    [
        ({"pattern": {"type": "hourly"}}, "recurrence.pattern.type"),
        ({"pattern": {}}, "recurrence.pattern.type"),
        ({"pattern": {"type": "daily", "interval": 0}}, "recurrence.pattern.interval"),
        ({"pattern": {"type": "weekly", "daysOfWeek": "someday"}}, "recurrence.pattern.daysOfWeek"),
        ({"pattern": {"type": "absoluteMonthly", "dayOfMonth": 32}}, "dayOfMonth"),
        ({"pattern": {"type": "daily"}, "range": {"type": "numbered"}}, "numberOfOccurrences"),
        ({"pattern": {"type": "daily"}, "range": {"type": "endDate"}}, "endDate"),
        (
            {
                "pattern": {"type": "daily"},
                "range": {"type": "numbered", "numberOfOccurrences": 10**9},
            },
            "numberOfOccurrences",
        ),
    ],
)
def test_a_recurrence_that_cannot_be_is_refused(recurrence: dict[str, Any], named: str) -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        fields = {"summary": "会", "start": START, "end": END, "recurrence": recurrence}
        reply = await world.v1("POST", events_of(zhang), fields, world.own)
        assert reply.status == 400
        assert named in reply.explained

    story(body)
