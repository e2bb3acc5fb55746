"""Who sees whom in the contacts: hidden departments, and members of outer ones."""

from __future__ import annotations

from sanfang.platform.domain import contacts, sight
from sanfang.platform.domain.departments import create_department

from .office import Office, refused, story

PEOPLE = ("ann", "ben", "cat", "dan")


async def settle(office: Office, **departments: list[int]) -> None:
    """Add members in departments."""
    for userid, dept_ids in departments.items():
        await contacts.create_member(
            office.core, office.corp_id, name=userid, userid=userid, departments=dept_ids
        )


async def seen_by(office: Office, userid: str) -> set[str]:
    eyes = await sight.sight_of(office.core, office.corp_id, userid)
    return {each.userid for each in await sight.visible_members(office.core, eyes, PEOPLE)}


def test_hidden_goes_down_and_permits_open_it() -> None:
    async def body(office: Office) -> None:
        core, corp = office.core, office.corp_id
        friends = (await create_department(core, corp, name="友邻")).dept_id
        secret = (
            await create_department(core, corp, name="保密", hide_dept=True, dept_permits=[friends])
        ).dept_id
        below = (await create_department(core, corp, name="内室", parent_id=secret)).dept_id
        await settle(office, ann=[1], ben=[friends], cat=[below], dan=[below, 1])
        assert await seen_by(office, "ann") == {"ann", "ben", "dan"}  # dan has another department
        assert await seen_by(office, "ben") == set(PEOPLE)
        assert await seen_by(office, "cat") == set(PEOPLE)
        eyes = await sight.sight_of(core, corp, "ann")
        assert not await sight.sees_department(core, eyes, below)
        assert not await sight.sees_department(core, eyes, 987_654)
        await refused(60003, sight.branch(core, eyes, below))
        departments, people = await sight.search(core, eyes, "内")
        assert (departments, people) == ([], [])

    story(body)


def test_members_of_an_outer_department_see_themselves() -> None:
    async def body(office: Office) -> None:
        core, corp = office.core, office.corp_id
        lab = (await create_department(core, corp, name="研发")).dept_id
        outer = (
            await create_department(
                core, corp, name="外包", outer_dept=True, outer_permit_depts=[lab]
            )
        ).dept_id
        await settle(office, ann=[outer], ben=[outer], cat=[lab], dan=[1])
        assert await seen_by(office, "ann") == {"ann", "cat"}  # not even ben
        assert await seen_by(office, "dan") == set(PEOPLE)
        eyes = await sight.sight_of(core, corp, "ann")
        tops, members, more = await sight.branch(core, eyes, 1)
        assert [each.name for each in tops] == ["研发"]
        assert [each.userid for each in members] == ["ann"]
        assert not more
        await refused(60003, sight.branch(core, eyes, outer))

    story(body)


def test_who_is_in_an_open_department_too_sees_all() -> None:
    async def body(office: Office) -> None:
        core, corp = office.core, office.corp_id
        outer = (await create_department(core, corp, name="外包", outer_dept=True)).dept_id
        await settle(office, ann=[outer, 1], ben=[outer], cat=[1], dan=[1])
        assert await seen_by(office, "ann") == set(PEOPLE)
        assert await seen_by(office, "ben") == {"ben"}
        await refused(60111, sight.sight_of(core, corp, "nobody"))

    story(body)
