"""The bridge alone: unmodified official clients in every flavour against a host that just answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from .bare_host import BRIDGE, BareHost
from .bundles import DINGTALK_JS, VERSIONS

FLAVOURS = ("android", "ios", "pc")
TABLE = {
    "runtime.permission.requestJsApis": {"result": {}},
    "config": {"result": {"authorizedAPIList": ["biz.contact.choose"], "unauthorizedAPIList": []}},
    "runtime.permission.requestAuthCode": {"result": {"code": "c0de", "authCode": "c0de"}},
    "device.notification.confirm": {"result": {"buttonIndex": 1}},
    "biz.contact.choose": {"result": [{"name": "李四", "emplId": "li"}]},
    "biz.util.open": {"error": {"errorCode": 7, "errorMessage": "not granted"}},
    "biz.util.previewImage": {"error": {"errorCode": "-1", "errorMessage": "cancelled"}},
    "biz.navigation.setTitle": {"result": {}},
}
CONFIG = {
    "agentId": "1",
    "corpId": "ding1",
    "timeStamp": 1,
    "nonceStr": "n",
    "signature": "a" * 40,
    "jsApiList": ["biz.contact.choose"],
}
READIES = {"android": ["runtimeready"], "ios": ["WebViewJavascriptBridgeReady"], "pc": []}
#: The check, then a code.
CHECK_AND_CODE = """async (config) =>
  [await configure(config), await call('runtime.permission.requestAuthCode', {})]"""


@pytest.fixture(scope="module")
def host(browser: Any, bare: BareHost) -> Iterator[Any]:
    """One host page for the module; each test frames pages of its own in it."""
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto(bare.url)
    page.evaluate("table => Object.assign(window.table, table)", TABLE)
    yield page
    context.close()


@pytest.fixture
def frame(host: Any, bare: BareHost, request: pytest.FixtureRequest) -> Any:
    """``frame(flavour, client, …)`` opens a page in the host and gives its Playwright frame."""
    serial = iter(range(100))

    def open_one(flavour: str, client: str, *, version: str = "8.3.20", extra: str = "") -> Any:
        name = f"f{next(serial)}"
        host.evaluate(
            "([id, src, v]) => frameApp(id, src, v)",
            [name, bare.page(flavour, client, extra=extra), version],
        )
        return next(f for f in reversed(host.frames) if f.parent_frame is host.main_frame)

    yield open_one
    host.evaluate("() => { document.body.replaceChildren(); heard.length = 0; frames_ = {}; }")


def heard(host: Any, **wanted: Any) -> list[dict[str, Any]]:
    """The envelopes the host has got so far which carry these fields."""
    return [
        m for m in host.evaluate("() => heard") if all(m.get(k) == v for k, v in wanted.items())
    ]


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("client", list(VERSIONS))
def test_every_version_speaks_in_every_flavour(
    host: Any, frame: Any, client: str, flavour: str
) -> None:
    page = frame(flavour, client)
    told = page.evaluate(
        """async (config) => ({
          platform: dd.env ? dd.env.platform : dd.version && '',
          version: dd.env && dd.env.version,
          early: await call('device.notification.confirm', {message: 'x'}),
          ready: await configure(config),
          code: await call('runtime.permission.requestAuthCode', {corpId: 'ding1'}),
          people: await call('biz.contact.choose', {corpId: 'ding1', fn() {}}),
          refused: await call('biz.util.open', {name: 'profile', params: {}}),
          cancelled: await call('biz.util.previewImage', {urls: [], current: ''}),
          strays, names: window.name, readies,
        })""",
        CONFIG,
    )
    assert told["platform"] == flavour
    assert told["version"] == "8.3.20"
    assert told["early"]["success"] == told["early"]["resolved"] == {"buttonIndex": 1}
    assert told["ready"] == {"ready": True}
    assert told["code"]["resolved"]["code"] == told["code"]["success"]["authCode"] == "c0de"
    assert told["people"]["resolved"] == [{"name": "李四", "emplId": "li"}]
    # Codes are strings whatever the container gave, and never null in the oldest client.
    for way in ("fail", "rejected"):
        assert told["refused"][way]["errorCode"] == "7"
        assert told["refused"][way]["errorMessage"] == "not granted"
    assert told["cancelled"]["rejected"]["errorCode"] == "-1"
    assert flavour != "ios" or told["cancelled"]["cancel"]["errorCode"] == "-1"
    assert told["strays"] == []
    assert "ddc:" not in told["names"]
    # For libraries that wait for it without looking first.
    assert told["readies"] == READIES[flavour]
    [hello] = heard(host, hello=True)
    assert hello["url"] == page.url
    permission = "config" if flavour == "pc" else "runtime.permission.requestJsApis"
    [asked] = heard(host, method=permission)
    assert asked["params"]["jsApiList"] == ["biz.contact.choose"]
    assert asked["url"] == page.url
    assert asked["doc"] == hello["doc"]
    [chosen] = heard(host, method="biz.contact.choose")
    assert "onSuccess" not in chosen["params"]
    # On a computer the client itself makes an empty object of it.
    assert chosen["params"].get("fn") == ({} if flavour == "pc" else None)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("client", ["dd2056", "dd2156", "dd329"])
def test_a_failed_check_reaches_dd_error_unchanged(
    host: Any, frame: Any, client: str, flavour: str
) -> None:
    error = {"errorCode": "3", "errorMessage": "Code:52013 - Message: 签名校验失败"}
    host.evaluate(
        "error => { table.config = table['runtime.permission.requestJsApis'] = {error} }", error
    )
    try:
        told = frame(flavour, client).evaluate("config => configure(config)", CONFIG)
    finally:
        host.evaluate("table => Object.assign(window.table, table)", TABLE)
    assert {k: told["error"][k] for k in error} == error


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_one_segment_names_and_single_imports(host: Any, frame: Any, flavour: str) -> None:
    page = frame(flavour, "dd329")
    told = page.evaluate("() => call('getAuthCode', {corpId: 'ding1'})")
    assert told["resolved"]["authCode"] == "c0de"
    single = frame(flavour, "single")
    told = single.evaluate(CHECK_AND_CODE, CONFIG)
    assert told[0] == {"ready": True}
    assert told[1]["resolved"]["code"] == "c0de"


@pytest.mark.parametrize("flavour", ["android", "ios"])
@pytest.mark.parametrize("client", ["dd2056", "dd329"])
def test_taps_on_something_watched(host: Any, frame: Any, client: str, flavour: str) -> None:
    """Acknowledged once without a tap, then one callback per tap."""
    host.evaluate("() => { table['biz.navigation.setRight'] = {taps: [{}, {}, {}]} }")
    page = frame(flavour, client)
    page.evaluate(
        """() => { window.taps = 0; dd.biz.navigation.setRight(
          {text: 't', show: true, control: true, onSuccess: () => { taps += 1; }}); }"""
    )
    page.wait_for_function("() => taps === 3")
    # An answered call later, an acknowledgement taken for a tap would have been counted.
    page.evaluate("() => call('biz.navigation.setTitle', {title: 't'})")
    assert page.evaluate("() => taps") == 3
    assert heard(host, method="biz.navigation.setRight")[0]["params"]["watch"] is True


@pytest.mark.parametrize("flavour", ["android", "ios"])
def test_events_of_the_phone_are_dom_events(host: Any, frame: Any, flavour: str) -> None:
    page = frame(flavour, "dd329")
    page.evaluate(
        """() => { window.got = [];
          dd.on('resume', () => got.push('resume'));
          dd.on('backbutton', (e) => { e.preventDefault(); got.push('backbutton'); });
          dd.on('attend.changed', (data) => got.push(data)); }"""
    )
    page.wait_for_function("() => dd.env")
    host.evaluate(
        """() => { push('f0', 'resume'); push('f0', 'attend.changed', {n: 1});
          push('f0', 'backbutton', null, 5); push('f0', 'goBack', null, 6); }"""
    )
    host.wait_for_function("() => heard.filter((m) => m.note === 'pushed').length === 2")
    assert page.evaluate("() => got") == ["resume", {"n": 1}, "backbutton"]
    answers = {m["seq"]: m["prevented"] for m in heard(host, note="pushed")}
    assert answers == {5: True, 6: False}


@pytest.mark.parametrize("client", list(VERSIONS))
def test_events_of_the_computer_reach_every_version(host: Any, frame: Any, client: str) -> None:
    page = frame("pc", client)
    page.evaluate("() => { window.got = []; dd.on('leftBtnClick', (b) => got.push(b)); }")
    # The subscription has gone out when a later call has been answered.
    page.evaluate("() => call('biz.navigation.setTitle', {title: 't'})")
    host.evaluate("() => push('f0', 'leftBtnClick', {n: 1})")
    page.wait_for_function("() => got.length === 1")
    assert page.evaluate("() => got") == [{"n": 1}]
    assert heard(host, method="SYS_openAPIContainerInitEvent") == []


def test_the_way_clients_of_2016_post(host: Any, frame: Any) -> None:
    """To window.parent, without a type, with a report of every click; config in window.name."""
    page = frame("pc", "")
    page.evaluate(
        """() => {
          const {hostOrigin, containerId} = JSON.parse(window.name);
          addEventListener('message', (event) => {
            if (event.origin === hostOrigin && event.data.type === 'response') window.told = event.data;
          });
          const post = (message) =>
            window.parent.postMessage({containerId, ...message}, hostOrigin);
          post({msgId: 4, methodName: '_private.event', body: {event: 'click'}});
          post({msgId: 5, methodName: 'device.notification.confirm', body: {message: 'x'}});
        }"""
    )
    page.wait_for_function("() => window.told")
    told = page.evaluate("() => window.told")
    assert told == {"type": "response", "msgId": 5, "success": True, "body": {"buttonIndex": 1}}
    assert [m["method"] for m in heard(host) if "method" in m] == ["device.notification.confirm"]
    # Everything else goes to the real parent, as it would without a bridge.
    page.evaluate("() => window.parent.postMessage('for the real one', '*')")
    host.wait_for_function("() => heard.some((m) => m.stray === 'for the real one')")
    assert page.evaluate("() => [window.parent.closed, window.parent.length > 0]") == [False, True]


@pytest.mark.parametrize("client", ["dd2056", "dd329"])
def test_progress_of_a_download(host: Any, frame: Any, client: str) -> None:
    host.evaluate(
        "() => { table['biz.util.downloadFile'] = {progress: [{n: 1}, {n: 2}], result: {}} }"
    )
    told = frame("pc", client).evaluate(
        """async () => { const seen = [];
          await call('biz.util.downloadFile', {url: 'u', name: 'n', onProgress: (p) => seen.push(p)});
          return seen; }"""
    )
    assert told == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_in_a_tab_of_its_own_the_opener_is_the_host(
    host: Any, bare: BareHost, flavour: str
) -> None:
    # A click of a hand, or Chromium takes the tab for a pop-up.
    host.evaluate(
        "src => { onclick = () => { tabApp('t1', src); onclick = null; }; }",
        bare.page(flavour, "dd2103"),
    )
    with host.context.expect_page() as opened:
        host.mouse.click(5, 5)
    tab = opened.value
    tab.wait_for_load_state()
    told = tab.evaluate(CHECK_AND_CODE, CONFIG)
    tab.close()
    host.evaluate("() => { heard.length = 0; }")
    assert told[0] == {"ready": True}
    assert told[1]["resolved"]["code"] == "c0de"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_frame_inside_the_page_uses_its_bridge(
    host: Any, frame: Any, bare: BareHost, flavour: str
) -> None:
    inner = bare.page(flavour, "dd329").split(".bare.localhost")[1].split("/", 1)[1]
    page = frame(flavour, "dd329", extra=f"&inner=/{inner}")
    [child] = page.child_frames
    told = child.evaluate("() => call('runtime.permission.requestAuthCode', {})")
    assert told["resolved"]["code"] == "c0de"
    assert len(heard(host, hello=True)) == 1


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_without_a_container_the_client_says_so(browser: Any, bare: BareHost, flavour: str) -> None:
    """The page opened directly, and framed with no bridge: as in any browser."""
    context = browser.new_context()
    page = context.new_page()
    for extra in ("", "&bridge=no"):
        page.goto(bare.page(flavour, "dd329", extra=extra))
        told = page.evaluate("c => configure(c)", CONFIG)
        assert "4040" in told["error"]
    context.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_nothing_is_added_to_the_page_but_the_clients_own_bridge(
    host: Any, frame: Any, bare: BareHost, flavour: str
) -> None:
    with_bridge = frame(flavour, "")
    without = frame(flavour, "", extra="&bridge=no")
    names = "() => Object.getOwnPropertyNames(window)"
    more = set(with_bridge.evaluate(names)) - set(without.evaluate(names))
    assert (
        more
        == {
            "android": {"nuva"},
            "ios": {"WebViewJavascriptBridge"},
            "pc": {"dd_bridge_config"},
        }[flavour]
    )
    assert with_bridge.evaluate("() => Object.getOwnPropertySymbols(window).length") == 0
    assert len(BRIDGE.read_bytes()) < 15 * 1024


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_name_of_the_window_survives_pages_and_the_app(
    host: Any, frame: Any, flavour: str
) -> None:
    page = frame(flavour, "dd329", version="6.0.0")
    before = page.evaluate("() => window.name")
    assert ("6.0.0" in before) if flavour == "pc" else before == ""
    assert re.search(r"DingTalk[/(]6\.0\.0", page.evaluate("() => navigator.userAgent"))
    assert page.evaluate("() => dd.env.version") == "6.0.0"
    with page.expect_navigation():
        page.evaluate("() => { window.name = 'the app\\'s own'; location.href += '&second=1'; }")
    if flavour != "pc":
        assert page.evaluate("() => window.name") == "the app's own"
    told = page.evaluate("() => call('runtime.permission.requestAuthCode', {})")
    assert told["resolved"]["code"] == "c0de"
    first, second = heard(host, hello=True)
    assert first["frame"] == second["frame"] == "f0"
    assert first["doc"] != second["doc"]
    # An answer to the page before must not answer a call of this one: ids never come again.
    with page.expect_navigation():
        page.evaluate("() => location.reload()")
    page.wait_for_function("() => document.readyState === 'complete' && typeof call === 'function'")
    page.evaluate("() => call('runtime.permission.requestAuthCode', {})")
    one, other = heard(host, method="runtime.permission.requestAuthCode")
    assert abs(one["id"] - other["id"]) > 1


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_page_that_writes_itself_anew_keeps_its_bridge(
    host: Any, frame: Any, flavour: str
) -> None:
    """document.open() takes all listeners away, the bridge's among them."""
    page = frame(flavour, "")
    page.evaluate(
        """() => { document.open(); document.write('<!doctype html><title>anew</title>');
          document.close(); }"""
    )
    page.add_script_tag(url="/client/dd329")
    page.add_script_tag(url="/helpers.js")
    told = page.evaluate("() => call('runtime.permission.requestAuthCode', {})")
    assert told["resolved"]["code"] == "c0de"


