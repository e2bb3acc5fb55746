"""The storage API: what is uploaded, named, moved, removed and restored is found again."""

from __future__ import annotations

import msgspec

from ..office.people import heard, hire, subscribe
from ..openapi.world import World, story
from .addresses import Storage, fetch_signed, put, transfer

EVENTS = ("storage_dentry_create", "storage_dentry_update", "storage_dentry_delete")


def test_a_file_is_uploaded_committed_listed_downloaded_and_told_of() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        api = Storage(world, zhang)
        await subscribe(world, *EVENTS)
        space = await api.space(scene="合同", sceneId="1", quota=1000)
        assert await api.space(scene="合同", sceneId="1") == space
        asked = {"scope": "SPACE", "scopeId": space}
        assert (await api.call("POST", "/events/subscribe", asked)).json == {"success": True}
        folder = await api.folder(space, "0", "二〇二六")
        made = await api.file(space, folder, "合同.PDF", b"content", size=7)
        assert (made["name"], made["size"], made["version"]) == ("合同.PDF", 7, 1)
        assert (made["path"], made["extension"]) == ("/二〇二六/合同.PDF", "PDF")
        assert made["creatorId"] == zhang
        assert made["createTime"] == "2023-11-14T22:13:20Z"
        again = await api.call("POST", f"/spaces/{space}/dentries/{made['id']}/query", {})
        assert again.json["dentry"] == made
        assert await api.names(space, folder) == ["合同.PDF"]
        assert await api.download(space, made["id"]) == b"content"
        held = (await api.call("GET", f"/spaces/{space}")).json["space"]
        assert (held["usedQuota"], held["quota"], held["sceneId"]) == (7, 1000, "1")
        events = await heard(world)
        assert [each["EventType"] for each in events] == ["storage_dentry_create"] * 2
        assert events[1] | {"TimeStamp": 0} == {
            "EventType": "storage_dentry_create",
            "TimeStamp": 0,
            "CorpId": world.corp.corp_id,
            "spaceId": space,
            "dentryId": made["id"],
            "eventScope": "SPACE",
            "eventScopeId": space,
            "extension": "PDF",
            "unionId": zhang,
            "type": "FILE",
        }
        await api.call("POST", "/events/unsubscribe", asked)
        await api.file(space, folder, "b.txt")
        assert len(await heard(world)) == 2

    story(body)


def test_conflicts_of_names_are_solved_as_asked() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        api = Storage(world, zhang)
        space = await api.space()
        first = await api.file(space, "0", "a.txt", b"1")
        assert (await api.file(space, "0", "a.txt", b"22"))["name"] == "a(1).txt"
        key = await api.upload(space, b"333")
        error = await api.commit(
            space, "0", "a.txt", key, conflictStrategy="RETURN_ERROR_IF_EXISTS"
        )
        assert (error.status, error.json["code"]) == (400, "dentryAlreadyExist")
        same = await api.commit(
            space, "0", "a.txt", key, conflictStrategy="RETURN_DENTRY_IF_EXISTS"
        )
        assert same.json["dentry"]["id"] == first["id"]
        over = await api.file(space, "0", "a.txt", b"333", conflictStrategy="OVERWRITE")
        assert (over["id"], over["version"], over["size"]) == (first["id"], 2, 3)
        wrong = await api.commit(space, "0", "a.txt", key, conflictStrategy="MERGE")
        assert wrong.json["code"] == "paramError.conflictStrategy"
        old = await api.call("GET", f"/spaces/{space}/dentries/{first['id']}/versions")
        assert [each["version"] for each in old.json["dentries"]] == [2, 1]
        assert await api.download(space, first["id"], version=1) == b"1"
        back = await api.call("POST", f"/spaces/{space}/dentries/{first['id']}/versions/1/revert")
        assert back.json == {"success": True}
        assert await api.download(space, first["id"]) == b"1"
        assert (await api.call("GET", f"/spaces/{space}")).json["space"]["usedQuota"] == 3

    story(body)


