"""The contract of the durable port, on every engine."""

from __future__ import annotations

import asyncio
import contextlib
import random

import pytest

from sanfang.platform.store.errors import Conflict, StoreClosed
from sanfang.platform.store.ports import Durable, Query, Tx

from . import things
from .things import adding, names, setting

pytestmark = pytest.mark.anyio


class Change(Exception):  # noqa: N818
    """Somebody changed their mind."""


async def test_what_was_committed_can_be_read(durable: Durable) -> None:
    assert await durable.transact(adding("a", 7)) is None
    row = await durable.one(things.BY_NAME, "a")
    assert row is not None
    assert tuple(row) == ("a", 7)


async def test_a_missing_row_is_none_and_an_empty_list(durable: Durable) -> None:
    assert await durable.one(things.BY_NAME, "nobody") is None
    assert await durable.all(things.BY_NAME, "nobody") == []


async def test_the_result_of_the_body_is_returned(durable: Durable) -> None:
    async def body(tx: Tx) -> list[object]:
        row = await tx.one(things.INSERT_RETURNING, "a", 1)
        assert row is not None
        return list(row)

    assert await durable.transact(body) == [1, "a"]
    assert await names(durable) == ["a"]


async def test_an_exception_rolls_everything_back_and_arrives_as_it_is(durable: Durable) -> None:
    change = Change()

    async def body(tx: Tx) -> None:
        await tx.run(things.INSERT, "a", 1)
        await tx.many(things.INSERT, [("b", 1), ("c", 1)])
        raise change

    with pytest.raises(Change) as caught:
        await durable.transact(body)
    assert caught.value is change
    assert await names(durable) == []


@pytest.mark.parametrize("kind", [OSError, TimeoutError, ValueError])
async def test_no_exception_of_a_body_is_taken_for_one_of_the_store(
    durable: Durable, kind: type[Exception]
) -> None:
    async def body(tx: Tx) -> None:
        raise kind("mine")

    with pytest.raises(kind, match="mine"):
        await durable.transact(body)


async def test_a_transaction_reads_its_own_writes_and_others_do_not(durable: Durable) -> None:
    seen = []

    async def body(tx: Tx) -> None:
        await tx.run(things.INSERT, "a", 1)
        seen.append(await tx.one(things.BY_NAME, "a"))
        raise Change

    with pytest.raises(Change):
        await durable.transact(body)
    assert [tuple(row) for row in seen if row] == [("a", 1)]
    assert await durable.one(things.BY_NAME, "a") is None


async def test_run_counts_the_rows_it_touched(durable: Durable) -> None:
    async def body(tx: Tx) -> list[int]:
        return [
            await tx.run(things.INSERT, "a", 1),
            await tx.run(things.SET, "a", 2),
            await tx.run(things.SET, "nobody", 2),
            await tx.run(things.DELETE, "a"),
        ]

    assert await durable.transact(body) == [1, 1, 0, 1]


async def test_bytes_text_and_null_come_back_as_they_went(durable: Durable) -> None:
    async def body(tx: Tx) -> None:
        await tx.run(things.INSERT, "中文 🙂", 1 << 62)
        await tx.run(things.SET_DATA, "中文 🙂", b"\x00\xff")
        await tx.run(things.INSERT, "null", 0)

    await durable.transact(body)
    row = await durable.one(things.BY_NAME, "中文 🙂")
    assert row is not None
    assert tuple(row) == ("中文 🙂", 1 << 62)
    data = [await durable.one(things.DATA, name) for name in ("中文 🙂", "null")]
    assert [tuple(row) for row in data if row] == [(b"\x00\xff",), (None,)]


async def test_arguments_may_be_used_out_of_order_and_twice(durable: Durable) -> None:
    query = Query("odd", "SELECT $2::text, $1::bigint, $2::text")
    row = await durable.one(query, 1, "b")
    assert row is not None
    assert tuple(row) == ("b", 1, "b")


async def test_an_id_is_never_given_twice(durable: Durable) -> None:
    async def body(tx: Tx) -> int:
        row = await tx.one(things.INSERT_RETURNING, "a", 1)
        await tx.run(things.DELETE, "a")
        assert row is not None
        return int(row[0])

    first = await durable.transact(body)
    assert await durable.transact(body) > first


async def test_transactions_that_meet_lose_no_update(durable: Durable) -> None:
    await durable.transact(adding("a", 0))

    async def raise_by_one(tx: Tx) -> None:
        row = await tx.one(things.LOCK, "a")
        assert row is not None
        await tx.run(things.SET, "a", row[0] + 1)

    await asyncio.gather(*[durable.transact(raise_by_one) for _ in range(30)])
    row = await durable.one(things.BY_NAME, "a")
    assert row is not None
    assert row[1] == 30


async def test_of_transactions_that_meet_only_those_that_fail_are_undone(durable: Durable) -> None:
    async def body(tx: Tx, number: int) -> int:
        await tx.run(things.INSERT, f"n{number}", number)
        if number % 3 == 0:
            raise Change
        return number

    answers = await asyncio.gather(
        *[durable.transact(lambda tx, n=n: body(tx, n)) for n in range(12)],  # type: ignore[misc]
        return_exceptions=True,
    )
    good = [n for n in range(12) if n % 3]
    assert [answer for answer in answers if not isinstance(answer, Change)] == good
    assert sorted(await names(durable)) == sorted(f"n{n}" for n in good)


