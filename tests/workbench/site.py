"""A running platform with one corp and one micro-app, whose pages a test gives as a dict.

    def test_something(site, browser):
        site.pages["/"] = "<h1>hi</h1>"
        page = browser.new_page()
        page.goto(site.vhost("android") + "/")

The platform serves in a thread of its own on a free port, from memory stores; the app is another
server in another thread. ``site.run(coroutine)`` runs domain functions in the platform's thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from sanfang.platform import server
from sanfang.platform.domain import contacts, corps, micro_apps
from sanfang.platform.domain.core import Core, Settings

from .app_server import AppServer, Page, app_server

T = TypeVar("T")
MEMBERS = {"zhang": "张三", "li": "李四", "wang": "王五"}  # zhang is the administrator
QUICK: dict[str, Any] = {"rate_profile": "off", "message_profile": "off"}


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()

    def header(self, name: str) -> str:
        """Return a header's value, '' without it; fails when it came twice."""
        found = self.all(name)
        assert len(found) <= 1, found
        return found[0] if found else ""

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass
class Site:
    """See the module. ``members`` are userids: zhang (administrator), li, wang."""

    core: Core
    port: int
    app: AppServer
    loop: asyncio.AbstractEventLoop
    admin_token: str
    corp_id: str = ""
    agent_id: int = 0
    app_key: str = ""
    app_secret: str = ""
    members: tuple[str, ...] = tuple(MEMBERS)

    @property
    def pages(self) -> dict[str, Page]:
        """What the app's server answers, by path."""
        return self.app.pages

    @property
    def domain(self) -> str:
        return self.core.settings.console_domain

    @property
    def url(self) -> str:
        """The platform: open API, /sanfang/..., sign-in pages."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def workbench_url(self) -> str:
        """The workbench's origin, without a slash at the end."""
        return f"http://wb.{self.domain}:{self.port}"

    def vhost(self, flavour: str = "android", agent_id: int = 0) -> str:
        """The origin at which the app is shown in a flavour, without a slash at the end."""
        return f"http://app-{agent_id or self.agent_id}-{flavour}.{self.domain}:{self.port}"

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the platform's thread and return what it gives."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def send(
        self,
        origin: str,
        path: str = "/",
        method: str = "GET",
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send one request to any of the site's origins: no name has to resolve."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            host = origin.partition("://")[2]
            connection.request(method, path, body, {"Host": host, **(headers or {})})
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()

    def api(
        self, method: str, path: str, body: Any = None, *, desk: str = "", **headers: str
    ) -> Answer:
        """Call the workbench's API as its page does; ``desk`` is what `sign_in` returned."""
        given = {"X-Sanfang-Desk": "1", "Origin": self.workbench_url}
        if desk:
            given["Cookie"] = f"sanfang_desk={desk}"
        sent = None
        if body is not None:
            sent = json.dumps(body).encode()
            given["Content-Type"] = "application/json"
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send(self.workbench_url, path, method, sent, given)

    def sign_in(self, userid: str = "zhang") -> str:
        """Open a desk for a member; the value of the cookie ``sanfang_desk``."""
        from sanfang.platform.domain import desks

        return self.run(desks.open_desk(self.core, self.corp_id, userid))

    def cookie(self, userid: str = "zhang", host: str = "") -> dict[str, Any]:
        """The desk cookie for Playwright's ``context.add_cookies([...])``."""
        return {
            "name": "sanfang_desk",
            "value": self.sign_in(userid),
            "domain": host or f"wb.{self.domain}",
            "path": "/",
            "httpOnly": True,
            "sameSite": "Lax",
        }


@contextlib.contextmanager
def a_site(**settings: Any) -> Iterator[Site]:
    """Run a site until the block ends."""
    with app_server() as app, _platform(Settings(**{**QUICK, **settings}), app) as site:
        site.run(_settle(site))
        yield site


async def _settle(site: Site) -> None:
    core = site.core
    corp = await corps.create_corp(core, "示例公司", admin_name="主管理员")
    site.corp_id = corp.corp_id
    for userid, name in MEMBERS.items():
        await contacts.create_member(
            core, corp.corp_id, name=name, userid=userid, is_admin=userid == "zhang"
        )
    own = (await corps.list_apps(core, corp.corp_id))[0]
    site.agent_id, site.app_key, site.app_secret = own.agent_id, own.app_key, own.secret
    await micro_apps.update_app(
        core,
        corp.corp_id,
        own.agent_id,
        micro_apps.NEW,
        name="示例应用",
        description="测试用的微应用",
        home_url=f"{site.app.origin}/?corpid=$CORPID$",
        pc_home_url=f"{site.app.origin}/pc?corpid=$CORPID$",
    )


@contextlib.contextmanager
def _platform(settings: Settings, app: AppServer) -> Iterator[Site]:
    up: threading.Event = threading.Event()
    box: dict[str, Any] = {}

    async def main() -> None:
        listener = server.bind()
        async with await server.Platform.open(settings=settings) as platform:
            box["stop"] = asyncio.Event()
            box["site"] = Site(
                platform.core,
                listener.getsockname()[1],
                app,
                asyncio.get_running_loop(),
                platform.admin_token,
            )
            await server.serve(platform, listener, ready=up.set, stop=box["stop"])

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001 - handed to the caller's thread
            box["error"] = error
        finally:
            up.set()

    thread = threading.Thread(target=run, name="platform")
    thread.start()
    up.wait()
    try:
        if "error" in box:
            raise box["error"]
        yield box["site"]
    finally:
        if "error" not in box:
            box["site"].loop.call_soon_threadsafe(box["stop"].set)
        thread.join()
    if "error" in box:
        raise box["error"]
