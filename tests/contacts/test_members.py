"""What is said of members and departments is kept and shown; paging and order."""

from __future__ import annotations

import json
from typing import Any

from sanfang.platform.domain import contacts

from ..openapi.world import World, story

FULL = {
    "userid": "jia",
    "name": "测试员甲",
    "orderInDepts": '{"1":10,"2":20}',
    "positionInDepts": {"2": "组长"},
    "department": "[1,2]",
    "position": "工程师",
    "mobile": "13900000001",
    "tel": "010-12345678",
    "workPlace": "杭州",
    "remark": "备注",
    "email": "a@example.com",
    "orgEmail": "b@example.com",
    "jobnumber": "111",
    "isHide": True,
    "isSenior": False,
    "managerUserid": "manager",
    "hiredDate": 1520265600000,
    "extattr": {"爱好": "旅游", "年龄": "24"},
}


async def made(world: World, **changes: Any) -> None:
    if len(await contacts.list_departments(world.core, world.corp.corp_id)) == 0:
        await contacts.create_department(world.core, world.corp.corp_id, "研发部")
    reply = await world.post("/user/create", {**FULL, **changes}, world.own)
    assert reply.code == 0, reply.json


def test_everything_said_of_a_member_in_2016_is_shown_under_both_names() -> None:
    async def body(world: World) -> None:
        await made(world)
        old = (await world.get("/user/get", world.own, userid="jia")).json
        new = (await world.post("/topapi/v2/user/get", {"userid": "jia"}, world.own)).json["result"]
        same = ("name", "position", "mobile", "tel", "workPlace", "remark", "email", "orgEmail")
        for name in (*same, "jobnumber", "isHide", "isSenior", "managerUserid", "extattr"):
            assert old[name] == FULL[name], name
        assert json.loads(old["orderInDepts"]) == {"1": 10, "2": 20}
        assert json.loads(old["isLeaderInDepts"]) == {"1": False, "2": False}
        assert old["hiredDate"] == "2018-03-06 00:00:00"
        assert new["hired_date"] == FULL["hiredDate"]
        assert new["dept_order_list"] == [{"dept_id": 1, "order": 10}, {"dept_id": 2, "order": 20}]
        assert new["dept_position_list"] == [{"dept_id": 2, "title": "组长"}]
        assert json.loads(new["extension"]) == FULL["extattr"]
        assert (new["title"], new["hide_mobile"]) == ("工程师", True)
        query = {"department_id": 2, "offset": 0, "size": 10}
        (listed,) = (await world.get("/user/listbypage", world.own, **query)).json["userlist"]
        assert (listed["order"], listed["position"]) == (20, "组长")

    story(body)


def test_a_later_call_empties_what_it_names_and_adds_to_extended_fields() -> None:
    async def body(world: World) -> None:
        await made(world)
        update = "/topapi/v2/user/update"
        one = {"userid": "jia", "extension": '{"级别":"9"}', "ext_attrs_update_mode": 1}
        assert (await world.post(update, one, world.own)).code == 0
        shown = (await world.get("/user/get", world.own, userid="jia")).json
        assert shown["extattr"] == {"爱好": "旅游", "年龄": "24", "级别": "9"}
        two = {"userid": "jia", "force_update_fields": "manager_userid,hired_date,org_email,x"}
        assert (await world.post(update, two, world.own)).code == 0
        shown = (await world.get("/user/get", world.own, userid="jia")).json
        assert not {"managerUserid", "hiredDate", "orgEmail"} & shown.keys()
        assert shown["extattr"]["级别"] == "9"
        three = {"userid": "jia", "dept_order_list": [{"dept_id": "2", "order": 5}]}
        assert (await world.post(update, three, world.own)).code == 0
        shown = (await world.get("/user/get", world.own, userid="jia")).json
        assert json.loads(shown["orderInDepts"]) == {"1": 10, "2": 5}

    story(body)


