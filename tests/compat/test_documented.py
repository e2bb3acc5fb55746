"""The examples of dingtalk-sdk's own documents and of its Django demo, with the imports changed.

They are statements of our own that do what those do: same classes, same methods, same order.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from dingtalk.crypto import DingTalkCrypto as TheirCrypto
from dingtalk.model import field as their_fields
from dingtalk.model import message as their_messages

from sanfang.client import TimedOut
from sanfang.compat.dingtalk_sdk import (
    AppKeyClient,
    DingTalkClientException,
    DingTalkException,
    ISVClient,
    SecretClient,
)
from sanfang.compat.dingtalk_sdk.client import isv
from sanfang.compat.dingtalk_sdk.client.channel import SecretChannelClient
from sanfang.compat.dingtalk_sdk.core.constants import SuitePushType
from sanfang.compat.dingtalk_sdk.core.exceptions import (
    InvalidCorpIdOrSuiteKeyException,
    InvalidSignatureException,
)
from sanfang.compat.dingtalk_sdk.crypto import DingTalkCrypto
from sanfang.compat.dingtalk_sdk.model import field, message
from sanfang.compat.dingtalk_sdk.storage.kvstorage import KvStorage
from sanfang.compat.dingtalk_sdk.storage.memorystorage import MemoryStorage
from sanfang.protocol.signatures import jsapi_signature

from .recorder import Arrived, Recorder, Told

AES_KEY = "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij"
TOKEN = "callbacktoken"
SUITE = ("suite4example", "suite-secret", TOKEN, AES_KEY)


class Platform:
    """Answers by path; every token that is fetched kills the one before."""

    def __init__(self) -> None:
        self.issued = 0
        self.answers: dict[str, Any] = {}
        self.recorder = Recorder(self._answer)

    def _answer(self, arrived: Arrived) -> Any:
        told = self.answers.get(arrived.path)
        if callable(told):
            return told(arrived)
        if told is not None:
            return told
        if "token" in arrived.path:
            self.issued += 1
            names = ("access_token", "suite_access_token")
            return {"errcode": 0, "expires_in": 7200} | dict.fromkeys(names, f"t{self.issued}")
        query = dict(arrived.query)
        given = query.get("access_token") or query.get("suite_access_token") or query.get("session")
        if given != f"t{self.issued}" and not arrived.path.startswith("/service/"):
            if arrived.path == "/router/rest":
                return {
                    "error_response": {"code": 27, "sub_code": "40014", "msg": "Invalid session"}
                }
            return {"errcode": 40014, "errmsg": "不合法的access_token"}
        return {"errcode": 0, "errmsg": "ok", "userid": "zhang", "department": [{"id": 1}]}

    def paths(self) -> list[str]:
        return [each.path for each in self.recorder.take()]


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    made = Platform()
    monkeypatch.setenv("SANFANG_OAPI_URL", made.recorder.url)
    yield made
    made.recorder.close()


def seal(crypto: Any, content: dict[str, Any]) -> tuple[str, str, str, str]:
    sealed = crypto.encrypt_message(json.dumps(content), "nonce", "1700000000000")
    body = json.dumps({"encrypt": sealed["encrypt"]})
    return body, sealed["msg_signature"], sealed["timeStamp"], sealed["nonce"]


# -- documents: a corp's own app ------------------------------------------------------------


def test_the_first_example_runs(platform: Platform) -> None:
    for client in (
        SecretClient("corp_id", "secret"),
        AppKeyClient("corp_id", "app_key", "app_secret"),
    ):
        assert client.user.get("userid").userid == "zhang"
        assert client.department.list() == [{"id": 1}]
        client.close()
    assert platform.paths() == ["/gettoken", "/user/get", "/department/list"] * 2


def test_the_example_of_calls_that_have_no_method_runs(platform: Platform) -> None:
    client = SecretClient("CORP_ID", "CORP_SECRET")
    inside = {"has_more": True, "groups": [{"group_id": 1}]}
    name = "dingtalk_smartwork_attends_getsimplegroups_response"
    platform.answers["/router/rest"] = {name: {"result": {"result": inside, "success": True}}}
    ret = client._top_request(
        "dingtalk.smartwork.attends.getsimplegroups", {"offset": 0, "size": 10}
    )
    assert ret.result.has_more
    assert ret.result.groups[0].group_id == 1
    platform.answers["/department/list_ids"] = {"errcode": 0, "sub_dept_id_list": [2, 3]}
    assert client.get("/department/list_ids", {"id": 0}).sub_dept_id_list == [2, 3]
    platform.answers["/chat/create"] = {"errcode": 0, "chatid": "chat1"}
    ret = client._post("/chat/create", {"name": "群名称", "owner": "zhang", "useridlist": ["li"]})
    assert ret.chatid == "chat1"
    client.close()


def test_addresses_on_this_platform_are_called_and_others_refused(platform: Platform) -> None:
    client = AppKeyClient("corp_id", "app_key", "app_secret")
    assert client.get(platform.recorder.url + "/user/get?userid=zhang").errcode == 0
    assert dict(platform.recorder.take()[-1].query)["userid"] == "zhang"
    with pytest.raises(Exception, match="别的主机"):
        client.get("https://elsewhere.example/user/get")
    with pytest.raises(ValueError, match="令牌"):
        client.get("/user/get", {"access_token": "mine"})
    assert platform.paths() == []
    client.close()


def test_a_refusal_has_errcode_and_errmsg_and_no_secret(platform: Platform) -> None:
    client = AppKeyClient("corp_id", "app_key", "app_secret", auto_retry=False)
    platform.answers["/user/get"] = {"errcode": 60011, "errmsg": "没有权限"}
    with pytest.raises(DingTalkException) as refused:
        client.user.get("zhang")
    error = refused.value
    assert isinstance(error, DingTalkClientException)
    assert (error.errcode, error.errmsg, error.client) == (60011, "没有权限", client)
    assert error.response.json() == {"errcode": 60011, "errmsg": "没有权限"}
    assert str(error) == "Error code: 60011, message: 没有权限"
    assert "60011" in str(error.__cause__)
    assert error.request.method == "GET"
    assert "/user/get" in error.request.url
    shown = f"{error!r}{error.request!r}{error.request.url}{client!r}{error.__cause__!r}"
    assert "app_secret" not in shown
    assert f"access_token={client.access_token}" not in shown
    client.close()


def test_a_page_is_an_exception_and_a_download_an_answer(platform: Platform) -> None:
    client = AppKeyClient("corp_id", "app_key", "app_secret", auto_retry=False)
    platform.answers["/user/get"] = Told(b"<html>busy</html>", "text/html")
    with pytest.raises(DingTalkClientException) as page:
        client.user.get("zhang")
    assert page.value.errcode is None
    content = b"\x89PNG" + bytes(range(256)) * 100_000  # above what other answers may have
    platform.answers["/media/downloadFile"] = Told(content, "image/png")
    answer = client.message.media_download_file("@m")
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["Content-Type"] == "image/png"
    assert b"".join(answer.iter_content(65536)) == content
    platform.answers["/media/downloadFile"] = {"errcode": 40035, "errmsg": "不合法的参数"}
    with pytest.raises(DingTalkClientException):
        client.message.media_download_file("@m")
    client.close()


def test_failures_before_the_call_are_the_same_exception(platform: Platform) -> None:
    platform.answers["/gettoken"] = {"errcode": 40089, "errmsg": "不合法的corpid或corpsecret"}
    client = AppKeyClient("corp_id", "app_key", "wrong", auto_retry=False)
    for ask in (
        lambda: client.access_token,
        lambda: client.jsapi_ticket,
        lambda: client.get_jsapi_params("http://oa.example/"),
        lambda: client.user.get("zhang"),
        lambda: client.role.deleterole(1),
        client.get_access_token,
    ):
        with pytest.raises(DingTalkClientException) as refused:
            ask()
        assert refused.value.errcode == 40089
        assert "wrong" not in f"{refused.value!r}{refused.value.request!r}"
    suite = ISVClient("suite4example", "suite-secret")
    with pytest.raises(DingTalkClientException, match="suite_ticket"):
        _ = suite.suite_access_token
    with pytest.raises(DingTalkClientException, match="suite_ticket"):
        suite.get_dingtalk_client("dingcorp").user.get("zhang")


def test_options_of_one_call_are_honoured_and_unknown_ones_refused(platform: Platform) -> None:
    client = AppKeyClient("corp_id", "app_key", "app_secret", timeout=(3, 5))
    client.get("/user/get", {"userid": "zhang"}, headers={"X-Trace": "7"}, timeout=4)
    assert platform.recorder.take()[-1].header("x-trace") == "7"
    client.user.get("zhang")
    assert platform.recorder.take()[-1].header("x-trace") == ""
    with pytest.raises(TypeError, match="verify"):
        client.get("/user/get", verify=False)
    called = client.get("/user/get", result_processor=lambda answer: answer["userid"])
    assert called == "zhang"

    def slowly(_: object) -> dict[str, object]:
        time.sleep(0.5)
        return {}

    platform.answers["/user/get"] = slowly
    with pytest.raises(TimedOut):
        client.get("/user/get", timeout=0.05)


# -- tokens ---------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["user.get", "role.deleterole"])
def test_a_dead_token_is_renewed_once(platform: Platform, title: str) -> None:
    group, name = title.split(".")
    client = AppKeyClient("corp_id", "app_key", "app_secret")
    assert client.access_token == "t1"
    platform.issued += 1  # somebody else fetched one
    if group == "role":
        key = "dingtalk_corp_role_deleterole_response"
        platform.answers["/router/rest"] = lambda arrived: (
            {key: {"result": {"success": True}}}
            if dict(arrived.query)["session"] == "t3"
            else {"error_response": {"code": 27, "sub_code": "40014"}}
        )
    getattr(getattr(client, group), name)("1")
    assert client.access_token == "t3"
    assert platform.paths().count("/gettoken") == 2
    client.close()


def test_a_token_that_stays_refused_is_an_exception_not_a_recursion(platform: Platform) -> None:
    client = AppKeyClient("corp_id", "app_key", "app_secret")
    platform.answers["/user/get"] = {"errcode": 40014, "errmsg": "不合法的access_token"}
    with pytest.raises(DingTalkClientException) as refused:
        client.user.get("zhang")
    assert refused.value.errcode == 40014
    assert platform.paths() == ["/gettoken", "/user/get", "/gettoken", "/user/get"]
    client.close()


def test_threads_fetch_a_token_once(platform: Platform) -> None:
    client = AppKeyClient("corp_id", "app_key", "app_secret")
    threads = [threading.Thread(target=client.user.get, args=("zhang",)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    paths = platform.paths()
    assert (paths.count("/gettoken"), paths.count("/user/get")) == (1, 20)
    client.close()


def test_two_secrets_of_one_corp_have_two_tokens(platform: Platform) -> None:
    storage = MemoryStorage()
    clients = [SecretClient("corp_id", secret, storage=storage) for secret in ("one", "two")]
    assert [client.access_token for client in clients] == ["t1", "t2"]
    for client in clients:
        client.close()


class Redis:
    """What KvStorage asks of redis, with its bytes."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.ttls: dict[str, int | None] = {}

    def get(self, key: str) -> bytes | None:
        return self.values.get(key)

    def set(self, key: str, value: str, ttl: int | None) -> None:
        self.values[key], self.ttls[key] = value.encode(), ttl

    def delete(self, key: str) -> None:
        self.values.pop(key, None)


