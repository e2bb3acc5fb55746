"""A SQLite file of our own: locked against a second process, with the settings we rely on."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import IO, Literal

from .errors import StoreError, StoreInUse

try:
    import fcntl
except ImportError:  # Windows: no lock, SQLite's own locking still keeps the file whole
    fcntl = None  # type: ignore[assignment]

MEMORY = ":memory:"
PATIENCE_MS = 1000  # how long a statement waits for an outside tool, e.g. the sqlite3 shell


class SqliteFile:
    """Hold ``<name>.lock`` and open connections to ``<name>``.

    :raises StoreInUse: another process holds the lock.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)  # it will hold secrets
            self._lock = _locked(path.with_name(path.name + ".lock"))
        except OSError as error:
            raise StoreError(
                f"无法打开数据文件 {path}：{error.strerror}。",
                f"Cannot open the data file {path}: {error.strerror}.",
            ) from error

    def connect(self, synchronous: Literal["FULL", "NORMAL"]) -> sqlite3.Connection:
        """Open a connection in autocommit mode; checkpoints are up to whoever writes."""
        connection = sqlite3.connect(
            self.path,
            timeout=PATIENCE_MS / 1000,
            isolation_level=None,
            check_same_thread=False,  # commits may happen in Disk's thread, never two at a time
            cached_statements=1024,
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.DatabaseError as error:
            connection.close()
            self.close()
            raise StoreError(
                f"{self.path} 不是可用的 SQLite 数据库：{error}。",
                f"{self.path} is not a usable SQLite database: {error}.",
            ) from error
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        prepare(connection)
        return connection

    def close(self) -> None:
        self._lock.close()


def prepare(connection: sqlite3.Connection) -> None:
    """Make the settings that hold for files and for memory alike."""
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA cache_size = -32000")


def checkpoint(connection: sqlite3.Connection) -> None:
    """Move the log into the database; readers are not disturbed."""
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def _locked(path: Path) -> IO[str]:
    file = path.open("a+")
    if fcntl is not None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read(20).strip() or "?"
            file.close()
            raise StoreInUse(
                f"数据文件夹 {path.parent} 正被另一个进程（pid {holder}）使用；"
                "请先停止它，或用 --data 指定别的文件夹。",
                f"The data folder {path.parent} is in use by another process (pid {holder}); "
                "stop it, or choose another folder with --data.",
            ) from None
    with contextlib.suppress(OSError):
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
    return file
