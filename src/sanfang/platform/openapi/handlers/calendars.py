"""Calendars of the newer API; a userId in these paths is a unionId, a calendarId is ``primary``."""

from __future__ import annotations

from typing import Any

from ...domain import calendar_pages, calendars, contacts, rooms
from ...domain.calendars import Attendee, Event, Plan
from ...domain.refusals import Refusal
from .. import moments
from ..handling import Call, handler
from .signed_in import own_unionid

_EVENTS = "v1_0_calendar_users_by_user_id_calendars_by_calendar_id_events"
_EVENT = _EVENTS + "_by_event_id"
_SENT_BACK = (
    *("description", "start", "end", "isAllDay", "recurrence", "location", "reminders"),
    *("onlineMeetingInfo", "uiConfigs", "richTextDescription", "categories"),
)
_SHOWN = frozenset((*_SENT_BACK, "seriesMasterId", "originStart"))
_PEOPLE = {"attendees": "array of object"}
_LARGEST_PAGE = 100


@handler("v1_0_calendar_users_by_user_id_calendars_get")
async def calendars_list(call: Call) -> dict[str, Any]:
    member = await contacts.get_member_by_unionid(
        call.core, call.identity.corp_id, own_unionid(call, call.args["userId"])
    )
    only = {
        "id": calendars.PRIMARY,
        "summary": member.name,
        "description": "",
        "timeZone": moments.BEIJING_NAME,
        "eTag": "0",
        "type": "primary",
        "privilege": "owner",
    }
    return {"response": {"calendars": [only]}}


@handler(_EVENTS + "_post", types=_PEOPLE, kinds=("internal", "isv_corp", "user"))
async def event_create(call: Call) -> dict[str, Any]:
    by = await _calendar(call)
    made = await calendars.create(call.core, call.identity.corp_id, by, _plan(call.args, new=True))
    return _shown(made, by)


@handler(_EVENT + "_get")
async def event_get(call: Call) -> dict[str, Any]:
    by = await _calendar(call)
    event_id = call.args["eventId"]
    event = await calendar_pages.get(call.core, call.identity.corp_id, event_id, by)
    return _shown(event, by, call.args.get("maxAttendees"))


@handler(_EVENT + "_put", types=_PEOPLE, optional=("id",))
async def event_update(call: Call) -> dict[str, Any]:
    by = await _calendar(call)
    event_id = call.args["eventId"]
    changed = await calendars.update(
        call.core, call.identity.corp_id, event_id, by, _plan(call.args, new=False)
    )
    return _shown(changed, by)


@handler(_EVENT + "_delete")
async def event_delete(call: Call) -> dict[str, Any]:
    by = await _calendar(call)
    await calendars.delete(call.core, call.identity.corp_id, call.args["eventId"], by)
    return {}


@handler(_EVENTS + "_get")
async def event_list(call: Call) -> dict[str, Any]:
    series = call.args.get("seriesMasterId")
    if series:
        return await _instances(call, series)
    deleted = bool(call.args.get("showDeleted"))
    return await _page(call, expanded=False, show_deleted=deleted)


@handler("v1_0_calendar_users_by_user_id_calendars_by_calendar_id_eventsview_get")
async def event_view(call: Call) -> dict[str, Any]:
    return await _page(call, expanded=True, show_deleted=False)


@handler(_EVENT + "_instances_get", kinds=("internal", "isv_corp"))
async def event_instances(call: Call) -> dict[str, Any]:
    return await _instances(call, call.args["eventId"])


@handler(_EVENT + "_attendees_get")
async def attendees_list(call: Call) -> dict[str, Any]:
    by = await _calendar(call)
    event = await calendars.get(call.core, call.identity.corp_id, call.args["eventId"], by)
    size, start = _size(call), _number(call.args.get("nextToken"))
    people = _attendees(event, by)
    page = people[start : start + size]
    more = {"nextToken": str(start + size)} if len(people) > start + size else {}
    return {**more, "attendees": page}


@handler(_EVENT + "_attendees_post", types={"attendeesToAdd": "array of object"})
async def attendees_add(call: Call) -> dict[str, Any]:
    by = await _calendar(call)
    people = _people(call.args["attendeesToAdd"], "attendeesToAdd")
    event_id = call.args["eventId"]
    await calendars.add_attendees(call.core, call.identity.corp_id, event_id, by, people)
    return {}


@handler(_EVENT + "_attendees_batch_remove_post", types={"attendeesToRemove": "array of object"})
async def attendees_remove(call: Call) -> dict[str, Any]:
    by = await _calendar(call)
    people = _people(call.need("attendeesToRemove"), "attendeesToRemove")
    await calendars.remove_attendees(
        call.core,
        call.identity.corp_id,
        call.args["eventId"],
        by,
        [each.unionid for each in people],
    )
    return {}


@handler(_EVENT + "_respond_post")
async def event_respond(call: Call) -> dict[str, Any]:
    by = await _calendar(call)
    event_id, said = call.args["eventId"], call.args["responseStatus"]
    await calendars.respond(call.core, call.identity.corp_id, event_id, by, said)
    return {}


