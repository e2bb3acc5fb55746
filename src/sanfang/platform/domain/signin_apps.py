"""What people sign in to: apps of a corp's own, suites, and open apps that any web site may have.

Each has a key, a secret, and the hosts its pages may send people back to. A corp also has an
SSOSecret for the admin backends (sso-and-login.md 5).
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from typing import Literal

import msgspec

from sanfang.protocol.signatures import same

from ..store.ports import Tx
from ..store.queries import corps as corp_rows
from ..store.queries import signin as rows_of
from ..store.queries import suites as suite_rows
from . import rows, secrets
from .core import Core
from .corps import get_corp, unknown_corp
from .model import Identity
from .refusals import Refusal
from .signin_codes import Pass
from .signin_redirects import registered

MOST_HOSTS = 100
_LONGEST_NAME = 100


class SigninApp(msgspec.Struct, frozen=True):
    """Something to sign in to. ``corp_id``: whose own app it is, or the corp of the ISV."""

    key: str
    kind: Literal["own", "suite", "open"]
    name: str
    secret: str
    corp_id: str = ""
    agent_id: int = 0
    isv: str = ""

    def __repr__(self) -> str:  # the secret stays out of logs
        return f"SigninApp({self.key!r}, {self.kind!r})"

    def user(self, made_for: Pass) -> Identity:
        """Return whom a user's token of this app speaks for."""
        suite = self.kind == "suite"
        return Identity(
            "user",
            made_for.corp_id,
            app_key="" if suite else self.key,
            suite_key=self.key if suite else "",
            isv=self.isv,
            userid=made_for.userid,
            unionid=made_for.unionid,
            scope=made_for.scope,
        )

    def openid(self, unionid: str) -> str:
        """Return the name of a person in this app alone; no other app can compute it."""
        digest = hmac.digest(self.secret.encode(), f"openid\n{unionid}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:18]).decode().replace("-", "i").replace("_", "E")


class OpenApp(msgspec.Struct, frozen=True):
    app_id: str
    name: str
    secret: str
    created_at: int

    def __repr__(self) -> str:
        return f"OpenApp({self.app_id!r})"


async def find(core: Core, key: str) -> SigninApp | None:
    """Return the app of an app_key, suite_key or app_id, or None."""
    row = await core.durable.one(corp_rows.APP_BY_KEY, key)
    if row is not None:
        app = rows.corp_app(row)
        return SigninApp(key, "own", app.name, app.secret, app.corp_id, app.agent_id)
    row = await core.durable.one(suite_rows.BY_KEY, key)
    if row is not None:
        suite = rows.suite(row)
        by = await core.durable.one(corp_rows.DEVELOPER, suite.developer_id)
        corp_id = "" if by is None else by[1]
        return SigninApp(
            key, "suite", suite.name, suite.suite_secret, corp_id, isv=suite.developer_id
        )
    row = await core.durable.one(rows_of.OPEN_APP_BY_ID, key)
    return None if row is None else SigninApp(key, "open", row[1], row[2])


async def get(core: Core, key: str, field: str = "appid") -> SigninApp:
    """Return the app of a key; refuse 40035 naming the field that held it."""
    found = await find(core, key)
    if found is None:
        raise Refusal(
            40035,
            f"没有 {field} 为 {key[:80]!r} 的应用、套件或登录应用。",
            f"There is no app, suite or open app whose {field} is {key[:80]!r}.",
            facts={"field": field},
        )
    return found


async def prove(core: Core, key: str, secret: str) -> SigninApp:
    """Return the app whose key and secret these are; refuse 40089."""
    found = await find(core, key)
    if found is None or not same(found.secret, secret):
        raise wrong_pair(key)
    return found


def wrong_pair(key: str) -> Refusal:
    """Refuse a key and a secret that do not belong together."""
    return Refusal(
        40089,
        f"{key[:80]!r} 与 secret 不匹配；请从同一个应用复制两者。",
        f"{key[:80]!r} and the secret do not belong together; copy both from the same app.",
        errmsg="不合法的corpid或corpsecret",
    )


async def create_open_app(core: Core, name: str, hosts: Sequence[str] = ()) -> OpenApp:
    """Make an app for signing in to any web site: an appid and an appsecret."""
    title = name.strip()
    if not 1 <= len(title) <= _LONGEST_NAME:
        raise Refusal(
            40035,
            f"名称应为 1 到 {_LONGEST_NAME} 个字符。",
            f"A name has 1 to {_LONGEST_NAME} characters.",
            facts={"field": "name"},
        )
    made = OpenApp(f"dingoa{secrets.letters(14)}", title, secrets.secret(), core.clock.now())
    listed = _listed(hosts)

    async def body(tx: Tx) -> None:
        await tx.run(rows_of.INSERT_OPEN_APP, made.app_id, made.name, made.secret, made.created_at)
        await tx.run(rows_of.PUT_HOSTS, made.app_id, listed)

    await core.durable.transact(body)
    return made


async def list_open_apps(core: Core, *, limit: int = 100, after: str = "") -> list[OpenApp]:
    """Return open apps by id, those after ``after``."""
    return [OpenApp(*row) for row in await core.durable.all(rows_of.OPEN_APPS, after, limit)]


async def hosts_of(core: Core, key: str) -> list[str]:
    """Return the hosts an app's pages may send people back to, as they were registered."""
    row = await core.durable.one(rows_of.HOSTS, key)
    return [] if row is None else rows.strings(row[0])


async def set_hosts(core: Core, key: str, hosts: Sequence[str]) -> list[str]:
    """Replace the secure hosts of an app, suite or open app; refuse 40035 naming what is wrong."""
    await get(core, key, "key")
    listed = _listed(hosts)

    async def body(tx: Tx) -> None:
        await tx.run(rows_of.PUT_HOSTS, key, listed)

    await core.durable.transact(body)
    return await hosts_of(core, key)


async def sso_secret(core: Core, corp_id: str, *, renew: bool = False) -> str:
    """Return the SSOSecret of a corp, made at the first question; ``renew`` makes another."""
    corp = await get_corp(core, corp_id)
    if corp.dissolved_at is not None:
        raise unknown_corp(corp_id)
    new, now = secrets.secret(), core.clock.now()

    async def body(tx: Tx) -> str:
        await tx.run(rows_of.MAKE_SSO_SECRET, corp_id, new, now)
        if renew:
            await tx.run(rows_of.RENEW_SSO_SECRET, corp_id, new, now)
        row = await tx.one(rows_of.SSO_SECRET, corp_id)
        assert row is not None
        return str(row[0])

    return await core.durable.transact(body)


def _listed(hosts: Sequence[str]) -> str:
    if len(hosts) > MOST_HOSTS:
        raise Refusal(
            40035,
            f"安全域名最多 {MOST_HOSTS} 个。",
            f"There are at most {MOST_HOSTS} secure hosts.",
            facts={"field": "hosts"},
        )
    for each in hosts:
        registered(each)
    return rows.json_text([each.strip() for each in dict.fromkeys(hosts)])
