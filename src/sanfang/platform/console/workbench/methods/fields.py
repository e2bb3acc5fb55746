"""What each ability takes: its parameters, read once, before anybody is asked anything.

Only what the workbench uses is named here; other parameters pass through. Pages are written by hand and
in three dialects, so reading is liberal: a number may come as text, null is the same as absent. What
cannot be read is refused with code "2" and the name of the parameter (jsapi.md 5.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

MOST_TEXT = 20_000  # characters of one text
MOST_ENTRIES = 2_000  # of one list


# True is 1 and False is 0 to a dict.
_FLAGS: dict[object, bool] = {True: True, False: False} | {
    text: text in ("true", "1") for text in ("true", "false", "1", "0", "")
}


class Unfit(Exception):  # noqa: N818 - the page erred
    """A parameter that cannot be read: its name, and what it should be."""

    def __init__(self, name: str, zh: str, en: str) -> None:
        super().__init__(f"{name}: {en}")
        self.name, self.zh, self.en = name, zh, en

    @property
    def text(self) -> str:
        """What the page is told."""
        return (
            f"参数无效: {self.name} {self.zh} / invalid parameter: {self.name} should be {self.en}"
        )


class Kind(NamedTuple):
    """How a parameter is read: ``read`` raises ValueError for what it cannot be."""

    read: Callable[[object], object]
    zh: str
    en: str


class Field(NamedTuple):
    name: str
    kind: Kind
    needed: bool = False


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError
    shown = str(value)
    if len(shown) > MOST_TEXT:
        raise ValueError
    return shown


def _number(value: object) -> int | float:
    if isinstance(value, bool):
        raise ValueError
    if isinstance(value, str):
        text = value.strip()
        value = int(text) if text.lstrip("-").isdecimal() and len(text) < 18 else float(text)
    if not isinstance(value, int | float) or value != value or abs(value) > 2**53:
        raise ValueError
    return value


def _count(value: object) -> int:
    number = _number(value)
    if number != int(number):
        raise ValueError
    return int(number)


def _flag(value: object) -> bool:
    if not isinstance(value, bool | int | str) or value not in _FLAGS:
        raise ValueError
    return _FLAGS[value]


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or len(value) > MOST_ENTRIES:
        raise ValueError
    return [_text(each) for each in value]


def _numbers(value: object) -> list[int]:
    if not isinstance(value, list) or len(value) > MOST_ENTRIES:
        raise ValueError
    return [_count(each) for each in value]


def _things(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or len(value) > MOST_ENTRIES:
        raise ValueError
    if not all(isinstance(each, dict) for each in value):
        raise ValueError
    return value


def _thing(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError
    return value


TEXT = Kind(_text, "应为字符串", "a string")
NUMBER = Kind(_number, "应为数字", "a number")
COUNT = Kind(_count, "应为整数", "a whole number")
FLAG = Kind(_flag, "应为 true 或 false", "true or false")
TEXTS = Kind(_texts, "应为字符串数组", "a list of strings")
NUMBERS = Kind(_numbers, "应为整数数组", "a list of whole numbers")
THING = Kind(_thing, "应为对象", "an object")
THINGS = Kind(_things, "应为对象数组", "a list of objects")


def one_of(*values: object) -> Kind:
    """A parameter with a few values; numbers may come as text."""
    by_text = {str(each).lower(): each for each in values}

    def read(value: object) -> object:
        shown = str(int(value)) if isinstance(value, float) and value == int(value) else str(value)
        if shown.lower() not in by_text:
            raise ValueError
        return by_text[shown.lower()]

    listed = ", ".join(map(str, values))
    return Kind(read, f"应为 {listed} 之一", f"one of {listed}")


def link(value: object) -> str:
    """Read an absolute http(s) address; raise ValueError."""
    text = _text(value).strip()
    if not text.lower().startswith(("http://", "https://")) or len(text) > 4096:
        raise ValueError
    return text


LINK = Kind(link, "应为 http 或 https 的绝对地址", "an absolute http or https address")


def read(fields: tuple[Field, ...], params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters with the named ones read, absent ones left out; raise `Unfit`."""
    found = {name: value for name, value in params.items() if value is not None}
    for field in fields:
        if field.name not in found:
            if field.needed:
                raise Unfit(field.name, "不能缺少，" + field.kind.zh, "given: " + field.kind.en)
            continue
        try:
            value = field.kind.read(found[field.name])
        except (ValueError, OverflowError):
            raise Unfit(field.name, field.kind.zh, field.kind.en) from None
        if field.needed and value in ("", [], {}):
            raise Unfit(field.name, "不能为空，" + field.kind.zh, "given: " + field.kind.en)
        found[field.name] = value
    return found
