"""The contract of the hot port, on every engine."""

from __future__ import annotations

import asyncio

import pytest

from sanfang.platform.store import open_hot
from sanfang.platform.store.errors import StoreClosed
from sanfang.platform.store.ports import Hot, Window

pytestmark = pytest.mark.anyio

NOW = 1_700_000_000_000


async def test_a_value_lives_until_its_time(hot: Hot) -> None:
    await hot.put("a", b"\x00 \xff", now=NOW, ttl=1000)
    assert await hot.get("a", now=NOW) == b"\x00 \xff"
    assert await hot.get("a", now=NOW + 999) == b"\x00 \xff"
    assert await hot.get("a", now=NOW + 1000) is None


async def test_a_value_is_replaced_with_its_life(hot: Hot) -> None:
    await hot.put("a", b"long", now=NOW, ttl=10_000)
    await hot.put("a", b"short", now=NOW, ttl=10)
    assert await hot.get("a", now=NOW) == b"short"
    assert await hot.get("a", now=NOW + 10) is None


async def test_an_empty_value_is_a_value(hot: Hot) -> None:
    await hot.put("a", b"", now=NOW, ttl=10)
    assert await hot.get("a", now=NOW) == b""
    assert await hot.take("a", now=NOW) == b""


async def test_time_travel_expires_what_a_real_clock_would_keep(hot: Hot) -> None:
    await hot.put("token", b"x", now=NOW, ttl=7_200_000)
    assert await hot.get("token", now=NOW + 7_199_999) == b"x"
    assert await hot.get("token", now=NOW + 7_200_000) is None


async def test_keep_gives_the_live_value_a_new_life(hot: Hot) -> None:
    assert await hot.keep("a", b"first", now=NOW, ttl=100) == b"first"
    assert await hot.keep("a", b"second", now=NOW + 99, ttl=100) == b"first"
    assert await hot.get("a", now=NOW + 198) == b"first"
    assert await hot.keep("a", b"third", now=NOW + 199, ttl=100) == b"third"


async def test_of_many_who_keep_at_once_all_get_the_same(hot: Hot) -> None:
    values = await asyncio.gather(*[hot.keep("a", b"%d" % n, now=NOW, ttl=100) for n in range(50)])
    assert len(set(values)) == 1


async def test_of_a_hundred_takers_exactly_one_gets_it(hot: Hot) -> None:
    await hot.put("code", b"x", now=NOW, ttl=100)
    taken = await asyncio.gather(*[hot.take("code", now=NOW) for _ in range(100)])
    assert [value for value in taken if value is not None] == [b"x"]


async def test_nothing_expired_can_be_taken_or_extended(hot: Hot) -> None:
    await hot.put("a", b"x", now=NOW, ttl=100)
    assert await hot.extend("a", now=NOW + 100, ttl=100) is False
    assert await hot.take("a", now=NOW + 100) is None
    assert await hot.extend("nothing", now=NOW, ttl=100) is False


async def test_extend_gives_a_live_value_a_new_life(hot: Hot) -> None:
    await hot.put("a", b"x y", now=NOW, ttl=100)
    assert await hot.extend("a", now=NOW + 99, ttl=1000) is True
    assert await hot.get("a", now=NOW + 1098) == b"x y"
    assert await hot.get("a", now=NOW + 1099) is None


async def test_swap_changes_what_is_as_it_was_read(hot: Hot) -> None:
    assert await hot.swap("a", None, b"one", now=NOW, ttl=100) is True
    assert await hot.swap("a", None, b"two", now=NOW, ttl=100) is False
    assert await hot.swap("a", b"other", b"two", now=NOW, ttl=100) is False
    assert await hot.swap("a", b"one", b"\x00 \xff", now=NOW + 99, ttl=100) is True
    assert await hot.get("a", now=NOW + 198) == b"\x00 \xff"
    assert await hot.swap("a", b"\x00 \xff", b"late", now=NOW + 199, ttl=100) is False
    assert await hot.swap("a", None, b"", now=NOW + 199, ttl=100) is True
    assert await hot.swap("a", b"", b"three", now=NOW + 199, ttl=100) is True


async def test_of_many_who_swap_at_once_one_does(hot: Hot) -> None:
    await hot.put("a", b"x", now=NOW, ttl=100)
    done = await asyncio.gather(
        *[hot.swap("a", b"x", b"%d" % n, now=NOW, ttl=9) for n in range(50)]
    )
    assert done.count(True) == 1
    assert await hot.get("a", now=NOW) == b"%d" % done.index(True)


async def test_delete_removes_all_it_names_and_nothing_else(hot: Hot) -> None:
    for key in "abc":
        await hot.put(key, b"x", now=NOW, ttl=100)
    await hot.delete("a", "b", "nothing")
    await hot.delete()
    assert [await hot.get(key, now=NOW) for key in "abc"] == [None, None, b"x"]


