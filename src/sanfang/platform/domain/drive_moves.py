"""Moving, copying and removing files and folders with all that is in them."""

from __future__ import annotations

import msgspec

from ..store.ports import Tx
from ..store.queries import dentries as rows_of
from . import dentries, drive_refusals, secrets, spaces
from .core import Core
from .dentries import Dentry, Strategy
from .model import Identity
from .spaces import Space

MOST_AT_ONCE = 1000  # dentries of one copy


async def move(
    core: Core,
    identity: Identity,
    space_id: object,
    dentry_id: object,
    target_space: object,
    target_folder: object,
    *,
    operator: str,
    strategy: Strategy = "AUTO_RENAME",
) -> Dentry:
    """Move a file, or a folder with all that is in it; refuse a folder into itself."""
    source, target = await _both(core, identity, space_id, target_space)

    async def body(tx: Tx) -> Dentry:
        here, there = await _lock_both(tx, identity, source, target)
        old = await dentries.find(tx, here, dentry_id)
        parent = await dentries.find_folder(tx, there, target_folder)
        if any(number == old.number for number, _ in await dentries.ancestors(tx, parent)):
            raise drive_refusals.unsupported(
                "不能把文件夹移动到它自己里面。", "A folder cannot be moved into itself."
            )
        same = await dentries.by_name(tx, there.number, parent, old.name)
        free = old.name
        if same is not None and same.number != old.number:
            if strategy == "RETURN_DENTRY_IF_EXISTS":
                return same
            free = await _clear(tx, core, there, same, old, strategy, operator)
        if here.number != there.number:
            await _weigh(tx, core, here, there, old)
            # First to its new name, then what is in it: the old name may be taken over there.
            await tx.run(rows_of.PLACE, old.number, there.number, parent, free)
            await tx.run(rows_of.MOVE_PERMISSIONS, old.number, here.number, 0, there.number)
            await tx.run(rows_of.MOVE_TREE, old.number, here.number, 0, there.number)
        new = msgspec.structs.replace(
            *(old,),
            space_no=there.number,
            parent_no=parent,
            name=free,
            modifier=operator,
            modified_at=core.clock.now(),
        )
        await dentries.write(tx, new)
        await dentries.tell(tx, core, there, "update", new, operator)
        return await dentries.placed(tx, new)

    return await core.durable.transact(body)


async def copy(
    core: Core,
    identity: Identity,
    space_id: object,
    dentry_id: object,
    target_space: object,
    target_folder: object,
    *,
    operator: str,
    strategy: Strategy = "AUTO_RENAME",
) -> Dentry:
    """Copy a file, or a folder with all that is in it, at most ``MOST_AT_ONCE`` of them."""
    source, target = await _both(core, identity, space_id, target_space)
    uuids = [secrets.letters(32) for _ in range(MOST_AT_ONCE)]

    async def body(tx: Tx) -> Dentry:
        here, there = await _lock_both(tx, identity, source, target)
        old = await dentries.find(tx, here, dentry_id)
        parent = await dentries.find_folder(tx, there, target_folder)
        found = await tx.all(rows_of.TREE_ROWS, old.number, here.number, 0, MOST_AT_ONCE + 1)
        if len(found) > MOST_AT_ONCE:
            raise drive_refusals.unsupported(
                f"一次最多复制 {MOST_AT_ONCE} 项。",
                f"At most {MOST_AT_ONCE} things are copied at once.",
            )
        tree = [dentries.dentry(row) for row in found]
        same, free = await dentries.by_name(tx, there.number, parent, old.name), old.name
        if same is not None:
            if strategy == "RETURN_DENTRY_IF_EXISTS":
                return same
            free = await _clear(tx, core, there, same, old, strategy, operator)
        await spaces.grow(tx, core, there, sum(each.size for each in tree))
        places = {old.parent_no: parent}
        made: list[Dentry] = []
        for each, uuid in zip(tree, uuids, strict=False):
            new = await dentries.insert(
                *(tx, there, places[each.parent_no], each.name if made else free),
                uuid=uuid,
                operator=operator,
                now=core.clock.now(),
                sha256=each.sha256,
                size=each.size,
            )
            places[each.number] = new.number
            made.append(new)
        await dentries.tell(tx, core, there, "create", made[0], operator)
        return made[0]

    return await core.durable.transact(body)


async def remove(
    core: Core,
    identity: Identity,
    space_id: object,
    dentry_id: object,
    *,
    operator: str,
    for_good: bool,
) -> None:
    """Put into the recycle bin, or delete ``for_good``."""
    held = await spaces.get(core, identity, space_id)

    async def body(tx: Tx) -> None:
        space = await spaces.lock(tx, identity, held.number)
        old = await dentries.find(tx, space, dentry_id)
        await _take(tx, core, space, old, operator, for_good=for_good)
        await dentries.tell(tx, core, space, "delete", old, operator)

    await core.durable.transact(body)


async def wipe(tx: Tx, core: Core, space: Space, item_no: int) -> None:
    """Delete for good what an item of the recycle bin took; the space is locked."""
    size = await tx.one(rows_of.TAKEN_SIZE, item_no)
    await spaces.grow(tx, core, space, -int(size[0]) if size else 0)
    for query in (
        *(rows_of.DELETE_TAKEN_VERSIONS, rows_of.DELETE_TAKEN_PERMISSIONS, rows_of.DELETE_TAKEN),
        rows_of.DELETE_ITEM,
    ):
        await tx.run(query, item_no)


async def _clear(
    tx: Tx,
    core: Core,
    space: Space,
    same: Dentry,
    coming: Dentry,
    strategy: Strategy,
    operator: str,
) -> str:
    """Make room for what comes where ``same`` is: overwritten files go to the recycle bin."""
    if strategy == "OVERWRITE" and not same.is_folder and not coming.is_folder:
        if same.number == coming.number:
            raise drive_refusals.taken(coming.name)
        await _take(tx, core, space, same, operator, for_good=False)
        return coming.name
    return await dentries.other_name(tx, space, same.parent_no, coming.name, strategy)


async def _take(
    tx: Tx, core: Core, space: Space, old: Dentry, operator: str, *, for_good: bool
) -> None:
    row = await tx.one(
        rows_of.INSERT_ITEM,
        *(space.corp_id, space.number, old.number, old.path, operator, core.clock.now()),
    )
    assert row is not None
    await tx.run(rows_of.RECYCLE_TREE, old.number, space.number, 0, int(row[0]))
    if for_good:
        await wipe(tx, core, space, int(row[0]))


async def _both(core: Core, identity: Identity, one: object, other: object) -> tuple[Space, Space]:
    return await spaces.get(core, identity, one), await spaces.get(core, identity, other)


async def _lock_both(
    tx: Tx, identity: Identity, source: Space, target: Space
) -> tuple[Space, Space]:
    """Lock in one order, so that two who move in opposite directions do not wait for each other."""
    locked = {
        number: await spaces.lock(tx, identity, number)
        for number in sorted({source.number, target.number})
    }
    return locked[source.number], locked[target.number]


async def _weigh(tx: Tx, core: Core, here: Space, there: Space, old: Dentry) -> None:
    row = await tx.one(rows_of.TREE_SIZE, old.number, here.number, 0)
    size = int(row[0]) if row else 0
    await spaces.grow(tx, core, there, size)
    await spaces.grow(tx, core, here, -size)
