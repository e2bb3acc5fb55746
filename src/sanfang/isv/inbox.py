"""The inbox: what was pushed, and what became of it.

Guarantees. An event is on disk before `put` returns. Every event is handled **at least once**: a
handler that a crash interrupts runs again after the restart; one that completed does not, not even
when the platform pushes the event again. Order is kept per corp.
"""

from __future__ import annotations

import json
import sqlite3
from asyncio import Future
from collections.abc import Sequence
from enum import IntEnum
from hashlib import blake2b
from typing import Any

import msgspec

from sanfang.protocol.events import Event, SuiteTicket, TmpAuthCode, parse_event

from .database import Database
from .writer import Row, Writer

SUITE_LANE = ""
"""The lane of events that concern the suite and no corp."""

UNKNOWN_CORP = "?"
"""Begins the lane of a temporary code that came without its corp (2016 form); no corp_id does."""


class State(IntEnum):
    """What became of an event."""

    WAITING = 0
    DONE = 1
    SUPERSEDED = 2
    DEAD = 3


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """An event that was given up; ``note`` is its last failure, ``received`` in epoch ms."""

    id: int
    event_type: str
    corp_id: str | None
    received: int
    attempts: int
    note: str


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What the inbox knows about one event while it waits."""

    event: Event
    state: State
    attempts: int
    due: float
    progress: list[str]


class Waiting(msgspec.Struct, frozen=True):
    """The head of a waiting event, enough to line it up."""

    id: int
    lane: str


class Counts(msgspec.Struct, frozen=True):
    """How many events wait and how many are dead; never counts beyond `COUNT_LIMIT`."""

    waiting: int
    dead: int


COUNT_LIMIT = 10_000

_WAITING = "SELECT id, lane FROM inbox WHERE state = 0 AND id > ? AND id < ? ORDER BY id LIMIT ?"
_ONE = "SELECT plain, state, attempts, due, progress FROM inbox WHERE id = ?"
_COUNT = "SELECT count(*) FROM (SELECT 1 FROM inbox WHERE state = {} LIMIT ?)"
_DEAD = (
    "SELECT id, event_type, lane, received, attempts, note FROM inbox"
    " WHERE state = 3 AND id > ? ORDER BY id LIMIT ?"
)
_OLDEST = "SELECT id, state, received FROM inbox WHERE id > ? ORDER BY id LIMIT ?"
_NUDGE = (
    "INSERT INTO suite VALUES ('nudge', '1')"
    " ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1"
)


class Inbox:
    """Statements over the table `inbox`; see the schema for the columns."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer

    # Receiving

    def put(self, event: Event, plain: bytes, now: float) -> Future[int | None]:
        """Store an event; the future gives its id, or None for a duplicate."""
        key = key_of(event)
        row = Row(key, lane_of(event, key), event.event_type, plain, int(now * 1000))
        return self._writer.insert(row, event)

    # Handling

    def waiting(self, after: int, before: int = 2**63 - 1, limit: int = 100_000) -> list[Waiting]:
        """List waiting events between two ids, in the order of arrival."""
        return [Waiting(*row) for row in self._database.rows(_WAITING, (after, before, limit))]

    def read(self, event_id: int) -> Kept | None:
        """Read one event with its history."""
        rows = self._database.rows(_ONE, (event_id,))
        if not rows:
            return None
        plain, state, attempts, due, progress = rows[0]
        return Kept(
            event=parse_event(plain),
            state=State(state),
            attempts=attempts,
            due=due / 1000,
            progress=json.loads(progress) if progress else [],
        )

    def finish(self, event_id: int) -> Future[None]:
        """Mark as done."""
        return self._writer.finish(event_id)

    def supersede(self, event_id: int, note: str) -> Future[None]:
        """End quietly: something later made the event void."""
        return self._set(event_id, state=State.SUPERSEDED, note=note)

    def postpone(self, event_id: int, attempts: int, due: float, note: str) -> Future[None]:
        """Remember a failed attempt and when the next one is due (epoch seconds)."""
        return self._set(event_id, attempts=attempts, due=int(due * 1000), note=note)

    def begin(self, event_id: int, attempts: int) -> Future[None]:
        """Count an attempt before it is made: a handler that kills the process must show."""
        return self._set(event_id, attempts=attempts)

    def bury(self, event_id: int, attempts: int, note: str) -> Future[None]:
        """Give up: the event becomes a dead letter."""
        return self._set(event_id, state=State.DEAD, attempts=attempts, note=note)

    def progress(self, event_id: int, done: Sequence[str]) -> Future[None]:
        """Remember which handlers have completed."""
        return self._set(event_id, progress=json.dumps(list(done)))

    def move(self, event_id: int, lane: str) -> Future[None]:
        """Put the event into another lane, once its corp is known."""
        return self._set(event_id, lane=lane)

    def revive(self, event_id: int) -> bool:
        """Give a dead letter a new life; tell whether there was one. Returns when committed."""
        return self._writer.run_now(lambda connection: _revive(connection, event_id))

    # Looking

    def is_waiting(self, event_id: int) -> bool:
        """Tell whether an event waits to be handled."""
        return bool(self.waiting(event_id - 1, event_id + 1))

    def dead(self, after: int = 0, limit: int = 100) -> list[DeadLetter]:
        """List dead letters by id."""
        return [
            DeadLetter(
                id=row[0],
                event_type=row[1],
                corp_id=row[2] or None,
                received=row[3],
                attempts=row[4],
                note=row[5],
            )
            for row in self._database.rows(_DEAD, (after, limit))
        ]

    def counts(self) -> Counts:
        """Count what waits and what is dead, up to `COUNT_LIMIT` each."""
        waiting, dead = (
            self._database.rows(_COUNT.format(int(state)), (COUNT_LIMIT,))[0][0]
            for state in (State.WAITING, State.DEAD)
        )
        return Counts(waiting, dead)

    def forget(
        self, before: float, after: int = 0, limit: int = 500
    ) -> tuple[int, Future[None] | None]:
        """Delete ended events received before ``before`` (epoch seconds), a bounded piece.

        Gives the id to go on after and the future of the deletion; 0 when there is no more now.
        Afterwards a second delivery of such an event would be taken for a new one.
        """
        rows = self._database.rows(_OLDEST, (after, limit))
        old = [row for row in rows if row[2] < before * 1000]
        ended = [row[0] for row in old if row[1] in (State.DONE, State.SUPERSEDED)]
        future = self._writer.run(lambda connection: _delete(connection, ended)) if ended else None
        return (old[-1][0] if len(old) == limit else 0), future

    def _set(self, event_id: int, **columns: Any) -> Future[None]:
        assignments = ", ".join(f"{name} = ?" for name in columns)
        sql = f"UPDATE inbox SET {assignments} WHERE id = ?"  # noqa: S608 - names are ours
        values = (*columns.values(), event_id)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(sql, values)

        return self._writer.run(work)


