"""What is read when, and that the data hold together."""

from __future__ import annotations

import re
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Sequence

import pytest

from sanfang import catalog
from sanfang.catalog import Catalog, Field
from sanfang.catalog.files import DATA, Endpoints, read_index


def test_everything_documented_and_everything_that_only_sdks_know_is_there() -> None:
    entries = catalog.load().entries
    assert Counter(entry.documented for entry in entries) == {True: 1578, False: 2919}
    assert Counter(entry.deprecated for entry in entries)[True] == 417
    assert Counter(entry.host for entry in entries) == {
        "api": 3289,
        "oapi": 1110,
        "top": 97,
        "login": 1,
    }


def test_importing_the_client_or_the_catalogue_reads_no_data() -> None:
    check = (
        "import sys\n"
        "def hook(name, args):\n"
        "    if name == 'open' and 'catalog/data' in str(args[0]).replace('\\\\', '/'):\n"
        "        raise SystemExit(f'opened {args[0]}')\n"
        "sys.addaudithook(hook)\n"
        "import sanfang.client, sanfang.catalog\n"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_area_is_read_when_one_of_its_endpoints_is_first_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []
    index = read_index()
    endpoints = Endpoints(index)
    table = Catalog(index, endpoints)
    opened = type(DATA).read_bytes
    monkeypatch.setattr(
        type(DATA), "read_bytes", lambda file: (read.append(file.name), opened(file))[1]
    )
    assert table.match("oapi", "GET", "/user/get") is not None
    assert table.methods("oapi", "/user/get") == ["GET"]
    assert table.suggest("/user/gett")
    assert len(endpoints) == 4497
    assert read == []
    assert table.find("oapi", "GET", "/user/get") is endpoints["oapi_user_get_get"]
    assert table.find("oapi", "GET", "/user/list") is not None
    assert read == ["contacts.jsonl"]


def test_the_index_is_small_in_memory() -> None:
    tracemalloc.start()
    try:
        index = read_index()
        Catalog(index, Endpoints(index))
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size < 15 << 20


def test_the_data_files_stay_small() -> None:
    assert sum(file.stat().st_size for file in DATA.glob("**/*.json*")) < 4 << 20


def test_each_line_is_the_endpoint_that_its_index_row_names() -> None:
    table = catalog.load()
    names = list(table.areas)
    lines = {
        name: (DATA / "areas" / f"{name}.jsonl").read_text("utf-8").splitlines() for name in names
    }
    for entry in table.entries:
        assert lines[names[entry.area]][entry.line].startswith(f'{{"id":"{entry.id}"'), entry
    assert sum(map(len, lines.values())) == len(table.entries)


def test_an_endpoint_that_nobody_knows_is_a_key_error() -> None:
    assert "nothing" not in catalog.load().endpoints
    with pytest.raises(KeyError, match="nothing"):
        catalog.load().endpoints["nothing"]


def test_path_parameters_are_those_of_the_path() -> None:
    for endpoint in catalog.load().endpoints.values():
        named = [p.name for p in endpoint.params if p.in_ == "path"]
        assert sorted(named) == sorted(re.findall(r"\{([^}]*)\}", endpoint.path)), endpoint.id
        assert all(p.required for p in endpoint.params if p.in_ == "path"), endpoint.id


def test_what_is_named_elsewhere_is_a_parameter() -> None:
    for endpoint in catalog.load().endpoints.values():
        known = set(_names(endpoint.params))
        wanted = {name for group in endpoint.one_of for name in group}
        wanted |= {name for variant in endpoint.variants for name in variant.required}
        assert wanted <= known, endpoint.id


def test_allowed_values_defaults_and_limits_agree_with_types() -> None:
    types: dict[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "boolean": (bool,)}
    types["number"] = (int, float)
    for endpoint in catalog.load().endpoints.values():
        for field in _all([*endpoint.params, *endpoint.response]):
            kind = field.items if field.type == "array" else field.type
            values = [*(field.enum or ()), *([field.default] if field.default is not None else ())]
            assert all(isinstance(v, types[str(kind)]) for v in values), (endpoint.id, field)
            assert field.min is None or field.max is None or field.min <= field.max, endpoint.id
            if field.type == "file" or field.items == "file":
                assert "multipart/form-data" in endpoint.content_types, endpoint.id


def _all(fields: Sequence[Field]) -> list[Field]:
    return [each for field in fields for each in (field, *_all(field.fields))]


def _names(fields: Sequence[Field]) -> list[str]:
    return [field.name for field in _all(fields)]
