"""Which key a message was really for: asked only after it was refused with 900010 (pain 3)."""

from __future__ import annotations

import binascii

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def key_in(aes_key: str, encrypt: str) -> str:
    """Return the ``$key`` at the end of a message whose signature was right; empty if none.

    The layout is that of `sanfang.protocol.crypto`; what is wrong with it was checked there.
    """
    try:
        key = binascii.a2b_base64(aes_key + "=")
        decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        buffer = decryptor.update(binascii.a2b_base64(encrypt))
        end = len(buffer) - buffer[-1]
        found = buffer[20 + int.from_bytes(buffer[16:20], "big") : end]
    except (ValueError, IndexError):
        return ""
    text = found.decode("utf-8", "replace")
    return text if text.isprintable() else ""
