"""Desks: who is signed in to the workbench, and until when."""

from __future__ import annotations

import asyncio

from sanfang.platform.domain import contacts, corps, desks, leaving

from .office import Office, refused, story


def test_a_desk_is_known_by_its_token_alone() -> None:
    async def body(office: Office) -> None:
        token = await office.desk("jia")
        assert len(token) >= 32
        desk = await desks.get_desk(office.core, token)
        assert desk is not None
        assert (desk.corp_id, desk.userid) == (office.corp_id, "jia")
        assert desk.opened_at == office.core.clock.now()
        for wrong in ("", token[:-1], token + "x", "x" * 43, "\ud800" * 30, "x" * 10_000):
            assert await desks.get_desk(office.core, wrong) is None
        assert await office.desk("jia") != token

    story(body)


def test_only_members_of_a_living_corp_sign_in() -> None:
    async def body(office: Office) -> None:
        await refused(60111, desks.open_desk(office.core, office.corp_id, "nobody"))
        await refused(33001, desks.open_desk(office.core, "dingnone", "jia"))
        token = await office.desk()
        await corps.dissolve_corp(office.core, office.corp_id)
        await refused(33001, desks.open_desk(office.core, office.corp_id, "jia"))
        assert await desks.get_desk(office.core, token) is None

    story(body)


def test_a_desk_ends_when_its_member_leaves_even_if_the_userid_is_given_again() -> None:
    async def body(office: Office) -> None:
        token, other = await office.desk("jia"), await office.desk("yi")
        await leaving.delete_member(office.core, office.corp_id, "jia")
        await contacts.create_member(office.core, office.corp_id, name="新来的", userid="jia")
        assert await desks.get_desk(office.core, token) is None
        assert await desks.get_desk(office.core, token) is None
        assert await desks.get_desk(office.core, other) is not None

    story(body)


def test_a_desk_lives_for_twelve_hours_after_its_last_use() -> None:
    async def body(office: Office) -> None:
        token, idle = await office.desk(), await office.desk()
        for _ in range(3):
            office.core.clock.travel(11 * 3_600_000)
            assert await desks.get_desk(office.core, token) is not None
        assert await desks.get_desk(office.core, idle) is None
        office.core.clock.travel(12 * 3_600_000)
        assert await desks.get_desk(office.core, token) is None

    story(body)


def test_a_closed_desk_stays_closed_whoever_uses_it_meanwhile() -> None:
    async def body(office: Office) -> None:
        token = await office.desk()
        office.core.clock.travel(3_600_000)  # using it would renew it now
        await asyncio.gather(
            *(desks.get_desk(office.core, token) for _ in range(5)),
            desks.close_desk(office.core, token),
            *(desks.get_desk(office.core, token) for _ in range(5)),
        )
        assert await desks.get_desk(office.core, token) is None
        await desks.close_desk(office.core, "unknown")

    story(body)


def test_people_to_sign_in_as() -> None:
    async def body(office: Office) -> None:
        core = office.core
        there = await corps.create_corp(core, "另一家公司")
        ended = await corps.create_corp(core, "解散的公司")
        await corps.dissolve_corp(core, ended.corp_id)
        everyone = await desks.people(core)
        assert {each.corp_name for each in everyone} == {"示例公司", "另一家公司"}
        mine = await desks.people(core, corp_id=office.corp_id)
        assert [each.userid for each in mine] == ["manager", "bing", "jia", "yi"]
        assert mine[0].is_admin
        assert [each.name for each in await desks.people(core, search="员乙")] == ["测试员乙"]
        found = await desks.people(core, search="manager", corp_id=there.corp_id)
        assert [each.corp_id for each in found] == [there.corp_id]
        for wild in ("%", "_", "\\", "\ud800", "长" * 1000):
            assert await desks.people(core, search=wild) == []
        assert len(await desks.people(core, limit=3)) == 3
        assert len(await desks.people(core, search="\0")) == len(everyone)
        await refused(33001, desks.people(core, corp_id="dingnone"))

    story(body)


def test_people_of_any_corp_are_found_by_its_name_or_id() -> None:
    async def body(office: Office) -> None:
        core = office.core
        made = [await corps.create_corp(core, f"第{n:02}号企业") for n in range(60)]
        last = max(made, key=lambda each: each.corp_id)  # behind the first fifty
        await contacts.create_member(core, last.corp_id, name="李四", userid="li")
        shown = {each.corp_id for each in await desks.people(core)}
        assert last.corp_id not in shown
        for search in (last.name, last.name[:3], last.corp_id):
            found = await desks.people(core, search=search)
            assert [each.userid for each in found if each.corp_id == last.corp_id] == [
                "manager",
                "li",
            ], search
            assert len(found) == len(set(found)) <= 50
        assert len(await desks.people(core, search="号企业")) == 50
        await corps.dissolve_corp(core, last.corp_id)
        assert await desks.people(core, search=last.corp_id) == []

    story(body)
