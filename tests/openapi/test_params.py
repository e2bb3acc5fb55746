"""Types: what clients write for booleans, numbers and lists."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.platform.openapi import params
from sanfang.platform.openapi.params import Unfit

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("value", [True, "True", "true", "TRUE", 1, "1", " true "])
def test_true_has_many_faces(value: object) -> None:
    assert params.to_boolean(value) is True


@pytest.mark.parametrize("value", [False, "False", "false", 0, "0"])
def test_false_has_many_faces(value: object) -> None:
    assert params.to_boolean(value) is False


@pytest.mark.parametrize("value", [2, "2", "maybe", "", 1.0, None, [], {}])
def test_other_values_are_no_boolean(value: object) -> None:
    with pytest.raises(Unfit):
        params.to_boolean(value)


@pytest.mark.parametrize(
    ("value", "number"),
    [(7, 7), ("7", 7), (" 7 ", 7), ("-7", -7), (7.0, 7), ("9223372036854775807", 2**63 - 1)],
)
def test_integers_come_as_numbers_and_as_text(value: object, number: int) -> None:
    assert params.to_integer(value) == number


@pytest.mark.parametrize(
    "value",
    ["", "x", "1.5", 1.5, "１２", "1_000", "--7", "-", True, None, [], 2**63, "9" * 5000, "²"],
)
def test_what_is_no_64_bit_integer_is_refused(value: object) -> None:
    with pytest.raises(Unfit):
        params.to_integer(value)


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ([1, "2"], [1, 2]),
        ("[1, 2]", [1, 2]),
        ("1|2", [1, 2]),
        ("1,2", [1, 2]),
        ("1", [1]),
        (1, [1]),
        ("|1||2|", [1, 2]),
        ([], []),
    ],
)
def test_lists_are_written_in_many_ways(value: object, items: list[int]) -> None:
    assert params.to_array(params.to_integer)(value) == items


@pytest.mark.parametrize("value", ["[1", "x|y", {"a": 1}, True, None, [[1]]])
def test_what_is_no_list_of_integers_is_refused(value: object) -> None:
    with pytest.raises(Unfit):
        params.to_array(params.to_integer)(value)


def test_text_takes_numbers_but_no_structures_and_no_null_byte() -> None:
    assert [params.to_text(value) for value in ("a", 7, True, 1.5)] == ["a", "7", "true", "1.5"]
    for value in (["a"], {}, None, "a\x00b", 10**5000):
        with pytest.raises(Unfit):
            params.to_text(value)


def test_documented_formats_of_text_take_the_structure_as_well() -> None:
    assert params.to_joined(["a", 2]) == params.to_joined("a,2") == "a,2"
    assert params.to_json_text({"1": 10}) == '{"1":10}'
    assert params.to_json_text("{1:10}") == "{1:10}"


@given(ANY)
def test_any_value_becomes_its_type_or_is_unfit(value: Any) -> None:
    wanted: list[tuple[Any, Any]] = [
        (params.to_text, str),
        (params.to_integer, int),
        (params.to_number, (int, float)),
        (params.to_boolean, bool),
        (params.to_object, dict),
        (params.to_array(params.to_text), list),
        (params.to_joined, str),
        (params.to_json_text, str),
    ]
    for convert, kind in wanted:
        try:
            found = convert(value)
        except Unfit:
            continue
        assert isinstance(found, kind)
        assert convert is not params.to_integer or -(2**63) <= found < 2**63
