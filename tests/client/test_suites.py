"""A suite and the corps that authorised it: the three forms, and what must be remembered."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from sanfang.client import (
    CallRefused,
    MemorySuites,
    MemoryTokens,
    NoTicket,
    Suite,
    TokenKey,
    TokenRefused,
)
from sanfang.protocol.signatures import call_signature

from .conftest import Make
from .stand_in import Seen, StandIn

SUITE = Suite("suite4example", "example-suite-secret")
CORP = "dingcorpa"


@pytest.fixture
def store() -> MemorySuites:
    suites = MemorySuites()
    suites.save_ticket(SUITE.suite_key, "example-ticket")
    return suites


@pytest.fixture
def suite(make: Make, platform: StandIn, store: MemorySuites) -> Any:
    return make(SUITE, base_url=platform.url, suite_store=store, clock=lambda: 1600000000.0)


def test_the_suite_token_is_fetched_with_the_ticket_and_kept(suite: Any, platform: StandIn) -> None:
    assert suite.get_suite_token() == suite.get_suite_token() == suite.get_access_token()
    (seen,) = platform.seen
    assert (seen.method, seen.path) == ("POST", "/service/get_suite_token")
    assert seen.json == {
        "suite_key": "suite4example",
        "suite_secret": "example-suite-secret",
        "suite_ticket": "example-ticket",
    }


def test_without_a_ticket_nothing_is_sent_and_the_error_says_what_to_do(
    make: Make, platform: StandIn
) -> None:
    suite = make(SUITE, base_url=platform.url)
    with pytest.raises(NoTicket, match="重新推送") as caught:
        suite.get_suite_token()
    assert caught.value.suite_key == "suite4example"
    with pytest.raises(NoTicket):
        suite.corp(CORP).call("user/get")
    assert platform.seen == []


def test_a_ticket_has_no_expiry_and_the_newest_one_is_used(store: MemorySuites) -> None:
    assert store.ticket(SUITE.suite_key) == "example-ticket"
    store.save_ticket(SUITE.suite_key, "newer")
    assert store.ticket(SUITE.suite_key) == "newer"
    assert store.ticket("another") is None


def test_with_a_permanent_code_the_old_form_is_used(
    suite: Any, platform: StandIn, store: MemorySuites
) -> None:
    store.save_permanent_code(SUITE.suite_key, CORP, "example-code")
    assert suite.corp(CORP).call("user/get", userid="a")["owner"] == CORP
    token, corp_token, user = platform.seen
    assert token.path == "/service/get_suite_token"
    assert corp_token.path == "/service/get_corp_token"
    assert set(corp_token.query) == {"suite_access_token"}
    assert corp_token.json == {"auth_corpid": CORP, "permanent_code": "example-code"}
    assert user.path == "/user/get"


def test_without_a_permanent_code_the_signed_form_is_used(suite: Any, platform: StandIn) -> None:
    assert suite.corp(CORP).call("user/get", userid="a")["owner"] == CORP
    corp_token, _ = platform.seen
    assert corp_token.path == "/service/get_corp_token"
    assert corp_token.json == {"auth_corpid": CORP}
    assert corp_token.query == {
        "accessKey": "suite4example",
        "timestamp": "1600000000000",
        "suiteTicket": "example-ticket",
        "signature": call_signature(SUITE.suite_secret, "1600000000000", "example-ticket"),
    }


def test_a_permanent_code_of_an_older_authorisation_is_not_fatal(
    suite: Any, platform: StandIn, store: MemorySuites
) -> None:
    def stale(seen: Seen) -> dict[str, Any]:
        if "permanent_code" in seen.json:
            return {"errcode": 40084, "errmsg": "不存在的永久授权码"}
        return platform.grant(seen)

    platform.on("/service/get_corp_token", stale)
    store.save_permanent_code(SUITE.suite_key, CORP, "stale-code")
    assert suite.corp(CORP).call("user/get", userid="a")["owner"] == CORP


def test_a_corp_that_left_is_named_by_the_code_of_the_token_call(
    suite: Any, platform: StandIn
) -> None:
    platform.on("/service/get_corp_token", {"errcode": 48004, "errmsg": "授权关系无效"})
    with pytest.raises(CallRefused) as caught:
        suite.corp(CORP).call("user/get", userid="a")
    assert (caught.value.code, caught.value.api) == (48004, "service/get_corp_token")


def test_one_corps_token_is_never_used_for_another(suite: Any, platform: StandIn) -> None:
    corps = [f"dingcorp{n}" for n in range(8)]
    for _ in range(2):
        for corp in corps:
            assert suite.corp(corp).call("user/get", userid="a")["owner"] == corp
    assert len(platform.calls("/service/get_corp_token")) == len(corps)


def test_one_suites_tokens_are_never_used_for_another(
    make: Make, platform: StandIn, store: MemorySuites
) -> None:
    tokens = MemoryTokens()
    options: dict[str, Any] = {
        "base_url": platform.url, "tokens": tokens, "suite_store": store
    }  # fmt: skip
    store.save_ticket("suite4other", "other-ticket")
    one, two = make(SUITE, **options), make(Suite("suite4other", "other-secret"), **options)
    assert one.get_suite_token() != two.get_suite_token()
    assert one.corp(CORP).get_access_token() != two.corp(CORP).get_access_token()


@pytest.mark.parametrize("code", [40082, 42009, 40014])
def test_a_dead_suite_token_is_renewed_on_the_way_to_a_corp_token(
    suite: Any, platform: StandIn, store: MemorySuites, code: int
) -> None:
    store.save_permanent_code(SUITE.suite_key, CORP, "example-code")
    dead = suite.get_suite_token()

    def check(seen: Seen) -> dict[str, Any]:
        if seen.query["suite_access_token"] == dead:
            return {"errcode": code, "errmsg": "suitetoken失效"}
        return platform.grant(seen)

    platform.on("/service/get_corp_token", check)
    assert suite.corp(CORP).call("user/get", userid="a")["owner"] == CORP
    assert len(platform.calls("/service/get_suite_token")) == 2


def test_a_suite_token_refused_twice_ends_in_an_error_that_names_it(
    suite: Any, platform: StandIn, store: MemorySuites
) -> None:
    store.save_permanent_code(SUITE.suite_key, CORP, "example-code")
    platform.on("/service/get_corp_token", {"errcode": 40082, "errmsg": "不合法的suitetoken"})
    with pytest.raises(TokenRefused) as caught:
        suite.corp(CORP).call("user/get", userid="a")
    assert caught.value.kind == "suite"
    assert len(platform.calls("/service/get_corp_token")) == 2


def test_the_permanent_code_is_saved_before_it_is_returned(
    suite: Any, platform: StandIn, store: MemorySuites
) -> None:
    answer = {
        "errcode": 0,
        "errmsg": "ok",
        "permanent_code": "example-code",
        "auth_corp_info": {"corpid": CORP, "corp_name": "示例公司"},
    }
    platform.on("/service/get_permanent_code", answer)
    assert suite.get_permanent_code("tmp-1") == answer
    assert store.permanent_code(SUITE.suite_key, CORP) == "example-code"
    assert platform.seen[-1].json == {"tmp_auth_code": "tmp-1"}
    assert "suite_access_token" in platform.seen[-1].query


def test_a_used_temporary_code_is_not_tried_again(suite: Any, platform: StandIn) -> None:
    platform.on("/service/get_permanent_code", {"errcode": 40078, "errmsg": "不存在的临时授权码"})
    with pytest.raises(CallRefused) as caught:
        suite.get_permanent_code("tmp-1")
    assert caught.value.code == 40078
    assert len(platform.calls("/service/get_permanent_code")) == 1


@pytest.mark.parametrize("known", [True, False], ids=["old form", "signed form"])
def test_activation_auth_info_and_agent(
    suite: Any, platform: StandIn, store: MemorySuites, known: bool
) -> None:
    expected = {"suite_key": "suite4example", "auth_corpid": CORP}
    credential = "signature"
    if known:
        store.save_permanent_code(SUITE.suite_key, CORP, "example-code")
        expected["permanent_code"], credential = "example-code", "suite_access_token"
    suite.activate(CORP)
    suite.auth_info(CORP)
    suite.agent(CORP, 42)
    activate, info, agent = (seen for seen in platform.seen if "get_suite" not in seen.path)
    assert (activate.path, activate.json) == ("/service/activate_suite", expected)
    assert (info.path, info.json) == ("/service/get_auth_info", expected)
    assert (agent.path, agent.json) == ("/service/get_agent", {**expected, "agentid": 42})
    assert all(credential in seen.query for seen in (activate, info, agent))


def test_any_service_call_takes_the_suite_token_from_a_corps_client_too(
    suite: Any, platform: StandIn
) -> None:
    suite.call("service/get_unactive_corp", app_id=1)
    suite.corp(CORP).call("service/get_unactive_corp", app_id=1)
    tokens = {seen.query["suite_access_token"] for seen in platform.seen[1:]}
    assert tokens == {"token-0001-of-suite4example"}


def test_a_corp_that_is_forgotten_leaves_no_code_token_or_ticket(
    make: Make, platform: StandIn, store: MemorySuites
) -> None:
    tokens = MemoryTokens()
    suite = make(SUITE, base_url=platform.url, suite_store=store, tokens=tokens)
    platform.on("/get_jsapi_ticket", {"errcode": 0, "errmsg": "ok", "ticket": "t"})
    store.save_permanent_code(SUITE.suite_key, CORP, "example-code")
    suite.corp(CORP).get_jsapi_ticket()
    suite.forget(CORP)
    assert store.permanent_code(SUITE.suite_key, CORP) is None
    at = {"suite": SUITE.suite_key, "platform": platform.url}
    assert tokens.get(TokenKey("isv_corp", corp=CORP, **at)) is None
    assert tokens.get(TokenKey("jsapi_ticket", corp=CORP, **at)) is None
    assert tokens.get(TokenKey("suite", **at)) is not None


def test_a_ticket_of_one_corp_is_never_used_for_another(suite: Any, platform: StandIn) -> None:
    def route(seen: Seen) -> dict[str, Any]:
        return {"errcode": 0, "errmsg": "ok", "ticket": "for-" + seen.query["access_token"]}

    platform.on("/get_jsapi_ticket", route)
    first, second = (suite.corp(corp).get_jsapi_ticket() for corp in ("dingcorpa", "dingcorpb"))
    assert first.endswith("dingcorpa")
    assert second.endswith("dingcorpb")


def test_closing_a_corps_client_leaves_the_suites_open(suite: Any) -> None:
    suite.corp(CORP).close()
    assert suite.corp(CORP).call("user/get", userid="a")["errcode"] == 0


def test_corps_of_one_suite_fetch_their_tokens_side_by_side(
    platform: StandIn, store: MemorySuites
) -> None:
    """One corp's slow token call does not hold up another corp."""
    from sanfang.client import Client

    asked = threading.Event()

    def slow_for_a(seen: Seen) -> dict[str, Any]:
        if seen.json["auth_corpid"] == "dingslow":
            asked.set()
            platform.hold.wait(5)
        return platform.grant(seen)

    platform.on("/service/get_corp_token", slow_for_a)
    with Client(SUITE, base_url=platform.url, suite_store=store) as suite:
        slow = threading.Thread(target=suite.corp("dingslow").get_access_token)
        slow.start()
        assert asked.wait(5)
        assert suite.corp("dingquick").call("user/get", userid="a")["owner"] == "dingquick"
        platform.hold.set()
        slow.join()
