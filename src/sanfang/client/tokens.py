"""Tokens, their keys, and where they are kept.

A key carries platform, kind, suite, app, corp and user by type, so that a token can never serve
another tenant, and a sandbox's never production (pains 5, 6 and 14). A store only remembers, and
says whose turn it is to renew; whether a token is fresh is decided in `keeper`.
Stores that outlive the process are in `sanfang.client.stores`.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from .credentials import tail

DEFAULT_LIFE = 7200.0
"""Seconds a token lives when the answer does not say (the gettoken sample of 2016)."""

AHEAD = 600.0
"""Seconds before expiry at which a token is renewed; never more than a quarter of its life."""


class TokenKey(NamedTuple):
    """Whose token it is; unused parts are empty.

    ``kind`` is corp, oauth, suite, oauth_suite, isv_corp, oauth_isv_corp, sso, sns, user,
    user_refresh, sns_user or jsapi_ticket. ``app`` is the app key, or for a corp secret a
    fingerprint of it: two secrets of one corp have two tokens. ``user`` is the person whose token
    it is, by the name that the app gave (user tokens and sns tokens only). ``platform`` is the
    address of the platform; the client adds it whenever it asks a store.
    """

    kind: str
    suite: str = ""
    app: str = ""
    corp: str = ""
    user: str = ""
    platform: str = ""


class Token(NamedTuple):
    """A token with the times (seconds since 1970) it was fetched and will expire.

    A token without an expiry has ``math.inf``.
    """

    value: str
    fetched_at: float
    expires_at: float = math.inf

    def valid(self, now: float) -> bool:
        """Tell whether the token has not expired."""
        return now < self.expires_at

    def fresh(self, now: float) -> bool:
        """Tell whether the token need not be renewed yet."""
        life = self.expires_at - self.fetched_at
        return now < self.expires_at - min(AHEAD, life / 4)

    def __repr__(self) -> str:
        return f"Token('{tail(self.value)}', expires_at={self.expires_at:.0f})"


class TokenStore(Protocol):
    """Where tokens are kept; called from any thread, and by any number of processes.

    Every method is one atomic step on all of them. ``sanfang.client.stores.conformance`` tests a
    store of your own. A store that answers at once and never blocks (memory) may say
    ``instant = True``; any other is called in a thread, so that no event loop waits for it.

    A *lease* is the turn to renew a token. It ends by itself after its seconds, so that nobody
    waits for ever for a holder that died. It has a *fence*: a number above that of every lease of
    this key before it. A holder that stalled past its lease comes back with an old number, and
    its `put` is refused, so that it cannot overwrite a newer token.
    """

    def get(self, key: TokenKey, /) -> Token | None:
        """Return the token of this key, expired or not, or None."""

    def lease(self, key: TokenKey, seconds: float, /) -> int | None:
        """Take the turn to renew the token; return the fence, or None while another has it."""

    def extend(self, key: TokenKey, fence: int, seconds: float, /) -> bool:
        """Let the lease last so many seconds from now; False if it was released or has passed on.

        A lease that ran out, and that nobody has taken since, is extended.
        """

    def release(self, key: TokenKey, fence: int, /) -> None:
        """Give the turn back without a token; does nothing when it is another's by now."""

    def put(self, key: TokenKey, token: Token, fence: int | None = None, /) -> bool:
        """Remember the token, in place of an older one, and end the lease in the same step.

        Returns False, and changes nothing, when a lease was given, or a token put, after
        ``fence``. Without a fence it is always done, and outdates every lease given so far.
        """

    def delete_if(self, key: TokenKey, value: str, /) -> bool:
        """Forget the token if its value is still ``value``, in one step; tell whether it was.

        It is called when a token was refused. Somebody may have renewed it in between, and the
        new one must stay. Neither lease nor fence is touched.
        """


STORE_METHODS = ("get", "lease", "extend", "release", "put", "delete_if")


class MemoryTokens:
    """Keep tokens in this process only; clients that share it renew once for all of them."""

    instant = True

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._tokens: dict[TokenKey, Token] = {}
        self._leases: dict[TokenKey, tuple[int, float]] = {}  # fence, end (0 when given back)
        self._clock = clock
        self._lock = threading.Lock()

    def get(self, key: TokenKey, /) -> Token | None:
        return self._tokens.get(key)

    def lease(self, key: TokenKey, seconds: float, /) -> int | None:
        with self._lock:
            fence, end = self._leases.get(key, (0, 0.0))
            now = self._clock()
            if now < end:
                return None
            self._leases[key] = (fence + 1, now + seconds)
            return fence + 1

    def extend(self, key: TokenKey, fence: int, seconds: float, /) -> bool:
        with self._lock:
            last, end = self._leases.get(key, (0, 0.0))
            if last != fence or not end:
                return False
            self._leases[key] = (fence, self._clock() + seconds)
            return True

    def release(self, key: TokenKey, fence: int, /) -> None:
        with self._lock:
            if self._leases.get(key, (0, 0.0))[0] == fence:
                self._leases[key] = (fence, 0.0)

    def put(self, key: TokenKey, token: Token, fence: int | None = None, /) -> bool:
        with self._lock:
            last = self._leases.get(key, (0, 0.0))[0]
            if fence is None:
                last += 1
            elif fence != last:
                return False
            self._leases[key] = (last, 0.0)
            self._tokens[key] = token
            return True

    def delete_if(self, key: TokenKey, value: str, /) -> bool:
        with self._lock:
            held = self._tokens.get(key)
            if held is None or held.value != value:
                return False
            del self._tokens[key]
            return True

    def __repr__(self) -> str:
        return f"<MemoryTokens {len(self._tokens)}>"
