"""Approvals through the gate: the tutorial's walk, old and new names, events."""

from __future__ import annotations

from typing import Any

import pytest

from ..openapi.world import World, story
from .people import heard, hire, subscribe

FORM = {
    "name": "请假",
    "description": "示例",
    "formComponents": [
        {
            "componentType": "TextField",
            "props": {"componentId": "TextField-1", "label": "事由", "required": True},
        }
    ],
}
NEW = "/v1.0/workflow/processInstances"


async def a_form(world: World) -> str:
    made = await world.v1("POST", "/v1.0/workflow/forms", FORM, world.own)
    assert made.status == 200, made.body
    return str(made.json["result"]["processCode"])


async def begin(world: World, code: str, *steps: dict[str, Any], **changes: object) -> str:
    fields = {
        "processCode": code,
        "originatorUserId": "zhang",
        "deptId": 1,
        "approvers": list(steps),
        "formComponentValues": [{"name": "事由", "value": "休息"}],
        **changes,
    }
    reply = await world.v1("POST", NEW, fields, world.own)
    assert reply.status == 200, reply.body
    return str(reply.json["instanceId"])


async def details(world: World, instance_id: str) -> dict[str, Any]:
    reply = await world.v1("GET", f"{NEW}?processInstanceId={instance_id}", token=world.own)
    found: dict[str, Any] = reply.json["result"]
    return found


async def decide(world: World, instance_id: str, userid: str, result: str = "agree") -> int:
    """Let a member decide on the task that waits for him; return the HTTP status."""
    tasks = (await details(world, instance_id))["tasks"]
    mine = [t for t in tasks if t["userId"] == userid] or tasks
    fields = {
        "processInstanceId": instance_id,
        "actionerUserId": userid,
        "taskId": mine[-1]["taskId"],
        "result": result,
        "remark": "好",
    }
    return (await world.v1("POST", f"{NEW}/execute", fields, world.own)).status


def one(*userids: str, action: str = "NONE") -> dict[str, Any]:
    return {"actionType": action, "userIds": list(userids)}


def test_an_approval_goes_from_step_to_step_and_tells_everybody() -> None:
    async def body(world: World) -> None:
        await hire(world, "zhang", "li", "wang")
        await subscribe(world, "bpms_instance_change", "bpms_task_change")
        code = await a_form(world)
        number = await begin(world, code, one("li"), one("wang"))
        todo = "/v1.0/workflow/processes/todoTasks/numbers?userId="
        assert (await world.v1("GET", f"{todo}li", token=world.own)).json == {"result": 1}
        assert (await world.v1("GET", f"{todo}wang", token=world.own)).json == {"result": 0}
        assert await decide(world, number, "wang") == 400
        assert await decide(world, number, "li") == 200
        assert await decide(world, number, "li") == 400
        assert (await world.v1("GET", f"{todo}wang", token=world.own)).json == {"result": 1}
        assert await decide(world, number, "wang") == 200
        seen = await details(world, number)
        assert (seen["status"], seen["result"]) == ("COMPLETED", "agree")
        assert seen["title"] == "测试员zhang提交的请假"
        assert seen["formComponentValues"] == [{"name": "事由", "value": "休息"}]
        assert [each["type"] for each in seen["operationRecords"]] == [
            *("START_PROCESS_INSTANCE", "EXECUTE_TASK_NORMAL", "EXECUTE_TASK_NORMAL"),
        ]
        said = [
            (e["EventType"][5:9], e["type"], e["staffId"], e.get("result"))
            for e in await heard(world)
        ]
        assert said == [
            ("inst", "start", "zhang", None),
            ("task", "start", "li", None),
            ("task", "finish", "li", "agree"),
            ("task", "start", "wang", None),
            ("task", "finish", "wang", "agree"),
            ("inst", "finish", "zhang", "agree"),
        ]
        assert {e["processInstanceId"] for e in await heard(world)} == {number}

    story(body)


@pytest.mark.parametrize(
    ("action", "decisions", "ended"),
    [
        ("AND", ["agree"], ("RUNNING", "")),
        ("AND", ["agree", "agree"], ("COMPLETED", "agree")),
        ("AND", ["refuse"], ("COMPLETED", "refuse")),
        ("OR", ["agree"], ("COMPLETED", "agree")),
        ("OR", ["refuse"], ("COMPLETED", "refuse")),
    ],
)
def test_several_approvers_of_a_step(
    action: str, decisions: list[str], ended: tuple[str, str]
) -> None:
    async def body(world: World) -> None:
        await hire(world, "zhang", "li", "wang")
        number = await begin(world, await a_form(world), one("li", "wang", action=action))
        for userid, result in zip(("li", "wang"), decisions, strict=False):
            assert await decide(world, number, userid, result) == 200
        seen = await details(world, number)
        assert (seen["status"], seen["result"]) == ended

    story(body)


