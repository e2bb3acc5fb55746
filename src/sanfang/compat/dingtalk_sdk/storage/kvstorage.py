"""A storage over anything with ``get``, ``set(key, value, ttl)`` and ``delete``: redis, memcached."""

from __future__ import annotations

import json
from typing import Any

from . import BaseStorage


class KvStorage(BaseStorage):
    """Keep values as JSON under ``prefix:key``, the form in which `dingtalk-sdk` keeps them."""

    def __init__(self, kvdb: Any, prefix: str = "dingtalk") -> None:
        missing = [name for name in ("get", "set", "delete") if not hasattr(kvdb, name)]
        if missing:
            raise TypeError(f"{type(kvdb).__name__} 缺少 / has no {', '.join(missing)}")
        self.kvdb = kvdb
        self.prefix = prefix

    def key_name(self, key: str) -> str:
        """Return the name under which a key is kept."""
        return f"{self.prefix}:{key}"

    def get(self, key: str, default: Any = None) -> Any:
        value = self.kvdb.get(self.key_name(key))
        return default if value is None else json.loads(value)

    def set(self, key: str, value: Any, ttl: int | None = None) -> None:
        if value is not None:
            self.kvdb.set(self.key_name(key), json.dumps(value), ttl)

    def delete(self, key: str) -> None:
        self.kvdb.delete(self.key_name(key))
