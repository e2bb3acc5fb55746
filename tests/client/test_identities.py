"""Identities beyond the corp's own app: requests as documented, tokens kept apart by type."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from sanfang.client import (
    AppKey,
    AuthorisedCorp,
    BadCall,
    CallRefused,
    CorpSecret,
    MemorySuites,
    MemoryTokens,
    NotSignedIn,
    OAuthApp,
    OpenApp,
    SignedIn,
    SsoSecret,
    Suite,
    TokenKey,
    TokenRefused,
    stores,
)
from sanfang.client.grants import key_of

from .conftest import Make
from .stand_in import Reply, Seen, StandIn

APP = AppKey("dingexample", "example-app-secret")
USER_TOKEN = "/v1.0/oauth2/userAccessToken"
ME = "/v1.0/contact/users/me"


class Signer:
    """The new host's sign-in: one-time codes, refresh tokens, and who each token belongs to."""

    def __init__(self, platform: StandIn) -> None:
        self.platform = platform
        self.codes = {"code-of-jia": "jia", "code-of-yi": "yi"}
        self.refresh: dict[str, str] = {}
        self.corp = ""
        self.answer_refresh = True
        platform.on(USER_TOKEN, self.exchange)
        platform.on(ME, self.me)
        self.dead: set[str] = set()
        self.issued = 0

    def exchange(self, seen: Seen) -> Reply | dict[str, Any]:
        body = seen.json
        if body["grantType"] == "authorization_code":
            who = self.codes.pop(body["code"], None)
        else:
            who = self.refresh.get(body["refreshToken"])
        if who is None:
            return Reply({"code": "invalidCode", "message": "no", "requestid": "R"}, status=400)
        self.issued += 1
        token, refresh = f"user-token-{self.issued:03d}-{who}", f"refresh-{self.issued:03d}-{who}"
        self.refresh[refresh] = who
        made = {"accessToken": token, "expireIn": 7200, "corpId": self.corp}
        return {**made, "refreshToken": refresh} if self.answer_refresh else made

    def me(self, seen: Seen) -> Reply | dict[str, Any]:
        token = seen.headers["x-acs-dingtalk-access-token"]
        if token in self.dead or not token.startswith("user-token"):
            body = {"code": "InvalidAuthentication", "message": "dead", "requestid": "R"}
            return Reply(body, status=400)
        return {"nick": token.rpartition("-")[2]}


@pytest.fixture
def signer(platform: StandIn) -> Signer:
    return Signer(platform)


# -- people -----------------------------------------------------------------------------------


def test_a_code_is_exchanged_once_as_documented(
    make: Make, platform: StandIn, signer: Signer
) -> None:
    person = make(APP, base_url=platform.url).sign_in("code-of-jia", "jia")
    assert person.call(ME)["nick"] == "jia"
    assert person.call(ME)["nick"] == "jia"
    (exchange,) = platform.calls(USER_TOKEN)
    assert exchange.method == "POST"
    assert exchange.json == {
        "clientId": "dingexample",
        "clientSecret": "example-app-secret",
        "code": "code-of-jia",
        "grantType": "authorization_code",
    }
    assert "x-acs-dingtalk-access-token" not in exchange.headers


def test_people_have_their_own_tokens(make: Make, platform: StandIn, signer: Signer) -> None:
    app = make(APP, base_url=platform.url)
    jia, yi = app.sign_in("code-of-jia"), app.sign_in("code-of-yi")
    assert (jia.call(ME)["nick"], yi.call(ME)["nick"]) == ("jia", "yi")
    assert jia.identity.user != yi.identity.user
    again = app.user(yi.identity.user)
    assert again.call(ME)["nick"] == "yi"


