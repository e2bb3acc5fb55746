"""Unmodified official clients in the real workbench: every version, on every kind of client."""

from __future__ import annotations

from collections.abc import Iterator
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


@pytest.fixture
def app(site: Site, clients: dict[str, bytes]) -> App:
    """The app behind the site's micro-app."""
    return App(site, clients)


@pytest.fixture
def desk(site: Site, browser: Browser, app: App) -> Iterator[Desk]:
    """The administrator at the workbench."""
    with Desk(site, browser) as one:
        yield one


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
