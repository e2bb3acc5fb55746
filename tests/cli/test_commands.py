"""The commands that call the management API, run against a platform on a socket."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sanfang.cli.root import COMMANDS
from sanfang.cli.suite import new_keys
from sanfang.protocol.crypto import CallbackCipher

from ..manage.receiver import AES_KEY, TOKEN, Receiver
from ..manage.running import running
from .conftest import Sanfang

KEYS = ["--token", TOKEN, "--aes-key", AES_KEY]


def test_a_corp_is_made_listed_and_shown(sanfang: Sanfang) -> None:
    made = sanfang.json("corp", "create", "示例公司", "--authenticated")
    assert made["is_authenticated"] is True
    assert made in sanfang.json("corp", "list")["items"]
    assert sanfang.json("corp", "show", made["corp_id"]) == made


def test_for_people_lists_are_tables_and_things_are_fields(sanfang: Sanfang) -> None:
    corp_id = sanfang.json("corp", "create", "甲乙丙公司")["corp_id"]
    shown = sanfang.run("corp", "show", corp_id).stdout.splitlines()
    assert "name              甲乙丙公司" in shown
    listed = sanfang.run("corp", "list").stdout
    assert listed.splitlines()[0].split() == [
        *("corp_id", "name", "is_authenticated", "test_of", "created_at")
    ]
    assert corp_id in listed


def test_departments_and_members_are_made_with_their_options(sanfang: Sanfang) -> None:
    corp_id = sanfang.json("corp", "create", "示例公司")["corp_id"]
    one = sanfang.json("department", "create", corp_id, "研发部")["dept_id"]
    two = sanfang.json("department", "create", corp_id, "测试组", "--parent-id", str(one))
    assert two["parent_id"] == one
    flat = sanfang.json("department", "list", corp_id, "--no-recursive")["items"]
    assert [department["name"] for department in flat] == ["研发部"]
    made = sanfang.json(
        *("member", "create", corp_id, "测试员甲", "--userid", "jia", "--admin"),
        *("--department", str(one), "--department", str(two["dept_id"])),
    )
    assert made["departments"] == [one, two["dept_id"]]
    assert made["is_admin"] is True
    found = sanfang.json("member", "list", corp_id, "--department-id", str(one))["items"]
    assert [member["userid"] for member in found] == ["jia"]
    assert sanfang.json("message", "list", corp_id, "--userid", "jia")["items"] == []


def test_permission_points_are_granted_several_at_once_by_position(sanfang: Sanfang) -> None:
    corp_id = sanfang.json("corp", "create", "示例公司")["corp_id"]
    key = sanfang.json("app", "create", corp_id, "考勤助手")["app_key"]
    granted = sanfang.json("permission", "grant", key, "fieldMobile", "qyapi_get_member")
    assert granted["points"] == ["fieldMobile", "qyapi_base", "qyapi_get_member"]
    left = sanfang.json("permission", "revoke", key, "fieldMobile")
    assert left["points"] == ["qyapi_base", "qyapi_get_member"]


def test_a_corp_is_renamed_and_certified(sanfang: Sanfang) -> None:
    corp_id = sanfang.json("corp", "create", "示例公司")["corp_id"]
    assert sanfang.json("corp", "update", corp_id, "--name", "新名公司")["name"] == "新名公司"
    assert sanfang.json("corp", "update", corp_id, "--authenticated")["is_authenticated"] is True
    assert sanfang.json("corp", "show", corp_id)["name"] == "新名公司"


def test_an_apps_secret_is_shown_only_when_asked_for(sanfang: Sanfang) -> None:
    corp_id = sanfang.json("corp", "create", "示例公司")["corp_id"]
    secret = sanfang.json("app", "create", corp_id, "考勤助手")["secret"]
    assert secret not in sanfang.run("app", "list", corp_id).stdout
    assert secret in sanfang.run("app", "list", corp_id, "--secrets").stdout


def test_a_suite_is_made_authorised_and_relieved(sanfang: Sanfang, isv: Receiver) -> None:
    corp_id = sanfang.json("corp", "create", "示例公司")["corp_id"]
    suite_key = _suite(sanfang, isv)
    isv.wait_for("suite_ticket")

    made = sanfang.json("suite", "authorize", suite_key, corp_id)
    assert made["event_type"] == "tmp_auth_code"
    isv.wait_for("tmp_auth_code")
    shown = sanfang.run("authorisation", "show", suite_key, corp_id).stdout
    assert "pending" in shown
    for act in ("disable", "enable"):
        assert sanfang.json("suite", act, suite_key, corp_id) == {"push_ids": []}
    sanfang.json("suite", "relieve", suite_key, corp_id)
    isv.wait_for("suite_relieve")
    listed = sanfang.json("authorisation", "list", "--corp-id", corp_id)["items"]
    assert [one["state"] for one in listed] == ["relieved"]


def test_a_push_is_listed_shown_with_its_tries_and_resent(sanfang: Sanfang, isv: Receiver) -> None:
    suite_key = _suite(sanfang, isv)
    isv.wait_for("suite_ticket")
    assert sanfang.json("suite", "repush", suite_key)["pushes"] >= 1
    isv.wait_for("suite_ticket", 2)
    push = sanfang.json("push", "list", "--suite-key", suite_key)["items"][-1]
    shown = sanfang.run("push", "show", str(push["push_id"])).stdout
    assert '"EventType": "suite_ticket"' in shown
    assert "latency_ms" in shown
    sanfang.json("push", "resend", str(push["push_id"]))
    isv.wait_for("suite_ticket", 3)


def test_a_suite_is_changed_and_its_lists_can_be_emptied(sanfang: Sanfang, isv: Receiver) -> None:
    suite_key = _suite(sanfang, isv, "--ip", "10.0.*.*", "--user-field", "email")
    changed = sanfang.json("suite", "update", suite_key, "--name", "新名称")
    assert (changed["name"], changed["ip_whitelist"]) == ("新名称", ["10.0.*.*"])
    changed = sanfang.json("suite", "update", suite_key, "--ip", "", "--status", "finished")
    assert (changed["ip_whitelist"], changed["user_fields"]) == ([], ["email"])
    assert changed["status"] == "finished"
    assert len(sanfang.json("suite", "apps", suite_key)["items"]) == 1


def test_the_first_suite_needs_no_developer_the_second_takes_the_same(isv: Receiver) -> None:
    with running() as fresh:
        sanfang = Sanfang(fresh)
        for name in ("甲套件", "乙套件"):
            isv.suite_key = ""
            sanfang.json("suite", "create", name, isv.url, *KEYS)
        (developer,) = sanfang.json("developer", "list")["items"]
        assert sanfang.json("developer", "show", developer["developer_id"]) == developer
        suites = sanfang.json("suite", "list")["items"]
        assert {suite["developer_id"] for suite in suites} == {developer["developer_id"]}
        corp = sanfang.json("developer", "add-test-corp", developer["developer_id"], "测试企业")
        assert corp["test_of"] == developer["developer_id"]
        unbound = sanfang.run("developer", "unbind", developer["developer_id"])
        assert unbound.exit_code == 1
        assert "F49" in unbound.stderr


def test_made_up_keys_are_valid_and_never_the_same() -> None:
    made = [new_keys() for _ in range(50)]
    assert len({keys["aes_key"] for keys in made}) == 50
    for keys in made:
        assert CallbackCipher(keys["token"], keys["aes_key"], "key").seal("x")


def test_keys_made_up_for_a_suite_are_shown_when_the_url_does_not_have_them_yet(
    sanfang: Sanfang, isv: Receiver
) -> None:
    result = sanfang.run("suite", "create", "示例套件", isv.url, "--json")
    assert result.exit_code == 1
    keys = json.loads(result.stdout)["error"]["keys"]
    assert CallbackCipher(keys["token"], keys["aes_key"], "key").seal("x")
    told = sanfang.run("suite", "create", "示例套件", isv.url)
    assert "aes_key" in told.stderr


def test_a_wrong_reply_is_shown_as_expected_received_decrypted_fields(
    sanfang: Sanfang, isv: Receiver
) -> None:
    """F40."""
    isv.judge, isv.spelling = (lambda event: "wrong"), "timestamp"
    result = sanfang.run("suite", "create", "示例套件", isv.url, *KEYS)
    assert result.exit_code == 1
    assert result.stdout == ""
    lines = dict(line.split(maxsplit=1) for line in result.stderr.splitlines()[1:] if line.strip())
    assert result.stderr.startswith("✗ 71009  返回文本非success")
    assert lines["decrypted"] == "wrong"
    assert "timestamp" in lines["fields"].split(", ")
    assert lines["FAQ"] == "F40"
    assert {"expected", "received"} <= lines.keys()


def test_a_refusal_is_code_1_and_json_when_asked(sanfang: Sanfang) -> None:
    result = sanfang.run("corp", "show", "nothing", "--json")
    assert result.exit_code == 1
    error = json.loads(result.stdout)["error"]
    assert (error["code"], error["facts"]) == (33001, {"corp_id": "nothing"})


@pytest.mark.parametrize(
    "arguments",
    [
        ("corp", "create"),
        ("corp", "list", "--limit", "0"),
        ("corp", "list", "--limit", "x"),
        ("push", "show", "x"),
        ("push", "list", "--state", "lost"),
        ("suite", "create", "x", "http://x/", "--app", "nothing"),
        ("nothing",),
    ],
)
def test_wrong_usage_is_code_2(sanfang: Sanfang, arguments: tuple[str, ...]) -> None:
    assert sanfang.run(*arguments).exit_code == 2


def test_a_wrong_token_is_a_refusal_that_says_where_the_right_one_is(sanfang: Sanfang) -> None:
    result = sanfang.run("corp", "list", env={"SANFANG_TOKEN": "wrong"})
    assert result.exit_code == 1
    assert "admin.token" in result.stderr


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "127.0.0.1:8080", "ftp://127.0.0.1", "http://", "http://[", "x"]
)
def test_nobody_there_is_code_3(sanfang: Sanfang, url: str) -> None:
    result = sanfang.run("corp", "list", env={"SANFANG_URL": url})
    assert result.exit_code == 3
    assert url in result.stderr
    assert json.loads(sanfang.run("corp", "list", "--json", env={"SANFANG_URL": url}).stdout)


def test_no_platform_in_the_folder_says_what_to_run(tmp_path: Path, sanfang: Sanfang) -> None:
    env = {"SANFANG_URL": "", "SANFANG_TOKEN": "", "SANFANG_DATA": str(tmp_path)}
    result = sanfang.run("corp", "list", env=env)
    assert result.exit_code == 3
    assert "sanfang serve" in result.stderr


def test_server_json_of_the_folder_tells_address_and_token(
    tmp_path: Path, sanfang: Sanfang
) -> None:
    known = {"url": sanfang.platform.url, "token": sanfang.platform.token, "pid": 1}
    (tmp_path / "server.json").write_text(json.dumps(known))
    env = {"SANFANG_URL": "", "SANFANG_TOKEN": "", "SANFANG_DATA": str(tmp_path)}
    assert sanfang.run("corp", "list", env=env).exit_code == 0


def test_the_token_of_one_platform_is_not_sent_to_another(tmp_path: Path, sanfang: Sanfang) -> None:
    """server.json belongs to the address in it; --url elsewhere needs a token of its own."""
    known = {"url": "http://127.0.0.1:9", "token": sanfang.platform.token, "pid": 1}
    (tmp_path / "server.json").write_text(json.dumps(known))
    env = {"SANFANG_TOKEN": "", "SANFANG_DATA": str(tmp_path)}
    assert sanfang.run("corp", "list", env=env).exit_code == 1


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"url": 5}'])
def test_a_broken_server_json_is_no_platform(tmp_path: Path, sanfang: Sanfang, broken: str) -> None:
    (tmp_path / "server.json").write_text(broken)
    env = {"SANFANG_URL": "", "SANFANG_TOKEN": "", "SANFANG_DATA": str(tmp_path)}
    assert sanfang.run("corp", "list", env=env).exit_code == 3


def test_something_else_on_the_port_is_not_taken_for_a_platform(
    sanfang: Sanfang, isv: Receiver
) -> None:
    result = sanfang.run("corp", "list", env={"SANFANG_URL": isv.url})
    assert result.exit_code == 3
    assert "no sanfang platform" in result.stderr


def test_settings_are_listed_with_their_meaning(sanfang: Sanfang) -> None:
    listed = {setting["name"]: setting for setting in sanfang.json("settings")}
    assert listed["push_limit"]["default"] == 100
    assert listed["push_limit"]["en"] in sanfang.run("settings").stdout


def test_every_command_is_in_the_help(sanfang: Sanfang) -> None:
    told = sanfang.run("--help").stdout
    for name, (_, about) in COMMANDS.items():
        assert name in told
        assert about.partition(" / ")[0] in told


def _suite(sanfang: Sanfang, isv: Receiver, *options: str) -> str:
    developers = sanfang.json("developer", "list")["items"]
    if not developers:
        corp = sanfang.json("corp", "create", "示例软件公司")["corp_id"]
        developers = [sanfang.json("developer", "create", corp, "示例开发者")]
    made = sanfang.json(
        *("suite", "create", "示例套件", isv.url, *KEYS, *options),
        *("--developer", developers[0]["developer_id"]),
    )
    isv.suite_key = made["suite_key"]
    sanfang.json("suite", "add-app", isv.suite_key, "示例应用", "http://127.0.0.1:1/")
    shown = sanfang.run("suite", "show", isv.suite_key)
    assert made["secrets"]["suite_secret"] not in shown.stdout
    assert "示例应用" in shown.stdout
    return isv.suite_key
