"""Lanes, retries, the limit of 100 and re-push (isv-lifecycle.md 3.3, F41)."""

from __future__ import annotations

import asyncio

import pytest

from sanfang.platform.domain import authorisations, corps, outbox, suites
from sanfang.platform.domain.core import Core, Settings
from sanfang.platform.domain.model import Due
from sanfang.platform.domain.refusals import Refusal
from sanfang.platform.store.ports import Tx

from .test_authorisations import push_all, story
from .world import a_core, a_suite, an_attempt


async def put(core: Core, suite_key: str, corp_id: str, *names: str) -> list[int]:
    async def body(tx: Tx) -> list[int]:
        return [
            await outbox.enqueue(tx, core, suite_key, corp_id, n, f'{{"n":"{n}"}}') for n in names
        ]

    return await core.durable.transact(body)


async def claim_one(core: Core, suite_key: str) -> Due:
    claimed = await outbox.claim(core, suite_key, "test", limit=1)
    assert len(claimed) == 1
    return claimed[0]


def test_a_lane_is_worked_off_in_order_by_one_dispatcher_at_a_time() -> None:
    async def body(core: Core) -> None:
        key = (await a_suite(core, apps=0)).suite_key
        await put(core, key, "corp", "a", "b", "c")
        due = await claim_one(core, key)
        assert await outbox.claim(core, key, "other", limit=10) == []
        names = [due.push.event_type]
        following = await outbox.finish(core, due, an_attempt(ok=True))
        while following is not None:
            names.append(following.push.event_type)
            following = await outbox.finish(core, following, an_attempt(ok=True))
        assert names == ["a", "b", "c"]
        assert await outbox.active_suites(core) == []

    story(body)


def test_a_failed_push_waits_longer_each_time_and_holds_its_lane_but_no_other() -> None:
    async def body(core: Core) -> None:
        key = (await a_suite(core, apps=0)).suite_key
        await put(core, key, "one", "a", "b")
        due = await claim_one(core, key)
        assert await outbox.finish(core, due, an_attempt(ok=False)) is None
        await put(core, key, "two", "x")
        assert (await claim_one(core, key)).push.event_type == "x"
        assert await outbox.next_due(core, key) == core.clock.now() + 1000
        core.clock.travel(1000)
        again = await claim_one(core, key)
        assert (again.push.event_type, again.push.failures) == ("a", 1)
        await outbox.finish(core, again, an_attempt(ok=False))
        push, attempts = await outbox.get_push(core, again.push.push_id)
        assert push.due_at - core.clock.now() == 2000
        assert [number for number, _ in attempts] == [1, 2]

    story(body)


def test_after_the_limit_a_push_stops_with_its_lane_until_re_push() -> None:
    async def run() -> None:
        settings = Settings(push_limit=3, push_retry_first_ms=10)
        async with a_core(settings) as core:
            key = (await a_suite(core, apps=0)).suite_key
            first, second = await put(core, key, "corp", "a", "b")
            for _ in range(3):
                core.clock.travel(60_000)
                await outbox.finish(core, await claim_one(core, key), an_attempt(ok=False))
            core.clock.travel(3_600_000)
            assert await outbox.claim(core, key, "test", limit=10) == []
            assert (await outbox.get_push(core, first))[0].state == "stopped"
            await put(core, key, "corp", "c")  # what comes later waits too: order is kept
            assert await outbox.claim(core, key, "test", limit=10) == []
            assert await suites.repush(core, key) == 3
            events = await push_all(core, key)
            assert [e["n"] for e in events] == ["a", "b", "c"]
            push, attempts = await outbox.get_push(core, first)
            assert (push.state, push.attempts, push.failures) == ("delivered", 4, 0)
            assert len(attempts) == 4
            assert second < (await outbox.list_pushes(core, limit=1))[0].push_id

    asyncio.run(run())


def test_a_lease_that_runs_out_frees_the_lane_and_the_late_finisher_does_not_disturb_it() -> None:
    async def body(core: Core) -> None:
        key = (await a_suite(core, apps=0)).suite_key
        await put(core, key, "corp", "a", "b")
        lost = await claim_one(core, key)
        core.clock.travel(core.settings.push_lease_ms)
        taken = await outbox.claim(core, key, "other", limit=1)
        assert taken[0].push.push_id == lost.push.push_id
        assert await outbox.finish(core, lost, an_attempt(ok=True)) is None
        following = await outbox.finish(core, taken[0], an_attempt(ok=True))
        assert following is not None
        assert following.push.event_type == "b"

    story(body)


