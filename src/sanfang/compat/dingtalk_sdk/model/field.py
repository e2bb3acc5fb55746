"""Fields of approval forms. ``get_dict`` gives ``{"component_name": …, "props": {…}}``."""

from __future__ import annotations

from typing import Any

from ..core.utils import random_string
from .parts import Part


class FieldBase(Part):
    """A field. Without an ``id`` it gets a random one, which must stay the same in later versions."""

    component_name: str | None = None
    _not_sent = frozenset({"component_name"})
    id: str

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        if values.get("id") is None:
            self.id = self.gen_id()

    def gen_id(self) -> str:
        """Return a new id."""
        return f"{self.component_name}-{random_string(8).upper()}"

    def get_dict(self) -> dict[str, Any]:
        """Return the field as it is sent."""
        return {"component_name": self.component_name, "props": self.get_data()}


class _Labelled(FieldBase):
    def __init__(
        self, label: str, required: bool = True, placeholder: str = "", **more: Any
    ) -> None:
        super().__init__(label=label, required=required, placeholder=placeholder, **more)


class TextField(_Labelled):
    """One line of text."""

    component_name = "TextField"


class TextareaField(_Labelled):
    """Lines of text."""

    component_name = "TextareaField"


class MoneyField(FieldBase):
    """An amount; ``not_upper`` hides it in words."""

    component_name = "MoneyField"

    def __init__(
        self,
        label: str,
        required: bool = True,
        placeholder: str = "",
        not_upper: Any = "",
        **more: Any,
    ) -> None:
        super().__init__(
            label=label, required=required, placeholder=placeholder, not_upper=not_upper, **more
        )


class _Measured(FieldBase):
    def __init__(
        self, label: str, required: bool = True, placeholder: str = "", unit: str = "", **more: Any
    ) -> None:
        super().__init__(label=label, required=required, placeholder=placeholder, unit=unit, **more)


class NumberField(_Measured):
    """A number with a unit."""

    component_name = "NumberField"


class DDDateField(_Measured):
    """A date."""

    component_name = "DDDateField"


class DDDateRangeField(_Measured):
    """A span of dates."""

    component_name = "DDDateRangeField"
