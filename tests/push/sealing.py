"""Replies made by hand, in every wrong way too; the crypto here is not the project's own."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from sanfang.platform.push.answer import Answer
from sanfang.platform.push.keys import Keys
from sanfang.protocol.crypto import Sealed

TOKEN = "aTokenOf12"
AES_KEY = "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij"
OTHER_AES_KEY = "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7"
SUITE_KEY = "suite0123456789abcdef"
STAMP, NONCE = "1445827045067", "nEXhMP4r"
KEYS = Keys(TOKEN, AES_KEY, SUITE_KEY)
SENT = KEYS.cipher.seal('{"EventType":"suite_ticket"}', timestamp="1445827045000", nonce="ask1")


def pack(text: bytes, key_id: str = SUITE_KEY, *, size: int | None = None) -> bytes:
    """The plain buffer without padding."""
    length = (len(text) if size is None else size).to_bytes(4, "big")
    return b"r" * 16 + length + text + key_id.encode()


def pad(buffer: bytes, block: int = 32) -> bytes:
    n = block - len(buffer) % block
    return buffer + bytes([n]) * n


def aes(buffer: bytes, aes_key: str = AES_KEY, *, ecb: bool = False) -> str:
    key = base64.b64decode(aes_key + "=")
    mode = modes.ECB() if ecb else modes.CBC(key[:16])
    return base64.b64encode(Cipher(algorithms.AES(key), mode).encryptor().update(buffer)).decode()


def sign(encrypt: str, token: str = TOKEN, stamp: str = STAMP, nonce: str = NONCE) -> str:
    return hashlib.sha1("".join(sorted((token, stamp, nonce, encrypt))).encode()).hexdigest()


def fields(encrypt: str | None = None, **changes: Any) -> dict[str, Any]:
    """A right reply to everything, but for ``changes``; None removes a field."""
    encrypt = aes(pad(pack(b"success"))) if encrypt is None else encrypt
    found = {
        "msg_signature": sign(encrypt),
        "timeStamp": STAMP,
        "nonce": NONCE,
        "encrypt": encrypt,
        **changes,
    }
    return {name: value for name, value in found.items() if value is not None}


def answer(
    body: bytes | str | dict[str, Any] | None = None,
    *,
    status: int = 200,
    content_type: str = "application/json",
    location: str = "",
    sent: Sealed = SENT,
) -> Answer:
    if body is None:
        body = fields()
    if isinstance(body, dict):
        body = json.dumps(body)
    raw = body.encode() if isinstance(body, str) else body
    return Answer(sent, 0, 3, status, content_type, location, raw)
