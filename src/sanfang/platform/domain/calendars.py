"""Events in the primary calendars of members; people are unionids, times epoch milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from ..store.ports import Reader, Row, Tx
from ..store.queries import calendars as rows_of
from . import members, rows, secrets
from .core import Core
from .corp_events import announce
from .recurrences import rule_of
from .refusals import Refusal

RESPONSES = ("needsAction", "accepted", "declined", "tentative")
MOST_ATTENDEES = 500
MOST_ROOMS = 5
PRIMARY = "primary"

_DETAILS = msgspec.json.Decoder(dict[str, Any])


class Attendee(msgspec.Struct, frozen=True):
    unionid: str
    is_optional: bool = False
    response: str = "needsAction"
    hidden: bool = False  # this person deleted it from the own calendar
    name: str = ""


class Room(msgspec.Struct, frozen=True):
    room_id: str
    name: str


class Event(msgspec.Struct, frozen=True):
    """``details`` holds what only comes back as it was sent, under the newer API's names."""

    number: int
    event_id: str
    organizer: str
    summary: str
    starts_at: int
    ends_at: int
    cancelled: bool
    details: dict[str, Any]
    created_at: int
    updated_at: int
    people: list[Attendee] = []  # the organizer among them
    rooms: list[Room] = []

    def person(self, unionid: str) -> Attendee | None:
        """Return somebody who takes part."""
        return next((each for each in self.people if each.unionid == unionid), None)


class Plan(msgspec.Struct, frozen=True):
    """What an event shall be; None leaves what there is."""

    summary: str | None = None
    starts_at: int | None = None
    ends_at: int | None = None
    attendees: list[Attendee] | None = None
    details: dict[str, Any] = {}


async def create(core: Core, corp_id: str, organizer: str, plan: Plan) -> Event:
    """Put an event into the calendars of its organizer and attendees.

    Refuses 60111 (somebody is not of the corp) and 40035.
    """
    if plan.summary is None or plan.starts_at is None or plan.ends_at is None:
        raise _refusal("日程须有标题和起止时间。", "An event has a summary, a start and an end.")
    _check(plan.summary, plan.starts_at, plan.ends_at)
    rule_of(plan.details, plan.starts_at)
    people = _people(organizer, plan.attendees or [])
    await _all_members(core, corp_id, people)
    now, event_id = core.clock.now(), secrets.letters(24)
    values = (plan.summary, plan.starts_at, plan.ends_at, rows.json_text(plan.details), now)

    async def body(tx: Tx) -> Event:
        row = await tx.one(rows_of.INSERT, event_id, corp_id, organizer, *values)
        assert row is not None
        await _write_people(tx, corp_id, int(row[0]), values[1], people)
        made = await _by_id(tx, corp_id, event_id)
        await _tell(tx, core, corp_id, "create", made)
        return made

    return await core.durable.transact(body)


async def update(core: Core, corp_id: str, event_id: str, by: str, plan: Plan) -> Event:
    """Change an event; only its organizer may."""
    await _all_members(core, corp_id, plan.attendees or [])

    async def body(tx: Tx) -> Event:
        old = await _locked(tx, corp_id, event_id, by)
        if by != old.organizer:
            raise _denied("只有组织者可以修改日程。", "Only the organizer may change an event.")
        new = msgspec.structs.replace(
            old,
            summary=old.summary if plan.summary is None else plan.summary,
            starts_at=old.starts_at if plan.starts_at is None else plan.starts_at,
            ends_at=old.ends_at if plan.ends_at is None else plan.ends_at,
            details=old.details | plan.details,
        )
        _check(new.summary, new.starts_at, new.ends_at)
        rule_of(new.details, new.starts_at)
        for room in old.rooms:
            await _room_is_free(tx, corp_id, room.room_id, new)
        people = old.people
        if plan.attendees is not None:
            known = {each.unionid: each for each in old.people}
            wanted = _people(old.organizer, plan.attendees)
            people = [known.get(each.unionid, each) for each in wanted]
        return await _rewrite(tx, core, corp_id, new, people)

    return await core.durable.transact(body)


async def delete(core: Core, corp_id: str, event_id: str, by: str) -> None:
    """Cancel an event for everybody (its organizer), or take it out of the own calendar."""

    async def body(tx: Tx) -> None:
        old = await _locked(tx, corp_id, event_id, by)
        if by == old.organizer:
            gone = msgspec.structs.replace(old, cancelled=True)
            await _rewrite(tx, core, corp_id, gone, old.people, "delete")
            return
        people = [
            msgspec.structs.replace(each, hidden=True) if each.unionid == by else each
            for each in old.people
        ]
        await _rewrite(tx, core, corp_id, old, people)

    await core.durable.transact(body)


