"""LISTEN on a connection of its own, which comes back when it breaks.

PostgreSQL keeps no notifications for those who are away. So after every reconnect each callback is
called with an empty payload: look at the tables, something may have been missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

PROBE = 30.0  # seconds between two questions whether the connection still works
PAUSE_FIRST, PAUSE_MOST = 0.1, 5.0  # seconds between two attempts to connect

Callback = Callable[[str], None]


class Listener:
    """Deliver notifications to callbacks in the event loop until closed."""

    def __init__(self, connect: Callable[[], Awaitable[Any]]) -> None:
        self._connect = connect
        self._connection: Any = None
        self._callbacks: dict[str, list[Callback]] = {}
        self._broken = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    async def add(self, channel: str, callback: Callback) -> None:
        """Return when the server has confirmed that we listen."""
        async with self._lock:
            if self._watcher is None:
                await self._open()
                self._watcher = asyncio.create_task(self._watch(), name="sanfang-listen")
            if channel not in self._callbacks:
                self._callbacks[channel] = []
                if not self._connection.is_closed():
                    await self._connection.add_listener(channel, self._heard)
            self._callbacks[channel].append(callback)

    async def close(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)
        if self._connection is not None:
            self._connection.terminate()

    async def _open(self) -> None:
        connection = await self._connect()
        for channel in self._callbacks:
            await connection.add_listener(channel, self._heard)
        connection.add_termination_listener(self._lost)
        self._connection = connection

    async def _watch(self) -> None:
        while True:
            if await self._works():
                continue
            self._connection.terminate()
            async with self._lock:
                await self._reopen()
            for callbacks in self._callbacks.values():
                for callback in callbacks:
                    asyncio.get_running_loop().call_soon(callback, "")

    async def _works(self) -> bool:
        """Wait until the connection broke (False) or has been found working (True)."""
        try:
            async with asyncio.timeout(PROBE):
                await self._broken.wait()
                return False
        except TimeoutError:
            try:
                await self._connection.execute("SELECT 1")
            except Exception:  # noqa: BLE001 - whatever it is, a new connection is the answer
                return False
            return True

    async def _reopen(self) -> None:
        pause = PAUSE_FIRST
        while True:
            self._broken.clear()
            try:
                await self._open()
            except Exception:  # noqa: BLE001 - the server is away; statements elsewhere tell so
                await asyncio.sleep(pause)
                pause = min(pause * 2, PAUSE_MOST)
            else:
                return

    def _heard(self, connection: Any, pid: int, channel: str, payload: str) -> None:
        for callback in self._callbacks.get(channel, ()):
            asyncio.get_running_loop().call_soon(callback, payload)

    def _lost(self, connection: Any) -> None:
        if connection is self._connection:
            self._broken.set()
