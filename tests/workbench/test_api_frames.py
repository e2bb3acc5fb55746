"""Apps in frames, and what becomes of a page's calls (jsapi.md 4, 5; FAQ F10 to F21)."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from sanfang.platform.domain import micro_apps

from .site import Site, a_site

CHOOSE = "biz.contact.choose"
PHONE_CONFIG = "runtime.permission.requestJsApis"


class Open:
    """A frame that is open, with a page in it."""

    def __init__(self, site: Site, flavour: str = "android", *, desk: str = "", **more: Any):
        self.site = site
        self.desk = desk or site.sign_in("zhang")
        answer = site.api(
            "POST",
            "/api/frames",
            {"agent_id": site.agent_id, "flavour": flavour, **more},
            desk=self.desk,
        )
        assert answer.status == 200, answer.text
        self.opened = answer.json
        self.id = self.opened["frame"]
        self.url = self.opened["src"]
        self.page = self.load(self.url)

    def load(self, url: str) -> int:
        self.url = url
        path = f"/api/frames/{self.id}/page"
        self.page = int(self.site.api("POST", path, {"url": url}, desk=self.desk).json["page"])
        return self.page

    def call(self, method: str, params: dict[str, Any] | None = None, **more: Any) -> Any:
        body = {"page": self.page, "method": method, "params": params or {}, "url": self.url}
        path = f"/api/frames/{self.id}/{more.pop('way', 'invoke')}"
        return self.site.api("POST", path, {**body, **more}, desk=self.desk).json

    def config(self, **change: Any) -> Any:
        fields = signed(self.site, change.pop("url", self.url))
        method = "config" if "-pc." in self.url else PHONE_CONFIG
        return self.call(method, {**fields, **change})


def ticket(site: Site) -> str:
    token = site.send(
        site.url, f"/gettoken?appkey={site.app_key}&appsecret={site.app_secret}"
    ).json["access_token"]
    found = site.send(site.url, f"/get_jsapi_ticket?access_token={token}").json
    return str(found["ticket"])


def signed(site: Site, url: str, *names: str) -> dict[str, Any]:
    """What an app's server makes for dd.config, written down here anew."""
    url = url.partition("#")[0]
    text = f"jsapi_ticket={ticket(site)}&noncestr=abc&timestamp=1700000000&url={url}"
    return {
        "agentId": str(site.agent_id),
        "corpId": site.corp_id,
        "timeStamp": 1700000000,
        "nonceStr": "abc",
        "signature": hashlib.sha1(text.encode()).hexdigest(),
        "jsApiList": list(names) or [CHOOSE],
    }


