"""The outbox: a change and the push that announces it are written in one transaction.

Pushes wait in *lanes*, one per target and corp. A target is a suite (corpid '' for what concerns the
suite alone) or an app's registration for the events of a corp, ``cb:`` and the app's key. A lane is
worked off in order, by one dispatcher at a time: it *claims* lanes that are due, which leases them,
sends the head of each, and *finishes* with what came of it. A failed push is tried again after a
growing wait; after ``push_limit`` failures it stops, and its lane with it, until somebody presses
re-push (isv-lifecycle.md 3.3, F41). A push to a registration that fails lets those behind it pass,
and ends in the list of failed events (callback-crypto.md 8). Delivery is at least once: a dispatcher
that dies in a push frees it when its lease runs out, and the ISV sees it again.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..store.ports import Query, Row, Tx
from ..store.queries import authorisations as auth_rows
from ..store.queries import callbacks as callback_rows
from ..store.queries import outbox as rows_of
from ..store.queries import suites as suite_rows
from . import rows
from .core import Core, Settings
from .model import Attempt, Due, Push, PushState
from .refusals import Refusal

CHANNEL = "push"  # notified with a target when something became due for it
CALL_BACK = "cb:"  # how targets that are registrations begin
_CALL_BACK_WAITS = (10_000, 30_000)  # ms; after that a corp event is given up (2026)
_LAST = 2**62


async def enqueue(
    tx: Tx,
    core: Core,
    suite_key: str,
    corp_id: str,
    event_type: str,
    plain: str,
    *,
    failures: int = 0,
) -> int:
    """Write a push in the transaction of the change it announces; return its number."""
    now = core.clock.now()
    await tx.run(_wake(suite_key), suite_key, corp_id, now)
    row = await tx.one(rows_of.INSERT, suite_key, corp_id, event_type, plain, failures, now)
    assert row is not None
    tx.notify(CHANNEL, suite_key)
    return int(row[0])


async def active_suites(core: Core) -> list[str]:
    """Return the targets that have something to push, now or later."""
    return [row[0] for row in await core.durable.all(rows_of.ACTIVE_SUITES)]


async def next_due(core: Core, suite_key: str) -> int | None:
    """Return when a suite next needs a dispatcher's look (epoch ms), None when nothing waits."""
    row = await core.durable.one(rows_of.NEXT_DUE, suite_key)
    return None if row is None else int(row[0])


async def claim(core: Core, suite_key: str, owner: str, *, limit: int) -> list[Due]:
    """Lease up to ``limit`` due lanes of a suite and return the head of each."""
    now = core.clock.now()
    until = now + core.settings.push_lease_ms

    async def body(tx: Tx) -> list[Due]:
        claimed = await tx.all(rows_of.CLAIM, suite_key, now, until, owner, limit)
        if not claimed:
            return []
        if suite_key.startswith(CALL_BACK):
            heads = [await _next(tx, suite_key, row[0], now, owner) for row in claimed]
            return [head for head in heads if head is not None]
        row = await tx.one(suite_rows.BY_KEY, suite_key)
        assert row is not None
        suite = rows.suite(row)
        found = []
        for (corp_id,) in claimed:
            head = await _head(tx, suite_key, corp_id, now)
            if head is not None:
                keys = (suite.callback_url, suite.token, suite.aes_key, suite_key)
                found.append(Due(head, *keys, owner))
        return found

    return await core.durable.transact(body)


async def finish(core: Core, due: Due, attempt: Attempt) -> Due | None:
    """Record an attempt; return the lane's next push when it can go at once (the lease is renewed).

    A dispatcher that lost its lease still records what it did, but leaves the lane to its new owner.
    """
    return (await finish_all(core, [(due, attempt)]))[0]


async def finish_all(core: Core, results: Sequence[tuple[Due, Attempt]]) -> list[Due | None]:
    """Do what `finish` does for several lanes in one transaction; answers in the same order."""
    now = core.clock.now()

    async def body(tx: Tx) -> list[Due | None]:
        return [await _finish(tx, core, due, attempt, now) for due, attempt in results]

    return await core.durable.transact(body)


async def resume(core: Core, due: Due) -> Due | None:
    """Return what can go next in the lane of ``due``, if its owner (still) holds the lane."""
    now = core.clock.now()

    async def body(tx: Tx) -> Due | None:
        lane = await tx.one(rows_of.LOCK_LANE, due.push.suite_key, due.push.corp_id)
        return await _onward(tx, core, due, lane, now)

    return await core.durable.transact(body)


