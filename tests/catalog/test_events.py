"""Events and the other tables."""

from __future__ import annotations

import pytest

from sanfang import catalog


def test_all_events_are_there_with_their_payloads() -> None:
    events = catalog.events()
    assert (len(events), len(events.tags())) == (597, 241)
    assert len(events.tags("stream")) > 200
    (old,) = events.of("user_add_org", "http", "2016")
    assert (old.reply, [f.name for f in old.fields if f.type == "array"]) == ("success", ["UserId"])


def test_the_newest_description_of_an_event_comes_first() -> None:
    generations = [event.generation for event in catalog.events().of("suite_ticket", "http")]
    assert generations == sorted(generations, key=["current", "history", "2016"].index)
    assert "2016" in generations
    assert catalog.events().of("nothing") == []


def test_an_event_is_found_by_its_biz_type() -> None:
    assert {event.event for event in catalog.events().by_biz_type(178)} == {"chat_remove_member"}
    assert catalog.events().by_biz_type(-1) == []


def test_a_call_back_takes_the_tags_of_2016_and_later() -> None:
    old, later = catalog.event_tags("2016"), catalog.event_tags("later")
    assert (len(old), len(later)) == (16, 25)
    assert catalog.event_tags() == old + later
    assert len(set(catalog.event_tags())) == 41
    assert "suite_ticket" not in catalog.event_tags()


@pytest.mark.parametrize("tag", catalog.event_tags())
def test_every_tag_of_a_call_back_is_an_event_by_http(tag: str) -> None:
    assert catalog.events().of(tag, "http")


def test_stream_topics_are_listed() -> None:
    topics = {topic.topic: topic.type for topic in catalog.events().stream_topics}
    assert topics["ping"] == "SYSTEM"
    assert topics["/v1.0/im/bot/messages/get"] == "CALLBACK"


def test_error_codes_and_permissions_have_names() -> None:
    codes = catalog.error_codes()
    assert len(codes) == 2024
    assert codes[0].name == "ok"
    names = catalog.permission_names()
    asked = {code for e in catalog.load().endpoints.values() for code in e.permissions}
    assert asked <= names.keys()
    assert "通讯录部门信息读权限" in names["qyapi_get_department_list"]


def test_the_errors_of_an_endpoint_include_those_of_its_set() -> None:
    table = catalog.load()
    endpoint = next(e for e in table.endpoints.values() if e.error_set)
    shared = table.areas[endpoint.area].error_sets[endpoint.error_set]
    errors = table.errors(endpoint)
    assert set(errors) == {*endpoint.errors, *shared}
    assert len(errors) == len(set(errors)) > len(endpoint.errors)
