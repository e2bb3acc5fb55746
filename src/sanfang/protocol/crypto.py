"""Callback encryption: both directions, both ends (callback-crypto.md §1-§5).

A message is AES-256-CBC over ``random(16) + length(4, big-endian) + message + key_id + padding``
under the key text of 43 Base64 characters; the IV is the first half of the key. Padding is PKCS#7
with blocks of 32, but senders that pad to 16 exist and are read too.

Why the cipher contexts live long: setting up an AES context costs more than encrypting a short
message. CBC carries nothing but the last cipher block over to the next message, so it only changes
the *first* block, which is random and thrown away by the receiver. Feeding message after message
into one context is therefore the same as starting anew with another random. For the sender this
keeps what CBC needs, because the first block is fresh random bytes each time; for the receiver the
first block comes out as noise and is discarded as before. Contexts are one per thread; after a fork
both sides go on from equal contexts but with random bytes of their own.

`open` never raises anything but `CallbackError`, whatever it is given. The order of checks is that
of §4: signature (constant time), Base64, block length, padding, length field, trailing key.
"""

from __future__ import annotations

import binascii
import hmac
import os
import threading
import time

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

from sanfang.protocol.refusals import CallbackError
from sanfang.protocol.sealed import Reply, Sealed, parse_push, parse_reply
from sanfang.protocol.signatures import callback_signature, same

__all__ = [
    "CREATE_SUITE_KEY",
    "CallbackCipher",
    "CallbackError",
    "Reply",
    "Sealed",
    "parse_push",
    "parse_reply",
]

CREATE_SUITE_KEY = "suite4xxxxxxxxxxxxxxx"
"""The ``$key`` of the URL check while a suite is being created and has no suite_key yet."""

_BLOCK = 16
_PAD_BLOCK = 32
_HEAD = 20  # random and length field
_PADS = tuple(bytes([n]) * n for n in range(_PAD_BLOCK + 1))
# msgspec decodes Base64 at twice the speed of binascii, but strictly; binascii reads the rest.
_base64 = msgspec.json.Decoder(bytes)


class _Contexts(threading.local):
    """The running encryptor and decryptor of one key in one thread."""

    def __init__(self, cipher: Cipher[modes.CBC]) -> None:
        self.encryptor: CipherContext = cipher.encryptor()
        self.decryptor: CipherContext = cipher.decryptor()


