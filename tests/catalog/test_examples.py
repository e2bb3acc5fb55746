"""Answers made up: each fits its own shape, says the same each time, and tells of a success."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang import catalog
from sanfang.catalog import Endpoint, Field, check_answer, example

ENDPOINTS = list(catalog.load().endpoints.values())
TEXTS = st.text(st.characters(), max_size=8)  # lone surrogates too
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
)


def of(id_: str, request: dict[str, Any] | None = None) -> Any:
    return example(catalog.load().endpoints[id_], request)


def test_every_endpoint_yields_an_answer_that_its_own_shape_accepts() -> None:
    wrong = {e.id: problems for e in ENDPOINTS if (problems := check_answer(e, example(e)))}
    assert wrong == {}
    assert len(ENDPOINTS) == 4497


@given(st.sampled_from(ENDPOINTS), st.data())
def test_whatever_was_asked_the_answer_fits(endpoint: Endpoint, data: st.DataObject) -> None:
    """The request's fields have the names of the answer's, and any value."""
    names = [f.name for f in endpoint.response] + [p.name for p in endpoint.params]
    names += [below.name for f in endpoint.response for below in f.fields]
    request = data.draw(st.dictionaries(st.sampled_from(names or ["x"]), VALUES, max_size=6))
    answer = example(endpoint, request)
    assert check_answer(endpoint, answer) == []
    if not isinstance(answer, bytes):
        msgspec.json.encode(answer)
        json.dumps(answer, allow_nan=False)


def test_the_same_question_gets_the_same_answer_and_another_another() -> None:
    first = [example(e, {"userid": "u"}) for e in ENDPOINTS[:200]]
    assert first == [example(e, {"userid": "u"}) for e in ENDPOINTS[:200]]
    shape = [Field(name="title"), Field(name="size", type="integer")]
    one = example(Endpoint("one", "api", "GET", "/one", response=shape))
    two = example(Endpoint("two", "api", "GET", "/two", response=shape))
    assert one != two


def test_the_answer_repeats_what_it_shares_with_the_request() -> None:
    answer = of("oapi_department_get_get", {"id": "7", "name": "部门甲", "order": "x"})
    assert (answer["id"], answer["name"]) == (7, "部门甲")
    assert answer["order"] != "x"
    listed = of("oapi_user_list_get", {"userid": "u1"})["userlist"]
    assert listed[0]["userid"] == "u1"
    assert listed[1]["userid"] != "u1"


@pytest.mark.parametrize("odd", ["x" * 201, "a\nb", "\ud800", 1 << 70, 1.5, [[1]], {"a": 1}, None])
def test_odd_values_are_not_repeated(odd: object) -> None:
    shape = [
        *(Field(name="a"), Field(name="b", type="integer"), Field(name="c", type="number")),
        *(Field(name="d", type="array", items="any"), Field(name="e", type="map", items="any")),
    ]
    endpoint = Endpoint("e", "oapi", "GET", "/e", response=shape)
    assert example(endpoint, dict.fromkeys("abcde", odd)) == example(endpoint)


def test_no_secret_is_repeated() -> None:
    shape = [Field(name="appsecret"), Field(name="access_token"), Field(name="password")]
    endpoint = Endpoint("e", "oapi", "GET", "/e", response=shape)
    answer = example(endpoint, dict.fromkeys(("appsecret", "access_token", "password"), "mine"))
    assert "mine" not in answer.values()


def test_old_answers_tell_of_a_success() -> None:
    for endpoint in ENDPOINTS:
        answer = example(endpoint)
        if endpoint.host == "oapi" and isinstance(answer, dict) and "errcode" in answer:
            assert answer["errcode"] in (0, "0"), endpoint.id
            assert answer.get("errmsg", "ok") == "ok", endpoint.id


def test_a_page_is_the_last_one() -> None:
    for endpoint in ENDPOINTS:
        paging = endpoint.pagination
        for path in (paging.more, paging.out) if paging else ():
            value = example(endpoint)
            for name in path.split(".") if path else ():
                value = value.get(name) if isinstance(value, dict) else None
            if path:
                assert value in (None, False, 0, "", "false"), (endpoint.id, path, value)


def test_limits_are_kept() -> None:
    shape = [
        Field(name="short", max_length=3),
        Field(name="long", min_length=40),
        Field(name="low", type="integer", max=3),
        Field(name="high", type="integer", min=100_000),
        Field(name="few", type="array", items="string", max_items=1),
        Field(name="none", type="array", items="string", max_items=0),
        Field(name="kind", enum=["a"], example="b"),
    ]
    endpoint = Endpoint("limits", "api", "GET", "/limits", response=shape)
    answer = example(endpoint)
    assert check_answer(endpoint, answer) == []
    assert len(answer["few"]) == 1
    assert answer["none"] == []
    assert answer["kind"] == "a"


@pytest.mark.parametrize("given_state", [None, "s1"])
def test_a_redirect_gets_a_code_and_the_state_of_the_request(given_state: str | None) -> None:
    answer = of("login_oauth2_auth_get", {"state": given_state})
    assert set(answer) == {"authCode", "state"}
    assert (answer["state"] == "s1") is (given_state == "s1")


def test_a_file_is_bytes_and_an_empty_answer_is_nothing() -> None:
    assert isinstance(of("oapi_media_get_get"), bytes)
    assert of("v1_0_yida_forms_instances_put") is None
