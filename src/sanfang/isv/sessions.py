"""The session cookie: who it is and until when, signed; nothing in it is secret, nothing is stored.

``v1.<base64url of the JSON>.<base64url of HMAC-SHA256>``. What is signed begins with the purpose,
so that one cookie never passes for another. A restart ends no session, and several processes of
one app share them, because the key comes from the app's own secret; a new secret ends them all.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)

_LONGEST = 3800  # bytes; browsers drop a cookie above 4096


class TooLong(ValueError):  # noqa: N818
    """What should be remembered does not fit into a cookie."""


class Sealed(msgspec.Struct, Generic[T]):
    """What a cookie says, and when that ends (epoch seconds)."""

    of: T
    ends: float


class Signer(Generic[T]):
    """Sign and read the cookies of one purpose."""

    def __init__(self, secret: bytes, purpose: str, kind: type[T]) -> None:
        if not secret:
            raise ValueError("secret 为空 / the secret is empty")
        self._key = hmac.new(secret, b"sanfang cookies v1 " + purpose.encode(), "sha256").digest()
        self._decoder = msgspec.json.Decoder(Sealed[kind])  # type: ignore[valid-type]

    def sign(self, of: T, ends: float) -> str:
        """Return the cookie's value. Raises `TooLong`."""
        body = _text(msgspec.json.encode(Sealed(of, round(ends))))
        value = f"v1.{body}.{_text(self._mac(body))}"
        if len(value) > _LONGEST:
            raise TooLong(f"{len(value)} > {_LONGEST}")
        return value

    def read(self, value: str, now: float) -> T | None:
        """Return what a cookie says; None when it is not ours, was changed, or has ended."""
        version, _, rest = value.partition(".")
        body, _, mac = rest.partition(".")
        if version != "v1" or not body or len(value) > _LONGEST:
            return None
        try:
            given = _bytes(mac)
            if not hmac.compare_digest(given, self._mac(body)):
                return None
            said = self._decoder.decode(_bytes(body))
        except (binascii.Error, ValueError, msgspec.MsgspecError):
            return None
        return said.of if now < said.ends else None

    def _mac(self, body: str) -> bytes:
        return hmac.new(self._key, body.encode(), hashlib.sha256).digest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(
        text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True
    )
