"""What pages could try against the workbench and each other, and that nothing comes of it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, expect

from ..site import Site
from .app import App
from .driving import Desk, begin, finish
from .test_package import GATED, SIGN, code_of, ended

MARKUP = '<img src=x onerror="window.pwned=1"><b>粗</b>&lt;'
#: Envelopes of a shape nobody sends. `f` is the frame's own id, `d` the number of its page.
CRAZY = """([f, d]) => {
  const target = window.top;
  const cycle = {__ddc: 1, frame: f, doc: d}; cycle.self = cycle;
  const deep = (n) => n ? {a: deep(n - 1)} : {};
  const shapes = [
    null, undefined, 0, '', 'x'.repeat(100000), [], [1], true, NaN, 10n, new Date(), /x/,
    new Map([[1, 2]]), new Uint8Array(9), new Error('x'),
    {}, {__ddc: 1}, {__ddc: '1', frame: f, hello: true}, {__ddc: 1, frame: null, hello: true},
    {__ddc: 1, frame: {toString: 1}, id: 1, method: 'x'}, {__ddc: 1, frame: '__proto__', hello: true},
    {__ddc: 1, frame: 'constructor', doc: d, id: 1, method: 'alert'}, cycle,
  ];
  for (const more of [
    {id: 1}, {id: {}, method: 'device.notification.vibrate'}, {id: 1, method: {}}, {id: 1, method: ''},
    {id: 1, method: 'x'.repeat(5000)}, {id: 1, method: '../../api/desk'}, {id: 1, method: '__proto__'},
    {id: 1, method: 'constructor'}, {id: 1, method: 'toString', params: null},
    {id: 1, method: 'biz.util.open', params: []}, {id: 1, method: 'biz.util.open', params: 'x'},
    {id: 1, method: 'device.notification.toast', params: {text: {}, duration: 'x', delay: -1}, url: 5},
    {id: 1, method: 'device.notification.toast', params: {text: '\\u0000'}, url: 'javascript:1'},
    {id: 1, method: 'biz.navigation.setTitle', params: deep(300), url: ''},
    {id: 1, method: 'biz.navigation.setTitle', params: {title: {a: 1}}},
    {id: 1, method: 'biz.navigation.setMenu', params: {items: 'x'}},
    {id: 1, method: 'biz.navigation.setMenu', params: {items: [null, 1, {text: {}}]}},
    {id: 1, method: 'biz.navigation.setRight', params: {text: []}},
    {id: 1, method: 'config', params: {jsApiList: {}}}, {id: 1, method: 'config', params: [1]},
    {id: 1, method: 'runtime.permission.requestJsApis', params: {agentId: {}, corpId: [], url: 1}},
    {note: {}}, {note: 'title'}, {note: 'title', title: {}}, {note: 'hash'}, {note: 'hash', url: {}},
    {note: 'pushed', seq: {}}, {note: 'nothing'}, {note: 'click', x: deep(200)},
  ]) shapes.push({__ddc: 1, frame: f, doc: d, url: location.href, ...more});
  let sent = 0;
  for (const shape of shapes) { try { target.postMessage(shape, '*'); sent += 1; } catch (e) {} }
  return sent;
}"""


def registered(desk: Desk) -> dict[str, Any]:
    """What the workbench called the frame in front, and the number of its page."""
    found: dict[str, Any] = desk.page.evaluate(
        """() => { const frames = [...document.querySelectorAll('.device iframe')];
          return JSON.parse(frames.at(-1).getAttribute('name').slice(4)); }"""
    )
    return found


def page_number(desk: Desk, frame: Frame) -> int:
    """The number the bridge gave to this page load: overheard, as the workbench hears it."""
    desk.page.evaluate(
        """() => { window.overheard = null; addEventListener('message', (event) => {
          if (event.data && event.data.doc) window.overheard = event.data.doc; }); }"""
    )
    frame.evaluate("() => call('biz.navigation.setTitle', {title: 'x'})")
    number = desk.page.evaluate("() => window.overheard")
    assert isinstance(number, int)
    return number


def alive(desk: Desk, frame: Frame) -> None:
    """The workbench still answers this page."""
    ended(frame.evaluate("() => call('biz.navigation.setTitle', {title: '还在'})"))
    expect(desk.title).to_have_text("还在")


def test_a_page_at_no_origin_of_an_app_is_not_opened(desk: Desk, app: App, site: Site) -> None:
    for url in ("http://evil.example/", f"{site.url}/sanfang/", "javascript:alert(1)", "file:///"):
        body = {"agent_id": site.agent_id, "flavour": "android", "url": url}
        token = next(c["value"] for c in desk.context.cookies() if c["name"] == "sanfang_desk")
        refused = site.api("POST", "/api/frames", body, desk=token)
        assert refused.status == 400, url
        assert refused.json["code"] in (50001, 40035), url
    # The proxy has no host for an app that is not there, and asks nobody for other addresses.
    assert site.send(site.vhost("android", 987654), "/").status in (404, 502)
    assert app.site.app.requests == []


@pytest.mark.parametrize("flavour", ["android", "pc"])
def test_who_is_framed_by_others_has_no_container(
    desk: Desk, app: App, site: Site, browser: Browser, flavour: str
) -> None:
    """A stranger's page frames the app under a stolen name, and under none; it hears nothing."""
    desk.open(flavour)
    name = "ddc:" + desk.page.evaluate("s => JSON.stringify(s)", registered(desk))

    async def evil(_request: Any) -> Any:
        from aiohttp import web

        return web.Response(text="<!doctype html><title>evil</title>", content_type="text/html")

    async def careless(request: Any) -> Any:
        answer = await app.page(request)
        del answer.headers["X-Frame-Options"], answer.headers["Content-Security-Policy"]
        return answer

    site.pages["/evil"], site.pages["/careless"] = evil, careless
    thief = desk.context.new_page()  # even with the member's own cookies
    thief.goto(site.app.origin + "/evil")
    before = len(desk.calls)
    for one in (name, ""):
        heard = thief.evaluate(
            """([name, src]) => new Promise((done) => {
              const heard = []; addEventListener('message', (e) => heard.push(e.data));
              const frame = document.createElement('iframe'); frame.name = name; frame.src = src;
              frame.onload = () => { frame.contentWindow.postMessage({__ddc: 1, push: 'resume'}, '*');
                setTimeout(() => done(heard), 100); };
              document.body.replaceChildren(frame); })""",
            [one, f"{site.vhost(flavour)}/careless"],
        )
        assert heard == []
        inner = thief.frames[-1]
        told = inner.evaluate(
            """() => Promise.race([call('runtime.permission.requestAuthCode', {corpId: 'x'}),
              new Promise((done) => setTimeout(done, 300, 'nothing'))])"""
        )
        assert told == "nothing" or "4040" in str(told)
    # Neither the workbench itself can be framed, nor an app that forbids it.
    for address in (site.workbench_url, f"{site.vhost(flavour)}/"):
        framed = thief.evaluate(
            """(src) => new Promise((done) => { const frame = document.createElement('iframe');
              frame.src = src; frame.onload = () => done('loaded'); document.body.append(frame); })""",
            address,
        )
        assert framed == "loaded"  # an error page of the browser's own
        assert thief.frames[-1].evaluate("() => location.protocol") == "chrome-error:"
    assert len(desk.calls) == before
    thief.close()


