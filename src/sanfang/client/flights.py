"""Single flight: of all who want the same token at once, one fetches it.

50 cold threads otherwise make 50 token calls, and where a new token kills the one before, 49 of
them hold a dead one. Both kinds share two rules:

- A failure is shared as well: who waited for it does not try again by itself, or 50 callers of a
  dead server would wait for 50 time-outs in a row.
- While the old token still works nobody waits.

This is one process; that only one of many fetches is the store's lease, see `keeper`.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable

from .errors import SanfangError
from .tokens import Token, TokenKey


class _Flight:
    def __init__(self) -> None:
        self.landed = threading.Event()
        self.token: Token | None = None
        self.failure: BaseException | None = None


class Flights:
    """Single flight for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[TokenKey, _Flight] = {}

    def token(self, key: TokenKey, fetch: Callable[[], Token], fallback: Token | None) -> Token:
        """Return the token that ``fetch`` brings, to this caller or to another."""
        while True:
            flight, first = self._board(key, fallback)
            if flight is None:
                assert fallback is not None
                return fallback
            if first:
                return self._lead(key, flight, fetch)
            flight.landed.wait()
            if flight.token is not None:
                return flight.token
            if isinstance(flight.failure, SanfangError):
                raise copy.copy(flight.failure)
            # The leader was interrupted, or its store broke; that is no answer for us.

    def _board(self, key: TokenKey, fallback: Token | None) -> tuple[_Flight | None, bool]:
        with self._lock:
            flight = self._under_way.get(key)
            if flight is not None:
                return (flight if fallback is None else None), False
            flight = self._under_way[key] = _Flight()
            return flight, True

    def _lead(self, key: TokenKey, flight: _Flight, fetch: Callable[[], Token]) -> Token:
        try:
            flight.token = fetch()
        except BaseException as failure:
            flight.failure = failure
            raise
        else:
            return flight.token
        finally:
            with self._lock:
                del self._under_way[key]
            flight.landed.set()
