"""Departments and members through the gate."""

from __future__ import annotations

import pytest

from sanfang.platform.domain import suites

from .world import World, story


def test_departments_from_creation_to_deletion() -> None:
    async def body(world: World) -> None:
        token = world.own
        made = await world.post("/department/create", {"name": "研发部", "parentid": "1"}, token)
        assert set(made.json) == {"errcode", "errmsg", "id"}
        number = made.json["id"]
        below = {"name": "测试组", "parentid": number, "order": "3"}
        child = (await world.post("/department/create", below, token)).json["id"]
        assert (await world.get("/department/list_ids", token, id=number)).json[
            "sub_dept_id_list"
        ] == [child]
        changed = {"id": str(child), "name": "质量组"}
        reply = await world.post("/department/update", changed, token)
        assert reply.json == {"errcode": 0, "errmsg": "ok", "id": child}
        found = (await world.get("/department/get", token, id=child)).json
        assert (found["name"], found["parentid"], found["order"]) == ("质量组", number, 3)
        assert (await world.get("/department/delete", token, id=number)).code == 60006
        assert (await world.get("/department/delete", token, id=child)).code == 0
        assert (await world.get("/department/get", token, id=child)).code == 60003

    story(body)


def test_a_list_is_deep_unless_told_otherwise_and_each_way_to_write_a_boolean_works() -> None:
    async def body(world: World) -> None:
        make = "/department/create"
        first = (await world.post(make, {"name": "甲", "parentid": 1}, world.own)).json["id"]
        await world.post(make, {"name": "乙", "parentid": first}, world.own)
        for deep in ("True", "true", "1", None):
            query = {} if deep is None else {"fetch_child": deep}
            reply = await world.get("/department/list", world.isv, **query)
            assert [each["name"] for each in reply.json["department"]] == ["甲", "乙"]
        for flat in ("False", "false", "0"):
            query = {"id": "1", "lang": "zh_CN", "fetch_child": flat}
            reply = await world.get("/department/list", world.isv, **query)
            (only,) = reply.json["department"]
            assert set(only) == {"id", "name", "parentid", "createDeptGroup", "autoAddUser"}
        assert (await world.get("/department/list", world.own, fetch_child="x")).code == 40035

    story(body)


def test_members_from_creation_to_deletion() -> None:
    async def body(world: World) -> None:
        token = world.own
        fields = {
            "userid": "zhang",
            "name": "测试员甲",
            "mobile": 13900000001,
            "department": [1],
            "email": "a@example.com",
            "extattr": {"爱好": "旅游"},
            "orderInDepts": {"1": 10},
        }
        made = await world.post("/user/create", fields, token)
        assert made.json["userid"] == "zhang"
        found = (await world.get("/user/get", token, userid="zhang", lang="zh_CN")).json
        assert found["mobile"] == "13900000001"
        assert found["department"] == [1]
        changed = {"userid": "zhang", "name": "测试员乙", "position": "工程师"}
        assert (await world.post("/user/update", changed, token)).code == 0
        page = {"department_id": 1, "offset": 0, "size": 100, "order": "custom", "lang": "zh_CN"}
        listed = (await world.get("/user/list", token, **page)).json
        assert {each["name"] for each in listed["userlist"]} == {"测试员乙", "管理员"}
        assert listed["hasMore"] is False
        brief = (await world.get("/user/simplelist", token, **page)).json["userlist"]
        assert {"userid": "zhang", "name": "测试员乙"} in brief
        back = await world.get("/user/getUseridByUnionid", token, unionid=found["unionid"])
        assert back.json["userid"] == "zhang"
        count = await world.get("/user/get_org_user_count", token, onlyActive=0)
        assert count.json["count"] == 2
        assert (await world.get("/user/delete", token, userid="zhang")).code == 0
        assert (await world.get("/user/get", token, userid="zhang")).code == 60111

    story(body)


def test_pages_follow_each_other_and_have_bounds() -> None:
    async def body(world: World) -> None:
        for number in range(3):
            member = {"name": "测试员", "mobile": f"1390000000{number}", "department": "1"}
            assert (await world.post("/user/create", member, world.own)).code == 0
        seen: set[str] = set()
        for offset in (0, 2):
            reply = await world.get(
                "/user/simplelist", world.own, department_id=1, offset=offset, size=2
            )
            seen |= {each["userid"] for each in reply.json["userlist"]}
            assert reply.json["hasMore"] is (offset == 0)
        assert len(seen) == 4
        for query, code in (
            ({}, 40009),
            ({"department_id": "x"}, 40009),
            ({"department_id": 77}, 60003),
            ({"department_id": 1, "size": 101}, 40069),
            ({"department_id": 1, "size": 0}, 40069),
            ({"department_id": 1, "size": "x"}, 40069),
            ({"department_id": 1, "offset": -1}, 40068),
            ({"department_id": 10**30}, 40009),
        ):
            assert (await world.get("/user/simplelist", world.own, **query)).code == code, query

    story(body)


