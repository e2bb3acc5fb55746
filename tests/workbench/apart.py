"""An event loop in a thread of its own.

Playwright leaves its loop "running" in the main thread between its calls, so that neither
asyncio.run nor a Runner works there. A fixture of a wider scope than a function, whose loop lives
through many tests, keeps it here.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")


class Apart:
    """As asyncio.Runner: ``with Apart() as one: one.run(coroutine)``."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="apart")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.run(self._loop.shutdown_asyncgens())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine and return what it gives."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