@pytest.mark.parametrize("why", ["expired", "refused"])
def test_the_refresh_token_is_used_by_itself(
    make: Make, platform: StandIn, signer: Signer, why: str
) -> None:
    now = [1_600_000_000.0]
    store = MemoryTokens()
    app = make(APP, base_url=platform.url, clock=lambda: now[0], tokens=store)
    app.sign_in("code-of-jia", "jia")
    if why == "expired":
        now[0] += 7201
    else:
        signer.dead.add("user-token-001-jia")
    # Another process with the same store: it knows nothing but the name.
    other = make(APP, base_url=platform.url, clock=lambda: now[0], tokens=store)
    assert other.user("jia").call(ME)["nick"] == "jia"
    refresh = platform.calls(USER_TOKEN)[1]
    assert refresh.json == {
        "clientId": "dingexample",
        "clientSecret": "example-app-secret",
        "refreshToken": "refresh-001-jia",
        "grantType": "refresh_token",
    }
    # The refresh token that came with it is the one for the next time.
    now[0] += 7201
    assert app.user("jia").call(ME)["nick"] == "jia"
    assert platform.calls(USER_TOKEN)[2].json["refreshToken"] == "refresh-002-jia"


def test_an_answer_without_a_new_refresh_token_leaves_the_old_one(
    make: Make, platform: StandIn, signer: Signer
) -> None:
    now = [1_600_000_000.0]
    person = make(APP, base_url=platform.url, clock=lambda: now[0]).sign_in("code-of-jia")
    signer.answer_refresh = False
    for _ in range(3):
        now[0] += 7201
        assert person.call(ME)["nick"] == "jia"
    sent = [seen.json.get("refreshToken") for seen in platform.calls(USER_TOKEN)]
    assert sent == [None, *["refresh-001-jia"] * 3]


def test_after_thirty_days_they_sign_in_again(
    make: Make, platform: StandIn, signer: Signer
) -> None:
    now = [1_600_000_000.0]
    person = make(APP, base_url=platform.url, clock=lambda: now[0]).sign_in("code-of-jia", "jia")
    now[0] += 30 * 86400 + 1
    before = len(platform.seen)
    with pytest.raises(NotSignedIn, match="sign_in") as caught:
        person.call(ME)
    assert caught.value.user == "jia"
    assert len(platform.seen) == before


def test_a_used_code_is_refused_and_nothing_is_kept(
    make: Make, platform: StandIn, signer: Signer
) -> None:
    app = make(APP, base_url=platform.url)
    app.sign_in("code-of-jia", "jia")
    with pytest.raises(CallRefused) as caught:
        app.sign_in("code-of-jia", "yi")
    assert caught.value.code == "invalidCode"
    with pytest.raises(NotSignedIn):
        app.user("yi").call(ME)


def test_a_busy_platform_is_not_asked_twice_for_one_code(
    make: Make, platform: StandIn, signer: Signer
) -> None:
    busy = {"code": "ServiceUnavailable", "message": "busy", "requestid": "R"}
    platform.on(USER_TOKEN, Reply(busy, status=503))
    with pytest.raises(CallRefused):
        make(APP, base_url=platform.url).sign_in("code-of-jia")
    assert len(platform.calls(USER_TOKEN)) == 1


def test_who_signs_out_is_forgotten(make: Make, platform: StandIn, signer: Signer) -> None:
    app = make(APP, base_url=platform.url)
    person = app.sign_in("code-of-jia", "jia")
    person.sign_out()
    with pytest.raises(NotSignedIn):
        app.user("jia").call(ME)