async def test_a_call_counts_in_every_window_or_in_none(hot: Hot) -> None:
    wide, narrow = Window("wide", 10), Window("narrow", 2)
    answers = [await hot.admit([wide, narrow], now=NOW) for _ in range(20)]
    assert answers == [-1, -1, *[1] * 18]
    assert [await hot.admit([wide], now=NOW) for _ in range(9)] == [*[-1] * 8, 0]


async def test_the_first_full_window_is_named(hot: Hot) -> None:
    one, other = Window("one", 1), Window("other", 1)
    assert await hot.admit([one, other], now=NOW) == -1
    assert await hot.admit([Window("free", 1), other, one], now=NOW) == 1


async def test_no_window_admits_and_a_limit_of_zero_refuses(hot: Hot) -> None:
    assert await hot.admit([], now=NOW) == -1
    assert await hot.admit([Window("zero", 0)], now=NOW) == 0


async def test_windows_and_values_of_one_name_do_not_meet(hot: Hot) -> None:
    await hot.put("same", b"x", now=NOW, ttl=100)
    assert await hot.admit([Window("same", 1)], now=NOW) == -1
    assert await hot.lease("same", "me", now=NOW, ttl=100) is not None
    assert await hot.get("same", now=NOW) == b"x"


async def test_a_clock_a_little_behind_does_not_open_a_window(hot: Hot) -> None:
    window = [Window("a", 2)]
    behind = (0, -8_000, -3_000, 0, 60_999)
    answers = [await hot.admit(window, now=NOW + delta) for delta in behind]
    assert answers == [-1, -1, 0, 0, 0]
    assert await hot.admit(window, now=NOW + 61_000) == -1


async def test_of_many_calls_at_once_only_the_limit_is_admitted(hot: Hot) -> None:
    windows = [Window("a", 40), Window("b", 30)]
    answers = await asyncio.gather(*[hot.admit(windows, now=NOW) for _ in range(100)])
    assert sorted(answers) == [*[-1] * 30, *[1] * 70]


async def test_a_lease_is_held_renewed_and_given_back(hot: Hot) -> None:
    first = await hot.lease("l", "a", now=NOW, ttl=100)
    assert first is not None
    assert await hot.lease("l", "b", now=NOW + 99, ttl=100) is None
    assert await hot.lease("l", "a", now=NOW + 99, ttl=100) == first
    assert await hot.lease("l", "b", now=NOW + 198, ttl=100) is None
    await hot.release("l", "b")
    assert await hot.lease("l", "b", now=NOW + 198, ttl=100) is None
    await hot.release("l", "a")
    second = await hot.lease("l", "b", now=NOW + 198, ttl=100)
    assert second is not None
    assert second > first


async def test_every_new_holder_has_a_greater_number(hot: Hot) -> None:
    numbers = []
    for turn in range(6):
        number = await hot.lease("l", "ab"[turn % 2], now=NOW + turn * 100, ttl=100)
        assert number is not None
        numbers.append(number)
    assert numbers == sorted(set(numbers))


async def test_of_many_who_want_a_lease_one_has_it(hot: Hot) -> None:
    answers = await asyncio.gather(
        *[hot.lease("l", f"worker {n}", now=NOW, ttl=100) for n in range(50)]
    )
    assert sum(answer is not None for answer in answers) == 1


async def test_a_restart_forgets_nothing(hot_url: str) -> None:
    hot = await open_hot(hot_url)
    for key in ("kept", "taken", "deleted"):
        await hot.put(key, b"x", now=NOW, ttl=100)
    await hot.keep("kept", b"y", now=NOW + 1, ttl=200)
    await hot.take("taken", now=NOW)
    await hot.delete("deleted")
    fence = await hot.lease("l", "a", now=NOW, ttl=100)
    await hot.close()

    hot = await open_hot(hot_url)
    answers = [await hot.get(key, now=NOW + 200) for key in ("kept", "taken", "deleted")]
    fences = [await hot.lease("l", owner, now=NOW + 1, ttl=100) for owner in "ab"]
    after = await hot.lease("other", "b", now=NOW + 1, ttl=100)
    expired = await hot.get("kept", now=NOW + 201)
    await hot.close()
    assert answers == [b"x", None, None]
    assert fences == [fence, None]
    assert fence is not None
    assert after is not None
    assert after > fence
    assert expired is None


async def test_a_cancelled_caller_disturbs_nobody(hot: Hot) -> None:
    tasks = [asyncio.create_task(hot.put(f"k{n}", b"x", now=NOW, ttl=100)) for n in range(5)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [n for n, answer in enumerate(answers) if answer is not None] in ([2], [])
    assert await hot.get("k4", now=NOW) == b"x"


async def test_a_closed_store_says_so(hot: Hot) -> None:
    await hot.close()
    await hot.close()
    with pytest.raises(StoreClosed):
        await hot.get("a", now=NOW)
    with pytest.raises(StoreClosed):
        await hot.put("a", b"x", now=NOW, ttl=1)
