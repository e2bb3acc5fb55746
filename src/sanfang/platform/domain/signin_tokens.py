"""Tokens of those who sign in: a user's, of the admin backend, of open apps (tokens-and-limits.md 2).

All are *kept*: while one is valid the same string is returned and its life renewed; an ``sns_token``
is not renewed.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from sanfang.protocol.signatures import call_signature, same

from ..store.ports import Tx
from ..store.queries import signin as rows_of
from . import secrets, signin, signin_apps, signin_standing
from .core import Core
from .model import Identity
from .refusals import Refusal
from .signin_apps import SigninApp
from .signin_codes import Pass
from .tokens import SKEW_MS

_IDENTITY = msgspec.json.Decoder(Identity)
LONGEST = 512


class UserToken(NamedTuple):
    """``corp_id`` is empty unless the person agreed to name it (scope ``corpid``)."""

    access_token: str
    refresh_token: str
    seconds: int
    corp_id: str


class SnsGrant(NamedTuple):
    """What an open app keeps of a person."""

    openid: str
    unionid: str
    persistent_code: str


async def sso_token(core: Core, corp_id: str, secret: str) -> tuple[str, int]:
    """Return ``(access_token, seconds)`` for a corp's SSOSecret; refuse 40089."""
    row = await core.durable.one(rows_of.SSO_SECRET, corp_id)
    if not await signin_standing.corp_lives(core, corp_id):
        raise signin_apps.wrong_pair(corp_id)
    if row is None or not same(row[0], secret):
        raise Refusal(
            40089,
            f"SSOSecret 与企业 {corp_id} 不符（它不是 corpsecret）；"
            f"查看：sanfang signin sso-secret {corp_id}。ISV 用自己企业的。",
            f"That is not the SSOSecret of corp {corp_id} (it is not the corpsecret); see: sanfang"
            f" signin sso-secret {corp_id}. An ISV uses its own corp's.",
            errmsg="不合法的corpid或corpsecret",
        )
    return await _kept(core, f"sso:{corp_id}", Identity("sso", corp_id))


async def personal_token(core: Core, app_id: str, secret: str) -> tuple[str, int]:
    """Return ``(access_token, seconds)`` of an open app; refuse 40089."""
    app = await signin_apps.prove(core, app_id, secret)
    if app.kind != "open":
        raise Refusal(
            40089,
            f"{app_id!r} 是企业应用或套件，不是登录应用；/sns/gettoken 只用于登录应用（appid）。",
            f"{app_id!r} is an app of a corp or a suite; /sns/gettoken is for open apps (appid).",
            errmsg="不合法的corpid或corpsecret",
        )
    return await _kept(core, f"sns:{app_id}", Identity("personal", app_key=app_id))


async def sns_grant(core: Core, caller: Identity, code: str, *, used_in: str) -> SnsGrant:
    """Exchange a ``tmp_auth_code`` for a code without end, the same each time; refuse 40078."""
    app = await signin_apps.get(core, caller.app_key)
    found = await signin.redeem_for(core, app.key, code, "sns", used_in=used_in)
    openid, new = app.openid(found.unionid), secrets.letters(64)

    async def body(tx: Tx) -> str:
        now = core.clock.now()
        await tx.run(rows_of.GRANT, app.key, openid, found.unionid, new, now)
        row = await tx.one(rows_of.GRANTED, app.key, openid)
        assert row is not None
        return str(row[1])

    return SnsGrant(openid, found.unionid, await core.durable.transact(body))


async def sns_token(
    core: Core, caller: Identity, openid: str, persistent_code: str
) -> tuple[str, int]:
    """Return ``(sns_token, seconds left)``; refuse 40073 (openid), 40084 (persistent code)."""
    row = await core.durable.one(rows_of.GRANTED, caller.app_key, openid)
    if row is None:
        raise Refusal(
            40073,
            "没有人以这个 openid 授权过此登录应用；openid 随应用而不同。",
            "Nobody has agreed to this app under that openid; each app has openids of its own.",
        )
    if not same(row[1], persistent_code):
        raise Refusal(
            40084,
            "persistent_code 与该 openid 不符；用 /sns/get_persistent_code 同时返回的那一对。",
            "The persistent_code is not of that openid; use the pair /sns/get_persistent_code gave.",
        )
    identity = Identity("sns_user", app_key=caller.app_key, unionid=row[0])
    now, life = core.clock.now(), core.settings.token_ttl_s * 1000
    key, new = f"cur:snsu:{caller.app_key}:{openid}", f"{now}|{secrets.token()}".encode()
    kept = await core.hot.keep(key, new, now=now, ttl=life)
    if now - int(kept.partition(b"|")[0]) >= life:
        await core.hot.put(key, new, now=now, ttl=life)
        kept = new
    made_at, _, token = kept.decode().partition("|")
    left = int(made_at) + life - now
    await core.hot.put("tok:" + token, msgspec.json.encode(identity), now=now, ttl=left)
    return token, left // 1000