@handler(_EVENT + "_meeting_rooms_post", types={"meetingRoomsToAdd": "array of object"})
async def rooms_book(call: Call) -> dict[str, Any]:
    by = await _calendar(call)
    ids = _room_ids(call.args["meetingRoomsToAdd"], "meetingRoomsToAdd")
    await calendars.book_rooms(call.core, call.identity.corp_id, call.args["eventId"], by, ids)
    return {"result": True}


@handler(
    _EVENT + "_meeting_rooms_batch_remove_post", types={"meetingRoomsToRemove": "array of object"}
)
async def rooms_release(call: Call) -> dict[str, Any]:
    by = await _calendar(call)
    ids = _room_ids(call.need("meetingRoomsToRemove"), "meetingRoomsToRemove")
    await calendars.release_rooms(call.core, call.identity.corp_id, call.args["eventId"], by, ids)
    return {"result": True}


@handler("v1_0_calendar_users_by_user_id_query_schedule_post", types={"userIds": "array of string"})
async def schedule_query(call: Call) -> dict[str, Any]:
    await _person(call)
    corp_id, (start, end) = call.identity.corp_id, _window(call)
    found = []
    for unionid in dict.fromkeys(call.args["userIds"][:20]):
        try:
            await contacts.get_member_by_unionid(call.core, corp_id, unionid)
        except Refusal as refusal:
            found.append({"userId": unionid, "error": refusal.errmsg, "scheduleItems": []})
            continue
        events = await calendar_pages.busy(call.core, corp_id, unionid, start, end)
        items = [_busy(each, each.people[0].response) for each in events]
        found.append({"userId": unionid, "scheduleItems": items})
    return {"scheduleInformation": found}


@handler(
    "v1_0_calendar_users_by_user_id_meeting_rooms_schedules_query_post",
    types={"roomIds": "array of string"},
)
async def room_schedule_query(call: Call) -> dict[str, Any]:
    await _person(call)
    start, end = _window(call)
    found = []
    for room_id in dict.fromkeys(call.args["roomIds"][:20]):
        try:
            await rooms.get(call.core, call.identity.corp_id, room_id)
        except Refusal as refusal:
            found.append({"roomId": room_id, "error": refusal.zh, "scheduleItems": []})
            continue
        items = [
            {**_busy(each), "eventId": each.event_id, "organizer": {"id": each.organizer}}
            for each in await rooms.busy(call.core, room_id, start, end)
        ]
        found.append({"roomId": room_id, "scheduleItems": items})
    return {"scheduleInformation": found}


async def _person(call: Call) -> str:
    unionid = own_unionid(call, call.args["userId"])
    await contacts.get_member_by_unionid(call.core, call.identity.corp_id, unionid)
    return unionid


async def _calendar(call: Call) -> str:
    if call.args["calendarId"] != calendars.PRIMARY:
        raise Refusal(
            40035,
            "calendarId 目前只有 primary（用户的主日历）。",
            "The only calendarId is primary, the user's main calendar.",
        )
    return await _person(call)


async def _page(call: Call, *, expanded: bool, show_deleted: bool) -> dict[str, Any]:
    by, args = await _calendar(call), call.args
    lowest, highest = _bounds(call)
    token = args.get("nextToken")
    events, following = await calendar_pages.page(
        call.core,
        call.identity.corp_id,
        by,
        time_min=lowest,
        time_max=highest,
        expanded=expanded,
        show_deleted=show_deleted,
        size=_size(call),
        after=calendar_pages.FIRST if token in (None, "", "0") else _position(token),
    )
    shown = {"events": [_shown(each, by, args.get("maxAttendees")) for each in events]}
    return shown if following is None else {"nextToken": f"{following[0]}.{following[1]}", **shown}


async def _instances(call: Call, series: str) -> dict[str, Any]:
    by, args = await _calendar(call), call.args
    lowest, highest = _bounds(call)
    token = args.get("nextToken")
    events, following = await calendar_pages.instances(
        call.core,
        call.identity.corp_id,
        series,
        by,
        time_min=lowest,
        time_max=highest,
        after=-1 if token in (None, "", "0") else _number(token),
        size=_size(call),
    )
    shown = {"events": [_shown(each, by, args.get("maxAttendees")) for each in events]}
    return shown if following is None else {"nextToken": str(following), **shown}


def _bounds(call: Call) -> tuple[int, int | None]:
    lowest, highest = call.args.get("timeMin"), call.args.get("timeMax")
    return (
        moments.parse_iso(lowest, "timeMin") if lowest else 0,
        moments.parse_iso(highest, "timeMax") if highest else None,
    )


def _position(token: str) -> tuple[int, int]:
    start, _, number = token.partition(".")
    return _number(start), _number(number)


def _number(text: str | None) -> int:
    if text in (None, "", "0"):
        return 0
    if not text.isdecimal() or not text.isascii() or len(text) > 15:
        raise Refusal(
            40035, "nextToken 须为上一页返回的值。", "nextToken is what the page before returned."
        )
    return int(text)


