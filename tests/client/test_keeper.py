"""The keeper: who renews, who waits, who is overtaken. Flows are driven by hand, without I/O."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sanfang.client import (
    AppKey,
    AsyncClient,
    BadCall,
    CallRefused,
    Client,
    MemoryTokens,
    StoreFailed,
    Suite,
    Token,
    TokenBusy,
    TokenKey,
    TokenRefused,
    TransportFailed,
)
from sanfang.client import keeper as module
from sanfang.client.grants import DEAD_TOKEN, Grant
from sanfang.client.keeper import Keeper
from sanfang.client.stores import FileStore, SQLiteStore
from sanfang.client.wire import Flow, Pause, Renew, Request

from .conftest import NO_WAIT, Make
from .stand_in import Seen, StandIn

APP = AppKey("dingexampleapp", "example-app-secret")
KEY = TokenKey("corp", app="dingexampleapp")
NOW = 1_700_000_000.0
PLATFORM = "https://oapi.example"


@pytest.fixture
def time_passes(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Stop the clock that leases are judged by, and move it."""
    now = [1000.0]
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def pass_by(seconds: float) -> None:
        now[0] += seconds

    return pass_by


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def keeper_on(store: Any, clock: Callable[[], float] = lambda: NOW) -> Keeper:
    return Keeper(store, platform=PLATFORM, timeout=10.0, clock=clock)


def grant(key: TokenKey = KEY, requests: int = 1) -> Grant:
    """A token that takes some requests to get; the last answer is the token."""

    def fetch() -> Flow[Token]:
        answer: Any = None
        for _ in range(requests):
            answer = yield Request("GET", f"{PLATFORM}/gettoken", {})
        return Token(answer, NOW, NOW + 7200)

    return Grant(key, fetch, DEAD_TOKEN if key.kind == "corp" else frozenset())


def renewing(keeper: Keeper, wanted: Grant | None = None) -> Flow[Token]:
    """Ask for a token, and return the flow that the driver is asked to run for all."""
    wish = next(keeper.token(wanted or grant()))
    assert isinstance(wish, Renew)
    return wish.fetch()


def ends_with(flow: Flow[Token], answer: Any) -> Token:
    with pytest.raises(StopIteration) as end:
        flow.send(answer)
    token: Token = end.value.value
    return token


def at(key: TokenKey = KEY) -> TokenKey:
    return key._replace(platform=PLATFORM)


# -- one renews, the others wait --------------------------------------------------------------


def test_who_has_the_lease_fetches_and_who_has_not_waits_for_the_token() -> None:
    store = MemoryTokens()
    one, two = renewing(keeper_on(store)), renewing(keeper_on(store))
    assert isinstance(next(one), Request)
    assert isinstance(next(two), Pause)
    assert isinstance(two.send(None), Pause)
    assert ends_with(one, "T1").value == "T1"
    assert ends_with(two, None).value == "T1"


def test_who_waits_looks_again_soon_at_first_and_then_less_often() -> None:
    store = MemoryTokens()
    store.lease(at(), 1e9)
    flow = renewing(keeper_on(store))
    pauses = [next(flow), *(flow.send(None) for _ in range(20))]
    seconds = [pause.seconds for pause in pauses if isinstance(pause, Pause)]
    assert len(seconds) == 21
    assert seconds[0] < 0.02
    assert 0.15 < seconds[-1] < 0.32


def test_waiting_has_a_bound_and_the_error_names_kind_time_and_store(
    time_passes: Callable[[float], None],
) -> None:
    store = MemoryTokens()
    store.lease(at(), 1e9)
    flow = renewing(keeper_on(store))
    assert isinstance(next(flow), Pause)
    time_passes(60.0)
    with pytest.raises(TokenBusy) as caught:
        flow.send(None)
    assert (caught.value.kind, caught.value.store, caught.value.seconds) == (
        "corp", "MemoryTokens", 60.0,
    )  # fmt: skip
    assert isinstance(caught.value, StoreFailed)


