"""The drive API and the drive of 2016: other names of the same spaces and files."""

from __future__ import annotations

import json
from typing import Any

from ..office.people import hire
from ..openapi.world import World, story
from .addresses import Storage, fetch_signed, put
from .forms import encoded

TEAM = "/v1.0/drive/spaces"


async def drive(
    world: World, method: str, path: str, unionid: str, fields: Any = None, **query: object
) -> dict[str, Any]:
    """Call with the unionId where this method has it: in the body, or in the query."""
    if fields is None:
        query["unionId"] = unionid
    else:
        fields = {**fields, "unionId": unionid}
    parts = "&".join(f"{name}={value}" for name, value in query.items())
    return (await world.v1(method, f"{path}?{parts}", fields, world.own)).json


def test_a_file_of_the_drive_is_a_dentry_of_the_storage_and_the_other_way_round() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        made = await drive(world, "POST", TEAM, zhang, {"name": "团队文件"})
        assert (made["spaceName"], made["spaceType"]) == ("团队文件", "org")
        files = f"{TEAM}/{made['spaceId']}/files"
        folder = await drive(world, "POST", files, zhang, {"fileType": "folder", "fileName": "图"})
        asked = {"fileName": "a.png", "fileSize": 3, "md5": "0" * 32}
        upload = f"{files}/{folder['fileId']}/uploadInfos"
        info = (await drive(world, "GET", upload, zhang, **asked))["headerSignatureUploadInfo"]
        assert (await put(world, info, b"png")).status == 200
        fields = {
            "fileType": "file",
            "fileName": "a.png",
            "parentId": folder["fileId"],
            "mediaId": info["mediaId"],
        }
        file = await drive(world, "POST", files, zhang, fields)
        assert (file["filePath"], file["contentType"], file["fileSize"]) == (
            "/图/a.png",
            "image",
            3,
        )
        one = f"{files}/{file['fileId']}"
        assert await drive(world, "GET", one, zhang) == file

        storage = Storage(world, zhang)
        assert await storage.names(made["spaceId"], folder["fileId"]) == ["a.png"]
        assert await storage.download(made["spaceId"], file["fileId"]) == b"png"
        await storage.file(made["spaceId"], folder["fileId"], "b.txt", b"text")
        listed = await drive(
            world, "GET", files, zhang, parentId=folder["fileId"], orderType="sizeDesc"
        )
        assert [each["fileName"] for each in listed["files"]] == ["b.txt", "a.png"]
        page = await drive(world, "GET", files, zhang, parentId=folder["fileId"], maxResults=1)
        rest = await drive(
            *(world, "GET", files, zhang), parentId=folder["fileId"], nextToken=page["nextToken"]
        )
        assert [each["fileName"] for each in rest["files"]] == ["b.txt"]

        renamed = await drive(world, "POST", f"{one}/rename", zhang, {"newFileName": "c.png"})
        assert renamed["fileName"] == "c.png"
        moved = await drive(world, "POST", f"{one}/move", zhang, {"targetSpaceId": made["spaceId"]})
        assert moved["parentId"] == "0"
        got = (await drive(world, "GET", f"{one}/downloadInfos", zhang))["downloadInfo"]
        assert (await fetch_signed(world, got)).body == b"png"
        gone = await drive(world, "DELETE", one, zhang, deletePolicy="toRecycle")
        assert gone == {"success": True}
        bin_ = "/v1.0/drive/recycleItems"
        (item,) = (await drive(world, "GET", bin_, zhang, recycleType="org"))["recycleItems"]
        assert (item["fileName"], item["deleteStaffId"]) == ("c.png", zhang)
        back = {"recycleItemIdList": [int(item["recycleItemId"])], "recycleType": "org"}
        assert await drive(world, "POST", f"{bin_}/recover", zhang, back) == {}
        assert (await drive(world, "GET", one, zhang))["fileName"] == "c.png"

    story(body)


def test_refusals_of_the_drive_api_are_in_its_own_words() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        made = await drive(world, "POST", TEAM, zhang, {"name": "团队"})
        files = f"{TEAM}/{made['spaceId']}/files"
        cases = [
            ("GET", f"{TEAM}/99999", None, "object.not.exist"),
            ("GET", f"{files}/99999", None, "object.not.exist"),
            ("POST", files, {"fileType": "folder", "fileName": "a:b"}, "filename.invalid"),
            ("POST", files, {"fileType": "file", "fileName": "a"}, "param.error"),
            ("POST", TEAM, {"name": "  "}, "param.error"),
        ]
        for method, path, fields, code in cases:
            refused = await drive(world, method, path, zhang, fields)
            assert (path, refused["code"]) == (path, code)
        await drive(world, "DELETE", f"{TEAM}/{made['spaceId']}", zhang)
        listed = await drive(world, "GET", TEAM, zhang, spaceType="org", maxResults=10)
        assert listed == {"spaces": []}

    story(body)


