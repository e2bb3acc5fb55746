"""Events of a corp (contacts, chats, ...) for whoever registered for them (callback-crypto.md 8, 9).

A registration belongs to one corp and one app, a suite or an app of the corp's own. Its pushes wait
in the lane of its *target*, ``cb:`` and the app's key, and of the corp (outbox.py).
"""

from __future__ import annotations

from ..store.ports import Tx
from ..store.queries import callbacks as rows_of
from ..store.queries import outbox as push_rows
from . import outbox, rows
from .core import Core


def target_of(owner_key: str) -> str:
    """Return the target of an app's pushes; ``owner_key`` is its suite_key or app_key."""
    return outbox.CALL_BACK + owner_key


async def announce(tx: Tx, core: Core, corp_id: str, tag: str, fields: dict[str, object]) -> None:
    """Write the push of an event for every registration of a corp that subscribed to ``tag``.

    Call it in the transaction of the change. ``fields`` are those of the wire besides EventType,
    TimeStamp and CorpId: ``{"UserId": ["zhang"]}``.
    """
    found = await tx.all(rows_of.SUBSCRIBERS, corp_id, tag)
    if not found:
        return
    plain = rows.json_text(
        {"EventType": tag, "TimeStamp": core.clock.now(), "CorpId": corp_id, **fields}
    )
    # Sorted as the recorder of results sorts, so that two who lock several lanes do not meet.
    for target in sorted(str(row[0]) for row in found):
        await outbox.enqueue(tx, core, target, corp_id, tag, plain)


async def forget(tx: Tx, target: str, corp_id: str) -> bool:
    """Remove a registration and what waits to be pushed to it; False when there was none."""
    row = await tx.one(rows_of.LOCK, target, corp_id)
    if row is None:
        return False
    tags = rows.callback(row).tags
    await tx.run(rows_of.DELETE, target, corp_id)
    await tx.many(rows_of.DELETE_TAG, [(corp_id, tag, target) for tag in tags])
    await tx.run(push_rows.SUPERSEDE_LANE, target, corp_id)
    return True
