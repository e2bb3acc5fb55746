"""Lists in one text: joined by commas as documented, or the JSON text that SDKs send instead."""

from __future__ import annotations

import msgspec

_LIST = msgspec.json.Decoder(list[str])


def joined(text: str | None) -> list[str]:
    """Return the values of ``a,b``, ``["a","b"]``, ``[]`` or nothing."""
    if not text:
        return []
    if text.startswith("["):
        try:
            return [each for each in _LIST.decode(text) if each and "\x00" not in each]
        except msgspec.DecodeError:
            pass  # an id that begins with a bracket; nobody has it, and that is said
    return [each.strip() for each in text.split(",") if each.strip()]