def test_while_another_renews_the_old_token_serves_and_the_store_is_left_alone(
    time_passes: Callable[[float], None],
) -> None:
    store = MemoryTokens()
    old = Token("T0", NOW - 7000, NOW + 200)
    store.put(at(), old)
    store.lease(at(), 1e9)
    keeper = keeper_on(store)
    assert ends_with(renewing(keeper), None) == old
    for _ in range(3):
        with pytest.raises(StopIteration) as end:
            next(keeper.token(grant()))
        assert end.value.value == old
    time_passes(1.1)
    assert isinstance(next(keeper.token(grant())), Renew)


def test_an_early_renewal_that_fails_is_no_failure_even_when_the_front_is_cold() -> None:
    store = MemoryTokens()
    old = Token("T0", NOW - 7000, NOW + 200)
    store.put(at(), old)
    keeper = keeper_on(store)
    flow = renewing(keeper)
    assert isinstance(next(flow), Request)
    with pytest.raises(StopIteration) as end:
        flow.throw(TransportFailed("down"))
    assert end.value.value == old
    with pytest.raises(StopIteration):
        next(keeper.token(grant()))  # and is not tried again at once
    assert store.lease(at(), 1.0) is not None, "the lease was given back"


def test_a_failure_gives_the_lease_back() -> None:
    store = MemoryTokens()
    flow = renewing(keeper_on(store))
    next(flow)
    with pytest.raises(CallRefused):
        flow.throw(CallRefused(40089))
    assert store.lease(at(), 1.0) is not None


def test_whoever_is_cancelled_gives_the_lease_back() -> None:
    store = MemoryTokens()
    flow = renewing(keeper_on(store))
    next(flow)
    flow.close()
    assert store.lease(at(), 1.0) is not None


def test_closing_a_client_that_renews_lets_others_renew_at_once(
    platform: StandIn, tmp_path: Path
) -> None:
    asked = threading.Event()

    def hang(seen: Seen) -> dict[str, Any]:
        asked.set()
        platform.hold.wait(20)
        return platform.grant(seen)

    platform.on("/gettoken", hang)
    store = FileStore(tmp_path / "tokens", base_url=platform.url)

    async def main() -> None:
        client = AsyncClient(APP, base_url=platform.url, tokens=store)
        task = asyncio.create_task(client.get_access_token())
        assert await asyncio.to_thread(asked.wait, 10)
        await client.close()
        with pytest.raises(TransportFailed):
            await task

    asyncio.run(main())
    deadline = time.monotonic() + 5
    while store.lease(KEY._replace(platform=platform.url), 1.0) is None:
        assert time.monotonic() < deadline, "the lease lasts 15 seconds unless it is given back"
        time.sleep(0.01)


# -- leases and fences ------------------------------------------------------------------------


def test_no_request_is_sent_under_a_lease_that_may_end_before_its_answer(
    time_passes: Callable[[float], None],
) -> None:
    clock = Clock()
    store = MemoryTokens(clock=clock)
    flow = renewing(keeper_on(store), grant(requests=3))

    def later(seconds: float) -> None:
        time_passes(seconds)
        clock.now += seconds

    assert isinstance(next(flow), Request)
    for _ in range(2):
        later(9.0)
        assert isinstance(flow.send(None), Request)
        assert store.lease(at(), 1.0) is None
    later(9.0)
    assert store.lease(at(), 1.0) is None, "27 s after a lease of 15 s was given"
    assert ends_with(flow, "T1").value == "T1"


def test_who_was_overtaken_between_two_requests_sends_no_more(
    time_passes: Callable[[float], None],
) -> None:
    clock = Clock()
    store = MemoryTokens(clock=clock)
    flow = renewing(keeper_on(store), grant(requests=2))
    next(flow)
    time_passes(100.0)
    clock.now += 100.0
    fence = store.lease(at(), 15.0)
    assert isinstance(flow.send(None), Pause), "it waits for the other one's token"
    newer = Token("T2", NOW, NOW + 7200)
    store.put(at(), newer, fence)
    assert ends_with(flow, None) == newer


