"""Abilities on the server: parameters, corp, device, constants. Called over HTTP as the workbench does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sanfang.catalog import jsapi
from sanfang.platform.console.workbench import methods
from sanfang.platform.console.workbench.methods.geodesy import Point, distance, to_gcj02, to_wgs84
from sanfang.platform.console.workbench.methods.parameters import FIELDS

from .calling import PageOf
from .site import Site

STATIC = Path(methods.__file__).parents[2] / "static" / "abilities"

# jsapi.md 8.5, as bridge names.
WANTED = """
runtime.permission.requestAuthCode runtime.permission.requestAuthCodeV2
runtime.permission.requestOperateAuthCode runtime.info
device.notification.alert device.notification.confirm device.notification.prompt
device.notification.toast device.notification.showPreloader device.notification.hidePreloader
device.notification.vibrate device.notification.actionSheet device.notification.modal
device.notification.extendModal
biz.navigation.setTitle biz.navigation.setLeft biz.navigation.setRight biz.navigation.setMenu
biz.navigation.setIcon biz.navigation.close biz.navigation.quit biz.navigation.goBack
biz.navigation.replace
biz.util.openLink biz.util.open biz.util.openModal biz.util.openSlidePanel
biz.contact.choose biz.contact.complexChoose biz.contact.complexPicker
biz.contact.departmentsPicker biz.customContact.choose biz.customContact.multipleChoose
biz.contact.createGroup biz.chat.pickConversation biz.chat.chooseConversationByCorpId
biz.chat.toConversation biz.chat.toConversationByOpenConversationId biz.chat.openSingleChat
biz.ding.post biz.ding.create biz.telephone.call
biz.util.uploadImage biz.util.uploadImageFromCamera
biz.util.previewImage biz.util.downloadFile biz.util.isLocalFileExist biz.util.openLocalFile
biz.util.datepicker biz.util.timepicker biz.util.datetimepicker biz.util.chosen
biz.util.multiSelect ui.input.plain
biz.util.scan device.nfc.nfcRead device.nfc.nfcWrite
device.geolocation.get biz.map.locate biz.map.search biz.map.view
device.connection.getNetworkType device.base.getUUID device.base.getInterface
device.base.getPhoneInfo
util.domainStorage.getItem util.domainStorage.setItem util.domainStorage.removeItem
biz.util.share biz.util.ut biz.cspace.saveFile biz.cspace.preview biz.util.uploadAttachment
ui.pullToRefresh.enable ui.pullToRefresh.disable ui.pullToRefresh.stop
ui.webViewBounce.enable ui.webViewBounce.disable ui.progressBar.setColors
""".split()  # noqa: SIM905


def exported() -> dict[str, list[str]]:
    """The names each browser module has, by module."""
    found = {}
    for path in STATIC.glob("*.js"):
        _, mark, table = path.read_text(encoding="utf-8").partition("export const abilities = {")
        if mark:
            found[path.stem] = sorted(re.findall(r'^  "([\w.]+)": ', table, re.MULTILINE))
    return found


def test_every_method_of_the_specification_is_there() -> None:
    assert set(WANTED) - set(methods.names()) == set()


def test_every_ability_is_a_bridge_name_of_the_catalogue() -> None:
    extra = {"runtime.permission.requestAuthCodeV2"}  # of npm 3's one-segment requestAuthCode
    for name in set(methods.names()) - extra:
        found = jsapi.method(name)
        assert found is not None, name
        assert found.bridge == name


def test_parameters_are_named_for_abilities_that_exist() -> None:
    assert set(FIELDS) <= set(methods.names())


def test_both_ends_have_the_same_abilities(site: Site) -> None:
    """What the server passes to the browser is what the browser's modules hold, and index.js says."""
    page = PageOf(site)
    asked = set()
    for name in methods.names():
        answer = page.invoke(name, corpId=site.corp_id, **SAMPLES.get(name, {}))
        assert answer["ok"] or answer["error"]["errorCode"] != "1", (name, answer)
        if "ask" in answer:
            asked.add(name)
        else:
            assert answer["ok"] or name in NEED_MORE, (name, answer)
    modules = exported()
    browser = {name for names in modules.values() for name in names}
    # What needs things that are not there yet is looked at by tests of its own.
    assert asked - browser == set()
    assert browser - asked == set(NEED_MORE) & browser
    index = (STATIC / "index.js").read_text(encoding="utf-8")
    listed = {
        module: sorted(re.findall(r'"([\w.]+)"', names))
        for module, names in re.findall(r"^  (\w+): \[(.*?)\],$", index, re.MULTILINE | re.DOTALL)
    }
    assert listed == modules


