"""The keeping of tokens: one call for all, nobody else's token, bounded recovery."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from typing import Any

import pytest

from sanfang.client import (
    AppKey,
    AsyncClient,
    BadAnswer,
    CallRefused,
    Client,
    CorpSecret,
    MemoryTokens,
    Token,
    TokenKey,
    TokenRefused,
)
from sanfang.client.wire import Renew

from .conftest import NO_WAIT, Make
from .stand_in import Reply, Seen, StandIn

APP = AppKey("dingexampleapp", "example-app-secret")


class Clock:
    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def in_threads(count: int, work: Any) -> list[Any]:
    """Run ``work`` in threads that start together; return results and exceptions."""
    gate = threading.Barrier(count)
    results: list[Any] = [None] * count

    def run(index: int) -> None:
        gate.wait()
        try:
            results[index] = work()
        except Exception as error:  # noqa: BLE001 - handed to the test
            results[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def waiters(client: Client) -> int:
    """Count the threads that wait for somebody else's token call."""
    flights = list(client._driver.flights._under_way.values())
    return sum(len(flight.landed._cond._waiters) for flight in flights)  # type: ignore[attr-defined]


def until_all_wait(platform: StandIn, client: Client, count: int) -> Any:
    """Make a token call that is answered only when ``count`` others wait for it."""

    def route(seen: Seen) -> dict[str, Any]:
        deadline = time.monotonic() + 20
        while waiters(client) < count and time.monotonic() < deadline:
            platform.hold.wait(0.002)
        return platform.grant(seen)

    return route


def test_fifty_threads_on_a_cold_cache_make_one_token_call(platform: StandIn) -> None:
    with Client(APP, base_url=platform.url, timeout=30) as client:
        platform.on("/gettoken", until_all_wait(platform, client, 49))
        answers = in_threads(50, lambda: client.call("department/list"))
    assert [answer["errcode"] for answer in answers] == [0] * 50
    assert platform.token_calls == 1


def test_fifty_tasks_on_a_cold_cache_make_one_token_call(platform: StandIn) -> None:
    async def main() -> list[dict[str, Any]]:
        async with AsyncClient(APP, base_url=platform.url) as client:
            return await asyncio.gather(*(client.call("department/list") for _ in range(50)))

    assert [answer["errcode"] for answer in asyncio.run(main())] == [0] * 50
    assert platform.token_calls == 1


def test_fifty_threads_that_want_a_jsapi_ticket_fetch_one(platform: StandIn) -> None:
    ticket = {"errcode": 0, "errmsg": "ok", "ticket": "ticket-1", "expires_in": 7200}
    platform.on("/get_jsapi_ticket", ticket)
    with Client(APP, base_url=platform.url) as client:
        assert set(in_threads(50, client.get_jsapi_ticket)) == {"ticket-1"}
    assert len(platform.calls("/get_jsapi_ticket")) == 1
    assert platform.token_calls == 1


def test_fifty_threads_whose_token_dies_renew_it_once(platform: StandIn) -> None:
    with Client(APP, base_url=platform.url) as client:
        platform.refuse(client.get_access_token())
        answers = in_threads(50, lambda: client.call("department/list"))
    assert [answer["errcode"] for answer in answers] == [0] * 50
    assert platform.token_calls == 2


def test_fifty_tasks_whose_token_dies_renew_it_once(platform: StandIn) -> None:
    async def main() -> list[dict[str, Any]]:
        async with AsyncClient(APP, base_url=platform.url) as client:
            platform.refuse(await client.get_access_token())
            return await asyncio.gather(*(client.call("department/list") for _ in range(50)))

    assert [answer["errcode"] for answer in asyncio.run(main())] == [0] * 50
    assert platform.token_calls == 2


def test_waiters_share_a_failure_instead_of_trying_one_after_another(platform: StandIn) -> None:
    with Client(APP, base_url=platform.url, timeout=30) as client:
        wait = until_all_wait(platform, client, 19)
        refusal = {"errcode": 40089, "errmsg": "不合法的corpid或corpsecret"}
        platform.on("/gettoken", lambda seen: wait(seen) and refusal)
        results = in_threads(20, lambda: client.call("department/list"))
    assert all(isinstance(error, CallRefused) and error.code == 40089 for error in results)
    assert len({id(error) for error in results}) == 20, "each thread has an exception of its own"
    assert platform.token_calls == 1


