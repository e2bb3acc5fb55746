"""The reader of HTTP/1.1: any bytes, however cut, are an answer or a typed error, and bounded."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanfang.client import AnswerCutShort, AnswerTooLong, BadAnswer, BadCall, Request, Response
from sanfang.client.http1 import HEAD_LIMIT, Reader, head

GET = Request("GET", "http://platform.example/user/get?userid=a", {}, api="user/get", limit=1000)
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n"
BODY = b'{"errcode":0}'
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\n" + BODY[:5] + b"\r\n8;ext=1\r\n" + BODY[5:] + b"\r\n0\r\nX-Trailer: 1\r\n\r\n"
)
UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\nX: 1\r\n\r\n" + BODY


def read(data: bytes, request: Request = GET, size: int = 0) -> tuple[Response, Reader]:
    """Read an answer in pieces of a size, and then the end of the connection."""
    reader = Reader(request)
    step = size or max(len(data), 1)
    for at in range(0, len(data), step):
        if reader.feed(data[at : at + step]):
            rest = data[at + step :]
            assert not rest or not size or len(rest) < len(data)
            break
    else:
        if not reader.eof():
            raise AnswerCutShort("nothing came")
    return reader.response(), reader


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 100])
@pytest.mark.parametrize(
    "answer", [PLAIN + BODY, CHUNKED, UNTIL_CLOSE], ids=["length", "chunked", "close"]
)
def test_an_answer_is_the_same_however_it_is_cut(answer: bytes, size: int) -> None:
    response, reader = read(answer, size=size)
    assert (response.status, response.body) == (200, BODY)
    assert reader.keep_alive is (answer is not UNTIL_CLOSE)


@pytest.mark.parametrize("answer", [PLAIN + BODY, CHUNKED], ids=["length", "chunked"])
def test_an_answer_cut_at_any_byte_is_cut_short(answer: bytes) -> None:
    for end in range(1, len(answer)):
        with pytest.raises(AnswerCutShort):
            read(answer[:end], size=5)


def test_header_names_are_lower_case_and_repeated_ones_are_joined() -> None:
    response, _ = read(
        b"HTTP/1.1 200 \r\nX-A: 1\r\nx-a:2\r\nFolded: a\r\n  b\r\nContent-Length:0\r\n\r\n"
    )
    assert response.headers == {"x-a": "1, 2", "folded": "a b", "content-length": "0"}


def test_line_feeds_alone_end_lines_too() -> None:
    response, _ = read(b"HTTP/1.1 200 OK\nContent-Length: 4\n\n\r\n\r\n")
    assert response.body == b"\r\n\r\n"


def test_interim_answers_are_skipped() -> None:
    response, reader = read(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nLink: a\r\n\r\n" + PLAIN + BODY
    )
    assert (response.status, response.body, reader.keep_alive) == (200, BODY, True)


@pytest.mark.parametrize("status", [204, 304])
def test_some_statuses_have_no_body_whatever_their_headers_say(status: int) -> None:
    response, reader = read(b"HTTP/1.1 %d x\r\nContent-Length: 5\r\n\r\n" % status)
    assert (response.status, response.body, reader.done) == (status, b"", True)


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (b"HTTP/1.1 200 OK\r\n", True),
        (b"HTTP/1.1 200 OK\r\nConnection: Close\r\n", False),
        (b"HTTP/1.0 200 OK\r\n", False),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n", True),
    ],
)
def test_whether_the_connection_can_be_used_again(lines: bytes, kept: bool) -> None:
    _, reader = read(lines + b"Content-Length: 2\r\n\r\n{}")
    assert reader.keep_alive is kept


def test_who_says_more_than_was_asked_is_not_asked_again() -> None:
    _, reader = read(PLAIN + BODY + b"HTTP/1.1 200 OK\r\n")
    assert not reader.keep_alive


def test_a_hint_how_long_it_stays_open_is_noted() -> None:
    _, reader = read(
        b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5, max=9\r\nContent-Length: 0\r\n\r\n"
    )
    assert reader.keep_for == 5.0


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02F\n\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 099 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA name: with a blank\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n folded: first\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: \x00\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\nContent-Length: 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: \xb25\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabcde\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nabcde\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcdeXX\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * 2000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 16 + b"\r\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [0, 1])
def test_what_is_no_http_is_named_so(answer: bytes, size: int) -> None:
    with pytest.raises(BadAnswer) as caught:
        read(answer, size=size)
    assert caught.value.what == "http"
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 1001,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"1f4\r\n%b\r\n" % (b" " * 500) * 3,
        b"HTTP/1.1 200 OK\r\nA: " + b"a" * HEAD_LIMIT,
        b"HTTP/1.1 200 OK\r\n" + b"A: a\r\n" * 20_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 5000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"A: a\r\n" * 20_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"1;%b\r\n \r\n" % (b"x" * 900) * 900,
    ],
)
def test_what_is_over_a_limit_is_too_long_before_it_is_kept(answer: bytes) -> None:
    with pytest.raises(AnswerTooLong):
        read(answer, size=16_384)


def feed(reader: Reader, piece: bytes, times: int) -> None:
    for _ in range(times):
        reader.feed(piece)


def test_a_body_without_end_takes_no_more_memory_than_its_limit() -> None:
    request = Request("GET", "http://x/y", {}, limit=1_000_000)
    piece = b"x" * 65_536
    tracemalloc.start()
    try:
        reader = Reader(request)
        reader.feed(b"HTTP/1.1 200 OK\r\n\r\n")
        with pytest.raises(AnswerTooLong):
            feed(reader, piece, 16_384)  # a gigabyte
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_a_head_that_drips_is_read_in_linear_time() -> None:
    reader = Reader(GET)
    reader.feed(b"HTTP/1.1 200 OK\r\nA: ")
    with pytest.raises(AnswerTooLong):
        feed(reader, b"a", HEAD_LIMIT)


def everything(data: bytes, cuts: list[int]) -> Any:
    reader = Reader(GET)
    try:
        at = 0
        for cut in [*sorted(c for c in cuts if c < len(data)), len(data)]:
            if cut > at and reader.feed(data[at:cut]):
                break
            at = cut
        if not reader.done and not reader.eof():
            return "nothing"
    except BadAnswer as problem:
        return type(problem), problem.what
    return reader.response().status, reader.response().headers, reader.response().body


PIECES = st.lists(
    st.sampled_from(
        [b"HTTP/1.1 200 OK\r\n", b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"\r\n",
         b"\n", b"abc", b"3\r\n", b"0\r\n", b"\r", b"A: b\r\n", b"HTTP/1.1 100 \r\n\r\n", b"\x00", b" "]
    ) | st.binary(max_size=5),
    max_size=12,
).map(b"".join)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(PIECES, st.lists(st.integers(1, 60), max_size=8))
def test_any_bytes_are_an_answer_or_a_typed_error_and_cuts_change_nothing(
    data: bytes, cuts: list[int]
) -> None:
    assert everything(data, cuts) == everything(data, [])


# -- requests -----------------------------------------------------------------------------------


def test_the_bytes_of_a_request() -> None:
    request = Request("POST", "http://h/p?q=1", {"Content-Type": "application/json"}, b"{}")
    lines = head(request, "/p?q=1", "h").split(b"\r\n")
    assert lines[:2] == [b"POST /p?q=1 HTTP/1.1", b"Host: h"]
    assert lines[2].startswith(b"User-Agent: sanfang/")
    assert lines[3:] == [
        b"Accept-Encoding: identity", b"Content-Type: application/json", b"Content-Length: 2", b"", b"",
    ]  # fmt: skip
    assert b"Content-Length: 0" in head(Request("POST", "http://h/", {}), "/", "h")
    assert b"Content-Length" not in head(Request("GET", "http://h/", {}), "/", "h")


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/a b", {}),
        ("/a\r\nX: 1", {}),
        ("/张", {}),
        ("/a", {"X": "1\r\nY: 2"}),
        ("/a", {"X": "1\nY: 2"}),
        ("/a", {"X\r\nY": "1"}),
        ("/a", {"X Y": "1"}),
        ("/a", {"": "1"}),
        ("/a", {"X": "张"}),
    ],
)
def test_nothing_breaks_out_of_its_line(target: str, headers: dict[str, str]) -> None:
    with pytest.raises(BadCall):
        head(Request("GET", "http://h/", headers), target, "h")