def test_who_stalled_overwrites_nothing_and_uses_the_newer_token() -> None:
    clock = Clock()
    store = MemoryTokens(clock=clock)
    stalled = renewing(keeper_on(store))
    next(stalled)
    clock.now += 100.0
    other = renewing(keeper_on(store))
    assert isinstance(next(other), Request)
    assert ends_with(other, "T2").value == "T2"
    assert ends_with(stalled, "T1").value == "T2"
    held = store.get(at())
    assert held is not None
    assert held.value == "T2"


def test_when_two_fetched_a_ticket_a_third_is_fetched_for_nobody_knows_which_lives() -> None:
    clock, ticket = Clock(), grant(KEY._replace(kind="jsapi_ticket"))
    store = MemoryTokens(clock=clock)
    stalled = renewing(keeper_on(store), ticket)
    next(stalled)
    clock.now += 100.0
    other = renewing(keeper_on(store), ticket)
    next(other)
    ends_with(other, "ticket-2")
    assert isinstance(stalled.send("ticket-1"), Request)
    assert ends_with(stalled, "ticket-3").value == "ticket-3"
    held = store.get(at(ticket.key))
    assert held is not None
    assert held.value == "ticket-3"


def test_two_who_fetched_the_same_ticket_need_no_third() -> None:
    clock, ticket = Clock(), grant(KEY._replace(kind="jsapi_ticket"))
    store = MemoryTokens(clock=clock)
    stalled = renewing(keeper_on(store), ticket)
    next(stalled)
    clock.now += 100.0
    other = renewing(keeper_on(store), ticket)
    next(other)
    ends_with(other, "the same ticket")
    assert ends_with(stalled, "the same ticket").value == "the same ticket"


def test_a_ticket_that_another_process_replaced_is_not_used_for_longer_than_a_second(
    time_passes: Callable[[float], None],
) -> None:
    """Nobody refuses a dead ticket to us: it fails in a page."""
    ticket, store = grant(KEY._replace(kind="jsapi_ticket")), MemoryTokens()
    keeper = keeper_on(store)
    assert ends_with(_begun(renewing(keeper, ticket)), "ticket-1").value == "ticket-1"
    store.put(at(ticket.key), Token("ticket-2", NOW, NOW + 7200))
    with pytest.raises(StopIteration) as end:
        next(keeper.token(ticket))
    assert end.value.value.value == "ticket-1"
    time_passes(1.1)
    assert ends_with(renewing(keeper, ticket), None).value == "ticket-2"


def test_a_ticket_serves_while_the_store_is_down(time_passes: Callable[[float], None]) -> None:
    ticket, store = grant(KEY._replace(kind="jsapi_ticket")), Down()
    store.instant = True
    keeper = keeper_on(store)
    assert ends_with(_begun(renewing(keeper, ticket)), "ticket-1").value == "ticket-1"
    store.down = True
    time_passes(1.1)
    assert ends_with(renewing(keeper, ticket), None).value == "ticket-1"
    with pytest.raises(StopIteration) as end:
        next(keeper.token(ticket))
    assert end.value.value.value == "ticket-1"


def _begun(flow: Flow[Token]) -> Flow[Token]:
    assert isinstance(next(flow), Request)
    return flow


# -- refusals ---------------------------------------------------------------------------------


def test_a_token_that_another_renewed_is_found_before_anything_is_fetched(
    make: Make, platform: StandIn, tmp_path: Path
) -> None:
    store = FileStore(tmp_path / "tokens", base_url=platform.url)
    one = make(APP, base_url=platform.url, tokens=store)
    two = make(APP, base_url=platform.url, tokens=store)
    platform.refuse(one.get_access_token())
    assert two.call("department/list")["errcode"] == 0
    assert platform.token_calls == 2
    assert one.call("department/list")["errcode"] == 0
    assert platform.token_calls == 2


