from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sanfang.isv import Backoff


def test_waits_double_up_to_the_most_and_end_after_the_last_attempt() -> None:
    backoff = Backoff(first=1, factor=2, most=5, attempts=6, jitter=0)
    assert [backoff.wait(n) for n in range(1, 7)] == [1, 2, 4, 5, 5, None]


@given(st.integers(1, 10_000), st.floats(0, 1), st.floats(0, 1))
def test_every_wait_is_within_the_schedule(failures: int, jitter: float, chance: float) -> None:
    backoff = Backoff(attempts=20_000, jitter=jitter, chance=lambda: chance)
    wait = backoff.wait(failures)
    assert wait is not None
    assert 0 <= wait <= 300


def test_the_defaults_give_up_after_about_half_an_hour() -> None:
    backoff = Backoff(jitter=0)
    waits = [backoff.wait(n) for n in range(1, backoff.attempts)]
    assert 20 * 60 < sum(wait or 0 for wait in waits) < 60 * 60
