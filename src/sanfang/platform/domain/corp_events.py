"""Events of a corp (contacts, chats, ...) for whoever registered for them (callback-crypto.md 8, 9).

A registration belongs to one corp and one app, a suite or an app of the corp's own. Its pushes wait
in the lane of its *target*, ``cb:`` and the app's key, and of the corp (outbox.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..store.ports import Tx
from ..store.queries import callbacks as rows_of
from ..store.queries import contacts as contact_rows
from ..store.queries import outbox as push_rows
from . import outbox, rows
from .core import Core

_DEPTS = "DeptId"
# Events of contacts, and the field that lists whom or what they are about.
_ABOUT = {
    **dict.fromkeys(("user_add_org", "user_modify_org", "user_leave_org"), "UserId"),
    **dict.fromkeys(("user_active_org", "org_admin_add", "org_admin_remove"), "UserId"),
    **dict.fromkeys(("org_dept_create", "org_dept_modify", "org_dept_remove"), _DEPTS),
    "label_user_change": "userIdList",
}


def target_of(owner_key: str) -> str:
    """Return the target of an app's pushes; ``owner_key`` is its suite_key or app_key."""
    return outbox.CALL_BACK + owner_key


def owner_of(target: str) -> str:
    """Return whose pushes a target's are: the opposite of `target_of`."""
    return target.removeprefix(outbox.CALL_BACK)


async def announce(
    tx: Tx,
    core: Core,
    corp_id: str,
    tag: str,
    fields: Mapping[str, object],
    *,
    formerly: Collection[int] = (),
    own: Mapping[str, object] | None = None,
) -> None:
    """Write the push of an event for every registration of a corp that subscribed to ``tag``.

    Call it in the transaction of the change, before what a removal removes. ``fields`` are those of
    the wire besides EventType, TimeStamp and CorpId: ``{"UserId": ["zhang"]}``. A suite hears only
    of the members and departments in its scope (``/auth/scopes``); ``formerly`` are departments they
    lay in before the change, so that it hears of what leaves its scope as well. ``own`` are further
    fields that only the corp's own apps are told.
    """
    found = await tx.all(rows_of.SUBSCRIBERS, corp_id, tag)
    if not found:
        return
    told = {"EventType": tag, "TimeStamp": core.clock.now(), "CorpId": corp_id, **fields}
    plain = rows.json_text(told)
    about = _ABOUT.get(tag)
    to_own = plain if own is None else rows.json_text({**told, **own})
    # Sorted as the recorder of results sorts, so that two who lock several lanes do not meet.
    for target, limits in sorted((str(row[0]), row[1]) for row in found):
        if limits is None:
            await outbox.enqueue(tx, core, target, corp_id, tag, to_own)
            continue
        if limits == "" or about is None:
            await outbox.enqueue(tx, core, target, corp_id, tag, plain)
            continue
        seen = await _within(tx, corp_id, limits, told, about, formerly)
        if seen:
            text = rows.json_text({**told, about: seen})
            await outbox.enqueue(tx, core, target, corp_id, tag, text)


async def _within(
    tx: Tx,
    corp_id: str,
    limits: str,
    told: Mapping[str, Any],
    about: str,
    formerly: Collection[int],
) -> list[Any]:
    """Return those of the ids an event is about that lie in a suite's scope, or did."""
    scope = rows.scope(limits)
    if scope is None:
        return list(told[about])
    depts = set(scope.depts)
    for dept_id in formerly:
        path = await tx.all(contact_rows.ANCESTORS, corp_id, dept_id)
        if any(row[0] in depts for row in path):
            return list(told[about])
    query = contact_rows.ANCESTORS if about == _DEPTS else contact_rows.AROUND_MEMBER
    return [
        each
        for each in told[about]
        if each in scope.users or any(row[0] in depts for row in await tx.all(query, corp_id, each))
    ]


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