def test_strangers_windows_are_not_heard(desk: Desk, app: App, site: Site) -> None:
    """A window that has the workbench as its opener, and one that opened it, both know the ids."""
    frame = desk.open("android")
    known = registered(desk)
    envelope = {
        "__ddc": 1,
        "frame": known["frame"],
        "doc": page_number(desk, frame),
        "id": 77,
        "method": "runtime.permission.requestAuthCode",
        "params": {"corpId": site.corp_id},
        "url": frame.url,
    }
    site.pages["/evil"] = "<!doctype html><title>evil</title>"
    before = len(desk.calls)
    with desk.context.expect_page() as opened:
        desk.page.evaluate("url => { window.open(url); }", site.app.origin + "/evil")
    stranger = opened.value
    stranger.wait_for_load_state()
    for more in ({}, {"hello": True}, {"note": "title", "title": "pwned"}):
        stranger.evaluate("m => opener && opener.postMessage(m, '*')", {**envelope, **more})
    # And towards the page: an answer, and an event, from a window that is not its host.
    stranger.evaluate(
        """() => { const page = opener && opener.frames[0];
          if (page) { page.postMessage({__ddc: 1, push: 'resume'}, '*');
            for (let id = 0; id < 50; id += 1)
              page.postMessage({__ddc: 1, id, ok: true, result: 'forged'}, '*'); } }"""
    )
    alive(desk, frame)
    assert [call["method"] for call in desk.calls[before:]] == ["biz.navigation.setTitle"]
    assert desk.page.locator("text=pwned").count() == 0
    stranger.close()


def test_a_frame_cannot_speak_for_another(desk: Desk, app: App, site: Site) -> None:
    below = desk.open("pc")
    assert below.evaluate(SIGN, ["biz.ding.post", "biz.util.openModal"]) == {"ready": True}
    first, number = registered(desk), page_number(desk, below)
    begin(below, "biz.util.openModal", {"url": f"{below.url}&modal=1", "title": "上面"})
    expect(desk.page.locator(".device.modal iframe")).to_be_visible()
    above = desk.shown("pc")
    assert above is not below
    second = registered(desk)
    assert second["frame"] != first["frame"]
    before = len(desk.calls)
    # With everything there is to know about the frame below, which has a grant.
    above.evaluate(
        """(m) => { window.top.postMessage(m, '*');
          window.top.postMessage({...m, hello: true}, '*');
          window.top.frames[0].postMessage({__ddc: 1, id: 1, ok: true, result: 'forged'}, '*'); }""",
        {
            "__ddc": 1,
            "frame": first["frame"],
            "doc": number,
            "id": 5,
            "method": "biz.ding.post",
            "params": {"users": ["li"], "corpId": site.corp_id, "text": "forged"},
            "url": below.url,
        },
    )
    told = above.evaluate("() => call('biz.ding.post', {users: ['li'], corpId: '', text: 'x'})")
    assert code_of(told) == "7"
    assert len(desk.calls) == before + 1
    assert desk.calls[-1]["method"] == "biz.ding.post"
    assert desk.calls[-1]["params"]["text"] == "x"
    above.evaluate("() => { call('biz.navigation.quit', {message: 'done'}); }")
    assert ended(finish(below)) == "done"
    alive(desk, below)


