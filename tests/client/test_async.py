"""The async client: it never blocks the loop, and cancelling one caller harms no other."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import pytest

from sanfang.client import (
    AppKey,
    AsyncClient,
    BadCall,
    MemoryTokens,
    Request,
    Response,
    Token,
    TransportFailed,
)

from .stand_in import Seen, StandIn

APP = AppKey("dingexampleapp", "example-app-secret")

pytestmark = pytest.mark.anyio


class Gate:
    """A transport whose token call waits until it is opened."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.asked = asyncio.Event()
        self.token_calls = 0
        self.cancelled = 0

    async def send(self, request: Request, /) -> Response:
        if request.api == "gettoken":
            self.token_calls += 1
            self.asked.set()
            try:
                await self.open.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
        return Response(200, {}, b'{"errcode":0,"access_token":"t-1","expires_in":7200}')

    async def close(self) -> None:
        pass


def others() -> set[asyncio.Task[Any]]:
    """Return the tasks that run beside this one: whoever ends leaves none behind."""
    return asyncio.all_tasks() - {asyncio.current_task()}  # type: ignore[arg-type]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)


async def test_the_loop_runs_on_while_a_call_waits(platform: StandIn) -> None:
    """The platform answers only after the loop has turned a hundred times."""
    turns = 0

    def answer(_: Seen) -> dict[str, Any]:
        platform.hold.wait(5)
        return {"errcode": 0, "errmsg": "ok", "access_token": "t-1"}

    platform.on("/gettoken", answer)
    async with AsyncClient(APP, base_url=platform.url) as client:
        call = asyncio.create_task(client.get_access_token())
        while not platform.seen:
            await asyncio.sleep(0.001)
        for _ in range(100):
            await asyncio.sleep(0)
            turns += 1
        assert not call.done()
        platform.hold.set()
        assert await call == "t-1"
    assert turns == 100


async def test_the_same_connections_serve_all_calls(platform: StandIn) -> None:
    async with AsyncClient(APP, base_url=platform.url) as client:
        for _ in range(20):
            await client.call("user/get")
        assert platform.connections == 1
        for _ in range(3):
            await asyncio.gather(*(client.call("user/get") for _ in range(20)))
        opened = list(client._driver._transport._open)
    assert platform.connections == len(opened) == 20
    assert all(connection.transport.is_closing() for connection in opened)


async def test_a_call_can_be_cancelled(platform: StandIn) -> None:
    platform.on("/user/get", lambda _: platform.hold.wait(20) and None)
    async with AsyncClient(APP, base_url=platform.url) as client:
        call = asyncio.create_task(client.call("user/get"))
        while not platform.calls("/user/get"):
            await asyncio.sleep(0.001)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert (await client.call("department/list"))["errcode"] == 0


async def test_a_cancelled_waiter_does_not_end_the_token_call_of_the_others() -> None:
    gate = Gate()
    async with AsyncClient(APP, transport=gate) as client:
        first = asyncio.create_task(client.call("user/get"))
        await gate.asked.wait()
        others = [asyncio.create_task(client.call("user/get")) for _ in range(10)]
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        gate.open.set()
        assert [answer["errcode"] for answer in await asyncio.gather(*others)] == [0] * 10
    assert (gate.token_calls, gate.cancelled) == (1, 0)


async def test_when_all_waiters_are_cancelled_the_token_still_arrives_and_nothing_leaks() -> None:
    gate, store, before = Gate(), MemoryTokens(), others()
    async with AsyncClient(APP, transport=gate, tokens=store) as client:
        waiters = [asyncio.create_task(client.call("user/get")) for _ in range(5)]
        await gate.asked.wait()
        for waiter in waiters:
            waiter.cancel()
        await asyncio.gather(*waiters, return_exceptions=True)
        gate.open.set()
        await until(lambda: others() == before)
        assert client._driver.flights._under_way == {}
        assert await client.get_access_token() == "t-1"
    assert gate.token_calls == 1


async def test_closing_ends_a_token_call_under_way_and_tells_its_waiters() -> None:
    gate, before = Gate(), others()
    client = AsyncClient(APP, transport=gate)
    call = asyncio.create_task(client.call("user/get"))
    await gate.asked.wait()
    await client.close()
    with pytest.raises(TransportFailed, match="已关闭"):
        await call
    assert gate.cancelled == 1
    assert others() == before


async def test_a_failure_that_nobody_waits_for_makes_no_noise() -> None:
    """An early renewal runs by itself; its exception is not reported as never retrieved."""
    noise: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: noise.append(context))

    class Down(Gate):
        async def send(self, request: Request, /) -> Response:
            self.token_calls += 1
            raise TransportFailed("down")

    store, down, before = MemoryTokens(), Down(), others()
    async with AsyncClient(APP, transport=down, tokens=store, clock=lambda: 7000.0) as client:
        client._core.settings.tokens.put(client._core.own.key, Token("old", 0.0, 7200.0))
        for _ in range(3):
            assert await client.get_access_token() == "old"
            await until(lambda: others() == before)
    gc.collect()
    assert noise == []
    assert down.token_calls == 1


async def test_a_transport_handed_in_is_left_open() -> None:
    class Owned(Gate):
        async def close(self) -> None:
            raise AssertionError("its owner's to close")

    async with AsyncClient(APP, transport=Owned()):
        pass


async def test_a_suites_corps_share_session_and_flights() -> None:
    from sanfang.client import Suite

    async with AsyncClient(Suite("suite4example", "secret"), transport=Gate()) as suite:
        one, two = suite.corp("dingcorpa"), suite.corp("dingcorpb")
        assert one._driver is two._driver is suite._driver
        await one.close()
        assert not suite._driver._closed


@pytest.mark.parametrize("anyio_backend", [None])
def test_a_client_used_in_a_second_loop_says_so(anyio_backend: None) -> None:
    client = AsyncClient(APP, transport=Gate.__new__(Gate))

    async def use() -> None:
        client._driver._ready()

    asyncio.run(use())
    with pytest.raises(BadCall, match="event loop"):
        asyncio.run(use())


async def test_an_eager_task_factory_leaves_no_token_call_behind() -> None:
    if not hasattr(asyncio, "eager_task_factory"):
        pytest.skip("Python 3.12 and later")
    gate = Gate()
    gate.open.set()
    loop = asyncio.get_running_loop()
    loop.set_task_factory(asyncio.eager_task_factory)
    try:
        async with AsyncClient(APP, transport=gate) as client:
            assert await client.get_access_token() == "t-1"
            assert client._driver.flights._under_way == {}
    finally:
        loop.set_task_factory(None)
