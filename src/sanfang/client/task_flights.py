"""Single flight for tasks; see `flights` for the rules."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable

from .errors import SanfangError, TransportFailed
from .tokens import Token, TokenKey


class TaskFlights:
    """Single flight for the tasks of one event loop.

    The fetch is a task of its own: a waiter that is cancelled takes nobody down with it, and if
    all waiters are cancelled the fetch still ends, within its time-out, or with `close`.
    """

    def __init__(self) -> None:
        self._under_way: dict[TokenKey, asyncio.Task[Token]] = {}

    async def token(
        self, key: TokenKey, fetch: Callable[[], Awaitable[Token]], fallback: Token | None
    ) -> Token:
        """Return the token that ``fetch`` brings, to this caller or to another."""
        task = self._under_way.get(key)
        if task is None:
            task = self._start(key, fetch)
        if fallback is not None:
            return fallback
        await asyncio.wait((task,))
        if task.cancelled():
            raise TransportFailed("客户端已关闭 / the client was closed meanwhile", api=key.kind)
        failure = task.exception()
        if failure is None:
            return task.result()
        raise copy.copy(failure) if isinstance(failure, SanfangError) else failure

    def _start(self, key: TokenKey, fetch: Callable[[], Awaitable[Token]]) -> asyncio.Task[Token]:
        async def fly() -> Token:
            try:
                return await fetch()
            finally:
                # Here and not in the callback, which runs a turn of the loop later.
                self._under_way.pop(key, None)

        def landed(task: asyncio.Task[Token]) -> None:
            if task.cancelled():  # perhaps before it began
                self._under_way.pop(key, None)
            else:
                task.exception()  # reading it marks it as seen

        task = asyncio.get_running_loop().create_task(fly())
        if not task.done():  # an eager task factory may have run it to its end
            self._under_way[key] = task
        task.add_done_callback(landed)
        return task

    async def close(self) -> None:
        """Cancel what is under way and wait for its end."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
