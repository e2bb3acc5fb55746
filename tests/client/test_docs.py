"""The examples of docs/client.md run as they are printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sanfang.client

from .stand_in import StandIn

TEXT = (Path(__file__).parents[2] / "docs" / "client.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_runs(
    platform: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, example: str
) -> None:
    monkeypatch.chdir(tmp_path)
    root = {"id": 1, "name": "示例公司"}
    platform.on("/department/list", {"errcode": 0, "errmsg": "ok", "department": [root]})
    monkeypatch.setenv("SANFANG_OAPI_URL", platform.url)
    monkeypatch.setenv("APP_KEY", "dingexample")
    monkeypatch.setenv("APP_SECRET", "example-secret")
    exec(compile(example, "docs/client.md", "exec"), {"__name__": "example"})
    assert platform.token_calls >= 1
    assert len(platform.seen) > platform.token_calls


def test_the_fixture_records_first_and_replays_afterwards(
    platform: StandIn, tmp_path: Path
) -> None:
    (example,) = re.findall(r"```py\n(.*?)```", TEXT, re.DOTALL)
    (tmp_path / "test_example.py").write_text(example, encoding="utf-8")
    root = {"id": 1, "name": "示例公司"}
    platform.on("/department/list", {"errcode": 0, "errmsg": "ok", "department": [root]})
    source = str(Path(sanfang.client.__file__).parents[2])
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", "."],
            cwd=tmp_path,
            env={**os.environ, "SANFANG_OAPI_URL": platform.url, "PYTHONPATH": source},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        assert len(platform.seen) == 2, "a token call and a call, once"
    assert (tmp_path / "tapes" / "test_departments.jsonl").exists()


def test_every_error_is_mentioned() -> None:
    errors = [
        name
        for name in sanfang.client.__all__
        if isinstance(getattr(sanfang.client, name), type)
        and issubclass(getattr(sanfang.client, name), sanfang.client.SanfangError)
    ]
    assert [name for name in errors if name not in TEXT] == []
