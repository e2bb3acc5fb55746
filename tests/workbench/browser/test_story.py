"""The story that ``sanfang demo`` ends with, walked by a person with a keyboard and no mouse.

The demo's own processes, a real Chromium, and nothing in between: open the address it prints, open
签到看板, see it know the name, check in, pick a conversation, send, see it arrive at the other end.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

pytestmark = pytest.mark.process
ENV = {name: value for name, value in os.environ.items() if not name.startswith("SANFANG_")}
APP = "签到看板"
_FOCUSED = """() => {
  const at = document.activeElement;
  return at ? (at.getAttribute('aria-label') || at.innerText || at.value || at.id || '') : '';
}"""


# The first signatures a page gets are spoilt on their way.
_SPOIL = """{
  const real = window.fetch;
  window.fetch = async (url, options) => {
    const got = await real(url, options);
    if (!String(url).endsWith('dingtalk/config')) return got;
    const asked = Number(sessionStorage.getItem('asked')) + 1;
    sessionStorage.setItem('asked', asked);
    const config = await got.json();
    if (asked <= SPOILT) config.signature = '0'.repeat(64);
    return Response.json(config);
  };
}"""


@dataclass
class Demo:
    """The demo as it runs: where to click, and who is who."""

    address: str
    isv: str
    corp_id: str
    jia: str = ""
    yi: str = ""

    def of(self, userid: str) -> str:
        return self.address.rpartition("/")[0] + "/" + userid


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    data = tmp_path_factory.mktemp("demo")
    process = subprocess.Popen(
        [sys.executable, "-m", "sanfang.cli", "demo", "--json", "--data", str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=ENV,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            told = json.loads(line)
            if "addresses" in told:
                address, isv = told["addresses"]["workbench"], told["addresses"]["isv"]
                break
            assert told["ok"], told
        else:
            pytest.fail(f"the demo ended: {process.communicate(timeout=10)[1]}")
        corp_id, jia = address.partition("?as=")[2].split("/")
        yield Demo(address, isv, corp_id, jia, jia[:-1] + "1")
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture
def problems() -> Iterator[list[str]]:
    """What no page may do: throw, or be answered with a failure."""
    found: list[str] = []
    yield found
    assert found == []


def open_at(browser: Browser, address: str, problems: list[str], width: int = 1400) -> Page:
    context = browser.new_context(locale="zh-CN", viewport={"width": width, "height": 900})
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "response",
        lambda got: problems.append(f"{got.status} {got.url}") if got.status >= 500 else None,
    )
    page.goto(address)
    return page


def focused(page: Page) -> str:
    """What the focus is on, looking into the frame that has it."""
    for frame in reversed(page.frames):
        if frame.evaluate("() => document.hasFocus()"):
            said = str(frame.evaluate(_FOCUSED))
            if frame is page.main_frame and page.evaluate(
                "() => document.activeElement instanceof HTMLIFrameElement"
            ):
                continue
            return " ".join(said.split())
    return ""


def tab_to(page: Page, text: str, most: int = 60) -> None:
    """Press Tab until the focus is on something that says this."""
    seen = []
    for _ in range(most):
        page.keyboard.press("Tab")
        seen.append(focused(page))
        if text in seen[-1]:
            return
    pytest.fail(f"Tab never came to {text!r}; it went to {seen}")


def board_of(page: Page, flavour: str = "android") -> Frame:
    """The app's page in front."""
    held = page.locator(f".device.{flavour} iframe").last.element_handle()
    frame = held.content_frame() if held else None
    assert frame is not None
    frame.wait_for_url(lambda url: "/board/" in url)
    return frame


def press(page: Page, text: str) -> None:
    tab_to(page, text)
    page.keyboard.press("Enter")


def test_a_person_walks_the_story_by_keyboard(
    browser: Browser, demo: Demo, problems: list[str]
) -> None:
    other = open_at(browser, demo.of(demo.yi), problems)
    other.goto(other.url.partition("#")[0] + "#/messages")

    page = open_at(browser, demo.address, problems)
    assert urlsplit(page.url).hostname == "wb.sanfang.localhost"
    expect(page.get_by_text("测试员甲").first).to_be_visible()

    press(page, APP)
    board = board_of(page)
    expect(board.locator("h1")).to_have_text("测试员甲，你好")
    expect(board.locator("#mine")).to_contain_text("今天还没有签到")
    expect(board.get_by_role("img", name="研发部 1/2")).to_be_visible()

    press(page, "签到")
    expect(board.locator("#told")).to_contain_text("已签到")
    expect(board.get_by_role("img", name="研发部 2/2")).to_be_visible()

    board.locator("#check-in").focus()
    press(page, "分享到会话")
    dialog = page.locator(".device [role=dialog]").last
    expect(dialog).to_be_visible()
    tab_to(page, "测试员乙")
    page.keyboard.press("Enter")
    confirm = page.locator(".device [role=dialog]").last
    confirm.get_by_role("button", name="确定").or_(
        confirm.get_by_role("button", name="发送")
    ).first.focus()
    page.keyboard.press("Enter")
    expect(board.locator("#told")).to_contain_text("已分享到 · Shared to 测试员乙")

    # At the other end, where nobody has touched anything.
    expect(other.get_by_text("今天已有 2 人签到").first).to_be_visible()
    page.context.close()
    other.context.close()