class CallbackCipher:
    """Seal and open callback messages of one token, key and ``$key``.

    ``aes_key`` is the EncodingAESKey (43 characters); ``key_id`` the suite_key, corpid or appkey.
    May be shared by threads and survives a fork. Raises `CallbackError` 900004 for a bad aes_key.
    """

    __slots__ = ("_cipher", "_contexts", "_key_id", "_key_text", "_token")

    def __init__(self, token: str, aes_key: str, key_id: str) -> None:
        key = _decode_key(aes_key)
        self._token = token
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:_BLOCK]))
        self._contexts = _Contexts(self._cipher)
        self._key_text = key_id
        self._key_id = key_id.encode()

    def __repr__(self) -> str:
        return f"CallbackCipher(key_id={self._key_text!r})"

    @property
    def key_id(self) -> str:
        """The suite_key, corpid or appkey that a message must carry."""
        return self._key_text

    def with_key_id(self, key_id: str) -> CallbackCipher:
        """Return a cipher of the same token and key for another ``$key``; costs next to nothing."""
        other = object.__new__(CallbackCipher)
        other._token = self._token
        other._cipher = self._cipher
        other._contexts = self._contexts
        other._key_text = key_id
        other._key_id = key_id.encode()
        return other

    def seal(
        self,
        plain: str | bytes,
        *,
        timestamp: str | None = None,
        nonce: str | None = None,
        random: bytes | None = None,
    ) -> Sealed:
        """Encrypt and sign a message.

        ``timestamp`` defaults to now in milliseconds, ``nonce`` to random text. ``random`` fixes
        the 16 leading bytes (for vectors); leave it out in earnest. Raises `CallbackError` 900001,
        900002 or 900003 for an empty message, timestamp or nonce.
        """
        try:
            message = plain.encode() if isinstance(plain, str) else plain
        except UnicodeError:
            raise CallbackError(900001, "the message is not valid text") from None
        fresh = os.urandom(_BLOCK + 6)
        if timestamp is None:
            timestamp = str(time.time_ns() // 1_000_000)
        if nonce is None:
            nonce = fresh[_BLOCK:].hex()
        if not (message and timestamp and nonce):
            raise CallbackError(_first_empty(message, timestamp, nonce))
        length = len(message)
        used = _HEAD + length + len(self._key_id)
        tail = (length.to_bytes(4, "big"), message, self._key_id, _PADS[32 - used % 32])
        if random is None:
            sealed = self._contexts.encryptor.update(b"".join((fresh[:_BLOCK], *tail)))
        elif len(random) == _BLOCK:
            sealed = self._cipher.encryptor().update(b"".join((random, *tail)))
        else:
            raise CallbackError(900007, "random must be 16 bytes")
        encrypt = binascii.b2a_base64(sealed, newline=False).decode("ascii")
        try:
            signature = callback_signature(self._token, timestamp, nonce, encrypt)
        except UnicodeError:
            raise CallbackError(900006, "the signed texts are not valid text") from None
        return Sealed(signature, timestamp, nonce, encrypt)

    def open(self, encrypt: str, signature: str, timestamp: str, nonce: str) -> bytes:
        """Verify and decrypt a message; the four texts exactly as received.

        Raises `CallbackError` only: 900002/900003 empty timestamp or nonce, 900005 signature,
        900008 not decryptable (Base64, block length, padding), 900009 length, 900010 ``$key``.
        """
        if not timestamp:
            raise CallbackError(900002)
        if not nonce:
            raise CallbackError(900003)
        try:
            expected = callback_signature(self._token, timestamp, nonce, encrypt)
            fits = same(expected, signature)
        except (TypeError, AttributeError, UnicodeError):
            raise CallbackError(900006, "the signed texts are not valid text") from None
        if not fits:
            raise CallbackError(900005)
        return self._decrypt(_decode_base64(encrypt))

    def _decrypt(self, sealed: bytes) -> bytes:
        if not sealed or len(sealed) % _BLOCK:
            raise CallbackError(900008, "the cipher text is not a whole number of blocks")
        if len(sealed) < 2 * _BLOCK:
            # The only block would be the noise of the running context: nothing to look at.
            raise CallbackError(900009)
        buffer = self._contexts.decryptor.update(sealed)
        pad = buffer[-1]
        if not 0 < pad <= _PAD_BLOCK or not hmac.compare_digest(buffer[-pad:], _PADS[pad]):
            raise CallbackError(900008, "the padding is wrong, so most likely the aes_key is")
        end = len(buffer) - pad
        # Padding that reaches into the length field leaves end below the head: refused as well.
        split = _HEAD + int.from_bytes(buffer[_BLOCK:_HEAD], "big")
        if split > end:
            raise CallbackError(900009)
        if not hmac.compare_digest(buffer[split:end], self._key_id):
            raise CallbackError(900010)
        return buffer[_HEAD:split]


def _decode_key(aes_key: str) -> bytes:
    # 43 characters carry 258 bits; the last two are dropped, so the text need not be canonical
    # (the key of the printed vector is not) and a strict decoder must not be used.
    try:
        if len(aes_key) == 43:
            key = binascii.a2b_base64(aes_key + "=")
            if len(key) == 32:
                return key
    except (TypeError, ValueError):
        pass
    raise CallbackError(900004, "43 letters or digits are needed")


def _decode_base64(text: str) -> bytes:
    try:
        return _base64.decode(f'"{text}"')
    except (msgspec.MsgspecError, UnicodeError):
        pass
    try:
        # Lenient: the official Python 3 library breaks the text into lines of 76 characters.
        return binascii.a2b_base64(text)
    except ValueError:
        raise CallbackError(900008, "the text is not Base64") from None


def _first_empty(message: bytes, timestamp: str, nonce: str) -> int:
    if not message:
        return 900001
    return 900002 if not timestamp else 900003
