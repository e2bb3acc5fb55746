"""Parameters of every depth are checked from the catalogue, and the one that does not fit is named."""

from __future__ import annotations

from typing import Any

import pytest

from sanfang.catalog import Catalog, Endpoint, Field, Param
from sanfang.platform.openapi import Call, OpenApi, handler

from ..openapi.world import JSON, World, send, story

INNER = [
    Field(name="id", type="integer", required=True),
    Field(name="tag", enum=["a", "b"]),
    Field(name="on", type="boolean"),
]
CATALOG = Catalog.of(
    Endpoint(
        "sample",
        host="oapi",
        method="POST",
        path="/sample/set",
        params=[
            Param(name="title", max_length=5),
            Param(name="sum", type="integer", min=1, max=10),
            Param(name="lang", enum=["zh", "en"]),
            Param(name="ids", type="array", items="integer", max_items=3),
            Param(name="rows", type="array", items="object", fields=INNER),
            Param(
                name="box", type="object", fields=[Field(name="in", type="object", fields=INNER)]
            ),
            Param(name="marks", type="map", items="number"),
        ],
    )
)


async def put(world: World, sent: Any, handlers: Any = ()) -> Any:
    import json

    api = OpenApi(world.core, catalog=CATALOG, handlers=handlers)
    return await send(api, "POST", "/sample/set", json.dumps(sent).encode(), JSON)


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({"title": "123456"}, "title must be text of at most 5 characters"),
        ({"sum": 0}, "sum must be at least 1"),
        ({"sum": "11"}, "sum must be at most 10"),
        ({"lang": "fr"}, "lang must be one of zh, en"),
        ({"ids": [1, 2, 3, 4]}, "ids must be an array of at most 3 elements"),
        ({"ids": [1, "x"]}, "ids[1]"),
        ({"rows": [{"id": 1}, {"id": "one"}]}, "rows[1].id must be an integer"),
        ({"rows": [{"tag": "a"}]}, "rows[0].id must be given (it is required)"),
        ({"rows": [{"id": 1, "tag": "c"}]}, "rows[0].tag must be one of a, b"),
        ({"rows": ["x"]}, "rows[0]"),
        ({"box": {"in": {"id": 1, "on": "maybe"}}}, "box.in.on must be a boolean"),
        ({"box": "[1]"}, "box must be a JSON object"),
        ({"marks": {"k": "high"}}, "marks.k"),
        ({"other": {"deep": ["a\0b"]}}, "other.deep[0] must be text without NUL"),
        ({"other": 10**30}, "other must be a 64-bit integer"),
    ],
)
def test_the_field_that_does_not_fit_is_named_with_its_path(sent: Any, named: str) -> None:
    async def body(world: World) -> None:
        reply = await put(world, sent)
        assert reply.code == 40035
        assert named in reply.explained

    story(body)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"title": "12345", "sum": "10", "lang": "", "ids": "1,2", "nobody_knows": [1]},
        {"rows": '[{"id": "7", "on": "True", "extra": null}]', "marks": {"a": "1.5"}},
        {"box": {"in": {"id": 1, "tag": None}}, "sum": None},
    ],
)
def test_loose_but_clear_values_and_unknown_fields_pass(sent: Any) -> None:
    async def body(world: World) -> None:
        assert (await put(world, sent)).code == 0

    story(body)


def test_a_handler_gets_types_of_every_depth_and_judges_what_it_says() -> None:
    @handler("sample", judges=("title", "rows"))
    async def sample(call: Call) -> dict[str, Any]:
        return {"rows": call.args["rows"], "title": call.args["title"]}

    async def body(world: World) -> None:
        sent = {"rows": '[{"id": "7", "on": "True", "tag": "z"}]', "title": "longer than five"}
        reply = await put(world, sent, [sample])
        assert reply.json["rows"] == [{"id": 7, "on": True, "tag": "z"}]
        assert reply.json["title"] == "longer than five"
        assert "rows[0].id" in (await put(world, {"rows": [{"id": "x"}]}, [sample])).explained

    story(body)


def test_sizes_and_allowed_values_are_checked_before_a_handler_what_must_be_there_by_it() -> None:
    @handler("sample")
    async def sample(call: Call) -> dict[str, Any]:
        return {"sum": call.args.get("sum"), "rows": call.args.get("rows")}

    async def body(world: World) -> None:
        for sent, named in (
            ({"title": "123456"}, "title must be text of at most 5 characters"),
            ({"lang": "de"}, "lang must be one of"),
            ({"rows": [{"id": 1, "tag": "z"}]}, "rows[0].tag must be one of"),
            ({"ids": [1, 2, 3, 4]}, "ids must be an array of at most 3 elements"),
        ):
            reply = await put(world, sent, [sample])
            assert reply.code == 40035, sent
            assert named in reply.explained
        reply = await put(world, {"sum": 10**9, "rows": [{"tag": ""}]}, [sample])
        assert (reply.json["sum"], reply.json["rows"]) == (10**9, [{"tag": ""}])

    story(body)
