"""Desks: somebody signed in to the workbench or to a sign-in page.

A desk is known by a token that only the browser's cookie holds; the hot store keeps its
fingerprint. It ends after twelve hours without use, when it is closed, and when the member leaves
the corp: whoever gets the same userid later does not find it open.
"""

from __future__ import annotations

import secrets as random

import msgspec

from ..store.queries import inbox as rows_of
from . import secrets, signin_people, signin_standing
from .core import Core
from .corps import get_corp, list_corps
from .departments import like
from .model import Corp
from .rows import corp as read_corp
from .rows import member as read_member

LIFE_MS = 12 * 3_600_000  # without use
_RENEWED_MS = 10 * 60_000  # using a desk renews it this often, not at every step
_CORPS = 50  # looked through when no corp is named


class Desk(msgspec.Struct, frozen=True):
    """Whose desk it is; ``opened_at`` in epoch milliseconds."""

    corp_id: str
    userid: str
    opened_at: int


class Persona(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to sign in as, in a sandbox."""

    corp_id: str
    corp_name: str
    userid: str
    name: str
    title: str
    avatar: str  # '' as long as members have none
    is_admin: bool


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    corp_id: str
    userid: str
    unionid: str
    opened_at: int
    used_at: int


_KEPT = msgspec.json.Decoder(_Kept)


async def open_desk(core: Core, corp_id: str, userid: str) -> str:
    """Sign a member in and return the desk's token; refuse 33001, 60111."""
    who = await signin_people.person(core, corp_id, userid)
    token, now = random.token_urlsafe(32), core.clock.now()
    kept = _Kept(corp_id, userid, who.member.unionid, now, now)
    await core.hot.put(_key(token), msgspec.json.encode(kept), now=now, ttl=LIFE_MS)
    return token


async def get_desk(core: Core, token: str) -> Desk | None:
    """Return the desk of a token; None when it is unknown, expired, or its member has left."""
    if not (token.isascii() and 20 <= len(token) <= 100):
        return None
    now, key = core.clock.now(), _key(token)
    raw = await core.hot.get(key, now=now)
    if raw is None:
        return None
    kept = _KEPT.decode(raw)
    if not await signin_standing.is_there(core, kept.corp_id, kept.userid, kept.unionid):
        await core.hot.delete(key)
        return None
    if now - kept.used_at >= _RENEWED_MS:
        used = msgspec.json.encode(msgspec.structs.replace(kept, used_at=now))
        await core.hot.swap(key, raw, used, now=now, ttl=LIFE_MS)  # a closed desk stays closed
    return Desk(kept.corp_id, kept.userid, kept.opened_at)


async def close_desk(core: Core, token: str) -> None:
    """Sign out; an unknown token is none of our business."""
    await core.hot.delete(_key(token))


def fingerprint(token: str) -> str:
    """Return the name under which a desk's belongings are kept."""
    return secrets.fingerprint(token.encode("utf-8", "replace").decode())


async def people(
    core: Core, *, search: str = "", corp_id: str = "", limit: int = 50
) -> list[Persona]:
    """Return members to sign in as, of one corp or of all; refuse 33001.

    ``search`` is part of a member's name or a whole userid, in the first fifty corps; or part of the
    name, or the whole id, of any corp: then of its members whoever comes first.
    """
    search = search.replace("\0", "").encode("utf-8", "replace").decode()[:100]
    if corp_id:
        return await _named(core, [await get_corp(core, corp_id)], search, limit)
    named = await _named(core, await list_corps(core, limit=_CORPS), search, limit)
    if not search:
        return named
    corps = await core.durable.all(rows_of.CORPS, search, like(search), _CORPS)
    theirs = await _named(core, [read_corp(row) for row in corps], "", limit)
    kept = named[: max(limit - len(theirs), limit // 2)]  # neither leaves no room for the other
    return list(dict.fromkeys([*kept, *theirs]))[:limit]


async def _named(core: Core, corps: list[Corp], search: str, limit: int) -> list[Persona]:
    found: list[Persona] = []
    for corp in corps:
        if corp.dissolved_at is not None:
            continue
        left = limit - len(found)
        if left <= 0:
            break
        rows = await core.durable.all(rows_of.PEOPLE, corp.corp_id, like(search), search, left)
        for row in rows:
            member = read_member(row, [], [])
            found.append(
                Persona(
                    corp_id=corp.corp_id,
                    corp_name=corp.name,
                    userid=member.userid,
                    name=member.name,
                    title=member.position,
                    avatar="",
                    is_admin=member.is_admin,
                )
            )
    return found


def _key(token: str) -> str:
    return f"desk:{fingerprint(token)}"
