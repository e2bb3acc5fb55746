"""What goes out on the wire for a call, and what is refused before it does."""

from __future__ import annotations

import pytest

from sanfang.client import AppKey, AsyncClient, BadCall, Client, CorpSecret, Suite

from .conftest import Make
from .stand_in import StandIn

APP = AppKey("dingexampleapp", "example-app-secret")


def test_a_documented_get_puts_its_parameters_into_the_query(make: Make, platform: StandIn) -> None:
    assert make(APP, base_url=platform.url).call("department/list", id=1)["name"] == "示例部门"
    (seen,) = platform.calls("/department/list")
    assert seen.method == "GET"
    assert seen.query == {"access_token": "token-0001-of-dingexampleapp", "id": "1"}
    assert seen.body == b""


def test_a_documented_post_puts_its_parameters_into_a_json_body_of_utf_8(
    make: Make, platform: StandIn
) -> None:
    client = make(APP, base_url=platform.url)
    client.call("message/send", agentid=7, touser="a|b", msgtype="text", text={"content": "你好"})
    (seen,) = platform.calls("/message/send")
    assert seen.method == "POST"
    assert seen.headers["content-type"] == "application/json;charset=UTF-8"
    assert "你好".encode() in seen.body
    assert seen.json["agentid"] == 7
    assert set(seen.query) == {"access_token"}


def test_the_new_host_gets_its_token_in_the_header(make: Make, platform: StandIn) -> None:
    client = make(APP, base_url=platform.url)
    assert client.get("/v1.0/contact/users/{unionId}", unionId="a/b 三")["nick"] == "测试员甲"
    seen = platform.seen[-1]
    assert seen.target == "/v1.0/contact/users/a%2Fb%20%E4%B8%89"
    assert seen.headers["x-acs-dingtalk-access-token"] == "token-0001-of-dingexampleapp"


def test_both_hosts_share_one_token(make: Make, platform: StandIn) -> None:
    client = make(APP, base_url=platform.url)
    client.call("department/list")
    client.get("/v1.0/contact/users/me")
    assert platform.token_calls == 1


@pytest.mark.parametrize(
    ("credentials", "query"),
    [
        (APP, {"appkey": "dingexampleapp", "appsecret": "example-app-secret"}),
        (CorpSecret("dingcorp", "s+/&= 密"), {"corpid": "dingcorp", "corpsecret": "s+/&= 密"}),
    ],
)
def test_gettoken_is_asked_as_each_kind_of_app_does(
    make: Make, platform: StandIn, credentials: AppKey, query: dict[str, str]
) -> None:
    make(credentials, base_url=platform.url).get_access_token()
    assert platform.seen[0].query == query


def test_an_undocumented_path_is_a_get_without_and_a_post_with_a_body(
    make: Make, platform: StandIn
) -> None:
    client = make(APP, base_url=platform.url)
    client.call("made/up", a=True, b=None, c=[1, 2])
    client.call("made/up/too", body={"x": "值"}, query={"y": False})
    client.call("topapi/made/up", x=1)
    first, second, third = (seen for seen in platform.seen if "made" in seen.path)
    assert first.method == "GET"
    assert first.query | {"access_token": ""} == {"access_token": "", "a": "true", "c": "[1,2]"}
    assert (second.method, second.json, second.query["y"]) == ("POST", {"x": "值"}, "false")
    assert (third.method, third.json) == ("POST", {"x": 1})


def test_a_list_for_a_parameter_of_comma_separated_text_is_joined(
    make: Make, platform: StandIn
) -> None:
    client = make(APP, base_url=platform.url)
    client.call("topapi/message/corpconversation/asyncsend_v2", agent_id=1, userid_list=["a", "b"])
    assert platform.seen[-1].json == {"agent_id": 1, "userid_list": "a,b"}
    client.call("topapi/relation/remark/modify", markers=[{"userid": "a"}])
    assert platform.seen[-1].json == {"markers": [{"userid": "a"}]}, "objects are not joined"


@pytest.mark.parametrize("path", ["user/create", "user/update"])
def test_a_list_stays_one_where_the_documents_show_a_list(
    make: Make, platform: StandIn, path: str
) -> None:
    client = make(APP, base_url=platform.url)
    given = {"userid": "zhang", "name": "张三", "mobile": "13000000000", "department": [1, 2]}
    client.call(path, **given)
    assert platform.seen[-1].json == given
    client.call(path, **{**given, "department": "[1, 2]"})
    assert platform.seen[-1].json["department"] == "[1, 2]"


def test_a_token_given_by_hand_is_used_instead(make: Make, platform: StandIn) -> None:
    token = platform.issue("somebody")
    client = make(APP, base_url=platform.url)
    assert client.call("user/get", query={"access_token": token})["owner"] == "somebody"
    assert platform.token_calls == 0
    client.call("user/get", query={"access_token": None})
    assert platform.token_calls == 1, "None is nothing"