def test_folders_are_renamed_moved_copied_and_never_into_themselves() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        api = Storage(world, zhang)
        one, two = await api.space(), await api.space()
        top = await api.folder(one, "0", "top")
        inner = await api.folder(one, top, "inner")
        await api.file(one, inner, "f.txt", b"12345")
        path = f"/spaces/{one}/dentries/{top}"
        renamed = await api.call("POST", f"{path}/rename", {"newName": "oben"})
        assert renamed.json["dentry"]["path"] == "/oben"
        bad = await api.call("POST", f"{path}/rename", {"newName": "a/b"})
        assert (bad.status, bad.json["code"]) == (400, "dentryNameIllegal")
        into = {"targetSpaceId": one, "targetFolderId": inner}
        itself = await api.call("POST", f"{path}/move", into)
        assert (itself.status, itself.json["code"]) == (403, "operationNotSupported")
        there = {"targetSpaceId": two, "targetFolderId": "0"}
        copied = (await api.call("POST", f"{path}/copy", there)).json["dentry"]
        assert copied["spaceId"] == two
        moved = (await api.call("POST", f"{path}/move", there)).json["dentry"]
        assert (moved["id"], moved["name"], moved["spaceId"]) == (top, "oben(1)", two)
        assert await api.names(one) == []
        assert await api.names(two, order="DESC", orderBy="NAME") == ["oben(1)", "oben"]
        assert await api.names(two, inner) == ["f.txt"]
        everything = await api.call("POST", f"/spaces/{two}/dentries/listAll", {})
        assert len(everything.json["dentries"]) == 6
        used = [
            (await api.call("GET", f"/spaces/{space}")).json["space"]["usedQuota"]
            for space in (one, two)
        ]
        assert used == [0, 10]
        batch = {"dentryIds": [inner, "999999"], **there}
        rows = (await api.call("POST", f"/spaces/{two}/dentries/batchMove", batch)).json
        assert [row["success"] for row in rows["resultItems"]] == [True, False]
        assert rows["resultItems"][1]["errorCode"] == "dentryNotExist"

    story(body)


def test_what_is_removed_waits_in_the_recycle_bin_and_comes_back_whole() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        api = Storage(world, zhang)
        space = await api.space()
        top = await api.folder(space, "0", "top")
        kept = await api.file(space, top, "kept.txt", b"123")
        gone = await api.file(space, top, "gone.txt", b"45678")
        dentries = f"/spaces/{space}/dentries"
        await api.call("DELETE", f"{dentries}/{gone['id']}")
        await api.call("DELETE", f"{dentries}/{top}")
        assert await api.names(space) == []
        missing = await api.call("POST", f"{dentries}/{kept['id']}/query", {})
        assert (missing.status, missing.json["code"]) == (404, "dentryNotExist")
        found = await api.call(
            "GET", "/recycleBins", recycleBinScope="ORG", scopeId=world.corp.corp_id
        )
        items = f"/recycleBins/{found.json['recycleBin']['id']}/recycleItems"
        listed = (await api.call("GET", items)).json["recycleItems"]
        assert [each["originalName"] for each in listed] == ["top", "gone.txt"]
        assert listed[1]["originalPath"] == "/top/gone.txt"
        page = (await api.call("GET", items, maxResults=1)).json
        rest = (await api.call("GET", items, nextToken=page["nextToken"])).json
        assert [each["id"] for each in rest["recycleItems"]] == [listed[1]["id"]]
        await api.folder(space, "0", "top")
        back = (await api.call("POST", f"{items}/{listed[0]['id']}/restore", {})).json
        assert back["dentryId"] == top
        assert sorted(await api.names(space)) == ["top", "top(1)"]
        assert await api.names(space, top) == ["kept.txt"]
        assert (await api.call("DELETE", f"{items}/{listed[1]['id']}")).json == {"success": True}
        again = await api.call("GET", f"{items}/{listed[1]['id']}")
        assert (again.status, again.json["code"]) == (404, "recycleItemNotExist")
        await api.call("DELETE", f"{dentries}/{top}", toRecycleBin="false")
        assert (await api.call("GET", items)).json["recycleItems"] == []
        used = (await api.call("GET", f"/spaces/{space}")).json["space"]["usedQuota"]
        assert used == 0

    story(body)


