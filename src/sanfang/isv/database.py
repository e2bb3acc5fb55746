"""The suite app's SQLite file: opened, migrated, read.

Two connections. One belongs to the writer thread (`writer`), the other serves short indexed reads
wherever they are needed; in WAL mode neither blocks the other. ``synchronous=FULL``: what was
committed survives a power cut, because the platform never sends it again once we said `success`.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

MEMORY = ":memory:"
_BUSY_SECONDS = 10.0  # another process of ours may hold the write lock for the length of an fsync


class DataFileError(Exception):
    """The data file cannot be used; the text says why and what to do."""


class Database:
    """One open data file. Raises `DataFileError` when it is not ours or not writable."""

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            self.writing = _opened(path)
            self.reading = self.writing if path == MEMORY else _connect(path)
        except sqlite3.Error as error:
            raise DataFileError(
                f"数据文件 {path} 打不开或不可写：{error}。请检查目录是否存在、权限与磁盘空间"
                f" / cannot open or write {path}: {error}; check folder, permissions and disk space"
            ) from error
        # With ":memory:" both are one connection, so they share one lock too.
        self.write_lock = threading.RLock()
        self.read_lock = self.write_lock if path == MEMORY else threading.RLock()

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Read all rows of a short, indexed statement; from any thread."""
        with self.read_lock:
            return self.reading.execute(sql, parameters).fetchall()

    def close(self) -> None:
        """Close both connections; the writer thread must have ended."""
        with self.write_lock, self.read_lock:
            self.reading.close()
            self.writing.close()


def _connect(path: str) -> sqlite3.Connection:
    if path != MEMORY:
        # It holds the suite secret and permanent codes: nobody else's business.
        with contextlib.suppress(FileExistsError, FileNotFoundError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    connection = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        _prepare(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
        except sqlite3.OperationalError as error:
            # Of several processes that open a new file at once SQLite lets not all wait their turn.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _opened(path: str) -> sqlite3.Connection:
    connection = _connect(path)
    try:
        _migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, path: str) -> None:
    scripts = schema()
    connection.execute("BEGIN IMMEDIATE")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(scripts):
        connection.execute("ROLLBACK")
        raise DataFileError(
            f"数据文件 {path} 由更新版本的 sanfang 写成（结构 {version}），请升级"
            f" / {path} was written by a newer sanfang (schema {version}); upgrade"
        )
    for script in scripts[version:]:
        for statement in script.split(";\n"):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(scripts)}")
    connection.execute("COMMIT")


def schema() -> list[str]:
    """Return the migrations in order; the file's user_version counts those applied."""
    folder = files("sanfang.isv").joinpath("schema")
    scripts = sorted((Path(str(entry)).name, entry) for entry in folder.iterdir())
    return [entry.read_text("utf-8") for name, entry in scripts if name.endswith(".sql")]
