"""What pages ask of an app: a signature that is right, and a name for a code."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sanfang.client import BadCall, CallRefused
from sanfang.isv import (
    Administrator,
    CodeNotValid,
    CorpApp,
    ForeignPage,
    NoSuchAgent,
    Person,
    SuiteApp,
    UnknownCorp,
)
from sanfang.isv.doors import _agent_of
from sanfang.isv.records import Agent, CorpRecord, CorpState

from .house import NAMES, House, corp_house, suite_house
from .world import AES_KEY, TOKEN, FakePlatform
from .world import make as fake


@pytest.fixture(scope="module")
def suite() -> Iterator[House]:
    with suite_house() as house:
        yield house


@pytest.fixture(scope="module")
def own() -> Iterator[House]:
    with corp_house() as house:
        yield house


@pytest.fixture(params=["suite", "own"])
def house(request: pytest.FixtureRequest) -> House:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, House)
    return found


def signed(config: dict[str, Any], ticket: str, url: str, digest: str) -> str:
    """The signature by the documents, written out again."""
    text = (
        f"jsapi_ticket={ticket}&noncestr={config['nonceStr']}"
        f"&timestamp={config['timeStamp']}&url={url}"
    )
    return hashlib.new(digest, text.encode()).hexdigest()


def agent_id(house: House, corp_id: str = "") -> int:
    async def ask() -> int:
        return house.app.corp(corp_id or house.corp_id).agent_ids[0]

    return house.run(ask())


def ticket(house: House, corp_id: str = "") -> str:
    async def ask() -> str:
        return await house.app.corp(corp_id or house.corp_id).client().get_jsapi_ticket()

    return house.run(ask())


# -- signing ------------------------------------------------------------------------------


@pytest.mark.parametrize("digest", ["sha1", "sha256"])
def test_the_formats_of_2016_and_2026_without_the_hash(house: House, digest: Any) -> None:
    page = f"{house.origin}/?corpid={house.corp_id}&q=%E4%B8%AD"
    config = house.run(
        house.app.jsapi_config(
            f"{page}#/list", corp_id=house.corp_id, js_api_list=NAMES, digest=digest, type=0
        )
    )
    assert set(config) == {
        *("agentId", "corpId", "timeStamp", "nonceStr"),
        *("signature", "jsApiList", "type"),
    }
    assert config["agentId"] == str(agent_id(house))
    assert config["corpId"] == house.corp_id
    assert config["jsApiList"] == NAMES
    decoded = page.replace("%E4%B8%AD", "中")
    assert config["signature"] == signed(config, ticket(house), decoded, digest)


def test_each_corp_has_its_own_agentid_and_ticket(suite: House) -> None:
    configs = [
        suite.run(suite.app.jsapi_config(f"{suite.origin}/", corp_id=corp_id))
        for corp_id in suite.corps
    ]
    assert configs[0]["agentId"] != configs[1]["agentId"]
    for corp_id, config in zip(suite.corps, configs, strict=True):
        expected = signed(config, ticket(suite, corp_id), f"{suite.origin}/", "sha256")
        assert config["signature"] == expected
        assert "jsApiList" not in config


def test_many_pages_at_once_fetch_one_ticket() -> None:
    async def all_at_once(app: SuiteApp) -> list[dict[str, Any]]:
        urls = [f"http://127.0.0.1:1/?n={number}" for number in range(40)]
        return await asyncio.gather(*(app.jsapi_config(url, corp_id="ding1") for url in urls))

    class Counting(FakePlatform):
        def _gettoken(self, *_: Any) -> dict[str, Any]:
            return {"access_token": "token-of-ding1", "expires_in": 7200}

        def _get_jsapi_ticket(self, *_: Any) -> dict[str, Any]:
            return {"ticket": "jsapi-ticket-of-the-example", "expires_in": 7200}

    async def main() -> None:
        platform = Counting()
        own = CorpApp(
            corp_id="ding1",
            agent_id=7,
            app_key="dingkey",
            app_secret="a-secret-of-the-example",
            base_url="http://platform.invalid",
            transport=platform,
        )
        async with own as app:
            configs = await all_at_once(app)
        assert platform.count("get_jsapi_ticket") == 1
        assert len({config["nonceStr"] for config in configs}) == 40
        for number, config in enumerate(configs):
            url = f"http://127.0.0.1:1/?n={number}"
            expected = signed(config, "jsapi-ticket-of-the-example", url, "sha256")
            assert config["signature"] == expected

    asyncio.run(main())


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("{origin}/?corpid=$CORPID$", r"\$CORPID\$"),
        ("/index.html", "origins"),
        ("https://evil.example/", "evil.example"),
        ("{origin}.evil.example/", "origins|自己的地址"),
        ("{origin}@evil.example/", "origins|自己的地址"),
        ("javascript:alert(1)", "自己的地址"),
        ("http://[::1", "自己的地址"),
        ("", "自己的地址"),
        (None, "文本"),
    ],
)
def test_what_is_no_own_page_is_not_signed(house: House, url: Any, why: str) -> None:
    asked = url.format(origin=house.origin) if isinstance(url, str) else url
    with pytest.raises(BadCall, match=why):
        house.run(house.app.jsapi_config(asked, corp_id=house.corp_id))


def test_a_foreign_page_is_a_case_of_its_own(house: House) -> None:
    with pytest.raises(ForeignPage, match=house.origin):
        house.run(house.app.jsapi_config("https://evil.example/", corp_id=house.corp_id))


def test_an_unknown_corp(house: House) -> None:
    with pytest.raises(LookupError, match="dingstranger"):
        house.run(house.app.jsapi_config(f"{house.origin}/", corp_id="dingstranger"))


@pytest.mark.parametrize("corp_id", ["$CORPID$", "%24CORPID%24$", None, 7])
def test_a_corp_that_is_none(suite: House, corp_id: Any) -> None:
    with pytest.raises((BadCall, UnknownCorp)):
        suite.run(suite.app.jsapi_config(f"{suite.origin}/", corp_id=corp_id))


def test_the_agentid_of_another_corp_is_refused_with_ours(suite: House) -> None:
    theirs = agent_id(suite, suite.corps[1])
    with pytest.raises(NoSuchAgent, match=str(theirs)) as caught:
        suite.run(
            suite.app.jsapi_config(f"{suite.origin}/", corp_id=suite.corp_id, agent_id=theirs)
        )
    assert caught.value.known == [agent_id(suite)]


def test_of_several_micro_apps_one_is_named() -> None:
    app = fake(FakePlatform())
    record = CorpRecord(
        corp_id="ding1",
        state=CorpState.ACTIVE,
        agents=[Agent(agent_id=11, app_id=1), Agent(agent_id=12, app_id=2)],
    )
    corp = app._authorised(record)
    with pytest.raises(NoSuchAgent, match="app_id"):
        _agent_of(corp, None, None)
    assert _agent_of(corp, None, 2) == 12
    assert _agent_of(corp, "11", None) == "11"
    with pytest.raises(NoSuchAgent):
        _agent_of(corp, 11, 2)
    app.close()


# -- signing in ---------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["auto", "v2", "2016"])
def test_a_code_becomes_a_person(house: House, form: Any) -> None:
    person = house.run(house.app.login(house.code(), house.corp_id, form=form))
    assert isinstance(person, Person)
    assert (person.corp_id, person.userid, person.name) == (house.corp_id, "zhang", "测试员甲")
    assert person.unionid
    assert (person.is_admin, person.sys_level) == (False, 0)


def test_an_administrator_is_told_as_one(house: House) -> None:
    person = house.run(house.app.login(house.code("manager"), house.corp_id))
    assert person.is_admin
    assert person.sys_level == 1


@pytest.mark.parametrize("form", ["v2", "2016"])
def test_a_code_serves_once(house: House, form: Any) -> None:
    code = house.code()
    house.run(house.app.login(code, house.corp_id, form=form))
    with pytest.raises(
        CodeNotValid, match=r"只能用一次，五分钟.*F3.*once, within five minutes"
    ) as caught:
        house.run(house.app.login(code, house.corp_id, form=form))
    assert caught.value.code == 40078
    assert isinstance(caught.value, CallRefused)


def test_of_many_exchanges_of_a_code_one_succeeds(suite: House) -> None:
    code = suite.code()

    async def many() -> list[Any]:
        exchanges = [suite.app.login(code, suite.corp_id) for _ in range(12)]
        return await asyncio.gather(*exchanges, return_exceptions=True)

    found = suite.run(many())
    assert sum(isinstance(one, Person) for one in found) == 1
    assert sum(isinstance(one, CodeNotValid) for one in found) == 11


def test_the_code_of_another_corp_is_not_taken(suite: House) -> None:
    code = suite.code(corp_id=suite.corps[1])
    with pytest.raises(CodeNotValid):
        suite.run(suite.app.login(code, suite.corp_id))
    person = suite.run(suite.app.login(code, suite.corps[1]))  # it was not used up by that
    assert person.corp_id == suite.corps[1]


@pytest.mark.parametrize("code", ["", " ", None, 5, "x" * 5000])
def test_what_is_no_code_is_not_sent(house: House, code: Any) -> None:
    with pytest.raises(BadCall, match="code"):
        house.run(house.app.login(code, house.corp_id))


def test_where_the_new_api_is_not_allowed_the_old_one_serves() -> None:
    class Old(FakePlatform):
        def _gettoken(self, *_: Any) -> dict[str, Any]:
            return {"access_token": "token-of-ding1", "expires_in": 7200}

        async def answer(self, path: str, query: Any, body: Any) -> dict[str, Any]:
            self.calls.append((path, body))
            if path.endswith("gettoken"):
                return {"errcode": 0, **self._gettoken()}
            if path == "user/getuserinfo":
                return {"errcode": 0, "userid": "zhang", "is_sys": True, "sys_level": 2}
            return {"errcode": 60011, "errmsg": "没有权限"}

    async def main() -> Person:
        async with CorpApp(
            corp_id="ding1",
            agent_id=7,
            app_secret="a-secret-of-the-example",
            base_url="http://platform.invalid",
            transport=Old(),
        ) as app:
            with pytest.raises(CallRefused):
                await app.login("code", form="v2")
            found = await app.login("code")
            assert isinstance(found, Person)
            return found

    person = asyncio.run(main())
    assert (person.userid, person.name, person.is_admin) == ("zhang", "", True)


def test_an_administrator_from_the_console(suite: House) -> None:
    code = suite.code("manager", kind="admin", corp_id=suite.corps[1])
    who = suite.run(suite.app.admin_login(code))
    assert isinstance(who, Administrator)
    assert (who.corp_id, who.userid, who.is_admin) == (suite.corps[1], "manager", True)
    with pytest.raises(CodeNotValid):
        suite.run(suite.app.admin_login(code))


def test_without_an_ssosecret_administrators_are_told_what_is_missing(own: House) -> None:
    with pytest.raises(BadCall, match="SsoSecret"):
        own.run(own.app.admin_login("code"))


def test_a_web_sign_in_by_a_real_exchange(house: House) -> None:
    async def ask() -> str:
        return house.app.sign_in_url(f"{house.origin}/back", "S1")

    back = parse_qs(urlsplit(house.agree(house.run(ask()))).query)
    assert back["state"] == ["S1"]
    visitor = house.run(house.app.web_login(back["authCode"][0]))
    assert (visitor.nick, visitor.corp_id, visitor.userid) == ("测试员甲", house.corp_id, "zhang")
    assert visitor.unionid


def test_the_address_of_the_web_sign_in(house: House) -> None:
    async def ask() -> str:
        return house.app.sign_in_url(f"{house.origin}/back?a=1&b=2", "S1")

    parts = urlsplit(house.run(ask()))
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{house.platform.url}/oauth2/auth"
    assert asked["redirect_uri"] == f"{house.origin}/back?a=1&b=2"
    assert asked["client_id"] == house.suite_key
    assert (asked["state"], asked["scope"]) == ("S1", "openid corpid")


def test_at_dingtalk_the_web_sign_in_is_at_their_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SANFANG_OAPI_URL", raising=False)

    async def main() -> str:
        async with CorpApp(
            corp_id="ding1", agent_id=7, app_key="dingkey", app_secret="secret-of-it-all"
        ) as app:
            return app.sign_in_url("https://app.example.com/back", "S1")

    assert asyncio.run(main()).startswith("https://login.dingtalk.com/oauth2/auth?")


# -- a corp's own app ---------------------------------------------------------------------


def test_an_own_app_knows_its_corp(own: House) -> None:
    config = own.run(own.app.jsapi_config(f"{own.origin}/"))  # type: ignore[call-arg]
    assert config["corpId"] == own.corp_id
    person = own.run(own.app.login(own.code()))  # type: ignore[call-arg]
    assert person.userid == "zhang"
    found = own.run(own.app.corp(own.corp_id).call("user/get", userid="li"))
    assert found["name"] == "测试员乙"


def test_an_own_app_without_callback_says_so(own: House) -> None:
    got = own.send("POST", "/callback?signature=a&timestamp=1&nonce=2", b"{}")
    assert got.status == 404
    assert "register_call_back" in got.json["en"]
    assert own.send("GET", "/callback").json["ok"] is True


def test_an_own_app_receives_what_it_registered_for() -> None:
    heard: list[str] = []
    with corp_house(token=TOKEN, aes_key=AES_KEY) as house:
        house.app.on("user_add_org")(lambda event, corp: heard.append(corp.corp_id))
        body = {
            "call_back_tag": ["user_add_org"],
            "token": TOKEN,
            "aes_key": AES_KEY,
            "url": f"{house.origin}/callback",
        }
        corp = house.app.corp(house.corp_id)
        house.run(corp.call("call_back/register_call_back", body=body))
        house.platform.post(
            f"/corps/{house.corp_id}/members", userid="wang", name="测试员丙", departments=[1]
        )
        from .house import wait_for

        wait_for(lambda: bool(heard))
        assert heard == [house.corp_id]


@pytest.mark.parametrize(
    "wrong", [{"corp_id": ""}, {"app_secret": ""}, {"token": "t"}, {"origins": ["ftp://x"]}]
)
def test_an_own_app_that_cannot_be(wrong: dict[str, Any]) -> None:
    given = {"corp_id": "ding1", "agent_id": 1, "app_secret": "secret-of-it-all", **wrong}
    with pytest.raises((ValueError, BadCall)):
        CorpApp(**given)
