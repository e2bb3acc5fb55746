"""The query string, and forms, which are written the same way.

The first of several equal names counts. Nothing here guesses a charset: bytes that are not UTF-8
are refused, and if they look like GBK the refusal says so (F32).
"""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from . import reasons

MOST_FIELDS = 1000


def read_query(raw: bytes) -> dict[str, str]:
    """Return the fields of a query string; refuse 40035 when it is not UTF-8."""
    if not raw:
        return {}
    text = raw.decode("latin-1")  # looking for a character is faster in str than in bytes
    if "%" in text or "+" in text or not text.isascii():
        return _read_escaped(raw, reasons.bad_query)
    pairs = [pair.split("=", 1) for pair in text.split("&")]
    try:
        fields: dict[str, str] = dict(pairs)
    except ValueError:  # a name without "="
        return _read_escaped(raw, reasons.bad_query)
    return fields if len(fields) == len(pairs) else _read_escaped(raw, reasons.bad_query)


def read_form(raw: bytes) -> dict[str, str]:
    """Return the fields of a form body; refuse -1 when it is not UTF-8."""
    return _read_escaped(raw.strip(), reasons.bad_charset)


def _read_escaped(raw: bytes, refuse: reasons.OfBytes) -> dict[str, str]:
    if raw.count(b"&") >= MOST_FIELDS:
        raise reasons.too_many_fields(MOST_FIELDS)
    fields: dict[str, str] = {}
    for pair in raw.split(b"&"):
        name, _, value = pair.partition(b"=")
        key = _unescape(name, refuse)
        if key and key not in fields:
            fields[key] = _unescape(value, refuse)
    return fields


def _unescape(raw: bytes, refuse: reasons.OfBytes) -> str:
    plain = unquote_to_bytes(raw.replace(b"+", b" "))
    try:
        return plain.decode()
    except UnicodeDecodeError as error:
        raise refuse(plain) from error
