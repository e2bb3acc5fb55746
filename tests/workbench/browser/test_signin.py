"""Every way of signing in, in a real browser, to a site that does the exchange with public clients.

The site is a web server of its own; it is told the platform's address and nothing else.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from aiohttp import web

from sanfang.platform.domain import contacts, corps, micro_apps, signin_apps
from sanfang.platform.domain.signin_apps import OpenApp

from ..signin_client import CORP, LANDING, OAUTH, QR, SNS, address
from ..site import Site, a_site
from . import sight

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Frame, Page

pytestmark = pytest.mark.filterwarnings("default")  # the strangers' own warnings are not ours
OLD_SCRIPT = "/dingding/dinglogin/0.0.5/ddLogin.js"
NEW_SCRIPT = "/dingding/h5-dingtalk-login/0.21.0/ddlogin.js"


class Web:
    """The site people sign in to. What its exchanges gave is shown on its pages."""

    def __init__(self, site: Site, open_app: OpenApp) -> None:
        self.site, self.open_app = site, open_app
        self.back = f"{site.app.origin}/back"
        site.pages["/back"] = self._page(self.member)
        site.pages["/back/sns"] = self._page(self.stranger)
        site.pages["/back/oauth"] = self._page(self.user)
        site.pages["/admin"] = self._page(self.administrator)

    def corp(self, **changes: str) -> str:
        return self.at(CORP, appid=self.site.corp_id, scope="snsapi_base", **changes)

    def sns(self, path: str = SNS, **changes: str) -> str:
        fields = {"redirect_uri": f"{self.back}/sns", **changes}
        return self.at(path, appid=self.open_app.app_id, scope="snsapi_login", **fields)

    def oauth(self, **changes: str) -> str:
        fields = {"redirect_uri": f"{self.back}/oauth", "prompt": "consent", "scope": "openid"}
        return self.at(OAUTH, client_id=self.site.app_key, **{**fields, **changes})

    def at(self, path: str, **fields: str) -> str:
        usual = {"response_type": "code", "state": "S1", "redirect_uri": self.back}
        return self.site.url + address(path, **{**usual, **fields})

    def member(self, query: Any) -> Any:
        """免登, with PyPI dingtalk-sdk."""
        from dingtalk import AppKeyClient
        from dingtalk.client.base import BaseClient

        client = type("Here", (AppKeyClient,), {"API_BASE_URL": self.site.url + "/"})(
            self.site.corp_id, self.site.app_key, self.site.app_secret
        )
        before, BaseClient.API_BASE_URL = BaseClient.API_BASE_URL, self.site.url + "/"
        try:
            return client.user.getuserinfo(query["code"])
        finally:
            BaseClient.API_BASE_URL = before

    def user(self, query: Any) -> Any:
        """The OAuth2 exchange, with the official SDK."""
        from alibabacloud_dingtalk.contact_1_0 import client as contact_client
        from alibabacloud_dingtalk.contact_1_0 import models as contact_models
        from alibabacloud_dingtalk.oauth2_1_0 import client as oauth2_client
        from alibabacloud_dingtalk.oauth2_1_0 import models as oauth2_models
        from alibabacloud_tea_openapi.models import Config
        from alibabacloud_tea_util.models import RuntimeOptions

        if "error" in query:
            return dict(query)
        endpoint = self.site.url.removeprefix("http://")
        config = Config(protocol="http", region_id="central", endpoint=endpoint)
        request = oauth2_models.GetUserTokenRequest(
            client_id=self.site.app_key,
            client_secret=self.site.app_secret,
            code=query["authCode"],
            grant_type="authorization_code",
        )
        token = oauth2_client.Client(config).get_user_token(request).body
        headers = contact_models.GetUserHeaders()
        headers.x_acs_dingtalk_access_token = token.access_token
        runtime = RuntimeOptions()
        me = contact_client.Client(config).get_user_with_options("me", headers, runtime).body
        return {"nick": me.nick, "corpId": token.corp_id, "state": query.get("state")}

    def stranger(self, query: Any) -> Any:
        """The three steps of a web site, as its developer writes them."""
        app = {"appid": self.open_app.app_id, "appsecret": self.open_app.secret}
        token = self.call("/sns/gettoken", **app)["access_token"]
        grant = self.call(
            "/sns/get_persistent_code", {"tmp_auth_code": query["code"]}, access_token=token
        )
        kept = {name: grant[name] for name in ("openid", "persistent_code")}
        sns = self.call("/sns/get_sns_token", kept, access_token=token)["sns_token"]
        return self.call("/sns/getuserinfo", sns_token=sns)

    def administrator(self, query: Any) -> Any:
        core, corp_id = self.site.core, self.site.corp_id
        secret = self.site.run(signin_apps.sso_secret(core, corp_id))
        token = self.call("/sso/gettoken", corpid=corp_id, corpsecret=secret)["access_token"]
        return self.call("/sso/getuserinfo", access_token=token, code=query["code"])

    def call(self, path: str, body: Any = None, **query: str) -> Any:
        method, sent = ("GET", None) if body is None else ("POST", json.dumps(body))
        headers = {"Content-Type": "application/json"}
        target = f"{path}?{urlencode(query)}"
        return self.site.send(self.site.url, target, method, sent, headers).json

    @staticmethod
    def _page(exchange: Callable[[Any], Any]) -> Any:
        async def page(request: web.Request) -> web.Response:
            told = await asyncio.to_thread(exchange, request.query)
            text = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
            html = f"<!doctype html><title>site</title><pre id=told>{text}</pre>"
            return web.Response(text=html, content_type="text/html")

        return page


@pytest.fixture(scope="module")
def running_site() -> Iterator[Site]:
    """A site of our own: people, apps and hosts are changed here."""
    with a_site() as one:
        yield one


@pytest.fixture
def web_site(site: Site) -> Web:
    host = urlsplit(site.app.origin).netloc
    app = site.run(signin_apps.create_open_app(site.core, "示例网站", [host]))
    site.run(signin_apps.set_hosts(site.core, site.app_key, [host]))
    return Web(site, app)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 900, "height": 800})
    made.set_default_timeout(10_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    made = browser.new_context(viewport={"width": 390, "height": 844})
    yield made.new_page()
    made.close()


def choose(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def told(page: Page | Frame) -> Any:
    return json.loads(page.locator("#told").inner_text())


def scan(phone: Page, screen: Page | Frame, name: str, answer: str = "同意并登录") -> None:
    """Scan the code a screen shows as somebody; every page on the way must be readable."""
    phone.goto(str(screen.locator("#scan").get_attribute("href")))
    assert sight.faults(phone) == []
    choose(phone, name)
    assert "另一个屏幕" in phone.inner_text("main")
    assert sight.faults(phone) == []
    choose(phone, answer)
    phone.wait_for_selector("#end", state="attached")
    assert sight.faults(phone) == []


def test_the_page_of_a_corp(page: Page, web_site: Web) -> None:
    page.goto(web_site.corp())
    assert sight.faults(page) == []
    choose(page, "李四")
    page.wait_for_url(web_site.back + "**")
    assert told(page)["userid"] == "li"
    page.goto(web_site.corp())  # the browser remembers who it is
    assert told(page)["userid"] == "li"


def test_with_the_keyboard_alone(page: Page, web_site: Web) -> None:
    page.goto(web_site.oauth())
    page.keyboard.press("Tab")
    page.keyboard.type("王五")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sanfang/signin/people*")
    page.keyboard.press("Tab")  # the field
    page.keyboard.press("Tab")  # its button
    page.keyboard.press("Tab")
    if page.evaluate("document.activeElement.tagName") == "UL":  # a list that scrolls
        page.keyboard.press("Tab")
    assert "王五" in page.evaluate("document.activeElement.textContent")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert float(outline.removesuffix("px")) >= 2
    page.keyboard.press("Enter")
    page.wait_for_url("**/oauth2/auth*")
    for _ in range(2):  # the corp, then the button
        page.keyboard.press("Tab")
    assert "同意" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.wait_for_url(web_site.back + "**")
    assert told(page)["nick"] == "王五"


def test_the_newer_page_and_the_official_sdk(page: Page, web_site: Web) -> None:
    page.goto(web_site.oauth(scope="openid corpid"))
    choose(page, "李四")
    shown = page.inner_text("main")
    for text in ("示例应用", "示例公司", "unionid", "corpId", urlsplit(web_site.back).netloc):
        assert text in shown
    assert sight.faults(page) == []
    choose(page, "同意并登录")
    page.wait_for_url(web_site.back + "**")
    assert told(page) == {"nick": "李四", "corpId": web_site.site.corp_id, "state": "S1"}
    page.goto(web_site.oauth())
    choose(page, "拒绝")
    page.wait_for_url(web_site.back + "**")
    assert told(page) == {"error": "access_denied", "state": "S1"}


def test_a_person_of_two_corps_chooses_one(page: Page, web_site: Web) -> None:
    site = web_site.site
    other = site.run(corps.create_corp(site.core, "另一家公司"))
    for corp_id in (site.corp_id, other.corp_id):
        mobile = "13900000088"
        made = contacts.create_member(
            site.core, corp_id, name="双栖人", userid="two", mobile=mobile
        )
        site.run(made)
    page.goto(web_site.oauth(scope="openid corpid"))
    page.locator("li", has_text="双栖人").filter(has_text="示例公司").get_by_role("button").click()
    page.get_by_label("另一家公司").check()
    choose(page, "同意并登录")
    page.wait_for_url(web_site.back + "**")
    assert told(page)["corpId"] == other.corp_id


def test_use_another_account(page: Page, web_site: Web) -> None:
    page.goto(web_site.sns())
    choose(page, "李四")
    page.get_by_role("link", name="使用其他账号").click()
    assert sight.faults(page) == []
    choose(page, "张三")
    choose(page, "同意并登录")
    page.wait_for_url(web_site.back + "**")
    assert told(page)["user_info"]["nick"] == "张三"


def test_the_hosted_qr_code(page: Page, phone: Page, web_site: Web) -> None:
    page.goto(web_site.sns(QR))
    assert page.locator("svg").is_visible()
    assert sight.faults(page) == []
    scan(phone, page, "王五")
    page.wait_for_url(web_site.back + "**")
    assert told(page)["user_info"]["nick"] == "王五"


def test_who_refuses_a_scan_and_a_new_code(page: Page, phone: Page, web_site: Web) -> None:
    page.goto(web_site.sns(QR))
    scan(phone, page, "王五", "拒绝")
    page.get_by_role("button", name="刷新二维码").wait_for()
    assert "拒绝" in page.inner_text("#status")
    assert sight.faults(page) == []
    page.get_by_role("button", name="刷新二维码").click()
    page.wait_for_load_state()
    page.locator("#scan").wait_for()
    assert page.url == web_site.sns(QR)


def embedding(web_site: Web, *, encode: bool = True) -> str:
    """A site's page with the QR code in it; only the host differs from the documents' sample."""
    target = web_site.sns()
    if not encode:
        plain = f"{web_site.back}/sns"
        target = target.replace(quote(plain, safe=""), plain)
    platform = web_site.site.url
    return f"""<!doctype html><title>site</title><div id="login_container"></div>
    <script src="{platform}{OLD_SCRIPT}"></script>
    <script>
      var goto = {json.dumps(target)};
      DDLogin({{ id: "login_container", goto: encodeURIComponent(goto), width: "365", height: "400",
        style: "border:none;background-color:#FFFFFF;" }});
      var handleMessage = function (event) {{
        if (event.origin == "{platform}") location.href = goto + "&loginTmpCode=" + event.data;
      }};
      window.addEventListener("message", handleMessage, false);
    </script>"""


@pytest.mark.parametrize("encode", [True, False])
def test_the_embedded_qr_code(page: Page, phone: Page, web_site: Web, encode: bool) -> None:
    web_site.site.pages["/login"] = embedding(web_site, encode=encode)
    page.goto(f"{web_site.site.app.origin}/login")
    frame = page.frames[1]
    frame.wait_for_selector("svg")
    assert sight.faults(frame) == []
    scan(phone, frame, "李四")
    page.wait_for_url(web_site.back + "**")
    assert told(page)["user_info"]["nick"] == "李四"


def test_the_frame_of_the_newer_page(page: Page, phone: Page, web_site: Web) -> None:
    site = web_site.site
    site.pages["/login"] = f"""<!doctype html><title>site</title><div id="box"></div>
    <script src="{site.url}{NEW_SCRIPT}"></script>
    <script>
      window.DTFrameLogin({{ id: "box", width: 300, height: 300 }},
        {{ redirect_uri: encodeURIComponent("{web_site.back}/oauth"), client_id: "{site.app_key}",
           scope: "openid", response_type: "code", state: "a&b", prompt: "consent" }},
        (result) => {{ window.got = result; window.location.href = result.redirectUrl; }},
        (errorMsg) => {{ window.failed = errorMsg; }});
    </script>"""
    page.goto(f"{site.app.origin}/login")
    frame = page.frames[1]
    frame.wait_for_selector("svg")
    scan(phone, frame, "王五")
    page.wait_for_url(web_site.back + "**")
    assert (told(page)["nick"], told(page)["state"]) == ("王五", "a&b")
    other = f"http://localhost:{site.app.port}"  # the same page, another origin
    page.goto(f"{other}/login")
    assert "同源" in page.evaluate("window.failed")


def test_in_a_window_that_the_site_opens(page: Page, web_site: Web) -> None:
    """The page the person comes back to still knows who opened it."""
    site = web_site.site
    site.pages["/login"] = f"""<!doctype html><button id=go>login</button><script>
      go.onclick = () => window.open({json.dumps(web_site.oauth())}, "login", "width=500,height=600");
      onmessage = (event) => {{ window.got = event.data; }};
    </script>"""
    site.pages["/back/oauth"] = (
        "<!doctype html><script>opener.postMessage(location.search, location.origin)</script>"
    )
    page.goto(f"{site.app.origin}/login")
    with page.expect_popup() as opening:
        page.locator("#go").click()
    window = opening.value
    choose(window, "李四")
    choose(window, "同意并登录")
    page.wait_for_function("window.got")
    assert "authCode=" in page.evaluate("window.got")


def test_admin_pages(page: Page, web_site: Web) -> None:
    site = web_site.site
    oa = f"{site.app.origin}/admin"
    made = micro_apps.update_app(site.core, site.corp_id, site.agent_id, micro_apps.NEW, oa_url=oa)
    site.run(made)
    page.goto(site.url + address(LANDING, corpid=site.corp_id, redirect_url=oa))
    choose(page, "李四")
    assert "51005" in page.inner_text("main")
    assert sight.faults(page) == []
    page.get_by_role("link", name="使用其他账号").click()
    choose(page, "张三")
    page.wait_for_url(oa + "**")
    assert told(page)["user_info"]["userid"] == "zhang"
    page.goto(f"{site.url}/sanfang/signin/backends")
    assert sight.faults(page) == []
    choose(page, "进入后台")
    page.wait_for_url(oa + "**")
    assert told(page)["corp_info"]["corpid"] == site.corp_id


def test_the_refusal_people_know(page: Page, web_site: Web) -> None:
    page.goto(web_site.corp(redirect_uri="https://evil.example/"))
    assert page.inner_text("h1") == "对不起,您无权限查看该页面"
    assert "evil.example" in page.inner_text(".cause")
    assert "FAQ F2" in page.inner_text("main")
    assert sight.faults(page) == []


def test_names_with_markup_do_nothing(page: Page, phone: Page, web_site: Web) -> None:
    site = web_site.site
    evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    host = urlsplit(site.app.origin).netloc
    web_site.open_app = site.run(signin_apps.create_open_app(site.core, evil, [host]))
    page.goto(web_site.sns())
    choose(page, "李四")
    assert evil in page.inner_text("main")
    assert "owned" not in page.title().replace(evil, "")
    assert page.locator("main img, main script").count() == 0


def test_no_page_of_another_site_can_frame_ours(page: Page, web_site: Web) -> None:
    """A frame that is refused shows the browser's own error page, of another origin."""
    site = web_site.site
    page.goto(web_site.corp())
    choose(page, "李四")

    def frame(target: str, origin: str, ends_at: str = "") -> None:
        site.pages["/evil"] = (
            f'<!doctype html><iframe src="{target.replace("&", "&amp;")}"></iframe>'
        )
        page.goto(f"{origin}/evil")
        page.frames[1].wait_for_url(ends_at or (lambda url: url.startswith("chrome-error:")))

    own, foreign = site.app.origin, f"http://localhost:{site.app.port}"
    goto = f"{site.url}/login/qrcode.htm?goto={quote(web_site.sns(), safe='')}"
    for target in (web_site.corp(), web_site.sns(), web_site.oauth(), web_site.sns(QR)):
        for origin in (own, foreign):
            frame(target, origin)
    frame(goto, own, goto)
    frame(goto, foreign)
    inner = web_site.oauth(iframe="true")
    frame(inner, own, inner)
    frame(inner, foreign)


