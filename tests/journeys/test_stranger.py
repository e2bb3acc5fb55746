"""The unmodified PyPI `dingtalk-sdk` as ISV and as client: it judges the platform.

It is only pointed at another address. Its receiver exchanges the temporary code *before* it answers
the push, as the official demos do, so the platform must serve the API while its own push is open.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from dingtalk import AppKeyClient, SecretClient
from dingtalk.client.base import BaseClient
from dingtalk.client.isv import ISVClient
from dingtalk.core.constants import SuitePushType
from dingtalk.core.exceptions import DingTalkClientException
from dingtalk.crypto import DingTalkCrypto
from dingtalk.storage import BaseStorage

from .harness import STORES, Admin, Platform, platform, until

TOKEN = "stranger-token"
AES_KEY = "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij"
CREATE_KEY = "suite4xxxxxxxxxxxxxxx"

pytestmark = [
    pytest.mark.process,
    pytest.mark.filterwarnings("default"),  # the stranger's own warnings are not ours to fix
]


class DictStorage(BaseStorage):
    """What an integrator writes, since the SDK's own memory store refuses values without expiry."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)

    def set(self, key: str, value: Any, ttl: int | None = None) -> None:
        self.values[key] = value

    def delete(self, key: str) -> None:
        self.values.pop(key, None)


class StrangerIsv:
    """An ISV's endpoint built on dingtalk-sdk: one thread a request, as Flask would do it."""

    def __init__(self) -> None:
        self.client: ISVClient | None = None
        self.events: list[dict[str, Any]] = []
        stranger = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
                body = self.rfile.read(int(self.headers["Content-Length"]))
                reply = json.dumps(stranger.answer(query, body)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/dingtalk/callback"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, query: dict[str, str], body: bytes) -> dict[str, Any]:
        arguments = (json.loads(body), query["signature"], query["timestamp"], query["nonce"])
        if self.client is None:
            crypto = DingTalkCrypto(TOKEN, AES_KEY, CREATE_KEY)
            event = json.loads(crypto.decrypt_message(*arguments))
        else:
            crypto = self.client.crypto
            event = self.client.parse_message(*arguments)  # calls the API before we answer
        self.events.append(event)
        checks = (
            SuitePushType.CHECK_CREATE_SUITE_URL.value,
            SuitePushType.CHECK_UPDATE_SUITE_URL.value,
        )
        text = event["Random"] if event["EventType"] in checks else "success"
        return crypto.encrypt_message(text)  # type: ignore[no-any-return]

    def named(self, event_type: str) -> list[dict[str, Any]]:
        return [e for e in self.events if e["EventType"] == event_type]


@pytest.fixture(params=STORES)
def world(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Platform, StrangerIsv]]:
    isv = StrangerIsv()
    try:
        with platform(request.param, tmp_path) as running:
            monkeypatch.setattr(BaseClient, "API_BASE_URL", running.url + "/")
            yield running, isv
    finally:
        isv.server.shutdown()
        isv.server.server_close()


def a_corp(admin: Admin) -> str:
    corp_id = admin.post("/corps", name="示例公司")["corp_id"]
    dept = admin.post(f"/corps/{corp_id}/departments", name="研发部")["dept_id"]
    for userid, name in (("zhang", "测试员甲"), ("li", "测试员乙")):
        admin.post(
            f"/corps/{corp_id}/members",
            userid=userid,
            name=name,
            departments=[dept],
            mobile="",
        )
    return str(corp_id)


def a_suite(admin: Admin, isv: StrangerIsv) -> ISVClient:
    suite = admin.post(
        "/suites",
        name="陌生人套件",
        token=TOKEN,
        aes_key=AES_KEY,
        callback_url=isv.url,
    )
    key = suite["suite_key"]
    assert isv.named("check_create_suite_url")[0]["TestSuiteKey"] == CREATE_KEY
    client = ISVClient(
        key, suite["secrets"]["suite_secret"], TOKEN, AES_KEY, storage=DictStorage(), timeout=10
    )
    isv.client = client
    admin.post(f"/suites/{key}/micro-apps", name="签到看板", home_url="http://isv.example/")
    until(lambda: client.cache.suite_ticket.get(), "the first suite_ticket")
    return client


