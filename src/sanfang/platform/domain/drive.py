"""What is done with files and folders. Whoever changes a space holds its lock, so names stay unique."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from ..store import files
from ..store.ports import Tx
from ..store.queries import dentries as rows_of
from . import dentries, drive_refusals, media, secrets, spaces, uploads
from .core import Core
from .dentries import Dentry, Strategy
from .model import Identity
from .refusals import Refusal
from .spaces import Space

MOST_AT_ONCE = 1000  # dentries of one copy
MOST_PROPERTIES = 3  # of one app on one dentry

Way = Literal["ASC", "DESC"]
Properties = list[dict[str, str]]


async def add_folder(
    core: Core,
    identity: Identity,
    space_id: object,
    parent_id: object,
    name: str,
    *,
    operator: str,
    strategy: Strategy = "AUTO_RENAME",
    properties: Properties | None = None,
) -> Dentry:
    """Make a folder. Refuses what `spaces.get` does, dentryNotExist, dentryNameIllegal and
    dentryAlreadyExist. OVERWRITE of a folder returns it.
    """
    dentries.check_name(name)
    held = await spaces.get(core, identity, space_id)
    uuid, hung = secrets.letters(32), _hung(identity, properties)

    async def body(tx: Tx) -> Dentry:
        space = await spaces.lock(tx, identity, held.number)
        parent = await dentries.find_folder(tx, space, parent_id)
        old = await dentries.by_name(tx, space.number, parent, name)
        free = name
        if old is not None:
            if strategy == "RETURN_DENTRY_IF_EXISTS" or (strategy == "OVERWRITE" and old.is_folder):
                return old
            free = await _other_name(tx, space, parent, name, strategy)
        made = await dentries.insert(
            *(tx, space, parent, free),
            uuid=uuid,
            operator=operator,
            now=core.clock.now(),
            properties=hung,
        )
        await dentries.tell(tx, core, space, "create", made, operator)
        return made

    return await core.durable.transact(body)


async def add_file(
    core: Core,
    identity: Identity,
    space_id: object,
    parent_id: object,
    name: str,
    key: str,
    *,
    operator: str,
    strategy: Strategy = "AUTO_RENAME",
    size: int | None = None,
    properties: Properties | None = None,
    overwrite_id: object = "",
) -> Dentry:
    """Make a file of an upload (its key, or a media_id); the upload is finished with it.

    Refuses what `add_folder` does, what `uploads.content` does, 40006 (another ``size``) and
    spaceQuotaInsufficient. OVERWRITE, or ``overwrite_id``, makes a new version of the file.
    """
    dentries.check_name(name)
    held = await spaces.get(core, identity, space_id)
    stored = await _content(core, identity, key)
    if size is not None and size != stored.size:
        raise uploads.other_size(size, stored.size)
    uuid, hung = secrets.letters(32), _hung(identity, properties)

    async def body(tx: Tx) -> Dentry:
        space = await spaces.lock(tx, identity, held.number)
        parent = await dentries.find_folder(tx, space, parent_id)
        await uploads.forget(tx, key)
        old, free = await dentries.by_name(tx, space.number, parent, name), name
        target = old if strategy == "OVERWRITE" and old and not old.is_folder else None
        if overwrite_id:
            target = await dentries.find(tx, space, overwrite_id)
        elif old is not None and strategy == "RETURN_DENTRY_IF_EXISTS":
            return old
        now = core.clock.now()
        if target is not None:
            if target.is_folder:
                raise drive_refusals.no_dentry(overwrite_id)
            await spaces.grow(tx, core, space, stored.size - target.size)
            made = await dentries.replace_content(
                tx, target, sha256=stored.sha256, size=stored.size, operator=operator, now=now
            )
        else:
            if old is not None:
                free = await _other_name(tx, space, parent, name, strategy)
            await spaces.grow(tx, core, space, stored.size)
            made = await dentries.insert(
                *(tx, space, parent, free),
                uuid=uuid,
                operator=operator,
                now=now,
                sha256=stored.sha256,
                size=stored.size,
                properties=hung,
            )
        what = "create" if target is None else "update"
        await dentries.tell(tx, core, space, what, made, operator)
        return made

    return await core.durable.transact(body)


async def get(core: Core, identity: Identity, space_id: object, dentry_id: object) -> Dentry:
    """Return a file or folder; refuses what `spaces.get` does, and dentryNotExist."""
    space = await spaces.get(core, identity, space_id)
    return await dentries.find(core.durable, space, dentry_id)


async def by_uuid(core: Core, identity: Identity, uuid: str) -> tuple[Space, int]:
    """Return where a uuid points: its space and its number, 0 for a root; refuse dentryNotExist."""
    space = await spaces.by_root(core, identity, uuid)
    if space is not None:
        return space, dentries.ROOT
    row = await core.durable.one(rows_of.BY_UUID, uuid[:64], identity.corp_id)
    if row is None:
        raise drive_refusals.no_dentry(uuid)
    found = dentries.dentry(row)
    return await spaces.get(core, identity, found.space_no), found.number


async def children(
    core: Core,
    identity: Identity,
    space_id: object,
    parent_id: object,
    *,
    order: str = "CREATE_TIME",
    way: str = "ASC",
    skip: int = 0,
    size: int = 50,
) -> tuple[list[Dentry], bool]:
    """Return a page of what is in a folder, and whether there is more.

    ``order`` is MODIFIED_TIME, CREATE_TIME, NAME or SIZE, ``way`` ASC or DESC; refuses another.
    """
    query = rows_of.CHILDREN.get((order, way))
    if query is None:
        raise drive_refusals.unfit(
            "orderBy",
            "排序方式不在文档的取值内。",
            "This order is none of the documented ones.",
        )
    space = await spaces.get(core, identity, space_id)
    parent = await dentries.find_folder(core.durable, space, parent_id)
    path = await dentries.path_of(core.durable, parent)
    found = await core.durable.all(query, space.number, parent, size + 1, skip)
    listed = [dentries.dentry(row) for row in found[:size]]
    replace = msgspec.structs.replace
    return [replace(each, path=f"{path}/{each.name}") for each in listed], len(found) > size


async def everything(
    core: Core, identity: Identity, space_id: object, *, way: Way, skip: int, size: int
) -> tuple[list[Dentry], bool]:
    """Return a page of all files and folders of a space, oldest (ASC) first."""
    space = await spaces.get(core, identity, space_id)
    found = await core.durable.all(rows_of.EVERYTHING[way], space.number, size + 1, skip)
    listed = [await dentries.placed(core.durable, dentries.dentry(row)) for row in found[:size]]
    return listed, len(found) > size


async def rename(
    core: Core,
    identity: Identity,
    space_id: object,
    dentry_id: object,
    name: str,
    *,
    operator: str,
) -> Dentry:
    """Give another name; refuse dentryNameIllegal and dentryAlreadyExist."""
    dentries.check_name(name)
    held = await spaces.get(core, identity, space_id)

    async def body(tx: Tx) -> Dentry:
        space = await spaces.lock(tx, identity, held.number)
        old = await dentries.find(tx, space, dentry_id)
        other = await dentries.by_name(tx, space.number, old.parent_no, name)
        if other is not None and other.number != old.number:
            raise drive_refusals.taken(name)
        new = msgspec.structs.replace(
            old, name=name, modifier=operator, modified_at=core.clock.now()
        )
        await dentries.write(tx, new)
        await dentries.tell(tx, core, space, "update", new, operator)
        return await dentries.placed(tx, new)

    return await core.durable.transact(body)


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


async def set_properties(
    core: Core,
    identity: Identity,
    space_id: object,
    dentry_id: object,
    *,
    put: Sequence[dict[str, str]] = (),
    drop: Sequence[str] = (),
) -> None:
    """Change what this app hangs on a dentry; refuse more than three of them."""
    held = await spaces.get(core, identity, space_id)
    owner = media.owner_of(identity)

    async def body(tx: Tx) -> None:
        space = await spaces.lock(tx, identity, held.number)
        old = await dentries.find(tx, space, dentry_id)
        own = {each["name"]: each for each in old.properties.get(owner, [])}
        own |= {each["name"]: each for each in put}
        kept = [each for name, each in own.items() if name not in drop]
        hung = _hung(identity, kept)
        await dentries.write(
            tx, msgspec.structs.replace(old, properties={**old.properties, **hung})
        )

    await core.durable.transact(body)


async def versions(
    core: Core, identity: Identity, space_id: object, dentry_id: object, *, skip: int, size: int
) -> tuple[list[Dentry], bool]:
    """Return a page of what a file was, newest first."""
    found = await get(core, identity, space_id, dentry_id)
    rows = await core.durable.all(rows_of.VERSIONS, found.number, size + 1, skip)
    return [_as_it_was(found, row) for row in rows[:size]], len(rows) > size


async def version(
    core: Core, identity: Identity, space_id: object, dentry_id: object, number: int | None
) -> Dentry:
    """Return a file as it is, or as one version was; refuse folders and versions that never were."""
    found = await get(core, identity, space_id, dentry_id)
    if found.is_folder:
        raise drive_refusals.unsupported(
            "文件夹没有内容可下载。", "A folder has no content to download."
        )
    if not number or number == found.version:
        return found
    row = await core.durable.one(rows_of.VERSION, found.number, number)
    if row is None:
        raise drive_refusals.unfit(
            "version", f"没有版本 {number}。", f"There is no version {number}."
        )
    return _as_it_was(found, row)


async def revert(
    core: Core,
    identity: Identity,
    space_id: object,
    dentry_id: object,
    number: int,
    *,
    operator: str,
) -> None:
    """Make the content of an old version the newest one."""
    wanted = await version(core, identity, space_id, dentry_id, number)

    async def body(tx: Tx) -> None:
        space = await spaces.lock(tx, identity, wanted.space_no)
        old = await dentries.find(tx, space, dentry_id)
        await spaces.grow(tx, core, space, wanted.size - old.size)
        new = await dentries.replace_content(
            *(tx, old),
            sha256=wanted.sha256,
            size=wanted.size,
            operator=operator,
            now=core.clock.now(),
        )
        await dentries.tell(tx, core, space, "update", new, operator)

    await core.durable.transact(body)


async def _content(core: Core, identity: Identity, key: str) -> files.Stored:
    if key.startswith("#"):
        return await uploads.content(core, identity, key)
    try:
        found = await media.get(core, identity, key)
    except Refusal as refusal:
        refusal.facts["v1"] = "paramError.uploadKey"
        raise
    return files.Stored(found.sha256, found.size)


async def _other_name(tx: Tx, space: Space, parent: int, name: str, strategy: Strategy) -> str:
    if strategy in ("RETURN_ERROR_IF_EXISTS", "OVERWRITE"):
        raise drive_refusals.taken(name)
    return await dentries.free_name(tx, space.number, parent, name)


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
    return await _other_name(tx, space, same.parent_no, coming.name, strategy)


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


async def wipe(tx: Tx, core: Core, space: Space, item_no: int) -> None:
    """Delete for good what an item of the recycle bin took; the space is locked."""
    size = await tx.one(rows_of.TAKEN_SIZE, item_no)
    await spaces.grow(tx, core, space, -int(size[0]) if size else 0)
    for query in (
        *(rows_of.DELETE_TAKEN_VERSIONS, rows_of.DELETE_TAKEN_PERMISSIONS, rows_of.DELETE_TAKEN),
        rows_of.DELETE_ITEM,
    ):
        await tx.run(query, item_no)


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


def _hung(identity: Identity, properties: Properties | None) -> dict[str, Properties]:
    if properties is None:
        return {}
    if len(properties) > MOST_PROPERTIES:
        raise drive_refusals.unfit(
            "appProperties",
            f"每个应用最多 {MOST_PROPERTIES} 个属性。",
            f"An app hangs at most {MOST_PROPERTIES} properties on a dentry.",
        )
    return {media.owner_of(identity): properties}


def _as_it_was(found: Dentry, row: Sequence[object]) -> Dentry:
    number, sha256, size, creator, created_at = row
    return msgspec.convert(
        {
            **msgspec.structs.asdict(found),
            "version": number,
            "sha256": sha256,
            "size": size,
            "modifier": creator,
            "modified_at": created_at,
        },
        Dentry,
    )
