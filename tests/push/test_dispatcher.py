"""The dispatcher: order, isolation, retries, leases, restarts (issue, point 4; pains 9, 10, 11)."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from sanfang.platform.domain import authorisations, corps, outbox, suites, tokens
from sanfang.platform.domain.core import Core
from sanfang.platform.domain.model import Push
from sanfang.platform.push.dispatcher import Dispatcher
from sanfang.platform.push.sender import Sender
from sanfang.platform.store.ports import Tx

from ..store.fixtures import DURABLES, durable_address
from .isv import Isv, an_isv
from .world import a_core, a_suite, attempted, attempts, delivered, dispatching, push, put, until


@pytest.fixture(params=DURABLES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with durable_address(request.param, tmp_path) as address:
        yield address


class Gated(Isv):
    """Answers once its gate is open; forgets nobody who waits."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def reply(self, event: dict[str, Any]) -> web.StreamResponse:
        await self.gate.wait()
        return self.sealed("success")


class Failing(Isv):
    """Answers ``text`` unencrypted until it is well again."""

    ill = True

    async def reply(self, event: dict[str, Any]) -> web.StreamResponse:
        return web.Response(text="fail") if self.ill else self.sealed("success")


def test_pushes_of_a_lane_arrive_in_order_and_lanes_run_side_by_side(store: str) -> None:
    corps_ = [f"corp{n}" for n in range(5)]

    class Together(Isv):
        """The first push of each lane waits for those of all others."""

        barrier = asyncio.Barrier(len(corps_))

        async def reply(self, event: dict[str, Any]) -> web.StreamResponse:
            if event["n"] == "0":
                await self.barrier.wait()
            return self.sealed("success")

    async def main() -> None:
        async with an_isv(Together()) as isv, a_core(store) as core:
            key = (await a_suite(core, isv)).suite_key
            ids = [
                push_id
                for corp in corps_
                for push_id in await put(core, key, corp, *map(str, range(8)))
            ]
            async with dispatching(core) as dispatcher:
                await delivered(core, *ids)
                await until(lambda: dispatcher.busy == 0)
            for corp in corps_:
                assert [e["n"] for e in isv.events if e["corp"] == corp] == list("01234567")
            assert len(isv.events) == 40
            assert isv.most_open == len(corps_)
            record = await attempts(core, ids[0])
            assert [(a.outcome, a.status, a.reply, a.reason) for a in record] == [
                ("delivered", 200, "success", "")
            ]

    asyncio.run(main())


def test_a_push_enqueued_while_idle_goes_out_at_once(store: str) -> None:
    async def main() -> None:
        async with an_isv() as isv, a_core(store) as core, dispatching(core) as dispatcher:
            key = (await a_suite(core, isv)).suite_key
            for n in range(3):
                await delivered(core, *await put(core, key, "corp", str(n)))
                await until(lambda: dispatcher.busy == 0)
            assert [event["n"] for event in isv.events] == ["0", "1", "2"]

    asyncio.run(main())


def test_no_more_than_the_permitted_number_is_open_at_once(store: str) -> None:
    async def main() -> None:
        isv = Gated()
        async with an_isv(isv), a_core(store, push_parallel=3) as core, dispatching(core):
            key = (await a_suite(core, isv)).suite_key
            ids = [(await put(core, key, f"corp{n}", "x"))[0] for n in range(9)]
            await until(lambda: isv.open == 3)
            isv.gate.set()
            await delivered(core, *ids)
            assert isv.most_open == 3

    asyncio.run(main())


