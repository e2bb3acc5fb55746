"""Every method of the unmodified `dingtalk-sdk` and of our layer send and return the same."""

from __future__ import annotations

import copy
import datetime as dt
import inspect
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dingtalk.client.base import BaseClient

from sanfang.compat.dingtalk_sdk.table import every_method

from ..strangers.sdk_methods import Method, arguments, methods
from .both import KNOWN, Came, answer_for, call, clients, isv_clients
from .differences import OF_METHODS, OF_RETURNS
from .recorder import Arrived, Recorder

ROOT = Path(__file__).parents[2]
TOKEN = {"errcode": 0, "errmsg": "ok", "expires_in": 7200}

pytestmark = pytest.mark.filterwarnings("default")  # the stranger's own warnings


class Bench:
    """Both clients over one recorder; ``method`` is the one whose answer is given."""

    def __init__(self) -> None:
        self.method: Method | None = None
        self.answer: Any = None
        self.recorder = Recorder(self._answer)
        self.theirs, self.ours = clients(self.recorder)
        assert self.theirs.access_token == self.ours.access_token

    def _answer(self, arrived: Arrived) -> Any:
        if arrived.path == "/gettoken":
            return {**TOKEN, "access_token": "token-of-the-app"}
        if self.answer is not None:
            return self.answer
        assert self.method is not None
        return answer_for(self.method)

    def both(self, title: str, values: dict[str, Any]) -> tuple[Came, Came]:
        # Theirs changes messages that it is given.
        theirs = call(self.recorder, self.theirs, title, copy.deepcopy(values))
        return theirs, call(self.recorder, self.ours, title, copy.deepcopy(values))


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.ours.close()
    made.recorder.close()


@pytest.mark.parametrize("whole", [False, True], ids=["required", "every argument"])
def test_every_method_sends_and_returns_the_same(bench: Bench, whole: bool) -> None:
    told = []
    differing = set()
    for method in methods():
        bench.method = method
        theirs, ours = bench.both(method.title, arguments(method, dict(KNOWN), whole=whole))
        if theirs != ours:
            differing.add(method.title)
            if method.title not in OF_METHODS:
                told.append(f"{method.title}\n  theirs {theirs}\n  ours   {ours}")
    assert not told, "\n".join(told)
    assert differing == set(OF_METHODS)


def test_there_is_nothing_to_compare_that_was_not_compared() -> None:
    assert {m.title for m in methods()} == {m.title for m in every_method()}
    assert len(methods()) > 530


def test_every_signature_is_theirs() -> None:
    ours = {method.title: method.signature for method in every_method()}
    wrong = []
    for method in methods():
        found = [p for p in inspect.signature(method.call).parameters.values() if p.name != "self"]
        told = [(p.name, p.default) for p in ours[method.title].parameters.values()]
        if told != [(p.name, p.default) for p in found]:
            wrong.append(method.title)
    assert wrong == []


def test_positional_arguments_mean_the_same(bench: Bench) -> None:
    wrong = []
    for method in methods():
        bench.method = method
        values = arguments(method, dict(KNOWN))
        names = [n for n in inspect.signature(method.call).parameters if n in values]
        if method.title in OF_METHODS or list(values) != names[: len(values)]:
            continue
        copied = copy.deepcopy(list(values.values()))
        theirs = call(bench.recorder, _Positional(bench.theirs, copied), method.title, {})
        ours = call(
            bench.recorder, _Positional(bench.ours, list(values.values())), method.title, {}
        )
        if theirs != ours:
            wrong.append((method.title, theirs, ours))
    assert wrong == []


class _Positional:
    """Give arguments in order, whatever method is asked for."""

    def __init__(self, inner: Any, given: list[Any]) -> None:
        self._inner, self._given = inner, given

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if callable(found) and not hasattr(found, "_client"):
            return lambda: found(*self._given)
        return _Positional(found, self._given)


REFUSALS = {
    "an error code": {"errcode": 60011, "errmsg": "没有权限"},
    "an error code as text": {"errcode": "60011", "errmsg": "没有权限"},
    "the gateway": {"error_response": {"code": 50, "msg": "Remote service error", "sub_msg": "坏"}},
    "the gateway, briefly": {"error_response": {"code": 41, "msg": "Invalid arguments"}},
}


