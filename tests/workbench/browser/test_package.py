"""Unmodified official clients in the real workbench: every version, on every kind of client."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from ..site import Site
from .app import App
from .bundles import DINGTALK_JS, VERSIONS
from .driving import Desk, begin, finish

FLAVOURS = ("android", "ios", "pc")
GATED = ["biz.chat.pickConversation", "biz.contact.choose"]
SIGN = """async (names) => {
  const config = await signedConfig(names);
  return configure(config);
}"""


def ended(told: dict[str, Any]) -> Any:
    """The result of a call, the same by every way the client tells it."""
    ways = [told[way] for way in ("success", "resolved") if way in told]
    assert ways, told
    assert all(way == ways[0] for way in ways)
    return ways[0]


def code_of(told: dict[str, Any]) -> Any:
    """The error code of a call, the same by every way the client tells it."""
    ways = [told[way] for way in ("fail", "cancel", "rejected") if way in told]
    assert ways, told
    codes = {way["errorCode"] if isinstance(way, dict) else way for way in ways}
    assert len(codes) == 1, told
    return codes.pop()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("client", list(VERSIONS))
def test_every_version_on_every_kind_of_client(
    desk: Desk, app: App, client: str, flavour: str
) -> None:
    app.client = client
    frame = desk.open(flavour)
    assert frame.evaluate("() => [dd.env.platform, dd.env.version]") == [flavour, "8.3.20"]

    # Without dd.config: what is not gated works, what is gated says 7, what is not there says 1.
    ended(frame.evaluate("() => call('biz.navigation.setTitle', {title: '今日签到'})"))
    expect(desk.title).to_have_text("今日签到")
    told = frame.evaluate("() => call('biz.contact.choose', {corpId: '', users: []})")
    assert code_of(told) == "7"
    told = frame.evaluate("() => call('biz.map.nowhere', {})")
    assert "missing" in told or code_of(told) in ("1", "22", 4050)
    begin(
        frame, "device.notification.confirm", {"message": "来了吗？", "buttonLabels": ["否", "是"]}
    )
    desk.press("是")
    assert ended(finish(frame)) == {"buttonIndex": 1}

    # The check, and with it what was refused before.
    desk.reload(frame)
    assert frame.evaluate(SIGN, GATED) == {"ready": True}
    corp = {"corpId": app.site.corp_id}
    begin(frame, "biz.contact.choose", {**corp, "multiple": False, "users": []})
    desk.pick("李四")
    desk.press("确定")
    assert [each["emplId"] for each in ended(finish(frame))] == ["li"]

    # Who is it? One code by callback and promise, another by each further call; each works once.
    codes = frame.evaluate(
        """async (corp) => [await call('runtime.permission.requestAuthCode', corp),
          await call('runtime.permission.requestAuthCode', corp),
          await call('getAuthCode', corp), await call('requestAuthCode', corp)]""",
        corp,
    )
    found = [ended(told) for told in codes if "missing" not in told]
    assert len(found) == (4 if client in ("dd3046", "dd329") else 2)
    for each in found:
        who = frame.evaluate("(code) => ask('/me', {code})", each["code"])
        assert (who["errcode"], who["userid"]) == (0, "zhang")
    again = frame.evaluate("(code) => ask('/me', {code})", found[0]["code"])
    assert again["errcode"] == 40078
    assert len({each["code"] for each in found}) == len(found)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_conversation_is_chosen_and_written_to(
    desk: Desk, app: App, site: Site, browser: Browser, flavour: str
) -> None:
    name = f"午餐 {flavour}"
    made = app.call(
        "/chat/create", body={"name": name, "owner": "zhang", "useridlist": ["zhang", "li"]}
    )
    assert made["errcode"] == 0
    frame = desk.open(flavour)
    assert frame.evaluate(SIGN, GATED) == {"ready": True}
    begin(frame, "biz.chat.pickConversation", {"corpId": site.corp_id, "isConfirm": False})
    desk.pick(name)
    chosen = ended(finish(frame))
    assert chosen["title"] == name
    said = {"msgtype": "text", "text": {"content": f"出发了 {flavour}"}}
    sent = app.call(
        "/message/send_to_conversation", body={"sender": "zhang", "cid": chosen["cid"], **said}
    )
    assert (sent["errcode"], sent["receiver"]) == (0, "li")
    with Desk(site, browser, "li") as other:
        other.page.get_by_role("button", name="消息").click()
        other.page.get_by_text(name).first.click()
        expect(other.page.get_by_text(f"出发了 {flavour}").first).to_be_visible()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_dialogs_are_answered_by_hand(desk: Desk, flavour: str) -> None:
    frame = desk.open(flavour)
    begin(
        frame,
        "device.notification.alert",
        {"message": "第一行", "title": "", "buttonName": "知道了"},
    )
    expect(desk.dialog).to_contain_text("第一行")
    desk.press("知道了")
    ended(finish(frame))
    begin(
        frame,
        "device.notification.prompt",
        {"message": "姓名", "title": "请填写", "defaultText": "张", "buttonLabels": ["取消", "好"]},
    )
    desk.dialog.locator("input").fill("张三丰")
    desk.press("好")
    assert ended(finish(frame)) == {"buttonIndex": 1, "value": "张三丰"}
    begin(
        frame,
        "device.notification.actionSheet",
        {"title": "哪一个", "cancelButton": "都不要", "otherButtons": ["甲", "乙"]},
    )
    desk.press("乙")
    assert ended(finish(frame))["buttonIndex"] == 1
    ended(frame.evaluate("() => call('device.notification.toast', {text: '已保存', duration: 1})"))
    expect(desk.page.locator(".toast", has_text="已保存")).to_be_visible()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_single_imports_the_newer_digest_and_the_apps_own_address(
    desk: Desk, app: App, flavour: str
) -> None:
    """Signed with SHA-256; then by the app's server for the address it knows of itself."""
    app.client, app.algorithm = "single", "sha256"
    frame = desk.open(flavour)
    assert frame.evaluate(SIGN, GATED) == {"ready": True}
    app.client, app.algorithm = "dd329", "sha1"
    desk.reload(frame)
    path = frame.evaluate("() => location.pathname + location.search")
    told = frame.evaluate(
        "async (url) => configure(await signedConfig([], {url}))", app.site.app.origin + path
    )
    assert told == {"ready": True}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_address_with_a_route_a_space_and_chinese(desk: Desk, flavour: str) -> None:
    frame = desk.open(flavour)
    with frame.expect_navigation():
        frame.evaluate("() => { location.href = '/second?q=%E4%B8%AD%20a&w=x+y#/list?tab=1'; }")
    frame.wait_for_function("() => typeof window.call === 'function'")
    assert frame.evaluate(SIGN, GATED) == {"ready": True}
    desk.reload(frame)
    # Signed in the decoded form, as the client's documents advise.
    told = frame.evaluate(
        """async () => configure(await signedConfig([], {
          url: location.origin + '/second?q=中 a&w=x+y' }))"""
    )
    assert told == {"ready": True}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_in_a_tab_of_its_own(desk: Desk, app: App, flavour: str) -> None:
    desk.open(flavour)
    with desk.context.expect_page() as opened:
        desk.page.get_by_role("button", name="新标签页").click()
    tab = opened.value
    tab.wait_for_function("() => document.readyState === 'complete' && typeof call === 'function'")
    assert tab.evaluate("() => [dd.env.platform, dd.env.version]") == [flavour, "8.3.20"]
    assert tab.evaluate(SIGN, GATED) == {"ready": True}
    told = tab.evaluate(
        "(corpId) => call('runtime.permission.requestAuthCode', {corpId})", app.site.corp_id
    )
    assert ended(told)["code"]
    tab.reload()
    tab.wait_for_function("() => document.readyState === 'complete' && typeof call === 'function'")
    assert tab.evaluate(SIGN, GATED) == {"ready": True}


