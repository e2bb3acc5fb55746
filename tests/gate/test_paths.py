"""One origin for all hosts, and what wrong paths cost."""

from __future__ import annotations

import time

from sanfang.catalog import Catalog, Endpoint, load
from sanfang.platform.openapi import OpenApi
from sanfang.platform.openapi.suggestions import A_SECOND, Suggestions

from ..openapi.world import World, send, story


def test_the_host_decides_where_two_hosts_have_the_same_path() -> None:
    async def body(world: World) -> None:
        shared = {"method": "GET", "path": "/same"}
        catalog = Catalog.of(
            Endpoint("old", host="oapi", **shared), Endpoint("new", host="api", **shared)
        )
        api = OpenApi(world.core, catalog=catalog, handlers=[])
        old = await send(api, "GET", "/same", headers=[(b"host", b"oapi.dingtalk.com")])
        new = await send(api, "GET", "/same", headers=[(b"host", b"API.dingtalk.com:443")])
        other = await send(api, "GET", "/same", headers=[(b"host", b"127.0.0.1:8000")])
        assert old.json == other.json == {"errcode": 0, "errmsg": "ok"}
        assert new.json == {}

    story(body)


def test_an_unknown_path_is_refused_in_the_manner_of_its_host() -> None:
    async def body(world: World) -> None:
        reply = await world.raw("GET", "/nowhere", headers=[(b"host", b"api.dingtalk.com")])
        assert reply.status == 404
        assert reply.json["code"] == "InvalidAction.NotFound"
        assert (await world.raw("GET", "/nowhere")).code == 404

    story(body)


def test_a_scanner_gets_no_suggestions_beyond_a_hundred_a_second() -> None:
    now = [100.0]
    asked = Suggestions(load(), lambda: now[0])
    found = [asked.nearest(f"/user/gett?{number}"[:10]) for number in range(A_SECOND)]
    assert all(found)
    assert asked.nearest("/user/gett") == ()
    now[0] += 1
    assert asked.nearest("/user/gett")[0] == "/user/get"


def test_a_misspelt_service_and_a_missing_part_are_found() -> None:
    asked = Suggestions(load())
    assert "/user/get" in asked.nearest("/users/get")
    assert "/topapi/v2/user/get" in asked.nearest("/topapi/user/gett") + asked.nearest(
        "/v2/user/get"
    )
    assert asked.nearest("/v1.0/contact/users/abc123/")[0] == "/v1.0/contact/users/{unionId}"
    assert asked.nearest("/wp-admin/setup.php") == ()
    assert asked.nearest("/\ud800" + "/a" * 500) == ()


def test_searching_takes_time_that_nobody_notices() -> None:
    """Not a benchmark: a bound two hundred times above what it takes, against quadratic slips."""
    asked = Suggestions(load())
    asked.nearest("/x")
    begin = time.process_time()
    for number in range(50):
        asked.nearest(f"/topapi/attendance/{number}/" + "listrecord" * 9)
    assert time.process_time() - begin < 50 * 0.1


def test_the_first_wrong_path_holds_nobody_up() -> None:
    """What it prepares is a few ms of work; a table of all paths took 50 to 80."""
    spent = []
    for _ in range(5):
        asked = Suggestions(load())
        begin = time.process_time()
        assert asked.nearest("/getuserinfo")[0] == "/user/getuserinfo"
        spent.append(time.process_time() - begin)
    assert min(spent) < 0.025
