"""Events of a corp reach whoever registered, are tried again, and end in the list."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sanfang.platform.domain import authorisations, callbacks, corp_events, outbox
from sanfang.platform.domain.model import Identity
from sanfang.platform.store.ports import Tx
from sanfang.platform.store.queries import callbacks as callback_rows

from ..domain.world import START
from .world import Place, story, until

SECOND = 1000


@pytest.mark.parametrize("isv", [False, True])
def test_an_event_arrives_as_the_documents_print_it(isv: bool) -> None:
    async def body(place: Place) -> None:
        assert await place.register() == 0
        await place.happens("user_add_org", UserId=["zhang", "li"])
        await until(lambda: bool(place.receiver.named("user_add_org")))
        assert place.receiver.events[-1] == {
            "EventType": "user_add_org",
            "TimeStamp": START,
            "CorpId": place.corp_id,
            "UserId": ["zhang", "li"],
        }

    story(body, isv=isv)


def test_only_subscribed_tags_of_the_own_corp_are_pushed() -> None:
    async def body(place: Place) -> None:
        assert await place.register() == 0
        await place.happens("check_in", StaffId="zhang")
        await place.happens("user_add_org", corp_id="dingother", UserId=["zhang"])
        await place.happens("org_dept_create", DeptId=[7])
        await until(lambda: bool(place.receiver.named("org_dept_create")))
        names = [event["EventType"] for event in place.receiver.events]
        assert names == ["check_url", "org_dept_create"]

    story(body)


def test_an_event_of_a_change_that_fails_is_never_pushed() -> None:
    async def body(place: Place) -> None:
        core = place.world.core
        assert await place.register() == 0

        async def change(tx: Tx) -> None:
            await corp_events.announce(tx, core, place.corp_id, "user_add_org", {})
            raise RuntimeError("the change failed")

        with pytest.raises(RuntimeError):
            await core.durable.transact(change)
        await place.happens("user_leave_org", UserId=["li"])
        await until(lambda: bool(place.receiver.named("user_leave_org")))
        assert not place.receiver.named("user_add_org")

    story(body)


def test_events_arrive_in_the_order_of_the_changes() -> None:
    async def body(place: Place) -> None:
        assert await place.register() == 0
        for number in range(20):
            await place.happens("user_add_org", UserId=[str(number)])
        await until(lambda: len(place.receiver.named("user_add_org")) == 20)
        seen = [event["UserId"][0] for event in place.receiver.named("user_add_org")]
        assert seen == [str(number) for number in range(20)]

    story(body)


def test_after_an_update_events_go_to_the_new_url() -> None:
    async def body(place: Place) -> None:
        assert await place.register() == 0
        old, changed = place.receiver.url, place.receiver.url.replace("/callback", "/moved")
        path = "/call_back/update_call_back"
        answer = await place.world.post(path, place.form(url=changed), place.token)
        assert (answer.code, old != changed) == (0, True)
        await place.happens("user_add_org", UserId=["zhang"])
        await until(lambda: bool(place.receiver.named("user_add_org")))
        assert (await place.ask("get_call_back"))["url"] == changed

    story(body)


def test_a_failed_event_is_tried_after_10_and_30_seconds_and_then_listed() -> None:
    async def body(place: Place) -> None:
        clock, receiver = place.world.core.clock, place.receiver
        assert await place.register() == 0
        receiver.refuses = lambda event: event["EventType"] == "user_add_org"
        await place.happens("user_add_org", UserId=["zhang"])
        await _refused(place, 1)
        clock.travel(9 * SECOND)
        await _quiet(place, 1)
        clock.travel(1 * SECOND)
        await _refused(place, 2)
        clock.travel(29 * SECOND)
        await _quiet(place, 2)
        clock.travel(1 * SECOND)
        await _refused(place, 3)
        push = (await outbox.list_pushes(place.world.core, corp_id=place.corp_id, state="failed"))[
            0
        ]
        assert (push.event_type, push.failures) == ("user_add_org", 3)
        clock.travel(3600 * SECOND)
        await _quiet(place, 3)
        listed = await place.ask("get_call_back_failed_result")
        assert listed == {
            "errcode": 0,
            "errmsg": "ok",
            "failed_list": [
                {
                    "event_time": START,
                    "call_back_tag": "user_add_org",
                    "userid": ["zhang"],
                    "corpid": place.corp_id,
                    "user_add_org": {"userid": ["zhang"], "corpid": place.corp_id},
                }
            ],
            "has_more": False,
        }

    story(body)


def test_an_event_that_waits_does_not_hold_up_the_next() -> None:
    async def body(place: Place) -> None:
        assert await place.register() == 0
        place.receiver.refuses = lambda event: event.get("UserId") == ["zhang"]
        await place.happens("user_add_org", UserId=["zhang"])
        await _refused(place, 1)
        await place.happens("user_add_org", UserId=["li"])
        await until(lambda: {"UserId": ["li"]}.items() <= place.receiver.events[-1].items())

    story(body)


def test_a_receiver_that_recovers_gets_the_event_and_nothing_is_listed() -> None:
    async def body(place: Place) -> None:
        assert await place.register() == 0
        place.receiver.refuses = lambda event: True
        await place.happens("user_add_org", UserId=["zhang"])
        await _refused(place, 1)
        place.receiver.refuses = lambda event: False
        place.world.core.clock.travel(10 * SECOND)
        await until(lambda: len(place.receiver.named("user_add_org")) == 2)
        await _quiet(place, 1)
        assert (await place.ask("get_call_back_failed_result"))["failed_list"] == []

    story(body)


def test_the_retries_of_2016_go_on_to_the_limit() -> None:
    async def body(place: Place) -> None:
        assert await place.register() == 0
        place.receiver.refuses = lambda event: True
        await place.happens("user_add_org", UserId=["zhang"])
        for count in range(1, 5):
            await _refused(place, count)
            place.world.core.clock.travel(60 * SECOND)
        assert len((await place.ask("get_call_back_failed_result"))["failed_list"]) == 1

    story(body, call_back_retries="isv2016", push_limit=4)


def test_deleting_a_registration_drops_what_waits() -> None:
    async def body(place: Place) -> None:
        assert await place.register() == 0
        place.receiver.refuses = lambda event: True
        await place.happens("user_add_org", UserId=["zhang"])
        await _refused(place, 1)
        assert (await place.ask("delete_call_back"))["errcode"] == 0
        place.receiver.refuses = lambda event: False
        assert await place.register() == 0
        place.world.core.clock.travel(60 * SECOND)
        await place.happens("user_leave_org", UserId=["zhang"])
        await until(lambda: bool(place.receiver.named("user_leave_org")))
        assert len(place.receiver.named("user_add_org")) == 1

    story(body)


def test_an_event_written_while_its_registration_goes_is_dropped() -> None:
    """Whoever announces may have looked before the registration was deleted."""

    async def body(place: Place) -> None:
        core, target = place.world.core, corp_events.target_of(place.world.app.app_key)

        async def late(tx: Tx) -> int:
            return await outbox.enqueue(tx, core, target, place.corp_id, "user_add_org", "{}")

        number = await core.durable.transact(late)
        await until(lambda: _state(place, number, "superseded"))
        assert await outbox.next_due(core, target) is None

    story(body)


def test_relieving_removes_the_failed_list_too() -> None:
    async def body(place: Place) -> None:
        core, suite_key = place.world.core, place.world.suite.suite_key
        assert await place.register() == 0
        await _fail(place, ["zhang"])
        await authorisations.relieve(core, suite_key, place.corp_id)
        identity = Identity("isv_corp", corp_id=place.corp_id, suite_key=suite_key)
        with pytest.raises(Exception, match="71007"):
            await callbacks.take_failed(core, identity)

    story(body, isv=True)


def test_failed_events_come_200_at_a_time_and_asking_again_acknowledges() -> None:
    async def body(place: Place) -> None:
        assert await place.register() == 0
        await _list(place, 401)
        pages = [await place.ask("get_call_back_failed_result") for _ in range(4)]
        assert [len(page["failed_list"]) for page in pages] == [200, 200, 1, 0]
        assert [page["has_more"] for page in pages] == [True, True, False, False]
        numbers = [item["userid"][0] for page in pages for item in page["failed_list"]]
        assert numbers == [str(number) for number in range(401)]

    story(body)


def test_what_was_returned_last_is_kept_until_the_next_call() -> None:
    """A client that dies with the page in its hands has lost it only once it asks again."""

    async def body(place: Place) -> None:
        assert await place.register() == 0
        await _list(place, 2)
        assert len((await place.ask("get_call_back_failed_result"))["failed_list"]) == 2
        kept = await place.world.core.durable.all(
            callback_rows.FAILURES,
            corp_events.target_of(place.world.app.app_key),
            place.corp_id,
            0,
            2**62,
            9,
        )
        assert len(kept) == 2
        assert (await place.ask("get_call_back_failed_result"))["failed_list"] == []

    story(body)


def test_failed_events_survive_their_registration() -> None:
    async def body(place: Place) -> None:
        assert await place.register() == 0
        await _list(place, 1)
        assert (await place.ask("delete_call_back"))["errcode"] == 0
        assert len((await place.ask("get_call_back_failed_result"))["failed_list"]) == 1
        assert (await place.ask("get_call_back_failed_result"))["errcode"] == 71007

    story(body)


@pytest.mark.parametrize(
    ("tag", "fields", "flat", "nested"),
    [
        ("org_dept_create", {"DeptId": [7]}, {"deptid": [7]}, {"deptid": [7]}),
        ("org_remove", {}, {}, {"callbackData": {}}),
        (
            "bpms_task_change",
            {"processInstanceId": "p1", "type": "start"},
            {},
            {"bpmsCallBackData": {"processInstanceId": "p1", "type": "start"}},
        ),
        (
            "label_user_change",
            {"userIdList": ["zhang"], "action": "add"},
            {},
            {"roleLabelChange": {"userIdList": ["zhang"], "action": "add"}},
        ),
        (
            "chat_quit",
            {"ChatId": "chat1", "Operator": "li"},
            {},
            {"callbackData": {"ChatId": "chat1", "Operator": "li"}},
        ),
    ],
)
def test_the_shape_of_a_failed_event_follows_its_kind(
    tag: str, fields: dict[str, Any], flat: dict[str, Any], nested: dict[str, Any]
) -> None:
    async def body(place: Place) -> None:
        assert await place.register(call_back_tag=[tag]) == 0
        place.receiver.refuses = lambda event: True
        await place.happens(tag, **fields)
        await _exhaust(place)
        item = (await place.ask("get_call_back_failed_result"))["failed_list"][0]
        corpid = {"corpid": place.corp_id}
        head = {"event_time": START, "call_back_tag": tag}
        assert item == {**head, **flat, **corpid, tag: {**nested, **corpid}}

    story(body)


def test_the_newer_api_reads_the_same_list_by_time() -> None:
    async def body(place: Place) -> None:
        world = place.world
        assert await place.register() == 0
        await _list(place, 3)
        path = f"/v1.0/event/callbacks/failedResults?beginTime={START + 1}&endTime={START + 1}"
        answer = (await world.v1("GET", path, token=place.token)).json
        assert answer["hasMore"] is False
        (event,) = answer["failedList"]
        data = json.loads(event.pop("callBackData"))
        assert event == {
            "callBackTag": "user_add_org",
            "corpId": place.corp_id,
            "eventTime": START + 1,
        }
        assert data["UserId"] == ["1"]
        listed = (await place.ask("get_call_back_failed_result"))["failed_list"]
        assert [item["userid"] for item in listed] == [["0"], ["2"]]

    story(body)


async def _refused(place: Place, times: int) -> None:
    """Wait until the receiver refused so often, and the platform wrote it down."""
    core = place.world.core

    async def written() -> bool:
        found = await outbox.list_pushes(core, corp_id=place.corp_id)
        tried = sum(push.failures for push in found if push.suite_key.startswith("cb:"))
        return len(place.receiver.refused) == tried == times

    await until(written)


async def _quiet(place: Place, times: int) -> None:
    """See that nothing is due: the dispatcher waits, and the receiver was asked no further."""
    core = place.world.core
    target = _target(place)

    async def waiting() -> bool:
        due = await outbox.next_due(core, target)
        return due is None or due > core.clock.now()

    await until(waiting)
    assert len(place.receiver.refused) == times


def _target(place: Place) -> str:
    own = place.token == place.world.own
    return corp_events.target_of(place.world.app.app_key if own else place.world.suite.suite_key)


async def _state(place: Place, number: int, state: str) -> bool:
    return (await outbox.get_push(place.world.core, number))[0].state == state


async def _exhaust(place: Place) -> None:
    for count in range(1, 4):
        await _refused(place, count)
        place.world.core.clock.travel(30 * SECOND)


async def _fail(place: Place, userids: list[str]) -> None:
    place.receiver.refuses = lambda event: True
    await place.happens("user_add_org", UserId=userids)
    await _exhaust(place)


async def _list(place: Place, count: int) -> None:
    """Put events straight into the list: a millisecond between them."""
    core, target = place.world.core, _target(place)
    rows = [
        (
            *(target, place.corp_id, "user_add_org"),
            json.dumps({"EventType": "user_add_org", "CorpId": place.corp_id, "UserId": [str(n)]}),
            START + n,
        )
        for n in range(count)
    ]

    async def body(tx: Tx) -> None:
        await tx.many(callback_rows.INSERT_FAILURE, rows)

    await core.durable.transact(body)
