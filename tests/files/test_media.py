"""Media: what is uploaded comes back byte for byte, to its app alone; bad uploads are explained."""

from __future__ import annotations

import random
from typing import Any

from sanfang.platform.domain import corps, tokens
from sanfang.platform.domain.media_rules import amr_length
from sanfang.platform.openapi.body import UPLOAD_LIMIT

from ..openapi.world import World, story
from .forms import PNG, encoded, fetch, upload

PATHS = ("/media/get", "/media/downloadFile")
AMR_SECOND = (b"\x04" + bytes(12)) * 50  # frames of the lowest rate, 20 ms each


def test_an_image_comes_back_byte_for_byte_with_its_name_and_type() -> None:
    async def body(world: World) -> None:
        made = (await upload(world, "图 1.png", PNG)).json
        assert (made["errcode"], made["type"]) == (0, "image")
        assert made["created_at"] == world.core.clock.now()
        for path in PATHS:
            found = await fetch(world, path, made["media_id"])
            assert found.status == 200
            assert found.body == PNG
            assert found.headers["content-type"] == "image/png"
            assert found.headers["content-length"] == str(len(PNG))
            assert "filename*=UTF-8''%E5%9B%BE%201.png" in found.headers["content-disposition"]
            assert found.headers["x-content-type-options"] == "nosniff"

    story(body)


def test_an_isv_uploads_for_a_corp_and_the_id_is_of_no_use_to_another_app_or_corp() -> None:
    async def body(world: World) -> None:
        made = (await upload(world, "a.png", PNG, token=world.isv)).json["media_id"]
        other = await corps.create_corp(world.core, "另一家公司")
        app = (await corps.list_apps(world.core, other.corp_id))[0]
        stranger, _ = await tokens.app_token(world.core, app.app_key, app.secret)
        for path in PATHS:
            assert (await fetch(world, path, made, world.isv)).body == PNG
            for token in (world.own, stranger):
                reply = await fetch(world, path, made, token)
                assert reply.code == 40007
                assert "only the app that uploaded it" in reply.explained

    story(body)


def test_kinds_have_their_formats_and_sizes() -> None:
    cases = [
        ("image", "a.png", (1 << 20) + 1, 40006),
        ("image", "a.png", 1 << 20, 0),
        ("image", "a.pdf", 10, 40005),
        ("image", "noextension", 10, 40005),
        ("voice", "a.amr", (2 << 20) + 1, 40006),
        ("voice", "a.ogg", 10, 40005),
        ("video", "a.MP4", 10, 0),
        ("file", "a.exe", 10, 40005),
        ("file", "a.docx", (10 << 20) + 1, 40006),
        ("thumb", "a.png", 10, 40004),
        ("file", "a.zip", 0, 44001),
    ]

    async def body(world: World) -> None:
        for kind, name, size, code in cases:
            reply = await upload(world, name, b"\x01" * size, kind)
            assert (kind, name, size, reply.code) == (kind, name, size, code)
            assert code == 0 or "/" in reply.explained

    story(body)


def test_a_voice_is_at_most_a_minute_long() -> None:
    async def body(world: World) -> None:
        assert amr_length(b"#!AMR\n" + AMR_SECOND) == 1000
        minute = b"#!AMR\n" + AMR_SECOND * 60
        assert (await upload(world, "a.amr", minute, "voice")).code == 0
        assert (await upload(world, "a.amr", minute + AMR_SECOND, "voice")).code == 45007

    story(body)


def test_limits_are_settings() -> None:
    async def body(world: World) -> None:
        assert (await upload(world, "a.png", bytes(11))).code == 40006
        assert (await upload(world, "a.png", bytes(10))).code == 0

    story(body, media_image_bytes=10)


def test_an_id_that_is_missing_or_unknown_is_refused() -> None:
    async def body(world: World) -> None:
        for media_id in ("", "@lALunknown", "x" * 5000, "\u4e2d"):
            for path in PATHS:
                reply = await fetch(world, path, media_id)
                assert reply.code == (40007 if media_id else 41006)

    story(body)


def test_what_is_missing_from_an_upload_is_named() -> None:
    cases: list[tuple[Any, str]] = [
        ([("file", ("a.png", PNG))], "No part is named media"),
        ([("media", "text")], "no filename"),
        ([], "no part named media"),
    ]

    async def body(world: World) -> None:
        target = f"/media/upload?type=image&access_token={world.own}"
        for parts, named in cases:
            reply = await world.raw("POST", target, *encoded(*parts))
            assert reply.code == 43008
            assert named in reply.explained
        json = await world.post("/media/upload", {"media": "x"}, world.own, type="image")
        assert json.code == 43008
        assert "multipart/form-data" in json.explained

    story(body)


def test_a_hundred_megabytes_are_refused_without_being_read() -> None:
    async def body(world: World) -> None:
        target = f"/media/upload?type=file&access_token={world.own}"
        _, headers = encoded(("media", ("a.zip", b"1")))
        declared = [*headers, (b"content-length", b"104857600")]
        reply = await world.raw("POST", target, [b""], declared)
        assert reply.code == 45001
        piece = bytes(1 << 20)
        start = encoded(("media", ("a.zip", b"")))[0].partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        sent = [start, *[piece] * 100]
        assert (await world.raw("POST", target, sent, headers)).code == 45001
        assert UPLOAD_LIMIT < 100 << 20

    story(body)


def test_a_damaged_upload_is_refused_with_a_documented_code() -> None:
    chance = random.Random(7)
    boundaries = (b"", b"", b"", b"; boundary=", b"; boundary=other", b'; boundary="')

    async def body(world: World) -> None:
        whole, headers = encoded(("media", ("a.png", PNG)))
        target = f"/media/upload?type=image&access_token={world.own}"
        seen = set()
        for _ in range(400):
            sent = bytearray(whole)
            for _ in range(chance.randrange(4)):
                sent[chance.randrange(len(sent))] = chance.randrange(256)
            cut = chance.randrange(len(whole) - 3)  # the end of the last line is lost at least
            kind = dict(headers)[b"content-type"]
            if boundary := chance.choice(boundaries):
                kind = b"multipart/form-data" + boundary
            reply = await world.raw("POST", target, bytes(sent[:cut]), [(b"content-type", kind)])
            seen.add(reply.code)
        assert seen <= {43008, 44001, 40005, 40035, -1}
        assert 43008 in seen

    story(body, rate_profile="off")
