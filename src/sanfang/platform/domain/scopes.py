"""Which of its contacts a corp lets a suite see (/auth/scopes).

A scope names departments, which count with all below them, and single members. None is everything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ..store.ports import Query, Reader, Tx
from ..store.queries import contacts as contact_rows
from ..store.queries import scopes as rows_of
from . import rows
from .authorisations import announce_change, standing
from .core import Core
from .corps import ROOT_DEPARTMENT
from .departments import department_row
from .members import unknown_member
from .model import Member, Scope
from .refusals import Refusal

EVERYTHING = Scope([ROOT_DEPARTMENT])
FEW = 200  # ids that are looked up one by one, rather than among all that lie in a scope
AROUND, ABOVE = contact_rows.AROUND_MEMBER, contact_rows.ANCESTORS


async def set_scope(
    core: Core, suite_key: str, corp_id: str, *, depts: Sequence[int], users: Sequence[str]
) -> Scope:
    """Set what the corp lets the suite see, announced as ``change_auth`` (isv-lifecycle.md, A7).

    The root department alone is everything. Refuses 41030, 48004, 60003, 60111.
    """
    made = Scope(sorted(set(depts)), sorted(set(users)))
    text = "" if made == EVERYTHING else rows.json_text(made)

    async def body(tx: Tx) -> None:
        await standing(tx, suite_key, corp_id)
        for dept_id in made.depts:
            await department_row(tx, corp_id, dept_id)
        for userid in made.users:
            if await tx.one(contact_rows.MEMBER_BY_ID, corp_id, userid) is None:
                raise unknown_member(corp_id, userid)
        await tx.run(rows_of.SET, suite_key, corp_id, text)
        await announce_change(tx, core, suite_key, corp_id)

    await core.durable.transact(body)
    return made


async def get_scope(core: Core, suite_key: str, corp_id: str) -> Scope:
    """Return what a suite may see of a corp."""
    row = await core.durable.one(rows_of.OF, suite_key, corp_id)
    return (rows.scope(row[0]) if row is not None else None) or EVERYTHING


async def check_department(reader: Reader, corp_id: str, scope: Scope | None, dept_id: int) -> None:
    """Refuse 50004 for a department outside the scope; whether it exists is another's question."""
    if scope is None:
        return
    path = [row[0] for row in await reader.all(contact_rows.ANCESTORS, corp_id, dept_id)]
    if path and not set(path).intersection(scope.depts):
        raise Refusal(
            50004,
            f"部门 {dept_id} 不在授权范围内；授权的部门是 {scope.depts[:20]}（见 /auth/scopes）。",
            f"Department {dept_id} is outside the authorised scope; that is {scope.depts[:20]}"
            " (see /auth/scopes).",
            facts={"authed_dept": list(scope.depts)},
        )


async def check_member(reader: Reader, corp_id: str, scope: Scope | None, member: Member) -> None:
    """Refuse 50002 for a member outside the scope."""
    if scope is None or member.userid in scope.users:
        return
    for dept_id in member.departments:
        path = await reader.all(contact_rows.ANCESTORS, corp_id, dept_id)
        if any(row[0] in scope.depts for row in path):
            return
    raise Refusal(
        50002,
        f"成员 {member.userid!r} 不在授权范围内（见 /auth/scopes）；请企业管理员扩大范围。",
        f"Member {member.userid!r} is outside the authorised scope (see /auth/scopes); the corp's"
        " administrator can widen it.",
    )


async def userids_within(
    reader: Reader, corp_id: str, scope: Scope | None, userids: Iterable[str]
) -> list[str]:
    """Keep those that lie in the scope, in their order."""
    wanted = list(userids)
    if scope is None or not wanted:
        return wanted
    seen = set(scope.users)
    if len(wanted) > FEW:
        for dept_id in scope.depts:
            below = await reader.all(contact_rows.USERIDS_BELOW, corp_id, dept_id)
            seen.update(row[0] for row in below)
        return [userid for userid in wanted if userid in seen]
    depts = set(scope.depts)
    return [
        userid
        for userid in wanted
        if userid in seen or await _any_in(reader, AROUND, corp_id, userid, depts)
    ]


async def departments_within(
    reader: Reader, corp_id: str, scope: Scope | None, dept_ids: Iterable[int]
) -> list[int]:
    """Keep those that lie in the scope, in their order."""
    wanted = list(dept_ids)
    if scope is None or not wanted:
        return wanted
    seen = set(scope.depts)
    if len(wanted) <= FEW:
        return [each for each in wanted if await _any_in(reader, ABOVE, corp_id, each, seen)]
    for dept_id in scope.depts:
        below = await reader.all(contact_rows.DESCENDANTS, corp_id, dept_id, 10_000)
        seen.update(row[0] for row in below)
    return [dept_id for dept_id in wanted if dept_id in seen]


async def _any_in(
    reader: Reader, query: Query, corp_id: str, key: str | int, depts: Collection[int]
) -> bool:
    return any(row[0] in depts for row in await reader.all(query, corp_id, key))
