"""Anything sent to the handlers of files gets a documented refusal, and nothing is written by it."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import quote, urlencode

from sanfang.catalog import load
from sanfang.platform.openapi.handlers import cspace, drives, storage, storage_bins
from sanfang.platform.openapi.handlers import storage_permissions as permissions
from sanfang.platform.openapi.handling import Handler

from ..office.people import hire
from ..openapi.world import World, story
from .addresses import Storage

ODD: tuple[Any, ...] = (
    *("", "0", "-1", "x" * 3000, "\u0000", "a/b", "..", " ", "😀", "null", "9" * 30, "1e9"),
    *(0, -1, 1 << 70, 1.5, True, None, [], {}, [[]], [None], [{}], [1], {"a": {"b": []}}, ["1"]),
)
OPTIONS: tuple[Any, ...] = (
    *({"size": "x"}, {"conflictStrategy": 1}, {"conflictStrategy": "X"}, {"maxResults": []}),
    *({"nextToken": "x"}, {"appProperties": [1]}, {"appProperties": [{"name": {}}]}, {"quota": -5}),
    *({"preCheckParam": 1}, {"preCheckParam": {"size": "z", "name": []}}, {"duration": 1 << 40}),
    *({"version": -1}, {"version": "x"}, {"filterRoleIds": 1}, {"scene": [], "sceneId": 1}),
)


def test_anything_is_refused_with_a_code_and_never_fails_inside() -> None:
    chance, catalog = random.Random(11), load()
    files = (cspace, drives, storage, storage_bins, permissions)
    handlers = [each for file in files for each in vars(file).values() if isinstance(each, Handler)]
    assert len(handlers) > 60

    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        api = Storage(world, zhang)
        space = await api.space()
        folder = await api.folder(space, "0", "f")
        file = await api.file(space, folder, "a.txt")
        right = {
            "unionId": zhang,
            "spaceId": space,
            "dentryId": file["id"],
            "fileId": file["id"],
            "parentId": folder,
            "targetSpaceId": space,
            "targetFolderId": folder,
            "recycleBinId": f"bin-{world.corp.corp_id}",
            "dentryUuid": file["uuid"],
        }

        def value(name: str) -> Any:
            if name in right and chance.random() < 0.8:
                return right[name]
            if name == "option":
                return chance.choice(OPTIONS)
            return chance.choice(ODD)

        for each in handlers:
            entry = catalog.endpoints[each.endpoint]
            if any(param.type == "file" for param in entry.params):
                continue
            if entry.path.endswith("/clear") or entry.method == "DELETE":
                continue
            for _ in range(12):
                given = {param.name: value(param.name) for param in entry.params}
                path = entry.path
                for param in entry.params:
                    if param.in_ == "path":
                        text = str(given.pop(param.name) or "0")
                        path = path.replace(f"{{{param.name}}}", quote(text, safe=""))
                query = {p.name: given.pop(p.name) for p in entry.params if p.in_ == "query"}
                asked = urlencode({k: v for k, v in query.items() if v is not None})
                fields = None if entry.method == "GET" else given
                if entry.host == "api":
                    reply = await world.v1(entry.method, f"{path}?{asked}", fields, world.own)
                    assert reply.status in (200, 400, 403, 404), (entry.id, given, reply)
                    assert reply.json.get("code") != "ServiceUnavailable", (entry.id, given, query)
                elif entry.method == "GET":
                    reply = await world.raw("GET", f"{path}?access_token={world.own}&{asked}")
                    assert reply.code != -1, (entry.id, query)
                else:
                    reply = await world.post(path, given, world.own)
                    assert reply.code != -1, (entry.id, given)

    story(body, rate_profile="off")
