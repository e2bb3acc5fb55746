"""What an encrypted message looks like on the wire, to write and to read (callback-crypto.md §1-2).

Reading is tolerant where senders are known to differ: ``signature`` or ``msg_signature`` in the
query, ``timeStamp`` or ``timestamp`` in both, text or number in a reply. A number is taken as the
literal text that was received, because that text is what the sender signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote_plus, urlencode

import msgspec

from sanfang.protocol.refusals import CallbackError


class Sealed(NamedTuple):
    """An encrypted message with its signature, as it travels in a request or in a reply."""

    signature: str
    timestamp: str
    nonce: str
    encrypt: str

    def query(self) -> str:
        """Write the query of a push: ``signature``, the same as ``msg_signature``, and so on."""
        return urlencode(
            {
                "signature": self.signature,
                "msg_signature": self.signature,
                "timestamp": self.timestamp,
                "nonce": self.nonce,
            }
        )

    def body(self) -> bytes:
        """Write the body of a push."""
        return msgspec.json.encode({"encrypt": self.encrypt})

    def reply(self) -> bytes:
        """Write the body of a reply; the time field is spelt ``timeStamp`` and is a string."""
        return msgspec.json.encode(
            {
                "msg_signature": self.signature,
                "timeStamp": self.timestamp,
                "nonce": self.nonce,
                "encrypt": self.encrypt,
            }
        )


class Reply(NamedTuple):
    """A receiver's reply: the message, and the field names in the order received."""

    sealed: Sealed
    fields: list[str]


class _PushBody(msgspec.Struct):
    encrypt: str


_push_body = msgspec.json.Decoder(_PushBody)
_reply_body = msgspec.json.Decoder(dict[str, msgspec.Raw])
_text = msgspec.json.Decoder(str)
# msgspec reports bad UTF-8 as UnicodeError and absurd nesting as RecursionError.
_UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)


def parse_push(query: bytes | str | Mapping[str, str], body: bytes) -> Sealed:
    """Read a push as its receiver; parameters come from the query only, never from the body.

    Raises `CallbackError`: 900005 signature missing, 900002 or 900003 timestamp or nonce
    missing, 900008 no ``encrypt`` in the body (``fields`` names what was there instead).
    """
    given = query if isinstance(query, Mapping) else _parse_query(query)
    signature = given.get("signature") or given.get("msg_signature")
    timestamp = given.get("timestamp") or given.get("timeStamp")
    nonce = given.get("nonce")
    if not signature:
        raise CallbackError(900005, "the query has neither signature nor msg_signature")
    if not timestamp:
        raise CallbackError(900002, "the query has neither timestamp nor timeStamp")
    if not nonce:
        raise CallbackError(900003, "the query has no nonce")
    try:
        encrypt = _push_body.decode(body).encrypt
    except _UNREADABLE:
        fields = list(_objects(body))
        raise CallbackError(900008, 'the body is not {"encrypt": "..."}', fields) from None
    return Sealed(signature, timestamp, nonce, encrypt)


def parse_reply(body: bytes, *, strict: bool = False) -> Reply:
    """Read a receiver's reply as the sender of the push.

    With ``strict`` the spelling ``timestamp`` is refused as in 2016 (FAQ F40). Raises
    `CallbackError` with ``fields``: 900008 not JSON or no ``encrypt``, 900005 no
    ``msg_signature``, 900002 no time, 900003 no ``nonce``.
    """
    raw = _objects(body)
    fields = list(raw)
    if not raw:
        raise CallbackError(900008, "the reply is not a JSON object with fields")
    encrypt = _literal(raw.get("encrypt"))
    signature = _literal(raw.get("msg_signature"))
    timestamp = _literal(raw.get("timeStamp"))
    if not timestamp and not strict:
        timestamp = _literal(raw.get("timestamp"))
    nonce = _literal(raw.get("nonce"))
    if not encrypt:
        raise CallbackError(900008, "the reply has no encrypt", fields)
    if not signature:
        raise CallbackError(900005, "the reply has no msg_signature", fields)
    if not timestamp:
        raise CallbackError(900002, "the reply has no timeStamp, spelt so", fields)
    if not nonce:
        raise CallbackError(900003, "the reply has no nonce", fields)
    return Reply(Sealed(signature, timestamp, nonce, encrypt), fields)


def _parse_query(query: bytes | str) -> dict[str, str]:
    text = query.decode("utf-8", "replace") if isinstance(query, bytes) else query
    found: dict[str, str] = {}
    for pair in text.split("&"):
        name, _, value = pair.partition("=")
        if "%" in pair or "+" in pair:
            name, value = unquote_plus(name), unquote_plus(value)
        found.setdefault(name, value)
    return found


def _objects(body: bytes) -> dict[str, Any]:
    try:
        return _reply_body.decode(body)
    except _UNREADABLE:
        return {}


def _literal(raw: msgspec.Raw | None) -> str:
    """Give a JSON string's text, or a number's digits as they were written."""
    if raw is None:
        return ""
    literal = bytes(raw)
    if literal[:1] == b'"':
        try:
            return _text.decode(literal)
        except _UNREADABLE:
            return ""
    # null, true, objects and lists are none of the forms a sender could have signed.
    return literal.decode("ascii") if literal[:1].isdigit() or literal[:1] == b"-" else ""
