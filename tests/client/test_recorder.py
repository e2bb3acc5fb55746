"""A session becomes a test: the tape holds no secret, and a replay says what differed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sanfang.client import (
    AppKey,
    AsyncClient,
    CallRefused,
    Client,
    MemorySuites,
    Request,
    Suite,
    TransportFailed,
)
from sanfang.client.recorder import AsyncRecorder, AsyncReplay, Recorder, Replay, ReplayMismatch

from .conftest import NO_WAIT
from .stand_in import Reply, StandIn

APP = AppKey("dingexampleapp", "S3cretS3cretS3cret")
OTHER = AppKey("dingexampleapp", "another-secret-0815")


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    return tmp_path / "tapes" / "session.jsonl"


def record(tape: Path, platform: StandIn, session: Callable[[Any], Any]) -> Any:
    with (
        Recorder(tape) as recorder,
        Client(APP, base_url=platform.url, transport=recorder, retries=NO_WAIT) as client,
    ):
        return session(client)


def session(client: Any) -> list[Any]:
    found = [client.call("user/get", userid="zhang"), client.call("/v1.0/contact/users/me")]
    with pytest.raises(CallRefused):
        client.call("user/get", userid="nobody")
    found.append(client.post("chat/send", body={"chatid": "c1", "text": {"content": "你好"}}))
    return found


def lines(tape: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in tape.read_text(encoding="utf-8").splitlines()]


def test_a_session_is_replayed_without_a_network_and_with_another_secret(
    tape: Path, platform: StandIn
) -> None:
    missing = {"errcode": 60121, "errmsg": "找不到该用户"}
    platform.on("/user/get", lambda seen: missing if seen.query["userid"] == "nobody" else
                {"errcode": 0, "errmsg": "ok", "name": "张三丰"})  # fmt: skip
    was = record(tape, platform, session)
    asked = len(platform.seen)
    with Replay(tape) as replay, Client(OTHER, transport=replay, retries=NO_WAIT) as client:
        assert session(client) == was
    assert len(platform.seen) == asked


def test_a_session_of_the_sync_client_is_replayed_by_the_async_one(
    tape: Path, platform: StandIn
) -> None:
    was = record(tape, platform, lambda client: client.call("user/get", userid="zhang"))

    async def again() -> Any:
        async with AsyncReplay(tape) as replay, AsyncClient(APP, transport=replay) as client:
            return await client.call("user/get", userid="zhang")

    assert asyncio.run(again()) == was


def test_the_async_recorder_writes_the_same_tape(tape: Path, platform: StandIn) -> None:
    record(tape, platform, lambda client: client.call("user/get", userid="zhang"))
    first = tape.read_text()

    async def go() -> None:
        async with (
            AsyncRecorder(tape) as recorder,
            AsyncClient(APP, base_url=platform.url, transport=recorder) as client,
        ):
            await client.call("user/get", userid="zhang")

    asyncio.run(go())
    assert tape.read_text().replace("of-dingexampleapp", "") == first


def test_the_tape_holds_no_secret_and_one_name_per_secret(tape: Path, platform: StandIn) -> None:
    record(tape, platform, lambda client: client.call("user/get", userid="zhang"))
    text = tape.read_text()
    assert "S3cret" not in text
    assert "token-0001" not in text, "the token that the platform issued"
    token_call, call = lines(tape)
    assert token_call["request"]["query"]["appsecret"] == "masked-appsecret-1"
    assert token_call["response"]["json"]["access_token"] == "masked-access_token-1"
    assert call["request"]["query"]["access_token"] == "masked-access_token-1"
    assert tape.stat().st_mode & 0o077 == 0


def test_the_secrets_of_a_suite_are_masked_in_bodies_too(tape: Path, platform: StandIn) -> None:
    store = MemorySuites()
    store.save_ticket("suite4example", "TicketTicketTicket")
    store.save_permanent_code("suite4example", "dingcorp", "CodeCodeCodeCode")
    with (
        Recorder(tape) as recorder,
        Client(
            Suite("suite4example", "SuiteSecretSuiteSecret"),
            base_url=platform.url,
            transport=recorder,
            suite_store=store,
        ) as suite,
    ):
        suite.corp("dingcorp").call("user/get", userid="zhang")
    text = tape.read_text()
    assert not any(word in text for word in ("TicketTicket", "CodeCode", "SuiteSecret", "token-0"))
    store.save_ticket("suite4example", "quite-another-ticket")
    with (
        Replay(tape) as replay,
        Client(Suite("suite4example", "x" * 20), transport=replay, suite_store=store) as suite,
    ):
        assert suite.corp("dingcorp").call("user/get", userid="zhang")["errcode"] == 0


def test_what_differs_is_named_with_the_nearest_line(tape: Path, platform: StandIn) -> None:
    record(tape, platform, lambda client: client.call("user/get", userid="zhang", lang="zh_CN"))
    with (
        Client(APP, transport=Replay(tape)) as client,
        pytest.raises(ReplayMismatch, match=r"user/get") as caught,
    ):
        client.call("user/get", userid="li", lang="zh_CN")
    text = str(caught.value)
    assert "line 2 is the nearest" in text
    assert 'query.userid: 录音 recorded "zhang"，实际 now "li"' in text
    assert "lang" not in text
    assert "token-" not in text.replace("access_token", "")


def test_a_body_that_differs_is_named_by_its_field(tape: Path, platform: StandIn) -> None:
    send = {"chatid": "c1", "text": {"content": "你好"}}
    record(tape, platform, lambda client: client.post("chat/send", body=send))
    with (
        Client(APP, transport=Replay(tape)) as client,
        pytest.raises(ReplayMismatch, match=r"json\.text\.content"),
    ):
        client.post("chat/send", body={"chatid": "c1", "text": {"content": "再见"}})


def test_one_call_too_many_and_one_too_few_are_both_errors(tape: Path, platform: StandIn) -> None:
    record(tape, platform, lambda client: client.call("user/get", userid="zhang"))
    with Replay(tape) as replay, Client(APP, transport=replay) as client:
        client.call("user/get", userid="zhang")
        with pytest.raises(ReplayMismatch, match="one call too many"):
            client.call("user/get", userid="zhang")
    with (
        pytest.raises(ReplayMismatch, match=r"GET /user/get"),
        Replay(tape) as replay,
        Client(APP, transport=replay) as client,
    ):
        client.get_access_token()


def test_ordered_means_in_order(tape: Path, platform: StandIn) -> None:
    def both(client: Any, *names: str) -> None:
        for name in names:
            client.call("user/get", userid=name)

    record(tape, platform, lambda client: both(client, "a", "b"))
    with Replay(tape) as replay, Client(APP, transport=replay) as client:
        both(client, "b", "a")
    client = Client(APP, transport=Replay(tape, ordered=True))
    with pytest.raises(ReplayMismatch, match=r"userid"):
        both(client, "b", "a")


def test_fields_that_are_ignored_are_not_compared(tape: Path, platform: StandIn) -> None:
    record(tape, platform, lambda client: client.call("user/get", userid="a", stamp="1"))
    with Replay(tape, ignore=("stamp",)) as replay, Client(APP, transport=replay) as client:
        client.call("user/get", userid="a", stamp="2")


def test_failures_are_replayed_as_what_they_were(tape: Path, platform: StandIn) -> None:
    platform.on("/chat/send", lambda _: None)

    def fails(client: Any) -> TransportFailed:
        with pytest.raises(TransportFailed) as caught:
            client.post("chat/send", body={"chatid": "c"})
        return caught.value

    was = record(tape, platform, fails)
    with Replay(tape) as replay, Client(APP, transport=replay, retries=NO_WAIT) as client:
        again = fails(client)
    assert (type(again), str(again), again.dropped) == (type(was), str(was), True)


@pytest.mark.parametrize("body", ["<h1>no JSON</h1>", b"\x89PNG\xff\x00", ""])
def test_bodies_that_are_no_json_are_kept_as_they_are(
    tape: Path, platform: StandIn, body: str | bytes
) -> None:
    platform.on("/file", Reply(body, content_type="image/png"))
    request = Request("GET", f"{platform.url}/file?name=a", {})
    with Recorder(tape) as recorder:
        was = recorder.send(request)
    with Replay(tape) as replay:
        again = replay.send(request)
    assert (again.status, again.body) == (200, was.body)


def test_a_download_is_recorded_and_goes_to_the_sink_again(tape: Path, platform: StandIn) -> None:
    platform.on("/file", Reply(b"\x00\x01" * 500, content_type="image/png"))
    got: list[bytes] = []
    request = Request("GET", f"{platform.url}/file", {}, sink=got.append)
    with Recorder(tape) as recorder:
        assert recorder.send(request).body == b""
    first = b"".join(got)
    got.clear()
    with Replay(tape) as replay:
        assert replay.send(request).body == b""
    assert b"".join(got) == first == b"\x00\x01" * 500


@pytest.mark.parametrize("text", ["{", "[]", '{"request": {}}', '{"request": 1, "response": 2}'])
def test_a_file_that_is_no_tape_is_named_with_its_line(tape: Path, text: str) -> None:
    tape.parent.mkdir()
    tape.write_text(f"\n{text}\n")
    with pytest.raises(ReplayMismatch, match=r"session\.jsonl 第 2 行"):
        Replay(tape)
