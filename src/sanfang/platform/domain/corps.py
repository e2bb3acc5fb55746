"""Enterprises and the apps they make for themselves."""

from __future__ import annotations

import msgspec

from ..store.ports import Reader, Tx
from ..store.queries import authorisations as auth_rows
from ..store.queries import contacts as contact_rows
from ..store.queries import corps as rows_of
from . import rows, secrets
from .core import Core
from .corp_events import announce
from .model import Corp, CorpApp
from .refusals import Refusal

ROOT_DEPARTMENT = 1


async def create_corp(
    core: Core,
    name: str,
    *,
    is_authenticated: bool = False,
    test_of: str | None = None,
    admin_name: str = "管理员",
) -> Corp:
    """Make a corp with its root department, its admin ``manager`` and one own app."""
    made = Corp(
        f"ding{secrets.letters(20)}", _named(name), is_authenticated, test_of, core.clock.now()
    )
    app_key, secret, union = f"ding{secrets.letters(16)}", secrets.secret(), secrets.letters(22)

    async def body(tx: Tx) -> None:
        await insert_corp(tx, made, admin_name, union)
        await insert_app(tx, made.corp_id, app_key, secret, "自建应用")

    await core.durable.transact(body)
    return made


async def insert_corp(tx: Tx, made: Corp, admin_name: str, unionid: str) -> None:
    """Write a corp with root department and admin inside a transaction."""
    now = made.created_at
    await tx.run(
        rows_of.INSERT, made.corp_id, made.name, int(made.is_authenticated), made.test_of, now
    )
    await tx.run(contact_rows.INSERT_DEPT, made.corp_id, ROOT_DEPARTMENT, 0, made.name, 0, "{}")
    await tx.run(
        contact_rows.INSERT_MEMBER,
        *(made.corp_id, "manager", unionid, admin_name, "", "", "", "", 1, now, "{}"),
    )
    await tx.run(
        contact_rows.ADD_DEPT_OF_MEMBER, made.corp_id, ROOT_DEPARTMENT, "manager", 0, 0, "", now
    )


async def get_corp(core: Core, corp_id: str) -> Corp:
    """Return a corp; refuse with 33001 when there is none."""
    row = await core.durable.one(rows_of.BY_ID, corp_id)
    if row is None:
        raise unknown_corp(corp_id)
    return rows.corp(row)


async def list_corps(core: Core, *, limit: int = 100, after: str = "") -> list[Corp]:
    """Return corps by corpid, those after ``after``."""
    return [rows.corp(row) for row in await core.durable.all(rows_of.PAGE, after, limit)]


async def update_corp(
    core: Core, corp_id: str, *, name: str | None = None, is_authenticated: bool | None = None
) -> Corp:
    """Rename a corp, and its root department with it, or certify it: ``org_change``.

    Refuses 33001 when there is no such corp or it has ended, 40035 for a name that is none.
    """

    async def body(tx: Tx) -> Corp:
        await tx.one(rows_of.LOCK, corp_id)
        row = await tx.one(rows_of.BY_ID, corp_id)
        if row is None or rows.corp(row).dissolved_at is not None:
            raise unknown_corp(corp_id)
        old = rows.corp(row)
        new: Corp = msgspec.structs.replace(
            old,
            name=old.name if name is None else _named(name),
            is_authenticated=(
                old.is_authenticated if is_authenticated is None else is_authenticated
            ),
        )
        if new != old:
            await tx.run(rows_of.UPDATE, corp_id, new.name, int(new.is_authenticated))
            await tx.run(contact_rows.RENAME_DEPT, corp_id, ROOT_DEPARTMENT, new.name)
            await announce(tx, core, corp_id, "org_change", {})
        return new

    return await core.durable.transact(body)


async def dissolve_corp(core: Core, corp_id: str) -> None:
    """A11: the corp ends. Its apps, authorisations and tokens are dead at once; what it was remains.

    Refuses 33001 when there is no such corp or it has ended already.
    """

    async def body(tx: Tx) -> None:
        if await tx.one(rows_of.LOCK, corp_id) is None:
            raise unknown_corp(corp_id)
        now = core.clock.now()
        if not await tx.run(rows_of.DISSOLVE, corp_id, now):
            raise unknown_corp(corp_id)
        await announce(tx, core, corp_id, "org_remove", {})
        await tx.run(auth_rows.RELIEVE_CORP, corp_id, now)
        await tx.run(auth_rows.DELETE_AGENTS_OF_CORP, corp_id)
        await tx.run(rows_of.DELETE_APPS, corp_id)

    await core.durable.transact(body)


async def is_dissolved(reader: Reader, corp_id: str) -> bool:
    """Tell whether a corp has ended."""
    row = await reader.one(rows_of.BY_ID, corp_id)
    return row is not None and rows.corp(row).dissolved_at is not None


async def create_app(core: Core, corp_id: str, name: str) -> CorpApp:
    """Make an own app of a corp: an appkey, a secret and an agentid."""
    app_key, secret = f"ding{secrets.letters(16)}", secrets.secret()
    title = _named(name)

    async def body(tx: Tx) -> int:
        if await tx.one(rows_of.LOCK, corp_id) is None:
            raise unknown_corp(corp_id)
        return await insert_app(tx, corp_id, app_key, secret, title)

    agent_id = await core.durable.transact(body)
    return CorpApp(app_key, corp_id, agent_id, title, secret, [])


async def list_apps(core: Core, corp_id: str) -> list[CorpApp]:
    """Return a corp's own apps (at most 1000)."""
    await get_corp(core, corp_id)
    return [rows.corp_app(row) for row in await core.durable.all(rows_of.APPS_OF, corp_id)]


async def insert_app(tx: Tx, corp_id: str, app_key: str, secret: str, name: str) -> int:
    """Write an own app inside a transaction; return its agentid."""
    row = await tx.one(rows_of.NEXT_AGENT, app_key, corp_id)
    assert row is not None
    agent_id = int(row[0])
    await tx.run(rows_of.INSERT_APP, app_key, corp_id, agent_id, name, secret, "[]")
    return agent_id


def unknown_corp(corp_id: str) -> Refusal:
    return Refusal(
        33001,
        f"没有企业 {corp_id!r}。",
        f"There is no corp {corp_id!r}.",
        facts={"corp_id": corp_id},
    )


def _named(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 100:
        raise Refusal(40035, "名称应为 1 到 100 个字符。", "A name has 1 to 100 characters.")
    return name
