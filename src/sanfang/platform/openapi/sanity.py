"""What no store and no JSON writer can hold, wherever it hides in a structure.

Clients can send it (``"\\u0000"``, a number of a thousand digits); later it would be a failure of ours.
"""

from __future__ import annotations

import re
from typing import Any

from . import reasons

_INT64 = 1 << 63
_SUSPECT = re.compile(rb"\\u0000|[0-9]{19}")


def suspect(raw: bytes) -> bool:
    """Tell from a text of JSON whether it is worth looking through what it says."""
    return _SUSPECT.search(raw) is not None


def check_storable(value: Any, name: str = "") -> None:
    """Refuse 40035 for NUL characters and numbers beyond 64 bits, naming the field."""
    waiting: list[tuple[str, Any]] = [(name, value)]
    while waiting:
        where, one = waiting.pop()
        if isinstance(one, str):
            if "\0" in one:
                raise reasons.unfit(40035, where, ("不含 NUL 字符的文本", "text without NUL"))
        elif isinstance(one, bool):
            continue
        elif isinstance(one, int):
            if not -_INT64 <= one < _INT64:
                raise reasons.unfit(40035, where, ("64 位整数", "a 64-bit integer"))
        elif isinstance(one, dict):
            for key, inner in one.items():
                if "\0" in key:
                    raise reasons.unfit(
                        40035, where, ("不含 NUL 字符的字段名", "without NUL in names")
                    )
                waiting.append((f"{where}.{key[:50]}" if where else key[:50], inner))
        elif isinstance(one, list):
            waiting += [(f"{where}[{number}]", inner) for number, inner in enumerate(one)]
