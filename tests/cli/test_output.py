"""What is printed for people."""

from __future__ import annotations

import pytest

from sanfang.cli import output


def test_columns_are_aligned_with_chinese_in_them(capsys: pytest.CaptureFixture[str]) -> None:
    output.table([{"name": "研发部", "n": 1}, {"name": "R&D", "n": 22}])
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["name    n", "研发部  1", "R&D     22"]


def test_control_characters_do_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    output.table([{"name": "\x1b[31mred\n\x07"}])
    assert "\x1b" not in (shown := capsys.readouterr().out)
    assert "\\x1b[31mred\\x0a\\x07" in shown


def test_an_empty_list_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    output.show({"items": [], "next": ""})
    assert capsys.readouterr().out == "(无 / none)\n"


def test_a_page_with_more_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    output.show({"items": [{"a": 1}], "next": "17"})
    assert "--cursor 17" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("a", None, "-"),
        ("a", "", "-"),
        ("a", [], "-"),
        ("a", True, "yes"),
        ("a", [1, 2], "1, 2"),
        ("ticket_at", 0, "-"),
        ("a", 0, "0"),
        ("a", {"k": "值"}, '{"k": "值"}'),
    ],
)
def test_values_are_spelt_for_people(name: str, value: object, shown: str) -> None:
    assert output.text(name, value) == shown