def test_resending_a_delivered_push_sends_a_copy() -> None:
    async def body(core: Core) -> None:
        key = (await a_suite(core, apps=0)).suite_key
        (number,) = await put(core, key, "corp", "a")
        await push_all(core, key)
        copy = await outbox.resend(core, number)
        assert copy > number
        assert await push_all(core, key) == [{"n": "a"}]
        with pytest.raises(Refusal):
            await outbox.resend(core, 10**6)

    story(body)


def test_a_new_ticket_is_valid_before_it_is_pushed_and_supersedes_an_open_announcement() -> None:
    async def body(core: Core) -> None:
        suite = await a_suite(core)
        key = suite.suite_key
        due = await claim_one(core, key)
        assert due.push.event_type == "suite_ticket"
        await outbox.finish(core, due, an_attempt(ok=False))
        core.clock.travel(core.settings.ticket_interval_ms)
        assert await suites.rotate_due_tickets(core) == 1
        now = await suites.get_suite(core, key)
        assert (now.ticket_before, now.ticket != suite.ticket) == (suite.ticket, True)
        pushes = await outbox.list_pushes(core, suite_key=key)
        assert [(p.state, p.failures) for p in pushes] == [("pending", 1), ("superseded", 1)]
        events = await push_all(core, key)
        assert [e["SuiteTicket"] for e in events] == [now.ticket]

    story(body)


def test_tickets_stop_at_the_limit_and_re_push_brings_a_fresh_one() -> None:
    async def run() -> None:
        async with a_core(Settings(push_limit=2)) as core:
            key = (await a_suite(core)).suite_key
            for _ in range(2):
                await outbox.finish(core, await claim_one(core, key), an_attempt(ok=False))
                core.clock.travel(60_000)
            assert await suites.next_ticket_due(core) is None
            core.clock.travel(10 * core.settings.ticket_interval_ms)
            assert await suites.rotate_due_tickets(core) == 0
            assert await suites.repush(core, key) == 1
            suite = await suites.get_suite(core, key)
            assert [e["SuiteTicket"] for e in await push_all(core, key)] == [suite.ticket]
            assert suite.ticket_due_at == core.clock.now() + core.settings.ticket_interval_ms

    asyncio.run(run())


def test_a_suite_without_a_micro_app_gets_no_ticket_and_re_push_says_so() -> None:
    async def body(core: Core) -> None:
        key = (await a_suite(core, apps=0)).suite_key
        assert await suites.next_ticket_due(core) is None
        with pytest.raises(Refusal) as refused:
            await suites.repush(core, key)
        assert refused.value.faq == "F41"
        form = suites.MicroAppForm(name="签到看板", home_url="http://isv.example/")
        await suites.add_micro_app(core, key, form)
        assert [e["EventType"] for e in await push_all(core, key)] == ["suite_ticket"]

    story(body)


def test_change_and_announcement_are_one_transaction() -> None:
    """A body that fails after enqueueing leaves neither."""

    async def body(core: Core) -> None:
        suite, corp = await a_suite(core), await corps.create_corp(core, "示例公司")
        await push_all(core, suite.suite_key)

        async def broken(tx: Tx) -> None:
            await outbox.enqueue(tx, core, suite.suite_key, corp.corp_id, "x", "{}")
            raise RuntimeError("power cut")

        with pytest.raises(RuntimeError):
            await core.durable.transact(broken)
        assert await outbox.claim(core, suite.suite_key, "test", limit=10) == []
        assert await outbox.active_suites(core) == []

    story(body)


def test_listeners_hear_of_a_suite_only_after_commit() -> None:
    async def body(core: Core) -> None:
        heard: asyncio.Queue[str] = asyncio.Queue()
        await core.durable.listen(outbox.CHANNEL, heard.put_nowait)
        suite, corp = await a_suite(core, apps=0), await corps.create_corp(core, "示例公司")
        await authorisations.authorise(core, suite.suite_key, corp.corp_id)
        async with asyncio.timeout(30):
            # A database has one set of channels: a test beside this one may be heard as well.
            while (word := await heard.get()) != suite.suite_key:
                continue
        assert word == suite.suite_key

    story(body)