def test_a_dead_isv_does_not_slow_another(store: str) -> None:
    """While every push to one ISV hangs, all of the other's are delivered."""

    async def main() -> None:
        dead = Gated()
        patient = {"push_timeout_ms": 120_000, "push_lease_ms": 240_000}  # no push ends by itself
        async with (
            an_isv(dead),
            an_isv() as live,
            a_core(store, **patient) as core,
            dispatching(core),
        ):
            dead_key = (await a_suite(core, dead)).suite_key
            live_key = (await a_suite(core, live)).suite_key
            hanging = [(await put(core, dead_key, f"corp{n}", "x"))[0] for n in range(40)]
            await until(lambda: dead.open == core.settings.push_parallel)
            ids = [(await put(core, live_key, f"corp{n}", "x"))[0] for n in range(60)]
            await delivered(core, *ids)
            assert dead.open == core.settings.push_parallel
            assert [await attempts(core, push_id) for push_id in hanging[:3]] == [[], [], []]
            dead.gate.set()
            await delivered(core, *hanging)

    asyncio.run(main())


def test_an_isv_that_times_out_is_asked_with_one_push_at_a_time(store: str) -> None:
    async def main() -> None:
        isv = Gated()
        async with an_isv(isv), a_core(store, push_timeout_ms=40) as core, dispatching(core):
            key = (await a_suite(core, isv)).suite_key
            ids = [(await put(core, key, f"corp{n}", "x"))[0] for n in range(8)]
            await asyncio.gather(*(attempted(core, push_id, 1) for push_id in ids))
            assert isv.most_open > 1
            await until(lambda: isv.open == 0)
            isv.most_open = 0
            core.clock.travel(1000)
            await until(lambda: len(isv.events) >= len(ids) + 3)
            assert isv.most_open == 1
            isv.gate.set()
            await asyncio.gather(*(attempted(core, push_id, 2) for push_id in ids))
            core.clock.travel(60_000)
            await delivered(core, *ids)

    asyncio.run(main())


def test_retries_wait_one_second_then_twice_as_long_up_to_a_minute(store: str) -> None:
    async def main() -> None:
        isv = Failing()
        async with an_isv(isv), a_core(store) as core, dispatching(core):
            key = (await a_suite(core, isv)).suite_key
            [push_id] = await put(core, key, "corp", "x")
            await attempted(core, push_id, 1)
            for number in range(2, 10):
                due_at = await outbox.next_due(core, key)
                assert due_at is not None
                core.clock.travel(due_at - core.clock.now() - 1)
                assert (await push(core, push_id)).attempts == number - 1
                core.clock.travel(1)
                await attempted(core, push_id, number)
            isv.ill = False
            core.clock.travel(60_000)
            await delivered(core, push_id)
            times = [attempt.started_at for attempt in await attempts(core, push_id)]
            waits = [b - a for a, b in itertools.pairwise(times)]
            assert waits == [1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000]
            failed = (await attempts(core, push_id))[0]
            assert (failed.outcome, failed.reply) == ("failed", "fail")
            assert "未加密" in failed.reason

    asyncio.run(main())


def test_after_100_failures_a_lane_stands_still_until_repush(store: str) -> None:
    async def main() -> None:
        isv = Failing()
        async with an_isv(isv), a_core(store) as core, dispatching(core) as dispatcher:
            key = (await a_suite(core, isv)).suite_key
            first, second = await put(core, key, "corp", "1", "2")
            for number in range(1, 101):
                await attempted(core, first, number)
                core.clock.travel(60_000)
            await until(lambda: dispatcher.busy == 0)
            stopped = await push(core, first)
            assert (stopped.state, stopped.failures, stopped.attempts) == ("stopped", 100, 100)
            core.clock.travel(3_600_000)
            third = (await put(core, key, "corp", "3"))[0]
            other = (await put(core, key, "another", "x"))[0]
            await attempted(core, other, 1)
            for waiting in (second, third):
                assert (await push(core, waiting)).attempts == 0

            await suites.repush(core, key)
            await attempted(core, first, 101)
            await attempted(core, other, 2)
            again = await push(core, first)
            assert (again.state, again.failures) == ("pending", 1)
            isv.ill = False
            core.clock.travel(60_000)
            await delivered(core, first, second, third, other)
            assert [e["n"] for e in isv.events if e["corp"] == "corp"][-3:] == ["1", "2", "3"]

    asyncio.run(main())