@pytest.mark.parametrize(
    "path",
    ["", "/", "department/list?id=1", "https://elsewhere.example/x", "//elsewhere.example", "a b",
     "a/../b", "a#b", "a\r\nHost: elsewhere.example"],
)  # fmt: skip
def test_what_is_no_path_is_refused_before_anything_is_sent(
    make: Make, platform: StandIn, path: str
) -> None:
    with pytest.raises(BadCall):
        make(APP, base_url=platform.url).call(path)
    assert platform.seen == []


def test_arguments_that_cannot_be_sent_are_refused_and_the_call_is_named(
    make: Make, platform: StandIn
) -> None:
    client = make(APP, base_url=platform.url)
    with pytest.raises(BadCall, match="message/send"):
        client.call("message/send", text=object())
    with pytest.raises(BadCall, match="JSON"):
        client.call("made/up", a=[object()])
    with pytest.raises(BadCall, match="unionId"):
        client.get("/v1.0/contact/users/{unionId}")
    with pytest.raises(BadCall, match="touser"):
        client.post("message/send", body=[1], touser="a")
    with pytest.raises(BadCall, match="method"):
        client.request("G\r\nET", "user/get")
    assert platform.seen == []


def test_half_a_surrogate_pair_is_no_crash(make: Make, platform: StandIn) -> None:
    client = make(APP, base_url=platform.url)
    assert client.call("user/get", userid="\ud800")["errcode"] == 0
    with pytest.raises(BadCall, match="JSON"):
        client.call("message/send", touser="\ud800")


def test_a_suite_alone_has_no_access_token_and_the_error_says_how_to_get_one(
    make: Make, platform: StandIn
) -> None:
    client = make(Suite("suite4example", "suite-secret"), base_url=platform.url)
    with pytest.raises(BadCall, match=r"client\.corp\(corp_id\)"):
        client.call("department/list")
    with pytest.raises(BadCall, match="corp_id"):
        client.corp("")


def test_only_a_suite_has_a_suites_calls(make: Make, platform: StandIn) -> None:
    with pytest.raises(BadCall, match="Suite"):
        make(APP, base_url=platform.url).get_suite_token()


@pytest.mark.parametrize("kind", [Client, AsyncClient])
class TestAddresses:
    def addresses(self, kind: type, **options: str) -> tuple[str, str]:
        planner = kind(APP, **options)._core.settings.planner
        return planner.base_url, planner.api_url

    def test_https_and_dingtalk_are_the_default(self, kind: type) -> None:
        assert self.addresses(kind) == ("https://oapi.dingtalk.com", "https://api.dingtalk.com")

    def test_an_address_without_a_scheme_is_https(self, kind: type) -> None:
        assert self.addresses(kind, base_url="ding.example/")[0] == "https://ding.example"

    def test_one_address_serves_both_hosts(self, kind: type) -> None:
        url = "http://127.0.0.1:8000/base"
        assert self.addresses(kind, base_url=url) == (url, url)

    def test_the_environment_replaces_the_defaults(
        self, kind: type, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SANFANG_OAPI_URL", "http://127.0.0.1:1")
        assert self.addresses(kind) == ("http://127.0.0.1:1", "http://127.0.0.1:1")
        monkeypatch.setenv("SANFANG_API_URL", "http://127.0.0.1:2")
        assert self.addresses(kind) == ("http://127.0.0.1:1", "http://127.0.0.1:2")

    def test_an_argument_wins_over_the_environment(
        self, kind: type, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SANFANG_OAPI_URL", "http://127.0.0.1:1")
        monkeypatch.setenv("SANFANG_API_URL", "http://127.0.0.1:2")
        assert self.addresses(kind, base_url="http://127.0.0.1:3") == (
            "http://127.0.0.1:3",
            "http://127.0.0.1:3",
        )

    @pytest.mark.parametrize(
        "url",
        ["ftp://x", "https://", "http://[::1", "https://u:p@x", "https://x?y", "http://x:99999"],
    )
    def test_what_is_no_address_is_refused_at_once(self, kind: type, url: str) -> None:
        with pytest.raises(BadCall):
            kind(APP, base_url=url)

    @pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan")])
    def test_there_is_no_way_without_a_timeout(self, kind: type, timeout: float) -> None:
        with pytest.raises(BadCall, match="timeout"):
            kind(APP, timeout=timeout)

    def test_what_is_no_credentials_is_refused_without_showing_it(self, kind: type) -> None:
        with pytest.raises(BadCall, match="str") as caught:
            kind("my-secret-text")
        assert "my-secret" not in str(caught.value)
