"""`sanfang call`: any API from the command line, against a platform that needs no configuring."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from sanfang.cli.calling import Bar, masked
from sanfang.cli.fields import read_fields
from sanfang.cli.root import cli

from ..client.stand_in import Reply, StandIn
from .conftest import Sanfang

OWN = ("SANFANG_APP_KEY", "SANFANG_APP_SECRET", "SANFANG_CORP_ID", "SANFANG_OAPI_URL")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OWN:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def corp(sanfang: Sanfang) -> str:
    corp_id: str = sanfang.json("corp", "create", "调用公司")["corp_id"]
    for userid in ("zhang", "li"):
        sanfang.json("member", "create", corp_id, f"成员{userid}", "--userid", userid)
    return corp_id


@pytest.fixture
def elsewhere() -> Iterator[StandIn]:
    """Another platform, which only knows its own credentials."""
    stand_in = StandIn()
    yield stand_in
    stand_in.close()


def call(sanfang: Sanfang, corp: str, *arguments: str, **more: Any) -> Result:
    return sanfang.run("call", *arguments, "--corp", corp, **more)


# -- calls ------------------------------------------------------------------------------------


def test_a_call_needs_nothing_but_the_corp(sanfang: Sanfang, corp: str) -> None:
    result = call(sanfang, corp, "user/get", "userid=zhang")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["name"] == "成员zhang"
    assert "成员zhang" in result.stdout
    assert result.stdout.startswith("{\n  ")


def test_options_may_stand_before_the_path(sanfang: Sanfang, corp: str) -> None:
    result = sanfang.run("call", "--corp", corp, "--compact", "user/get", "userid=zhang")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("\n") == 1


def test_the_records_of_calls_are_still_there(sanfang: Sanfang, corp: str) -> None:
    call(sanfang, corp, "user/get", "userid=zhang")
    listed = sanfang.json("call", "list")
    assert any(each["endpoint"] == "oapi_user_get_get" for each in listed["items"])


def test_texts_become_what_the_documents_want(sanfang: Sanfang, corp: str) -> None:
    made = call(sanfang, corp, "topapi/v2/department/create", "name=一部=二", "parent_id=1")
    assert made.exit_code == 0, made.stderr
    dept = json.loads(made.stdout)["result"]["dept_id"]
    got = call(sanfang, corp, "topapi/v2/department/get", f"dept_id:={dept}")
    assert json.loads(got.stdout)["result"]["name"] == "一部=二"


def test_all_pages_as_an_array_or_a_row_a_line(sanfang: Sanfang, corp: str) -> None:
    path = ("topapi/v2/user/list", "dept_id=1", "size=1", "--all")
    whole = json.loads(call(sanfang, corp, *path).stdout)
    lines = call(sanfang, corp, *path, "--compact").stdout.splitlines()
    assert [json.loads(line) for line in lines] == whole
    assert {row["userid"] for row in whole} >= {"zhang", "li"}


def test_a_file_goes_up_and_comes_down(sanfang: Sanfang, corp: str, tmp_path: Path) -> None:
    photo = tmp_path / "照片.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    up = call(sanfang, corp, "media/upload", f"media@{photo}")
    assert up.exit_code == 0, up.stderr
    media_id = json.loads(up.stdout)["media_id"]
    out = tmp_path / "out.png"
    down = call(sanfang, corp, "media/downloadFile", f"media_id={media_id}", "-o", str(out))
    assert (down.exit_code, down.stdout) == (0, "")
    assert out.read_bytes() == photo.read_bytes()
    assert "image/png" in down.stderr
    piped = call(sanfang, corp, "media/downloadFile", f"media_id={media_id}")
    assert piped.stdout_bytes == photo.read_bytes()


def test_an_answer_into_a_file_is_whole_or_not_there(
    sanfang: Sanfang, corp: str, tmp_path: Path
) -> None:
    out = tmp_path / "a.json"
    assert call(sanfang, corp, "user/get", "userid=zhang", "-o", str(out)).exit_code == 0
    assert json.loads(out.read_text("utf-8"))["userid"] == "zhang"
    missing = tmp_path / "b.json"
    assert call(sanfang, corp, "user/get", "userid=nobody", "-o", str(missing)).exit_code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_suite_and_its_corp_are_found_in_the_sandbox(sanfang: Sanfang, isv: Any) -> None:
    from .test_commands import _suite

    suite = _suite(sanfang, isv)
    key = next(iter(sanfang.json("suite", "list")["items"]))["suite_key"]
    assert suite
    result = sanfang.run("call", "service/get_unactive_corp", "app_id=1", "--suite", key, "-v")
    assert key in result.stderr
    assert "suite" in result.stderr


# -- who and where ----------------------------------------------------------------------------


def test_given_credentials_go_where_they_are_told(elsewhere: StandIn) -> None:
    environment = {
        "SANFANG_APP_KEY": "dingexample",
        "SANFANG_APP_SECRET": "example-secret",
        "SANFANG_OAPI_URL": elsewhere.url,
        "SANFANG_URL": "",
    }
    result = CliRunner().invoke(cli, ["call", "user/get", "userid=a"], env=environment)
    assert result.exit_code == 0, result.stderr
    token, get = elsewhere.seen
    assert token.query == {"appkey": "dingexample", "appsecret": "example-secret"}
    assert get.query["userid"] == "a"


def test_a_secret_may_come_from_a_file(elsewhere: StandIn, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("example-secret\n")
    arguments = ["call", "user/get", "userid=a", "--app-key", "dingexample", "--secret-file"]
    result = CliRunner().invoke(cli, [*arguments, str(secret), "--url", elsewhere.url])
    assert result.exit_code == 0, result.stderr
    assert elsewhere.seen[0].query["appsecret"] == "example-secret"
    gone = CliRunner().invoke(cli, [*arguments, str(tmp_path / "no"), "--url", elsewhere.url])
    assert gone.exit_code == 2
    assert "--secret-file" in gone.stderr


def test_without_platform_and_credentials_it_says_what_to_do(tmp_path: Path) -> None:
    environment = {"SANFANG_URL": "", "SANFANG_TOKEN": "", "SANFANG_DATA": str(tmp_path)}
    result = CliRunner().invoke(cli, ["call", "user/get", "userid=a"], env=environment)
    assert result.exit_code == 3
    assert "sanfang serve" in result.stderr
    assert "SANFANG_APP_KEY" in result.stderr


def test_several_corps_have_to_be_told_apart(sanfang: Sanfang, corp: str) -> None:
    sanfang.json("corp", "create", "另一家公司")
    result = sanfang.run("call", "user/get", "userid=zhang")
    assert result.exit_code == 2
    assert "--corp" in result.stderr
    assert "另一家公司" in result.stderr


def test_a_platform_that_is_not_there_is_exit_3(sanfang: Sanfang, tmp_path: Path) -> None:
    environment = {"SANFANG_APP_KEY": "dingexample", "SANFANG_APP_SECRET": "example-secret"}
    arguments = ["call", "user/get", "userid=a", "--url", "http://127.0.0.1:9"]
    result = CliRunner().invoke(cli, arguments, env=environment)
    assert result.exit_code == 3
    assert "example-secret" not in result.output
    assert "127.0.0.1:9" in result.stderr


# -- refusals and slips -----------------------------------------------------------------------


def test_a_refusal_is_explained_in_both_languages(sanfang: Sanfang, corp: str) -> None:
    result = call(sanfang, corp, "user/get", "userid=nobody")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "60111" in result.stderr
    assert "没有这个 userid" in result.stderr
    assert "There is no such userid" in result.stderr


def test_errors_are_json_when_asked_for(sanfang: Sanfang, corp: str) -> None:
    result = call(sanfang, corp, "user/get", "userid=nobody", "--json")
    assert (result.exit_code, result.stderr) == (1, "")
    error = json.loads(result.stdout)["error"]
    assert (error["code"], error["api"], error["status"]) == (60111, "user/get", 200)
    wrong = sanfang.run("call", "user/get", "--corp", "nosuch", "--json")
    assert json.loads(wrong.stdout)["error"]["code"] == 33001
    timeout = call(sanfang, corp, "user/get", "userid=a", "--timeout", "0", "--json")
    assert "timeout" in json.loads(timeout.stdout)["error"]["errmsg"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["user/gett", "userid=a"], "user/get"),
        (["getuserinfo", "code=a"], "user/getuserinfo"),
        (["user/get", "useri=a"], "userid"),
        (["user/get", "userid"], "NAME=VALUE"),
        (["user/get", "userid:={"], "JSON"),
        (["user/get", "userid=a", "userid=b"], "userid"),
        (["user/get", "--body", "{"], "--body"),
        (["user/get", "--body", "@/no/such/file"], "--body"),
        (["user/get", "--query", "userid"], "--query"),
        (["user/get", "userid=a", "--method", "FETCH"], "FETCH"),
        (["user/get", "userid=a", "--timeout", "0"], "timeout"),
        (["user/get", "userid=a", "--all"], "call()"),
        (["user/list", "--all", "--method", "GET"], "--all"),
        (["media/upload", "media@/no/such/file"], "/no/such/file"),
        (["media/upload", f"media@{__file__}"], "type"),
        (["http://evil.example/x", "--method", "GET"], "evil"),
    ],
)
def test_a_slip_is_named_and_nothing_is_called(
    sanfang: Sanfang, corp: str, arguments: list[str], named: str
) -> None:
    before = sanfang.json("call", "list", "--limit", "1")["items"]
    result = call(sanfang, corp, *arguments)
    assert result.exit_code == 2, result.output
    assert named in result.stderr
    assert re.search(r"[\u4e00-\u9fff]", result.stderr)
    assert "Traceback" not in result.output
    assert sanfang.json("call", "list", "--limit", "1")["items"] == before


def test_a_path_that_no_page_knows_can_be_called_all_the_same(elsewhere: StandIn) -> None:
    environment = {"SANFANG_APP_KEY": "dingexample", "SANFANG_APP_SECRET": "s"}
    arguments = ["call", "topapi/some/new", "a=1", "--method", "post", "--url", elsewhere.url]
    result = CliRunner().invoke(cli, arguments, env=environment)
    assert result.exit_code == 0, result.stderr
    assert elsewhere.seen[-1].json == {"a": "1"}


# -- what is printed --------------------------------------------------------------------------


def test_tokens_and_secrets_are_masked_unless_asked_for(elsewhere: StandIn) -> None:
    token = "0123456789abcdef-token"
    elsewhere.on("/gettoken", {"errcode": 0, "errmsg": "ok", "access_token": token})
    arguments = ["call", "gettoken", "appkey=a", "appsecret=b", "--url", elsewhere.url]
    environment = {"SANFANG_APP_KEY": "dingexample", "SANFANG_APP_SECRET": "s"}
    masked_ = CliRunner().invoke(cli, arguments, env=environment)
    assert token not in masked_.output
    assert "…oken" in masked_.stdout
    shown = CliRunner().invoke(cli, [*arguments, "--secrets"], env=environment)
    assert token in shown.stdout


def test_secrets_are_masked_at_any_depth() -> None:
    long = "0123456789abcdef"
    value = {"a": [{"suite_ticket": long, "corpSecret": long, "name": long}], "accessToken": long}
    made = masked(value)
    assert made == {
        "a": [{"suite_ticket": "…cdef", "corpSecret": "…cdef", "name": long}],
        "accessToken": "…cdef",
    }


def test_what_a_terminal_would_obey_is_spelt_out(elsewhere: StandIn) -> None:
    name = "甲\x1b[31m\x9b\u202e😀"
    elsewhere.on("/user/get", {"errcode": 0, "errmsg": "ok", "name": name})
    environment = {"SANFANG_APP_KEY": "dingexample", "SANFANG_APP_SECRET": "s"}
    arguments = ["call", "user/get", "userid=a", "--url", elsewhere.url]
    result = CliRunner().invoke(cli, arguments, env=environment)
    for char in "\x1b\x9b\u202e":
        assert char not in result.stdout
    assert json.loads(result.stdout)["name"] == name


def test_a_bad_answer_is_no_traceback(elsewhere: StandIn) -> None:
    elsewhere.on("/user/get", Reply("<html>busy</html>", 502, "text/html"))
    environment = {"SANFANG_APP_KEY": "dingexample", "SANFANG_APP_SECRET": "s"}
    arguments = ["call", "user/get", "userid=a", "--url", elsewhere.url, "--method", "POST"]
    result = CliRunner().invoke(cli, arguments, env=environment)
    assert result.exit_code == 3
    assert "HTTP 502" in result.stderr


def test_a_bar_is_drawn_on_a_terminal_only_and_only_when_it_takes_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Bar("下载 / download") as progress:
        assert progress is None
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with Bar("下载 / download") as progress:
        assert progress is not None
        progress(1, 10)
        progress(10, 10)
    assert capsys.readouterr().err == ""
    slow = Bar("下载 / download")
    with slow as progress:
        assert progress is not None
        slow._begun -= 1
        for done in (1, 5, 2, 10):
            progress(done, 10)
    drawn = capsys.readouterr().err
    assert "下载 / download" in drawn
    assert "100%" in drawn


# -- fields -----------------------------------------------------------------------------------


def test_fields_are_read_by_their_signs(tmp_path: Path) -> None:
    given = tmp_path / "a.json"
    given.write_text('{"x": "甲"}', "utf-8")
    read = read_fields(
        ("a=1", "touser=@all", "n:=1", f"f:=@{given}", "o.size=3", "o.by.name=x", f"m@{given}"),
        None,
    )
    assert read.params == {
        "a": "1",
        "touser": "@all",
        "n": 1,
        "f": {"x": "甲"},
        "o": {"size": "3", "by": {"name": "x"}},
    }
    assert read.file == ("m", given)


@pytest.mark.parametrize("text", ["", "=x", "1a=b", "a", "a b=c", "a=1"])
def test_a_field_that_is_none_is_refused(text: str) -> None:
    if text == "a=1":
        text = "a.b=1"
        with pytest.raises(click.UsageError, match="object"):
            read_fields(("a=1", text), None)
        return
    with pytest.raises(click.UsageError):
        read_fields((text,), None)
