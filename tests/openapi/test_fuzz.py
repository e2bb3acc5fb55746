"""Any bytes anywhere end in a JSON answer with a documented code, and never in an exception."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sanfang.catalog import error_codes
from sanfang.platform.openapi.query import read_form, read_query
from sanfang.platform.openapi.routes import Route
from sanfang.protocol import errors

from .world import FORM, JSON, Reply, World, a_world, send

RELAXED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
OURS = {22, 88}
BROKEN = "failed inside"  # how our own failure explains itself

METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "BREW"])
TYPES = st.sampled_from(
    [
        b"application/json",
        b"application/x-www-form-urlencoded",
        b"multipart/form-data; boundary=x",
        b"text/plain; charset=gbk",
        b"",
        b"\xff\xfe",
        b"application/json; charset=\x00",
    ]
)
PATHS = st.one_of(
    st.text(max_size=40).map(lambda text: "/" + text),
    st.sampled_from(
        ["", "/", "//", "/v1.0/", "/v1.0/oauth2//token", "/topapi/\udc80", "*", "/%00", "/\ud800"]
    ),
    st.lists(st.sampled_from(["v1.0", "oauth2", "", "token", "user", "topapi", "..", "é"])).map(
        lambda parts: "/" + "/".join(parts)
    ),
)
BYTES = st.one_of(
    st.binary(max_size=80),
    st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace")),
    st.text(alphabet='{}[]":,&=%+0a é\\u', max_size=60).map(str.encode),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@pytest.fixture(scope="module")
def world(runner: asyncio.Runner) -> Iterator[World]:
    opened = a_world()
    yield runner.run(opened.__aenter__())  # type: ignore[arg-type]
    runner.run(opened.__aexit__(None, None, None))  # type: ignore[arg-type]


def check(reply: Reply) -> None:
    body = reply.json
    if "errcode" in body:
        code = body["errcode"]
        assert reply.status == 200
        assert code in {0, *OURS, *error_codes()} or errors.lookup(code) is not None
        refused = code != 0
    else:
        refused = reply.status != 200
        assert not refused or set(body) == {"code", "message", "requestid"}
    if refused:
        assert reply.explained
        assert BROKEN not in reply.explained


@RELAXED
@given(method=METHODS, path=PATHS, query=BYTES, media=TYPES, body=BYTES)
def test_any_request_at_all(
    runner: asyncio.Runner,
    world: World,
    method: str,
    path: str,
    query: bytes,
    media: bytes,
    body: bytes,
) -> None:
    scope = {"path": path, "query_string": query}
    check(runner.run(send(world.api, method, "/", body, [(b"content-type", media)], **scope)))


@RELAXED
@given(query=BYTES)
@example(query=b"access_token")
@example(query=b"&&==&access_token=&access_token=1")
@example(query=b"access_token=\xd6\xd0%00")
def test_any_query_of_a_built_endpoint(runner: asyncio.Runner, world: World, query: bytes) -> None:
    for path in ("/department/list", "/gettoken", "/v1.0/oauth2/apps/authInfo"):
        check(runner.run(send(world.api, "GET", path, query_string=query)))


@RELAXED
@given(media=TYPES, body=BYTES)
def test_any_body_of_a_built_endpoint(
    runner: asyncio.Runner, world: World, media: bytes, body: bytes
) -> None:
    headers = [(b"content-type", media)]
    for path in ("/service/get_suite_token", "/v1.0/oauth2/accessToken", "/topapi/v2/user/get"):
        check(runner.run(send(world.api, "POST", path, body, headers)))


@RELAXED
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    b"content-length",
                    b"content-type",
                    b"transfer-encoding",
                    b"x-acs-dingtalk-access-token",
                    b"x-forwarded-proto",
                    b"x-forwarded-for",
                ]
            ),
            st.binary(max_size=30),
        )
    )
)
def test_any_headers(
    runner: asyncio.Runner, world: World, headers: list[tuple[bytes, bytes]]
) -> None:
    target = f"/department/list?access_token={world.own}"
    check(runner.run(send(world.api, "GET", target, b"{}", headers)))
    check(runner.run(send(world.api, "POST", "/v1.0/oauth2/jsapiTickets", b"{}", headers)))


@settings(RELAXED, max_examples=400)
@given(data=st.data())
def test_any_values_of_the_documented_fields(
    runner: asyncio.Runner, world: World, data: st.DataObject
) -> None:
    """With a good token, down to the domain and back."""
    routes: list[Route] = [
        route
        for site in world.api._static.values()
        for route in site.values()
        if "delete" not in route.path and "rePush" not in route.path
    ]
    route = data.draw(st.sampled_from(routes))
    known = {
        "touser": "manager",
        "agentid": world.agent.agent_id,
        "msgtype": "text",
        "auth_corpid": world.corp.corp_id,
        "suite_key": world.suite.suite_key,
        "userid": "manager",
        "id": 1,
    }
    fields = {
        field.name: data.draw(
            VALUES | st.just(known[field.name]) if field.name in known else VALUES
        )
        for field in route.plan.fields
    }
    token = {"suite_access_token": world.suite_token, "access_token": world.own}
    if route.token_name in token:
        fields[route.token_name] = token[route.token_name]
    header = (b"x-acs-dingtalk-access-token", world.own.encode())
    headers = [*JSON, header] if route.in_header else JSON
    method = next(name for name, each in world.api._static[route.path].items() if each is route)
    sent = json.dumps(fields).encode()
    check(runner.run(send(world.api, method, route.path, sent, headers)))


@given(BYTES)
def test_a_query_is_read_the_same_in_the_fast_and_in_the_slow_way(raw: bytes) -> None:
    """The fast path is a shortcut, not another rule."""
    from sanfang.platform.domain.refusals import Refusal

    try:
        fast = read_query(raw)
    except Refusal:
        fast = None
    if fast is not None and not set(raw) & set(b"%+ \t\r\n\x0b\x0c"):
        slow = read_form(raw)
        assert {key: value for key, value in fast.items() if key} == slow


def test_forms_of_a_megabyte_are_bounded(runner: asyncio.Runner, world: World) -> None:
    many = b"&".join(b"a%d=1" % number for number in range(2000))
    reply = runner.run(send(world.api, "POST", "/service/get_suite_token", many, FORM))
    assert reply.code == 40035
    assert "1000" in reply.explained
