"""Durable and hot state of the platform; only this package knows SQL or Redis."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import StoreError

if TYPE_CHECKING:
    from .ports import Durable, Hot

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)


async def open_durable(url_or_path: str | Path | None, *, folder: Path | None = None) -> Durable:
    """Open the durable store and bring its schema up to date.

    :param url_or_path: ``postgresql://...``, or the path of an SQLite file, or ":memory:" or None.
    :param folder: the migrations, by default those of the platform.
    :raises StoreError: it cannot be opened; says why in Chinese and English.
    """
    from .migrate import FOLDER, Migratable, migrate

    scheme = _scheme(url_or_path)
    durable: Migratable
    if scheme in {"postgresql", "postgres"}:
        from .postgres import PostgresDurable

        durable = await PostgresDurable.open(str(url_or_path))
    elif scheme is None:
        from .sqlite import SqliteDurable

        durable = await SqliteDurable.open(":memory:" if url_or_path is None else url_or_path)
    else:
        raise _unknown(scheme, "postgresql://")
    try:
        await migrate(durable, folder or FOLDER)
    except BaseException:
        await durable.close()
        raise
    return durable


async def open_hot(url_or_path: str | Path | None) -> Hot:
    """Open the hot store.

    :param url_or_path: ``redis://...`` (``?prefix=`` sets what every key begins with), or the path
        of a file that the process writes through to, or ":memory:" or None: forgotten with the
        process.
    :raises StoreError: it cannot be opened; says why in Chinese and English.
    """
    scheme = _scheme(url_or_path)
    if scheme in {"redis", "rediss", "unix"}:
        from .redis import RedisHot

        return await RedisHot.open(str(url_or_path))
    if scheme is None:
        from .memory import MemoryHot

        in_memory = url_or_path is None or str(url_or_path) == ":memory:"
        return MemoryHot(None if in_memory else Path(str(url_or_path)))
    raise _unknown(scheme, "redis://")


def _scheme(url_or_path: str | Path | None) -> str | None:
    match = _SCHEME.match(str(url_or_path))
    return match[1].lower() if match else None


def _unknown(scheme: str, known: str) -> StoreError:
    return StoreError(
        f"不认识 {scheme}:// 形式的存储地址；请使用 {known} 或文件路径。",
        f"{scheme}:// is not a storage address we know; use {known} or the path of a file.",
    )
