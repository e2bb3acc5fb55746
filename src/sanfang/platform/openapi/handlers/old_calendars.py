"""The calendar's older names: v1 with ``create_vo``, v2 with ``event``; people are userids there."""

from __future__ import annotations

from typing import Any

from ...domain import calendar_pages, calendars, contacts
from ...domain.calendars import Attendee, Event, Plan
from ...domain.refusals import Refusal
from .. import moments, reasons
from ..handling import Call, handler

_LARGEST_PAGE = 250


@handler("oapi_topapi_calendar_create_post")
async def create(call: Call) -> dict[str, Any]:
    given = call.need("create_vo")
    organizer = await _unionid(call, _need(given, "creator_userid"))
    people, strangers = [], []
    receivers = given.get("receiver_userids") or []
    for userid in receivers if isinstance(receivers, list) else [receivers]:
        try:
            people.append(Attendee(await _unionid(call, userid)))
        except Refusal:
            strangers.append(userid)
    place = given.get("location")
    details: dict[str, Any] = {"description": _text(given.get("description"))}
    if place:
        details["location"] = {"displayName": _text(place)}
    made = await calendars.create(
        call.core,
        call.identity.corp_id,
        organizer,
        Plan(
            summary=_text(given.get("summary")),
            starts_at=_unix(given, "start_time"),
            ends_at=_unix(given, "end_time"),
            attendees=people,
            details=details,
        ),
    )
    return {"result": {"dingtalk_calendar_id": made.event_id, "invalid_userids": strangers}}


@handler("oapi_topapi_calendar_list_post")
async def list_(call: Call) -> dict[str, Any]:
    args = call.args
    unionid = await _unionid(call, args["user_id"])
    size = args.get("max_results") or _LARGEST_PAGE
    if not 1 <= size <= _LARGEST_PAGE:
        raise Refusal(
            40069,
            f"max_results 应为 1 到 {_LARGEST_PAGE}。",
            f"max_results is from 1 to {_LARGEST_PAGE}.",
        )
    start, _, number = (args.get("page_token") or "").partition(".")
    after = calendar_pages.FIRST
    if start:
        if not (start.isdecimal() and number.isdecimal() and len(start) + len(number) < 30):
            raise reasons.unfit(40035, "page_token", ("上一页返回的值", "of the page before"))
        after = (int(start), int(number))
    events, following = await calendar_pages.page(
        call.core,
        call.identity.corp_id,
        unionid,
        time_min=_bound(args, "time_min", 0),
        time_max=_bound(args, "time_max", 0) or None,
        expanded=False,
        size=size,
        after=after,
    )
    names = await _userids(call, events)
    items = [_item(each, unionid, names) for each in events]
    page: dict[str, Any] = {"summary": "", "items": items}
    if following is not None:
        page["next_page_token"] = f"{following[0]}.{following[1]}"
    return {"result": page, "success": True}


@handler("oapi_topapi_calendar_delete_post")
async def delete(call: Call) -> dict[str, Any]:
    unionid = await _unionid(call, call.need("userid"))
    event_id = call.need("calendar_id")
    await calendars.delete(call.core, call.identity.corp_id, event_id, unionid)
    return {}


@handler("oapi_topapi_calendar_v2_event_create_post", optional=("agentid",))
async def v2_create(call: Call) -> dict[str, Any]:
    given = call.args["event"]
    organizer = await _unionid(call, _need(_object(given, "organizer"), "userid"))
    made = await calendars.create(
        call.core,
        call.identity.corp_id,
        organizer,
        Plan(
            summary=_text(given.get("summary")),
            starts_at=_v2_moment(given, "start"),
            ends_at=_v2_moment(given, "end"),
            attendees=[person for _, person in await _v2_people(call, given.get("attendees"))],
            details=_v2_details(given),
        ),
    )
    return {"result": await _v2_shown(call, made), "success": True}