def _size(call: Call) -> int:
    size = call.args.get("maxResults")
    if size is None:
        return _LARGEST_PAGE
    if not 1 <= size <= _LARGEST_PAGE:
        raise Refusal(
            40069,
            f"maxResults 应为 1 到 {_LARGEST_PAGE}。",
            f"maxResults is from 1 to {_LARGEST_PAGE}.",
        )
    return int(size)


def _window(call: Call) -> tuple[int, int]:
    start = moments.parse_iso(call.args["startTime"], "startTime")
    end = moments.parse_iso(call.args["endTime"], "endTime")
    if end < start:
        raise Refusal(40035, "endTime 早于 startTime。", "endTime is before startTime.")
    return start, end


def _plan(args: dict[str, Any], *, new: bool) -> Plan:
    all_day = args.get("isAllDay")
    if new:
        all_day = bool(all_day)
    start, end = args.get("start"), args.get("end")
    starts_at = None if start is None else _moment(start, "start", all_day)
    ends_at = None if end is None else _moment(end, "end", all_day)
    if new and ends_at is None and starts_at is not None:
        ends_at = starts_at + (moments.DAY if all_day else 3_600_000)
    people = args.get("attendees")
    return Plan(
        summary=args.get("summary"),
        starts_at=starts_at,
        ends_at=ends_at,
        attendees=None if people is None else _people(people, "attendees"),
        details={name: args[name] for name in _SENT_BACK if args.get(name) is not None},
    )


def _moment(given: dict[str, Any], name: str, all_day: bool | None) -> int:
    if all_day is None:  # a change that does not say: as it is written
        all_day = bool(given.get("date")) and not given.get("dateTime")
    wanted, other = ("date", "dateTime") if all_day else ("dateTime", "date")
    if given.get(other) and not given.get(wanted):
        raise Refusal(
            40035,
            f"{'全天' if all_day else '非全天'}日程的 {name} 须有 {wanted}。",
            f"{name} of an event {'of whole days' if all_day else 'not of whole days'}"
            f" has a {wanted}.",
        )
    zone = given.get("timeZone")
    return moments.parse_iso(
        given.get(wanted), f"{name}.{wanted}", zone if isinstance(zone, str) else ""
    )


def _people(given: list[Any], name: str) -> list[Attendee]:
    people = []
    for each in given:
        unionid = each.get("id")
        if not isinstance(unionid, str) or not unionid or "\x00" in unionid:
            raise Refusal(40035, f"{name} 的每项须有 id。", f"Each of {name} has an id.")
        people.append(Attendee(unionid, is_optional=each.get("isOptional") is True))
    return people


def _room_ids(given: list[Any], name: str) -> list[str]:
    ids = [each.get("roomId") for each in given]
    if not all(isinstance(each, str) and each and "\x00" not in each for each in ids):
        raise Refusal(40035, f"{name} 的每项须有 roomId。", f"Each of {name} has a roomId.")
    return ids


def _attendees(event: Event, by: str) -> list[dict[str, Any]]:
    return [
        {
            "id": each.unionid,
            "displayName": each.name,
            "responseStatus": each.response,
            "self": each.unionid == by,
            "isOptional": each.is_optional,
        }
        for each in event.people
        if each.unionid != event.organizer
    ]


def _shown(event: Event, by: str, most: int | None = None) -> dict[str, Any]:
    organizer = event.person(event.organizer)
    people = _attendees(event, by)
    shown: dict[str, Any] = {
        "id": event.event_id,
        "summary": event.summary,
        "status": "cancelled" if event.cancelled else "confirmed",
        "start": {"dateTime": moments.iso(event.starts_at), "timeZone": moments.BEIJING_NAME},
        "end": {"dateTime": moments.iso(event.ends_at), "timeZone": moments.BEIJING_NAME},
        "isAllDay": False,
        "createTime": moments.iso(event.created_at),
        "updateTime": moments.iso(event.updated_at),
        "attendees": people if most is None else people[: max(most, 0)],
        "organizer": {
            "id": event.organizer,
            "displayName": "" if organizer is None else organizer.name,
            "responseStatus": "accepted",
            "self": event.organizer == by,
        },
        "reminders": [{"method": "dingtalk", "minutes": "15"}],
    }
    shown |= {name: value for name, value in event.details.items() if name in _SHOWN}
    if event.rooms:
        shown["meetingRooms"] = [
            {"roomId": room.room_id, "displayName": room.name, "responseStatus": "accepted"}
            for room in event.rooms
        ]
    return shown


def _busy(event: Event, response: str = "accepted") -> dict[str, Any]:
    return {
        "status": "TENTATIVE" if response in ("tentative", "needsAction") else "BUSY",
        "start": {"dateTime": moments.iso(event.starts_at), "timeZone": moments.BEIJING_NAME},
        "end": {"dateTime": moments.iso(event.ends_at), "timeZone": moments.BEIJING_NAME},
    }
