"""Looking for files by name, as a member who sees only what he may read; how much of the drive is used."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..store.queries import dentries as rows_of
from ..store.queries import spaces as space_rows
from . import dentries, drive_permissions, spaces
from .core import Core
from .dentries import Dentry
from .media import owner_of
from .model import Identity
from .refusals import Refusal
from .spaces import Space

LONGEST = 255
_LAST = (1 << 62) - 1
_FOREVER = 1 << 53
_STEP = 200  # rows looked at in one go
_MOST_STEPS = 5


class Wanted(msgspec.Struct, frozen=True):
    """What else is asked of a file; empty: anything. Times are epoch milliseconds."""

    spaces: Sequence[int] = ()
    creators: Sequence[str] = ()
    modifiers: Sequence[str] = ()
    created: tuple[int, int] = (0, _FOREVER)
    modified: tuple[int, int] = (0, _FOREVER)


async def search(
    core: Core,
    identity: Identity,
    unionid: str,
    keyword: str,
    wanted: Wanted,
    *,
    after: int = 0,
    size: int = 50,
) -> tuple[list[Dentry], int]:
    """Return files and folders whose name holds a word, newest first, and where the next page begins.

    0: there is nothing more. A page may be shorter than asked where much may not be read.
    """
    pattern = keyword.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
    before, found = after or _LAST, list[Dentry]()
    held: dict[int, Space] = {}
    for _ in range(_MOST_STEPS):
        rows = await core.durable.all(
            rows_of.SEARCH,
            *(identity.corp_id, owner_of(identity), f"%{pattern}%", before),
            *(*wanted.created, *wanted.modified, _STEP),
        )
        for row in rows:
            before = row[0]
            each = dentries.dentry(row)
            if _fits(each, wanted) and await _readable(core, identity, each, unionid, held):
                found.append(await dentries.placed(core.durable, each))
                if len(found) == size:
                    return found, before
        if len(rows) < _STEP:
            return found, 0
    return found, before


async def totals(core: Core, corp_id: str, owner_key: str = "") -> tuple[int, int]:
    """Return the bytes used and allowed, of a corp's spaces or of those of one app."""
    row = await core.durable.one(space_rows.TOTALS, corp_id, owner_key)
    assert row is not None
    return row[0], row[1]


def _fits(found: Dentry, wanted: Wanted) -> bool:
    return (
        (not wanted.spaces or found.space_no in wanted.spaces)
        and (not wanted.creators or found.creator in wanted.creators)
        and (not wanted.modifiers or found.modifier in wanted.modifiers)
    )


async def _readable(
    core: Core, identity: Identity, found: Dentry, unionid: str, held: dict[int, Space]
) -> bool:
    if found.space_no not in held:
        held[found.space_no] = await spaces.get(core, identity, found.space_no)
    space = held[found.space_no]
    try:
        await drive_permissions.check(core, space, found.number, unionid, "READER")
    except Refusal:
        return False
    return True
