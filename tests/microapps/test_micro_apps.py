"""Micro-apps of a corp over the gate, under the older and the newer names."""

from __future__ import annotations

from typing import Any

import pytest

from sanfang.platform.domain import authorisations, contacts, corp_events, corps, tokens

from ..openapi.world import World, story

FORM = {
    "appIcon": "@icon",
    "appName": "签到看板",
    "appDesc": "看每天的签到",
    "homepageUrl": "http://oa.example/?corpid=$CORPID$",
    "pcHomepageUrl": "http://oa.example/pc",
    "ompLink": "http://admin.example/",
}
NEW_FORM = {"name": "报表中心", "desc": "企业报表", "homepageLink": "http://report.example/"}


async def created(world: World, **changes: Any) -> int:
    answer = await world.post("/microapp/create", {**FORM, **changes}, world.own)
    assert answer.code == 0
    return int(answer.json["agentid"])


async def listed(world: World) -> dict[int, dict[str, Any]]:
    answer = await world.post("/microapp/list", {}, world.own)
    assert answer.code == 0
    return {app["agentId"]: app for app in answer.json["appList"]}


async def seen(world: World, userid: str) -> set[int]:
    answer = await world.get("/microapp/list_by_userid", world.own, userid=userid)
    assert answer.code == 0
    return {app["agentId"] for app in answer.json["appList"]}


async def unionid(world: World, userid: str = "manager") -> str:
    return (await contacts.get_member(world.core, world.corp.corp_id, userid)).unionid


async def people(world: World) -> tuple[int, int]:
    """Member li below the department sales, member wang elsewhere."""
    core, corp_id = world.core, world.corp.corp_id
    sales = await contacts.create_department(core, corp_id, "销售部", parent_id=1)
    east = await contacts.create_department(core, corp_id, "东区", parent_id=sales.dept_id)
    await contacts.create_member(
        core, corp_id, userid="li", name="测试员甲", departments=[east.dept_id]
    )
    await contacts.create_member(core, corp_id, userid="wang", name="测试员乙", departments=[1])
    return sales.dept_id, east.dept_id


def test_a_created_app_is_listed_under_both_names() -> None:
    async def body(world: World) -> None:
        agent_id = await created(world)
        assert (await listed(world))[agent_id] == {
            "name": "签到看板",
            "agentId": agent_id,
            "appIcon": "@icon",
            "appDesc": "看每天的签到",
            "isSelf": True,
            "appStatus": 1,
            "homepageLink": FORM["homepageUrl"],
            "pcHomepageLink": FORM["pcHomepageUrl"],
            "ompLink": FORM["ompLink"],
        }
        for path in ("allApps", "allInnerApps", "apps"):
            newer = (await world.v1("GET", f"/v1.0/microApp/{path}", token=world.own)).json
            apps = {app["agentId"]: app for app in newer["appList"]}
            assert apps[agent_id]["desc"] == "看每天的签到"
            assert (world.agent.agent_id in apps) == (path == "allApps")

    story(body)


def test_an_authorised_suites_app_is_listed_as_not_the_corps_own() -> None:
    async def body(world: World) -> None:
        app = (await listed(world))[world.agent.agent_id]
        assert (app["isSelf"], app["appStatus"], app["name"]) == (False, 1, "签到看板0")
        await authorisations.set_enabled(
            world.core, world.suite.suite_key, world.corp.corp_id, False
        )
        assert (await listed(world))[world.agent.agent_id]["appStatus"] == 0
        assert world.agent.agent_id not in await seen(world, "manager")

    story(body)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (33002, {"appName": ""}),
        (33002, {"appName": "一二三四五六七八九十一"}),
        (33002, {"appName": None}),
        (33003, {"appDesc": ""}),
        (33003, {"appDesc": "长" * 21}),
        (33004, {"appIcon": ""}),
        (33005, {"homepageUrl": ""}),
        (33005, {"homepageUrl": "oa.example"}),
        (33005, {"homepageUrl": "javascript:alert(1)"}),
        (33006, {"pcHomepageUrl": "ftp://oa.example/"}),
        (33007, {"pcHomepageUrl": "http://other.example/"}),
        (33008, {"ompLink": "oa"}),
    ],
)
def test_a_bad_app_is_refused_with_its_code(code: int, changes: dict[str, Any]) -> None:
    async def body(world: World) -> None:
        before = await listed(world)
        assert (await world.post("/microapp/create", {**FORM, **changes}, world.own)).code == code
        agent_id = await created(world)
        if None not in changes.values():
            bad = {"agentId": agent_id, **changes}
            assert (await world.post("/microapp/update", bad, world.own)).code == code
        assert len(await listed(world)) == len(before) + 1
        assert (await listed(world))[agent_id]["name"] == "签到看板"

    story(body)


def test_an_update_changes_what_it_names_and_nothing_else() -> None:
    async def body(world: World) -> None:
        agent_id = await created(world)
        before = (await listed(world))[agent_id]
        change = {"agentId": agent_id, "appName": "新名字", "appIcon": None}
        assert (await world.post("/microapp/update", change, world.own)).code == 0
        assert (await listed(world))[agent_id] == {**before, "name": "新名字"}

    story(body)


