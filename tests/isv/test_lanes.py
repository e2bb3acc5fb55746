"""The workers: order, retries, dead letters, what a restart does."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from sanfang.client import RateLimited
from sanfang.isv import GiveUp, SuiteApp

from .world import FakeClock, FakePlatform, event, idle, make, push, until

pytestmark = pytest.mark.anyio


def user(corp: str, name: str) -> dict[str, Any]:
    return event("user_add_org", CorpId=corp, UserId=[name])


class Flaky:
    """A handler that fails as often as it is told, and records what it saw."""

    def __init__(self, app: SuiteApp, event_type: str = "user_add_org") -> None:
        self.fails = 0
        self.always: set[str] = set()  # names of users whose events always fail
        self.error: Exception = RuntimeError("broken")
        self.seen: list[tuple[str, str]] = []
        app.on(event_type)(self)

    async def __call__(self, event: Any, corp: Any) -> None:
        await asyncio.sleep(0)
        if self.fails or event.user_ids[0] in self.always:
            self.fails = max(self.fails - 1, 0)
            raise self.error
        self.seen.append((corp.corp_id, event.user_ids[0]))


async def test_events_of_a_corp_are_handled_in_the_order_they_came() -> None:
    app = make(FakePlatform())
    flaky = Flaky(app)
    async with app:
        for number in range(30):
            for corp in ("ding1", "ding2", "ding3"):
                await push(app, user(corp, str(number)))
        await idle(app)
    for corp in ("ding1", "ding2", "ding3"):
        assert [name for who, name in flaky.seen if who == corp] == [str(n) for n in range(30)]


async def test_a_failing_event_holds_up_its_corp_and_no_other() -> None:
    clock = FakeClock()
    app = make(FakePlatform(), clock=clock)
    flaky = Flaky(app)
    flaky.fails = 1
    async with app:
        await push(app, user("ding1", "first"))
        await until(lambda: clock.waits == [10.0])
        await push(app, user("ding1", "second"))
        await push(app, user("ding2", "other"))
        await until(lambda: flaky.seen == [("ding2", "other")])
        clock.advance(10)
        await idle(app)
    assert flaky.seen == [("ding2", "other"), ("ding1", "first"), ("ding1", "second")]


async def test_attempts_come_later_and_later_and_end_as_a_dead_letter() -> None:
    clock, waits = FakeClock(), []
    app = make(FakePlatform(), clock=clock)
    flaky = Flaky(app)
    flaky.always = {"first"}
    async with app:
        await push(app, user("ding1", "first"))
        await push(app, user("ding1", "second"))
        for _ in range(3):
            await until(lambda: len(clock.waits) == 1 and clock.waits != [0.0])
            waits += clock.waits
            clock.advance(clock.waits[0])
        await until(lambda: flaky.seen == [("ding1", "second")])
        letters = app.dead_letters()
        assert not app.health().ok
    assert waits == [10.0, 20.0, 40.0]
    assert [(d.event_type, d.corp_id, d.attempts) for d in letters] == [
        ("user_add_org", "ding1", 4)
    ]
    assert letters[0].note == "RuntimeError: broken"


async def test_a_dead_letter_can_be_handled_again() -> None:
    app = make(FakePlatform())
    flaky = Flaky(app)
    flaky.fails, flaky.error = 1, GiveUp("needs a person")
    async with app:
        await push(app, user("ding1", "first"))
        await until(lambda: len(app.dead_letters()) == 1)
        (letter,) = app.dead_letters()
        assert letter.attempts == 1  # GiveUp does not wait for more attempts
        assert app.retry(letter.id)
        await idle(app)
        assert app.dead_letters() == []
        assert not app.retry(letter.id)
        assert not app.retry(999)
    assert flaky.seen == [("ding1", "first")]


async def test_a_postponed_event_can_be_hurried() -> None:
    clock = FakeClock()
    app = make(FakePlatform(), clock=clock)
    flaky = Flaky(app)
    flaky.fails = 1
    async with app:
        await push(app, user("ding1", "first"))
        await until(lambda: clock.waits == [10.0])
        assert app.retry(1)
        await idle(app)
    assert flaky.seen == [("ding1", "first")]


async def test_a_rate_limit_is_waited_out_to_its_end() -> None:
    clock = FakeClock()
    app = make(FakePlatform(), clock=clock)
    flaky = Flaky(app)
    flaky.fails, flaky.error = 1, RateLimited(90018, "too many")
    flaky.error.retry_after = 45.0
    async with app:
        await push(app, user("ding1", "first"))
        await until(lambda: clock.waits == [45.0])
        clock.advance(45)
        await idle(app)
    assert flaky.seen == [("ding1", "first")]


async def test_a_handler_that_completed_does_not_run_again_when_the_next_one_fails() -> None:
    clock, first, second = FakeClock(), [], []
    app = make(FakePlatform(), clock=clock)

    @app.on("user_add_org")
    async def fine(event: Any, corp: Any) -> None:
        first.append(event.user_ids)

    @app.on("user_add_org")
    async def failing(event: Any, corp: Any) -> None:
        second.append(event.user_ids)
        if len(second) == 1:
            raise RuntimeError("broken")

    async with app:
        await push(app, user("ding1", "a"))
        await until(lambda: clock.waits == [10.0])
        clock.advance(10)
        await idle(app)
    assert (first, second) == ([["a"]], [["a"], ["a"]])


async def test_a_restart_keeps_schedule_and_count(tmp_path: Path) -> None:
    clock, data = FakeClock(), str(tmp_path / "isv.db")
    app = make(FakePlatform(), clock=clock, data=data)
    flaky = Flaky(app)
    flaky.fails = 100
    async with app:
        await push(app, user("ding1", "first"))
        await until(lambda: clock.waits == [10.0])
    clock.advance(4)
    app = make(FakePlatform(), clock=clock, data=data)
    flaky = Flaky(app)
    flaky.fails = 100
    async with app:
        await until(lambda: clock.waits == [6.0])
        clock.advance(6)
        await until(lambda: clock.waits == [20.0])


async def test_a_handler_interrupted_by_the_end_runs_again_at_the_next_start(
    tmp_path: Path,
) -> None:
    data, begun, ended = str(tmp_path / "isv.db"), asyncio.Event(), []
    app = make(FakePlatform(), data=data, grace=0.01)

    @app.on("user_add_org")
    async def endless(event: Any, corp: Any) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with app:
        await push(app, user("ding1", "a"))
        await begun.wait()
    app = make(FakePlatform(), data=data)
    app.on("user_add_org")(lambda event, corp: ended.append(event.user_ids))
    async with app:
        await idle(app)
    assert ended == [["a"]]


async def test_a_running_handler_may_finish_within_the_grace_period(tmp_path: Path) -> None:
    data, begun, release, ended = str(tmp_path / "isv.db"), asyncio.Event(), asyncio.Event(), []
    app = make(FakePlatform(), data=data, grace=20)

    @app.on("user_add_org")
    async def slow(event: Any, corp: Any) -> None:
        begun.set()
        await release.wait()
        ended.append(event.user_ids)

    await app.start()
    await push(app, user("ding1", "a"))
    await push(app, user("ding1", "never begun"))
    await begun.wait()
    stopping = asyncio.create_task(app.stop())
    await asyncio.sleep(0.01)
    assert not stopping.done()
    release.set()
    await stopping
    assert ended == [["a"]]
    assert app.health().waiting == 1  # the second still waits, the first is done
    app.close()


async def test_an_event_that_kills_the_process_each_time_is_given_up(tmp_path: Path) -> None:
    """Attempts at events found on disk are counted before they are made."""
    data, clock = str(tmp_path / "isv.db"), FakeClock()
    for _ in range(5):
        app, begun = make(FakePlatform(), data=data, clock=clock, grace=0), asyncio.Event()

        @app.on("user_add_org")
        async def endless(event: Any, corp: Any, begun: asyncio.Event = begun) -> None:
            begun.set()
            await asyncio.Event().wait()

        async with app:
            await push(app, {**user("ding1", "a"), "TimeStamp": 1})
            await begun.wait()
    app = make(FakePlatform(), data=data, clock=clock)
    async with app:
        await until(lambda: len(app.dead_letters()) == 1)
        assert "kept dying" in app.dead_letters()[0].note


async def test_a_sync_handler_runs_in_a_thread_and_can_call_the_platform() -> None:
    platform, threads = FakePlatform(), []
    app = make(platform)

    @app.activated
    def hello(event: Any, corp: Any) -> None:
        threads.append(threading.current_thread())
        corp.call_sync(
            "message/send", agentid=1, touser="a", msgtype="text", text={"content": "hi"}
        )

    async with app:
        await push(app, platform.new_ticket())
        await push(app, platform.authorise("ding1"))
        await idle(app)
    assert threads != [threading.main_thread()]
    assert platform.messages == [("ding1", "hi")]


async def test_a_handler_that_takes_too_long_is_a_failed_attempt() -> None:
    clock = FakeClock()
    app = make(FakePlatform(), clock=clock, handler_timeout=0.01)

    @app.on("user_add_org")
    async def endless(event: Any, corp: Any) -> None:
        await asyncio.Event().wait()

    async with app:
        await push(app, user("ding1", "a"))
        await until(lambda: clock.waits == [10.0])
        note = app._open().database.rows("SELECT note FROM inbox")[0][0]
    assert "endless did not end within 0.01 s" in note


async def test_no_more_than_the_given_number_of_handlers_run_at_a_time() -> None:
    app = make(FakePlatform(), concurrency=3)
    running, most, release = 0, 0, asyncio.Event()

    @app.on("user_add_org")
    async def count(event: Any, corp: Any) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await release.wait()
        running -= 1

    async with app:
        for number in range(10):
            await push(app, user(f"ding{number}", "a"))
        await until(lambda: running == 3)
        release.set()
        await idle(app)
    assert most == 3


async def test_a_code_whose_corp_becomes_known_goes_before_what_came_after_it() -> None:
    """The corp's lane is held up by its first event; the code came before its second."""
    clock, platform = FakeClock(), FakePlatform()
    app = make(platform, clock=clock)
    flaky, order = Flaky(app), []
    app.activated(lambda event, corp: order.append("activated"))
    app.on("org_change")(lambda event, corp: order.append("org_change"))
    flaky.fails = 1
    async with app:
        await push(app, user("ding1", "first"))
        await until(lambda: clock.waits == [10.0])
        await push(app, platform.authorise("ding1", named=False))  # waits for a ticket
        await push(app, event("org_change", CorpId="ding1"))
        await push(app, platform.new_ticket())
        assert app._runtime is not None
        lanes = app._runtime.lanes._lanes
        await until(lambda: len(lanes["ding1"]) == 3)
        clock.advance(10)
        await idle(app)
    assert order == ["activated", "org_change"]


