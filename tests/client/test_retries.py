"""The retry decider really retries, and only what may be repeated."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sanfang.client import (
    AppKey,
    BadAnswer,
    BadCall,
    CallRefused,
    RateLimited,
    RetryRule,
    TimedOut,
    Timeout,
    TransportFailed,
)
from sanfang.client.answers import refusal
from sanfang.client.plans import Planner

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


@pytest.mark.parametrize(
    "path",
    ["topapi/v2/user/get", "topapi/v2/department/listsub", "/v1.0/contact/users/search"],
)
def test_a_post_that_only_asks_is_repeated_too(make: Make, platform: StandIn, path: str) -> None:
    platform.on(f"/{path.removeprefix('/')}", in_turn(BUSY, OK))
    assert make(APP, base_url=platform.url).post(path, body={"x": 1}) == OK


@pytest.mark.parametrize(
    "path",
    ["service/get_permanent_code", "sns/get_persistent_code", "sns/get_sns_token",
     "call_back/get_call_back_failed_result", "topapi/message/corpconversation/asyncsend_v2",
     "topapi/v2/user/create"],
)  # fmt: skip
def test_what_is_given_once_is_not_asked_for_twice(path: str) -> None:
    assert not Planner("https://x", "https://x").plan(path, "POST", True).safe


def test_the_platform_says_how_long_to_stay_away(make: Make, platform: StandIn) -> None:
    slow = Reply("<h1>slow down</h1>", status=503, headers=(("Retry-After", "1"),))
    platform.on("/user/get", in_turn(slow, OK))
    started = time.monotonic()
    assert make(APP, base_url=platform.url).call("user/get", userid="a") == OK
    assert time.monotonic() - started >= 1.0


@pytest.mark.parametrize("hint", ["3600", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_who_shall_stay_away_for_long_is_told_so_at_once(
    make: Make, platform: StandIn, hint: str
) -> None:
    platform.on("/user/get", Reply(LIMITED, status=429, headers=(("Retry-After", hint),)))
    with pytest.raises(RateLimited) as caught:
        make(APP, base_url=platform.url).call("user/get", userid="a")
    assert caught.value.retry_after is not None
    assert caught.value.retry_after >= 3600
    assert len(platform.calls("/user/get")) == 1


@pytest.mark.parametrize("hint", ["soon", "-5", "1e9", "", "Fri, 99 Foo 2100"])
def test_a_hint_that_is_none_is_ignored(make: Make, platform: StandIn, hint: str) -> None:
    limited = Reply(LIMITED, headers=(("Retry-After", hint),))
    platform.on("/user/get", in_turn(limited, OK))
    assert make(APP, base_url=platform.url).call("user/get", userid="a") == OK


def test_a_call_ends_with_its_time_whatever_the_rule_says(make: Make, platform: StandIn) -> None:
    platform.on("/user/get", LIMITED)
    rule = RetryRule(pauses=(0.2,) * 50, jitter=0.0)
    client = make(APP, base_url=platform.url, retries=rule, timeout=Timeout(call=0.7))
    client.get_access_token()
    started = time.monotonic()
    with pytest.raises(RateLimited):
        client.call("user/get", userid="a")
    assert 0.5 < time.monotonic() - started < 0.75
    assert len(platform.calls("/user/get")) in (3, 4)


def test_the_last_try_has_only_the_time_that_is_left(make: Make, platform: StandIn) -> None:
    replies = [LIMITED]
    platform.on(
        "/user/get", lambda _: replies.pop() if replies else platform.hold.wait(20) and None
    )
    client = make(APP, base_url=platform.url, timeout=Timeout(call=0.5))
    client.get_access_token()
    started = time.monotonic()
    with pytest.raises(TimedOut):
        client.call("user/get", userid="a")
    assert time.monotonic() - started < 1.0


@pytest.mark.parametrize(
    "timeout",
    [0, -1, float("inf"), float("nan"), "5s", Timeout(exchange=None), Timeout(call=0)],  # type: ignore[arg-type]
)
def test_a_timeout_that_is_none_is_refused(make: Make, timeout: Any) -> None:
    with pytest.raises(BadCall, match="timeout"):
        make(APP, timeout=timeout)


class TestRule:
    def test_the_pauses_are_one_two_and_four_seconds_and_up_to_half_as_much_again(self) -> None:
        rule, limited = RetryRule(), refusal(90018, "")
        for tries, least in enumerate((1.0, 2.0, 4.0)):
            pauses = {rule.pause(limited, safe=False, tries=tries) for _ in range(20)}
            assert len(pauses) > 1
            assert all(least <= (pause or 0) <= least * 1.5 for pause in pauses)
        assert rule.pause(limited, safe=False, tries=3) is None
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