@pytest.fixture(params=["modern", "isv2016"])
def moving(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A site of its own, whose app is going to move; of this time and of 2016."""
    with a_site(signin_profile=request.param) as one:
        yield one


def test_the_apps_a_member_sees(site: Site) -> None:
    apps = site.api("GET", "/api/apps", desk=site.sign_in("li")).json
    mine = next(app for app in apps if app["agent_id"] == site.agent_id)
    assert (mine["name"], mine["phone"], mine["pc"]) == ("示例应用", True, True)


def test_each_flavour_opens_its_home_on_its_own_host(site: Site) -> None:
    for flavour, path in [("android", "/"), ("ios", "/"), ("pc", "/pc")]:
        opened = Open(site, flavour).opened
        assert opened["src"] == f"{site.vhost(flavour)}{path}?corpid={site.corp_id}"
        assert opened["url"] == f"{site.app.origin}{path}?corpid={site.corp_id}"
        assert opened["origin"] == site.vhost(flavour)
        assert opened["title"] == "示例应用"


def test_a_page_can_be_named_by_either_of_its_addresses(site: Site) -> None:
    for origin in (site.app.origin, site.vhost("android"), site.vhost("ios")):
        assert Open(site, url=f"{origin}/deep?a=1#x").url == f"{site.vhost('android')}/deep?a=1#x"


def test_pages_elsewhere_are_not_opened(site: Site) -> None:
    desk = site.sign_in("zhang")
    for url in (
        "http://evil.example/",
        "javascript:alert(1)",
        f"{site.app.origin}.evil.example/",
        f"http://evil.example@{site.app.origin.partition('://')[2]}@evil.example/",
    ):
        answer = site.api(
            "POST",
            "/api/frames",
            {"agent_id": site.agent_id, "flavour": "android", "url": url},
            desk=desk,
        )
        assert (answer.status, answer.json["code"]) == (400, 50001), url


def test_an_app_out_of_sight_is_not_opened(site: Site) -> None:
    answer = site.api(
        "POST",
        "/api/frames",
        {"agent_id": site.agent_id + 999, "flavour": "android"},
        desk=site.sign_in("li"),
    )
    assert (answer.status, answer.json["code"]) == (400, 40056)


def test_the_pages_address_dresses_the_client(site: Site) -> None:
    query = (
        "dd_nav_bgcolor=FF5E97F6&dd_orientation=landscape&dd_full_screen=true&showmenu=false"
        "&dd_progress=false&back=native&dd_share=false&ddtab=true"
    )
    nav = Open(site, url=f"{site.app.origin}/?{query}").opened["nav"]
    assert nav["bgcolor"] == "ff5e97f6"
    assert nav["orientation"] == "landscape"
    assert (nav["full_screen"], nav["menu"], nav["progress"]) == (True, False, False)
    assert (nav["back_native"], nav["share"], nav["tab"]) == (True, False, True)


@pytest.mark.parametrize("colour", ["red", "FF5E97F", "url(x)", "FF5E97F6;x", "中文中文中文中文"])
def test_a_colour_that_is_none_is_not_passed_on(site: Site, colour: str) -> None:
    from urllib.parse import quote

    opened = Open(site, url=f"{site.app.origin}/?dd_nav_bgcolor={quote(colour)}").opened
    assert opened["nav"]["bgcolor"] == ""


def test_a_frame_is_of_one_desk(site: Site) -> None:
    mine, theirs = Open(site), site.sign_in("li")
    for way, body in [
        ("page", {"url": mine.url}),
        ("invoke", {"page": 1, "method": "runtime.info", "url": mine.url}),
        ("finish", {"page": 1, "method": CHOOSE, "url": mine.url, "answer": []}),
        ("hash", {"page": 1}),
    ]:
        answer = site.api("POST", f"/api/frames/{mine.id}/{way}", body, desk=theirs)
        assert (answer.status, answer.json["code"]) == (400, 51003), way
    site.api("DELETE", f"/api/frames/{mine.id}", desk=theirs)
    assert mine.call("runtime.info")["ok"] is True


def test_the_sign_in_code_is_of_the_member_and_good_once(site: Site) -> None:
    result = Open(site).call("runtime.permission.requestAuthCode", {"corpId": site.corp_id})
    code = result["result"]["code"]
    assert result["result"]["authCode"] == code
    token = site.send(
        site.url, f"/gettoken?appkey={site.app_key}&appsecret={site.app_secret}"
    ).json["access_token"]
    path = f"/user/getuserinfo?access_token={token}&code={code}"
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda: answers.append(site.send(site.url, path).json))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each["errcode"] for each in answers) == [0] + [40078] * 5
    assert next(each["userid"] for each in answers if not each["errcode"]) == "zhang"


@pytest.mark.parametrize("name", ["getAuthCode", "dd.runtime.permission.requestAuthCode"])
def test_other_names_of_a_method_are_the_method(site: Site, name: str) -> None:
    assert Open(site).call(name, {"corpId": site.corp_id})["result"]["authCode"]


def test_the_newer_code_is_for_the_apps_own_client_id(site: Site) -> None:
    frame = Open(site)
    method = "runtime.permission.requestAuthCodeV2"
    good = frame.call(method, {"corpId": site.corp_id, "clientId": site.app_key})
    assert good["ok"] is True
    bad = frame.call(method, {"corpId": site.corp_id, "clientId": "dingother"})
    assert bad["error"]["errorCode"] == "3"
    assert bad["report"]["differs"][0] == {
        "field": "clientId",
        "sent": "dingother",
        "expected": site.app_key,
    }


def test_no_code_for_another_corp(site: Site) -> None:
    for params in ({"corpId": "dingother"}, {}, {"corpId": ["x"]}):
        answer = Open(site).call("runtime.permission.requestAuthCode", params)
        assert answer["error"] == {"errorCode": "3", "errorMessage": "1002,corpId不合法"}
        assert answer["report"]["faq"] == "F1"


def test_the_code_for_acting_needs_a_grant(site: Site) -> None:
    frame = Open(site)
    method = "runtime.permission.requestOperateAuthCode"
    params = {"corpId": site.corp_id, "agentId": str(site.agent_id)}
    assert frame.call(method, params)["error"]["errorCode"] == "7"
    assert frame.config(jsApiList=[method])["ok"] is True
    assert frame.call(method, params)["result"]["code"]
    other = frame.call(method, {**params, "agentId": "99"})
    assert other["error"]["errorCode"] == "3"


def test_the_host_of_no_home_page_says_so_in_the_words_of_its_time(moving: Site) -> None:
    frame = Open(moving)
    moving.run(
        micro_apps.update_app(
            moving.core,
            moving.corp_id,
            moving.agent_id,
            micro_apps.NEW,
            home_url="http://moved.example/",
            pc_home_url="http://moved.example/",
        )
    )
    answer = frame.call("runtime.permission.requestAuthCode", {"corpId": moving.corp_id})
    modern = moving.core.settings.signin_profile == "modern"
    text = "对应企业没有" if modern else "redirect_uri domain is not secure domain"
    assert answer["error"]["errorCode"] == "3"
    assert text in answer["error"]["errorMessage"]


def test_config_grants_what_it_lists_and_nothing_else(site: Site) -> None:
    frame = Open(site)
    assert frame.config()["result"] == {"jsApilist": [CHOOSE]}
    assert frame.call(CHOOSE, {"corpId": site.corp_id})["ok"] is True
    other = frame.call("biz.ding.create", {})
    assert other["error"]["errorCode"] == "7"
    assert other["report"]["faq"] == "F16"
    assert "jsApiList" in other["report"]["zh"]


def test_the_desktop_client_has_its_own_answer(site: Site) -> None:
    frame = Open(site, "pc")
    answer = frame.config(jsApiList=[CHOOSE, "biz.no.such"])
    assert answer["result"] == {
        "authorizedAPIList": [CHOOSE],
        "unauthorizedAPIList": ["biz.no.such"],
    }


def test_a_desktop_page_that_names_no_address_is_52014(site: Site) -> None:
    for address in ("nowhere", "", 7, "ftp://127.0.0.1/"):
        frame = Open(site, "pc")
        answer = frame.call("config", {**signed(site, frame.url), "url": address})
        assert answer["error"]["errorMessage"].startswith("Code:52014 - "), (address, answer)
    phone = Open(site)  # there the container knows where it is
    assert phone.call(PHONE_CONFIG, {**signed(site, phone.url), "url": "nowhere"})["ok"]


def test_half_a_character_is_refused_by_the_check_alone(site: Site) -> None:
    frame = Open(site)
    answer = frame.call(PHONE_CONFIG, {**signed(site, frame.url), "nonceStr": "\ud800"})
    assert answer["error"]["errorMessage"].startswith("Code:52012 - ")
    assert answer["report"]["zh"]
    assert frame.call("biz.util.ut", {"key": "\ud800"})["code"] == 40035
    odd = {"url": frame.url + "\ud800"}
    assert frame.call(PHONE_CONFIG, signed(site, frame.url), **odd)["code"] == 40035


def test_the_apps_server_may_sign_its_own_address(site: Site) -> None:
    frame = Open(site)
    own = frame.url.replace(site.vhost("android"), site.app.origin)
    assert frame.config(url=own)["ok"] is True


def test_before_config_a_gated_call_says_that(site: Site) -> None:
    answer = Open(site).call(CHOOSE)
    assert answer["error"] == {
        "errorCode": "7",
        "errorMessage": "requestJsApis() not invoked",
    }
    assert "dd.config" in answer["report"]["zh"]


def test_a_failed_check_shows_both_sides_and_no_ticket(site: Site) -> None:
    frame = Open(site)
    secret = ticket(site)
    answer = frame.config(nonceStr="abd")
    assert answer["error"]["errorCode"] == "3"
    assert answer["error"]["errorMessage"].startswith(
        "Code:52013 - Message: 签名校验失败,nonce:[abd]"
    )
    report = answer["report"]
    assert report["kind"] == "config"
    assert report["sent"]["nonceStr"] == "abd"
    assert "noncestr=abd" in report["computed"]["string"]
    assert report["zh"]
    assert report["en"]
    assert secret not in str(answer)
    assert frame.call(CHOOSE)["error"]["errorCode"] == "7"


def test_a_new_page_has_nothing_granted(site: Site) -> None:
    frame = Open(site)
    frame.config()
    before = frame.page
    frame.load(frame.url)
    assert frame.call(CHOOSE)["error"]["errorCode"] == "7"
    late = frame.call(CHOOSE, page=before)
    assert late["error"] == {"errorCode": "3", "errorMessage": "the page that called has been left"}


def test_a_page_that_left_its_app_is_refused(site: Site) -> None:
    frame = Open(site)
    path = f"/api/frames/{frame.id}/page"
    answer = site.api("POST", path, {"url": "http://evil.example/"}, desk=frame.desk)
    assert (answer.status, answer.json["code"]) == (400, 50001)


@pytest.mark.parametrize(
    ("flavour", "version", "kept"),
    [("ios", "2.6.0", False), ("ios", "2.7.0", True), ("android", "2.6.0", True)],
)
def test_old_ios_drops_the_grant_when_the_hash_changes(
    site: Site, flavour: str, version: str, kept: bool
) -> None:
    frame = Open(site, flavour, client_version=version)
    assert frame.config(jsApiList=["biz.ding.post"])["ok"] is True
    path = f"/api/frames/{frame.id}/hash"
    answer = site.api("POST", path, {"page": frame.page}, desk=frame.desk)
    assert answer.json == {"dropped": not kept}
    called = frame.call("biz.ding.post", {})
    if kept:
        assert called.get("error", {}).get("errorCode") != "7"
    else:
        assert called["error"]["errorCode"] == "7"
        assert called["error"]["errorMessage"].startswith("Jsapi Should NOT Call")
        assert called["report"]["faq"] == "F15"


@pytest.mark.parametrize("flavour", ["ios", "pc"])
def test_only_android_has_nfc(site: Site, flavour: str) -> None:
    answer = Open(site, flavour).call("device.nfc.nfcRead")
    assert answer["error"]["errorCode"] == "1"
    assert "device.nfc.nfcRead" in answer["error"]["errorMessage"]
    assert answer["report"]["faq"] == "F21"
    assert Open(site).call("device.nfc.nfcRead")["ask"]["ability"] == "device.nfc.nfcRead"


def test_a_client_too_old_lacks_newer_methods(site: Site) -> None:
    frame = Open(site, client_version="5.0.0")
    assert frame.call("device.screen.rotateView")["ok"] is True
    newer = frame.call("biz.navigation.navigateToPage", {"url": frame.url})
    assert newer["error"]["errorCode"] == "1"
    assert "6.5.31" in newer["error"]["errorMessage"]


@pytest.mark.parametrize("name", ["biz.no.such", "biz.store.createOrder", "x", "constructor"])
def test_what_this_container_lacks_is_refused_by_name(site: Site, name: str) -> None:
    answer = Open(site).call(name)
    assert answer["error"] == {
        "errorCode": "1",
        "errorMessage": f"{name} is not implemented by this container",
    }


def test_finishing_is_checked_like_calling(site: Site) -> None:
    frame = Open(site)
    answer = frame.call("biz.contact.createGroup", {}, way="finish", answer={"users": ["li"]})
    assert answer["error"]["errorCode"] == "7"