def test_one_refresh_serves_all_who_ask_at_once(platform: StandIn, signer: Signer) -> None:
    from sanfang.client import Client

    now = [1_600_000_000.0]
    with Client(APP, base_url=platform.url, clock=lambda: now[0]) as app:
        person = app.sign_in("code-of-jia")
        now[0] += 7201
        nicks: list[str] = []
        threads = [
            threading.Thread(target=lambda: nicks.append(person.call(ME)["nick"]))
            for _ in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert nicks == ["jia"] * 20
    assert len(platform.calls(USER_TOKEN)) == 2


@pytest.mark.parametrize("kind", ["FileStore", "SQLiteStore"])
def test_a_sign_in_outlives_the_process_in_a_store(
    make: Make, platform: StandIn, signer: Signer, tmp_path: Path, kind: str
) -> None:
    now = [1_600_000_000.0]

    def process() -> Any:
        store = getattr(stores, kind)(tmp_path / "tokens", base_url=platform.url)
        return make(APP, base_url=platform.url, clock=lambda: now[0], tokens=store)

    first = process()
    first.sign_in("code-of-jia", "jia")
    first.sign_in("code-of-yi", "yi")
    second = process()
    assert second.user("jia").call(ME)["nick"] == "jia"
    assert second.user("yi").call(ME)["nick"] == "yi"
    assert len(platform.calls(USER_TOKEN)) == 2
    now[0] += 7201
    assert process().user("yi").call(ME)["nick"] == "yi"
    assert platform.calls(USER_TOKEN)[2].json["refreshToken"] == "refresh-002-yi"
    # What the second process refreshed serves the first one too.
    assert first.user("yi").call(ME)["nick"] == "yi"
    assert len(platform.calls(USER_TOKEN)) == 3


def test_the_corp_they_chose_is_part_of_the_key(
    make: Make, platform: StandIn, signer: Signer
) -> None:
    app = make(APP, base_url=platform.url)
    signer.corp = "dingcorpa"
    one = app.sign_in("code-of-jia", "jia")
    signer.corp = "dingcorpb"
    signer.codes["second"] = "yi"
    two = app.sign_in("second", "jia")
    assert (one.identity.corp_id, two.identity.corp_id) == ("dingcorpa", "dingcorpb")
    assert one.call(ME)["nick"] == "jia"
    assert app.user("jia", "dingcorpb").call(ME)["nick"] == "yi"


def test_a_suite_signs_people_in_with_its_own_keys(
    make: Make, platform: StandIn, signer: Signer
) -> None:
    suite = make(Suite("suite4example", "example-suite-secret"), base_url=platform.url)
    person = suite.sign_in("code-of-jia", "jia")
    assert person.call(ME)["nick"] == "jia"
    assert platform.calls(USER_TOKEN)[0].json["clientId"] == "suite4example"
    with pytest.raises(BadCall, match="suite"):
        person.call("service/get_auth_info", auth_corpid="dingcorpa")


# -- open apps (sns) --------------------------------------------------------------------------


def test_the_chain_of_2016_from_code_to_person(make: Make, platform: StandIn) -> None:
    platform.on("/sns/gettoken", {"errcode": 0, "errmsg": "ok", "access_token": "sns-app-token"})
    kept = {"openid": "openid-jia", "persistent_code": "persistent-code-jia", "unionid": "u-jia"}
    platform.on("/sns/get_persistent_code", {"errcode": 0, "errmsg": "ok", **kept})
    token = {"sns_token": "sns-token-of-jia", "expires_in": 7200}
    platform.on("/sns/get_sns_token", {"errcode": 0, "errmsg": "ok", **token})
    person = {"user_info": {"nick": "甲", "openid": "openid-jia"}}
    platform.on("/sns/getuserinfo", {"errcode": 0, "errmsg": "ok", **person})

    open_app = make(OpenApp("dingoaexample", "example-open-secret"), base_url=platform.url)
    jia = open_app.sign_in("tmp-code")
    assert jia.call("sns/getuserinfo")["user_info"]["nick"] == "甲"
    assert open_app.user("openid-jia").call("sns/getuserinfo")["errcode"] == 0

    app, persistent, sns, info, _ = platform.seen
    assert (app.method, app.query) == (
        "GET",
        {"appid": "dingoaexample", "appsecret": "example-open-secret"},
    )
    assert (persistent.query, persistent.json) == (
        {"access_token": "sns-app-token"},
        {"tmp_auth_code": "tmp-code"},
    )
    assert (sns.query, sns.json) == (
        {"access_token": "sns-app-token"},
        {"openid": "openid-jia", "persistent_code": "persistent-code-jia"},
    )
    assert (info.method, info.query) == ("GET", {"sns_token": "sns-token-of-jia"})


def test_getuserinfo_bycode_is_signed_with_the_documented_vector(
    make: Make, platform: StandIn
) -> None:
    """The inputs are printed in the documents: timestamp 1546084445901, secret testappSecret."""
    platform.on("/sns/getuserinfo_bycode", {"errcode": 0, "errmsg": "ok", "user_info": {}})
    client = make(
        OpenApp("dingoaexample", "testappSecret"),
        base_url=platform.url,
        clock=lambda: 1546084445.901,
    )
    client.call("sns/getuserinfo_bycode", tmp_auth_code="code")
    (seen,) = platform.seen
    assert seen.method == "POST"
    assert seen.json == {"tmp_auth_code": "code"}
    assert "signature=HCbG3xNE3vzhO%2Bu7qCUL1jS5hsu2n5r2cFhnTrtyDAE%3D" in seen.target
    assert seen.query == {
        "accessKey": "dingoaexample",
        "timestamp": "1546084445901",
        "signature": "HCbG3xNE3vzhO+u7qCUL1jS5hsu2n5r2cFhnTrtyDAE=",
    }


# -- the admin backend (sso) ------------------------------------------------------------------


def test_sso_of_both_generations_takes_the_token_of_its_generation(
    make: Make, platform: StandIn
) -> None:
    platform.on("/sso/gettoken", {"errcode": 0, "errmsg": "ok", "access_token": "sso-old"})
    platform.on("/v1.0/oauth2/ssoAccessToken", {"accessToken": "sso-new", "expireIn": 3600})
    platform.on("/sso/getuserinfo", {"errcode": 0, "errmsg": "ok", "is_sys": True})
    platform.on("/v1.0/oauth2/ssoUserInfo", {"userId": "admin", "isAdmin": True})
    client = make(SsoSecret("dingisv", "example-sso-secret"), base_url=platform.url)
    assert client.call("sso/getuserinfo", code="c")["is_sys"] is True
    assert client.call("/v1.0/oauth2/ssoUserInfo", code="c")["isAdmin"] is True
    old, info, new, user = platform.seen
    assert old.query == {"corpid": "dingisv", "corpsecret": "example-sso-secret"}
    assert info.query == {"access_token": "sso-old", "code": "c"}
    assert new.json == {"corpid": "dingisv", "ssoSecret": "example-sso-secret"}
    assert user.headers["x-acs-dingtalk-access-token"] == "sso-new"
    assert user.query == {"code": "c"}


# -- tokens of the new host -------------------------------------------------------------------


def test_an_app_by_client_id_asks_the_new_host(make: Make, platform: StandIn) -> None:
    token = platform.issue("own")
    platform.on("/v1.0/oauth2/accessToken", {"accessToken": token, "expireIn": 7200})
    client = make(OAuthApp("dingexample", "example-secret"), base_url=platform.url)
    assert client.call("user/get", userid="a")["owner"] == "own"
    assert platform.seen[0].json == {"appKey": "dingexample", "appSecret": "example-secret"}


def test_with_a_corp_it_asks_for_the_token_of_that_corp(make: Make, platform: StandIn) -> None:
    path = "/v1.0/oauth2/dingcorpa/token"
    platform.on(path, {"access_token": platform.issue("dingcorpa"), "expires_in": 7200})
    client = make(OAuthApp("dingexample", "example-secret", "dingcorpa"), base_url=platform.url)
    assert client.call("user/get", userid="a")["owner"] == "dingcorpa"
    (asked,) = platform.calls(path)
    assert asked.json == {
        "client_id": "dingexample",
        "client_secret": "example-secret",
        "grant_type": "client_credentials",
    }


def test_a_suite_by_oauth_takes_corp_access_token_and_without_a_ticket_client_credentials(
    make: Make, platform: StandIn
) -> None:
    corp_path, plain_path = "/v1.0/oauth2/corpAccessToken", "/v1.0/oauth2/dingcorpb/token"
    platform.on(corp_path, {"accessToken": platform.issue("dingcorpa"), "expireIn": 7200})
    platform.on(plain_path, {"access_token": platform.issue("dingcorpb"), "expires_in": 7200})
    suites = MemorySuites()
    suite = make(
        Suite("suite4example", "example-secret", oauth=True),
        base_url=platform.url,
        suite_store=suites,
    )
    assert suite.corp("dingcorpb").call("user/get", userid="a")["owner"] == "dingcorpb"
    suites.save_ticket("suite4example", "example-ticket")
    assert suite.corp("dingcorpa").call("user/get", userid="a")["owner"] == "dingcorpa"
    (asked,) = platform.calls(corp_path)
    assert asked.json == {
        "suiteKey": "suite4example",
        "suiteSecret": "example-secret",
        "authCorpId": "dingcorpa",
        "suiteTicket": "example-ticket",
    }
    assert platform.calls(plain_path)[0].json["client_id"] == "suite4example"


def test_each_host_gets_the_suite_token_of_its_generation(make: Make, platform: StandIn) -> None:
    new = "/v1.0/oauth2/suiteAccessToken"
    platform.on(new, {"accessToken": "new-suite-token", "expireIn": 7200})
    platform.on("/v1.0/oauth2/apps/authInfo", {"authCorpInfo": {"corpId": "dingcorpa"}})
    suites = MemorySuites()
    suites.save_ticket("suite4example", "example-ticket")
    suite = make(
        Suite("suite4example", "example-secret"), base_url=platform.url, suite_store=suites
    )
    suite.call("/v1.0/oauth2/apps/authInfo", authCorpId="dingcorpa")
    suite.call("service/get_unactive_corp", app_id=1)
    asked, info, old, unactive = platform.seen
    assert asked.json == {
        "suiteKey": "suite4example",
        "suiteSecret": "example-secret",
        "suiteTicket": "example-ticket",
    }
    assert info.headers["x-acs-dingtalk-access-token"] == "new-suite-token"
    assert old.path == "/service/get_suite_token"
    assert "suite_access_token" in unactive.query


# -- apart, and unseen ------------------------------------------------------------------------

IDENTITIES = [
    CorpSecret("dingx", "first-secret"),
    CorpSecret("dingx", "second-secret"),
    AppKey("dingx", "s"),
    OAuthApp("dingx", "s"),
    OAuthApp("dingx", "s", "dingcorpa"),
    Suite("dingx", "s"),
    SsoSecret("dingx", "s"),
    OpenApp("dingx", "s"),
    AuthorisedCorp(Suite("dingx", "s"), "dingcorpa"),
    AuthorisedCorp(Suite("dingx", "s", oauth=True), "dingcorpa"),
    SignedIn(AppKey("dingx", "s"), "jia"),
    SignedIn(AppKey("dingx", "s"), "yi"),
    SignedIn(AppKey("dingx", "s"), "jia", "dingcorpa"),
    SignedIn(Suite("dingx", "s"), "jia"),
    SignedIn(OpenApp("dingx", "s"), "jia"),
]


def test_no_two_identities_share_a_key() -> None:
    keys = [key_of(identity) for identity in IDENTITIES]
    assert len(set(keys)) == len(keys)
    assert key_of(SignedIn(AppKey("dingx", "s"), "jia")) == TokenKey(
        "user", app="dingx", user="jia"
    )


@pytest.mark.parametrize("identity", IDENTITIES, ids=repr)
def test_secrets_are_shown_by_their_last_four_characters(identity: Any) -> None:
    def with_secret(value: Any) -> Any:
        if isinstance(value, tuple):
            return type(value)(*(with_secret(part) for part in value))
        return (
            "very-long-and-secret-9876"
            if value in ("s", "first-secret", "second-secret")
            else value
        )

    shown = repr(with_secret(identity))
    assert "…9876" in shown
    assert "very-long" not in shown


@pytest.mark.parametrize(
    ("identity", "path", "named"),
    [
        (SsoSecret("dingx", "s"), "user/get", "sso/getuserinfo"),
        (OpenApp("dingx", "s"), "user/get", r"sns/\*"),
        (OpenApp("dingx", "s"), "sns/getuserinfo", "sign_in"),
        (AppKey("dingx", "s"), "sso/getuserinfo", "SsoSecret"),
        (AppKey("dingx", "s"), "sns/get_persistent_code", "OpenApp"),
        (AppKey("dingx", "s"), "sns/getuserinfo", "sign_in"),
        (CorpSecret("dingx", "s"), "sns/getuserinfo_bycode", "OpenApp"),
        (Suite("dingx", "s"), "user/get", "corp"),
    ],
)
def test_an_identity_that_does_not_fit_is_refused_before_anything_is_sent(
    make: Make, platform: StandIn, identity: Any, path: str, named: str
) -> None:
    with pytest.raises(BadCall, match=named):
        make(identity, base_url=platform.url).call(path)
    assert platform.seen == []


def test_an_app_that_calls_in_a_persons_place_is_told_so(make: Make, platform: StandIn) -> None:
    """Tried all the same: of some of these APIs it is told that they take an app's token."""
    app = make(APP, base_url=platform.url)
    assert app.call(ME)["nick"] == "测试员甲"
    refusal = {"code": "InvalidAuthentication", "message": "不合法的access_token"}
    platform.on(ME, Reply(refusal, status=400))
    with pytest.raises(TokenRefused, match="sign_in") as caught:
        app.call(ME)
    assert caught.value.explanation.startswith("这个接口按文档只接受用户的令牌")
    assert "sign_in" not in str(_refused_elsewhere(app, platform))


def _refused_elsewhere(app: Any, platform: StandIn) -> TokenRefused:
    refusal = {"code": "InvalidAuthentication", "message": "不合法的access_token"}
    platform.on("/v1.0/oauth2/jsapiTickets", Reply(refusal, status=400))
    with pytest.raises(TokenRefused) as caught:
        app.call("/v1.0/oauth2/jsapiTickets")
    return caught.value


def test_only_apps_sign_people_in(make: Make, platform: StandIn) -> None:
    with pytest.raises(BadCall, match="OpenApp"):
        make(CorpSecret("dingx", "s"), base_url=platform.url).sign_in("code")
    with pytest.raises(BadCall, match="code"):
        make(APP, base_url=platform.url).sign_in("")
    assert platform.seen == []


def test_codes_and_refresh_tokens_are_in_no_error(make: Make, platform: StandIn) -> None:
    def echo(seen: Seen) -> Reply:
        return Reply(f"<html>{seen.body.decode()} {seen.target}</html>", 500, "text/html")

    platform.on(USER_TOKEN, echo)
    platform.on("/sns/gettoken", echo)
    with pytest.raises(Exception, match="HTTP 500") as caught:
        make(APP, base_url=platform.url).sign_in("a-very-secret-code")
    assert "a-very-secret-code" not in str(caught.value)
    assert "example-app-secret" not in str(caught.value)
    with pytest.raises(Exception, match="HTTP 500") as caught:
        make(OpenApp("dingx", "open-secret-12"), base_url=platform.url).sign_in("code-to-hide")
    assert "open-secret-12" not in str(caught.value)


def test_a_signature_given_by_hand_is_kept(make: Make, platform: StandIn) -> None:
    platform.on("/sns/getuserinfo_bycode", {"errcode": 0, "errmsg": "ok"})
    by_hand = {"accessKey": "k", "timestamp": "1", "signature": "mine"}
    make(APP, base_url=platform.url).call(
        "sns/getuserinfo_bycode", query=by_hand, tmp_auth_code="c"
    )
    assert dict(parse_qsl(urlsplit(platform.seen[0].target).query)) == by_hand
