"""The names of the commands; what is behind a name is imported when it is called."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

# name: (where, what it is for)
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo.command:demo", "一条命令看完三方的全过程 / The whole story, in one command"),
    "serve": ("serve:serve", "启动平台 / Start the platform"),
    "settings": ("settings:settings", "平台的全部设置 / Every setting of the platform"),
    "corp": ("nouns:corp", "企业 / Corps"),
    "department": ("nouns:department", "部门 / Departments"),
    "member": ("nouns:member", "成员 / Members"),
    "app": ("nouns:app", "企业自建应用 / Apps of a corp's own"),
    "developer": ("nouns:developer", "开发者 / Developers"),
    "suite": ("suite:suite", "套件与授权 / Suites, and their authorisation"),
    "authorisation": ("nouns:authorisation", "授权记录 / Authorisations on record"),
    "push": ("nouns:push", "推送 / Pushes"),
    "call": (
        "calling:call",
        "调用任何接口，或看调用记录 / Call any API, or list the calls that came",
    ),
    "callback": ("nouns:callback", "企业事件的回调注册 / Registrations for events of a corp"),
    "permission": ("nouns:permission", "权限点 / Permission points"),
    "signin": ("nouns:signin", "登录 / Signing in"),
    "openapp": ("nouns:openapp", "登录应用 / Open apps"),
    "message": ("nouns:message", "消息 / Messages"),
    "conversation": ("nouns:conversation", "会话 / Conversations"),
    "robot": ("nouns:robot", "群机器人 / Webhook robots"),
    "workbench": ("workbench:workbench", "工作台 / The workbench"),
    "checkin": ("nouns:checkin", "签到 / Check-ins"),
    "attendance": ("nouns:attendance", "考勤 / Attendance"),
    "report": ("nouns:report", "日志 / Reports of members"),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found = getattr(importlib.import_module(f"sanfang.cli.{module}"), name)
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sanfang", message="sanfang %(version)s")
def cli() -> None:
    """三方：兼容钉钉的开放平台，一条命令启动。

    An open platform compatible with DingTalk, one command away.

    \b
    从这里开始 / begin here:
      sanfang demo
      sanfang serve
    """


def run(*args: Any, **kwargs: Any) -> None:
    """Run the command line; a terminal that cannot print Chinese gets replacements, no traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    cli(*args, prog_name="sanfang", **kwargs)
