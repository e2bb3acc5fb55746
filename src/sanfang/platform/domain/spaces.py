"""Spaces: what files of a corp lie in. The same ones under the names of 2016, drive and storage."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from ..store.ports import Reader, Row, Tx
from ..store.queries import spaces as rows_of
from . import drive_refusals, rows, secrets
from .core import Core
from .media import owner_of
from .model import Identity

ORG, APP, CUSTOM = "org", "app", "custom"
APPROVAL = "approval"  # one per corp, for attachments of approvals; every app of the corp sees it
LONGEST_NAME = 255

_DETAILS = msgspec.json.Decoder(dict[str, Any])
_DOMAIN = re.compile(r"[a-z0-9]{1,10}")
_NUMBER = re.compile(r"[0-9]{1,18}")


class Space(msgspec.Struct, frozen=True):
    """``scene``: the domain, agent or scene that an app knows it by; unique with kind and owner."""

    number: int
    corp_id: str
    kind: str
    owner_key: str
    scene: str
    name: str
    root_uuid: str
    creator: str
    details: dict[str, Any]
    quota: int
    used: int
    created_at: int
    modified_at: int


def number_of(text: object) -> int | None:
    """Read an id of a space or dentry as clients send it; None for what cannot be one."""
    shown = str(text)
    return int(shown) if _NUMBER.fullmatch(shown) else None


async def create(
    core: Core,
    identity: Identity,
    kind: str,
    *,
    name: str,
    creator: str = "",
    scene: str = "",
    quota: int | None = None,
    details: dict[str, Any] | None = None,
) -> Space:
    """Make a space, or return the one the app has for that ``scene``; refuse an unfit name."""
    if len(name) > LONGEST_NAME or (kind == ORG and not name.strip()):
        raise drive_refusals.unfit(
            "name", "空间名称应为 1 到 255 个字符。", "The name of a space has 1 to 255 characters."
        )
    if len(scene) > LONGEST_NAME:
        raise drive_refusals.unfit("sceneId", "scene 过长。", "The scene is too long.")
    owner = "" if kind in (ORG, APPROVAL) else owner_of(identity)
    most = core.settings.drive_space_bytes if not quota or quota < 0 else quota
    uuid, now = secrets.letters(32), core.clock.now()

    async def body(tx: Tx) -> Space:
        row = await tx.one(rows_of.BY_SCENE, identity.corp_id, kind, owner, scene)
        if row is None:
            row = await tx.one(
                rows_of.INSERT,
                *(identity.corp_id, kind, owner, scene, name, uuid, creator),
                *(rows.json_text(details or {}), most, now),
            )
        assert row is not None
        return space(row)

    return await core.durable.transact(body)


async def of_corp(core: Core, corp_id: str, kind: str) -> Space | None:
    """Return the corp's one space of a kind that has its name for a scene; None before it is made."""
    row = await core.durable.one(rows_of.BY_SCENE, corp_id, kind, "", kind)
    return None if row is None else space(row)


async def custom(core: Core, identity: Identity, *, domain: str, agent_id: str) -> Space:
    """Return an app's own space of 2016, made at the first question; a corp names a domain, an ISV
    its agent_id. Refuses 40035.
    """
    if domain and not _DOMAIN.fullmatch(domain.lower()):
        raise drive_refusals.unfit(
            "domain",
            "domain 应为 1 到 10 个字母或数字。",
            "A domain has 1 to 10 letters or digits.",
        )
    if not domain and not agent_id:
        raise drive_refusals.unfit(
            "domain",
            "企业调用须传 domain，ISV 调用须传 agent_id。",
            "A corp sends a domain, an ISV its agent_id.",
        )
    scene = domain.lower() if domain else f"agent {agent_id}"
    return await create(core, identity, CUSTOM, name=domain or agent_id, scene=scene)


async def get(core: Core, identity: Identity, space_id: object) -> Space:
    """Return a space this app may use.

    Refuses 72001 (spaceNotExist) and 72002 (permissionDenied: it belongs to another app).
    """
    number = number_of(space_id)
    row = None
    if number is not None:
        row = await core.durable.one(rows_of.BY_NO, number, identity.corp_id)
    return admitted(identity, None if row is None else space(row), space_id)


