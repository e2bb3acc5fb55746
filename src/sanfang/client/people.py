"""Tokens of people, of apps by the new host, of open apps and of the admin backend.

Which token a call takes is in the catalogue; this says how the tokens beyond those of `core` are
had. A code is exchanged at once and only once; the tokens that follow are kept in the token store
like all others, the refresh token beside the access token. Documents: tokens-and-limits.md
section 2, sso-and-login.md sections 5 to 7.
"""

from __future__ import annotations

import math
import secrets as randomness
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from .credentials import AppKey, Identity, OAuthApp, OpenApp, SignedIn, SsoSecret, Suite
from .errors import BadAnswer, BadCall, NotSignedIn, TokenRefused
from .grants import DEAD_TOKEN, Grant, key_of, token_of
from .tokens import Token, TokenKey
from .wire import Flow

if TYPE_CHECKING:
    from .calls import Call
    from .core import Core

REFRESH_LIFE = 30 * 86400.0
"""Seconds a refresh token lives; the answer does not say."""

_NEW_HOST = "/v"
_USER_TOKEN = "/v1.0/oauth2/userAccessToken"  # noqa: S105 - a path


def keys_of(app: Identity) -> tuple[str, str] | None:
    """Return an app's key and secret as sign-in and signed calls want them, or None."""
    match app:
        case AppKey(key, secret) | OpenApp(key, secret):
            return key, secret
        case OAuthApp(key, secret, _) | Suite(key, secret, _):
            return key, secret
    return None


def signed(core: Core, call: Call) -> Call:
    """Sign a call that takes accessKey, timestamp and signature in place of a token."""
    if "signature=" in call.query:  # by hand
        return replace(call, token="")
    keys = keys_of(core.identity)
    if keys is None:
        raise BadCall(
            f"{call.api} 需要 appId 与 appSecret 签名：请用 OpenApp(app_id, app_secret) 创建客户端"
            f" / {call.api} is signed with appId and appSecret: make the client with "
            "OpenApp(app_id, app_secret)"
        )
    from urllib.parse import urlencode

    from sanfang.protocol.signatures import signed_query

    query = urlencode(signed_query(*keys, str(int(core.settings.clock() * 1000))))
    return replace(
        call,
        token="",
        query=f"{call.query}&{query}" if call.query else query,
        secrets=(*call.secrets, keys[1]),
    )


def grant_for(core: Core, call: Call) -> Grant | None:
    """Return the grant of a call by an identity that serves only some calls."""
    identity, use = core.identity, call.token
    if isinstance(identity, SsoSecret):
        if use != "sso":
            raise _serves_only(identity, call.api, "sso/getuserinfo, /v1.0/oauth2/ssoUserInfo")
        if call.api.startswith(_NEW_HOST):
            return Grant(core.own.key._replace(kind="oauth_sso"), lambda: _sso(core), DEAD_TOKEN)
        return core.own
    if isinstance(identity, OpenApp):
        if use == "sns_user":
            raise BadCall(
                f"{call.api} 需要个人的 sns_token：先 client.sign_in(code)，再用得到的客户端调用"
                f" / {call.api} takes a person's sns_token: client.sign_in(code) returns the client"
                " that has it"
            )
        if use != "sns":
            raise _serves_only(identity, call.api, "sns/*")
        return core.own
    assert isinstance(identity, SignedIn)
    if isinstance(identity.app, OpenApp):
        if use != "sns_user":
            raise _serves_only(identity, call.api, "sns/getuserinfo")
        return core.own
    if use == "suite":
        raise BadCall(
            f"{call.api} 需要套件的令牌，不是用户的 / {call.api} takes the suite's token, not a user's"
        )
    return core.own


_NEEDED = {
    "sso": "SsoSecret(corp_id, sso_secret)",
    "sns": "OpenApp(app_id, app_secret)",
    "sns_user": "OpenApp(app_id, app_secret), sign_in(code)",
}


def needs_other(call: Call) -> BadCall:
    """Explain which identity a sign-in call takes, in place of a corp's or a suite's."""
    wanted = _NEEDED[call.token]
    return BadCall(
        f"{call.api} 不用企业的 access_token：请用 {wanted} 创建客户端"
        f" / {call.api} takes no access_token of a corp: make the client with {wanted}"
    )


def hinted(flow: Flow[dict[str, Any]]) -> Flow[dict[str, Any]]:
    """Say of a refused token that a user's is wanted, where the documents know of no other.

    It is tried all the same: of some of these APIs it is told that they take an app's token.
    """
    try:
        return (yield from flow)
    except TokenRefused as error:
        error.hint(
            "这个接口按文档只接受用户的令牌：先 client.sign_in(code)，再用得到的客户端调用"
            " / by its documents this API takes a user's token: client.sign_in(code) returns the"
            " client that has one"
        )
        raise


