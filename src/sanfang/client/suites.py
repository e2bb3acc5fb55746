"""What a suite must remember: its suite_ticket, and a permanent code per authorised corp."""

from __future__ import annotations

from typing import Protocol


class SuiteStore(Protocol):
    """Where a suite keeps what the platform tells it only once.

    Neither a ticket nor a permanent code expires for the store: the platform alone ends them.
    Durable ones are in `sanfang.client.stores`; a `sanfang.isv` app brings its own.
    ``sanfang.client.stores.conformance`` tests one of yours. One that never blocks may say
    ``instant = True``; any other is called in a thread where there is an event loop.
    """

    def ticket(self, suite_key: str, /) -> str | None:
        """Return the last suite_ticket pushed, or None."""

    def save_ticket(self, suite_key: str, ticket: str, /) -> None:
        """Remember the suite_ticket."""

    def permanent_code(self, suite_key: str, corp_id: str, /) -> str | None:
        """Return the corp's permanent code, or None; without one the signed form is used."""

    def save_permanent_code(self, suite_key: str, corp_id: str, code: str, /) -> None:
        """Remember the corp's permanent code, durably: it cannot be read again."""

    def forget_corp(self, suite_key: str, corp_id: str, /) -> None:
        """Forget the corp's permanent code, after suite_relieve."""


class MemorySuites:
    """Keep tickets and permanent codes in this process only: for tests and scripts."""

    instant = True

    def __init__(self) -> None:
        self._tickets: dict[str, str] = {}
        self._codes: dict[tuple[str, str], str] = {}

    def ticket(self, suite_key: str, /) -> str | None:
        return self._tickets.get(suite_key)

    def save_ticket(self, suite_key: str, ticket: str, /) -> None:
        self._tickets[suite_key] = ticket

    def permanent_code(self, suite_key: str, corp_id: str, /) -> str | None:
        return self._codes.get((suite_key, corp_id))

    def save_permanent_code(self, suite_key: str, corp_id: str, code: str, /) -> None:
        self._codes[suite_key, corp_id] = code

    def forget_corp(self, suite_key: str, corp_id: str, /) -> None:
        self._codes.pop((suite_key, corp_id), None)

    def __repr__(self) -> str:
        return f"<MemorySuites {len(self._tickets)} tickets, {len(self._codes)} corps>"
