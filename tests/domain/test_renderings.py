"""Messages as data: every kind, by whichever call it came, and nothing in it that could run."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.platform.domain.message_content import KINDS
from sanfang.platform.domain.renderings import render
from sanfang.platform.domain.robot_content import TEMPLATES, WEBHOOK

OA = {
    "message_url": "http://app.example/1",
    "pc_message_url": "https://app.example/pc",
    "head": {"bgcolor": "FFBBBBBB", "text": "头部"},
    "body": {
        "title": "标题",
        "form": [{"key": "姓名", "value": "张三"}, {"key": "年龄", "value": 20}, "bad"],
        "rich": {"num": "15.6", "unit": "元"},
        "content": "内容",
        "image": "@lADOAAGXIszazQKA",
        "file_count": "3",
        "author": "李四",
    },
}


@pytest.mark.parametrize("kind", [*KINDS, *WEBHOOK, *TEMPLATES, "template"])
def test_every_kind_that_can_be_sent_can_be_shown(kind: str) -> None:
    assert render(kind, {}).type not in ("unknown", "")


def test_an_oa_message_keeps_its_parts() -> None:
    made = render("oa", OA)
    assert (made.type, made.text) == ("oa", "标题")
    data = made.data
    assert (data["head"], data["colour"]) == ("头部", "FFBBBBBB")
    assert data["form"] == [{"key": "姓名", "value": "张三"}, {"key": "年龄", "value": "20"}]
    assert data["rich"] == {"num": "15.6", "unit": "元"}
    assert (data["image"], data["file_count"], data["author"]) == ("@lADOAAGXIszazQKA", "3", "李四")
    assert (data["url"], data["pc_url"]) == ("http://app.example/1", "https://app.example/pc")


CARDS: list[tuple[str, dict[str, Any], bool]] = [
    ("action_card", {"single_title": "看", "single_url": "https://a.example/"}, True),
    (
        "action_card",
        {
            "btn_orientation": "1",
            "btn_json_list": '[{"title": "看", "action_url": "https://a.example/"}]',
        },
        False,
    ),
    ("action_card", {"btn_json_list": [{"title": "看", "action_url": "https://a.example/"}]}, True),
    ("actionCard", {"singleTitle": "看", "singleURL": "https://a.example/"}, True),
    (
        "actionCard",
        {"btnOrientation": "1", "btns": [{"title": "看", "actionURL": "https://a.example/"}]},
        False,
    ),
    ("sampleActionCard", {"singleTitle": "看", "singleURL": "https://a.example/"}, True),
    ("sampleActionCard2", {"actionTitle1": "看", "actionURL1": "https://a.example/"}, True),
    ("sampleActionCard6", {"buttonTitle1": "看", "buttonUrl1": "https://a.example/"}, True),
]


@pytest.mark.parametrize(("kind", "body", "vertical"), CARDS)
def test_cards_of_every_call_look_alike(kind: str, body: dict[str, Any], vertical: bool) -> None:
    made = render(kind, {"title": "标题", "text": "文", **body})
    assert (made.type, made.text) == ("action_card", "标题")
    assert made.data["buttons"] == [{"title": "看", "url": "https://a.example/"}]
    assert made.data["vertical"] is vertical


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://a.example/?b=c", "https://a.example/?b=c"),
        ("HTTP://a.example/", "HTTP://a.example/"),
        ("javascript:alert(1)", ""),
        (" \tjava\nscript:alert(1)", ""),
        ("data:text/html,<script>", ""),
        ("vbscript:x", ""),
        ("//evil.example/", ""),
        ("/path", ""),
        ("file:///etc/passwd", ""),
        ("http://[x", ""),
        (
            "dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fa.example%2F%3Fb%3Dc&pc_slide=true",
            "https://a.example/?b=c",
        ),
        ("dingtalk://dingtalkclient/page/link?url=javascript%3Aalert(1)", ""),
        (
            "dingtalk://dingtalkclient/action/openapp?x=1",
            "dingtalk://dingtalkclient/action/openapp?x=1",
        ),
        (7, ""),
        (None, ""),
    ],
)
def test_only_addresses_that_are_safe_to_open_are_kept(url: object, kept: str) -> None:
    assert render("link", {"title": "t", "messageUrl": url}).data["url"] == kept
    assert render("oa", {"message_url": url}).data["url"] == kept
    card = {"btn_json_list": [{"title": "x", "action_url": url}]}
    assert render("action_card", card).data["buttons"][0]["url"] == kept


def test_a_long_text_is_whole_in_data_and_short_in_the_list() -> None:
    made = render(
        "text", {"content": "长" * 5000, "at": {"isAtAll": True, "atUserIds": ["jia", 7]}}
    )
    assert made.data["content"] == "长" * 5000
    assert len(made.text) == 80
    assert (made.data["at_all"], made.data["at"]) == (True, ["jia", "7"])


def test_a_kind_nobody_knows_is_named() -> None:
    assert render("myOwnTemplate", {"a": 1}).type == "unknown"
    assert render("text", None).text == "[text]"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=10,
)
_FIELDS = st.sampled_from(
    ["content", "head", "body", "form", "btn_json_list", "btns", "links", "at", "data", "picUrl"]
)


@given(
    kind=st.sampled_from([*KINDS, *WEBHOOK, *TEMPLATES, "template", "x"]),
    body=st.dictionaries(_FIELDS, _JSON) | _JSON,
)
def test_whatever_was_sent_can_be_shown(kind: str, body: object) -> None:
    made = render(kind, body)
    assert len(made.text) <= 80
    msgspec.json.encode(made.data)
