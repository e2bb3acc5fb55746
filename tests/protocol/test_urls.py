"""Rules for page, home and callback addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.protocol.urls import (
    UrlError,
    check_callback_url,
    check_home_url,
    expand_corpid,
    page_url,
    signing_urls,
)

GOOD = [
    "http://a",
    "https://isv.example.com/callback",
    "https://isv.example.com:8443/c?x=1&y=%20",
    "http://127.0.0.1:8080/",
    "http://[::1]:8080/x",
    "HTTPS://ISV.EXAMPLE.COM",
    "http://例子.测试/路径",
    "http://a/" + "x" * 2000,
]
BAD = [
    *("", " ", "www.dingtalk.com", "ftp://a/b", "javascript:alert(1)", "http://", "http:///x"),
    *("http:a", "http://:80", "http://a:99999", "http://a:x", "http://a:0", "http://[::1", "//a/b"),
    *("http://a b/", " http://a", "http://a\n", "http://a\x00", "http://a\\b", "http://user:p@a/"),
    *("http://.", "http://a/" + "x" * 2048),
]


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("http://a/b#c", "http://a/b"),
        ("http://a/b?x=1#c#d?e", "http://a/b?x=1"),
        ("http://a/b", "http://a/b"),
        ("http://a/#", "http://a/"),
    ],
)
def test_the_hash_is_removed(url: str, page: str) -> None:
    assert page_url(url) == page


def test_the_query_is_tried_as_given_then_decoded() -> None:
    forms = signing_urls("http://a/%E4%BD%A0?q=%E4%BD%A0+x#h")
    assert forms == (
        "http://a/%E4%BD%A0?q=%E4%BD%A0+x",
        "http://a/%E4%BD%A0?q=你+x",
        "http://a/%E4%BD%A0?q=你 x",
    )


def test_an_address_without_anything_to_decode_is_tried_once() -> None:
    assert signing_urls("http://a/b?c=d") == ("http://a/b?c=d",)


@given(st.text())
def test_signing_urls_begin_with_the_page_for_any_text(url: str) -> None:
    assert signing_urls(url)[0] == page_url(url)


def test_corpid_is_put_in_every_place_and_encoded() -> None:
    url = "http://a/$CORPID$/x?corpid=$CORPID$&again=%24CORPID%24#$CORPID$"
    assert expand_corpid(url, "ding1") == "http://a/ding1/x?corpid=ding1&again=ding1#ding1"
    assert expand_corpid("http://a/?c=$CORPID$", "a&b#c") == "http://a/?c=a%26b%23c"


@pytest.mark.parametrize("url", GOOD)
def test_a_good_address_passes(url: str) -> None:
    check_callback_url(url)
    check_home_url(url)


def test_a_home_page_may_hold_corpid_even_as_its_host() -> None:
    check_home_url("http://$CORPID$.example.com/index?corpid=$CORPID$")


@pytest.mark.parametrize("url", BAD)
def test_a_bad_callback_address_is_71011_and_says_why(url: str) -> None:
    with pytest.raises(UrlError) as caught:
        check_callback_url(url)
    assert caught.value.code == 71011
    assert caught.value.errmsg == "传入的url参数不是合法的url格式"
    assert caught.value.zh
    assert caught.value.en in str(caught.value)


def test_a_bad_home_page_has_the_code_of_its_kind() -> None:
    with pytest.raises(UrlError) as caught:
        check_home_url("a.example.com")
    assert caught.value.code == 33005
    with pytest.raises(UrlError) as caught:
        check_home_url("a.example.com", 33006)
    assert caught.value.code == 33006


@given(st.text())
def test_any_text_is_good_or_a_url_error(url: str) -> None:
    for check in (check_callback_url, check_home_url):
        try:
            check(url)
        except UrlError as error:
            assert error.en  # noqa: PT017 - either outcome is right, another exception is not


def test_what_is_no_text_is_a_url_error() -> None:
    with pytest.raises(UrlError):
        check_callback_url(None)  # type: ignore[arg-type]