async def test_a_broken_constraint_is_a_conflict_and_undoes_the_transaction(
    durable: Durable,
) -> None:
    await durable.transact(adding("a"))

    async def body(tx: Tx) -> None:
        await tx.run(things.INSERT, "b", 1)
        await tx.run(things.INSERT, "a", 1)

    with pytest.raises(Conflict) as caught:
        await durable.transact(body)
    assert "things.insert" in caught.value.en
    assert await names(durable) == ["a"]


async def test_a_body_may_not_go_on_after_a_failed_statement(durable: Durable) -> None:
    await durable.transact(adding("a"))

    async def body(tx: Tx) -> str:
        with contextlib.suppress(Conflict):
            await tx.run(things.INSERT, "a", 1)
        return "swallowed"

    with pytest.raises(Conflict):
        await durable.transact(body)
    assert await names(durable) == ["a"]


async def test_a_body_may_not_use_the_store_itself(durable: Durable) -> None:
    async def reads(tx: Tx) -> None:
        await tx.run(things.INSERT, "a", 1)
        await durable.one(things.COUNT)

    async def nests(tx: Tx) -> None:
        await tx.run(things.INSERT, "b", 1)
        await durable.transact(adding("c"))

    for body in (reads, nests):
        with pytest.raises(RuntimeError, match="only its tx"):
            await durable.transact(body)
    assert await names(durable) == []


async def test_a_transaction_cannot_be_used_after_its_end(durable: Durable) -> None:
    kept: list[Tx] = []

    async def body(tx: Tx) -> None:
        kept.append(tx)

    await durable.transact(body)
    with pytest.raises(RuntimeError, match="over"):
        await kept[0].run(things.INSERT, "a", 1)


async def test_listeners_hear_of_what_was_committed_once_and_of_nothing_else(
    durable: Durable,
) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    await durable.listen("news", heard.put_nowait)
    await durable.listen("other", lambda payload: heard.put_nowait(f"other {payload}"))

    async def body(tx: Tx, payload: str, *, fail: bool = False) -> None:
        await tx.run(things.INSERT, payload, 1)
        tx.notify("news", payload)
        tx.notify("news", payload)
        if fail:
            raise Change

    with pytest.raises(Change):
        await durable.transact(lambda tx: body(tx, "undone", fail=True))
    await durable.transact(lambda tx: body(tx, "一"))
    await durable.transact(lambda tx: body(tx, "two"))
    async with asyncio.timeout(5):
        assert [await heard.get(), await heard.get()] == ["一", "two"]
    assert heard.empty()


async def test_a_listener_that_fails_harms_nobody(durable: Durable) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: complaints.append(context.get("exception"))
    )

    def broken(payload: str) -> None:
        raise Change(payload)

    await durable.listen("news", broken)
    await durable.listen("news", heard.put_nowait)

    async def body(tx: Tx) -> None:
        tx.notify("news", "x")
        await tx.run(things.INSERT, "a", 1)

    await durable.transact(body)
    async with asyncio.timeout(5):
        assert await heard.get() == "x"
    assert [type(complaint) for complaint in complaints] == [Change]


async def test_a_notice_without_a_write_is_delivered_too(durable: Durable) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    await durable.listen("news", heard.put_nowait)

    async def body(tx: Tx) -> None:
        tx.notify("news", "x")

    await durable.transact(body)
    async with asyncio.timeout(5):
        assert await heard.get() == "x"


async def test_a_cancelled_caller_does_not_disturb_those_it_met(durable: Durable) -> None:
    tasks = [asyncio.create_task(durable.transact(adding(f"n{n}"))) for n in range(8)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [n for n, answer in enumerate(answers) if answer is not None] == [3]
    await durable.transact(adding("after"))
    there = set(await names(durable))
    assert there >= {"n0", "n1", "n2", "n4", "n5", "n6", "n7", "after"}


async def test_a_closed_store_says_so(durable: Durable) -> None:
    await durable.close()
    await durable.close()
    with pytest.raises(StoreClosed):
        await durable.one(things.COUNT)
    with pytest.raises(StoreClosed):
        await durable.transact(adding("a"))


async def test_close_waits_for_the_transactions_under_way(durable: Durable) -> None:
    task = asyncio.create_task(durable.transact(adding("a")))
    await asyncio.sleep(0)
    await durable.close()
    await asyncio.gather(task, return_exceptions=True)
    assert task.done()
    assert task.exception() is None


async def test_what_is_asked_often_is_never_older_than_the_last_commit(durable: Durable) -> None:
    chance, expected = random.Random(7), dict[str, int]()

    async def give_up(tx: Tx) -> None:
        await tx.run(things.SET, "a", -1)
        raise Change

    for number in range(200):
        name = chance.choice("abc")
        if name not in expected:
            await durable.transact(adding(name, number))
            expected[name] = number
        elif chance.random() < 0.5:
            await durable.transact(setting(name, number))
            expected[name] = number
        else:
            with contextlib.suppress(Change):
                await durable.transact(give_up)
        for each in "abcd":
            row = await durable.one(things.OFTEN, each)
            assert (None if row is None else row[1]) == expected.get(each)


async def test_what_is_asked_often_is_told_while_others_write(durable: Durable) -> None:
    await durable.transact(adding("a", 0))

    async def write(number: int) -> None:
        await durable.transact(lambda tx: tx.run(things.RAISE, "a", 1))

    async def read() -> list[int]:
        seen = []
        for _ in range(100):
            row = await durable.one(things.OFTEN, "a")
            assert row is not None
            seen.append(row[1])
            await asyncio.sleep(0)
        return seen

    reading = asyncio.gather(read(), read())
    await asyncio.gather(*(write(number) for number in range(20)))
    for seen in await reading:
        assert seen == sorted(seen)
    row = await durable.one(things.OFTEN, "a")
    assert row is not None
    assert row[1] == 20
