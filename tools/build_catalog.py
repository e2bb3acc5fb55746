"""Write ``src/sanfang/catalog/data/endpoints.json`` from the API catalogue.

    python tools/build_catalog.py [CATALOG_FOLDER]

Takes the areas that the code needs so far, plus the calls of those areas that no page describes
but an SDK in use makes. What the source has wrong, or leaves out for our purpose, is put right
below in `CORRECTIONS`, each with its reason.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Record = dict[str, Any]

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent.parent / "shared" / "catalog"
TARGET = HERE.parent / "src" / "sanfang" / "catalog" / "data" / "endpoints.json"

AREAS = ("service_isv", "oauth", "contacts", "messages", "callback")
# No page describes these two, but an ISV's flow on the new host uses them (clients.md).
EXTRA = {"/v1.0/event/suiteTicket/rePush", "/v1.0/event/callbacks/failedResults"}
PARAM_KEYS = ("name", "in", "type", "required", "enum", "items", "format")
LIMIT_KEYS = ("min", "max", "min_length", "max_length", "max_items", "root")


def main() -> None:
    """Build the data file and say how many endpoints it has."""
    text = render(Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text, "utf-8")
    sys.stdout.write(f"{text.count(chr(10)) - 2} endpoints\n")


def render(folder: Path) -> str:
    """Return the text of the data file."""
    endpoints = [_endpoint(record) for record in _records(folder)]
    by_id = {e["id"]: e for e in endpoints}
    for ids, correct, _reason in CORRECTIONS:
        for id_ in ids:
            correct(by_id[id_])
    lines = [json.dumps(e, ensure_ascii=False, separators=(",", ":")) for e in endpoints]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _records(folder: Path) -> list[Record]:
    records: list[Record] = []
    for area in AREAS:
        records += _read(folder / f"{area}.json")
        records += [r for r in _read(folder / "sdk_only" / f"{area}.json") if r.get("called_by")]
    records += [r for r in _read(folder / "sdk_only" / "event.json") if r["path"] in EXTRA]
    return records


def _read(file: Path) -> list[Record]:
    endpoints: list[Record] = (
        json.loads(file.read_text("utf-8"))["endpoints"] if file.exists() else []
    )
    return endpoints


def _endpoint(record: Record) -> Record:
    auth = record["auth"]
    types = [record["content_type"], *record.get("content_type_alt", ())]
    endpoint: Record = {key: record[key] for key in ("id", "host", "method", "path")}
    optional: Record = {
        "title": record.get("title_zh", ""),
        "scheme": auth["scheme"] if auth["scheme"] != "none" else None,
        "token_in": auth.get("in"),
        "token_name": auth.get("name"),
        "tokens": auth.get("token"),
        "signed": auth["scheme"] == "signature",
        "content_types": [t for t in types if t],
        "params": _params(record),
        "one_of": record.get("one_of"),
    }
    endpoint.update({key: value for key, value in optional.items() if value})
    if record.get("source") == "sdk-only":
        endpoint["documented"] = False
    return endpoint


def _params(record: Record) -> list[Record]:
    """Give the parameters without the credential, each name once.

    Where a name is printed in two places (query in one generation, body in another) the body is
    kept: a caller sends it there, and the platform looks in both. ``required`` stays only where
    it holds for every generation.
    """
    auth = record["auth"]
    credential = {auth.get("name"), auth.get("alternative"), *auth.get("names", ())}
    chosen: dict[str, Record] = {}
    for param in record["params"]:
        if param["name"] in credential:
            continue
        kept = chosen.get(param["name"])
        if kept is None or param["in"] == "body":
            chosen[param["name"]] = _param(param, required_always=kept is None)
    return list(chosen.values())


def _param(param: Record, *, required_always: bool) -> Record:
    out = {key: param[key] for key in (*PARAM_KEYS, *LIMIT_KEYS) if key in param}
    if "gen" in param or not required_always:
        out.pop("required", None)
    return out


def _accept(token: str) -> Callable[[Record], None]:
    def correct(endpoint: Record) -> None:
        endpoint["tokens"] = [*endpoint["tokens"], token]

    return correct


def _suite_token(endpoint: Record) -> None:
    name = "suite_access_token"
    where = {"token_in": "query", "token_name": name}
    endpoint.update(where, scheme=name, tokens=["suite"])
    endpoint["signed"] = True
    endpoint.pop("one_of", None)


def _signed_too(endpoint: Record) -> None:
    endpoint["signed"] = True
    endpoint.pop("one_of", None)
    names = ("accessKey", "timestamp", "suiteTicket", "signature")
    endpoint["params"] = [p for p in endpoint["params"] if p["name"] not in names]


def _optional(*names: str) -> Callable[[Record], None]:
    def correct(endpoint: Record) -> None:
        for param in endpoint["params"]:
            if param["name"] in names:
                param.pop("required", None)

    return correct


def _required(*names: str) -> Callable[[Record], None]:
    def correct(endpoint: Record) -> None:
        for param in endpoint["params"]:
            if param["name"] in names:
                param["required"] = True

    return correct


CORRECTIONS: list[tuple[tuple[str, ...], Callable[[Record], None], str]] = [
    (
        ("oapi_message_send_post",),
        _accept("isv_corp"),
        "The ISV guide of 2016 sends with the agentid of the authorised corp; the page the source "
        "read is the one for a corp's own apps.",
    ),
    (
        (
            *("oapi_department_create_post", "oapi_department_update_post"),
            *("oapi_department_delete_get", "oapi_user_create_post", "oapi_user_update_post"),
            *("oapi_user_delete_get", "oapi_user_batchdelete_post", "oapi_user_list_get"),
        ),
        _accept("isv_corp"),
        "ISVs call them with a corp token (clients.md, flow of an ISV; FAQ F46, F51); the newer "
        "pages closed them to ISVs.",
    ),
    (
        ("oapi_service_get_auth_info_post", "oapi_service_get_corp_token_post"),
        _suite_token,
        "The source knows the signed query as the rule and the suite token as the exception; both "
        "are in use and the suite token came first (isv-lifecycle.md §5).",
    ),
    (
        (
            *("oapi_service_get_agent_post", "oapi_service_activate_suite_post"),
            *("oapi_service_get_unactive_corp_post", "oapi_service_reauth_corp_post"),
            *("oapi_service_set_corp_ipwhitelist_post",),
            *("oapi_service_get_channel_corp_token_post",),
        ),
        _signed_too,
        "Clients sign these as well (clients.md, what one ISV flow calls).",
    ),
    (
        ("oapi_service_activate_suite_post",),
        _optional("permanent_code"),
        "The official client jar leaves it out (isv-lifecycle.md §5, tolerances).",
    ),
    (
        ("oapi_service_get_corp_token_post",),
        _required("auth_corpid"),
        "Required in both generations, in the query of one and in the body of the other.",
    ),
]


if __name__ == "__main__":
    main()
