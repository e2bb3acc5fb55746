"""``sanfang call PATH NAME=VALUE...``: any API, as any identity; ``sanfang call list``: who called."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import output
from .commands import REFUSED, UNREACHABLE
from .nouns import call as records
from .remote import Refused, Unreachable

if TYPE_CHECKING:
    from sanfang.catalog import Endpoint
    from sanfang.client import Client, SanfangError

    from .fields import Fields

WRONG = 2
_SECRET = re.compile(
    r"(?i)(access_?token|refresh_?token|sns_token|.*secret|.*ticket|permanent_?code|persistent_?code"
    r"|password|aes_?key|encoding_?aes_?key|authorization|uploadkey)"
)
_QUICK = 0.5  # seconds; a transfer that takes no longer needs no bar


class PathCommand(click.Command):
    """The command that is named by an API's path: the path stands where a name would."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [piece for piece in super().collect_usage_pieces(ctx) if piece != "PATH"]


class Calls(click.Group):
    """``list`` and its like by their names; anything else is the path of an API."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return ["PATH", *records.list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return path_command if cmd_name == "PATH" else records.get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in records.list_commands(ctx):
            return super().resolve_command(ctx, args)
        return "PATH", path_command, args[1:] if args[0] == "PATH" else args


@click.command(
    cls=PathCommand,
    short_help="调用任何开放接口 / Call any API",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.argument("path", metavar="PATH")
@click.argument("fields", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--corp", envvar="SANFANG_CORP_ID", default="", help="企业 corpid / corp")
@click.option(
    "--app-key", envvar="SANFANG_APP_KEY", default="", help="自建应用 / app of a corp's own"
)
@click.option(
    "--suite",
    envvar="SANFANG_SUITE_KEY",
    default="",
    help="以套件调用，加 --corp 为授权企业 / as a suite, with --corp as a corp that authorised it",
)
@click.option(
    "--secret-file",
    type=click.Path(path_type=Path),
    help="放密钥的文件；不设则取 SANFANG_APP_SECRET、SANFANG_CORP_SECRET 或 SANFANG_SUITE_SECRET"
    " / file with the secret; else one of these variables",
)
@click.option("--method", help="请求方法，默认按目录 / HTTP method, by default the catalogue's")
@click.option("--query", multiple=True, help="放进查询的 名称=值 / NAME=VALUE for the query")
@click.option("--body", help="整个正文：JSON、@文件 或 - / the whole body: JSON, @FILE or -")
@click.option("--all", "whole", is_flag=True, help="取完所有分页 / all pages of a list")
@click.option("--items", default="", help="--all 时列表所在字段 / which list, with --all")
@click.option(
    "-o", "--output", "target", help="写入文件，- 为标准输出 / write to a file, - is the output"
)
@click.option("--compact", is_flag=True, help="一行 JSON，--all 时每项一行 / JSON in a line")
@click.option("--secrets", is_flag=True, help="不遮盖令牌与密钥 / show tokens and secrets")
@click.option("--timeout", type=float, default=10.0, show_default=True, help="秒 / seconds")
@click.option("-v", "--verbose", is_flag=True, help="说明以谁调用哪里 / say who calls where")
@click.option("--url", envvar="SANFANG_URL", default="", help="平台地址 / address of the platform")
@click.option(
    "--admin-token",
    envvar=["SANFANG_TOKEN", "SANFANG_ADMIN_TOKEN"],
    default="",
    help="沙箱的管理令牌 / token of the sandbox's management API",
)
@click.option(
    "--data",
    envvar="SANFANG_DATA",
    default=".sanfang",
    show_default=True,
    type=click.Path(path_type=Path),
    help="沙箱的数据目录，由此得知地址与应用 / data folder of the sandbox: tells address and app",
)
@click.option("--json", "as_json", is_flag=True, help="出错也打印 JSON / print JSON for errors too")
def path_command(*, as_json: bool, **said: Any) -> None:
    """调用任何开放接口：方法、参数位置、令牌、分页由接口目录决定，应答以 JSON 打印。

    Call any API: the catalogue knows the method, where each parameter goes, which token and how it
    pages; the answer is printed as JSON.

    \b
    PATH        接口路径，照文档写 / path as the documents write it
    NAME=VALUE  参数；NAME:=JSON 任意类型，NAME@FILE 上传，a.b=1 对象的字段 / parameter; any type, upload, field

    \b
    例 / example:
      sanfang call user/get userid=zhang --corp ding0example
      sanfang call topapi/v2/user/list dept_id=1 --all --compact
      sanfang call /v1.0/contact/users/search queryWord=张 offset=0 size=10
      sanfang call chat/create name=示例群 owner=zhang useridlist:='["zhang", "li"]'
      sanfang call media/upload media@photo.png
      sanfang call media/downloadFile media_id=@lAD0example -o photo.png
    """
    from sanfang.client import SanfangError

    try:
        _run(**said)
    except SanfangError as error:
        _say_error(error, as_json=as_json)
        sys.exit(_exit_code(error))
    except Refused as refusal:
        output.refused(refusal, as_json=as_json)
        sys.exit(REFUSED)
    except Unreachable as error:
        output.unreachable(error, as_json=as_json)
        sys.exit(UNREACHABLE)


def _exit_code(error: SanfangError) -> int:
    from sanfang.client import BadAnswer, BadCall, FileFailed, TransportFailed

    if isinstance(error, (BadCall, FileFailed)):
        return WRONG
    return UNREACHABLE if isinstance(error, (TransportFailed, BadAnswer)) else REFUSED


def _run(
    path: str,
    fields: tuple[str, ...],
    method: str | None,
    query: tuple[str, ...],
    body: str | None,
    whole: bool,
    items: str,
    target: str | None,
    compact: bool,
    secrets: bool,
    verbose: bool,
    **caller: Any,
) -> None:
    from .fields import read_fields, read_json, read_query
    from .identity import Asked, find

    endpoint = _endpoint(path, method, body is not None)
    given = read_fields(fields, endpoint)
    in_query = read_query(query) or None
    in_body = None if body is None else read_json(body, "--body")
    show = Printer(target, compact=compact, secrets=secrets)
    who = find(Asked(**caller))
    client = who.client
    try:
        if verbose:
            _err(repr(client))
        if given.file is not None:
            show.answer(_upload(client, path, given))
        elif whole:
            if method is not None:
                raise click.UsageError(
                    "--all 不与 --method 同用 / --all and --method exclude each other"
                )
            rows = client.each(path, query=in_query, body=in_body, items=items, **given.params)
            show.rows(rows)
        elif endpoint is not None and endpoint.response_type == "binary":
            _download(client, path, in_query, in_body, given.params, target)
        elif method is not None:
            show.answer(client.request(method, path, query=in_query, body=in_body, **given.params))
        else:
            show.answer(client.call(path, query=in_query, body=in_body, **given.params))
    finally:
        who.outer.close()


def _endpoint(path: str, method: str | None, has_body: bool) -> Endpoint | None:
    """Find the API; refuse a path that is none, unless the method shows that it is meant."""
    from sanfang import catalog

    table = catalog.load()
    bare = "/" + path.partition("?")[0].strip("/")
    if method is not None:
        return table.find(None, method.upper(), bare)
    methods = table.methods(None, bare)
    if not methods:
        close = [entry.path.lstrip("/") for entry in table.suggest(bare, 3)]
        zh = f"，是否想用 {'、'.join(close)}？" if close else ""
        en = f"; did you mean {', '.join(close)}?" if close else ""
        raise click.UsageError(
            f"接口目录中没有 {path}{zh}（确有此接口时加 --method）"
            f" / {path} is not in the catalogue{en} (if it exists, add --method)"
        )
    wanted = "POST" if has_body else "GET"
    return table.find(None, wanted if wanted in methods and methods[1:] else methods[0], bare)


def _upload(client: Client, path: str, given: Fields) -> dict[str, Any]:
    assert given.file is not None
    _, file = given.file
    with Bar("上传 / upload") as progress:
        if path.strip("/") == "media/upload":
            kind = given.params.get("type")
            return client.upload(file, kind, progress=progress)
        return client.upload_to(path, file, progress=progress, **given.params)


def _download(
    client: Client,
    path: str,
    query: dict[str, str] | None,
    body: Any,
    params: dict[str, Any],
    target: str | None,
) -> None:
    stdout = sys.stdout.buffer
    if target is None and sys.stdout.isatty():
        raise click.UsageError(
            "应答是文件：用 -o 文件 写入 / the answer is a file: write it with -o FILE"
        )
    to: Any = stdout if target in (None, "-") else Path(str(target))
    with Bar("下载 / download") as progress:
        got = client.download(path, to, query=query, body=body, progress=progress, **params)
    if to is not stdout:
        _err(f"{target}  {got.size} 字节 / bytes  {got.content_type}".rstrip())


# -- what is printed --------------------------------------------------------------------------


class Printer:
    """Print answers as JSON, to the output or into a file that is written whole."""

    def __init__(self, target: str | None, *, compact: bool, secrets: bool) -> None:
        self._target = None if target in (None, "-") else Path(str(target))
        self._compact = compact
        self._secrets = secrets

    def answer(self, value: Any) -> None:
        self._write(iter((self._text(value) + "\n",)))

    def rows(self, rows: Iterator[Any]) -> None:
        """Print the rows of a list: one a line as they come, or one array."""
        if self._compact:
            self._write(self._text(row) + "\n" for row in rows)
        else:
            self.answer(list(rows))

    def _text(self, value: Any) -> str:
        shown = value if self._secrets else masked(value)
        if self._compact:
            text = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
        else:
            text = json.dumps(shown, ensure_ascii=False, indent=2)
        # Still JSON, and what a terminal would obey is spelt out.
        return "".join(c if c.isprintable() or c == "\n" else _escaped(c) for c in text)

    def _write(self, texts: Iterator[str]) -> None:
        if self._target is None:
            for text in texts:
                click.echo(text, nl=False)
            return
        from sanfang.client.files import FileLanding

        landing, done = FileLanding(self._target), False
        try:
            for text in texts:
                landing.write(text.encode("utf-8", "surrogatepass"))
            landing.finish()
            done = True
        finally:
            if not done:
                landing.abandon()


def masked(value: Any, name: str = "") -> Any:
    """Hide the values of fields that are secret by their name, but for the last characters."""
    if isinstance(value, dict):
        return {key: masked(each, str(key)) for key, each in value.items()}
    if isinstance(value, list):
        return [masked(each, name) for each in value]
    if isinstance(value, str) and value and _SECRET.fullmatch(name):
        from sanfang.client.credentials import tail

        return tail(value)
    return value


def _escaped(char: str) -> str:
    code = ord(char)
    if code > 0xFFFF:
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return f"\\u{code:04x}"


class Bar:
    """A progress bar on a terminal's error output, once a transfer turns out to take long."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._begun = time.monotonic()
        self._bar: Any = None
        self._shown = 0

    def __enter__(self) -> Callable[[int, int | None], None] | None:
        return self._moved if sys.stderr.isatty() else None

    def _moved(self, done: int, total: int | None) -> None:
        if self._bar is None:
            if not total or done >= total or time.monotonic() - self._begun < _QUICK:
                return
            self._bar = click.progressbar(
                length=total, label=self._label, file=sys.stderr, show_percent=True
            )
            self._bar.__enter__()
        self._bar.update(done - self._shown)
        self._shown = done

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)


def _say_error(error: SanfangError, *, as_json: bool) -> None:
    from sanfang.client import CallRefused

    if not isinstance(error, CallRefused):
        if as_json:
            output.show_json({"error": {"code": None, "errmsg": str(error)}})
        else:
            _err(f"✗ {error}")
        return
    if as_json:
        names = ("code", "errmsg", "explanation", "request_id", "api", "status")
        output.show_json({"error": {name: getattr(error, name) for name in names}})
        return
    _err(f"✗ {error.code}  {error.errmsg}")
    for part in filter(None, error.explanation.split(" / ")):
        _err(f"  {part}")
    _err(f"  {error.api}  HTTP {error.status}")
    if error.request_id:
        _err(f"  request id {error.request_id}")


def _err(line: str) -> None:
    safe = "".join(c if c.isprintable() else _escaped(c) for c in line)
    click.echo(safe, file=sys.stderr)


call = Calls(
    "call",
    help="调用任何开放接口；list 看平台的调用记录 / Call any API; list shows the calls that came",
    context_settings={
        "ignore_unknown_options": True,  # options before the path are the path's
        "allow_interspersed_args": False,
        "help_option_names": ["-h", "--help"],
    },
)
