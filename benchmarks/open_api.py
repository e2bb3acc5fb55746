"""What a call of the open API costs under each of its names, synthetic ones and refusals too.

    .venv/bin/python benchmarks/open_api.py

ASGI calls in this process, without HTTP: every step of the gate, SQLite below, the call log on, all
rate rules counted with limits that are not reached. The baseline is an ASGI constant. The best of
seven batches is printed, in µs; benchmarks/gate.py says what each step costs, benchmarks/peers.py
compares over HTTP.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from gate import bare, platform, timed

FORM = (b"content-type", b"application/x-www-form-urlencoded")
JSON = (b"content-type", b"application/json")
ORDINARY = [(b"host", b"127.0.0.1:8080"), (b"user-agent", b"python-requests/2.32.3")]


class Answer:
    """Keeps the last answer."""

    def __init__(self) -> None:
        self.body = b""

    async def send(self, message: dict[str, Any]) -> None:
        self.body = message.get("body", b"") or self.body


def call(
    app: Any, answer: Answer, target: str, body: bytes = b"", *headers: tuple[bytes, bytes]
) -> Callable[[], Awaitable[None]]:
    """Make a step that sends one request."""
    path, _, query = target.partition("?")
    sent = [*ORDINARY, *headers]
    if body:
        sent.append((b"content-length", str(len(body)).encode()))
    scope = {
        "type": "http",
        "method": "POST" if headers else "GET",
        "path": path,
        "query_string": query.encode(),
        "headers": sent,
        "client": ("127.0.0.1", 50000),
        "scheme": "http",
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def step() -> None:
        await app(scope, receive, answer.send)

    return step


async def measure() -> None:
    with tempfile.TemporaryDirectory() as folder:
        api, queries = await platform(Path(folder))
        own = queries["own"].rpartition("access_token=")[2]
        isv = queries["isv"].rpartition("access_token=")[2]
        answer = Answer()
        member = {"userid": "zhang", "name": "测试员甲", "department": [1], "mobile": "13000000001"}
        made = json.dumps(member).encode()
        await call(api, answer, f"/user/create?access_token={own}", made, JSON)()
        assert json.loads(answer.body)["errcode"] == 0, answer.body
        token = (b"x-acs-dingtalk-access-token", own.encode())
        named = urlencode({"access_token": own, "userid": "zhang"}).encode()
        search = json.dumps({"queryWord": "测试员甲", "offset": 0, "size": 10}).encode()
        gateway = urlencode(
            {"method": "dingtalk.oapi.user.get", "session": own, "userid": "zhang", "v": "2.0"}
        )
        steps = {
            "bare ASGI constant": call(bare, answer, "/"),
            "GET /user/get, own app (R1)": call(
                api, answer, f"/user/get?access_token={own}&userid=zhang"
            ),
            "GET /user/get, ISV (R2 R3 R4)": call(
                api, answer, f"/user/get?access_token={isv}&userid=zhang"
            ),
            "POST /topapi/v2/user/get, a form": call(
                api, answer, "/topapi/v2/user/get", named, FORM
            ),
            "POST /v1.0/contact/users/search": call(
                api, answer, "/v1.0/contact/users/search", search, JSON, token
            ),
            "TOP dingtalk.oapi.user.get": call(api, answer, f"/router/rest?{gateway}"),
            "synthetic: TOP health.stepinfo.getuserstatus": call(
                api,
                answer,
                "/router/rest?"
                + urlencode(
                    {
                        "method": "dingtalk.oapi.health.stepinfo.getuserstatus",
                        "session": own,
                        "userid": "zhang",
                    }
                ),
            ),
            "refused: 40014": call(api, answer, "/user/get?access_token=x&userid=zhang"),
            "refused: 41009, no userid": call(api, answer, f"/user/get?access_token={own}"),
            "refused: 404 and the nearest path": call(
                api, answer, f"/getuserinf?access_token={own}"
            ),
        }
        print(f"{'':44}{'us':>8}{'x bare':>9}  answer")
        base = 0.0
        for name, step in steps.items():
            taken = await timed(step)
            base = base or taken
            told = answer.body[:60].decode("utf-8", "ignore")
            print(f"{name:44}{taken:>8.1f}{taken / base:>9.1f}  {told}")
        await api._core.durable.close()
        await api._core.hot.close()


if __name__ == "__main__":
    asyncio.run(measure())
