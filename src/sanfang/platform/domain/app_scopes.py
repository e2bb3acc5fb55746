"""Who sees a micro-app of a corp: everybody, some departments, members and roles, or admins only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from ..store.ports import Query, Reader, Row, Tx
from ..store.queries import authorisations as auth_rows
from ..store.queries import contacts as contact_rows
from ..store.queries import micro_apps as rows_of
from . import bells, rows
from .core import Core
from .members import get_member, unknown_member
from .refusals import Refusal

_NUMBERS = msgspec.json.Decoder(list[int])
MOST_ENTRIES = 1000
_Id = TypeVar("_Id", int, str)


class AppScope(msgspec.Struct, frozen=True):
    """Without any entry, and not hidden, an app is seen by everybody; hidden, by admins alone."""

    is_hidden: bool = False
    dept_ids: list[int] = []
    userids: list[str] = []
    role_ids: list[int] = []

    @property
    def open(self) -> bool:
        """Whether everybody sees the app."""
        return not (self.is_hidden or self.dept_ids or self.userids or self.role_ids)


class Viewer(msgspec.Struct, frozen=True):
    """A member as scopes see one: ``dept_ids`` are its departments and all above them."""

    userid: str
    is_admin: bool
    dept_ids: frozenset[int]
    role_ids: frozenset[int]

    def sees(self, scope: AppScope) -> bool:
        """Whether an app of this scope is shown."""
        if self.is_admin or scope.open:
            return True
        return not scope.is_hidden and (
            self.userid in scope.userids
            or not self.dept_ids.isdisjoint(scope.dept_ids)
            or not self.role_ids.isdisjoint(scope.role_ids)
        )


async def get_scope(core: Core, corp_id: str, agent_id: int) -> AppScope:
    """Return who sees an app of a corp; refuse 40056 when the corp has no such app."""
    return await _scope(core.durable, corp_id, agent_id, auth_rows.AGENT_BY_ID)


async def set_scope(core: Core, corp_id: str, agent_id: int, scope: AppScope) -> None:
    """Replace who sees an app; refuses 40056, 60111 (no such member), 60003 (no such department)."""
    await change_scope(core, corp_id, agent_id, lambda _: scope)


async def change_scope(
    core: Core, corp_id: str, agent_id: int, change: Callable[[AppScope], AppScope]
) -> None:
    """Replace the scope of an app by what ``change`` makes of it; refuses as `set_scope`."""

    async def body(tx: Tx) -> None:
        before = await _scope(tx, corp_id, agent_id, auth_rows.LOCK_AGENT)
        after = change(before)
        await _check(tx, corp_id, before, after)
        await write(tx, agent_id, after)
        bells.apps_changed(tx, corp_id)

    await core.durable.transact(body)


async def viewer(core: Core, corp_id: str, userid: str) -> Viewer:
    """Return a member as scopes see one; refuse 60111 when there is none."""
    member = await get_member(core, corp_id, userid)
    above: set[int] = set()
    for dept_id in member.departments:
        found = await core.durable.all(contact_rows.ANCESTORS, corp_id, dept_id)
        above.update(int(row[0]) for row in found)
    roles = frozenset(role.role_id for role in member.roles)
    return Viewer(userid, member.is_admin, frozenset(above), roles)


async def scopes_of(core: Core, corp_id: str) -> dict[int, AppScope]:
    """Return the scopes of a corp's apps by agentid; an app that is not in it is open."""
    found = await core.durable.all(rows_of.SCOPES_OF_CORP, corp_id)
    return {int(row[0]): read(row[1:]) for row in found}


async def _scope(reader: Reader, corp_id: str, agent_id: int, look: Query) -> AppScope:
    agent = await reader.one(look, agent_id)
    if agent is None or agent[2] != corp_id:
        raise unknown_agent(corp_id, agent_id)
    row = await reader.one(rows_of.SCOPE, agent_id)
    return AppScope() if row is None else read(row)


async def write(tx: Tx, agent_id: int, scope: AppScope) -> None:
    """Write the scope of an app in a transaction."""
    lists = (scope.dept_ids, scope.userids, scope.role_ids)
    texts = [rows.json_text(list(dict.fromkeys(each))) for each in lists]
    await tx.run(rows_of.PUT_SCOPE, agent_id, int(scope.is_hidden), *texts)


def read(row: Row) -> AppScope:
    """Read is_hidden, dept_ids, userids and role_ids."""
    is_hidden, dept_ids, userids, role_ids = row
    return AppScope(
        bool(is_hidden),
        _NUMBERS.decode(dept_ids),
        rows.strings(userids),
        _NUMBERS.decode(role_ids),
    )


async def _check(tx: Tx, corp_id: str, before: AppScope, after: AppScope) -> None:
    """Look up what is new; who leaves, leaves the list as well (forgetting.py)."""
    for entries in (after.dept_ids, after.userids, after.role_ids):
        if len(entries) > MOST_ENTRIES:
            raise Refusal(
                40035,
                f"可见范围最多 {MOST_ENTRIES} 项。",
                f"A scope has at most {MOST_ENTRIES} entries of a kind.",
            )
    for userid in _new(before.userids, after.userids):
        if await tx.one(contact_rows.MEMBER_BY_ID, corp_id, userid) is None:
            raise unknown_member(corp_id, userid)
    for dept_id in _new(before.dept_ids, after.dept_ids):
        if await tx.one(contact_rows.DEPT_BY_ID, corp_id, dept_id) is None:
            raise Refusal(
                60003,
                f"企业 {corp_id} 没有部门 {dept_id}。",
                f"Corp {corp_id} has no department {dept_id}.",
            )


def _new(before: Sequence[_Id], after: Sequence[_Id]) -> list[_Id]:
    known = set(before)
    return [each for each in dict.fromkeys(after) if each not in known]


def unknown_agent(corp_id: str, agent_id: int) -> Refusal:
    """Refuse an agentid the corp does not have."""
    return Refusal(
        40056,
        f"企业 {corp_id} 没有 agentid {agent_id} 的微应用。",
        f"Corp {corp_id} has no micro-app with agentid {agent_id}.",
        faq="F10",
        facts={"agentid": agent_id},
    )