def test_outside_of_any_workbench_the_client_says_so(
    desk: Desk, app: App, site: Site, browser: Browser
) -> None:
    """The same page at the app's own address, and at its host here but in a bare tab."""
    context = browser.new_context()
    page = context.new_page()
    for origin in (site.app.origin, site.vhost("android"), site.vhost("pc")):
        page.goto(f"{origin}/?corpid={site.corp_id}")
        told = page.evaluate(SIGN, GATED)
        assert "4040" in told["error"]
        assert "notInDingTalk" in told["error"]
    context.close()


@pytest.mark.skipif(not DINGTALK_JS, reason="SANFANG_DINGTALK_JS names no copy of dingtalk.js")
@pytest.mark.parametrize("flavour", ["android", "ios"])
def test_the_library_of_2017(desk: Desk, app: App, flavour: str) -> None:
    """It asks for the grant at every dd.ready, with the same signature; that is fine."""
    app.client = "dingtalk.js"
    frame = desk.open(flavour)
    assert frame.evaluate(SIGN, GATED) == {"ready": True}
    for _ in range(3):
        assert frame.evaluate("() => new Promise((done) => dd.ready(() => done(true)))") is True
    asked = [call for call in desk.calls if call["method"].endswith("requestJsApis")]
    assert len(asked) >= 4
    assert len({str(call["params"]) for call in asked}) == 1
    begin(frame, "biz.contact.choose", {"corpId": app.site.corp_id, "multiple": False, "users": []})
    desk.pick("王五")
    desk.press("确定")
    assert [each["emplId"] for each in ended(finish(frame))] == ["wang"]
    # The corp of dd.config takes the place of whatever a call names.
    told = frame.evaluate("() => call('runtime.permission.requestAuthCode', {corpId: 'x'})")
    who = frame.evaluate("(code) => ask('/me', {code})", ended(told)["code"])
    assert who["userid"] == "zhang"
    assert code_of(frame.evaluate("() => call('biz.ding.post', {users: []})")) == "7"