@pytest.mark.parametrize("code", [33001, 40001, 40014, 42001])
def test_a_dead_token_is_renewed_once_and_the_call_repeated(
    make: Make, platform: StandIn, code: int
) -> None:
    answers = iter([{"errcode": code, "errmsg": "dead"}, {"errcode": 0, "errmsg": "ok"}])
    platform.on("/user/get", lambda _: next(answers))
    assert make(APP, base_url=platform.url).call("user/get", userid="a")["errmsg"] == "ok"
    assert platform.token_calls == 2


def test_a_dead_token_wrapped_in_errcode_88_is_seen(make: Make, platform: StandIn) -> None:
    wrapped = {"errcode": 88, "sub_code": "40014", "sub_msg": "不合法的access_token"}
    answers = iter([wrapped, {"errcode": 0, "errmsg": "ok"}])
    platform.on("/topapi/user/get", lambda _: next(answers))
    assert make(APP, base_url=platform.url).call("topapi/user/get")["errcode"] == 0
    assert platform.token_calls == 2


def test_a_dead_token_on_the_new_host_is_seen(make: Make, platform: StandIn) -> None:
    client = make(APP, base_url=platform.url)
    platform.refuse(client.get_access_token())
    assert client.get("/v1.0/contact/users/me")["nick"] == "测试员甲"
    assert platform.token_calls == 2


def test_a_token_refused_twice_ends_in_one_retry_and_an_error_that_names_it(
    make: Make, platform: StandIn
) -> None:
    platform.on("/user/get", {"errcode": 40014, "errmsg": "不合法的access_token"})
    client = make(APP, base_url=platform.url)
    with pytest.raises(TokenRefused) as caught:
        client.call("user/get", userid="a")
    error = caught.value
    assert (error.code, error.api, error.kind, error.store) == (
        40014, "user/get", "corp", "MemoryTokens",
    )  # fmt: skip
    assert 0 <= error.age < 5
    assert "corp" in str(error)
    assert "MemoryTokens" in str(error)
    assert len(platform.calls("/user/get")) == 2
    assert platform.token_calls == 2


def test_two_secrets_of_one_corp_do_not_share_a_token(make: Make, platform: StandIn) -> None:
    store = MemoryTokens()
    one = make(CorpSecret("dingcorp", "first-secret"), base_url=platform.url, tokens=store)
    two = make(CorpSecret("dingcorp", "second-secret"), base_url=platform.url, tokens=store)
    assert one.get_access_token() != two.get_access_token()
    assert platform.token_calls == 2


def test_clients_of_one_app_share_the_token_in_a_shared_store(
    make: Make, platform: StandIn
) -> None:
    store = MemoryTokens()
    one = make(APP, base_url=platform.url, tokens=store)
    two = make(APP, base_url=platform.url, tokens=store)
    assert one.get_access_token() == two.get_access_token()
    assert platform.token_calls == 1


@pytest.mark.parametrize("life", [3600, "3600", 3600.0])
def test_the_life_that_the_answer_states_is_honoured(
    make: Make, platform: StandIn, life: object
) -> None:
    clock = Clock()
    platform.life = life
    client = make(APP, base_url=platform.url, clock=clock)
    first = client.get_access_token()
    clock.now += 3600 - 600 - 1
    assert client.get_access_token() == first
    clock.now += 601
    assert client.get_access_token() != first


def test_a_life_that_is_not_stated_is_two_hours(make: Make, platform: StandIn) -> None:
    clock = Clock()
    platform.life = None
    client = make(APP, base_url=platform.url, clock=clock)
    first = client.get_access_token()
    clock.now += 7200 - 601
    assert client.get_access_token() == first
    clock.now += 601
    assert client.get_access_token() != first


@pytest.mark.parametrize("life", [-1, "soon", [], {}, math.inf])
def test_a_life_that_is_no_number_of_seconds_is_a_bad_answer(
    make: Make, platform: StandIn, life: object
) -> None:
    platform.life = life
    if life == math.inf:
        body = b'{"errcode":0,"access_token":"x","expires_in":1e999}'
        platform.on("/gettoken", Reply(body))
    with pytest.raises(BadAnswer):
        make(APP, base_url=platform.url).get_access_token()


