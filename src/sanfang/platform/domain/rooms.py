"""Meeting rooms of a corp, which events book (calendars.py)."""

from __future__ import annotations

from typing import Any

import msgspec

from ..store.ports import Row, Tx
from ..store.queries import calendars as rows_of
from . import rows, secrets
from .calendars import Event, event_of
from .core import Core
from .refusals import Refusal

_DETAILS = msgspec.json.Decoder(dict[str, Any])


class MeetingRoom(msgspec.Struct, frozen=True):
    room_id: str
    name: str
    details: dict[str, Any]


async def create(core: Core, corp_id: str, name: str, details: dict[str, Any]) -> MeetingRoom:
    """Make a meeting room."""
    made = MeetingRoom(secrets.token(), name, details)

    async def body(tx: Tx) -> None:
        await tx.run(
            rows_of.INSERT_ROOM,
            *(made.room_id, corp_id, name, rows.json_text(details), core.clock.now()),
        )

    await core.durable.transact(body)
    return made


async def get(core: Core, corp_id: str, room_id: str) -> MeetingRoom:
    """Return a meeting room; refuse 40035 when there is none."""
    row = await core.durable.one(rows_of.ROOM, corp_id, room_id)
    if row is None:
        raise unknown_room(room_id)
    return _room(row)


async def list_of(
    core: Core, corp_id: str, *, offset: int, size: int
) -> tuple[list[MeetingRoom], bool]:
    """Return a page of a corp's rooms, and whether there are more."""
    found = await core.durable.all(rows_of.ROOMS, corp_id, size + 1, offset)
    return [_room(row) for row in found[:size]], len(found) > size


async def delete(core: Core, corp_id: str, room_id: str) -> None:
    """Remove a meeting room with its bookings."""

    async def body(tx: Tx) -> None:
        if await tx.one(rows_of.LOCK_ROOM, corp_id, room_id) is None:
            raise unknown_room(room_id)
        await tx.run(rows_of.DELETE_BOOKINGS_OF_ROOM, room_id)
        await tx.run(rows_of.DELETE_ROOM, corp_id, room_id)

    await core.durable.transact(body)


async def busy(core: Core, room_id: str, start: int, end: int) -> list[Event]:
    """Return the events that hold a room between two times."""
    return [event_of(row) for row in await core.durable.all(rows_of.ROOM_BUSY, room_id, start, end)]


def unknown_room(room_id: str) -> Refusal:
    """Return the refusal for a room that is not there."""
    return Refusal(
        40035, f"没有会议室 {room_id[:64]!r}。", f"There is no meeting room {room_id[:64]!r}."
    )


def _room(row: Row) -> MeetingRoom:
    return MeetingRoom(row[0], row[1], _DETAILS.decode(row[2]))
