"""Each documented refusal of the contact calls, by its number and with an explanation."""

from __future__ import annotations

from typing import Any

from sanfang.platform.domain import contacts, corps

from ..openapi.world import World, story

MEMBER = {"userid": "jia", "name": "测试员甲", "mobile": "13900000001", "department": [1]}
YI = {"userid": "yi", "name": "测试员乙", "mobile": "13900000003", "department": [1]}
LONG = "长" * 2001


async def a_tree(world: World) -> tuple[int, int]:
    """Department 2 below the root and 3 below it; one member in 3 and the root."""
    upper = await contacts.create_department(world.core, world.corp.corp_id, "研发部")
    lower = await contacts.create_department(
        world.core, world.corp.corp_id, "测试组", parent_id=upper.dept_id
    )
    fields = {**MEMBER, "department": [1, lower.dept_id], "email": "a@example.com"}
    assert (await world.post("/user/create", fields, world.own)).code == 0
    return upper.dept_id, lower.dept_id


CALLS: list[tuple[str, dict[str, Any], int]] = [
    ("/user/create", {**MEMBER, "userid": "jia"}, 60102),
    ("/user/create", {**MEMBER, "userid": "x" * 65}, 40003),
    ("/user/create", {**MEMBER, "userid": "a b"}, 40003),
    ("/user/create", {**MEMBER, "userid": "yi"}, 60104),
    ("/user/create", {**MEMBER, "userid": "yi", "mobile": "12"}, 60103),
    ("/user/create", {**MEMBER, "userid": "yi", "mobile": ""}, 60113),
    ("/user/create", {**MEMBER, "userid": "yi", "mobile": "", "email": "a"}, 60105),
    ("/user/create", {**MEMBER, "userid": "y", "mobile": "", "email": "a@example.com"}, 60106),
    ("/user/create", {**MEMBER, "userid": "yi", "name": "名" * 65}, 60112),
    ("/user/create", {**MEMBER, "userid": "yi", "department": [77]}, 60003),
    ("/user/create", {**MEMBER, "userid": "yi", "department": "x"}, 40025),
    ("/user/create", {**MEMBER, "userid": "yi", "department": list(range(101))}, 40066),
    ("/user/create", {**MEMBER, "userid": "yi", "position": "职" * 65}, 60119),
    ("/user/create", {**MEMBER, "userid": "yi", "jobnumber": "1" * 65}, 60123),
    ("/user/create", {**MEMBER, "userid": "yi", "tel": "1" * 51}, 40063),
    ("/user/create", {**MEMBER, "userid": "yi", "workPlace": "1" * 51}, 40064),
    ("/user/create", {**MEMBER, "userid": "yi", "remark": LONG}, 40065),
    ("/user/create", {**MEMBER, "userid": "yi", "extattr": "x"}, 60122),
    ("/user/create", {**MEMBER, "userid": "yi", "orderInDepts": {"x": 1}}, 40011),
    ("/user/create", {**MEMBER, "userid": "yi", "orderInDepts": {"1": "x"}}, 40011),
    ("/user/create", {**YI, "managerUserid": "nobody"}, 60128),
    ("/user/update", {"userid": "nobody", "name": "x"}, 60111),
    ("/user/update", {"name": "x"}, 41009),
    ("/user/update", {"userid": "jia", "email": "x"}, 60105),
    ("/user/update", {"userid": "jia", "department": [77]}, 60003),
    ("/user/update", {"userid": "manager", "mobile": "13900000001"}, 60104),
    ("/user/update", {"userid": "manager", "email": "a@example.com"}, 60106),
    ("/user/batchdelete", {"useridlist": ["jia", "nobody"]}, 60111),
    ("/user/batchdelete", {"useridlist": []}, 40032),
    ("/user/batchdelete", {"useridlist": [f"u{n}" for n in range(21)]}, 40032),
    ("/department/create", {"parentid": 1}, 60001),
    ("/department/create", {"name": "部" * 65, "parentid": 1}, 60001),
    ("/department/create", {"name": "a-b", "parentid": 1}, 60009),
    ("/department/create", {"name": "新", "parentid": "x"}, 40010),
    ("/department/create", {"name": "新", "parentid": 77}, 60004),
    ("/department/create", {"name": "新", "parentid": 1, "order": "x"}, 40011),
    ("/department/create", {"name": "研发部", "parentid": 1}, 60008),
    ("/department/update", {"id": 77, "name": "新"}, 60003),
    ("/department/update", {"name": "新"}, 40009),
    ("/department/update", {"id": 1, "parentid": 2}, 60018),
    ("/department/update", {"id": 2, "parentid": 3}, 60010),
    ("/department/update", {"id": 2, "orgDeptOwner": "nobody"}, 60067),
    ("/department/update", {"id": 2, "deptManagerUseridList": "jia"}, 60068),
    ("/topapi/v2/user/get", {"userid": "nobody"}, 33012),
    ("/topapi/v2/user/update", {"userid": "nobody"}, 33012),
    ("/topapi/v2/user/delete", {"userid": "nobody"}, 33012),
    ("/topapi/v2/user/getbymobile", {"mobile": "13900000009"}, 60121),
    ("/topapi/v2/user/getbymobile", {"mobile": "x"}, 40104),
    ("/topapi/user/getbyunionid", {"unionid": "nobody"}, 60121),
    ("/topapi/user/get_admin_scope", {"userid": "jia"}, 60121),
    ("/topapi/user/listid", {"dept_id": 77}, 60003),
    ("/topapi/v2/department/create", {"name": "研发部", "parent_id": 1}, 60021),
    ("/topapi/v2/department/delete", {"dept_id": 77}, 60003),
    ("/topapi/v2/department/listparentbyuser", {"userid": "nobody"}, 33012),
    ("/topapi/v2/user/create", {"name": "x", "dept_id_list": "1"}, 60113),
]
QUESTIONS: list[tuple[str, dict[str, Any], int]] = [
    ("/department/delete", {"id": 1}, 60007),
    ("/department/delete", {"id": 2}, 60006),
    ("/department/delete", {"id": 3}, 60005),
    ("/department/delete", {"id": 77}, 60003),
    ("/department/get", {"id": "x"}, 40009),
    ("/department/list", {"id": 77}, 60003),
    ("/department/list_ids", {"id": 77}, 60003),
    ("/department/list_parent_depts", {}, 41009),
    ("/department/list_parent_depts", {"userId": "nobody"}, 60111),
    ("/department/list_parent_depts_by_dept", {"id": 77}, 60003),
    ("/user/get", {"userid": "nobody"}, 60111),
    ("/user/get", {}, 41009),
    ("/user/delete", {"userid": "nobody"}, 60111),
    ("/user/getDeptMember", {"deptId": 77}, 60003),
    ("/user/getUseridByUnionid", {"unionid": "nobody"}, 60111),
    ("/user/get_by_mobile", {"mobile": "13900000009"}, 60121),
    ("/user/list", {"department_id": 1, "order": "best"}, 40070),
    ("/user/list", {"department_id": 1, "offset": -1}, 40068),
    ("/user/list", {"department_id": 1, "size": 101}, 40069),
]


