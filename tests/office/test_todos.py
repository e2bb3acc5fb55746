"""To-do tasks and work records: one thing under two names."""

from __future__ import annotations

from typing import Any

import pytest

from ..openapi.world import World, story
from .people import heard, hire, subscribe

URL = {"appUrl": "http://app.example/1", "pcUrl": "http://app.example/pc/1"}


def test_a_task_is_made_read_changed_finished_and_deleted() -> None:
    async def body(world: World) -> None:
        (zhang, li) = await hire(world, "zhang", "li")
        await subscribe(world, "todo_task_create", "todo_task_update", "todo_task_delete")
        base = f"/v1.0/todo/users/{zhang}/tasks"
        fields = {
            "subject": "接入待办",
            "creatorId": zhang,
            "executorIds": [li],
            "dueTime": 1_700_000_600_000,
            "detailUrl": URL,
            "priority": 20,
            "sourceId": "order-1",
        }
        made = (await world.v1("POST", f"{base}?operatorId={zhang}", fields, world.own)).json
        assert made["executorIds"] == [li]
        assert made["done"] is False
        assert (made["detailUrl"], made["dueTime"], made["priority"]) == (
            URL,
            1_700_000_600_000,
            20,
        )
        one = f"{base}/{made['id']}"
        again = (await world.v1("GET", one, token=world.own)).json
        assert again == made
        by_source = await world.v1("GET", f"{base}/sources/order-1", token=world.own)
        assert by_source.json["id"] == made["id"]

        changed = await world.v1(
            "PUT", one, {"subject": "改", "participantIds": [zhang]}, world.own
        )
        assert changed.json == {"result": True}
        status = {"executorStatusList": [{"id": li, "isDone": True}]}
        assert (await world.v1("PUT", f"{one}/executorStatus", status, world.own)).json == {
            "result": True
        }
        now = (await world.v1("GET", one, token=world.own)).json
        assert (now["subject"], now["done"]) == ("改", True)
        assert now["finishTime"] == world.core.clock.now()

        gone = await world.v1("DELETE", f"{one}?operatorId={zhang}", token=world.own)
        assert gone.json["result"] is True
        missing = await world.v1("DELETE", one, token=world.own)
        assert (missing.status, missing.json["code"]) == (400, "todo.taskDelete.paramError")
        events = await heard(world)
        assert [each["EventType"] for each in events] == [
            *("todo_task_create", "todo_task_update", "todo_task_update", "todo_task_delete"),
        ]
        assert events[0]["taskId"] == made["id"]
        assert set(events[0]["UnionIdList"]) == {zhang, li}

    story(body)


def test_a_work_record_is_a_task_under_its_old_name_and_the_other_way_round() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        record = {
            "userid": "zhang",
            "create_time": 1_599_580_799_000,
            "title": "学习任务",
            "url": "http://app.example/r",
            "formItemList": [{"title": "内容", "content": "产品学习"}],
        }
        added = await world.post("/topapi/workrecord/add", record, world.isv)
        assert added.code == 0
        number = added.json["record_id"]
        base = f"/v1.0/todo/users/{zhang}"
        task = (await world.v1("GET", f"{base}/tasks/{number}", token=world.own)).json
        assert (task["subject"], task["executorIds"]) == ("学习任务", [zhang])

        made = await world.v1(
            "POST", f"{base}/tasks", {"subject": "新", "detailUrl": URL}, world.own
        )
        asked = {"userid": "zhang", "offset": 0, "limit": 50, "status": 0}
        found = (await world.post("/topapi/workrecord/getbyuserid", asked, world.own)).json
        listed = found["records"]["list"]
        assert [each["record_id"] for each in listed] == [made.json["id"], number]
        assert listed[1]["forms"] == [{"title": "内容", "content": "产品学习"}]
        assert listed[1]["create_time"] == 1_599_580_799_000
        assert found["records"]["has_more"] is False

        count = "/v1.0/workrecord/counts?userId=zhang"
        assert (await world.v1("GET", count, token=world.own)).json == {"undoCount": 2}
        update = {"userid": "zhang", "record_id": number}
        assert (await world.post("/topapi/workrecord/update", update, world.isv)).code == 0
        assert (await world.v1("GET", count, token=world.own)).json == {"undoCount": 1}
        query = await world.v1("POST", f"{base}/org/tasks/query", {"isDone": True}, world.own)
        assert [each["taskId"] for each in query.json["todoCards"]] == [number]
        done = await world.post("/topapi/workrecord/getbyuserid", {**asked, "status": 1}, world.own)
        assert [each["record_id"] for each in done.json["records"]["list"]] == [number]

    story(body)


