"""Which settings name whom: kept beside them, so that who goes is found in them by key.

A *place* is a setting that holds names: a department (owner, lists of who may see), a member (the
manager), a role somebody holds (``role_id:userid``; the departments it covers), an external contact
(follower, shares). Whoever writes a place says here what it named before and names now; leaving.py and
forgetting.py follow the mentions back. What a corp has few of, the scopes of its apps and
authorisations and its administrators, is not kept here but looked through.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..store.ports import Tx
from ..store.queries import mentions as rows_of
from .model import DepartmentProfile, Profile

USER, DEPT = "user", "dept"
DEPARTMENT, MEMBER, ROLE, EXTERNAL = "dept", "member", "role", "external"
NOWHERE = 0  # the one entry of a list of departments that lost its last, where none means all

Mentions = frozenset[tuple[str, str]]
NONE: Mentions = frozenset()


def of(*, users: Iterable[str] = (), depts: Iterable[int] = ()) -> Mentions:
    """Return the mentions of these members and departments."""
    named = {(USER, userid) for userid in users if userid}
    return frozenset(named | {(DEPT, str(dept_id)) for dept_id in depts if dept_id != NOWHERE})


def of_department(profile: DepartmentProfile) -> Mentions:
    """Return whom a department's settings name."""
    return of(
        users=(profile.org_dept_owner, *profile.user_permits, *profile.outer_permit_users),
        depts=(*profile.dept_permits, *profile.outer_permit_depts),
    )


def of_member(profile: Profile) -> Mentions:
    """Return whom a member's profile names: the manager."""
    return of(users=(profile.manager_userid,))


def holding(role_id: int, userid: str) -> str:
    """Return the place_id of a role that somebody holds."""
    return f"{role_id}:{userid}"


async def rewrite(
    tx: Tx, corp_id: str, place: str, place_id: object, before: Mentions, after: Mentions
) -> None:
    """Note in the transaction of the change what a place named before and names after it."""
    key = str(place_id)
    if gone := before - after:
        await tx.many(rows_of.DELETE, [(corp_id, *each, place, key) for each in sorted(gone)])
    if new := after - before:
        await tx.many(rows_of.ADD, [(corp_id, *each, place, key) for each in sorted(new)])
