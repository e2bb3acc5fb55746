"""The retry decider really retries, and only what may be repeated."""

from __future__ import annotations

from typing import Any

import pytest

from sanfang.client import (
    AppKey,
    BadAnswer,
    CallRefused,
    RateLimited,
    RetryRule,
    TimedOut,
    TransportFailed,
)
from sanfang.client.answers import refusal

from .conftest import NO_WAIT, Make
from .stand_in import Reply, StandIn

APP = AppKey("dingexampleapp", "example-app-secret")
OK = {"errcode": 0, "errmsg": "ok"}
BUSY = {"errcode": -1, "errmsg": "系统繁忙"}
LIMITED = {"errcode": 90018, "errmsg": "请求被暂时禁用"}


def in_turn(*replies: dict[str, Any] | Reply) -> Any:
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


@pytest.mark.parametrize("first", [BUSY, LIMITED, {"errcode": 90002, "errmsg": "…"},
                                   Reply("<h1>Bad Gateway</h1>", status=502)])  # fmt: skip
def test_a_read_is_repeated_until_it_succeeds(
    make: Make, platform: StandIn, first: dict[str, Any]
) -> None:
    platform.on("/user/get", in_turn(first, first, OK))
    assert make(APP, base_url=platform.url).call("user/get", userid="a") == OK
    assert len(platform.calls("/user/get")) == 3


def test_it_gives_up_after_three_retries_with_the_last_refusal(
    make: Make, platform: StandIn
) -> None:
    platform.on("/user/get", BUSY)
    with pytest.raises(CallRefused) as caught:
        make(APP, base_url=platform.url).call("user/get", userid="a")
    assert caught.value.code == -1
    assert len(platform.calls("/user/get")) == 4


def test_a_change_is_not_repeated_when_the_platform_was_busy(make: Make, platform: StandIn) -> None:
    """-1 may come after the message was sent; twice is worse than an error."""
    platform.on("/message/send", in_turn(BUSY, OK))
    with pytest.raises(CallRefused):
        make(APP, base_url=platform.url).call("message/send", agentid=1)
    assert len(platform.calls("/message/send")) == 1


def test_a_change_is_repeated_when_the_caller_says_so(make: Make, platform: StandIn) -> None:
    platform.on("/message/send", in_turn(BUSY, OK))
    rule = RetryRule(pauses=(0.0,), unsafe=True)
    client = make(APP, base_url=platform.url, retries=rule)
    assert client.call("message/send", agentid=1) == OK


def test_a_change_that_was_limited_is_repeated_since_nothing_was_done(
    make: Make, platform: StandIn
) -> None:
    platform.on("/message/send", in_turn(LIMITED, OK))
    assert make(APP, base_url=platform.url).call("message/send", agentid=1) == OK


def test_the_token_call_is_repeated_too(make: Make, platform: StandIn) -> None:
    platform.on("/gettoken", in_turn(BUSY, {**OK, "access_token": "t-1"}))
    assert make(APP, base_url=platform.url).get_access_token() == "t-1"


@pytest.mark.parametrize("code", [90020, 90017, 40003, 60011])
def test_what_does_not_pass_by_itself_is_not_repeated(
    make: Make, platform: StandIn, code: int
) -> None:
    platform.on("/user/get", {"errcode": code, "errmsg": "…"})
    with pytest.raises(CallRefused):
        make(APP, base_url=platform.url).call("user/get", userid="a")
    assert len(platform.calls("/user/get")) == 1


def test_zero_retries_means_none(make: Make, platform: StandIn) -> None:
    platform.on("/user/get", LIMITED)
    with pytest.raises(RateLimited):
        make(APP, base_url=platform.url, retries=0).call("user/get", userid="a")
    assert len(platform.calls("/user/get")) == 1


def test_a_limited_call_whose_token_dies_meanwhile_still_succeeds(
    make: Make, platform: StandIn
) -> None:
    dead = {"errcode": 40014, "errmsg": "不合法的access_token"}
    platform.on("/user/get", in_turn(LIMITED, dead, LIMITED, OK))
    assert make(APP, base_url=platform.url).call("user/get", userid="a") == OK


def test_a_connection_cut_in_a_read_is_tried_once_more(make: Make, platform: StandIn) -> None:
    client = make(APP, base_url=platform.url)
    client.get_access_token()
    replies = [None, OK]
    platform.on("/user/get", lambda _: replies.pop(0))
    assert client.call("user/get", userid="a") == OK


def test_a_connection_cut_in_a_change_is_not_tried_again(make: Make, platform: StandIn) -> None:
    client = make(APP, base_url=platform.url)
    client.get_access_token()
    platform.on("/message/send", lambda _: None)
    with pytest.raises(TransportFailed):
        client.call("message/send", agentid=1)
    assert len(platform.calls("/message/send")) == 1


class TestRule:
    def test_the_pauses_are_one_two_and_four_seconds(self) -> None:
        rule, limited = RetryRule(), refusal(90018, "")
        pauses = [rule.pause(limited, safe=False, tries=tries) for tries in range(4)]
        assert pauses == [1.0, 2.0, 4.0, None]
        assert RetryRule.of(3) == rule
        assert RetryRule.of(0).pause(limited, safe=True, tries=0) is None

    @pytest.mark.parametrize(
        "code",
        ["Forbidden.AccessDenied.QpsLimitForApi", "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi"],
    )
    def test_the_new_hosts_rate_limits_pass_by_themselves(self, code: str) -> None:
        assert NO_WAIT.pause(refusal(code, "", status=403), safe=False, tries=0) == 0.0

    def test_the_new_hosts_monthly_quota_does_not(self) -> None:
        error = refusal("Forbidden.AccessDenied.ApiCountLimitForOrg", "", status=403)
        assert NO_WAIT.pause(error, safe=True, tries=0) is None

    def test_the_new_hosts_outage_is_repeated_for_reads_only(self) -> None:
        error = refusal("ServiceUnavailable", "", status=503)
        assert NO_WAIT.pause(error, safe=True, tries=0) == 0.0
        assert NO_WAIT.pause(error, safe=False, tries=0) is None

    def test_a_timeout_and_a_page_that_is_no_answer_are_not_repeated(self) -> None:
        assert NO_WAIT.pause(TimedOut(10), safe=True, tries=0) is None
        assert NO_WAIT.pause(BadAnswer("html", "", status=200), safe=True, tries=0) is None
