"""What messages and form fields have in common: public attributes are the data."""

from __future__ import annotations

from typing import Any


class Part:
    """An object whose public attributes are sent. A class given as a value is called first."""

    def __init__(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value() if callable(value) else value)

    _not_sent: frozenset[str] = frozenset()

    def get_data(self) -> dict[str, Any]:
        """Return the attributes that have a value; properties count."""
        names = (n for n in dir(self) if not n.startswith("_") and n not in self._not_sent)
        found = ((name, getattr(self, name)) for name in names)
        return {
            name: value.get_data() if isinstance(value, Part) else value
            for name, value in found
            if value is not None and not callable(value)
        }
