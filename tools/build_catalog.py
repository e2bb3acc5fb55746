"""Write the package's catalogue, ``src/sanfang/catalog/data``, from the API catalogue.

    python tools/build_catalog.py [CATALOG_FOLDER]

``index.json`` has a row per endpoint, ``areas/*.jsonl`` the details of one endpoint a line, in the
order of the index. The keys are those of ``sanfang.catalog.records``. What the source has wrong, or
leaves out for our purpose, is put right in ``catalog_corrections.py``, each with its reason.

Left out: how the source was checked against SDKs, and the example answers as such; the values in
them that say more than a type does go to the fields.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from catalog_corrections import CALL_BACK_TAGS, CORRECTIONS, RULES, is_filler

Record = dict[str, Any]

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent.parent / "shared" / "catalog"
TARGET = HERE.parent / "src" / "sanfang" / "catalog" / "data"

NO_AREA = ("index", "errors", "events", "permissions", "catalog.schema")
SHORT = {
    "name": "n",
    "type": "t",
    "required": "r",
    "items": "i",
    "fields": "f",
    "enum": "e",
    "default": "d",
    "example": "x",
    "recursive": "rec",
    "sdk": "s",
    "min_length": "minl",
    "max_length": "maxl",
    "max_items": "maxi",
}
FIELD_KEYS = (
    *("name", "type", "in", "required", "items", "enum", "format", "default", "min", "max"),
    *("min_length", "max_length", "max_items", "root", "recursive", "encoding", "gen"),
)
COPIED = (
    *("category", "app_types", "permissions", "permission_labels", "one_of", "response_type"),
    *("redirect_params", "errors", "error_set", "error_http", "notes", "called_by"),
)
ACCESS = ("scheme", "token_in", "token_name", "tokens", "signed")
DOC = "https://open.dingtalk.com/document/"


def main() -> None:
    """Build the data files and say how many there are of everything."""
    files = render(Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE)
    (TARGET / "areas").mkdir(parents=True, exist_ok=True)
    for old in {*TARGET.glob("**/*.json*")} - {TARGET / name for name in files}:
        old.unlink()
    for name, text in files.items():
        (TARGET / name).write_text(text, "utf-8", newline="\n")
    rows = sum(text.count("\n") for name, text in files.items() if name.startswith("areas/"))
    size = sum(len(text.encode()) for text in files.values())
    sys.stdout.write(f"{len(files)} files, {rows} endpoints, {size:,} bytes\n")


def render(folder: Path) -> dict[str, str]:
    """Return the text of every data file by its name."""
    areas = {name: _area(folder, name) for name in _area_names(folder)}
    by_id = {record["id"]: record for _, records in areas.values() for record in records}
    for rule, _reason in RULES:
        for record in by_id.values():
            rule(record)
    for ids, correct, _reason in CORRECTIONS:
        for id_ in ids:
            correct(by_id[id_])
    files = {"index.json": _index(areas)}
    for name, (_, records) in areas.items():
        files[f"areas/{name}.jsonl"] = "".join(_line(_details(record)) for record in records)
    files["events.json"] = _events(_read(folder / "events.json"))
    files["errors.json"] = _errors(_read(folder / "errors.json"))
    files["permissions.json"] = _permissions(_read(folder / "permissions.json"))
    return files


def _read(file: Path) -> Record:
    read: Record = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return read


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _line(value: object) -> str:
    return _text(value) + "\n"


def _area_names(folder: Path) -> list[str]:
    names = {file.stem for file in [*folder.glob("*.json"), *folder.glob("sdk_only/*.json")]}
    return sorted(names.difference(NO_AREA))


def _area(folder: Path, name: str) -> tuple[Record, list[Record]]:
    documented, other = _read(folder / f"{name}.json"), _read(folder / "sdk_only" / f"{name}.json")
    records = [*documented.get("endpoints", ()), *other.get("endpoints", ())]
    return documented or other, [_endpoint(record) for record in records]


def _endpoint(record: Record) -> Record:
    """Return a record in our words; this is what corrections are made to."""
    auth = record["auth"]
    types = [record["content_type"], *record.get("content_type_alt", ())]
    endpoint = {key: record[key] for key in ("id", "host", "method", "path")}
    endpoint |= {
        "scheme": auth["scheme"],
        "token_in": auth.get("in", ""),
        "token_name": auth.get("name", ""),
        "tokens": auth.get("token", []),
        "signed": auth["scheme"] == "signature",
        "title": record.get("title_zh", ""),
        "doc": record.get("doc", "").removeprefix(DOC),
        "generations": record.get("generations") or [record["generation"]],
        "content_types": [t for t in types if t],
        "top_api": record.get("top_api", ""),
        "operation": record.get("sdk", {}).get("action", ""),
        "params": _params(record),
        "response": [
            _field(f, record.get("example_response"), is_filler) for f in record["response"]
        ],
        "pagination": _pagination(record["pagination"]),
        "variants": [_variant(v, _credentials(auth)) for v in record.get("variants", ())],
        "sdk_only": record.get("source") == "sdk-only",
        "deprecated": record.get("deprecated", False),
        "inferred": record.get("path_inferred", False),
    }
    return endpoint | {key: record[key] for key in COPIED if key in record}


def _credentials(auth: Record) -> set[str | None]:
    return {auth.get("name"), auth.get("alternative"), *auth.get("names", ())}


def _params(record: Record) -> list[Record]:
    """Give the parameters without the credential and the selector, each name once.

    Where a name is printed in two places (query in one generation, body in another) the body is
    kept: a caller sends it there, and the platform looks in both. ``required`` stays only where
    it holds for every generation.
    """
    left_out = {*_credentials(record["auth"]), record.get("selector", {}).get("name")}
    chosen: dict[str, Record] = {}
    for param in record["params"]:
        if param["name"] in left_out:
            continue
        kept = chosen.get(param["name"])
        if kept is None or param["in"] == "body":
            chosen[param["name"]] = _field(param)
            if kept is not None:
                chosen[param["name"]].pop("required", None)
    return list(chosen.values())


def _field(field: Record, example: object = None, placeholder: Any = None) -> Record:
    out = {key: field[key] for key in FIELD_KEYS if key in field}
    if "gen" in field:
        out.pop("required", None)
    if field.get("src") == "sdk":
        out["sdk"] = True
    inside = example if field.get("root") else None
    if inside is None and isinstance(example, dict):
        inside = example.get(field["name"])
    if placeholder and _says_more(field, inside, placeholder):
        out["example"] = inside
    if isinstance(inside, list):
        inside = inside[0] if inside else None
    elif field["type"] == "map" and isinstance(inside, dict):
        inside = next(iter(inside.values()), None)
    if "fields" in field:
        out["fields"] = [_field(member, inside, placeholder) for member in field["fields"]]
    return out


def _says_more(field: Record, value: object, placeholder: Any) -> bool:
    """Tell whether an example value says something that name and type do not."""
    if "enum" in field or field["name"] in ("errcode", "errmsg", "code", "message"):
        return False
    kind = field["type"]
    if isinstance(value, str):
        own = placeholder(field["name"], value)
        return kind == "string" and 0 < len(value) <= 60 and not own
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and kind in ("integer", "number") and value not in (0, 1)


def _pagination(source: Any) -> Record | None:
    if source == "none":
        return None
    ((kind, facts),) = source.items()
    keys = {"in": "start", "out": "out", "more": "more", "size": "size"}
    return {"kind": kind, **{ours: facts[key] for key, ours in keys.items() if key in facts}}


def _variant(source: Record, credentials: set[str | None]) -> Record:
    required = [name for name in source["required"] if name not in credentials]
    doc = source["doc"].removeprefix(DOC)
    return {"title": source["title_zh"], "required": required, "doc": doc}


def _index(areas: dict[str, tuple[Record, list[Record]]]) -> str:
    heads, rows, access = [], [], dict[str, int]()
    for number, (name, (head, records)) in enumerate(areas.items()):
        sets = [head["error_sets"]] if "error_sets" in head else []
        heads.append(_text([name, head.get("title_zh", ""), *sets]))
        for line, record in enumerate(records):
            way = access.setdefault(_text([record[key] for key in ACCESS]), len(access))
            flags = sum(
                bit * record[key]
                for bit, key in ((1, "sdk_only"), (2, "deprecated"), (4, "inferred"))
            )
            row = [record[key] for key in ("id", "host", "method", "path")]
            rows.append(_text([*row, number, line, way, flags, record["top_api"]]))
    tables = (("areas", heads), ("access", access), ("endpoints", rows))
    parts = (f'"{name}":[\n' + ",\n".join(lines) + "\n]" for name, lines in tables)
    return "{" + ",\n".join(parts) + "}\n"


def _details(record: Record) -> Record:
    keys = ("title", "doc", "operation", "generations", "content_types", "pagination", "variants")
    details: Record = {key: record[key] for key in (*keys, *COPIED) if record.get(key)}
    for key in ("params", "response"):
        if record[key]:
            details[key] = [_short(field) for field in record[key]]
    # The id is not read; it is there for people who look at a line.
    return {"id": record["id"], **details}


def _short(field: Record) -> Record:
    defaults = {"type": "string", "in": "body"}
    out = {SHORT.get(k, k): v for k, v in field.items() if defaults.get(k) != v}
    if "fields" in field:
        out["f"] = [_short(member) for member in field["fields"]]
    return out


def _events(source: Record) -> str:
    events = []
    for event in source["events"]:
        kept = {k: v for k, v in event.items() if v and k not in ("title_zh", "doc")}
        kept["title"] = event.get("title_zh", "")
        kept["doc"] = event["doc"].removeprefix(DOC)
        for key in ("fields", "headers"):
            if key in kept:
                kept[key] = [_short(_field(field)) for field in kept[key]]
        if kept["generation"] == "current":
            del kept["generation"]
        events.append(_text(kept))
    tags = {name: list(tags) for name, tags in CALL_BACK_TAGS.items()}
    return (
        f'{{"call_back_tags":{_text(tags)},\n"stream_topics":{_text(source["stream_topics"])},\n'
        f'"events":[\n' + ",\n".join(events) + "\n]}\n"
    )


def _errors(source: Record) -> str:
    rows = [_text([c["code"], c.get("name", ""), c.get("http", [])]) for c in source["codes"]]
    return "[\n" + ",\n".join(rows) + "\n]\n"


def _permissions(source: Record) -> str:
    rows = [_text([p["code"], p["names_zh"]]) for p in source["permissions"]]
    return "[\n" + ",\n".join(rows) + "\n]\n"


if __name__ == "__main__":
    main()
