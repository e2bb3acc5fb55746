"""The unmodified `dingtalk-sdk` registers, changes contacts, and is told of its own changes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from dingtalk import SecretClient
from dingtalk.client.api.callback import Callback
from dingtalk.client.base import BaseClient
from dingtalk.client.isv import ISVClient
from dingtalk.core.exceptions import DingTalkClientException

from ..domain.world import AES_KEY
from ..journeys.harness import STORES, Admin, Platform, platform, until
from ..journeys.test_stranger import TOKEN as SUITE_TOKEN
from ..journeys.test_stranger import DictStorage, StrangerIsv, a_corp, a_suite
from .world import TOKEN

pytestmark = [
    pytest.mark.process,
    pytest.mark.filterwarnings("default"),  # the stranger's own warnings are not ours to fix
]


@pytest.fixture(scope="module", autouse=True)
def kind() -> None:
    """Here a process brings its own stores."""


class Receiver:
    """An app's endpoint: opens pushes with the client's own crypto."""

    def __init__(self) -> None:
        self.crypto: Any = None
        self.events: list[dict[str, Any]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                where = (query["signature"], query["timestamp"], query["nonce"])
                receiver.events.append(json.loads(receiver.crypto.decrypt_message(body, *where)))
                reply = json.dumps(receiver.crypto.encrypt_message("success")).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/events"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def named(self, tag: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["EventType"] == tag]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.close()


@pytest.fixture(params=STORES)
def running(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Platform]:
    with platform(request.param, tmp_path) as found:
        monkeypatch.setattr(BaseClient, "API_BASE_URL", found.url + "/")
        yield found


def own_client(admin: Admin, corp_id: str) -> SecretClient:
    app = admin.get(f"/corps/{corp_id}/apps?secrets=1")["items"][0]
    return SecretClient(corp_id, app["secret"], TOKEN, AES_KEY, storage=DictStorage(), timeout=10)


def test_an_own_app_is_told_of_the_member_it_created(running: Platform, receiver: Receiver) -> None:
    corp_id = a_corp(running.admin)
    client = own_client(running.admin, corp_id)
    receiver.crypto = client.crypto
    tags = Callback.ALL_CALL_BACK_TAGS
    assert client.callback.register_call_back(tags, TOKEN, AES_KEY, receiver.url)["errcode"] == 0
    assert receiver.events == [{"EventType": "check_url"}]
    assert client.callback.get_call_back()["call_back_tag"] == list(tags)

    client.user.create(
        {"userid": "wang", "name": "测试员丙", "department": [1], "mobile": "13000000003"}
    )
    event = until(lambda: receiver.named("user_add_org"), "user_add_org")[0]
    assert (event["CorpId"], event["UserId"]) == (corp_id, ["wang"])
    client.user.delete("wang")
    until(lambda: receiver.named("user_leave_org"), "user_leave_org")

    fewer = ["org_dept_create"]
    assert client.callback.update_call_back(fewer, TOKEN, AES_KEY, receiver.url)["errcode"] == 0
    dept = client.department.create({"name": "市场部", "parentid": "1"})
    created = until(lambda: receiver.named("org_dept_create"), "org_dept_create")[0]
    assert created["DeptId"] == [dept]
    failed = client.callback.get_call_back_failed_result()
    assert (failed["failed_list"], failed["has_more"]) == ([], False)
    assert client.callback.delete_call_back()["errcode"] == 0
    with pytest.raises(DingTalkClientException) as gone:
        client.callback.get_call_back()
    assert gone.value.errcode == 71007


def test_an_isv_is_told_of_a_change_in_an_authorised_corp(
    running: Platform, receiver: Receiver
) -> None:
    stranger = StrangerIsv()
    try:
        client: ISVClient = a_suite(running.admin, stranger)
        corp_id = a_corp(running.admin)
        running.admin.post(f"/suites/{client.suite_key}/authorize", corp_id=corp_id)
        until(lambda: client.get_permanent_code_from_cache(corp_id), "the permanent code")
        assert client.activate_suite(corp_id)["errcode"] == 0
        receiver.crypto = client.crypto
        corp = client.get_dingtalk_client(corp_id)
        tags, keys = ["user_add_org"], (SUITE_TOKEN, AES_KEY)  # ISVs reuse those of the suite
        assert corp.callback.register_call_back(tags, *keys, receiver.url)["errcode"] == 0
        with pytest.raises(DingTalkClientException) as again:
            corp.callback.register_call_back(tags, *keys, receiver.url)
        assert again.value.errcode == 71006
        own_client(running.admin, corp_id).user.create(
            {"userid": "wang", "name": "测试员丙", "department": [1], "mobile": "13000000003"}
        )
        event = until(lambda: receiver.named("user_add_org"), "user_add_org")[0]
        assert (event["CorpId"], event["UserId"]) == (corp_id, ["wang"])
        assert not stranger.named("user_add_org")  # the suite's own callback is another matter
    finally:
        stranger.server.shutdown()
        stranger.server.server_close()


def test_the_sdks_micro_app_calls_work(running: Platform) -> None:
    corp_id = a_corp(running.admin)
    apps = own_client(running.admin, corp_id).microapp
    home = "http://oa.example/"
    agent_id = apps.create("@icon", "签到看板", "看每天的签到", home, home + "pc", home)
    assert agent_id in [app["agentId"] for app in apps.list()]
    assert apps.update(agent_id, app_name="报表") == agent_id
    apps.set_visible_scopes(agent_id, False, (), ("zhang",))
    assert apps.visible_scopes(agent_id)["userVisibleScopes"] == ["zhang"]
    assert agent_id in [app["agentId"] for app in apps.list_by_userid("zhang")]
    assert agent_id not in [app["agentId"] for app in apps.list_by_userid("li")]
    assert apps.delete(agent_id)["errcode"] == 0
    assert agent_id not in [app["agentId"] for app in apps.list()]
