"""Rate profiles: the rules of 2016, those of 2026, and none."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanfang.platform.domain.tokens import app_token
from sanfang.platform.store.memory import MemoryHot
from sanfang.platform.store.ports import Hot, Window
from sanfang.platform.store.windows import Windows

from ..openapi.world import World, story
from ..store.fixtures import REDIS, _redis_error, need

NOW = 1_700_000_000_000
GET = "/department/list"


async def calls(world: World, number: int, path: str = GET, **query: object) -> list[Any]:
    return [(await world.get(path, world.own, **query)).json for _ in range(number)]


def test_modern_admits_twenty_calls_a_second_of_an_api_by_an_app() -> None:
    async def body(world: World) -> None:
        codes = [each["errcode"] for each in await calls(world, 21)]
        assert codes == [0] * 20 + [90018]
        assert (await world.get("/auth/scopes", world.own)).code == 0  # another API
        assert (await world.get(GET, world.isv)).code == 0  # another app
        world.core.clock.travel(1100)
        assert (await world.get(GET, world.own)).code == 0

    story(body, rate_profile="modern")


def test_modern_on_the_newer_host_is_a_403_that_names_the_rule() -> None:
    async def body(world: World) -> None:
        for token, name in (
            (world.own, "QpsLimitForAppkeyAndApi"),
            (world.isv, "QpsLimitForSuitekeyAndOrgAndApi"),
        ):
            replies = [
                await world.v1("POST", "/v1.0/oauth2/jsapiTickets", token=token) for _ in range(3)
            ]
            assert [each.status for each in replies] == [200, 200, 403]
            assert replies[2].json["code"] == f"Forbidden.AccessDenied.{name}"
            assert replies[2].headers["x-sanfang-faq"] == "M5"

    story(body, rate_profile="modern", rate_app_api_second=2)


def test_an_address_that_calls_too_often_is_banned_for_five_minutes() -> None:
    async def body(world: World) -> None:
        await calls(world, 3)
        first = await world.get(GET, world.own)
        assert first.json["status"] == 1111
        assert first.json["wait"] == 5
        assert first.json["punish"] == "deny"
        world.core.clock.travel(299_000)
        assert (await world.get("/gettoken", appkey="x", appsecret="y")).json["status"] == 1111
        other = f"{GET}?access_token={world.own}"
        assert (await world.raw("GET", other, client="10.0.0.9")).code == 0
        world.core.clock.travel(2_000)
        assert (await world.get(GET, world.own)).code == 0

    story(body, rate_profile="modern", rate_ip_20s=3)


def test_calls_without_a_token_count_for_their_address() -> None:
    async def body(world: World) -> None:
        codes = [(await world.get("/gettoken", appkey="x", appsecret="y")).json for _ in range(3)]
        assert [each.get("errcode") for each in codes] == [40089, 40089, None]

    story(body, rate_profile="modern", rate_ip_20s=2)


def test_the_quota_of_a_month_spares_contacts_and_begins_anew() -> None:
    async def body(world: World) -> None:
        assert {each["errcode"] for each in await calls(world, 5)} == {0}
        path, sent = "/topapi/smartwork/hrm/employee/queryonjob", {"status_list": "2"}
        sent |= {"offset": "0", "size": "9"}
        replies = [await world.post(path, sent, world.own) for _ in range(3)]
        assert [each.json["errcode"] for each in replies] == [0, 0, 88]
        assert replies[2].json["sub_code"] == "90020"
        assert "额度:2次" in replies[2].json["sub_msg"]
        world.core.clock.travel(31 * 86_400_000)
        token, _ = await app_token(world.core, world.app.app_key, world.app.secret)
        assert (await world.post(path, sent, token)).code == 0

    story(body, rate_profile="modern", rate_corp_month=2)


def test_a_refused_call_counts_under_no_rule() -> None:
    async def body(world: World) -> None:
        await calls(world, 20)  # 5 admitted, 15 refused: 5 of 12 counted for the address
        assert {each["errcode"] for each in await calls(world, 5, "/auth/scopes")} == {0}

    story(body, rate_profile="modern", rate_app_api_second=5, rate_ip_20s=12)


def test_off_limits_nothing() -> None:
    async def body(world: World) -> None:
        assert {each["errcode"] for each in await calls(world, 40)} == {0}

    story(body, rate_profile="off", rate_corp_api=1, rate_app_api_second=1, rate_ip_20s=1)


@given(
    span=st.sampled_from([1_000, 20_000, 60_000]),
    limit=st.integers(1, 20),
    gaps=st.lists(
        st.sampled_from([0, 1, 7, 17, 300, 990, 1000, 19_990]), min_size=60, max_size=200
    ),
)
@settings(max_examples=80, deadline=None)
def test_no_span_holds_more_than_the_limit_and_little_less_is_refused(
    span: int, limit: int, gaps: list[int]
) -> None:
    windows, now, admitted = Windows(), NOW, list[int]()
    for gap in gaps:
        now += gap
        if windows.admit([Window("a", limit, span)], now) == -1:
            admitted.append(now)
            assert sum(at > now - span for at in admitted) <= limit
        else:
            assert sum(at > now - span * 1.04 for at in admitted) >= limit


async def _hot(engine: str) -> Hot:
    if engine == "memory":
        return MemoryHot(None)
    need("Redis", REDIS, _redis_error())
    from sanfang.platform.store.redis import RedisHot

    return await RedisHot.open(REDIS, prefix=f"t:gate:{uuid.uuid4().hex}:")


@pytest.mark.parametrize("engine", ["memory", "redis"])
def test_spans_side_by_side_are_all_or_nothing(engine: str) -> None:
    async def run() -> None:
        hot = await _hot(engine)
        second, quota = Window("s", 2, 1_000), Window("m", 3, 0)
        both = [second, quota]
        assert [await hot.admit(both, now=NOW) for _ in range(3)] == [-1, -1, 0]
        assert await hot.admit(both, now=NOW + 1_040) == -1
        assert await hot.admit(both, now=NOW + 90 * 86_400_000) == 1  # kept for ever
        assert await hot.admit([second], now=NOW + 90 * 86_400_000) == -1
        await hot.close()

    asyncio.run(run())


@pytest.mark.parametrize("engine", ["memory", "redis"])
def test_a_second_is_a_second_wherever_it_begins(engine: str) -> None:
    async def run() -> None:
        hot = await _hot(engine)
        for start in (NOW, NOW + 61_007, NOW + 200_993):
            window = [Window("s", 5, 1_000)]
            assert [await hot.admit(window, now=start) for _ in range(6)] == [-1] * 5 + [0]
            assert await hot.admit(window, now=start + 999) == 0
            assert await hot.admit(window, now=start + 1_037) == -1
        await hot.close()

    asyncio.run(run())
