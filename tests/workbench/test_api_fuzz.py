"""Whatever is sent to the workbench's API, it answers; never with a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .site import Site

FIELDS = [
    *("agent_id", "corp_id", "userid", "flavour", "url", "conversation", "client_version", "page"),
    *("method", "params", "device", "answer", "text", "up_to"),
]
PATHS = [
    ("POST", "/api/desk"),
    ("POST", "/api/frames"),
    ("POST", "/api/frames/{frame}/page"),
    ("POST", "/api/frames/{frame}/hash"),
    ("POST", "/api/frames/{frame}/signin"),
    ("POST", "/api/frames/{frame}/invoke"),
    ("POST", "/api/frames/{frame}/finish"),
    ("POST", "/api/conversations/{cid}/messages"),
    ("POST", "/api/conversations/{cid}/read"),
]
METHODS = [
    "config",
    "runtime.permission.requestJsApis",
    "runtime.permission.requestAuthCode",
    "runtime.permission.requestAuthCodeV2",
    "biz.contact.choose",
    "device.geolocation.get",
    "util.domainStorage.setItem",
    "no.such",
]
NASTY: list[Any] = [
    *("", "\0", "\ud800", "a" * 9000, "<script>", "../..", "javascript:alert(1)", "http://["),
    *("http://x:99999999/", "http://a@b@c/", "%00", "１２３", "1e999"),
    *(0, -1, 2**53, 2**70, 1.5, 1e308, True, None, [], {}, [[[[]]]], {"a": {"b": None}}),
]
values = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=40),
    st.integers(),
    st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3),
)


@pytest.fixture
def opened(site: Site) -> tuple[str, Any]:
    desk = site.sign_in("wang")
    answer = site.api(
        "POST", "/api/frames", {"agent_id": site.agent_id, "flavour": "android"}, desk=desk
    )
    return desk, answer.json


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    where=st.sampled_from(PATHS),
    fields=st.dictionaries(st.sampled_from(FIELDS), values, max_size=6),
    method=st.sampled_from(METHODS),
)
def test_no_body_makes_it_fail(
    site: Site,
    opened: tuple[str, Any],
    where: tuple[str, str],
    fields: dict[str, Any],
    method: str,
) -> None:
    desk, frame = opened
    sound = {"page": 0, "method": method, "url": frame["src"], "params": {}, "up_to": 1}
    path = where[1].format(frame=frame["frame"], cid=f"app:{site.agent_id}")
    answer = site.api(where[0], path, {**sound, **fields}, desk=desk)
    assert answer.status < 500, (path, fields, answer.text)
    assert isinstance(answer.json, dict)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"url": "\\ud800"}',
        b'{"text": "\\u0000"}',
        b'{"page": 1e400}',
        b'{"page": ' + b"9" * 6000 + b"}",
        b"x" * ((1 << 20) + 1),
    ],
    ids=range(12),
)
def test_no_bytes_make_it_fail(site: Site, opened: tuple[str, Any], body: bytes) -> None:
    desk, frame = opened
    headers = {
        "Cookie": f"sanfang_desk={desk}",
        "X-Sanfang-Desk": "1",
        "Origin": site.workbench_url,
        "Content-Type": "application/json",
    }
    path = f"/api/frames/{frame['frame']}/invoke"
    answer = site.send(site.workbench_url, path, "POST", body, headers)
    assert 400 <= answer.status < 500
    assert {"code", "zh", "en", "faq"} <= json.loads(answer.body).keys()


@pytest.mark.parametrize(
    "path",
    [
        "/api/conversations/%00/messages",
        "/api/conversations/x/messages?before=-1",
        "/api/conversations/x/messages?limit=99999999999999999999",
        "/api/conversations/x/messages?limit=a",
        "/api/contacts/departments/99999999999999999999",
        "/api/contacts/departments/1?offset=-5",
        "/api/contacts/search?q=%00",
        "/api/contacts/search?q=" + "x" * 300,
        "/api/people?search=%00",
        "/api/people?corp_id=none",
        "/api/people?search=%F0%28%8C",
        "/api/media/%00",
        "/api/media/..%2f..%2fetc",
        "/api/frames/x",
    ],
)
def test_no_address_makes_it_fail(site: Site, opened: tuple[str, Any], path: str) -> None:
    answer = site.api("GET", path, desk=opened[0])
    assert answer.status < 500
    assert isinstance(answer.json, dict)


@pytest.mark.parametrize("desk", ["", "x", "é", "a" * 5000, 'q"; b=c', "\t"])
def test_no_cookie_makes_it_fail(site: Site, desk: str) -> None:
    headers = {"Cookie": f"sanfang_desk={desk}".encode().decode("latin-1")}
    answer = site.send(site.workbench_url, "/api/apps", headers=headers)
    assert answer.status in (400, 401)
