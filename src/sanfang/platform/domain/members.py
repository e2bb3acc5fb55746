"""Members of a corp (contacts.md of both document generations)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from operator import attrgetter
from typing import Any, TypedDict, Unpack

import msgspec

from ..store.ports import Reader, Row, Tx
from ..store.queries import contacts as rows_of
from ..store.queries import corps as corp_rows
from . import member_rules, mentions, permissions, rows, secrets
from .core import Core
from .corp_events import announce
from .corps import ROOT_DEPARTMENT, unknown_corp
from .departments import department_row, get_department, like
from .model import HeldRole, Identity, Member, Place, Profile
from .refusals import Refusal

MEMBERS = 10_000  # the most a search or a list of ids returns
MAIN_ADMIN, SUB_ADMIN = 1, 2


class MemberFields(TypedDict, total=False):
    """What a call may say about a member besides the name.

    ``orders`` and ``titles`` are by department; ``hired_date`` is in epoch milliseconds.
    """

    mobile: str
    email: str
    position: str
    jobnumber: str
    departments: Sequence[int]
    orders: Mapping[int, int]
    titles: Mapping[int, str]
    telephone: str
    work_place: str
    remark: str
    org_email: str
    manager_userid: str
    nickname: str
    hired_date: int | None
    hide_mobile: bool
    senior: bool
    extattr: Mapping[str, Any]


_COLUMNS = ("mobile", "email", "position", "jobnumber")
_OF_PROFILE = (
    *("telephone", "work_place", "remark", "org_email", "manager_userid", "nickname"),
    *("hired_date", "hide_mobile", "senior", "extattr"),
)


async def create_member(
    core: Core,
    corp_id: str,
    *,
    name: str,
    userid: str = "",
    is_admin: bool = False,
    by_api: bool = True,
    **fields: Unpack[MemberFields],
) -> Member:
    """Add a member.

    Refuses 60102 (userid taken), 60104, 60106 and 40100 (mobile, e-mail or extension taken in this
    corp), 60107 (the person is in it), 60003 (no such department), 60128 (no such manager), and,
    through the API, 40019: a number in five non-certified corps already (F46), 40020 and 40023: the
    corp or the department is full. What the fields themselves may be: ``member_rules``.
    """
    places = _places((), fields, tuple(fields.get("departments", ())) or (ROOT_DEPARTMENT,))
    level = SUB_ADMIN if is_admin else 0
    made = Member(
        userid=userid or secrets.letters(12),
        unionid=secrets.letters(22),
        name=member_rules.name(name),
        mobile=member_rules.number(fields.get("mobile", "")),
        email=fields.get("email", ""),
        position=fields.get("position", ""),
        jobnumber=fields.get("jobnumber", ""),
        is_admin=is_admin,
        is_boss=False,
        active=True,
        departments=[each.dept_id for each in places],
        places=places,
        profile=_profile(Profile(), fields),
        sys_level=level,
    )
    member_rules.userid(made.userid)

    async def body(tx: Tx) -> Member:
        if await tx.one(corp_rows.LOCK, corp_id) is None:
            raise unknown_corp(corp_id)
        if await tx.one(rows_of.MEMBER_BY_ID, corp_id, made.userid) is not None:
            raise Refusal(
                60102, f"userid {made.userid!r} 已被使用。", f"userid {made.userid!r} is taken."
            )
        await _check(tx, corp_id, None, made)
        corp = await tx.one(corp_rows.BY_ID, corp_id)
        if by_api and corp is not None and not corp[2]:
            await member_rules.mobile_may_join(tx, made.mobile)
            await member_rules.room_in_corp(tx, core, corp_id)
        if by_api:
            for dept_id in made.departments:
                await member_rules.room_in_department(tx, core, corp_id, dept_id)
        person = await tx.one(rows_of.UNIONID_OF_MOBILE, made.mobile)
        if person is not None:
            await member_rules.person_is_new(tx, corp_id, person[0])
        member = made if person is None else msgspec.structs.replace(made, unionid=person[0])
        now = core.clock.now()
        await tx.run(
            rows_of.INSERT_MEMBER,
            *(corp_id, member.userid, member.unionid, member.name, member.mobile, member.email),
            *(member.position, member.jobnumber, level, now, rows.json_text(member.profile)),
        )
        if member.profile.telephone:
            await tx.run(rows_of.SET_TELEPHONE, corp_id, member.userid, member.profile.telephone)
        await _enter(tx, corp_id, member.userid, member.places, now)
        await mentions.rewrite(
            *(tx, corp_id, mentions.MEMBER, member.userid),
            before=mentions.NONE,
            after=mentions.of_member(member.profile),
        )
        await announce(tx, core, corp_id, "user_add_org", {"UserId": [member.userid]})
        if is_admin:
            await announce(tx, core, corp_id, "org_admin_add", {"UserId": [member.userid]})
        return member

    return await core.durable.transact(body)


async def update_member(
    core: Core,
    corp_id: str,
    userid: str,
    *,
    name: str | None = None,
    add_extattr: bool = False,
    **fields: Unpack[MemberFields],
) -> Member:
    """Change the given fields of a member; ``add_extattr`` keeps extended fields not named.

    Refuses 60111, 60104, 60106, 40100, 60003, 60128, 40021 (a new number that is another person's)
    and 40023 (a new department that is full).
    """

    async def body(tx: Tx) -> Member:
        await tx.one(corp_rows.LOCK, corp_id)
        old = await _member(tx, corp_id, userid)
        if add_extattr and "extattr" in fields:
            fields["extattr"] = {**old.profile.extattr, **fields["extattr"]}
        if "mobile" in fields:
            fields["mobile"] = member_rules.number(fields["mobile"])
        given = fields.get("departments")
        places = _places(old.places, fields, old.departments if given is None else given)
        new: Member = msgspec.structs.replace(
            old,
            name=old.name if name is None else member_rules.name(name),
            departments=[each.dept_id for each in places],
            places=places,
            profile=_profile(old.profile, fields),
            **{column: fields[column] for column in _COLUMNS if column in fields},  # type: ignore[literal-required]
        )
        await _check(tx, corp_id, old, new)
        for dept_id in new.departments:
            if dept_id not in old.departments:
                await member_rules.room_in_department(tx, core, corp_id, dept_id)
        if new.profile.telephone != old.profile.telephone:
            await tx.run(rows_of.SET_TELEPHONE, corp_id, userid, new.profile.telephone)
        now = core.clock.now()
        await tx.run(
            rows_of.UPDATE_MEMBER,
            *(corp_id, userid, new.name, new.mobile, new.email, new.position, new.jobnumber),
            *(rows.json_text(new.profile), now),
        )
        await _move(tx, corp_id, old, new, now)
        await mentions.rewrite(
            *(tx, corp_id, mentions.MEMBER, userid),
            before=mentions.of_member(old.profile),
            after=mentions.of_member(new.profile),
        )
        await announce(
            *(tx, core, corp_id, "user_modify_org", {"UserId": [userid]}),
            formerly=old.departments,
            own={"diffInfo": {"prev": _told(old), "curr": _told(new), "userid": userid}},
        )
        return new

    return await core.durable.transact(body)


async def get_member(core: Core, corp_id: str, userid: str) -> Member:
    """Return a member; refuse with 60111 when there is none."""
    return await _member(core.durable, corp_id, userid)


async def get_member_by_unionid(core: Core, corp_id: str, unionid: str) -> Member:
    """Return the member of a corp who is this person; refuse with 60111 when there is none."""
    row = await core.durable.one(rows_of.MEMBER_BY_UNIONID, corp_id, unionid)
    if row is None:
        raise unknown_member(corp_id, unionid)
    return await _member(core.durable, corp_id, row[0])


async def get_member_by_mobile(core: Core, corp_id: str, mobile: str) -> Member:
    """Return the member with this number; refuse with 60121 when there is none, 40104 for no number."""
    row = await core.durable.one(
        rows_of.MEMBER_BY_MOBILE, corp_id, member_rules.mobile(mobile, 40104)
    )
    if row is None:
        raise Refusal(
            60121,
            f"企业 {corp_id} 没有这个手机号的成员。",
            f"Corp {corp_id} has no member with that mobile number.",
        )
    return await _member(core.durable, corp_id, row[0])


async def list_members(
    core: Core,
    corp_id: str,
    dept_id: int,
    *,
    offset: int = 0,
    size: int = 100,
    order: str = "custom",
) -> tuple[list[Member], bool]:
    """Return a page of the members directly in a department, and whether there are more.

    ``order`` is one of ``queries.contacts.PAGES``. Their roles are not read.
    """
    await get_department(core, corp_id, dept_id)
    found = await core.durable.all(
        rows_of.PAGES[order], corp_id, dept_id, size + 1, min(offset, 2**31)
    )
    members: list[Member] = []
    start = 0
    for end in range(1, len(found) + 1):
        if end == len(found) or found[end][0] != found[start][0]:
            places = [rows.place(row[11:]) for row in found[start:end]]
            members.append(rows.member(found[start], places, []))
            start = end
    return members[:size], len(members) > size


async def userids_of_department(core: Core, corp_id: str, dept_id: int) -> list[str]:
    """Return the userids directly in a department (at most 10 000); refuse 60003."""
    await get_department(core, corp_id, dept_id)
    found = await core.durable.all(rows_of.USERIDS_OF_DEPT, corp_id, dept_id, MEMBERS)
    return [row[0] for row in found]


async def search_members(core: Core, corp_id: str, word: str, *, whole: bool = False) -> list[str]:
    """Return the userids of those whose name holds ``word``, or is it (``whole``); at most 10 000."""
    if len(word) > member_rules.LONGEST_NAME:
        return []
    if whole:
        found = await core.durable.all(rows_of.MEMBERS_NAMED, corp_id, word, MEMBERS)
    else:
        found = await core.durable.all(rows_of.MEMBER_SEARCH, corp_id, like(word), MEMBERS)
    return [row[0] for row in found]


async def members_by_activity(
    core: Core, corp_id: str, *, active: bool, offset: int, size: int
) -> tuple[list[str], bool]:
    """Return a page of those who have (or have not) activated DingTalk, and whether there are more."""
    found = await core.durable.all(
        rows_of.BY_ACTIVITY, corp_id, int(active), size + 1, min(offset, 2**31)
    )
    return [row[0] for row in found[:size]], len(found) > size


async def count_members(core: Core, corp_id: str, *, only_active: bool = False) -> int:
    """Return how many members a corp has, or how many have activated DingTalk."""
    query = rows_of.ACTIVE_COUNT if only_active else rows_of.MEMBER_COUNT
    row = await core.durable.one(query, corp_id)
    return 0 if row is None else int(row[0])


async def left_members(
    core: Core, corp_id: str, start: int, end: int, *, after: int, size: int
) -> list[Row]:
    """Return who left from ``start`` to ``end`` (epoch ms): number, userid, name, mobile, reason, when."""
    return await core.durable.all(rows_of.LEFT_BETWEEN, corp_id, start, end, after, size)


def visible(
    member: Member,
    identity: Identity,
    user_fields: Sequence[str],
    withheld: Collection[str] = (),
) -> Member:
    """Return a member as ``identity`` may see it.

    To an ISV a mobile number, a telephone, a remark and extended fields are never shown, and an
    e-mail address only when the suite ticked that field (F51). ``withheld`` are the points of fields
    that an own app lacks (``permissions.withheld``).
    """
    if identity.kind != "isv_corp":
        return _without(member, withheld) if withheld else member
    profile = member.profile
    ticked = "email" in user_fields
    if profile != _EMPTY:
        profile = msgspec.structs.replace(
            profile,
            telephone="",
            remark="",
            extattr={},
            org_email=profile.org_email if ticked else "",
        )
    email = member.email if ticked else ""
    return msgspec.structs.replace(member, mobile="", email=email, profile=profile)


def _without(member: Member, withheld: Collection[str]) -> Member:
    if permissions.MOBILE in withheld:
        member = msgspec.structs.replace(member, mobile="")
    if permissions.PERSONAL in withheld:
        profile = msgspec.structs.replace(
            member.profile, work_place="", remark="", org_email="", extattr={}
        )
        member = msgspec.structs.replace(member, email="", profile=profile)
    return member


_EMPTY = Profile()
_CHINA = timezone(timedelta(hours=8))
_DEPT_ID = attrgetter("dept_id")


async def _member(reader: Reader, corp_id: str, userid: str) -> Member:
    found = await reader.all(rows_of.MEMBER_AND_PLACES, corp_id, userid)
    if not found:
        raise unknown_member(corp_id, userid)
    places = [rows.place(row[11:15]) for row in found if row[11] is not None]
    places.sort(key=_DEPT_ID)
    roles: list[HeldRole] = []
    if found[0][15]:
        held = await reader.all(rows_of.ROLES_OF_MEMBER, corp_id, userid)
        roles = [HeldRole(*row) for row in held]
    return rows.member(found[0], places, roles)


def _told(member: Member) -> dict[str, str]:
    """What ``user_modify_org`` tells an own app of a member before and after the change."""
    profile = member.profile
    hired = profile.hired_date
    texts = {
        "name": member.name,
        "email": member.email,
        "jobNumber": member.jobnumber,
        "telephone": profile.telephone,
        "workPlace": profile.work_place,
        "managerUserid": profile.manager_userid,
        "hiredDate": "" if hired is None else _day(hired),
    }
    return {name: text for name, text in texts.items() if text}


def _day(moment: int) -> str:
    """Write the day of a time in China; outside the calendar: the number."""
    try:
        return f"{datetime.fromtimestamp(moment / 1000, _CHINA):%Y-%m-%d}"
    except (OverflowError, ValueError, OSError):
        return str(moment)


async def _check(tx: Tx, corp_id: str, old: Member | None, new: Member) -> None:
    """Refuse what the rest of the corp does not allow of a member."""
    for dept_id in new.departments:
        if old is None or dept_id not in old.departments:
            await department_row(tx, corp_id, dept_id)
    if old is None or new.mobile != old.mobile:
        await member_rules.free_mobile(tx, corp_id, new, old)
    if old is None or new.email != old.email:
        await member_rules.free_email(tx, corp_id, new)
    telephone = new.profile.telephone
    if telephone and (old is None or telephone != old.profile.telephone):
        await member_rules.free_telephone(tx, corp_id, new)
    manager = new.profile.manager_userid
    if manager and (old is None or manager != old.profile.manager_userid):
        await member_rules.is_member(tx, corp_id, manager)
    member_rules.check(new)


def _places(old: Sequence[Place], fields: MemberFields, departments: Sequence[int]) -> list[Place]:
    known = {place.dept_id: place for place in old}
    orders, titles = fields.get("orders", {}), fields.get("titles", {})
    made = []
    for dept_id in sorted(set(departments)) or [ROOT_DEPARTMENT]:
        place = known.get(dept_id) or Place(dept_id)
        made.append(
            Place(
                dept_id,
                orders.get(dept_id, place.order),
                place.leader,
                titles.get(dept_id, place.title),
            )
        )
    return made


def _profile(old: Profile, fields: MemberFields) -> Profile:
    changes = {name: fields[name] for name in _OF_PROFILE if name in fields}  # type: ignore[literal-required]
    made: Profile = msgspec.structs.replace(old, **changes)
    return made


async def _enter(tx: Tx, corp_id: str, userid: str, places: Sequence[Place], now: int) -> None:
    await tx.many(
        rows_of.ADD_DEPT_OF_MEMBER,
        [
            (corp_id, each.dept_id, userid, int(each.leader), each.order, each.title, now)
            for each in places
        ],
    )


async def _move(tx: Tx, corp_id: str, old: Member, new: Member, now: int) -> None:
    before = {place.dept_id: place for place in old.places}
    for dept_id in before.keys() - set(new.departments):
        await tx.run(rows_of.LEAVE_DEPT, corp_id, dept_id, new.userid)
    await _enter(
        tx, corp_id, new.userid, [each for each in new.places if each.dept_id not in before], now
    )
    for place in new.places:
        if place.dept_id in before and place != before[place.dept_id]:
            await tx.run(
                rows_of.KEEP_DEPT_OF_MEMBER,
                *(corp_id, place.dept_id, new.userid, place.order, place.title),
            )


def unknown_member(corp_id: str, userid: str) -> Refusal:
    return Refusal(
        60111,
        f"企业 {corp_id} 没有成员 {userid!r}。",
        f"Corp {corp_id} has no member {userid!r}.",
    )
