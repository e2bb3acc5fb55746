"""The examples of docs/tokens.md run as they are printed, and its table names all stores."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sanfang.client import stores

from .stand_in import StandIn

TEXT = (Path(__file__).parents[2] / "docs" / "tokens.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_runs(
    platform: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, example: str
) -> None:
    platform.on("/get_jsapi_ticket", {"errcode": 0, "errmsg": "ok", "ticket": "Ticket-1"})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SANFANG_OAPI_URL", platform.url)
    monkeypatch.setenv("APP_KEY", "dingexample")
    monkeypatch.setenv("APP_SECRET", "example-secret")
    names: dict[str, object] = {"__name__": "example"}
    exec(compile(example, "docs/tokens.md", "exec"), names)
    assert platform.token_calls == ("Client(" in example)
    assert ("TestMyStore" in names) == ("Client(" not in example)


def test_every_store_is_in_the_table() -> None:
    assert [name for name in stores.__all__ if f"`{name}(" not in TEXT] == []
