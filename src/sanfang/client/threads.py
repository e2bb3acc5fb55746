"""Where the async client lets things block: a few threads of its own.

Not the loop's: those may all be busy with the user's functions, and these may be waiting for this
very client.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_THREADS = 4


class Threads:
    """A few threads, started when something is to be done."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None

    async def run(self, work: Callable[[], T]) -> T:
        """Run ``work`` in one of them, with the context variables of the caller."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="sanfang-store")
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._pool, context.run, work)

    def close(self) -> None:
        """Let the threads end when they have done what they are at."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False)
