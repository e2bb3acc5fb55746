"""Whatever fails and however time jumps: each lane in order, each push delivered exactly once."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from ..store.fixtures import durable_address
from .isv import Isv, an_isv
from .world import a_core, a_suite, delivered, dispatching, put

CORPS, PUSHES = 5, 6


class Moody(Isv):
    """Fails every third push or so; writes down what it accepted, and sees to the order itself."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self.dice = dice
        self.accepted: dict[str, list[int]] = {}
        self.broken: list[str] = []
        self.at_work: set[str] = set()

    async def reply(self, event: dict[str, Any]) -> web.StreamResponse:
        corp, number = event["corp"], int(event["n"])
        done = self.accepted.setdefault(corp, [])
        if corp in self.at_work:
            self.broken.append(f"{corp}: two pushes at once")
        if number != len(done):
            self.broken.append(f"{corp}: {number} after {done}")
        self.at_work.add(corp)
        for _ in range(self.dice.randrange(4)):
            await asyncio.sleep(0)
        self.at_work.discard(corp)
        mood = self.dice.random()
        if mood < 0.2:
            return web.Response(status=500)
        if mood < 0.3:
            return web.Response(text="fail")
        done.append(number)
        return self.sealed("success")


async def story(address: str, seed: int, *, dispatchers: int) -> None:
    dice = random.Random(seed)
    isv = Moody(dice)
    # Two dispatchers: time must not run past a lease while its holder, on a busy machine, is still
    # writing down the answer, or the other would rightly push once more.
    lease = {} if dispatchers == 1 else {"push_lease_ms": 1 << 40}
    async with an_isv(isv), a_core(address, **lease) as core:
        key = (await a_suite(core, isv)).suite_key
        ids: list[int] = []

        async def enqueue() -> None:
            for number in range(PUSHES):
                for corp in range(CORPS):
                    ids.extend(await put(core, key, f"corp{corp}", str(number)))
                    if dice.random() < 0.3:
                        await asyncio.sleep(0)

        async def travel() -> None:
            while True:
                await asyncio.sleep(0.002)
                if dispatchers == 1:
                    core.clock.travel(dice.choice([1, 500, 3_000, 70_000]))
                else:
                    core.clock.travel(500)

        async with dispatching(core), dispatching(core) if dispatchers == 2 else an_isv():
            travelling = asyncio.create_task(travel())
            await enqueue()
            await delivered(core, *ids)
            travelling.cancel()
            await asyncio.wait([travelling])
    assert isv.broken == []
    assert isv.accepted == {f"corp{n}": list(range(PUSHES)) for n in range(CORPS)}


@pytest.mark.parametrize("seed", range(5))
def test_one_dispatcher_keeps_order_through_failures_and_time_travel(
    tmp_path: Path, seed: int
) -> None:
    asyncio.run(story(str(tmp_path / "d.db"), seed, dispatchers=1))


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
@pytest.mark.parametrize("seed", range(2))
def test_two_dispatchers_keep_order_through_failures(tmp_path: Path, kind: str, seed: int) -> None:
    with durable_address(kind, tmp_path) as address:
        asyncio.run(story(address, seed, dispatchers=2))
