"""Calendars: the tutorial's walk, old and new names, meeting rooms."""

from __future__ import annotations

from typing import Any

import pytest

from ..openapi.world import World, story
from .people import heard, hire, subscribe

START = {"dateTime": "2023-11-20T10:00:00+08:00", "timeZone": "Asia/Shanghai"}
END = {"dateTime": "2023-11-20T11:00:00+08:00", "timeZone": "Asia/Shanghai"}


def events_of(unionid: str) -> str:
    return f"/v1.0/calendar/users/{unionid}/calendars/primary/events"


async def make(world: World, unionid: str, **changes: object) -> dict[str, Any]:
    fields = {"summary": "周会", "start": START, "end": END, **changes}
    reply = await world.v1("POST", events_of(unionid), fields, world.own)
    assert reply.status == 200, reply.body
    return reply.json


def test_the_tutorials_walk() -> None:
    """Create, change, look at and delete an event; its attendees see each step."""

    async def body(world: World) -> None:
        (zhang, li) = await hire(world, "zhang", "li")
        await subscribe(world, "calendar_event_change")
        made = await make(world, zhang, attendees=[{"id": li, "isOptional": True}])
        assert made["start"] == START
        assert made["organizer"]["id"] == zhang
        assert made["attendees"] == [
            {
                "id": li,
                "displayName": "测试员li",
                "responseStatus": "needsAction",
                "self": False,
                "isOptional": True,
            }
        ]
        one = f"{events_of(li)}/{made['id']}"
        said = await world.v1("POST", f"{one}/respond", {"responseStatus": "accepted"}, world.own)
        assert said.json == {}
        seen = (await world.v1("GET", one, token=world.own)).json
        assert (seen["attendees"][0]["responseStatus"], seen["attendees"][0]["self"]) == (
            "accepted",
            True,
        )

        change = {"id": made["id"], "summary": "改期"}
        not_his = await world.v1("PUT", one, change, world.own)
        assert (not_his.status, not_his.json["code"]) == (400, "permissionDeny")
        own = f"{events_of(zhang)}/{made['id']}"
        changed = (await world.v1("PUT", own, change, world.own)).json
        assert (changed["summary"], changed["start"]) == ("改期", START)

        assert (await world.v1("DELETE", own, token=world.own)).json == {}
        for unionid in (zhang, li):
            left = (await world.v1("GET", events_of(unionid), token=world.own)).json
            assert left["events"] == []
        kept = await world.v1("GET", f"{events_of(li)}?showDeleted=true", token=world.own)
        assert [each["status"] for each in kept.json["events"]] == ["cancelled"]
        changes = [(e["changeType"], e["calendarEventId"]) for e in await heard(world)]
        assert changes == [(kind, made["id"]) for kind in ("create", "update", "update", "delete")]

    story(body)


def test_an_attendee_deletes_only_for_himself() -> None:
    async def body(world: World) -> None:
        (zhang, li) = await hire(world, "zhang", "li")
        made = await make(world, zhang, attendees=[{"id": li}])
        assert (
            await world.v1("DELETE", f"{events_of(li)}/{made['id']}", token=world.own)
        ).status == 200
        assert (await world.v1("GET", events_of(li), token=world.own)).json["events"] == []
        mine = (await world.v1("GET", events_of(zhang), token=world.own)).json["events"]
        assert [each["id"] for each in mine] == [made["id"]]

    story(body)


def test_attendees_come_and_go() -> None:
    async def body(world: World) -> None:
        (zhang, li, wang) = await hire(world, "zhang", "li", "wang")
        made = await make(world, zhang)
        one = f"{events_of(zhang)}/{made['id']}/attendees"
        add = {"attendeesToAdd": [{"id": li}, {"id": wang, "isOptional": True}]}
        assert (await world.v1("POST", one, add, world.own)).json == {}
        page = (await world.v1("GET", f"{one}?maxResults=1", token=world.own)).json
        rest = await world.v1(
            "GET", f"{one}?maxResults=1&nextToken={page['nextToken']}", token=world.own
        )
        assert {page["attendees"][0]["id"], rest.json["attendees"][0]["id"]} == {li, wang}
        assert "nextToken" not in rest.json
        remove = {"attendeesToRemove": [{"id": li}]}
        await world.v1("POST", f"{one}/batchRemove", remove, world.own)
        left = (await world.v1("GET", one, token=world.own)).json["attendees"]
        assert [each["id"] for each in left] == [wang]
        organizer = {"attendeesToRemove": [{"id": zhang}]}
        refused = await world.v1("POST", f"{one}/batchRemove", organizer, world.own)
        assert refused.status == 400

    story(body)


