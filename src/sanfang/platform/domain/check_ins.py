"""Check-ins of members outside: given to the sandbox, read through the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..store.ports import Row, Tx
from ..store.queries import attendance as rows_of
from . import contacts, rows
from .core import Core
from .corp_events import announce
from .office_model import CheckIn


async def add(
    core: Core,
    corp_id: str,
    userid: str,
    *,
    checked_at: int | None = None,
    place: str = "",
    detail_place: str = "",
    remark: str = "",
    latitude: str = "",
    longitude: str = "",
    images: Sequence[str] = (),
) -> CheckIn:
    """Let a member check in, now unless a time is given; refuse 60111."""
    await contacts.get_member(core, corp_id, userid)
    at = core.clock.now() if checked_at is None else checked_at
    values = (userid, at, place, detail_place, remark, latitude, longitude)

    async def body(tx: Tx) -> CheckIn:
        row = await tx.one(rows_of.INSERT_CHECK_IN, corp_id, *values, rows.json_text(list(images)))
        assert row is not None
        fields: dict[str, object] = {"timeStamp": at, "staffId": userid, "StaffId": userid}
        await announce(tx, core, corp_id, "check_in", fields)
        return CheckIn(int(row[0]), *values, list(images))

    return await core.durable.transact(body)


async def list_of_department(
    core: Core,
    corp_id: str,
    dept_id: int,
    *,
    start: int,
    end: int,
    offset: int,
    size: int,
    newest_first: bool,
) -> list[CheckIn]:
    """Return a page of the check-ins of everybody below a department; refuse 60003."""
    await contacts.get_department(core, corp_id, dept_id)
    query = rows_of.CHECK_INS_OF_DEPT_BACK if newest_first else rows_of.CHECK_INS_OF_DEPT
    found = await core.durable.all(query, corp_id, dept_id, start, end, size, offset)
    return [_check_in(row) for row in found]


async def list_of_users(
    core: Core,
    corp_id: str,
    userids: Sequence[str],
    *,
    start: int,
    end: int,
    offset: int,
    size: int,
) -> tuple[list[CheckIn], bool]:
    """Return a page of the check-ins of some members by time, and whether there are more."""
    found: list[CheckIn] = []
    most = offset + size + 1
    for userid in dict.fromkeys(userids):
        query = rows_of.CHECK_INS_OF_USER
        each = await core.durable.all(query, corp_id, userid, start, end, most)
        found += [_check_in(row) for row in each]
    found.sort(key=lambda each: (each.checked_at, each.check_in_id))
    return found[offset : offset + size], len(found) >= most


def _check_in(row: Row) -> CheckIn:
    values: list[Any] = list(row)
    values[8] = rows.strings(values[8])
    return CheckIn(*values)
