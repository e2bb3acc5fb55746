"""What names a member, a department or a role that goes loses the name.

A list loses its entry. Where an empty list would mean everybody, it comes to mean nobody: an app
that only the leaver saw is seen by administrators alone, a scope of no department covers none
(``mentions.NOWHERE``). What tells of the past keeps its names: records, messages, who authorised.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from ..store.ports import Tx
from ..store.queries import contacts as contact_rows
from ..store.queries import external_contacts as external_rows
from ..store.queries import mentions as rows_of
from ..store.queries import micro_apps as app_rows
from ..store.queries import roles as role_rows
from ..store.queries import scopes as scope_rows
from . import app_scopes, mentions, rows
from .app_scopes import AppScope
from .external_contacts import External, of_external
from .mentions import NOWHERE
from .model import DepartmentProfile, Profile, Scope

_NUMBERS = msgspec.json.Decoder(list[int])
_EXTERNAL = msgspec.json.Decoder(External)
_Id = TypeVar("_Id", int, str)


async def heir(tx: Tx, corp_id: str, userid: str) -> str:
    """Return who takes over what somebody leaves behind: the first other administrator, or ''."""
    admins = await tx.all(contact_rows.ADMINS, corp_id)
    return next((str(row[0]) for row in admins if row[0] != userid), "")


async def forget_user(tx: Tx, corp_id: str, userid: str, unionid: str) -> None:
    """Take a member out of every setting that names it."""
    for place, place_id in await tx.all(rows_of.OF, corp_id, mentions.USER, userid):
        if place == mentions.DEPARTMENT:
            await _change_department(tx, corp_id, int(place_id), _without_user(userid))
        elif place == mentions.MEMBER:
            await _change_manager(tx, corp_id, place_id, userid)
        else:
            follower = await heir(tx, corp_id, userid)
            await _change_external(tx, corp_id, place_id, _given_up(userid, follower))
    await tx.run(rows_of.FORGET, corp_id, mentions.USER, userid)
    await _change_apps(
        *(tx, corp_id, lambda scope: userid in scope.userids),
        lambda scope: msgspec.structs.replace(scope, userids=_less(scope.userids, userid)),
    )
    for suite_key, text in await tx.all(rows_of.AUTH_SCOPES, corp_id):
        scope = rows.scope(text)
        if scope is not None and userid in scope.users:
            left = Scope(scope.depts, _less(scope.users, userid))
            await tx.run(scope_rows.SET, suite_key, corp_id, rows.json_text(left))
    await tx.run(rows_of.DROP_FILE_PERMISSIONS, corp_id, "USER", unionid)


async def forget_department(tx: Tx, corp_id: str, dept_id: int) -> None:
    """Take a department out of every setting that names it."""
    for place, place_id in await tx.all(rows_of.OF, corp_id, mentions.DEPT, str(dept_id)):
        if place == mentions.DEPARTMENT:
            await _change_department(tx, corp_id, int(place_id), _without_department(dept_id))
        elif place == mentions.ROLE:
            await _narrow_role(tx, corp_id, place_id, dept_id)
        else:
            await _change_external(tx, corp_id, place_id, _not_shared_with(dept_id))
    await tx.run(rows_of.FORGET, corp_id, mentions.DEPT, str(dept_id))
    await _change_apps(
        *(tx, corp_id, lambda scope: dept_id in scope.dept_ids),
        lambda scope: msgspec.structs.replace(scope, dept_ids=_less(scope.dept_ids, dept_id)),
    )
    for suite_key, text in await tx.all(rows_of.AUTH_SCOPES, corp_id):
        scope = rows.scope(text)
        if scope is not None and dept_id in scope.depts:
            left = Scope(_less(scope.depts, dept_id), scope.users)
            await tx.run(scope_rows.SET, suite_key, corp_id, rows.json_text(left))
    await _narrow_admins(tx, corp_id, dept_id)
    await tx.run(rows_of.DROP_FILE_PERMISSIONS, corp_id, "DEPT", str(dept_id))


async def forget_role(tx: Tx, corp_id: str, role_id: int) -> None:
    """Take a role out of the scopes of apps and the permissions of files."""
    await _change_apps(
        *(tx, corp_id, lambda scope: role_id in scope.role_ids),
        lambda scope: msgspec.structs.replace(scope, role_ids=_less(scope.role_ids, role_id)),
    )
    await tx.run(rows_of.DROP_FILE_PERMISSIONS, corp_id, "TAG", str(role_id))


def _less(values: list[_Id], value: _Id) -> list[_Id]:
    return [each for each in values if each != value]


def _covering(dept_ids: list[int]) -> list[int]:
    """What is left of a list in which none would mean all."""
    return dept_ids or [NOWHERE]


def _without_user(userid: str) -> Callable[[DepartmentProfile], DepartmentProfile]:
    def change(profile: DepartmentProfile) -> DepartmentProfile:
        owner = profile.org_dept_owner
        changed: DepartmentProfile = msgspec.structs.replace(
            profile,
            org_dept_owner="" if owner == userid else owner,
            user_permits=_less(profile.user_permits, userid),
            outer_permit_users=_less(profile.outer_permit_users, userid),
        )
        return changed

    return change


def _without_department(dept_id: int) -> Callable[[DepartmentProfile], DepartmentProfile]:
    def change(profile: DepartmentProfile) -> DepartmentProfile:
        changed: DepartmentProfile = msgspec.structs.replace(
            profile,
            dept_permits=_less(profile.dept_permits, dept_id),
            outer_permit_depts=_less(profile.outer_permit_depts, dept_id),
        )
        return changed

    return change


def _given_up(userid: str, follower: str) -> Callable[[External], External]:
    def change(contact: External) -> External:
        old = contact.follower_user_id
        changed: External = msgspec.structs.replace(
            contact,
            follower_user_id=follower if old == userid else old,
            share_user_ids=_less(contact.share_user_ids, userid),
        )
        return changed

    return change


def _not_shared_with(dept_id: int) -> Callable[[External], External]:
    def change(contact: External) -> External:
        changed: External = msgspec.structs.replace(
            contact, share_dept_ids=_less(contact.share_dept_ids, dept_id)
        )
        return changed

    return change


async def _change_department(
    tx: Tx, corp_id: str, dept_id: int, change: Callable[[DepartmentProfile], DepartmentProfile]
) -> None:
    row = await tx.one(contact_rows.DEPT_BY_ID, corp_id, dept_id)
    if row is not None:
        profile = change(rows.department(row).profile)
        await tx.run(rows_of.SET_DEPT_PROFILE, corp_id, dept_id, rows.json_text(profile))


async def _change_manager(tx: Tx, corp_id: str, userid: str, manager: str) -> None:
    row = await tx.one(contact_rows.MEMBER_BY_ID, corp_id, userid)
    if row is None:
        return
    profile = rows.member(row, [], []).profile
    if profile.manager_userid == manager:
        left: Profile = msgspec.structs.replace(profile, manager_userid="")
        await tx.run(rows_of.SET_MEMBER_PROFILE, corp_id, userid, rows.json_text(left))


async def _change_external(
    tx: Tx, corp_id: str, userid: str, change: Callable[[External], External]
) -> None:
    row = await tx.one(external_rows.BY_ID, corp_id, userid)
    if row is None:
        return
    old = _EXTERNAL.decode(row[1])
    new = change(old)
    await tx.run(external_rows.UPDATE, corp_id, userid, rows.json_text(new))
    await mentions.rewrite(
        *(tx, corp_id, mentions.EXTERNAL, userid), of_external(old), of_external(new)
    )


async def _narrow_role(tx: Tx, corp_id: str, place_id: str, dept_id: int) -> None:
    role, _, userid = place_id.partition(":")
    row = await tx.one(rows_of.SCOPE_OF_HOLDER, corp_id, int(role), userid)
    if row is None:
        return
    scope = _NUMBERS.decode(row[0])
    if dept_id in scope:
        text = rows.json_text(_covering(_less(scope, dept_id)))
        await tx.run(role_rows.SET_SCOPE, corp_id, int(role), userid, text)


async def _narrow_admins(tx: Tx, corp_id: str, dept_id: int) -> None:
    for userid, _ in await tx.all(contact_rows.ADMINS, corp_id):
        row = await tx.one(contact_rows.MEMBER_BY_ID, corp_id, userid)
        assert row is not None
        profile = rows.member(row, [], []).profile
        if dept_id in profile.admin_depts:
            left: Profile = msgspec.structs.replace(
                profile, admin_depts=_covering(_less(profile.admin_depts, dept_id))
            )
            await tx.run(rows_of.SET_MEMBER_PROFILE, corp_id, userid, rows.json_text(left))


async def _change_apps(
    tx: Tx,
    corp_id: str,
    names: Callable[[AppScope], bool],
    change: Callable[[AppScope], AppScope],
) -> None:
    """Change the scopes of apps that name what goes; one that comes out empty hides its app."""
    for row in await tx.all(app_rows.SCOPES_OF_CORP, corp_id):
        scope = app_scopes.read(row[1:])
        if names(scope):
            left = change(scope)
            if left.open:
                left = AppScope(is_hidden=True)
            await app_scopes.write(tx, int(row[0]), left)