@pytest.mark.parametrize("answer", REFUSALS.values(), ids=REFUSALS)
def test_refusals_are_told_alike(bench: Bench, answer: dict[str, Any]) -> None:
    gateway = "error_response" in answer
    bench.answer = answer
    title = "role.simplelist" if gateway else "user.get"
    values: dict[str, Any] = {"role_id": 1} if gateway else {"userid": "zhang"}
    try:
        theirs, ours = bench.both(title, values)
    finally:
        bench.answer = None
    assert theirs.raised == ours.raised != ""
    assert theirs.sent == ours.sent


def test_a_failure_told_inside_of_a_result_is_told_alike(bench: Bench) -> None:
    inside = {"success": False, "ding_open_errcode": 31001, "error_msg": "参数不合法"}
    bench.answer = {"dingtalk_corp_role_deleterole_response": {"result": inside}}
    try:
        theirs, ours = bench.both("role.deleterole", {"role_id": 1})
    finally:
        bench.answer = None
    assert theirs == ours
    assert ours.raised == "31001: 参数不合法"


def test_json_text_inside_of_a_result_is_read(bench: Bench) -> None:
    bench.answer = {"dingtalk_corp_ext_list_response": {"result": '[{"name": "外部"}]'}}
    try:
        theirs, ours = bench.both("ext.list", {})
    finally:
        bench.answer = None
    assert theirs == ours
    assert ours.returned == [{"name": "外部"}]


DEEPER = {
    "attendance.getleaveapproveduration": (
        {"result": {"result": {"duration_in_minutes": 480}, "success": True}},
        480,
    ),
    "cspace.grant_custom_space": ({"errcode": 0, "errmsg": "ok"}, {"errcode": 0, "errmsg": "ok"}),
    "microapp.create": ({"errcode": 0, "agentid": 7}, 7),
    "workrecord.dingtalk_oapi_process_workrecord_task_update": ({"errcode": 0}, {"errcode": 0}),
}


@pytest.mark.parametrize("title", DEEPER)
def test_documented_answers_that_theirs_misreads_are_read(bench: Bench, title: str) -> None:
    method = next(m for m in methods() if m.title == title)
    answer, expected = DEEPER[title]
    response = method.api.replace(".", "_") + "_response"
    bench.answer = answer if method.api.startswith("/") else {response: answer}
    try:
        theirs, ours = bench.both(title, arguments(method, dict(KNOWN)))
    finally:
        bench.answer = None
    assert theirs.raised.startswith("KeyError")
    assert ours.returned == expected
    assert set(DEEPER) == set(OF_RETURNS)


CALLS = {
    "get": {"uri": "/department/list_ids", "params": {"id": 1}},
    "post": {"uri": "/chat/create", "data": {"name": "群名称", "useridlist": ["zhang", "li"]}},
    "request": {"method": "POST", "uri": "/user/update?lang=zh_CN", "data": {"userid": "zhang"}},
    "top_request": {"method": "dingtalk.smartwork.attends.getsimplegroups", "params": {"size": 10}},
}


@pytest.mark.parametrize("name", CALLS)
def test_calls_by_path_and_by_name_are_the_same(bench: Bench, name: str) -> None:
    bench.answer = {"errcode": 0, "errmsg": "ok", "list": [{"name": "一"}]}
    try:
        theirs, ours = bench.both(name, CALLS[name])
    finally:
        bench.answer = None
    assert theirs == ours
    assert len(ours.sent) == 1


SUITE_CALLS: dict[str, dict[str, Any]] = {
    "get_permanent_code": {"tmp_auth_code": "temporary"},
    "activate_suite": {"corp_id": "dingcorp"},
    "get_access_token_by_corpid": {"corp_id": "dingcorp"},
    "get_auth_info": {"corp_id": "dingcorp"},
    "get_agent": {"corp_id": "dingcorp", "agent_id": 3},
    "get_unactive_corp": {"app_id": 4},
    "reauth_corp": {"app_id": 4, "corpid_list": ["dingcorp"]},
    "set_corp_ipwhitelist": {"corp_id": "dingcorp", "ip_whitelist": ["1.2.3.*"]},
    "get_channel_token_by_corpid": {"corp_id": "dingcorp"},
    "get_suite_access_token": {},
}


