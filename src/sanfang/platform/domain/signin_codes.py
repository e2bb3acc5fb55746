"""One-time codes: made for one person, one app and one corp; good once, and for five minutes.

A live code is one value of the hot store; whoever takes it out has it, nobody else. Beside it a note
outlives it for an hour, so that whoever comes second or late is told why (F3). A code that is shown
to the wrong app is refused and not used up: it was not the app's to use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from . import secrets
from .core import Core
from .refusals import Refusal

Kind = Literal["login", "operate", "admin", "sns", "oauth", "scan"]
NOTE_MS = 3_600_000  # how long a code that has ended can be explained
LONGEST = 256  # characters of anything that could be a code

NAMES: dict[Kind, tuple[str, str]] = {
    "login": ("免登授权码", "a sign-in code of requestAuthCode"),
    "operate": ("操作授权码", "a code of requestOperateAuthCode"),
    "admin": ("管理后台免登码", "a code of the admin backend"),
    "sns": ("扫码登录的 tmp_auth_code", "a tmp_auth_code of the open app login"),
    "oauth": ("OAuth2 授权码", "an authorisation code of the OAuth2 page"),
    "scan": ("扫码得到的 loginTmpCode", "a loginTmpCode of a scan"),
}


class Pass(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a code stands for. ``redeemed_by``: for codes of the admin backend, whose sso token."""

    kind: Kind
    key: str  # app_key, suite_key or app_id of an open app
    corp_id: str
    userid: str
    unionid: str
    made_at: int
    scope: str = ""
    redeemed_by: str = ""
    used_at: int = 0
    used_in: str = ""


class Issued(msgspec.Struct, frozen=True):
    """A new code and what it stands for."""

    code: str
    made_for: Pass
    expires_at: int


Cause = tuple[str, str]
Misfit = Callable[[Pass], Cause | None]
_PASS = msgspec.json.Decoder(Pass)


async def issue(core: Core, made_for: Pass) -> Issued:
    """Make a code; the caller has checked that this person may use this app."""
    code, ttl = secrets.letters(32), core.settings.signin_code_ttl_s * 1000
    raw, now = msgspec.json.encode(made_for), made_for.made_at
    await core.hot.put(_note(code), raw, now=now, ttl=ttl + NOTE_MS)
    await core.hot.put(_live(code), raw, now=now, ttl=ttl)
    return Issued(code, made_for, now + ttl)


async def redeem(
    core: Core, code: str, kind: Kind, *, refuse: int, used_in: str, misfit: Misfit | None = None
) -> Pass:
    """Use a code up and return what it stands for.

    ``misfit`` says why a code is not the caller's, or None. ``used_in`` is the path of the call.
    Refuses with the number ``refuse`` for a code that is unknown, used, expired, of another kind, or
    a misfit; the explanation says which.
    """
    now = core.clock.now()
    if not code.isascii() or not 0 < len(code) <= LONGEST:
        raise _refused(refuse, _UNKNOWN)
    raw = await core.hot.get(_live(code), now=now)
    if raw is None:
        raise _refused(refuse, await _why(core, code, now))
    found = _PASS.decode(raw)
    cause = _other_kind(found, kind) or (misfit(found) if misfit is not None else None)
    if cause is not None:
        raise _refused(refuse, cause)
    if await core.hot.take(_live(code), now=now) is None:
        raise _refused(refuse, await _why(core, code, now))
    used = msgspec.structs.replace(found, used_at=now, used_in=used_in)
    await core.hot.put(_note(code), msgspec.json.encode(used), now=now, ttl=NOTE_MS)
    return found


def gone(code: int, found: Pass) -> Refusal:
    """Refuse a code whose member has left since it was made."""
    return _refused(
        code,
        (
            f"code 对应的成员 {found.userid!r} 已离开企业 {found.corp_id}，或企业已解散。",
            f"The member {found.userid!r} of the code has left corp {found.corp_id}, or it has ended.",
        ),
    )


async def _why(core: Core, code: str, now: int) -> Cause:
    raw = await core.hot.get(_note(code), now=now)
    if raw is None:
        return _UNKNOWN
    found = _PASS.decode(raw)
    age, ttl = now - found.made_at, core.settings.signin_code_ttl_s * 1000
    if found.used_at:
        ago = (now - found.used_at) // 1000
        return (
            f"code 已在 {ago} 秒前被 {found.used_in} 用过；每个 code 只能用一次，请重新获取。",
            f"The code was used {ago} s ago by {found.used_in}; a code is good once, get a new one.",
        )
    if age >= ttl:
        return (
            f"code 已过期：{age // 1000} 秒前生成，有效期 {ttl // 1000} 秒；请重新获取。",
            f"The code has expired: made {age // 1000} s ago, good for {ttl // 1000} s; get a new one.",
        )
    return (
        "code 刚刚被另一个请求用掉；每个 code 只能用一次。",
        "The code was used by another request this very moment; a code is good once.",
    )


def _other_kind(found: Pass, kind: Kind) -> Cause | None:
    if found.kind == kind:
        return None
    return (
        f"这是{NAMES[found.kind][0]}，此接口需要{NAMES[kind][0]}。",
        f"This is {NAMES[found.kind][1]}; the call takes {NAMES[kind][1]}.",
    )


_UNKNOWN = (
    "平台没有发出过这个 code（或已过期一小时以上）；请检查传的是不是 code 本身，以及平台地址是否一致。",
    "The platform never gave out this code (or it ended over an hour ago); check that it is the code"
    " itself and comes from this platform.",
)


def _refused(number: int, cause: Cause) -> Refusal:
    return Refusal(number, *cause, faq="F3")


def _live(code: str) -> str:
    return "code:" + code


def _note(code: str) -> str:
    return "codenote:" + code
