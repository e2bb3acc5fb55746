"""Secrets are in no repr, no exception, no traceback."""

from __future__ import annotations

import copy
import pickle
import traceback
from typing import Any

import pytest

from sanfang.client import (
    AnswerCutShort,
    AnswerTooLong,
    AppKey,
    AuthorisedCorp,
    BadAnswer,
    CallRefused,
    Client,
    ConnectFailed,
    CorpSecret,
    LimitReached,
    MemorySuites,
    MemoryTokens,
    NoTicket,
    PlatformBusy,
    ProxyFailed,
    RateLimited,
    Redirected,
    Request,
    SanfangError,
    Suite,
    TimedOut,
    TlsFailed,
    Token,
    TokenKey,
    TokenRefused,
    TransportFailed,
)
from sanfang.client.grants import key_of

from .conftest import Make
from .stand_in import Reply, StandIn

SECRET = "S3cretS3cretS3cretS3cret"


@pytest.mark.parametrize(
    "thing",
    [
        CorpSecret("dingcorp", SECRET),
        AppKey("dingapp", SECRET),
        Suite("suite4example", SECRET),
        AuthorisedCorp(Suite("suite4example", SECRET), "dingcorp"),
        Token(SECRET, 0.0),
        Request("GET", f"https://x/gettoken?corpsecret={SECRET}", {}, SECRET.encode()),
        key_of(CorpSecret("dingcorp", SECRET)),
    ],
)
def test_a_repr_shows_four_characters_at_most(thing: object) -> None:
    assert SECRET[:-4] not in repr(thing)
    assert SECRET[:-4] not in f"{thing}"


def test_a_short_secret_is_not_shown_at_all() -> None:
    assert "pass" not in repr(AppKey("a", "password"))


def test_the_repr_of_a_client_says_who_calls_where(make: Make) -> None:
    text = repr(make(Suite("suite4example", SECRET), base_url="https://x.example"))
    assert "suite4example" in text
    assert "https://x.example" in text
    assert SECRET[-4:] not in text
    assert "dingcorp" in repr(make(Suite("suite4example", SECRET)).corp("dingcorp"))


def everything_about(error: BaseException) -> str:
    """Return all that a log or an error tracker may show of an exception."""
    texts = ["".join(traceback.format_exception(error)), repr(error), repr(vars(error))]
    seen: BaseException | None = error
    while seen is not None:
        texts.append(f"{seen} {vars(seen)}")
        seen = seen.__cause__ or seen.__context__
    return "\n".join(texts)


@pytest.mark.parametrize(
    "reply",
    [
        {"errcode": 40089, "errmsg": f"bad secret {SECRET}"},
        Reply(f"<p>GET /gettoken?appkey=a&appsecret={SECRET}</p>", status=404),
        Reply(f'{{"appsecret": "{SECRET}'),
        Reply("", status=302, headers=(("Location", f"https://x/{SECRET}?s={SECRET}"),)),
        None,
    ],
)
def test_no_failure_of_a_token_call_shows_the_secret(
    make: Make, platform: StandIn, reply: Any
) -> None:
    platform.on("/gettoken", lambda _: reply)
    with pytest.raises(SanfangError) as caught:
        make(AppKey("dingapp", SECRET), base_url=platform.url).get_access_token()
    assert SECRET not in everything_about(caught.value)


def test_a_refused_connection_shows_no_secret(make: Make) -> None:
    client = make(AppKey("dingapp", SECRET), base_url="http://127.0.0.1:9")
    with pytest.raises(TransportFailed) as caught:
        client.get_access_token()
    assert SECRET not in everything_about(caught.value)
    assert "127.0.0.1:9" in str(caught.value)


def test_no_failure_of_a_call_shows_the_token_ticket_or_permanent_code(
    make: Make, platform: StandIn
) -> None:
    suites = MemorySuites()
    suites.save_ticket("suite4example", "TicketTicketTicket")
    suites.save_permanent_code("suite4example", "dingcorp", "CodeCodeCodeCode")
    suite = make(Suite("suite4example", SECRET), base_url=platform.url, suite_store=suites)
    token = suite.get_suite_token()
    for path, shown in (
        ("/service/get_corp_token", f"{token} CodeCodeCodeCode"),
        ("/service/get_suite_token", f"{SECRET} TicketTicketTicket"),
    ):
        platform.on(path, Reply(shown, status=500))
        platform.refuse_all()
        with pytest.raises(SanfangError) as caught:
            suite.corp("dingcorp").call("user/get")
        text = everything_about(caught.value)
        assert not any(word in text for word in shown.split())
        suites.forget_corp("suite4example", "dingcorp")
        suite.forget("dingcorp")
        suites.save_permanent_code("suite4example", "dingcorp", "x")
        suite._core.settings.tokens.delete_if(TokenKey("suite", suite="suite4example"), token)


def test_the_debug_log_of_the_transport_shows_no_secret(
    make: Make, platform: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    client = make(AppKey("dingapp", SECRET), base_url=platform.url)
    client.call("user/get", userid="a")
    token = client.get_access_token()
    assert SECRET not in caplog.text
    assert token not in caplog.text
    if isinstance(client, Client):
        assert client.get_access_token() == token


def test_stores_show_counts_only() -> None:
    tokens, suites = MemoryTokens(), MemorySuites()
    tokens.put(TokenKey("corp"), Token(SECRET, 0.0))
    suites.save_ticket("suite4example", SECRET)
    assert SECRET not in repr(tokens) + repr(suites)


ERRORS = [
    CallRefused(40078, "不存在的临时授权码", "why", "r1", "user/get", status=400),
    TokenRefused.after(CallRefused(40014, "x"), kind="corp", age=1.0, store="MemoryTokens"),
    RateLimited(90018, "…"),
    BadAnswer("html", "a page", api="user/get", status=502, excerpt="502"),
    TimedOut(10, api="user/get"),
    TransportFailed("cut", dropped=True),
    NoTicket("suite4example"),
    LimitReached.of(90005, "corp_api", 1500, 60.0, 3.0, "user/get"),
    PlatformBusy(-1, "系统繁忙"),
    Redirected("moved", "https://elsewhere.example/", "user/get", 302),
    AnswerTooLong("too long", "user/get", 200),
    AnswerCutShort("cut", "user/get", 200),
    ConnectFailed("连不上 / cannot reach it"),
    TlsFailed("TLS"),
    ProxyFailed("代理 / the proxy", status=407),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("again", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_survive_copy_and_pickle(error: SanfangError, again: Any) -> None:
    twin = again(error)
    assert type(twin) is type(error)
    assert (str(twin), vars(twin)) == (str(error), vars(error))
