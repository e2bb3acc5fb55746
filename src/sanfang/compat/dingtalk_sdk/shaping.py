"""Conversions named in ``methods.txt``: what an argument becomes on the wire.

Each takes the argument and all arguments by name.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from .core.utils import to_text
from .model.parts import Part

Arguments = Mapping[str, Any]
Conversion = Callable[[Any, Arguments], Any]

_MANY = (list, tuple, set, frozenset)


def _csv(value: Any, _: Arguments) -> Any:
    return ",".join(map(to_text, value)) if isinstance(value, _MANY) else value


def _csv_or_none(value: Any, given: Arguments) -> Any:
    return _csv(value, given) or None


def _bar(value: Any, _: Arguments) -> str:
    return "|".join(map(to_text, value)) if isinstance(value, _MANY) else to_text(value)


def _time(value: Any, _: Arguments) -> Any:
    # A date is a datetime's base: one test for both.
    return value.strftime("%Y-%m-%d %H:%M:%S") if isinstance(value, dt.date) else value


def _ms(value: Any, _: Arguments) -> Any:
    if not isinstance(value, dt.date):
        return value
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return int(value.timestamp() * 1000)
    return int(time.mktime(value.timetuple()) * 1000)


def _day(value: Any) -> str:
    return value.strftime("%Y%m%d") if isinstance(value, dt.date) else to_text(value)


def _days(value: Any, _: Arguments) -> str:
    return ",".join(map(_day, value if isinstance(value, _MANY) else (value,)))


def _many(value: Any, _: Arguments) -> list[Any]:
    return list(value) if isinstance(value, _MANY) else [value]


def _json(value: Any, _: Arguments) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _message(value: Any, _: Arguments) -> dict[str, Any]:
    """Return the message as it is sent, as a copy: the caller's stays as it was."""
    if isinstance(value, Part) and hasattr(value, "get_dict"):
        return dict(value.get_dict())
    if not isinstance(value, Mapping):
        raise TypeError("msg_body 应为消息体或字典 / msg_body is a message body or a dict")
    return dict(value)


def _kind(value: Any, given: Arguments) -> Any:
    return _message(value, given)["msgtype"]


def _content(value: Any, given: Arguments) -> str:
    message = _message(value, given)
    return json.dumps(message[message["msgtype"]], ensure_ascii=False)


def _new(value: Any, _: Arguments) -> Any:
    if "id" in value:
        raise AttributeError("新部门不能有 id / a new department has no id yet")
    return value


def _known(value: Any, _: Arguments) -> Any:
    if "id" not in value:
        raise AttributeError("缺少部门的 id / the department's id is missing")
    return value


def _values(value: Any, _: Arguments) -> list[dict[str, Any]]:
    """Return an approval form: ``{name: value}`` or ``{name: (value, ext_value)}``."""
    fields = []
    for name, given in (value or {}).items():
        field: dict[str, Any] = {"name": name, "value": given}
        if isinstance(given, (list, tuple)):
            field["value"] = given[0]
            if len(given) > 1:
                field["ext_value"] = given[1]
        fields.append(field)
    return fields


def _cc(_: Any, given: Arguments) -> str:
    moments = (("START", given["cc_start"]), ("FINISH", given["cc_finish"]))
    return "_".join(moment for moment, wanted in moments if wanted)


def _form(value: Any, _: Arguments) -> list[dict[str, Any]]:
    return [{"title": title, "content": content} for title, content in value.items()]


def _pairs(value: Any, _: Arguments) -> Any:
    if not isinstance(value, dict):
        return value
    return [{"name": name, "value": each} for name, each in value.items()]


def _parts(value: Any, _: Arguments) -> list[Any]:
    return [each.get_dict() if hasattr(each, "get_dict") else each for each in value]


CONVERSIONS: dict[str, Conversion] = {
    "access": lambda value, _: "download" if value else "add",
    "bar": _bar,
    "cc": _cc,
    "content": _content,
    "csv": _csv,
    "csv_or_none": _csv_or_none,
    "days": _days,
    "flag": lambda value, _: 1 if value else 0,
    "form": _form,
    "json": _json,
    "kind": _kind,
    "known": _known,
    "list": lambda value, _: list(value),
    "many": _many,
    "message": _message,
    "ms": _ms,
    "new": _new,
    "not_flag": lambda value, _: 0 if value else 1,
    "order": lambda value, _: "asc" if value else "desc",
    "pairs": _pairs,
    "parts": _parts,
    "time": _time,
    "values": _values,
    "words": lambda value, _: "true" if value else "false",
    "yes": lambda *_: True,
}


def get_pc_url(url: str, pc_slide: bool = True) -> str:
    """Return a link that opens on the desktop: inside the client, or in the browser."""
    query = {"url": url, **({"pc_slide": "true"} if pc_slide else {})}
    return "dingtalk://dingtalkclient/page/link?" + urlencode(query)