async def bycode(
    core: Core, access_key: str, timestamp: str, signature: str, code: str, *, used_in: str
) -> tuple[SigninApp, Pass]:
    """Exchange a ``tmp_auth_code`` by a call signed with the appSecret.

    Returns the app and what the code stands for. Refuses 853001-853004, 40078.
    """
    app = await _signed(core, access_key, timestamp, signature)
    return app, await signin.redeem_for(core, app.key, code, "sns", used_in=used_in)


async def user_token(
    core: Core, client_id: str, secret: str, code: str, *, used_in: str
) -> UserToken:
    """Exchange an authorisation code for a user's token; refuse 40089, 40078."""
    app = await signin_apps.prove(core, client_id, secret)
    found = await signin.redeem_for(core, app.key, code, "oauth", used_in=used_in)
    return await _user_token(core, app.user(found))


async def refresh_user_token(
    core: Core, client_id: str, secret: str, refresh_token: str
) -> UserToken:
    """Renew a user's tokens; refuse 40089, and 40078 for a refreshToken that is not this app's."""
    app = await signin_apps.prove(core, client_id, secret)
    now = core.clock.now()
    sound = refresh_token.isascii() and 0 < len(refresh_token) <= LONGEST
    raw = await core.hot.get("ref:" + refresh_token, now=now) if sound else None
    if raw is None:
        raise _bad_refresh("不存在或已过期（30 天）", "unknown or expired (30 days)")
    identity = _IDENTITY.decode(raw)
    if (identity.app_key or identity.suite_key) != app.key:
        raise _bad_refresh("属于另一个应用", "another app's")
    if not await signin_standing.user_is_there(core, identity):
        raise _bad_refresh("对应的成员已离开企业", "of a member who has left")
    return await _user_token(core, identity)


async def _user_token(core: Core, identity: Identity) -> UserToken:
    now, life = core.clock.now(), core.settings.refresh_token_ttl_s * 1000
    who = f"{identity.app_key or identity.suite_key}:{identity.corp_id}:{identity.userid}"
    key = f"{who}:{identity.unionid}:{identity.scope}"
    token, seconds = await _kept(core, f"usr:{key}", identity)
    new = secrets.token().encode()
    refresh = (await core.hot.keep(f"cur:ref:{key}", new, now=now, ttl=life)).decode()
    await core.hot.put("ref:" + refresh, msgspec.json.encode(identity), now=now, ttl=life)
    shown = identity.corp_id if signin.CORPID in identity.scope.split() else ""
    return UserToken(token, refresh, seconds, shown)


async def _kept(core: Core, key: str, identity: Identity) -> tuple[str, int]:
    now, seconds = core.clock.now(), core.settings.token_ttl_s
    new = secrets.token().encode()
    token = (await core.hot.keep(f"cur:{key}", new, now=now, ttl=seconds * 1000)).decode()
    value = msgspec.json.encode(identity)
    await core.hot.put("tok:" + token, value, now=now, ttl=seconds * 1000)
    return token, seconds


async def _signed(core: Core, access_key: str, timestamp: str, signature: str) -> SigninApp:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) == 13):
        raise Refusal(
            853001,
            "timestamp 应为当前时间的毫秒数（13 位）。",
            "timestamp is 13 digits of milliseconds.",
        )
    off = int(timestamp) - core.clock.now()
    if abs(off) > SKEW_MS:
        raise Refusal(
            853002,
            f"timestamp 与平台时间相差 {off} 毫秒，最多允许一分钟；请校准时钟。",
            f"timestamp is {off} ms off the platform's time; one minute is allowed.",
            facts={"off_ms": off},
        )
    app = await signin_apps.find(core, access_key)
    if app is None:
        raise Refusal(
            853003,
            "没有这个 accessKey（登录应用的 appId、应用的 appKey 或套件的 suiteKey）。",
            "No open app, app or suite has this accessKey.",
        )
    if not same(call_signature(app.secret, timestamp), signature.replace(" ", "+")):
        raise Refusal(
            853004,
            "签名不符：用 appSecret 对 timestamp 做 HMAC-SHA256，Base64 后再 URL 编码一次。",
            "The signature differs: HMAC-SHA256 with the appSecret over the timestamp; Base64, then"
            " URL-encoded once.",
        )
    return app


def _bad_refresh(zh: str, en: str) -> Refusal:
    return Refusal(
        40078,
        f"refreshToken {zh}；请让用户重新登录。",
        f"The refreshToken is {en}; the user has to sign in again.",
    )