def test_permissions_have_the_names_of_this_api() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        made = await drive(world, "POST", TEAM, zhang, {"name": "团队"})
        path = f"{TEAM}/{made['spaceId']}/files/0/permissions"
        member = {"corpId": world.corp.corp_id, "memberType": "user", "memberId": zhang}
        fields = {"role": "only_viewer", "members": [member]}
        assert await drive(world, "POST", path, zhang, fields) == {}
        (listed,) = (await drive(world, "GET", path, zhang))["members"]
        assert (listed["role"], listed["member"]["memberId"]) == ("only_viewer", zhang)
        assert await drive(world, "POST", f"{path}/delete", zhang, fields) == {}
        assert (await drive(world, "GET", path, zhang))["members"] == []

    story(body)


def test_the_drive_of_2016_uploads_in_parts_adds_to_a_space_and_sends_to_a_member() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        agent = world.app.agent_id
        space = (await world.get("/cspace/get_custom_space", world.own, domain="Test")).json
        again = (await world.get("/cspace/get_custom_space", world.own, domain="test")).json
        assert space["spaceid"] == again["spaceid"]
        plan = {"agent_id": agent, "file_size": 9, "chunk_numbers": 2}
        begun = (await world.get("/file/upload/transaction", world.own, **plan)).json
        for number, piece in ((2, b"6789"), (1, b"12345")):
            target = (
                f"/file/upload/chunk?access_token={world.own}&agent_id={agent}"
                f"&upload_id=%23{begun['upload_id'][1:]}&chunk_sequence={number}"
            )
            reply = await world.raw("POST", target, *encoded(("file", ("part", piece))))
            assert reply.code == 0
        done = await world.get(
            "/file/upload/transaction", world.own, upload_id=begun["upload_id"], **plan
        )
        media_id = done.json["media_id"]
        added = await world.get(
            *("/cspace/add", world.own),
            code="any",
            media_id=media_id,
            space_id=space["spaceid"],
            name="报告.pdf",
        )
        dentry = json.loads(added.json["dentry"])
        assert (dentry["name"], dentry["size"]) == ("报告.pdf", 9)
        storage = Storage(world, zhang)
        assert await storage.download(space["spaceid"], dentry["id"]) == b"123456789"
        used = await world.get("/cspace/used_info", world.own, domain="test", agent_id=agent)
        assert used.json["used_size"] == "9"
        granted = await world.get(
            *("/cspace/grant_custom_space", world.own),
            domain="test",
            type="download",
            userid="zhang",
            fileids=dentry["id"],
            duration=10,
        )
        assert (granted.code, granted.json["spaceid"]) == (0, space["spaceid"])
        fields = {"agent_id": agent, "userid": "zhang", "media_id": media_id, "file_name": "a.pdf"}
        assert (await world.post("/cspace/add_to_single_chat", fields, world.own)).code == 0

    story(body)


def test_uploads_of_2016_say_what_is_wrong() -> None:
    async def body(world: World) -> None:
        agent = world.app.agent_id
        single = f"/file/upload/single?access_token={world.own}&agent_id={agent}&file_size="
        form = encoded(("file", ("a.txt", b"12345")))
        wrong = await world.raw("POST", single + "4", *form)
        assert wrong.code == 40006
        assert "4 bytes were announced, 5 came" in wrong.explained
        assert (await world.raw("POST", single + "5", *form)).json["media_id"]
        plan = {"agent_id": agent, "file_size": 9, "chunk_numbers": 2}
        begun = (await world.get("/file/upload/transaction", world.own, **plan)).json["upload_id"]
        early = await world.get("/file/upload/transaction", world.own, upload_id=begun, **plan)
        assert early.code == 40035
        assert "Part 1 has not been uploaded" in early.explained
        no_space = await world.get(
            *("/cspace/add", world.own), code="c", media_id="m", space_id="77", name="a"
        )
        assert no_space.code == 72001
        assert (await world.get("/cspace/get_custom_space", world.own)).code == 40035
        assert (await world.get("/cspace/get_custom_space", world.own, domain="a-b")).code == 40035

    story(body)
