"""``sanfang serve``: a platform on a socket, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from sanfang.platform.server import Platform

CANNOT = 1


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址 / address")
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="端口，0 为任一空闲端口 / port; 0 takes a free one",
)
@click.option(
    "--data",
    envvar="SANFANG_DATA",
    default=".sanfang",
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="数据目录，没有则新建 / data folder, made when missing",
)
@click.option(
    "--database",
    envvar="SANFANG_DATABASE",
    help="postgresql://... 代替数据目录里的 SQLite / instead of SQLite in the data folder",
)
@click.option(
    "--redis",
    envvar="SANFANG_REDIS",
    help="redis://... 代替进程内存 / instead of the process's own memory",
)
@click.option(
    "--admin-token",
    envvar=["SANFANG_ADMIN_TOKEN", "SANFANG_TOKEN"],
    help="管理令牌，默认自动生成并存入数据目录 / management token; made and kept in the data folder",
)
@click.option(
    "--dispatch/--no-dispatch",
    default=True,
    help="由本进程推送 / whether this process does the pushing  [default: dispatch]",
)
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="NAME=VALUE",
    help="改一项设置，可多次；见 sanfang settings / change a setting, see sanfang settings",
)
@click.option(
    "--exit-with-stdin",
    is_flag=True,
    help="标准输入关闭即停止，随父进程退出 / stop when stdin closes, that is with the parent process",
)
@click.option("--json", "as_json", is_flag=True, help="就绪行为 JSON / the ready line is JSON")
def serve(
    *,
    host: str,
    port: int,
    data: Path,
    database: str | None,
    redis: str | None,
    admin_token: str | None,
    dispatch: bool,
    changes: tuple[str, ...],
    exit_with_stdin: bool,
    as_json: bool,
) -> None:
    """启动平台，就绪后打印一行地址；SIGTERM 或 Ctrl-C 停止。

    Start the platform. It prints one line when it accepts connections, and stops on SIGTERM or
    Ctrl-C after the requests and pushes under way.

    \b
    例 / example:
      sanfang serve --port 8080 --data .sanfang
      sanfang serve --port 0 --json --set ticket_interval_ms=60000
    """
    from .settings import read_settings

    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = read_settings(changes)
    if admin_token is not None:
        _check_token(admin_token)
    opening: dict[str, Any] = {
        "database": database,
        "redis": redis,
        "settings": settings,
        "dispatch": dispatch,
        "admin_token": admin_token,
    }
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(host, port, data, opening, exit_with_stdin, as_json))


async def _serve(
    host: str, port: int, data: Path, opening: dict[str, Any], exit_with_stdin: bool, as_json: bool
) -> None:
    from sanfang.platform import server

    listener = _bind(host, port)
    url = server.url_of(listener)
    platform = await _open(data, opening)
    async with platform:
        folder = platform.folder
        assert folder is not None

        def ready() -> None:
            folder.announce(url, platform.admin_token)
            _say(url, data, folder.token_file, as_json=as_json)

        stop = asyncio.Event()
        if exit_with_stdin:
            _stop_with_stdin(stop)
        try:
            await server.serve(platform, listener, ready=ready, stop=stop, signals=True)
        finally:
            folder.withdraw()


def _bind(host: str, port: int) -> socket.socket:
    from sanfang.platform import server

    try:
        return server.bind(host, port)
    except OSError as error:
        _fail(
            f"不能监听 {host}:{port}: {error.strerror}。换一个 --port，0 为任一空闲端口。",
            f"Cannot listen on {host}:{port}: {error.strerror}. Choose another --port; 0 takes a"
            " free one.",
        )


async def _open(data: Path, opening: dict[str, Any]) -> Platform:
    from sanfang.platform.server import Platform
    from sanfang.platform.store.errors import StoreError

    try:
        return await Platform.open(data, **opening)
    except StoreError as error:
        _fail(error.zh, error.en)
    except OSError as error:
        _fail(
            f"{error.filename or data} 不能用：{error.strerror}。",
            f"{error.filename or data} cannot be used: {error.strerror}.",
        )


def _say(url: str, data: Path, token_file: Path, *, as_json: bool) -> None:
    if as_json:
        ready = {
            "url": url,
            "pid": os.getpid(),
            "data": str(data.resolve()),
            "admin_token_file": str(token_file.resolve()),
            "api": f"{url}/sanfang/api/openapi.json",
        }
        print(json.dumps(ready, ensure_ascii=False), flush=True)
    else:
        print(
            f"三方平台已就绪 / sanfang is ready: {url}  (data {data}, pid {os.getpid()})",
            flush=True,
        )


def _stop_with_stdin(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def watch() -> None:
        with contextlib.suppress(OSError, ValueError):
            while sys.stdin.buffer.read(4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=watch, name="stdin", daemon=True).start()


def _check_token(token: str) -> None:
    if not (token.isascii() and token.isprintable() and token.strip() == token and token):
        raise click.BadParameter(
            "只能是可打印的 ASCII 字符 / printable ASCII characters only",
            param_hint="--admin-token",
        )


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _fail(zh: str, en: str) -> NoReturn:
    click.echo(f"✗ {zh}\n  {en}", err=True)
    sys.exit(CANNOT)
