"""Hooks see every try and no secret, and cannot break a call; so do the log and the spans."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sanfang.client import (
    AppKey,
    AsyncClient,
    BadCall,
    CallRefused,
    Exchange,
    Hooks,
    Limits,
    TimedOut,
    TransportFailed,
)
from sanfang.client.otel import OpenTelemetry

from .conftest import Make
from .stand_in import Reply, StandIn

SECRET = "S3cretS3cretS3cret0815"
APP = AppKey("dingexampleapp", SECRET)
BUSY = {"errcode": -1, "errmsg": "系统繁忙"}
OK = {"errcode": 0, "errmsg": "ok", "request_id": "r-7"}


class Notes(Hooks):
    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []
        self.exchanges: list[Exchange] = []

    def before(self, exchange: Exchange) -> None:
        self.seen.append(("before", exchange.api, exchange.attempt))
        self.exchanges.append(exchange)

    def after(self, exchange: Exchange) -> None:
        self.seen.append(("after", exchange.api, exchange.status, exchange.request_id))

    def error(self, exchange: Exchange, problem: BaseException) -> None:
        self.seen.append(
            ("error", exchange.api, type(problem).__name__, exchange.code, exchange.retry_in)
        )


def test_a_hook_sees_each_try_of_each_call_and_the_token_call_too(
    make: Make, platform: StandIn
) -> None:
    replies = [BUSY, OK]
    platform.on("/user/get", lambda _: replies.pop(0))
    notes = Notes()
    make(APP, base_url=platform.url, hooks=notes).call("user/get", userid="zhang")
    assert notes.seen == [
        ("before", "gettoken", 1),
        ("after", "gettoken", 200, ""),
        ("before", "user/get", 1),
        ("error", "user/get", "PlatformBusy", -1, 0.0),
        ("before", "user/get", 2),
        ("after", "user/get", 200, "r-7"),
    ]
    first, last = notes.exchanges[0], notes.exchanges[-1]
    assert (first.kind, last.kind, last.app) == ("", "corp", "dingexampleapp")
    assert last.url == f"{platform.url}/user/get"
    assert 0 < last.duration < 5


def test_a_hook_sees_the_template_of_a_path_and_its_refusal(make: Make, platform: StandIn) -> None:
    refusal = {"code": "invalidUser", "requestid": "R-9", "message": "…"}
    platform.on("/v1.0/contact/users/u-1", Reply(refusal, status=400))
    notes = Notes()
    with pytest.raises(CallRefused):
        make(APP, base_url=platform.url, hooks=[notes]).call("/v1.0/contact/users/u-1")
    exchange = notes.exchanges[-1]
    assert exchange.operation == "/v1.0/contact/users/{unionId}"
    assert (exchange.status, exchange.code, exchange.request_id) == (400, "invalidUser", "R-9")
    assert exchange.retry_in is None


def test_a_renewed_token_is_a_try_of_its_own(make: Make, platform: StandIn) -> None:
    notes = Notes()
    client = make(APP, base_url=platform.url, hooks=notes)
    client.call("user/get")
    platform.refuse_all()
    notes.seen.clear()
    client.call("user/get")
    kinds = [(line[0], line[1]) for line in notes.seen]
    assert kinds == [
        ("before", "user/get"), ("error", "user/get"), ("before", "gettoken"),
        ("after", "gettoken"), ("before", "user/get"), ("after", "user/get"),
    ]  # fmt: skip


def test_what_a_hook_raises_is_logged_and_changes_nothing(
    make: Make, platform: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Hooks):
        def before(self, exchange: Exchange) -> None:
            raise ValueError("before")

        after = error = before  # type: ignore[assignment]

    notes = Notes()
    client = make(APP, base_url=platform.url, hooks=[Broken(), notes])
    assert client.call("user/get")["errcode"] == 0
    assert notes.seen[-1][0] == "after"
    assert "a hook failed and was ignored: Broken" in caplog.text


def test_a_timeout_and_a_refused_connection_are_errors_of_their_kind(
    make: Make, platform: StandIn
) -> None:
    platform.on("/user/get", lambda _: platform.hold.wait(20) and None)
    notes = Notes()
    client = make(APP, base_url=platform.url, hooks=notes)
    client.get_access_token()
    client._core.settings.times = client._core.settings.times._replace(exchange=0.1)
    with pytest.raises(TimedOut):
        client.call("user/get")
    assert notes.seen[-1] == ("error", "user/get", "TimedOut", 0, None)
    with pytest.raises(TransportFailed):
        make(APP, base_url="http://127.0.0.1:9", hooks=notes).call("user/get")
    assert notes.seen[-1][:3] == ("error", "gettoken", "ConnectFailed")


def test_a_cancelled_call_is_seen_to_end(platform: StandIn) -> None:
    platform.on("/user/get", lambda _: platform.hold.wait(20) and None)
    notes = Notes()

    async def go() -> None:
        async with AsyncClient(APP, base_url=platform.url, hooks=notes) as client:
            await client.get_access_token()
            call = asyncio.create_task(client.call("user/get"))
            while not platform.calls("/user/get"):
                await asyncio.sleep(0.001)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)

    asyncio.run(go())
    assert notes.seen[-1][:2] == ("error", "user/get")


def test_nobody_looking_costs_no_exchange_object(
    make: Make, platform: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(Exchange, "__init__", never)
    assert make(APP, base_url=platform.url).call("user/get")["errcode"] == 0


def test_a_call_that_the_limiter_holds_back_is_seen(make: Make, platform: StandIn) -> None:
    class Waits(Hooks):
        def __init__(self) -> None:
            self.seen: list[tuple[str, str]] = []

        def held_back(self, api: str, rule: str, seconds: float) -> None:
            assert 0 < seconds < 1
            self.seen.append((api, rule))

    waits = Waits()
    client = make(
        APP,
        base_url=platform.url,
        hooks=waits,
        limits=Limits(corp_api=1, window=0.2, margin=0, wait=5),
    )
    for _ in range(2):
        client.call("user/get")
    assert waits.seen == [("user/get", "corp_api")]


# -- the log --------------------------------------------------------------------------------------


def test_the_log_says_what_was_called_and_secrets_by_four_characters(
    make: Make, platform: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "sanfang.client")
    replies = [BUSY, OK]
    platform.on("/user/get", lambda _: replies.pop(0))
    client = make(APP, base_url=platform.url)
    client.call("user/get", userid="zhang")
    token = client.get_access_token()
    assert SECRET not in caplog.text
    assert token not in caplog.text
    lines = [record.getMessage() for record in caplog.records if record.name == "sanfang.client"]
    assert lines[0].startswith("GET /gettoken?appkey=dingexampleapp&appsecret=…0815 -> 200 ")
    assert f"GET /user/get?access_token=…{token[-4:]}&userid=zhang -> 200 " in lines[1]
    assert "系统繁忙" in lines[1]
    assert "again in 0.0 s" in lines[1]
    assert "(第 2 次 try 2, request_id=r-7)" in lines[2]
    levels = [record.levelname for record in caplog.records if record.name == "sanfang.client"]
    assert levels[:3] == ["DEBUG", "INFO", "DEBUG"]


# -- OpenTelemetry --------------------------------------------------------------------------------


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.trace", None)
    with pytest.raises(BadCall, match="pip install opentelemetry-api"):
        OpenTelemetry()


def test_spans_have_the_names_and_attributes_of_the_conventions(
    make: Make, platform: StandIn
) -> None:
    pytest.importorskip("opentelemetry.sdk")
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    spans, points, provider = InMemorySpanExporter(), InMemoryMetricReader(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    hook = OpenTelemetry(provider, MeterProvider([points]))
    replies = [BUSY, OK]
    platform.on("/user/get", lambda _: replies.pop(0))
    client = make(APP, base_url=platform.url, hooks=hook)
    client.call("user/get", userid="zhang")
    platform.on("/user/get", {"errcode": 60121, "errmsg": "找不到该用户"})
    with pytest.raises(CallRefused):
        client.call("user/get", userid="nobody")
    done = spans.get_finished_spans()
    assert [span.name for span in done] == ["GET gettoken"] + ["GET user/get"] * 3
    _, busy, fine, refused = [dict(span.attributes or {}) for span in done]
    port = int(platform.url.rpartition(":")[2])
    assert fine == {
        "http.request.method": "GET",
        "http.request.resend_count": 1,
        "http.response.status_code": 200,
        "server.address": "127.0.0.1",
        "server.port": port,
        "url.full": f"{platform.url}/user/get",
        "url.scheme": "http",
        "url.template": "/user/get",
        "dingtalk.token_kind": "corp",
        "dingtalk.app": "dingexampleapp",
        "dingtalk.request_id": "r-7",
    }
    assert (busy["error.type"], refused["error.type"]) == ("-1", "60121")
    assert [span.status.is_ok for span in done] == [True, False, True, False]
    text = "".join(span.to_json() for span in done)
    assert SECRET not in text
    assert client.get_access_token() not in text
    measured = points.get_metrics_data()
    assert "http.client.request.duration" in str(measured.to_json() if measured else "")
