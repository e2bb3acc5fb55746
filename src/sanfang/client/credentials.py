"""Who is calling. Secrets are never shown beyond their last four characters."""

from __future__ import annotations

from typing import NamedTuple


def tail(secret: str) -> str:
    """Show a secret by its last four characters, and a short one not at all."""
    return f"…{secret[-4:]}" if len(secret) >= 12 else "…"


class CorpSecret(NamedTuple):
    """A corp's own app of 2015 to 2018: CorpId and CorpSecret."""

    corp_id: str
    secret: str

    def __repr__(self) -> str:
        return f"CorpSecret(corp_id={self.corp_id!r}, secret='{tail(self.secret)}')"


class AppKey(NamedTuple):
    """A corp's own app since 2018: AppKey and AppSecret."""

    app_key: str
    app_secret: str

    def __repr__(self) -> str:
        return f"AppKey(app_key={self.app_key!r}, app_secret='{tail(self.app_secret)}')"


class OAuthApp(NamedTuple):
    """An app by the token calls of the new host, which name its keys client_id and client_secret.

    With ``corp_id`` the token is that of one corp which authorised the app
    (``/v1.0/oauth2/{corpId}/token``), without it that of a corp's own app
    (``/v1.0/oauth2/accessToken``).
    """

    client_id: str
    client_secret: str
    corp_id: str = ""

    def __repr__(self) -> str:
        corp = f", corp_id={self.corp_id!r}" if self.corp_id else ""
        return (
            f"OAuthApp(client_id={self.client_id!r}, client_secret='{tail(self.client_secret)}'"
            f"{corp})"
        )


class SsoSecret(NamedTuple):
    """The admin backend: CorpId and SSOSecret, an ISV's own for all its customers."""

    corp_id: str
    sso_secret: str

    def __repr__(self) -> str:
        return f"SsoSecret(corp_id={self.corp_id!r}, sso_secret='{tail(self.sso_secret)}')"


class OpenApp(NamedTuple):
    """An open app, which signs in people of any corp (sns): appid and appsecret."""

    app_id: str
    app_secret: str

    def __repr__(self) -> str:
        return f"OpenApp(app_id={self.app_id!r}, app_secret='{tail(self.app_secret)}')"


class Suite(NamedTuple):
    """An ISV's suite. Its suite_ticket and permanent codes live in a `SuiteStore`.

    ``oauth``: ask the new host for the tokens of authorised corps
    (``/v1.0/oauth2/corpAccessToken``), which takes no permanent code.
    """

    suite_key: str
    suite_secret: str
    oauth: bool = False

    def __repr__(self) -> str:
        return f"Suite(suite_key={self.suite_key!r}, suite_secret='{tail(self.suite_secret)}')"


class AuthorisedCorp(NamedTuple):
    """A corp that authorised a suite; made by ``client.corp(corp_id)``."""

    suite: Suite
    corp_id: str


class SignedIn(NamedTuple):
    """A person who signed in to an app; made by ``client.sign_in(code)``.

    ``user`` is the name under which their tokens are kept: yours, or one made at random; of an
    `OpenApp` it is the openid. ``corp_id`` is the corp they chose, if they were asked for one.
    """

    app: AppKey | OAuthApp | Suite | OpenApp
    user: str
    corp_id: str = ""


Credentials = CorpSecret | AppKey | OAuthApp | Suite | SsoSecret | OpenApp
Identity = Credentials | AuthorisedCorp | SignedIn
