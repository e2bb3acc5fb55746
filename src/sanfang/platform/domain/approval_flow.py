"""How an approval moves: a state machine without I/O.

    start ── tasks of step 1 ── agree ── tasks of step 2 ── ... ── agree ── COMPLETED, agree
                    ├────────── refuse ───────────────────────────────────── COMPLETED, refuse
                    ├────────── redirect: the task ends, another member gets it
    terminate at any time before the end ─────────────────────────────────── TERMINATED

A step of one approver, or ``AND`` (all must agree), or ``OR`` (the first one decides). One refusal
ends the approval in every kind of step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from .refusals import Refusal

Status = Literal["RUNNING", "COMPLETED", "TERMINATED"]
TaskStatus = Literal["RUNNING", "COMPLETED", "CANCELED"]
TaskResult = Literal["NONE", "AGREE", "REFUSE", "REDIRECTED"]


class Step(msgspec.Struct, frozen=True):
    users: list[str]
    action: str = "NONE"  # or AND, OR


class Task(msgspec.Struct, frozen=True):
    task_id: int
    step: int
    userid: str
    status: str = "RUNNING"
    result: str = "NONE"


class Flow(msgspec.Struct, frozen=True):
    """An approval as it stands."""

    steps: list[Step]
    tasks: list[Task]
    status: str = "RUNNING"
    result: str = ""  # agree or refuse when COMPLETED


class Move(msgspec.Struct, frozen=True):
    """What is to change: tasks that ended, tasks to open (step and userid), and the state."""

    ended: list[Task]
    opened: list[tuple[int, str]]
    status: str = "RUNNING"
    result: str = ""


def start(steps: Sequence[Step]) -> Move:
    """Open the tasks of the first step; refuse when nobody is to approve."""
    if not steps or not all(step.users for step in steps):
        raise Refusal(
            820001,
            "没有审批人：请传 approvers，或让企业有管理员。",
            "Nobody is to approve: send approvers, or let the corp have an administrator.",
            errmsg="审批人不能为空",
            facts={"v1": "processInstanceInvalidParameter"},
        )
    return Move([], _open(steps, 0))


def execute(flow: Flow, task_id: int, actor: str, *, agree: bool) -> Move:
    """Let an approver decide; refuse unless the task waits for just this member."""
    task = _waiting(flow, task_id, actor)
    done = _end(task, "COMPLETED", "AGREE" if agree else "REFUSE")
    others = [each for each in flow.tasks if each.status == "RUNNING" and each != task]
    cancelled = [_end(each, "CANCELED", "NONE") for each in others]
    if not agree:
        return Move([done, *cancelled], [], "COMPLETED", "refuse")
    if others and flow.steps[task.step].action != "OR":
        return Move([done], [])
    following = task.step + 1
    if following < len(flow.steps):
        return Move([done, *cancelled], _open(flow.steps, following))
    return Move([done, *cancelled], [], "COMPLETED", "agree")


def redirect(flow: Flow, task_id: int, actor: str, to: str) -> Move:
    """Hand a task to another member."""
    task = _waiting(flow, task_id, actor)
    if any(each.userid == to and each.status == "RUNNING" for each in flow.tasks):
        raise Refusal(
            820006,
            f"{to} 已有该审批的待处理任务。",
            f"{to} has a waiting task of this approval already.",
            facts={"v1": "param.illegal"},
        )
    return Move([_end(task, "COMPLETED", "REDIRECTED")], [(task.step, to)])


def hand_over(flow: Flow, task_id: int, to: str) -> Move:
    """Give a waiting task to another member, or cancel it where that member has one already."""
    task = next(each for each in flow.tasks if each.task_id == task_id)
    if any(each.userid == to and each.status == "RUNNING" for each in flow.tasks):
        return Move([_end(task, "CANCELED", "NONE")], [])
    return Move([_end(task, "COMPLETED", "REDIRECTED")], [(task.step, to)])


def terminate(flow: Flow) -> Move:
    """End an approval that has not ended."""
    _running(flow)
    running = [each for each in flow.tasks if each.status == "RUNNING"]
    return Move([_end(each, "CANCELED", "NONE") for each in running], [], "TERMINATED")


def moved(flow: Flow, move: Move, ids: Iterable[int]) -> Flow:
    """Return the flow after a move; ``ids`` numbers the opened tasks."""
    ended = {task.task_id: task for task in move.ended}
    opened = [
        Task(number, step, userid) for number, (step, userid) in zip(ids, move.opened, strict=False)
    ]
    tasks = [ended.get(task.task_id, task) for task in flow.tasks]
    return Flow(flow.steps, [*tasks, *opened], move.status, move.result)


def _open(steps: Sequence[Step], number: int) -> list[tuple[int, str]]:
    return [(number, userid) for userid in dict.fromkeys(steps[number].users)]


def _end(task: Task, status: TaskStatus, result: TaskResult) -> Task:
    return msgspec.structs.replace(task, status=status, result=result)


def _running(flow: Flow) -> None:
    if flow.status != "RUNNING":
        raise Refusal(
            820005,
            "审批已结束或已撤销，不能再操作。",
            "The approval has ended or was terminated; nothing more can be done with it.",
            facts={"v1": "aflowProcessInstStatusException"},
        )


def _waiting(flow: Flow, task_id: int, actor: str) -> Task:
    _running(flow)
    task = next((each for each in flow.tasks if each.task_id == task_id), None)
    if task is None:
        raise Refusal(
            820006,
            f"该审批没有任务 {task_id}。",
            f"The approval has no task {task_id}.",
            facts={"v1": "invalidInstanceExecuteTaskId"},
        )
    if task.userid != actor:
        raise Refusal(
            820006,
            f"任务 {task_id} 的审批人是 {task.userid}，不是 {actor}。",
            f"Task {task_id} waits for {task.userid}, not for {actor}.",
            facts={"v1": "invalidInstanceExecuteActionerUserId"},
        )
    if task.status != "RUNNING":
        raise Refusal(
            820006,
            f"任务 {task_id} 已处理。",
            f"Task {task_id} is done already.",
            facts={"v1": "aflowProcessInstCanNotBeExecuted"},
        )
    return task
