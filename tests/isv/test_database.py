"""The data file while others use it."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from sanfang.isv.database import Database


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_processes_may_open_a_new_data_file_at_once(tmp_path: Path, lock: str) -> None:
    """SQLite says "locked" at once to who turns on WAL while another makes the tables."""
    path = tmp_path / "isv.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute(f"BEGIN {lock}")
    other.execute("CREATE TABLE something (x)")
    timer = threading.Timer(0.1, lambda: other.execute("COMMIT"))
    timer.start()
    database = Database(str(path))
    assert database.rows("PRAGMA journal_mode") == [("wal",)]
    timer.join()
    other.close()
    database.close()