@pytest.mark.parametrize("flavour", ["ios", "pc"])
def test_on_every_kind_of_client_it_knows_the_name(
    browser: Browser, demo: Demo, problems: list[str], flavour: str
) -> None:
    page = open_at(browser, demo.of(demo.yi), problems)
    page.locator(f"input[name=flavour][value={flavour}]").check(force=True)
    page.get_by_role("button", name=APP).click()
    board = board_of(page, flavour)
    expect(board.locator("h1")).to_have_text("测试员乙，你好")
    # However wide the page is, letters keep their size.
    letters = board.locator("svg text").first.evaluate("at => at.getBoundingClientRect().height")
    assert letters < 24
    if flavour == "pc":
        # A desktop has no position: the official package refuses by itself, the page asks in words.
        board.locator("#check-in").click()
        expect(board.locator("#place")).to_be_focused()
        page.keyboard.type("客户公司 <b>三楼</b>")
        page.keyboard.press("Enter")
        expect(board.locator("#told")).to_contain_text("已签到")
        expect(board.locator("#mine")).to_contain_text("客户公司 <b>三楼</b>")
    page.context.close()


@pytest.mark.parametrize("spoilt", [1, 99])
def test_a_page_whose_ticket_has_died_signs_again_once(
    browser: Browser, demo: Demo, problems: list[str], spoilt: int
) -> None:
    """52013 (F14): the first signature, or every one, is of a ticket that is dead."""
    page = open_at(browser, demo.address, problems)
    page.add_init_script(_SPOIL.replace("SPOILT", str(spoilt)))
    page.reload()
    page.get_by_role("button", name=APP).click()
    board_of(page).wait_for_function("() => sessionStorage.getItem('asked') === '2'")
    if spoilt == 1:
        board_of(page).locator("#check-in").click()
        expect(board_of(page).locator("#told")).to_contain_text("已签到")
    else:
        expect(board_of(page).locator("#told.bad")).to_contain_text("52013")
    assert board_of(page).evaluate("() => sessionStorage.getItem('asked')") == "2"
    # The official package's dd.ready leaves its own promise to nobody when dd.config fails.
    problems[:] = [one for one in problems if one != "Object"]
    page.context.close()


def test_with_location_switched_off_it_asks_in_words(
    browser: Browser, demo: Demo, problems: list[str]
) -> None:
    page = open_at(browser, demo.address, problems)
    page.evaluate(
        "async () => (await import('/static/workbench/device.js')).set('location', false)"
    )
    page.get_by_role("button", name=APP).click()
    board = board_of(page)
    board.locator("#check-in").click()
    expect(board.locator("#why")).to_contain_text("手机没有允许定位")
    expect(board.locator("#place")).to_be_focused()
    page.context.close()


def test_another_person_in_the_same_browser_is_another_person(
    browser: Browser, demo: Demo, problems: list[str]
) -> None:
    page = open_at(browser, demo.address, problems)
    page.get_by_role("button", name=APP).click()
    expect(board_of(page).locator("h1")).to_have_text("测试员甲，你好")
    page.goto(demo.of(demo.yi))
    page.get_by_role("button", name=APP).click()
    expect(board_of(page).locator("h1")).to_have_text("测试员乙，你好")
    page.context.close()


def test_outside_the_client_one_signs_in_on_the_web(
    browser: Browser, demo: Demo, problems: list[str]
) -> None:
    """The other door: OAuth2, with the platform's own sign-in page between."""
    page = open_at(browser, f"{demo.isv}/board/?corpid={demo.corp_id}", problems)
    expect(page.locator("#mine")).to_contain_text("请先登录")
    page.get_by_role("link", name="用钉钉登录").click()
    page.wait_for_url(lambda url: "/oauth2/auth" in url)
    assert urlsplit(page.url).netloc != urlsplit(demo.isv).netloc
    page.get_by_role("button", name="测试员乙").click()
    page.get_by_role("button", name="同意").first.click()
    page.wait_for_url(lambda url: url.startswith(f"{demo.isv}/board/"))
    expect(page.locator("h1")).to_have_text("测试员乙，你好")
    assert "code" not in page.url
    page.locator("#check-in").click()
    page.keyboard.type("家里")
    page.keyboard.press("Enter")
    expect(page.locator("#mine")).to_contain_text("家里")
    page.context.close()


def test_the_apps_page_is_light(browser: Browser, demo: Demo, problems: list[str]) -> None:
    """The ISV standard asks apps for 200 KB at first load."""
    page = open_at(browser, demo.address, problems)
    sizes: list[int] = []
    page.on(
        "response",
        lambda got: sizes.append(len(got.body())) if "://app-" in got.url and got.ok else None,
    )
    page.get_by_role("button", name=APP).click()
    expect(board_of(page).locator("h1")).to_contain_text("你好")
    assert 0 < sum(sizes) < 200_000
    page.context.close()
