"""The unmodified PyPI `dingtalk-sdk`, only pointed at another address, keeps a corp's contacts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from dingtalk import AppKeyClient
from dingtalk.client.base import BaseClient
from dingtalk.core.exceptions import DingTalkClientException

from ..journeys.test_stranger import DictStorage
from ..openapi.test_socket import a_server
from ..openapi.world import World, a_world

pytestmark = pytest.mark.filterwarnings("default")  # the stranger's warnings are not ours to fix


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[AppKeyClient], None]], None]:
    """Run a synchronous story with a client of the own app of a fresh corp."""

    def run(body: Callable[[AppKeyClient], None]) -> None:
        async def serve() -> None:
            async with a_world() as world, a_server(world) as port:
                await asyncio.to_thread(body, a_client(world, port, monkeypatch))

        asyncio.run(serve())

    return run


def a_client(world: World, port: int, monkeypatch: pytest.MonkeyPatch) -> AppKeyClient:
    origin = f"http://127.0.0.1:{port}"

    def here(self: Any, params: Any, uri: str) -> tuple[Any, str]:
        return params, origin + uri

    monkeypatch.setattr(BaseClient, "API_BASE_URL", origin + "/")
    monkeypatch.setattr(BaseClient, "_handle_pre_top_request", here)
    app = world.app
    return AppKeyClient(world.corp.corp_id, app.app_key, app.secret, storage=DictStorage())


def test_members_and_departments(judge: Any) -> None:
    def body(client: AppKeyClient) -> None:
        department, user = client.department, client.user
        dept = department.create({"name": "研发部", "parentid": "1"})
        below = department.create({"name": "测试组", "parentid": str(dept)})
        assert department.list_ids() == [dept]
        assert [each["id"] for each in department.list(fetch_child=True)] == [dept, below]
        assert department.update({"id": below, "name": "质量组"}) == below
        assert department.get(below)["name"] == "质量组"
        assert department.list_parent_depts_by_dept(below) == [below, dept, 1]
        fields = {"userid": "jia", "name": "测试员甲", "mobile": "13900000001"}
        assert user.create({**fields, "department": [below], "extattr": {"爱好": "棋"}}) == "jia"
        assert user.update({"userid": "jia", "position": "工程师"})["errcode"] == 0
        shown = user.get("jia")
        assert (shown["position"], shown["extattr"]) == ("工程师", {"爱好": "棋"})
        assert department.list_parent_depts("jia") == [[below, dept, 1]]
        assert user.get_dept_member(below) == ["jia"]
        for listing in (user.list, user.listbypage, user.simple_list):
            assert [each["userid"] for each in listing(below)["userlist"]] == ["jia"]
        assert user.get_userid_by_unionid(shown["unionid"])["userid"] == "jia"
        assert user.get_org_user_count(True) == 2
        assert user.get_admin() == [{"sys_level": 1, "userid": "manager"}]
        assert user.get_admin_scope("manager") == [1]
        assert user.auth_scopes()["auth_org_scopes"]["authed_dept"] == [1]
        assert user.batchdelete(["jia"])["errcode"] == 0
        with pytest.raises(DingTalkClientException) as refused:
            user.get("jia")
        assert refused.value.errcode == 60111
        assert department.delete(below)["errcode"] == 0

    judge(body)


def test_roles(judge: Any) -> None:
    def body(client: AppKeyClient) -> None:
        role = client.role
        # The SDK's own add_role calls a method it does not have; its generic one is as good.
        group = client.post("/role/add_role_group", {"name": "职务"})["groupId"]
        fields = {"roleName": "主管", "groupId": group}
        number = client.post("/role/add_role", fields)["roleId"]
        role.addrolesforemps([number], ["manager"])
        assert [each["userid"] for each in role.simplelist(number)["list"]] == ["manager"]
        assert role.list()["list"][0]["roles"] == [{"id": number, "role_name": "主管"}]
        assert role.getrolegroup(group)["group_name"] == "职务"
        assert role.getrole(number)["role"]["name"] == "主管"
        role.removerolesforemps([number], ["manager"])
        assert role.simplelist(number)["list"] == []
        role.deleterole(number)
        with pytest.raises(DingTalkClientException):
            role.getrole(number)

    judge(body)


def test_external_contacts(judge: Any) -> None:
    def body(client: AppKeyClient) -> None:
        userid = client.extcontact.create("示例客户", "manager", [1001], "13800000001")
        assert client.extcontact.get(userid)["name"] == "示例客户"
        client.extcontact.update(userid, "新名", "manager", [1001], "13800000001")
        listed = client.extcontact.list()
        rows = listed["results"] if isinstance(listed, dict) else listed
        assert [each["name"] for each in rows] == ["新名"]
        other = client.ext.add("另一客户", "manager", [1002], "13800000002")
        assert {each["userid"] for each in client.ext.list()} == {userid, other}
        assert client.ext.listlabelgroups()[0]["labels"][0]["id"] == 1001
        client.extcontact.delete(userid)
        assert {each["userid"] for each in client.ext.list()} == {other}

    judge(body)
