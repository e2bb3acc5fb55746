"""What a corp lets a suite see: told by /auth/scopes, refused with 50002 and 50004, left out of lists."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sanfang.platform.domain import contacts, outbox, roles, scopes
from sanfang.platform.domain.refusals import Refusal

from ..openapi.world import World, story


async def a_divided_corp(world: World) -> None:
    """2 研发部 holds 3 测试组; 4 市场部. jia in 3, yi in 4, bing in 4 but named in the scope."""
    core, corp_id = world.core, world.corp.corp_id
    await contacts.create_department(core, corp_id, "研发部")
    await contacts.create_department(core, corp_id, "测试组", parent_id=2)
    await contacts.create_department(core, corp_id, "市场部")
    for userid, dept, mobile in (("jia", 3, "1"), ("yi", 4, "2"), ("bing", 4, "3")):
        await contacts.create_member(
            *(core, corp_id),
            name=f"测试员{userid}",
            userid=userid,
            departments=[dept],
            mobile=f"1390000000{mobile}",
        )
    await scopes.set_scope(core, world.suite.suite_key, corp_id, depts=[2], users=["bing"])


def test_auth_scopes_tells_the_scope_and_a_new_authorisation_begins_with_everything() -> None:
    async def body(world: World) -> None:
        await a_divided_corp(world)
        told = (await world.get("/auth/scopes", world.isv)).json["auth_org_scopes"]
        assert told == {"authed_user": ["bing"], "authed_dept": [2]}
        own = (await world.get("/auth/scopes", world.own)).json["auth_org_scopes"]
        assert own == {"authed_user": [], "authed_dept": [1]}
        core, key, corp_id = world.core, world.suite.suite_key, world.corp.corp_id
        await scopes.set_scope(core, key, corp_id, depts=[1], users=[])
        assert await scopes.get_scope(core, key, corp_id) == scopes.EVERYTHING
        assert (await world.get("/user/get", world.isv, userid="yi")).code == 0

    story(body)


def test_a_changed_scope_is_announced_as_change_auth() -> None:
    async def body(world: World) -> None:
        await a_divided_corp(world)
        pushes = await outbox.list_pushes(
            world.core, suite_key=world.suite.suite_key, corp_id=world.corp.corp_id
        )
        assert pushes[0].event_type == "change_auth"
        assert json.loads(pushes[0].plain)["AuthCorpId"] == world.corp.corp_id

    story(body)


def test_a_scope_of_what_is_not_there_is_refused() -> None:
    async def body(world: World) -> None:
        core, key, corp_id = world.core, world.suite.suite_key, world.corp.corp_id
        for depts, users, code in (([77], [], 60003), ([], ["nobody"], 60111)):
            with pytest.raises(Refusal) as refused:
                await scopes.set_scope(core, key, corp_id, depts=depts, users=users)
            assert refused.value.code == code
        assert await scopes.get_scope(core, key, corp_id) == scopes.EVERYTHING

    story(body)


INSIDE: list[tuple[str, dict[str, Any]]] = [
    ("/user/get", {"userid": "jia"}),
    ("/user/get", {"userid": "bing"}),
    ("/user/list", {"department_id": 3}),
    ("/department/get", {"id": 2}),
    ("/department/list", {"id": 2}),
    ("/department/list_ids", {"id": 3}),
    ("/department/list_parent_depts", {"userId": "jia"}),
]
OUTSIDE: list[tuple[str, dict[str, Any], int]] = [
    ("/user/get", {"userid": "yi"}, 50002),
    ("/user/delete", {"userid": "yi"}, 50002),
    ("/user/list", {"department_id": 4}, 50004),
    ("/user/simplelist", {"department_id": 1}, 50004),
    ("/user/getDeptMember", {"deptId": 4}, 50004),
    ("/department/get", {"id": 4}, 50004),
    ("/department/list", {}, 50004),
    ("/department/list_ids", {"id": 1}, 50004),
    ("/department/delete", {"id": 4}, 50004),
    ("/department/list_parent_depts", {"userId": "yi"}, 50002),
    ("/department/list_parent_depts_by_dept", {"id": 4}, 50004),
]
CALLS: list[tuple[str, dict[str, Any], int]] = [
    ("/user/create", {"name": "丁", "mobile": "13900000009", "department": [4]}, 50004),
    ("/user/create", {"name": "丁", "mobile": "13900000009", "department": []}, 50004),
    ("/user/update", {"userid": "yi", "name": "x"}, 50002),
    ("/user/update", {"userid": "jia", "department": [3, 4]}, 50004),
    ("/user/batchdelete", {"useridlist": ["jia", "yi"]}, 50002),
    ("/department/create", {"name": "新", "parentid": 4}, 50004),
    ("/department/update", {"id": 3, "parentid": 4}, 50004),
    ("/topapi/v2/user/get", {"userid": "yi"}, 50002),
    ("/topapi/v2/user/list", {"dept_id": 4, "cursor": 0, "size": 10}, 50004),
    ("/topapi/user/listsimple", {"dept_id": 4, "cursor": 0, "size": 10}, 50004),
    ("/topapi/user/listid", {"dept_id": 4}, 50004),
    ("/topapi/v2/department/get", {"dept_id": 4}, 50004),
    ("/topapi/v2/department/listsub", {}, 50004),
    ("/topapi/v2/department/listsubid", {"dept_id": 4}, 50004),
    ("/topapi/v2/department/listparentbydept", {"dept_id": 4}, 50004),
    ("/topapi/v2/department/listparentbyuser", {"userid": "yi"}, 50002),
]


def test_inside_the_scope_calls_are_answered_outside_they_are_refused() -> None:
    async def body(world: World) -> None:
        await a_divided_corp(world)
        for path, query in INSIDE:
            assert (await world.get(path, world.isv, **query)).code == 0, (path, query)
        for path, query, code in OUTSIDE:
            reply = await world.get(path, world.isv, **query)
            assert reply.code == code, (path, query, reply.json)
            assert "/auth/scopes" in reply.explained
        for path, fields, code in CALLS:
            reply = await world.post(path, fields, world.isv)
            assert reply.code == code, (path, fields, reply.json)
        unionid = (await world.get("/user/get", world.own, userid="yi")).json["unionid"]
        assert (
            await world.get("/user/getUseridByUnionid", world.isv, unionid=unionid)
        ).code == 50002
        assert (await world.get("/user/get", world.own, userid="yi")).code == 0

    story(body)


def test_lists_leave_out_what_lies_outside_the_scope() -> None:
    async def body(world: World) -> None:
        await a_divided_corp(world)
        core, corp_id = world.core, world.corp.corp_id
        words = {"queryWord": "测试员", "offset": 0, "size": 10}
        found = await world.v1("POST", "/v1.0/contact/users/search", words, world.isv)
        assert found.json == {"hasMore": False, "totalCount": 2, "list": ["bing", "jia"]}
        words["queryWord"] = "部"
        found = await world.v1("POST", "/v1.0/contact/departments/search", words, world.isv)
        assert found.json["list"] == [2]
        group = await roles.create_group(core, corp_id, "职务")
        role = await roles.create_role(core, corp_id, "负责人", group)
        await roles.give_roles(core, corp_id, [role], ["jia", "yi"])
        holders = await world.post("/topapi/role/simplelist", {"role_id": role}, world.isv)
        assert [each["userid"] for each in holders.json["result"]["list"]] == ["jia"]

    story(body)


@pytest.mark.parametrize("few", [0, 200])
def test_what_lies_in_a_scope_is_the_same_however_many_are_asked_for(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scopes, "FEW", few)

    async def body(world: World) -> None:
        await a_divided_corp(world)
        reader, corp_id = world.core.durable, world.corp.corp_id
        scope = await scopes.get_scope(world.core, world.suite.suite_key, corp_id)
        asked = ["yi", "jia", "nobody", "bing", "manager"]
        assert await scopes.userids_within(reader, corp_id, scope, asked) == ["jia", "bing"]
        depts = await scopes.departments_within(reader, corp_id, scope, [4, 3, 77, 2, 1])
        assert depts == [3, 2]
        assert await scopes.userids_within(reader, corp_id, None, asked) == asked

    story(body)
