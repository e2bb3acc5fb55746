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


class Suite(NamedTuple):
    """An ISV's suite. Its suite_ticket and permanent codes live in a `SuiteStore`."""

    suite_key: str
    suite_secret: str

    def __repr__(self) -> str:
        return f"Suite(suite_key={self.suite_key!r}, suite_secret='{tail(self.suite_secret)}')"


class AuthorisedCorp(NamedTuple):
    """A corp that authorised a suite; made by ``client.corp(corp_id)``."""

    suite: Suite
    corp_id: str


Credentials = CorpSecret | AppKey | Suite
Identity = CorpSecret | AppKey | Suite | AuthorisedCorp
