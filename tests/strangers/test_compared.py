"""docs/clients-compared.md shows what the clients send today."""

from __future__ import annotations

import pytest

from .compared import (
    AT_ONCE,
    CALLS,
    NAMES,
    OFFICIAL,
    OURS,
    OURS_ASYNC,
    PAGE,
    THEIRS,
    numbers,
    numbers_part,
    renewed,
    requests_part,
)

pytestmark = pytest.mark.filterwarnings("default")  # the strangers' own warnings

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_requests_are_those_on_the_page() -> None:
    """Written by `python -m tests.strangers.compared`."""
    assert renewed(TEXT, "requests", requests_part()) == TEXT


def test_the_numbers_are_those_on_the_page() -> None:
    assert renewed(TEXT, "numbers", numbers_part()) == TEXT


def test_ours_asks_for_no_more_than_it_needs() -> None:
    rows = {row.partition(" / ")[2]: values for row, values in numbers().items()}
    assert set(rows["requests of a first call"]) == set(NAMES)
    for ours in (OURS, OURS_ASYNC):
        assert rows["requests of a first call"][ours] == "2"
        assert rows[f"requests of {CALLS} more"][ours] == str(CALLS)
        assert rows["connections they went over"][ours] == "1"
        assert rows[f"{AT_ONCE} begin at once: tokens fetched"][ours] == "1"
        assert (
            rows["when the token stays refused"][ours] == "3 → `TokenRefused`"
        )  # call, token, call
    stubborn = rows["when the token stays refused"]
    assert stubborn[THEIRS] == "> 100 → `RecursionError`"
    assert stubborn[OFFICIAL].startswith("1 ")
