"""A member's hands at the workbench: opens apps, presses buttons, reads what is shown."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import Browser, Frame, Locator, Page, expect

from ..site import Site

_LOADED = "() => document.readyState === 'complete' && typeof window.call === 'function'"


class Desk:
    """One member signed in at the workbench, in a browser of their own.

    Args:
        version: what the device simulator says the client's version is.

    Attributes:
        page: the workbench.
        calls: bodies of the calls it passed to the platform, in order.
        problems: uncaught errors of any page, and answers of the platform with 500 or more.
    """

    def __init__(
        self, site: Site, browser: Browser, userid: str = "zhang", version: str = ""
    ) -> None:
        self.site = site
        self.calls: list[dict[str, Any]] = []
        self.problems: list[str] = []
        self.context = browser.new_context(locale="zh-CN", viewport={"width": 1400, "height": 900})
        self.context.set_default_timeout(15_000)
        self.context.add_cookies([site.cookie(userid)])  # type: ignore[list-item]
        self.page: Page = self.context.new_page()
        self.page.on("request", self._requested)
        self.page.on("pageerror", self._failed)
        self.page.on("response", self._answered)
        self.page.goto(site.workbench_url)
        if version:
            self.pretend(version)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.context.close()
        if kind is None:
            assert not self.problems, self.problems

    def _requested(self, request: Any) -> None:
        if request.url.endswith("/invoke"):
            self.calls.append(json.loads(request.post_data or "{}"))

    def _failed(self, error: Exception) -> None:
        # "Object": the clients leave a rejected promise behind for every dd.config that fails.
        if str(error) != "Object":
            self.problems.append(str(error))

    def _answered(self, response: Any) -> None:
        if response.status >= 500:
            self.problems.append(f"{response.status} {response.url}")

    def clear(self) -> None:
        """Close what is open, and forget what was called and what went wrong."""
        close = self.page.locator(".stage .toolbar").get_by_role("button", name="关闭")
        if close.is_enabled():
            close.click()
        expect(self.page.locator(".device")).to_have_count(0)
        self.calls.clear()
        self.problems.clear()

    def pretend(self, version: str) -> None:
        """Set the simulator's client version; the next frame has it."""
        self.page.evaluate(
            "async (v) => (await import('/static/workbench/device.js')).set('version', v)", version
        )

    def open(self, flavour: str) -> Frame:
        """Open the app in a flavour; the frame of its page, loaded."""
        self.page.locator(f"input[name=flavour][value={flavour}]").check(force=True)
        self.page.get_by_role("button", name="示例应用").click()
        return self.shown(flavour)

    def shown(self, flavour: str) -> Frame:
        """The app's page in front, loaded."""
        found = self.page.locator(f".device.{flavour} iframe").last.element_handle()
        frame = found.content_frame() if found else None
        assert frame is not None
        frame.wait_for_url(lambda url: url.startswith(self.site.vhost(flavour)))
        frame.wait_for_function(_LOADED)
        return frame

    def reload(self, frame: Frame) -> Frame:
        """Load the app's page anew, as its own script would."""
        frame.evaluate("() => { window.call = null; location.reload(); }")
        frame.wait_for_function(_LOADED)
        return frame

    @property
    def title(self) -> Locator:
        """The title bar's text of the page in front."""
        return self.page.locator(".device .bar-title").last

    @property
    def dialog(self) -> Locator:
        """What lies over the app's page."""
        return self.page.locator(".device .layer [role=dialog]").last

    def press(self, name: str) -> None:
        """Press a button of the dialog in front."""
        self.dialog.get_by_role("button", name=name).first.click()

    def pick(self, text: str) -> None:
        """Choose a row of the picker in front."""
        self.dialog.locator(".ability-row", has_text=text).first.click()


def begin(frame: Frame, name: str, params: dict[str, Any]) -> None:
    """Start a call that somebody will have to answer by hand."""
    frame.evaluate("([n, p]) => { window.later = call(n, p); }", [name, params])


def finish(frame: Frame) -> Any:
    """What came of the call begun last, in every way the client told it."""
    return frame.evaluate("() => window.later")