async def _finish(tx: Tx, core: Core, due: Due, attempt: Attempt, now: int) -> Due | None:
    lane = await tx.one(rows_of.LOCK_LANE, due.push.suite_key, due.push.corp_id)
    await _record(tx, due.push, attempt, core.settings, now)
    return await _onward(tx, core, due, lane, now)


async def _onward(tx: Tx, core: Core, due: Due, lane: Row | None, now: int) -> Due | None:
    if lane is None or lane[0] != due.owner:
        return None
    following = await _following(tx, due, now)
    if following is None:
        return None
    lease = core.settings.push_lease_ms
    # Renewing costs a write: while less than an eighth of the lease is used up, it is not renewed.
    if lane[1] is None or lane[1] - now < lease - lease // 8:
        await tx.run(rows_of.SET_LANE, due.push.suite_key, due.push.corp_id, now + lease, due.owner)
    return following


async def _following(tx: Tx, due: Due, now: int) -> Due | None:
    target, corp_id = due.push.suite_key, due.push.corp_id
    if target.startswith(CALL_BACK):
        return await _next(tx, target, corp_id, now, due.owner)
    head = await _head(tx, target, corp_id, now)
    return None if head is None else msgspec.structs.replace(due, push=head)


async def _next(tx: Tx, target: str, corp_id: str, now: int, owner: str) -> Due | None:
    """Return what a registration is to get now, as it is registered now."""
    found = await tx.one(callback_rows.BY_KEY, target, corp_id)
    if found is None:  # removed while an event was being written for it
        await tx.run(rows_of.SUPERSEDE_LANE, target, corp_id)
    head = await _head(tx, target, corp_id, now)
    if head is None or found is None:
        return None
    to = rows.callback(found)
    return Due(head, to.url, to.token, to.aes_key, to.key_id, owner)


async def _head(tx: Tx, suite_key: str, corp_id: str, now: int) -> Push | None:
    """Return a lane's head if it can go now; else put the lane to rest until it can."""
    query = rows_of.NEXT if suite_key.startswith(CALL_BACK) else rows_of.HEAD
    row = await tx.one(query, suite_key, corp_id)
    head = None if row is None else rows.push(row)
    if head is not None and head.state == "pending" and head.due_at <= now:
        return head
    waiting = head is not None and head.state == "pending"
    due_at = head.due_at if waiting and head is not None else None
    await tx.run(rows_of.SET_LANE, suite_key, corp_id, due_at, "")
    return None


async def _record(tx: Tx, push: Push, attempt: Attempt, settings: Settings, now: int) -> None:
    if attempt.outcome == "delivered":
        counted = await tx.one(rows_of.DELIVERED, push.push_id, now)
        if push.event_type == "tmp_auth_code":
            await tx.run(auth_rows.CODE_RECEIVED, push.suite_key, push.corp_id, push.push_id, now)
    else:
        counted = await _record_failure(tx, push, settings, now)
    if counted is None:
        return
    await tx.run(
        rows_of.INSERT_ATTEMPT,
        *(push.push_id, counted[0], attempt.started_at, attempt.latency_ms, attempt.status),
        *(attempt.outcome, attempt.reply, attempt.reason),
    )


async def _record_failure(tx: Tx, push: Push, settings: Settings, now: int) -> Row | None:
    row = await tx.one(rows_of.LOCK, push.push_id)
    if row is None:
        return None
    stored = rows.push(row)
    failures, state, due_at = stored.failures, stored.state, now
    if stored.suite_key.startswith(CALL_BACK):
        return await _record_lost(tx, stored, settings, now)
    if state != "delivered":
        failures += 1
        due_at = now + _wait(failures, settings)
        if failures >= settings.push_limit and state == "pending":
            state = "stopped"
            if push.event_type == "suite_ticket":
                # Nobody would receive a new ticket: the timer rests until re-push.
                await tx.run(suite_rows.SET_TICKET_DUE, push.suite_key, None)
    return await tx.one(rows_of.FAILED, push.push_id, state, failures, due_at)