def test_the_newer_api_creates_changes_and_deletes_the_same_apps() -> None:
    async def body(world: World) -> None:
        form = {**NEW_FORM, "opUnionId": await unionid(world), "ipWhiteList": ["127.0.0.1"]}
        made = (await world.v1("POST", "/v1.0/microApp/apps", form, world.own)).json
        assert (await listed(world))[made["agentId"]]["name"] == "报表中心"
        token, _ = await tokens.app_token(world.core, made["appKey"], made["appSecret"])
        assert (await world.get("/microapp/list_by_userid", token, userid="manager")).code == 0
        path = f"/v1.0/microApp/apps/{made['agentId']}"
        change = {"opUnionId": form["opUnionId"], "desc": "每周更新", "ipWhiteList": ["10.0.0.1"]}
        assert (await world.v1("PUT", path, change, world.own)).json == {"result": True}
        assert (await listed(world))[made["agentId"]]["appDesc"] == "每周更新"
        assert (await world.get("/microapp/list_by_userid", token, userid="manager")).code == 60020
        gone = await world.v1("DELETE", f"{path}?opUnionId={form['opUnionId']}", None, world.own)
        assert gone.json == {"result": True}
        assert made["agentId"] not in await listed(world)
        assert (await world.get("/microapp/list_by_userid", token, userid="manager")).code == 40014

    story(body)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("illegalAppName", {"name": "短"}),
        ("illegalAppDesc", {"desc": "长" * 201}),
        ("illegalIp", {"ipWhiteList": ["*.*.*.*"]}),
        ("invalidUser", {"opUnionId": "nobody"}),
        ("missingParameter", {"name": None}),
    ],
)
def test_a_bad_app_is_refused_by_name_in_the_newer_api(code: str, changes: dict[str, Any]) -> None:
    async def body(world: World) -> None:
        form = {**NEW_FORM, "opUnionId": await unionid(world), **changes}
        answer = await world.v1("POST", "/v1.0/microApp/apps", form, world.own)
        assert (answer.status, answer.json["code"]) == (400, code)

    story(body)


def test_only_an_admin_manages_apps() -> None:
    async def body(world: World) -> None:
        await people(world)
        form = {**NEW_FORM, "opUnionId": await unionid(world, "li")}
        answer = await world.v1("POST", "/v1.0/microApp/apps", form, world.own)
        assert answer.json["code"] == "noAppManagePermission"

    story(body)


def test_too_many_own_apps_are_33013() -> None:
    async def body(world: World) -> None:
        await created(world)
        refused = await world.post("/microapp/create", FORM, world.own)
        assert refused.code == 33013

    story(body, corp_apps_most=2)


def test_apps_of_suites_and_of_other_corps_cannot_be_changed_or_seen() -> None:
    async def body(world: World) -> None:
        stranger = await corps.create_corp(world.core, "另一家公司")
        foreign = (await corps.list_apps(world.core, stranger.corp_id))[0].agent_id
        for agent_id in (world.agent.agent_id, foreign, 10**15):
            for name in ("update", "delete"):
                answer = await world.post(f"/microapp/{name}", {"agentId": agent_id}, world.own)
                assert answer.code == 40056
        for name in ("visible_scopes", "set_visible_scopes"):
            answer = await world.post(f"/microapp/{name}", {"agentId": foreign}, world.own)
            assert answer.code == 40056

    story(body)


def test_a_deleted_app_takes_its_tokens_and_its_callback_along() -> None:
    async def body(world: World) -> None:
        made = await corps.create_app(world.core, world.corp.corp_id, "要删的")
        token, _ = await tokens.app_token(world.core, made.app_key, made.secret)
        form = {
            "call_back_tag": ["user_add_org"],
            "token": "tok",
            "aes_key": "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij",
            "url": "http://isv.example/callback",
        }
        assert (await world.post("/call_back/register_call_back", form, token)).code == 0
        gone = await world.post("/microapp/delete", {"agentId": made.agent_id}, world.own)
        assert gone.code == 0
        assert (await world.get("/call_back/get_call_back", token)).code == 40014

        async def change(tx: Any) -> None:
            await corp_events.announce(tx, world.core, world.corp.corp_id, "user_add_org", {})

        await world.core.durable.transact(change)
        await people(world)

    story(body)


def test_without_a_scope_everybody_sees_an_app() -> None:
    async def body(world: World) -> None:
        await people(world)
        agent_id = await created(world)
        answer = await world.post("/microapp/visible_scopes", {"agentId": agent_id}, world.own)
        assert answer.json == {
            "errcode": 0,
            "errmsg": "ok",
            "isHidden": False,
            "deptVisibleScopes": [],
            "userVisibleScopes": [],
        }
        assert agent_id in await seen(world, "li") & await seen(world, "wang")

    story(body)