def test_a_storage_is_shared_with_a_process_that_still_runs_theirs(platform: Platform) -> None:
    import dingtalk
    from dingtalk.storage.kvstorage import KvStorage as TheirStorage

    redis = Redis()
    made = type("Their", (dingtalk.AppKeyClient,), {"API_BASE_URL": platform.recorder.url + "/"})
    theirs = made("corp_id", "app_key", "app_secret", storage=TheirStorage(redis))
    ours = AppKeyClient("corp_id", "app_key", "app_secret", storage=KvStorage(redis))
    assert ours.access_token == theirs.access_token == "t1"
    [ttl] = redis.ttls.values()
    assert ttl is not None
    assert 0 < ttl < 7200  # theirs cannot see when it will expire
    theirs.cache.access_token.delete()
    assert theirs.access_token == "t2"  # and with it ours is dead
    assert ours.user.get("zhang").errcode == 0
    assert ours.access_token == "t2"
    assert platform.paths().count("/gettoken") == 2
    ours.close()


def test_pages_are_signed_without_their_fragment(platform: Platform) -> None:
    client = AppKeyClient("corp_id", "app_key", "app_secret")
    platform.answers["/get_jsapi_ticket"] = {"errcode": 0, "ticket": "ticket", "expires_in": 7200}
    params = client.get_jsapi_params("http://oa.example/page?a=1#there", "nonce", 1700000000000)
    expected = jsapi_signature("ticket", "nonce", 1700000000000, "http://oa.example/page?a=1")
    assert params == {
        "corpId": "corp_id",
        "timeStamp": 1700000000000,
        "nonceStr": "nonce",
        "signature": expected,
    }
    client.get_jsapi_params("http://oa.example/")
    assert platform.paths().count("/get_jsapi_ticket") == 1
    client.close()


