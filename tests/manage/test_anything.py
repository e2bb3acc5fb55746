"""Whatever is sent, the answer is JSON that says what is wrong, and never that the platform failed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sanfang.platform.manage.operations import OPERATIONS, PREFIX, Operation

from ..store.fixtures import durable_address
from .running import Running, running

TEXTS = st.text(max_size=20) | st.sampled_from(
    ["", "\0", "示例", "1", "-1", "a/b", "..", "x" * 300]
)
NUMBERS = st.integers() | st.sampled_from([0, -1, 2**31, 2**53, 2**63, 10**30])
PLAIN = st.none() | st.booleans() | NUMBERS | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(PLAIN, lambda one: st.lists(one, max_size=3) | st.dictionaries(TEXTS, one))
CALLABLE = [operation for operation in OPERATIONS if operation.name != "suite.create"]


@st.composite
def requests(draw: st.DrawFn) -> tuple[Operation, str, dict[str, Any]]:
    """An operation with anything in any of its fields."""
    operation = draw(st.sampled_from(CALLABLE))
    fields = [field.name for field in msgspec.structs.fields(operation.takes)]
    given = draw(st.dictionaries(st.sampled_from([*fields, "extra"]), VALUES))
    path = operation.path
    for name in operation.in_path:
        inside = draw(st.integers(1, 3).map(str) | st.just("{corp_id}") | TEXTS)
        path = path.replace(f"{{{name}}}", quote(inside, safe="") or "%20")
    return operation, path, given


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Running, str]]:
    folder: Path = tmp_path_factory.mktemp("anything")
    with durable_address(request.param, folder) as address:
        database = address if request.param == "postgres" else None
        with running(folder / "data", database=database) as one:
            yield one, one.post("/corps", name="示例公司")["corp_id"]


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(request=requests())
def test_anything_in_any_field_is_done_or_refused(
    world: tuple[Running, str], request: tuple[Operation, str, dict[str, Any]]
) -> None:
    platform, corp_id = world
    operation, path, values = request
    path = PREFIX + path.replace(quote("{corp_id}", safe=""), corp_id)
    body = None
    if operation.has_body:
        body = json.dumps(values).encode()
    elif values:
        path += "?" + "&".join(f"{quote(k)}={quote(str(v))}" for k, v in values.items())
    answer = platform.send(operation.method, path, body, {"Content-Type": "application/json"})
    assert answer.status < 500, answer.body
    if answer.status != 200:
        problem = answer.json
        assert problem["zh"]
        assert problem["en"]
        assert isinstance(problem["code"], int)
