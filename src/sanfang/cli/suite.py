"""``sanfang suite``: most of it one operation each; ``create`` also makes keys and micro-apps."""

from __future__ import annotations

import secrets
import string
from typing import Any

import click

from . import output
from .commands import Noun, caller, command, given
from .remote import Platform, Refused

_LETTERS = string.ascii_letters + string.digits
_COLUMNS = ("suite_key", "name", "status", "developer_id", "callback_url", "ticket_at")
_PROBED = {71009, 71010, 71011, 71012, 71013}  # the callback URL did not prove itself


class NameAndUrl(click.ParamType[dict[str, str]]):
    """``NAME=URL``."""

    name = "NAME=URL"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, str]:
        name, equals, url = str(value).partition("=")
        if not (name and equals and url):
            self.fail("写作 名称=主页地址 / write NAME=HOME_URL", param, ctx)
        return {"name": name, "home_url": url}


def new_keys() -> dict[str, str]:
    """Return a fresh Token and EncodingAESKey (43 letters or digits that are valid Base64)."""
    aes_key = "".join(secrets.choice(_LETTERS) for _ in range(42))
    # The last character carries four bits, its two lowest must be 0 for a strict decoder.
    last = "AEIMQUYcgkosw048"
    return {
        "token": "".join(secrets.choice(_LETTERS) for _ in range(16)),
        "aes_key": aes_key + secrets.choice(last),
    }


suite = Noun(
    "suite",
    "套件与授权 / Suites, and their authorisation",
    command("list", "suite.list", columns=_COLUMNS, example="sanfang suite list"),
    command("show", "suite.show", example="sanfang suite show suite0example --secrets"),
    command(
        "update",
        "suite.update",
        example="sanfang suite update suite0example --callback-url http://127.0.0.1:9001/callback",
    ),
    command(
        "add-app",
        "suite.add-app",
        arguments=["name", "home_url"],
        example="sanfang suite add-app suite0example 示例应用 http://127.0.0.1:9000/",
    ),
    command("apps", "suite.apps", example="sanfang suite apps suite0example"),
    command(
        "authorize",
        "suite.authorize",
        arguments=["corp_id"],
        example="sanfang suite authorize suite0example ding0example",
    ),
    command(
        "relieve",
        "suite.relieve",
        arguments=["corp_id"],
        example="sanfang suite relieve suite0example ding0example",
    ),
    command(
        "remove-app",
        "suite.remove-app",
        arguments=["corp_id", "app_id"],
        example="sanfang suite remove-app suite0example ding0example 1",
    ),
    command(
        "disable",
        "suite.disable",
        arguments=["corp_id"],
        example="sanfang suite disable suite0example ding0example",
    ),
    command(
        "enable",
        "suite.enable",
        arguments=["corp_id"],
        example="sanfang suite enable suite0example ding0example",
    ),
    command("repush", "suite.repush", example="sanfang suite repush suite0example"),
)


@suite.command(short_help="生成 Token 和数据加密密钥 / Make a Token and an EncodingAESKey")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def keys(*, as_json: bool) -> None:
    """生成一对 Token 和数据加密密钥，先配到 ISV 里再创建套件。

    Make a Token and an EncodingAESKey; put them into the ISV, then create the suite.

    \b
    例 / example:
      sanfang suite keys
    """
    made = new_keys()
    output.show_json(made) if as_json else output.fields(made)


@suite.command(
    short_help="新建套件，先验证回调 URL / Make a suite; its callback URL is verified first"
)
@click.argument("name")
@click.argument("callback_url")
@click.option("--token", help="签名用的 Token / token that signs callbacks")
@click.option("--aes-key", help="数据加密密钥，43 个字符 / EncodingAESKey, 43 characters")
@click.option("--developer", "developer_id", help="开发者编号 / id of the developer")
@click.option(
    "--app",
    "micro_apps",
    multiple=True,
    type=NameAndUrl(),
    help="微应用，可多次 / a micro-app, may be given several times",
)
@click.option("--ip", "ip_whitelist", multiple=True, help="允许调用的 IP / address that may call")
@click.option("--user-field", "user_fields", multiple=True, help="员工字段 / employee field")
@caller
def create(*, platform: Platform, as_json: bool, **values: Any) -> None:
    """新建套件：平台先向回调 URL 发送验证，答对才创建。

    Make a suite. Its callback URL is verified first. Without --developer the only developer is
    taken, or one is made; without --token and --aes-key they are made up and printed.

    \b
    例 / example:
      sanfang suite create 示例套件 http://127.0.0.1:9000/callback \\
        --token TOKEN --aes-key AES_KEY --app 示例应用=http://127.0.0.1:9000/
    """
    made_up = {name: key for name, key in new_keys().items() if not values[name]}
    try:
        answer = platform.call("suite.create", **given({**values, **made_up}))
    except Refused as refusal:
        if made_up and refusal.problem["code"] in _PROBED:
            refusal.problem["keys"] = made_up
            refusal.problem["zh"] += "先把这里生成的 token 和 aes_key 配到 ISV 里，再带上它们重试。"
            refusal.problem["en"] += (
                " Give the ISV the token and aes_key made here, then try again with them."
            )
        raise
    output.show_json(answer) if as_json else output.show(answer)
