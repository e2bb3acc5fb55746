"""Where clients keep tokens, tickets and permanent codes; the interface of `dingtalk-sdk`."""

from __future__ import annotations

from typing import Any


class BaseStorage:
    """Remember JSON values by a key, for ``ttl`` seconds or (None) for good."""

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value, or ``default``."""
        raise NotImplementedError

    def set(self, key: str, value: Any, ttl: int | None = None) -> None:
        """Remember the value."""
        raise NotImplementedError

    def delete(self, key: str) -> None:
        """Forget the value."""
        raise NotImplementedError

    def __getitem__(self, key: str) -> Any:
        return self.get(key)

    def __setitem__(self, key: str, value: Any) -> None:
        self.set(key, value)

    def __delitem__(self, key: str) -> None:
        self.delete(key)
