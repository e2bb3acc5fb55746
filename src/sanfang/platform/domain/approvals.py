"""Approvals: instances of a form, moved by the machine in approval_flow.py, with their events."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from ..store.ports import Reader, Row, Tx
from ..store.queries import approvals as rows_of
from ..store.queries import contacts as contact_rows
from . import approval_flow, approval_forms, departments, members, rows
from .approval_flow import Flow, Move, Step, Task
from .core import Core
from .corp_events import announce
from .refusals import Refusal

TOO_YOUNG_MS = 15_000  # an approval cannot be terminated before it is this old
MOST_DAYS = 120  # the longest window that ids are listed for
CHUNK = 200
_LEFT = "审批人已离职"

_STEPS = msgspec.json.Decoder(list[Step])
_LIST = msgspec.json.Decoder(list[dict[str, Any]])


class Cc(msgspec.Struct, frozen=True):
    users: list[str] = []
    position: str = ""


_CC = msgspec.json.Decoder(Cc)


class DatedTask(Task, frozen=True):
    created_at: int = 0
    finished_at: int | None = None


class Instance(msgspec.Struct, frozen=True):
    number: int
    instance_id: str
    process_code: str
    business_id: str
    title: str
    originator: str
    dept_id: int
    status: str
    result: str
    steps: list[Step]
    form_values: list[dict[str, Any]]
    cc: Cc
    records: list[dict[str, Any]]  # userid, date, type, result, remark
    created_at: int
    finished_at: int | None
    tasks: list[DatedTask] = []

    @property
    def flow(self) -> Flow:
        return Flow(self.steps, list(self.tasks), self.status, self.result)


async def start(
    core: Core,
    corp_id: str,
    *,
    process_code: str,
    originator: str,
    dept_id: int | None,
    steps: Sequence[Step],
    form_values: list[dict[str, Any]],
    cc: Cc,
) -> Instance:
    """Start an approval; without steps the corp's administrators approve, the first one decides.

    Refuses 820001 (form or approvers), 60111 (a person), 60003 (the department), 200007 (a
    required value).
    """
    member = await members.get_member(core, corp_id, originator)
    form = await approval_forms.get(core, corp_id, process_code, refuse=820001)
    _check_values(form, form_values)
    department = member.departments[0] if dept_id in (None, -1) else dept_id
    assert department is not None
    await departments.get_department(core, corp_id, department)
    for userid in dict.fromkeys([*(u for step in steps for u in step.users), *cc.users]):
        await members.get_member(core, corp_id, userid)
    if not steps:
        admins = [row[0] for row in await core.durable.all(rows_of.ADMINS, corp_id)]
        steps = [Step(admins, "OR")]
    first = approval_flow.start(steps)
    now, instance_id = core.clock.now(), str(uuid.uuid4())
    record = _record(now, originator, "START_PROCESS_INSTANCE")
    business_id = f"{now}{uuid.uuid4().int % 1_000_000:06}"
    title = f"{member.name}提交的{form.name}"

    async def body(tx: Tx) -> Instance:
        row = await tx.one(
            rows_of.INSERT,
            *(instance_id, corp_id, process_code, business_id, title, originator),
            *(department, rows.json_text(steps), rows.json_text(form_values)),
            *(rows.json_text(cc), rows.json_text([record]), now),
        )
        assert row is not None
        made = await _by_id(tx, corp_id, instance_id)
        await _tell_instance(tx, core, corp_id, made, "start")
        return await _make(tx, core, corp_id, made, first, [])

    return await core.durable.transact(body)


async def execute(
    core: Core,
    corp_id: str,
    instance_id: str,
    *,
    task_id: int,
    actor: str,
    result: str,
    remark: str,
) -> Instance:
    """Let an approver agree or refuse; refuse 820005, 820006."""
    if result not in ("agree", "refuse"):
        raise Refusal(
            40035,
            "result 为 agree 或 refuse。",
            "result is agree or refuse.",
            facts={"v1": "invalidInstanceExecuteResult"},
        )
    await members.get_member(core, corp_id, actor)
    now = core.clock.now()
    record = _record(now, actor, "EXECUTE_TASK_NORMAL", result.upper(), remark)

    async def body(tx: Tx) -> Instance:
        old = await _locked(tx, corp_id, instance_id)
        move = approval_flow.execute(old.flow, task_id, actor, agree=result == "agree")
        return await _make(tx, core, corp_id, old, move, [record], remark)

    return await core.durable.transact(body)


async def redirect(
    core: Core, corp_id: str, *, task_id: int, actor: str, to: str, remark: str
) -> Instance:
    """Hand a task to another member; refuse 820005, 820006, 60111."""
    for userid in (actor, to):
        await members.get_member(core, corp_id, userid)
    found = await core.durable.one(rows_of.INSTANCE_OF_TASK, corp_id, task_id)
    if found is None:
        raise Refusal(
            820006,
            f"没有审批任务 {task_id}。",
            f"There is no task {task_id}.",
            facts={"v1": "param.illegal"},
        )
    record = _record(core.clock.now(), actor, "REDIRECT_TASK", "NONE", remark)

    async def body(tx: Tx) -> Instance:
        old = await _locked(tx, corp_id, found[0])
        move = approval_flow.redirect(old.flow, task_id, actor, to)
        return await _make(tx, core, corp_id, old, move, [record], remark)

    return await core.durable.transact(body)


async def terminate(
    core: Core,
    corp_id: str,
    instance_id: str,
    *,
    operator: str,
    is_system: bool,
    remark: str,
    age_ms: int = TOO_YOUNG_MS,
) -> Instance:
    """Take an approval back: its originator, or the system.

    Refuses 820005 (ended, or started less than ``age_ms`` ago) and 60011 (somebody else).
    """
    now = core.clock.now()
    record = _record(now, operator, "TERMINATE_PROCESS_INSTANCE", "NONE", remark)

    async def body(tx: Tx) -> Instance:
        old = await _locked(tx, corp_id, instance_id)
        if not is_system and operator != old.originator:
            raise Refusal(
                60011,
                "只有发起人可以撤销审批（或 isSystem 为 true）。",
                "Only the originator may take an approval back (or isSystem is true).",
                facts={"v1": "invalidInstanceTerminateOperatingUserId"},
            )
        move = approval_flow.terminate(old.flow)
        if now - old.created_at < age_ms:
            raise Refusal(
                820005,
                "审批发起 15 秒内不能撤销。",
                "An approval cannot be terminated within 15 seconds of its start.",
                facts={"v1": "aflowProcessInstStatusException"},
            )
        return await _make(tx, core, corp_id, old, move, [record], remark)

    return await core.durable.transact(body)


async def leave_all(tx: Tx, core: Core, corp_id: str, userid: str, heir: str) -> None:
    """Hand what waits for somebody who leaves the corp to ``heir``, in the transaction of leaving.

    Where ``heir`` decides already, the leaver's task is cancelled; without an heir it stays.
    """
    if not heir:
        return
    for instance_id, task_id in await tx.all(rows_of.WAITING_FOR, corp_id, userid):
        old = await _locked(tx, corp_id, instance_id)
        record = _record(core.clock.now(), userid, "REDIRECT_TASK", "NONE", _LEFT)
        move = approval_flow.hand_over(old.flow, task_id, heir)
        await _make(tx, core, corp_id, old, move, [record], _LEFT)


async def comment(
    core: Core, corp_id: str, instance_id: str, *, userid: str, text: str
) -> Instance:
    """Add a comment, also after the end; it moves nothing."""
    await members.get_member(core, corp_id, userid)
    record = _record(core.clock.now(), userid, "ADD_REMARK", "NONE", text)

    async def body(tx: Tx) -> Instance:
        old = await _locked(tx, corp_id, instance_id)
        records = rows.json_text([*old.records, record])
        await tx.run(rows_of.UPDATE, old.number, old.status, old.result, records, old.finished_at)
        return await _by_id(tx, corp_id, instance_id)

    return await core.durable.transact(body)


async def get(core: Core, corp_id: str, instance_id: str) -> Instance:
    """Return an approval; refuse 830001 when there is none."""
    return await _by_id(core.durable, corp_id, instance_id)


async def list_of(
    core: Core,
    corp_id: str,
    process_code: str,
    *,
    start_time: int,
    end_time: int | None = None,
    userids: Sequence[str] = (),
    statuses: Sequence[str] = (),
    after: int = 0,
    size: int = 20,
) -> tuple[list[Instance], int | None]:
    """Return a page of a form's approvals, oldest first, and the cursor of the next page.

    Tasks are not read. Refuses 830001 (form) and 40035 (a window over 120 days).
    """
    await approval_forms.get(core, corp_id, process_code)
    end = core.clock.now() if end_time is None else end_time
    if end < start_time or end - start_time > MOST_DAYS * 86_400_000:
        raise Refusal(
            40035,
            f"起止时间须在 {MOST_DAYS} 天之内。",
            f"The window is at most {MOST_DAYS} days, its end after its start.",
            facts={"v1": "invalidEndTime"},
        )
    found: list[Instance] = []
    while True:
        chunk = await core.durable.all(
            rows_of.BETWEEN, corp_id, process_code, start_time, end, after, CHUNK
        )
        for row in chunk:
            each = _instance(row)
            after = each.number
            if userids and each.originator not in userids:
                continue
            if statuses and each.status not in statuses:
                continue
            if len(found) == size:
                return found, found[-1].number
            found.append(each)
        if len(chunk) < CHUNK:
            return found, None


async def count_open(core: Core, corp_id: str, userid: str) -> int:
    """Return how many tasks wait for a member."""
    row = await core.durable.one(rows_of.COUNT_OPEN, corp_id, userid)
    return 0 if row is None else int(row[0])


async def _make(
    tx: Tx,
    core: Core,
    corp_id: str,
    old: Instance,
    move: Move,
    records: list[dict[str, Any]],
    remark: str = "",
) -> Instance:
    now = core.clock.now()
    for task in move.ended:
        await tx.run(rows_of.END_TASK, task.task_id, task.status, task.result, now)
    for step, userid in await _present(tx, corp_id, move.opened):
        await tx.one(rows_of.INSERT_TASK, old.number, corp_id, step, userid, now)
    finished = move.status != "RUNNING"
    await tx.run(
        rows_of.UPDATE,
        *(old.number, move.status, move.result, rows.json_text([*old.records, *records])),
        now if finished else None,
    )
    new = await _by_id(tx, corp_id, old.instance_id)
    before = {task.task_id: task.status for task in old.tasks}
    for each in new.tasks:
        if before.get(each.task_id) != each.status:
            await _tell_task(tx, core, corp_id, new, each, remark)
    if finished:
        completed = new.status == "COMPLETED"
        await _tell_instance(tx, core, corp_id, new, "finish" if completed else "terminate")
    return new


async def _present(
    tx: Tx, corp_id: str, opened: Sequence[tuple[int, str]]
) -> list[tuple[int, str]]:
    """Return who gets tasks: for somebody who has left the corp meanwhile, its main administrator."""
    found: dict[tuple[int, str], None] = {}
    for step, userid in opened:
        who = userid
        if await tx.one(contact_rows.MEMBER_BY_ID, corp_id, userid) is None:
            admin = await tx.one(contact_rows.ADMINS, corp_id)
            who = userid if admin is None else str(admin[0])
        found[step, who] = None
    return list(found)


async def _tell_instance(
    tx: Tx,
    core: Core,
    corp_id: str,
    instance: Instance,
    kind: Literal["start", "finish", "terminate"],
) -> None:
    fields = _event(corp_id, instance)
    fields |= {"type": kind, "staffId": instance.originator, "createTime": instance.created_at}
    fields["url"] = f"https://aflow.dingtalk.com/dingtalk/mobile/homepage.htm?corpid={corp_id}"
    if kind != "start":
        fields["finishTime"] = instance.finished_at
    if kind == "finish":
        fields["result"] = instance.result
    await announce(tx, core, corp_id, "bpms_instance_change", fields)


async def _tell_task(
    tx: Tx, core: Core, corp_id: str, instance: Instance, task: DatedTask, remark: str
) -> None:
    fields = _event(corp_id, instance)
    kind = {"RUNNING": "start", "COMPLETED": "finish", "CANCELED": "cancel"}[task.status]
    fields |= {
        "type": kind,
        "staffId": task.userid,
        "taskId": task.task_id,
        "createTime": task.created_at,
    }
    if kind != "start":
        fields["finishTime"] = task.finished_at
    if kind == "finish":
        result = "redirect" if task.result == "REDIRECTED" else task.result.lower()
        fields |= {"result": result, "remark": remark}
    await announce(tx, core, corp_id, "bpms_task_change", fields)


def _event(corp_id: str, instance: Instance) -> dict[str, object]:
    return {
        "corpId": corp_id,
        "processInstanceId": instance.instance_id,
        "processCode": instance.process_code,
        "businessId": instance.business_id,
        "title": instance.title,
        "bizCategoryId": "",
    }


def _record(
    now: int, userid: str, kind: str, result: str = "NONE", remark: str = ""
) -> dict[str, Any]:
    return {"userid": userid, "date": now, "type": kind, "result": result, "remark": remark}


def _check_values(form: approval_forms.Form, values: list[dict[str, Any]]) -> None:
    given = {each["name"] for each in values if each.get("value") not in (None, "")}
    for component in form.components:
        props = component.get("props")
        if isinstance(props, dict) and props.get("required") is True:
            label = props.get("label")
            if isinstance(label, str) and label not in given:
                raise Refusal(
                    200007,
                    f"表单控件“{label}”为必填。",
                    f"The form's component {label!r} must have a value.",
                    facts={"v1": "processInstanceInvalidParameter"},
                )


async def _locked(tx: Tx, corp_id: str, instance_id: str) -> Instance:
    await tx.one(rows_of.LOCK, corp_id, instance_id)
    return await _by_id(tx, corp_id, instance_id)


async def _by_id(reader: Reader, corp_id: str, instance_id: str) -> Instance:
    row = await reader.one(rows_of.BY_ID, corp_id, instance_id)
    if row is None:
        raise Refusal(
            830001,
            f"没有审批实例 {instance_id[:64]!r}。",
            f"There is no approval {instance_id[:64]!r}.",
            errmsg="审批实例不存在",
            facts={"v1": "processInstanceIdError"},
        )
    instance = _instance(row)
    tasks = await reader.all(rows_of.TASKS, instance.number)
    return msgspec.structs.replace(instance, tasks=[DatedTask(*task) for task in tasks])


def _instance(row: Row) -> Instance:
    values: list[Any] = list(row)
    values[9] = _STEPS.decode(values[9])
    values[10] = _LIST.decode(values[10])
    values[11] = _CC.decode(values[11])
    values[12] = _LIST.decode(values[12])
    return Instance(*values)
