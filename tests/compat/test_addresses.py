"""Where the layer sends: DingTalk's own hosts unless told, and nothing anywhere else."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from sanfang.client import BadCall, Request, Response
from sanfang.compat.dingtalk_sdk import AppKeyClient, ISVClient


class Heard:
    """A transport that keeps what it is given and answers with a token for all."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def send(self, request: Request, /) -> Response:
        self.requests.append(request)
        names = ("access_token", "suite_access_token")
        answer = {"errcode": 0, "errmsg": "ok", **dict.fromkeys(names, "TOKEN")}
        return Response(200, {"Content-Type": "application/json"}, json.dumps(answer).encode())

    def close(self) -> None:
        pass


def client_of(heard: Heard, **attributes: Any) -> AppKeyClient:
    kind = type("Ours", (AppKeyClient,), {"transport": heard, **attributes})
    made: AppKeyClient = kind("corp", "key", "app-secret", timeout=(3, 4))
    return made


def test_dingtalk_itself_is_called_unless_told() -> None:
    heard = Heard()
    client = client_of(heard)
    client.user.get("zhang")
    client.role.list()
    token, call, top = heard.requests
    assert token.url.startswith("https://oapi.dingtalk.com/gettoken?")
    assert call.url.startswith("https://oapi.dingtalk.com/user/get?access_token=TOKEN&")
    assert top.url.startswith("https://eco.taobao.com/router/rest?session=TOKEN&")
    assert (top.method, top.body, dict(top.headers)) == ("POST", None, {})
    query = dict(parse_qsl(urlsplit(top.url).query))
    assert query["method"] == "dingtalk.corp.role.list"
    assert "access_token" not in query
    assert call.timeout == 7.0


def test_an_address_of_ones_own_has_the_gateway_too() -> None:
    heard = Heard()
    client = client_of(heard, API_BASE_URL="http://127.0.0.1:8000/")
    client.role.list()
    client.get("http://127.0.0.1:8000/user/get?userid=zhang")
    hosts = {urlsplit(each.url).netloc for each in heard.requests}
    assert hosts == {"127.0.0.1:8000"}
    assert urlsplit(heard.requests[1].url).path == "/router/rest"
    assert urlsplit(heard.requests[2].url).path == "/user/get"


def test_an_address_with_a_path_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANFANG_OAPI_URL", "https://gate.example/dingtalk")
    heard = Heard()
    client = client_of(heard)
    client.get("https://gate.example/dingtalk/user/get", {"userid": "zhang"})
    client.user.get("zhang")
    paths = {urlsplit(each.url).path for each in heard.requests[1:]}
    assert paths == {"/dingtalk/user/get"}


def test_a_gateway_elsewhere_is_reached_by_the_method_that_programs_override() -> None:
    class Elsewhere(AppKeyClient):
        transport = Heard()

        def _handle_pre_top_request(self, params: dict[str, Any], uri: str) -> tuple[Any, str]:
            return super()._handle_pre_top_request(params, "https://gateway.example" + uri)

    client = Elsewhere("corp", "key", "app-secret")
    client.role.list()
    assert isinstance(client.transport, Heard)
    last = client.transport.requests[-1]
    assert last.url.startswith("https://gateway.example/router/rest?session=TOKEN&")


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/user/get",
        "http://oapi.dingtalk.com/user/get",
        "https://oapi.dingtalk.com:8443/user/get",
        "https://oapi.dingtalk.com@elsewhere.example/user/get",
    ],
)
def test_tokens_go_to_no_other_address(address: str) -> None:
    heard = Heard()
    with pytest.raises(BadCall, match="别的主机"):
        client_of(heard).get(address)
    assert heard.requests == []


def test_a_suite_and_its_corps_share_address_and_transport() -> None:
    heard = Heard()
    kind = type("Ours", (ISVClient,), {"transport": heard, "API_BASE_URL": "https://gate.example/"})
    suite = kind("suite", "suite-secret")
    suite.set_suite_ticket("ticket")
    suite.cache.permanent_code.set("corp", "permanent")
    corp = suite.get_dingtalk_client("corp")
    corp.user.get("zhang")
    corp.get("https://gate.example/user/get", {"userid": "zhang"})
    assert {urlsplit(each.url).netloc for each in heard.requests} == {"gate.example"}
