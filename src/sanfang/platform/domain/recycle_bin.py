"""The recycle bin of a corp: what was removed, until it is restored or deleted for good."""

from __future__ import annotations

from typing import Any

import msgspec

from ..store.ports import Reader, Row, Tx
from ..store.queries import dentries as rows_of
from ..store.queries import spaces as space_rows
from . import dentries, drive_moves, drive_refusals, spaces
from .core import Core
from .dentries import Dentry, Strategy
from .media import owner_of
from .model import Identity

_ALL_AT_ONCE = 100


class Item(msgspec.Struct, frozen=True):
    number: int
    space_no: int
    dentry_no: int
    path: str
    operator: str
    deleted_at: int
    is_folder: bool
    name: str
    size: int
    parent_no: int


def bin_id(corp_id: str) -> str:
    """Return the id of a corp's recycle bin; it has one."""
    return f"bin-{corp_id}"


def check_bin(identity: Identity, asked: str) -> None:
    """Refuse recycleBinNotExist for another id than this corp's."""
    if asked != bin_id(identity.corp_id):
        raise drive_refusals.no_bin(asked)


async def items(
    core: Core, identity: Identity, *, before: int | None, size: int
) -> tuple[list[Item], int | None]:
    """Return a page of items this app may see, newest first, and where the next page starts."""
    last = (1 << 53) if before is None else before
    found: list[Item] = []
    owners: dict[int, str] = {}
    while True:
        rows = await core.durable.all(rows_of.ITEMS, identity.corp_id, last, _ALL_AT_ONCE)
        for row in rows:
            item = _item(row)
            last = item.number
            if not await _sees(core, identity, item.space_no, owners):
                continue
            if len(found) == size:
                return found, found[-1].number
            found.append(item)
        if len(rows) < _ALL_AT_ONCE:
            return found, None


async def get(core: Core, identity: Identity, item_id: object) -> Item:
    """Return an item; refuse recycleItemNotExist, and what `spaces.get` refuses."""
    item = await _find(core.durable, identity, item_id)
    await spaces.get(core, identity, item.space_no)
    return item


async def delete(core: Core, identity: Identity, item_id: object) -> None:
    """Delete an item for good; refuse as `get` does."""
    held = await get(core, identity, item_id)

    async def body(tx: Tx) -> None:
        space = await spaces.lock(tx, identity, held.space_no)
        item = await _find(tx, identity, item_id)
        await drive_moves.wipe(tx, core, space, item.number)

    await core.durable.transact(body)


async def clear(core: Core, identity: Identity) -> None:
    """Delete for good everything this app may see in the bin."""
    before: int | None = None
    while True:
        page, before = await items(core, identity, before=before, size=_ALL_AT_ONCE)
        for item in page:
            await delete(core, identity, item.number)
        if before is None:
            return


async def restore(
    core: Core,
    identity: Identity,
    item_id: object,
    *,
    operator: str,
    strategy: Strategy = "AUTO_RENAME",
) -> Dentry:
    """Put an item back where it was, or at the root when its folder is gone."""
    held = await get(core, identity, item_id)

    async def body(tx: Tx) -> Dentry:
        space = await spaces.lock(tx, identity, held.space_no)
        item = await _find(tx, identity, item_id)
        parent = item.parent_no
        if parent and await tx.one(rows_of.BY_NO, parent, space.number) is None:
            parent = dentries.ROOT
        same, free = await dentries.by_name(tx, space.number, parent, item.name), item.name
        if same is not None:
            if strategy == "RETURN_DENTRY_IF_EXISTS":
                return same
            if strategy != "AUTO_RENAME":
                raise drive_refusals.taken(item.name)
            free = await dentries.free_name(tx, space.number, parent, item.name)
        await tx.run(rows_of.PLACE, item.dentry_no, space.number, parent, free)
        await tx.run(rows_of.RETURN_TAKEN, item.number)
        await tx.run(rows_of.DELETE_ITEM, item.number)
        back = await dentries.find(tx, space, item.dentry_no)
        await dentries.tell(tx, core, space, "create", back, operator)
        return back

    return await core.durable.transact(body)


async def _sees(core: Core, identity: Identity, space_no: int, owners: dict[int, str]) -> bool:
    if space_no not in owners:
        row = await core.durable.one(space_rows.BY_NO, space_no, identity.corp_id)
        owners[space_no] = "?" if row is None else str(row[3])
    return owners[space_no] in ("", owner_of(identity))


async def _find(reader: Reader, identity: Identity, item_id: object) -> Item:
    number = spaces.number_of(item_id)
    row = None
    if number is not None:
        row = await reader.one(rows_of.ITEM_BY_NO, number, identity.corp_id)
    if row is None:
        raise drive_refusals.no_item(item_id)
    return _item(row)


def _item(row: Row) -> Item:
    values: list[Any] = list(row)
    values[6] = bool(values[6])
    return Item(*values)
