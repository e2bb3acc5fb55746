"""What a type checker makes of calls: right ones pass, wrong ones are named, sync and async."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[3] / "src"

HEAD = """
from __future__ import annotations
from typing import TYPE_CHECKING, assert_type
from sanfang.client import AppKey, AsyncClient, Client, Suite
if TYPE_CHECKING:
    from sanfang.client.api.user import GetAnswer
    from sanfang.client.api.v1.workflow import FormCreateFormComponents
"""

SYNC = (
    HEAD
    + """
def right(client: Client) -> None:
    user = client.api.user.get(userid="zhang")
    assert_type(user, "GetAnswer")
    assert_type(user["roles"][0]["name"], str)
    client.api.user.get(userid="zhang", lang=None)
    client.api.v1.contact.get_user(unionId="x")["nick"].upper()
    client.api.topapi.report.statistics(report_id="x")
    client.api.topapi.report.statistics.listbytype(report_id="x", type=0, offset=0, size=1)
    fields: list[FormCreateFormComponents] = [{"componentType": "TextField"}]
    client.api.v1.workflow.form_create(name="a", formComponents=fields)
    send = client.api.topapi.message.corpconversation.asyncsend_v2
    text = {"content": "x"}
    send(agent_id=1, msg={"msgtype": "text", "text": {"content": "x"}}, userid_list="a,b")
    send(agent_id=1, msg={"msgtype": "text"}, userid_list=["a", "b"])
    client.api.media.upload(type="image", media=b"")
    client.call("channel/send", anything=1)

def corp(suite: Client) -> str:
    return suite.corp("ding0corp").api.user.get(userid="zhang")["name"]

def wrong(client: Client) -> None:
    client.api.user.gett(userid="zhang")  # E: has no attribute "gett"
    client.api.user.get()  # E: Missing named argument "userid"
    client.api.user.get(userid=7)  # E: expected "str"
    client.api.user.get(user_id="zhang")  # E: Unexpected keyword argument "user_id"
    client.api.user.get("zhang")  # E: positional
    client.api.user.get(userid="zhang")["nam"]  # E: has no key "nam"
    client.api.media.upload(type="picture", media=b"")  # E: incompatible type "Literal['picture']"
    send = client.api.topapi.message.corpconversation.asyncsend_v2
    send(agent_id=1, msg={"msgtype": "text", "txt": 1})  # E: Extra key "txt"
    send(agent_id=1, msg={"text": {"content": 1}})  # E: "content" has type "str"
    send(agent_id=1, msg={"msgtype": "text"}, dept_id_list=1.5)  # E: incompatible type "float"
    client.api.topapi.alitrip.btrip.apply.get(rq={})  # E: Missing key "corpid"
    client.api.v3  # E: has no attribute "v3"
"""
)

ASYNC = (
    HEAD
    + """
async def right(client: AsyncClient) -> None:
    user = await client.api.user.get(userid="zhang")
    assert_type(user, "GetAnswer")
    assert_type(client.api.connect.qrconnect(
        appid="a", response_type="code", scope="snsapi_login", redirect_uri="http://a"), str)
    answer = await client.api.v1.workflow.form_create(name="a", formComponents=[])
    assert_type(answer["result"]["processCode"], str)
    await client.corp("ding0corp").api.department.list(id=1)

async def wrong(client: AsyncClient) -> None:
    client.api.user.get(userid="zhang")["name"]  # E: not indexable
    await client.api.user.gett(userid="zhang")  # E: has no attribute "gett"
    await client.api.user.get()  # E: Missing named argument "userid"
    await client.api.user.get(userid=7)  # E: expected "str"
    await client.api.v1.contact.get_user(union_id="x")  # E: Unexpected keyword argument "union_id"
    (await client.api.user.get(userid="zhang"))["nam"]  # E: has no key "nam"
"""
)


@pytest.mark.parametrize("sample", [SYNC, ASYNC], ids=["sync", "async"])
def test_right_calls_pass_and_wrong_ones_are_named(sample: str, tmp_path: Path) -> None:
    file = tmp_path / "sample.py"
    file.write_text(sample, "utf-8")
    options = ["--strict", "--config-file=", f"--cache-dir={tmp_path / 'cache'}", "--no-pretty"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, str(file)],
        env={**os.environ, "MYPYPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    found: dict[int, str] = {}
    for line in done.stdout.splitlines():
        if told := re.match(r"sample\.py:(\d+): error: (.*)", line):
            found.setdefault(int(told[1]), "")
            found[int(told[1])] += told[2]
    wanted = {
        number: line.partition("# E: ")[2]
        for number, line in enumerate(sample.splitlines(), 1)
        if "# E: " in line
    }
    assert found.keys() == wanted.keys(), done.stdout + done.stderr
    for number, text in wanted.items():
        assert text in found[number], done.stdout
