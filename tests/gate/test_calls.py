"""The call log: a record per call, written together, never in the way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from sanfang.platform.domain import calls
from sanfang.platform.domain.calls import CallLog, Record
from sanfang.platform.store import open_durable
from sanfang.platform.store.errors import StoreClosed

from ..domain import world as stores
from ..openapi.world import World, story


@pytest.fixture(params=stores.KINDS, autouse=True)
def kind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test here runs on both kinds of stores."""
    stores.KIND[0] = request.param
    yield
    stores.KIND[0] = stores.KINDS[0]


def record(number: int) -> Record:
    return (number, "10.0.0.1", "", "", "", "e", "/p", 200, 0, 7, False, "", "")


def test_each_call_leaves_a_record_that_says_who_what_and_how() -> None:
    async def body(world: World) -> None:
        await world.get("/user/get", world.own, userid="manager")
        await world.get("/user/get", world.isv, userid="nobody")
        await world.get("/getuserinfo", client="10.1.2.3")
        await world.post("/topapi/smartwork/hrm/employee/queryonjob", {}, world.own)
        found = await world.core.calls.listed()
        told = [(each.endpoint, each.code, each.status, each.synthetic) for each in found]
        assert told == [
            ("oapi_topapi_smartwork_hrm_employee_queryonjob_post", 40035, 200, False),
            ("", 404, 200, False),
            ("oapi_user_get_get", 60111, 200, False),
            ("oapi_user_get_get", 0, 200, False),
        ]
        first, second = found[-1], found[-2]
        assert (first.app_key, first.corp_id) == (world.app.app_key, world.corp.corp_id)
        assert (second.suite_key, second.app_key) == (world.suite.suite_key, "")
        assert first.client_ip == "127.0.0.1"
        assert first.micros > 0
        assert second.zh
        assert second.en
        assert found[1].path == "/getuserinfo"

    story(body)


def test_made_up_answers_are_marked() -> None:
    async def body(world: World) -> None:
        fields = {"status_list": "2", "offset": 0, "size": 9}
        await world.post("/topapi/smartwork/hrm/employee/queryonjob", fields, world.own)
        assert [each.synthetic for each in await world.core.calls.listed()] == [True]

    story(body)


def test_the_log_is_read_by_corp_by_caller_by_endpoint_and_page_by_page() -> None:
    async def body(world: World) -> None:
        for _ in range(3):
            await world.get("/department/list", world.own)
            await world.get("/department/list", world.isv)
            await world.get("/user/get", world.own)
        log, app = world.core.calls, world.app
        assert len(await log.listed(corp_id=world.corp.corp_id)) == 9
        assert await log.listed(corp_id="other") == []
        assert len(await log.listed(caller=app.app_key)) == 6
        assert len(await log.listed(caller=world.suite.suite_key)) == 3
        assert len(await log.listed(endpoint="oapi_user_get_get", refused=True)) == 3
        page = await log.listed(limit=4)
        after = await log.listed(limit=9, before=page[-1].call_id)
        ids = [each.call_id for each in page + after]
        assert ids == sorted(ids, reverse=True)
        assert len(ids) == 9

    story(body)


def test_only_the_newest_are_kept() -> None:
    async def body(world: World) -> None:
        for number in range(30):
            world.core.calls.add(record(number))
            await world.core.calls.flush()
        assert [each.at for each in await world.core.calls.listed()] == list(range(29, 19, -1))

    story(body, call_log_keep=10)


def test_what_finds_no_room_is_dropped_and_counted() -> None:
    async def run() -> None:
        durable = await open_durable(":memory:")
        log = CallLog(durable, keep=10**6)
        for number in range(calls.MOST + 5):
            log.add(record(number))
        assert log.dropped == 5
        await log.flush()
        found = await log.listed(limit=calls.MOST + 5)
        assert [each.at for each in found] == list(range(calls.MOST - 1, -1, -1))
        middle = found[700]
        after = await log.listed(limit=3, before=middle.call_id)
        assert [each.at for each in after] == [middle.at - n for n in (1, 2, 3)]
        await durable.close()

    asyncio.run(run())


def test_a_store_that_is_gone_loses_records_and_disturbs_nobody() -> None:
    async def run() -> None:
        durable = await open_durable(":memory:")
        log = CallLog(durable, keep=10)
        await durable.close()
        log.add(record(1))
        await log.flush()
        assert log.dropped == 1

    asyncio.run(run())
    assert issubclass(StoreClosed, Exception)


def test_the_log_can_be_switched_off() -> None:
    async def body(world: World) -> None:
        await world.get("/department/list", world.own)
        assert await world.core.calls.listed() == []

    story(body, call_log=False)


def test_no_secret_and_no_token_is_in_a_record() -> None:
    async def body(world: World) -> None:
        await world.get("/gettoken", appkey=world.app.app_key, appsecret=world.app.secret)
        await world.get("/gettoken", appkey=world.app.app_key, appsecret="wrong-secret")
        await world.get("/user/get", world.own, userid="manager")
        text = repr(await world.core.calls.listed())
        assert world.own not in text
        assert world.app.secret not in text
        assert "wrong-secret" not in text

    story(body)
