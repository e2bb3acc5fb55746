"""What the domain may ask of storage: one durable port, one hot port.

*Durable* holds what must never be lost. The statements are ``Query`` constants in
``sanfang.platform.store.queries``, written once and spelt for SQLite and PostgreSQL by ``Query``
itself. A change happens in a *body*: an ``async def body(tx)`` that awaits nothing but ``tx`` and
may be run again from the start (PostgreSQL retries serialisation failures and deadlocks), so it
must not touch anything outside its transaction. ``transact`` returns once the change is on disk.

*Hot* holds what expires or is counted. Every operation is atomic, also under concurrency and across
processes. Time is always passed in (``now``, epoch milliseconds), never taken from the system, so
that a sandbox can travel.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

T = TypeVar("T")
Value = str | int | bytes | None
Row = Sequence[Any]

_LOCK = re.compile(r"\s+FOR (?:UPDATE|SHARE)(?: SKIP LOCKED)?")
_PARAM = re.compile(r"\$(\d+)")
_CAST = re.compile(r"::\w+(?:\[\])?")


class Query:
    """One statement, in PostgreSQL's spelling (``$1``, ``FOR UPDATE SKIP LOCKED``, ``::text``).

    SQLite has one writer at a time, so its spelling drops the row locks (and casts). Columns use
    only TEXT, BIGINT and BYTEA/BLOB; booleans are 0 and 1, times are epoch milliseconds.

    ``sqlite`` has plain ``?`` marks, because Python 3.12.0-3.12.3 warn at numbered ones; ``order``
    says which argument each mark takes, None when they come one after another.

    ``often``: asked by nearly every request and answered alike until something is written, so that
    a store that sees every write may answer ``one`` from memory.
    """

    __slots__ = ("name", "often", "order", "postgres", "sqlite")

    def __init__(self, name: str, text: str, *, often: bool = False) -> None:
        self.name = name
        self.often = often
        self.postgres = " ".join(text.split())
        self.sqlite = _PARAM.sub("?", _CAST.sub("", _LOCK.sub("", self.postgres)))
        order = tuple(int(number) - 1 for number in _PARAM.findall(self.postgres))
        self.order = None if order == tuple(range(len(order))) else order

    def __repr__(self) -> str:
        return f"Query({self.name})"


class Reader(Protocol):
    async def one(self, query: Query, *args: Value) -> Row | None:
        """Return the first row, or None."""

    async def all(self, query: Query, *args: Value) -> list[Row]:
        """Return every row. The caller bounds the number with LIMIT or by key."""


class Tx(Reader, Protocol):
    """A transaction in progress; reads see its own writes."""

    async def run(self, query: Query, *args: Value) -> int:
        """Execute a statement; return the number of rows it touched."""

    async def many(self, query: Query, rows: Iterable[Sequence[Value]]) -> None:
        """Execute a statement once per row."""

    def notify(self, channel: str, payload: str) -> None:
        """Tell every listener of ``channel``, in every process, once and only if this commits."""


class Durable(Reader, Protocol):
    async def transact(self, body: Callable[[Tx], Awaitable[T]]) -> T:
        """Run ``body`` in one transaction; return its result when it is durably committed.

        An exception from the body rolls back and is raised as it is.
        """

    async def listen(self, channel: str, callback: Callable[[str], None]) -> None:
        """Call ``callback(payload)`` in the event loop for every committed ``notify``."""

    async def close(self) -> None: ...


class Window(NamedTuple):
    """One rate rule of a decision: at most ``limit`` admissions of ``key`` in any ``span``.

    A span is at most 60,000 ms. 0: all admissions of the key count, forever; the key then names a
    time of its own (a month), and memory alone forgets them with the process.
    """

    key: str
    limit: int
    span: int = 60_000


class Hot(Protocol):
    async def put(self, key: str, value: bytes, *, now: int, ttl: int) -> None:
        """Store ``value`` until ``now + ttl`` milliseconds, replacing what is there."""

    async def get(self, key: str, *, now: int) -> bytes | None:
        """Return a value that has not expired."""

    async def keep(self, key: str, value: bytes, *, now: int, ttl: int) -> bytes:
        """Return the live value, renewed to ``now + ttl``; else store ``value`` and return it."""

    async def take(self, key: str, *, now: int) -> bytes | None:
        """Return a live value and remove it: of any number of callers exactly one gets it."""

    async def extend(self, key: str, *, now: int, ttl: int) -> bool:
        """Renew a live value to ``now + ttl``; False if there is none."""

    async def swap(self, key: str, old: bytes | None, new: bytes, *, now: int, ttl: int) -> bool:
        """Store ``new`` where the live value is exactly ``old`` (None: there is none); else False."""

    async def delete(self, *keys: str) -> None: ...

    async def admit(self, windows: Sequence[Window], *, now: int) -> int:
        """Count one call in every window, or in none.

        Return -1 when admitted, else the index of the first window that is full. The keys of one
        call are distinct. Never more than the limit in any span (60 seconds, say); refuses only when
        the limit was reached within a sixtieth more (exact to 2 percent; to 4 in spans of a second).
        One round trip on Redis.
        """

    async def lease(self, key: str, owner: str, *, now: int, ttl: int) -> int | None:
        """Take or renew a lease; return its fencing number, or None if another owner holds it.

        The number grows with every new holder of ``key``.
        """

    async def release(self, key: str, owner: str) -> None:
        """Give a lease back if ``owner`` still holds it."""

    async def close(self) -> None: ...
