"""Take the pictures of docs/jsapi.md: the workbench as a person meets it, in headless Chromium.

    PYTHONPATH=src:. python tools/workbench_pictures.py

A site (tests/workbench/site.py) is started for it and thrown away afterwards.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402
from tests.workbench.browser.bench import Workbench, android  # noqa: E402
from tests.workbench.conftest import ARGUMENTS, CHROMIUM  # noqa: E402
from tests.workbench.site import Site, a_site  # noqa: E402
from tests.workbench.test_api_frames import signed, ticket  # noqa: E402
from tests.workbench.test_api_talk import app_of  # noqa: E402

from sanfang.platform.domain import conversations, messages, micro_apps  # noqa: E402

FOLDER = ROOT / "docs" / "images"
PAGE = """<!doctype html><html lang="zh-CN"><meta name="viewport" content="width=device-width">
<title>报销</title><style>
body{font:16px/1.6 system-ui,sans-serif;margin:0;padding:16px;background:#f5f6f8;color:#1d2430}
section{background:#fff;border-radius:10px;padding:14px 16px;margin-bottom:12px}
b{float:right}button{font:inherit;width:100%;padding:10px;border:0;border-radius:8px;
background:#1456c8;color:#fff}</style>
<section>差旅费 <b>¥ 1,280.00</b></section><section>业务招待 <b>¥ 366.00</b></section>
<section>办公用品 <b>¥ 58.50</b></section><button>选择审批人</button></html>"""
CARD = {
    "title": "报销审批",
    "markdown": "### 李四的报销\n\n- 差旅费 **¥ 1,280.00**\n- 业务招待 ¥ 366.00\n\n> 请在今天处理",
    "btn_orientation": "1",
    "btn_json_list": [
        {"title": "同意", "action_url": "https://app.example.com/yes"},
        {"title": "拒绝", "action_url": "https://app.example.com/no"},
    ],
}
OA = {
    "message_url": "https://app.example.com/42",
    "head": {"bgcolor": "FF1456C8", "text": "报销"},
    "body": {
        "title": "报销单 20260042",
        "form": [{"key": "申请人：", "value": "李四"}, {"key": "部门：", "value": "研发部"}],
        "rich": {"num": "1,704.50", "unit": " 元"},
        "author": "王五",
    },
}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with a_site() as site, sync_playwright() as playwright:
        _furnish(site)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        _signing_in(site, browser)
        _phone(site, browser)
        _failure(site, browser)
        _messages(site, browser)
        _desktop(site, browser)
        browser.close()


def _furnish(site: Site) -> None:
    site.pages["/"] = site.pages["/pc"] = PAGE
    change = micro_apps.update_app(
        site.core,
        site.corp_id,
        site.agent_id,
        micro_apps.NEW,
        name="报销",
        description="填单、审批、打款",
        home_url=f"{site.app.origin}/?corpid=$CORPID$&dd_nav_bgcolor=FF1456C8",
    )
    site.run(change)


def _signing_in(site: Site, browser: Browser) -> None:
    bench = Workbench(site, browser.new_context(**_view(760, 560)))
    page = bench.go()
    page.wait_for_selector(".person")
    _shoot(page, "workbench-signin")
    bench.context.close()


def _phone(site: Site, browser: Browser) -> None:
    bench = _signed_in(site, browser)
    frame = _opened(bench)
    config = signed(site, frame.url, "biz.contact.choose")
    android(frame, "runtime.permission", "requestJsApis", config)
    android(frame, "runtime.permission", "requestAuthCode", {"corpId": site.corp_id})
    params = {"corpId": site.corp_id, "multiple": True, "users": []}
    frame.evaluate(
        "(p) => void window.nuva.require()(() => {}, () => {}, 'biz.contact', 'choose', p)", params
    )
    bench.page.wait_for_selector(".dialog .ability-row")
    _shoot(bench.page, "workbench-phone")
    bench.context.close()


def _failure(site: Site, browser: Browser) -> None:
    bench = _signed_in(site, browser, height=1180)
    frame = _opened(bench)
    frame.evaluate("location.hash = '#/list'")
    config = signed(site, frame.url)  # and then over the address with its hash left on
    text = f"jsapi_ticket={ticket(site)}&noncestr=abc&timestamp=1700000000&url={frame.url}"
    config["signature"] = hashlib.sha1(text.encode()).hexdigest()  # noqa: S324
    android(frame, "runtime.permission", "requestJsApis", config)
    bench.page.wait_for_selector(".failure")
    _shoot(bench.page, "workbench-failure")
    bench.context.close()


def _messages(site: Site, browser: Browser) -> None:
    bench = _signed_in(site, browser)
    for kind, body in (("oa", OA), ("action_card", CARD)):
        _notify(site, kind, body)
    cid = site.run(conversations.open_conversation(site.core, site.corp_id, ["zhang", "li"]))
    said = conversations.say(
        site.core,
        site.corp_id,
        sender="li",
        cid=cid,
        msgtype="text",
        body={"content": "麻烦看一下我的报销"},
        app="",
    )
    site.run(said)
    page = bench.go(f"/#/messages/app:{site.agent_id}")
    page.wait_for_selector("body[data-live=on]")
    page.locator(".message[data-type=action_card]").wait_for()
    _shoot(page, "workbench-messages")
    bench.context.close()


def _desktop(site: Site, browser: Browser) -> None:
    bench = _signed_in(site, browser, dark=True)
    page = bench.go()
    page.locator("input[value=pc]").check(force=True)
    _opened(bench, go=False)
    bench.rail("设备")
    page.wait_for_selector(".device-panel")
    _shoot(page, "workbench-desktop")
    bench.context.close()


def _notify(site: Site, kind: str, body: dict[str, Any]) -> None:
    site.run(
        messages.send(
            site.core,
            app_of(site),
            agent_id=site.agent_id,
            touser=["zhang"],
            toparty=[],
            to_all=False,
            msgtype=kind,
            body=body,
        )
    )


def _signed_in(site: Site, browser: Browser, *, height: int = 820, dark: bool = False) -> Workbench:
    view = _view(1280, height) | ({"color_scheme": "dark"} if dark else {})
    context = browser.new_context(**view)
    context.add_cookies([site.cookie("zhang")])  # type: ignore[list-item]
    return Workbench(site, context)


def _opened(bench: Workbench, *, go: bool = True) -> Any:
    page = bench.go() if go else bench.page
    page.locator(".app", has_text="报销").click()
    frame = bench.frame()
    page.wait_for_selector(".calls li")
    return frame


def _view(width: int, height: int) -> dict[str, Any]:
    return {"viewport": {"width": width, "height": height}, "locale": "zh-CN"}


def _shoot(page: Page, name: str) -> None:
    page.screenshot(path=FOLDER / f"{name}.png")
    sys.stdout.write(f"docs/images/{name}.png\n")


if __name__ == "__main__":
    main()
