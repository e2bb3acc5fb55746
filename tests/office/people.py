"""People of a corp, and who hears of its events."""

from __future__ import annotations

import json
from typing import Any

from sanfang.platform.domain import contacts
from sanfang.platform.domain.model import Callback
from sanfang.platform.store.ports import Query, Tx
from sanfang.platform.store.queries import callbacks

from ..domain.world import AES_KEY
from ..openapi.world import World

_PUSHES = Query("test.pushes", "SELECT plain FROM pushes WHERE suite_key = $1 ORDER BY push_id")


async def hire(world: World, *userids: str) -> list[str]:
    """Make members; return their unionids."""
    made = []
    for userid in userids:
        member = await contacts.create_member(
            world.core, world.corp.corp_id, name=f"测试员{userid}", userid=userid
        )
        made.append(member.unionid)
    return made


async def subscribe(world: World, *tags: str) -> None:
    """Register the corp's own app for events, as /call_back/register_call_back does."""
    callback = Callback(
        f"cb:{world.app.app_key}",
        world.corp.corp_id,
        *(world.corp.corp_id, "token", AES_KEY, "http://app.example/"),
        list(tags),
        0,
        0,
    )

    async def body(tx: Tx) -> None:
        values = [getattr(callback, name) for name in callback.__struct_fields__]
        values[6] = json.dumps(list(tags))
        await tx.run(callbacks.INSERT, *values[:8])
        for tag in tags:
            await tx.run(callbacks.INSERT_TAG, callback.corp_id, tag, callback.target_key)

    await world.core.durable.transact(body)


async def heard(world: World) -> list[dict[str, Any]]:
    """Return the events that wait to be pushed to the own app, oldest first."""
    rows = await world.core.durable.all(_PUSHES, f"cb:{world.app.app_key}")
    return [json.loads(row[0]) for row in rows]