def test_each_wrong_call_is_refused_by_its_documented_number_and_changes_nothing() -> None:
    async def body(world: World) -> None:
        await a_tree(world)
        before = await everything(world)
        for path, fields, code in CALLS:
            reply = await world.post(path, fields, world.own)
            assert reply.code == code, (path, fields, reply.json)
            assert reply.explained
        for path, query, code in QUESTIONS:
            reply = await world.get(path, world.own, **query)
            assert reply.code == code, (path, query, reply.json)
            assert reply.explained
        assert await everything(world) == before

    story(body, rate_profile="off")


async def everything(world: World) -> list[Any]:
    tree = (await world.get("/department/list", world.own)).json
    depts = [1, *(each["id"] for each in tree["department"])]
    people = [(await world.get("/user/list", world.own, department_id=each)).json for each in depts]
    return [tree, *people]


def test_a_department_cannot_lie_deeper_than_fifteen_levels_however_it_gets_there() -> None:
    async def body(world: World) -> None:
        corp_id, parent = world.corp.corp_id, 1
        for level in range(15):
            made = await contacts.create_department(
                world.core, corp_id, f"{level}级", parent_id=parent
            )
            parent = made.dept_id
        fields = {"name": "更深", "parentid": parent}
        assert (await world.post("/department/create", fields, world.own)).code == 60002
        side = await contacts.create_department(world.core, corp_id, "旁边")
        below = {"name": "下面", "parentid": side.dept_id}
        assert (await world.post("/department/create", below, world.own)).code == 0
        move = {"id": side.dept_id, "parentid": parent - 1}
        assert (await world.post("/department/update", move, world.own)).code == 60002

    story(body)


def test_a_new_number_that_is_another_persons_is_refused() -> None:
    """40021; and 40019 for the sixth plain corp of one number (F46)."""

    async def body(world: World) -> None:
        await a_tree(world)
        other = await corps.create_corp(world.core, "另一公司")
        await contacts.create_member(world.core, other.corp_id, name="乙", mobile="13900000002")
        changed = {"userid": "jia", "mobile": "13900000002"}
        assert (await world.post("/user/update", changed, world.own)).code == 40021
        for number in range(4):
            corp = await corps.create_corp(world.core, f"公司{number}")
            await contacts.create_member(world.core, corp.corp_id, name="乙", mobile="13900000002")
        sixth = {**MEMBER, "userid": "yi", "mobile": "+86-13900000002"}
        reply = await world.post("/user/create", sixth, world.own)
        assert reply.code == 40019
        assert reply.headers["x-sanfang-faq"] == "F46"

    story(body)


def test_a_refused_change_leaves_nothing_behind() -> None:
    async def body(world: World) -> None:
        upper, lower = await a_tree(world)
        before = (await world.get("/user/get", world.own, userid="jia")).json
        wrong = {"userid": "jia", "name": "新", "department": [upper], "managerUserid": "nobody"}
        assert (await world.post("/user/update", wrong, world.own)).code == 60128
        assert (await world.get("/user/get", world.own, userid="jia")).json == before
        wrong = {"id": lower, "name": "新", "deptManagerUseridList": "jia|nobody"}
        assert (await world.post("/department/update", wrong, world.own)).code == 60068
        shown = (await world.get("/department/get", world.own, id=lower)).json
        assert (shown["name"], shown["deptManagerUseridList"]) == ("测试组", "")

    story(body)