def test_a_task_of_several_executors_is_done_when_all_are() -> None:
    async def body(world: World) -> None:
        (zhang, li) = await hire(world, "zhang", "li")
        base = f"/v1.0/todo/users/{zhang}/tasks"
        fields = {"subject": "两人", "executorIds": [zhang, li], "detailUrl": URL}
        number = (await world.v1("POST", base, fields, world.own)).json["id"]
        states = []
        for who in (zhang, li):
            status = {"executorStatusList": [{"id": who, "isDone": True}]}
            await world.v1("PUT", f"{base}/{number}/executorStatus", status, world.own)
            states.append((await world.v1("GET", f"{base}/{number}", token=world.own)).json["done"])
        assert states == [False, True]
        await world.v1("PUT", f"{base}/{number}", {"done": False}, world.own)
        back = (await world.v1("GET", f"{base}/{number}", token=world.own)).json
        assert back["done"] is False
        assert "finishTime" not in back

    story(body)


def test_pages_of_tasks_hold_every_one_once_and_roles_choose() -> None:
    async def body(world: World) -> None:
        (zhang, li) = await hire(world, "zhang", "li")
        for number in range(45):
            fields = {
                "subject": f"第{number}项",
                "executorIds": [li if number % 2 else zhang],
                "detailUrl": URL,
            }
            await world.v1("POST", f"/v1.0/todo/users/{zhang}/tasks", fields, world.own)
        seen: list[str] = []
        asked: dict[str, Any] = {"nextToken": "0"}
        while True:
            path = f"/v1.0/todo/users/{zhang}/org/tasks/query"
            page = (await world.v1("POST", path, asked, world.own)).json
            seen += [each["subject"] for each in page["todoCards"]]
            if "nextToken" not in page:
                break
            asked = {"nextToken": page["nextToken"]}
        assert seen == [f"第{number}项" for number in reversed(range(45))]
        own = {"roleTypes": [["executor", "creator"]], "isDone": False}
        page = (await world.v1("POST", path, own, world.own)).json
        assert len(page["todoCards"]) == 20
        assert all(int(each["subject"][1:-1]) % 2 == 0 for each in page["todoCards"])

    story(body)


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "字" * 1025},
        {"subject": ""},
        {"executorIds": ["nobody"]},
        {"creatorId": "nobody"},
        {"sourceId": "taken"},
        {"dueTime": "tomorrow"},
        {"detailUrl": 7},
    ],
)
def test_a_task_that_cannot_be_is_refused_and_nothing_is_written(changes: dict[str, Any]) -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        path = f"/v1.0/todo/users/{zhang}/tasks"
        await world.v1("POST", path, {"subject": "一", "sourceId": "taken"}, world.own)
        reply = await world.v1("POST", path, {"subject": "二", **changes}, world.own)
        assert reply.status == 400
        assert reply.json["code"] in ("todo.taskCreate.paramError", "missingParameter")
        assert reply.explained
        counted = await world.v1("GET", "/v1.0/workrecord/counts?userId=zhang", token=world.own)
        assert counted.json == {"undoCount": 1}

    story(body)


def test_another_corps_tasks_cannot_be_reached() -> None:
    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        record = {"userid": "zhang", "record_id": "task0"}
        reply = await world.post("/topapi/workrecord/update", record, world.isv)
        assert reply.code == 40035
        assert "task0" in reply.explained
        reply = await world.v1("GET", f"/v1.0/todo/users/{zhang}/tasks/task0", token=world.own)
        assert reply.status == 400

    story(body)
