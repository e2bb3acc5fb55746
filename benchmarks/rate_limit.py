"""A rate decision over four scopes (corp and API, ISV, ISV and corp, suite and corp).

    .venv/bin/python benchmarks/rate_limit.py

In process: microseconds for a decision of ours against ``limits``, which has no call over several keys,
so one tests four times, then hits four times, as its users must (and which is not atomic). *wide*: 200
corps, 20 APIs, 20 ISVs, all admitted; *hot*: one corp and one API, nearly all refused. The last column
is the most that was admitted in any 60 seconds, in limits, over traffics made to find the weak spot of
each method: bursts at the ends of windows and of seconds, after pauses, and a steady flood. The
floor is a dictionary that counts four keys and forgets nothing.

Redis, 64 coroutines: decisions a second against ``limits.aio``; appears when SANFANG_TEST_REDIS
(default: loopback) answers. Rounds are interleaved; the median counts.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from unittest import mock

import limits
import limits.aio

from sanfang.platform.store import open_hot
from sanfang.platform.store.errors import StoreError
from sanfang.platform.store.memory import MemoryHot
from sanfang.platform.store.ports import Hot, Window
from sanfang.platform.store.windows import Windows

REDIS = os.environ.get("SANFANG_TEST_REDIS", "redis://127.0.0.1:6379/9")
ROUNDS = 5
DECISIONS = 20_000  # per round, in process
SECONDS = 0.6  # per round, on Redis
COROUTINES = 64
LIMITS = (1500, 2000, 1500, 1000)  # R1-R4, calls a minute
START = 1_700_000_000_000

Decide = Callable[[Sequence[Window], int], bool]  # windows, now in milliseconds


def scopes(corp: int, api: int, isv: int = 1) -> list[Window]:
    keys = (f"corp{corp} api{api}", f"isv{isv}", f"isv{isv} corp{corp}", f"suite{isv} corp{corp}")
    return [Window(key, limit) for key, limit in zip(keys, LIMITS, strict=True)]


def wide() -> Iterator[tuple[list[Window], int]]:
    """20,000 decisions in ten seconds, 200 corps, 20 APIs, 20 ISVs: under every limit."""
    all_scopes = [scopes(corp, api, corp % 20) for corp in range(200) for api in range(20)]
    for n in range(DECISIONS):
        yield all_scopes[n * 7919 % len(all_scopes)], START + n // 2


def hot() -> Iterator[tuple[list[Window], int]]:
    """20,000 decisions in two minutes on the same four keys: nine of ten are refused."""
    same = scopes(1, 1)
    for n in range(DECISIONS):
        yield same, START + n * 6


def dictionary() -> Decide:
    counts: dict[str, int] = {}

    def decide(windows: Sequence[Window], now: int) -> bool:
        for key, *_ in windows:
            if counts.get(key, 0) > 1 << 40:
                return False
        for key, *_ in windows:
            counts[key] = counts.get(key, 0) + 1
        return True

    return decide


def ours_bare() -> Decide:
    ours = Windows()
    return lambda windows, now: ours.admit(windows, now) == -1


def port() -> Decide:
    """The same through the asynchronous port, as the gate calls it."""
    store = MemoryHot(None)

    def decide(windows: Sequence[Window], now: int) -> bool:
        call = store.admit(windows, now=now)
        try:
            call.send(None)
        except StopIteration as stop:
            return bool(stop.value == -1)
        raise AssertionError("it never waits")

    return decide


def library(name: str) -> Decide:
    """``limits`` with its memory storage; its clock is moved by ``at``."""
    storage = limits.storage.MemoryStorage()
    strategy = getattr(limits.strategies, name)(storage)
    rules = {limit: limits.RateLimitItemPerMinute(limit) for limit in {*LIMITS, 100}}

    def decide(windows: Sequence[Window], now: int) -> bool:
        clock.now = now / 1000
        for key, limit, _ in windows:
            if not strategy.test(rules[limit], key):
                return False
        return all(strategy.hit(rules[limit], key) for key, limit, _ in windows)

    return decide


class Clock:
    """What ``limits`` reads instead of the system's time."""

    now = 0.0

    def time(self) -> float:
        return self.now


clock = Clock()


def microseconds(decide: Decide, traffic: Iterator[tuple[list[Window], int]]) -> float:
    calls = list(traffic)
    start = time.perf_counter()
    for windows, now in calls:
        decide(windows, now)
    return (time.perf_counter() - start) / len(calls) * 1e6


def worst(make: Callable[[], Decide]) -> float:
    """Return the most that was admitted in any 60 seconds, over the limit of 100."""
    return max(_most(make(), times) / 100 for times in _traffics())


