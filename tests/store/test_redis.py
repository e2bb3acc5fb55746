"""What holds for Redis beyond the contract: garbage, scripts, travelling together, no server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sanfang.platform.store import open_hot
from sanfang.platform.store.errors import ExtraMissing, StoreError, StoreLost
from sanfang.platform.store.ports import Window
from sanfang.platform.store.redis import SLACK_MS, RedisHot

from .fixtures import hot_address

pytestmark = pytest.mark.anyio

NOW = 1_700_000_000_000


@pytest.fixture
async def hot(tmp_path: Path) -> AsyncIterator[RedisHot]:
    with hot_address("redis", tmp_path) as address:
        store = await open_hot(address)
        assert isinstance(store, RedisHot)
        yield store
        await store.close()


async def test_redis_keeps_a_value_somewhat_longer_than_its_life(hot: RedisHot) -> None:
    await hot.put("a", b"x", now=NOW, ttl=5000)
    left = await hot._client.pttl(f"{hot._prefix}v:a")
    assert 5000 < left <= 5000 + SLACK_MS


async def test_every_kind_of_key_is_collected_one_day(hot: RedisHot) -> None:
    await hot.keep("kept", b"x", now=NOW, ttl=5000)
    await hot.extend("kept", now=NOW, ttl=6000)
    await hot.lease("l", "a", now=NOW, ttl=5000)
    await hot.admit([Window("w", 5)], now=NOW)
    keys = [key async for key in hot._client.scan_iter(f"{hot._prefix}*")]
    eternal = [key for key in keys if await hot._client.pttl(key) < 0]
    assert len(keys) == 4
    assert eternal == [f"{hot._prefix}fence".encode()]


async def test_scripts_come_back_after_redis_forgot_them(hot: RedisHot) -> None:
    assert await hot.admit([Window("w", 2)], now=NOW) == -1
    await hot._client.script_flush()
    assert await hot.admit([Window("w", 2)], now=NOW) == -1
    assert await hot.admit([Window("w", 2)], now=NOW) == 0


async def test_commands_that_meet_travel_together(
    hot: RedisHot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    exchange = hot._exchange

    async def counted(batch: list[object]) -> None:
        sizes.append(len(batch))
        await exchange(batch)  # type: ignore[arg-type]

    monkeypatch.setattr(hot, "_exchange", counted)
    await asyncio.gather(*[hot.put(f"k{n}", b"x", now=NOW, ttl=100) for n in range(30)])
    assert sizes == [30]


async def test_an_error_of_one_command_is_not_that_of_its_companions(hot: RedisHot) -> None:
    await hot._client.hset(f"{hot._prefix}v:wrong", "a", "b")
    answers = await asyncio.gather(
        hot.get("wrong", now=NOW), hot.put("a", b"x", now=NOW, ttl=100), return_exceptions=True
    )
    assert isinstance(answers[0], StoreError)
    assert answers[1] is None
    assert await hot.get("a", now=NOW) == b"x"


async def test_of_takers_on_two_nodes_exactly_one_gets_it(tmp_path: Path) -> None:
    with hot_address("redis", tmp_path) as address:
        one, other = await open_hot(address), await open_hot(address)
        await one.put("code", b"x", now=NOW, ttl=100)
        taken = await asyncio.gather(*[node.take("code", now=NOW) for node in [one, other] * 50])
        await one.close()
        await other.close()
    assert [value for value in taken if value is not None] == [b"x"]


async def test_a_connection_lost_while_idle_is_replaced(hot: RedisHot, tmp_path: Path) -> None:
    await hot.put("a", b"x", now=NOW, ttl=100)
    own = await hot._call("CLIENT", "ID")
    with hot_address("redis", tmp_path) as address:
        other = await open_hot(address)
        assert isinstance(other, RedisHot)
        assert await other._call("CLIENT", "KILL", "ID", own) == 1
        await other.close()
    assert await hot.get("a", now=NOW) == b"x"
    assert await hot._call("CLIENT", "ID") != own


async def test_a_server_that_hangs_up_is_told() -> None:
    def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(StoreLost, match=f"127.0.0.1:{port}"):
            await open_hot(f"redis://127.0.0.1:{port}/0")


async def test_no_server_is_told_without_the_password() -> None:
    with pytest.raises(StoreLost) as caught:
        await open_hot("redis://:geheim@127.0.0.1:1/0")
    assert "127.0.0.1:1" in caught.value.zh
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("address", ["redis://127.0.0.1:notaport/0", "mysql://127.0.0.1/0"])
async def test_an_address_that_cannot_be_read_is_refused(address: str) -> None:
    with pytest.raises(StoreError):
        await open_hot(address)


async def test_without_redis_py_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "redis"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(ExtraMissing, match=r"sanfang\[redis\]"):
        await open_hot("redis://127.0.0.1/0")