def lane_of(event: Event, key: bytes) -> str:
    """Return the lane in which an event waits its turn."""
    corp_id = event.corp_id
    if corp_id:
        return corp_id
    return UNKNOWN_CORP + key.hex() if isinstance(event, TmpAuthCode) else SUITE_LANE


def key_of(event: Event) -> bytes:
    """Return the 18 bytes by which a second delivery is recognised.

    In front the event's time, so that keys grow with time. Tickets and codes are the same event
    whenever they are pushed, so theirs begins with zeros.
    """
    time: int | None = None if type(event) in _TIMELESS else getattr(event, "timestamp", None)
    digest = blake2b(event.dedup_key().encode("utf-8", "surrogatepass"), digest_size=12).digest()
    if not time or time < 0:
        return b"\0\0\0\0\0\0" + digest
    return min(time, _LATEST).to_bytes(6, "big") + digest


_TIMELESS = frozenset({SuiteTicket, TmpAuthCode})
_LATEST = 2**48 - 1


def _revive(connection: sqlite3.Connection, event_id: int) -> bool:
    sql = "UPDATE inbox SET state = 0, attempts = 0, due = 0 WHERE id = ? AND state = 3"
    if connection.execute(sql, (event_id,)).rowcount == 0:
        return False
    connection.execute(_NUDGE)  # the process that handles may be another one
    return True


def _delete(connection: sqlite3.Connection, ids: list[int]) -> None:
    sql = "DELETE FROM inbox WHERE id IN (SELECT value FROM json_each(?))"
    connection.execute(sql, (json.dumps(ids),))
