"""The unmodified `dingtalk-sdk` sends, chats and reads back; a webhook is posted as its page shows.

It is only pointed at another address, the TOP gateway's included.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from dingtalk import AppKeyClient
from dingtalk.client.base import BaseClient
from dingtalk.core.exceptions import DingTalkClientException
from dingtalk.model.message import (
    BtnActionCardBody,
    FileBody,
    ImageBody,
    LinkBody,
    MarkdownBody,
    OaBody,
    OaBodyContent,
    SingleActionCardBody,
    TextBody,
    VoiceBody,
)

from ..journeys.harness import STORES, Platform, platform
from ..journeys.test_stranger import DictStorage, a_corp

pytestmark = [
    pytest.mark.process,
    pytest.mark.filterwarnings("default"),  # the stranger's own warnings are not ours to fix
]


@pytest.fixture(scope="module", autouse=True)
def kind() -> None:
    """Here a process brings its own stores."""


class Stranger:
    """A platform with a corp, and the client of its own app."""

    def __init__(self, running: Platform) -> None:
        self.admin, self.url = running.admin, running.url
        self.corp_id = a_corp(running.admin)
        app = self.admin.get(f"/corps/{self.corp_id}/apps?secrets=1")["items"][0]
        self.agent_id = app["agent_id"]
        self.client = AppKeyClient(
            self.corp_id, app["app_key"], app["secret"], storage=DictStorage(), timeout=20
        )

    def post(self, path: str, **fields: Any) -> Any:
        return self.admin.post(f"/corps/{self.corp_id}{path}", **fields)

    def inbox(self, userid: str) -> list[dict[str, Any]]:
        items = self.admin.get(f"/corps/{self.corp_id}/messages?userid={userid}")["items"]
        assert isinstance(items, list)
        return items


@pytest.fixture(params=STORES)
def stranger(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stranger]:
    with platform(request.param, tmp_path) as running:
        top = running.url + "/router/rest"
        monkeypatch.setattr(BaseClient, "API_BASE_URL", running.url + "/")
        monkeypatch.setattr(
            BaseClient, "_handle_pre_top_request", lambda _, params, uri: (params, top)
        )
        yield Stranger(running)


def bodies() -> list[Any]:
    """One message of every kind the SDK knows."""
    buttons = BtnActionCardBody("标题", "内容", 1)
    buttons.add_btn("同意", "http://a.example/yes")
    content = OaBodyContent("标题", "内容", "测试员甲", forms={"姓名": "测试员乙"}, rich_num="1")
    return [
        TextBody("你好"),
        ImageBody("@media"),
        VoiceBody("@media", "10"),
        FileBody("@media"),
        LinkBody("http://a.example", "@media", "标题", "内容"),
        OaBody("http://a.example", "FFBBBBBB", "头", content),
        MarkdownBody("标题", "# 内容"),
        SingleActionCardBody("标题", "内容", "看", "http://a.example"),
        buttons,
    ]


def test_every_kind_of_message_to_members_and_to_a_conversation(stranger: Stranger) -> None:
    client = stranger.client
    cid = stranger.post("/conversations", userids=["zhang", "li"])["cid"]
    kinds = [body._msgtype for body in bodies()]
    for body in bodies():
        sent = client.message.send(stranger.agent_id, body, ["zhang", "nobody"])
        assert sent["invaliduser"] == "nobody"
        assert client.message.send_to_conversation("li", cid, body)["receiver"] == "zhang"
    seen = [each["msgtype"] for each in stranger.inbox("zhang")]
    assert seen == [kind for kind in kinds for _ in range(2)]
    assert {each["cid"] for each in stranger.inbox("zhang")} == {"", cid}

    status = client.message.list_message_status(sent["messageId"])
    assert (status["read"], status["unread"]) == ([], ["zhang"])
    unread = f"/corps/{stranger.corp_id}/messages/unread?userid=zhang"
    assert stranger.admin.get(unread)["total"] == 2 * len(kinds)
    assert stranger.post("/messages/read", userid="zhang") == {"read": 2 * len(kinds)}
    assert stranger.admin.get(unread)["total"] == 0
    assert client.message.list_message_status(sent["messageId"])["read"] == ["zhang"]


def test_work_notifications_through_the_top_gateway(stranger: Stranger) -> None:
    client, agent_id = stranger.client, stranger.agent_id
    for send in (client.message.asyncsend, client.message.asyncsend_v2):
        task = send(TextBody("你好"), agent_id, ["zhang", "nobody"])
        assert client.message.getsendprogress(agent_id, task)["progress_in_percent"] == 100
        result = client.message.getsendresult(agent_id, task)
        assert result["unread_user_id_list"] == ["zhang"]
        assert result["invalid_user_id_list"] == ["nobody"]
    client.message.recall(agent_id, task)
    assert [each["recalled_at"] is None for each in stranger.inbox("zhang")] == [True, False]
    with pytest.raises(DingTalkClientException):
        client.message.getsendresult(agent_id, 10**9)


def test_a_chat_from_its_making_to_who_read_what(stranger: Stranger) -> None:
    client = stranger.client
    chatid = client.chat.create("示例群", "zhang", ["zhang", "li"])
    client.chat.update(chatid, name="改名", add_useridlist=["manager"])
    found = client.chat.get(chatid)
    assert (found["name"], found["useridlist"]) == ("改名", ["li", "manager", "zhang"])
    key = client.chat.send(chatid, TextBody("大家好"))
    stranger.post("/messages/read", userid="li")
    assert client.chat.get_read_list(key)["readUserIdList"] == ["li"]
    with pytest.raises(DingTalkClientException) as gone:
        client.chat.get("chat-of-nobody")
    assert gone.value.errcode == 40016
    listed = stranger.admin.get(f"/corps/{stranger.corp_id}/conversations?userid=zhang")["items"]
    assert [(each["chatid"], each["title"], each["unread"]) for each in listed] == [
        (chatid, "改名", 1)
    ]


def test_a_webhook_is_posted_as_its_page_shows(stranger: Stranger) -> None:
    """The page's sample: HMAC-SHA256 over timestamp, newline and secret, base64, quoted."""
    stranger.client.chat.create("示例群", "zhang", ["zhang", "li"])
    path = f"/corps/{stranger.corp_id}/conversations?userid=zhang"
    cid = stranger.admin.get(path)["items"][0]["cid"]
    robot = stranger.post("/robots", cid=cid, name="构建机器人", signed=True)

    timestamp = str(round(time.time() * 1000))
    secret = robot["secret"]
    code = hmac.new(
        secret.encode(), f"{timestamp}\n{secret}".encode(), digestmod=hashlib.sha256
    ).digest()
    sign = urllib.parse.quote_plus(base64.b64encode(code))
    url = f"{stranger.url}{robot['webhook']}"
    message = {
        "msgtype": "markdown",
        "markdown": {"title": "构建", "text": "#### 构建完成 @13000000001"},
        "at": {"atMobiles": ["13000000001"], "isAtAll": False},
    }
    answer = requests.post(f"{url}&timestamp={timestamp}&sign={sign}", json=message, timeout=20)
    assert answer.json() == {"errcode": 0, "errmsg": "ok"}
    assert stranger.inbox("li")[-1]["body"]["title"] == "构建"
    unsigned = requests.post(url, json=message, timeout=20).json()
    assert unsigned["errcode"] == 310000
    listed = stranger.admin.get(f"/corps/{stranger.corp_id}/robots?cid={cid}")["items"]
    assert [(each["name"], each["signed"]) for each in listed] == [("构建机器人", True)]
