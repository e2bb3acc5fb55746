"""The state machine of approvals, by itself: whatever happens, in any order, it stays sound."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.platform.domain import approval_flow
from sanfang.platform.domain.approval_flow import Flow, Step
from sanfang.platform.domain.refusals import Refusal

PEOPLE = ["a", "b", "c", "d"]
steps = st.lists(
    st.builds(
        Step,
        users=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True),
        action=st.sampled_from(["AND", "OR"]),
    ),
    min_size=1,
    max_size=4,
)
deeds = st.lists(
    st.tuples(
        st.sampled_from(["agree", "agree", "agree", "refuse", "redirect", "terminate"]),
        st.integers(0, 12),  # which task
        st.sampled_from(PEOPLE),  # who redirects to whom, or a stranger who tries
        st.booleans(),  # the right person does it
    ),
    max_size=25,
)


@given(steps, deeds)
def test_every_sequence_keeps_the_rules(
    plan: list[Step], wishes: list[tuple[str, int, str, bool]]
) -> None:
    numbers = count(1)
    flow = approval_flow.moved(Flow(plan, []), approval_flow.start(plan), numbers)
    for deed, which, other, right in wishes:
        before = flow
        task = flow.tasks[which % len(flow.tasks)]
        actor = task.userid if right else other
        allowed = before.status == "RUNNING" and (
            deed == "terminate" or (task.status == "RUNNING" and actor == task.userid)
        )
        try:
            if deed == "terminate":
                move = approval_flow.terminate(flow)
            elif deed == "redirect":
                move = approval_flow.redirect(flow, task.task_id, actor, other)
            else:
                move = approval_flow.execute(flow, task.task_id, actor, agree=deed == "agree")
        except Refusal as refusal:
            code = refusal.code
            waiting = [t.userid for t in before.tasks if t.status == "RUNNING"]
            wanted = not allowed or (deed == "redirect" and other in waiting)
            assert (code in (820005, 820006), wanted) == (True, True)
            continue
        assert allowed
        flow = approval_flow.moved(flow, move, numbers)
        check(before, flow)


def check(before: Flow, after: Flow) -> None:
    running = [task for task in after.tasks if task.status == "RUNNING"]
    # It runs exactly as long as somebody is to decide, and all of them in one step.
    assert (after.status == "RUNNING") == bool(running)
    assert len({task.step for task in running}) <= 1
    assert len({task.userid for task in running}) == len(running)
    # What ended stays as it was; numbers are never given twice.
    ended = {task.task_id: task for task in before.tasks if task.status != "RUNNING"}
    assert all(ended.get(task.task_id, task) == task for task in after.tasks)
    assert len({task.task_id for task in after.tasks}) == len(after.tasks)
    # The result follows from the decisions.
    assert (after.result == "") == (after.status != "COMPLETED")
    refused = any(task.result == "REFUSE" for task in after.tasks)
    assert (after.result == "refuse") == refused
    if after.result == "agree":
        for number, step in enumerate(after.steps):
            said = [task.result for task in after.tasks if task.step == number]
            agreed = said.count("AGREE")
            assert agreed == (1 if step.action == "OR" else len(step.users))


def test_nobody_to_approve_is_refused() -> None:
    for plan in ([], [Step([])]):
        with pytest.raises(Refusal) as caught:
            approval_flow.start(plan)
        assert caught.value.code == 820001