def test_every_call_of_a_suite_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(arrived: Arrived) -> Any:
        return {**TOKEN, "suite_access_token": "suite-token", "access_token": "corp-token"}

    with Recorder(answer) as recorder:
        monkeypatch.setattr(BaseClient, "API_BASE_URL", recorder.url + "/")
        theirs, ours = isv_clients(recorder)
        assert theirs.suite_access_token == ours.suite_access_token == "suite-token"
        for name, values in SUITE_CALLS.items():
            expected = call(recorder, theirs, name, values)
            assert call(recorder, ours, name, values) == expected
            assert len(expected.sent) == 1
        corps = [each.get_dingtalk_client("dingcorp") for each in (theirs, ours)]
        assert corps[0].access_token == corps[1].access_token == "corp-token"
        came = [call(recorder, corp, "user.get", {"userid": "zhang"}) for corp in corps]
        assert came[0] == came[1]
        ours.close()


def sent_by_both(bench: Bench, title: str, **values: Any) -> tuple[Arrived, Arrived]:
    """Return the raw requests of a call by theirs and by ours."""
    bench.method = next(m for m in methods() if m.title == title)
    raw = []
    for client in (bench.theirs, bench.ours):
        bench.recorder.take()
        group, name = title.split(".")
        getattr(getattr(client, group), name)(**copy.deepcopy(values))
        raw += bench.recorder.take()
    return raw[0], raw[1]


def test_every_tag_that_is_given_is_sent(bench: Bench) -> None:
    tags = ["user_add_org", "a_tag_of_tomorrow"]
    theirs, ours = sent_by_both(
        bench,
        "callback.register_call_back",
        call_back_tags=tags,
        token="token",
        aes_key="key",
        url="http://isv.example/",
    )
    assert theirs.json["call_back_tag"] == tags[:1]
    assert ours.json["call_back_tag"] == tags


def test_one_person_as_text_is_one_person(bench: Bench) -> None:
    message = {"msgtype": "text", "text": {"content": "你好"}}
    theirs, ours = sent_by_both(
        bench, "message.asyncsend", msg_body=message, agent_id=1, userid_list="zhang"
    )
    assert dict(theirs.query)["userid_list"] == "z,h,a,n,g"
    assert dict(ours.query)["userid_list"] == "zhang"


def test_what_stands_in_a_query_is_spelt_as_the_documents_spell_it(bench: Bench) -> None:
    theirs, ours = sent_by_both(bench, "department.list", fetch_child=True)
    assert dict(theirs.query)["fetch_child"] == "True"
    assert dict(ours.query)["fetch_child"] == "true"
    message = {"msgtype": "text", "text": {"content": "你好"}}
    theirs, ours = sent_by_both(bench, "message.asyncsend_v2", msg_body=message, agent_id=1)
    assert "\\u4f60" in dict(theirs.query)["msg"]
    assert "你好" in dict(ours.query)["msg"]


def test_moments_of_the_gateway_are_those_of_its_zone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        theirs, ours = sent_by_both(bench, "role.list")
    finally:
        monkeypatch.undo()
        time.tzset()
    moments = [
        dt.datetime.strptime(dict(each.query)["timestamp"], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
        for each in (theirs, ours)
    ]
    now = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).replace(tzinfo=None)
    assert abs(moments[1] - now) < dt.timedelta(minutes=5)
    assert abs(moments[0] - now) > dt.timedelta(hours=11)


@pytest.mark.parametrize("tool", ["build_sdk_table.py", "build_sdk_stubs.py"])
def test_what_tools_made_is_current(tool: str) -> None:
    """Run the tool of that name in tools/ when this fails."""
    command = [sys.executable, str(ROOT / "tools" / tool), "--check"]
    assert subprocess.run(command, check=False).returncode == 0


def test_type_checkers_know_the_methods(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from sanfang.compat.dingtalk_sdk import AppKeyClient\n"
        "client = AppKeyClient('corp', 'key', 'secret')\n"
        "client.user.get('zhang')\n"
        "client.chat.send(chatid='c', msg_body={})\n"
        "client.user.get()\n"
        "client.user.nothing()\n"
        "client.message.asyncsend(text='x')\n"
    )
    cache = ROOT / ".mypy_cache"
    command = [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={cache}", str(program)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    lines = sorted(
        {int(line.split(":")[1]) for line in done.stdout.splitlines() if "error:" in line}
    )
    assert lines == [5, 6, 7], done.stdout