def test_title_address_and_clicks_are_told(host: Any, frame: Any) -> None:
    page = frame("android", "dd329")
    page.evaluate("() => { document.title = 'second'; location.hash = '#/route'; }")
    page.locator("body").click(force=True, position={"x": 1, "y": 1})
    page.evaluate("() => { history.pushState({}, '', '/elsewhere'); }")
    host.wait_for_function("() => heard.filter((m) => m.note === 'hash').length === 2")
    assert [m["title"] for m in heard(host, note="title")] == ["first", "second"]
    assert [m["url"].rsplit("/", 1)[1] for m in heard(host, note="hash")] == ["route", "elsewhere"]
    assert len(heard(host, note="click")) == 1


def test_parameters_that_are_not_data(host: Any, frame: Any) -> None:
    told = frame("android", "dd329").evaluate(
        """async () => { const round = {}; round.round = round;
          return [await call('device.notification.confirm', {round}),
                  await call('device.notification.confirm', {n: 1n})]; }"""
    )
    assert [t["fail"]["errorCode"] for t in told] == ["2", "2"]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_only_the_host_is_heard_and_told(host: Any, frame: Any, flavour: str) -> None:
    """Envelopes from the page itself and from frames within it change nothing."""
    page = frame(flavour, "dd329")
    told = page.evaluate(
        """async (workbench) => {
          const got = [];
          document.addEventListener('resume', () => got.push('resume'));
          const data = {__ddc: 1, push: 'resume'};
          const forge = (init) => window.dispatchEvent(new MessageEvent('message', init));
          window.postMessage(data, '*');
          forge({data, source: top, origin: location.origin});
          forge({data, source: window, origin: workbench});
          for (const odd of [null, 1, 'x', [], {__ddc: 2}, {__ddc: 1, id: 'nope', ok: true}])
            forge({data: odd, source: window, origin: workbench});
          return {got, answer: await call('device.notification.confirm', {message: 'x'})};
        }""",
        host.url.rstrip("/"),
    )
    assert told["got"] == []
    assert told["answer"]["resolved"] == {"buttonIndex": 1}


@pytest.mark.skipif(not DINGTALK_JS, reason="SANFANG_DINGTALK_JS names no copy of dingtalk.js")
@pytest.mark.parametrize("flavour", ["android", "ios"])
def test_the_library_of_2017(host: Any, frame: Any, flavour: str) -> None:
    page = frame(flavour, "dingtalk.js")
    told = page.evaluate(
        """async (config) => ({ ready: await configure(config),
          again: await new Promise((resolve) => dd.ready(() => resolve(true))),
          code: await call('runtime.permission.requestAuthCode', {corpId: 'ding1'}),
          refused: await call('biz.ding.post', {users: []}) })""",
        CONFIG,
    )
    assert told["ready"] == {"ready": True}
    assert told["again"] is True
    assert told["code"]["success"]["code"] == "c0de"
    assert told["refused"]["fail"]["errorCode"] == "1"
    assert len(heard(host, method="runtime.permission.requestJsApis")) >= 2
    page.evaluate(
        "() => { window.got = []; document.addEventListener('resume', () => got.push(1)); }"
    )
    host.evaluate("() => push('f0', 'resume')")
    page.wait_for_function("() => got.length === 1")
