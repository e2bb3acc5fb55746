"""Files go up and come down whole: or nothing is left, however it ends."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
from collections.abc import Callable, Iterator
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.client import (
    AnswerCutShort,
    AppKey,
    AsyncClient,
    BadAnswer,
    BadCall,
    CallRefused,
    Client,
    RetryRule,
    TimedOut,
)
from sanfang.client.downloads import Download, _content_range, _filename, _validator
from sanfang.client.errors import FileFailed
from sanfang.client.files import Expect

from .conftest import NO_WAIT, Make
from .living import Living, living
from .stand_in import Reply, Seen, StandIn

APP = AppKey("dingexample", "example-secret")
CONTENT = bytes(range(256)) * 1200  # more than a few pieces
PATH = "media/downloadFile"


@pytest.fixture
def client(make: Make, platform: StandIn) -> Any:
    return make(APP, base_url=platform.url)


def serve(platform: StandIn, content: bytes = CONTENT, **headers: str) -> None:
    platform.on(
        "/media/downloadFile",
        Reply(
            content, 200, "image/png", tuple((n.replace("_", "-"), v) for n, v in headers.items())
        ),
    )


class Ranged:
    """A server of one content that cuts the line after so many bytes, and can resume."""

    def __init__(self, *cuts: int, ranges: bool = True, tag: str = '"v1"') -> None:
        self.cuts = list(cuts)
        self.ranges = ranges
        self.tag = tag
        self.content = CONTENT
        self.asked: list[str] = []

    def __call__(self, seen: Seen) -> Reply:
        wanted = seen.headers.get("range", "")
        self.asked.append(wanted)
        start, status = 0, 200
        headers = [("ETag", self.tag)]
        if self.ranges:
            headers.append(("Accept-Ranges", "bytes"))
            if wanted and seen.headers.get("if-range") == self.tag:
                start, status = int(wanted.removeprefix("bytes=").rstrip("-")), 206
                whole = len(self.content)
                headers.append(("Content-Range", f"bytes {start}-{whole - 1}/{whole}"))
        rest = self.content[start:]
        if self.cuts:
            sent = rest[: self.cuts.pop(0)]
            return Reply(sent, status, "image/png", tuple(headers), length=len(rest))
        return Reply(rest, status, "image/png", tuple(headers))


def nothing_left(folder: Path) -> bool:
    return list(folder.iterdir()) == []


# -- downloads --------------------------------------------------------------------------------


def test_a_file_is_written_whole_with_progress(
    client: Any, platform: StandIn, tmp_path: Path
) -> None:
    serve(platform, content_disposition="attachment; filename*=UTF-8''%E7%94%B2.png")
    seen: list[tuple[int, int | None]] = []
    got = client.download(
        PATH, tmp_path / "a.png", media_id="m", progress=lambda *at: seen.append(at)
    )
    assert (tmp_path / "a.png").read_bytes() == CONTENT
    assert got == Download(len(CONTENT), "image/png", "甲.png")
    assert seen[0] == (0, len(CONTENT))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    assert platform.seen[-1].query["media_id"] == "m"


def test_an_open_file_is_written_where_it_stands(client: Any, platform: StandIn) -> None:
    serve(platform)
    out = io.BytesIO(b"head")
    out.seek(4)
    client.download(PATH, out, media_id="m")
    assert out.getvalue() == b"head" + CONTENT


@pytest.mark.parametrize("cuts", [(1,), (70_000,), (70_000, 1, 100_000)])
def test_what_was_cut_is_resumed(
    client: Any, platform: StandIn, tmp_path: Path, cuts: tuple[int, ...]
) -> None:
    server = Ranged(*cuts)
    platform.on("/media/downloadFile", server)
    digest = hashlib.sha256(CONTENT).hexdigest()
    client.download(PATH, tmp_path / "a", media_id="m", expect=Expect(sha256=digest))
    assert (tmp_path / "a").read_bytes() == CONTENT
    so_far = [sum(cuts[: n + 1]) for n in range(len(cuts))]
    assert server.asked == ["", *(f"bytes={n}-" for n in so_far)]


def test_without_ranges_it_begins_again(client: Any, platform: StandIn, tmp_path: Path) -> None:
    server = Ranged(70_000, ranges=False)
    platform.on("/media/downloadFile", server)
    client.download(PATH, tmp_path / "a", media_id="m")
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert server.asked == ["", ""]


def test_a_content_that_changed_meanwhile_is_not_mixed(
    client: Any, platform: StandIn, tmp_path: Path
) -> None:
    server = Ranged(70_000)

    def changing(seen: Seen) -> Reply:
        reply = server(seen)
        server.tag, server.content = '"v2"', b"new" + CONTENT
        return reply

    platform.on("/media/downloadFile", changing)
    client.download(PATH, tmp_path / "a", media_id="m")
    assert (tmp_path / "a").read_bytes() == b"new" + CONTENT


def test_a_server_that_resumes_elsewhere_is_refused(
    client: Any, platform: StandIn, tmp_path: Path
) -> None:
    server = Ranged(70_000)

    def wrong(seen: Seen) -> Reply:
        reply = server(seen)
        if reply.status != 206:
            return reply
        headers = (("Content-Range", f"bytes 5-{len(CONTENT) - 1}/{len(CONTENT)}"),)
        return Reply(CONTENT[5:], 206, "image/png", headers)

    platform.on("/media/downloadFile", wrong)
    with pytest.raises(BadAnswer) as caught:
        client.download(PATH, tmp_path / "a", media_id="m")
    assert caught.value.what == "range"
    assert nothing_left(tmp_path)


def test_a_compressed_content_is_not_taken_for_the_file(
    client: Any, platform: StandIn, tmp_path: Path
) -> None:
    serve(platform, content_encoding="gzip")
    with pytest.raises(BadAnswer) as caught:
        client.download(PATH, tmp_path / "a", media_id="m")
    assert caught.value.what == "encoding"
    assert nothing_left(tmp_path)


def test_a_line_that_is_always_cut_is_given_up(
    client: Any, platform: StandIn, tmp_path: Path
) -> None:
    server = Ranged(*[0] * 50)
    platform.on("/media/downloadFile", server)
    with pytest.raises(AnswerCutShort):
        client.download(PATH, tmp_path / "a", media_id="m")
    assert len(server.asked) == 4
    assert nothing_left(tmp_path)


@pytest.mark.parametrize(
    ("expect", "what"),
    [
        (Expect(size=len(CONTENT) + 1), "truncated"),
        (Expect(size=len(CONTENT) - 1), "too_long"),
        (Expect(sha256="0" * 64), "digest"),
        (Expect(md5="0" * 32), "digest"),
    ],
)
def test_another_content_than_expected_is_thrown_away(
    client: Any, platform: StandIn, tmp_path: Path, expect: Expect, what: str
) -> None:
    serve(platform)
    (tmp_path / "a").write_text("the file before")
    with pytest.raises(BadAnswer) as caught:
        client.download(PATH, tmp_path / "a", media_id="m", expect=expect)
    assert caught.value.what == what
    assert (tmp_path / "a").read_text() == "the file before"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_refusal_is_a_refusal_and_leaves_nothing(
    client: Any, platform: StandIn, tmp_path: Path
) -> None:
    platform.on("/media/downloadFile", {"errcode": 40007, "errmsg": "不合法的媒体文件id"})
    with pytest.raises(CallRefused) as caught:
        client.download(PATH, tmp_path / "a", media_id="m")
    assert caught.value.code == 40007
    assert nothing_left(tmp_path)


def test_a_dead_token_is_renewed_for_a_download_too(
    client: Any, platform: StandIn, tmp_path: Path
) -> None:
    dead = [True]

    def route(seen: Seen) -> Reply | dict[str, Any]:
        if dead.pop() if dead else False:
            return {"errcode": 40014, "errmsg": "不合法的access_token"}
        return Reply(CONTENT, 200, "image/png")

    platform.on("/media/downloadFile", route)
    client.download(PATH, tmp_path / "a", media_id="m")
    assert platform.token_calls == 2
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_an_answer_that_is_no_file_says_so(client: Any, platform: StandIn, tmp_path: Path) -> None:
    platform.on("/user/get", {"errcode": 0, "errmsg": "ok", "name": "甲"})
    with pytest.raises(BadAnswer, match=r"call\(\)"):
        client.download("user/get", tmp_path / "a", userid="a")
    assert nothing_left(tmp_path)


def test_a_folder_that_is_not_there_is_named(
    client: Any, platform: StandIn, tmp_path: Path
) -> None:
    serve(platform)
    with pytest.raises(FileFailed, match="nowhere"):
        client.download(PATH, tmp_path / "nowhere" / "a", media_id="m")
    with pytest.raises(BadCall, match="folder"):
        client.download(PATH, tmp_path, media_id="m")
    with pytest.raises(BadCall, match="binary"):
        client.download(PATH, io.StringIO(), media_id="m")


def test_a_full_disk_is_the_files_fault_and_not_the_lines(client: Any, platform: StandIn) -> None:
    serve(platform)

    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(FileFailed, match="No space left"):
        client.download(PATH, Full(), media_id="m")
    assert len(platform.calls("/media/downloadFile")) == 1


def test_what_a_progress_callback_raises_ends_it_cleanly(
    client: Any, platform: StandIn, tmp_path: Path
) -> None:
    serve(platform)

    def stop(done: int, total: int | None) -> None:
        if done:
            raise KeyError("stop")

    with pytest.raises(KeyError):
        client.download(PATH, tmp_path / "a", media_id="m", progress=stop)
    assert nothing_left(tmp_path)


def test_a_server_that_falls_silent_is_left(make: Make, platform: StandIn, tmp_path: Path) -> None:
    platform.on("/media/downloadFile", Reply(CONTENT[:20], length=1000, drip=30.0))
    client = make(APP, base_url=platform.url, timeout=0.3, retries=0)
    with pytest.raises(TimedOut):
        client.download(PATH, tmp_path / "a", media_id="m")
    assert nothing_left(tmp_path)


def test_a_cancelled_download_leaves_nothing(platform: StandIn, tmp_path: Path) -> None:
    platform.on(
        "/media/downloadFile", Reply(CONTENT[:20], 200, "image/png", length=1000, drip=0.01)
    )

    async def main() -> None:
        begun = asyncio.Event()
        async with AsyncClient(APP, base_url=platform.url) as client:
            task = asyncio.create_task(
                client.download(
                    PATH,
                    tmp_path / "a",
                    media_id="m",
                    progress=lambda n, _: begun.set() if n else None,
                )
            )
            await begun.wait()
            assert not nothing_left(tmp_path)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(main())
    assert nothing_left(tmp_path)


def test_a_gigabyte_takes_no_memory(platform: StandIn, tmp_path: Path) -> None:
    """64 MB here; what matters is that the peak does not follow the size."""
    import tracemalloc

    big = b"x" * (64 << 20)
    serve(platform, big)

    class Count(io.RawIOBase):
        size = 0

        def write(self, data: Any) -> int:
            self.size += len(data)
            return len(data)

    out: Any = Count()
    with Client(APP, base_url=platform.url) as client:
        client.get_access_token()
        tracemalloc.start()
        client.download(PATH, out, media_id="m")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert out.size == len(big)
    assert peak < 8 << 20


@given(st.text(max_size=400))
def test_a_name_from_elsewhere_is_a_name_and_no_path(said: str) -> None:
    for header in (f'attachment; filename="{said}"', f"attachment; filename*=UTF-8''{quote(said)}"):
        name = _filename({"Content-Disposition": header})
        assert "/" not in name
        assert "\\" not in name
        assert name.isprintable()
        assert name not in (".", "..")
        assert len(name) <= 255


@given(st.dictionaries(st.sampled_from(["content-range", "etag", "accept-ranges"]), st.text()))
def test_ranges_are_read_or_not_but_never_fail(headers: dict[str, str]) -> None:
    first, total = _content_range(headers)
    assert first >= -1
    assert total is None or total >= 0
    assert isinstance(_validator(headers), str)


# -- addresses that answers name --------------------------------------------------------------


def test_a_fetch_takes_no_token_along(client: Any, platform: StandIn, tmp_path: Path) -> None:
    platform.on("/oss/file", Reply(b'{"a": 1}', 200, "application/json"))
    headers = {"Authorization": "signature", "Host": "evil", "Cookie": "c=1"}
    got = client.fetch(f"{platform.url}/oss/file?sig=x", tmp_path / "a.json", headers=headers)
    assert got.size == 8
    assert (tmp_path / "a.json").read_bytes() == b'{"a": 1}'
    (seen,) = platform.seen
    assert seen.headers["authorization"] == "signature"
    assert seen.headers["host"] in platform.url
    assert "cookie" not in seen.headers
    assert platform.token_calls == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/x",
        "file:///etc/passwd",
        "ftp://example.com/a",
        "https://user:pass@example.com/a",
        "https:///a",
        "https://example.com/a b",
        "https://example.com/\r\nHost: evil",
        "//example.com/a",
        "",
    ],
)
def test_an_address_that_is_nowhere_to_go_is_refused(
    client: Any, platform: StandIn, tmp_path: Path, url: str
) -> None:
    with pytest.raises(BadCall):
        client.fetch(url, tmp_path / "a")
    assert nothing_left(tmp_path)


def test_what_an_object_store_refuses_is_told_by_its_code(
    client: Any, platform: StandIn, tmp_path: Path
) -> None:
    page = "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>expired</Message></Error>"
    platform.on("/oss/path-as-a-secret", Reply(page + "path-as-a-secret", 403, "application/xml"))
    address = f"{platform.url}/oss/path-as-a-secret?Signature=very-secret-1234"
    with pytest.raises(BadAnswer, match="AccessDenied") as caught:
        client.fetch(address, tmp_path / "a")
    assert caught.value.status == 403
    assert "very-secret" not in str(caught.value)
    assert "path-as-a-secret" not in str(caught.value)
    with pytest.raises(BadCall) as refused:
        client.fetch("http://example.com/path-as-a-secret", tmp_path / "a")
    assert "path-as-a-secret" not in str(refused.value)
    assert nothing_left(tmp_path)


# -- uploads ----------------------------------------------------------------------------------


def form_of(seen: Seen) -> dict[str, tuple[str | None, Any]]:
    head = f"Content-Type: {seen.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + seen.body)
    parts: list[Any] = list(message.iter_parts())
    return {
        part.get_param("name", header="content-disposition"): (
            part.get_filename(),
            part.get_payload(decode=True),
        )
        for part in parts
    }


MADE = {"errcode": 0, "errmsg": "ok", "media_id": "@m", "type": "image", "created_at": 1}


@pytest.mark.parametrize("how", ["path", "bytes", "file", "pipe"])
def test_a_media_file_goes_up_as_the_documents_want_it(
    client: Any, platform: StandIn, tmp_path: Path, how: str
) -> None:
    platform.on("/media/upload", MADE)
    content = CONTENT[:200_000]
    path = tmp_path / "照片.png"
    path.write_bytes(content)

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.inner = io.BytesIO(content)

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            return self.inner.readinto(buffer)

    source: Any = {
        "path": lambda: path,
        "bytes": lambda: content,
        "file": lambda: path.open("rb"),
        "pipe": Pipe,
    }[how]()
    seen: list[tuple[int, int | None]] = []
    name = "照片.png" if how in ("bytes", "pipe") else ""
    answer = client.upload(source, name=name, progress=lambda *at: seen.append(at))
    assert answer["media_id"] == "@m"
    (sent,) = platform.calls("/media/upload")
    assert sent.query["type"] == "image"
    assert sent.query["access_token"]
    filename, body = form_of(sent)["media"]
    assert body == content
    assert filename is not None
    assert 'filename="照片.png"'.encode() in sent.body
    assert seen[0] == (0, len(content))
    assert seen[-1] == (len(content), len(content))
    if how == "file":
        assert not source.closed
        source.close()


@pytest.mark.parametrize(
    ("name", "size", "kind", "code"),
    [
        ("a.png", 0, "image", "44001"),
        ("a.png", (1 << 20) + 1, "image", "40006"),
        ("a.amr", (2 << 20) + 1, "voice", "40006"),
        ("a.pdf", (10 << 20) + 1, "file", "40006"),
        ("a.png", 10, "voice", "40005"),
        ("a", 10, "image", "40005"),
        ("a.exe", 10, None, "type="),
        ("a.png", 10, "picture", "image"),
    ],
)
def test_what_the_platform_would_refuse_is_not_sent(
    client: Any, platform: StandIn, name: str, size: int, kind: str | None, code: str
) -> None:
    with pytest.raises(BadCall, match=code):
        client.upload(b"x" * size, kind, name=name)
    assert platform.seen == []


def test_limits_may_have_grown(client: Any, platform: StandIn) -> None:
    platform.on("/media/upload", MADE)
    client.upload(b"x" * ((1 << 20) + 1), "image", name="a.png", check=False)
    assert len(platform.calls("/media/upload")) == 1


def test_a_file_name_cannot_break_out_of_its_line(client: Any, platform: StandIn) -> None:
    platform.on("/media/upload", MADE)
    client.upload(b"x", "image", name='a"\r\nX: y\r\n.png')
    (sent,) = platform.calls("/media/upload")
    assert b"\r\nX: y" not in sent.body
    assert b'filename="a%22%0D%0AX: y%0D%0A.png"' in sent.body


def test_an_upload_after_a_dead_token_sends_the_whole_file_again(
    client: Any, platform: StandIn
) -> None:
    dead = [True]

    def route(seen: Seen) -> dict[str, Any]:
        return {"errcode": 40014, "errmsg": "dead"} if dead and dead.pop() else MADE

    platform.on("/media/upload", route)
    client.upload(CONTENT[:100_000], name="a.png")
    bodies = [form_of(seen)["media"][1] for seen in platform.calls("/media/upload")]
    assert bodies == [CONTENT[:100_000]] * 2


def test_any_api_that_takes_a_file_can_be_called(client: Any, platform: StandIn) -> None:
    platform.on("/file/upload/single", {"errcode": 0, "errmsg": "ok", "media_id": "@l"})
    client.upload_to("file/upload/single", b"abc", name="a.txt", file_size=3, agent_id="7")
    (sent,) = platform.calls("/file/upload/single")
    assert (sent.query["file_size"], sent.query["agent_id"]) == ("3", "7")
    assert form_of(sent)["file"][1] == b"abc"


def test_a_file_that_is_not_there_is_named(client: Any, platform: StandIn, tmp_path: Path) -> None:
    with pytest.raises(FileFailed, match=r"gone\.png"):
        client.upload(tmp_path / "gone.png")
    with pytest.raises(BadCall, match="binary"):
        client.upload(io.StringIO("x"))
    assert platform.seen == []


# -- against our platform ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    with living(tmp_path_factory.mktemp("platform")) as one:
        yield one


@pytest.fixture
def app(make: Make, world: Living) -> Any:
    return make(world.app, base_url=world.url)


def test_media_come_back_byte_for_byte(app: Any, tmp_path: Path) -> None:
    content = b"\x89PNG\r\n\x1a\n" + os.urandom(300_000)
    media_id = app.upload(content, name="照片.png")["media_id"]
    digest = hashlib.sha256(content).hexdigest()
    got = app.download(PATH, tmp_path / "b.png", media_id=media_id, expect=Expect(sha256=digest))
    assert (tmp_path / "b.png").read_bytes() == content
    assert got.filename == "照片.png"


@pytest.mark.parametrize("part_size", [None, 100_000])
def test_a_file_of_the_drive_goes_up_and_down(
    app: Any, tmp_path: Path, part_size: int | None
) -> None:
    union_id = app.call("user/get", userid="zhang")["unionid"]
    made = app.post("/v1.0/storage/spaces", query={"unionId": union_id}, option={"name": "示例"})
    space = made["space"]["id"]
    seen: list[tuple[int, int | None]] = []
    dentry = app.upload_file(
        *(space, "0", CONTENT),
        union_id=union_id,
        name="合同.bin",
        part_size=part_size,
        progress=lambda *at: seen.append(at),
    )
    assert (dentry["name"], dentry["size"]) == ("合同.bin", len(CONTENT))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    got = app.download_file(space, dentry["id"], tmp_path / "c.bin", union_id=union_id)
    assert (tmp_path / "c.bin").read_bytes() == CONTENT
    assert got.size == len(CONTENT)
    other = app.upload_file(
        *(space, "0", b""), union_id=union_id, name="合同.bin", conflict="AUTO_RENAME"
    )
    assert (other["name"] == "合同.bin", other["size"]) == (False, 0)


def test_a_folder_may_be_named_by_its_uuid(app: Any, tmp_path: Path) -> None:
    union_id = app.call("user/get", userid="zhang")["unionid"]
    made = app.post("/v1.0/storage/spaces", query={"unionId": union_id}, option={"name": "二"})
    space = made["space"]["id"]
    folder = app.call(
        "/v1.0/storage/spaces/{spaceId}/dentries/{parentId}/folders",
        spaceId=space,
        parentId="0",
        unionId=union_id,
        name="夹",
    )["dentry"]
    dentry = app.upload_to_folder(folder["uuid"], CONTENT, union_id=union_id, name="二.bin")
    assert (dentry["name"], dentry["parentId"]) == ("二.bin", folder["id"])
    app.download_file(space, dentry["id"], tmp_path / "a", union_id=union_id)
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_an_old_upload_in_chunks_comes_back(app: Any, world: Living, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    answer = app.upload_chunks(
        CONTENT, 1, name="a.bin", part_size=100_000, progress=lambda *at: seen.append(at)
    )
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    app.download(PATH, tmp_path / "a.bin", media_id=answer["media_id"])
    assert (tmp_path / "a.bin").read_bytes() == CONTENT
    with pytest.raises(BadCall, match="44001"):
        app.upload_chunks(b"", 1, name="a.bin")
    with pytest.raises(BadCall, match="part_size"):
        app.upload_chunks(b"a", 1, name="a.bin", part_size=0)


def test_a_chunk_is_repeated_when_the_platform_is_busy(client: Any, platform: StandIn) -> None:
    chunks: list[tuple[str, int]] = []

    def take(seen: Seen) -> Reply | dict[str, Any]:
        chunks.append((seen.query["chunk_sequence"], len(form_of(seen)["file"][1])))
        if len(chunks) == 2:
            return Reply("<html>busy</html>", 503, "text/html")
        return {"errcode": 0, "errmsg": "ok"}

    def turn(seen: Seen) -> dict[str, Any]:
        made = {"media_id": "@m"} if "upload_id" in seen.query else {"upload_id": "u"}
        return {"errcode": 0, "errmsg": "ok", **made}

    platform.on("/file/upload/chunk", take)
    platform.on("/file/upload/transaction", turn)
    assert client.upload_chunks(b"x" * 25, 1, name="a", part_size=10)["media_id"] == "@m"
    assert chunks == [("1", 10), ("2", 10), ("2", 10), ("3", 5)]
    begun, committed = platform.calls("/file/upload/transaction")
    assert (begun.query["file_size"], begun.query["chunk_numbers"]) == ("25", "3")
    assert committed.query["upload_id"] == "u"


def test_a_part_that_fails_is_sent_again(
    make: Callable[..., Any], platform: StandIn, tmp_path: Path
) -> None:
    puts: list[tuple[str, int, str]] = []

    def take(seen: Seen) -> Reply | None:
        puts.append((seen.path, len(seen.body), seen.headers.get("authorization", "")))
        if len(puts) == 2:
            return Reply("<html>busy</html>", 503, "text/html")
        if len(puts) == 4:
            return None  # cut
        return Reply(b"", 200)

    def infos(seen: Seen) -> dict[str, Any]:
        number = seen.json["partNumbers"][0]
        url = f"{platform.url}/oss/part-{number}"
        platform.on(f"/oss/part-{number}", take)
        signed = {"resourceUrls": [url], "headers": {"Authorization": f"sig-{number}"}}
        return {
            "multipartHeaderSignatureInfos": [{"partNumber": number, "headerSignatureInfo": signed}]
        }

    base = "/v1.0/storage/spaces"
    platform.on(f"{base}/1/files/multiPartUploadInfos/init", {"uploadKey": "key"})
    platform.on(f"{base}/files/multiPartUploadInfos/query", infos)
    platform.on(f"{base}/1/files/commit", {"dentry": {"id": "9"}})
    client = make(APP, base_url=platform.url, retries=NO_WAIT)
    path = tmp_path / "big.bin"
    path.write_bytes(CONTENT[:250_000])
    assert client.upload_file("1", "0", path, union_id="u", part_size=100_000) == {"id": "9"}
    assert puts == [
        ("/oss/part-1", 100_000, "sig-1"),
        ("/oss/part-2", 100_000, "sig-2"),
        ("/oss/part-2", 100_000, "sig-2"),
        ("/oss/part-3", 50_000, "sig-3"),
        ("/oss/part-3", 50_000, "sig-3"),
    ]
    (commit,) = platform.calls(f"{base}/1/files/commit")
    assert commit.json == {
        "uploadKey": "key",
        "name": "big.bin",
        "parentId": "0",
        "option": {"size": 250_000},
    }
    assert commit.query == {"unionId": "u"}


def test_pauses_between_tries_are_the_rules(platform: StandIn, tmp_path: Path) -> None:
    """A download does not sleep by itself: what it waits for is asked of the driver."""
    platform.on("/media/downloadFile", Ranged(10))
    rule = RetryRule(pauses=(0.0,))
    with Client(APP, base_url=platform.url, retries=rule) as client:
        assert client.download(PATH, tmp_path / "a", media_id="m").size == len(CONTENT)