async def test_a_backlog_beyond_memory_is_worked_off_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sanfang.isv.workers._WINDOW", 10)
    app = make(FakePlatform(), data=str(tmp_path / "isv.db"))
    flaky, release = Flaky(app), asyncio.Event()

    @app.on("org_change")
    async def block(event: Any, corp: Any) -> None:
        await release.wait()

    async with app:
        await push(app, event("org_change", CorpId="ding1"))
        await asyncio.gather(*(push(app, user("ding1", str(n))) for n in range(100)))
        assert app._runtime is not None
        assert app._runtime.lanes.queued <= 20
        release.set()
        await idle(app)
    assert [name for _, name in flaky.seen] == [str(n) for n in range(100)]


async def test_a_disk_that_fails_after_a_handler_does_not_run_it_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = FakeClock()
    app = make(FakePlatform(), clock=clock)
    flaky = Flaky(app)
    async with app:
        inbox, troubles = app._open().inbox, [sqlite3.OperationalError("disk full")] * 2
        finish = inbox.finish

        def failing(event_id: int) -> asyncio.Future[None]:
            if troubles:
                raise troubles.pop()
            return finish(event_id)

        monkeypatch.setattr(inbox, "finish", failing)
        await push(app, user("ding1", "a"))
        await until(lambda: clock.waits == [1.0])
        clock.advance(1)
        await idle(app)
    assert flaky.seen == [("ding1", "a")]
