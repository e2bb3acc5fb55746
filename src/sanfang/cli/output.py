"""What commands print: tables and fields for people, JSON for programs, refusals with their reasons."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from .remote import Refused, Unreachable


def show_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def show(value: Any, columns: Sequence[str] = ()) -> None:
    """Print an answer for a person: a page as a table, an object as its fields."""
    if isinstance(value, dict) and value.keys() == {"items", "next"}:
        table(value["items"], columns)
        if value["next"]:
            click.echo(f"… 还有 / more: --cursor {value['next']}")
    elif isinstance(value, list):
        table(value, columns)
    elif isinstance(value, dict):
        fields(value)
    else:
        click.echo("ok")


def fields(value: dict[str, Any], indent: str = "") -> None:
    """Print an object, one field a line; objects inside are indented."""
    wide = max((width(name) for name in value), default=0)
    for name, item in value.items():
        if isinstance(item, dict) and item:
            click.echo(f"{indent}{name}")
            fields(item, indent + "  ")
        elif isinstance(item, list) and item and isinstance(item[0], dict):
            click.echo(f"{indent}{name}")
            table(item, (), indent + "  ")
        else:
            click.echo(f"{indent}{pad(name, wide)}  {text(name, item)}".rstrip())


def table(rows: Sequence[dict[str, Any]], columns: Sequence[str] = (), indent: str = "") -> None:
    """Print rows with aligned columns; Chinese characters are two wide."""
    if not rows:
        click.echo(f"{indent}(无 / none)")
        return
    names = list(columns or rows[0])
    cells = [names, *([text(name, row.get(name)) for name in names] for row in rows)]
    widths = [max(width(line[i]) for line in cells) for i in range(len(names))]
    for line in cells:
        made = "  ".join(pad(cell, wide) for cell, wide in zip(line, widths, strict=True))
        click.echo(f"{indent}{made}".rstrip())


def text(name: str, value: Any) -> str:
    """Spell a value for a person; ``*_at`` are times."""
    if value is None or value in ("", []):
        return "-"
    if name.endswith("_at") and isinstance(value, int):
        moment = datetime.fromtimestamp(value / 1000).astimezone()
        return moment.strftime("%Y-%m-%d %H:%M:%S") if value else "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and not isinstance(value[0], dict | list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return _plain(str(value))


def width(value: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in value)


def pad(value: str, to: int) -> str:
    return value + " " * (to - width(value))


def refused(refusal: Refused, *, as_json: bool) -> None:
    """Print why the platform refused: to stdout as JSON, or to stderr for a person."""
    if as_json:
        show_json({"error": refusal.problem})
        return
    problem = refusal.problem
    _err(f"✗ {problem['code']}  {problem.get('errmsg', '')}")
    _err(f"  {problem['zh']}")
    _err(f"  {problem['en']}")
    facts = {**(problem.get("facts") or {}), **problem.get("keys", {})}
    wide = max((width(name) for name in facts), default=0)
    for name, value in facts.items():
        _err(f"    {pad(name, wide)}  {text(name, value)}")
    if problem.get("faq"):
        _err(f"  FAQ {problem['faq']}")


def unreachable(error: Unreachable, *, as_json: bool) -> None:
    if as_json:
        problem = {"code": None, "errmsg": "unreachable", "zh": error.zh, "en": error.en}
        show_json({"error": {**problem, "faq": None, "facts": {}}})
        return
    _err(f"✗ {error.zh}")
    _err(f"  {error.en}")


def _plain(value: str) -> str:
    """Make text from outside harmless: control characters would speak to the terminal."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in value)


def _err(line: str) -> None:
    click.echo(line, file=sys.stderr)
