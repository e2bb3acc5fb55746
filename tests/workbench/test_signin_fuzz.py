"""Any query, any form, any name of a path: the sign-in pages refuse, and never fail."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sanfang.platform.console.signin.addresses import is_ours
from sanfang.platform.domain import desks, signin_apps
from sanfang.platform.domain.signin_pages import PAGES

from ..openapi.world import World, a_world
from .apart import Apart
from .signin_client import Reply, call

SITE = "https://app.example.com/back"
OWN = ("people", "backends", "scan/x", "scan/", "static/signin.css", "static/../x", "", "nothing")
POSTS = ("desk", "leave", "decide", "scanned", "qr", "enter")
FIELDS = ("appid", "client_id", "corpid", "redirect_uri", "redirect_url", "response_type", "scope")
MORE = ("state", "prompt", "corpId", "loginTmpCode", "iframe", "goto", "next", "search", "%zz", "")
FORM = ("form", "next", "corp_id", "userid", "who", "corp", "answer", "scan", "watch", "app")
TEXTS = st.text(max_size=12) | st.sampled_from(
    [SITE, "code", "snsapi_login", "openid corpid", "https://evil.example/", "//evil.example", "\\"]
)
QUIET = settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def runner() -> Iterator[Apart]:
    with Apart() as one:
        yield one


@pytest.fixture(scope="module")
def world(runner: Apart) -> Iterator[World]:
    opened = a_world()
    made: World = runner.run(opened.__aenter__())
    runner.run(signin_apps.set_hosts(made.core, made.app.app_key, ["app.example.com"]))
    yield made
    runner.run(opened.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def token(runner: Apart, world: World) -> str:
    return runner.run(desks.open_desk(world.core, world.corp.corp_id, "manager"))


def ask(
    runner: Apart,
    world: World,
    method: str,
    path: str,
    query: bytes = b"",
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> Reply:
    return runner.run(call(world.core, method, path, query, body, headers))


def sound(status: int, headers: dict[str, str], body: bytes) -> None:
    """A page, a file, a refusal, or a redirect to the registered host or a page of ours."""
    assert status in (200, 302, 303, 304, 400, 401, 403, 404, 405), (status, body)
    where = headers.get("location", "")
    if where:
        parts = urlsplit(where)
        assert parts.hostname in (None, "app.example.com"), where
        assert parts.hostname or is_ours(parts.path), where
        assert where.isprintable()
        assert where.isascii()
    elif headers.get("content-type", "").startswith("text/html"):
        policy = headers["content-security-policy"]
        assert "frame-ancestors" in policy
        assert b"<script>" not in body
        assert body.count(b"<html") == 1


@QUIET
@given(data=st.data())
def test_any_address(runner: Apart, world: World, token: str, data: st.DataObject) -> None:
    paths = [*PAGES, "/login/qrcode.htm", *(f"/sanfang/signin/{each}" for each in OWN)]
    path = data.draw(st.sampled_from(paths))
    app = world.app.app_key
    good = {"client_id": app, "appid": app, "redirect_uri": SITE, "response_type": "code"}
    scopes = st.sampled_from(["openid", "openid corpid", "snsapi_login", "snsapi_base"])
    good["scope"] = data.draw(scopes)
    start = data.draw(st.sampled_from([good, {}, {**good, "appid": world.corp.corp_id}]))
    fields = {
        **start,
        **data.draw(st.dictionaries(st.sampled_from((*FIELDS, *MORE)), TEXTS, max_size=3)),
    }
    safe = data.draw(st.sampled_from(["", ":/", "%&="]))
    query = "&".join(f"{k}={quote(v, safe=safe, errors='replace')}" for k, v in fields.items())
    raw = query.encode() + data.draw(st.binary(max_size=6))
    headers = {"cookie": f"sanfang_desk={data.draw(st.sampled_from([token, 'x', 'ü']))}"}
    headers["accept"] = data.draw(st.sampled_from(["text/html", "*/*"]))
    if data.draw(st.booleans()):
        headers["sec-fetch-dest"] = "iframe"
    sound(*ask(runner, world, data.draw(st.sampled_from(["GET", "HEAD"])), path, raw, b"", headers))


@QUIET
@given(data=st.data())
def test_any_form(runner: Apart, world: World, token: str, data: st.DataObject) -> None:
    path = "/sanfang/signin/" + data.draw(st.sampled_from(POSTS))
    key = "k" * 43
    query = urlencode(
        {
            "client_id": world.app.app_key,
            "redirect_uri": SITE,
            "response_type": "code",
            "scope": "openid",
        }
    )
    corp_id = world.corp.corp_id
    good = {
        "form": key,
        "next": f"/oauth2/auth?{query}",
        "corp_id": corp_id,
        "corp": corp_id,
        "userid": "manager",
        "who": f"{corp_id}/manager",
        "answer": "yes",
        "app": str(world.app.agent_id),
    }
    changes = st.dictionaries(st.sampled_from(FORM), TEXTS, max_size=3)
    fields = {**data.draw(st.sampled_from([good, {}])), **data.draw(changes)}
    body = urlencode(fields, errors="replace").encode() + data.draw(st.binary(max_size=6))
    headers = {
        "cookie": f"sanfang_desk={token}; sanfang_form={key}",
        "origin": data.draw(
            st.sampled_from(["http://127.0.0.1:8080", "https://evil.example", "null"])
        ),
    }
    status, found, answered = ask(runner, world, "POST", path, b"", body, headers)
    sound(status, found, answered)
    foreign = headers["origin"] != "http://127.0.0.1:8080"
    if foreign and not path.endswith("/qr"):
        assert status in (400, 403)
        assert "set-cookie" not in found
    runner.run(_sit_again(world, token))


async def _sit_again(world: World, token: str) -> None:
    """A form may have signed out: the next example begins with a desk as this one did."""
    if await desks.get_desk(world.core, token) is None:
        fresh = await desks.open_desk(world.core, world.corp.corp_id, "manager")
        now = world.core.clock.now()
        raw = await world.core.hot.get(f"desk:{desks.fingerprint(fresh)}", now=now)
        assert raw is not None
        key = f"desk:{desks.fingerprint(token)}"
        await world.core.hot.put(key, raw, now=now, ttl=desks.LIFE_MS)


def test_a_form_that_is_too_long_or_no_form(runner: Apart, world: World) -> None:
    headers = {"cookie": "sanfang_form=k", "origin": "http://127.0.0.1:8080"}
    for body in (b"a=" + b"x" * 70_000, b"\xff\xfe", b"a=%ff", b"&".join([b"a=1"] * 60)):
        status, _, _ = ask(runner, world, "POST", "/sanfang/signin/decide", b"", body, headers)
        assert status == 400, body[:10]
    status, _, _ = ask(runner, world, "GET", "/oauth2/auth", b"a=" + b"x" * 30_000)
    assert status == 400


def test_a_host_that_is_none(runner: Apart, world: World) -> None:
    """It would stand in the QR code."""
    app = world.app.app_key
    fields = {"appid": app, "redirect_uri": SITE, "response_type": "code", "scope": "snsapi_login"}
    query = urlencode(fields).encode()
    for host, expected in (
        ("127.0.0.1:8080", 200),
        ("x" * 3000, 400),
        ('a"><script>', 400),
        ("a b", 400),
        ("", 400),
    ):
        status, _, body = ask(
            runner, world, "GET", "/connect/qrconnect", query, b"", {"host": host}
        )
        assert status == expected, host[:20]
        assert b"<script>" not in body
