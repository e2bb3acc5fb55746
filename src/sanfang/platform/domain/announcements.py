"""Announcements (blackboard) of a corp."""

from __future__ import annotations

from typing import Any

import msgspec

from ..store.ports import Row, Tx
from ..store.queries import announcements as rows_of
from . import contacts, rows, secrets
from .core import Core
from .corps import ROOT_DEPARTMENT
from .model import Member
from .refusals import Refusal

_DETAILS = msgspec.json.Decoder(dict[str, Any])


class Announcement(msgspec.Struct, frozen=True):
    announcement_id: str
    author: str
    title: str
    content: str
    details: dict[str, Any]  # category_id, userids, dept_ids
    created_at: int
    modified_at: int

    def is_for(self, member: Member) -> bool:
        """Tell whether a member is among the receivers."""
        departments = self.details.get("dept_ids", [])
        return (
            member.userid in self.details.get("userids", [])
            or ROOT_DEPARTMENT in departments
            or not set(departments).isdisjoint(member.departments)
        )


async def create(
    core: Core,
    corp_id: str,
    by: str,
    *,
    title: str,
    content: str,
    author: str = "",
    details: dict[str, Any] | None = None,
) -> Announcement:
    """Put an announcement up; refuse 60111 (``by`` is nobody) and 40035 (a long title)."""
    member = await contacts.get_member(core, corp_id, by)
    _check(title)
    now = core.clock.now()
    made = Announcement(
        *(secrets.letters(32), author or member.name, title, content, details or {}, now, now)
    )

    async def body(tx: Tx) -> None:
        await tx.run(
            rows_of.INSERT,
            *(made.announcement_id, corp_id, made.author, title, content),
            *(rows.json_text(made.details), now),
        )

    await core.durable.transact(body)
    return made


async def update(
    core: Core, corp_id: str, announcement_id: str, *, title: str, content: str, author: str
) -> None:
    """Change an announcement; an empty author stays as it was."""
    _check(title)
    now = core.clock.now()

    async def body(tx: Tx) -> None:
        row = await tx.one(rows_of.BY_ID, corp_id, announcement_id)
        if row is None:
            raise _unknown(announcement_id)
        values = (author or row[1], title, content, now)
        await tx.run(rows_of.UPDATE, corp_id, announcement_id, *values)

    await core.durable.transact(body)


async def delete(core: Core, corp_id: str, announcement_id: str) -> None:
    """Take an announcement down; refuse 40035 when there is none."""

    async def body(tx: Tx) -> None:
        if not await tx.run(rows_of.DELETE, corp_id, announcement_id):
            raise _unknown(announcement_id)

    await core.durable.transact(body)


async def get(core: Core, corp_id: str, announcement_id: str) -> Announcement:
    """Return an announcement; refuse 40035 when there is none."""
    row = await core.durable.one(rows_of.BY_ID, corp_id, announcement_id)
    if row is None:
        raise _unknown(announcement_id)
    return _announcement(row)


async def list_of(core: Core, corp_id: str, *, offset: int, size: int) -> list[Announcement]:
    """Return a page of a corp's announcements, newest first."""
    return [
        _announcement(row) for row in await core.durable.all(rows_of.OF_CORP, corp_id, size, offset)
    ]


def _check(title: str) -> None:
    if len(title) > 100:
        raise Refusal(40035, "公告标题最多 100 个字符。", "A title has at most 100 characters.")


def _unknown(announcement_id: str) -> Refusal:
    return Refusal(
        40035,
        f"没有公告 {announcement_id[:64]!r}。",
        f"There is no announcement {announcement_id[:64]!r}.",
    )


def _announcement(row: Row) -> Announcement:
    values: list[Any] = list(row)
    values[4] = _DETAILS.decode(values[4])
    return Announcement(*values)
