"""People sign in to our platform, by each way that gives a code to a server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sanfang.client import (
    BadCall,
    CallRefused,
    MemoryTokens,
    NotSignedIn,
    OpenApp,
    SsoSecret,
    TokenRefused,
)
from sanfang.platform.manage.operations import BY_NAME

from .conftest import Make
from .living import Living, living

pytestmark = pytest.mark.skipif(
    "signin.code" not in BY_NAME, reason="this platform makes no codes for signing in"
)
ME = "/v1.0/contact/users/me"


@pytest.fixture(scope="module")
def world() -> Iterator[Living]:
    with living() as one:
        yield one


def code(world: Living, userid: str, app: str, kind: str) -> str:
    made = world.post(f"/members/{userid}/signin-codes", app=app, kind=kind)
    return str(made["code"])


def test_oauth_code_to_user_token_refresh_and_out(make: Make, world: Living) -> None:
    now = [1_600_000_000.0]
    store = MemoryTokens()
    app = make(world.app, base_url=world.url, clock=lambda: now[0], tokens=store)
    given = code(world, "zhang", world.app.app_key, "oauth")
    person = app.sign_in(given, "session")
    assert person.call(ME)["nick"] == "测试员甲"
    with pytest.raises(CallRefused) as caught:
        app.sign_in(given)
    assert caught.value.code == "invalidCode"
    now[0] += 7201
    later = make(world.app, base_url=world.url, clock=lambda: now[0], tokens=store)
    assert later.user("session", person.identity.corp_id).call(ME)["nick"] == "测试员甲"
    person.sign_out()
    with pytest.raises(NotSignedIn):
        later.user("nobody").call(ME)


def test_two_people_are_two(make: Make, world: Living) -> None:
    app = make(world.app, base_url=world.url)
    people = [
        app.sign_in(code(world, userid, world.app.app_key, "oauth")) for userid in ("zhang", "li")
    ]
    assert [person.call(ME)["nick"] for person in people] == ["测试员甲", "测试员乙"]


def test_an_apps_token_in_a_persons_place_is_explained(make: Make, world: Living) -> None:
    with pytest.raises(TokenRefused, match="sign_in"):
        make(world.app, base_url=world.url).call(ME)


def test_an_open_app_by_persistent_code_and_by_signature(make: Make, world: Living) -> None:
    made = world.platform.post("/open-apps", name="示例网站", hosts=["example.com"])
    secret = next(value for name, value in made.items() if "secret" in name)
    open_app = make(OpenApp(made["app_id"], secret), base_url=world.url)
    person = open_app.sign_in(code(world, "zhang", made["app_id"], "sns"))
    info = person.call("sns/getuserinfo")["user_info"]
    assert info["nick"] == "测试员甲"
    assert info["openid"] == person.identity.user
    signed = open_app.call(
        "sns/getuserinfo_bycode", tmp_auth_code=code(world, "li", made["app_id"], "sns")
    )
    assert signed["user_info"]["nick"] == "测试员乙"


def test_an_administrator_by_both_generations(make: Make, world: Living) -> None:
    world.platform.post(f"/corps/{world.corp_id}/sso-secret")
    told = world.platform.post(f"/corps/{world.corp_id}/sso-secret")
    secret = next(value for name, value in told.items() if "secret" in name)
    admin = make(SsoSecret(world.corp_id, secret), base_url=world.url)
    old = admin.call("sso/getuserinfo", code=code(world, "manager", world.app.app_key, "admin"))
    assert old["is_sys"] is True
    new = admin.call(
        "/v1.0/oauth2/ssoUserInfo", code=code(world, "manager", world.app.app_key, "admin")
    )
    assert new["userId"] == old["user_info"]["userid"]


def test_a_login_code_is_the_apps_own_business(make: Make, world: Living) -> None:
    app = make(world.app, base_url=world.url)
    found: dict[str, Any] = app.call(
        "topapi/v2/user/getuserinfo", code=code(world, "zhang", world.app.app_key, "login")
    )
    assert found["result"]["userid"] == "zhang"
    with pytest.raises(BadCall, match="code"):
        app.sign_in("")
