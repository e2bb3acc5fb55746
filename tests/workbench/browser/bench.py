"""The workbench as a person has it before them: what it shows, and what went wrong there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from sanfang.platform.domain import micro_apps

from ..site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

APP = "<!doctype html><title>签到</title><h1>app</h1>"
MARKUP = "<img src=x onerror=alert(1)><b>粗</b>"


class Workbench:
    """A browser with the workbench in it, and what went wrong there."""

    def __init__(self, site: Site, context: BrowserContext) -> None:
        self.site = site
        self.context = context
        self.page: Page = context.new_page()
        self.page.set_default_timeout(10_000)
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("dialog", lambda dialog: self.problems.append(dialog.message))
        self.page.on("console", self._said)

    def _said(self, message: Any) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.problems.append(message.text)

    def go(self, path: str = "/", *, place: str = "") -> Page:
        self.page.goto(f"{self.site.workbench_url}{path}")
        if place:
            self.rail(place)
        return self.page

    def rail(self, place: str) -> None:
        self.page.locator(".rail-item", has_text=place).click()

    def open(self) -> Any:
        """Open the app and return the frame its page is in."""
        self.page.locator(".app", has_text="示例应用").click()
        return self.frame()

    def frame(self) -> Any:
        handle = self.page.locator(".device iframe").last.element_handle()
        frame = handle.content_frame() if handle else None
        assert frame is not None
        frame.wait_for_url(re.compile(r"http://app-"))
        frame.wait_for_load_state()
        return frame


def android(frame: Any, service: str, action: str, params: dict[str, Any]) -> Any:
    """Call as the Android client's library does; ('ok' or 'fail', answer)."""
    return frame.evaluate(
        """([s, a, p]) => new Promise((done) => window.nuva.require()(
             (r) => done(["ok", r]), (e) => done(["fail", e]), s, a, p))""",
        [service, action, params],
    )


class home:  # noqa: N801 - reads as a word in a with statement
    """The app's home page is another one for a while."""

    def __init__(self, site: Site, url: str, **more: str) -> None:
        self.site = site
        self.change = {"home_url": url, **more}

    def __enter__(self) -> None:
        self._set(self.change)

    def __exit__(self, *_: object) -> None:
        self._set({"home_url": f"{self.site.app.origin}/?corpid=$CORPID$", "name": "示例应用"})

    def _set(self, change: dict[str, str]) -> None:
        site = self.site
        site.run(
            micro_apps.update_app(site.core, site.corp_id, site.agent_id, micro_apps.NEW, **change)
        )


def contrast(locator: Any) -> float:
    return float(
        locator.evaluate(
            """(e) => {
              const light = (text) => {
                const s = text.match(/[\\d.]+/g).slice(0, 3).map((v) => {
                  v /= 255;
                  return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
                });
                return 0.2126 * s[0] + 0.7152 * s[1] + 0.0722 * s[2];
              };
              const a = light(getComputedStyle(e).color);
              const b = light(getComputedStyle(e.closest(".bar")).backgroundColor);
              return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            }"""
        )
    )


@pytest.fixture
def bench(site: Site, browser: Browser) -> Iterator[Workbench]:
    """Signed in as zhang."""
    site.pages["/"] = site.pages["/pc"] = APP
    context = browser.new_context(locale="zh-CN", viewport={"width": 1400, "height": 900})
    context.add_cookies([site.cookie("zhang")])  # type: ignore[list-item]
    one = Workbench(site, context)
    yield one
    assert one.problems == []
    context.close()


@pytest.fixture
def stranger(site: Site, browser: Browser) -> Iterator[Workbench]:
    """Not signed in."""
    site.pages["/"] = site.pages["/pc"] = APP
    context = browser.new_context(locale="zh-CN", viewport={"width": 1400, "height": 900})
    one = Workbench(site, context)
    yield one
    assert one.problems == []
    context.close()