def test_a_scope_shows_an_app_to_departments_with_all_below_and_to_members() -> None:
    async def body(world: World) -> None:
        sales, _ = await people(world)
        agent_id = await created(world)
        scope: dict[str, Any] = {"agentId": agent_id, "deptVisibleScopes": [sales]}
        assert (await world.post("/microapp/set_visible_scopes", scope, world.own)).code == 0
        assert agent_id in await seen(world, "li")
        assert agent_id not in await seen(world, "wang")
        assert agent_id in await seen(world, "manager")  # an admin sees every app
        scope = {"agentId": agent_id, "deptVisibleScopes": [], "userVisibleScopes": ["wang"]}
        assert (await world.post("/microapp/set_visible_scopes", scope, world.own)).code == 0
        assert agent_id not in await seen(world, "li")
        assert agent_id in await seen(world, "wang")

    story(body)


def test_a_hidden_app_is_seen_by_admins_only() -> None:
    async def body(world: World) -> None:
        await people(world)
        agent_id = await created(world)
        scope = {"agentId": agent_id, "isHidden": "true", "userVisibleScopes": ["li"]}
        assert (await world.post("/microapp/set_visible_scopes", scope, world.own)).code == 0
        assert agent_id not in await seen(world, "li")
        assert agent_id in await seen(world, "manager")

    story(body)


def test_the_newer_api_adds_to_and_takes_from_the_same_scope() -> None:
    async def body(world: World) -> None:
        sales, east = await people(world)
        agent_id = world.agent.agent_id  # of a suite: its scope is the corp's to set
        path = f"/v1.0/microApp/apps/{agent_id}/scopes"
        add = {"addDeptIds": [sales, east], "addUserIds": ["wang"], "onlyAdminVisible": False}
        assert (await world.v1("POST", path, add, world.own)).json == {"result": True}
        take = {"delDeptIds": [sales], "addUserIds": ["li"], "addRoleIds": [5]}
        assert (await world.v1("POST", path, take, world.own)).json == {"result": True}
        assert (await world.v1("GET", path, token=world.own)).json["result"] == {
            "userIds": ["wang", "li"],
            "deptIds": [east],
            "roleIds": [5],
            "onlyAdminVisible": False,
        }
        older = await world.post("/microapp/visible_scopes", {"agentId": agent_id}, world.own)
        assert older.json["userVisibleScopes"] == ["wang", "li"]

    story(body)


@pytest.mark.parametrize(
    ("code", "change"),
    [
        (60111, {"userVisibleScopes": ["nobody"]}),
        (60003, {"deptVisibleScopes": [999]}),
        (40035, {"userVisibleScopes": [str(n) for n in range(1001)]}),
    ],
)
def test_a_scope_that_names_nobody_is_refused_and_nothing_changes(
    code: int, change: dict[str, Any]
) -> None:
    async def body(world: World) -> None:
        agent_id = await created(world)
        fields = {"agentId": agent_id, "isHidden": True, **change}
        assert (await world.post("/microapp/set_visible_scopes", fields, world.own)).code == code
        found = await world.post("/microapp/visible_scopes", {"agentId": agent_id}, world.own)
        assert found.json["isHidden"] is False

    story(body)


def test_a_member_who_left_does_not_keep_a_scope_from_being_changed() -> None:
    async def body(world: World) -> None:
        await people(world)
        agent_id = await created(world)
        first = {"agentId": agent_id, "userVisibleScopes": ["li", "wang"]}
        assert (await world.post("/microapp/set_visible_scopes", first, world.own)).code == 0
        await contacts.delete_member(world.core, world.corp.corp_id, "li")
        path = f"/v1.0/microApp/apps/{agent_id}/scopes"
        changed = await world.v1("POST", path, {"addUserIds": ["manager"]}, world.own)
        assert changed.json == {"result": True}

    story(body)


def test_an_isv_learns_whether_an_admin_manages_its_app() -> None:
    async def body(world: World) -> None:
        await people(world)
        app_id, agent_id = world.agent.app_id, world.agent.agent_id
        for userid, allowed in (("manager", True), ("li", False)):
            path = "/user/can_access_microapp"
            older = await world.get(path, world.isv, appId=app_id, userId=userid)
            assert older.json["canAccess"] is allowed
            path = f"/v1.0/microApp/apps/{agent_id}/users/{userid}/adminAccess"
            assert (await world.v1("GET", path, token=world.isv)).json == {"result": allowed}
        other = await world.get(
            "/user/can_access_microapp", world.isv, appId=app_id + 1, userId="manager"
        )
        assert other.json["canAccess"] is False

    story(body)


def test_relieving_forgets_the_scopes_of_the_suites_apps() -> None:
    async def body(world: World) -> None:
        agent_id = world.agent.agent_id
        scope = {"agentId": agent_id, "isHidden": True}
        assert (await world.post("/microapp/set_visible_scopes", scope, world.own)).code == 0
        key, corp_id = world.suite.suite_key, world.corp.corp_id
        await authorisations.relieve(world.core, key, corp_id)
        assert agent_id not in await listed(world)
        answer = await world.post("/microapp/visible_scopes", {"agentId": agent_id}, world.own)
        assert answer.code == 40056

    story(body)