def test_a_calendar_is_read_in_pages_by_start_time() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        for day in (24, 21, 23, 22):
            at = f"2023-11-{day}T10:00:00+08:00"
            start = {"dateTime": at, "timeZone": "Asia/Shanghai"}
            await make(world, zhang, summary=str(day), start=start, end=None)
        base = f"/v1.0/calendar/users/{zhang}/calendars/primary/eventsview?maxResults=2"
        window = "&timeMin=2023-11-22T00%3A00%3A00%2B08%3A00&timeMax=2023-11-24T23:00:00Z"
        first = (await world.v1("GET", base + window, token=world.own)).json
        more = f"{base}{window}&nextToken={first['nextToken']}"
        second = (await world.v1("GET", more, token=world.own)).json
        assert [e["summary"] for e in first["events"] + second["events"]] == ["22", "23", "24"]
        assert "nextToken" not in second

    story(body)


def test_whole_days_and_zones() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        days = {"start": {"date": "2023-11-20"}, "end": {"date": "2023-11-21"}, "isAllDay": True}
        made = await make(world, zhang, **days)
        assert (made["start"], made["isAllDay"]) == ({"date": "2023-11-20"}, True)
        away = {"dateTime": "2023-11-20T05:00:00", "timeZone": "Europe/Berlin"}
        await make(world, zhang, summary="Berlin", start=away, end=None)
        ask = {
            "userIds": [zhang, "nobody"],
            "startTime": "2023-11-20T11:30:00+08:00",
            "endTime": "2023-11-20T12:30:00+08:00",
        }
        path = f"/v1.0/calendar/users/{zhang}/querySchedule"
        found = (await world.v1("POST", path, ask, world.own)).json["scheduleInformation"]
        starts = [each["start"]["dateTime"] for each in found[0]["scheduleItems"]]
        assert starts == ["2023-11-20T00:00:00+08:00", "2023-11-20T12:00:00+08:00"]
        assert found[1]["error"]

    story(body)


def test_a_meeting_room_is_booked_once_at_a_time() -> None:
    async def body(world: World) -> None:
        (zhang, li) = await hire(world, "zhang", "li")
        fields = {"unionId": zhang, "roomName": "一号会议室", "roomStatus": 1, "isvRoomId": "r1"}
        room = (await world.v1("POST", "/v1.0/rooms/meetingrooms", fields, world.own)).json
        room_id = room["result"]
        shown = await world.v1(
            "GET", f"/v1.0/rooms/meetingRooms/{room_id}?unionId={zhang}", token=world.own
        )
        assert shown.json["result"]["roomName"] == "一号会议室"
        book = {"meetingRoomsToAdd": [{"roomId": room_id}]}
        first, second = await make(world, zhang), await make(world, li)
        path = f"{events_of(zhang)}/{first['id']}/meetingRooms"
        assert (await world.v1("POST", path, book, world.own)).json == {"result": True}
        other = f"{events_of(li)}/{second['id']}/meetingRooms"
        refused = await world.v1("POST", other, book, world.own)
        assert (refused.status, refused.json["code"]) == (400, "meetingRoomNotAvailable")
        ask = {
            "roomIds": [room_id],
            "startTime": "2023-11-20T00:00:00+08:00",
            "endTime": "2023-11-21T00:00:00+08:00",
        }
        query = f"/v1.0/calendar/users/{zhang}/meetingRooms/schedules/query"
        busy = (await world.v1("POST", query, ask, world.own)).json["scheduleInformation"]
        assert [each["eventId"] for each in busy[0]["scheduleItems"]] == [first["id"]]
        release = {"meetingRoomsToRemove": [{"roomId": room_id}]}
        await world.v1("POST", f"{path}/batchRemove", release, world.own)
        assert (await world.v1("POST", other, book, world.own)).json == {"result": True}
        seen = (await world.v1("GET", f"{events_of(li)}/{second['id']}", token=world.own)).json
        assert seen["meetingRooms"][0]["displayName"] == "一号会议室"

    story(body)


