"""The unmodified PyPI `dingtalk-sdk` at the office: approvals, attendance, check-ins, calendar, to-dos."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from dingtalk import SecretClient
from dingtalk.client.base import BaseClient
from dingtalk.core.exceptions import DingTalkClientException

from ..domain import world as domain_world
from ..journeys.harness import Admin, Platform, platform
from ..journeys.test_stranger import DictStorage, a_corp

pytestmark = [
    pytest.mark.process,
    pytest.mark.filterwarnings("default"),  # the stranger's own warnings are not ours to fix
]
BEIJING = timezone(timedelta(hours=8))
MINUTE = 60_000


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    kind = "sqlite" if domain_world.KIND[0] == "memory" else "postgres+redis"
    with platform(kind, tmp_path) as one:
        monkeypatch.setattr(BaseClient, "API_BASE_URL", one.url + "/")
        before = BaseClient._handle_pre_top_request

        def here(self: Any, params: Any, uri: str) -> tuple[Any, str]:
            params, uri = before(self, params, uri)
            return params, uri.replace("https://eco.taobao.com", one.url)

        monkeypatch.setattr(BaseClient, "_handle_pre_top_request", here)
        yield one


def client_of(admin: Admin) -> tuple[SecretClient, str]:
    corp_id = a_corp(admin)
    app = admin.get(f"/corps/{corp_id}/apps?secrets=1")["items"][0]
    return SecretClient(corp_id, app["secret"], storage=DictStorage(), timeout=10), corp_id


def test_bpms(running: Platform) -> None:
    client, _ = client_of(running.admin)
    component = {"component_name": "TextField", "props": {"id": "T-1", "label": "事由"}}
    code = client.workrecord.process_save("请假", "示例", [component], agentid=1)
    values = OrderedDict([("事由", "休息"), ("天数", ("2", "ext"))])
    number = client.bpms.processinstance_create(code, "zhang", 1, ["li"], values)
    found = client.bpms.processinstance_get(number)
    assert (found["status"], found["approver_userids"]) == ("RUNNING", ["li"])
    assert found["form_component_values"][1]["ext_value"] == "ext"
    now = int(datetime.now(tz=BEIJING).timestamp() * 1000)
    ids = client.bpms.processinstance_listids(code, now - 60 * MINUTE, now + MINUTE)
    assert ids["list"] == [number]
    page = client.bpms.processinstance_list(code, now - 60 * MINUTE)
    assert page["result"]["list"][0]["process_instance_id"] == number
    assert client.bpms.dingtalk_oapi_process_gettodonum("li")["count"] == 1
    listed = client.bpms.process_listbyuserid("li")["process_list"]
    assert [each["process_code"] for each in listed] == [code]
    with pytest.raises(DingTalkClientException):
        client.bpms.processinstance_get("nothing")
    client.workrecord.process_delete(code, agentid=1)
    with pytest.raises(DingTalkClientException):
        client.bpms.processinstance_create(code, "zhang", 1, ["li"], values)


def test_workrecord(running: Platform) -> None:
    client, _ = client_of(running.admin)
    record = client.workrecord.add(
        "zhang", 1_599_580_799_000, "学习", "http://app.example/", {"内容": "产品"}
    )
    found = client.workrecord.getbyuserid("zhang", 0)
    assert found["list"][0]["forms"] == [{"title": "内容", "content": "产品"}]
    assert client.workrecord.update("zhang", record) is True
    assert client.workrecord.getbyuserid("zhang", 0)["list"] == []


def test_calendar(running: Platform) -> None:
    client, _ = client_of(running.admin)
    made = client.calendar.create(
        {
            "summary": "早会",
            "creator_userid": "zhang",
            "receiver_userids": ["li"],
            "start_time": {"unix_timestamp": 1_700_442_000_000},
            "end_time": {"unix_timestamp": 1_700_445_600_000},
        }
    )
    items = client.calendar.list("li", time_min={"date_time": "2023-11-19T00:00:00Z"})["items"]
    assert [each["summary"] for each in items] == ["早会"]
    client.calendar.delete("zhang", made["dingtalk_calendar_id"])
    assert client.calendar.list("li")["items"] == []


def test_attendance_and_check_ins(running: Platform) -> None:
    client, corp_id = client_of(running.admin)
    nine = datetime(2023, 11, 15, 9, 0, tzinfo=BEIJING)
    at = int(nine.timestamp() * 1000)
    running.admin.post(f"/corps/{corp_id}/attendance", userid="zhang", checked_at=at - 1)
    running.admin.post(f"/corps/{corp_id}/check-ins", userid="zhang", checked_at=at, place="客户")
    leave = {"starts_at": at, "ends_at": at + 24 * 60 * MINUTE}
    running.admin.post(f"/corps/{corp_id}/leaves", userid="li", **leave)

    day = datetime(2023, 11, 15)  # noqa: DTZ001 - the SDK writes it as it is
    results = client.attendance.list(day, day, ["zhang"])["recordresult"]
    assert [each["timeResult"] for each in results] == ["Normal"]
    records = client.attendance.list_record(["zhang"], day, day + timedelta(days=1))
    assert [each["isLegal"] for each in records] == ["Y"]
    status = client.attendance.getleavestatus("zhang,li", at, at + MINUTE)
    assert [each["userid"] for each in status["leave_status"]] == ["li"]
    data = client.checkin.record(1, at - MINUTE, at + MINUTE)
    assert [each["place"] for each in data] == ["客户"]
    got = client.checkin.record_get(["zhang", "li"], at - MINUTE, at + MINUTE)
    assert got["result"]["page_list"][0]["userid"] == "zhang"


def test_blackboard(running: Platform) -> None:
    client, _ = client_of(running.admin)
    assert client.blackboard.listtopten("zhang")["blackboard_list"] == []
