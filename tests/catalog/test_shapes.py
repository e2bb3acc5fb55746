"""What a shape accepts, and what it says of what it does not."""

from __future__ import annotations

import pytest

from sanfang.catalog import Endpoint, Field, check, check_answer
from sanfang.catalog.shapes import is_date

MEMBER = [Field(name="userid"), Field(name="level", type="integer")]
SHAPE = [
    Field(name="text", min_length=2, max_length=4),
    Field(name="whole", type="integer", min=1, max=5),
    Field(name="number", type="number"),
    Field(name="yes", type="boolean"),
    Field(name="kind", enum=["a", "b"]),
    Field(name="names", format="csv", max_items=2),
    Field(name="picked", format="csv", enum=["x", "y"]),
    Field(name="day", format="date-time"),
    Field(name="packed", format="json", fields=MEMBER),
    Field(name="member", type="object", fields=MEMBER),
    Field(name="members", type="array", items="object", fields=MEMBER, max_items=2),
    Field(name="ids", type="array", items="integer"),
    Field(name="kinds", type="array", items="string", enum=["a", "b"]),
    Field(name="by_id", type="map", items="object", fields=MEMBER),
    Field(name="rows", type="array", items="array", fields=MEMBER),
    Field(name="lists", type="map", items="array", fields=MEMBER),
    Field(name="free", type="object"),
    Field(name="anything", type="any"),
]


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"errcode": 0, "errmsg": "ok", "request_id": "r"},
        {"text": "abc", "whole": 5, "number": 1, "yes": False, "kind": "b"},
        {"number": 0.5, "names": "a,b", "picked": "y,x", "day": "2024-02-29 10:00:00"},
        {"names": "", "packed": '{"userid":"u","level":1}', "member": {"userid": "u"}},
        {"packed": '[{"userid":"u"},{}]', "members": [{"userid": "u"}, {}], "ids": [1, 2]},
        {"kinds": ["a", "b"], "by_id": {"1": {"level": 1}}, "rows": [[{"userid": "u"}], []]},
        {"lists": {"k": [{"level": 2}]}, "free": {"x": [1]}, "anything": None},
    ],
)
def test_what_fits_is_accepted(value: object) -> None:
    assert check(SHAPE, value) == []


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ([], "the body is array, not an object"),
        ({"text": "a"}, "text is shorter than 2"),
        ({"text": "abcde"}, "text is longer than 4"),
        ({"text": 1}, "text is integer, not string"),
        ({"text": None}, "text is null, not string"),
        ({"whole": 0}, "whole is less than 1"),
        ({"whole": 6}, "whole is more than 5"),
        ({"whole": 1.0}, "whole is number, not integer"),
        ({"whole": True}, "whole is boolean, not integer"),
        ({"number": float("nan")}, "number is number, not number"),
        ({"yes": 1}, "yes is integer, not boolean"),
        ({"kind": "c"}, "kind is none of a, b"),
        ({"names": "a,b,c"}, "names has 3 parts, more than 2"),
        ({"picked": "x,z"}, "picked has 'z', unknown"),
        ({"day": "yesterday"}, "day is no date"),
        ({"packed": "{"}, "packed is no JSON text"),
        ({"packed": '{"level":"x"}'}, "packed.level is string, not integer"),
        ({"member": {"level": "x"}}, "member.level is string, not integer"),
        ({"member": {"other": 1}}, "member.other is unknown"),
        ({"members": {}}, "members is object, not array"),
        ({"members": [{}, {}, {}]}, "members has 3 elements, more than 2"),
        ({"members": [{"level": []}]}, "members[0].level is array, not integer"),
        ({"ids": ["1"]}, "ids[0] is string, not integer"),
        ({"kinds": ["c"]}, "kinds[0] is none of a, b"),
        ({"by_id": {"1": []}}, "by_id.1 is array, not object"),
        ({"rows": [[{"level": "x"}]]}, "rows[0][0].level is string, not integer"),
        ({"lists": {"k": [{"level": "x"}]}}, "lists.k[0].level is string, not integer"),
        ({"other": 1}, "other is unknown"),
    ],
)
def test_what_does_not_fit_is_said_with_its_place(value: object, problem: str) -> None:
    assert check(SHAPE, value) == [problem]


def test_unknown_members_may_be_let_through() -> None:
    value = {"other": 1, "member": {"other": 1}, "text": "a"}
    assert check(SHAPE, value, extra=True) == ["text is shorter than 2"]


def test_a_required_member_that_is_missing_is_named() -> None:
    shape = [Field(name="a", type="object", fields=[Field(name="b", required=True)])]
    assert check(shape, {"a": {}}) == ["a.b is missing"]


def test_a_body_may_be_an_array_itself() -> None:
    shape = [Field(name="body", type="array", items="object", fields=MEMBER, root=True)]
    assert check(shape, [{"userid": "u"}]) == []
    assert check(shape, [{"userid": 1}]) == ["the body[0].userid is integer, not string"]
    assert check(shape, {"body": []}) == ["the body is object, not array"]


def test_elements_may_be_built_like_their_container() -> None:
    shape = [Field(name="name"), Field(name="below", type="array", items="object", recursive=True)]
    assert check(shape, {"name": "a", "below": [{"name": "b", "below": [{"name": "c"}]}]}) == []
    assert check(shape, {"below": [{"below": [{"name": 1}]}]}) == [
        "below[0].below[0].name is integer, not string"
    ]


def test_answers_without_json_are_checked_by_their_kind() -> None:
    empty = Endpoint("e", "api", "PUT", "/e", response_type="empty")
    binary = Endpoint("b", "oapi", "GET", "/b", response_type="binary")
    away = Endpoint("r", "oapi", "GET", "/r", response_type="redirect", redirect_params=["code"])
    assert check_answer(empty, None) == []
    assert check_answer(empty, {}) != []
    assert check_answer(binary, b"") == []
    assert check_answer(binary, "") != []
    assert check_answer(away, {"code": "c"}) == []
    assert check_answer(away, {"token": "c"}) == ["token is no parameter of the redirect"]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        *(("2024-02-29", True), ("2024-02-29 10:00", True), ("2024-02-29T10:00:00+08:00", True)),
        *(("2024-02-29T10:00:00.123Z", True), ("2023-02-29", False), ("2024-01-01 25:00", False)),
        *(("", False), ("20240101", False), ("2024-01-01 10:00:00 ", False)),
    ],
)
def test_dates_are_days_or_moments(text: str, is_one: bool) -> None:
    assert is_date(text) is is_one
