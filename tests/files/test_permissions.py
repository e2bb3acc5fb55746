"""Who may do what in a space: members are judged by the roles they were given."""

from __future__ import annotations

from typing import Any

import pytest

from sanfang.platform.domain import contacts, conversations, roles

from ..office.people import hire
from ..openapi.world import World, story
from .addresses import Storage
from .test_drives import TEAM, drive


async def give(owner: Storage, space: str, dentry: str, role: str, kind: str, id_: str) -> None:
    members = [{"type": kind, "id": id_, "corpId": owner.world.corp.corp_id}]
    path = f"/spaces/{space}/dentries/{dentry}/permissions"
    reply = await owner.call("POST", path, {"roleId": role, "members": members})
    assert reply.json == {"success": True}


async def may(someone: Storage, space: str, folder: str, file: str) -> list[str]:
    """What somebody may do: each a documented success or exactly the documented refusal."""
    tries: dict[str, tuple[str, str, Any]] = {
        "list": ("GET", f"/spaces/{space}/dentries", None),
        "read": ("POST", f"/spaces/{space}/dentries/{file}/query", {}),
        "download": ("POST", f"/spaces/{space}/dentries/{file}/downloadInfos/query", {}),
        "edit": ("POST", f"/spaces/{space}/dentries/{file}/rename", {"newName": "c.txt"}),
        "add": ("POST", f"/spaces/{space}/dentries/{folder}/folders", {"name": "n"}),
        "manage": (
            "POST",
            f"/spaces/{space}/dentries/{file}/permissions",
            {"roleId": "READER", "members": [{"type": "USER", "id": "x"}]},
        ),
    }
    found = []
    for name, (method, path, fields) in tries.items():
        more = {"parentId": folder} if name == "list" else {}
        reply = await someone.call(method, path, fields, **more)
        if reply.status == 200:
            found.append(name)
        else:
            assert (reply.status, reply.json["code"]) == (403, "permissionDenied"), reply.body
            assert "MANAGER" in reply.explained
    return found


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("", []),
        ("READER", ["list", "read"]),
        ("DOWNLOADER", ["list", "read", "download"]),
        ("EDITOR", ["list", "read", "download", "edit", "add"]),
        ("MANAGER", ["list", "read", "download", "edit", "add", "manage"]),
    ],
)
def test_a_role_on_a_folder_counts_for_what_is_in_it(role: str, allowed: list[str]) -> None:
    async def body(world: World) -> None:
        zhang, li = await hire(world, "zhang", "li")
        owner, other = Storage(world, zhang), Storage(world, li)
        space = await owner.space()
        folder = await owner.folder(space, "0", "f")
        file = (await owner.file(space, folder, "a.txt"))["id"]
        outside = (await owner.file(space, "0", "b.txt"))["id"]
        if role:
            await give(owner, space, folder, role, "USER", li)
        assert await may(other, space, folder, file) == allowed
        reply = await other.call("POST", f"/spaces/{space}/dentries/{outside}/query", {})
        assert (reply.status, reply.json["code"]) == (403, "permissionDenied")
        assert len(await may(owner, space, folder, file)) == 6

    story(body)


@pytest.mark.parametrize("kind", ["ORG", "DEPT", "TAG", "CONVERSATION"])
def test_a_role_reaches_members_through_what_they_belong_to(kind: str) -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        zhang, li = await hire(world, "zhang", "li")
        upper = await contacts.create_department(core, corp_id, name="研发部", parent_id=1)
        lower = await contacts.create_department(
            core, corp_id, name="一组", parent_id=upper.dept_id
        )
        wang = await contacts.create_member(
            core, corp_id, name="王", userid="wang", departments=[lower.dept_id]
        )
        group = await roles.create_group(core, corp_id, "职务")
        role_id = await roles.create_role(core, corp_id, "组长", group)
        await roles.give_roles(core, corp_id, [role_id], ["wang"])
        cid = await conversations.open_conversation(core, corp_id, ["zhang", "wang"])
        holder = {
            "ORG": corp_id,
            "DEPT": str(upper.dept_id),
            "TAG": str(role_id),
            "CONVERSATION": cid,
        }[kind]
        owner = Storage(world, zhang)
        space = await owner.space()
        await owner.file(space, "0", "a.txt")
        await give(owner, space, "0", "READER", kind, holder)
        assert await Storage(world, wang.unionid).names(space) == ["a.txt"]
        reply = await Storage(world, li).call("GET", f"/spaces/{space}/dentries", parentId="0")
        assert (reply.status == 200) == (kind == "ORG")

    story(body)


def test_a_role_ends_with_its_time_or_when_it_is_taken_back() -> None:
    async def body(world: World) -> None:
        zhang, li = await hire(world, "zhang", "li")
        owner, other = Storage(world, zhang), Storage(world, li)
        space = await owner.space()
        path = f"/spaces/{space}/dentries/0/permissions"
        fields = {"roleId": "READER", "members": [{"type": "USER", "id": li}]}
        await owner.call("POST", path, {**fields, "option": {"duration": 60}})
        assert (await other.call("GET", f"/spaces/{space}")).status == 200
        world.core.clock.travel(61_000)
        assert (await other.call("GET", f"/spaces/{space}")).status == 403
        await owner.call("POST", path, fields)
        assert (await other.call("GET", f"/spaces/{space}")).status == 200
        await owner.call("POST", f"{path}/remove", fields)
        assert (await other.call("GET", f"/spaces/{space}")).status == 403

    story(body)


def test_who_made_a_file_owns_it_wherever_it_lies() -> None:
    async def body(world: World) -> None:
        zhang, li = await hire(world, "zhang", "li")
        owner, other = Storage(world, zhang), Storage(world, li)
        space = await owner.space()
        folder = await owner.folder(space, "0", "f")
        await give(owner, space, folder, "EDITOR", "USER", li)
        file = (await other.file(space, folder, "li.txt"))["id"]
        await owner.call(
            "POST",
            f"/spaces/{space}/dentries/{folder}/permissions/remove",
            {"roleId": "EDITOR", "members": [{"type": "USER", "id": li}]},
        )
        assert "manage" in await may(other, space, folder, file)
        there = {"targetSpaceId": space, "targetFolderId": "0"}
        moved = await other.call("POST", f"/spaces/{space}/dentries/{file}/move", there)
        assert (moved.status, moved.json["code"]) == (403, "permissionDenied")

    story(body)


def test_the_drive_refuses_in_its_own_words() -> None:
    async def body(world: World) -> None:
        zhang, li = await hire(world, "zhang", "li")
        made = await drive(world, "POST", TEAM, zhang, {"name": "团队文件"})
        files = f"{TEAM}/{made['spaceId']}/files"
        refused = await drive(world, "GET", files, li)
        assert refused["code"] == "no.priviledge"
        members = [{"memberType": "user", "memberId": li, "corpId": world.corp.corp_id}]
        fields = {"role": "viewer", "members": members}
        await drive(world, "POST", f"{files}/0/permissions", zhang, fields)
        assert (await drive(world, "GET", files, li)).get("files") == []
        gone = await drive(world, "DELETE", f"{TEAM}/{made['spaceId']}", li)
        assert gone["code"] == "no.priviledge"

    story(body)
