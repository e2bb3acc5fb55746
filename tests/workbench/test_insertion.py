"""Where in a page the bridge goes, whatever the page and however it is cut into pieces."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sanfang.platform.console.proxy.insertion import WINDOW, Insertion

TAG = '<script src="/x"></script>'


def put(page: bytes, *cuts: int, charset: str = "") -> bytes:
    one = Insertion(TAG, charset)
    ends = sorted({0, *(cut for cut in cuts if cut < len(page)), len(page)})
    pieces = [one.feed(page[a:b]) for a, b in itertools.pairwise(ends)]
    return b"".join([*pieces, one.end()])


@pytest.mark.parametrize(
    "page",
    [
        "<!doctype html><html><head>|<title>t</title></head><body></body></html>",
        "<HTML LANG=zh><HEAD prefix='a>b'>|<title>",
        '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN">\n<html>\n<head>|\n',
        '<html data-x="<head>"><head>|',
        "<html data-x=<head>|><head>",
        '<html ="><head>|',
        "<html a = '>' b><head c=\"'>\">|x",
        "<html/><head/>|",
        "<!-- <head> --><head>|",
        "<!--><head>|-->",
        "<!---><head>|-->",
        "<!-- a --!><head>|-->",
        "<!-- <!--> <head>|",
        "<!--[if IE]><html class=ie><![endif]--><html><head>|",
        "<?xml version='1.0'?><html><head>|",
        "<![CDATA[x]]><head>|",
        "</p><head>|",
        "</ nothing><head>|",
        "|</head><body>",
        "|</body>",
        "|<title>t</title><p>x",
        "<html>|<body><header>h</header>",
        "<html>|<header>h</header><head>",
        "<!doctype html>|<meta charset=utf-8>",
        "<!doctype html>\n<html>\n|<frameset>",
        "|plain text",
        "|< head>",
        "|<",
        "  \n\t|",
        "|<!-- never ends",
        "<!doctype html>|<!-- never ends <head>",
        "<html>|<head title='never ends>",
        "|<!doctype html",
        "\N{BYTE ORDER MARK}<head>|x",
        "\N{BYTE ORDER MARK}|x",
    ],
)
def test_it_is_first_in_the_head(page: str) -> None:
    plain = page.replace("|", "").encode()
    expected = page.replace("|", TAG).encode()
    assert put(plain) == expected
    assert put(plain, *range(len(plain))) == expected, "byte by byte"


def test_an_empty_page_stays_empty() -> None:
    assert put(b"") == b""


PARTS = st.sampled_from(
    [
        *("<", ">", "!", "-", "--", "<!--", "-->", "--!>", "/", "=", '"', "'", " ", "\n", "a"),
        *("<html", "<head", "<head>", "<html>", "<!doctype html>", "<body>", "</head>", "</p>"),
        *("<HeAd ", "<title>x</title>", "é", "签", "\0", "<?", "</"),
    ]
)


@given(st.lists(PARTS, max_size=12).map("".join), st.lists(st.integers(0, 80), max_size=8))
@example("<!-- --", [3])
def test_cuts_change_nothing_and_nothing_is_lost(page: str, cuts: list[int]) -> None:
    plain = page.encode()
    whole = put(plain)
    assert put(plain, *cuts) == whole
    assert put(plain, *range(len(plain))) == whole
    assert whole.replace(TAG.encode(), b"", 1) == plain
    assert whole.count(TAG.encode()) == (1 if plain else 0)


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=6))
def test_any_bytes_pass(page: bytes, cuts: list[int]) -> None:
    whole = put(page, *cuts)
    assert len(whole) in (
        len(page) + (len(TAG) if page else 0),
        len(page) + 2 * len(TAG),  # it looked like UTF-16
    )


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "shift_jis", "euc-kr", "iso-8859-1"])
def test_other_encodings_are_not_touched(encoding: str) -> None:
    text = "<!-- {0} --><html lang='{0}'><head>|<title>{0}</title>"
    words = {"iso-8859-1": "é", "euc-kr": "한글"}.get(encoding, "三方")
    before, after = text.format(words).split("|")
    page = (before + after).encode(encoding)
    expected = before.encode(encoding) + TAG.encode() + after.encode(encoding)
    assert put(page, *range(len(page)), charset=encoding) == expected


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", [True, False])
@given(cuts=st.lists(st.integers(0, 120), max_size=6))
def test_utf_16_gets_a_script_in_utf_16(encoding: str, mark: bool, cuts: list[int]) -> None:
    start = "\N{BYTE ORDER MARK}" if mark else ""
    before, after = f"{start}<!doctype html><!-- 㰀 --><html><head>", "<title>三方</title>"
    page = (before + after).encode(encoding)
    charset = "" if mark else encoding.replace("16-", "16")
    found = put(page, *cuts, charset=charset)
    assert found == (before + TAG + after).encode(encoding)


def test_a_giant_comment_is_not_held_back() -> None:
    one = Insertion(TAG)
    start = b"<!doctype html><!--" + b"x" * WINDOW
    assert one.feed(start) == b"<!doctype html>" + TAG.encode() + start[15:]
    assert one.feed(b"--><head>") == b"--><head>"
    assert one.end() == b""


@pytest.mark.parametrize("wide", [False, True])
def test_a_page_in_very_many_pieces_does_not_keep_the_server_busy(wide: bool) -> None:
    """Each piece is looked at together with all that came before it: that grows with the square."""
    one = Insertion(TAG, "utf-16le" if wide else "")
    page = ("<html " + "a=b " * 4000).encode("utf-16-le" if wide else "ascii")
    got = [one.feed(page[at : at + 1]) for at in range(len(page))]
    tag = TAG.encode("utf-16-le" if wide else "ascii")
    assert b"".join(got).replace(tag, b"", 1) == page
    assert got.index(next(piece for piece in got if piece)) < 5000


def test_once_the_script_is_in_pieces_pass_unread() -> None:
    one = Insertion(TAG)
    one.feed(b"<head>")
    piece = b"<head>" * 1000
    assert one.feed(piece) is piece
