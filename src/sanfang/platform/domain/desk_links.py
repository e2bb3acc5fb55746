"""One-time links into the workbench: the way in where nobody may just become somebody.

Whoever manages the platform makes one for a member and hands it over. It is good once and for five
minutes. The hot store keeps the fingerprint of its secret; whoever takes it out is signed in, nobody
else. A note outlives it for an hour, so that whoever comes second or late is told why.
"""

from __future__ import annotations

import secrets as random

import msgspec

from . import desks, secrets, signin_people, signin_standing
from .core import Core
from .refusals import Refusal
from .signin_people import Person

LIFE_MS = 5 * 60_000
_NOTE_MS = 3_600_000
_LONGEST = 128


class Link(msgspec.Struct, frozen=True):
    """A new link: its secret, and until when it is good (epoch milliseconds)."""

    secret: str
    expires_at: int


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    corp_id: str
    userid: str
    unionid: str
    made_at: int
    used_at: int = 0


_KEPT = msgspec.json.Decoder(_Kept)


async def make(core: Core, corp_id: str, userid: str) -> Link:
    """Make a link for a member; refuse 33001, 60111."""
    who = await signin_people.person(core, corp_id, userid)
    secret, now = random.token_urlsafe(32), core.clock.now()
    raw = msgspec.json.encode(_Kept(corp_id, userid, who.member.unionid, now))
    await core.hot.put(_note(secret), raw, now=now, ttl=LIFE_MS + _NOTE_MS)
    await core.hot.put(_live(secret), raw, now=now, ttl=LIFE_MS)
    return Link(secret, now + LIFE_MS)


async def look(core: Core, secret: str) -> Person:
    """Return who a link signs in, and leave it good; refuse 51003 as `use` does."""
    raw = None
    if _is_one(secret):
        raw = await core.hot.get(_live(secret), now=core.clock.now())
    if raw is None:
        raise await _ended(core, secret)
    return await _person(core, _KEPT.decode(raw))


async def use(core: Core, secret: str) -> str:
    """Use a link up and return the token of a new desk.

    Refuses 51003 for a link that is unknown, used or expired, or whose member has left.
    """
    now = core.clock.now()
    raw = await core.hot.take(_live(secret), now=now) if _is_one(secret) else None
    if raw is None:
        raise await _ended(core, secret)
    kept = _KEPT.decode(raw)
    used = msgspec.json.encode(msgspec.structs.replace(kept, used_at=now))
    await core.hot.put(_note(secret), used, now=now, ttl=_NOTE_MS)
    await _person(core, kept)
    return await desks.open_desk(core, kept.corp_id, kept.userid)


async def _person(core: Core, kept: _Kept) -> Person:
    """Whoever got the userid of a member who has left does not get the link with it."""
    if not await signin_standing.is_there(core, kept.corp_id, kept.userid, kept.unionid):
        raise _refused(
            f"成员 {kept.userid!r} 已离开企业 {kept.corp_id}，或企业已解散。",
            f"The member {kept.userid!r} has left corp {kept.corp_id}, or it has ended.",
        )
    return await signin_people.person(core, kept.corp_id, kept.userid)


async def _ended(core: Core, secret: str) -> Refusal:
    now = core.clock.now()
    raw = await core.hot.get(_note(secret), now=now) if _is_one(secret) else None
    if raw is None:
        return _refused(
            "平台没有发出过这个登录链接（或早已过期）；请检查链接是否完整。",
            "The platform never gave out this sign-in link (or it ended long ago); check that it is"
            " whole.",
        )
    kept = _KEPT.decode(raw)
    if kept.used_at:
        ago = (now - kept.used_at) // 1000
        return _refused(
            f"这个登录链接已在 {ago} 秒前用过；每个链接只能用一次，请管理员重新生成。",
            f"This sign-in link was used {ago} s ago; a link is good once, ask for a new one.",
        )
    age = (now - kept.made_at) // 1000
    if now - kept.made_at < LIFE_MS:
        return _refused(
            "这个登录链接刚刚被另一个请求用掉；每个链接只能用一次。",
            "This sign-in link was used by another request this very moment; a link is good once.",
        )
    return _refused(
        f"这个登录链接已过期：{age} 秒前生成，有效期 {LIFE_MS // 1000} 秒；请管理员重新生成。",
        f"This sign-in link has expired: made {age} s ago, good for {LIFE_MS // 1000} s; ask for a"
        " new one.",
    )


def _refused(zh: str, en: str) -> Refusal:
    return Refusal(51003, zh, en)


def _is_one(secret: str) -> bool:
    return secret.isascii() and 20 <= len(secret) <= _LONGEST


def _live(secret: str) -> str:
    return f"desklink:{secrets.fingerprint(secret)}"


def _note(secret: str) -> str:
    return f"desklinknote:{secrets.fingerprint(secret)}"
