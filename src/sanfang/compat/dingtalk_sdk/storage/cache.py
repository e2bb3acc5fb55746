"""``client.cache``: named values of one client in its storage."""

from __future__ import annotations

from typing import Any

from . import BaseStorage


class DingTalkCacheItem:
    """One named value, or with a ``key`` one of several."""

    def __init__(self, cache: Cache, name: str) -> None:
        self.cache = cache
        self.name = name

    def key_name(self, key: Any = None) -> str:
        """Return the key in the storage."""
        if isinstance(key, (tuple, list)):
            key = ":".join(key)
        whole = f"{self.cache.prefix}:{self.name}"
        return whole if key is None else f"{whole}:{key}"

    def get(self, key: Any = None, default: Any = None) -> Any:
        """Return the value, or ``default``."""
        return self.cache.storage.get(self.key_name(key), default)

    def set(self, key: Any = None, value: Any = None, ttl: int | None = None) -> None:
        """Remember the value."""
        self.cache.storage.set(self.key_name(key), value, ttl)

    def delete(self, key: Any = None) -> None:
        """Forget the value."""
        self.cache.storage.delete(self.key_name(key))


class Cache:
    """The values of one client, under one prefix."""

    names: tuple[str, ...] = ()

    def __init__(self, storage: BaseStorage, prefix: str = "client") -> None:
        self.storage = storage
        self.prefix = prefix
        for name in self.names:
            setattr(self, name, DingTalkCacheItem(self, name))


class DingTalkCache(Cache):
    """Of a corp."""

    names = ("access_token", "jsapi_ticket")
    access_token: DingTalkCacheItem
    jsapi_ticket: DingTalkCacheItem


class ChannelCache(Cache):
    """Of a corp's service window."""

    names = ("channel_token", "jsapi_ticket")
    channel_token: DingTalkCacheItem
    jsapi_ticket: DingTalkCacheItem


class ISVCache(Cache):
    """Of a suite."""

    names = ("suite_ticket", "suite_access_token", "permanent_code", "ch_permanent_code")
    suite_ticket: DingTalkCacheItem
    suite_access_token: DingTalkCacheItem
    permanent_code: DingTalkCacheItem
    ch_permanent_code: DingTalkCacheItem
