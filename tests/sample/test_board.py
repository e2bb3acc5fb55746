"""The check-in board's server: what members may do, and what nobody may."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sanfang.cli.sample import make_board
from sanfang.cli.sample.board import Board
from sanfang.cli.sample.people import Department, Directory, department_of
from sanfang.cli.sample.web import STATIC

from ..isv.house import Got, House, corp_house, suite_house, wait_for

ROOT = Path(__file__).parents[2]


def front(app: Any, origin: str) -> Any:
    return make_board(app, origin=origin, data=":memory:")


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with suite_house(front=front) as one:
        yield one


class Member:
    """Somebody who has opened the page."""

    def __init__(self, house: House, userid: str = "zhang", corp: int = 0) -> None:
        self.house = house
        self.corp_id = house.corps[corp]
        body = {"code": house.code(userid, corp_id=self.corp_id), "corp_id": self.corp_id}
        got = house.post("login", body)
        assert got.status == 200, got.body
        self.cookie = "; ".join(f"{name}={value}" for name, value in got.cookies().items())

    def get(self, path: str) -> Got:
        return self.house.send("GET", path, Cookie=self.cookie)

    def post(self, path: str, body: Any, **headers: str) -> Got:
        own = {"Origin": self.house.origin, "Content_Type": "application/json"}
        return self.house.send("POST", path, body, **{**own, "Cookie": self.cookie, **headers})


@pytest.fixture
def zhang(house: House) -> Member:
    return Member(house)


def test_a_check_in_is_on_the_board_under_its_department(house: House, zhang: Member) -> None:
    made = zhang.post("/api/checkins", {"place": "前台", "latitude": 30.27, "longitude": 120.02})
    assert made.status == 200
    board = zhang.get("/api/board").json
    assert board["me"] == {"userid": "zhang", "name": "测试员甲"}
    assert board["mine"]["place"] == "前台"
    assert board["latest"][0]["name"] == "测试员甲"
    assert sum(one["here"] for one in board["departments"]) == 1


def test_who_checks_in_twice_is_counted_once(zhang: Member) -> None:
    for place in ("前台", "三楼"):
        zhang.post("/api/checkins", {"place": place})
    board = zhang.get("/api/board").json
    assert sum(one["here"] for one in board["departments"]) == 1
    assert board["mine"]["place"] == "三楼"


def test_another_corp_sees_nothing_of_it(house: House, zhang: Member) -> None:
    zhang.post("/api/checkins", {"place": "机密地点"})
    other = Member(house, corp=1)
    board = other.get("/api/board")
    assert "机密地点" not in board.body.decode()
    assert board.json["mine"] is None


def test_with_a_narrow_authorisation_it_shows_what_it_may_see(house: House) -> None:
    corp_id = house.corps[1]
    made = house.platform.post(f"/corps/{corp_id}/departments", name="研发部")
    house.platform.post(
        f"/corps/{corp_id}/members", userid="wang", name="测试员丙", departments=[made["dept_id"]]
    )
    path = f"/authorisations/{house.suite_key}/{corp_id}/scope"
    try:
        house.platform.call("PUT", path, departments=[made["dept_id"]])
        house.pages._directory.forget(corp_id)
        wang = Member(house, "wang", corp=1)
        assert wang.post("/api/checkins", {"place": "前台"}).json["department"] == "研发部"
        shown = wang.get("/api/board").json["departments"]
        assert [one for one in shown if one["members"]] == [
            {"name": "研发部", "members": 1, "here": 1}
        ]
    finally:
        house.platform.call("PUT", path, departments=[1])
        house.pages._directory.forget(corp_id)


def test_shared_to_a_conversation_it_arrives_there(house: House, zhang: Member) -> None:
    zhang.post("/api/checkins", {"place": "<b>前台</b>"})
    opened = house.platform.post(f"/corps/{house.corp_id}/conversations", userids=["zhang", "li"])
    assert zhang.post("/api/share", {"cid": opened["cid"]}).json["sent"] is True
    path = f"/corps/{house.corp_id}/messages?cid={opened['cid']}"
    [message] = house.platform.get(path)["items"]
    assert message["msgtype"] == "oa"
    assert "人签到" in message["body"]["body"]["title"]
    assert message["body"]["body"]["form"][0]["value"] == "<b>前台</b>"
    assert house.corp_id in message["body"]["message_url"]


def test_a_conversation_of_others_is_refused_by_the_platform(house: House, zhang: Member) -> None:
    theirs = house.platform.post(f"/corps/{house.corp_id}/conversations", userids=["li", "manager"])
    for cid in (theirs["cid"], "nonsense"):
        got = zhang.post("/api/share", {"cid": cid})
        assert got.status == 502
        assert "没有发出" in got.json["zh"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"place": ""},
        {"place": "x" * 81},
        {"place": 5},
        {"place": "x", "latitude": 91, "longitude": 0},
        {"place": "x", "latitude": "30", "longitude": "120"},
        b'{"place": "x", "latitude": NaN, "longitude": 1}',
        b"\xff",
        b"[" * 5000,
    ],
)
def test_a_bad_check_in_is_refused(zhang: Member, body: Any) -> None:
    got = zhang.post("/api/checkins", body)
    assert got.status == 400
    assert got.json["zh"]


def test_too_much_is_refused(zhang: Member) -> None:
    assert zhang.post("/api/checkins", {"place": "x" * 20_000}).status == 413


def test_half_a_position_is_none(zhang: Member) -> None:
    made = zhang.post("/api/checkins", {"place": "x", "latitude": 30.0})
    assert made.json["latitude"] is None


def test_only_members_and_only_from_own_pages(house: House, zhang: Member) -> None:
    for path in ("/api/checkins", "/api/share"):
        body = {"place": "x", "cid": "c"}
        assert zhang.post(path, body, Origin="https://evil.example").status == 403
        assert zhang.post(path, body, Cookie="").status == 401
        assert zhang.post(path, body, Cookie="sanfang_session=v1.e30.AAAA").status == 401
    assert house.send("GET", "/api/board").status == 401


def test_the_page_may_load_nothing_from_elsewhere(house: House) -> None:
    got = house.send("GET", "/board/?corpid=x")
    policy = got.header("content-security-policy")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    text = got.body.decode()
    assert "<script src=" in text
    assert "http://" not in text
    assert "https://" not in text
    for name in ("board.js", "board.css"):
        assert house.send("GET", f"/static/{name}").status == 200
    assert house.send("GET", "/static/..%2fweb.py").status == 404


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=60), path=st.sampled_from(["checkins", "share", "board", "%00", "x/y"])
)
def test_nothing_sent_ends_in_a_failure(zhang: Member, body: bytes, path: str) -> None:
    assert zhang.post(f"/api/{path}", body).status < 500


def test_a_corp_that_relieves_is_forgotten() -> None:
    with suite_house(front=front) as house:
        board: Board = house.pages._board
        for corp in (0, 1):
            Member(house, corp=corp).post("/api/checkins", {"place": "前台"})
        house.platform.post(f"/suites/{house.suite_key}/relieve", corp_id=house.corp_id)
        wait_for(lambda: not board.latest(house.corp_id))
        assert len(board.latest(house.corps[1])) == 1


def test_it_runs_as_an_own_app_too() -> None:
    with corp_house(front=front) as house:
        member = Member(house)
        assert member.post("/api/checkins", {"place": "前台"}).status == 200
        assert member.get("/api/board").json["me"]["name"] == "测试员甲"


def test_a_day_ends_at_midnight_in_china() -> None:
    now = [datetime(2026, 11, 24, 15, 59, tzinfo=UTC)]
    board = Board(":memory:", lambda: now[0])
    assert board.add("ding1", "zhang", "测试员甲", "研发部", "前台").at == "23:59"
    assert board.counts("ding1") == {"研发部": 1}
    now[0] = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
    assert board.today() == "2026-11-25"
    assert board.counts("ding1") == {}
    board.close()


def test_departments_are_asked_for_once_and_again_after_a_failure() -> None:
    class Corp:
        corp_id = "ding1"
        corp_name = "示例公司"
        asked = 0
        fails = True

        async def call(self, path: str, **_: Any) -> dict[str, Any]:
            type(self).asked += 1
            await asyncio.sleep(0)
            if self.fails:
                raise ConnectionError("no platform")
            if path == "auth/scopes":
                return {"auth_org_scopes": {"authed_dept": [1], "authed_user": []}}
            if path == "department/list":
                return {"department": []}
            return {"userlist": [{"userid": "zhang", "name": "测试员甲"}]}

    async def main() -> None:
        directory, corp = Directory(), Corp()
        with pytest.raises(ConnectionError, match="no platform"):
            await directory.departments(corp)
        Corp.fails, Corp.asked = False, 0
        found = await asyncio.gather(*(directory.departments(corp) for _ in range(10)))
        assert Corp.asked == 3
        assert department_of(found[0], "zhang") == "示例公司"
        assert department_of(found[0], "nobody") == "其他"

    asyncio.run(main())


def test_the_innermost_department_counts() -> None:
    listed = [Department("公司", {"a": "A"}), Department("研发部", {"a": "A"})]
    assert department_of(listed, "a") == "研发部"


def test_what_is_bundled_is_named_with_its_licence() -> None:
    text = (STATIC / "LICENSES.txt").read_text("utf-8")
    assert "dingtalk-jsapi 3.2.9" in text
    assert "promise-polyfill" in text
    assert text.count("Permission is hereby granted") == 2


@pytest.mark.skipif(
    os.environ.get("SANFANG_REQUIRE_BROWSER") != "1" or shutil.which("npm") is None,
    reason="needs npm and its registry (SANFANG_REQUIRE_BROWSER=1)",
)
def test_the_bundle_is_what_its_sources_give() -> None:
    tool = [sys.executable, str(ROOT / "tools" / "build_sample.py"), "--check"]
    assert subprocess.run(tool, check=False, capture_output=True).returncode == 0


def test_the_example_starts_it_and_says_what_it_needs() -> None:
    example = [sys.executable, str(ROOT / "examples" / "checkin-board" / "main.py")]
    told = subprocess.run([*example, "--help"], check=False, capture_output=True, text=True)
    assert told.returncode == 0
    assert "--corp-id" in told.stdout
    lost = subprocess.run(example, check=False, capture_output=True, text=True)
    assert lost.returncode == 2
    assert "--aes-key" in lost.stderr
