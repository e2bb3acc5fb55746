"""Signing in: who gets a one-time code for which app, and what a code is exchanged for.

    login   requestAuthCode in the client → /user/getuserinfo             (sso-and-login.md 3, 4)
    operate requestOperateAuthCode → a message sent because the member acted (/message/sendByCode)
    admin   the OA console opens an admin page → /sso/getuserinfo         (5)
    sns     a person on any web site → /sns/get_persistent_code, bycode   (6)
    oauth   the OAuth2 page → /v1.0/oauth2/userAccessToken                (7)
    scan    a QR code was scanned; opens the sns page as that person      (6)

The pages themselves, with their addresses, are in ``signin_pages``; tokens in ``signin_tokens``.
"""

from __future__ import annotations

from typing import NamedTuple

from ..store.queries import authorisations as auth_rows
from . import signin_apps, signin_codes, signin_people, signin_standing
from .contacts import get_member
from .core import Core
from .model import Identity, Member
from .refusals import Refusal
from .signin_apps import SigninApp
from .signin_codes import Cause, Issued, Kind, Pass
from .signin_people import Person

BAD_CODE, BAD_CODE_2016, BAD_SSO_CODE = 40078, 40029, 41007
OPENID, CORPID = "openid", "corpid"


class SignedIn(NamedTuple):
    """Who a code was for."""

    corp_id: str
    member: Member


async def login_code(core: Core, corp_id: str, userid: str, app: str) -> Issued:
    """A member opens a micro-app of the corp: make the code ``requestAuthCode`` gives.

    ``app`` is an agentid, app_key or suite_key. Refuses 33001, 60111, 40056, 50003, 50002.
    """
    return await _inside(core, "login", corp_id, userid, app)


async def operate_code(core: Core, corp_id: str, userid: str, app: str) -> Issued:
    """A member acts in a micro-app: make the code ``requestOperateAuthCode`` gives."""
    return await _inside(core, "operate", corp_id, userid, app)


async def admin_code(core: Core, corp_id: str, userid: str, app: str) -> Issued:
    """An administrator enters the admin page of an app (进入后台): make its code.

    ``app`` is an agentid, app_key or suite_key. Refuses also 51005 for who is no administrator.
    """
    who = await signin_people.person(core, corp_id, userid)
    shown = (await signin_people.apps_of(core, corp_id, app))[0]
    return await admin_code_of(core, who, await signin_apps.get(core, shown.owner_key))


async def admin_code_of(core: Core, who: Person, app: SigninApp) -> Issued:
    """Make the admin backend code of a person; refuse 51005.

    It is redeemed with an sso token of the app's own corp, of the ISV's corp for a suite.
    """
    if not who.member.is_admin:
        raise Refusal(
            51005,
            f"成员 {who.member.userid!r} 不是企业 {who.corp.corp_id} 的管理员，不能进入应用后台。",
            f"Member {who.member.userid!r} is no administrator of corp {who.corp.corp_id} and cannot"
            " enter admin backends.",
        )
    return await issue(core, "admin", who, app.key, redeemed_by=app.corp_id)


async def sns_code(core: Core, corp_id: str, userid: str, app_id: str) -> Issued:
    """A person signs in to a web site: make the ``tmp_auth_code`` of an app."""
    who = await signin_people.person(core, corp_id, userid)
    app = await signin_apps.get(core, app_id)
    await signin_people.check_may_enter(core, who, app)
    return await issue(core, "sns", who, app.key)


async def scan_code(core: Core, corp_id: str, userid: str, app_id: str) -> Issued:
    """A person scans an embedded QR code: make the ``loginTmpCode`` the frame posts to its page."""
    who = await signin_people.person(core, corp_id, userid)
    app = await signin_apps.get(core, app_id)
    await signin_people.check_may_enter(core, who, app)
    return await issue(core, "scan", who, app.key)


async def oauth_code(
    core: Core, corp_id: str, userid: str, client_id: str, scope: str = OPENID
) -> Issued:
    """A person agrees on the OAuth2 page: make the ``authCode``; ``scope`` may add ``corpid``."""
    who = await signin_people.person(core, corp_id, userid)
    app = await signin_apps.get(core, client_id, "client_id")
    await signin_people.check_may_enter(core, who, app)
    return await issue(core, "oauth", who, app.key, scope=read_scope(scope))


async def issue(
    core: Core, kind: Kind, who: Person, key: str, *, scope: str = "", redeemed_by: str = ""
) -> Issued:
    """Make a code for a person who has been let in."""
    made_for = Pass(
        kind=kind,
        key=key,
        corp_id=who.corp.corp_id,
        userid=who.member.userid,
        unionid=who.member.unionid,
        made_at=core.clock.now(),
        scope=scope,
        redeemed_by=redeemed_by,
    )
    return await signin_codes.issue(core, made_for)


