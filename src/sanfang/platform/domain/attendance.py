"""Attendance records and leaves: given to the sandbox, or uploaded by a device; read through the API.

Work goes from 9:00 to 18:00, Beijing time, unless a record says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import msgspec

from ..store.ports import Query, Row, Tx
from ..store.queries import attendance as rows_of
from . import contacts, rows
from .core import Core
from .corp_events import announce
from .office_model import CheckType, Leave, LocationResult, Record, SourceType, TimeResult
from .refusals import Refusal

DAY = 86_400_000
_BEIJING = 8 * 3_600_000
_BEGINS, _ENDS, _NOON = 9 * 3_600_000, 18 * 3_600_000, 13 * 3_600_000 + 1_800_000

_DETAILS = msgspec.json.Decoder(dict[str, Any])


async def add(
    core: Core,
    corp_id: str,
    userid: str,
    *,
    user_check_at: int | None = None,
    check_type: str = "",
    time_result: str = "",
    location_result: str = "Normal",
    source_type: str = "USER",
    details: dict[str, Any] | None = None,
) -> Record:
    """Record that a member came or went, now unless a time is given; refuse 60111 and 40035.

    What is not said follows from the time: before 13:30 it is OnDuty, after nine it is Late.
    """
    await contacts.get_member(core, corp_id, userid)
    at = core.clock.now() if user_check_at is None else user_check_at
    work_date = at - (at + _BEIJING) % DAY
    kind = check_type or ("OnDuty" if at - work_date < _NOON else "OffDuty")
    base = work_date + (_BEGINS if kind == "OnDuty" else _ENDS)
    if not time_result:
        late, early = kind == "OnDuty" and at > base, kind == "OffDuty" and at < base
        time_result = "Late" if late else "Early" if early else "Normal"
    for value, known in (
        (kind, get_args(CheckType)),
        (time_result, get_args(TimeResult)),
        (location_result, get_args(LocationResult)),
        (source_type, get_args(SourceType)),
    ):
        if value not in known:
            raise Refusal(
                40035, f"{value[:40]!r} 应为 {known}。", f"{value[:40]!r} is not one of {known}."
            )
    values = (userid, work_date, kind, base, at, time_result, location_result, source_type)

    async def body(tx: Tx) -> Record:
        text = rows.json_text(details or {})
        row = await tx.one(rows_of.INSERT_RECORD, corp_id, *values, text)
        assert row is not None
        record = Record(int(row[0]), *values, details or {})
        if time_result != "NotSigned":
            await announce(tx, core, corp_id, "attendance_check_record", _event(corp_id, record))
        return record

    return await core.durable.transact(body)


async def add_leave(
    core: Core,
    corp_id: str,
    userid: str,
    *,
    starts_at: int,
    ends_at: int,
    duration_unit: str = "percent_day",
) -> Leave:
    """Record that a member is on leave; refuse 60111 and 40035."""
    await contacts.get_member(core, corp_id, userid)
    if ends_at <= starts_at:
        raise Refusal(40035, "假期的结束早于开始。", "The leave ends before it starts.")
    unit = DAY if duration_unit == "percent_day" else 3_600_000
    percent = max(1, round((ends_at - starts_at) * 100 / unit))
    values = (userid, starts_at, ends_at, duration_unit, percent)

    async def body(tx: Tx) -> Leave:
        row = await tx.one(rows_of.INSERT_LEAVE, corp_id, *values)
        assert row is not None
        return Leave(int(row[0]), *values)

    return await core.durable.transact(body)


async def list_results(
    core: Core,
    corp_id: str,
    userids: Sequence[str],
    *,
    start: int,
    end: int,
    offset: int = 0,
    size: int = 50,
) -> tuple[list[Record], bool]:
    """Return a page of results by work date (whole days), and whether there are more."""
    days = (start - (start + _BEIJING) % DAY, end)
    found = await _of(core, rows_of.BY_WORK_DATE, corp_id, userids, days, offset + size + 1)
    found.sort(key=lambda each: (each.work_date, each.record_id))
    return found[offset : offset + size], len(found) > offset + size


async def list_records(
    core: Core, corp_id: str, userids: Sequence[str], *, start: int, end: int
) -> list[Record]:
    """Return what members did between two times, without what they missed."""
    found = await _of(core, rows_of.BY_CHECK_TIME, corp_id, userids, (start, end), 10_000)
    found.sort(key=lambda each: (each.user_check_at, each.record_id))
    return found


async def list_leaves(
    core: Core,
    corp_id: str,
    userids: Sequence[str],
    *,
    start: int,
    end: int,
    offset: int,
    size: int,
) -> tuple[list[Leave], bool]:
    """Return a page of the leaves that touch a time, and whether there are more."""
    found: list[Leave] = []
    most = offset + size + 1
    for userid in dict.fromkeys(userids):
        each = await core.durable.all(rows_of.LEAVES, corp_id, userid, start, end, most)
        found += [Leave(*row) for row in each]
    found.sort(key=lambda each: (each.starts_at, each.leave_id))
    return found[offset : offset + size], len(found) > offset + size


async def _of(
    core: Core,
    query: Query,
    corp_id: str,
    userids: Sequence[str],
    window: tuple[int, int],
    most: int,
) -> list[Record]:
    found: list[Record] = []
    for userid in dict.fromkeys(userids):
        each = await core.durable.all(query, corp_id, userid, *window, most)
        found += [_record(row) for row in each]
    return found


def _record(row: Row) -> Record:
    values: list[Any] = list(row)
    values[9] = _DETAILS.decode(values[9])
    return Record(*values)


def _event(corp_id: str, record: Record) -> dict[str, object]:
    line = {
        "corpId": corp_id,
        "userId": record.userid,
        "checkTime": record.user_check_at,
        "locationResult": record.location_result,
        "bizId": str(record.record_id),
        "checkByUser": record.source_type == "USER",
        "address": record.details.get("userAddress", ""),
    }
    return {"dataList": [line], "DataList": [line]}