def test_a_form_of_another_site_signs_nobody_in(
    page: Page, context: BrowserContext, web_site: Web
) -> None:
    site = web_site.site
    page.goto(web_site.corp())  # the browser has the cookie of forms
    fields = {"corp_id": site.corp_id, "userid": "li", "next": "/sanfang/signin/backends"}
    inputs = "".join(f'<input name="{k}" value="{v}">' for k, v in fields.items())
    site.pages["/evil"] = (
        f'<form method="post" action="{site.url}/sanfang/signin/desk">{inputs}'
        "<button>free</button></form>"
    )
    page.goto(f"{site.app.origin}/evil")
    page.get_by_role("button").click()
    page.wait_for_url("**/sanfang/signin/desk")
    assert "51002" in page.inner_text("main")
    assert [each["name"] for each in context.cookies()] == ["sanfang_form"]


# Inside the workbench


@pytest.fixture
def workbench(site: Site, context: BrowserContext) -> Page:
    context.add_cookies([site.cookie("li")])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(site.workbench_url)
    return page


def opened(workbench: Page, flavour: str) -> Frame:
    """Open the app; its frame, wherever it goes."""
    workbench.locator(f"input[name=flavour][value={flavour}]").check(force=True)
    workbench.get_by_role("button", name="示例应用").click()
    found = workbench.locator(f".device.{flavour} iframe").last.element_handle()
    frame = found.content_frame() if found else None
    assert frame is not None
    return frame


