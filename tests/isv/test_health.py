"""What the operator sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from .world import SUITE_KEY, FakeClock, FakePlatform, event, idle, make, push

pytestmark = pytest.mark.anyio


async def test_a_suite_without_key_is_told_to_configure() -> None:
    app = make(FakePlatform(), suite_key=None, suite_secret=None)
    health = app.health()
    assert not health.ok
    assert "app.configure()" in health.problems[0]
    app.close()


async def test_the_age_of_the_ticket_is_shown_and_an_old_one_is_a_problem() -> None:
    platform, clock = FakePlatform(), FakeClock()
    async with make(platform, clock=clock) as app:
        assert "re-push" in app.health().problems[0]
        await push(app, platform.new_ticket())
        await idle(app)
        clock.advance(3600)
        health = app.health()
        assert (health.ok, health.ticket_age, health.suite_key) == (True, 3600.0, SUITE_KEY)
        clock.advance(7 * 3600)
        health = app.health()
        assert not health.ok
        assert "8.0 h" in health.problems[0]


async def test_the_same_ticket_pushed_again_is_no_new_ticket() -> None:
    platform, clock = FakePlatform(), FakeClock()
    async with make(platform, clock=clock) as app:
        ticket = platform.new_ticket()
        await push(app, ticket)
        await idle(app)
        clock.advance(100)
        await push(app, {**ticket, "TimeStamp": ticket["TimeStamp"] + 1})
        await idle(app)
        assert app.health().ticket_age == 100


async def test_the_ticket_survives_a_restart(tmp_path: Path) -> None:
    platform, data = FakePlatform(), str(tmp_path / "isv.db")
    async with make(platform, data=data) as app:
        await push(app, platform.new_ticket())
        await idle(app)
    async with make(platform, data=data) as app:
        await push(app, platform.authorise("ding1"))
        await idle(app)
        assert app.corp("ding1").active


async def test_ended_events_are_forgotten_after_the_days_given(tmp_path: Path) -> None:
    from .world import until

    clock, data = FakeClock(), str(tmp_path / "isv.db")
    one = event("org_change", CorpId="ding1")
    async with make(FakePlatform(), clock=clock, data=data, keep_days=2, poll=0.01) as app:
        app.on("org_change")(lambda event, corp: None)
        await push(app, one)
        await idle(app)
        rows = app._open().database.rows
        clock.advance(3 * 86400)
        await until(lambda: rows("SELECT * FROM inbox") == [])
