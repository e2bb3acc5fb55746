"""Who may call, and what happens to requests that are not right."""

from __future__ import annotations

import pytest

from sanfang.platform.domain import corps
from sanfang.platform.store.errors import StoreLost

from .running import API, Running

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("token", [None, "wrong", "", "é", "x" * 10_000])
def test_without_the_right_token_nothing_is_told_or_done(
    platform: Running, token: str | None
) -> None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    for method, path in (("GET", "/corps"), ("POST", "/corps"), ("GET", "/settings")):
        answer = platform.send(method, API + path, b'{"name": "x"}', headers, token=None)
        assert answer.status == 401
        assert answer.json["code"] == 401
        assert "admin.token" in answer.json["en"]


def test_a_token_in_the_query_or_in_a_cookie_is_none(platform: Running) -> None:
    """What a browser sends by itself, or a page can make it send, opens nothing."""
    path = f"{API}/corps?token={platform.token}&access_token={platform.token}"
    headers = {"Cookie": f"token={platform.token}", "Origin": "http://evil.example"}
    assert platform.send("GET", path, None, headers, token=None).status == 401


def test_another_scheme_than_bearer_is_refused(platform: Running) -> None:
    headers = {"Authorization": f"Basic {platform.token}"}
    assert platform.send("GET", f"{API}/corps", None, headers, token=None).status == 401


@pytest.mark.parametrize("path", ["/health", "/openapi.json"])
def test_health_and_the_document_are_open(platform: Running, path: str) -> None:
    assert platform.send("GET", API + path, token=None).status == 200


def test_no_page_of_another_origin_is_invited(platform: Running) -> None:
    headers = {
        "Origin": "http://evil.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    answer = platform.send("OPTIONS", f"{API}/corps", None, headers)
    assert answer.status == 405
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    ("body", "field", "told"),
    [
        (b"{}", "name", "missing required field"),
        (b'{"name": 5, "is_authenticated": false}', "name", "Expected `str`"),
        (b'{"name": "x", "is_authenticated": "maybe"}', "is_authenticated", "bool"),
        (b'{"name": "x", "nmae": "y"}', "nmae", "unknown field"),
        (b'{"name": ""}', "name", "length"),
        (b'{"name": "x"', "", "JSON"),
        (b"[1]", "", "JSON object"),
        (b'"x"', "", "JSON object"),
        (b"\xff\xfe", "", "UTF-8"),
        ('{"name": "示例公司"}'.encode("gbk"), "", "GBK"),
        (b"[" * 100_000, "", "JSON"),
        (b'{"name": "\\ud800"}', "", "JSON"),
        (b"", "name", "missing required field"),
    ],
)
def test_a_bad_body_is_refused_with_its_field_named(
    platform: Running, body: bytes, field: str, told: str
) -> None:
    answer = platform.send("POST", f"{API}/corps", body, JSON)
    assert answer.status == 400
    assert answer.json["code"] == 40035
    assert answer.json["facts"] == {"field": field}
    assert told in answer.json["en"]
    assert b"Traceback" not in answer.body


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=many", "limit"),
        ("limit=1&limit=2", "limit"),
        ("lmit=1", "lmit"),
        ("%ff=1", ""),
    ],
)
def test_a_bad_query_is_refused_with_its_field_named(
    platform: Running, query: str, field: str
) -> None:
    answer = platform.send("GET", f"{API}/corps?{query}")
    assert answer.status == 400
    assert answer.json["facts"] == {"field": field}


def test_a_field_of_the_path_cannot_be_given_again(platform: Running, corp_id: str) -> None:
    answer = platform.call("POST", f"/corps/{corp_id}/departments", name="x", corp_id="other")
    assert answer.status == 400
    assert answer.json["facts"] == {"field": "corp_id"}


def test_a_body_over_the_limit_is_refused_and_the_platform_goes_on(platform: Running) -> None:
    answer = platform.send("POST", f"{API}/corps", b" " * ((1 << 20) + 1), JSON)
    assert answer.status == 413
    assert platform.get("/health")["status"] == "ok"


def test_an_unknown_path_says_where_the_document_is(platform: Running) -> None:
    for path in ("/sanfang/", f"{API}/nothing", f"{API}/corps/a/b/c"):
        answer = platform.send("GET", path)
        assert answer.status == 404
        assert "/sanfang/api/openapi.json" in answer.json["en"]


def test_a_wrong_method_says_which_are_right(platform: Running) -> None:
    answer = platform.send("DELETE", f"{API}/corps")
    assert answer.status == 405
    assert "GET" in answer.json["facts"]["allowed"]


def test_what_is_not_below_sanfang_is_the_open_api(platform: Running) -> None:
    answer = platform.send("GET", "/department/list", token=None)
    assert answer.status == 200
    assert answer.json["errcode"] != 0


def test_a_failure_inside_tells_the_caller_nothing_but_that(
    platform: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object, **__: object) -> object:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(corps, "list_corps", broken)
    answer = platform.send("GET", f"{API}/corps")
    assert answer.status == 500
    assert b"42" not in answer.body
    assert "the secret is 42" in caplog.text


def test_a_lost_store_is_said_to_be_the_reason(
    platform: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object, **__: object) -> object:
        raise StoreLost("磁盘满。", "The disk is full.")

    monkeypatch.setattr(corps, "list_corps", lost)
    answer = platform.send("GET", f"{API}/corps")
    assert answer.status == 503
    assert answer.json["en"] == "The disk is full."