@handler("oapi_topapi_calendar_v2_event_update_post")
async def v2_update(call: Call) -> dict[str, Any]:
    given = call.args["event"]
    corp_id, event_id = call.identity.corp_id, _need(given, "event_id")
    organizer = (await calendars.get(call.core, corp_id, event_id)).organizer
    start, end = _v2_moment(given, "start"), _v2_moment(given, "end")
    newer = {"start": _newer(start), "end": _newer(end), "isAllDay": False}
    await calendars.update(
        call.core,
        corp_id,
        event_id,
        organizer,
        Plan(
            summary=_text(given.get("summary")) or None,
            starts_at=start,
            ends_at=end,
            details=_v2_details(given) | newer,
        ),
    )
    await _v2_attendees(call, event_id, organizer, given.get("attendees"))
    return {"success": True}


@handler("oapi_topapi_calendar_v2_attendee_update_post", types={"attendees": "array of object"})
async def v2_attendees(call: Call) -> dict[str, Any]:
    event_id = call.args["event_id"]
    event = await calendars.get(call.core, call.identity.corp_id, event_id)
    await _v2_attendees(call, event_id, event.organizer, call.args["attendees"])
    return {"success": True}


@handler("oapi_topapi_calendar_v2_event_cancel_post")
async def v2_cancel(call: Call) -> dict[str, Any]:
    corp_id, event_id = call.identity.corp_id, call.args["event_id"]
    event = await calendars.get(call.core, corp_id, event_id)
    await calendars.delete(call.core, corp_id, event_id, event.organizer)
    return {"success": True}


@handler("oapi_topapi_calendar_v2_event_detail_post")
async def v2_detail(call: Call) -> dict[str, Any]:
    event = await calendars.get(call.core, call.identity.corp_id, call.args["event_id"])
    return {"result": await _v2_shown(call, event), "success": True}


async def _unionid(call: Call, userid: object) -> str:
    if not isinstance(userid, str) or "\x00" in userid:
        raise reasons.unfit(40003, "userid", ("文本", "text"))
    return (await contacts.get_member(call.core, call.identity.corp_id, userid)).unionid


async def _userids(call: Call, events: list[Event]) -> dict[str, str]:
    """Return the userid of everybody in events; who has left the corp keeps the unionid."""
    names: dict[str, str] = {}
    for unionid in dict.fromkeys(each.unionid for event in events for each in event.people):
        try:
            member = await contacts.get_member_by_unionid(call.core, call.identity.corp_id, unionid)
            names[unionid] = member.userid
        except Refusal:
            names[unionid] = unionid
    return names


def _need(given: dict[str, Any], name: str) -> Any:
    value = given.get(name)
    if value in (None, ""):
        raise reasons.missing(40035, name)
    return value


def _object(given: dict[str, Any], name: str) -> dict[str, Any]:
    value = _need(given, name)
    if not isinstance(value, dict):
        raise reasons.unfit(40035, name, ("JSON 对象", "a JSON object"))
    return value


def _text(value: object) -> str:
    return value if isinstance(value, str) and "\x00" not in value else ""


def _unix(given: dict[str, Any], name: str) -> int:
    value = _object(given, name).get("unix_timestamp")
    if isinstance(value, str) and value.isdecimal() and len(value) < 16:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise reasons.missing(40035, f"{name}.unix_timestamp")
    return moments.checked(value, f"{name}.unix_timestamp")


def _bound(args: dict[str, Any], name: str, absent: int) -> int:
    given = args.get(name)
    if not given:
        return absent
    return moments.parse_iso(given.get("date_time"), f"{name}.date_time")


def _v2_moment(given: dict[str, Any], name: str) -> int:
    """Read seconds (``timestamp``) or a ``date`` for whole days."""
    moment = _object(given, name)
    value = moment.get("timestamp")
    if isinstance(value, str) and value.isdecimal() and len(value) < 14:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 40:
        return moments.checked(value * 1000, f"{name}.timestamp")
    return moments.parse_local(moment.get("date"), f"{name}.date")


