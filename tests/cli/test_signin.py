"""Signing in without a browser: from the command line to the open API."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from .conftest import Sanfang


@pytest.fixture(scope="module")
def corp(sanfang: Sanfang) -> dict[str, Any]:
    corp_id = sanfang.json("corp", "create", "示例公司")["corp_id"]
    sanfang.json("member", "create", corp_id, "测试员甲", "--userid", "jia")
    return dict(sanfang.json("app", "list", corp_id, "--secrets")["items"][0])


def asked(sanfang: Sanfang, path: str, **query: object) -> dict[str, Any]:
    """Call the open API as curl would."""
    answer = sanfang.platform.send("GET", f"{path}?{urlencode(query)}", token=None)
    return dict(answer.json)


def test_a_code_signs_a_member_in_once(sanfang: Sanfang, corp: dict[str, Any]) -> None:
    made = sanfang.json("signin", "code", corp["corp_id"], "jia", "--app", corp["app_key"])
    assert (made["kind"], made["app"]) == ("login", corp["app_key"])
    pair = {"appkey": corp["app_key"], "appsecret": corp["secret"]}
    token = asked(sanfang, "/gettoken", **pair)["access_token"]
    fields = {"access_token": token, "code": made["code"]}
    assert asked(sanfang, "/user/getuserinfo", **fields)["userid"] == "jia"
    assert asked(sanfang, "/user/getuserinfo", **fields)["errcode"] == 40078


def test_the_whole_of_a_page_without_a_browser(sanfang: Sanfang, corp: dict[str, Any]) -> None:
    key, site = corp["app_key"], "http://127.0.0.1:9000/back?x=1#top"
    hosts = sanfang.json("signin", "set-hosts", key, "--host", "127.0.0.1:9000")
    assert hosts == sanfang.json("signin", "hosts", key)
    fixed = f"client_id={key}&response_type=code&scope=openid&prompt=consent&state=S"
    address = f"https://login.dingtalk.com/oauth2/auth?{fixed}&redirect_uri={quote(site, safe='')}"
    opened = sanfang.json("signin", "open", corp["corp_id"], "jia", address)
    parts = urlsplit(opened["location"])
    assert (parts.netloc, parts.fragment) == ("127.0.0.1:9000", "top")
    query = parse_qs(parts.query)
    assert (query["x"], query["state"], query["code"]) == (["1"], ["S"], query["authCode"])


def test_a_refused_page_says_why(sanfang: Sanfang, corp: dict[str, Any]) -> None:
    fixed = f"client_id={corp['app_key']}&response_type=code&scope=openid"
    address = f"/oauth2/auth?{fixed}&redirect_uri=https%3A%2F%2Fevil.example%2F"
    refused = sanfang.run("signin", "open", corp["corp_id"], "jia", address)
    assert refused.exit_code == 1
    assert "50001" in refused.output
    assert "no secure host" in refused.output
    nobody = sanfang.run("signin", "code", corp["corp_id"], "nobody", "--app", corp["app_key"])
    assert (nobody.exit_code, "60111" in nobody.output) == (1, True)


def test_an_open_app_and_an_sso_secret_are_made(sanfang: Sanfang, corp: dict[str, Any]) -> None:
    app = sanfang.json("openapp", "create", "示例网站", "--host", "example.com")
    assert app["secret"]
    listed = sanfang.json("openapp", "list")["items"]
    assert {**app, "secret": None} in listed
    made = sanfang.json(
        "signin", "code", corp["corp_id"], "jia", "--app", app["app_id"], "--kind", "sns"
    )
    assert made["exchange"].endswith(made["code"])
    secret = sanfang.json("signin", "sso-secret", corp["corp_id"])["sso_secret"]
    pair = {"corpid": corp["corp_id"], "corpsecret": secret}
    assert asked(sanfang, "/sso/gettoken", **pair)["errcode"] == 0
    renewed = sanfang.json("signin", "sso-secret", corp["corp_id"], "--renew")["sso_secret"]
    assert renewed != secret
    bad = sanfang.run("openapp", "create", "示例网站", "--host", "http://")
    assert (bad.exit_code, "40035" in bad.output) == (1, True)