def test_leaders_of_a_department_are_set_on_the_department() -> None:
    async def body(world: World) -> None:
        await made(world)
        fields = {"id": 2, "deptManagerUseridList": "jia", "orgDeptOwner": "manager"}
        assert (await world.post("/department/update", fields, world.own)).code == 0
        old = (await world.get("/department/get", world.own, id=2)).json
        new = (await world.post("/topapi/v2/department/get", {"dept_id": 2}, world.own)).json
        assert (old["deptManagerUseridList"], old["orgDeptOwner"]) == ("jia", "manager")
        assert new["result"]["dept_manager_userid_list"] == ["jia"]
        assert new["result"]["member_count"] == 1
        shown = (await world.get("/user/get", world.own, userid="jia")).json
        assert json.loads(shown["isLeaderInDepts"]) == {"1": False, "2": True}
        forced = {"dept_id": 2, "force_update_fields": "dept_manager_userid_list,org_dept_owner"}
        assert (await world.post("/topapi/v2/department/update", forced, world.own)).code == 0
        old = (await world.get("/department/get", world.own, id=2)).json
        assert (old["deptManagerUseridList"], old["orgDeptOwner"]) == ("", "")

    story(body)


def test_everything_said_of_a_department_is_shown_under_both_names() -> None:
    async def body(world: World) -> None:
        for each in ("甲部", "乙部", "丙部"):
            await contacts.create_department(world.core, world.corp.corp_id, each)
        for each in ("jia", "yi", "bing"):
            await contacts.create_member(world.core, world.corp.corp_id, name=each, userid=each)
        fields = {
            "name": "研发部",
            "parentid": "1",
            "order": "3",
            "createDeptGroup": True,
            "autoAddUser": True,
            "deptHiding": True,
            "deptPermits": "2|3",
            "userPermits": "jia|yi",
            "outerDept": True,
            "outerPermitDepts": "4",
            "outerPermitUsers": "bing",
            "sourceIdentifier": "HR-1",
        }
        number = (await world.post("/department/create", fields, world.own)).json["id"]
        old = (await world.get("/department/get", world.own, id=number)).json
        for name, value in fields.items():
            shown = old[name]
            assert shown == (int(value) if name in ("parentid", "order") else value), name
        query = {"dept_id": number}
        new = (await world.post("/topapi/v2/department/get", query, world.own)).json["result"]
        assert (new["dept_permits"], new["user_permits"]) == ([2, 3], ["jia", "yi"])
        assert (new["outer_permit_depts"], new["outer_permit_users"]) == ([4], ["bing"])
        flags = ("create_dept_group", "auto_add_user", "hide_dept", "outer_dept")
        assert all(new[name] is True for name in flags)
        assert new["source_identifier"] == "HR-1"

    story(body)


def test_paths_to_the_root_are_told_for_a_department_and_for_a_member() -> None:
    async def body(world: World) -> None:
        corp_id = world.corp.corp_id
        upper = await contacts.create_department(world.core, corp_id, "研发部")
        lower = await contacts.create_department(
            world.core, corp_id, "测试组", parent_id=upper.dept_id
        )
        path = [lower.dept_id, upper.dept_id, 1]
        fields = {**FULL, "department": [1, lower.dept_id], "orderInDepts": {}}
        assert (await world.post("/user/create", fields, world.own)).code == 0
        old = await world.get("/department/list_parent_depts_by_dept", world.own, id=lower.dept_id)
        assert old.json["parentIds"] == path
        old = await world.get("/department/list_parent_depts", world.own, userId="jia")
        assert old.json["department"] == [[1], path]
        new = await world.post(
            "/topapi/v2/department/listparentbyuser", {"userid": "jia"}, world.own
        )
        lists = [each["parent_dept_id_list"] for each in new.json["result"]["parent_list"]]
        assert lists == [[1], path]

    story(body)


def test_pages_of_every_order_hold_everybody_once() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        dept = (await contacts.create_department(core, corp_id, "研发部")).dept_id
        for number, order in enumerate((5, 9, 7, 1, 3)):
            core.clock.travel(1000)
            await contacts.create_member(
                *(core, corp_id),
                name=f"测试员{number}",
                userid=f"u{number}",
                departments=[1, dept],
                orders={dept: order},
            )
        core.clock.travel(1000)
        await contacts.update_member(core, corp_id, "u1", position="工程师")
        wanted = {
            "custom": ["u1", "u2", "u0", "u4", "u3"],
            "entry_asc": ["u0", "u1", "u2", "u3", "u4"],
            "entry_desc": ["u4", "u3", "u2", "u1", "u0"],
            "modify_asc": ["u0", "u2", "u3", "u4", "u1"],
            "modify_desc": ["u1", "u4", "u3", "u2", "u0"],
        }
        for order, userids in wanted.items():
            assert await _cursor(world, dept, order) == userids, order
            assert await _offset(world, dept, order) == userids, order
        beyond = {"dept_id": dept, "cursor": 99999, "size": 100}
        reply = await world.post("/topapi/v2/user/list", beyond, world.own)
        assert reply.json["result"] == {"has_more": False, "list": []}

    story(body)