def test_a_renewal_that_began_before_the_refusal_cannot_bring_the_refused_token_back() -> None:
    store = MemoryTokens()
    dead = Token("T1", NOW, NOW + 7200)
    store.put(at(), dead)
    keeper = keeper_on(store)
    asking = keeper.token(grant())
    wish = next(asking)
    assert isinstance(wish, Renew)
    keeper.refused(KEY, dead)
    again = asking.send(dead)  # what the renewal brought that we joined
    assert isinstance(again, Renew)
    flow = again.fetch()
    assert isinstance(next(flow), Request)
    assert store.get(at()) is None


def test_a_late_refusal_of_an_old_token_leaves_the_new_one_in_use() -> None:
    keeper = keeper_on(MemoryTokens())
    new = Token("T2", NOW, NOW + 7200)
    keeper.adopt(KEY, new)
    keeper.refused(KEY, Token("T1", NOW - 10, NOW + 7190))
    assert keeper.front[KEY] is new


def test_the_same_text_fetched_again_counts_as_new() -> None:
    """The platform answers gettoken with the token it has; a refusal may have had other reasons."""
    store = MemoryTokens()
    keeper = keeper_on(store)
    first = Token("T1", NOW - 60, NOW + 7140)
    store.put(at(), first)
    keeper.refused(KEY, first)
    flow = renewing(keeper)
    assert isinstance(next(flow), Request)
    assert ends_with(flow, "T1").value == "T1"
    assert keeper.front[KEY].fetched_at == NOW


def test_an_api_that_refuses_every_token_costs_few_token_calls_and_harms_no_other(
    make: Make, platform: StandIn, time_passes: Callable[[float], None]
) -> None:
    platform.on("/user/get", {"errcode": 40014, "errmsg": "不合法的access_token"})
    client = make(APP, base_url=platform.url)
    for _ in range(10):
        with pytest.raises(TokenRefused):
            client.call("user/get", userid="a")
        assert client.call("department/list")["errcode"] == 0
    assert platform.token_calls == 2
    assert len(platform.calls("/user/get")) == 11
    platform.refuse_all()
    assert client.call("department/list")["errcode"] == 0, "another API's token is renewed"
    assert platform.token_calls == 3
    time_passes(5.1)
    with pytest.raises(TokenRefused):
        client.call("user/get", userid="a")
    assert platform.token_calls == 4, "one renewal per call"


# -- the front, and stores that take their time -----------------------------------------------


class Slow(MemoryTokens):
    """A store that is asked in a thread, and counts."""

    instant = False

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[int] = []

    def get(self, key: TokenKey, /) -> Token | None:
        self.threads.append(threading.get_ident())
        return super().get(key)

    def put(self, key: TokenKey, token: Token, fence: int | None = None, /) -> bool:
        self.threads.append(threading.get_ident())
        return super().put(key, token, fence)


def test_no_event_loop_waits_for_a_store(platform: StandIn) -> None:
    store = Slow()

    async def main() -> None:
        async with AsyncClient(APP, base_url=platform.url, tokens=store) as client:
            await client.call("department/list")

    asyncio.run(main())
    assert store.threads
    assert threading.get_ident() not in store.threads


def test_a_store_is_asked_although_all_threads_of_the_loop_wait_for_the_client(
    platform: StandIn,
) -> None:
    """Sync handlers run in the loop's threads, and wait there for calls of the async client."""

    async def main() -> list[Any]:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(2))
        async with AsyncClient(APP, base_url=platform.url, tokens=Slow()) as client:

            def handler() -> Any:
                call = client.call("department/list")
                return asyncio.run_coroutine_threadsafe(call, loop).result(20)["errcode"]

            return await asyncio.gather(*(asyncio.to_thread(handler) for _ in range(4)))

    assert asyncio.run(main()) == [0] * 4