def test_parts_make_one_file_and_a_missing_part_is_named() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        api = Storage(world, zhang)
        space = await api.space()
        begun = await api.call("POST", f"/spaces/{space}/files/multiPartUploadInfos/init", {})
        key = begun.json["uploadKey"]
        asked = {"uploadKey": key, "partNumbers": [1, 2, 3]}
        infos = await api.call("POST", "/spaces/files/multiPartUploadInfos/query", asked)
        parts = [
            each["headerSignatureInfo"] for each in infos.json["multipartHeaderSignatureInfos"]
        ]
        for number in (2, 0):
            await put(world, parts[number], b"part%d;" % (number + 1))
        lacking = await api.commit(space, "0", "a.bin", key)
        assert lacking.json["code"] == "paramError.uploadKey"
        assert "Part 2 has not been uploaded" in lacking.explained
        await put(world, parts[1], b"wrong")
        await put(world, parts[1], b"part2;")
        made = (await api.commit(space, "0", "a.bin", key)).json["dentry"]
        assert await api.download(space, made["id"]) == b"part1;part2;part3;"
        assert (await api.commit(space, "0", "b.bin", key)).json["code"] == "paramError.uploadKey"
        late = await put(world, parts[1], b"late")
        assert late.status == 409

    story(body)


def test_version_two_names_folders_by_uuid() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        api = Storage(world, zhang)
        space = await api.space()
        folder = await api.folder(space, "0", "f")
        found = await api.call("POST", f"/spaces/{space}/dentries/{folder}/query", {})
        uuid = found.json["dentry"]["uuid"]
        base = f"/v2.0/storage/spaces/files/{uuid}"
        info = await api.call("POST", f"{base}/uploadInfos/query", {"protocol": "HEADER_SIGNATURE"})
        await put(world, info.json["headerSignatureInfo"], b"v2")
        fields = {"uploadKey": info.json["uploadKey"], "name": "v2.txt"}
        made = (await api.call("POST", f"{base}/commit", fields)).json["dentry"]
        assert (made["parentId"], made["path"]) == (folder, "/f/v2.txt")

    story(body)


def test_addresses_are_for_one_purpose_need_their_headers_and_expire() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        api = Storage(world, zhang)
        space = await api.space()
        made = await api.file(space, "0", "<b>.html".replace("<", "_").replace(">", "_"), b"<b>")
        path = f"/spaces/{space}/dentries/{made['id']}"
        info = (await api.call("POST", f"{path}/downloadInfos/query", {})).json
        signed = info["headerSignatureInfo"]
        url = signed["resourceUrls"][0]
        assert url.startswith("http://127.0.0.1/sanfang/files/")
        assert (await transfer(world, "GET", url, {})).status == 403
        assert (await transfer(world, "PUT", url, signed["headers"], b"x")).status == 403
        assert (await transfer(world, "POST", url, signed["headers"])).status == 405
        found = await fetch_signed(world, signed)
        assert found.body == b"<b>"
        assert found.headers["content-type"] == "application/octet-stream"
        assert found.headers["content-disposition"].startswith("attachment")
        preview = (await api.call("POST", f"{path}/openInfos/query", {})).json["url"]
        assert (await transfer(world, "GET", preview, {})).body == b"<b>"
        world.core.clock.travel(901_000)
        expired = await fetch_signed(world, signed)
        assert (expired.status, expired.json["code"]) == (403, 40078)

    story(body)


def test_too_long_a_content_and_a_full_space_are_refused_and_nothing_is_left() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        api = Storage(world, zhang)
        space = await api.space(quota=4)
        asked = {"protocol": "HEADER_SIGNATURE", "multipart": False}
        info = await api.call("POST", f"/spaces/{space}/files/uploadInfos/query", asked)
        signed = info.json["headerSignatureInfo"]
        assert (await put(world, signed, bytes(101))).status == 413
        assert (await put(world, signed, bytes(5))).status == 200
        full = await api.commit(space, "0", "a", info.json["uploadKey"])
        assert (full.status, full.json["code"]) == (400, "spaceQuotaInsufficient")
        assert await api.names(space) == []
        check = {**asked, "option": {"preCheckParam": {"size": 5, "name": "a"}}}
        early = await api.call("POST", f"/spaces/{space}/files/uploadInfos/query", check)
        assert early.json["code"] == "spaceQuotaInsufficient"
        again = await api.commit(space, "0", "a", info.json["uploadKey"], size=6)
        assert "6 bytes were announced, 5 came" in again.explained

    story(body, drive_upload_bytes=100)


