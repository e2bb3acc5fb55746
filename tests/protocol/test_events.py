"""Plain events: exact on writing, tolerant on reading, recognisable when they come twice."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.protocol.events import (
    ChangeAuth,
    CheckCreateSuiteUrl,
    CheckSuiteLicenseCode,
    CheckUpdateSuiteUrl,
    CheckUrl,
    ContactEvent,
    Event,
    EventError,
    MarketBuy,
    MicroAppRemove,
    MicroAppRestore,
    MicroAppStop,
    SuiteRelieve,
    SuiteTicket,
    TmpAuthCode,
    Unknown,
    encode_event,
    parse_event,
)

NOW = 1445827045067
MICRO_APP: dict[str, Any] = {
    "agent_id": 11,
    "app_id": 22,
    "auth_corp_id": "ding1",
    "suite_key": "suite1",
    "timestamp": NOW,
}
PLAIN = [
    (
        CheckCreateSuiteUrl(random="LPIdSnlF", test_suite_key="suite4xxxxxxxxxxxxxxx"),
        '{"EventType":"check_create_suite_url","Random":"LPIdSnlF",'
        '"TestSuiteKey":"suite4xxxxxxxxxxxxxxx"}',
    ),
    (CheckUpdateSuiteUrl(random="R"), '{"EventType":"check_update_suite_url","Random":"R"}'),
    (
        SuiteTicket(suite_key="suite1", timestamp=NOW, suite_ticket="T"),
        '{"SuiteKey":"suite1","EventType":"suite_ticket","TimeStamp":1445827045067,'
        '"SuiteTicket":"T"}',
    ),
    (
        TmpAuthCode(suite_key="suite1", timestamp=NOW, auth_code="C", auth_corp_id="ding1"),
        '{"SuiteKey":"suite1","EventType":"tmp_auth_code","TimeStamp":1445827045067,'
        '"AuthCode":"C","AuthCorpId":"ding1"}',
    ),
    (
        ChangeAuth(suite_key="suite1", timestamp=NOW, auth_corp_id="ding1"),
        '{"SuiteKey":"suite1","EventType":"change_auth","TimeStamp":1445827045067,'
        '"AuthCorpId":"ding1"}',
    ),
    (
        SuiteRelieve(suite_key="suite1", timestamp=NOW, auth_corp_id="ding1"),
        '{"EventType":"suite_relieve","SuiteKey":"suite1","TimeStamp":1445827045067,'
        '"AuthCorpId":"ding1"}',
    ),
    (
        CheckSuiteLicenseCode(
            suite_key="suite1", timestamp=NOW, auth_corp_id="ding1", license_code="L"
        ),
        '{"EventType":"check_suite_license_code","TimeStamp":1445827045067,"SuiteKey":"suite1",'
        '"AuthCorpId":"ding1","LicenseCode":"L"}',
    ),
    *(
        (
            cls(**MICRO_APP),
            f'{{"AgentId":11,"AppId":22,"AuthCorpId":"ding1","EventType":"{cls.tag}",'
            '"SuiteKey":"suite1","TimeStamp":1445827045067}',
        )
        for cls in (MicroAppStop, MicroAppRestore, MicroAppRemove)
    ),
    (CheckUrl(), '{"EventType":"check_url"}'),
    (
        ContactEvent(event_type="user_add_org", timestamp=NOW, user_ids=["甲"], corp_id="ding1"),
        '{"EventType":"user_add_org","TimeStamp":1445827045067,"UserId":["甲"],"CorpId":"ding1"}',
    ),
    (
        ContactEvent(event_type="org_dept_create", timestamp=NOW, dept_ids=[2], corp_id="ding1"),
        '{"EventType":"org_dept_create","TimeStamp":1445827045067,"DeptId":[2],"CorpId":"ding1"}',
    ),
]
EVENT = pytest.mark.parametrize(("event", "wire"), PLAIN, ids=[e.event_type for e, _ in PLAIN])


def parsed(**fields: object) -> Event:
    return parse_event(json.dumps(fields).encode())


@EVENT
def test_an_event_is_written_as_the_documents_print_it(event: Event, wire: str) -> None:
    assert encode_event(event).decode() == wire


@EVENT
def test_an_event_is_read_back_equal(event: Event, wire: str) -> None:
    again = parse_event(wire.encode())
    assert again == event
    assert type(again) is type(event)
    assert again.dedup_key() == event.dedup_key()


@pytest.mark.parametrize("event_type", ["suite_ticket ", " suite_ticket", "\tsuite_ticket\n"])
def test_stray_spaces_in_the_samples_of_2016_are_trimmed(event_type: str) -> None:
    event = parsed(EventType=event_type, SuiteTicket="T")
    assert isinstance(event, SuiteTicket)
    assert event.event_type == "suite_ticket"


@pytest.mark.parametrize(
    ("given_time", "expected"),
    [
        (NOW, NOW),
        (str(NOW), NOW),
        (float(NOW), NOW),
        (None, None),
        ("soon", None),
        ("²", None),
        (True, None),
        ("9" * 5000, None),
        (10**30, None),
        (1e300, None),
        ([], None),
    ],
)
def test_a_time_is_a_number_or_its_text(given_time: object, expected: int | None) -> None:
    event = parsed(EventType="suite_relieve", AuthCorpId="ding1", TimeStamp=given_time)
    assert isinstance(event, SuiteRelieve)
    assert event.timestamp == expected


def test_fields_not_known_are_left_aside() -> None:
    event = parsed(EventType="suite_ticket", SuiteTicket="T", Newer={"a": [1]})
    assert event == SuiteTicket(suite_ticket="T")


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"EventType": "suite_ticket"}, "SuiteTicket"),
        ({"EventType": "suite_ticket", "SuiteTicket": 5}, "SuiteTicket"),
        ({"EventType": "tmp_auth_code", "SuiteKey": "s"}, "AuthCode"),
        ({"EventType": "tmp_auth_code", "SuiteKey": 5, "AuthCode": "c"}, "SuiteKey"),
        ({"EventType": "change_auth", "AuthCorpID": "ding1"}, "AuthCorpId"),
        ({"EventType": "check_create_suite_url"}, "Random"),
        ({"EventType": "org_micro_app_stop", "AuthCorpId": "d", "AgentId": "x"}, "AgentId"),
        ({"EventType": "org_micro_app_stop", "AuthCorpId": "d", "AgentId": 2**63}, "AgentId"),
    ],
)
def test_an_event_without_what_it_is_for_names_the_field(
    fields: dict[str, object], missing: str
) -> None:
    with pytest.raises(EventError) as caught:
        parsed(**fields)
    assert caught.value.field == missing
    assert missing in caught.value.zh
    assert missing in caught.value.en


@pytest.mark.parametrize("plain", [b"", b"success", b"[]", b"1", b'"x"', b"null", b"\xff", b"{,}"])
def test_what_is_no_json_object_is_an_event_error(plain: bytes) -> None:
    with pytest.raises(EventError):
        parse_event(plain)


def test_absurd_nesting_is_an_event_error() -> None:
    with pytest.raises(EventError):
        parse_event(b'{"a":' * 100_000)


@given(st.binary() | st.dictionaries(st.text(), st.text()).map(lambda d: json.dumps(d).encode()))
def test_any_bytes_are_an_event_or_an_event_error(plain: bytes) -> None:
    try:
        assert parse_event(plain).dedup_key()
    except EventError as error:
        assert error.zh  # noqa: PT017 - either outcome is right, another exception is not


JSON = st.none() | st.integers() | st.text() | st.lists(st.integers())
JSON |= st.floats(allow_nan=False, allow_infinity=False)


@given(
    st.sampled_from(sorted({e.event_type for e, _ in PLAIN} | {"market_buy", "chat_quit"})),
    st.dictionaries(
        st.sampled_from(["TimeStamp", "AuthCorpId", "UserId", "DeptId", "CorpId", "AgentId"]), JSON
    ),
)
def test_any_values_in_a_known_event_are_an_event_or_an_event_error(
    tag: str, fields: dict[str, object]
) -> None:
    try:
        event = parsed(**fields, EventType=tag)
    except EventError as error:
        assert error.field  # noqa: PT017 - either outcome is right, another exception is not
    else:
        assert event.event_type == tag
        assert event.dedup_key()
        assert event.corp_id is None or isinstance(event.corp_id, str)


def test_an_unknown_event_keeps_everything() -> None:
    raw = {"EventType": "chat_quit", "CorpId": "ding1", "TimeStamp": NOW, "ChatId": "c", "x": None}
    event = parsed(**raw)
    assert isinstance(event, Unknown)
    assert event.raw == raw
    assert (event.corp_id, event.timestamp, event.suite_key) == ("ding1", NOW, None)
    assert json.loads(encode_event(event)) == raw


def test_an_object_without_a_type_is_unknown() -> None:
    event = parsed(a=1)
    assert event == Unknown(event_type="", raw={"a": 1})
    assert encode_event(event) == b'{"a":1}'
    assert parsed(EventType=5).event_type == ""


def test_an_order_keeps_the_names_of_the_wire() -> None:
    event = parsed(EventType="market_buy", SuiteKey="s", orderId="42", corpId="ding1", payFee=1)
    assert isinstance(event, MarketBuy)
    assert (event.order_id, event.corp_id, event.suite_key) == (42, "ding1", "s")
    assert event.raw["payFee"] == 1


def test_contact_events_are_read_in_the_newer_spelling_too() -> None:
    event = parsed(EventType="user_leave_org", EventTime=NOW, userId="甲", corpId="ding1")
    assert event == ContactEvent(
        event_type="user_leave_org", timestamp=NOW, user_ids=["甲"], corp_id="ding1"
    )
    departments = parsed(EventType="org_dept_modify", DeptId=["2", 3], CorpId="ding1")
    assert isinstance(departments, ContactEvent)
    assert departments.dept_ids == [2, 3]


def test_a_contact_event_of_another_shape_is_kept_whole() -> None:
    event = parsed(EventType="user_add_org", UserId={"a": 1})
    assert event == Unknown(
        event_type="user_add_org", raw={"EventType": "user_add_org", "UserId": {"a": 1}}
    )


def test_a_ticket_or_code_pushed_again_is_the_same_event_at_any_time() -> None:
    first = SuiteTicket(suite_key="s", suite_ticket="T", timestamp=1)
    assert (
        first.dedup_key() == SuiteTicket(suite_key="s", suite_ticket="T", timestamp=2).dedup_key()
    )
    code = TmpAuthCode(suite_key="s", auth_code="C", timestamp=1)
    again = TmpAuthCode(suite_key="s", auth_code="C", timestamp=2, auth_corp_id="ding1")
    assert code.dedup_key() == again.dedup_key()


DISTINCT: list[Event] = [
    SuiteTicket(suite_key="s", suite_ticket="T"),
    SuiteTicket(suite_key="s", suite_ticket="U"),
    SuiteTicket(suite_key="sT", suite_ticket=""),
    TmpAuthCode(suite_key="s", auth_code="T"),
    ChangeAuth(suite_key="s", auth_corp_id="a", timestamp=1),
    ChangeAuth(suite_key="s", auth_corp_id="a", timestamp=2),
    ChangeAuth(suite_key="s", auth_corp_id="b", timestamp=1),
    ChangeAuth(suite_key="t", auth_corp_id="a", timestamp=1),
    SuiteRelieve(suite_key="s", auth_corp_id="a", timestamp=1),
    SuiteRelieve(suite_key="s", auth_corp_id="a"),
    MicroAppStop(agent_id=1, auth_corp_id="a", timestamp=1),
    MicroAppStop(agent_id=2, auth_corp_id="a", timestamp=1),
    MicroAppRestore(agent_id=1, auth_corp_id="a", timestamp=1),
    ContactEvent(event_type="user_add_org", timestamp=1, user_ids=["a"], corp_id="d"),
    ContactEvent(event_type="user_add_org", timestamp=1, user_ids=["b"], corp_id="d"),
    ContactEvent(event_type="user_leave_org", timestamp=1, user_ids=["a"], corp_id="d"),
    Unknown(event_type="x", raw={"a": 1}),
    Unknown(event_type="x", raw={"a": 2}),
]


def test_different_events_have_different_keys() -> None:
    """Two changes of one millisecond must not swallow each other."""
    assert len({e.dedup_key() for e in DISTINCT}) == len(DISTINCT)


def test_secrets_show_four_characters_at_most() -> None:
    event = TmpAuthCode(suite_key="suite1", auth_code="abcdefghijkl", auth_corp_id="ding1")
    assert "'***ijkl'" in repr(event)
    assert "abcdefgh" not in f"{event!r} {event} {event.dedup_key()}"
    assert "'***'" in repr(SuiteTicket(suite_ticket="short"))


def test_every_lifecycle_event_names_its_corp_alike() -> None:
    corps = {e.corp_id for e, _ in PLAIN if e.event_type not in ("check_url", "suite_ticket")}
    assert corps == {None, "ding1"}  # None: the two URL checks
