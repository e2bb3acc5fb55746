"""The failure panel, the device simulator, and who may speak to the workbench, in a real browser."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import expect

from .bench import Workbench, android


def test_the_failure_panel_puts_both_sides_beside_each_other(bench: Workbench) -> None:
    site = bench.site
    token = site.send(
        site.url, f"/gettoken?appkey={site.app_key}&appsecret={site.app_secret}"
    ).json["access_token"]
    ticket = site.send(site.url, f"/get_jsapi_ticket?access_token={token}").json["ticket"]
    page = bench.go()
    frame = bench.open()
    config = {
        "agentId": str(site.agent_id),
        "corpId": site.corp_id,
        "timeStamp": "1700000000",
        "nonceStr": "abc",
        "signature": "0" * 40,
        "jsApiList": ["biz.contact.choose"],
    }
    answer = android(frame, "runtime.permission", "requestJsApis", config)
    assert answer[0] == "fail"
    card = page.locator(".failure").first
    expect(card).to_contain_text("52013")
    expect(card).to_contain_text("签名校验失败")
    expect(card.locator("th", has_text="nonceStr")).to_be_visible()
    rows = card.locator(".side-by-side tbody tr")
    for field, platform in [("nonceStr", "照页面的算"), ("timeStamp", "as sent"), ("corpId", "=")]:
        row = rows.filter(has=page.locator("th", has_text=re.compile(f"^{field}$")))
        expect(row.locator("td").nth(1)).to_contain_text(platform)
    assert "–" not in card.locator("tbody").inner_text()
    expect(card).to_contain_text("noncestr=abc&timestamp=1700000000")
    expect(card).to_contain_text(f"{ticket[:10]}***")
    assert ticket not in page.content()
    card.locator("summary", has_text="FAQ F14").click()
    expect(card.locator(".faq")).to_contain_text("url")


def test_a_refused_code_and_an_ungranted_call_are_explained_too(bench: Workbench) -> None:
    page = bench.go()
    frame = bench.open()
    android(frame, "runtime.permission", "requestAuthCode", {"corpId": "dingother"})
    card = page.locator(".failure", has_text="requestAuthCode")
    expect(card).to_contain_text("$CORPID$")
    expect(card.locator(".differ")).to_contain_text(bench.site.corp_id)
    answer = android(frame, "biz.contact", "choose", {})
    assert answer == [
        "fail",
        {"errorCode": "7", "errorMessage": "requestJsApis() not invoked"},
    ]
    expect(page.locator(".failure", has_text="biz.contact.choose")).to_contain_text("dd.config")
    calls = page.locator(".calls li", has_text="biz.contact.choose")
    expect(calls).to_contain_text("✕ 7")
    expect(calls).to_contain_text("ms")


def test_the_desktop_has_the_room_until_something_fails(bench: Workbench) -> None:
    page = bench.go()
    page.set_viewport_size({"width": 1440, "height": 900})
    inspector, button = page.locator("#log"), page.get_by_role("button", name="检查器")
    expect(inspector).to_be_visible()  # beside a phone
    page.get_by_label("桌面").check()
    expect(inspector).to_be_hidden()
    frame = bench.open()
    wide = page.locator(".device").bounding_box()
    assert wide is not None
    assert wide["width"] > 900, wide
    _fail(bench, frame)
    expect(inspector).to_be_visible()
    button.click()
    expect(button).to_have_attribute("aria-expanded", "false")
    _fail(bench, frame)
    expect(button.locator(".badge")).to_have_text("1")  # closed by a person: it stays so
    expect(inspector).to_be_hidden()
    page.reload()
    bench.open()
    expect(inspector).to_be_hidden()
    expect(button.locator(".badge")).to_be_hidden()
    button.click()
    page.reload()
    expect(inspector).to_be_visible()
    page.get_by_label("安卓").check()
    expect(inspector).to_be_visible()


def _fail(bench: Workbench, frame: Any) -> None:
    """A call for another corp's code, in the words of the bridge."""
    name = bench.page.locator(".device iframe").get_attribute("name") or ""
    frame.evaluate(
        """(frame) => parent.postMessage({ __ddc: 1, id: 77, frame, url: location.href,
          method: "runtime.permission.requestAuthCode", params: { corpId: "dingother" } }, "*")""",
        json.loads(name.removeprefix("ddc:"))["frame"],
    )