def test_an_isv_sees_no_mobile_and_an_email_only_when_the_suite_ticked_it() -> None:
    """F51, in every call that shows members."""

    async def body(world: World) -> None:
        member = {"userid": "li", "name": "测试员", "mobile": "13900000002"}
        member |= {"email": "li@example.com", "department": "1"}
        assert (await world.post("/user/create", member, world.own)).code == 0

        async def shown(token: str) -> list[set[str]]:
            one = (await world.get("/user/get", token, userid="li")).json
            some = (await world.get("/user/list", token, department_id=1)).json["userlist"]
            two = (await world.post("/topapi/v2/user/get", {"userid": "li"}, token)).json
            listed = next(each for each in some if each["userid"] == "li")
            wanted = {"mobile", "email"}
            return [wanted & set(each) for each in (one, listed, two["result"])]

        assert await shown(world.own) == [{"mobile", "email"}] * 3
        assert await shown(world.isv) == [set()] * 3
        key = world.suite.suite_key
        await suites.update_suite(world.core, key, user_fields=["email", "mobile"])
        assert await shown(world.isv) == [{"email"}] * 3

    story(body)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": "x", "department": [1]}, 60113),
        ({"name": "x", "mobile": "1", "department": "abc"}, 40025),
        ({"name": "x", "mobile": "1", "department": [{}]}, 40025),
        ({"name": "x", "mobile": "1"}, 40025),
        ({"mobile": "1", "department": [1]}, 60112),
        ({"name": "x", "mobile": ["1"], "department": [1]}, 40035),
        ({"name": "x", "mobile": "1", "department": [9]}, 60003),
        ({"name": "x", "mobile": "1", "department": [1], "userid": "manager"}, 60102),
    ],
)
def test_a_member_that_cannot_be_made_is_refused_by_field(
    fields: dict[str, object], code: int
) -> None:
    async def body(world: World) -> None:
        reply = await world.post("/user/create", fields, world.own)
        assert reply.code == code
        assert reply.explained

    story(body)


def test_batch_deletion_takes_one_to_twenty_and_deletes_all_or_none() -> None:
    async def body(world: World) -> None:
        for name in ("甲", "乙"):
            member = {"userid": name, "name": name, "email": f"{name}@x.cn", "department": [1]}
            assert (await world.post("/user/create", member, world.own)).code == 0
        path = "/user/batchdelete"
        assert (await world.post(path, {"useridlist": ["甲", "丙"]}, world.own)).code == 60111
        assert (await world.get("/user/get", world.own, userid="甲")).code == 0
        assert (await world.post(path, {"useridlist": []}, world.own)).code == 40032
        many = [str(number) for number in range(21)]
        assert (await world.post(path, {"useridlist": many}, world.own)).code == 40032
        assert (await world.post(path, {"useridlist": ["甲", "乙"]}, world.own)).code == 0
        assert (await world.get("/user/get", world.own, userid="乙")).code == 60111

    story(body)


def test_scopes_and_tickets() -> None:
    async def body(world: World) -> None:
        scopes = (await world.get("/auth/scopes", world.isv)).json
        assert scopes["auth_org_scopes"] == {"authed_user": [], "authed_dept": [1]}
        assert "mobile" not in scopes["auth_user_field"]
        assert "mobile" in (await world.get("/auth/scopes", world.own)).json["auth_user_field"]
        with_type = await world.get("/get_jsapi_ticket", world.isv, type="jsapi")
        without = await world.get("/get_jsapi_ticket", world.isv)
        assert with_type.json["ticket"] == without.json["ticket"]
        assert without.json["expires_in"] == 7200
        newer = await world.v1("POST", "/v1.0/oauth2/jsapiTickets", None, world.isv)
        assert newer.json == {"jsapiTicket": without.json["ticket"], "expireIn": 7200}
        own = await world.get("/get_jsapi_ticket", world.own)
        assert own.json["ticket"] != without.json["ticket"]

    story(body)


def test_with_the_rule_of_2016_a_new_ticket_each_time() -> None:
    async def body(world: World) -> None:
        tickets = {(await world.get("/get_jsapi_ticket", world.isv)).json["ticket"] for _ in "ab"}
        assert len(tickets) == 2

    story(body, jsapi_ticket_mode="rotate")


def test_gettoken_in_both_forms_gives_one_token() -> None:
    async def body(world: World) -> None:
        app, corp_id = world.app, world.corp.corp_id
        new = await world.get("/gettoken", appkey=app.app_key, appsecret=app.secret)
        old = await world.get("/gettoken", corpid=corp_id, corpsecret=app.secret)
        both = {"errcode": 0, "errmsg": "ok", "access_token": world.own, "expires_in": 7200}
        assert new.json == old.json == both

    story(body)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, 41002),
        ({"corpid": "x"}, 41004),
        ({"corpsecret": "x"}, 41002),
        ({"appkey": "x"}, 41004),
        ({"appsecret": "x"}, 41002),
        ({"corpid": "", "corpsecret": ""}, 41002),
        ({"corpid": "x", "corpsecret": "y"}, 40089),
        ({"appkey": "x", "appsecret": "密"}, 40089),
    ],
)
def test_gettoken_tells_missing_from_wrong(query: dict[str, object], code: int) -> None:
    async def body(world: World) -> None:
        reply = await world.get("/gettoken", **query)
        assert reply.code == code
        if code == 40089:
            assert reply.json["errmsg"] == "不合法的corpid或corpsecret"

    story(body)