async def _record_lost(tx: Tx, push: Push, settings: Settings, now: int) -> Row | None:
    """Put an event off, or into the list that /call_back/get_call_back_failed_result reads."""
    failures, state, due_at = push.failures + 1, push.state, now
    if state == "pending":
        wait = _call_back_wait(failures, settings)
        if wait is None:
            failed: PushState = "failed"
            state = failed
            await tx.run(
                callback_rows.INSERT_FAILURE,
                *(push.suite_key, push.corp_id, push.event_type, push.plain, push.created_at),
            )
        due_at = now + (wait or 0)
    return await tx.one(rows_of.FAILED, push.push_id, state, failures, due_at)


def _call_back_wait(failures: int, settings: Settings) -> int | None:
    """Return the wait after the n-th failure of a corp event; None: it is given up."""
    if settings.call_back_retries == "modern":
        waits = _CALL_BACK_WAITS
        return waits[failures - 1] if failures <= len(waits) else None
    return _wait(failures, settings) if failures < settings.push_limit else None


def _wake(target: str) -> Query:
    return rows_of.WAKE_LANE_NOW if target.startswith(CALL_BACK) else rows_of.WAKE_LANE


def _wait(failures: int, settings: Settings) -> int:
    """Return the wait after the n-th failure, in milliseconds: doubling, up to a most."""
    doubled = settings.push_retry_first_ms << min(failures - 1, 30)
    return min(doubled, settings.push_retry_most_ms)


async def free_leases(core: Core, owner: str | None = None) -> int:
    """Give back the leases of one dispatcher, or of all (only when no other process runs)."""

    async def body(tx: Tx) -> int:
        now = core.clock.now()
        if owner is None:
            return await tx.run(rows_of.FREE_ALL_LEASES, now)
        return await tx.run(rows_of.FREE_LEASES, now, owner)

    return await core.durable.transact(body)


async def resend(core: Core, push_id: int) -> int:
    """Push again: an open push at once with its counter at 0, a finished one as a copy.

    Returns the number of the push that goes out.
    """
    now = core.clock.now()

    async def body(tx: Tx) -> int:
        row = await tx.one(rows_of.BY_ID, push_id)
        if row is None:
            raise _unknown(push_id)
        push = rows.push(row)
        await tx.run(_wake(push.suite_key), push.suite_key, push.corp_id, now)
        if await tx.run(rows_of.REVIVE, push_id, now):
            await tx.run(rows_of.HURRY_LANE, push.suite_key, push.corp_id, now)
            tx.notify(CHANNEL, push.suite_key)
            return push_id
        return await enqueue(tx, core, push.suite_key, push.corp_id, push.event_type, push.plain)

    return await core.durable.transact(body)


async def revive_suite(tx: Tx, core: Core, suite_key: str) -> int:
    """Set every open push of a suite going again, counters at 0; return how many."""
    now = core.clock.now()
    count = await tx.run(rows_of.REVIVE_SUITE, suite_key, now)
    await tx.run(rows_of.HURRY_LANES, suite_key, now)
    tx.notify(CHANNEL, suite_key)
    return count


async def get_push(core: Core, push_id: int) -> tuple[Push, list[tuple[int, Attempt]]]:
    """Return a push and its numbered attempts (the first 1000)."""
    row = await core.durable.one(rows_of.BY_ID, push_id)
    if row is None:
        raise _unknown(push_id)
    attempts = [
        (
            number,
            Attempt(
                started_at=started_at,
                latency_ms=latency_ms,
                status=status,
                outcome=outcome,
                reply=reply,
                reason=reason,
            ),
        )
        for number, started_at, latency_ms, status, outcome, reply, reason in await core.durable.all(
            rows_of.ATTEMPTS, push_id
        )
    ]
    return rows.push(row), attempts


async def list_pushes(
    core: Core,
    *,
    suite_key: str = "",
    corp_id: str = "",
    state: str = "",
    limit: int = 50,
    before: int = 0,
) -> list[Push]:
    """Return pushes, newest first, those numbered below ``before``; '' means any."""
    mark = before or _LAST
    if suite_key and corp_id:
        found = await core.durable.all(rows_of.PAGE_OF_LANE, mark, limit, state, suite_key, corp_id)
    elif suite_key:
        found = await core.durable.all(rows_of.PAGE_OF_SUITE, mark, limit, state, suite_key)
    elif corp_id:
        found = await core.durable.all(rows_of.PAGE_OF_CORP, mark, limit, state, corp_id)
    else:
        found = await core.durable.all(rows_of.PAGE, mark, limit, state)
    return [rows.push(row) for row in found]


def _unknown(push_id: int) -> Refusal:
    return Refusal(40035, f"没有推送 {push_id}。", f"There is no push {push_id}.")