def test_a_task_is_redirected_and_an_approval_commented_and_terminated() -> None:
    async def body(world: World) -> None:
        await hire(world, "zhang", "li", "wang")
        number = await begin(world, await a_form(world), one("li"))
        task = (await details(world, number))["tasks"][0]["taskId"]
        fields = {"taskId": task, "operateUserId": "li", "toUserId": "wang", "remark": "转"}
        reply = await world.v1("POST", "/v1.0/workflow/tasks/redirect", fields, world.own)
        assert reply.json == {"result": True}
        tasks = (await details(world, number))["tasks"]
        assert [(t["userId"], t["status"], t["result"]) for t in tasks] == [
            ("li", "COMPLETED", "REDIRECTED"),
            ("wang", "RUNNING", "NONE"),
        ]
        said = {"processInstanceId": number, "text": "请尽快", "commentUserId": "zhang"}
        assert (await world.v1("POST", f"{NEW}/comments", said, world.own)).json["result"] is True

        end = {"processInstanceId": number, "isSystem": False, "operatingUserId": "zhang"}
        young = await world.v1("POST", f"{NEW}/terminate", end, world.own)
        assert young.json["code"] == "aflowProcessInstStatusException"
        assert "15" in young.explained
        world.core.clock.travel(15_000)
        other = {**end, "operatingUserId": "li"}
        refused = await world.v1("POST", f"{NEW}/terminate", other, world.own)
        assert refused.json["code"] == "invalidInstanceTerminateOperatingUserId"
        assert (await world.v1("POST", f"{NEW}/terminate", end, world.own)).json["result"] is True
        seen = await details(world, number)
        assert seen["status"] == "TERMINATED"
        assert seen["tasks"][1]["status"] == "CANCELED"
        assert [each["type"] for each in seen["operationRecords"]][1:] == [
            *("REDIRECT_TASK", "ADD_REMARK", "TERMINATE_PROCESS_INSTANCE"),
        ]
        assert await decide(world, number, "wang") == 400

    story(body)


def test_old_and_new_names_are_one_approval() -> None:
    async def body(world: World) -> None:
        await hire(world, "zhang", "li", "wang")
        component = {
            "component_name": "TextField",
            "props": {"id": "TextField-1", "label": "事由", "required": True},
        }
        save = {"agentid": 1, "name": "报销", "description": "", "form_component_list": [component]}
        saved = await world.post("/topapi/process/save", {"saveProcessRequest": save}, world.isv)
        code = saved.json["result"]["process_code"]
        schema = await world.v1(
            "GET", f"/v1.0/workflow/forms/schemas/processCodes?processCode={code}", token=world.own
        )
        items = schema.json["result"]["schemaContent"]["items"]
        assert (items[0]["componentName"], items[0]["props"]["id"]) == ("TextField", "TextField-1")
        named = await world.post("/topapi/process/get_by_name", {"name": "报销"}, world.isv)
        assert named.json["process_code"] == code

        fields = {
            "process_code": code,
            "originator_user_id": "zhang",
            "dept_id": -1,
            "approvers": "li,wang",
            "cc_list": "li",
            "cc_position": "FINISH",
            "form_component_values": [{"name": "事由", "value": "车票"}],
        }
        path = "/topapi/processinstance/create"
        number = (await world.post(path, fields, world.isv)).json["process_instance_id"]
        seen = await details(world, number)
        assert [t["userId"] for t in seen["tasks"]] == ["li"]
        assert seen["ccUserIds"] == ["li"]
        assert await decide(world, number, "li") == 200
        asked = {"process_instance_id": number}
        old = (await world.post("/topapi/processinstance/get", asked, world.isv)).json
        old = old["process_instance"]
        assert (old["status"], old["approver_userids"]) == ("RUNNING", ["li", "wang"])
        assert [t["task_result"] for t in old["tasks"]] == ["AGREE", "NONE"]
        execute = {
            "process_instance_id": number,
            "actioner_userid": "wang",
            "task_id": old["tasks"][1]["taskid"],
            "result": "refuse",
        }
        done = await world.post("/topapi/process/instance/execute", {"request": execute}, world.own)
        assert done.code == 0
        assert (await details(world, number))["result"] == "refuse"

        now = world.core.clock.now()
        ids = {"process_code": code, "start_time": now - 1000, "size": 10, "cursor": 0}
        listed = await world.post("/topapi/processinstance/listids", ids, world.own)
        assert listed.json["result"] == {"list": [number]}

    story(body)


