"""The inbox and its writer: what is on disk when."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.isv.datafile import DataFile
from sanfang.isv.inbox import State, key_of, lane_of
from sanfang.isv.writer import Stored
from sanfang.protocol.events import ContactEvent, Event, SuiteTicket, TmpAuthCode, parse_event

pytestmark = pytest.mark.anyio
NOW = 1_700_000_000.0


def contact(number: int, corp: str = "ding1") -> ContactEvent:
    return ContactEvent(
        event_type="user_add_org", timestamp=1000 + number, user_ids=[f"u{number}"], corp_id=corp
    )


@pytest.fixture
def stored() -> list[Stored]:
    return []


@pytest.fixture
def file(tmp_path: Path, stored: list[Stored]) -> Iterator[DataFile]:
    file = DataFile(str(tmp_path / "isv.db"), stored.extend)
    yield file
    file.close()


def outside(tmp_path: Path, sql: str) -> list[tuple[object, ...]]:
    """Ask the file as another process would."""
    connection = sqlite3.connect(tmp_path / "isv.db")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


async def put(file: DataFile, event: Event) -> int | None:
    file.writer.start(asyncio.get_running_loop())
    return await file.inbox.put(event, b'{"EventType":"user_add_org"}', NOW)


async def test_an_event_is_on_disk_when_put_returns(file: DataFile, tmp_path: Path) -> None:
    assert await put(file, contact(1)) == 1
    assert outside(tmp_path, "SELECT id, lane, state FROM inbox") == [(1, "ding1", 0)]


async def test_events_that_meet_share_one_commit(file: DataFile, tmp_path: Path) -> None:
    commits: list[str] = []
    file.database.writing.set_trace_callback(commits.append)
    ids = await asyncio.gather(*(put(file, contact(number)) for number in range(250)))
    assert ids == list(range(1, 251))
    assert commits.count("COMMIT") == 1
    assert outside(tmp_path, "SELECT count(*) FROM inbox") == [(250,)]


async def test_those_who_handle_are_told_in_the_order_of_ids(
    file: DataFile, stored: list[Stored]
) -> None:
    await asyncio.gather(*(put(file, contact(number)) for number in range(7)))
    await put(file, contact(7))
    assert [row.id for row in stored] == list(range(1, 9))
    assert stored[7].event == contact(7)


async def test_a_duplicate_gets_no_id_and_is_told_to_nobody(
    file: DataFile, stored: list[Stored]
) -> None:
    first = await put(file, contact(1))
    later = await asyncio.gather(*(put(file, contact(n)) for n in (1, 2, 2, 1, 3)))
    assert first == 1
    assert [bool(event_id) for event_id in later] == [False, True, False, False, True]
    assert [row.event for row in stored] == [contact(1), contact(2), contact(3)]


async def test_a_duplicate_of_what_is_done_stays_done(file: DataFile, tmp_path: Path) -> None:
    event_id = await put(file, contact(1))
    assert event_id is not None
    await file.inbox.finish(event_id)
    assert await put(file, contact(1)) is None
    assert outside(tmp_path, "SELECT state FROM inbox") == [(State.DONE,)]


async def test_a_dead_letter_that_is_pushed_again_lives_again(
    file: DataFile, stored: list[Stored]
) -> None:
    event_id = await put(file, contact(1))
    assert event_id is not None
    await file.inbox.bury(event_id, 4, "broken")
    stored.clear()
    assert await put(file, contact(1)) == event_id
    assert [row.id for row in stored] == [event_id]
    kept = file.inbox.read(event_id)
    assert kept is not None
    assert (kept.state, kept.attempts) == (State.WAITING, 0)


async def test_a_commit_that_fails_stores_nothing_and_tells_everyone(
    file: DataFile, tmp_path: Path
) -> None:
    file.writer.start(asyncio.get_running_loop())
    file.database.writing.execute("PRAGMA max_page_count = 1")  # the disk is full
    big = b"x" * 100_000
    results = await asyncio.gather(
        *(file.inbox.put(contact(n), big, NOW) for n in range(3)), return_exceptions=True
    )
    assert [type(result) for result in results] == [sqlite3.OperationalError] * 3
    assert outside(tmp_path, "SELECT count(*) FROM inbox") == [(0,)]
    file.database.writing.execute("PRAGMA max_page_count = 1000000")
    assert await put(file, contact(1)) is not None


async def test_a_statement_that_fails_undoes_only_itself(file: DataFile) -> None:
    file.writer.start(asyncio.get_running_loop())

    def broken(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO suite VALUES ('half', 'x')")
        raise ValueError("broken")

    event, failed = await asyncio.gather(
        put(file, contact(1)), file.writer.run(broken), return_exceptions=True
    )
    assert event == 1
    assert isinstance(failed, ValueError)
    assert file.database.rows("SELECT * FROM suite WHERE name = 'half'") == []


async def test_a_caller_that_was_cancelled_does_not_undo_the_write(
    file: DataFile, stored: list[Stored]
) -> None:
    file.writer.start(asyncio.get_running_loop())
    future = file.inbox.put(contact(1), b"{}", NOW)
    future.cancel()
    await put(file, contact(2))
    assert [row.id for row in stored] == [1, 2]


async def test_ended_events_are_forgotten_after_their_time_and_others_are_not(
    file: DataFile, tmp_path: Path
) -> None:
    for number in range(6):
        await put(file, contact(number))
    for event_id in (1, 2, 5):
        await file.inbox.finish(event_id)
    await file.inbox.bury(3, 1, "broken")
    after, deletion = file.inbox.forget(NOW + 1, 0, limit=4)
    assert deletion is not None
    await deletion
    assert outside(tmp_path, "SELECT id FROM inbox") == [(3,), (4,), (5,), (6,)]
    after, deletion = file.inbox.forget(NOW + 1, after, limit=4)
    assert after == 0
    assert deletion is not None
    await deletion
    assert outside(tmp_path, "SELECT id FROM inbox") == [(3,), (4,), (6,)]
    assert file.inbox.forget(NOW - 1) == (0, None)


async def test_counting_looks_at_a_bounded_number_of_events(file: DataFile) -> None:
    await asyncio.gather(*(put(file, contact(number)) for number in range(30)))
    await file.inbox.bury(1, 1, "broken")
    counts = file.inbox.counts()
    assert (counts.waiting, counts.dead) == (29, 1)


async def test_events_of_a_later_time_have_greater_keys() -> None:
    keys = [key_of(contact(number)) for number in range(50)]
    assert keys == sorted(keys)
    assert len(set(keys)) == 50


async def test_a_ticket_or_code_is_the_same_event_at_any_time() -> None:
    assert key_of(SuiteTicket(suite_ticket="t", timestamp=1)) == key_of(
        SuiteTicket(suite_ticket="t", timestamp=2)
    )
    assert key_of(TmpAuthCode(auth_code="c", timestamp=1)) == key_of(
        TmpAuthCode(auth_code="c", timestamp=2)
    )
    assert key_of(TmpAuthCode(auth_code="c")) != key_of(TmpAuthCode(auth_code="d"))


async def test_codes_without_a_corp_wait_in_lanes_of_their_own() -> None:
    one, other = TmpAuthCode(auth_code="c"), TmpAuthCode(auth_code="d")
    assert lane_of(one, key_of(one)) != lane_of(other, key_of(other))
    assert lane_of(contact(1, "ding7"), b"") == "ding7"
    ticket = SuiteTicket(suite_ticket="t")
    assert lane_of(ticket, key_of(ticket)) == ""


@given(st.dictionaries(st.text(max_size=8), st.integers() | st.text() | st.floats() | st.none()))
def test_every_event_has_a_key_of_18_bytes(fields: dict[str, object]) -> None:
    import msgspec

    event = parse_event(msgspec.json.encode({"EventType": "any", **fields}))
    assert len(key_of(event)) == 18
