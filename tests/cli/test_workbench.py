"""Where a person opens the workbench, and apps of one's own that appear in it."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from sanfang.platform.domain.core import Settings

from ..manage.running import running
from .conftest import Sanfang


@pytest.fixture(scope="module")
def corp_id(sanfang: Sanfang) -> str:
    made = str(sanfang.json("corp", "create", "示例公司")["corp_id"])
    sanfang.json("member", "create", made, "测试员甲", "--userid", "jia")
    return made


def test_the_address_opens_the_workbench_as_that_member(sanfang: Sanfang, corp_id: str) -> None:
    address = sanfang.run("workbench", "link", corp_id, "jia").stdout.strip()
    parts = urlsplit(address)
    assert parts.hostname == "wb.sanfang.localhost"
    assert parts.port == urlsplit(sanfang.platform.url).port
    assert parts.query == f"as={corp_id}/jia"
    assert sanfang.json("workbench", "link", corp_id, "jia") == {"url": address}
    answer = sanfang.platform.send("GET", "/", None, {"Host": parts.netloc}, token=None)
    assert answer.status == 200
    assert b"<html" in answer.body


def test_outside_a_sandbox_the_address_is_good_once() -> None:
    with running(settings=Settings(sandbox=False)) as platform:
        strict = Sanfang(platform)
        corp_id = str(strict.json("corp", "create", "示例公司")["corp_id"])
        strict.json("member", "create", corp_id, "测试员甲", "--userid", "jia")
        addresses = {strict.json("workbench", "link", corp_id, "jia")["url"] for _ in range(2)}
        assert len(addresses) == 2
        parts = urlsplit(addresses.pop())
        assert (parts.hostname, parts.path, parts.query) == ("wb.sanfang.localhost", "/", "")
        place, _, secret = parts.fragment.rpartition("/")
        assert place == "/link"
        assert len(secret) >= 32
        headers = {
            "Host": parts.netloc,
            "X-Sanfang-Desk": "1",
            "Origin": f"http://{parts.netloc}",
            "Content-Type": "application/json",
        }
        body = json.dumps({"secret": secret}).encode()
        tried = [platform.send("POST", "/api/link", body, headers, token=None) for _ in range(2)]
        assert [each.status for each in tried] == [200, 400]
        assert tried[0].json["userid"] == "jia"
        assert strict.run("workbench", "link", corp_id, "nobody").exit_code == 1


def test_there_is_no_address_for_nobody(sanfang: Sanfang, corp_id: str) -> None:
    result = sanfang.run("workbench", "link", corp_id, "nobody")
    assert result.exit_code == 1
    assert "nobody" in result.output


def test_no_workbench_without_a_platform(sanfang: Sanfang, corp_id: str) -> None:
    result = sanfang.run(
        "workbench", "link", corp_id, "jia", env={"SANFANG_URL": "http://127.0.0.1:9"}
    )
    assert result.exit_code == 3


def test_an_own_app_is_made_with_its_addresses(sanfang: Sanfang, corp_id: str) -> None:
    home = "http://127.0.0.1:9000/?corpid=$CORPID$"
    made = sanfang.json(
        *("app", "create", corp_id, "考勤助手", "--home-url", home),
        *("--pc-home-url", f"{home}&pc=1", "--oa-url", "http://127.0.0.1:9000/admin"),
    )
    assert made["agent_id"] > 0
    code = sanfang.json("signin", "code", corp_id, "jia", "--app", str(made["agent_id"]))
    assert code["app"] == made["app_key"]


def test_a_bad_address_is_refused_with_its_reason(sanfang: Sanfang, corp_id: str) -> None:
    result = sanfang.run("app", "create", corp_id, "考勤助手", "--home-url", "127.0.0.1:9000")
    assert result.exit_code == 1
    assert "33005" in result.output


def test_an_own_app_is_shown_and_changed(sanfang: Sanfang, corp_id: str) -> None:
    home = "http://127.0.0.1:9000/?corpid=$CORPID$"
    made = sanfang.json("app", "create", corp_id, "访客", "--home-url", home, "--ip", "10.0.*.*")
    agent = str(made["agent_id"])
    sanfang.json("app", "update", agent, "--name", "访客登记", "--pc-home-url", f"{home}&pc=1")
    shown = sanfang.json("app", "show", agent)
    assert shown["name"] == "访客登记"
    assert (shown["home_url"], shown["pc_home_url"]) == (home, f"{home}&pc=1")
    assert home in sanfang.run("app", "list", corp_id).stdout
    emptied = sanfang.json("app", "update", agent, "--home-url", "", "--ip", "")
    assert (emptied["home_url"], emptied["ip_whitelist"]) == ("", [])
    assert sanfang.run("app", "update", "999999", "--name", "无").exit_code == 1
