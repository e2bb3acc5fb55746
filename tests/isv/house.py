"""A platform, an ISV's suite app with its pages, a corp that authorised it: all over real HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import uvicorn

from sanfang.client import SsoSecret
from sanfang.isv import CorpApp, SuiteApp
from sanfang.isv.pages import Pages
from sanfang.platform.domain.core import Settings

from ..manage.running import QUICK, Running, running
from .world import AES_KEY, TOKEN

T = TypeVar("T")
NAMES = ["device.geolocation.get", "biz.chat.pickConversation"]


@dataclass
class Got:
    """An answer: of a header given twice both are kept."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    def cookies(self) -> dict[str, str]:
        return {
            pair.partition("=")[0]: pair.partition("=")[2].partition(";")[0]
            for key, pair in self.headers
            if key.lower() == "set-cookie"
        }


@dataclass
class House:
    """Whoever the app is, it is served at ``origin``: pushes at /callback, doors at /dingtalk."""

    platform: Running
    app: SuiteApp
    pages: Any
    origin: str
    loop: asyncio.AbstractEventLoop
    suite_key: str = ""
    corps: list[str] = field(default_factory=list)

    @property
    def corp_id(self) -> str:
        return self.corps[0]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the app's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def code(self, userid: str = "zhang", kind: str = "login", corp_id: str = "") -> str:
        corp_id = corp_id or self.corp_id
        path = f"/corps/{corp_id}/members/{userid}/signin-codes"
        return str(self.platform.post(path, app=self.suite_key, kind=kind)["code"])

    def agree(self, address: str, userid: str = "zhang") -> str:
        """Open a sign-in page as a member and say yes; return where the browser goes."""
        hosts = [urlsplit(self.origin).netloc]
        self.platform.call("PUT", f"/signin-hosts/{self.suite_key}", hosts=hosts)
        path = f"/corps/{self.corp_id}/members/{userid}/signin-pages"
        return str(self.platform.post(path, address=address)["location"])

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Got:
        """Send a request as it is; header names with ``_`` for ``-``."""
        parts = urlsplit(self.origin)
        connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=20)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        try:
            connection.request(method, path, raw, sent)
            response = connection.getresponse()
            return Got(response.status, response.getheaders(), response.read())
        finally:
            connection.close()

    def post(self, name: str, body: Any, **headers: str) -> Got:
        """Send what an own page sends."""
        own = {"Origin": self.origin, "Content_Type": "application/json"}
        return self.send("POST", f"/dingtalk/{name}", body, **{**own, **headers})


Front = Callable[[SuiteApp, str], Any]


def doors_only(app: SuiteApp, origin: str) -> Pages:
    """Serve the ready endpoints and nothing else."""
    return app.pages(js_api_list=NAMES)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self._ready()


@contextlib.contextmanager
def served(make: Callable[[str], tuple[SuiteApp, Any]]) -> Iterator[tuple[Any, ...]]:
    """Serve an app and its pages in a thread until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app, pages = make(origin)
    box: dict[str, Any] = {}
    up = threading.Event()

    async def both(scope: Any, receive: Any, send: Any) -> None:
        chosen: Callable[..., Awaitable[None]] = app
        if scope["type"] == "http" and not scope["path"].startswith("/callback"):
            chosen = pages
        await chosen(scope, receive, send)

    async def main() -> None:
        box["loop"] = asyncio.get_running_loop()
        config = uvicorn.Config(both, log_level="error", interface="asgi3")
        box["server"] = _Server(config, up.set)
        await box["server"].serve(sockets=[listener])

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    assert up.wait(20)
    try:
        yield app, pages, origin, box["loop"]
    finally:
        box["server"].should_exit = True
        thread.join(20)
        listener.close()


def _corp(platform: Running) -> str:
    corp_id = str(platform.post("/corps", name="示例公司")["corp_id"])
    for userid, name in (("zhang", "测试员甲"), ("li", "测试员乙")):
        platform.post(f"/corps/{corp_id}/members", userid=userid, name=name, departments=[1])
    return corp_id


@contextlib.contextmanager
def suite_house(
    data: Path | None = None, front: Front = doors_only, **options: Any
) -> Iterator[House]:
    """A suite with one micro-app, authorised by two corps; the ISV's own corp is the first."""
    with running() as platform:
        corps = [_corp(platform), _corp(platform)]
        sso = next(
            value
            for name, value in platform.post(f"/corps/{corps[0]}/sso-secret").items()
            if "secret" in name
        )

        def make(origin: str) -> tuple[SuiteApp, Any]:
            app = SuiteApp(
                token=TOKEN,
                aes_key=AES_KEY,
                data=str(data) if data else ":memory:",
                base_url=platform.url,
                origins=[origin],
                sso=SsoSecret(corps[0], sso),
                **options,
            )
            return app, front(app, origin)

        with served(make) as (app, pages, origin, loop):
            house = House(platform, app, pages, origin, loop, corps=corps)
            developer = platform.post("/developers", corp_id=corps[0], name="示例开发者")
            made = platform.post(
                "/suites",
                developer_id=developer["developer_id"],
                name="示例套件",
                callback_url=f"{origin}/callback",
                token=TOKEN,
                aes_key=AES_KEY,
                micro_apps=[{"name": "示例应用", "home_url": f"{origin}/?corpid=$CORPID$"}],
            )
            house.suite_key = made["suite_key"]
            app_secret = made["secrets"]["suite_secret"]
            loop.call_soon_threadsafe(app.configure, house.suite_key, app_secret)
            for corp_id in corps:
                platform.post(f"/suites/{house.suite_key}/authorize", corp_id=corp_id)
            wait_for(lambda: sum(corp.active for corp in house.run(_corps(app))) == len(corps))
            yield house


@contextlib.contextmanager
def corp_house(
    front: Front = doors_only, settings: Settings = QUICK, **options: Any
) -> Iterator[House]:
    """An enterprise's own app."""
    with running(settings=settings) as platform:
        corp_id = _corp(platform)
        made = platform.post(f"/corps/{corp_id}/apps", name="考勤助手")

        def make(origin: str) -> tuple[SuiteApp, Any]:
            app = CorpApp(
                corp_id=corp_id,
                agent_id=made["agent_id"],
                app_key=made["app_key"],
                app_secret=made["secret"],
                base_url=platform.url,
                origins=[origin],
                **options,
            )
            return app, front(app, origin)

        with served(make) as (app, pages, origin, loop):
            yield House(platform, app, pages, origin, loop, made["app_key"], [corp_id])


async def _corps(app: SuiteApp) -> list[Any]:
    return app.corps()


def wait_for(look: Callable[[], bool]) -> None:
    """Look again until it is so."""
    end = time.monotonic() + 20
    while not look():
        assert time.monotonic() < end
        time.sleep(0.01)
