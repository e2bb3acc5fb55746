"""What a page is told when the check fails: each code once, read back in the page as its client gives it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from sanfang.platform.domain import tokens

from ..site import Site
from .app import App
from .bundles import DINGTALK_JS
from .driving import Desk
from .test_package import FLAVOURS, GATED, SIGN, code_of

#: What goes wrong -> the code. The values replace those of a good configuration.
WRONG: dict[str, tuple[int, dict[str, Any]]] = {
    "another corp": (52010, {"corpId": "dingsomebodyelse"}),
    "no corp": (52010, {"corpId": ""}),
    "another app": (52019, {"agentId": "999999"}),
    "no app": (52019, {"agentId": ""}),
    "no nonce": (52015, {"nonceStr": ""}),
    "no time": (52018, {"timeStamp": ""}),
    "no signature": (52016, {"signature": ""}),
    "no digest": (52016, {"signature": "nothing of the kind"}),
    "no list": (52017, {"jsApiList": None}),
    "half a character": (52012, {"nonceStr": "HALF"}),
    "another nonce": (52013, {"nonceStr": "another"}),
}
TRY = """async (changes) => {
  const config = Object.assign(await signedConfig(['biz.contact.choose']), changes);
  for (const name of Object.keys(config)) if (config[name] === null) delete config[name];
  if (config.nonceStr === 'HALF') config.nonceStr = '\\ud800';  // Python could not send it
  return configure(config);
}"""


def no_tickets(site: Site) -> None:
    """As if the app had never fetched one."""
    key = tokens._jsapi_key(site.app_key, site.corp_id)
    site.run(site.core.hot.delete(key))


def test_a_desktop_page_that_names_no_address_is_told_52014(desk: Desk, app: App) -> None:
    """As DingTalkPC posts it: the official packages always put the right address there."""
    app.client = "dd329"
    frame = desk.open("pc")
    frame.evaluate(
        """async () => {
          const config = await signedConfig(['biz.contact.choose']);
          const {hostOrigin, containerId} = JSON.parse(window.dd_bridge_config);
          addEventListener('message', (event) => {
            if (event.origin === hostOrigin && event.data.msgId === 5) window.told = event.data;
          });
          window.parent.postMessage(
            {containerId, msgId: 5, methodName: 'config', body: {...config, url: 'nowhere'}},
            hostOrigin);
        }"""
    )
    frame.wait_for_function("() => window.told")
    told = frame.evaluate("() => window.told")
    assert (told["success"], told["body"]["errorCode"]) == (False, "3")
    assert told["body"]["errorMessage"].startswith("Code:52014 - ")


@pytest.mark.parametrize(
    ("client", "flavour"), [("dd2056", "ios"), *(("dd329", each) for each in FLAVOURS)]
)
def test_each_code_is_told_in_the_page_and_explained_beside_it(
    desk: Desk, app: App, site: Site, client: str, flavour: str
) -> None:
    app.client = client
    frame = desk.open(flavour)
    for what, (code, changes) in WRONG.items():
        told = frame.evaluate(TRY, changes)
        error = told.get("error")
        assert error, (what, told)
        assert error["errorCode"] == "3", what
        assert error["errorMessage"].startswith(f"Code:{code} - Message: "), (what, error)
        expect(desk.page.locator(".failure").first).to_have_attribute("data-code", str(code))
        desk.reload(frame)
    no_tickets(site)
    told = frame.evaluate(
        "async () => configure(await signedConfig([], {ticket: 'never fetched by anybody'}))"
    )
    assert told["error"]["errorMessage"].startswith("Code:52011 - Message: ")
    desk.reload(frame)
    assert frame.evaluate(SIGN, GATED) == {"ready": True}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_52013_says_what_was_used_and_no_ticket(desk: Desk, app: App, flavour: str) -> None:
    frame = desk.open(flavour)
    told = frame.evaluate(
        "async () => configure(await signedConfig([], {url: location.href + '&x=1#/route'}))"
    )
    text = told["error"]["errorMessage"]
    ticket = app.ticket()
    assert "签名校验失败" in text
    assert f"url:[{frame.url}]" in text
    assert f"{ticket[:10]}***" in text
    assert ticket not in text
    assert ticket not in desk.page.content()
    card = desk.page.locator(".failure").first
    expect(card).to_have_attribute("data-code", "52013")
    expect(card.locator(".cause[lang=zh-CN]")).not_to_be_empty()
    expect(card.locator(".cause[lang=en]")).not_to_be_empty()


@pytest.mark.skipif(not DINGTALK_JS, reason="SANFANG_DINGTALK_JS names no copy of dingtalk.js")
@pytest.mark.parametrize("flavour", ["android", "ios"])
def test_the_library_of_2017_gives_a_number_and_the_text(
    desk: Desk, app: App, flavour: str
) -> None:
    app.client = "dingtalk.js"
    told = desk.open(flavour).evaluate(TRY, {"nonceStr": "another"})
    assert told["error"]["errorCode"] == 3
    assert told["error"]["message"].startswith("权限校验失败 Code:52013 - Message: ")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_route_keeps_the_grant_and_a_reload_drops_it(desk: Desk, app: App, flavour: str) -> None:
    frame = desk.open(flavour)
    call = "() => call('biz.ding.post', {corpId: '', users: []})"
    assert frame.evaluate(SIGN, ["biz.ding.post"]) == {"ready": True}
    frame.evaluate("() => { location.hash = '#/another'; history.pushState({}, '', '/third'); }")
    assert code_of(frame.evaluate(call)) != "7"
    with frame.expect_navigation():
        frame.evaluate(f"() => {{ location.href = '/second?corpid={app.site.corp_id}'; }}")
    frame.wait_for_function(
        "() => document.readyState === 'complete' && typeof call === 'function'"
    )
    assert code_of(frame.evaluate(call)) == "7"
    assert frame.evaluate(SIGN, ["biz.ding.post"]) == {"ready": True}
    assert code_of(frame.evaluate(call)) != "7"
    desk.reload(frame)
    assert code_of(frame.evaluate(call)) == "7"


@pytest.mark.parametrize(("version", "code"), [("2.6.9", "7"), ("2.7.0", None)])
def test_an_iphone_before_2_7_loses_the_grant_with_the_route(
    site: Site, browser: Browser, app: App, version: str, code: str | None
) -> None:
    with Desk(site, browser, version=version) as desk:
        frame = desk.open("ios")
        assert frame.evaluate("() => dd.env.version") == version
        assert frame.evaluate(SIGN, ["biz.ding.post"]) == {"ready": True}
        frame.evaluate("() => { location.hash = '#/another'; }")
        told = code_of(frame.evaluate("() => call('biz.ding.post', {corpId: '', users: []})"))
        assert (told == "7") is (code == "7")


def test_a_method_of_another_kind_of_client(desk: Desk) -> None:
    """NFC is Android's: the container says so where the client lets the call through."""
    frame = desk.open("ios")
    told = frame.evaluate(
        "() => new Promise((r) => WebViewJavascriptBridge.callHandler('device.nfc.nfcRead', {}, r))"
    )
    assert told["errorCode"] != "0"
    assert told["result"]["errorCode"] == told["errorCode"]
