"""Which fields of a member an app sees: by kind of app, by permission point, in all three generations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sanfang.platform.domain import contacts, permissions, scopes

from ..openapi.world import World, story

DAY = 86_400_000
PERSONAL = ("email", "org_email", "work_place", "remark", "extension")


async def jia(world: World) -> None:
    await contacts.create_member(
        *(world.core, world.corp.corp_id),
        name="测试员甲",
        userid="jia",
        mobile="+852-51234567",
        email="a@x.cn",
        org_email="b@x.cn",
        telephone="8001",
        work_place="杭州",
        remark="备注",
        hired_date=1_500_000_000_000,
        extattr={"爱好": "旅游"},
    )


async def later(world: World, token: str) -> dict[str, Any]:
    reply = await world.post("/topapi/v2/user/get", {"userid": "jia"}, token)
    found = reply.json["result"]
    assert isinstance(found, dict)
    query = {"dept_id": 1, "cursor": 0, "size": 10}
    listed = (await world.post("/topapi/v2/user/list", query, token)).json["result"]["list"]
    [same] = [each for each in listed if each["userid"] == "jia"]
    hidden = {"mobile", "state_code", "telephone", "hired_date", *PERSONAL}
    assert found.keys() & hidden == same.keys() & hidden
    return found


def test_an_own_app_sees_everything_as_long_as_points_are_not_asked_for() -> None:
    async def body(world: World) -> None:
        await jia(world)
        found = await later(world, world.own)
        assert {"mobile", "telephone", "hired_date", *PERSONAL} <= found.keys()
        assert found["state_code"] == "852"

    story(body)


def test_without_the_points_of_fields_an_own_app_does_not_see_them() -> None:
    async def body(world: World) -> None:
        await jia(world)
        core, key = world.core, world.app.app_key
        base = ["qyapi_get_member", "qyapi_get_department_member", "Contact.Common.Read"]
        await permissions.grant(core, key, base)
        found = await later(world, world.own)
        assert not found.keys() & {"mobile", "state_code", *PERSONAL}
        assert {"telephone", "hired_date", "name", "unionid"} <= found.keys()
        await permissions.grant(core, key, [permissions.MOBILE])
        found = await later(world, world.own)
        assert (found["mobile"], found["state_code"]) == ("+852-51234567", "852")
        assert not found.keys() & set(PERSONAL)
        await permissions.grant(core, key, [permissions.PERSONAL])
        await permissions.revoke(core, key, [permissions.MOBILE])
        found = await later(world, world.own)
        assert found.keys() & {"mobile", *PERSONAL} == set(PERSONAL)
        await contacts.delete_member(core, world.corp.corp_id, "jia")
        since = _written(core.clock.now() - DAY)
        left = f"/v1.0/contact/empLeaveRecords?startTime={since}&maxResults=10"
        [record] = (await world.v1("GET", left, token=world.own)).json["records"]
        assert "mobile" not in record
        await permissions.grant(core, key, [permissions.MOBILE])
        [record] = (await world.v1("GET", left, token=world.own)).json["records"]
        assert (record["mobile"], record["stateCode"]) == ("+852-51234567", "852")

    story(body, permissions="enforce")


def test_an_isv_never_sees_what_the_pages_keep_from_it() -> None:
    async def body(world: World) -> None:
        await jia(world)
        found = await later(world, world.isv)
        hidden = {"mobile", "state_code", "telephone", "hired_date", *PERSONAL}
        assert not found.keys() & hidden
        assert found["name"] == "测试员甲"
        old = (await world.get("/user/get", world.isv, userid="jia")).json
        assert old["workPlace"] == "杭州"  # under the names of 2016 it does
        assert not old.keys() & {"mobile", "tel", "remark", "email", "orgEmail"}

    story(body)


def test_the_newer_batch_tells_numbers_with_their_country_and_names_who_is_not_there() -> None:
    async def body(world: World) -> None:
        await jia(world)
        path = "/v1.0/contact/users/batch/get?userIdList=jia,manager,nobody"
        own = (await world.v1("GET", path, token=world.own)).json
        assert [each.get("state_code") for each in own["userList"]] == ["852", None]
        assert own["unauthorizedUserIdList"] == ["nobody"]

    story(body)


def test_sorting_leaves_out_who_lies_outside_the_scope() -> None:
    async def body(world: World) -> None:
        await jia(world)
        await scopes.set_scope(
            world.core, world.suite.suite_key, world.corp.corp_id, depts=[], users=["jia"]
        )
        given = {"userIdList": ["manager", "jia", "nobody"]}
        reply = await world.v1("POST", "/v1.0/contact/users/sort", given, world.isv)
        assert reply.json == {"userIdList": ["jia"]}

    story(body)


def test_lists_of_the_newer_api_are_as_long_as_its_pages_say() -> None:
    async def body(world: World) -> None:
        many = {"userIdList": [f"u{number}" for number in range(101)]}
        reply = await world.v1("POST", "/v1.0/contact/users/sort", many, world.isv)
        assert reply.json["code"] == "listsize.too.long"
        permitted = {"seniorStaffId": "manager", "open": True, "permitStaffIds": ["a"] * 150}
        permitted["permitTagIds"] = list(range(51))
        reply = await world.v1("POST", "/v1.0/contact/seniorSettings", permitted, world.own)
        assert reply.json["code"] == "parameter.error"
        now = world.core.clock.now()
        for start, end in (
            (_written(now - 366 * DAY), ""),
            (_written(now - 400 * DAY), _written(now - 20 * DAY)),
            (_written(now - DAY), _written(now - 2 * DAY)),
        ):
            path = f"/v1.0/contact/empLeaveRecords?startTime={start}&maxResults=5"
            path += f"&endTime={end}" if end else ""
            reply = await world.v1("GET", path, token=world.own)
            assert reply.json["code"] == "invalidParameter.param.invalid", (start, end)

    story(body)


def _written(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
