"""Write ``src/sanfang/protocol/errors_data.json`` from the error reference and our explanations.

    python tools/build_errors.py [ERRORS_JSON]

Facts (numbers, texts, class of remedy) come from the reference, ``../shared/spec/errors.json`` by
default; what people read comes from ``errors_explained.toml`` beside this file. A code without an
explanation of its own gets a sentence made from its class of remedy, so that none stays mute.
``more`` in that file are codes that the catalogue of endpoints names and the reference lacks.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent.parent / "shared" / "spec" / "errors.json"
EXPLAINED = HERE / "errors_explained.toml"
TARGET = HERE.parent / "src" / "sanfang" / "protocol" / "errors_data.json"

# Where the texts of 2016 and 2026 differ the reference names a default; only this one is of 2026.
NEWER_TEXT = {60011}


def main() -> None:
    """Build the data file and say how many rows it has."""
    text = render(Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE)
    TARGET.write_text(text, "utf-8")
    sys.stdout.write(f"{text.count(chr(10)) - 2} codes\n")


def render(source: Path) -> str:
    """Return the text of the data file."""
    explained = tomllib.loads(EXPLAINED.read_text("utf-8"))
    rows = [*json.loads(source.read_text("utf-8")), *explained["more"]]
    lines = [
        json.dumps(_row(r, explained), ensure_ascii=False, separators=(",", ":")) for r in rows
    ]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _row(row: dict[str, Any], explained: dict[str, Any]) -> list[object]:
    code, scope = row["code"], row["scope"]
    errmsg = row["errmsg_2026"] if code in NEWER_TEXT and "errmsg_2026" in row else row["errmsg"]
    own = explained.get(scope, {}).get(str(code), {})
    remedy = explained["hints"][row["hint"]]
    note = row["note"]
    said = (errmsg or note).rstrip("。. ")
    zh = own.get("zh") or f"{said}。{remedy['zh']}"
    en = own.get("en") or f"{note.rstrip('. ')}. {remedy['en']}"
    head = [code, errmsg, row["area"], note, row["hint"], scope, zh, en]
    return [*head, own.get("faq"), row.get("http")]


if __name__ == "__main__":
    main()