async def add_attendees(
    core: Core, corp_id: str, event_id: str, by: str, attendees: Sequence[Attendee]
) -> None:
    """Invite more people; who is invited already stays as he is."""
    await _all_members(core, corp_id, attendees)

    async def body(tx: Tx) -> None:
        old = await _locked(tx, corp_id, event_id, by)
        staying = [each for each in old.people if not each.hidden]
        known = {each.unionid: each for each in [*old.people, *attendees, *staying]}
        if len(known) > MOST_ATTENDEES:
            raise _too_many()
        await _rewrite(tx, core, corp_id, old, list(known.values()))

    await core.durable.transact(body)


async def remove_attendees(
    core: Core, corp_id: str, event_id: str, by: str, unionids: Sequence[str]
) -> None:
    """Uninvite people; the organizer stays."""

    async def body(tx: Tx) -> None:
        old = await _locked(tx, corp_id, event_id, by)
        if old.organizer in unionids:
            raise _refusal("不能移除组织者。", "The organizer cannot be removed.")
        left = [each for each in old.people if each.unionid not in unionids]
        await _rewrite(tx, core, corp_id, old, left)

    await core.durable.transact(body)


async def leave_all(tx: Tx, core: Core, corp_id: str, unionid: str) -> None:
    """Take somebody who leaves the corp out of coming events, in the transaction of leaving.

    What the leaver called for others still takes place; what nobody else comes to is cancelled.
    """
    for (event_id,) in await tx.all(rows_of.COMING_OF_PERSON, corp_id, unionid, core.clock.now()):
        await tx.one(rows_of.LOCK, corp_id, event_id)
        old = await _by_id(tx, corp_id, event_id)
        if old.organizer != unionid:
            left = [each for each in old.people if each.unionid != unionid]
            await _rewrite(tx, core, corp_id, old, left)
        elif all(each.unionid == unionid or each.hidden for each in old.people):
            gone = msgspec.structs.replace(old, cancelled=True)
            await _rewrite(tx, core, corp_id, gone, old.people, "delete")


async def respond(core: Core, corp_id: str, event_id: str, by: str, response: str) -> None:
    """Set what an invited person answers."""
    if response not in RESPONSES:
        known = ", ".join(RESPONSES)
        raise _refusal(f"responseStatus 应为 {known}。", f"responseStatus is one of {known}.")

    async def body(tx: Tx) -> None:
        old = await _locked(tx, corp_id, event_id, by)
        people = [
            msgspec.structs.replace(each, response=response) if each.unionid == by else each
            for each in old.people
        ]
        await _rewrite(tx, core, corp_id, old, people)

    await core.durable.transact(body)


async def get(core: Core, corp_id: str, event_id: str, by: str | None = None) -> Event:
    """Return an event, for somebody who takes part in it if ``by`` is given; cancelled ones too."""
    event = await _by_id(core.durable, corp_id, event_id)
    if by is not None:
        _must_see(event, by)
    return event


async def book_rooms(
    core: Core, corp_id: str, event_id: str, by: str, room_ids: Sequence[str]
) -> None:
    """Book meeting rooms for an event; refuse rooms unknown or taken at that time."""

    async def body(tx: Tx) -> None:
        old = await _locked(tx, corp_id, event_id, by)
        if len({*room_ids, *(room.room_id for room in old.rooms)}) > MOST_ROOMS:
            raise _refusal(
                f"一个日程最多 {MOST_ROOMS} 间会议室。", f"An event has at most {MOST_ROOMS} rooms."
            )
        for room_id in sorted(set(room_ids)):
            await _room_is_free(tx, corp_id, room_id, old)
            await tx.run(rows_of.BOOK, room_id, old.number)
        await _rewrite(tx, core, corp_id, old, old.people)

    await core.durable.transact(body)


async def release_rooms(
    core: Core, corp_id: str, event_id: str, by: str, room_ids: Sequence[str]
) -> None:
    """Give meeting rooms back."""

    async def body(tx: Tx) -> None:
        old = await _locked(tx, corp_id, event_id, by)
        for room_id in sorted(set(room_ids)):
            await tx.run(rows_of.UNBOOK, room_id, old.number)
        await _rewrite(tx, core, corp_id, old, old.people)

    await core.durable.transact(body)


def _people(organizer: str, attendees: Sequence[Attendee]) -> list[Attendee]:
    people = {each.unionid: each for each in attendees}
    if len(people) > MOST_ATTENDEES:
        raise _too_many()
    people[organizer] = Attendee(organizer, response="accepted")
    return list(people.values())


def _check(summary: str, starts_at: int, ends_at: int) -> None:
    if not 1 <= len(summary) <= 2048:
        raise _refusal("日程标题应为 1 到 2048 个字符。", "A summary has 1 to 2048 characters.")
    if ends_at < starts_at:
        raise _refusal("日程的结束时间早于开始时间。", "The event ends before it starts.")


