"""What the suite itself must remember: who it is, its ticket, its corps' permanent codes.

`SuiteFile` is the durable `sanfang.client.SuiteStore`. Its writes block for one fsync, on purpose:
when `save_permanent_code` returns, the code is on disk.
"""

from __future__ import annotations

import contextlib
import sqlite3
from asyncio import Future
from collections.abc import Iterator
from contextvars import ContextVar
from typing import NamedTuple

from .database import Database
from .records import CorpRecord, CorpState, Records
from .writer import Writer

_ONE = "SELECT value FROM suite WHERE name = ?"
_TICKET = "SELECT name, value FROM suite WHERE name IN ('ticket', 'ticket_time', 'ticket_received')"
_SET = "INSERT INTO suite VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


class SuiteMismatch(ValueError):  # noqa: N818 - says what is the matter
    """The data file belongs to another suite."""


class Identity(NamedTuple):
    """The suite's key and secret."""

    suite_key: str
    suite_secret: str

    def __repr__(self) -> str:
        return f"Identity({self.suite_key!r}, …)"


class Ticket(NamedTuple):
    """The suite_ticket held: ``time`` is the platform's, ``received`` ours; epoch ms."""

    value: str
    time: int
    received: int

    def __repr__(self) -> str:
        return f"Ticket(time={self.time}, received={self.received})"


class SuiteFile:
    """The suite's own rows; also the `SuiteStore` of its client."""

    # Reads are short and indexed, writes are meant to block: the client shall call it directly.
    instant = True

    def __init__(self, database: Database, writer: Writer, records: Records) -> None:
        self._database = database
        self._writer = writer
        self._records = records
        # The tmp_auth_code event being exchanged by this task, so that code and event are stored
        # as one; and whether the task wants the signed form, which takes no permanent code.
        self._exchange: ContextVar[CorpRecord | None] = ContextVar("exchange", default=None)
        self._withheld: ContextVar[bool] = ContextVar("withheld", default=False)

    # Who we are

    def identity(self) -> Identity | None:
        """Return the key and secret that `configure` stored, if it did."""
        key, secret = self._get("suite_key"), self._get("suite_secret")
        return Identity(key, secret) if key and secret else None

    def configure(self, identity: Identity) -> None:
        """Store key and secret. Raises `SuiteMismatch` when the file is another suite's."""
        held = self._get("suite_key")
        if held is not None and held != identity.suite_key:
            raise SuiteMismatch(
                f"数据文件 {self._database.path} 属于套件 {held}，不是 {identity.suite_key}："
                "每个套件请用自己的 data 文件"
                f" / {self._database.path} belongs to suite {held}, not {identity.suite_key}: "
                "give each suite a data file of its own"
            )
        if self.identity() != identity:
            self._set(suite_key=identity.suite_key, suite_secret=identity.suite_secret)

    # The ticket

    def held_ticket(self) -> Ticket | None:
        """Return the ticket with its times."""
        return _ticket_of(self._database.rows(_TICKET))

    def keep_ticket(self, ticket: Ticket) -> Future[None]:
        """Store a ticket unless it is held already or a newer one is."""
        return self._writer.run(lambda connection: _keep(connection, ticket))

    def nudge(self) -> str | None:
        """Return a number that changes when another process revived a dead letter."""
        return self._get("nudge")

    # SuiteStore

    def ticket(self, suite_key: str, /) -> str | None:
        return self._get("ticket") if self._ours(suite_key) else None

    def save_ticket(self, suite_key: str, ticket: str, /) -> None:
        self._refuse_foreign(suite_key)
        self._set(ticket=ticket, ticket_time="0", ticket_received="0")

    def permanent_code(self, suite_key: str, corp_id: str, /) -> str | None:
        if self._withheld.get() or not self._ours(suite_key):
            return None
        return self._records.permanent_code(corp_id)

    def save_permanent_code(self, suite_key: str, corp_id: str, code: str, /) -> None:
        self._refuse_foreign(suite_key)
        begun = self._exchange.get()
        if begun is None:
            self._records.set_code(corp_id, code)
        else:
            self._records.authorise(_adopted(begun, self._records.get(corp_id)), code)

    def forget_corp(self, suite_key: str, corp_id: str, /) -> None:
        if self._ours(suite_key):
            self._records.set_code(corp_id, None)

    # For the lifecycle

    @contextlib.contextmanager
    def exchanging(self, event_id: int, auth_time: int) -> Iterator[None]:
        """While inside, a permanent code that arrives belongs to this event."""
        begun = CorpRecord(corp_id="", since=event_id, auth_time=auth_time)
        token = self._exchange.set(begun)
        try:
            yield
        finally:
            self._exchange.reset(token)

    @contextlib.contextmanager
    def without_code(self) -> Iterator[None]:
        """While inside, the client knows no permanent code and uses the signed form."""
        token = self._withheld.set(True)
        try:
            yield
        finally:
            self._withheld.reset(token)

    def _ours(self, suite_key: str) -> bool:
        return self._get("suite_key") == suite_key

    def _refuse_foreign(self, suite_key: str) -> None:
        if not self._ours(suite_key):
            raise SuiteMismatch(
                f"{self._database.path} 不属于套件 {suite_key}"
                f" / {self._database.path} does not belong to suite {suite_key}"
            )

    def _get(self, name: str) -> str | None:
        rows = self._database.rows(_ONE, (name,))
        return rows[0][0] if rows else None

    def _set(self, **values: str) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(_SET, list(values.items()))

        self._writer.run_now(work)


def _ticket_of(rows: list[tuple[str, str]]) -> Ticket | None:
    held = dict(rows)
    if "ticket" not in held:
        return None
    return Ticket(held["ticket"], int(held["ticket_time"]), int(held["ticket_received"]))


def _keep(connection: sqlite3.Connection, ticket: Ticket) -> None:
    held = _ticket_of(connection.execute(_TICKET).fetchall())
    if held is not None and (held.value == ticket.value or 0 < ticket.time < held.time):
        return
    values = (ticket.value, str(ticket.time), str(ticket.received))
    names = ("ticket", "ticket_time", "ticket_received")
    connection.executemany(_SET, list(zip(names, values, strict=True)))


def _adopted(begun: CorpRecord, known: CorpRecord) -> CorpRecord:
    """Return the record of a corp whose code was just exchanged."""
    return CorpRecord(
        corp_id=known.corp_id,
        state=CorpState.AUTHORISED,
        corp_name=known.corp_name,
        since=begun.since,
        auth_time=begun.auth_time,
        relieved_by=known.relieved_by,
    )
