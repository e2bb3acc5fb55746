"""Each documented refusal of the contact calls, by its number and with an explanation."""

from __future__ import annotations

from typing import Any

import pytest

from sanfang.platform.domain import contacts, corps, departments

from ..openapi.world import World, story

MEMBER = {"userid": "jia", "name": "测试员甲", "mobile": "13900000001", "department": [1]}
YI = {"userid": "yi", "name": "测试员乙", "mobile": "13900000003", "department": [1]}
LATER = {"userid": "yi", "name": "测试员乙", "mobile": "13900000003", "dept_id_list": "1"}
LONG = "长" * 2001
MANY = [f"u{number}" for number in range(51)]
NUMBERS = [str(number) for number in range(1, 102)]


async def a_tree(world: World) -> tuple[int, int]:
    """Department 2 below the root and 3 below it; one member in 3 and the root."""
    upper = await contacts.create_department(world.core, world.corp.corp_id, "研发部")
    lower = await contacts.create_department(
        world.core, world.corp.corp_id, "测试组", parent_id=upper.dept_id
    )
    fields = {**MEMBER, "department": [1, lower.dept_id], "email": "a@example.com", "tel": "8001"}
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
CALLS += [
    *(
        ("/user/create", {**MEMBER, "userid": "yi", "mobile": mobile}, 60103)
        for mobile in ("12345678901", "1390000000", "139000000001", "+86-139", "139a0000001")
    ),
    *(
        ("/user/update", {"userid": "jia", "email": email}, 60105)
        for email in (
            "a@b",
            "a b@c.cn",
            "a@b..cn",
            ".a@b.cn",
            "a@-b.cn",
            "a@b.cn, c@d.cn",
            "<a@b.cn>",
        )
    ),
    ("/user/update", {"userid": "jia", "orgEmail": "x"}, 60105),
    ("/user/update", {"userid": "manager", "tel": "8001"}, 40100),
    ("/user/create", {**YI, "tel": "8001"}, 40100),
    ("/user/create", {**YI, "orderInDepts": {"1": -1}}, 40011),
    ("/user/create", {**YI, "hiredDate": 0}, 40035),
    ("/user/create", {**YI, "name": " "}, 60112),
    ("/department/create", {"name": "新", "parentid": 0}, 40010),
    ("/department/update", {"id": 1, "name": "别的公司"}, 60018),
    ("/department/create", {"name": "新", "parentid": 1, "order": -1}, 40011),
    ("/department/update", {"id": 2, "order": -1}, 40011),
    ("/department/update", {"id": 2, "deptPermits": "1|77"}, 60109),
    ("/department/update", {"id": 2, "userPermits": "nobody"}, 60109),
    ("/department/update", {"id": 2, "outerPermitDepts": "77"}, 60109),
    ("/department/update", {"id": 2, "outerPermitUsers": "|".join(MANY)}, 60109),
    ("/topapi/v2/user/create", {**LATER, "job_number": "1" * 51}, 60123),
    ("/topapi/v2/user/create", {**LATER, "email": "a" * 45 + "@ab.cn"}, 60105),
    ("/topapi/v2/user/create", {**LATER, "title": "职" * 201}, 60119),
    ("/topapi/v2/user/create", {**LATER, "work_place": "x" * 101}, 40064),
    ("/topapi/v2/user/create", {**LATER, "extension": {"a": LONG}}, 60122),
    ("/topapi/v2/user/create", {**LATER, "dept_id_list": ",".join(NUMBERS)}, 40066),
    ("/topapi/v2/user/update", {"userid": "jia", "dept_id_list": ",".join(NUMBERS * 3)}, 40066),
    ("/topapi/v2/department/update", {"dept_id": 2, "code": "1" * 31}, 40035),
    ("/topapi/v2/department/update", {"dept_id": 2, "brief": "1" * 256}, 40035),
    ("/topapi/v2/department/get", {"dept_id": 0}, 40009),
    ("/topapi/v2/department/create", {"name": "新", "parent_id": -1}, 40010),
]
QUESTIONS: list[tuple[str, dict[str, Any], int]] = [
    ("/department/get", {"id": -1}, 40009),
    ("/department/get", {"id": 0}, 40009),
    ("/user/list", {"department_id": 0}, 40009),
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


def test_what_the_documents_allow_is_taken() -> None:
    async def body(world: World) -> None:
        await a_tree(world)
        fine: list[dict[str, Any]] = [
            {"mobile": "+852-51234567"},
            {"mobile": "+86-19912345678"},
            {"email": "first.last+tag@mail.example.co"},
            {"email": "李雷@例子.cn"},
            {"tel": "8001-2"},
            {"position": "职" * 64, "workPlace": "x" * 50, "tel": "1" * 50, "remark": "x" * 1000},
        ]
        for number, fields in enumerate(fine):
            member = {"userid": f"m{number}", "name": "丙", "email": f"m{number}@x.cn"}
            reply = await world.post(
                "/user/create", {**member, "department": [1], **fields}, world.own
            )
            assert reply.code == 0, (fields, reply.json)
        kept = (await world.get("/user/get", world.own, userid="m1")).json
        assert kept["mobile"] == "19912345678"

    story(body, rate_profile="off")


def test_an_extension_number_is_free_again_when_its_member_changes_it_or_leaves() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        for userid in ("jia", "yi"):
            await contacts.create_member(core, corp_id, name=userid, userid=userid)
        await contacts.update_member(core, corp_id, "jia", telephone="8001")
        await contacts.update_member(core, corp_id, "jia", telephone="8001", nickname="same")
        await contacts.update_member(core, corp_id, "jia", telephone="8002")
        await contacts.update_member(core, corp_id, "yi", telephone="8001")
        await contacts.delete_member(core, corp_id, "yi")
        await contacts.create_member(core, corp_id, name="丙", userid="bing", telephone="8001")

    story(body)


def test_a_department_is_full_for_the_api_and_not_for_the_administrator() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        dept = (await contacts.create_department(core, corp_id, "研发部")).dept_id
        for number in range(2):
            made = {"userid": f"u{number}", "name": "x", "mobile": f"1390000000{number}"}
            assert (
                await world.post("/user/create", {**made, "department": [dept]}, world.own)
            ).code == 0
        full = await world.post("/user/create", {**YI, "department": [dept]}, world.own)
        assert full.code == 40023
        assert "department_members" in full.explained
        assert (await world.post("/user/create", YI, world.own)).code == 0
        into = {"userid": "yi", "department": [1, dept]}
        assert (await world.post("/user/update", into, world.own)).code == 40023
        same = {"userid": "u0", "department": [dept], "name": "still in it"}
        assert (await world.post("/user/update", same, world.own)).code == 0
        await contacts.create_member(
            core, corp_id, name="管", userid="g", departments=[dept], by_api=False
        )

    story(body, department_members=2)


def test_a_plain_corp_is_full_when_told_so_and_a_certified_one_is_not() -> None:
    async def body(world: World) -> None:
        assert (await world.post("/user/create", MEMBER, world.own)).code == 0
        assert (await world.post("/user/create", YI, world.own)).code == 40020
        proper = await corps.create_corp(world.core, "认证公司", is_authenticated=True)
        for number in range(3):
            await contacts.create_member(world.core, proper.corp_id, name=f"x{number}")

    story(body, plain_corp_members=2)


def test_a_corp_has_at_most_ten_thousand_departments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departments, "DEPARTMENTS", 3)

    async def body(world: World) -> None:
        made = []
        for name in ("甲", "乙"):
            fields = {"name": name, "parentid": 1}
            made.append((await world.post("/department/create", fields, world.own)).json["id"])
        third = {"name": "丙", "parentid": 1}
        assert (await world.post("/department/create", third, world.own)).code == 60110
        assert (await world.get("/department/delete", world.own, id=made[0])).code == 0
        assert (await world.post("/department/create", third, world.own)).code == 0

    story(body)


def test_a_person_is_in_a_corp_once_whatever_number_the_corp_knows() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        other = await corps.create_corp(core, "另一家")
        await contacts.create_member(core, other.corp_id, name="甲", mobile="13900000001")
        await contacts.create_member(core, corp_id, name="甲", userid="jia", mobile="13900000001")
        await contacts.update_member(core, corp_id, "jia", mobile="13900000002")
        again = {"userid": "x", "name": "甲", "mobile": "13900000001", "department": [1]}
        assert (await world.post("/user/create", again, world.own)).code == 60107

    story(body)
