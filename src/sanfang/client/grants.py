"""How each kind of token is asked for, and which codes mean that it is dead.

A grant is one (key, fetch) pair. The calls made here go through the same exchange as any other,
so they too are retried, and a corp token of an ISV renews a dead suite token on the way.
Documents: tokens-and-limits.md sections 2 to 5, isv-lifecycle.md section 5.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .credentials import (
    AppKey,
    AuthorisedCorp,
    CorpSecret,
    OAuthApp,
    OpenApp,
    SignedIn,
    SsoSecret,
    Suite,
)
from .errors import BadAnswer, BadCall
from .tokens import DEFAULT_LIFE, Token, TokenKey
from .wire import Flow

DEAD_TOKEN: frozenset[int | str] = frozenset({33001, 40001, 40014, 42001, "InvalidAuthentication"})
DEAD_SUITE_TOKEN: frozenset[int | str] = DEAD_TOKEN | {40082, 42009, 48003}


class Grant(NamedTuple):
    """A token that can be had: its key, how to fetch it, and the codes that say it is dead."""

    key: TokenKey
    fetch: Callable[[], Flow[Token]]
    dead: frozenset[int | str]


def key_of(identity: object) -> TokenKey:
    """Return the key of an identity's own access token."""
    match identity:
        case CorpSecret(corp_id, secret):
            # The fingerprint keeps two secrets of one corp apart and does not reveal them.
            mark = hashlib.sha256(f"{corp_id}\n{secret}".encode()).hexdigest()[:16]
            return TokenKey("corp", app=mark, corp=corp_id)
        case AppKey(app_key, _):
            return TokenKey("corp", app=app_key)
        case OAuthApp(client_id, _, corp_id):
            return TokenKey("oauth", app=client_id, corp=corp_id)
        case AuthorisedCorp(suite, corp_id):
            kind = "oauth_isv_corp" if suite.oauth else "isv_corp"
            return TokenKey(kind, suite=suite.suite_key, corp=corp_id)
        case Suite(suite_key, _):
            return TokenKey("suite", suite=suite_key)
        case SsoSecret(corp_id, _):
            return TokenKey("sso", corp=corp_id)
        case OpenApp(app_id, _):
            return TokenKey("sns", app=app_id)
        case SignedIn(OpenApp(app_id, _), openid, _):
            return TokenKey("sns_user", app=app_id, user=openid)
        case SignedIn(Suite(suite_key, _), user, corp_id):
            return TokenKey("user", suite=suite_key, corp=corp_id, user=user)
        case SignedIn(AppKey(app, _) | OAuthApp(app, _), user, corp_id):
            return TokenKey("user", app=app, corp=corp_id, user=user)
    raise BadCall(
        "身份应为 CorpSecret、AppKey、OAuthApp、Suite、SsoSecret 或 OpenApp"
        " / credentials are a CorpSecret, an AppKey, an OAuthApp, a Suite, an SsoSecret or an "
        f"OpenApp, not {type(identity).__name__}"
    )


def gettoken_query(identity: CorpSecret | AppKey) -> dict[str, str]:
    """Return the query of /gettoken."""
    if isinstance(identity, CorpSecret):
        return {"corpid": identity.corp_id, "corpsecret": identity.secret}
    return {"appkey": identity.app_key, "appsecret": identity.app_secret}


def needs_corp(suite: Suite, api: str) -> BadCall:
    """Explain that a suite by itself has no access token."""
    return BadCall(
        f"{api} 需要企业的 access_token，而套件 {suite.suite_key} 本身没有："
        "请用 client.corp(corp_id) 得到授权企业的客户端"
        f" / {api} takes a corp's access_token, which suite {suite.suite_key} itself has not: "
        "use client.corp(corp_id)"
    )


def needs_suite(api: str) -> BadCall:
    """Explain that only a suite can do this."""
    return BadCall(
        f"{api} 需要套件身份：请用 Suite(suite_key, suite_secret) 创建客户端"
        f" / {api} takes a suite's identity: make the client with Suite(suite_key, suite_secret)"
    )


def token_of(answer: Mapping[str, Any], field: str, api: str, now: float) -> Token:
    """Take the token out of an answer; honours expires_in and expireIn (seconds)."""
    value = answer.get(field)
    # It goes into a header: a line break in it would be an error that shows the token.
    if not isinstance(value, str) or not value or not (value.isascii() and value.isprintable()):
        raise BadAnswer(
            "shape", f"应答中没有 {field} / the answer has no {field}", api=api, status=200
        )
    life = answer.get("expires_in", answer.get("expireIn", DEFAULT_LIFE))
    try:
        seconds = float(life)
    except (TypeError, ValueError):
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise BadAnswer(
            "shape",
            f"有效期不是秒数 / the lifetime is no number: {life!r:.40}",
            api=api,
            status=200,
        )
    return Token(value, now, now + seconds)
