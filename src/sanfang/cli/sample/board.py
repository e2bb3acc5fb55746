"""The check-ins, in a SQLite file of the app's own; every row belongs to one corp."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import msgspec

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS checkins (
  id INTEGER PRIMARY KEY,
  corp_id TEXT NOT NULL,
  day TEXT NOT NULL,
  userid TEXT NOT NULL,
  name TEXT NOT NULL,
  department TEXT NOT NULL,
  at TEXT NOT NULL,
  place TEXT NOT NULL,
  latitude REAL,
  longitude REAL
);
CREATE INDEX IF NOT EXISTS checkins_of_day ON checkins (corp_id, day, id);
"""
_ADD = (
    "INSERT INTO checkins"
    " (corp_id, day, userid, name, department, at, place, latitude, longitude)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_OF_DAY = (
    "SELECT userid, name, department, at, place, latitude, longitude FROM checkins"
    " WHERE corp_id = ? AND day = ? ORDER BY id DESC LIMIT ?"
)
_COUNTS = (
    "SELECT department, COUNT(DISTINCT userid) FROM checkins WHERE corp_id = ? AND day = ?"
    " GROUP BY department"
)
_FORGET = "DELETE FROM checkins WHERE corp_id = ?"


class CheckIn(msgspec.Struct, frozen=True, kw_only=True):
    """One check-in; ``at`` is the time of day in China, the position in degrees if it is known."""

    userid: str
    name: str
    department: str
    at: str
    place: str
    latitude: float | None = None
    longitude: float | None = None


class Board:
    """The check-ins of all corps. Its calls take a millisecond and may come from any thread."""

    def __init__(self, path: Path | str, now: Callable[[], datetime] | None = None) -> None:
        self._now = now or (lambda: datetime.now(UTC))
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.executescript("PRAGMA journal_mode=WAL;" + _SCHEMA)

    def today(self) -> str:
        """Return today's date in China."""
        return self._now().astimezone(CHINA).date().isoformat()

    def add(
        self,
        corp_id: str,
        userid: str,
        name: str,
        department: str,
        place: str,
        position: tuple[float, float] | None = None,
    ) -> CheckIn:
        """Store a check-in of now."""
        at = self._now().astimezone(CHINA).strftime("%H:%M")
        latitude, longitude = position or (None, None)
        row = (userid, name, department, at, place, latitude, longitude)
        with self._lock, self._database as database:
            database.execute(_ADD, (corp_id, self.today(), *row))
        return _read(row)

    def latest(self, corp_id: str, most: int = 20) -> list[CheckIn]:
        """Return today's check-ins, newest first."""
        with self._lock, closing(self._database.cursor()) as cursor:
            rows = cursor.execute(_OF_DAY, (corp_id, self.today(), most)).fetchall()
        return [_read(row) for row in rows]

    def counts(self, corp_id: str) -> dict[str, int]:
        """Return how many members of each department have checked in today."""
        with self._lock, closing(self._database.cursor()) as cursor:
            return dict(cursor.execute(_COUNTS, (corp_id, self.today())).fetchall())

    def forget(self, corp_id: str) -> None:
        """Delete what a corp left behind that has ended its authorisation."""
        with self._lock, self._database as database:
            database.execute(_FORGET, (corp_id,))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()


def _read(row: tuple[str, str, str, str, str, float | None, float | None]) -> CheckIn:
    userid, name, department, at, place, latitude, longitude = row
    return CheckIn(
        userid=userid,
        name=name,
        department=department,
        at=at,
        place=place,
        latitude=latitude,
        longitude=longitude,
    )
