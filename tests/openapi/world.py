"""A platform behind its gate, and a client that sends exactly the bytes it is told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

from sanfang.platform.domain import (
    authorisations,
    corps,
    signin,
    signin_apps,
    signin_tokens,
    tokens,
)
from sanfang.platform.domain.core import Core, Settings
from sanfang.platform.domain.model import Agent, Corp, CorpApp, Identity, Suite
from sanfang.platform.openapi import OpenApi
from sanfang.protocol.signatures import signed_query

from ..domain.world import a_core, a_suite

JSON = [(b"content-type", b"application/json")]
FORM = [(b"content-type", b"application/x-www-form-urlencoded")]
Headers = Iterable[tuple[bytes, bytes]]


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        assert self.headers["content-type"] == "application/json"
        assert self.headers["content-length"] == str(len(self.body))
        value = json.loads(self.body)
        assert isinstance(value, dict)
        return value

    @property
    def code(self) -> int:
        """The errcode of an oapi answer; such answers are HTTP 200, also when they refuse."""
        assert self.status == 200
        assert isinstance(self.json["errcode"], int)
        assert isinstance(self.json["errmsg"], str)
        return int(self.json["errcode"])

    @property
    def explained(self) -> str:
        """Both explanations: every refusal must have them, in ASCII on the wire."""
        english = self.headers["x-sanfang-explain"]
        assert english.isascii()
        return english + " / " + unquote(self.headers["x-sanfang-explain-zh"], errors="strict")


async def send(
    api: OpenApi,
    method: str,
    target: str,
    body: bytes | list[bytes] = b"",
    headers: Headers = (),
    client: str = "127.0.0.1",
    **scope: Any,
) -> Reply:
    """Send one request; a list of bytes arrives in that many pieces."""
    path, _, query = target.partition("?")
    pieces = [body] if isinstance(body, bytes) else body
    waiting = [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
        for number, piece in enumerate(pieces, 1)
    ]
    given = list(headers)
    if isinstance(body, bytes) and body and not any(name == b"content-length" for name, _ in given):
        given.append((b"content-length", b"%d" % len(body)))
    elif not isinstance(body, bytes):
        given.append((b"transfer-encoding", b"chunked"))
    sent: list[dict[str, Any]] = []

    async def receive() -> Any:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def collect(message: Any) -> None:
        sent.append(message)

    await api(
        {
            "type": "http",
            "method": method,
            "path": unquote(path),
            "query_string": query.encode("latin-1"),
            "headers": given,
            "client": (client, 50000),
            "scheme": "http",
            **scope,
        },
        receive,
        collect,
    )
    start, end = sent
    assert (start["type"], end["type"]) == ("http.response.start", "http.response.body")
    names = {name.decode("ascii"): value.decode("ascii") for name, value in start["headers"]}
    return Reply(start["status"], names, end["body"])


@dataclass
class World:
    """A corp with an own app, and a suite it has authorised and activated."""

    core: Core
    api: OpenApi
    corp: Corp
    app: CorpApp
    suite: Suite
    agent: Agent
    own: str  # access_token of the own app
    isv: str  # access_token of the corp for the suite
    suite_token: str
    permanent_code: str
    signed_in: dict[str, str] = field(default_factory=dict)  # by kind of token, see `sign_in`

    async def sign_in(self) -> None:
        """Get a token of every kind that somebody has who signed in (the manager, and apps)."""
        core, corp_id = self.core, self.corp.corp_id
        secret = await signin_apps.sso_secret(core, corp_id)
        self.signed_in["sso"], _ = await signin_tokens.sso_token(core, corp_id, secret)
        key = self.app.app_key
        code = (await signin.oauth_code(core, corp_id, "manager", key)).code
        user = await signin_tokens.user_token(core, key, self.app.secret, code, used_in="tests")
        self.signed_in["user"] = user.access_token
        app = await signin_apps.create_open_app(core, "示例网站")
        open_token, _ = await signin_tokens.personal_token(core, app.app_id, app.secret)
        self.signed_in["personal"] = open_token
        caller = Identity("personal", app_key=app.app_id)
        code = (await signin.sns_code(core, corp_id, "manager", app.app_id)).code
        grant = await signin_tokens.sns_grant(core, caller, code, used_in="tests")
        pair = (grant.openid, grant.persistent_code)
        self.signed_in["sns_user"], _ = await signin_tokens.sns_token(core, caller, *pair)

    async def get(self, path: str, token: str | None = None, **query: object) -> Reply:
        fields = {**({} if token is None else {"access_token": token}), **query}
        return await send(self.api, "GET", f"{path}?{urlencode(fields)}" if fields else path)

    async def post(self, path: str, fields: object, token: str = "", **query: object) -> Reply:
        """POST JSON; an empty token sends none, ``suite`` paths get a suite_access_token."""
        name = "suite_access_token" if path.startswith("/service/") else "access_token"
        parts = urlencode({**({name: token} if token else {}), **query})
        return await self.raw("POST", f"{path}?{parts}", json.dumps(fields).encode(), JSON)

    async def service(self, name: str, **fields: object) -> Reply:
        return await self.post(f"/service/{name}", fields, self.suite_token)

    async def v1(
        self, method: str, path: str, fields: object = None, token: str | None = None
    ) -> Reply:
        headers = [] if token is None else [(b"x-acs-dingtalk-access-token", token.encode())]
        body = b"" if fields is None else json.dumps(fields).encode()
        return await self.raw(method, path, body, [*headers, *(JSON if body else [])])

    async def raw(
        self,
        method: str,
        target: str,
        body: bytes | list[bytes] = b"",
        headers: Headers = (),
        **more: Any,
    ) -> Reply:
        return await send(self.api, method, target, body, headers, **more)

    def signature(self, **changes: str) -> str:
        """The signed query of a suite, urlencoded."""
        timestamp = str(self.core.clock.now())
        query = signed_query(
            self.suite.suite_key, self.suite.suite_secret, timestamp, self.suite.ticket
        )
        return urlencode({**query, **changes})


@asynccontextmanager
async def a_world(settings: Settings | None = None) -> AsyncIterator[World]:
    async with a_core(settings) as core:
        corp = await corps.create_corp(core, "示例公司")
        app = (await corps.list_apps(core, corp.corp_id))[0]
        suite = await a_suite(core)
        await authorisations.authorise(core, suite.suite_key, corp.corp_id)
        found = await authorisations.get_authorisation(core, suite.suite_key, corp.corp_id)
        assert found is not None
        code, _ = await authorisations.exchange_code(core, suite.suite_key, found.tmp_auth_code)
        await authorisations.activate(core, suite.suite_key, corp.corp_id, code)
        agent = (await authorisations.list_agents(core, suite.suite_key, corp.corp_id))[0]
        own, _ = await tokens.app_token(core, app.app_key, app.secret)
        isv, _ = await tokens.isv_corp_token(core, suite.suite_key, corp.corp_id, code)
        suite_token, _ = await tokens.suite_token(
            core, suite.suite_key, suite.suite_secret, suite.ticket
        )
        yield World(core, OpenApi(core), corp, app, suite, agent, own, isv, suite_token, code)


def story(body: Callable[[World], Awaitable[None]], **settings: Any) -> None:
    """Run a test in a fresh world."""

    async def run() -> None:
        async with a_world(Settings(**settings)) as world:
            await body(world)

    asyncio.run(run())