def _newer(moment: int) -> dict[str, str]:
    """Write a time as the newer name of the event shows it."""
    return {"dateTime": moments.iso(moment), "timeZone": moments.BEIJING_NAME}


def _v2_details(given: dict[str, Any]) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if isinstance(given.get("description"), str):
        details["description"] = given["description"]
    place = given.get("location")
    if isinstance(place, dict):
        details["location"] = {"displayName": _text(place.get("place"))}
    reminder = given.get("reminder")
    if isinstance(reminder, dict):
        minutes = str(reminder.get("minutes", 15))[:8]
        details["reminders"] = [{"method": "dingtalk", "minutes": minutes}]
    return details


async def _v2_people(call: Call, given: Any) -> list[tuple[str, Attendee]]:
    """Return what is to happen (add or remove) with whom."""
    if given is not None and not isinstance(given, list):
        raise reasons.unfit(40035, "attendees", ("JSON 数组", "a JSON array"))
    found = []
    for each in given or []:
        if not isinstance(each, dict):
            raise reasons.unfit(40035, "attendees", ("对象数组", "a list of objects"))
        what = each.get("attendee_status") or "add"
        if what not in ("add", "remove"):
            raise reasons.unfit(40035, "attendee_status", ("add 或 remove", "add or remove"))
        found.append((what, Attendee(await _unionid(call, each.get("userid")))))
    return found


async def _v2_attendees(call: Call, event_id: str, organizer: str, given: Any) -> None:
    corp_id = call.identity.corp_id
    people = await _v2_people(call, given)
    added = [person for what, person in people if what == "add"]
    removed = [person.unionid for what, person in people if what == "remove"]
    if added:
        await calendars.add_attendees(call.core, corp_id, event_id, organizer, added)
    if removed:
        await calendars.remove_attendees(call.core, corp_id, event_id, organizer, removed)


async def _v2_shown(call: Call, event: Event) -> dict[str, Any]:
    names = await _userids(call, [event])
    place = event.details.get("location") or {}
    return {
        "event_id": event.event_id,
        "calendar_id": calendars.PRIMARY,
        "summary": event.summary,
        "description": event.details.get("description", ""),
        "start": {"timestamp": event.starts_at // 1000, "timezone": moments.BEIJING_NAME},
        "end": {"timestamp": event.ends_at // 1000, "timezone": moments.BEIJING_NAME},
        "organizer": {"userid": names.get(event.organizer, "")},
        "attendees": [
            {"userid": names[each.unionid]}
            for each in event.people
            if each.unionid != event.organizer
        ],
        "location": {"place": place.get("displayName", "")},
        "notification_type": "NONE",
    }


def _at(moment: int) -> dict[str, str]:
    return {"date_time": moments.iso(moment), "time_zone": moments.BEIJING_NAME}


def _item(event: Event, unionid: str, names: dict[str, str]) -> dict[str, Any]:
    me, organizer = event.person(unionid), event.person(event.organizer)
    return {
        "id": event.event_id,
        "unique_id": event.event_id,
        "summary": event.summary,
        "description": event.details.get("description", ""),
        "location": (event.details.get("location") or {}).get("displayName", ""),
        "status": "confirmed",
        "start": _at(event.starts_at),
        "end": _at(event.ends_at),
        "created": _at(event.created_at),
        "updated": _at(event.updated_at),
        "response_status": "" if me is None else me.response,
        "organizer": {
            "userid": names.get(event.organizer, ""),
            "display_name": "" if organizer is None else organizer.name,
            "self": event.organizer == unionid,
        },
        "attendees": [
            {
                "userid": names[each.unionid],
                "display_name": each.name,
                "response_status": each.response,
                "organizer": each.unionid == event.organizer,
                "self": each.unionid == unionid,
            }
            for each in event.people
        ],
    }
