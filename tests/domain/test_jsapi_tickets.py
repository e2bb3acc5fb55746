"""jsapi_tickets: which ones live, in both rules (tokens-and-limits.md 4)."""

from __future__ import annotations

import asyncio

from sanfang.platform.domain import corps, tokens
from sanfang.platform.domain.model import Identity

from .office import Office, story

HOUR = 3_600_000


async def fetch(office: Office, **more: str) -> str:
    return (await tokens.jsapi_ticket(office.core, office.identity, **more))[0]


async def live(office: Office) -> list[str]:
    return await tokens.jsapi_tickets(office.core, office.app.app_key, office.corp_id)


def test_the_ticket_is_kept_and_renewed_while_it_is_asked_for() -> None:
    async def body(office: Office) -> None:
        assert await live(office) == []
        first = await fetch(office)
        for _ in range(10):
            office.core.clock.travel(HOUR)
            assert await fetch(office) == first
        assert await live(office) == [first]
        office.core.clock.travel(2 * HOUR)
        assert await live(office) == []
        assert await fetch(office) != first

    story(body)


def test_no_ticket_lives_for_more_than_a_day() -> None:
    async def body(office: Office) -> None:
        first = await fetch(office)
        for _ in range(23):
            office.core.clock.travel(HOUR)
            assert await fetch(office) == first
        assert await tokens.jsapi_ticket(office.core, office.identity) == (first, 3600)
        office.core.clock.travel(HOUR - 1)
        assert await live(office) == [first]
        assert await tokens.jsapi_ticket(office.core, office.identity) == (first, 1)
        office.core.clock.travel(1)
        assert await live(office) == []
        second = await fetch(office)
        assert second != first
        assert await live(office) == [second]

    story(body)


def test_with_the_rule_of_2016_a_new_one_kills_the_old_and_is_remembered() -> None:
    async def body(office: Office) -> None:
        first = await fetch(office, ip="10.0.0.1")
        office.core.clock.travel(1000)
        second = await fetch(office, ip="10.0.0.2")
        assert first != second
        assert await live(office) == [second]
        newest, older = await tokens.jsapi_history(office.core, office.app.app_key, office.corp_id)
        assert (newest.ticket, newest.fetched_by, newest.superseded_at) == (second, "10.0.0.2", 0)
        assert (older.ticket, older.superseded_at) == (first, office.core.clock.now())
        assert second not in repr(newest)
        office.core.clock.travel(27 * HOUR)
        assert await tokens.jsapi_history(office.core, office.app.app_key, office.corp_id) == []

    story(body, jsapi_ticket_mode="rotate")


def test_of_many_who_ask_at_once_all_get_the_one_that_counts() -> None:
    async def body(office: Office) -> None:
        given = await asyncio.gather(*(fetch(office) for _ in range(20)))
        assert [given[0]] == await live(office)
        assert len(set(given)) == 1

    story(body)


def test_of_many_who_ask_at_once_by_the_rule_of_2016_one_gets_the_live_one() -> None:
    async def body(office: Office) -> None:
        given = await asyncio.gather(*(fetch(office) for _ in range(12)))
        assert len(set(given)) == 12
        (newest,) = await live(office)
        assert newest in given
        history = await tokens.jsapi_history(office.core, office.app.app_key, office.corp_id)
        assert len(history) == tokens.JSAPI_REMEMBERED

    story(body, jsapi_ticket_mode="rotate")


def test_tickets_are_of_one_app_in_one_corp() -> None:
    async def body(office: Office) -> None:
        core = office.core
        other = await office.another_app(name="别的应用")
        there = await corps.create_corp(core, "另一家")
        mine = await fetch(office)
        for identity in (
            Identity("internal", office.corp_id, other.app_key, other.agent_id),
            Identity("isv_corp", office.corp_id, suite_key="suite1"),
            Identity("isv_corp", there.corp_id, suite_key="suite1"),
        ):
            ticket, _ = await tokens.jsapi_ticket(core, identity)
            key = identity.app_key or identity.suite_key
            assert await tokens.jsapi_tickets(core, key, identity.corp_id) == [ticket]
            assert ticket != mine
        assert await live(office) == [mine]

    story(body)
