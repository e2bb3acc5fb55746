"""Files are found by name, by those who may read them."""

from __future__ import annotations

from typing import Any

import pytest

from ..office.people import hire
from ..openapi.world import Reply, World, story
from .addresses import Storage
from .test_permissions import give


async def search(world: World, who: str, word: str, token: str = "", **option: Any) -> Reply:
    path = f"/v2.0/storage/dentries/search?operatorId={who}"
    fields = {"keyword": word, "option": option}
    return await world.v1("POST", path, fields, token or world.own)


async def names(world: World, who: str, word: str, token: str = "", **option: Any) -> list[str]:
    reply = await search(world, who, word, token, **option)
    assert reply.status == 200, reply.body
    return [each["name"] for each in reply.json["items"]]


def test_a_word_finds_what_the_searcher_may_read() -> None:
    async def body(world: World) -> None:
        zhang, li = await hire(world, "zhang", "li")
        api = Storage(world, zhang)
        space, other = await api.space(), await api.space()
        folder = await api.folder(space, "0", "合同 2026")
        file = await api.file(space, folder, "销售合同.PDF")
        await api.file(other, "0", "100%_done!.txt")
        assert await names(world, zhang, "合同") == ["销售合同.PDF", "合同 2026"]
        assert await names(world, zhang, "pdf") == ["销售合同.PDF"]
        assert await names(world, zhang, "0%_d") == ["100%_done!.txt"]
        assert await names(world, zhang, "%") == ["100%_done!.txt"]
        assert await names(world, zhang, "e!") == ["100%_done!.txt"]
        assert await names(world, li, "合同") == []
        assert await names(world, zhang, "合同", world.isv) == []
        await give(api, space, folder, "READER", "USER", li)
        assert await names(world, li, "合同") == ["销售合同.PDF", "合同 2026"]
        (found,) = (await search(world, li, "销售")).json["items"]
        assert (found["dentryUuid"], found["path"]["path"]) == (
            file["uuid"],
            "/合同 2026/销售合同.PDF",
        )
        assert found["creator"] == {"userId": zhang, "name": "测试员zhang"}
        await api.call("DELETE", f"/spaces/{space}/dentries/{file['id']}")
        assert await names(world, zhang, "销售") == []

    story(body)


def test_a_search_is_narrowed_and_paged() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        api = Storage(world, zhang)
        one, two = await api.space(), await api.space()
        for number in range(3):
            await api.file(one, "0", f"a{number}.txt")
        world.core.clock.travel(1000)
        now = world.core.clock.now()
        await api.file(two, "0", "a3.txt")
        assert await names(world, zhang, "a", spaceIds=[int(two)]) == ["a3.txt"]
        assert await names(world, zhang, "a", createTimeRange={"startTime": now}) == ["a3.txt"]
        assert len(await names(world, zhang, "a", createTimeRange={"endTime": now - 1})) == 3
        assert await names(world, zhang, "a", creatorIds=["nobody"]) == []
        first = (await search(world, zhang, "a", maxResults=3)).json
        rest = (await search(world, zhang, "a", nextToken=first["nextToken"])).json
        shown = [each["name"] for each in first["items"] + rest["items"]]
        assert shown == ["a3.txt", "a2.txt", "a1.txt", "a0.txt"]
        assert "nextToken" not in rest

    story(body)


@pytest.mark.parametrize(
    ("word", "option", "code"),
    [
        ("x" * 300, {}, "paramError.keyword"),
        ("x", {"visitTimeRange": {"startTime": 1}}, "paramError.visitTimeRange"),
        ("x", {"nextToken": "yesterday"}, "paramError.nextToken"),
        ("x", {"createTimeRange": {"startTime": "soon"}}, "paramError"),
    ],
)
def test_a_search_that_cannot_be_is_refused(word: str, option: dict[str, Any], code: str) -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        reply = await search(world, zhang, word, **option)
        assert reply.status == 400
        assert reply.json["code"].startswith(code)
        assert reply.explained

    story(body)


def test_tasks_orgs_and_apps() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        api = Storage(world, zhang)
        space = await api.space(quota=1000)
        await api.file(space, "0", "a.txt", b"12345")
        gone = await api.call("GET", "/tasks/1")
        assert (gone.status, gone.json["code"]) == (404, "taskNotExist")
        org = (await api.call("GET", f"/orgs/{world.corp.corp_id}")).json["org"]
        assert org["partitions"][0]["quota"]["used"] == 5
        other = await api.call("GET", "/orgs/dingother")
        assert (other.status, other.json["code"]) == (403, "permissionDenied")
        own = (await api.call("POST", "/currentApps/query", {})).json["app"]
        assert (own["appId"], own["partitions"][0]["quota"]["used"]) == (world.app.app_key, 5)
        foreign = Storage(world, zhang, world.isv)
        theirs = (await foreign.call("POST", "/currentApps/query", {})).json["app"]
        assert theirs["partitions"][0]["quota"]["used"] == 0

    story(body)
