"""The decisions of the lifecycle: whatever happens in between, the end is right."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.isv.outcomes import Superseded
from sanfang.isv.records import CorpRecord, CorpState
from sanfang.isv.steps import (
    Activate,
    Describe,
    Exchange,
    Finish,
    Store,
    activated,
    agents_in,
    close_of,
    described,
    next_step,
    recovered,
    to_activate,
)
from sanfang.protocol.events import ChangeAuth, Event, SuiteRelieve, TmpAuthCode

CORP = "ding1"
INFO = {
    "auth_corp_info": {"corpid": CORP, "corp_name": "示例公司"},
    "auth_user_info": {"userId": "u1"},
    "auth_info": {"agent": [{"agentid": 7, "appid": 1}, {"agentid": "8", "appid": "2"}]},
}
KINDS: dict[str, Event] = {
    "tmp": TmpAuthCode(auth_code="c", auth_corp_id=CORP),
    "change": ChangeAuth(auth_corp_id=CORP),
    "relieve": SuiteRelieve(auth_corp_id=CORP),
}


def do(event_id: int, event: Event, record: CorpRecord) -> tuple[CorpRecord, Finish | None]:
    """Carry out one step as a platform that agrees with everything would."""
    match next_step(event_id, event, record):
        case Exchange():
            return recovered(record, event_id, 0), None
        case Describe():
            return described(record, event_id, INFO, {7: 2, 8: 1}), None
        case Activate():
            return activated(record, event_id), None
        case Store(changed):
            return changed, None
        case Finish() as end:
            return record, end
    raise AssertionError


def through(event_id: int, event: Event, record: CorpRecord) -> tuple[CorpRecord, Finish]:
    for _ in range(6):
        record, end = do(event_id, event, record)
        if end is not None:
            return record, end
    raise AssertionError("no end")


def test_an_authorisation_goes_through_exchange_description_and_activation() -> None:
    record, end = through(5, KINDS["tmp"], CorpRecord(corp_id=CORP))
    assert end == Finish(("activated",))
    assert (record.state, record.since, record.corp_name) == (CorpState.ACTIVE, 5, "示例公司")
    assert [(a.agent_id, a.app_id, a.close) for a in record.agents] == [(7, 1, 1), (8, 2, 1)]


def test_a_code_older_than_the_end_of_its_authorisation_is_void() -> None:
    record = CorpRecord(corp_id=CORP, state=CorpState.RELIEVED, relieved_by=9)
    with pytest.raises(Superseded):
        next_step(5, KINDS["tmp"], record)
    assert next_step(10, KINDS["tmp"], record) == Exchange()


def test_a_change_older_than_the_end_of_its_authorisation_is_void() -> None:
    record = CorpRecord(corp_id=CORP, state=CorpState.RELIEVED, relieved_by=9)
    with pytest.raises(Superseded):
        next_step(5, KINDS["change"], record)


def test_a_change_that_brings_in_an_unknown_corp_tells_that_it_was_activated() -> None:
    record, end = through(5, KINDS["change"], CorpRecord(corp_id=CORP))
    assert end == Finish(("activated", "changed"))
    assert record.state is CorpState.ACTIVE


@given(
    st.lists(st.sampled_from(["tmp", "change", "relieve"]), min_size=1, max_size=6),
    st.lists(st.integers(0, 4), max_size=8),
)
def test_the_end_is_that_of_the_last_event_however_often_work_is_interrupted(
    kinds: list[str], interruptions: list[int]
) -> None:
    """A step whose result was stored is never lost; one whose result was not is done again."""
    record = CorpRecord(corp_id=CORP)
    breaks = iter(interruptions)
    for event_id, kind in enumerate(kinds, 1):
        for steps in (next(breaks, 9), 9):  # interrupted after some steps, then to the end
            for _ in range(steps):
                record, end = do(event_id, KINDS[kind], _reread(record))
                if end is not None:
                    break
    expected = CorpState.RELIEVED if kinds[-1] == "relieve" else CorpState.ACTIVE
    assert record.state is expected
    assert not to_activate(record)


def _reread(record: CorpRecord) -> CorpRecord:
    return msgspec.json.decode(msgspec.json.encode(record), type=CorpRecord)


odd: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["agent", "agentid", "appid", "close", "corp_name", "userId"]), inner
        )
    ),
)


@given(
    st.dictionaries(
        st.sampled_from(["auth_info", "auth_corp_info", "auth_user_info", "close"]), odd
    )
)
def test_answers_of_any_shape_are_read_without_an_error(answer: dict[str, Any]) -> None:
    record = described(CorpRecord(corp_id=CORP), 1, answer, {})
    assert record.state is CorpState.DESCRIBED
    assert [agent.agent_id for agent in record.agents] == list(agents_in(answer))
    assert close_of(answer) is None or isinstance(close_of(answer), int)
