"""Single flight for tasks; see `flights` for the rules."""

from __future__ import annotations

import asyncio
import copy
import time
from collections.abc import Awaitable, Callable

from .errors import SanfangError, TransportFailed
from .flights import REST
from .tokens import Token, TokenKey


class TaskFlights:
    """Single flight for the tasks of one event loop.

    The fetch is a task of its own: a waiter that is cancelled takes nobody down with it, and if
    all waiters are cancelled the fetch still ends, within its time-out, or with `close`.
    """

    def __init__(self) -> None:
        self._under_way: dict[TokenKey, asyncio.Task[Token]] = {}
        self._rest: dict[TokenKey, float] = {}

    async def token(
        self, key: TokenKey, fetch: Callable[[], Awaitable[Token]], fallback: Token | None
    ) -> Token:
        """Return the token that ``fetch`` brings, to this caller or to another."""
        task = self._under_way.get(key)
        if task is not None and task.done():  # it is taken off the list a turn of the loop later
            task = None
        if fallback is not None:
            if task is None and time.monotonic() >= self._rest.get(key, 0.0):
                self._start(key, fetch)
            return fallback
        if task is None:
            task = self._start(key, fetch)
        await asyncio.wait((task,))
        if task.cancelled():
            raise TransportFailed("客户端已关闭 / the client was closed meanwhile", api=key.kind)
        failure = task.exception()
        if failure is None:
            return task.result()
        raise copy.copy(failure) if isinstance(failure, SanfangError) else failure

    def _start(self, key: TokenKey, fetch: Callable[[], Awaitable[Token]]) -> asyncio.Task[Token]:
        async def fly() -> Token:
            return await fetch()

        def landed(task: asyncio.Task[Token]) -> None:
            if self._under_way.get(key) is task:
                del self._under_way[key]
            if task.cancelled() or task.exception() is None:  # reading it marks it as seen
                self._rest.pop(key, None)
            else:
                self._rest[key] = time.monotonic() + REST

        task = asyncio.get_running_loop().create_task(fly())
        self._under_way[key] = task
        task.add_done_callback(landed)
        return task

    async def close(self) -> None:
        """Cancel what is under way and wait for its end."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
