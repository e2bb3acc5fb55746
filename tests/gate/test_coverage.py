"""docs/api-coverage.md says what the program does."""

from __future__ import annotations

import runpy
from pathlib import Path

from sanfang.catalog import load

ROOT = Path(__file__).parents[2]
TOOL = runpy.run_path(str(ROOT / "tools" / "build_coverage.py"))


def test_the_coverage_page_is_current() -> None:
    """When this fails: python tools/build_coverage.py"""
    assert (ROOT / "docs" / "api-coverage.md").read_text("utf-8") == TOOL["page"]()


def test_every_endpoint_is_counted_once() -> None:
    """That each is answered is tested by test_synthetic.py."""
    rows = TOOL["rows"](load()).values()
    counted = sum(len(row.stateful) + row.synthetic + row.sdk_synthetic for row in rows)
    assert counted == len(load().entries)
