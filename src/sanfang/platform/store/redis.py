"""The hot port on Redis: each operation one command or one script, hence atomic.

Commands that meet in one turn of the event loop travel together (one write, one read), which makes
redis-py several times quicker under load; each is still on its own: nothing waits for a whole batch
to be atomic. An operation whose answer was lost is not repeated: a one-time code may be gone then,
but it is never given out twice.

All keys of one call must live on one Redis node. With Redis Cluster, give a prefix that holds a
hash tag, such as ``{sanfang}:``.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from . import redis_scripts as scripts
from .address import shown
from .errors import ExtraMissing, StoreClosed, StoreLost
from .ports import Window
from .windows import slot_of

CONNECTIONS = 16
SLACK_MS = 600_000  # Redis drops a value this long after its time, for clocks that lag behind

Command = tuple[Any, ...]


class RedisHot:
    """See ``ports.Hot``; made by ``open``."""

    def __init__(self, client: Any, url: str, prefix: str) -> None:
        self._client = client
        self._url = url
        self._prefix = prefix
        self._batch: list[tuple[Command, asyncio.Future[Any]]] = []
        self._sending: set[asyncio.Task[None]] = set()
        self._closed = False

    @classmethod
    async def open(cls, url: str, prefix: str = "sanfang:") -> RedisHot:
        """Connect to ``url`` (``redis://host:port/db``); every key begins with ``prefix``.

        An address may bring its own prefix: ``redis://host:port/db?prefix=mine:``.

        :raises ExtraMissing: redis-py is not installed.
        :raises StoreLost: no server answers there, or it refuses us.
        """
        url, _, query = url.partition("?")
        options = dict(parse_qsl(query))
        prefix = options.pop("prefix", prefix)
        url += f"?{urlencode(options)}" if options else ""
        hot = cls(_client(url), url, prefix)
        try:
            await hot._call("PING")
        except BaseException:
            await hot.close()
            raise
        return hot

    async def put(self, key: str, value: bytes, *, now: int, ttl: int) -> None:
        await self._call("SET", self._value(key), b"%d %s" % (now + ttl, value), "PX", _px(ttl))

    async def get(self, key: str, *, now: int) -> bytes | None:
        return _live(await self._call("GET", self._value(key)), now)

    async def keep(self, key: str, value: bytes, *, now: int, ttl: int) -> bytes:
        kept: bytes = await self._script(
            scripts.KEEP, [self._value(key)], value, now, now + ttl, _px(ttl)
        )
        return kept

    async def take(self, key: str, *, now: int) -> bytes | None:
        return _live(await self._call("GETDEL", self._value(key)), now)

    async def extend(self, key: str, *, now: int, ttl: int) -> bool:
        keys = [self._value(key)]
        return bool(await self._script(scripts.EXTEND, keys, now, now + ttl, _px(ttl)))

    async def swap(self, key: str, old: bytes | None, new: bytes, *, now: int, ttl: int) -> bool:
        keys, before = [self._value(key)], (b"", 0) if old is None else (old, 1)
        return bool(await self._script(scripts.SWAP, keys, *before, new, now, now + ttl, _px(ttl)))

    async def delete(self, *keys: str) -> None:
        if keys:
            await self._call("DEL", *map(self._value, keys))

    async def admit(self, windows: Sequence[Window], *, now: int) -> int:
        keys = [f"{self._prefix}r:{window.key}" for window in windows]
        rules = [part for _, limit, span in windows for part in (limit, slot_of(span))]
        full: int = await self._script(scripts.ADMIT, keys, now, *rules)
        return full

    async def lease(self, key: str, owner: str, *, now: int, ttl: int) -> int | None:
        keys = [self._lease(key), f"{self._prefix}fence"]
        fence: int | None = await self._script(scripts.LEASE, keys, owner, now, now + ttl, _px(ttl))
        return fence

    async def release(self, key: str, owner: str) -> None:
        await self._script(scripts.RELEASE, [self._lease(key)], owner)

    async def close(self) -> None:
        self._closed = True
        if self._sending:
            await asyncio.wait(self._sending)
        await self._client.aclose()
        await self._client.connection_pool.disconnect()

    def _value(self, key: str) -> str:
        return f"{self._prefix}v:{key}"

    def _lease(self, key: str) -> str:
        return f"{self._prefix}l:{key}"

    async def _script(self, text: str, keys: list[str], *args: bytes | str | int) -> Any:
        rest = (len(keys), *keys, *args)
        try:
            return await self._call("EVALSHA", _sha(text), *rest)
        except Exception as error:
            if type(error).__name__ != "NoScriptError":
                raise
            return await self._call("EVAL", text, *rest)

    async def _call(self, *command: Any) -> Any:
        if self._closed:
            raise StoreClosed
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        if not self._batch:
            loop.call_soon(self._send)
        self._batch.append((command, future))
        return await future

    def _send(self) -> None:
        batch, self._batch = self._batch, []
        task = asyncio.create_task(self._exchange(batch))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _exchange(self, batch: list[tuple[Command, asyncio.Future[Any]]]) -> None:
        answers: list[Any]
        try:
            pipeline = self._client.pipeline(transaction=False)
            for command, _ in batch:
                pipeline.execute_command(*command)
            answers = await pipeline.execute(raise_on_error=False)
        except Exception as error:  # noqa: BLE001 - all who wait must hear of it
            answers = [error] * len(batch)
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.done():
                continue
            if not isinstance(answer, Exception):
                future.set_result(answer)
            elif type(answer).__name__ == "NoScriptError":
                future.set_exception(answer)
            else:
                future.set_exception(_no_server(self._url, answer))


_SHAS: dict[str, str] = {}


def _sha(text: str) -> str:
    sha = _SHAS.get(text)
    if sha is None:
        sha = _SHAS[text] = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    return sha


def _px(ttl: int) -> int:
    return ttl + SLACK_MS


def _live(raw: bytes | None, now: int) -> bytes | None:
    if raw is None:
        return None
    expires_at, _, value = raw.partition(b" ")
    return value if int(expires_at) > now else None


def _client(url: str) -> Any:
    try:
        from redis.asyncio import BlockingConnectionPool, Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ImportError as error:
        raise ExtraMissing("redis", "redis") from error
    try:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=5,
            protocol=2,  # with 3, redis-py 8 takes a connection the server has closed for good
            socket_timeout=5,
            socket_connect_timeout=5,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError as error:
        raise _no_server(url, error) from error
    return Redis.from_pool(pool)


def _no_server(url: str, error: Exception) -> StoreLost:
    reason = str(error) or type(error).__name__
    told = StoreLost(
        f"无法使用 Redis {shown(url)}：{reason}。请检查服务是否运行、地址与密码是否正确。",
        f"Redis at {shown(url)} cannot be used: {reason}. "
        "Check that it runs and that address and password are right.",
    )
    told.__cause__ = error
    return told
