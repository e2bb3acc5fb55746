"""The examples of docs/catalog.md run as they are printed, and its numbers are true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sanfang import catalog

TEXT = (Path(__file__).parents[2] / "docs" / "catalog.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_runs(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "assert" in example
    exec(compile(example, "docs/catalog.md", "exec"), {"__name__": "example"})
    assert "None" not in capsys.readouterr().out


def test_the_numbers_are_true() -> None:
    entries = catalog.load().entries
    documented = sum(entry.documented for entry in entries)
    numbers = [documented, len(entries) - documented]
    numbers += [len(catalog.events()), len(catalog.events().tags())]
    assert [f"{number:,}" for number in numbers] == re.findall(r"[\d,]*\d{3}", TEXT)[:4]


def test_every_public_call_is_mentioned() -> None:
    calls = [name for name in catalog.__all__ if name.islower()]
    calls += [name for name in vars(catalog.Catalog) if name.islower() and name[0] != "_"]
    assert [name for name in calls if f"{name}" not in TEXT] == []
