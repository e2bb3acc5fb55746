"""How far the authorisation of each corp has come, on disk before the next step is taken."""

from __future__ import annotations

import sqlite3
from enum import StrEnum
from typing import Any

import msgspec

from .database import Database
from .writer import Writer


class CorpState(StrEnum):
    """How far a corp's authorisation has come.

    ``unknown`` nothing is stored; ``authorised`` the temporary code is used up; ``described``
    names and agents are known; ``active`` activated, its people can use the apps; ``relieved``
    the corp has ended the authorisation.
    """

    UNKNOWN = "unknown"
    AUTHORISED = "authorised"
    DESCRIBED = "described"
    ACTIVE = "active"
    RELIEVED = "relieved"


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """A micro-app in a corp. ``close``: 2 to be activated, 1 in use, 0 disabled, None not asked."""

    agent_id: int
    app_id: int | None = None
    name: str = ""
    close: int | None = None


class CorpRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered about one corp. The numbers are inbox ids, 0 for never.

    ``since``: the event that began this authorisation, ``auth_time`` its time in epoch ms;
    ``described_by``, ``activated_by``, ``relieved_by``: the event that led to the step.
    """

    corp_id: str
    state: CorpState = CorpState.UNKNOWN
    corp_name: str = ""
    user_id: str = ""  # the administrator who authorised
    agents: list[Agent] = []
    since: int = 0
    auth_time: int = 0
    described_by: int = 0
    activated_by: int = 0
    relieved_by: int = 0


_decode = msgspec.json.Decoder(CorpRecord).decode
_encode = msgspec.json.Encoder().encode

_CACHED = 10_000

_ONE = "SELECT body FROM corps WHERE corp_id = ?"
_ALL = "SELECT body FROM corps WHERE corp_id > ? ORDER BY corp_id LIMIT ?"
_RELIEVED = "SELECT 1 FROM corps WHERE json_extract(body, '$.relieved_by') > ? LIMIT 1"
_CODE = "SELECT permanent_code FROM corps WHERE corp_id = ?"
_SAVE = (
    "INSERT INTO corps (corp_id, state, body) VALUES (?, ?, ?)"
    " ON CONFLICT (corp_id) DO UPDATE SET state = excluded.state, body = excluded.body"
)
_SET_CODE = "UPDATE corps SET permanent_code = ? WHERE corp_id = ?"
_MOVE = "UPDATE inbox SET lane = ? WHERE id = ?"


class Records:
    """Statements over the table `corps`."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer
        self._cache: dict[str, CorpRecord] = {}

    def cached(self, corp_id: str) -> CorpRecord:
        """Read a corp's record, from memory if it was read before.

        Only for the process that handles events: nobody else changes records.
        """
        record = self._cache.get(corp_id)
        if record is None:
            if len(self._cache) >= _CACHED:
                self._cache.clear()
            record = self._cache[corp_id] = self.get(corp_id)
        return record

    def get(self, corp_id: str) -> CorpRecord:
        """Read a corp's record; one in state ``unknown`` when there is none."""
        rows = self._database.rows(_ONE, (corp_id,))
        return _decode(rows[0][0]) if rows else CorpRecord(corp_id=corp_id)

    def list(self, after: str = "", limit: int = 1000) -> list[CorpRecord]:
        """List records in the order of corp_id."""
        return [_decode(body) for (body,) in self._database.rows(_ALL, (after, limit))]

    def relieved_since(self, event_id: int) -> bool:
        """Tell whether any corp has relieved since an event came in; looks at all corps."""
        return bool(self._database.rows(_RELIEVED, (event_id,)))

    async def save(self, record: CorpRecord) -> None:
        """Store a record; on disk when this returns."""
        await self._writer.run(lambda connection: _save(connection, record))
        self._cache.pop(record.corp_id, None)

    def put_now(self, record: CorpRecord) -> None:
        """Store a record unless it is stored like this already. Blocks until it is on disk."""
        if self.get(record.corp_id) != record:
            self._writer.run_now(lambda connection: _save(connection, record))
            self._cache.pop(record.corp_id, None)

    def permanent_code(self, corp_id: str) -> str | None:
        """Read a corp's permanent code."""
        rows = self._database.rows(_CODE, (corp_id,))
        return rows[0][0] if rows else None

    def authorise(self, record: CorpRecord, code: str) -> None:
        """Store a permanent code with its record, and the event in the corp's lane, as one.

        Blocks until it is on disk: the code cannot be read again (FAQ F45).
        """

        def work(connection: sqlite3.Connection) -> None:
            _save(connection, record)
            connection.execute(_SET_CODE, (code, record.corp_id))
            connection.execute(_MOVE, (record.corp_id, record.since))

        self._writer.run_now(work)
        self._cache.pop(record.corp_id, None)

    def set_code(self, corp_id: str, code: str | None) -> None:
        """Store or delete a permanent code by itself. Blocks until it is on disk."""

        def work(connection: sqlite3.Connection) -> None:
            if code is not None and not connection.execute(_ONE, (corp_id,)).fetchall():
                _save(connection, CorpRecord(corp_id=corp_id))
            connection.execute(_SET_CODE, (code, corp_id))

        self._writer.run_now(work)
        self._cache.pop(corp_id, None)


def _save(connection: sqlite3.Connection, record: CorpRecord) -> None:
    values: tuple[Any, ...] = (record.corp_id, record.state.value, _encode(record).decode())
    connection.execute(_SAVE, values)
