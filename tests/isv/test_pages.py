"""The ready endpoints, asked as browsers and as attackers ask them."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sanfang.client import BadCall
from sanfang.isv import CorpApp, SuiteApp
from sanfang.isv.cookies import Begun
from sanfang.isv.pages import local_path
from sanfang.isv.people import Person
from sanfang.isv.sessions import Signer, TooLong

from .house import NAMES, Got, House, suite_house
from .test_doors import signed, ticket
from .world import AES_KEY, TOKEN

EVIL = "https://evil.example"


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with suite_house() as one:
        yield one


def login(house: House, userid: str = "zhang", **headers: str) -> Got:
    body = {"code": house.code(userid), "corp_id": house.corp_id}
    return house.post("login", body, **headers)


def cookie_of(got: Got) -> str:
    name, value = next(iter(got.cookies().items()))
    return f"{name}={value}"


# -- the endpoints ------------------------------------------------------------------------


def test_the_signature_of_an_own_page(house: House) -> None:
    page = f"{house.origin}/?corpid={house.corp_id}"
    got = house.post("config", {"url": f"{page}#top", "corp_id": house.corp_id})
    assert got.status == 200
    assert got.json["jsApiList"] == NAMES
    assert got.json["signature"] == signed(got.json, ticket(house), page, "sha256")
    assert got.header("cache-control") == "no-store"
    assert ticket(house) not in got.body.decode()


def test_login_sets_a_session_that_scripts_cannot_read(house: House) -> None:
    got = login(house)
    assert got.json == {
        "corp_id": house.corp_id,
        "userid": "zhang",
        "name": "测试员甲",
        "is_admin": False,
    }
    attributes = got.header("set-cookie").split("; ")[1:]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
    assert "Secure" not in attributes  # http on loopback
    me = house.send("GET", "/dingtalk/me", Cookie=cookie_of(got))
    assert me.json == got.json
    assert house.send("GET", "/dingtalk/me").status == 401


def test_logging_out_ends_it_in_the_browser(house: House) -> None:
    got = house.post("logout", {})
    assert "Max-Age=0" in got.header("set-cookie")


def test_a_used_code_is_explained(house: House) -> None:
    body = {"code": house.code(), "corp_id": house.corp_id}
    assert house.post("login", body).status == 200
    again = house.post("login", body)
    assert again.status == 400
    assert again.json["errcode"] == 40078
    assert again.json["faq"] == "F3"
    assert "五分钟" in again.json["zh"]
    assert again.header("set-cookie") == ""


def test_the_web_sign_in_from_beginning_to_end(house: House) -> None:
    begun = house.send("GET", "/dingtalk/signin?next=/board/%3Fa%3D1", Host=_host(house))
    assert begun.status == 302
    assert "HttpOnly" in begun.header("set-cookie")
    back = urlsplit(house.agree(begun.header("location")))
    path = f"{back.path}?{back.query}"
    assert house.send("GET", path).status == 403  # another browser
    done = house.send("GET", path, Cookie=cookie_of(begun))
    assert (done.status, done.header("location")) == (302, "/board/?a=1")
    me = house.send("GET", "/dingtalk/me", Cookie=cookie_of(done))
    assert (me.json["userid"], me.json["corp_id"]) == ("zhang", house.corp_id)


def test_a_web_sign_in_with_another_state_is_refused(house: House) -> None:
    begun = house.send("GET", "/dingtalk/signin", Host=_host(house))
    back = urlsplit(house.agree(begun.header("location")))
    query = {name: values[0] for name, values in parse_qs(back.query).items()}
    path = f"{back.path}?authCode={query['authCode']}&state=forged"
    assert house.send("GET", path, Cookie=cookie_of(begun)).status == 403


def test_who_says_no_is_not_signed_in(house: House) -> None:
    begun = house.send("GET", "/dingtalk/signin", Host=_host(house))
    state = parse_qs(urlsplit(begun.header("location")).query)["state"][0]
    path = f"/dingtalk/signed-in?error=access_denied&state={state}"
    got = house.send("GET", path, Cookie=cookie_of(begun))
    assert got.status == 403
    assert "access_denied" in got.json["en"]


@pytest.mark.parametrize(
    "where", [EVIL, "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nX: y", ""]
)
def test_nobody_is_sent_to_another_site(house: House, where: str) -> None:
    assert local_path(where) == "/"
    assert local_path("/board/?a=1#b") == "/board/?a=1#b"


def test_the_admin_console_opens_the_app(house: House) -> None:
    code = house.code("manager", kind="admin", corp_id=house.corps[1])
    got = house.send("GET", f"/dingtalk/admin?code={code}")
    assert got.status == 302
    me = house.send("GET", "/dingtalk/me", Cookie=cookie_of(got)).json
    assert (me["corp_id"], me["is_admin"]) == (house.corps[1], True)
    assert house.send("GET", f"/dingtalk/admin?code={code}").status == 400


def test_a_corp_that_relieves_ends_its_sessions() -> None:
    with suite_house() as house:
        cookie = cookie_of(login(house))
        assert house.send("GET", "/dingtalk/me", Cookie=cookie).status == 200
        house.platform.post(f"/suites/{house.suite_key}/relieve", corp_id=house.corp_id)
        from .house import wait_for

        wait_for(lambda: house.send("GET", "/dingtalk/me", Cookie=cookie).status == 401)
        got = house.post("config", {"url": house.origin, "corp_id": house.corp_id})
        assert got.status == 404
        assert "解除" in got.json["zh"]


def test_a_session_outlives_a_crash_and_holds_no_secret(tmp_path: Path) -> None:
    data = tmp_path / "isv.db"
    with suite_house(data) as house:
        cookie = cookie_of(login(house))
        raw = cookie.partition("=")[2].split(".")[1]
        said = base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)).decode()
        assert set(json.loads(said)) == {"of", "ends"}
        known = json.loads(said)["of"]
        assert known["userid"] == "zhang"
        secrets = house.platform.get(f"/suites/{house.suite_key}?secrets=1")["secrets"]
        for secret in [*secrets.values(), ticket(house)]:
            assert str(secret) not in said
        # Another process on the same data: nothing but the file is shared.
        again = SuiteApp(token=TOKEN, aes_key=AES_KEY, data=str(data), base_url=house.platform.url)

        async def after() -> Person | None:
            async with again:
                pages = again.pages(origins=[house.origin])
                scope = {"headers": [(b"cookie", cookie.encode())], "scheme": "http"}
                return pages.person(scope)

        person = asyncio.run(after())
        assert person is not None
        assert person.userid == "zhang"


# -- attackers ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["config", "failed", "login", "logout"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "", "Referer": f"{EVIL}/"},
        {"Origin": ""},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": EVIL, "X_Forwarded_Host": "app-1-pc.sanfang.localhost"},
    ],
)
def test_no_other_site_may_ask(house: House, name: str, headers: dict[str, str]) -> None:
    got = house.post(name, {"code": "c", "corp_id": "d", "url": house.origin}, **headers)
    assert got.status == 403
    assert got.header("set-cookie") == ""


def test_a_foreign_page_gets_no_signature(house: House) -> None:
    got = house.post("config", {"url": f"{EVIL}/", "corp_id": house.corp_id})
    assert got.status == 403
    assert got.json["faq"] == "F14"
    assert "signature" not in got.json


@pytest.mark.parametrize("said", ["X_Forwarded_Host", "X_Sanfang_Host"])
def test_behind_a_proxy_our_own_address_is_signed(house: House, said: str) -> None:
    seen = "http://app-5-android.sanfang.localhost:8080"
    got = house.post(
        "config",
        {"url": f"{seen}/board/?corpid={house.corp_id}#x", "corp_id": house.corp_id},
        Origin=seen,
        Host=_host(house),
        **{said: "app-5-android.sanfang.localhost:8080"},
    )
    assert got.status == 200
    own = f"{house.origin}/board/?corpid={house.corp_id}"
    assert got.json["signature"] == signed(got.json, ticket(house), own, "sha256")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"url": 5, "corp_id": "x"}, 400),
        ([], 400),
        (b"\xff\xfe", 400),
        (b"[" * 16000, 400),
        (b"x" * 20000, 413),
        ({"url": "http://127.0.0.1/", "corp_id": ""}, 403),
    ],
)
def test_a_bad_body_is_explained(house: House, body: Any, status: int) -> None:
    got = house.post("config", body)
    assert got.status == status
    assert got.json["zh"]
    assert got.json["en"]


def test_what_is_not_there(house: House) -> None:
    assert house.send("GET", "/dingtalk/nothing").status == 404
    assert house.send("GET", "/dingtalk/login").status == 405
    assert house.post("me", {}).status == 405
    plain = house.post("login", {"code": "c", "corp_id": "d"}, Content_Type="text/plain")
    assert plain.status == 415
    assert house.send("OPTIONS", "/dingtalk/login").header("allow") == "POST"
    assert house.send("GET", "/dingtalk/login").json["errmsg"] == "Method Not Allowed"
    assert house.send("HEAD", "/dingtalk/me").status == 401
    assert house.post("config", {"url": house.origin, "corp_id": "dingnobody"}).status == 404


def test_looking_at_an_address_does_not_use_up_its_code(house: House) -> None:
    code = house.code("manager", kind="admin", corp_id=house.corps[1])
    looked = house.send("HEAD", f"/dingtalk/admin?code={code}")
    assert (looked.status, looked.header("allow")) == (405, "GET")
    assert house.send("GET", f"/dingtalk/admin?code={code}").status == 302


def test_a_way_back_that_is_too_long_leads_home(house: House) -> None:
    begun = house.send("GET", f"/dingtalk/signin?next=/{'a' * 5000}", Host=_host(house))
    assert begun.status == 302
    raw = begun.cookies()["sanfang_signin"].split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))["of"]["next"] == "/"


def test_a_folder_in_chinese_comes_back_encoded(house: House) -> None:
    begun = house.send("GET", "/%E7%AD%BE%E5%88%B0/signin", Host=_host(house))
    back = parse_qs(urlsplit(begun.header("location")).query)["redirect_uri"]
    assert back == [f"{house.origin}/%E7%AD%BE%E5%88%B0/signed-in"]


SIGNER = Signer(b"key", "session", Person)
SOMEBODY = Person(corp_id="ding1", userid="zhang", name="测试员甲")


def test_a_cookie_is_good_until_it_ends() -> None:
    value = SIGNER.sign(SOMEBODY, 100.0)
    assert SIGNER.read(value, 99.0) == SOMEBODY
    assert SIGNER.read(value, 100.0) is None


def test_a_cookie_of_another_key_or_purpose_is_none() -> None:
    value = SIGNER.sign(SOMEBODY, 100.0)
    assert Signer(b"other", "session", Person).read(value, 0.0) is None
    assert Signer(b"key", "signin", Person).read(value, 0.0) is None
    assert Signer(b"key", "signin", Begun).read(value, 0.0) is None
    with pytest.raises(TooLong):
        SIGNER.sign(Person(corp_id="d", userid="u", name="n" * 5000), 1.0)
    with pytest.raises(ValueError, match="secret"):
        Signer(b"", "session", Person)


@given(st.data())
def test_no_changed_cookie_is_read(data: st.DataObject) -> None:
    value = SIGNER.sign(SOMEBODY, 100.0)
    at = data.draw(st.integers(0, len(value) - 1))
    new = data.draw(st.characters(min_codepoint=33, max_codepoint=0x2FF))
    changed = value[:at] + new + value[at + 1 :]
    read = SIGNER.read(changed, 0.0)
    # The last character of base64 has bits that say nothing.
    assert read is None or (
        read == SOMEBODY and (new == value[at] or at == len(value) - 1 or value[at + 1] == ".")
    )


@given(st.text(max_size=200))
def test_rubbish_is_no_cookie(text: str) -> None:
    assert SIGNER.read(text, 0.0) is None


@given(st.text(max_size=60))
def test_a_local_path_stays_here(text: str) -> None:
    found = local_path(text)
    joined = urlsplit("http://own.example" + found)
    assert found.startswith("/")
    assert joined.netloc == "own.example"
    assert not found.startswith(("//", "/\\"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=80), name=st.sampled_from(["config", "login", "logout"]))
def test_nothing_sent_ends_in_a_failure(house: House, body: bytes, name: str) -> None:
    assert house.post(name, body).status < 500


def test_without_origins_there_are_no_pages() -> None:
    app = CorpApp(corp_id="ding1", agent_id=1, app_secret="a-secret-of-the-example")
    with pytest.raises(BadCall, match="origins"):
        app.pages()
    with pytest.raises(BadCall, match="origin"):
        app.pages(origins=["https://app.example.com/path"])


def test_over_https_the_cookie_is_bound_to_the_host() -> None:
    app = CorpApp(corp_id="ding1", agent_id=1, app_secret="a-secret-of-the-example")
    pages = app.pages(origins=["https://app.example.com"], secret=b"key")
    from sanfang.isv.web import Asked

    for headers in (
        {"host": "app.example.com"},
        {"host": "127.0.0.1:9000"},  # a proxy that ends TLS and gives its own idea of our host
        {"host": "127.0.0.1:9000", "x-forwarded-proto": "https"},
    ):
        asked = Asked("POST", "/login", {}, headers, "http", b"")
        name, cookie = pages._session(SOMEBODY, asked)
        assert name == "set-cookie"
        assert cookie.startswith("__Host-sanfang_session=")
        assert cookie.endswith("; Secure")
    app.close()


def test_a_name_of_any_length_makes_a_session() -> None:
    app = CorpApp(corp_id="ding1", agent_id=1, app_secret="a-secret-of-the-example")
    pages = app.pages(origins=["https://app.example.com"])
    long = Person(corp_id="ding1", userid="zhang", name="测" * 5000)
    cookie = pages._cookies.session(long, secure=True)[1].partition("=")[2].partition(";")[0]
    person = pages._cookies.person(cookie)
    assert person is not None
    assert person.name == "测" * 200
    app.close()


def test_before_the_suite_is_known_nobody_is_signed_in_and_it_is_said() -> None:
    app = SuiteApp(token=TOKEN, aes_key=AES_KEY, data=":memory:", origins=["http://127.0.0.1:9"])
    pages = app.pages()
    scope = {"headers": [(b"cookie", b"sanfang_session=v1.e30.e30")], "scheme": "http"}
    assert pages.person(scope) is None
    sent: list[Any] = []

    async def ask() -> None:
        path = {"path": "/signin", "query_string": b"", "method": "GET", "type": "http"}

        async def send(message: Any) -> None:
            sent.append(message)

        await pages({**scope, **path}, None, send)  # type: ignore[arg-type]
        await app.stop()

    asyncio.run(ask())
    assert sent[0]["status"] == 503
    assert "configure" in json.loads(sent[1]["body"])["en"]


def _host(house: House) -> str:
    return urlsplit(house.origin).netloc
