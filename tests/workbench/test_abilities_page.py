"""docs/jsapi-abilities.md is what tools/build_abilities.py writes, and has every name."""

from __future__ import annotations

import runpy
from pathlib import Path

from sanfang.catalog import jsapi
from sanfang.platform.console.workbench import methods

ROOT = Path(__file__).parents[2]
TOOL = runpy.run_path(str(ROOT / "tools" / "build_abilities.py"))


def test_the_page_is_fresh() -> None:
    """When this fails: python tools/build_abilities.py"""
    assert (ROOT / "docs" / "jsapi-abilities.md").read_text(encoding="utf-8") == TOOL["page"]()


def test_every_name_of_the_catalogue_is_on_the_page() -> None:
    page = TOOL["page"]()
    container = {"config", "runtime.permission.requestJsApis"}  # the permission check itself
    names = {name for name in jsapi.names() if jsapi.canonical(name) not in container}
    assert [name for name in names if f"`{name}`" not in page] == []


def test_what_is_answered_with_1_has_no_ability() -> None:
    absent = TOOL["absent"]()
    assert "biz.sports.getHealthData" in absent
    assert [name for name in absent if methods.known(jsapi.canonical(name))] == []
