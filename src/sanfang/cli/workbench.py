"""``sanfang workbench``: where a person opens the workbench."""

from __future__ import annotations

import click

from . import output
from .commands import caller
from .remote import Platform


@click.group()
def workbench() -> None:
    """工作台 / The workbench."""


@workbench.command()
@click.argument("corp_id")
@click.argument("userid")
@caller
def link(*, platform: Platform, as_json: bool, corp_id: str, userid: str) -> None:
    """打印以这个成员的身份打开工作台的地址。沙箱以外是一次性的登录链接，五分钟内有效，谁打开谁就是这个成员。

    Print the address that opens the workbench as this member. Outside a sandbox it is a one-time link, good
    for five minutes: whoever opens it is this member.

    \b
    CORP_ID  企业的 CorpId / CorpId of the corp
    USERID   成员的 userid / userid of the member

    \b
    例 / example:
      sanfang workbench link ding0example jia
    """
    address = platform.workbench(corp_id, userid)
    if as_json:
        output.show_json({"url": address})
    else:
        click.echo(address)
