"""The default storage: this process only, from any thread."""

from __future__ import annotations

import time
from typing import Any

from . import BaseStorage


class MemoryStorage(BaseStorage):
    """Keep values in memory.

    Other than its namesake it keeps values without a ``ttl``: suite tickets and permanent codes,
    which the namesake loses in a TypeError that its callback handler swallows.
    """

    def __init__(self) -> None:
        self._values: dict[str, tuple[Any, float | None]] = {}

    def get(self, key: str, default: Any = None) -> Any:
        value, until = self._values.get(key, (None, None))
        if value is None or (until is not None and until <= time.time()):
            return default
        return value

    def set(self, key: str, value: Any, ttl: int | None = None) -> None:
        if value is not None:
            self._values[key] = (value, None if ttl is None else time.time() + ttl)

    def delete(self, key: str) -> None:
        self._values.pop(key, None)

    def __repr__(self) -> str:
        return f"<MemoryStorage {len(self._values)}>"