# -- documents: a suite ---------------------------------------------------------------------


def authorised(platform: Platform, corp_id: str = "dingcorp") -> None:
    platform.answers["/service/get_permanent_code"] = {
        "errcode": 0,
        "permanent_code": "permanent",
        "ch_permanent_code": "of-the-window",
        "auth_corp_info": {"corpid": corp_id, "corp_name": "示例公司"},
    }


def test_the_default_storage_keeps_the_ticket_and_the_permanent_code(platform: Platform) -> None:
    authorised(platform)
    client = ISVClient(*SUITE)
    ticket = {"EventType": SuitePushType.SUITE_TICKET.value, "SuiteTicket": "ticket"}
    client.parse_message(*seal(client.crypto, ticket))
    code = {"EventType": SuitePushType.TMP_AUTH_CODE.value, "AuthCode": "temporary"}
    pushed = client.parse_message(*seal(TheirCrypto(TOKEN, AES_KEY, SUITE[0]), code))
    assert pushed["__permanent_code_data"].permanent_code == "permanent"
    assert client.get_permanent_code_from_cache("dingcorp") == "permanent"
    assert client.get_ch_permanent_code_from_cache("dingcorp") == "of-the-window"
    client.activate_suite("dingcorp")
    assert platform.recorder.take()[-1].json == {
        "suite_key": "suite4example",
        "auth_corpid": "dingcorp",
        "permanent_code": "permanent",
    }
    corp = client.get_dingtalk_client("dingcorp")
    assert corp.user.get("userid").userid == "zhang"
    assert corp.department.list() == [{"id": 1}]
    relieve = {"EventType": SuitePushType.SUITE_RELIEVE.value, "AuthCorpId": "dingcorp"}
    client.parse_message(*seal(client.crypto, relieve))
    assert client.get_permanent_code_from_cache("dingcorp") is None
    client.close()


