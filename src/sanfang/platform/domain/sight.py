"""Which of a corp's departments and members one member sees in the contacts.

Two settings of a department narrow it (contacts 2016, still so): a *hidden* department and all below
it are seen by those in it and by whom its permits name; the members of an *outer* department see
themselves, what its outer permits name and, with ``outer_dept_only_self``, their own department with
all below. Who is in several departments sees what any of them allows.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from . import app_scopes, contacts
from .core import Core
from .corps import ROOT_DEPARTMENT
from .model import Department, Member
from .refusals import Refusal

MOST_FOUND = 50  # of a search


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """What one member may see. ``above``: the member's departments and all above them."""

    corp_id: str
    userid: str
    above: frozenset[int]
    restricted: bool = False
    roots: frozenset[int] = frozenset()  # restricted: the departments that are seen, with all below
    users: frozenset[str] = frozenset()  # restricted: the members that are seen besides


async def sight_of(core: Core, corp_id: str, userid: str) -> Sight:
    """Return what a member sees; refuse 60111 when there is no such member."""
    viewer = await app_scopes.viewer(core, corp_id, userid)
    me = await contacts.get_member(core, corp_id, userid)
    roots: set[int] = set()
    users = {userid}
    restricted = bool(me.departments)
    for dept_id in me.departments:
        path = await _path(core, corp_id, dept_id)
        outer = next((each for each in path if each.profile.outer_dept), None)
        if outer is None:
            restricted = False
            continue
        roots.update(outer.profile.outer_permit_depts)
        users.update(outer.profile.outer_permit_users)
        if outer.profile.outer_dept_only_self:
            roots.add(dept_id)
    return Sight(
        corp_id=corp_id,
        userid=userid,
        above=viewer.dept_ids,
        restricted=restricted,
        roots=frozenset(roots),
        users=frozenset(users),
    )


async def sees_department(core: Core, sight: Sight, dept_id: int) -> bool:
    """Whether a member sees a department; False for one that does not exist."""
    try:
        path = await _path(core, sight.corp_id, dept_id)
    except Refusal:
        return False
    if sight.restricted and sight.roots.isdisjoint(each.dept_id for each in path):
        return False
    return not any(_hidden(sight, each) for each in path)


async def sees_member(core: Core, sight: Sight, member: Member) -> bool:
    """Whether a member sees another; everybody sees himself."""
    if member.userid == sight.userid or (sight.restricted and member.userid in sight.users):
        return True
    for dept_id in member.departments:
        if await sees_department(core, sight, dept_id):
            return True
    return False


async def visible_members(core: Core, sight: Sight, userids: Iterable[str]) -> list[Member]:
    """Return those of these who are members and seen, in the order given."""
    found = []
    for userid in dict.fromkeys(userids):
        try:
            member = await contacts.get_member(core, sight.corp_id, userid)
        except Refusal:
            continue
        if await sees_member(core, sight, member):
            found.append(member)
    return found


async def branch(
    core: Core, sight: Sight, dept_id: int, *, offset: int = 0, size: int = 100
) -> tuple[list[Department], list[Member], bool]:
    """Return the departments in a department, a page of its members, and whether there are more.

    Refuses 60003 for what the member does not see, as for what is not there. To one who sees but
    branches, the root department holds these.
    """
    if sight.restricted and dept_id == ROOT_DEPARTMENT and ROOT_DEPARTMENT not in sight.roots:
        return await _own_tops(core, sight)
    if not await sees_department(core, sight, dept_id):
        raise _unseen(sight.corp_id, dept_id)
    below = await contacts.list_departments(core, sight.corp_id, dept_id, fetch_child=False)
    members, more = await contacts.list_members(
        core, sight.corp_id, dept_id, offset=offset, size=size
    )
    return [each for each in below if not _hidden(sight, each)], members, more


async def search(core: Core, sight: Sight, word: str) -> tuple[list[Department], list[Member]]:
    """Return the departments and members seen whose name holds ``word``, at most 50 of each."""
    departments: list[Department] = []
    for dept_id in await contacts.search_departments(core, sight.corp_id, word):
        if len(departments) == MOST_FOUND:
            break
        if await sees_department(core, sight, dept_id):
            departments.append(await contacts.get_department(core, sight.corp_id, dept_id))
    members: list[Member] = []
    for userid in await contacts.search_members(core, sight.corp_id, word):
        if len(members) == MOST_FOUND:
            break
        members += await visible_members(core, sight, [userid])
    return departments, members


def _unseen(corp_id: str, dept_id: int) -> Refusal:
    """60003: what is not seen is answered like what is not there."""
    return Refusal(
        60003,
        f"企业 {corp_id} 没有部门 {dept_id}，或你看不到它。",
        f"Corp {corp_id} has no department {dept_id}, or you do not see it.",
    )


async def _own_tops(core: Core, sight: Sight) -> tuple[list[Department], list[Member], bool]:
    tops = [
        await contacts.get_department(core, sight.corp_id, dept_id)
        for dept_id in sorted(sight.roots)
        if await sees_department(core, sight, dept_id)
    ]
    return tops, await visible_members(core, sight, sorted(sight.users)), False


async def _path(core: Core, corp_id: str, dept_id: int) -> list[Department]:
    """Return the departments from one up to the root; refuse 60003."""
    ids = await contacts.path_to_root(core, corp_id, dept_id)
    return [await contacts.get_department(core, corp_id, each) for each in ids]


def _hidden(sight: Sight, department: Department) -> bool:
    profile = department.profile
    return (
        profile.hide_dept
        and department.dept_id not in sight.above
        and sight.userid not in profile.user_permits
        and sight.above.isdisjoint(profile.dept_permits)
    )
