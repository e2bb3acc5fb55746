"""What each kind of message has to hold, and what its lack is called."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.platform.domain.message_content import APP, CHAT, KINDS, read
from sanfang.platform.domain.refusals import Refusal

GOOD: dict[str, dict[str, Any]] = {
    "text": {"content": "x"},
    "image": {"media_id": "@1"},
    "voice": {"media_id": "@1", "duration": "10"},
    "file": {"media_id": "@1"},
    "link": {"messageUrl": "http://a.example", "picUrl": "@1", "title": "t", "text": "x"},
    "oa": {
        "message_url": "http://a.example",
        "head": {"bgcolor": "FFBBBBBB", "text": "h"},
        "body": {"title": "b", "form": [{"key": "k", "value": "v"}]},
    },
    "markdown": {"title": "t", "text": "# x"},
    "action_card": {"title": "t", "markdown": "x", "single_title": "s", "single_url": "u"},
}


def code(kind: str, content: object, family: Any = APP) -> int:
    """The number a message is refused with, 0 when it is taken."""
    try:
        read({"msgtype": kind, kind: content}, family)
    except Refusal as refusal:
        return refusal.code
    return 0


def test_there_is_a_good_example_of_every_kind() -> None:
    assert GOOD.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_message_is_taken_in_both_families(kind: str) -> None:
    assert code(kind, GOOD[kind], APP) == code(kind, GOOD[kind], CHAT) == 0


@pytest.mark.parametrize(
    ("kind", "lacking", "app", "chat"),
    [
        ("text", "content", 44004, 34014),
        ("image", "media_id", 41006, 34008),
        ("voice", "media_id", 41006, 34011),
        ("voice", "duration", 40035, 34005),
        ("file", "media_id", 41006, 34010),
        ("link", "messageUrl", 40035, 34009),
        ("link", "title", 41016, 34014),
        ("oa", "head", 44003, 34014),
        ("oa", "body", 44003, 34014),
        ("markdown", "text", 44004, 34014),
        ("action_card", "single_url", 40035, 34014),
    ],
)
def test_what_is_missing_has_a_number_of_its_own(
    kind: str, lacking: str, app: int, chat: int
) -> None:
    short = {name: value for name, value in GOOD[kind].items() if name != lacking}
    assert (code(kind, short, APP), code(kind, short, CHAT)) == (app, chat)


@pytest.mark.parametrize(
    ("kind", "changes", "app", "chat"),
    [
        ("text", {"content": "字" * 5001}, 45002, 34016),
        ("markdown", {"title": "t" * 65}, 45003, 34016),
        ("link", {"text": "x" * 5001}, 45004, 34016),
        ("link", {"messageUrl": "u" * 3000}, 45005, 34016),
        ("link", {"picUrl": "u" * 3000}, 45006, 34016),
        ("voice", {"duration": 61}, 45007, 34005),
        ("voice", {"duration": "0"}, 40035, 34005),
        ("voice", {"duration": "-1"}, 40035, 34005),
        ("action_card", {"single_title": "t" * 21}, 45003, 34016),
        ("action_card", {"btn_json_list": [{"title": "t"}]}, 40035, 34014),
        ("oa", {"head": {"bgcolor": "0xFFBBBBBB"}}, 40035, 34014),
        ("oa", {"body": {"form": "x"}}, 40035, 34014),
        ("oa", {"body": {}}, 44003, 34014),
        ("text", {"content": ["x"]}, 40035, 34014),
    ],
)
def test_what_is_too_long_or_of_the_wrong_kind(
    kind: str, changes: dict[str, Any], app: int, chat: int
) -> None:
    content = {**GOOD[kind], **changes}
    assert (code(kind, content, APP), code(kind, content, CHAT)) == (app, chat)


def test_what_is_just_short_enough_is_taken() -> None:
    assert code("text", {"content": "字" * 5000}) == 0
    assert code("voice", {"media_id": "@1", "duration": 60}) == 0


def test_buttons_may_stand_for_the_single_link() -> None:
    card = {"title": "t", "markdown": "x", "btn_orientation": "1"}
    rows = [{"title": "一", "action_url": "http://a.example"}]
    assert code("action_card", {**card, "btn_json_list": rows}) == 0
    assert code("action_card", {**card, "btn_json_list": '[{"title":"a","action_url":"u"}]'}) == 0
    assert code("action_card", card) == 40035


@given(
    st.dictionaries(
        st.sampled_from(["content", "media_id", "duration", "title", "text", "head", "body", "x"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=9),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
            max_leaves=4,
        ),
    )
    | st.text(max_size=20)
    | st.none(),
    st.sampled_from([*KINDS, "carrier pigeon"]),
    st.sampled_from([APP, CHAT]),
)
def test_any_content_is_taken_or_refused_by_number(content: Any, kind: str, family: Any) -> None:
    numbers = {0, 34004, 34005, 34008, 34009, 34010, 34011, 34014, 34016}
    numbers |= {40008, 40035, 41006, 41015, 41016, 44003, 44004, *range(45002, 45009)}
    assert code(kind, content, family) in numbers
