"""Who calls, and where: from options, from the environment, or from the sandbox in the data folder.

Secrets never come from the command line, where every process of the machine could read them.
Credentials that are given are for DingTalk itself unless an address is given too; without any, the
sandbox's management API names the corp's own app, so that against a local ``sanfang serve`` nothing
needs configuring.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from .remote import Platform, Unreachable

if TYPE_CHECKING:
    from sanfang.client import Client, Credentials

APP_NAME = "命令行 / command line"


class Asked(NamedTuple):
    """What the options say of the caller; empty where they say nothing."""

    corp: str
    app_key: str
    suite: str
    url: str
    admin_token: str
    data: Path
    secret_file: Path | None
    timeout: float


class Who(NamedTuple):
    """The client of a command, and what it speaks through (to be closed)."""

    client: Client
    outer: Client


def find(asked: Asked) -> Who:
    """Make the client; raise `Unreachable` or a usage error that says what is missing."""
    made = _given(asked)
    if made is None:
        made = _of_sandbox(asked)
    credentials, base, ticket = made
    from sanfang.client import Client, MemorySuites, Suite

    suites = MemorySuites()
    if isinstance(credentials, Suite) and ticket:
        suites.save_ticket(credentials.suite_key, ticket)
    outer = Client(credentials, base_url=base, suite_store=suites, timeout=asked.timeout)
    if isinstance(credentials, Suite) and asked.corp:
        return Who(outer.corp(asked.corp), outer)
    return Who(outer, outer)


Made = tuple["Credentials", str | None, str]


def _given(asked: Asked) -> Made | None:
    """Return credentials from options and the environment, if there are any with a secret."""
    from sanfang.client import AppKey, CorpSecret, Suite

    base = asked.url or None
    if asked.suite:
        secret = _secret(asked, "SANFANG_SUITE_SECRET")
        if secret:
            return Suite(asked.suite, secret), base, os.environ.get("SANFANG_SUITE_TICKET", "")
        return None
    if asked.app_key:
        secret = _secret(asked, "SANFANG_APP_SECRET")
        return (AppKey(asked.app_key, secret), base, "") if secret else None
    if asked.corp:
        secret = _secret(asked, "SANFANG_CORP_SECRET")
        return (CorpSecret(asked.corp, secret), base, "") if secret else None
    return None


def _secret(asked: Asked, variable: str) -> str:
    if asked.secret_file is None:
        return os.environ.get(variable, "")
    try:
        return asked.secret_file.read_text("utf-8").strip()
    except (OSError, UnicodeError) as problem:
        raise click.BadParameter(
            f"读不了 / cannot be read: {problem}", param_hint="--secret-file"
        ) from None


def _of_sandbox(asked: Asked) -> Made:
    try:
        platform = Platform.find(asked.url or None, asked.admin_token or None, asked.data)
    except Unreachable as error:
        raise Unreachable(
            error.zh + "调用钉钉本身: 设 SANFANG_APP_KEY 与 SANFANG_APP_SECRET, 或见 --help。",
            error.en + " To call DingTalk itself, set SANFANG_APP_KEY and SANFANG_APP_SECRET, or"
            " see --help.",
        ) from None
    if asked.suite:
        return _suite(platform, asked)
    corp = asked.corp or _only_corp(platform)
    return _app(platform, corp, asked.app_key), platform.url, ""


def _only_corp(platform: Platform) -> str:
    corps = platform.call("corp.list", limit=6)["items"]
    if len(corps) == 1:
        return str(corps[0]["corp_id"])
    if not corps:
        raise click.UsageError(
            "平台上还没有企业，先 sanfang corp create 示例公司"
            " / there is no corp yet: sanfang corp create first"
        )
    known = ", ".join(f"{each['corp_id']} {each['name']}" for each in corps[:5])
    raise click.UsageError(
        f"有几个企业，用 --corp 指明一个 / there are several corps, name one with --corp: {known}"
    )


def _app(platform: Platform, corp: str, app_key: str) -> Credentials:
    from sanfang.client import AppKey

    apps: list[dict[str, Any]] = platform.call("app.list", corp_id=corp, secrets=True)["items"]
    if app_key:
        found = next((app for app in apps if app["app_key"] == app_key), None)
        if found is None:
            raise click.BadParameter(
                f"{corp} 没有应用 {app_key!r} / has no app of that key", param_hint="--app-key"
            )
    elif apps:
        found = apps[0]
    else:
        found = platform.call("app.create", corp_id=corp, name=APP_NAME)
        click.echo(
            f"{corp} 没有自建应用，已创建 / had no app of its own, made one: {found['app_key']}",
            err=True,
        )
    return AppKey(found["app_key"], found["secret"])


def _suite(platform: Platform, asked: Asked) -> Made:
    from sanfang.client import Suite

    shown = platform.call("suite.show", suite_key=asked.suite, secrets=True)
    secrets = shown["secrets"]
    return Suite(asked.suite, secrets["suite_secret"]), platform.url, secrets["suite_ticket"]
