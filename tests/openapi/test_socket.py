"""The same, byte for byte over a socket: what clients really send to a real server."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from .world import World, a_world


@asynccontextmanager
async def a_server(world: World) -> AsyncIterator[int]:
    config = uvicorn.Config(world.api, log_level="error", ws="none", proxy_headers=False)
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            await task


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], Any]:
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).decode("ascii")
    first, *lines = head.strip().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    body = await asyncio.wait_for(reader.readexactly(int(headers["content-length"])), 10)
    return int(first.split()[1]), headers, json.loads(body)


def over_a_socket(body: Callable[[World, int], Awaitable[None]]) -> None:
    async def run() -> None:
        async with a_world() as world, a_server(world) as port:
            await asyncio.wait_for(body(world, port), 30)

    asyncio.run(run())


@asynccontextmanager
async def a_connection(
    port: int,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


async def exchange(port: int, *requests: bytes) -> list[tuple[int, dict[str, str], Any]]:
    """Send requests one after another on one connection."""
    async with a_connection(port) as (reader, writer):
        answers = []
        for request in requests:
            writer.write(request)
            answers.append(await answer(reader))
        return answers


def post(path: str, body: bytes, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: oapi.dingtalk.com", *headers]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def test_the_official_java_demo() -> None:
    """JSON by Apache HttpClient, keep-alive, activate_suite without a permanent code."""

    async def body(world: World, port: int) -> None:
        suite, corp_id = world.suite, world.corp.corp_id
        java = ("Content-Type: application/json", "Connection: Keep-Alive")
        java += ("User-Agent: Apache-HttpClient/4.3.6 (java 1.5)", "Accept-Encoding: gzip,deflate")
        fields = {"suite_key": suite.suite_key, "suite_secret": suite.suite_secret}
        fields["suite_ticket"] = suite.ticket
        ((status, headers, got),) = await exchange(
            port, post("/service/get_suite_token", json.dumps(fields).encode(), *java)
        )
        assert (status, got["errcode"]) == (200, 0)
        assert headers["content-type"] == "application/json"
        query = f"?suite_access_token={got['suite_access_token']}"
        known = json.dumps({"suite_key": suite.suite_key, "auth_corpid": corp_id}).encode()
        agent = json.dumps(
            {"suite_key": suite.suite_key, "auth_corpid": corp_id}
            | {"agentid": str(world.agent.agent_id)}
        ).encode()
        answers = await exchange(
            port,
            post(f"/service/activate_suite{query}", known, *java),
            post(f"/service/get_auth_info{query}", known, *java),
            post(f"/service/get_agent{query}", agent, *java),
        )
        assert [got["errcode"] for _, _, got in answers] == [0, 0, 0]
        assert answers[1][2]["channel_auth_info"]["channelAgent"] == []
        assert str(answers[2][2]["close"]) == "1"

    over_a_socket(body)


def test_the_official_sdk_of_2018_sends_forms_with_a_charset() -> None:
    async def body(world: World, port: int) -> None:
        form = "Content-Type: application/x-www-form-urlencoded;charset=UTF-8"
        sent = f"access_token={world.own}&name=%E9%94%80%E5%94%AE&parentid=1".encode()
        ((_, _, got),) = await exchange(port, post("/department/create", sent, form))
        assert got["errcode"] == 0

    over_a_socket(body)


def test_a_get_with_its_token_in_a_form_body() -> None:
    async def body(world: World, port: int) -> None:
        sent = f"access_token={world.own}".encode()
        head = f"GET /department/list HTTP/1.1\r\nHost: x\r\nContent-Length: {len(sent)}\r\n"
        head += "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        ((_, _, got),) = await exchange(port, head.encode() + sent)
        assert got["errcode"] == 0

    over_a_socket(body)


def test_http_1_0_without_a_host_and_an_escaped_chinese_query() -> None:
    async def body(world: World, port: int) -> None:
        target = f"/user/get?access_token={world.own}&userid=%E5%BC%A0"
        ((_, _, got),) = await exchange(port, f"GET {target} HTTP/1.0\r\n\r\n".encode())
        assert got["errcode"] == 60111

    over_a_socket(body)


def test_a_post_without_a_body_and_without_a_length() -> None:
    async def body(world: World, port: int) -> None:
        head = "POST /v1.0/oauth2/jsapiTickets HTTP/1.1\r\nHost: api.dingtalk.com\r\n"
        head += f"x-acs-dingtalk-access-token: {world.isv}\r\n"
        answers = await exchange(
            port,
            (head + "\r\n").encode(),
            (head + "Content-Length: 0\r\nContent-Type: application/json\r\n\r\n").encode(),
        )
        assert [status for status, _, _ in answers] == [200, 200]
        assert answers[0][2]["jsapiTicket"] == answers[1][2]["jsapiTicket"]

    over_a_socket(body)


@pytest.mark.parametrize("chunked", [False, True])
def test_ten_megabytes_are_refused_and_the_connection_lives_on(chunked: bool) -> None:
    async def body(world: World, port: int) -> None:
        size, piece = 10 << 20, b"x" * 65536
        framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
        head = f"POST /department/create HTTP/1.1\r\nHost: x\r\n{framing}\r\n"
        async with a_connection(port) as (reader, writer):
            writer.write((head + "Content-Type: application/json\r\n\r\n").encode())
            for _ in range(size // len(piece)):
                writer.write(b"10000\r\n" + piece + b"\r\n" if chunked else piece)
            writer.write(b"0\r\n\r\n" if chunked else b"")
            _, headers, got = await answer(reader)
            assert got == {"errcode": 41101, "errmsg": "数据内容过长"}
            assert "1048576" in headers["x-sanfang-explain"]
            target = f"/department/list?access_token={world.own}"
            writer.write(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert (await answer(reader))[2]["errcode"] == 0

    over_a_socket(body)


def test_a_declared_flood_is_refused_before_its_first_byte() -> None:
    async def body(world: World, port: int) -> None:
        head = "POST /department/create HTTP/1.1\r\nHost: x\r\nContent-Length: 10485760\r\n\r\n"
        ((_, _, got),) = await exchange(port, head.encode())
        assert got["errcode"] == 41101

    over_a_socket(body)


def test_calls_that_follow_each_other_without_waiting_are_answered_in_order() -> None:
    async def body(world: World, port: int) -> None:
        async with a_connection(port) as (reader, writer):
            for path in ("/department/list", "/getuserinfo"):
                target = f"{path}?access_token={world.own}"
                writer.write(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert [(await answer(reader))[2]["errcode"] for _ in "ab"] == [0, 404]

    over_a_socket(body)
