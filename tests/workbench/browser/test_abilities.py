"""Abilities done by a person, in Chromium, called by the unmodified client of npm 3.2.9.

The app's page is open once for many tests, as a person would have it; each test leaves it as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from playwright.sync_api import Browser, FilePayload, Frame, expect

from sanfang.catalog import jsapi
from sanfang.platform.console.workbench import methods
from sanfang.platform.domain import conversations

from ..calling import PNG
from ..site import Site
from .app import App
from .driving import Desk, begin, finish

CANCELLED = "-1"


class Open:
    """The app, open in a flavour, with every ability granted."""

    def __init__(self, desk: Desk, flavour: str) -> None:
        self.desk = desk
        self.flavour = flavour
        self.frame: Frame = desk.open(flavour)
        names = [name for name in methods.names() if jsapi.gated(name)]
        said = self.frame.evaluate(
            "async (names) => configure(await signedConfig(names, {}))", names
        )
        assert said == {"ready": True}, said

    def call(self, name: str, /, **params: Any) -> Any:
        """The result of a call that nobody has to answer."""
        return _result(self.frame.evaluate("([n, p]) => call(n, p)", [name, params]))

    def code(self, name: str, /, **params: Any) -> str:
        """The code of a call that fails."""
        return _code(self.frame.evaluate("([n, p]) => call(n, p)", [name, params]))

    def begin(self, name: str, /, **params: Any) -> None:
        """Start a call; wait until its dialog has the focus."""
        begin(self.frame, name, params)
        self.desk.dialog.wait_for()

    def result(self) -> Any:
        """What came of the call that was begun."""
        done = _result(finish(self.frame))
        expect(self.desk.page.locator(".device .backdrop")).to_have_count(0)
        return done

    def failed(self) -> str:
        """The code of the call that was begun."""
        return _code(finish(self.frame))

    def key(self, *keys: str) -> None:
        for each in keys:
            self.desk.page.keyboard.press(each)

    def type(self, text: str) -> None:
        self.desk.page.keyboard.type(text)

    def press(self, name: str) -> None:
        self.desk.press(name)

    def toast(self, text: str) -> None:
        """Wait until a toast says something."""
        expect(self.desk.page.locator(".toast", has_text=text).last).to_be_visible()


def _result(done: dict[str, Any]) -> Any:
    """What the client gave: one-segment names know no onSuccess."""
    way = "success" if "success" in done else "resolved"
    assert way in done, done
    return done[way]


def _code(done: dict[str, Any]) -> str:
    error = done.get("fail") or done.get("cancel") or done.get("rejected")
    assert isinstance(error, dict), done
    return str(error["errorCode"])


@pytest.fixture(scope="module")
def desk(running_site: Site, browser: Browser, clients: dict[str, bytes]) -> Iterator[Desk]:
    running_site.pages.clear()
    App(running_site, clients)
    with Desk(running_site, browser) as one:
        yield one
    running_site.pages.clear()


@pytest.fixture(scope="module")
def phones(desk: Desk) -> dict[str, Open]:
    return {}


@pytest.fixture
def phone(desk: Desk, phones: dict[str, Open]) -> Open:
    return opened(desk, phones, "android")


@pytest.fixture
def pc(desk: Desk, phones: dict[str, Open]) -> Open:
    return opened(desk, phones, "pc")


def opened(desk: Desk, held: dict[str, Open], flavour: str) -> Open:
    """The app in a flavour; opened again when another one was in between."""
    if flavour not in held:
        held.clear()
        held[flavour] = Open(desk, flavour)
    return held[flavour]


def test_every_module_of_the_browser_loads(desk: Desk) -> None:
    """What index.js names is there, as functions, and nothing else is."""
    found = desk.page.evaluate(
        """async () => {
          const { MODULES, find } = await import("/static/abilities/index.js");
          const wrong = [];
          for (const [module, names] of Object.entries(MODULES)) {
            const { abilities } = await import(`/static/abilities/${module}.js`);
            const held = Object.keys(abilities).sort().join();
            if (held !== [...names].sort().join()) wrong.push(module);
            for (const name of names) if (typeof (await find(name)) !== "function") wrong.push(name);
          }
          if ((await find("biz.nothing.atAll")) !== undefined) wrong.push("nothing");
          return wrong;
        }"""
    )
    assert found == []


def test_dialogs_by_keyboard(phone: Open) -> None:
    phone.begin("device.notification.alert", message="<b>你好</b>", title="题", buttonName="知道了")
    expect(phone.desk.dialog).to_contain_text("<b>你好</b>")  # text, never markup
    phone.key("Enter")
    assert phone.result() == {}

    phone.begin("device.notification.confirm", message="?", buttonLabels=["甲", "乙"])
    phone.key("Shift+Tab", "Enter")
    assert phone.result() == {"buttonIndex": 0}
    phone.begin("device.notification.confirm", message="?", buttonLabels=["甲", "乙"])
    phone.key("Escape")
    assert phone.result() == {"buttonIndex": 0}

    phone.begin("device.notification.prompt", message="名字", defaultText="张", title="题")
    phone.key("End")
    phone.type("三")
    phone.key("Enter")
    assert phone.result() == {"buttonIndex": 1, "value": "张三"}


def test_sheets_and_layers(phone: Open) -> None:
    items = {"title": "题", "cancelButton": "取消", "otherButtons": ["一", "二"]}
    phone.begin("device.notification.actionSheet", **items)
    phone.key("Tab", "Enter")
    assert phone.result()["buttonIndex"] == 1  # npm adds a name of its own to it
    phone.begin("device.notification.actionSheet", **items)
    phone.key("Escape")
    assert phone.result()["buttonIndex"] == -1

    phone.begin(
        "device.notification.modal", title="标题", content="内容", buttonLabels=["了解", "好"]
    )
    phone.press("好")
    assert phone.result() == {"buttonIndex": 1}
    cells = [{"title": "一", "content": "x", "image": "javascript:alert(1)"}, {"title": "二"}]
    phone.begin("device.notification.extendModal", cells=cells, buttonLabels=["好"])
    expect(phone.desk.dialog.locator("h4")).to_have_text(["一", "二"])
    expect(phone.desk.dialog.locator("img")).to_have_count(0)
    phone.key("Escape")
    assert phone.result() == {"buttonIndex": -1}


def test_toasts_and_spinner(phone: Open) -> None:
    phone.call("device.notification.toast", text="存好了", icon="success", duration=1)
    phone.toast("存好了")
    phone.call("device.notification.showPreloader", text="使劲加载")
    phone.toast("使劲加载")
    phone.call("device.notification.hidePreloader")
    expect(phone.desk.page.locator(".spinner")).to_have_count(0)
    phone.call("device.notification.vibrate", duration=20)
    phone.toast("20 ms")


def test_what_was_typed(phone: Open) -> None:
    phone.begin("ui.input.plain", placeholder="说点什么", text="起")
    phone.key("End")
    phone.type("承")
    phone.press("发送")
    assert phone.result() == {"text": "起承"}
    phone.begin("ui.input.plain", placeholder="x")
    phone.key("Escape")
    assert phone.failed() == CANCELLED


def test_dates_and_times(phone: Open) -> None:
    dialog = phone.desk.dialog
    phone.begin("biz.util.datepicker", format="yyyy-MM-dd", value="2015-04-17")
    dialog.locator("input").fill("2016-02-29")
    phone.key("Enter")
    assert phone.result() == {"value": "2016-02-29"}
    phone.begin("biz.util.timepicker", format="HH:mm", value="14:00")
    phone.key("Enter")
    assert phone.result() == {"value": "14:00"}
    phone.begin("biz.util.datetimepicker", format="yyyy/M/d HH:mm", value="2015/4/7 08:05")
    phone.key("Enter")
    assert phone.result() == {"value": "2015/4/7 08:05"}
    phone.begin("biz.util.datepicker", format="yyyy-MM-dd", value="2015-02-31")  # no such day
    phone.key("Escape")
    assert phone.failed() == CANCELLED


def test_the_calendar(phone: Open) -> None:
    noon = phone.frame.evaluate("() => new Date(2024, 0, 15, 12, 0).getTime()")
    midnight, day = noon - 12 * 3600_000, 24 * 3600_000
    phone.begin("biz.calendar.chooseOneDay", default=noon)
    phone.press("确定")
    found = phone.result()
    assert found["chosen"] == midnight
    assert isinstance(found["timezone"], int | float)
    phone.begin("biz.calendar.chooseHalfDay", default=noon)
    phone.press("确定")
    assert phone.result()["chosen"] == noon
    phone.begin("biz.calendar.chooseDateTime", default=noon)
    phone.press("确定")
    assert phone.result()["chosen"] == noon
    phone.begin("biz.calendar.chooseInterval", defaultStart=noon + day, defaultEnd=noon)
    phone.press("确定")
    found = phone.result()
    assert (found["start"], found["end"]) == (midnight, midnight + day)


def test_lists(phone: Open) -> None:
    source = [{"key": "甲", "value": "1"}, {"key": "乙", "value": "2"}]
    phone.begin("biz.util.chosen", source=source, selectedKey="甲")
    phone.key("ArrowDown")
    phone.press("确定")
    assert phone.result() == {"key": "乙", "value": "2"}
    phone.begin("biz.util.multiSelect", options=["a", "b", "c"], selectOption=["a"])
    phone.key("Tab", "Tab", "Space")
    phone.press("确定")
    assert phone.result() == ["a", "c"]


def test_the_contact_picker_by_keyboard(phone: Open) -> None:
    phone.begin("biz.contact.complexPicker", multiple=True, maxUsers=2, limitTips="太多了")
    expect(phone.desk.dialog.locator(".ability-row input")).not_to_have_count(0)
    phone.type("李四")  # the search box has the focus
    box = phone.desk.dialog.get_by_role("checkbox", name="李四")
    expect(phone.desk.dialog.locator(".ability-row")).to_have_count(1)
    phone.key("Tab", "Space")
    expect(box).to_be_checked()
    phone.press("确定")
    found = phone.result()
    assert found["selectedCount"] == 1
    assert found["users"][0]["emplId"] == "li"
    phone.begin("biz.contact.complexPicker", multiple=True)
    phone.key("Escape")
    assert phone.failed() == CANCELLED


def test_the_picker_keeps_its_limits(phone: Open) -> None:
    given = {"users": ["zhang", "li", "wang"], "selectedUsers": ["zhang"], "max": 2}
    phone.begin("biz.customContact.multipleChoose", disabledUsers=["wang"], **given)
    dialog = phone.desk.dialog
    expect(dialog.get_by_role("checkbox", name="张三")).to_be_checked()
    expect(dialog.get_by_role("checkbox", name="王五")).to_be_disabled()
    dialog.get_by_role("checkbox", name="李四").check()
    phone.press("确定")
    assert [each["emplId"] for each in phone.result()] == ["zhang", "li"]
    phone.begin("biz.customContact.multipleChoose", **(given | {"max": 1}))
    dialog.get_by_role("checkbox", name="李四").click()
    phone.toast("最多选择 1")
    expect(dialog.get_by_role("checkbox", name="李四")).not_to_be_checked()
    phone.key("Escape")
    assert phone.failed() == CANCELLED
    phone.begin("biz.customContact.choose", users=["li", "wang"])
    dialog.get_by_role("radio", name="王五").check()
    dialog.get_by_role("radio", name="李四").check()
    phone.press("确定")
    assert [each["emplId"] for each in phone.result()] == ["li"]


def test_choosing_a_contact_on_the_desktop(pc: Open) -> None:
    pc.begin("biz.contact.choose", multiple=False, corpId=pc.desk.site.corp_id)
    pc.desk.dialog.get_by_role("radio", name="王五").check()
    pc.press("确定")
    assert pc.result() == [{"name": "王五", "avatar": "", "emplId": "wang"}]


def test_group_conversation_and_back_to_it(phone: Open) -> None:
    corp = phone.desk.site.corp_id
    phone.begin("biz.contact.createGroup", users=["li"], corpId=corp)
    phone.desk.dialog.get_by_role("checkbox", name="王五").check()
    phone.press("确定")
    chat = phone.result()["id"]

    phone.begin("biz.chat.chooseConversationByCorpId", corpId=corp)
    phone.type("张三、李四")
    phone.key("Tab", "Enter")
    found = phone.result()
    assert found["chatId"] == chat
    assert found["openConversationId"].startswith("cid")

    phone.begin("biz.chat.pickConversation", corpId=corp, isConfirm=True)
    phone.desk.pick("张三、李四、王五")
    expect(phone.desk.dialog).to_contain_text("确认选择")
    phone.press("确定")
    assert phone.result()["cid"] == found["openConversationId"]

    phone.begin("biz.chat.pickConversation", corpId=corp, isConfirm=False)
    phone.press("选择联系人")
    phone.desk.dialog.get_by_role("checkbox", name="李四").check()
    phone.press("确定")
    assert phone.result()["title"] == "李四"


def test_ding_and_telephone(phone: Open) -> None:
    corp = phone.desk.site.corp_id
    given = {"users": ["li"], "corpId": corp, "alertType": 2, "text": "开会"}
    phone.begin("biz.ding.create", **given)
    expect(phone.desk.dialog).to_contain_text("李四")
    phone.press("发送")
    assert phone.result() == {"dingCreateResult": True}
    phone.begin("biz.ding.create", **given)
    phone.key("Escape")
    assert phone.failed() == CANCELLED
    phone.begin("biz.telephone.call", users=["wang"], corpId=corp)
    phone.press("呼叫")
    assert phone.result() == {}
    phone.begin("biz.telephone.showCallMenu", phoneNumber="13800000000", code="+86")
    phone.key("Enter")
    assert phone.result() == {}


def test_the_title_bar(phone: Open) -> None:
    page = phone.desk.page
    phone.call("biz.navigation.setTitle", title="<i>我的标题</i>")
    expect(phone.desk.title).to_have_text("<i>我的标题</i>")
    phone.frame.evaluate(
        """() => {
          window.taps = [];
          const tell = (kind) => (data) => taps.push([kind, (data && data.id) || ""]);
          dd.biz.navigation.setRight({ show: true, control: true, text: "保存", onSuccess: tell("right") });
          dd.biz.navigation.setMenu({ items: [{ id: "7", iconId: "add", text: "帮助七" }], onSuccess: tell("menu") });
          dd.biz.navigation.setIcon({ showIcon: true, iconIndex: 1, onSuccess: tell("icon") });
        }"""
    )
    right = page.locator(".bar-right").last
    expect(right).to_have_text("保存")
    assert phone.frame.evaluate("() => taps") == []  # nobody has tapped yet
    right.click()
    right.click()
    page.locator(".bar-help").last.click()
    page.locator(".bar-more").last.click()
    page.get_by_role("button", name="帮助七").click()
    phone.frame.wait_for_function("() => taps.length === 4")
    assert phone.frame.evaluate("() => taps") == [
        ["right", ""],
        ["right", ""],
        ["icon", ""],
        ["menu", "7"],
    ]


def test_the_left_button_of_the_desktop(pc: Open) -> None:
    pc.frame.evaluate(
        "() => { window.left = 0; dd.on('leftBtnClick', () => { left += 1; });"
        " dd.biz.navigation.setLeft({ control: true, text: '返回' }); }"
    )
    expect(pc.desk.page.locator(".bar-left").last).to_contain_text("返回")
    pc.desk.page.locator(".bar-left").last.click()
    pc.frame.wait_for_function("() => left === 1")


def test_a_panel_returns_what_its_page_quits_with(pc: Open) -> None:
    page = pc.desk.page
    begin(pc.frame, "biz.util.openSlidePanel", {"url": f"{pc.frame.url.partition('?')[0]}?panel"})
    expect(page.locator(".device.pc iframe")).to_have_count(2)
    panel = pc.desk.shown("pc")
    panel.evaluate("() => { dd.biz.navigation.quit({ message: { chosen: 42 } }); }")
    assert finish(pc.frame)["success"] == {"chosen": 42}
    expect(page.locator(".device.pc")).to_have_count(1)

    begin(pc.frame, "biz.util.openModal", {"url": "/pc?modal", "size": "mini", "title": "小窗"})
    expect(page.locator(".device.pc iframe")).to_have_count(2)
    pc.desk.shown("pc")
    expect(pc.desk.title).to_have_text(re.compile("小窗|签到"))
    page.locator(".device.pc.modal .bar-close").click()
    assert _code(finish(pc.frame)) == CANCELLED


def test_links_and_replacing(phone: Open) -> None:
    page = phone.desk.page
    phone.call("biz.util.openLink", url="/second?x=1")
    expect(page.locator(".device.android iframe")).to_have_count(2)
    shown = phone.desk.shown("android")
    assert "/second?x=1" in shown.url
    shown.evaluate("() => { dd.biz.navigation.close({}); }")
    expect(page.locator(".device.android")).to_have_count(1)
    assert phone.code("biz.util.openLink", url="javascript:alert(1)") == "2"
    phone.call("biz.util.openLink", url="https://elsewhere.example/x")
    expect(phone.desk.dialog.get_by_role("link")).to_have_attribute(
        "href", "https://elsewhere.example/x"
    )
    phone.key("Escape")


def test_profile_of_a_member(phone: Open) -> None:
    begin(phone.frame, "biz.util.open", {"name": "profile", "params": {"id": "li"}})
    expect(phone.desk.dialog).to_contain_text("李四")
    phone.key("Escape")
    assert phone.result() == {}


def test_storage_is_each_apps_and_members_own(phone: Open, desk: Desk) -> None:
    for name in ("名", "__proto__"):
        phone.call("util.domainStorage.setItem", name=name, value="值1")
        assert phone.call("util.domainStorage.getItem", name=name)["value"] == "值1"
    info = phone.call("util.domainStorage.getStorageInfo")
    assert set(info["keys"]) == {"名", "__proto__"}
    phone.call("util.domainStorage.removeItem", name="名")
    assert phone.call("util.domainStorage.getItem", name="名")["value"] is None
    keys = desk.page.evaluate(
        "() => Object.keys(localStorage).filter((k) => k.includes('storage'))"
    )
    assert keys == [f"sanfang-storage/{desk.site.corp_id}/zhang/{desk.site.agent_id}"]


def picture(name: str = "图.png") -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": PNG}


def test_pictures_are_uploaded_shown_and_compressed(phone: Open) -> None:
    phone.begin("biz.util.uploadImage", multiple=True, max=2)
    phone.desk.dialog.locator("input[type=file]").set_input_files([picture(), picture("二.png")])
    phone.press("上传")
    urls = phone.result()
    assert len(urls) == 2
    assert all(url.startswith(f"{phone.desk.site.workbench_url}/api/media/") for url in urls)
    size = phone.frame.evaluate(
        "(url) => new Promise((ok) => { const i = new Image();"
        " i.onload = () => ok(i.naturalWidth); i.onerror = () => ok(0); i.src = url; })",
        urls[0],
    )
    assert size == 1  # the app's own page can show it

    phone.call("biz.util.previewImage", urls=urls, current=urls[1])
    expect(phone.desk.dialog).to_contain_text("2 / 2")
    phone.key("ArrowLeft")
    expect(phone.desk.dialog).to_contain_text("1 / 2")
    phone.key("Escape")

    small = phone.call("biz.util.compressImage", filePaths=urls[:1], compressLevel=1)
    assert small["filePaths"][0] != urls[0]
    assert phone.code("biz.util.compressImage", filePaths=["http://a.example/x"]) == "3"

    phone.begin("biz.util.chooseImage", count=1)
    phone.desk.dialog.locator("input[type=file]").set_input_files([picture()])
    phone.press("上传")
    found = phone.result()
    assert found["files"] == [{"path": found["filePaths"][0], "size": len(PNG), "fileType": "png"}]
    phone.begin("biz.util.uploadImageFromCamera")
    phone.press("取消")
    assert phone.failed() == CANCELLED


def test_a_download_with_progress(pc: Open) -> None:
    site, page = pc.desk.site, pc.desk.page
    site.pages["/报表.csv"] = web.Response(body=b"x" * 100_000, content_type="text/csv")
    url = f"{site.vhost('pc')}/%E6%8A%A5%E8%A1%A8.csv"
    before = pc.call("biz.util.isLocalFileExist", params=[{"url": url}])
    assert before == [{"url": url, "path": "", "isExist": False}]
    assert pc.code("biz.util.openLocalFile", url=url) == "3"
    with page.expect_download() as download:
        pc.frame.evaluate(
            """(url) => { window.parts = []; window.later = new Promise((ok) => {
              dd.biz.util.downloadFile({ url, name: "报表.csv", onProgress: (p) => parts.push(p),
                onSuccess: (r) => ok({ success: r }), onFail: (e) => ok({ fail: e }) }); }); }""",
            url,
        )
    assert download.value.suggested_filename == "报表.csv"
    assert finish(pc.frame)["success"] == {}
    parts = pc.frame.evaluate("() => parts")
    assert parts[-1]["loaded"] == parts[-1]["total"] == 100_000
    assert parts[-1]["progress"] == 100
    assert pc.call("biz.util.isLocalFileExist", params=[{"url": url}])[0]["isExist"] is True
    pc.begin("biz.util.openLocalFile", url=url)
    expect(pc.desk.dialog.get_by_role("link", name="保存")).to_be_focused()
    pc.key("Escape")
    assert pc.result() == {}


def test_the_drive(phone: Open) -> None:
    site, corp = phone.desk.site, phone.desk.site.corp_id
    site.pages["/file.png"] = web.Response(body=PNG, content_type="image/png")
    given = {"corpId": corp, "url": f"{site.vhost()}/file.png", "name": "钉盘图.png"}
    phone.begin("biz.cspace.saveFile", **given)
    phone.press("选择此文件夹")
    phone.toast("请先进入一个空间")
    phone.desk.pick("应用空间")
    expect(phone.desk.dialog.locator(".ability-trail button")).to_have_count(2)
    phone.press("选择此文件夹")
    (saved,) = phone.result()["data"]
    assert saved["fileSize"] == str(len(PNG))

    preview = {key: saved[key] for key in ("spaceId", "fileId", "fileName", "fileSize", "fileType")}
    phone.call("biz.cspace.preview", corpId=corp, **preview)
    image = phone.desk.dialog.locator("img.ability-picture")
    expect(image).to_be_visible()
    assert image.evaluate("async (i) => { await i.decode(); return i.naturalWidth; }") == 1
    phone.key("Escape")

    phone.begin(
        "biz.util.uploadAttachment",
        types=["photo", "file", "space"],
        file={"max": 1},
        space={"max": 1},
    )
    phone.press("钉盘")
    phone.desk.pick("应用空间")
    phone.desk.dialog.get_by_role("checkbox", name="钉盘图").first.check()
    phone.press("选择文件")
    found = phone.result()
    assert found["type"] == "space"
    assert found["data"][0]["fileName"].startswith("钉盘图")

    phone.begin("biz.util.uploadAttachment", types=["file"], file={"max": 2})
    text: FilePayload = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"hello"}
    phone.desk.dialog.locator("input[type=file]").set_input_files([text])
    phone.press("上传")
    found = phone.result()
    assert (found["type"], found["data"][0]["fileSize"]) == ("file", 5)


def test_scanning_tags_and_cards(phone: Open) -> None:
    phone.begin("biz.util.scan", type="qrCode")
    phone.desk.dialog.locator("input").fill("二维码里的字")
    phone.key("Enter")
    assert phone.result() == {"text": "二维码里的字"}
    phone.begin("device.nfc.nfcWrite", content="标签一")
    phone.press("写入")
    phone.result()
    phone.begin("device.nfc.nfcRead")
    phone.key("Enter")
    assert phone.result() == {"content": "标签一"}
    phone.begin("biz.util.scanCard")
    phone.key("Enter")
    assert phone.result()["NAME"] == "张三"
    phone.begin("biz.contact.chooseMobileContacts", multiple=False)
    phone.press("确定")
    assert phone.result()[0]["mobile"] == "13800000001"


def test_positions_maps_and_permission(phone: Open) -> None:
    page = phone.desk.page
    set_ = "async ([n, v]) => (await import('/static/workbench/device.js')).set(n, v)"
    given = {"targetAccuracy": 200, "coordinate": 1, "withReGeocode": True, "useCache": False}
    assert phone.call("device.geolocation.get", **given)["city"] == "杭州市"
    page.evaluate(set_, ["location", False])
    assert phone.code("device.geolocation.get", **given) == "4"
    page.evaluate(set_, ["location", True])

    phone.begin("biz.map.locate")
    phone.type("天安门")
    phone.key("Tab", "Enter")
    assert phone.result()["adName"] == "东城区"
    phone.begin("biz.map.view", latitude=30.27, longitude=120.15, title="这里")
    expect(phone.desk.dialog).to_contain_text("这里")
    phone.key("Enter")
    phone.result()

    start = {"targetAccuracy": 200, "callBackInterval": 1000, "sceneId": "s1", "useCache": True}
    start |= {"iOSDistanceFilter": 1, "withReGeocode": False}
    assert phone.call("device.geolocation.start", **start)["latitude"]
    assert phone.call("device.geolocation.status", sceneIds=["s1"])[0]["s1"] == 1
    assert phone.call("device.geolocation.stop", sceneId="s1") == {"sceneId": "s1"}
    assert phone.call("device.geolocation.status", sceneIds=["s1"])[0]["s1"] == 0


def test_shaking_rotating_pulling(phone: Open) -> None:
    page = phone.desk.page
    phone.frame.evaluate(
        "() => { window.shakes = 0; window.pulls = 0;"
        " document.addEventListener('pullToRefresh', () => { pulls += 1; });"
        " dd.device.accelerometer.watchShake({ sensitivity: 3, frequency: 150, callbackDelay: 0,"
        "   onSuccess: () => { shakes += 1; } }); }"
    )
    shake = page.get_by_role("button", name="摇一摇")
    shake.click()
    shake.click()
    phone.frame.wait_for_function("() => shakes === 2")
    phone.call("device.accelerometer.clearShake")
    expect(shake).to_have_count(0)

    phone.call("ui.pullToRefresh.enable")
    page.get_by_role("button", name="下拉刷新").click()
    phone.frame.wait_for_function("() => pulls === 1")
    phone.call("ui.pullToRefresh.disable")
    expect(page.get_by_role("button", name="下拉刷新")).to_have_count(0)

    phone.call("device.screen.rotateView", showStatusBar=True, clockwise=True)
    expect(page.locator(".device.android")).to_have_class(re.compile("landscape"))
    phone.call("device.screen.resetView")
    expect(page.locator(".device.android")).not_to_have_class(re.compile("landscape"))


def test_a_voice_is_recorded_and_played(phone: Open) -> None:
    phone.call("device.audio.startRecord", maxDuration=5)
    assert phone.code("device.audio.startRecord") == "3"
    voice = phone.call("device.audio.stopRecord")
    assert voice["mediaId"]
    assert phone.code("device.audio.stopRecord") == "3"
    local = phone.call("device.audio.download", mediaId=voice["mediaId"])["localAudioId"]
    assert phone.code("device.audio.download", mediaId="@lATnothing") == "3"
    phone.call("device.audio.play", localAudioId=local)
    phone.call("device.audio.stop", localAudioId=local)
    phone.begin("device.audio.translateVoice", mediaId=voice["mediaId"], duration=1)
    phone.desk.dialog.locator("textarea").fill("你好")
    phone.press("确定")
    assert phone.result()["content"] == "你好"


def test_what_the_container_lacks_is_answered_with_1(phone: Open) -> None:
    error = phone.frame.evaluate("() => call('biz.util.systemShare', {})")
    error = error.get("fail") or error.get("rejected")
    assert error == {
        "errorCode": "1",
        "errorMessage": "biz.util.systemShare is not implemented by this container",
    }


def test_a_dialog_goes_with_its_page(phone: Open, phones: dict[str, Open]) -> None:
    phone.begin("device.notification.confirm", message="还在吗")
    phone.desk.reload(phone.frame)
    expect(phone.desk.page.locator(".device .backdrop")).to_have_count(0)
    phones.clear()  # what was granted went with the page


def test_the_clipboard_and_sharing(phone: Open) -> None:
    phone.desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    phone.desk.page.bring_to_front()
    begin(phone.frame, "biz.clipboardData.setData", {"text": "剪贴"})
    done = finish(phone.frame)
    assert done["success"] == {}
    site = phone.desk.site
    site.run(conversations.open_conversation(site.core, site.corp_id, ["zhang", "li"]))
    phone.begin(
        "biz.util.share", type=0, url="http://a.example/", title="分享", content="c", image=""
    )
    phone.desk.dialog.locator(".ability-row").first.click()
    assert phone.result()["result"] == 1


def test_conversations_open_in_the_workbench(phone: Open, phones: dict[str, Open]) -> None:
    corp = phone.desk.site.corp_id
    begin(phone.frame, "biz.chat.openSingleChat", {"corpId": corp, "userId": "li"})
    expect(phone.desk.page.get_by_role("heading", name="李四")).to_be_visible()
    phones.clear()
    phone.desk.page.goto(phone.desk.site.workbench_url)


def test_taps_and_cancelling_on_ios(desk: Desk, phones: dict[str, Open]) -> None:
    """iOS hears of taps through a handler, and of cancelling by onCancel or onFail."""
    phone = opened(desk, phones, "ios")
    phone.frame.evaluate(
        """() => { window.taps = [];
          dd.biz.navigation.setRight({ show: true, control: true, text: "完成", onSuccess: () => taps.push("right") });
          dd.biz.navigation.setMenu({ items: [{ id: "a", text: "甲项" }], onSuccess: (d) => taps.push(d.id) }); }"""
    )
    page = desk.page
    expect(page.locator(".bar-right").last).to_have_text("完成")
    page.locator(".bar-right").last.click()
    page.locator(".bar-more").last.click()
    page.get_by_role("button", name="甲项").click()
    phone.frame.wait_for_function("() => taps.length === 2")
    assert phone.frame.evaluate("() => taps") == ["right", "a"]
    phone.begin("biz.contact.createGroup", users=[], corpId=desk.site.corp_id)
    phone.key("Escape")
    assert phone.failed() == CANCELLED
    assert phone.call("device.connection.getNetworkType")["netWorkType"] == "wifi"  # npm's name


def test_one_segment_names_of_npm_3(phone: Open) -> None:
    corp = phone.desk.site.corp_id
    phone.begin("alert", title="题", content="新", buttonText="好的")
    expect(phone.desk.dialog).to_contain_text("新")
    phone.press("好的")
    phone.result()
    phone.call("setStorage", name="k", value="v")
    assert phone.call("getStorage", name="k")["value"] == "v"
    phone.begin("complexChoose", corpId=corp, multiple=False, maxUsers=1)
    phone.desk.dialog.get_by_role("radio", name="李四").check()
    phone.press("确定")
    assert phone.result()["selectedCount"] == 1
    assert phone.call("getSystemInfo")["screenWidth"] > 0
    phone.begin("singleSelect", source=[{"key": "甲", "value": "1"}], selectedKey="甲")
    phone.press("确定")
    assert phone.result()["value"] == "1"


def test_a_ding_appears_among_the_receivers_notifications(phone: Open) -> None:
    site = phone.desk.site
    phone.begin("biz.ding.post", users=["li"], type=1, corpId=site.corp_id, text="叮一下")
    phone.press("发送")
    phone.result()
    entries = site.api("GET", "/api/conversations", desk=site.sign_in("li")).json
    listed = entries if isinstance(entries, list) else entries["conversations"]
    assert any("叮一下" in each["last_text"] for each in listed)
