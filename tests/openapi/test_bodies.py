"""Bodies: JSON, forms, and everything that is neither."""

from __future__ import annotations

import asyncio

import pytest

from sanfang.platform.openapi.body import LIMIT

from .world import FORM, JSON, World, story

SEND = "/department/create"


def test_a_missing_bracket_is_system_busy_with_the_byte_named() -> None:
    async def body(world: World) -> None:
        sent = b'{"name": "x", "parentid": 1'
        reply = await world.raw("POST", f"{SEND}?access_token={world.own}", sent, JSON)
        assert reply.code == -1
        assert reply.json["errmsg"] == "系统繁忙"
        assert f"byte {len(sent)}" in reply.explained
        assert reply.headers["x-sanfang-faq"] == "F34"

    story(body)


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        (b'{"name": "x",}', "byte 13"),
        (b'{\n  "name": x\n}', "line 2, column 11"),
        (b"{'name': 'x'}", "byte 1"),
        (b'{"a":' + b"[" * 100_000, "nested too deeply"),
        (b'{"a": 1e999}', "out of range"),
        (b'{"a": "\\ud800"}', "byte"),
    ],
)
def test_broken_json_is_pointed_at(sent: bytes, place: str) -> None:
    async def body(world: World) -> None:
        reply = await world.raw("POST", f"{SEND}?access_token={world.own}", sent, JSON)
        assert reply.code == -1
        assert place in reply.explained

    story(body)


@pytest.mark.parametrize("charset", ["gbk", "utf-16", "latin-1"])
def test_json_in_another_charset_is_refused_and_gbk_called_by_its_name(charset: str) -> None:
    async def body(world: World) -> None:
        name = "é" * 5 if charset == "latin-1" else "销售一部"
        sent = f'{{"name": "{name}", "parentid": 1}}'.encode(charset)
        reply = await world.raw("POST", f"{SEND}?access_token={world.own}", sent, JSON)
        assert reply.code == -1
        if charset == "gbk":
            assert "GBK" in reply.explained
            assert "byte 10" in reply.explained
            assert reply.headers["x-sanfang-faq"] == "F32"

    story(body)


def test_a_gbk_query_and_a_gbk_form_are_recognised_too() -> None:
    async def body(world: World) -> None:
        reply = await world.raw("GET", "/user/get?userid=%CF%FA%CA%DB&access_token=" + world.own)
        assert reply.code == 40035
        assert "GBK" in reply.explained
        sent = b"name=%CF%FA%CA%DB&parentid=1"
        reply = await world.raw("POST", f"{SEND}?access_token={world.own}", sent, FORM)
        assert reply.code == -1
        assert "GBK" in reply.explained

    story(body)


def test_chinese_names_arrive_in_raw_utf8_in_escapes_and_after_a_byte_order_mark() -> None:
    async def body(world: World) -> None:
        for number, sent in enumerate(
            (
                '{"name": "部门甲", "parentid": 1}'.encode(),
                b'{"name": "\\u90e8\\u95e8\\u4e59", "parentid": 1}',
                b"\xef\xbb\xbf" + '{"name": "部门丙", "parentid": 1}'.encode(),
            )
        ):
            reply = await world.raw("POST", f"{SEND}?access_token={world.own}", sent, JSON)
            assert reply.code == 0, number
            made = await world.get("/department/get", world.own, id=reply.json["id"])
            assert made.json["name"] == "部门" + "甲乙丙"[number]

    story(body)


def test_json_without_or_with_a_form_content_type_is_read_as_json() -> None:
    async def body(world: World) -> None:
        for number, headers in enumerate(([], FORM, [(b"content-type", b"text/plain")])):
            sent = f'{{"name": "d{number}", "parentid": 1}}'.encode()
            reply = await world.raw("POST", f"{SEND}?access_token={world.own}", sent, headers)
            assert reply.code == 0
            assert "application/json" in reply.explained  # accepted, and warned (F30)

    story(body)


def test_strict_content_type_refuses_everything_but_json() -> None:
    async def body(world: World) -> None:
        target = f"{SEND}?access_token={world.own}"
        for headers in ([], FORM):
            reply = await world.raw("POST", target, b'{"name":"x","parentid":1}', headers)
            assert reply.code == 43004
            assert reply.headers["x-sanfang-faq"] == "F30"
        charset = [(b"content-type", b"application/json; charset=UTF-8")]
        reply = await world.raw("POST", target, b'{"name":"x","parentid":1}', charset)
        assert reply.code == 0
        assert "x-sanfang-explain" not in reply.headers

    story(body, strict_content_type=True)


