"""Attachments of approvals: the tutorial's walk from the space to the download, old and new names."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from sanfang.platform.domain import spaces

from ..files.addresses import Storage, transfer
from ..openapi.world import World, story
from .people import hire
from .test_approvals import NEW, a_form, begin, one

SPACES = f"{NEW}/spaces"


async def attach(world: World, unionid: str) -> tuple[str, dict[str, Any], str]:
    """Ask for the space, put a file in, start an approval with it: space, file, instance."""
    asked = await world.v1("POST", f"{SPACES}/infos/query", {"userId": "zhang"}, world.own)
    space = str(asked.json["result"]["spaceId"])
    file = await Storage(world, unionid).file(space, "0", "票据.pdf", b"receipt")
    shown = {"spaceId": space, "fileId": file["id"], "fileName": "票据.pdf", "fileSize": "7"}
    values = [
        {"name": "事由", "value": "报销"},
        {"name": "附件", "value": json.dumps([{**shown, "fileType": "pdf"}])},
    ]
    number = await begin(world, await a_form(world), one("li"), formComponentValues=values)
    return space, file, number


async def fetched(world: World, url: str) -> bytes:
    parts = urlsplit(url)
    assert parts.path.startswith("/sanfang/files/")
    return (await transfer(world, "GET", url, {})).body


def test_the_tutorials_walk() -> None:
    async def body(world: World) -> None:
        zhang, li = await hire(world, "zhang", "li")
        space, file, number = await attach(world, zhang)
        other = Storage(world, li)
        path = f"/spaces/{space}/dentries/{file['id']}"
        before = await other.call("POST", f"{path}/query", {})
        assert (before.status, before.json["code"]) == (403, "permissionDenied")

        fields = {"userId": "li", "processInstanceId": number, "fileId": file["id"]}
        seen = await world.v1("POST", f"{SPACES}/authPreview", fields, world.own)
        assert seen.json == {"result": {"spaceId": int(space)}, "success": True}
        assert (await other.call("POST", f"{path}/query", {})).status == 200
        assert (await other.call("POST", f"{path}/downloadInfos/query", {})).status == 403
        infos = {"userId": "li", "fileInfos": [{"spaceId": int(space), "fileId": file["id"]}]}
        given = await world.v1("POST", f"{SPACES}/files/authDownload", infos, world.own)
        assert given.json == {"result": True, "success": True}
        assert await other.download(space, file["id"]) == b"receipt"

        ask = {"processInstanceId": number, "fileId": file["id"]}
        told = await world.v1("POST", f"{SPACES}/files/urls/download", ask, world.own)
        result = told.json["result"]
        assert (result["spaceId"], result["fileId"]) == (int(space), file["id"])
        assert await fetched(world, result["downloadUri"]) == b"receipt"

    story(body)


def test_the_older_names_reach_the_same_files() -> None:
    async def body(world: World) -> None:
        zhang, li = await hire(world, "zhang", "li")
        space, file, number = await attach(world, zhang)
        old = "/topapi/processinstance"
        info = await world.post(f"{old}/cspace/info", {"user_id": "li"}, world.isv)
        assert info.json["result"] == {"space_id": int(space)}
        of = {"process_instance_id": number, "file_id": file["id"]}
        preview = {"request": {**of, "userid": "li"}}
        seen = await world.post(f"{old}/cspace/preview", preview, world.isv)
        assert seen.json["result"] == {"space_id": int(space)}
        grant = {"userid": "li", "file_infos": [{"space_id": space, "file_id": file["id"]}]}
        given = await world.post("/topapi/process/dentry/auth", {"request": grant}, world.own)
        assert given.json["result"] is True
        assert await Storage(world, li).download(space, file["id"]) == b"receipt"
        url = await world.post(f"{old}/file/url/get", {"request": of}, world.own)
        assert await fetched(world, url.json["result"]["download_uri"]) == b"receipt"

    story(body)


def test_who_may_put_a_file_in_does_not_see_those_of_others() -> None:
    async def body(world: World) -> None:
        zhang, li = await hire(world, "zhang", "li")
        space, file, _ = await attach(world, zhang)
        await world.v1("POST", f"{SPACES}/infos/query", {"userId": "li"}, world.own)
        other = Storage(world, li)
        own = await other.file(space, "0", "li.txt", b"x")
        assert await other.download(space, own["id"]) == b"x"
        for method, path in (
            ("GET", f"/spaces/{space}/dentries"),
            ("POST", f"/spaces/{space}/dentries/{file['id']}/query"),
            ("POST", f"/spaces/{space}/dentries/listAll"),
        ):
            reply = await other.call(method, path, None if method == "GET" else {}, parentId=0)
            assert (reply.status, reply.json["code"]) == (403, "permissionDenied")
        teams = await world.v1(
            "GET", f"/v1.0/drive/spaces?unionId={zhang}&spaceType=org", None, world.own
        )
        assert teams.json["spaces"] == []

    story(body)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"fileId": "999"}, "invalidFileId"),
        ({"fileId": "x"}, "invalidFileId"),
        ({"processInstanceId": "none"}, None),
        ({"userId": "nobody"}, "userNotExist"),
    ],
)
def test_what_is_not_there_is_refused(changes: dict[str, str], code: str | None) -> None:
    async def body(world: World) -> None:
        (zhang, _) = await hire(world, "zhang", "li")
        _, file, number = await attach(world, zhang)
        fields = {"userId": "li", "processInstanceId": number, "fileId": file["id"], **changes}
        reply = await world.v1("POST", f"{SPACES}/authPreview", fields, world.own)
        assert reply.status == 400
        assert code is None or reply.json["code"] == code
        assert reply.explained

    story(body)


def test_a_file_that_no_form_names_is_no_attachment() -> None:
    async def body(world: World) -> None:
        (zhang, _) = await hire(world, "zhang", "li")
        space, _, number = await attach(world, zhang)
        loose = await Storage(world, zhang).file(space, "0", "lose.txt", b"x")
        ask = {"processInstanceId": number, "fileId": loose["id"]}
        reply = await world.v1("POST", f"{SPACES}/files/urls/download", ask, world.own)
        assert (reply.status, reply.json["code"]) == (400, "invalidFileId")

    story(body)


def test_a_question_that_is_refused_makes_no_space() -> None:
    async def body(world: World) -> None:
        fields = {"userId": "manager", "fileInfos": [{"spaceId": 1, "fileId": "1"}]}
        reply = await world.v1("POST", f"{SPACES}/files/authDownload", fields, world.own)
        assert (reply.status, reply.json["code"]) == (400, "invalidFileId")
        assert await spaces.of_corp(world.core, world.corp.corp_id, spaces.APPROVAL) is None

    story(body)