URL = "http://127.0.0.1:9/x"
SAMPLES: dict[str, dict[str, object]] = {
    "biz.chat.openSingleChat": {"userId": "li"},
    "biz.clipboardData.setData": {"text": "t"},
    "biz.cspace.saveFile": {"url": URL, "name": "n.txt"},
    "biz.customContact.choose": {"users": ["li"]},
    "biz.customContact.multipleChoose": {"users": ["li"]},
    "biz.ding.create": {"users": ["li"]},
    "biz.ding.post": {"users": ["li"]},
    "biz.map.view": {"latitude": 30, "longitude": 120},
    "biz.navigation.navigateToPage": {"url": "/x"},
    "biz.navigation.replace": {"url": "/x"},
    "biz.navigation.setMenu": {"items": [{"id": "1", "text": "t"}]},
    "biz.telephone.call": {"users": ["li"]},
    "biz.telephone.showCallMenu": {"phoneNumber": "1"},
    "biz.util.chosen": {"source": [{"key": "a", "value": "b"}]},
    "biz.util.compressImage": {"filePaths": ["x"]},
    "biz.util.downLoadFile": {"url": URL},
    "biz.util.downloadFile": {"url": URL},
    "biz.util.multiSelect": {"options": ["a"]},
    "biz.util.open": {"name": "profile", "params": {"id": "li"}},
    "biz.util.openLink": {"url": "/x"},
    "biz.util.openLocalFile": {"url": URL},
    "biz.util.openModal": {"url": "/x"},
    "biz.util.openSlidePanel": {"url": "/x"},
    "biz.util.previewImage": {"urls": [URL]},
    "biz.util.uploadAttachment": {"types": ["photo"]},
    "biz.util.ut": {"key": "k"},
    "device.audio.download": {"mediaId": "m"},
    "device.audio.pause": {"localAudioId": "m"},
    "device.audio.play": {"localAudioId": "m"},
    "device.audio.resume": {"localAudioId": "m"},
    "device.audio.stop": {"localAudioId": "m"},
    "device.geolocation.start": {"sceneId": "s"},
    "device.geolocation.stop": {"sceneId": "s"},
    "device.launcher.checkInstalledApps": {"apps": ["a"]},
    "device.launcher.launchApp": {"app": "a"},
    "device.nfc.nfcWrite": {"content": "c"},
    "device.notification.extendModal": {"buttonLabels": ["a"]},
    "runtime.monitor.getLoadTime": {"type": "PageLoadTime"},
    "util.domainStorage.getItem": {"name": "n"},
    "util.domainStorage.removeItem": {"name": "n"},
    "util.domainStorage.setItem": {"name": "n", "value": "v"},
}
# These need a conversation, a file or an app that the sample does not have.
NEED_MORE = {
    "biz.chat.toConversation",
    "biz.chat.toConversationByOpenConversationId",
    "biz.cspace.preview",
    "biz.cspace.previewDentryImages",
    "biz.microApp.openApp",
    "biz.util.uploadFile",
}


