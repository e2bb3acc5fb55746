"""The sign-in pages over HTTP: every flow, and what must never work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import escape
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest

from sanfang.platform.domain import (
    app_scopes,
    contacts,
    corps,
    micro_apps,
    signin_apps,
)
from sanfang.platform.domain.app_scopes import AppScope
from sanfang.platform.domain.signin_apps import OpenApp

from .signin_client import CORP, FRAME, LANDING, OAUTH, QR, SNS, Visitor, address, fields_of
from .site import Answer, Site, a_site

NO_PERMISSION = "对不起,您无权限查看该页面"
SCAN = "/sanfang/signin/scan/"


@pytest.fixture(scope="module")
def running_site() -> Iterator[Site]:
    """A site of our own: people, apps and hosts are changed here."""
    with a_site() as one:
        yield one


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return Visitor(site)


@pytest.fixture
def open_app(site: Site) -> OpenApp:
    host = site.app.origin.partition("://")[2]
    return site.run(signin_apps.create_open_app(site.core, "示例网站", [host]))


@pytest.fixture(autouse=True)
def hosts(site: Site) -> None:
    host = site.app.origin.partition("://")[2]
    site.run(signin_apps.set_hosts(site.core, site.app_key, [host]))


def back(site: Site) -> str:
    return f"{site.app.origin}/back?x=1"


def corp_page(site: Site, **changes: str) -> str:
    fields = {"appid": site.corp_id, "redirect_uri": back(site), "response_type": "code"}
    return address(CORP, **{**fields, "scope": "snsapi_base", "state": "S1", **changes})


def sns_page(site: Site, app: OpenApp, path: str = SNS, **changes: str) -> str:
    fields = {"appid": app.app_id, "redirect_uri": back(site), "response_type": "code"}
    return address(path, **{**fields, "scope": "snsapi_login", "state": "S1", **changes})


def oauth_page(site: Site, **changes: str) -> str:
    fields = {"client_id": site.app_key, "redirect_uri": back(site), "response_type": "code"}
    more = {"scope": "openid", "prompt": "consent", "state": "S1"}
    return address(OAUTH, **{**fields, **more, **changes})


def api(site: Site, method: str, path: str, body: Any = None, **headers: str) -> Any:
    sent = None if body is None else json.dumps(body)
    given = {"Content-Type": "application/json", **headers}
    return site.send(site.url, path, method, sent, given).json


def token(site: Site) -> str:
    query = urlencode({"appkey": site.app_key, "appsecret": site.app_secret})
    return str(api(site, "GET", f"/gettoken?{query}")["access_token"])


def user_of(site: Site, code: str) -> Any:
    return api(site, "GET", f"/user/getuserinfo?access_token={token(site)}&code={code}")


# The flows


def test_inside_the_client_being_signed_in_is_enough(site: Site, visitor: Visitor) -> None:
    shown = visitor.get(corp_page(site))
    assert shown.status == 200
    assert "以谁的身份登录" in shown.text
    went = visitor.sign_in("li")
    assert went.status == 302
    assert went.header("location").startswith(back(site) + "&code=")
    got = fields_of(went.header("location"))
    assert (got["x"], got["state"]) == ("1", "S1")
    assert user_of(site, got["code"])["userid"] == "li"
    assert user_of(site, got["code"])["errcode"] == 40078
    again = visitor.get(corp_page(site))
    assert again.status == 302  # the desk is remembered
    assert fields_of(again.header("location"))["code"] != got["code"]


def test_a_web_site_needs_a_yes(site: Site, visitor: Visitor, open_app: OpenApp) -> None:
    visitor.get(sns_page(site, open_app))
    asked = visitor.sign_in("li")
    assert asked.status == 200
    for text in ("示例网站", "openid", "登录应用", urlsplit(site.app.origin).netloc):
        assert text in asked.text
    went = visitor.submit("/sanfang/signin/decide", answer="yes")
    assert went.status == 303
    got = fields_of(went.header("location"))
    secret = {"appid": open_app.app_id, "appsecret": open_app.secret}
    access = api(site, "GET", "/sns/gettoken?" + urlencode(secret))["access_token"]
    granted = api(
        site,
        "POST",
        f"/sns/get_persistent_code?access_token={access}",
        {"tmp_auth_code": got["code"]},
    )
    assert granted["errcode"] == 0
    assert got["state"] == "S1"


def test_who_says_no_goes_back_with_an_error(site: Site, visitor: Visitor) -> None:
    visitor.get(oauth_page(site))
    visitor.sign_in("li")
    went = visitor.submit("/sanfang/signin/decide", answer="no")
    got = fields_of(went.header("location"))
    assert got == {"x": "1", "error": "access_denied", "state": "S1"}


def test_the_newer_page_gives_a_users_token(site: Site, visitor: Visitor) -> None:
    visitor.get(oauth_page(site, scope="openid corpid"))
    asked = visitor.sign_in("li")
    assert "corpId" in asked.text
    went = visitor.submit("/sanfang/signin/decide", answer="yes")
    got = fields_of(went.header("location"))
    assert got["authCode"] == got["code"]
    ask = {"clientId": site.app_key, "clientSecret": site.app_secret, "code": got["code"]}
    made = api(
        site,
        "POST",
        "/v1.0/oauth2/userAccessToken",
        {**ask, "grantType": "authorization_code"},
    )
    assert made["corpId"] == site.corp_id
    headers = {"x-acs-dingtalk-access-token": made["accessToken"]}
    assert api(site, "GET", "/v1.0/contact/users/me", **headers)["nick"] == "李四"


def test_consent_is_asked_again_only_with_prompt(site: Site, visitor: Visitor) -> None:
    made = contacts.create_member(site.core, site.corp_id, name="新来的", userid="newcomer")
    site.run(made)
    without = oauth_page(site, prompt="", state="S2")
    visitor.get(without)
    visitor.sign_in("newcomer")
    assert visitor.last.status == 200  # the first time
    visitor.submit("/sanfang/signin/decide", answer="yes")
    assert visitor.get(without).status == 302
    assert visitor.get(oauth_page(site)).status == 200
    assert visitor.get(oauth_page(site, prompt="", scope="openid corpid")).status == 200


def test_one_person_of_two_corps_chooses(site: Site, visitor: Visitor) -> None:
    other = site.run(corps.create_corp(site.core, "另一家公司"))
    mobile = "13900000077"
    for corp_id in (site.corp_id, other.corp_id):
        site.run(
            contacts.create_member(site.core, corp_id, name="双栖", userid="both", mobile=mobile)
        )
    page = oauth_page(site, scope="openid corpid")
    visitor.get(page)
    asked = visitor.sign_in("both")
    assert "另一家公司" in asked.text
    went = visitor.submit("/sanfang/signin/decide", answer="yes", corp=other.corp_id)
    code = fields_of(went.header("location"))["code"]
    ask = {"clientId": site.app_key, "clientSecret": site.app_secret, "code": code}
    made = api(
        site, "POST", "/v1.0/oauth2/userAccessToken", {**ask, "grantType": "authorization_code"}
    )
    assert made["corpId"] == other.corp_id
    visitor.get(oauth_page(site, scope="openid corpid", corpId=other.corp_id))
    assert "示例公司" not in visitor.last.text.partition("<form")[2]
    stranger = visitor.submit("/sanfang/signin/decide", answer="yes", corp=site.corp_id)
    assert (stranger.status, "50002" in stranger.text) == (403, True)
    # A page of a corp takes the person's place there, whichever corp the desk is in.
    visitor.get("/sanfang/signin/people?next=" + quote(corp_page(site), safe=""))
    assert any(form.fields.get("corp_id") == other.corp_id for form in visitor.parsed.forms)
    went = visitor.sign_in("both", other.corp_id)
    assert user_of(site, fields_of(went.header("location"))["code"])["userid"] == "both"


def test_administrators_enter_admin_pages(site: Site, visitor: Visitor) -> None:
    oa = f"{site.app.origin}/admin"
    site.run(
        micro_apps.update_app(site.core, site.corp_id, site.agent_id, micro_apps.NEW, oa_url=oa)
    )
    landing = address(LANDING, corpid=site.corp_id, redirect_url=oa)
    visitor.get(landing)
    refused = visitor.sign_in("li")
    assert (refused.status, "51005" in refused.text) == (403, True)
    assert "使用其他账号" in refused.text
    visitor.get("/sanfang/signin/people?next=" + quote(landing, safe=""))
    went = visitor.sign_in("zhang")
    assert went.status == 302
    secret = site.run(signin_apps.sso_secret(site.core, site.corp_id))
    query = urlencode({"corpid": site.corp_id, "corpsecret": secret})
    access = api(site, "GET", f"/sso/gettoken?{query}")["access_token"]
    code = fields_of(went.header("location"))["code"]
    told = api(site, "GET", f"/sso/getuserinfo?access_token={access}&code={code}")
    assert told["user_info"]["userid"] == "zhang"
    # The other entry: 进入后台 in the console.
    visitor.get("/sanfang/signin/backends")
    went = visitor.submit("/sanfang/signin/enter", app=str(site.agent_id))
    assert went.status == 303
    assert went.header("location").startswith(oa + "?code=")


# QR codes


def watch_of(visitor: Visitor) -> tuple[str, str]:
    marks = visitor.parsed.marks
    return marks["qr"]["data-watch"], urlsplit(marks["scan"]["href"]).path


def poll(visitor: Visitor, watch: str) -> dict[str, str]:
    found = Visitor(visitor.site).post("/sanfang/signin/qr", {"watch": watch}).json
    assert isinstance(found, dict)
    return found


def test_the_hosted_code_takes_its_page_on(site: Site, visitor: Visitor, open_app: OpenApp) -> None:
    screen = visitor.get(sns_page(site, open_app, QR))
    assert "<svg" in screen.text
    watch, scan = watch_of(visitor)
    assert poll(visitor, watch)["state"] == "waiting"
    phone = Visitor(site)
    phone.get(scan)
    asked = phone.sign_in("wang")
    assert "另一个屏幕" in asked.text
    assert poll(visitor, watch)["state"] == "scanned"
    assert phone.submit("/sanfang/signin/scanned", answer="yes").status == 200
    done = poll(visitor, watch)
    assert done["state"] == "done"
    assert done["result"].startswith(back(site) + "&code=")
    assert poll(visitor, watch)["state"] == "gone"  # given once
    used = phone.get(scan)
    assert (used.status, "40078" in used.text) == (400, True)
    assert poll(visitor, scan.rpartition("/")[2])["state"] == "gone"  # the picture is no watch


def test_who_refuses_on_the_phone_ends_the_code(
    site: Site, visitor: Visitor, open_app: OpenApp
) -> None:
    visitor.get(sns_page(site, open_app, QR))
    watch, scan = watch_of(visitor)
    phone = Visitor(site)
    phone.get(scan)
    phone.sign_in("wang")
    phone.submit("/sanfang/signin/scanned", answer="no")
    assert poll(visitor, watch) == {"state": "denied", "result": ""}
    assert phone.get(scan).status == 400


def test_the_embedded_code_gives_a_login_tmp_code(
    site: Site, visitor: Visitor, open_app: OpenApp
) -> None:
    goto = sns_page(site, open_app)
    framed = visitor.get(address(FRAME, goto="https://oapi.dingtalk.com" + goto))
    host = urlsplit(site.app.origin).netloc
    policy = framed.header("content-security-policy")
    assert f"frame-ancestors http://{host} https://{host}" in policy
    assert not framed.header("x-frame-options")
    watch, scan = watch_of(visitor)
    phone = Visitor(site)
    phone.get(scan)
    phone.sign_in("li")
    phone.submit("/sanfang/signin/scanned", answer="yes")
    code = poll(visitor, watch)["result"]
    assert "://" not in code
    went = Visitor(site).get(f"{goto}&loginTmpCode={code}")
    assert went.status == 302
    assert fields_of(went.header("location"))["state"] == "S1"
    again = Visitor(site).get(f"{goto}&loginTmpCode={code}")
    assert (again.status, "40078" in again.text, "FAQ F3" in again.text) == (400, True, True)


def test_the_old_frame_says_what_is_wrong_with_goto(
    site: Site, visitor: Visitor, open_app: OpenApp
) -> None:
    goto = sns_page(site, open_app).replace(quote(back(site), safe=""), f"{site.app.origin}/back")
    assert visitor.get(address(FRAME, goto=goto)).status == 200  # not encoded by itself
    bare = visitor.get(f"{FRAME}?goto=https://oapi.dingtalk.com{goto}")
    assert (bare.status, "goto 没有 URL 编码" in bare.text.replace("：", " ")) == (400, True)
    assert visitor.get(address(FRAME, goto="https://evil.example/")).status == 400
    assert visitor.get(FRAME).status == 400


def test_the_newer_frame_may_be_on_the_sites_origin_only(site: Site, visitor: Visitor) -> None:
    framed = visitor.get(oauth_page(site, iframe="true"))
    policy = framed.header("content-security-policy")
    assert policy.endswith(f"frame-ancestors {site.app.origin}")
    assert visitor.parsed.marks["qr"]["data-site"] == site.app.origin


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/dingding/dinglogin/0.0.5/ddLogin.js", "window.DDLogin"),
        ("/dingding/dinglogin/0.0.2/ddLogin.js", "window.DDLogin"),
        ("/dingding/h5-dingtalk-login/0.21.0/ddlogin.js", "window.DTFrameLogin"),
    ],
)
def test_the_official_paths_of_the_scripts(site: Site, path: str, name: str) -> None:
    script = site.send(site.url, path)
    assert script.status == 200
    assert name in script.text
    assert script.header("content-type").startswith("text/javascript")
    assert site.send(site.url, path, headers={"If-None-Match": script.header("etag")}).status == 304


# Refusals


def test_each_refusal_names_its_cause_below_the_text_people_know(
    site: Site, visitor: Visitor, open_app: OpenApp
) -> None:
    plain = corp_page(site).replace(quote(back(site), safe=""), back(site))
    elsewhere = "https://evil.example/"
    for target, status, cause in (
        (plain, 403, "没有 URL 编码"),
        (corp_page(site, redirect_uri=elsewhere), 403, "evil.example"),
        (sns_page(site, open_app, redirect_uri=elsewhere), 403, "不是"),
        (sns_page(site, open_app, QR, redirect_uri=elsewhere), 403, "不是"),
        (oauth_page(site, redirect_uri=elsewhere), 403, "不是"),
        (oauth_page(site, redirect_uri="javascript:alert(1)"), 403, "不合法"),
        (address(LANDING, corpid=site.corp_id, redirect_url=elsewhere), 403, "evil.example"),
    ):
        shown = visitor.get(target)
        assert (shown.status, cause in shown.text) == (status, True), shown.text
        assert not shown.header("location")
        assert "怎么办" in shown.text
        if not target.startswith(LANDING):
            assert NO_PERMISSION in shown.text
            assert "FAQ F2" in shown.text
    assert visitor.get(corp_page(site, appid="ding0nobody")).status == 400


def test_an_app_the_member_does_not_see_or_that_is_stopped(site: Site, visitor: Visitor) -> None:
    scope = AppScope(is_hidden=True)
    site.run(app_scopes.set_scope(site.core, site.corp_id, site.agent_id, scope))
    try:
        visitor.get(corp_page(site))
        shown = visitor.sign_in("li")
        assert shown.status == 403
        for text in (NO_PERMISSION, "50002", "可见范围", "李四", "使用其他账号", "FAQ F2"):
            assert text in shown.text
        shown = visitor.get(oauth_page(site))
        assert (shown.status, "50002" in shown.text) == (403, True)
    finally:
        site.run(app_scopes.set_scope(site.core, site.corp_id, site.agent_id, AppScope()))


def test_programs_get_json(site: Site, open_app: OpenApp) -> None:
    ask = {"Accept": "application/json"}
    nobody = site.send(site.url, sns_page(site, open_app), headers=ask)
    assert (nobody.status, nobody.json["errcode"]) == (401, 51002)
    assert "sanfang signin open" in nobody.json["en"]
    bad = site.send(site.url, corp_page(site, redirect_uri="https://evil.example/"))
    assert (bad.status, bad.json["errcode"]) == (403, 50001)
    assert bad.json["page"] == NO_PERMISSION
    assert bad.json["faq"] == "F2"


def test_names_with_markup_are_text(site: Site, visitor: Visitor) -> None:
    evil = '"><script>alert(1)</script>'
    host = urlsplit(site.app.origin).netloc
    app = site.run(signin_apps.create_open_app(site.core, evil, [host]))
    site.run(contacts.create_member(site.core, site.corp_id, name="<img src=x>", userid="markup"))
    for target in (sns_page(site, app), sns_page(site, app, QR)):
        shown = visitor.get(target)
        assert "<script>alert" not in shown.text
        assert escape(evil) in shown.text
        assert "<img" not in shown.text
    shown = visitor.get(
        sns_page(site, app, state=evil, redirect_uri="https://evil.example/" + evil)
    )
    assert "<script>alert" not in shown.text


# What must not work


def test_every_page_has_the_headers_that_protect_it(
    site: Site, visitor: Visitor, open_app: OpenApp
) -> None:
    visitor.get(corp_page(site))
    cookies = visitor.last.all("set-cookie")
    assert cookies
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
    for target in (
        corp_page(site),
        sns_page(site, open_app),
        sns_page(site, open_app, QR),
        oauth_page(site),
        oauth_page(site, client_id="x"),
        "/sanfang/signin/nothing",
        "/sanfang/signin/scan/x",
    ):
        shown = visitor.get(target)
        policy = shown.header("content-security-policy")
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert shown.header("x-frame-options") == "DENY"
        assert shown.header("cache-control") == "no-store"
        assert shown.header("x-content-type-options") == "nosniff"


def test_https_cookies_are_bound_to_the_host() -> None:
    with a_site(trusted_proxy_header="x-real-ip") as site:
        page = address(QR)
        query = {"corpid": site.corp_id, "redirect_url": "x"}
        assert page
        shown = site.send(
            site.url,
            "/sanfang/signin/people?" + urlencode({"next": address(LANDING, **query)}),
            headers={"Accept": "text/html", "X-Forwarded-Proto": "https"},
        )
        (cookie,) = shown.all("set-cookie")
        assert cookie.startswith("__Host-sanfang_form=")
        assert "Secure" in cookie


def test_a_planted_session_is_nobodys(site: Site) -> None:
    """An app's page can set a cookie for all hosts below the console's domain, beside ours."""
    mine, planted = site.sign_in("li"), site.sign_in("wang")
    people = "/sanfang/signin/people?" + urlencode({"next": "/sanfang/signin/backends"})

    def seen(*cookies: str) -> Answer:
        sent = "; ".join(f"sanfang_desk={each}" for each in cookies)
        url = f"http://sign-in.{site.domain}:{site.port}"
        return site.send(url, people, headers={"Accept": "text/html", "Cookie": sent})

    assert "当前 current" in seen(mine).text
    assert "当前 current" in seen(mine, mine).text
    for both in ((mine, planted), (planted, mine), (mine, ""), (mine, "x", mine)):
        answer = seen(*both)
        assert "当前 current" not in answer.text
        gone = [each for each in answer.all("set-cookie") if "sanfang_desk" in each]
        assert [each for each in gone if "Path=/sanfang/signin;" in each]
        assert all(f"Domain={site.domain}; " in each for each in gone)
        assert all("Max-Age=0" in each for each in gone)


@pytest.mark.parametrize("action", ["desk", "decide", "scanned", "enter", "leave"])
def test_forms_of_other_sites_are_refused(site: Site, visitor: Visitor, action: str) -> None:
    visitor.get(corp_page(site))
    good = visitor.form("/sanfang/signin/desk").fields
    target = f"/sanfang/signin/{action}"
    for fields, headers in (
        ({**good, "form": "x"}, {}),
        ({k: v for k, v in good.items() if k != "form"}, {}),
        (good, {"Origin": "https://evil.example"}),
        (good, {"Origin": site.app.origin}),  # the same host, another port: shares our cookies
        (good, {"Origin": "null"}),
        (good, {"Sec-Fetch-Site": "cross-site"}),
        (good, {"Sec-Fetch-Site": "same-site"}),
    ):
        before = dict(visitor.cookies)
        told = visitor.post(target, fields, **headers)
        assert told.status == 403, (fields, headers, told.text)
        assert "sanfang_desk" not in "".join(told.all("set-cookie"))
        visitor.cookies = before
    visitor.cookies.clear()
    assert visitor.post(target, good).status == 403
    assert site.send(site.url, target, "POST", urlencode(good)).status == 403  # no Origin


def test_nothing_redirects_elsewhere(site: Site, visitor: Visitor) -> None:
    visitor.get(corp_page(site))
    good = visitor.form("/sanfang/signin/desk").fields
    for target in (
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/sanfang/signin/scan/../../../x",
        "/sanfang/signin/scan/x?y\r\nSet-Cookie: a=b",
        "/gettoken",
        f"{CORP}\nx",
        f"{CORP}#x",
        "",
    ):
        for action in ("desk", "leave", "decide"):
            told = visitor.post(f"/sanfang/signin/{action}", {**good, "next": target})
            assert told.status == 403, (target, action)
            assert not told.header("location")
        people = visitor.get("/sanfang/signin/people?" + urlencode({"next": target}))
        assert people.status == 403
    evil = corp_page(site, redirect_uri="https://evil.example/")
    visitor.get(corp_page(site))
    visitor.sign_in("li")
    told = visitor.post("/sanfang/signin/decide", {**good, "next": evil, "answer": "no"})
    assert (told.status, told.header("location")) == (403, "")


def test_nobody_agrees_in_the_name_of_another(
    site: Site, visitor: Visitor, open_app: OpenApp
) -> None:
    """The persona was changed in another tab after the question was asked."""
    page = sns_page(site, open_app)
    visitor.get(page)
    visitor.sign_in("li")
    asked = dict(visitor.form("/sanfang/signin/decide").fields)
    visitor.get("/sanfang/signin/people?next=" + quote(page, safe=""))
    visitor.sign_in("wang")
    told = visitor.post("/sanfang/signin/decide", {**asked, "answer": "yes"})
    assert (told.status, told.header("location")) == (303, page)
    gone = visitor.post("/sanfang/signin/leave", {**asked})
    assert gone.status == 303
    assert "以谁的身份登录" in visitor.get(page).text


def test_an_old_desk_is_closed_when_another_is_opened(site: Site, visitor: Visitor) -> None:
    visitor.get(corp_page(site))
    visitor.sign_in("li")
    old = dict(visitor.cookies)
    visitor.get("/sanfang/signin/people?next=" + quote(corp_page(site), safe=""))
    visitor.sign_in("wang")
    visitor.cookies = old
    assert "以谁的身份登录" in visitor.get(corp_page(site)).text


def test_a_scan_is_good_once_under_concurrency(
    site: Site, visitor: Visitor, open_app: OpenApp
) -> None:
    visitor.get(sns_page(site, open_app, QR))
    watch, scan = watch_of(visitor)
    phone = Visitor(site)
    phone.get(scan)
    phone.sign_in("wang")
    fields = {**phone.form("/sanfang/signin/scanned").fields, "answer": "yes"}

    def press(_: int) -> int:
        return Visitor(site, dict(phone.cookies)).post("/sanfang/signin/scanned", fields).status

    def ask(_: int) -> str:
        return poll(visitor, watch)["state"]

    with ThreadPoolExecutor(16) as pool:
        pressed = list(pool.map(press, range(16)))
        states = list(pool.map(ask, range(16)))
    assert sorted(pressed) == [200] + [400] * 15
    assert states.count("done") == 1


def test_outside_a_sandbox_nobody_chooses_whom_to_be() -> None:
    with a_site(sandbox=False) as site:
        host = "app.example.com"
        site.run(signin_apps.set_hosts(site.core, site.app_key, [host]))
        page = oauth_page(site, redirect_uri=f"https://{host}/")
        visitor = Visitor(site)
        shown = visitor.get(page)
        assert (shown.status, "51003" in shown.text) == (403, True)
        people = visitor.get("/sanfang/signin/people?next=" + quote(page, safe=""))
        assert (people.status, "张三" in people.text) == (403, False)
        token = "t" * 40
        visitor.cookies["sanfang_form"] = token
        fields = {"form": token, "next": page, "corp_id": site.corp_id, "userid": "li"}
        assert visitor.post("/sanfang/signin/desk", fields).status == 403


def test_a_strange_host_shows_nobody(site: Site) -> None:
    """A page may have its own name pointed at this machine, and would be of our origin."""
    page = oauth_page(site)
    for host, shown in (
        (f"127.0.0.1:{site.port}", True),
        ("[::1]:8080", True),
        ("localhost", True),
        ("a.localhost:8080", True),
        ("platform", True),
        ("oapi.dingtalk.com", True),
        (f"{site.domain}:8080", True),
        ("evil.com", False),
        ("evil.com:8080", False),
        ("127.0.0.1.evil.com", False),
        ("notdingtalk.com", False),
    ):
        told = site.send(f"http://{host}", page, headers={"Accept": "text/html"})
        assert ("张三" in told.text) is shown, host
        assert told.status == (200 if shown else 403)


def test_signing_out(site: Site, visitor: Visitor) -> None:
    page = corp_page(site)
    visitor.get(page)
    visitor.sign_in("li")
    token = visitor.cookies["sanfang_desk"]
    visitor.get("/sanfang/signin/people?next=" + quote(page, safe=""))
    assert visitor.submit("/sanfang/signin/leave").status == 303
    assert visitor.cookies["sanfang_desk"] != token
    visitor.cookies["sanfang_desk"] = token
    assert "以谁的身份登录" in visitor.get(page).text


def test_in_a_frame_of_the_workbench_nothing_is_given_out(site: Site, visitor: Visitor) -> None:
    visitor.get(corp_page(site))
    visitor.sign_in("li")
    shown = visitor.get(corp_page(site), Sec_Fetch_Dest="iframe")
    assert shown.status == 200
    assert not shown.header("location")
    policy = shown.header("content-security-policy")
    assert policy.endswith(f"frame-ancestors http://wb.{site.domain}:{site.port}")
    assert "code=" not in shown.text.replace("response_type=code", "")


def test_wrong_methods_and_paths(site: Site) -> None:
    assert site.send(site.url, CORP, "POST", "x=1").status == 405
    assert site.send(site.url, "/sanfang/signin/desk").status == 405
    assert site.send(site.url, "/sanfang/signin/static/../app.py").status == 404
    assert site.send(site.url, "/sanfang/signin/static/%2e%2e/app.py").status == 404
    assert site.send(site.url, "/sanfang/signin/").status == 404
    assert site.send(site.url, "/dingding/dinglogin/x/ddLogin.js").status in (200, 404)
    head = site.send(site.url, "/sanfang/signin/static/signin.css", "HEAD")
    assert (head.status, head.body) == (200, b"")
