"""The ticket timer: every 20 minutes, for suites with a micro-app (F41)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sanfang.platform.domain import suites
from sanfang.platform.domain.core import Core
from sanfang.platform.push.tickets import TicketTimer

from ..store.fixtures import DURABLES, durable_address
from .isv import Isv, an_isv
from .world import a_core, a_suite, dispatching, until

MINUTES = 60_000


@pytest.fixture(params=DURABLES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with durable_address(request.param, tmp_path) as address:
        yield address


async def ticket(core: Core, suite_key: str) -> str:
    return (await suites.get_suite(core, suite_key)).ticket


async def changed(core: Core, suite_key: str, before: str) -> str:
    async def other() -> bool:
        return await ticket(core, suite_key) != before

    await until(other)
    return await ticket(core, suite_key)


def test_a_suite_gets_a_new_ticket_every_20_minutes_and_the_isv_hears_of_it(store: str) -> None:
    async def main() -> None:
        async with an_isv() as isv, a_core(store) as core, dispatching(core):
            timer = TicketTimer(core)
            await timer.start()
            suite = await a_suite(core, isv, apps=1)
            seen = [suite.ticket]
            await until(lambda: len(isv.events) == 1)
            for count in range(2, 5):
                core.clock.travel(20 * MINUTES)
                seen.append(await changed(core, suite.suite_key, seen[-1]))
                await until(lambda count=count: len(isv.events) == count)  # type: ignore[misc]
            await timer.stop()
            assert [event["SuiteTicket"] for event in isv.events] == seen
            assert len(set(seen)) == 4

    asyncio.run(main())


def test_not_before_its_time(store: str) -> None:
    async def main() -> None:
        async with a_core(store) as core:
            isv = Isv()
            isv.url = "http://isv.example/"
            suite = await a_suite(core, isv, apps=1)
            timer = TicketTimer(core)
            await timer.start()
            core.clock.travel(20 * MINUTES - 1)
            for _ in range(20):
                await asyncio.sleep(0)
            assert await ticket(core, suite.suite_key) == suite.ticket
            core.clock.travel(1)
            await changed(core, suite.suite_key, suite.ticket)
            await timer.stop()

    asyncio.run(main())


def test_two_timers_rotate_each_ticket_once(store: str) -> None:
    async def main() -> None:
        isv = Isv()
        isv.url = "http://isv.example/"
        async with a_core(store) as core, a_core_beside(store, core) as other:
            made = [await a_suite(core, isv, apps=1) for _ in range(5)]
            timers = [TicketTimer(core), TicketTimer(other)]
            for timer in timers:
                await timer.start()
            core.clock.travel(20 * MINUTES)
            for suite in made:
                await changed(core, suite.suite_key, suite.ticket)
            for timer in timers:
                await timer.stop()
            for suite in made:
                now = await suites.get_suite(core, suite.suite_key)
                assert now.ticket_before == suite.ticket

    asyncio.run(main())


def a_core_beside(store: str, core: Core) -> Any:
    """Another process on PostgreSQL; on SQLite the same one, for there is only one."""
    if store.startswith("postgres"):
        return a_core(store, core.clock)
    from contextlib import nullcontext

    return nullcontext(core)


def test_a_failing_store_is_logged_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with a_core(str(tmp_path / "d.db")) as core:
            isv = Isv()
            isv.url = "http://isv.example/"
            suite = await a_suite(core, isv, apps=1)
            rotate, faults = suites.rotate_due_tickets, [OSError("disk")]

            async def faulty(*args: Any, **kwargs: Any) -> int:
                if faults:
                    raise faults.pop()
                return await rotate(*args, **kwargs)

            monkeypatch.setattr(suites, "rotate_due_tickets", faulty)
            core.clock.travel(20 * MINUTES)
            timer = TicketTimer(core)
            await timer.start()
            await until(lambda: not faults)
            core.clock.travel(5000)
            await changed(core, suite.suite_key, suite.ticket)
            await timer.stop()

    with caplog.at_level(logging.ERROR):
        asyncio.run(main())
    assert "rotating suite tickets failed" in caplog.text


def test_more_suites_than_a_batch_are_all_rotated(tmp_path: Path) -> None:
    async def main() -> None:
        async with a_core(str(tmp_path / "d.db")) as core:
            isv = Isv()
            isv.url = "http://isv.example/"
            made = [await a_suite(core, isv, apps=1) for _ in range(130)]
            timer = TicketTimer(core)
            core.clock.travel(20 * MINUTES)
            await timer.start()
            for suite in made:
                await changed(core, suite.suite_key, suite.ticket)
            await timer.stop()

    asyncio.run(main())
