"""The ten lines of the documentation do what it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sanfang.isv import SuiteApp

from . import world
from .world import CREATING, FakePlatform, idle, push

pytestmark = pytest.mark.anyio
PAGE = Path(__file__).parents[2] / "docs" / "isv.md"


async def test_the_example_passes_the_url_check_and_greets_a_corp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    example = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[0]
    assert len(example.strip().splitlines()) <= 10
    names: dict[str, Any] = {}
    exec(example, names)
    app: SuiteApp = names["app"]
    platform = FakePlatform()
    app._settings.client["transport"] = platform
    cipher = world.CallbackCipher("123456", world.AES_KEY, world.SUITE_KEY)
    check = {"EventType": "check_create_suite_url", "Random": "LPIdSnlF"}
    async with app:
        creating = cipher.with_key_id(CREATING.key_id)
        assert await push(app, check, creating) == "LPIdSnlF"
        app.configure(world.SUITE_KEY, world.SUITE_SECRET)
        await push(app, platform.new_ticket(), cipher)
        await push(app, platform.authorise("ding1", "示例公司"), cipher)
        await idle(app)
    assert platform.messages == [("ding1", "你好，示例公司")]


async def test_every_public_decorator_and_query_is_documented() -> None:
    text = PAGE.read_text("utf-8")
    names = [name for name in vars(SuiteApp) if not name.startswith("_")]
    shown = {"begin", "body_limit", "client", "close", "suite_key", "health_answer"}
    assert [name for name in names if f"app.{name}" not in text and name not in shown] == []


async def test_the_example_of_the_pages_mounts_and_signs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = PAGE.with_name("jsapi-server.md").read_text("utf-8")
    example = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0]
    names: dict[str, Any] = {}
    exec(example, names)
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/hello", "headers": [], "query_string": b""}
    await names["web"](scope, receive, send)
    assert sent[1]["body"] == b'{"hello":"?"}'
    names["app"].close()
