"""Names and secrets that cannot be guessed, in the shapes people know from DingTalk."""

from __future__ import annotations

import hashlib
import secrets

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def letters(length: int) -> str:
    """Return random lower-case letters and digits (5.17 bits each)."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def token() -> str:
    """Return a bearer token: 128 bits, 32 hex digits."""
    return secrets.token_hex(16)


def secret() -> str:
    """Return a long-lived secret: 384 bits, 64 URL-safe characters."""
    return secrets.token_urlsafe(48)


def fingerprint(value: str) -> str:
    """Return the SHA-256 of a secret, for storing what must be recognised but never read again."""
    return hashlib.sha256(value.encode()).hexdigest()


def tail(value: str) -> str:
    """Return a secret as it may be shown to a person: its last four characters."""
    return f"…{value[-4:]}" if len(value) > 8 else "…"
