"""The examples of docs/client.md run as they are printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sanfang.client

from .stand_in import StandIn

TEXT = (Path(__file__).parents[2] / "docs" / "client.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_runs(platform: StandIn, monkeypatch: pytest.MonkeyPatch, example: str) -> None:
    root = {"id": 1, "name": "示例公司"}
    platform.on("/department/list", {"errcode": 0, "errmsg": "ok", "department": [root]})
    monkeypatch.setenv("SANFANG_OAPI_URL", platform.url)
    monkeypatch.setenv("APP_KEY", "dingexample")
    monkeypatch.setenv("APP_SECRET", "example-secret")
    exec(compile(example, "docs/client.md", "exec"), {"__name__": "example"})
    assert platform.token_calls >= 1
    assert len(platform.seen) > platform.token_calls


def test_every_error_is_mentioned() -> None:
    errors = [
        name
        for name in sanfang.client.__all__
        if isinstance(getattr(sanfang.client, name), type)
        and issubclass(getattr(sanfang.client, name), sanfang.client.SanfangError)
    ]
    assert [name for name in errors if name not in TEXT] == ["NoTicket"]