@pytest.mark.parametrize("token", ["", None, 7, "a\r\nb", "é"])
def test_a_token_that_cannot_be_used_is_a_bad_answer_that_does_not_show_it(
    make: Make, platform: StandIn, token: object
) -> None:
    platform.on("/gettoken", {"errcode": 0, "errmsg": "ok", "access_token": token})
    with pytest.raises(BadAnswer, match="access_token") as caught:
        make(APP, base_url=platform.url).get_access_token()
    assert "a\r\nb" not in str(caught.value)


def test_a_token_is_renewed_ahead_while_the_old_one_is_used(platform: StandIn) -> None:
    """Nobody waits: while the renewal hangs, other threads go on with the old token."""
    clock = Clock()
    with Client(APP, base_url=platform.url, clock=clock) as client:
        first = client.get_access_token()
        clock.now += 7200 - 500
        renewing = threading.Event()

        def hang(seen: Seen) -> dict[str, Any]:
            renewing.set()
            platform.hold.wait(5)
            return platform.grant(seen)

        platform.on("/gettoken", hang)
        second: list[str] = []
        thread = threading.Thread(target=lambda: second.append(client.get_access_token()))
        thread.start()
        assert renewing.wait(5)
        assert client.get_access_token() == first
        platform.hold.set()
        thread.join()
        assert client.get_access_token() == second[0] != first
    assert platform.token_calls == 2


def test_a_token_is_renewed_ahead_in_a_task_of_its_own(platform: StandIn) -> None:
    clock = Clock()

    async def main() -> None:
        async with AsyncClient(APP, base_url=platform.url, clock=clock) as client:
            first = await client.get_access_token()
            clock.now += 7200 - 500
            assert await client.get_access_token() == first
            await asyncio.wait(client._driver.flights._under_way.values())
            assert await client.get_access_token() != first

    asyncio.run(main())
    assert platform.token_calls == 2


def test_an_early_renewal_that_fails_is_no_failure_and_is_left_alone_for_a_while(
    make: Make, platform: StandIn
) -> None:
    clock = Clock()
    client = make(APP, base_url=platform.url, clock=clock)
    first = client.get_access_token()
    platform.on("/gettoken", Reply("<h1>502</h1>", status=404))
    clock.now += 7200 - 500
    for _ in range(5):
        assert client.get_access_token() == first
        client.call("department/list")
    assert platform.token_calls == 2


def test_a_refusal_of_an_old_token_does_not_delete_the_new_one() -> None:
    store, key = MemoryTokens(), TokenKey("corp", app="a")
    store.put(key, Token("new", 0.0))
    assert not store.delete_if(key, "old")
    assert store.get(key) == Token("new", 0.0)
    assert store.delete_if(key, "new")
    assert store.get(key) is None


def test_a_late_refusal_of_an_old_token_costs_no_token_call(platform: StandIn) -> None:
    """A slow call whose token was renewed meanwhile goes on with the new one."""
    store = MemoryTokens()
    with Client(APP, base_url=platform.url, tokens=store, retries=NO_WAIT) as client:
        old = client.get_access_token()

        def renewed_meanwhile(seen: Seen) -> dict[str, Any]:
            if seen.query["access_token"] != old:
                return {"errcode": 0, "errmsg": "ok"}
            key = client._core.settings.keeper.at(client._core.own.key)
            store.put(key, Token(platform.issue("another"), 2e9))
            return {"errcode": 40014, "errmsg": "不合法的access_token"}

        platform.on("/user/get", renewed_meanwhile)
        assert client.call("user/get", userid="a")["errcode"] == 0
    assert platform.token_calls == 1


def test_a_store_keeps_a_token_without_expiry() -> None:
    store, key = MemoryTokens(), TokenKey("jsapi_ticket", corp="dingcorp")
    store.put(key, Token("for ever", 0.0))
    held = store.get(key)
    assert held is not None
    assert held.fresh(1e12)


def test_a_store_that_fails_is_heard_of(make: Make, platform: StandIn) -> None:
    class Broken(MemoryTokens):
        def put(self, key: TokenKey, token: Token, fence: int | None = None, /) -> bool:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        make(APP, base_url=platform.url, tokens=Broken()).get_access_token()


def test_whose_turn_comes_looks_again_before_asking() -> None:
    """The second look: the flow ends without a request if the token came while it waited."""
    with Client(APP, transport=None) as client:
        core = client._core
        wish = next(core.access_token())
        assert isinstance(wish, Renew)
        token = Token("came meanwhile", 0.0)
        core.settings.tokens.put(wish.key, token)
        with pytest.raises(StopIteration) as end:
            next(wish.fetch())
        assert end.value.value is token
