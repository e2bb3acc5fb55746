"""Every change is announced to who subscribed, in the order of the changes, and a refused one is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sanfang.platform.domain import admins, contacts, corps, outbox
from sanfang.platform.domain.corp_events import target_of
from sanfang.platform.domain.refusals import Refusal

from ..domain.world import AES_KEY
from ..openapi.world import World, story

TAGS = [
    *("user_add_org", "user_modify_org", "user_leave_org", "user_active_org"),
    *("org_admin_add", "org_admin_remove"),
    *("org_dept_create", "org_dept_modify", "org_dept_remove"),
    *("label_user_change", "label_conf_add", "label_conf_modify", "label_conf_del"),
    *("org_change", "org_remove"),
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


def test_a_renamed_or_certified_corp_is_announced_and_its_root_is_called_as_it() -> None:
    async def body(world: World) -> None:
        await subscribe(world)
        core, corp_id = world.core, world.corp.corp_id
        await corps.update_corp(core, corp_id, name="新名公司")
        await corps.update_corp(core, corp_id, is_authenticated=True)
        same = await corps.update_corp(core, corp_id, name="新名公司")  # nothing new
        assert (same.name, same.is_authenticated) == ("新名公司", True)
        root = await world.get("/department/get", world.own, id=1)
        assert root.json["name"] == "新名公司"
        await corps.dissolve_corp(core, corp_id)
        with pytest.raises(Refusal):
            await corps.update_corp(core, corp_id, name="x")
        tags = [each["EventType"] for each in await announced(world)]
        assert tags == ["org_change", "org_change", "org_remove"]

    story(body)


def test_what_changed_of_a_member_is_told_to_own_apps_and_not_to_suites() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        fields: dict[str, Any] = {"email": "a@x.cn", "telephone": "8001", "jobnumber": "7"}
        await contacts.create_member(core, corp_id, name="甲", userid="a", **fields)
        await subscribe(world)
        form = {"call_back_tag": TAGS, "token": "t", "aes_key": AES_KEY, "url": "http://i.example/"}
        assert (await world.post("/call_back/register_call_back", form, world.isv)).code == 0
        changed: dict[str, Any] = {"telephone": "", "hired_date": 1_500_000_000_000}
        await contacts.update_member(core, corp_id, "a", name="乙", **changed)
        [event] = await announced(world)
        before = {"name": "甲", "email": "a@x.cn", "telephone": "8001", "jobNumber": "7"}
        after = {"name": "乙", "email": "a@x.cn", "jobNumber": "7", "hiredDate": "2017-07-14"}
        assert event["diffInfo"] == {"prev": before, "curr": after, "userid": "a"}
        pushes = await outbox.list_pushes(core, suite_key=target_of(world.suite.suite_key))
        [plain] = [each.plain for each in pushes if each.event_type == "user_modify_org"]
        assert json.loads(plain).keys() == {"EventType", "TimeStamp", "CorpId", "UserId"}

    story(body)