@pytest.mark.parametrize(
    ("method", "params", "field"),
    [
        ("biz.contact.choose", {"users": "li"}, "users"),
        ("biz.contact.choose", {"max": "many"}, "max"),
        ("biz.contact.complexPicker", {"multiple": "perhaps"}, "multiple"),
        ("biz.ding.post", {}, "users"),
        ("biz.ding.post", {"users": []}, "users"),
        ("biz.ding.post", {"users": ["li"], "type": 3}, "type"),
        ("biz.ding.post", {"users": ["nobody"]}, "users"),
        ("biz.ding.post", {"users": ["li"], "type": 1, "attachment": {"images": "x"}}, "images"),
        ("biz.map.view", {"latitude": 91, "longitude": 0}, "latitude"),
        ("biz.map.view", {"longitude": 0}, "latitude"),
        ("biz.util.chosen", {"source": "a"}, "source"),
        ("biz.util.open", {"name": "nowhere"}, "name"),
        ("biz.util.openLocalFile", {"url": "file:///etc/passwd"}, "url"),
        ("biz.util.downloadFile", {"url": "javascript:alert(1)"}, "url"),
        ("biz.customContact.choose", {"users": ["nobody"]}, "users"),
        ("device.geolocation.get", {"coordinate": 2}, "coordinate"),
        ("device.notification.alert", {"message": {"a": 1}}, "message"),
        ("runtime.monitor.getLoadTime", {"type": "X"}, "type"),
        ("util.domainStorage.setItem", {"value": "v"}, "name"),
        ("biz.chat.openSingleChat", {"userId": "zhang"}, "userId"),
        ("biz.util.share", {"type": 7}, "type"),
        ("biz.util.uploadAttachment", {"types": ["telepathy"]}, "types"),
    ],
)
def test_unfit_parameters_are_refused_by_name(
    site: Site, method: str, params: dict[str, object], field: str
) -> None:
    code, text = PageOf(site).refused(method, **params)
    assert code == "2"
    assert text.startswith("参数无效: ")
    assert field in text.partition("/")[0]


@pytest.mark.parametrize(
    "method",
    [
        "biz.contact.choose",
        "biz.contact.createGroup",
        "biz.chat.pickConversation",
        "biz.cspace.chooseSpaceDir",
        "biz.ding.post",
    ],
)
def test_another_corps_id_is_refused(site: Site, method: str) -> None:
    users = {"users": ["li"]} if "ding" in method else {}
    code, text = PageOf(site).refused(method, corpId="dingother", **users)
    assert (code, text) == ("3", "1002,corpId不合法")


def test_the_calendars_placeholder_for_a_corp_is_ignored(site: Site) -> None:
    assert PageOf(site).offered("biz.calendar.chooseOneDay", corpId="corpId", default=0)


def test_an_unknown_method_is_answered_with_1_by_name(site: Site) -> None:
    page = PageOf(site)
    for name in ("biz.ATMBle.detectFace", "biz.nothing.atAll"):
        assert page.refused(name) == ("1", f"{name} is not implemented by this container")


def test_a_gated_method_needs_its_grant(site: Site) -> None:
    page = PageOf(site, granted=("biz.contact.choose",))
    assert page.offered("biz.contact.choose")
    assert page.refused("device.geolocation.get")[0] == "7"
    assert page.refused("biz.contact.createGroup", {"users": ["li"]})[0] == "7"


def test_the_position_comes_in_both_systems(site: Site) -> None:
    at = {"latitude": 31.1774276, "longitude": 121.5272106, "accuracy": 25}
    page = PageOf(site, device=at)
    satellite = page.result("device.geolocation.get", coordinate=0, targetAccuracy=200)
    assert (satellite["latitude"], satellite["longitude"]) == (31.177428, 121.527211)
    assert satellite["address"] == ""
    assert satellite["accuracy"] == 25
    mapped = page.result("device.geolocation.get", coordinate="1", withReGeocode=True)
    assert (mapped["latitude"], mapped["longitude"]) == (31.175304, 121.531542)
    assert mapped["city"] == "上海市"
    assert mapped["address"].startswith("上海市浦东新区")
    assert mapped["errorCode"] == 0
    assert mapped["provider"] == "wifi"
    assert page.result("device.geolocation.get", coordinate=1, withReGeocode=False)["city"] == ""


