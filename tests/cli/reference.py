"""The reference parts of the docs, written from the program itself.

``python -m tests.cli.reference`` brings docs/cli.md and docs/management-api.md up to date; a test fails
when they are not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from sanfang.cli.root import cli
from sanfang.platform.domain.core import Settings
from sanfang.platform.manage.about import describe
from sanfang.platform.manage.document import document

DOCS = Path(__file__).parents[2] / "docs"
COMMON = {"url", "admin_token", "data", "as_json"}
BEGIN, END = "<!-- begin {} -->", "<!-- end {} -->"


def commands(
    command: click.Command = cli, path: tuple[str, ...] = ("sanfang",)
) -> Iterator[tuple[str, click.Command]]:
    """Give every command that does something, with its full name."""
    if not isinstance(command, click.Group):
        yield " ".join(path), command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from commands(found, (*path, name))


def command_reference() -> str:
    lines: list[str] = []
    for name, command in commands():
        usage = " ".join(command.collect_usage_pieces(click.Context(command)))
        lines += [f"### {name}", ""]
        text, _, example = _help(command).partition("例 / example:")
        about = re.split(r"\n\n+", text.replace("\b", "").strip())
        lines += [line for part in about[:2] for line in (" ".join(part.split()), "")]
        lines += ["```text", f"{name} {usage}", "```", ""]
        if example.strip():
            lines += ["```sh", *(line.strip() for line in example.strip().splitlines()), "```", ""]
        described = dict(_arguments(about[2:]))
        own = [param for param in command.params if not _common(param, command)]
        rows = [_parameter(param, described) for param in own]
        if rows:
            lines += ["| 参数 / parameter | 含义 / meaning |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def settings_reference() -> str:
    lines = ["| 名称 / name | 默认 / default | 含义 | meaning |", "|---|---|---|---|"]
    for setting in describe(Settings()):
        default = (
            str(setting.default).lower() if setting.default in (True, False) else setting.default
        )
        lines.append(f"| `{setting.name}` | `{default}` | {setting.zh} | {setting.en} |")
    return "\n".join(lines)


def operation_reference() -> str:
    lines = [
        "| 调用 / call | 作用 / what it does | 输入 / input (`*` 必填 required) |",
        "|---|---|---|",
    ]
    for path, ways in document()["paths"].items():
        for method, described in ways.items():
            body = described.get("requestBody", {}).get("content", {})
            schema: dict[str, Any] = body.get("application/json", {}).get("schema", {})
            fields = [
                (p["name"], p["required"])
                for p in described.get("parameters", [])
                if p["in"] == "query"
            ]
            fields += [
                (name, name in schema.get("required", [])) for name in schema.get("properties", {})
            ]
            takes = ", ".join(f"`{name}`{'*' if required else ''}" for name, required in fields)
            lines.append(f"| `{method.upper()} {path}` | {described['summary']} | {takes} |")
    return "\n".join(lines)


PARTS: list[tuple[str, str, Callable[[], str]]] = [
    ("cli.md", "commands", command_reference),
    ("cli.md", "settings", settings_reference),
    ("management-api.md", "operations", operation_reference),
]


def put(text: str, part: str, made: str) -> str:
    """Replace what stands between the markers of a part."""
    begin, end = BEGIN.format(part), END.format(part)
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    assert found, f"no {begin} ... {end}"
    return f"{before}{begin}\n\n{made.strip()}\n\n{end}{after}"


def _common(param: click.Parameter, command: click.Command) -> bool:
    """Tell the options that every caller of a platform has; they are explained once."""
    names = {one.name for one in command.params}
    return param.name in COMMON and names >= COMMON


def _help(command: click.Command) -> str:
    return command.help or ""


def _arguments(parts: list[str]) -> Iterator[tuple[str, str]]:
    for part in parts:
        for line in part.splitlines():
            name, _, says = line.strip().partition(" ")
            if name.isupper():
                yield name, says.strip()


def _parameter(param: click.Parameter, described: dict[str, str]) -> str:
    if isinstance(param, click.Argument):
        name = param.make_metavar(click.Context(click.Command("x")))
        return f"| `{name}` | {described.get(name.strip('[].'), '')} |"
    assert isinstance(param, click.Option)
    names = ", ".join(f"`{name}`" for name in [*param.opts, *param.secondary_opts])
    default = f"（默认 default: `{param.default}`）" if param.show_default else ""
    variables = [param.envvar] if isinstance(param.envvar, str) else list(param.envvar or [])
    env = f"（环境变量 env: {', '.join(f'`{name}`' for name in variables)}）" if variables else ""
    return f"| {names} | {param.help or ''}{default}{env} |"


if __name__ == "__main__":
    for file, part, make in PARTS:
        page = DOCS / file
        page.write_text(put(page.read_text("utf-8"), part, make()), "utf-8")