def test_leases_of_a_dispatcher_that_died_run_out_and_its_pushes_go_on(store: str) -> None:
    async def main() -> None:
        async with an_isv() as isv, a_core(store) as core:
            key = (await a_suite(core, isv)).suite_key
            [push_id] = await put(core, key, "corp", "x")
            assert len(await outbox.claim(core, key, "died", limit=9)) == 1
            async with dispatching(core):
                [other] = await put(core, key, "other", "x")
                await delivered(core, other)
                core.clock.travel(core.settings.push_lease_ms - 1)
                assert (await push(core, push_id)).attempts == 0
                core.clock.travel(1)
                await delivered(core, push_id)

    asyncio.run(main())


def test_alone_on_the_store_it_frees_the_leases_of_the_dead_at_once(store: str) -> None:
    async def main() -> None:
        async with an_isv() as isv, a_core(store) as core:
            key = (await a_suite(core, isv)).suite_key
            [push_id] = await put(core, key, "corp", "x")
            await outbox.claim(core, key, "died", limit=9)
            async with dispatching(core, alone=True):
                await delivered(core, push_id)

    asyncio.run(main())


def test_time_travel_during_a_push_does_not_send_it_twice(store: str) -> None:
    async def main() -> None:
        isv = Gated()
        async with an_isv(isv), a_core(store) as core, dispatching(core):
            key = (await a_suite(core, isv)).suite_key
            first, second = await put(core, key, "corp", "1", "2")
            await until(lambda: isv.open == 1)
            core.clock.travel(3_600_000)
            [other] = await put(core, key, "other", "x")
            await until(lambda: isv.open == 2)
            isv.gate.set()
            await delivered(core, first, second, other)
            assert [event["n"] for event in isv.events if event["corp"] == "corp"] == ["1", "2"]

    asyncio.run(main())