def test_theirs_loses_the_ticket_with_its_default_storage() -> None:
    """Why the test above is one."""
    import dingtalk

    theirs = dingtalk.ISVClient(*SUITE)
    with pytest.raises(TypeError):
        theirs.set_suite_ticket("ticket")


def test_a_code_that_could_not_be_exchanged_is_raised(platform: Platform) -> None:
    platform.answers["/service/get_permanent_code"] = {
        "errcode": 40078,
        "errmsg": "不存在的临时授权码",
    }
    client = ISVClient(*SUITE)
    client.set_suite_ticket("ticket")
    code = {"EventType": "tmp_auth_code", "AuthCode": "temporary"}
    with pytest.raises(DingTalkClientException) as refused:
        client.parse_message(*seal(client.crypto, code))
    assert refused.value.errcode == 40078
    client.close()


def test_without_the_permanent_code_the_signed_form_is_used(platform: Platform) -> None:
    client = ISVClient(*SUITE)
    client.set_suite_ticket("ticket")
    assert client.get_dingtalk_client("dingcorp").user.get("zhang").errcode == 0
    query = dict(platform.recorder.take()[0].query)
    assert query["accessKey"] == "suite4example"
    client.close()


def test_the_demo_overrides_where_permanent_codes_come_from(platform: Platform) -> None:
    class OfTheDemo(isv.ISVClient):
        def __init__(self, suite_key: str, suite_secret: str, storage: Any = None) -> None:
            super().__init__(suite_key, suite_secret, None, None, storage or KvStorage(Redis()))

        def get_permanent_code_from_cache(self, corp_id: str) -> Any:
            ret = super().get_permanent_code_from_cache(corp_id)
            if not ret:
                ret = "from-the-database"
                self.cache.permanent_code.set(corp_id, ret)
            return ret

    client = OfTheDemo(*SUITE[:2])
    client.set_suite_ticket("ticket")
    assert client.cache.suite_ticket.get() == "ticket"
    corp = client.get_dingtalk_client("dingcorp")
    assert corp.user.getuserinfo("code").userid == "zhang"
    sent = {each.path: each for each in platform.recorder.take()}
    assert sent["/service/get_corp_token"].json["permanent_code"] == "from-the-database"
    client.close()