def _serves_only(identity: Identity, api: str, what: str) -> BadCall:
    kind = type(identity.app if isinstance(identity, SignedIn) else identity).__name__
    return BadCall(
        f"{kind} 的令牌只用于 {what}，不能调用 {api} / a token of {kind} serves {what} only, not {api}"
    )


def fetch_own(core: Core) -> Flow[Token]:
    """Fetch the own token of an identity of this module."""
    identity = core.identity
    match identity:
        case OAuthApp():
            return (yield from _oauth_app(core, identity))
        case SsoSecret():
            return (yield from _sso_old(core, identity))
        case OpenApp(app_id, secret):
            now = core.settings.clock()
            answer = yield from core.call(
                "sns/gettoken", "GET", {"appid": app_id, "appsecret": secret}, secrets=(secret,)
            )
            return token_of(answer, "access_token", "sns/gettoken", now)
        case SignedIn(OpenApp(), _, _):
            return (yield from _sns_user(core, identity))
        case SignedIn():
            return (yield from _refreshed(core, identity))
    raise AssertionError(identity)


def _asked(
    core: Core, path: str, body: Mapping[str, Any], field: str, *secrets: str
) -> Flow[Token]:
    now = core.settings.clock()
    answer = yield from core.call(path, "POST", body=body, safe=True, secrets=secrets)
    return token_of(answer, field, path, now)


def _oauth_app(core: Core, app: OAuthApp) -> Flow[Token]:
    if not app.corp_id:
        body = {"appKey": app.client_id, "appSecret": app.client_secret}
        path = "/v1.0/oauth2/accessToken"
        return (yield from _asked(core, path, body, "accessToken", app.client_secret))
    return (yield from client_credentials(core, app.client_id, app.client_secret, app.corp_id))


def client_credentials(core: Core, client_id: str, secret: str, corp_id: str) -> Flow[Token]:
    """Ask for the token of a corp that authorised the app: no ticket and no code are needed."""
    from urllib.parse import quote

    body = {"client_id": client_id, "client_secret": secret, "grant_type": "client_credentials"}
    path = f"/v1.0/oauth2/{quote(corp_id, safe='')}/token"
    return (yield from _asked(core, path, body, "access_token", secret))


def oauth_suite(core: Core, suite: Suite, ticket: str) -> Flow[Token]:
    """Ask the new host for a suite's token."""
    body = {
        "suiteKey": suite.suite_key,
        "suiteSecret": suite.suite_secret,
        "suiteTicket": ticket,
    }
    path = "/v1.0/oauth2/suiteAccessToken"
    return (yield from _asked(core, path, body, "accessToken", suite.suite_secret, ticket))


def oauth_isv_corp(core: Core, suite: Suite, corp_id: str) -> Flow[Token]:
    """Ask the new host for the token of an authorised corp; without a ticket as any app does."""
    ticket = yield from core.settings.suites.ticket(suite.suite_key)
    if not ticket:
        return (yield from client_credentials(core, suite.suite_key, suite.suite_secret, corp_id))
    body = {
        "suiteKey": suite.suite_key,
        "suiteSecret": suite.suite_secret,
        "authCorpId": corp_id,
        "suiteTicket": ticket,
    }
    path = "/v1.0/oauth2/corpAccessToken"
    return (yield from _asked(core, path, body, "accessToken", suite.suite_secret, ticket))


def _sso_old(core: Core, identity: SsoSecret) -> Flow[Token]:
    now = core.settings.clock()
    query = {"corpid": identity.corp_id, "corpsecret": identity.sso_secret}
    answer = yield from core.call("sso/gettoken", "GET", query, secrets=(identity.sso_secret,))
    return token_of(answer, "access_token", "sso/gettoken", now)


def _sso(core: Core) -> Flow[Token]:
    identity = core.identity
    assert isinstance(identity, SsoSecret)
    body = {"corpid": identity.corp_id, "ssoSecret": identity.sso_secret}
    path = "/v1.0/oauth2/ssoAccessToken"
    return (yield from _asked(core, path, body, "accessToken", identity.sso_secret))


# -- people -----------------------------------------------------------------------------------


def user(core: Core, name: str, corp_id: str) -> Core:
    """Return the flows of a person who has signed in; nothing is sent."""
    from .core import Core as Made

    if not name:
        raise BadCall("user 为空 / the user's name is empty")
    return Made(core.settings, SignedIn(_app(core), name, corp_id))