def _traffics() -> Iterator[list[int]]:
    minute = START - START % 60_000
    yield [minute + t for t in range(0, 240_000, 50)]  # a flood
    for offset in (0, 300, 950, 59_950):  # bursts, again as soon as the window seems over
        ends = (59_000, 59_050, 59_900, 59_999, 60_000, 60_050, 61_000)
        yield sorted(
            minute + offset + n * end for n in range(4) for end in ends for _ in range(150)
        )
    yield [minute, *[minute + 59_900] * 150, *[minute + 60_050] * 150]  # begun by a single call
    yield [minute + 58_000 + t for t in range(0, 30_000, 10)]  # over the edge of a minute
    yield [
        minute + t
        for start in (0, 45_000, 100_000, 118_000)
        for t in range(start, start + 5_000, 10)
    ]


def _most(decide: Decide, times: list[int]) -> int:
    window = [Window("a", 100)]
    recent: deque[int] = deque()
    most = 0
    for now in times:
        if decide(window, now):
            recent.append(now)
            while recent[0] <= now - 60_000:
                recent.popleft()
            most = max(most, len(recent))
    return most


def in_process() -> None:
    makers: dict[str, Callable[[], Decide]] = {
        "a dictionary that only counts (floor)": dictionary,
        "sanfang, the decision": ours_bare,
        "sanfang, through the port": port,
    }
    for name in ("FixedWindow", "MovingWindow", "SlidingWindowCounter"):
        makers[f"limits, {name}RateLimiter"] = lambda n=f"{name}RateLimiter": library(n)
    results: dict[str, list[tuple[float, float]]] = {name: [] for name in makers}
    with mock.patch("time.time", clock.time):
        for _ in range(ROUNDS):
            for name, make in makers.items():
                results[name].append((microseconds(make(), wide()), microseconds(make(), hot())))
        accuracy = {name: worst(make) for name, make in makers.items() if make is not dictionary}
    base = _median(results["sanfang, the decision"])
    print(
        f"{'four scopes, in process':<44}{'wide µs':>9}{'ratio':>8}{'hot µs':>9}{'ratio':>8}{'worst':>8}"
    )
    for name, pairs in results.items():
        w, h = _median(pairs)
        seen = f"{accuracy[name]:.2f}" if name in accuracy else "-"
        print(f"  {name:<42}{w:>9.2f}{w / base[0]:>8.1f}{h:>9.2f}{h / base[1]:>8.1f}{seen:>8}")
    print()


def _median(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


async def on_redis() -> None:
    try:
        ours: Hot = await open_hot(f"{REDIS}?prefix=bench:{uuid.uuid4().hex}:")
    except StoreError as error:
        print(f"no Redis: {error.en}")
        return
    all_scopes = [scopes(corp, api) for corp in range(200) for api in range(20)]
    number = 0

    def windows() -> list[Window]:
        nonlocal number
        number += 1
        return [w._replace(limit=1 << 40) for w in all_scopes[number * 7919 % len(all_scopes)]]

    async def admit() -> None:
        await ours.admit(windows(), now=time.time_ns() // 1_000_000)

    def theirs(name: str) -> Callable[[], Awaitable[None]]:
        storage = limits.storage.storage_from_string(
            f"async+{REDIS}", implementation="redispy", key_prefix=f"bench:{uuid.uuid4().hex}"
        )
        strategy = getattr(limits.aio.strategies, name)(storage)
        rule = limits.RateLimitItemPerMinute(1 << 40)

        async def decide() -> None:
            asked = windows()
            for key, *_ in asked:
                if not await strategy.test(rule, key):
                    return
            for key, *_ in asked:
                await strategy.hit(rule, key)

        return decide

    works = {
        "sanfang, one script over four keys": admit,
        "limits.aio, FixedWindowRateLimiter": theirs("FixedWindowRateLimiter"),
        "limits.aio, SlidingWindowCounterRateLimiter": theirs("SlidingWindowCounterRateLimiter"),
    }
    rates: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            rates[name].append(await _rate(work))
    await ours.close()
    base = statistics.median(rates["sanfang, one script over four keys"])
    print(f"{f'four scopes, Redis, {COROUTINES} coroutines':<52}{'decisions/s':>12}{'ratio':>8}")
    for name, measured in rates.items():
        rate = statistics.median(measured)
        print(f"  {name:<50}{rate:>12,.0f}{rate / base:>8.2f}")


async def _rate(work: Callable[[], Awaitable[None]]) -> float:
    start = time.perf_counter()
    done = 0

    async def caller() -> None:
        nonlocal done
        while time.perf_counter() - start < SECONDS:
            await work()
            done += 1

    await asyncio.gather(*[caller() for _ in range(COROUTINES)])
    return done / (time.perf_counter() - start)


if __name__ == "__main__":
    in_process()
    asyncio.run(on_redis())
