"""Which method ``call(path)`` takes where a path has several."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from sanfang.catalog import Endpoint, load
from sanfang.client import AppKey, BadCall
from sanfang.client.plans import Planner

from .conftest import Make
from .stand_in import StandIn

APP = AppKey("dingexampleapp", "example-app-secret")


def chosen(path: str, query: Any = None, body: Any = None, **params: Any) -> str:
    planner = Planner("https://oapi.example", "https://api.example")
    return planner.plan(path, None, body is not None, query, body, params).method


def several() -> list[list[Endpoint]]:
    table, paths = load(), defaultdict(list)
    for entry in table.entries:
        if entry.host != "top":
            paths[entry.host, entry.path].append(entry.id)
    return [[table.endpoints[id_] for id_ in ids] for ids in paths.values() if len(ids) > 1]


def test_a_documented_method_wins_over_one_that_only_sdks_know() -> None:
    looked_at = 0
    for entries in several():
        documented = [each for each in entries if each.documented]
        if len(documented) == 1 != len(entries):
            (only,) = documented
            looked_at += 1
            assert chosen(only.path) == only.method, only.path
            given: dict[str, Any] = {param.name: "1" for param in only.params}
            assert chosen(only.path, **given) == only.method, only.path
    assert looked_at >= 8


def test_the_method_that_is_chosen_takes_all_that_is_given() -> None:
    right = refused = 0
    for entries in several():
        for each in entries:
            if not each.documented:
                continue
            given: dict[str, Any] = {param.name: "1" for param in each.params}
            try:
                method = chosen(each.path, **given)
            except BadCall:
                refused += 1
                continue
            other = next(one for one in entries if one.method == method)
            assert given.keys() <= {param.name for param in other.params}, each.path
            right += method == each.method
    assert right > 2 * refused


PATH = "/v1.0/calendar/users/{userId}/calendars/{calendarId}/events"


@pytest.mark.parametrize(
    ("path", "given", "method"),
    [
        ("/v1.0/microApp/apps", {"opUnionId": "u", "appName": "n", "appDesc": "d"}, "POST"),
        ("v1.0/microApp/apps", {}, "POST"),
        ("/v1.0/industry/campuses/projects", {"name": "x"}, "POST"),
        (
            "/v1.0/notable/bases/b/sheets/s/records",
            {"operatorId": "o", "records": [{"fields": {"名称": "a"}}]},
            "POST",
        ),
        (
            "/v1.0/notable/bases/b/sheets/s/records",
            {"operatorId": "o", "records": [{"id": "r", "fields": {"名称": "b"}}]},
            "PUT",
        ),
        (PATH, {"userId": "u", "calendarId": "primary", "maxResults": 10}, "GET"),
        (PATH, {"userId": "u", "calendarId": "primary"}, "GET"),
        ("/v1.0/calendar/users/u/calendars/primary/events", {"maxResults": 10}, "GET"),
        ("/v1.0/calendar/users/u/calendars/primary/events", {"query": {"maxResults": 1}}, "GET"),
        ("/v1.0/calendar/users/u/calendars/primary/events", {"body": {"summary": "s"}}, "POST"),
        ("user/delete", {"userid": "zhang"}, "GET"),
    ],
)
def test_what_is_given_tells(path: str, given: dict[str, Any], method: str) -> None:
    assert chosen(path, **given) == method


@pytest.mark.parametrize("given", [{}, {"nobody": 1}])
def test_what_stays_open_is_refused_with_the_ways_out(
    make: Make, platform: StandIn, given: dict[str, Any]
) -> None:
    path = "/v1.0/calendar/users/u/calendars/primary/events/e"
    client = make(APP, base_url=platform.url)
    with pytest.raises(BadCall) as caught:
        client.call(path, **given)
    text = str(caught.value)
    assert all(word in text for word in ("GET", "PUT", "DELETE", "get()", "request(", path))
    assert "client.api.v1.calendar.delete_event()" in text
    assert platform.seen == []
    client.get(path, **given)
    assert platform.seen[-1].method == "GET"


def test_pages_are_asked_with_the_method_that_pages(make: Make, platform: StandIn) -> None:
    path = "/v1.0/calendar/users/u/calendars/primary/events"
    platform.on(path, {"events": [{"id": "1"}]})
    client = make(APP, base_url=platform.url)
    assert [each["id"] for each in client.each(path)] == ["1"]
    assert platform.seen[-1].method == "GET"
