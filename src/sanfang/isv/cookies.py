"""The two cookies of the ready endpoints: a session, and a web sign-in that has begun."""

from __future__ import annotations

import hmac
from collections.abc import Callable

import msgspec

from .people import Person
from .sessions import Signer, TooLong

_LONGEST_NAME = 200
STATE_LIFE = 600.0  # seconds that somebody may take to sign in


class Begun(msgspec.Struct):
    """A web sign-in that has begun: its state, and where to go afterwards."""

    state: str
    next: str


class Cookies:
    """Make and read the cookies. ``secret`` is asked each time: it may come later, or change."""

    def __init__(
        self, secret: Callable[[], bytes], life: float, clock: Callable[[], float]
    ) -> None:
        self._secret = secret
        self._life = life
        self._clock = clock
        self._signers: tuple[bytes, Signer[Person], Signer[Begun]] | None = None

    def session(self, person: Person, secure: bool) -> tuple[str, str]:
        """Return the header that begins a session."""
        kept = msgspec.structs.replace(person, device_id="", name=person.name[:_LONGEST_NAME])
        value = self._keys()[1].sign(kept, self._clock() + self._life)
        return _cookie(session_name(secure), value, self._life, secure)

    def person(self, value: str) -> Person | None:
        """Return whose session it is; None when it is not ours, was changed, or has ended."""
        return self._keys()[1].read(value, self._clock()) if value else None

    def no_session(self, secure: bool) -> tuple[str, str]:
        """Return the header that ends a session in the browser."""
        return _cookie(session_name(secure), "", 0, secure)

    def begun(self, state: str, next_: str, home: str, secure: bool) -> tuple[str, str]:
        """Return the header that remembers a sign-in; ``home`` where ``next_`` is too long."""
        signer, ends = self._keys()[2], self._clock() + STATE_LIFE
        try:
            value = signer.sign(Begun(state, next_), ends)
        except TooLong:
            value = signer.sign(Begun(state, home), ends)
        return _cookie(begun_name(secure), value, STATE_LIFE, secure)

    def begun_by(self, value: str, state: str) -> Begun | None:
        """Return the sign-in that began with this state; None when it did not begin here."""
        begun = self._keys()[2].read(value, self._clock())
        if begun is None or not hmac.compare_digest(begun.state.encode(), state.encode()):
            return None
        return begun

    def not_begun(self, secure: bool) -> tuple[str, str]:
        """Return the header that forgets the sign-in."""
        return _cookie(begun_name(secure), "", 0, secure)

    def _keys(self) -> tuple[bytes, Signer[Person], Signer[Begun]]:
        secret = self._secret()
        if self._signers is None or self._signers[0] != secret:
            made = Signer(secret, "session", Person), Signer(secret, "signin", Begun)
            self._signers = (secret, *made)
        return self._signers


def session_name(secure: bool) -> str:
    """Return the name of the session's cookie; over https it is bound to the host."""
    return "__Host-sanfang_session" if secure else "sanfang_session"


def begun_name(secure: bool) -> str:
    """Return the name of the cookie of a sign-in that has begun."""
    return "__Host-sanfang_signin" if secure else "sanfang_signin"


def _cookie(name: str, value: str, life: float, secure: bool) -> tuple[str, str]:
    text = f"{name}={value}; Path=/; Max-Age={int(life)}; HttpOnly; SameSite=Lax"
    return "set-cookie", f"{text}; Secure" if secure else text
