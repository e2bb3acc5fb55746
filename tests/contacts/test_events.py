"""Every change is announced to who subscribed, in the order of the changes, and a refused one is not."""

from __future__ import annotations

import json
from typing import Any

from sanfang.platform.domain import admins, contacts, outbox
from sanfang.platform.domain.corp_events import target_of

from ..domain.world import AES_KEY
from ..openapi.world import World, story

TAGS = [
    *("user_add_org", "user_modify_org", "user_leave_org", "user_active_org"),
    *("org_admin_add", "org_admin_remove"),
    *("org_dept_create", "org_dept_modify", "org_dept_remove"),
    *("label_user_change", "label_conf_add", "label_conf_modify", "label_conf_del"),
]


async def subscribe(world: World) -> None:
    form = {"call_back_tag": TAGS, "token": "tok", "aes_key": AES_KEY, "url": "http://isv.example/"}
    reply = await world.post("/call_back/register_call_back", form, world.own)
    assert reply.code == 0, reply.json


async def announced(world: World) -> list[dict[str, Any]]:
    pushes = await outbox.list_pushes(world.core, suite_key=target_of(world.app.app_key))
    events = [json.loads(push.plain) for push in reversed(pushes)]
    return [event for event in events if event["EventType"] in TAGS]


def test_changes_of_members_and_departments_are_announced_under_every_name() -> None:
    async def body(world: World) -> None:
        await subscribe(world)
        own = world.own
        for path, fields in (
            ("/department/create", {"name": "研发部", "parentid": 1}),
            ("/user/create", {"userid": "a", "name": "甲", "email": "a@x.cn", "department": [2]}),
            (
                "/topapi/v2/user/create",
                {"userid": "b", "name": "乙", "mobile": "13900000001", "dept_id_list": "2"},
            ),
            ("/topapi/v2/user/update", {"userid": "a", "title": "工程师"}),
            ("/user/batchdelete", {"useridlist": ["a", "b"]}),
            ("/topapi/v2/department/update", {"dept_id": 2, "name": "新名"}),
            ("/topapi/v2/department/delete", {"dept_id": 2}),
        ):
            assert (await world.post(path, fields, own)).code == 0, path
        got = await announced(world)
        assert [(each["EventType"], each.get("UserId") or each["DeptId"]) for each in got] == [
            ("org_dept_create", [2]),
            ("user_add_org", ["a"]),
            ("user_add_org", ["b"]),
            ("user_modify_org", ["a"]),
            ("user_leave_org", ["a", "b"]),
            ("org_dept_modify", [2]),
            ("org_dept_remove", [2]),
        ]
        assert {each["CorpId"] for each in got} == {world.corp.corp_id}

    story(body)


def test_roles_and_administrators_are_announced() -> None:
    async def body(world: World) -> None:
        await subscribe(world)
        core, corp_id, own = world.core, world.corp.corp_id, world.own
        group = (await world.post("/role/add_role_group", {"name": "职务"}, own)).json["groupId"]
        fields = {"roleName": "主管", "groupId": group}
        role = (await world.post("/role/add_role", fields, own)).json["roleId"]
        both = {"roleIds": str(role), "userIds": "manager"}
        await world.post("/topapi/role/addrolesforemps", both, own)
        await world.post("/topapi/role/removerolesforemps", both, own)
        await world.post("/role/update_role", {"roleId": role, "roleName": "总监"}, own)
        await world.post("/topapi/role/deleterole", {"role_id": role}, own)
        await contacts.create_member(core, corp_id, name="甲", userid="a")
        await admins.set_admin(core, corp_id, "a", 2)
        await admins.set_admin(core, corp_id, "a", 2, departments=[1])  # nothing new
        await admins.set_admin(core, corp_id, "a", 0)
        await admins.set_active(core, corp_id, "a", False)
        await admins.set_active(core, corp_id, "a", True)
        await admins.set_active(core, corp_id, "a", True)  # nothing new
        got = await announced(world)
        assert [each["EventType"] for each in got] == [
            *("label_conf_add", "label_conf_add", "label_user_change", "label_user_change"),
            *("label_conf_modify", "label_conf_del"),
            *("user_add_org", "org_admin_add", "org_admin_remove", "user_active_org"),
        ]
        changes = [each for each in got if each["EventType"] == "label_user_change"]
        assert [each["action"] for each in changes] == ["add", "remove"]
        assert changes[0]["labelIdList"] == [role]
        assert changes[0]["userIdList"] == ["manager"]
        modified = next(each for each in got if each["EventType"] == "label_conf_modify")
        assert json.loads(modified["postLabelList"][0]) == {"id": role, "name": "总监"}

    story(body)


def test_a_refused_change_announces_nothing() -> None:
    async def body(world: World) -> None:
        await subscribe(world)
        for path, fields in (
            ("/user/create", {"name": "甲", "email": "a@x.cn", "department": [77]}),
            ("/user/update", {"userid": "manager", "managerUserid": "nobody"}),
            ("/user/batchdelete", {"useridlist": ["manager", "nobody"]}),
            ("/department/create", {"name": "x", "parentid": 77}),
            ("/department/update", {"id": 1, "orgDeptOwner": "nobody"}),
        ):
            assert (await world.post(path, fields, world.own)).code != 0, path
        assert await announced(world) == []

    story(body)
