"""Uploads: the parts of a multipart body, in any pieces, and what is missing from it (F31)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.filepost import encode_multipart_formdata

from sanfang.platform.domain.refusals import Refusal
from sanfang.platform.openapi import Call, OpenApi, Upload, handler
from sanfang.platform.openapi.multipart import IN_MEMORY, Multipart

from ..openapi.world import Reply, World, send, story

UPLOAD = "/media/upload?type=image&access_token="


@handler("oapi_media_upload_post", largest=2 << 20)
async def _upload(call: Call) -> dict[str, Any]:
    file: Upload = call.args["media"]
    return {
        "name": file.filename,
        "kind": file.content_type,
        "size": file.size,
        "sum": sum(file.data),
    }


def encoded(*parts: tuple[str, Any]) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """What urllib3, and so requests, makes of these parts."""
    body, content_type = encode_multipart_formdata(list(parts), boundary="--edge'1")
    return body, [(b"content-type", content_type.replace("--edge'1", '"--edge\'1"').encode())]


async def put(world: World, body: bytes | list[bytes], headers: Any) -> Reply:
    api = OpenApi(world.core, handlers=[_upload])
    return await send(api, "POST", UPLOAD + world.own, body, headers)


def test_a_file_arrives_with_name_type_and_content() -> None:
    async def body(world: World) -> None:
        data = b"\x89PNG\r\n--edge\r\n" * 10
        sent, headers = encoded(("media", ("图 1.png", data, "image/png")))
        reply = await put(world, sent, headers)
        assert reply.json["name"] == "图 1.png"
        assert reply.json["kind"] == "image/png"
        assert (reply.json["size"], reply.json["sum"]) == (len(data), sum(data))

    story(body)


def test_a_large_file_in_pieces_goes_over_the_disk_and_stays_whole() -> None:
    async def body(world: World) -> None:
        data = bytes(range(256)) * (IN_MEMORY // 128)
        sent, headers = encoded(("media", ("a.bin", data)))
        pieces = [sent[at : at + 1000] for at in range(0, len(sent), 1000)]
        reply = await put(world, pieces, headers)
        assert (reply.json["size"], reply.json["sum"]) == (len(data), sum(data))
        assert reply.json["kind"] == "application/octet-stream"

    story(body)


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        ((("file", ("a.png", b"x")),), "No part is named media"),
        ((("media", "x"),), "no filename"),
        ((("other", "x"),), "no part named media"),
        ((), "no part named media"),
    ],
)
def test_what_an_upload_lacks_is_named(parts: Any, named: str) -> None:
    async def body(world: World) -> None:
        reply = await put(world, *encoded(*parts))
        assert reply.code == 43008
        assert named in reply.explained
        assert reply.headers["x-sanfang-faq"] == "F31"

    story(body)


def test_an_empty_file_and_a_body_that_is_not_multipart_are_refused() -> None:
    async def body(world: World) -> None:
        assert (await put(world, *encoded(("media", ("a.png", b""))))).code == 44001
        json = [(b"content-type", b"application/json")]
        reply = await put(world, b"{}", json)
        assert reply.code == 43008
        assert "multipart/form-data" in reply.explained
        assert (await put(world, b"x", [(b"content-type", b"multipart/form-data")])).code == 43008

    story(body)


def test_a_part_must_state_its_type_only_with_the_strict_option() -> None:
    async def body(world: World) -> None:
        sent = b'--x\r\ncontent-disposition: form-data; name="media"; filename="a.png"\r\n\r\n1'
        sent += b"\r\n--x--\r\n"
        reply = await put(world, sent, [(b"content-type", b"multipart/form-data; boundary=x")])
        if world.core.settings.strict_content_type:
            assert reply.code == 43008
            assert "Content-Type" in reply.explained
        else:
            assert reply.json["kind"] == "image/png"

    story(body)
    story(body, strict_content_type=True)


def test_too_long_an_upload_is_refused_unread_and_while_it_is_read() -> None:
    async def body(world: World) -> None:
        sent, headers = encoded(("media", ("a.bin", bytes(3 << 20))))
        assert (await put(world, sent, headers)).code == 45001
        pieces = [sent[at : at + 65536] for at in range(0, len(sent), 65536)]
        assert (await put(world, pieces, headers)).code == 45001

    story(body)


@given(
    values=st.lists(st.text(max_size=20).filter(str.strip) | st.binary(max_size=60), max_size=4),
    cuts=st.lists(st.integers(0, 600), max_size=8),
)
def test_the_cuts_between_pieces_make_no_difference(
    values: list[str | bytes], cuts: list[int]
) -> None:
    parts = [
        (f"p{n}", value if isinstance(value, str) else (f"f{n}", value))
        for n, value in enumerate(values)
    ]
    sent, headers = encoded(*parts)
    reader, at = Multipart(headers[0][1]), 0
    for cut in [*sorted(cut for cut in cuts if cut < len(sent)), len(sent)]:
        reader.feed(sent[at:cut])
        at = cut
    found = reader.finish()
    got = [each.data if isinstance(each, Upload) else each for each in found.values()]
    reader.close()
    assert got == list(values)


@given(st.lists(st.sampled_from([b"--x", b"\r\n", b"--", b"a", b":", b"\xff", b'name="a"'])))
def test_any_bytes_are_read_or_refused(pieces: list[bytes]) -> None:
    reader = Multipart(b"multipart/form-data; boundary=x")
    try:
        for piece in pieces:
            reader.feed(piece)
        reader.finish()
    except Refusal as refusal:
        assert refusal.code in (43008, 40035, -1)  # noqa: PT017
    finally:
        reader.close()
