"""Files and folders as rows: finding them, naming them, writing them. Their changes are in drive.py."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

from ..store.ports import Reader, Row, Tx
from ..store.queries import dentries as rows_of
from . import drive_refusals, rows, spaces
from .core import Core
from .corp_events import announce
from .spaces import Space

ROOT = 0
LONGEST_NAME = 255
DEEPEST = 64  # folders in folders

Strategy = Literal["AUTO_RENAME", "OVERWRITE", "RETURN_DENTRY_IF_EXISTS", "RETURN_ERROR_IF_EXISTS"]
STRATEGIES = ("AUTO_RENAME", "OVERWRITE", "RETURN_DENTRY_IF_EXISTS", "RETURN_ERROR_IF_EXISTS")

_ILLEGAL = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')
_PROPERTIES = msgspec.json.Decoder(dict[str, list[dict[str, str]]])


class Dentry(msgspec.Struct, frozen=True):
    """A file or folder. ``properties``: what each app hung on it, by the app's key."""

    number: int
    corp_id: str
    space_no: int
    parent_no: int
    uuid: str
    is_folder: bool
    name: str
    sha256: str
    size: int
    version: int
    properties: dict[str, list[dict[str, str]]]
    creator: str
    modifier: str
    created_at: int
    modified_at: int
    recycled: int
    path: str = ""

    @property
    def extension(self) -> str:
        stem, dot, end = self.name.rpartition(".")
        return end if dot and stem and not self.is_folder else ""


def check_name(name: str) -> None:
    """Refuse dentryNameIllegal."""
    unfit = _ILLEGAL.search(name) or name in (".", "..") or name != name.strip()
    if unfit or not 1 <= len(name) <= LONGEST_NAME:
        raise drive_refusals.illegal_name(name)


def check_strategy(strategy: str) -> Strategy:
    """Read a way to solve a conflict of names; '' is AUTO_RENAME."""
    for known in STRATEGIES:
        if strategy == known:
            return known  # type: ignore[return-value]
    if not strategy:
        return "AUTO_RENAME"
    raise drive_refusals.unfit(
        "conflictStrategy",
        f"conflictStrategy 应为 {'、'.join(STRATEGIES)} 之一。",
        f"conflictStrategy is one of {', '.join(STRATEGIES)}.",
    )


async def find(reader: Reader, space: Space, dentry_id: object) -> Dentry:
    """Return what lives in a space; refuse dentryNotExist."""
    number = spaces.number_of(dentry_id)
    row = None if not number else await reader.one(rows_of.BY_NO, number, space.number)
    if row is None:
        raise drive_refusals.no_dentry(dentry_id)
    return await placed(reader, dentry(row))


async def find_folder(reader: Reader, space: Space, dentry_id: object) -> int:
    """Return the number of a folder, 0 for the root; refuse dentryNotExist, also for a file."""
    if str(dentry_id) in ("", "0"):
        return ROOT
    found = await find(reader, space, dentry_id)
    if not found.is_folder:
        raise drive_refusals.no_dentry(dentry_id)
    return found.number


async def by_name(reader: Reader, space_no: int, parent_no: int, name: str) -> Dentry | None:
    row = await reader.one(rows_of.BY_NAME, space_no, parent_no, name)
    return None if row is None else await placed(reader, dentry(row))


async def ancestors(reader: Reader, number: int) -> list[tuple[int, str]]:
    """Return the numbers and names from the top folder down to a dentry itself."""
    if number == ROOT:
        return []
    return [(row[0], row[1]) for row in await reader.all(rows_of.ANCESTORS, number)]


async def path_of(reader: Reader, number: int) -> str:
    """Return ``/folder/folder/name``; '' for the root."""
    return "".join(f"/{name}" for _, name in await ancestors(reader, number))


async def placed(reader: Reader, found: Dentry) -> Dentry:
    """Add the path."""
    parent = await path_of(reader, found.parent_no)
    return msgspec.structs.replace(found, path=f"{parent}/{found.name}")


async def free_name(reader: Reader, space_no: int, parent_no: int, name: str) -> str:
    """Return ``name``, or ``name(1)``, ``name(2)``... whichever is the first that is free."""
    stem, dot, end = name.rpartition(".")
    if not stem:
        stem, dot, end = name, "", ""
    for number in range(1, 1000):
        tail = f"({number}){dot}{end}"
        candidate = stem[: LONGEST_NAME - len(tail)] + tail
        if await reader.one(rows_of.BY_NAME, space_no, parent_no, candidate) is None:
            return candidate
    raise drive_refusals.taken(name)


async def other_name(tx: Tx, space: Space, parent: int, name: str, strategy: Strategy) -> str:
    """Return a free name for what comes where ``name`` is taken; refuse dentryAlreadyExist."""
    if strategy in ("RETURN_ERROR_IF_EXISTS", "OVERWRITE"):
        raise drive_refusals.taken(name)
    return await free_name(tx, space.number, parent, name)


async def insert(
    tx: Tx,
    space: Space,
    parent_no: int,
    name: str,
    *,
    uuid: str,
    operator: str,
    now: int,
    sha256: str = "",
    size: int = 0,
    properties: dict[str, list[dict[str, str]]] | None = None,
) -> Dentry:
    """Write a new dentry, a folder when there is no ``sha256``; the name must be free."""
    if len(await ancestors(tx, parent_no)) >= DEEPEST:
        raise drive_refusals.unsupported(
            f"文件夹最多嵌套 {DEEPEST} 层。", f"Folders nest at most {DEEPEST} deep."
        )
    row = await tx.one(
        rows_of.INSERT,
        *(space.corp_id, space.number, parent_no, uuid, int(not sha256), name, sha256, size),
        *(rows.json_text(properties or {}), operator, now),
    )
    assert row is not None
    number = int(row[0])
    if sha256:
        await tx.run(rows_of.INSERT_VERSION, number, 1, sha256, size, operator, now)
    return await find(tx, space, number)


async def write(tx: Tx, changed: Dentry) -> None:
    await tx.run(
        rows_of.UPDATE,
        *(changed.number, changed.parent_no, changed.name, changed.sha256, changed.size),
        *(changed.version, rows.json_text(changed.properties), changed.modifier),
        changed.modified_at,
    )


async def replace_content(
    tx: Tx, old: Dentry, *, sha256: str, size: int, operator: str, now: int
) -> Dentry:
    """Write a new version of a file."""
    new = msgspec.structs.replace(
        *(old,),
        sha256=sha256,
        size=size,
        version=old.version + 1,
        modifier=operator,
        modified_at=now,
    )
    await write(tx, new)
    await tx.run(
        rows_of.INSERT_VERSION, new.number, new.version, new.sha256, new.size, operator, now
    )
    return new


async def tell(tx: Tx, core: Core, space: Space, what: str, changed: Dentry, who: str) -> None:
    """Announce ``storage_dentry_<what>`` under every scope that somebody subscribed."""
    for scope, scope_id in await spaces.subscribed(tx, space):
        fields: dict[str, object] = {
            "spaceId": str(space.number),
            "dentryId": str(changed.number),
            "eventScope": scope,
            "eventScopeId": scope_id,
            "extension": changed.extension,
            "unionId": who,
            "type": "FOLDER" if changed.is_folder else "FILE",
        }
        await announce(tx, core, space.corp_id, f"storage_dentry_{what}", fields)


def dentry(row: Row) -> Dentry:
    values: list[Any] = list(row)
    values[5] = bool(values[5])
    values[10] = _PROPERTIES.decode(values[10])
    return Dentry(*values)
