"""The ASGI side, spoken to as a server does."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanfang.isv import Answer, SuiteApp

from .world import SUITE_KEY, FakePlatform, event, idle, make, opened, seal, until

pytestmark = pytest.mark.anyio


async def http(
    app: SuiteApp,
    method: str,
    parts: list[bytes] | None = None,
    query: bytes = b"",
    gone: bool = False,
    **scope: Any,
) -> tuple[Answer | None, dict[bytes, bytes]]:
    """Make one request; ``gone``: the caller disconnects before the body has ended."""
    parts = parts or [b""]
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": part, "more_body": gone or number < len(parts) - 1}
        for number, part in enumerate(parts)
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    base = {"type": "http", "method": method, "path": "/any", "query_string": query, "headers": []}
    await app({**base, **scope}, receive, send)
    if not sent:
        return None, {}
    head, body = sent
    headers = dict(head["headers"])
    assert method == "HEAD" or int(headers[b"content-length"]) == len(body["body"])
    return Answer(head["status"], body["body"]), headers


async def test_a_push_over_http_is_answered_sealed() -> None:
    async with make(FakePlatform()) as app:
        query, body = seal(event("change_auth", AuthCorpId="ding1"))
        answer, headers = await http(app, "POST", [body], query)
    assert answer is not None
    assert opened(answer) == "success"
    assert headers[b"content-type"].startswith(b"application/json")


async def test_a_body_in_pieces_is_put_together() -> None:
    async with make(FakePlatform()) as app:
        query, body = seal({"EventType": "check_url"})
        answer, _ = await http(app, "POST", [body[:7], b"", body[7:30], body[30:]], query)
    assert answer is not None
    assert opened(answer) == "success"


@pytest.mark.parametrize(
    "kind",
    [b"text/plain", b"application/x-www-form-urlencoded", b"application/json;charset=GBK", b"\xff"],
)
async def test_the_content_type_does_not_matter(kind: bytes) -> None:
    async with make(FakePlatform()) as app:
        query, body = seal({"EventType": "check_url"})
        answer, _ = await http(app, "POST", [body], query, headers=[(b"content-type", kind)])
    assert answer is not None
    assert opened(answer) == "success"


@pytest.mark.parametrize("parts", [[b"x" * 2000], [b"x" * 600, b"x" * 600, b"never read"]])
async def test_a_body_over_the_limit_is_refused_without_being_read_to_the_end(
    parts: list[bytes],
) -> None:
    async with make(FakePlatform(), body_limit=1000) as app:
        answer, _ = await http(app, "POST", parts)
    assert answer is not None
    assert answer.status == 413
    assert "1000" in json.loads(answer.body)["en"]


async def test_a_caller_that_goes_away_gets_nothing_and_does_no_harm() -> None:
    async with make(FakePlatform()) as app:
        assert await http(app, "POST", [b"half"], gone=True) == (None, {})
        assert (await http(app, "POST", [], gone=True))[0] is None


async def test_get_shows_health_without_anything_confidential() -> None:
    platform = FakePlatform()
    async with make(platform) as app:
        query, body = seal(platform.new_ticket())
        await http(app, "POST", [body], query)
        await idle(app)
        answer, _ = await http(app, "GET")
        empty, headers = await http(app, "HEAD")
    assert answer is not None
    shown = json.loads(answer.body)
    assert shown["ok"] is True
    assert shown["dead"] == 0
    assert SUITE_KEY not in answer.body.decode()
    assert platform.ticket not in answer.body.decode()
    assert empty == Answer(200, b"")
    assert int(headers[b"content-length"]) > 0


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "ÜBER"])
async def test_other_methods_are_refused_with_those_allowed(method: str) -> None:
    async with make(FakePlatform()) as app:
        answer, headers = await http(app, method)
    assert answer is not None
    assert answer.status == 405
    assert headers[b"allow"] == b"GET, HEAD, POST"


async def lifespan(app: SuiteApp, sent: list[Any], stop: asyncio.Event) -> None:
    messages = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> Any:
        kind = next(messages)
        if kind == "lifespan.shutdown":
            await stop.wait()
        return {"type": kind}

    async def send(message: Any) -> None:
        sent.append(message)

    await app({"type": "lifespan"}, receive, send)


async def test_lifespan_starts_and_stops_the_workers() -> None:
    app, sent, stop = make(FakePlatform()), [], asyncio.Event()
    server = asyncio.create_task(lifespan(app, sent, stop))
    await until(lambda: bool(sent))
    await until(lambda: app.health().handling)
    stop.set()
    await server
    assert [message["type"] for message in sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert app._runtime is None
    app.close()


async def test_a_start_that_fails_is_told_to_the_server(tmp_path: Path) -> None:
    app, sent = make(FakePlatform(), data=str(tmp_path / "no" / "such" / "folder" / "isv.db")), []
    await lifespan(app, sent, asyncio.Event())
    assert sent[0]["type"] == "lifespan.startup.failed"
    assert "cannot open" in sent[0]["message"]


async def test_without_lifespan_the_first_request_starts_the_workers() -> None:
    platform, seen = FakePlatform(), []
    app = make(platform)
    app.on("user_add_org")(lambda event, corp: seen.append(event.user_ids))
    query, body = seal(event("user_add_org", CorpId="ding1", UserId=["u1"]))
    await http(app, "POST", [body], query)
    await until(lambda: seen == [["u1"]])
    await app.stop()


async def test_a_websocket_is_closed() -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await make(FakePlatform())({"type": "websocket"}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1003}]


async def test_an_app_serves_one_loop_after_another(tmp_path: Path) -> None:
    app = make(FakePlatform(), data=str(tmp_path / "isv.db"))

    def one_life(name: str) -> str:
        async def run() -> str:
            async with app:
                return opened(await app.receive(*seal(event("change_auth", AuthCorpId=name))))

        return asyncio.run(run())

    assert await asyncio.to_thread(one_life, "ding1") == "success"
    assert await asyncio.to_thread(one_life, "ding2") == "success"


async def test_a_loop_that_ended_without_stop_does_not_keep_the_next_from_handling(
    tmp_path: Path,
) -> None:
    app, seen = make(FakePlatform(), data=str(tmp_path / "isv.db")), []
    app.on("org_change")(lambda event, corp: seen.append(corp.corp_id))

    def one_life(name: str, last: bool) -> None:
        async def run() -> None:
            await app.receive(*seal(event("org_change", CorpId=name)))
            await until(lambda: name in seen)
            await idle(app)
            if last:
                await app.stop()

        asyncio.run(run())

    await asyncio.to_thread(one_life, "ding1", False)
    await asyncio.to_thread(one_life, "ding2", True)
    assert seen == ["ding1", "ding2"]


@settings(deadline=None)  # opens a database
@given(
    st.sampled_from(["GET", "POST", "HEAD", "PUT", "PATCH"]) | st.text(max_size=5),
    st.binary(max_size=80),
    st.lists(st.binary(max_size=80), max_size=4),
)
def test_any_request_is_answered_below_500(method: str, query: bytes, parts: list[bytes]) -> None:
    async def run() -> Answer | None:
        async with make(FakePlatform(), body_limit=200) as app:
            return (await http(app, method, parts, query))[0]

    answer = asyncio.run(run())
    assert answer is not None
    assert answer.status < 500
