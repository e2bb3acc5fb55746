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
            free = await dentries.other_name(tx, space, parent, name, strategy)
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
                free = await dentries.other_name(tx, space, parent, name, strategy)
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
