"""Signatures of pages and of calls: the vectors of tokens-and-limits.md §3 and §4."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.protocol.signatures import (
    Algorithm,
    TopMethod,
    call_signature,
    callback_signature,
    jsapi_signature,
    jsapi_text,
    same,
    signed_query,
    top_signature,
)

TICKET = "mS5k98fdkdgDKxkXGEs8LORVREiweeWETE40P37wkidkfksDSKDJFD5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcKIDU8l"
PAGE = ("Zn4zmLFKD0wzilzM", "1414588745", "http://open.dingtalk.com")


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("sha1", "10de2b0a6763ec3685a50272b5b0eb2848098dc2"),
        ("sha256", "6d6e0580d57aac61e427c1e82e7545cca4eed5c59ae6bb468c6bf6f89753cdb2"),
    ],
)
def test_jsapi_vector(algorithm: Algorithm, expected: str) -> None:
    assert jsapi_signature(TICKET, *PAGE, algorithm=algorithm) == expected


def test_sha1_is_the_default_and_a_number_serves_as_timestamp() -> None:
    signature = jsapi_signature(TICKET, PAGE[0], int(PAGE[1]), PAGE[2])
    assert signature == "10de2b0a6763ec3685a50272b5b0eb2848098dc2"


def test_the_text_to_sign_can_be_shown() -> None:
    text = jsapi_text("T", "N", 1, "http://a/?b=c")
    assert text == "jsapi_ticket=T&noncestr=N&timestamp=1&url=http://a/?b=c"


@pytest.mark.parametrize(
    ("secret", "timestamp", "ticket", "expected"),
    [
        (
            "testsecret",
            "1600000000000",
            "TICKET123",
            "2MHMYJPDlaauFyUbbFPXxheSPYHhrrKkt1f9AUpk720=",
        ),
        ("testappSecret", 1546084445901, None, "HCbG3xNE3vzhO+u7qCUL1jS5hsu2n5r2cFhnTrtyDAE="),
    ],
)
def test_call_vector(secret: str, timestamp: str | int, ticket: str | None, expected: str) -> None:
    assert call_signature(secret, timestamp, ticket) == expected


def test_the_signed_query_is_encoded_once_by_who_sends_it() -> None:
    query = signed_query("suite1", "testsecret", 1600000000000, "TICKET123")
    assert list(query) == ["accessKey", "timestamp", "suiteTicket", "signature"]
    assert urlencode(query).endswith("2MHMYJPDlaauFyUbbFPXxheSPYHhrrKkt1f9AUpk720%3D")


def test_without_a_ticket_the_signed_query_has_none() -> None:
    assert list(signed_query("app1", "s", "1")) == ["accessKey", "timestamp", "signature"]


def test_the_callback_signature_does_not_depend_on_which_text_is_which() -> None:
    assert callback_signature("a", "b", "c", "d") == callback_signature("d", "c", "b", "a")


@given(st.text(), st.text())
def test_same_is_equality_for_any_text(a: str, b: str) -> None:
    assert same(a, b) is (a == b)
    assert same(a, a)


def test_same_compares_text_with_bytes() -> None:
    assert same("签名", "签名".encode())
    assert not same("a", b"b")


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("md5", "66987CB115214E59E6EC978214934FB8"),
        ("hmac", "B4DDA503460D60A86B16E950E5D303E9"),
        ("hmac-sha256", "6B7EB7E1C35D068D69538D80282A37DFBF29B4DB11B451881AF51890626138B3"),
    ],
)
def test_top_vector(method: TopMethod, expected: str) -> None:
    fields = {
        "method": "taobao.item.seller.get",
        "app_key": "12345678",
        "session": "test",
        "timestamp": "2016-01-01 12:00:00",
        "format": "json",
        "v": "2.0",
        "sign_method": "md5",
        "fields": "num_iid,title,nick,price,num",
        "num_iid": "11223344",
    }
    assert top_signature("helloworld", fields, method) == expected