async def _all_members(core: Core, corp_id: str, people: Sequence[Attendee]) -> None:
    for each in people:
        await members.get_member_by_unionid(core, corp_id, each.unionid)


async def _room_is_free(tx: Tx, corp_id: str, room_id: str, event: Event) -> None:
    if await tx.one(rows_of.LOCK_ROOM, corp_id, room_id) is None:
        raise _refusal(
            f"没有会议室 {room_id[:64]!r}。", f"There is no meeting room {room_id[:64]!r}."
        )
    taken = await tx.all(rows_of.ROOM_BUSY, room_id, event.starts_at, event.ends_at)
    if any(row[0] != event.number for row in taken):
        raise Refusal(
            40035,
            f"会议室 {room_id} 在该时间已被预订。",
            f"Meeting room {room_id} is taken at that time.",
            errmsg="会议室不可用",
            facts={"v1": "meetingRoomNotAvailable"},
        )


async def _rewrite(
    tx: Tx,
    core: Core,
    corp_id: str,
    event: Event,
    people: Sequence[Attendee],
    change: str = "update",
) -> Event:
    await tx.run(
        rows_of.UPDATE,
        *(event.number, event.summary, event.starts_at, event.ends_at, int(event.cancelled)),
        *(rows.json_text(event.details), core.clock.now()),
    )
    await tx.run(rows_of.DELETE_PEOPLE, event.number)
    await _write_people(tx, corp_id, event.number, event.starts_at, people)
    new = await _by_id(tx, corp_id, event.event_id)
    await _tell(tx, core, corp_id, change, new)
    return new


async def _write_people(
    tx: Tx, corp_id: str, number: int, starts_at: int, people: Sequence[Attendee]
) -> None:
    await tx.many(
        rows_of.INSERT_PERSON,
        [
            (
                *(corp_id, each.unionid, number, starts_at),
                *(int(each.is_optional), each.response, int(each.hidden)),
            )
            for each in sorted(people, key=lambda each: each.unionid)
        ],
    )


async def _tell(tx: Tx, core: Core, corp_id: str, change: str, event: Event) -> None:
    await announce(
        tx,
        core,
        corp_id,
        "calendar_event_change",
        {
            "calendarEventId": event.event_id,
            "legacyCalendarEventId": event.event_id,
            "calendarEventUpdateTime": event.updated_at,
            "calendarId": PRIMARY,
            "unionIdList": [each.unionid for each in event.people],
            "changeType": change,
            "operator": {"type": "user"},
        },
    )


async def _locked(tx: Tx, corp_id: str, event_id: str, by: str) -> Event:
    await tx.one(rows_of.LOCK, corp_id, event_id)
    event = await _by_id(tx, corp_id, event_id)
    _must_see(event, by)
    if event.cancelled:
        raise unknown(event_id)
    return event


def _must_see(event: Event, unionid: str) -> None:
    person = event.person(unionid)
    if person is None or person.hidden:
        raise unknown(event.event_id)


async def _by_id(reader: Reader, corp_id: str, event_id: str) -> Event:
    row = await reader.one(rows_of.BY_ID, corp_id, event_id)
    if row is None:
        raise unknown(event_id)
    return await with_people(reader, row)


async def with_people(reader: Reader, row: Row) -> Event:
    """Read an event with who takes part and where."""
    event = event_of(row)
    people = await reader.all(rows_of.PEOPLE, event.number)
    booked = await reader.all(rows_of.ROOMS_OF_EVENT, event.number)
    return msgspec.structs.replace(
        event,
        people=[Attendee(p[0], bool(p[1]), p[2], bool(p[3]), p[4]) for p in people],
        rooms=[Room(*each) for each in booked],
    )


def event_of(row: Row) -> Event:
    """Read an event's own row, without its people and rooms."""
    values: list[Any] = list(row)
    values[6] = bool(values[6])
    values[7] = _DETAILS.decode(values[7])
    return Event(*values)


def _refusal(zh: str, en: str) -> Refusal:
    return Refusal(40035, zh, en)


def _denied(zh: str, en: str) -> Refusal:
    return Refusal(60011, zh, en, facts={"v1": "permissionDeny"})


def _too_many() -> Refusal:
    return _refusal(
        f"参与者超过 {MOST_ATTENDEES} 人。", f"An event has at most {MOST_ATTENDEES} attendees."
    )


def unknown(event_id: str) -> Refusal:
    """Return the refusal of an event that is not there."""
    zh, en = "", ""
    if "_" in event_id:
        zh = "循环日程的一次（id 中有 _）只能读取；修改请用 seriesMasterId。"
        en = " An occurrence (with _ in its id) can only be read; change its seriesMasterId."
    return Refusal(
        40035,
        f"该日历中没有日程 {event_id[:64]!r}。{zh}",
        f"There is no event {event_id[:64]!r} in this calendar.{en}",
        errmsg="日程不存在",
        facts={"v1": "itemNotFound"},
    )
