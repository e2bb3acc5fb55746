"""One-time links into the workbench."""

from __future__ import annotations

import asyncio

from sanfang.platform.domain import contacts, desk_links, desks, leaving
from sanfang.platform.domain.refusals import Refusal

from .office import Office, refused, story


def test_a_link_is_good_once() -> None:
    async def body(office: Office) -> None:
        core = office.core
        made = await desk_links.make(core, office.corp_id, "jia")
        assert len(made.secret) >= 32
        assert made.expires_at == core.clock.now() + desk_links.LIFE_MS
        for _ in range(3):  # whoever only looks leaves it good
            assert (await desk_links.look(core, made.secret)).member.userid == "jia"
        desk = await desks.get_desk(core, await desk_links.use(core, made.secret))
        assert desk is not None
        assert (desk.corp_id, desk.userid) == (office.corp_id, "jia")
        for again in (desk_links.use, desk_links.look):
            refusal = await refused(51003, again(core, made.secret))
            assert "用过" in refusal.zh
            assert "used" in refusal.en

    story(body)


def test_of_many_at_once_one_gets_in() -> None:
    async def body(office: Office) -> None:
        made = await desk_links.make(office.core, office.corp_id, "jia")
        tries = (desk_links.use(office.core, made.secret) for _ in range(20))
        done = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(isinstance(each, str) for each in done) == 1
        assert sum(isinstance(each, Refusal) and each.code == 51003 for each in done) == 19

    story(body)


def test_a_link_ends_after_five_minutes_and_says_so() -> None:
    async def body(office: Office) -> None:
        core = office.core
        made = await desk_links.make(core, office.corp_id, "jia")
        core.clock.travel(desk_links.LIFE_MS)
        refusal = await refused(51003, desk_links.use(core, made.secret))
        assert "过期" in refusal.zh
        assert "expired" in refusal.en
        core.clock.travel(2 * 3_600_000)
        refusal = await refused(51003, desk_links.use(core, made.secret))
        assert "never" in refusal.en

    story(body)


def test_no_link_for_nobody_nor_for_who_gets_the_userid_next() -> None:
    async def body(office: Office) -> None:
        core = office.core
        await refused(60111, desk_links.make(core, office.corp_id, "nobody"))
        await refused(33001, desk_links.make(core, "dingnone", "jia"))
        made = await desk_links.make(core, office.corp_id, "jia")
        await leaving.delete_member(core, office.corp_id, "jia")
        await contacts.create_member(core, office.corp_id, name="新来的", userid="jia")
        for attempt in (desk_links.look, desk_links.use):
            assert "离开" in (await refused(51003, attempt(core, made.secret))).zh

    story(body)


def test_what_is_no_secret_is_refused() -> None:
    async def body(office: Office) -> None:
        for wrong in ("", "x", "x" * 43, "\ud800" * 30, "x" * 10_000, "é" * 43):
            for attempt in (desk_links.look, desk_links.use):
                await refused(51003, attempt(office.core, wrong))

    story(body)
