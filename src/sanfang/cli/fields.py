"""``NAME=VALUE``, ``NAME:=JSON`` and ``NAME@FILE``: what a call is given on the command line."""

from __future__ import annotations

import difflib
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from sanfang.catalog import Endpoint

_FIELD = re.compile(r"([A-Za-z_][\w.-]*)(:=|=|@)(.*)", re.DOTALL)
_NUMBER = re.compile(r"-?\d{1,18}")


class Fields(NamedTuple):
    """The parameters of a call, and the file to upload with the name of its field."""

    params: dict[str, Any]
    file: tuple[str, Path] | None


def read_fields(texts: tuple[str, ...], endpoint: Endpoint | None) -> Fields:
    """Read the fields; a text becomes a number or truth value where the API's documents want one."""
    params: dict[str, Any] = {}
    file: tuple[str, Path] | None = None
    for text in texts:
        match = _FIELD.fullmatch(text)
        if match is None:
            raise click.UsageError(
                f"{text[:80]!r}：写作 名称=值、名称:=JSON 或 名称@文件"
                " / write NAME=VALUE, NAME:=JSON or NAME@FILE"
            )
        name, sign, value = match.groups()
        if sign == "@":
            if file is not None:
                raise click.UsageError("一次只能上传一个文件 / one file at a time")
            file = name, _file(name, value)
            continue
        _check_name(name, endpoint)
        said = read_json(value, name) if sign == ":=" else _typed(name, value, endpoint)
        _set(params, name, said)
    return Fields(params, file)


def read_json(text: str, name: str) -> Any:
    """Read JSON, from a file with ``@FILE``, from the input with ``-``."""
    if text == "-":
        text = sys.stdin.read()
    elif text.startswith("@"):
        try:
            text = Path(text[1:]).read_text("utf-8")
        except (OSError, UnicodeError) as problem:
            raise click.UsageError(f"{name}: 读不了文件 / cannot read: {problem}") from None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise click.UsageError(f"{name}: 不是 JSON / is no JSON: {problem}") from None


def read_query(texts: tuple[str, ...]) -> dict[str, str]:
    """Read ``--query NAME=VALUE`` texts."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise click.BadParameter(
                f"{text[:80]!r}：写作 名称=值 / write NAME=VALUE", param_hint="--query"
            )
        found[name] = value
    return found


def _file(name: str, value: str) -> Path:
    path = Path(value)
    if not path.is_file():
        raise click.UsageError(f"{name}@{value}: 没有这个文件 / there is no such file")
    return path


def _check_name(name: str, endpoint: Endpoint | None) -> None:
    """Refuse a slip of the pen; a name unlike all that are known may be one the page forgot."""
    if endpoint is None:
        return
    known = [param.name for param in endpoint.params if not param.root]
    top = name.partition(".")[0]
    if top in known or name in known or top == endpoint.token_name:
        return
    close = difflib.get_close_matches(top, known, 1, 0.75)
    if close:
        raise click.UsageError(
            f"{endpoint.path.lstrip('/')} 没有参数 {top}，是否想用 {close[0]}？（--query 与 --body"
            f" 不检查） / has no parameter {top}; did you mean {close[0]}? (--query and --body are"
            " not checked)"
        )


def _typed(name: str, value: str, endpoint: Endpoint | None) -> Any:
    param = endpoint.param(name) if endpoint is not None else None
    if param is None or param.in_ in ("query", "path", "header"):
        return value
    if param.type == "integer" and _NUMBER.fullmatch(value):
        return int(value)
    if param.type == "number" and re.fullmatch(r"-?\d{1,18}(\.\d{1,18})?", value):
        return float(value) if "." in value else int(value)
    if param.type == "boolean" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if param.type in ("array", "object", "map") and value[:1] in ("[", "{"):
        return read_json(value, name)
    if param.type == "array":
        items = value.split(",") if value else []
        if param.items in ("integer", "number") and all(map(_NUMBER.fullmatch, items)):
            return [int(item) for item in items]
        return items
    return value


def _set(params: dict[str, Any], name: str, value: Any) -> None:
    """Set a parameter; ``option.size=1`` is a field of an object."""
    *outer, last = name.split(".")
    place = params
    for each in outer:
        inner = place.setdefault(each, {})
        if not isinstance(inner, dict):
            raise click.UsageError(f"{name}: {each} 不是对象 / is no object")
        place = inner
    if last in place:
        raise click.UsageError(
            f"{name} 给了两次 / is given twice; NAME:=[...] 可给列表 / for a list"
        )
    place[last] = value