def test_a_service_window_is_called(platform: Platform) -> None:
    client = SecretChannelClient("dingcorp", "channel-secret")
    assert client.get_user_list(0, 10).errcode == 0
    token, call = platform.recorder.take()
    assert dict(token.query)["channel_secret"] == "channel-secret"
    assert (call.path, dict(call.query)["access_token"]) == ("/channel/user/list", "t1")
    platform.issued += 1
    assert client.get_by_openid("o").errcode == 0
    suite = ISVClient(*SUITE[:2])
    suite.set_suite_ticket("ticket")
    suite.cache.ch_permanent_code.set("dingcorp", "of-the-window")
    assert suite.get_channel_client("dingcorp").get_by_code("c").errcode == 0
    client.close()
    suite.close()


# -- crypto and models against theirs -------------------------------------------------------


def test_each_opens_what_the_other_sealed() -> None:
    theirs, ours = (kind(TOKEN, AES_KEY, "dingcorp") for kind in (TheirCrypto, DingTalkCrypto))
    for seals, opens in ((theirs, ours), (ours, theirs)):
        sealed = seals.encrypt_message("你好 success", "nonce", 1700000000000)
        parts = (sealed["msg_signature"], sealed["timeStamp"], sealed["nonce"])
        assert opens.decrypt_message({"encrypt": sealed["encrypt"]}, *parts) == "你好 success"
        assert opens.decrypt_encrypt_str(*parts, sealed["encrypt"]) == "你好 success"


