"""Make the catalogue's JSAPI files out of the specification's jsapi.json.

python tools/build_jsapi.py path/to/jsapi.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "src" / "sanfang" / "catalog" / "data_jsapi"
NPM, ABILITY = "npm 3.2.9 min client version", "2016 container ability"


def method(row: dict[str, Any]) -> list[Any]:
    """A row of jsapi.json as `sanfang.catalog.jsapi.Method` has it."""
    since = row["since"]
    mini = row.get("mini_program") or {}
    bridge = row["bridge_method"] or ""
    return [
        *(row["name"], bridge, row["aliases"], row["needs_auth"], row["platforms"]),
        *(since.get(NPM, {}), since.get(ABILITY, ""), bool(mini.get("supported"))),
    ]


def details(row: dict[str, Any]) -> list[Any]:
    """What `sanfang.catalog.jsapi.Details` has of a row."""
    return [
        *([slim(each) for each in row["params"]], [slim(each) for each in row["returns"]]),
        *(row.get("returns_shape", ""), row["errors"], row.get("client_defaults") or {}),
        row["doc"],
    ]


def slim(field: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in field.items() if name != "src" and value is not None}


def write(name: str, rows: list[Any]) -> None:
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    (DATA / name).write_text(f"[{lines}]\n", encoding="utf-8")


def main(source: str) -> None:
    rows = sorted(json.loads(Path(source).read_text(encoding="utf-8")), key=lambda row: row["name"])
    write("methods.json", [method(row) for row in rows])
    write("details.json", [[row["name"], details(row)] for row in rows])
    print(f"{len(rows)} names")


if __name__ == "__main__":
    main(sys.argv[1])