async def _cursor(world: World, dept: int, order: str) -> list[str]:
    seen: list[str] = []
    cursor = 0
    while True:
        fields = {"dept_id": dept, "cursor": cursor, "size": 2, "order_field": order}
        page = (await world.post("/topapi/v2/user/list", fields, world.own)).json["result"]
        seen += [each["userid"] for each in page["list"]]
        assert ("next_cursor" in page) is page["has_more"]
        if not page["has_more"]:
            return seen
        cursor = page["next_cursor"]


async def _offset(world: World, dept: int, order: str) -> list[str]:
    seen: list[str] = []
    more = True
    while more:
        query = {"department_id": dept, "offset": len(seen), "size": 5, "order": order}
        page = (await world.get("/user/simplelist", world.own, **query)).json
        seen += [each["userid"] for each in page["userlist"]]
        more = page["hasMore"]
    return seen


def test_who_has_not_activated_is_counted_and_listed_apart() -> None:
    async def body(world: World) -> None:
        from sanfang.platform.domain import admins

        await made(world)
        await admins.set_active(world.core, world.corp.corp_id, "jia", False)
        counts = [
            (await world.get("/user/get_org_user_count", world.own, onlyActive=flag)).json["count"]
            for flag in (0, 1)
        ]
        assert counts == [2, 1]
        reply = await world.post("/topapi/user/count", {"only_active": True}, world.own)
        assert reply.json["result"]["count"] == 1
        path = "/topapi/inactive/user/v2/get"
        fields = {"is_active": False, "offset": 0, "size": 100, "query_date": "20231114"}
        assert (await world.post(path, fields, world.own)).json["result"]["list"] == ["jia"]
        fields |= {"is_active": True, "dept_ids": "1"}
        assert (await world.post(path, fields, world.own)).json["result"]["list"] == ["manager"]
        shown = (await world.get("/user/get", world.own, userid="jia")).json
        assert shown["active"] is False

    story(body)


def test_who_left_is_on_record_with_the_way_it_happened() -> None:
    async def body(world: World) -> None:
        await made(world)
        core, corp_id = world.core, world.corp.corp_id
        await contacts.create_member(core, corp_id, name="乙", userid="yi")
        assert (await world.get("/user/delete", world.own, userid="jia")).code == 0
        await contacts.delete_member(core, corp_id, "yi", reason="delete")
        path = "/v1.0/contact/empLeaveRecords?startTime=2023-01-01T00:00:00Z&maxResults=1"
        first = (await world.v1("GET", path, token=world.own)).json
        second = (
            await world.v1("GET", f"{path}&nextToken={first['nextToken']}", token=world.own)
        ).json
        assert "nextToken" not in second
        found = [*first["records"], *second["records"]]
        assert [(each["userId"], each["leaveReason"]) for each in found] == [
            ("jia", "oapi"),
            ("yi", "delete"),
        ]
        assert found[0]["leaveTime"].endswith("Z")
        refused = await world.v1("GET", path.replace("2023-01-01T00:00:00Z", "x"), token=world.own)
        assert refused.status == 400

    story(body)


def test_search_finds_by_part_of_a_name_and_by_the_whole() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        for userid, name in (("a", "王小一"), ("b", "王小"), ("c", "100%"), ("d", "1000")):
            await contacts.create_member(core, corp_id, name=name, userid=userid)

        async def found(word: str, **more: Any) -> dict[str, Any]:
            fields = {"queryWord": word, "offset": 0, "size": 10, **more}
            return (await world.v1("POST", "/v1.0/contact/users/search", fields, world.own)).json

        assert (await found("王小"))["list"] == ["a", "b"]
        assert (await found("王小", fullMatchField=1))["list"] == ["b"]
        assert (await found("0%"))["list"] == ["c"]
        assert (await found("长" * 60_000))["list"] == []
        assert await found("王小", offset=1, size=1) == {
            "hasMore": False,
            "totalCount": 2,
            "list": ["b"],
        }
        page = await found("王小", size=1)
        assert (page["hasMore"], page["list"]) == (True, ["a"])
        path = "/v1.0/contact/users/search"
        reply = await world.v1("POST", path, {"queryWord": "x", "offset": -1, "size": 1}, world.own)
        assert (reply.status, reply.json["code"]) == (400, "parameter.error")

    story(body)