def test_what_cannot_be_opened_is_an_exception_of_theirs() -> None:
    crypto = DingTalkCrypto(TOKEN, AES_KEY, "dingcorp")
    body, signature, moment, nonce = seal(crypto, {"a": 1})
    with pytest.raises(InvalidSignatureException) as wrong:
        crypto.decrypt_message(body, "0" * 40, moment, nonce)
    assert wrong.value.errcode == -40001
    other = DingTalkCrypto(TOKEN, AES_KEY, "dingother")
    with pytest.raises(InvalidCorpIdOrSuiteKeyException):
        other.decrypt_message(body, signature, moment, nonce)
    for broken in ("", "[]", "{}", '{"encrypt": 5}', '{"encrypt": "!"}', None):
        with pytest.raises(DingTalkException):
            crypto.decrypt_message(broken, signature, moment, nonce)
    with pytest.raises(DingTalkException):
        DingTalkCrypto(TOKEN, None, "dingcorp").encrypt_message("x")
    with pytest.raises(DingTalkException):
        DingTalkCrypto(TOKEN, "short", "dingcorp")


def bodies(kind: Any) -> list[dict[str, Any]]:
    buttons = kind.BtnActionCardBody("标题", "# 内容", 1)
    buttons.add_btn("看", "http://oa.example/")
    content = kind.OaBodyContent(
        "标题", "内容", "作者", "@image", 3, {"姓名": "测试员甲"}, "15.6", "元"
    )
    made = [
        kind.TextBody("你好"),
        kind.FileBody("@file"),
        kind.ImageBody("@image"),
        kind.VoiceBody("@voice", 10),
        kind.LinkBody("http://oa.example/", "@image", "标题", "内容"),
        kind.MarkdownBody("标题", "# 内容"),
        kind.OaBody("http://oa.example/", "FFBBBBBB", "头部", content, "http://pc.example/"),
        kind.OaBody("http://oa.example/", "FFBBBBBB", "头部", kind.OaBodyContent("标题")),
        kind.SingleActionCardBody("标题", "# 内容", "看", "http://oa.example/"),
        buttons,
    ]
    return [body.get_dict() for body in made]


def test_message_bodies_are_the_same() -> None:
    assert bodies(message) == bodies(their_messages)


def test_form_fields_are_the_same_but_for_their_ids() -> None:
    def made(kind: Any) -> list[dict[str, Any]]:
        fields = [
            kind.TextField("事由"),
            kind.TextareaField("说明", False, "写在这里"),
            kind.MoneyField("金额", not_upper="1"),
            kind.NumberField("天数", unit="天"),
            kind.DDDateField("日期"),
            kind.DDDateRangeField("起止", unit="小时"),
        ]
        told = [each.get_dict() for each in fields]
        for each in told:
            assert each["props"].pop("id").startswith(each["component_name"] + "-")
        return told

    assert made(field) == made(their_fields)
    assert field.TextField("事由", id="TextField-1").get_dict()["props"]["id"] == "TextField-1"


def test_messages_that_are_given_stay_as_they_were(platform: Platform) -> None:
    client = AppKeyClient("corp_id", "app_key", "app_secret")
    platform.answers["/chat/send"] = {"errcode": 0, "messageId": "m"}
    given = {"msgtype": "text", "text": {"content": "你好"}}
    client.chat.send("chat1", given)
    client.chat.send("chat1", message.TextBody("你好"))
    assert given == {"msgtype": "text", "text": {"content": "你好"}}
    first, second = platform.recorder.take()[1:]
    assert first.json == second.json == {**given, "chatid": "chat1"}
    client.close()


# -- the package ----------------------------------------------------------------------------


def test_neither_dingtalk_sdk_nor_requests_is_imported() -> None:
    code = (
        "import sys, sanfang.compat.dingtalk_sdk as d\n"
        "c = d.AppKeyClient('c', 'k', 's'); c.user.get; c.tbdingding.dingtalk_corp_ext_list\n"
        "wrong = {'dingtalk', 'requests', 'six', 'optionaldict'} & set(sys.modules)\n"
        "assert not wrong, wrong"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_apis_of_shops_are_explained() -> None:
    client = AppKeyClient("corp_id", "app_key", "app_secret")
    with pytest.raises(AttributeError, match="top_request"):
        _ = client.tbwuliu
    with pytest.raises(AttributeError):
        _ = client.nothing
    assert {"user", "tbdingding"} <= set(dir(client))