def test_ids_are_listed_in_pages_and_filtered() -> None:
    async def body(world: World) -> None:
        await hire(world, "zhang", "li")
        code = await a_form(world)
        numbers = [await begin(world, code, one("li")) for _ in range(5)]
        for number in numbers[:2]:
            await decide(world, number, "li")
        ask = {
            "processCode": code,
            "startTime": world.core.clock.now() - 1000,
            "nextToken": 0,
            "maxResults": 2,
        }
        path, seen = "/v1.0/workflow/processes/instanceIds/query", []
        while True:
            page = (await world.v1("POST", path, ask, world.own)).json["result"]
            seen += page["list"]
            if "nextToken" not in page:
                break
            ask["nextToken"] = int(page["nextToken"])
        assert seen == numbers
        running = {**ask, "nextToken": 0, "maxResults": 20, "statuses": ["RUNNING"]}
        page = (await world.v1("POST", path, running, world.own)).json["result"]
        assert page["list"] == numbers[2:]
        long_ago = {**ask, "startTime": 1_600_000_000_000}
        refused = await world.v1("POST", path, long_ago, world.own)
        assert refused.json["code"] == "invalidEndTime"

    story(body)


def test_without_approvers_an_administrator_decides() -> None:
    async def body(world: World) -> None:
        await hire(world, "zhang")
        number = await begin(world, await a_form(world))
        seen = await details(world, number)
        assert [t["userId"] for t in seen["tasks"]] == ["manager"]

    story(body)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"processCode": "PROC-0"}, "processCodeError"),
        ({"originatorUserId": "nobody"}, "invalidParameter"),
        ({"deptId": 99}, "invalidParameter"),
        ({"approvers": [{"userIds": ["nobody"]}]}, "invalidParameter"),
        ({"approvers": [{"userIds": []}]}, "invalidParameter"),
        ({"approvers": [{"actionType": "XOR", "userIds": ["li"]}]}, "invalidParameter"),
        ({"formComponentValues": [{"name": "别的", "value": "1"}]}, None),
        ({"formComponentValues": [{"name": "事由"}]}, "missingParameter"),
        ({"formComponentValues": [7]}, "invalidParameter"),
    ],
)
def test_an_approval_that_cannot_be_is_refused(changes: dict[str, Any], code: str | None) -> None:
    async def body(world: World) -> None:
        await hire(world, "zhang", "li")
        fields = {
            "processCode": await a_form(world),
            "originatorUserId": "zhang",
            "deptId": 1,
            "approvers": [one("li")],
            "formComponentValues": [{"name": "事由", "value": "休息"}],
            **changes,
        }
        reply = await world.v1("POST", NEW, fields, world.own)
        assert (reply.status, reply.json["code"]) == (
            400,
            code or "processInstanceInvalidParameter",
        )
        assert reply.explained
        path = "/v1.0/workflow/processes/todoTasks/numbers?userId=li"
        assert (await world.v1("GET", path, token=world.own)).json == {"result": 0}

    story(body)


def test_a_form_is_changed_listed_and_deleted_with_its_running_approvals() -> None:
    async def body(world: World) -> None:
        await hire(world, "zhang", "li")
        code = await a_form(world)
        change = {**FORM, "processCode": code, "name": "新名"}
        again = await world.v1("POST", "/v1.0/workflow/forms", change, world.own)
        assert again.json["result"]["processCode"] == code
        twice = await world.v1("POST", "/v1.0/workflow/forms", {**FORM, "name": "新名"}, world.own)
        assert twice.json["code"] == "formName.error"
        path = "/v1.0/workflow/processes/managements/templates?userId=zhang"
        shown = (await world.v1("GET", path, token=world.own)).json["result"]
        assert [each["flowTitle"] for each in shown] == ["新名"]
        ask = {"userid": "li", "offset": 0, "size": 100}
        old = (await world.post("/topapi/process/listbyuserid", ask, world.isv)).json["result"]
        assert [each["process_code"] for each in old["process_list"]] == [code]
        number = await begin(world, code, one("li"))
        delete = {"request": {"agentid": 1, "process_code": code, "clean_running_task": True}}
        assert (await world.post("/topapi/process/delete", delete, world.isv)).code == 0
        assert (await details(world, number))["status"] == "TERMINATED"
        assert (await world.post("/topapi/process/delete", delete, world.isv)).code == 830001

    story(body)