def test_the_older_names_work_on_the_same_events() -> None:
    async def body(world: World) -> None:
        (_, li) = await hire(world, "zhang", "li")
        event = {
            "calendar_id": "primary",
            "summary": "夕会",
            "attendees": [{"userid": "li"}],
            "organizer": {"userid": "zhang"},
            "start": {"timestamp": 1_700_445_600, "timezone": "Asia/Shanghai"},
            "end": {"timestamp": 1_700_449_200, "timezone": "Asia/Shanghai"},
            "location": {"place": "一层"},
        }
        v2 = await world.post(
            "/topapi/calendar/v2/event/create", {"event": event, "agentid": 1}, world.own
        )
        assert v2.code == 0
        event_id = v2.json["result"]["event_id"]
        seen = (await world.v1("GET", f"{events_of(li)}/{event_id}", token=world.own)).json
        assert seen["start"]["dateTime"] == "2023-11-20T10:00:00+08:00"
        assert seen["location"] == {"displayName": "一层"}

        later = {**event, "event_id": event_id, "description": "晚", "attendees": []}
        later["start"] = {"timestamp": 1_700_447_400}
        update = {"event": later, "agentid": 1}
        assert (await world.post("/topapi/calendar/v2/event/update", update, world.own)).code == 0
        seen = (await world.v1("GET", f"{events_of(li)}/{event_id}", token=world.own)).json
        assert seen["start"]["dateTime"] == "2023-11-20T10:30:00+08:00"

        vo = {
            "summary": "早会",
            "creator_userid": "zhang",
            "receiver_userids": ["li", "nobody"],
            "start_time": {"unix_timestamp": 1_700_442_000_000},
            "end_time": {"unix_timestamp": 1_700_445_600_000},
        }
        v1 = (await world.post("/topapi/calendar/create", {"create_vo": vo}, world.own)).json
        assert v1["result"]["invalid_userids"] == ["nobody"]
        listed = (await world.post("/topapi/calendar/list", {"user_id": "li"}, world.own)).json
        assert [each["summary"] for each in listed["result"]["items"]] == ["早会", "夕会"]

        gone = {"userid": "zhang", "calendar_id": v1["result"]["dingtalk_calendar_id"]}
        assert (await world.post("/topapi/calendar/delete", gone, world.own)).code == 0
        cancel = {"calendar_id": "primary", "event_id": event_id}
        assert (await world.post("/topapi/calendar/v2/event/cancel", cancel, world.own)).code == 0
        assert (await world.v1("GET", events_of(li), token=world.own)).json["events"] == []

    story(body)


@pytest.mark.parametrize(
    "changes",
    [
        {"summary": ""},
        {"start": {"dateTime": "tomorrow"}},
        {"start": {"date": "2023-11-20"}},
        {"start": {"dateTime": "2023-11-20T10:00:00", "timeZone": "Mars/Olympus"}},
        {"end": {"dateTime": "2023-11-19T10:00:00Z"}},
        {"start": {"dateTime": "9999-12-31T23:59:59Z"}},
        {"attendees": [{"id": "nobody"}]},
        {"attendees": [{}]},
        {"attendees": [7]},
        {"isAllDay": True},
    ],
)
def test_an_event_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        fields = {"summary": "会", "start": START, "end": END, **changes}
        reply = await world.v1("POST", events_of(zhang), fields, world.own)
        assert reply.status == 400
        assert reply.explained
        listed = await world.v1("GET", events_of(zhang), token=world.own)
        assert listed.json["events"] == []

    story(body)
