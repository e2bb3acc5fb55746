"""Undocumented does not exist: commands, settings and operations are in docs/, word for word."""

from __future__ import annotations

import re

import click
import pytest

from sanfang.cli.demo.steps import STEPS
from sanfang.platform.manage.operations import OPERATIONS

from .reference import DOCS, PARTS, commands, put

COMMANDS = dict(commands())


@pytest.mark.parametrize(("file", "part"), [(file, part) for file, part, _ in PARTS])
def test_the_reference_is_what_the_program_says(file: str, part: str) -> None:
    """When this fails: python -m tests.cli.reference"""
    made = next(make() for name, which, make in PARTS if (name, which) == (file, part))
    page = (DOCS / file).read_text("utf-8")
    assert put(page, part, made) == page


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name: str) -> None:
    assert f"\n### {name}\n" in (DOCS / "cli.md").read_text("utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_in_both_languages_with_an_example(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    about, _, example = command.help.partition("例 / example:")
    assert re.search(r"[\u4e00-\u9fff]{2}", about)
    assert re.search(r"\n\s*[A-Z][\w,:;' -]+ [^\u4e00-\u9fff]+[.]", about)
    assert example.strip().startswith("sanfang ")
    for param in command.params:
        if isinstance(param, click.Option):
            assert re.search(r"[\u4e00-\u9fffA-Z].* / .*[a-z]", param.help or ""), param.name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_is_a_command_that_exists(name: str) -> None:
    for line in (COMMANDS[name].help or "").partition("例 / example:")[2].splitlines():
        words = line.split()
        if words[1:2] == ["call"] and "/" in words[2]:  # the path of an API, which is not a name
            words[2] = "PATH"
        if words[:1] == ["sanfang"]:
            assert " ".join(words[:3]) in COMMANDS or " ".join(words[:2]) in COMMANDS, line


def test_every_operation_can_be_called_from_the_command_line() -> None:
    named = {name.removeprefix("sanfang ").replace(" ", ".") for name in COMMANDS}
    missing = {operation.name for operation in OPERATIONS} - named
    assert missing == {"health"}


def test_every_step_of_the_demo_is_shown_in_its_page() -> None:
    page = (DOCS / "demo.md").read_text("utf-8")
    for step in STEPS:
        assert step.zh in page
        assert step.en in page
