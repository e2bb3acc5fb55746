"""Small tools that programs import from ``dingtalk.core.utils``."""

from __future__ import annotations

import hashlib
import json
import secrets
import string
from typing import Any

_LETTERS = string.ascii_letters + string.digits


class ObjectDict(dict[str, Any]):
    """A dict whose keys are attributes too; an attribute that is not there is None."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked for by pickle and copy, never by programs
            raise AttributeError(name)
        return self.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


def objects(value: Any) -> Any:
    """Return the same value with every dict in it as an `ObjectDict`."""
    if isinstance(value, dict):
        return ObjectDict((key, objects(each)) for key, each in value.items())
    if isinstance(value, list):
        return [objects(each) for each in value]
    return value


def json_loads(text: str | bytes, **options: Any) -> Any:
    """Read JSON with its objects as `ObjectDict`."""
    return json.loads(text, object_hook=ObjectDict, **options)


class DingTalkSigner:
    """SHA-1 over sorted texts."""

    def __init__(self, delimiter: str | bytes = b"") -> None:
        self._parts: list[bytes] = []
        self._delimiter = to_binary(delimiter)

    def add_data(self, *texts: Any) -> None:
        """Add texts to be signed."""
        self._parts += map(to_binary, texts)

    @property
    def signature(self) -> str:
        """The digest, in hex."""
        whole = self._delimiter.join(sorted(self._parts))
        return hashlib.sha1(whole).hexdigest()  # noqa: S324 - prescribed by the protocol


def to_text(value: Any, encoding: str = "utf-8") -> str:
    """Return text; nothing for None."""
    if value is None:
        return ""
    return value.decode(encoding) if isinstance(value, bytes) else str(value)


def to_binary(value: Any, encoding: str = "utf-8") -> bytes:
    """Return bytes; none for None."""
    return value if isinstance(value, bytes) else to_text(value).encode(encoding)


def random_string(length: int = 16) -> str:
    """Return random letters and digits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def byte2int(value: int) -> int:
    """Return it; it had a meaning in Python 2."""
    return value
