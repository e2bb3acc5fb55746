"""Rate windows against a model that remembers every call, on both engines.

Two laws: never more than the limit in any 60 seconds; and a call is refused only by a window whose
limit was reached within the last 61 (so at most 2 percent of time is lost).
"""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from sanfang.platform.store.memory import MemoryHot
from sanfang.platform.store.ports import Hot, Window
from sanfang.platform.store.windows import BURY, SECONDS, Windows

from .fixtures import REDIS, _redis_error, need

KEYS = ["corp", "isv", "isv corp", "suite"]


class Rates(RuleBasedStateMachine):
    """Calls come, in bursts and after pauses, and each is judged by the model as well."""

    def open(self) -> Hot:
        return MemoryHot(None)

    @initialize(
        start=st.integers(0, 3000), limits=st.lists(st.integers(0, 12), min_size=4, max_size=4)
    )
    def begin(self, start: int, limits: list[int]) -> None:
        self.runner = asyncio.Runner()
        self.hot = self.runner.run(self._open())
        self.now = 1_700_000_000_000 + start
        self.limits = dict(zip(KEYS, limits, strict=True))
        self.admitted: dict[str, list[int]] = {key: [] for key in KEYS}
        self.salt = uuid.uuid4().hex

    async def _open(self) -> Hot:
        return self.open()

    def run(self, work: Coroutine[Any, Any, int]) -> int:
        return self.runner.run(work)

    @rule(
        keys=st.lists(st.sampled_from(KEYS), min_size=1, unique=True),
        calls=st.integers(1, 15),
        apart=st.sampled_from([0, 1, 100, 999, 1000]),
    )
    def call(self, keys: list[str], calls: int, apart: int) -> None:
        for _ in range(calls):
            self.judge(keys)
            self.now += apart

    @rule(pause=st.one_of(st.integers(0, 3000), st.integers(57_000, 63_000), st.integers(0, 10**8)))
    def wait(self, pause: int) -> None:
        self.now += pause

    def judge(self, keys: list[str]) -> None:
        windows = [Window(f"{self.salt} {key}", self.limits[key]) for key in keys]
        answer = self.run(self.hot.admit(windows, now=self.now))
        if answer == -1:
            for key in keys:
                self.admitted[key].append(self.now)
                assert self.younger_than(key, 60_000) <= self.limits[key]
        else:
            assert self.younger_than(keys[answer], 61_000) >= self.limits[keys[answer]]
            for key in keys[:answer]:
                assert self.younger_than(key, 60_000) < self.limits[key]

    def younger_than(self, key: str, age: int) -> int:
        return sum(at > self.now - age for at in self.admitted[key])

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.runner.run(self.hot.close())
            self.runner.close()


class RatesOnRedis(Rates):
    def open(self) -> Hot:
        raise NotImplementedError

    async def _open(self) -> Hot:
        from sanfang.platform.store.redis import RedisHot

        return await RedisHot.open(REDIS, prefix="t:rates:")


TestRatesInMemory = Rates.TestCase
TestRatesInMemory.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_rates_on_redis() -> None:
    need("Redis", REDIS, _redis_error())
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        RatesOnRedis,
        settings=settings(
            max_examples=30,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@given(
    offset=st.integers(0, 999),
    limit=st.integers(1, 50),
    gaps=st.lists(st.sampled_from([0, 5, 20, 500, 30_000, 59_000]), min_size=60, max_size=300),
)
@settings(max_examples=60, deadline=None)
def test_no_sixty_seconds_hold_more_than_the_limit(
    offset: int, limit: int, gaps: list[int]
) -> None:
    all_windows, now, admitted = Windows(), 1_700_000_000_000 + offset, []
    for gap in gaps:
        now += gap
        if all_windows.admit([Window("a", limit)], now) == -1:
            admitted.append(now)
    assert all(sum(start <= at < start + 60_000 for at in admitted) <= limit for start in admitted)


def test_a_burst_at_the_end_of_a_second_is_not_forgotten_early() -> None:
    """Sixty counters would admit twice the limit here."""
    all_windows = Windows()
    window = [Window("a", 100)]
    assert all(all_windows.admit(window, 950) == -1 for _ in range(100))
    assert all_windows.admit(window, 60_949) == 0
    assert all_windows.admit(window, 61_000) == -1


def test_steady_traffic_loses_at_most_one_second_in_sixty() -> None:
    all_windows = Windows()
    admitted = sum(
        all_windows.admit([Window("a", 1000)], now) == -1 for now in range(0, 610_000, 10)
    )
    assert 10_000 <= admitted <= 10_000 * 610 / 600


def test_idle_windows_are_forgotten_a_few_at_a_time() -> None:
    all_windows = Windows()
    for n in range(1000):
        all_windows.admit([Window(f"idle {n}", 5)], 1000)
    sizes = []
    for call in range(400):
        all_windows.admit([Window("busy", 10**9)], 1000 + call * 1000)
        sizes.append(len(all_windows))
    assert sizes[-1] <= 2
    assert max(before - after for before, after in itertools.pairwise(sizes)) <= BURY


def test_windows_that_only_refuse_take_no_memory_for_long() -> None:
    all_windows = Windows()
    for second in range(3 * SECONDS):
        for n in range(50):
            all_windows.admit([Window(f"{second} {n}", 0)], second * 1000)
    assert len(all_windows) <= 50 * (2 * SECONDS + 1)


@pytest.mark.parametrize("seconds", [SECONDS, 2 * SECONDS, 10 * SECONDS])
def test_a_window_is_new_after_a_long_pause(seconds: int) -> None:
    all_windows = Windows()
    window = [Window("a", 1)]
    assert all_windows.admit(window, 0) == -1
    assert all_windows.admit(window, seconds * 1000) == -1
    assert all_windows.admit(window, seconds * 1000) == 0