def test_calls_with_a_fresh_token_ask_no_store(make: Make, platform: StandIn) -> None:
    store = Slow()
    client = make(APP, base_url=platform.url, tokens=store)
    client.call("department/list")
    asked = len(store.threads)
    for _ in range(5):
        client.call("department/list")
    assert len(store.threads) == asked


class Down(MemoryTokens):
    instant = False
    down = False

    def get(self, key: TokenKey, /) -> Token | None:
        if self.down:
            raise StoreFailed("Down", "坏了", "it is down")
        return super().get(key)


def test_a_store_that_is_down_stops_only_those_without_a_token(
    make: Make, platform: StandIn
) -> None:
    clock, store = Clock(), Down()
    client = make(APP, base_url=platform.url, tokens=store, clock=clock)
    first = client.get_access_token()
    store.down = True
    clock.now += 7000
    assert client.get_access_token() == first
    assert client.call("department/list")["errcode"] == 0
    clock.now += 7000
    with pytest.raises(StoreFailed, match="down"):
        client.get_access_token()


def test_a_store_that_cannot_keep_is_logged_and_the_fetched_token_is_used(
    make: Make, platform: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    class Full(MemoryTokens):
        def put(self, key: TokenKey, token: Token, fence: int | None = None, /) -> bool:
            raise StoreFailed("Full", "写不下", "it is full")

    client = make(APP, base_url=platform.url, tokens=Full())
    for _ in range(3):
        assert client.call("department/list")["errcode"] == 0
    assert platform.token_calls == 1
    assert "it is full" in caplog.text
    assert "token-0001" not in caplog.text


def test_a_sandbox_and_production_on_one_store_never_share_a_token(
    make: Make, platform: StandIn, tmp_path: Path
) -> None:
    store = SQLiteStore(tmp_path / "tokens.db", base_url=platform.url)
    other = StandIn()
    try:
        one = make(APP, base_url=platform.url, tokens=store)
        two = make(APP, base_url=other.url, tokens=store)
        assert one.call("department/list")["errcode"] == 0
        assert two.call("department/list")["errcode"] == 0
        assert (platform.token_calls, other.token_calls) == (1, 1)
    finally:
        other.close()
        store.close()


def test_clocks_that_differ_cost_a_renewal_and_no_call(platform: StandIn, tmp_path: Path) -> None:
    """One process is three hours ahead, one three behind: each call succeeds, and few renew."""
    store = FileStore(tmp_path / "tokens", base_url=platform.url)
    options: dict[str, Any] = {"base_url": platform.url, "tokens": store, "retries": NO_WAIT}
    clocks = [lambda skew=skew: time.time() + skew * 3600 for skew in (0, 3, -3)]
    for _ in range(3):  # processes that start anew each time
        clients = [Client(APP, clock=clock, **options) for clock in clocks]
        for client in clients * 3:
            assert client.call("department/list")["errcode"] == 0
        for client in clients:
            client.close()
    assert platform.token_calls <= 2


# -- misuse -----------------------------------------------------------------------------------


def test_what_is_no_store_is_refused_with_what_it_lacks(make: Make) -> None:
    class Old:
        def get(self, key: TokenKey) -> None: ...
        def put(self, key: TokenKey, token: Token) -> None: ...
        def delete_if(self, key: TokenKey, value: str) -> bool:
            return False

    with pytest.raises(BadCall, match="lease, extend, release"):
        make(APP, tokens=Old())


def test_a_suite_store_of_another_platform_is_refused(make: Make, tmp_path: Path) -> None:
    store = FileStore(tmp_path / "tokens")
    make(Suite("suite4example", "secret"), suite_store=store, tokens=store)
    with pytest.raises(BadCall, match="base_url"):
        make(Suite("suite4example", "secret"), suite_store=store, base_url="http://127.0.0.1:9")
