"""Commands made from operations: arguments and options are the fields of the input form."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
from msgspec import inspect as shapes

from sanfang.platform.manage.operations import BY_NAME, Operation

from . import output
from .remote import Platform, Refused, Unreachable

Show = Callable[[Any], None]

# Options said in the singular, because each is given once per value.
_SINGULAR = {
    "departments": "department",
    "keywords": "keyword",
    "hosts": "host",
    "userids": "userid",
    "ip_whitelist": "ip",
    "user_fields": "user-field",
    "is_authenticated": "authenticated",
    "is_admin": "admin",
}
_WORTH_TELLING = 10_000  # a bound above this only says what a number can hold
REFUSED, UNREACHABLE = 1, 3


def where(function: Callable[..., Any]) -> Any:
    """Add the options that say which platform is meant, and ``--json``."""
    for option in reversed(
        (
            click.option("--url", envvar="SANFANG_URL", help="平台地址 / address of the platform"),
            click.option(
                "--admin-token",
                envvar=["SANFANG_TOKEN", "SANFANG_ADMIN_TOKEN"],
                help="管理令牌 / token of the management API",
            ),
            click.option(
                "--data",
                envvar="SANFANG_DATA",
                default=".sanfang",
                show_default=True,
                type=click.Path(path_type=Path),
                help="平台的数据目录，地址和令牌由此得知 / data folder that tells address and token",
            ),
            click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON"),
        )
    ):
        function = option(function)
    return function


def caller(function: Callable[..., Any]) -> Any:
    """Hand the platform to a command, and turn refusals into exit codes.

    The command is called with ``platform``, ``as_json`` and its own parameters.
    """

    @where
    @functools.wraps(function)
    def command(
        *, url: str | None, admin_token: str | None, data: Path, as_json: bool, **values: Any
    ) -> None:
        try:
            function(platform=Platform.find(url, admin_token, data), as_json=as_json, **values)
        except Refused as refusal:
            output.refused(refusal, as_json=as_json)
            sys.exit(REFUSED)
        except Unreachable as error:
            output.unreachable(error, as_json=as_json)
            sys.exit(UNREACHABLE)

    return command


class Noun(click.Group):
    """A group whose commands are made when they are asked for."""

    def __init__(self, name: str, help_: str, *later: functools.partial[click.Command]) -> None:
        super().__init__(name, help=help_)
        self._later = {made.args[0]: made for made in later}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.commands, *(name for name in self._later if name not in self.commands)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands and cmd_name in self._later:
            self.add_command(self._later[cmd_name]())
        return self.commands.get(cmd_name)


def command(name: str, operation: str, **said: Any) -> functools.partial[click.Command]:
    """Say how a command is made, see ``make``; nothing is made yet."""
    return functools.partial(make, name, operation, **said)


def make(
    name: str,
    operation: str,
    *,
    example: str,
    arguments: Sequence[str] = (),
    columns: Sequence[str] = (),
    show: Show | None = None,
) -> click.Command:
    """Make the command of an operation; ``arguments`` are fields given by position."""
    described = BY_NAME[operation]
    by_position = [*described.in_path, *arguments]

    def run(*, platform: Platform, as_json: bool, **values: Any) -> None:
        answer = platform.call(operation, **given(values))
        if as_json:
            output.show_json(answer)
        elif show is not None:
            show(answer)
        else:
            output.show(answer, columns)

    callback = caller(run)
    where_params: list[click.Parameter] = list(reversed(callback.__click_params__))
    return click.Command(
        name,
        callback=callback,
        params=[*parameters(described, by_position), *where_params],
        help=help_text(described, by_position, example),
        short_help=f"{described.zh} / {described.en}",
    )


def given(values: dict[str, Any]) -> dict[str, Any]:
    """Keep what was said; an empty text for a list means the empty list."""
    said = {name: value for name, value in values.items() if value not in (None, ())}
    return {
        name: [item for item in value if item != ""] if isinstance(value, tuple) else value
        for name, value in said.items()
    }


def parameters(operation: Operation, by_position: Sequence[str]) -> list[click.Parameter]:
    """Return the arguments and options of an operation."""
    form = shapes.type_info(operation.takes)
    assert isinstance(form, shapes.StructType)
    known = {field.name: field for field in form.fields}
    arguments = [_argument(known[name]) for name in by_position]
    rest = [field for field in form.fields if field.name not in by_position]
    return [*arguments, *(_option(field) for field in rest if not _is_object(field))]


def help_text(operation: Operation, by_position: Sequence[str], example: str) -> str:
    """Say in both languages what it does, what the arguments are, and show an example."""
    form = shapes.type_info(operation.takes)
    assert isinstance(form, shapes.StructType)
    known = {field.name: field for field in form.fields}
    lines = [f"{operation.zh}。", "", f"{operation.en}.", ""]
    if by_position:
        wide = max(len(name) for name in by_position)
        lines.append("\b")
        lines += [f"{name.upper():{wide}}  {description(known[name])}" for name in by_position]
        lines.append("")
    lines += ["\b", "例 / example:", f"  {example}"]
    return "\n".join(lines)


def description(field: shapes.Field) -> str:
    kind = field.type
    if isinstance(kind, shapes.Metadata) and kind.extra_json_schema:
        return str(kind.extra_json_schema.get("description", ""))
    return ""


def _argument(field: shapes.Field) -> click.Argument:
    kind, multiple = _kind(field)
    return click.Argument(
        [field.name], type=kind, required=field.required, nargs=-1 if multiple else 1
    )


def _option(field: shapes.Field) -> click.Option:
    kind, multiple = _kind(field)
    flag = "--" + _SINGULAR.get(field.name, field.name).replace("_", "-")
    if kind is click.BOOL:
        spelt = f"{flag}/--no-{flag[2:]}" if field.default is True else flag
        return click.Option(
            [spelt, field.name], is_flag=True, default=None, help=description(field)
        )
    shown = not (field.required or multiple or field.default in (None, "", msgspec.NODEFAULT))
    help_ = description(field) + (f"  [default: {field.default}]" if shown else "")
    return click.Option(
        [flag, field.name], type=kind, multiple=multiple, required=field.required, help=help_
    )


def _kind(field: shapes.Field) -> tuple[click.ParamType[Any], bool]:
    """Return the type of a field's parameter, and whether it may be given several times."""
    kind = _bare(field.type)
    if isinstance(kind, shapes.ListType):
        item = _bare(kind.item_type)
        return (click.INT if isinstance(item, shapes.IntType) else click.STRING), True
    if isinstance(kind, shapes.LiteralType):
        return click.Choice([str(value) for value in kind.values if value != ""]), False
    if isinstance(kind, shapes.IntType):
        told = kind.le is not None and kind.le < _WORTH_TELLING
        return (click.IntRange(kind.ge, kind.le) if told else click.INT), False
    return (click.BOOL if isinstance(kind, shapes.BoolType) else click.STRING), False


def _is_object(field: shapes.Field) -> bool:
    kind = _bare(field.type)
    return isinstance(kind, shapes.ListType) and isinstance(
        _bare(kind.item_type), shapes.StructType
    )


def _bare(kind: shapes.Type) -> shapes.Type:
    """Take off annotations and ``| None``."""
    while True:
        if isinstance(kind, shapes.Metadata):
            kind = kind.type
        elif isinstance(kind, shapes.UnionType):
            kind = next(one for one in kind.types if not isinstance(one, shapes.NoneType))
        else:
            return kind
