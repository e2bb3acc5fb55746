"""Roles, their groups and holders; administrators; external contacts."""

from __future__ import annotations

from typing import Any

from sanfang.platform.domain import admins, contacts

from ..openapi.world import World, story


async def made(world: World) -> tuple[int, int]:
    """A group and a role in it, both made through the API; members jia and yi."""
    for userid in ("jia", "yi"):
        await contacts.create_member(
            world.core, world.corp.corp_id, name=f"测试员{userid}", userid=userid
        )
    group = (await world.post("/role/add_role_group", {"name": "职务"}, world.own)).json["groupId"]
    role = await world.post("/role/add_role", {"roleName": "负责人", "groupId": group}, world.own)
    return group, role.json["roleId"]


def test_a_role_is_given_shown_limited_and_taken() -> None:
    async def body(world: World) -> None:
        group, role = await made(world)
        give = {"roleIds": str(role), "userIds": "jia,yi"}
        assert (await world.post("/topapi/role/addrolesforemps", give, world.own)).code == 0
        assert (await world.post("/topapi/role/addrolesforemps", give, world.own)).code == 0
        scope = {"role_id": role, "userid": "jia", "dept_ids": "1"}
        assert (await world.post("/topapi/role/scope/update", scope, world.own)).code == 0
        reply = await world.post("/topapi/role/simplelist", {"role_id": role}, world.isv)
        first, second = reply.json["result"]["list"]
        assert first["manageScopes"] == [{"dept_id": 1, "name": "示例公司"}]
        assert second == {"userid": "yi", "name": "测试员yi"}
        new = (await world.post("/topapi/v2/user/get", {"userid": "jia"}, world.own)).json["result"]
        assert new["role_list"] == [{"id": role, "name": "负责人", "group_name": "职务"}]
        old = (await world.get("/user/get", world.own, userid="jia")).json
        assert [(each["id"], each["groupName"]) for each in old["roles"]] == [(role, "职务")]
        assert (await world.post("/topapi/role/deleterole", {"role_id": role}, world.own)).code == (
            23004
        )
        take = {"roleIds": str(role), "userIds": "jia"}
        assert (await world.post("/topapi/role/removerolesforemps", take, world.own)).code == 0
        await contacts.delete_member(world.core, world.corp.corp_id, "yi")
        reply = await world.post("/topapi/role/simplelist", {"role_id": role}, world.own)
        assert reply.json["result"] == {"hasMore": False, "list": []}
        assert (await world.post("/topapi/role/deleterole", {"role_id": role}, world.own)).code == 0
        shown = await world.post("/topapi/role/getrolegroup", {"group_id": group}, world.own)
        assert shown.json["role_group"] == {"group_name": "职务", "roles": []}

    story(body)


def test_roles_are_renamed_and_listed_in_pages_with_their_groups() -> None:
    async def body(world: World) -> None:
        group, role = await made(world)
        await world.post("/role/add_role_group", {"name": "空组"}, world.own)
        for name in ("主管", "出纳"):
            await world.post("/role/add_role", {"roleName": name, "groupId": group}, world.own)
        renamed = {"roleId": role, "roleName": "总监"}
        assert (await world.post("/role/update_role", renamed, world.own)).code == 0
        shown = await world.post("/topapi/role/getrole", {"roleId": role}, world.own)
        assert shown.json["role"] == {"name": "总监", "groupId": group}
        seen: list[tuple[str, str]] = []
        offset: int | None = 0
        while offset is not None:
            fields = {"offset": offset, "size": 2}
            page = (await world.post("/topapi/role/list", fields, world.own)).json["result"]
            for each in page["list"]:
                seen += [(each["name"], one["name"]) for one in each["roles"]] or [
                    (each["name"], "")
                ]
            offset = page.get("nextCursor")
            assert (offset is not None) is page["hasMore"]
        assert seen == [("职务", "总监"), ("职务", "主管"), ("职务", "出纳"), ("空组", "")]

    story(body)


REFUSED: list[tuple[str, dict[str, Any], int]] = [
    ("/role/add_role_group", {"name": " "}, 34018),
    ("/role/add_role_group", {"name": "职务"}, 34020),
    ("/role/add_role", {"roleName": "x", "groupId": 77777}, 34021),
    ("/role/add_role", {"roleName": "负责人", "groupId": 0}, 34020),
    ("/role/update_role", {"roleId": 77777, "roleName": "x"}, 33011),
    ("/topapi/role/getrole", {"roleId": 77777}, 33011),
    ("/topapi/role/getrolegroup", {"group_id": 77777}, 400002),
    ("/topapi/role/deleterole", {"role_id": 77777}, 33011),
    ("/topapi/role/simplelist", {"role_id": 77777}, 33011),
    ("/topapi/role/simplelist", {"role_id": 0, "size": 101}, 40069),
    ("/topapi/role/list", {"size": 201}, 40069),
    ("/topapi/role/list", {"offset": -1}, 40068),
    ("/topapi/role/addrolesforemps", {"roleIds": "77777", "userIds": "jia"}, 33011),
    ("/topapi/role/addrolesforemps", {"roleIds": "0", "userIds": "nobody"}, 33012),
    ("/topapi/role/addrolesforemps", {"roleIds": "0", "userIds": ",".join("a" * 21)}, 40035),
    ("/topapi/role/removerolesforemps", {"roleIds": "77777", "userIds": "jia"}, 33011),
    ("/topapi/role/scope/update", {"role_id": 77777, "userid": "jia"}, 34018),
    ("/topapi/role/scope/update", {"role_id": 0, "userid": "nobody"}, 46004),
    ("/topapi/role/scope/update", {"role_id": 0, "userid": "jia", "dept_ids": "77"}, 60003),
    ("/topapi/role/scope/update", {"role_id": 0, "userid": "jia"}, 60301),
]


