"""What Chromium makes of pages that came through the proxy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from playwright.sync_api import Browser, Page

from .site import Site

SEEN = "document.scripts[0].getAttribute('src') === '/.ddc/bridge.js'"
FIRST = "document.head.firstElementChild === document.scripts[0]"


# As a workbench does that opens the app in a tab: without one the bridge leaves pages alone.
OPENED = """if (window === top) {
  window.name = 'ddc:{"frame":"f"}';
  Object.defineProperty(window, "opener", {value: {postMessage() {}}});
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.add_init_script(OPENED)
    yield context.new_page()
    context.close()


def has_run(page: Page) -> Any:
    """Whether the bridge has run: it changes the User-Agent that scripts see."""
    return page.evaluate("navigator.userAgent.includes('AliApp(DingTalk/')")


@pytest.mark.parametrize(
    "html",
    [
        "<!doctype html><html><head><title>t</title></head><body>x</body></html>",
        "<!doctype html><title>t</title><p>x",
        "<!-- a --><!doctype html><!-- b --><html lang=zh data-x='>'><!-- c --><head><title>t",
        "<!doctype html><html><body>only a body",
        "<!doctype html>text",
        "<!doctype html><!--><title>t</title>",
        "<!doctype html></p></div><meta charset=utf-8><title>t</title>",
        "<!doctype html><html manifest='a>b' x=y/><head/><title>t</title>",
        "<!doctype html><HTML><HEAD ID=h><base href='/other/'><title>t</title>",
        "<!doctype html></head><body>x",
        "<!doctype html><html><frameset><frame></frameset></html>",
    ],
)
def test_the_bridge_is_the_first_thing_in_the_head(site: Site, page: Page, html: str) -> None:
    site.pages["/"] = html
    page.goto(site.vhost("android"))
    assert page.evaluate(SEEN)
    assert page.evaluate(FIRST)
    assert page.evaluate("document.compatMode") == "CSS1Compat"
    assert has_run(page)


@pytest.mark.parametrize(
    ("encoding", "header"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("gb18030", "; charset=gb18030"),
        ("gbk", ""),
        ("utf-16", ""),
        ("utf-16-be", "; charset=utf-16be"),
    ],
)
def test_pages_in_any_encoding(site: Site, page: Page, encoding: str, header: str) -> None:
    meta = f"<meta charset={encoding}>" if encoding in ("utf-8", "gbk") else ""
    html = f"<!doctype html><html><head>{meta}<title>三方</title></head>"
    headers = {"Content-Type": f"text/html{header}"}
    site.pages["/"] = web.Response(body=html.encode(encoding), headers=headers)
    page.goto(site.vhost("android"))
    assert page.title() == "三方"
    assert page.evaluate(FIRST)
    assert has_run(page)


@pytest.mark.parametrize(
    ("policies", "own_script_runs"),
    [
        (["default-src 'none'"], False),
        (["script-src 'none'"], False),
        (["script-src 'nonce-app'"], True),
        (["script-src 'nonce-app' 'strict-dynamic'"], True),
        (["default-src 'nonce-app' 'strict-dynamic'; object-src 'none'"], True),
        (["script-src-elem 'nonce-app'; default-src 'none'"], True),
        (["script-src 'self' 'nonce-app'", "script-src 'nonce-app' 'strict-dynamic'"], True),
        (["script-src 'nonce-app', default-src 'none'"], False),
        (["script-src 'nonce-app'; upgrade-insecure-requests; block-all-mixed-content"], True),
        (
            ["script-src 'nonce-app'; require-trusted-types-for 'script'; trusted-types 'none'"],
            True,
        ),
    ],
)
def test_no_policy_keeps_the_bridge_out(
    site: Site, page: Page, policies: list[str], own_script_runs: bool
) -> None:
    async def strict(request: web.Request) -> web.Response:
        html = "<head><script nonce=app>window.own = 1</script><script>window.other = 1</script>"
        answer = web.Response(text=html, content_type="text/html")
        for policy in policies:
            answer.headers.add("Content-Security-Policy", policy)
        return answer

    site.pages["/"] = strict
    page.goto(site.vhost("android"))
    assert has_run(page)
    assert page.evaluate("window.own === 1") == own_script_runs
    assert page.evaluate("window.other === undefined"), "the app's own policy still holds"


def test_a_policy_in_the_page_itself_comes_after_the_bridge(site: Site, page: Page) -> None:
    policy = "<meta http-equiv=Content-Security-Policy content=\"script-src 'nonce-app'\">"
    site.pages["/"] = f"<head>{policy}<script>window.other = 1</script>"
    page.goto(site.vhost("android"))
    assert has_run(page)
    assert page.evaluate("window.other === undefined")


def test_a_page_that_refuses_frames_is_framed(site: Site, page: Page) -> None:
    headers = {
        "X-Frame-Options": "DENY",
        "Content-Security-Policy": "frame-ancestors 'none'; default-src 'self'",
        "Content-Type": "text/html",
        "Set-Cookie": "sid=42; Path=/; HttpOnly; SameSite=Lax",
    }
    site.pages["/"] = web.Response(text="<p id=there>framed", headers=headers)
    site.pages["/who"] = b""
    outer = f"<iframe src='{site.vhost('android')}/'></iframe>"
    page.goto(f"{site.workbench_url}/")
    page.evaluate("html => { document.body.innerHTML = html; }", outer)
    frame = page.frame_locator("iframe")
    assert frame.locator("#there").text_content() == "framed"
    inner = page.frames[1]
    inner.evaluate("fetch('/who').then(r => r.text())")
    assert "sid=42" in site.app.requests[-1].header("Cookie"), "Lax cookies work in the frame"
    # Nobody else frames it, not even another app.
    site.pages["/outer"] = outer
    page.goto(f"{site.vhost('pc')}/outer")
    assert page.frame_locator("iframe").locator("#there").count() == 0
    assert "chrome-error:" in page.frames[1].url


def test_cookies_that_demand_https_work_below_localhost(site: Site, page: Page) -> None:
    async def set_them(request: web.Request) -> web.Response:
        answer = web.Response(text="<p>x", content_type="text/html")
        answer.headers.add("Set-Cookie", "__Host-a=1; Secure; Path=/")
        answer.headers.add("Set-Cookie", "b=2; Secure; SameSite=None")
        answer.headers.add("Set-Cookie", f"c=3; Domain={request.host.partition(':')[0]}")
        return answer

    site.pages["/"] = set_them
    page.goto(site.vhost("android"))
    page.reload()
    assert site.app.requests[-1].header("Cookie") == "__Host-a=1; b=2; c=3"


def test_an_apps_page_signs_nobody_in_as_another(site: Site, page: Page) -> None:
    """Its script plants a session for all hosts of the site; the person stays who he was."""
    page.context.add_cookies([site.cookie("li")])
    other = f"sanfang_desk={site.sign_in('wang')}"
    site.pages["/"] = (
        f"<script>document.cookie = '{other}; domain={site.domain}; path=/';"
        f"document.cookie = '{other}; domain={site.domain}; path=/api'</script>"
    )
    page.goto(site.vhost("android"))
    who = "fetch('/api/desk').then(reply => reply.json()).then(desk => desk.userid)"
    page.goto(f"{site.workbench_url}/static/app.js")
    assert page.evaluate(who) == ""
    assert page.evaluate(who) == "li"


def test_a_redirect_of_the_app_stays_in_the_proxy(site: Site, page: Page) -> None:
    site.pages["/"] = web.Response(status=302, headers={"Location": f"{site.app.origin}/next?a"})
    site.pages["/next"] = "<title>next</title>"
    page.goto(site.vhost("android"))
    assert page.url == f"{site.vhost('android')}/next?a"
    assert has_run(page)


def test_a_form_is_accepted_by_an_app_that_checks_the_origin(site: Site, page: Page) -> None:
    site.pages["/"] = "<form method=post action=/save><input name=a value='三方'><button>"
    site.pages["/save"] = "<title>saved</title>"
    page.goto(site.vhost("pc"))
    page.click("button")
    assert page.title() == "saved"
    sent = site.app.requests[-1]
    assert sent.header("Origin") == site.app.origin
    assert sent.header("Referer") == f"{site.app.origin}/"
    assert sent.body == b"a=%E4%B8%89%E6%96%B9"


def test_the_app_does_without_the_bridge_in_what_scripts_fetch(site: Site, page: Page) -> None:
    site.pages["/"] = "<title>t</title>"
    site.pages["/part"] = "<head><b>part</b>"
    page.goto(site.vhost("android"))
    assert page.evaluate("fetch('/part').then(r => r.text())") == "<head><b>part</b>"


WORKER = """
self.addEventListener("install", e => e.waitUntil(self.skipWaiting()));
self.addEventListener("activate", e => e.waitUntil(self.clients.claim()));
self.addEventListener("fetch", e => e.respondWith(new Response("from the worker",
  {headers: {"Content-Type": "text/html"}})));
"""
REGISTER = """async () => {
  await navigator.serviceWorker.register("/sw.js");
  await navigator.serviceWorker.ready;
  while (!navigator.serviceWorker.controller) await new Promise(r => setTimeout(r, 10));
}"""


def test_a_service_worker_has_data_but_neither_pages_nor_the_bridge(site: Site, page: Page) -> None:
    site.pages["/"] = "<title>t</title>"
    headers = {"Content-Type": "text/javascript"}
    site.pages["/sw.js"] = web.Response(text=WORKER, headers=headers)
    page.goto(site.vhost("android"))
    page.evaluate(REGISTER)
    assert page.evaluate("fetch('/data').then(r => r.text())") == "from the worker"
    bridge = page.evaluate("fetch('/.ddc/bridge.js').then(r => r.text())")
    assert "hostOrigin" in bridge
    page.goto(f"{site.vhost('android')}/?again")
    assert page.title() == "t"
    assert has_run(page)


def test_sockets_and_events_reach_a_page(site: Site, page: Page) -> None:
    async def socket(request: web.Request) -> web.StreamResponse:
        app = web.WebSocketResponse()
        await app.prepare(request)
        async for message in app:
            await app.send_str(message.data + "!")
        return app

    async def events(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        await answer.write(b"data: told\n\n")
        return answer

    site.pages["/"], site.pages["/ws"], site.pages["/events"] = "<title>t</title>", socket, events
    page.goto(site.vhost("android"))
    said = page.evaluate(
        """() => new Promise(resolve => {
          const ws = new WebSocket(location.origin.replace("http", "ws") + "/ws");
          ws.onopen = () => ws.send("hi");
          ws.onmessage = e => resolve(e.data);
        })"""
    )
    told = page.evaluate(
        """() => new Promise(resolve => {
          const events = new EventSource("/events");
          events.onmessage = e => { events.close(); resolve(e.data); };
        })"""
    )
    assert (said, told) == ("hi!", "told")


def test_it_is_a_secure_context(site: Site, page: Page) -> None:
    """Geolocation and camera are for secure contexts only."""
    site.pages["/"] = "<title>t</title>"
    page.goto(site.vhost("android"))
    assert page.evaluate("window.isSecureContext")


def test_a_fault_is_readable(site: Site, page: Page) -> None:
    answer = page.goto(site.vhost("pc", 99_999))
    assert answer is not None
    assert answer.status == 404
    assert page.locator("h1").inner_text() == "没有这个应用\nThere is no such app"
