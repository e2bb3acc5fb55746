"""A storage of `dingtalk-sdk` as the token store that `sanfang.client` wants.

Keys and values are those of `dingtalk-sdk`, so a process that still runs it shares the tokens in
one Redis with a process that has moved. Such a storage cannot compare and delete in one step, nor
lend a lease: one renewal at a time holds inside a process. `sanfang.client`'s own stores do both.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from urllib.parse import quote

from sanfang.client import MemoryTokens, Token, TokenKey
from sanfang.client.tokens import AHEAD

from . import BaseStorage

Names = Callable[[TokenKey], str]


def other_name(prefix: str, key: TokenKey) -> str:
    """Return a name for a token that `dingtalk-sdk` does not know, apart from all others."""
    parts = (getattr(key, field) for field in key._fields)
    return ":".join((prefix, "sanfang", *(quote(part, safe="") for part in parts)))


class StoredTokens:
    """Tokens in a storage, under the names that ``names`` gives their keys."""

    # It may block, but its clients do too; and what is deleted in the storage is gone at once.
    instant = True

    def __init__(self, storage: BaseStorage, names: Names) -> None:
        self._storage = storage
        self._names = names
        self._turns = MemoryTokens()  # lends the leases
        self._lock = threading.Lock()
        # The storage holds bare values; this is when they were fetched, or first seen, here.
        self._seen: dict[TokenKey, Token] = {}

    def get(self, key: TokenKey, /) -> Token | None:
        value = self._storage.get(self._names(key))
        if not isinstance(value, str) or not value:
            return None
        token = self._seen.get(key)
        if token is None or token.value != value:
            token = self._seen[key] = Token(value, time.time(), math.inf)
        return token

    def lease(self, key: TokenKey, seconds: float, /) -> int | None:
        return self._turns.lease(key, seconds)

    def extend(self, key: TokenKey, fence: int, seconds: float, /) -> bool:
        return self._turns.extend(key, fence, seconds)

    def release(self, key: TokenKey, fence: int, /) -> None:
        self._turns.release(key, fence)

    def put(self, key: TokenKey, token: Token, fence: int | None = None, /) -> bool:
        life = token.expires_at - token.fetched_at
        # Others that read it do not see the times, so it leaves the storage before it expires.
        ttl = None if life == math.inf else max(1, int(life - min(AHEAD, life / 4)))
        with self._lock:
            if not self._turns.put(key, token, fence):
                return False
            self._seen[key] = token
            self._storage.set(self._names(key), token.value, ttl)
            return True

    def delete_if(self, key: TokenKey, value: str, /) -> bool:
        name = self._names(key)
        with self._lock:
            if self._storage.get(name) != value:
                return False
            self._storage.delete(name)
            return True

    def __repr__(self) -> str:
        return f"<StoredTokens in {type(self._storage).__name__}>"
