"""Permission points: which an app or a suite holds, and whether a call may be made with them.

Only asked for with ``Settings.permissions`` "enforce". Every app holds the basic point, as on the
real platform; the others are granted in the developer console, here by the management API.
"""

from __future__ import annotations

from collections.abc import Sequence

from sanfang.catalog import permission_names

from ..store.ports import Tx
from ..store.queries import calls as rows_of
from ..store.queries import corps as corp_rows
from ..store.queries import signin as signin_rows
from ..store.queries import suites as suite_rows
from .core import Core
from .model import Identity
from .refusals import Refusal

BASIC = "qyapi_base"
_NEED_NONE = frozenset(("suite", "sso", "personal", "sns_user"))  # kinds with APIs of their own
# Points of single fields of a member, which an own app sees with them only. The pages name them in words
# (企业员工手机号信息, 邮箱等个人信息); the codes are the developer console's.
MOBILE, PERSONAL = "fieldMobile", "fieldEmail"


async def granted(core: Core, owner_key: str) -> list[str]:
    """Return the points of an app or suite; refuse 404 when there is none of that key."""
    await _check_owner(core, owner_key)
    found = [row[0] for row in await core.durable.all(rows_of.GRANTED, owner_key)]
    return sorted({BASIC, *found})


async def grant(core: Core, owner_key: str, points: Sequence[str]) -> list[str]:
    """Give points to an app or suite; refuse 40035 naming one that does not exist."""
    known = {*permission_names(), MOBILE, PERSONAL}
    unknown = next((point for point in points if point not in known), None)
    if unknown is not None:
        raise Refusal(
            40035,
            f"没有权限点 {unknown[:80]!r}。",
            f"There is no permission point {unknown[:80]!r}.",
            facts={"field": "points"},
        )
    await _check_owner(core, owner_key)

    async def body(tx: Tx) -> None:
        await tx.many(rows_of.GRANT, [(owner_key, point) for point in points])

    await core.durable.transact(body)
    return await granted(core, owner_key)


async def revoke(core: Core, owner_key: str, points: Sequence[str]) -> list[str]:
    """Take points away; those it does not hold, and the basic one, make no difference."""
    await _check_owner(core, owner_key)

    async def body(tx: Tx) -> None:
        await tx.many(rows_of.REVOKE, [(owner_key, point) for point in points])

    await core.durable.transact(body)
    return await granted(core, owner_key)


async def check(core: Core, identity: Identity, path: str, points: Sequence[str]) -> None:
    """Refuse 60011 when none of the points of an API is held."""
    if not points or BASIC in points or identity.kind in _NEED_NONE:
        return
    owner = identity.app_key or identity.suite_key
    for point in points:
        if await core.durable.one(rows_of.HOLDS, owner, point) is not None:
            return
    missing = " / ".join(points)
    names = "、".join(name for point in points for name in permission_names().get(point, [])[:1])
    raise Refusal(
        60011,
        f"应用 {owner} 没有权限点 {missing}（{names}）；请在开发者后台开通，"
        f"或运行 sanfang permission grant {owner} {points[0]}。",
        f"{owner} does not hold the permission point {missing}; grant it: "
        f"sanfang permission grant {owner} {points[0]}",
        facts={"permission": points[0]},
    )


async def withheld(core: Core, identity: Identity) -> frozenset[str]:
    """Return the points of fields that an own app does not hold: it does not see those fields."""
    if core.settings.permissions != "enforce" or identity.kind != "internal":
        return frozenset()
    return frozenset(
        [
            point
            for point in (MOBILE, PERSONAL)
            if await core.durable.one(rows_of.HOLDS, identity.app_key, point) is None
        ]
    )


async def _check_owner(core: Core, key: str) -> None:
    for query in (corp_rows.APP_BY_KEY, suite_rows.BY_KEY, signin_rows.OPEN_APP_BY_ID):
        if await core.durable.one(query, key) is not None:
            return
    raise Refusal(
        404,
        f"没有 app_key 或 suite_key 为 {key[:80]} 的应用。",
        f"There is no app or suite with the key {key[:80]}.",
        errmsg="应用不存在",
    )