@pytest.mark.parametrize("flavour", ["android", "ios"])
@pytest.mark.parametrize("client", ["dd2056", "dd329"])
def test_taps_in_the_title_bar(desk: Desk, app: App, client: str, flavour: str) -> None:
    app.client = client
    frame = desk.open(flavour)
    frame.evaluate(
        """() => { window.taps = [];
          dd.biz.navigation.setRight({show: true, control: true, text: '保存',
            onSuccess: () => taps.push('right')});
          dd.biz.navigation.setMenu({items: [{id: '1', text: '甲'}, {id: '2', text: '乙'}],
            onSuccess: (tap) => taps.push(tap.id)}); }"""
    )
    right = desk.page.get_by_role("button", name="保存")
    right.click()
    right.click()
    frame.wait_for_function("() => taps.length === 2")
    desk.page.get_by_role("button", name="更多").click()
    desk.press("乙")
    frame.wait_for_function("() => taps.length === 3")
    assert frame.evaluate("() => taps") == ["right", "right", "2"]


@pytest.mark.parametrize("flavour", ["android", "ios"])
def test_a_page_may_keep_the_back_button(desk: Desk, flavour: str) -> None:
    frame = desk.open(flavour)
    name = "backbutton" if flavour == "android" else "goBack"
    frame.evaluate(
        """(name) => { window.backs = 0;
          window.keep = (event) => { backs += 1; event.preventDefault(); };
          document.addEventListener(name, keep); }""",
        name,
    )
    back = desk.page.get_by_role("button", name="返回")
    back.click()
    frame.wait_for_function("() => backs === 1")
    frame.evaluate("(name) => document.removeEventListener(name, keep)", name)
    back.click()
    expect(desk.page.locator(".device")).to_have_count(0)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_names_of_one_segment_are_granted_as_what_they_stand_for(
    desk: Desk, app: App, flavour: str
) -> None:
    name = f"周会 {flavour}"
    app.call("/chat/create", body={"name": name, "owner": "zhang", "useridlist": ["zhang", "li"]})
    frame = desk.open(flavour)
    assert frame.evaluate(SIGN, ["chooseChat"]) == {"ready": True}
    begin(frame, "chooseChat", {"corpId": app.site.corp_id, "isAllowCreateGroup": False})
    desk.pick(name)
    chosen = ended(finish(frame))
    assert chosen["title"] == name
    assert chosen["chatId"].startswith("chat")