def read_scope(text: str) -> str:
    """Return the words of a scope in order, each once; refuse 40035 without ``openid``."""
    words = list(dict.fromkeys(text.split()))
    if OPENID not in words or len(text) > 500:
        raise Refusal(
            40035,
            "scope 应为 openid 或 openid corpid（空格须 URL 编码）。",
            "The scope is openid or openid corpid (the blank URL-encoded).",
            facts={"field": "scope"},
        )
    return " ".join(words)


async def login(core: Core, caller: Identity, code: str, *, used_in: str) -> SignedIn:
    """Exchange a code of ``requestAuthCode``; refuse 40078 (40029 in the profile of 2016).

    The token must be of the corp and the app the code was made for.
    """
    old = core.settings.signin_profile == "isv2016" and not used_in.startswith("/topapi/")
    number = BAD_CODE_2016 if old else BAD_CODE
    return await _redeem_inside(core, caller, code, "login", refuse=number, used_in=used_in)


async def operate(core: Core, caller: Identity, code: str, *, used_in: str) -> SignedIn:
    """Use up a code of ``requestOperateAuthCode``; refuse 40078."""
    return await _redeem_inside(core, caller, code, "operate", refuse=BAD_CODE, used_in=used_in)


async def admin(core: Core, caller: Identity, code: str, *, used_in: str) -> SignedIn:
    """Exchange a code of the admin backend with an sso token; refuse 41007."""

    def misfit(found: Pass) -> Cause | None:
        if found.redeemed_by == caller.corp_id:
            return None
        return (
            f"这个 code 要用企业 {found.redeemed_by} 的 sso token 换取（ISV 用自己企业的），"
            f"现在的是企业 {caller.corp_id} 的。",
            f"This code is exchanged with an sso token of corp {found.redeemed_by} (an ISV uses its"
            f" own corp's); this one is of corp {caller.corp_id}.",
        )

    found = await signin_codes.redeem(
        core, code, "admin", refuse=BAD_SSO_CODE, used_in=used_in, misfit=misfit
    )
    return await signed_in(core, found, BAD_SSO_CODE)


async def redeem_for(core: Core, app_key: str, code: str, kind: Kind, *, used_in: str) -> Pass:
    """Use up a code that was made for this very app, its person still there; refuse 40078."""

    def misfit(found: Pass) -> Cause | None:
        return None if found.key == app_key else _other_app(found, app_key)

    found = await signin_codes.redeem(
        core, code, kind, refuse=BAD_CODE, used_in=used_in, misfit=misfit
    )
    if not await signin_standing.is_there(core, found.corp_id, found.userid, found.unionid):
        raise signin_codes.gone(BAD_CODE, found)
    return found


async def signed_in(core: Core, found: Pass, refuse: int) -> SignedIn:
    """Return the member a code was for; refuse when it has left since."""
    if not await signin_standing.is_there(core, found.corp_id, found.userid, found.unionid):
        raise signin_codes.gone(refuse, found)
    return SignedIn(found.corp_id, await get_member(core, found.corp_id, found.userid))


async def has_authorised(core: Core, suite_key: str, corp_id: str) -> bool:
    """Tell whether a corp's authorisation of a suite stands."""
    row = await core.durable.one(auth_rows.BY_KEY, suite_key, corp_id)
    return row is not None and row[3] != "relieved"


async def _inside(core: Core, kind: Kind, corp_id: str, userid: str, app: str) -> Issued:
    """Make a code for a member inside the client, on a page of an app of the corp."""
    who = await signin_people.person(core, corp_id, userid)
    found = await signin_people.apps_of(core, corp_id, app)
    shown = await signin_people.openable(core, who, found)
    return await issue(core, kind, who, shown.owner_key)


async def _redeem_inside(
    core: Core, caller: Identity, code: str, kind: Kind, *, refuse: int, used_in: str
) -> SignedIn:
    key = caller.app_key or caller.suite_key

    def misfit(found: Pass) -> Cause | None:
        if found.corp_id != caller.corp_id:
            return (
                f"code 属于企业 {found.corp_id}，而 access_token 是企业 {caller.corp_id} 的。",
                f"The code is of corp {found.corp_id}, the access_token of corp {caller.corp_id}.",
            )
        return None if found.key == key else _other_app(found, key)

    found = await signin_codes.redeem(
        core, code, kind, refuse=refuse, used_in=used_in, misfit=misfit
    )
    return await signed_in(core, found, refuse)


def _other_app(found: Pass, key: str) -> Cause:
    return (
        f"code 属于应用 {found.key}，不是 {key}。",
        f"The code is of the app {found.key}, not of {key}.",
    )
