"""Any order of any steps by several holders: a store does what the model of ten lines does.

Time passes in the stores whose clock can be moved; in those with a server's clock leases are long.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from sanfang.client import MemoryTokens, Token, TokenKey
from sanfang.client.stores import FileStore, SealedStore, SQLiteStore

from .places import opened, place

LEASE = 1000.0
NEVER = 2**52
"""A fence that no store has come to."""

KEYS = [
    TokenKey("corp", app="dingexample", platform="https://oapi.example"),
    TokenKey("jsapi_ticket", app="dingexample", platform="https://oapi.example"),
]
keys = st.sampled_from(KEYS)
values = st.sampled_from(["T1", "T2", "T3"])
handles = st.integers(0, 1)
which = st.integers(0, 5)


class Clock:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


class Model:
    """What is known of one key."""

    def __init__(self) -> None:
        self.token: Token | None = None
        self.fences: list[int] = []  # all that were given, the last one last
        self.outdated = False  # the last one, by a token put without a fence
        self.until = 0.0


class Steps(RuleBasedStateMachine):
    """The steps; ``stores`` are two handles on one place."""

    stores: tuple[Any, Any]
    clock: Clock | None

    def __init__(self) -> None:
        super().__init__()
        self.model = {key: Model() for key in KEYS}
        self.begin()

    def begin(self) -> None:
        raise NotImplementedError

    @property
    def now(self) -> float:
        return self.clock.now if self.clock else 1_700_000_000.0

    def fence(self, model: Model, number: int) -> int:
        return model.fences[-1 - number % len(model.fences)] if model.fences else NEVER

    def is_last(self, model: Model, fence: int) -> bool:
        return bool(model.fences) and fence == model.fences[-1] and not model.outdated

    @rule(handle=handles, key=keys)
    def lease(self, handle: int, key: TokenKey) -> None:
        model, fence = self.model[key], self.stores[handle].lease(key, LEASE)
        assert (fence is None) == (self.now < model.until)
        if fence is not None:
            assert fence > max(model.fences, default=0)
            model.fences.append(fence)
            model.outdated, model.until = False, self.now + LEASE

    @rule(handle=handles, key=keys, number=which)
    def extend(self, handle: int, key: TokenKey, number: int) -> None:
        model = self.model[key]
        fence = self.fence(model, number)
        done = self.stores[handle].extend(key, fence, LEASE)
        assert done == (self.is_last(model, fence) and model.until > 0)
        if done:
            model.until = self.now + LEASE

    @rule(handle=handles, key=keys, number=which)
    def release(self, handle: int, key: TokenKey, number: int) -> None:
        model = self.model[key]
        fence = self.fence(model, number)
        self.stores[handle].release(key, fence)
        if self.is_last(model, fence):
            model.until = 0.0

    @rule(handle=handles, key=keys, value=values, number=which)
    def put(self, handle: int, key: TokenKey, value: str, number: int) -> None:
        model = self.model[key]
        fence = self.fence(model, number)
        token = Token(value, self.now, self.now + 7200)
        done = self.stores[handle].put(key, token, fence)
        assert done == self.is_last(model, fence)
        if done:
            model.token, model.until = token, 0.0

    @rule(handle=handles, key=keys, value=values)
    def put_anyway(self, handle: int, key: TokenKey, value: str) -> None:
        model, token = self.model[key], Token(value, self.now)
        assert self.stores[handle].put(key, token) is True
        model.token, model.until, model.outdated = token, 0.0, True

    @rule(handle=handles, key=keys, value=values)
    def delete_if(self, handle: int, key: TokenKey, value: str) -> None:
        model = self.model[key]
        there = model.token is not None and model.token.value == value
        assert self.stores[handle].delete_if(key, value) == there
        if there:
            model.token = None

    @rule(seconds=st.sampled_from([1.0, 999.0, 1001.0]))
    def time_passes(self, seconds: float) -> None:
        if self.clock is not None:
            self.clock.now += seconds

    @invariant()
    def both_handles_see_the_same(self) -> None:
        for key, model in self.model.items():
            assert [store.get(key) for store in self.stores] == [model.token] * 2

    def teardown(self) -> None:
        for store in set(self.stores):
            getattr(store, "close", lambda: None)()


class OnMemory(Steps):
    def begin(self) -> None:
        self.clock = Clock()
        self.stores = (MemoryTokens(clock=self.clock),) * 2


class OnFolder(Steps):
    def begin(self) -> None:
        self.clock, self.folder = Clock(), tempfile.mkdtemp()
        self.stores = (self.open(Path(self.folder)), self.open(Path(self.folder)))

    def open(self, folder: Path) -> Any:
        raise NotImplementedError

    def teardown(self) -> None:
        super().teardown()
        shutil.rmtree(self.folder)


class OnFile(OnFolder):
    def open(self, folder: Path) -> Any:
        return FileStore(folder / "tokens", clock=self.clock or Clock())


class OnSQLite(OnFolder):
    def open(self, folder: Path) -> Any:
        return SQLiteStore(folder / "tokens.db", clock=self.clock or Clock())


class OnSealed(OnSQLite):
    def open(self, folder: Path) -> Any:
        return SealedStore(super().open(folder), "s" * 32)


SOME = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("machine", [OnMemory, OnFile, OnSQLite, OnSealed])
def test_any_order_of_steps(machine: type[Steps]) -> None:
    run_state_machine_as_test(machine, settings=SOME)


@pytest.mark.parametrize("kind", ["postgres", "redis"])
def test_any_order_of_steps_on_a_server(kind: str, tmp_path: Path) -> None:
    with place(kind, tmp_path) as address:
        stores = (opened(address), opened(address))

        class OnServer(Steps):
            runs = 0

            def begin(self) -> None:
                OnServer.runs += 1
                # The place is the same for all runs: each has keys of its own.
                corp = f"run-{OnServer.runs}"
                self.clock = None
                self.stores = (OnRun(stores[0], corp), OnRun(stores[1], corp))

        run_state_machine_as_test(OnServer, settings=SOME)
        for store in stores:
            store.close()


class OnRun:
    """A store with keys of one run."""

    def __init__(self, store: Any, corp: str) -> None:
        self._store, self._corp = store, corp

    def __getattr__(self, name: str) -> Any:
        if name == "close":
            return lambda: None
        return lambda key, *rest: getattr(self._store, name)(key._replace(corp=self._corp), *rest)
