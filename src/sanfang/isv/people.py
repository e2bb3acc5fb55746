"""Who signed in, in our words; and the answers of every generation read into them.

``sys_level`` is the platform's own number and means different things (sso-and-login.md section 3):
1 main, 2 sub-administrator, 100 boss in the newer API; in 2016 1 ordinary, 2 super administrator.
Decide by ``is_admin``, which is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sanfang.client import BadAnswer, CallRefused

BAD_CODES = frozenset(
    {40078, 40029, 41007, "invalidCode", "invalidAuthCode", "invalidTemporaryCode"}
)
"""How the platform says that a one-time code is unknown, used or too old."""


class CodeNotValid(CallRefused):
    """The one-time code is unknown, was used already, or is older than five minutes (FAQ F3)."""

    @classmethod
    def of(cls, refusal: CallRefused) -> CodeNotValid:
        """Make it from the platform's refusal."""
        error = cls(
            refusal.code,
            refusal.errmsg,
            refusal.explanation,
            refusal.request_id,
            refusal.api,
            status=refusal.status,
        )
        error.hint(
            "免登码只能用一次，五分钟内有效，且只属于取得它的企业和应用：请让页面重新取一个 code；"
            "检查是否重复提交，企业是否对应（FAQ F3）"
            " / a code serves once, within five minutes, and only the corp and app it was made for:"
            " let the page ask for a new one; see whether it was sent twice, and whether the corp is"
            " the right one (FAQ F3)"
        )
        return error


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A member of a corp. ``name`` and ``unionid`` are empty where the app may not know them."""

    corp_id: str
    userid: str
    name: str = ""
    unionid: str = ""
    is_admin: bool = False
    sys_level: int = 0
    device_id: str = ""


class Administrator(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who came from the admin console. ``corp_id`` is theirs, not the developer's."""

    corp_id: str
    userid: str
    corp_name: str = ""
    name: str = ""
    email: str = ""
    avatar: str = ""
    is_admin: bool = True


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who signed in on the web. ``corp_id`` is the corp they chose, if they were asked.

    ``userid``: who they are in that corp, when it has authorised the app; else empty.
    """

    unionid: str
    openid: str = ""
    nick: str = ""
    avatar_url: str = ""
    mobile: str = ""
    email: str = ""
    corp_id: str = ""
    userid: str = ""


def by_v2(answer: Mapping[str, Any], corp_id: str) -> Person:
    """Read /topapi/v2/user/getuserinfo. Raises `BadAnswer`."""
    found = answer.get("result")
    if not isinstance(found, Mapping):
        found = {}
    return Person(
        corp_id=corp_id,
        userid=_userid(found.get("userid"), "topapi/v2/user/getuserinfo"),
        name=_text(found.get("name")),
        unionid=_text(found.get("unionid") or found.get("associated_unionid")),
        is_admin=found.get("sys") is True,
        sys_level=_number(found.get("sys_level")),
        device_id=_text(found.get("device_id")),
    )


def by_2016(answer: Mapping[str, Any], corp_id: str) -> Person:
    """Read /user/getuserinfo of 2015 to 2026. Raises `BadAnswer`."""
    return Person(
        corp_id=corp_id,
        userid=_userid(answer.get("userid"), "user/getuserinfo"),
        name=_text(answer.get("name")),
        is_admin=answer.get("is_sys") is True,
        sys_level=_number(answer.get("sys_level")),
        device_id=_text(answer.get("deviceId")),
    )


def by_sso(answer: Mapping[str, Any]) -> Administrator:
    """Read /sso/getuserinfo. Raises `BadAnswer`."""
    corp = answer.get("corp_info")
    who = answer.get("user_info")
    corp = corp if isinstance(corp, Mapping) else {}
    who = who if isinstance(who, Mapping) else {}
    return Administrator(
        corp_id=_userid(corp.get("corpid"), "sso/getuserinfo"),
        corp_name=_text(corp.get("corp_name")),
        userid=_userid(who.get("userid"), "sso/getuserinfo"),
        name=_text(who.get("name")),
        email=_text(who.get("email")),
        avatar=_text(who.get("avatar")),
        is_admin=answer.get("is_sys") is True,
    )


def by_web(answer: Mapping[str, Any], corp_id: str, userid: str = "") -> Visitor:
    """Read /v1.0/contact/users/me. Raises `BadAnswer`."""
    return Visitor(
        unionid=_userid(answer.get("unionId"), "/v1.0/contact/users/me"),
        openid=_text(answer.get("openId")),
        nick=_text(answer.get("nick")),
        avatar_url=_text(answer.get("avatarUrl")),
        mobile=_text(answer.get("mobile")),
        email=_text(answer.get("email")),
        corp_id=corp_id,
        userid=userid,
    )


def _userid(value: object, api: str) -> str:
    if isinstance(value, str) and value:
        return value
    raise BadAnswer("shape", "应答里没有用户 / the answer names nobody", api=api, status=200)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