def test_without_permission_there_is_no_position(site: Site) -> None:
    page = PageOf(site, device={"location": False})
    assert page.refused("device.geolocation.get") == ("4", "unauthorized")
    assert page.result("device.geolocation.checkPermission") == {"hasPermission": False}


def test_nonsense_from_the_simulator_falls_back(site: Site) -> None:
    page = PageOf(site, device={"latitude": "north", "longitude": 1e9, "network": "6g"})
    found = page.result("device.geolocation.get", coordinate=0)
    assert -90 <= found["latitude"] <= 90
    assert found["longitude"] == 180
    assert page.result("device.connection.getNetworkType") == {"result": "unknown"}


def test_the_device_is_what_the_simulator_says(site: Site) -> None:
    page = PageOf(site, device={"network": "4g", "ssid": "cafe", "apps": ["com.a"]})
    assert page.result("device.connection.getNetworkType") == {"result": "4g"}
    assert page.result("device.base.getInterface") == {"ssid": "", "macIp": ""}
    page.device = {"network": "wifi", "ssid": "cafe", "mac": "02:00:00:00:00:01", "apps": ["com.a"]}
    assert page.result("device.base.getInterface") == {"ssid": "cafe", "macIp": "02:00:00:00:00:01"}
    info = page.result("device.base.getPhoneInfo")
    assert info["netInfo"] == "wifi"
    assert info["screenWidth"] > 0
    assert info["brand"]
    assert page.result("device.base.getWifiStatus") == {"status": 1}
    one, two = (page.result("device.base.getUUID")["uuid"] for _ in range(2))
    assert one == two != PageOf(site, "li").result("device.base.getUUID")["uuid"]
    assert page.result("device.launcher.checkInstalledApps", apps=["com.b", "com.a"]) == {
        "installed": ["com.a"]
    }
    assert page.result("device.launcher.launchApp", app="com.b") == {"result": False}


def test_nfc_is_for_android_alone(site: Site) -> None:
    assert PageOf(site).offered("device.nfc.nfcRead") == {}
    for flavour in ("ios", "pc"):
        assert PageOf(site, flavour=flavour).refused("device.nfc.nfcRead")[0] == "1"


def test_one_segment_names_reach_the_same_ability(site: Site) -> None:
    page = PageOf(site)
    assert page.result("getNetworkType") == page.result("device.connection.getNetworkType")
    assert page.invoke("chooseChat")["ask"]["ability"] == "biz.chat.chooseConversationByCorpId"


def test_what_never_changes(site: Site) -> None:
    page = PageOf(site)
    assert page.result("runtime.info") == {"ability": "0.0.11"}
    assert page.result("ui.progressBar.setColors", colors=[4278190080]) == {}
    assert page.result("biz.util.ut", key="open", value={"a": 1}) == {}
    user = page.result("biz.user.get")
    assert user["emplId"] == "zhang"
    assert user["corpId"] == site.corp_id
    assert user["id"]


@pytest.mark.parametrize("point", [(39.90872, 116.39745), (22.54, 114.06), (45.77, 126.62)])
def test_coordinates_there_and_back(point: tuple[float, float]) -> None:
    start = Point(*point)
    moved = to_gcj02(start)
    assert 50 < distance(start, moved) < 800
    assert distance(start, to_wgs84(moved)) < 0.01


def test_no_offset_outside_china() -> None:
    assert to_gcj02(Point(48.8566, 2.3522)) == (48.8566, 2.3522)


def test_places_are_listed_by_distance(site: Site) -> None:
    page = PageOf(site)
    offered = page.offered("biz.map.search", latitude=30.2741, longitude=120.1636, scope=20000)
    metres = [each["distance"] for each in offered["places"]]
    assert metres == sorted(metres)
    assert len(metres) > 0
    assert max(metres) <= 20000
    first = offered["places"][0]
    chosen = page.finished(
        "biz.map.search", first, latitude=30.2741, longitude=120.1636, scope=20000
    )
    assert chosen["title"] == first["title"] == "武林广场"
    assert chosen["adCode"] == "330105"
    assert page.refused("biz.map.locate", {"latitude": "x"})[0] == "2"
