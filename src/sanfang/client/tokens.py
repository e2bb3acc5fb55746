"""Tokens, their keys, and where they are kept.

A key carries kind, suite, app and corp by type, so that a token can never serve another tenant
(pains 5, 6 and 14). A store only remembers; whether a token is fresh, and who renews it, is
decided in `core` and `flights`.
"""

from __future__ import annotations

import math
import threading
from typing import NamedTuple, Protocol

from .credentials import tail

DEFAULT_LIFE = 7200.0
"""Seconds a token lives when the answer does not say (the gettoken sample of 2016)."""

AHEAD = 600.0
"""Seconds before expiry at which a token is renewed; never more than a quarter of its life."""


class TokenKey(NamedTuple):
    """Whose token it is: ``kind`` is corp, suite, isv_corp or jsapi_ticket; unused parts are empty.

    ``app`` is the app key, or for a corp secret a fingerprint of it: two secrets of one corp
    have two tokens.
    """

    kind: str
    suite: str = ""
    app: str = ""
    corp: str = ""


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
    """Where tokens are kept; called from any thread. Ours is `MemoryTokens`."""

    def get(self, key: TokenKey, /) -> Token | None:
        """Return the token of this key, expired or not, or None."""

    def put(self, key: TokenKey, token: Token, /) -> None:
        """Remember the token, in place of an older one."""

    def delete_if(self, key: TokenKey, value: str, /) -> bool:
        """Forget the token if its value is still ``value``, in one step; tell whether it was.

        It is called when a token was refused. Somebody may have renewed it in between, and the
        new one must stay.
        """


class MemoryTokens:
    """Keep tokens in this process only."""

    def __init__(self) -> None:
        self._tokens: dict[TokenKey, Token] = {}
        self._lock = threading.Lock()

    def get(self, key: TokenKey, /) -> Token | None:
        return self._tokens.get(key)

    def put(self, key: TokenKey, token: Token, /) -> None:
        with self._lock:
            self._tokens[key] = token

    def delete_if(self, key: TokenKey, value: str, /) -> bool:
        with self._lock:
            held = self._tokens.get(key)
            if held is None or held.value != value:
                return False
            del self._tokens[key]
            return True

    def __repr__(self) -> str:
        return f"<MemoryTokens {len(self._tokens)}>"
