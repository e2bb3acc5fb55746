"""The official SDK of the newer API, PyPI `alibabacloud-dingtalk`, pointed here by its own settings."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from dingtalk.client.base import BaseClient

from ..journeys.harness import Admin, Platform, platform, until
from ..journeys.test_stranger import StrangerIsv, a_corp, a_suite
from .sdk_calls import a_code

pytest.importorskip(
    "alibabacloud_dingtalk", reason="需要 / needs: pip install alibabacloud-dingtalk"
)

from alibabacloud_dingtalk.calendar_1_0 import client as calendar_client
from alibabacloud_dingtalk.calendar_1_0 import models as calendar_models
from alibabacloud_dingtalk.contact_1_0 import client as contact_client
from alibabacloud_dingtalk.contact_1_0 import models as contact_models
from alibabacloud_dingtalk.oauth2_1_0 import client as oauth2_client
from alibabacloud_dingtalk.oauth2_1_0 import models as oauth2_models
from alibabacloud_dingtalk.robot_1_0 import client as robot_client
from alibabacloud_dingtalk.robot_1_0 import models as robot_models
from alibabacloud_dingtalk.todo_1_0 import client as todo_client
from alibabacloud_dingtalk.todo_1_0 import models as todo_models
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions
from Tea.exceptions import TeaException

pytestmark = [
    pytest.mark.process,
    pytest.mark.filterwarnings("default"),  # the stranger's own warnings are not ours to fix
]
MAIN = "primary"  # a person's own calendar
ZONE = "Asia/Shanghai"


@dataclass
class Official:
    """The clients of one app in one corp."""

    running: Platform
    corp_id: str
    app: dict[str, Any]
    token: str = ""
    unionid: str = ""
    runtime: RuntimeOptions = field(default_factory=RuntimeOptions)

    def client(self, module: Any) -> Any:
        address = self.running.url.removeprefix("http://")
        return module.Client(Config(protocol="http", region_id="central", endpoint=address))

    def headers(self, kind: Callable[[], Any]) -> Any:
        made = kind()
        made.x_acs_dingtalk_access_token = self.token
        return made


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with platform("sqlite", tmp_path_factory.mktemp("official")) as found:
        yield found


@pytest.fixture(scope="module")
def official(running: Platform) -> Official:
    admin = running.admin
    corp_id = a_corp(admin)
    app = admin.get(f"/corps/{corp_id}/apps?secrets=1")["items"][0]
    found = Official(running, corp_id, app)
    request = oauth2_models.GetAccessTokenRequest(app_key=app["app_key"], app_secret=app["secret"])
    answer = found.client(oauth2_client).get_access_token(request).body
    found.token = answer.access_token
    assert answer.expire_in == 7200
    found.unionid = admin.get(f"/corps/{corp_id}/members/zhang")["unionid"]
    return found


def test_a_wrong_secret_is_an_exception_with_the_code_of_the_newer_api(official: Official) -> None:
    request = oauth2_models.GetAccessTokenRequest(app_key=official.app["app_key"], app_secret="no")
    with pytest.raises(TeaException) as wrong:
        official.client(oauth2_client).get_access_token(request)
    assert wrong.value.code == "invalidClientIdOrSecret"
    assert wrong.value.data["statusCode"] == 400


def test_an_isv_gets_the_token_of_an_authorised_corp(
    running: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BaseClient, "API_BASE_URL", running.url + "/")  # of the other stranger
    isv = StrangerIsv()
    try:
        suite = a_suite(running.admin, isv)
        corp_id = a_corp(running.admin)
        running.admin.post(f"/suites/{suite.suite_key}/authorize", corp_id=corp_id)
        until(lambda: suite.get_permanent_code_from_cache(corp_id), "the permanent code")
        assert suite.activate_suite(corp_id)["errcode"] == 0
        found = Official(running, corp_id, {})
        request = oauth2_models.GetCorpAccessTokenRequest(
            suite_key=suite.suite_key,
            suite_secret=suite.suite_secret,
            suite_ticket=suite.cache.suite_ticket.get(),
            auth_corp_id=corp_id,
        )
        answer = found.client(oauth2_client).get_corp_access_token(request).body
        found.token = answer.access_token
        assert answer.expire_in == 7200
        assert _people_named(found, "测试员甲") == ["zhang"]
    finally:
        isv.server.shutdown()
        isv.server.server_close()


def _people_named(official: Official, word: str) -> list[str]:
    request = contact_models.SearchUserRequest(query_word=word, offset=0, size=10)
    headers = official.headers(contact_models.SearchUserHeaders)
    client = official.client(contact_client)
    answer = client.search_user_with_options(request, headers, official.runtime).body
    assert answer.total_count == len(answer.list)
    return list(answer.list)


def test_people_and_departments_are_found(official: Official) -> None:
    assert _people_named(official, "测试员乙") == ["li"]
    assert _people_named(official, "没有这个人") == []
    request = contact_models.SearchDepartmentRequest(query_word="研发", offset=0, size=10)
    headers = official.headers(contact_models.SearchDepartmentHeaders)
    client = official.client(contact_client)
    found = client.search_department_with_options(request, headers, official.runtime).body
    assert found.total_count == 1


def _user_token(official: Official, **fields: str) -> Any:
    request = oauth2_models.GetUserTokenRequest(
        client_id=official.app["app_key"], client_secret=official.app["secret"], **fields
    )
    return official.client(oauth2_client).get_user_token(request).body


def _signed_in(official: Official) -> Any:
    more = {"kind": "oauth", "scope": "openid corpid"}
    code = a_code(official.running.admin, official.corp_id, official.app["app_key"], **more)
    return _user_token(official, code=code, grant_type="authorization_code")


def _read(official: Official, who: str, token: str) -> Any:
    headers = contact_models.GetUserHeaders(x_acs_dingtalk_access_token=token)
    client = official.client(contact_client)
    return client.get_user_with_options(who, headers, official.runtime).body


def test_who_signed_in_is_read_with_the_users_own_token(official: Official) -> None:
    signed_in = _signed_in(official)
    assert (signed_in.corp_id, signed_in.expire_in) == (official.corp_id, 7200)
    for who in ("me", official.unionid):
        person = _read(official, who, signed_in.access_token)
        assert (person.nick, person.union_id) == ("测试员甲", official.unionid)
        assert person.open_id not in ("", None, official.unionid)
    with pytest.raises(TeaException) as of_the_app:
        _read(official, official.unionid, official.token)
    assert of_the_app.value.code == "InvalidAuthentication"


def test_a_users_token_is_refreshed(official: Official) -> None:
    first = _signed_in(official)
    again = _user_token(official, refresh_token=first.refresh_token, grant_type="refresh_token")
    assert _read(official, "me", again.access_token).union_id == official.unionid


def test_a_code_works_once(official: Official) -> None:
    admin, key = official.running.admin, official.app["app_key"]
    code = a_code(admin, official.corp_id, key, kind="oauth")
    assert _user_token(official, code=code, grant_type="authorization_code").access_token
    with pytest.raises(TeaException) as used:
        _user_token(official, code=code, grant_type="authorization_code")
    assert (used.value.code, used.value.data["statusCode"]) == ("invalidCode", 400)


def test_an_administrator_enters_the_admin_backend(official: Official) -> None:
    admin, corp_id = official.running.admin, official.corp_id
    secret = admin.post(f"/corps/{corp_id}/sso-secret")["sso_secret"]
    client = official.client(oauth2_client)
    request = oauth2_models.GetSsoAccessTokenRequest(corpid=corp_id, sso_secret=secret)
    token = client.get_sso_access_token(request).body.access_token
    code = a_code(admin, corp_id, official.app["app_key"], userid="manager", kind="admin")
    headers = oauth2_models.GetSsoUserInfoHeaders(x_acs_dingtalk_access_token=token)
    who = client.get_sso_user_info_with_options(
        oauth2_models.GetSsoUserInfoRequest(code=code), headers, official.runtime
    ).body
    assert (who.corp_id, who.user_id, who.is_admin) == (corp_id, "manager", True)


def test_a_dead_token_is_told_apart(official: Official) -> None:
    headers = contact_models.GetUserHeaders(x_acs_dingtalk_access_token="dead")
    with pytest.raises(TeaException) as dead:
        official.client(contact_client).get_user_with_options(
            official.unionid, headers, official.runtime
        )
    assert dead.value.code == "InvalidAuthentication"
    assert dead.value.data["statusCode"] == 400


def test_a_robot_writes_to_people(official: Official) -> None:
    request = robot_models.BatchSendOTORequest(
        robot_code=official.app["app_key"],
        user_ids=["zhang", "nobody"],
        msg_key="sampleText",
        msg_param=json.dumps({"content": "你好，三方"}),
    )
    headers = official.headers(robot_models.BatchSendOTOHeaders)
    client = official.client(robot_client)
    answer = client.batch_send_otowith_options(request, headers, official.runtime).body
    assert answer.process_query_key
    assert answer.invalid_staff_id_list == ["nobody"]
    inbox = _inbox(official.running.admin, official.corp_id)
    assert "你好，三方" in json.dumps(inbox, ensure_ascii=False)


def _inbox(admin: Admin, corp_id: str) -> Any:
    return admin.get(f"/corps/{corp_id}/messages?userid=zhang")["items"]


def test_an_event_is_created_listed_read_and_deleted(official: Official) -> None:
    client, runtime, me = official.client(calendar_client), official.runtime, official.unionid
    moments = ("2026-11-24T10:00:00+08:00", "2026-11-24T11:00:00+08:00")
    request = calendar_models.CreateEventRequest(
        summary="例会",
        start=calendar_models.CreateEventRequestStart(date_time=moments[0], time_zone=ZONE),
        end=calendar_models.CreateEventRequestEnd(date_time=moments[1], time_zone=ZONE),
        attendees=[calendar_models.CreateEventRequestAttendees(id=me)],
        reminders=[calendar_models.CreateEventRequestReminders(method="dingtalk", minutes=15)],
    )
    headers = official.headers(calendar_models.CreateEventHeaders)
    made = client.create_event_with_options(me, MAIN, request, headers, runtime).body
    assert made.summary == "例会"

    span = calendar_models.ListEventsRequest(
        time_min="2026-11-24T00:00:00+08:00", time_max="2026-11-25T00:00:00+08:00"
    )
    headers = official.headers(calendar_models.ListEventsHeaders)
    listed = client.list_events_with_options(me, MAIN, span, headers, runtime).body
    assert [event.id for event in listed.events] == [made.id]

    one = calendar_models.GetEventRequest()
    headers = official.headers(calendar_models.GetEventHeaders)
    read = client.get_event_with_options(me, MAIN, made.id, one, headers, runtime).body
    assert (read.summary, read.organizer.id) == ("例会", me)

    gone = calendar_models.DeleteEventRequest()
    headers = official.headers(calendar_models.DeleteEventHeaders)
    client.delete_event_with_options(me, MAIN, made.id, gone, headers, runtime)
    headers = official.headers(calendar_models.ListEventsHeaders)
    assert not client.list_events_with_options(me, MAIN, span, headers, runtime).body.events


def test_a_todo_is_created_read_updated_and_deleted(official: Official) -> None:
    client, runtime, me = official.client(todo_client), official.runtime, official.unionid
    request = todo_models.CreateTodoTaskRequest(
        operator_id=me, subject="交周报", creator_id=me, executor_ids=[me], source_id="weekly-1"
    )
    headers = official.headers(todo_models.CreateTodoTaskHeaders)
    made = client.create_todo_task_with_options(me, request, headers, runtime).body
    assert (made.subject, made.done) == ("交周报", False)

    headers = official.headers(todo_models.GetTodoTaskHeaders)
    read = client.get_todo_task_with_options(me, made.id, headers, runtime).body
    assert (read.subject, read.source_id) == ("交周报", "weekly-1")

    change = todo_models.UpdateTodoTaskRequest(operator_id=me, done=True)
    headers = official.headers(todo_models.UpdateTodoTaskHeaders)
    assert client.update_todo_task_with_options(me, made.id, change, headers, runtime).body.result
    headers = official.headers(todo_models.GetTodoTaskHeaders)
    assert client.get_todo_task_with_options(me, made.id, headers, runtime).body.done

    gone = todo_models.DeleteTodoTaskRequest(operator_id=me)
    headers = official.headers(todo_models.DeleteTodoTaskHeaders)
    assert client.delete_todo_task_with_options(me, made.id, gone, headers, runtime).body.result


def test_its_asynchronous_calls_work_too(official: Official) -> None:
    async def search() -> list[str]:
        request = contact_models.SearchUserRequest(query_word="测试员甲", offset=0, size=10)
        headers = official.headers(contact_models.SearchUserHeaders)
        client = official.client(contact_client)
        answer = await client.search_user_with_options_async(request, headers, official.runtime)
        return list(answer.body.list)

    assert asyncio.run(search()) == ["zhang"]