def test_the_full_isv_flow(world: tuple[Platform, StrangerIsv]) -> None:
    running, isv = world
    admin, key = running.admin, ""
    client = a_suite(admin, isv)
    key, corp_id = client.suite_key, a_corp(admin)

    admin.post(f"/suites/{key}/authorize", corp_id=corp_id)
    permanent = until(lambda: client.get_permanent_code_from_cache(corp_id), "the permanent code")
    info = client.get_auth_info(corp_id)
    assert info["auth_corp_info"]["corp_name"] == "示例公司"
    agent_id = info["auth_info"]["agent"][0]["agentid"]
    assert client.get_agent(corp_id, agent_id)["close"] == 2
    assert client.activate_suite(corp_id)["errcode"] == 0
    assert client.get_agent(corp_id, agent_id)["close"] == 1
    assert client.get_unactive_corp(info["auth_info"]["agent"][0]["appid"])["corp_list"] == []

    corp = client.get_dingtalk_client(corp_id)
    departments = corp.department.list(1)
    assert "研发部" in [d["name"] for d in departments]
    dept = next(d["id"] for d in departments if d["name"] == "研发部")
    assert {u["name"] for u in corp.user.simple_list(dept)["userlist"]} == {"测试员甲", "测试员乙"}
    assert corp.user.get("zhang")["name"] == "测试员甲"
    assert corp.jsapi_ticket
    sent = corp.post(
        "/message/send",
        {
            "touser": "zhang|li",
            "toparty": "",
            "agentid": str(agent_id),
            "msgtype": "text",
            "text": {"content": "你好，三方"},
        },
    )
    assert sent["errcode"] == 0
    inbox = admin.get(f"/corps/{corp_id}/messages?userid=zhang")["items"]
    assert inbox[0]["body"]["content"] == "你好，三方"

    admin.post(f"/suites/{key}/authorize", corp_id=corp_id)
    until(lambda: isv.named("change_auth"), "change_auth for a second authorisation")
    assert len(isv.named("tmp_auth_code")) == 1
    admin.post(f"/suites/{key}/relieve", corp_id=corp_id)
    until(lambda: isv.named("suite_relieve"), "suite_relieve")
    with pytest.raises(DingTalkClientException) as dead:
        client.post(
            "/service/get_corp_token", {"auth_corpid": corp_id, "permanent_code": permanent}
        )
    assert dead.value.errcode == 48004
    admin.post(f"/suites/{key}/authorize", corp_id=corp_id)
    fresh = until(lambda: client.get_permanent_code_from_cache(corp_id), "a new permanent code")
    assert fresh != permanent
    assert client.activate_suite(corp_id)["errcode"] == 0


def test_an_own_app_reads_and_writes_contacts_in_chinese(
    world: tuple[Platform, StrangerIsv],
) -> None:
    running, _ = world
    corp_id = a_corp(running.admin)
    app = running.admin.get(f"/corps/{corp_id}/apps?secrets=1")["items"][0]
    client = SecretClient(corp_id, app["secret"], storage=DictStorage(), timeout=10)
    dept = client.department.create({"name": "市场部", "parentid": "1", "order": "3"})
    assert client.department.get(dept)["name"] == "市场部"
    client.user.create(
        {"userid": "wang", "name": "测试员丙", "department": [dept], "mobile": "13000000003"}
    )
    assert client.user.get("wang")["name"] == "测试员丙"
    assert [u["userid"] for u in client.user.simple_list(dept)["userlist"]] == ["wang"]
    with pytest.raises(DingTalkClientException) as missing:
        client.user.get("nobody")
    assert missing.value.errcode == 60111
    again = SecretClient(corp_id, "wrong", storage=DictStorage(), timeout=10)
    with pytest.raises(DingTalkClientException) as wrong:
        again.department.list()
    assert wrong.value.errcode == 40089


def test_a_dead_token_is_fetched_anew(world: tuple[Platform, StrangerIsv]) -> None:
    """The SDK renews on 40014: the code the platform answers for a token it does not know."""
    running, _ = world
    corp_id = a_corp(running.admin)
    app = running.admin.get(f"/corps/{corp_id}/apps?secrets=1")["items"][0]

    client = AppKeyClient(corp_id, app["app_key"], app["secret"], storage=DictStorage(), timeout=10)
    client.cache.access_token.set(value="stale", ttl=7200)
    assert "研发部" in [d["name"] for d in client.department.list()]
    assert client.cache.access_token.get() != "stale"