def test_wrong_calls_about_roles_are_refused_by_number() -> None:
    """0 stands for the role (or group) that exists."""

    async def body(world: World) -> None:
        group, role = await made(world)
        there = {"roleId": role, "role_id": role, "groupId": group, "roleIds": str(role)}
        for path, fields, code in REFUSED:
            real = {
                name: there[name] if value in (0, "0") else value for name, value in fields.items()
            }
            reply = await world.post(path, real, world.own)
            assert reply.code == code, (path, fields, reply.json)
            assert reply.explained
        refused = await world.post("/role/add_role_group", {"name": "x"}, world.isv)
        assert refused.code == 60011

    story(body)


def test_administrators_are_listed_under_both_names_with_what_they_manage() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        await made(world)
        dept = (await contacts.create_department(core, corp_id, "研发部")).dept_id
        await admins.set_admin(core, corp_id, "jia", 2, departments=[dept])
        both = [{"sys_level": 1, "userid": "manager"}, {"sys_level": 2, "userid": "jia"}]
        old = (await world.get("/user/get_admin", world.isv)).json
        assert old["adminList"] == old["admin_list"] == both
        new = await world.post("/topapi/user/listadmin", {}, world.isv)
        assert new.json["result"] == both
        path = "/topapi/user/get_admin_scope"
        assert (await world.post(path, {"userid": "jia"}, world.own)).json["dept_ids"] == [dept]
        assert (await world.post(path, {"userid": "manager"}, world.own)).json["dept_ids"] == [1]
        await admins.set_admin(core, corp_id, "yi", 1)
        levels = await admins.list_admins(core, corp_id)
        assert levels == [("yi", 1), ("jia", 2), ("manager", 2)]
        await admins.set_admin(core, corp_id, "jia", 0)
        assert (await world.get("/user/get", world.own, userid="jia")).json["isAdmin"] is False

    story(body)


def test_an_external_contact_from_its_making_to_its_removal() -> None:
    async def body(world: World) -> None:
        contact = {
            "name": "示例客户",
            "mobile": "13800000001",
            "state_code": "86",
            "follower_user_id": "manager",
            "label_ids": [1001],
            "company_name": "示例公司",
            "share_user_ids": ["manager"],
        }
        path = "/topapi/extcontact"
        made = await world.post(f"{path}/create", {"contact": contact}, world.own)
        userid = made.json["userid"]
        again = await world.post(f"{path}/create", {"contact": contact}, world.own)
        assert again.code == 60104
        changed = {**contact, "user_id": userid, "name": "新名", "mobile": "13800000009"}
        assert (await world.post(f"{path}/update", {"contact": changed}, world.own)).code == 0
        shown = await world.post(f"{path}/get", {"user_id": userid}, world.isv)
        found = shown.json["result"]
        assert (found["name"], found["mobile"]) == ("新名", "13800000001")
        listed = await world.post(f"{path}/list", {"size": 20, "offset": 0}, world.isv)
        assert listed.json["results"] == [found]
        labels = await world.post(f"{path}/listlabelgroups", {"size": 1, "offset": 0}, world.isv)
        assert [each["id"] for each in labels.json["results"][0]["labels"]] == [1001, 1002, 1003]
        for wrong, code in (
            ({"name": ""}, 60112),
            ({"mobile": "x"}, 60103),
            ({"follower_user_id": "nobody"}, 40003),
            ({"label_ids": list(range(21))}, 40035),
            ({"label_ids": "x"}, 40035),
        ):
            fields = {**contact, "mobile": "13800000002", **wrong}
            reply = await world.post(f"{path}/create", {"contact": fields}, world.own)
            assert reply.code == code, (wrong, reply.json)
        gone = {"contact": {**changed, "user_id": "nobody"}}
        assert (await world.post(f"{path}/update", gone, world.own)).code == 60121
        assert (await world.post(f"{path}/delete", {"user_id": userid}, world.own)).code == 0
        for call in ("get", "delete"):
            assert (await world.post(f"{path}/{call}", {"user_id": userid}, world.own)).code == (
                33012
            )

    story(body)