async def by_root(core: Core, identity: Identity, uuid: str) -> Space | None:
    """Return the space whose root has a uuid."""
    row = await core.durable.one(rows_of.BY_ROOT, uuid[:64], identity.corp_id)
    return None if row is None else admitted(identity, space(row), uuid)


async def lock(tx: Tx, identity: Identity, number: int) -> Space:
    """Return a space nobody else changes until the transaction ends; refuse as `get` does."""
    row = await tx.one(rows_of.LOCK, number, identity.corp_id)
    return admitted(identity, None if row is None else space(row), number)


async def list_org(core: Core, corp_id: str, after: int, size: int) -> list[Space]:
    """Return the corp's team folders with numbers above ``after``."""
    found = await core.durable.all(rows_of.OF_KIND, corp_id, ORG, after, size)
    return [space(row) for row in found]


async def delete(core: Core, identity: Identity, space_id: object) -> None:
    """Delete a space with everything in it; refuse as `get` does."""
    found = await get(core, identity, space_id)

    async def body(tx: Tx) -> None:
        await lock(tx, identity, found.number)
        for query in (
            *(rows_of.DELETE_PERMISSIONS, rows_of.DELETE_VERSIONS, rows_of.DELETE_DENTRIES),
            *(rows_of.DELETE_ITEMS, rows_of.DELETE),
        ):
            await tx.run(query, found.number)

    await core.durable.transact(body)


async def grow(tx: Tx, core: Core, held: Space, size: int) -> None:
    """Count bytes that came into (or, below 0, went out of) a locked space; refuse when it is full."""
    left = held.quota - held.used
    if size > 0 and size > left:
        raise drive_refusals.full(held.number, left)
    await tx.run(rows_of.GROW, held.number, size, core.clock.now())


async def subscribe(core: Core, identity: Identity, scope: str, scope_id: str) -> None:
    """Ask for storage_dentry_* events of the corp (ORG) or of one space (SPACE)."""
    await _check_scope(core, identity, scope, scope_id)

    async def body(tx: Tx) -> None:
        await tx.run(rows_of.SUBSCRIBE, identity.corp_id, owner_of(identity), scope, scope_id)

    await core.durable.transact(body)


async def unsubscribe(core: Core, identity: Identity, scope: str, scope_id: str) -> None:
    """Take `subscribe` back; what was not subscribed stays so."""
    await _check_scope(core, identity, scope, scope_id)

    async def body(tx: Tx) -> None:
        await tx.run(rows_of.UNSUBSCRIBE, identity.corp_id, owner_of(identity), scope, scope_id)

    await core.durable.transact(body)


async def subscribed(reader: Reader, held: Space) -> list[tuple[str, str]]:
    """Return the scopes, and their ids, under which somebody hears of a space."""
    found = await reader.all(rows_of.SUBSCRIBED, held.corp_id, str(held.number))
    return [(row[0], row[1]) for row in found]


async def _check_scope(core: Core, identity: Identity, scope: str, scope_id: str) -> None:
    if scope == "SPACE":
        await get(core, identity, scope_id)
    elif scope != "ORG" or scope_id != identity.corp_id:
        raise drive_refusals.unfit(
            "scope" if scope != "ORG" else "scopeId",
            "scope 为 ORG 时 scopeId 是本企业的 corpId，为 SPACE 时是空间 id。",
            "With scope ORG the scopeId is this corp's corpId, with SPACE the id of a space.",
        )


def admitted(identity: Identity, found: Space | None, asked: object) -> Space:
    if found is None:
        raise drive_refusals.no_space(asked)
    if found.owner_key not in ("", owner_of(identity)):
        raise drive_refusals.not_allowed(found.number)
    return found


def space(row: Row) -> Space:
    values: list[Any] = list(row)
    values[8] = _DETAILS.decode(values[8])
    return Space(*values)