def sign_in(core: Core, code: str, name: str) -> Flow[Core]:
    """Exchange a one-time code and keep what comes; return the flows of that person."""
    app = _app(core)
    if not code:
        raise BadCall("code 为空 / the code is empty")
    if isinstance(app, OpenApp):
        return (yield from _sign_in_sns(core, app, code))
    token, refresh, corp_id = yield from _user_token(
        core, app, {"code": code, "grantType": "authorization_code"}, code
    )
    made = user(core, name or randomness.token_urlsafe(16), corp_id)
    key, keeper = made.own.key, core.settings.keeper
    if refresh is not None:
        yield from keeper.put(_refresh_key(key), refresh)
    else:
        yield from keeper.forget(_refresh_key(key))  # of an earlier sign-in
    yield from keeper.put(key, token)
    return made


def sign_out(core: Core) -> Flow[None]:
    """Forget a person's tokens, here and not at the platform."""
    if not isinstance(core.identity, SignedIn):
        raise BadCall(
            "只有 sign_in 得到的客户端可以 sign_out / only a signed-in person can sign out"
        )
    for key in (core.own.key, _refresh_key(core.own.key), _persistent_key(core.own.key)):
        yield from core.settings.keeper.forget(key)


def _app(core: Core) -> AppKey | OAuthApp | Suite | OpenApp:
    identity = core.identity
    if isinstance(identity, (AppKey, OAuthApp, Suite, OpenApp)):
        return identity
    raise BadCall(
        "登录需要应用身份：AppKey、OAuthApp、Suite 或 OpenApp"
        " / people sign in to an app: make the client with an AppKey, an OAuthApp, a Suite or an"
        " OpenApp"
    )


def _user_token(
    core: Core, app: AppKey | OAuthApp | Suite, proof: dict[str, str], secret: str
) -> Flow[tuple[Token, Token | None, str]]:
    now = core.settings.clock()
    body = {"clientId": app[0], "clientSecret": app[1], **proof}
    # Not repeated when the platform is busy: the code may be used up by then.
    answer = yield from core.call(
        _USER_TOKEN, "POST", body=body, safe="code" not in proof, secrets=(app[1], secret)
    )
    token = token_of(answer, "accessToken", _USER_TOKEN, now)
    refresh = answer.get("refreshToken")
    kept = Token(refresh, now, now + REFRESH_LIFE) if isinstance(refresh, str) and refresh else None
    return token, kept, str(answer.get("corpId") or "")


def _refreshed(core: Core, identity: SignedIn) -> Flow[Token]:
    key, keeper = _refresh_key(core.own.key), core.settings.keeper
    refresh = yield from keeper.held(key)
    if refresh is None or not refresh.valid(core.settings.clock()):
        raise NotSignedIn(identity.user)
    assert not isinstance(identity.app, OpenApp)
    proof = {"refreshToken": refresh.value, "grantType": "refresh_token"}
    token, newer, _ = yield from _user_token(core, identity.app, proof, refresh.value)
    if newer is not None:
        # Before the access token: that can be had again by this one, not the other way round.
        yield from keeper.put(key, newer)
    return token


def _refresh_key(key: TokenKey) -> TokenKey:
    return key._replace(kind="user_refresh")


# -- open apps: the code gives a persistent code, and that an sns_token whenever one is wanted -----


def _persistent_key(key: TokenKey) -> TokenKey:
    return key._replace(kind="sns_persistent")


def _sign_in_sns(core: Core, app: OpenApp, code: str) -> Flow[Core]:
    api = "sns/get_persistent_code"
    answer = yield from core.call(
        api, "POST", body={"tmp_auth_code": code}, safe=False, secrets=(code,)
    )
    openid, persistent = answer.get("openid"), answer.get("persistent_code")
    if not (isinstance(openid, str) and openid and isinstance(persistent, str) and persistent):
        text = "应答中没有 openid 或 persistent_code / the answer has no openid or persistent_code"
        raise BadAnswer("shape", text, api=api, status=200)
    made = user(core, openid, "")
    kept = Token(persistent, core.settings.clock(), math.inf)
    yield from core.settings.keeper.put(_persistent_key(key_of(made.identity)), kept)
    return made


def _sns_user(core: Core, identity: SignedIn) -> Flow[Token]:
    from .core import Core as Made

    held = yield from core.settings.keeper.held(_persistent_key(core.own.key))
    if held is None:
        raise NotSignedIn(identity.user)
    app = Made(core.settings, identity.app)
    now = core.settings.clock()
    body = {"openid": identity.user, "persistent_code": held.value}
    answer = yield from app.call(
        "sns/get_sns_token", "POST", body=body, safe=True, secrets=(held.value,)
    )
    return token_of(answer, "sns_token", "sns/get_sns_token", now)