def test_a_space_of_an_app_is_closed_to_other_apps_and_strangers_are_refused() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        space = await Storage(world, zhang).space()
        other = await Storage(world, zhang, world.isv).call("GET", f"/spaces/{space}")
        assert (other.status, other.json["code"]) == (403, "permissionDenied")
        none = await Storage(world, zhang).call("GET", "/spaces/999999")
        assert (none.status, none.json["code"]) == (404, "spaceNotExist")
        nobody = await Storage(world, "nobody").call("GET", f"/spaces/{space}")
        assert (nobody.status, nobody.json["code"]) == (400, "paramError")
        for wrong in ("abc", "-1", "9" * 30, "%F0%9F%98%80"):
            reply = await Storage(world, zhang).call("GET", f"/spaces/{wrong}")
            assert reply.json["code"] == "spaceNotExist"

    story(body)


def test_permissions_are_kept_listed_and_run_out() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        api = Storage(world, zhang)
        space = await api.space()
        made = await api.file(space, "0", "a.txt")
        path = f"/spaces/{space}/dentries/{made['id']}/permissions"
        reader = {"roleId": "READER", "members": [{"type": "USER", "id": zhang}]}
        assert (await api.call("POST", path, reader)).json == {"success": True}
        brief = {**reader, "members": [{"type": "DEPT", "id": "1"}], "option": {"duration": 60}}
        await api.call("POST", path, brief)
        await api.call("PUT", path, {**reader, "roleId": "EDITOR"})
        listed = (await api.call("POST", f"{path}/query", {})).json["permissions"]
        held = {each["member"]["type"]: each["role"]["id"] for each in listed}
        assert held == {"USER": "EDITOR", "DEPT": "READER"}
        world.core.clock.travel(61_000)
        uuid = f"/v2.0/storage/spaces/dentries/{made['uuid']}/permissions"
        later = (await api.call("POST", f"{uuid}/query", {})).json["permissions"]
        assert [each["member"]["id"] for each in later] == [zhang]
        await api.call("POST", f"{path}/remove", {**reader, "roleId": "EDITOR"})
        assert (await api.call("POST", f"{path}/query", {})).json["permissions"] == []
        wrong = await api.call("POST", path, {**reader, "roleId": "KING"})
        assert wrong.json["code"] == "paramError.roleId"

    story(body)


def test_properties_of_an_app_are_its_own_unless_public() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        space = (await world.v1("POST", "/v1.0/drive/spaces", _named(zhang), world.own)).json
        number = space["spaceId"]
        api, other = Storage(world, zhang), Storage(world, zhang, world.isv)
        made = await api.file(number, "0", "a.txt")
        path = f"/spaces/{number}/dentries/{made['id']}"
        hung = [
            {"name": "secret", "value": "1", "visibility": "PRIVATE"},
            {"name": "open", "value": "2", "visibility": "PUBLIC"},
        ]
        put_ = await api.call("PUT", f"{path}/appProperties", {"appProperties": hung})
        assert put_.json == {"success": True}
        seen = (await other.call("POST", f"{path}/query", {})).json["dentry"]["appProperties"]
        assert seen == {world.app.app_key: [hung[1]]}
        await api.call("POST", f"{path}/appProperties/remove", {"propertyNames": ["open"]})
        own = (await api.call("POST", f"{path}/query", {})).json["dentry"]["appProperties"]
        assert own == {world.app.app_key: [hung[0]]}
        many = [
            msgspec.json.decode(msgspec.json.encode({**hung[0], "name": str(n)})) for n in range(4)
        ]
        full = await api.call("PUT", f"{path}/appProperties", {"appProperties": many})
        assert full.json["code"] == "paramError.appProperties"

    story(body)


def _named(unionid: str) -> dict[str, str]:
    return {"name": "团队", "unionId": unionid}
