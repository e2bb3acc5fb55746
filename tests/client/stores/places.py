"""Empty places for stores of every kind, and how a started process opens one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sanfang.client.stores import FileStore, PostgresStore, RedisStore, SQLiteStore
from tests.store.fixtures import (
    POSTGRES,
    REDIS,
    _elsewhere,
    _forget,
    _postgres,
    _postgres_error,
    _redis_error,
    need,
)

KINDS = ("file", "sqlite", "postgres", "redis")
PLATFORM = "https://oapi.example"


@contextmanager
def place(kind: str, folder: Path) -> Iterator[str]:
    """Give the address of an empty place, to be opened with `opened`."""
    if kind in ("file", "sqlite"):
        yield f"{kind}={folder / f'tokens.{kind}'}"
    elif kind == "postgres":
        need("PostgreSQL", POSTGRES, _postgres_error())
        schema = f"t_{uuid.uuid4().hex}"
        _elsewhere(_postgres(f"CREATE SCHEMA {schema}"))
        mark = "&" if "?" in POSTGRES else "?"
        try:
            yield f"postgres={POSTGRES}{mark}options=-csearch_path%3D{schema}"
        finally:
            _elsewhere(_postgres(f"DROP SCHEMA {schema} CASCADE"))
    else:
        need("Redis", REDIS, _redis_error())
        prefix = f"t:{uuid.uuid4().hex}:"
        try:
            yield f"redis={prefix}"
        finally:
            _elsewhere(_forget(prefix))


def opened(address: str, base_url: str = PLATFORM) -> Any:
    """Open a store of its own on a place."""
    kind, _, where = address.partition("=")
    if kind == "file":
        return FileStore(where, base_url=base_url)
    if kind == "sqlite":
        return SQLiteStore(where, base_url=base_url)
    if kind == "postgres":
        return PostgresStore(where, base_url=base_url)
    return RedisStore(REDIS, prefix=where, base_url=base_url)
