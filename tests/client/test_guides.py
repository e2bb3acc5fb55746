"""The examples of docs/identities.md and docs/transfers.md run as they are printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .living import Living, living
from .stand_in import Seen, StandIn

DOCS = Path(__file__).parents[2] / "docs"


def examples(page: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def run(example: str, page: str) -> None:
    exec(compile(example, f"docs/{page}", "exec"), {"__name__": "example"})


@pytest.fixture
def signing(platform: StandIn, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """A platform that signs anybody in, and whose robots listen."""
    ok = {"errcode": 0, "errmsg": "ok"}
    issued = {"accessToken": "user-token", "refreshToken": "refresh", "expireIn": 7200}

    def me(seen: Seen) -> dict[str, Any]:
        assert seen.headers["x-acs-dingtalk-access-token"] == "user-token"
        return {"nick": "测试员甲"}

    platform.on("/v1.0/oauth2/userAccessToken", {**issued, "corpId": "dingcorpa"})
    platform.on("/v1.0/contact/users/me", me)
    platform.on("/sns/gettoken", {**ok, "access_token": "open-app-token"})
    platform.on("/sns/get_persistent_code", {**ok, "openid": "o", "persistent_code": "p"})
    platform.on("/sns/get_sns_token", {**ok, "sns_token": "sns-token", "expires_in": 7200})
    platform.on("/sns/getuserinfo", {**ok, "user_info": {"nick": "测试员甲"}})
    platform.on("/sns/getuserinfo_bycode", {**ok, "user_info": {"nick": "测试员甲"}})
    platform.on("/sso/gettoken", {**ok, "access_token": "sso-token"})
    platform.on("/sso/getuserinfo", {**ok, "is_sys": True})
    platform.on("/v1.0/oauth2/ssoAccessToken", {"accessToken": "sso-new", "expireIn": 3600})
    platform.on("/v1.0/oauth2/ssoUserInfo", {"isAdmin": True})
    platform.on("/robot/send", ok)
    monkeypatch.setenv("SANFANG_OAPI_URL", platform.url)
    monkeypatch.setenv("APP_KEY", "dingexample")
    monkeypatch.setenv("APP_SECRET", "example-secret")
    monkeypatch.setenv("ROBOT_WEBHOOK", f"{platform.url}/robot/send?access_token=robot-token")
    monkeypatch.setenv("ROBOT_SECRET", "SECexample")
    return platform


@pytest.mark.parametrize("number", range(3))
def test_an_example_of_identities_runs(
    signing: StandIn, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    found = examples("identities.md")
    assert len(found) == 3
    run(found[number], "identities.md")
    told = capsys.readouterr().out
    expected = [["测试员甲"] * 2, ["测试员甲", "True"], []][number]
    assert all(line in told for line in expected)
    assert len(signing.calls("/robot/send")) == (5 if number == 2 else 0)


@pytest.fixture(scope="module")
def world() -> Iterator[Living]:
    with living() as one:
        yield one


@pytest.mark.parametrize("number", range(3))
def test_an_example_of_transfers_runs(
    world: Living,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    number: int,
) -> None:
    found = examples("transfers.md")
    assert len(found) == 3
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SANFANG_OAPI_URL", world.url)
    monkeypatch.setenv("APP_KEY", world.app.app_key)
    monkeypatch.setenv("APP_SECRET", world.app.app_secret)
    photo = b"\x89PNG\r\n\x1a\n" + bytes(100_000)
    Path("photo.png").write_bytes(photo)
    run(found[number], "transfers.md")
    told = capsys.readouterr().out
    if number < 2:
        copy = tmp_path / ("copy.png", "from-drive.png")[number]
        assert copy.read_bytes() == photo
    else:
        assert "zhang 测试员甲" in told
        assert "False" in told