def test_a_form_works_like_json_and_may_hold_json_text() -> None:
    async def body(world: World) -> None:
        sent = "userid=zhang&name=测试员甲&mobile=13900000001&department=[1]".encode()
        target = f"/user/create?access_token={world.own}"
        assert (await world.raw("POST", target, sent, FORM)).code == 0
        member = await world.get("/user/get", world.own, userid="zhang")
        assert (member.json["name"], member.json["department"]) == ("测试员甲", [1])

    story(body)


def test_a_form_without_a_content_type_is_a_form() -> None:
    async def body(world: World) -> None:
        sent = b"access_token=%s&name=d&parentid=1" % world.own.encode()
        assert (await world.raw("POST", SEND, sent)).code == 0

    story(body)


def test_multipart_is_refused_by_name() -> None:
    async def body(world: World) -> None:
        headers = [(b"content-type", b"multipart/form-data; boundary=x")]
        sent = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nd\r\n--x--\r\n'
        reply = await world.raw("POST", f"{SEND}?access_token={world.own}", sent, headers)
        assert reply.code == 43009

    story(body)


@pytest.mark.parametrize("sent", [b"[1]", b'"text"', b"12", b"true"])
def test_json_that_is_no_object_is_refused(sent: bytes) -> None:
    async def body(world: World) -> None:
        reply = await world.raw("POST", f"{SEND}?access_token={world.own}", sent, JSON)
        assert reply.code == 40035
        assert "JSON object" in reply.explained

    story(body)


@pytest.mark.parametrize("sent", [b"", b"null", b"{}", b"  \r\n"])
def test_a_post_with_nothing_in_its_body_is_a_post_without_fields(sent: bytes) -> None:
    async def body(world: World) -> None:
        reply = await world.raw("POST", f"{SEND}?access_token={world.own}", sent, JSON)
        assert reply.code == 60001

    story(body)


def test_a_body_of_ten_megabytes_is_refused_unread() -> None:
    """Declared or in pieces: what is kept never exceeds the limit."""

    async def body(world: World) -> None:
        asked = 0

        async def receive() -> dict[str, object]:
            nonlocal asked
            asked += 1
            return {"type": "http.request", "body": b"x" * 65536, "more_body": asked < 160}

        sent: list[dict[str, object]] = []

        async def collect(message: dict[str, object]) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": SEND, "query_string": b""}
        for headers, most in (
            ([(b"content-length", b"10485760")], 0),
            ([(b"transfer-encoding", b"chunked")], LIMIT // 65536 + 1),
        ):
            asked = 0
            await world.api({**scope, "headers": headers}, receive, collect)  # type: ignore[arg-type]
            assert asked <= most
            assert b'"errcode":41101' in sent[-1]["body"]  # type: ignore[operator]

    story(body)


def test_a_body_in_many_pieces_is_put_together() -> None:
    async def body(world: World) -> None:
        sent = [bytes([byte]) for byte in '{"name": "部门", "parentid": 1}'.encode()]
        reply = await world.raw("POST", f"{SEND}?access_token={world.own}", sent, JSON)
        assert reply.code == 0

    story(body)


def test_a_client_that_leaves_in_the_middle_of_its_body_is_answered_nothing() -> None:
    async def body(world: World) -> None:
        messages = [
            {"type": "http.request", "body": b"{", "more_body": True},
            {"type": "http.disconnect"},
        ]
        sent: list[object] = []

        async def receive() -> object:
            return messages.pop(0)

        async def collect(message: object) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": SEND, "query_string": b""}
        headers = [(b"transfer-encoding", b"chunked")]
        await asyncio.wait_for(
            world.api({**scope, "headers": headers}, receive, collect),  # type: ignore[arg-type]
            5,
        )
        assert sent == []

    story(body)


def test_v1_takes_json_only() -> None:
    async def body(world: World) -> None:
        sent = f"appKey={world.app.app_key}&appSecret={world.app.secret}".encode()
        reply = await world.raw("POST", "/v1.0/oauth2/accessToken", sent, FORM)
        assert reply.status == 400
        assert reply.json["code"] == "Missingbody"
        assert reply.json["message"] == "body is mandatory for this action"
        assert "JSON" in reply.explained

    story(body)
