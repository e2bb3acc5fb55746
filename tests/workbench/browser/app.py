"""A micro-app as its developer writes it: a page with the official client, a server that signs.

It knows nothing of the container. Its server talks to the platform over the open API like any
other, and signs with code of its own, not with ours.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from aiohttp import web

from ..site import Site

HELPERS = Path(__file__).with_name("helpers.js")


class App:
    """The app behind a site's micro-app. ``client`` names the bundle its pages load.

    Attributes:
        client: key into ``clients``; takes effect with the next page load.
        algorithm: what the server signs with, ``sha1`` or ``sha256``.
    """

    def __init__(self, site: Site, clients: dict[str, bytes]) -> None:
        self.site, self.clients = site, clients
        self.client, self.algorithm = "dd329", "sha1"
        self.token = ""
        pages = site.pages
        for path in ("/", "/pc", "/second"):
            pages[path] = self.page
        pages["/helpers.js"] = self.helpers
        pages["/client.js"] = self.library
        pages["/config"] = self.config
        pages["/me"] = self.me

    async def page(self, request: web.Request) -> web.Response:
        """Every page of it; its policy forbids scripts in the page itself, as good ones do."""
        html = (
            f"<!doctype html><html><head><title>签到 {request.path}</title></head><body>"
            '<h1>签到</h1><script src="/client.js"></script><script src="/helpers.js"></script>'
            "</body></html>"
        )
        return web.Response(
            text=html,
            content_type="text/html",
            headers={
                "Content-Security-Policy": "script-src 'self'; frame-ancestors 'none'",
                "X-Frame-Options": "DENY",
                "Cache-Control": "no-store",
            },
        )

    async def helpers(self, _request: web.Request) -> web.Response:
        """The page's own script."""
        return web.Response(
            text=HELPERS.read_text(encoding="utf-8"), content_type="text/javascript"
        )

    async def library(self, _request: web.Request) -> web.Response:
        """The client it was built with."""
        return web.Response(
            body=self.clients[self.client],
            content_type="text/javascript",
            charset="utf-8",
            headers={"Cache-Control": "no-store"},
        )

    async def config(self, request: web.Request) -> web.Response:
        """What the page gives to ``dd.config``; a query field replaces one of the same name."""
        return web.json_response(await asyncio.to_thread(self.signed, dict(request.query)))

    async def me(self, request: web.Request) -> web.Response:
        """Whose code this is: what an app does first of all."""
        path = "/user/getuserinfo"
        code = request.query["code"]
        return web.json_response(await asyncio.to_thread(self.call, path, {"code": code}))

    def call(
        self, path: str, query: dict[str, str] | None = None, body: Any = None
    ) -> dict[str, Any]:
        """One call of the open API with the app's own access token."""
        if not self.token:
            given = {"appkey": self.site.app_key, "appsecret": self.site.app_secret}
            self.token = self.http("/gettoken", given)["access_token"]
        return self.http(path, {"access_token": self.token, **(query or {})}, body)

    def http(self, path: str, query: dict[str, str], body: Any = None) -> dict[str, Any]:
        """One request to the platform."""
        url = f"{self.site.url}{path}?{urllib.parse.urlencode(query)}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as response:
            found = json.load(response)
        assert isinstance(found, dict)
        return found

    def ticket(self) -> str:
        """The app's jsapi_ticket, fetched anew."""
        return str(self.call("/get_jsapi_ticket")["ticket"])

    def signed(self, fields: dict[str, str]) -> dict[str, Any]:
        """Sign a page's address: the documented string, with our own few lines."""
        nonce, stamp = secrets.token_hex(8), str(int(time.time()))
        plain = (
            f"jsapi_ticket={fields.get('ticket') or self.ticket()}"
            f"&noncestr={nonce}&timestamp={stamp}&url={fields['url']}"
        )
        return {
            "agentId": str(self.site.agent_id),
            "corpId": self.site.corp_id,
            "timeStamp": stamp,
            "nonceStr": nonce,
            "signature": hashlib.new(self.algorithm, plain.encode()).hexdigest(),
            "jsApiList": [name for name in fields.get("names", "").split(",") if name],
        }