def test_a_push_enqueued_while_the_last_result_is_being_written_does_not_wait_for_a_lease(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lane rests in the store, but its task has not left: the new push must not fall between."""

    async def main() -> None:
        async with an_isv() as isv, a_core(store) as core:
            key = (await a_suite(core, isv)).suite_key
            finish_all, claim = outbox.finish_all, outbox.claim
            written, leave, again = asyncio.Event(), asyncio.Event(), asyncio.Event()

            async def slow(*args: Any) -> Any:
                following = await finish_all(*args)
                written.set()
                await leave.wait()
                return following

            async def noting(*args: Any, **kwargs: Any) -> Any:
                claimed = await claim(*args, **kwargs)
                if claimed and written.is_set():
                    again.set()
                return claimed

            monkeypatch.setattr(outbox, "finish_all", slow)
            monkeypatch.setattr(outbox, "claim", noting)
            async with dispatching(core):
                [first] = await put(core, key, "corp", "1")
                await written.wait()
                [second] = await put(core, key, "corp", "2")
                await again.wait()
                leave.set()
                await delivered(core, first, second)
            assert [event["n"] for event in isv.events] == ["1", "2"]

    asyncio.run(main())


def test_an_isv_may_finish_its_whole_activation_before_it_answers_the_push(store: str) -> None:
    """Handlers in the wild call the API first and answer afterwards: no lock may be held."""

    class Eager(Isv):
        core: Core
        suite_secret = ""
        ticket = ""

        async def reply(self, event: dict[str, Any]) -> web.StreamResponse:
            if event["EventType"] == "suite_ticket":
                self.ticket = event["SuiteTicket"]
                key = event["SuiteKey"]
                assert await tokens.suite_token(self.core, key, self.suite_secret, self.ticket)
            if event["EventType"] == "tmp_auth_code":
                key = event["SuiteKey"]
                code, corp = await authorisations.exchange_code(self.core, key, event["AuthCode"])
                await authorisations.activate(self.core, key, corp.corp_id, code)
            return self.sealed("success")

    async def main() -> None:
        isv = Eager()
        async with an_isv(isv), a_core(store) as core, dispatching(core) as dispatcher:
            isv.core = core
            suite = await a_suite(core, isv)
            isv.suite_secret = suite.suite_secret
            await suites.add_micro_app(
                core,
                suite.suite_key,
                suites.MicroAppForm(name="签到看板", home_url="http://isv.example/"),
            )
            corp = await corps.create_corp(core, "示例公司")
            outcome = await authorisations.authorise(core, suite.suite_key, corp.corp_id)
            await delivered(core, outcome.push_id)
            await until(lambda: dispatcher.busy == 0)
            found = await authorisations.get_authorisation(core, suite.suite_key, corp.corp_id)
            assert found is not None
            assert found.state == "active"
            assert isv.ticket

    asyncio.run(main())


def test_two_dispatchers_on_one_store_deliver_each_push_once(store: str) -> None:
    async def main() -> None:
        async with an_isv() as isv, a_core(store) as core:
            key = (await a_suite(core, isv)).suite_key
            async with dispatching(core), dispatching(core):
                ids: list[int] = []
                for n in range(10):
                    for corp in range(12):
                        ids += await put(core, key, f"corp{corp}", str(n))
                await delivered(core, *ids)
            for corp in range(12):
                names = [e["n"] for e in isv.events if e["corp"] == f"corp{corp}"]
                assert names == list("0123456789")

    asyncio.run(main())


def test_two_processes_on_postgresql_deliver_each_push_once(tmp_path: Path) -> None:
    async def main(address: str) -> None:
        async with an_isv() as isv, a_core(address) as one, a_core(address, one.clock) as two:
            key = (await a_suite(one, isv)).suite_key
            async with dispatching(one), dispatching(two):
                ids: list[int] = []
                for n in range(6):
                    for corp in range(12):
                        ids += await put((one, two)[n % 2], key, f"corp{corp}", str(n))
                await delivered(one, *ids)
            for corp in range(12):
                names = [e["n"] for e in isv.events if e["corp"] == f"corp{corp}"]
                assert names == list("012345")

    with durable_address("postgres", tmp_path) as address:
        asyncio.run(main(address))


def test_stop_lets_pushes_in_flight_end_and_leaves_the_rest(store: str) -> None:
    async def main() -> None:
        isv = Gated()
        async with an_isv(isv), a_core(store) as core:
            key = (await a_suite(core, isv)).suite_key
            first, second = await put(core, key, "corp", "1", "2")
            async with Sender(core.settings, core.clock) as sender:
                dispatcher = Dispatcher(core, sender)
                await dispatcher.start()
                await until(lambda: isv.open == 1)
                stopping = asyncio.create_task(dispatcher.stop())
                await asyncio.sleep(0)
                assert not stopping.done()
                isv.gate.set()
                await stopping
            assert (await push(core, first)).state == "delivered"
            assert (await push(core, second)).state == "pending"
            assert len(isv.events) == 1
            await put(core, key, "corp", "3")  # wakes nobody
            # Its leases are free: the next dispatcher need not wait for them to run out.
            assert len(await outbox.claim(core, key, "next", limit=9)) == 1

    asyncio.run(main())


def test_stop_does_not_wait_longer_than_the_timeout(store: str) -> None:
    async def main() -> None:
        isv = Gated()
        async with an_isv(isv), a_core(store, push_timeout_ms=50) as core:
            key = (await a_suite(core, isv)).suite_key
            [push_id] = await put(core, key, "corp", "1")
            async with dispatching(core):
                await until(lambda: isv.open == 1)
            [record] = await attempts(core, push_id)
            assert record.outcome == "failed"
            assert "Read timed out" not in record.reason
            assert "50 毫秒" in record.reason
            isv.gate.set()

    asyncio.run(main())


def test_a_worker_that_breaks_is_logged_and_starts_again(
    store: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with an_isv() as isv, a_core(store) as core:
            key = (await a_suite(core, isv)).suite_key
            claim, faults = outbox.claim, [OSError("disk"), OSError("disk")]

            async def faulty(*args: Any, **kwargs: Any) -> Any:
                if faults:
                    raise faults.pop()
                return await claim(*args, **kwargs)

            monkeypatch.setattr(outbox, "claim", faulty)
            async with dispatching(core) as dispatcher:
                [push_id] = await put(core, key, "corp", "x")
                await until(lambda: len(faults) == 1)
                core.clock.travel(1000)
                await until(lambda: not faults)
                core.clock.travel(1000)
                await delivered(core, push_id)
                await until(lambda: dispatcher.busy == 0)

    with caplog.at_level(logging.ERROR):
        asyncio.run(main())
    assert [r.levelname for r in caplog.records] == ["ERROR", "ERROR"]
    assert "broke" in caplog.text


def test_a_result_that_could_not_be_recorded_is_pushed_again_after_the_lease(
    store: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with an_isv() as isv, a_core(store) as core:
            key = (await a_suite(core, isv)).suite_key
            finish, faults = outbox.finish_all, [OSError("disk")]

            async def faulty(*args: Any, **kwargs: Any) -> Any:
                if faults:
                    raise faults.pop()
                return await finish(*args, **kwargs)

            monkeypatch.setattr(outbox, "finish_all", faulty)
            async with dispatching(core):
                [push_id] = await put(core, key, "corp", "x")
                await until(lambda: not faults)
                core.clock.travel(core.settings.push_lease_ms)
                await delivered(core, push_id)
            assert len(isv.events) == 2  # at least once, never lost

    asyncio.run(main())
    assert "push lane" in caplog.text


def test_the_sweep_finds_what_nobody_announced(store: str) -> None:
    """A notification may be lost, say while the connection to PostgreSQL is renewed."""

    async def main() -> None:
        async with an_isv() as isv, a_core(store) as core, dispatching(core):
            key = (await a_suite(core, isv)).suite_key

            async def body(tx: Tx) -> int:
                class Silent:
                    one, all, run, many = tx.one, tx.all, tx.run, tx.many

                    def notify(self, channel: str, payload: str) -> None:
                        pass

                return await outbox.enqueue(Silent(), core, key, "corp", "t", '{"n":"1"}')

            push_id = await core.durable.transact(body)
            await asyncio.sleep(0)
            assert isv.events == []
            core.clock.travel(5000)
            await delivered(core, push_id)

    asyncio.run(main())


def test_a_store_that_may_have_missed_something_is_looked_through_at_once(tmp_path: Path) -> None:
    async def main() -> None:
        async with an_isv() as isv, a_core(str(tmp_path / "d.db")) as core:
            key = (await a_suite(core, isv)).suite_key
            async with dispatching(core):

                async def body(tx: Tx) -> Push | None:
                    await outbox.enqueue(tx, core, key, "corp", "t", '{"n":"1"}')
                    tx.notices.clear()  # type: ignore[attr-defined]
                    tx.notify(outbox.CHANNEL, "")
                    return None

                await core.durable.transact(body)
                await until(lambda: len(isv.events) == 1)

    asyncio.run(main())


def test_a_suite_whose_key_is_bad_fails_in_words_and_harms_no_other(store: str) -> None:
    async def main() -> None:
        async with an_isv() as isv, a_core(store) as core, dispatching(core):
            good = await a_suite(core, isv)
            bad = await a_suite(core, Isv())
            await suites.update_suite(core, bad.suite_key, aes_key="short")
            [lost] = await put(core, bad.suite_key, "corp", "x")
            await attempted(core, lost, 1)
            [record] = await attempts(core, lost)
            assert record.outcome == "failed"
            assert record.reason
            assert "short" not in record.reason
            isv.crypto = Isv(good.suite_key).crypto
            await delivered(core, *await put(core, good.suite_key, "corp", "x"))

    asyncio.run(main())
