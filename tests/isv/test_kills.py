"""kill -9 with real processes: after the restart every authorisation reaches its end state."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from sanfang.isv import Answer

from .world import (
    AES_KEY,
    SUITE_KEY,
    SUITE_SECRET,
    TOKEN,
    FakePlatform,
    event,
    opened,
    seal,
)

pytestmark = [pytest.mark.anyio, pytest.mark.process]
CORP = "dingexamplecorp1"
WAITING = "SELECT count(*) FROM inbox WHERE state = 0"
ROOT = Path(__file__).parents[2]


class Child:
    """One life of the suite app."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, session: Any) -> None:
        self.process = process
        self.url = url
        self.session = session

    async def push(self, plain: dict[str, Any]) -> bool:
        """Push an event; tell whether it was answered ``success``."""
        query, body = seal(plain)
        try:
            async with self.session.post(f"{self.url}?{query.decode()}", data=body) as answer:
                return opened(Answer(answer.status, await answer.read())) == "success"
        except (aiohttp.ClientError, OSError):
            return False

    async def died(self) -> int:
        async with asyncio.timeout(20):
            return await self.process.wait()

    async def end(self) -> int:
        """Stop with SIGTERM."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        return await self.died()


class World:
    """A fake platform over HTTP, and one data file for all lives of the app."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.platform = FakePlatform()
        self.address = ""
        self.session: Any = None

    @property
    def effects(self) -> list[str]:
        file = self.folder / "effects"
        return file.read_text().splitlines() if file.exists() else []

    @property
    def states(self) -> dict[str, str]:
        return dict(self.rows("SELECT corp_id, state FROM corps"))

    def rows(self, sql: str) -> list[Any]:
        connection = sqlite3.connect(self.folder / "isv.db")
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    async def serve(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else {}
        answer = await self.platform.answer(request.path.lstrip("/"), dict(request.query), body)
        return web.json_response(answer)

    @contextlib.asynccontextmanager
    async def life(self, kill: str = "") -> AsyncIterator[Child]:
        environment = {
            **os.environ,
            "KILL": kill,
            "EFFECTS": str(self.folder / "effects"),
            "DATA": str(self.folder / "isv.db"),
            "PLATFORM": self.address,
            "SUITE_KEY": SUITE_KEY,
            "SUITE_SECRET": SUITE_SECRET,
            "TOKEN": TOKEN,
            "AES_KEY": AES_KEY,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.isv.child"),
            cwd=ROOT,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            assert process.stdout is not None
            async with asyncio.timeout(20):
                port = int(await process.stdout.readline())
            yield Child(process, f"http://127.0.0.1:{port}/callback", self.session)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.communicate()

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.01)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path)
    server = web.Application()
    server.router.add_route("*", "/{path:.*}", world.serve)
    runner = web.AppRunner(server)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    world.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        world.session = session
        yield world
    await runner.cleanup()


@pytest.mark.parametrize(
    "kill", ["before-answer:2", "after-answer:2", "code", "save:1", "save:2", "handler"]
)
async def test_an_authorisation_reaches_active_wherever_the_process_was_killed(
    world: World, kill: str
) -> None:
    platform = world.platform
    async with world.life(kill) as first:
        assert await first.push(platform.new_ticket())
        tmp = platform.authorise(CORP, "示例公司")
        answered = await first.push(tmp)
        assert await first.died() == -signal.SIGKILL
    assert world.rows("SELECT count(*) FROM inbox WHERE event_type = 'tmp_auth_code'") == [(1,)]
    assert world.effects == []
    if kill == "code":  # used up on the platform, unknown to us
        assert platform.codes == {}
        assert world.rows("SELECT permanent_code FROM corps") in ([], [(None,)])
    async with world.life() as second:
        if not answered:  # then the platform pushes again
            assert await second.push(tmp)
        await world.until(lambda: world.effects)
        assert world.states == {CORP: "active"}
        assert platform.active(CORP)
        assert platform.messages == [(CORP, "你好 示例公司")]
        # what has completed does not run again, not even when it is pushed again
        assert await second.push(tmp)
        assert await second.push({**event("user_add_org", CorpId=CORP), "UserId": ["last"]})
        await world.until(lambda: f"user {CORP} last" in world.effects)
        assert world.effects == [f"activated {CORP}", f"user {CORP} last"]
        await second.end()
    assert not (world.folder / "isv.db-wal").exists()  # closed, not cut off
    exchanges = platform.count("get_permanent_code")
    assert exchanges == (2 if kill == "code" else 1)


async def test_a_code_of_2016_stored_before_the_kill_is_found_again_with_its_corp(
    world: World,
) -> None:
    """Code, corp and event are stored as one: without AuthCorpId nothing else ties them."""
    platform = world.platform
    async with world.life("save:1") as first:
        assert await first.push(platform.new_ticket())
        assert await first.push(platform.authorise(CORP, named=False))
        assert await first.died() == -signal.SIGKILL
    async with world.life():
        await world.until(lambda: world.effects)
        assert world.states == {CORP: "active"}
    assert platform.count("get_permanent_code") == 1


async def test_killed_with_many_events_on_the_way_no_answered_one_is_lost(world: World) -> None:
    """Killed from outside at some instant, three times over."""
    chance = random.Random(7)
    corps = [f"ding{number}" for number in range(8)]
    todo = [event("user_add_org", CorpId=chance.choice(corps), UserId=[str(n)]) for n in range(300)]
    answered: list[dict[str, Any]] = []
    for life in range(4):
        async with world.life() as child:
            left = [one for one in todo if one not in answered]
            pushing = [asyncio.create_task(child.push(one)) for one in left]
            if life < 3:
                await world.until(lambda: sum(task.done() for task in pushing) >= 40)  # noqa: B023
                child.process.kill()
            results = await asyncio.gather(*pushing)
            answered += [one for one, fine in zip(left, results, strict=True) if fine]
            if life == 3:
                await world.until(lambda: world.rows(WAITING) == [(0,)])
    assert len(answered) == len(todo)
    effects = world.effects
    expected = {f"user {one['CorpId']} {one['UserId'][0]}" for one in todo}
    assert set(effects) == expected
    # at least once: only what a kill interrupted ran again, at most one event of each corp
    assert len(effects) - len(expected) <= 3 * len(corps)


async def test_sigterm_lets_a_running_handler_finish(world: World) -> None:
    platform = world.platform
    reached, release = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        reached.set()
        await release.wait()

    platform.before["send"] = hold
    async with world.life() as child:
        assert await child.push(platform.new_ticket())
        assert await child.push(platform.authorise(CORP))
        async with asyncio.timeout(20):
            await reached.wait()
        child.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.1)
        release.set()
        await child.died()
    assert world.effects == [f"activated {CORP}"]
    assert world.rows(WAITING) == [(0,)]
