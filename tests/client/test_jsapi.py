"""Signing pages: the published vectors, the rules for the address, and misuse explained."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sanfang.client import AppKey, BadCall, CorpSecret, MemorySuites, Suite, sign_jsapi
from sanfang.client.jsapi import Digest, signed_url
from sanfang.protocol.signatures import jsapi_signature
from sanfang.protocol.urls import signing_urls

from .conftest import Make
from .stand_in import Seen, StandIn

TICKET = "mS5k98fdkdgDKxkXGEs8LORVREiweeWETE40P37wkidkfksDSKDJFD5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcKIDU8l"
VECTOR: dict[str, Any] = {"nonce": "Zn4zmLFKD0wzilzM", "timestamp": 1414588745}
WHO: dict[str, Any] = {"agent_id": 1001, "corp_id": "dingcorp"}
APP = AppKey("dingexampleapp", "example-app-secret")
PAGE = "https://isv.example:8443/index.html?corpid=dingcorp&q=%E4%B8%AD#/home"


@pytest.mark.parametrize(
    ("url", "sha1", "sha256"),
    [
        (
            "http://open.dingtalk.com",
            "10de2b0a6763ec3685a50272b5b0eb2848098dc2",
            "6d6e0580d57aac61e427c1e82e7545cca4eed5c59ae6bb468c6bf6f89753cdb2",
        ),
        (
            "http://abc.def/ghi/jkl?m=123&n=456#opq",
            "6120632d2e1578ac4ee948b6f741c5a148d6beb6",
            "cee002574418c7a01a84ce19cd3dd01c90c43e6dc35bd85db959fbed1de42004",
        ),
        (
            "http://abc.def/p?q=%E4%B8%AD%20a",
            "70a9cfd08f602b7aa860176cb098a9b1ad0aeb66",
            "98379c30461a498e7a03449251c4c4312541118f3bb79318a77ea5390d1018cb",
        ),
    ],
)
def test_the_published_vectors(url: str, sha1: str, sha256: str) -> None:
    digests: tuple[tuple[Digest, str], ...] = (("sha1", sha1), ("sha256", sha256))
    for digest, expected in digests:
        config = sign_jsapi(TICKET, url, digest=digest, **WHO, **VECTOR)
        assert config == {
            "agentId": "1001",
            "corpId": "dingcorp",
            "timeStamp": "1414588745",
            "nonceStr": "Zn4zmLFKD0wzilzM",
            "signature": expected,
        }


def test_sha256_is_the_default_and_the_optional_fields_are_there_when_given() -> None:
    config = sign_jsapi(TICKET, PAGE, type=0, js_api_list=("biz.contact.choose",), **WHO)
    assert re.fullmatch(r"[0-9a-f]{64}", config["signature"])
    assert config["type"] == 0
    assert config["jsApiList"] == ["biz.contact.choose"]
    assert re.fullmatch(r"\d{10}", config["timeStamp"])
    again = sign_jsapi(TICKET, PAGE, **WHO)
    assert again["nonceStr"] != config["nonceStr"]
    assert "type" not in again
    assert "jsApiList" not in again


@pytest.mark.parametrize("query", ["decoded", "decoded_plus", "as_given"])
@pytest.mark.parametrize(
    "url",
    [
        PAGE,
        "https://a.example/x/?a=b+c%20d%2Be&f=%25",
        "https://a.example",
        "https://a.example/%E4?",
    ],
)
def test_every_rule_gives_a_form_that_a_verifier_tries(url: str, query: Any) -> None:
    assert signed_url(url, query) in signing_urls(url)


def test_the_path_is_not_decoded_and_the_port_stays() -> None:
    assert signed_url("https://a.example:443/%E4%B8%AD/?x=%2F+y#z?q") == (
        "https://a.example:443/%E4%B8%AD/?x=/+y"
    )
    assert signed_url("https://a.example/?x=a+b", "decoded_plus") == "https://a.example/?x=a b"


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("/index.html", "location.href"),
        ("index.html?a=1", "location.href"),
        ("//a.example/x", "location.href"),
        ("a.example/x", "location.href"),
        ("javascript:alert(1)", "location.href"),
        ("https://", "location.href"),
        ("https://a.example:99999/", "location.href"),
        ("https://[::1/", "location.href"),
        ("https://a.example/a b", "location.href"),
        ("https://a.example/\n", "location.href"),
        ("https://a.example/" + "x" * 9000, "location.href"),
        ("", "location.href"),
        ("https://a.example/?corpid=$CORPID$", "CORPID"),
        ("https://a.example/?corpid=%24CORPID%24", "CORPID"),
        (None, "NoneType"),
        (b"https://a.example/", "bytes"),
    ],
)
def test_an_address_that_cannot_be_signed_is_refused(url: Any, hint: str) -> None:
    with pytest.raises(BadCall, match=re.escape(hint)):
        sign_jsapi(TICKET, url, **WHO)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"ticket": "0123456789abcdef0123456789abcdef"}, "access_token"),
        ({"ticket": ""}, "ticket"),
        ({"ticket": None}, "ticket"),
        ({"ticket": "two words"}, "ticket"),
        ({"agent_id": ""}, "agent_id"),
        ({"agent_id": None}, "agent_id"),
        ({"corp_id": ""}, "corp_id"),
        ({"corp_id": None}, "corp_id"),
        ({"type": 2}, "type"),
        ({"digest": "md5"}, "digest"),
        ({"query": "encoded"}, "query"),
        ({"nonce": "a b"}, "nonce"),
        ({"timestamp": ""}, "timestamp"),
        ({"js_api_list": "biz.contact.choose"}, "js_api_list"),
        ({"js_api_list": ["dd.biz.contact.choose"]}, "dd."),
        ({"js_api_list": [""]}, "js_api_list"),
        ({"js_api_list": [7]}, "js_api_list"),
    ],
)
def test_misuse_is_refused_with_the_name_of_the_field(wrong: dict[str, Any], hint: str) -> None:
    fields: dict[str, Any] = {"ticket": TICKET, "url": PAGE, **WHO, **wrong}
    with pytest.raises(BadCall, match=re.escape(hint)) as caught:
        sign_jsapi(fields.pop("ticket"), fields.pop("url"), **fields)
    assert "0123456789abcdef" not in str(caught.value)


def with_tickets(platform: StandIn) -> None:
    numbers = iter(range(1, 100))

    def route(seen: Seen) -> dict[str, Any]:
        return {"errcode": 0, "errmsg": "ok", "ticket": f"Ticket-{next(numbers)}", "expires_in": 60}

    platform.on("/get_jsapi_ticket", route)


def test_a_client_signs_with_the_ticket_it_keeps(make: Make, platform: StandIn) -> None:
    with_tickets(platform)
    client = make(APP, base_url=platform.url, clock=lambda: 1_700_000_000.5)
    config = client.jsapi_signature(PAGE, agent_id=1001, corp_id="dingcorp")
    assert config["timeStamp"] == "1700000000"
    page = "https://isv.example:8443/index.html?corpid=dingcorp&q=中"
    assert config["signature"] == jsapi_signature(
        "Ticket-1", config["nonceStr"], config["timeStamp"], page, "sha256"
    )
    client.jsapi_signature(PAGE, agent_id=1001, corp_id="dingcorp")
    assert len(platform.calls("/get_jsapi_ticket")) == 1


def test_the_corp_is_known_where_the_identity_tells_it(make: Make, platform: StandIn) -> None:
    with_tickets(platform)
    suites = MemorySuites()
    suites.save_ticket("suite4example", "ticket")
    suite = make(
        Suite("suite4example", "secret-of-suite"), base_url=platform.url, suite_store=suites
    )
    own = make(CorpSecret("dingown", "example-secret"), base_url=platform.url)
    assert suite.corp("dingcorp").jsapi_signature(PAGE, agent_id=7)["corpId"] == "dingcorp"
    assert own.jsapi_signature(PAGE, agent_id=7)["corpId"] == "dingown"
    for client in (suite.corp("dingcorp"), own):
        with pytest.raises(BadCall, match="dingother"):
            client.jsapi_signature(PAGE, agent_id=7, corp_id="dingother")


def test_nothing_is_sent_for_what_cannot_be_signed(make: Make, platform: StandIn) -> None:
    client = make(APP, base_url=platform.url)
    suite = make(Suite("suite4example", "secret-of-suite"), base_url=platform.url)
    with pytest.raises(BadCall, match="corp_id"):
        client.jsapi_signature(PAGE, agent_id=7)
    with pytest.raises(BadCall, match=re.escape("location.href")):
        client.jsapi_signature("/index.html", agent_id=7, corp_id="dingcorp")
    with pytest.raises(BadCall, match="corp"):
        suite.jsapi_signature(PAGE, agent_id=7, corp_id="dingcorp")
    assert platform.seen == []


def test_a_ticket_that_pages_report_dead_is_renewed_once(make: Make, platform: StandIn) -> None:
    with_tickets(platform)
    client = make(APP, base_url=platform.url)
    dead = client.get_jsapi_ticket()
    assert [client.renew_jsapi_ticket(dead) for _ in range(5)] == ["Ticket-2"] * 5
    assert client.get_jsapi_ticket() == "Ticket-2"
    assert len(platform.calls("/get_jsapi_ticket")) == 2


def test_dingtalk_sdk_signs_the_same() -> None:
    from dingtalk.core.utils import DingTalkSigner  # type: ignore[import-untyped]

    url = "https://isv.example/index.html?corpid=dingcorp&a=1"
    signer = DingTalkSigner(delimiter=b"&")
    signer.add_data(
        f"noncestr={VECTOR['nonce']}",
        f"jsapi_ticket={TICKET}",
        f"timestamp={VECTOR['timestamp']}",
        f"url={url}",
    )
    ours = sign_jsapi(TICKET, url, digest="sha1", query="as_given", **WHO, **VECTOR)
    assert ours["signature"] == signer.signature
