"""What to make of a push, decided without I/O: bytes in, what to answer and what to store out.

Order of checks (callback-crypto.md §1-§4): the form, the signature, decryption with our suite_key,
on 900010 with the key of suite creation, the event, its SuiteKey. The answer is sealed with the
key that fitted and repeats the request's timestamp and nonce, as the official demos do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sanfang.protocol.crypto import (
    CREATE_SUITE_KEY,
    CallbackCipher,
    CallbackError,
    Sealed,
    parse_push,
)
from sanfang.protocol.events import (
    CheckCreateSuiteUrl,
    CheckUpdateSuiteUrl,
    CheckUrl,
    Event,
    EventError,
    TmpAuthCode,
    parse_event,
)

from . import refusals
from .foreign import key_in
from .steps import CONCERNED

SUCCESS = b"success"
NOT_VALID = b"fail"

_NEEDS_CORP = frozenset(CONCERNED) - {TmpAuthCode}
_URL_CHECKS = (CheckCreateSuiteUrl, CheckUpdateSuiteUrl)


class Push(NamedTuple):
    """A genuine push. ``answer`` is the plain answer where it needs no thought, else None."""

    event: Event
    plain: bytes
    answer: bytes | None
    cipher: CallbackCipher
    sealed: Sealed

    def reply(self, plain: bytes) -> bytes:
        """Write the sealed answer."""
        sealed = self.sealed
        return self.cipher.seal(plain, timestamp=sealed.timestamp, nonce=sealed.nonce).reply()


class Reception:
    """The receiving end of one callback address. Raises `CallbackError` 900004 for a bad aes_key."""

    def __init__(
        self, token: str, aes_key: str, suite_key: str | None, also: Sequence[str] = ()
    ) -> None:
        self._aes_key = aes_key
        self._creating = CallbackCipher(token, aes_key, CREATE_SUITE_KEY)
        self._suite_key = suite_key
        # Other keys that are ours: a corp's own app is called by its CorpId as well.
        self._also = [self._creating.with_key_id(key) for key in also]
        self._own = self._creating.with_key_id(suite_key) if suite_key else None

    def configure(self, suite_key: str) -> None:
        """Take messages for this suite from now on."""
        self._suite_key = suite_key
        self._own = self._creating.with_key_id(suite_key)

    def open(self, query: bytes, body: bytes) -> Push:
        """Open a push; raises `refusals.Refused`."""
        try:
            sealed = parse_push(query, body)
            cipher, plain = self._decrypt(sealed)
        except CallbackError as error:
            raise refusals.Refused.by_protocol(error) from None
        try:
            event = parse_event(plain)
        except EventError as error:
            raise refusals.no_event(error.zh, error.en) from None
        return Push(event, plain, self._answer(event, cipher), cipher, sealed)

    def _decrypt(self, sealed: Sealed) -> tuple[CallbackCipher, bytes]:
        signature, timestamp, nonce, encrypt = sealed
        for own in (self._own, *self._also):
            if own is None:
                continue
            try:
                return own, own.open(encrypt, signature, timestamp, nonce)
            except CallbackError as error:
                if error.code != 900010:
                    raise
        creating = self._creating
        try:
            return creating, creating.open(encrypt, signature, timestamp, nonce)
        except CallbackError as error:
            if error.code != 900010:
                raise
        raise refusals.foreign_key(key_in(self._aes_key, encrypt), self._suite_key)

    def _answer(self, event: Event, cipher: CallbackCipher) -> bytes | None:
        if isinstance(event, _URL_CHECKS):
            return event.random.encode() or SUCCESS
        if isinstance(event, CheckUrl):
            return SUCCESS
        if cipher is self._creating:
            # Before a suite exists nothing but its URL check can be pushed.
            raise refusals.foreign_key(CREATE_SUITE_KEY, self._suite_key)
        named = getattr(event, "suite_key", None)
        if named and named != self._suite_key:
            raise refusals.foreign_key(named, self._suite_key)
        if type(event) in _NEEDS_CORP and not event.corp_id:
            raise refusals.no_event(
                f"{event.event_type} 事件没有 AuthCorpId，不知道是哪个企业。",
                f"The event {event.event_type} has no AuthCorpId, so it concerns nobody.",
            )
        return None