# ---- Who may speak


def test_only_the_frames_own_page_is_heard(bench: Workbench) -> None:
    """Another origin inside the page, and the page naming another frame, get nothing."""
    site = bench.site
    site.pages["/"] = f"<!doctype html><iframe src='{site.app.origin}/inner'></iframe>"
    site.pages["/inner"] = "<!doctype html><p>inner</p>"
    asked: list[str] = []
    bench.page.on("request", lambda request: asked.append(request.url))
    page = bench.go()
    frame = bench.open()
    inner = next(each for each in page.frames if each.url.endswith("/inner"))
    name = page.locator(".device iframe").get_attribute("name") or ""
    number = re.search(r'"frame":"([^"]+)"', name)
    assert number is not None
    send = """([frame, url]) => top.postMessage({__ddc: 1, id: 1, doc: 1, frame, url,
        method: "runtime.permission.requestAuthCode", params: {}}, "*")"""
    inner.evaluate(send, [number[1], frame.url])
    inner.evaluate(send.replace("top.", "top.frames[0]."), [number[1], frame.url])
    frame.evaluate(send, ["another", frame.url])
    page.evaluate(send.replace("top.", "window."), [number[1], frame.url])
    corp = site.corp_id
    assert android(frame, "runtime.permission", "requestAuthCode", {"corpId": corp})[0] == "ok"
    assert len([url for url in asked if url.endswith("/invoke")]) == 1


def test_an_apps_page_cannot_use_the_workbenchs_api(bench: Workbench) -> None:
    page = bench.go()
    frame = bench.open()
    wb = bench.site.workbench_url
    reached = frame.evaluate(
        """async (wb) => {
          const found = [];
          for (const [path, options] of [
            ["/api/desk", {}], ["/api/apps", {}], ["/api/desk", {method: "DELETE"}],
            ["/api/frames", {method: "POST", headers: {"X-Sanfang-Desk": "1"}, body: "{}"}],
          ]) {
            try {
              await fetch(wb + path, {credentials: "include", ...options});
              found.push(path);
            } catch {}
          }
          await fetch(wb + "/api/desk", {mode: "no-cors", method: "POST", credentials: "include"})
            .catch(() => {});
          return found;
        }""",
        wb,
    )
    assert reached == []
    page.reload()
    expect(page.locator(".me")).to_contain_text("张三")


def test_the_device_panel_is_kept_and_sent(bench: Workbench) -> None:
    page = bench.go(place="设备")
    page.get_by_role("button", name="北京").click()
    page.get_by_label("允许定位").uncheck()
    page.get_by_label("网络类型").select_option("3g")
    page.reload()
    bench.rail("设备")
    expect(page.get_by_label("纬度")).to_have_value("39.908823")
    expect(page.get_by_label("允许定位")).not_to_be_checked()
    bench.rail("工作台")
    frame = bench.open()
    answer = android(frame, "device.connection", "getNetworkType", {})
    assert answer == ["ok", {"result": "3g"}]


def test_a_covered_app_is_told_and_told_again_when_it_is_back(bench: Workbench) -> None:
    bench.go()
    frame = bench.open()
    frame.evaluate(
        """() => {
          window.heard = [];
          for (const name of ["pause", "resume"]) {
            document.addEventListener(name, () => heard.push(name));
          }
        }"""
    )
    bench.rail("消息")
    frame.wait_for_function("heard.length === 1")
    bench.rail("工作台")
    frame.wait_for_function("heard.length === 2")
    assert frame.evaluate("heard") == ["pause", "resume"]