def test_a_strangers_frame_within_the_app_reaches_nobody(desk: Desk, app: App, site: Site) -> None:
    frame = desk.open("android")
    known = registered(desk)
    number = page_number(desk, frame)
    site.pages["/ad"] = "<!doctype html><title>ad</title>"
    frame.evaluate(
        """(src) => new Promise((done) => { const inner = document.createElement('iframe');
          inner.src = src; inner.onload = done; document.body.append(inner); })""",
        site.app.origin + "/ad",
    )
    [inner] = frame.child_frames
    before = len(desk.calls)
    inner.evaluate(
        """([frame, doc, url]) => {
          const call = {__ddc: 1, frame, doc, id: 5, method: 'biz.navigation.setTitle',
            params: {title: 'pwned'}, url};
          for (const target of [window.top, window.parent]) {
            target.postMessage(call, '*');
            target.postMessage({...call, hello: true}, '*');
            target.postMessage({__ddc: 1, id: 1, ok: true, result: {}}, '*');
            target.postMessage({__ddc: 1, push: 'resume'}, '*');
          } }""",
        [known["frame"], number, frame.url],
    )
    alive(desk, frame)
    assert len(desk.calls) == before + 1
    assert inner.evaluate(
        "() => typeof window.nuva + navigator.userAgent.includes('DingTalk')"
    ) == ("undefinedfalse")


@pytest.mark.parametrize("flavour", ["android", "ios", "pc"])
def test_messages_of_crazy_shapes_do_no_harm(desk: Desk, app: App, flavour: str) -> None:
    frame = desk.open(flavour)
    sent = frame.evaluate(CRAZY, [registered(desk)["frame"], page_number(desk, frame)])
    assert sent > 40
    alive(desk, frame)
    assert frame.evaluate(SIGN, GATED) == {"ready": True}
    told = frame.evaluate(
        "(corpId) => call('runtime.permission.requestAuthCode', {corpId})", app.site.corp_id
    )
    assert ended(told)["code"]


def test_texts_of_pages_stay_texts(desk: Desk, app: App) -> None:
    frame = desk.open("android")
    frame.evaluate("(text) => { document.title = text; }", MARKUP)
    expect(desk.title).to_have_text(MARKUP)
    ended(frame.evaluate("(title) => call('biz.navigation.setTitle', {title})", MARKUP))
    expect(desk.title).to_have_text(MARKUP)
    ended(frame.evaluate("(text) => call('device.notification.toast', {text})", MARKUP))
    expect(desk.page.locator(".toast").first).to_contain_text(MARKUP)
    begin(
        frame,
        "device.notification.confirm",
        {"message": MARKUP, "title": MARKUP, "buttonLabels": [MARKUP, "好"]},
    )
    expect(desk.dialog).to_contain_text(MARKUP)
    assert desk.dialog.locator("img, b").count() == 0
    desk.press("好")
    ended(finish(frame))
    frame.evaluate(
        "(text) => configure({agentId: text, corpId: text, nonceStr: text, timeStamp: text,"
        " signature: text, jsApiList: [text]})",
        MARKUP,
    )
    expect(desk.page.locator(".failure").first).to_contain_text(MARKUP)
    assert desk.page.locator(".failure img, .failure b").count() == 0
    assert desk.page.evaluate("() => window.pwned") is None
    assert desk.page.locator("img[onerror]").count() == 0


def test_a_page_learns_nothing_of_the_workbench(desk: Desk, site: Site) -> None:
    """Neither the cookie of the desk, nor the workbench's document, nor its API."""
    frame = desk.open("android")
    told = frame.evaluate(
        """async (workbench) => {
          const out = {cookie: document.cookie};
          try { out.title = top.document.title; } catch (e) { out.title = e.name; }
          for (const [name, init] of [['plain', {}],
              ['credentials', {credentials: 'include', headers: {'X-Sanfang-Desk': '1'}}]])
            try { out[name] = await (await fetch(workbench + '/api/desk', init)).text(); }
            catch (e) { out[name] = e.name; }
          return out; }""",
        site.workbench_url,
    )
    assert "sanfang_desk" not in told["cookie"]
    assert told["title"] == "SecurityError"
    assert told["plain"] == told["credentials"] == "TypeError"
    assert all("sanfang_desk" not in seen.header("Cookie") for seen in site.app.requests)
