"""docs/migrating-from-dingtalk-sdk.md is current, its examples run and its names exist."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sanfang.client import AppKey, Client
from sanfang.client.plans import Planner
from sanfang.compat.dingtalk_sdk.table import every_method

from .page import PAGE, endpoint_of, page, typed_names
from .test_documented import Platform, platform

__all__ = ["platform"]

TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def test_the_page_is_current() -> None:
    """Written by `python -m tests.compat.page`."""
    assert page(TEXT) == TEXT


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_runs(
    platform: Platform, example: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answers: Any = platform._answer

    def refused(arrived: Any) -> Any:
        if "userid=nobody" in arrived.target:
            return {"errcode": 60121, "errmsg": "找不到该用户"}
        platform.answers.pop("/user/get")
        try:
            return answers(arrived)
        finally:
            platform.answers["/user/get"] = refused

    platform.answers["/user/get"] = refused
    exec(compile(example, str(PAGE), "exec"), {"__name__": "example"})
    assert "zhang" in capsys.readouterr().out


def test_every_typed_name_is_a_method() -> None:
    with Client(AppKey("dingexample", "example-secret")) as client:
        for method in every_method():
            endpoint = endpoint_of(method) if method.verb != "LOCAL" else None
            name = typed_names().get(endpoint.id) if endpoint else None
            if name is not None:
                found: Any = client.api
                for part in name.split("."):
                    found = getattr(found, part)
                assert callable(found), name


def test_most_methods_have_a_new_name() -> None:
    rows = re.findall(r"^\| `[\w.]+` \| `(?:GET|POST|TOP) .*$", TEXT, re.MULTILINE)
    assert len(rows) == len([m for m in every_method() if m.verb != "LOCAL"])


def test_what_only_the_gateway_has_is_called_there_by_its_name() -> None:
    planner = Planner("https://oapi.dingtalk.com", "https://api.dingtalk.com")
    named = re.findall(r"^\| `[\w.]+` \| `TOP (\S+)` \| `(dingtalk\.\S+)` \|", TEXT, re.MULTILINE)
    assert len(named) >= 50
    for method, name in named:
        plan = planner.plan(name, None, False)
        assert (name, plan.url) == (method, "https://eco.taobao.com/router/rest")