def sends(web_site: Web, target: str, *, by_script: bool = False) -> None:
    """Let the app's home pages send whoever comes to a sign-in page, as apps of 2015 did."""
    script = f"<!doctype html><script>location.href = {json.dumps(target)}</script>"

    async def redirect(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": target})  # HTTPFound would decode it

    for path in ("/", "/pc"):
        web_site.site.pages[path] = script if by_script else redirect


@pytest.mark.parametrize("flavour", ["android", "ios", "pc"])
@pytest.mark.parametrize("by_script", [False, True])
def test_an_app_in_the_workbench_knows_its_member_without_a_question(
    workbench: Page, web_site: Web, flavour: str, by_script: bool
) -> None:
    sends(web_site, web_site.corp(), by_script=by_script)
    frame = opened(workbench, flavour)
    frame.wait_for_url(web_site.site.vhost(flavour) + "/back**")
    assert told(frame)["userid"] == "li"


def test_a_web_sites_page_in_the_workbench(workbench: Page, web_site: Web) -> None:
    sends(web_site, web_site.sns().replace("snsapi_login", "snsapi_auth"))
    frame = opened(workbench, "android")
    frame.wait_for_url(web_site.site.vhost("android") + "/back/sns**")
    assert told(frame)["user_info"]["nick"] == "李四"


@pytest.mark.parametrize(
    ("answer", "expected"), [("同意并登录", ("nick", "李四")), ("拒绝", ("error", "access_denied"))]
)
def test_the_newer_page_asks_inside_the_workbench_too(
    workbench: Page, web_site: Web, answer: str, expected: tuple[str, str]
) -> None:
    sends(web_site, web_site.oauth())
    frame = opened(workbench, "pc")
    frame.get_by_role("button", name=answer).click()
    frame.wait_for_url(web_site.site.vhost("pc") + "/back/oauth**")
    name, value = expected
    assert told(frame)[name] == value


def test_no_app_says_yes_in_the_name_of_its_member(workbench: Page, web_site: Web) -> None:
    """Its page may send the message; it is not on an origin of the platform."""
    web_site.site.pages["/"] = "<!doctype html><p id=home>home</p>"
    with workbench.expect_response("**/api/frames") as opening:
        frame = opened(workbench, "android")
    frame.locator("#home").wait_for()
    message = {"__ddc": 1, "signin": True, "said": "yes", "url": web_site.oauth()}
    message["frame"] = opening.value.json()["frame"]
    frame.evaluate("(message) => parent.postMessage(message, '*')", message)
    workbench.locator(".page-error").wait_for()
    assert not [seen for seen in web_site.site.app.targets() if "code=" in seen]


def test_a_frame_is_moved_on_to_its_own_app_only(workbench: Page, web_site: Web) -> None:
    site = web_site.site
    other = f"http://localhost:{site.app.port}/"  # of another app in the same corp
    form = micro_apps.AppForm(name="另一应用", description="x", home_url=other)
    site.run(micro_apps.create_app(site.core, site.corp_id, form, micro_apps.NEW))
    sends(web_site, web_site.corp(redirect_uri=f"{other}back"))
    opened(workbench, "android")
    alert = workbench.locator(".page-error")
    alert.wait_for()
    assert "主页域名" in alert.inner_text()
    assert not [seen for seen in site.app.targets() if "code=" in seen]


def test_a_refusal_inside_the_workbench(workbench: Page, web_site: Web) -> None:
    sends(web_site, web_site.corp(redirect_uri="https://evil.example/"))
    frame = opened(workbench, "android")
    frame.wait_for_selector("h1.no")
    assert frame.inner_text("h1") == "对不起,您无权限查看该页面"
    assert "evil.example" in frame.inner_text(".cause")
