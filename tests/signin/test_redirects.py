"""Where people may be sent back to: no store, no server."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.platform.domain import signin_redirects as redirects
from sanfang.platform.domain.refusals import Refusal


@pytest.fixture(autouse=True)
def kind() -> None:
    """No store is used here."""


HOSTS = [
    "app.example.com",
    "https://other.example.com:8443/back",
    "127.0.0.1:9000",
    "Bücher.example",
]


def refusal_of(url: str) -> Refusal | None:
    try:
        redirects.check(url, HOSTS, sandbox=True, owner="x")
    except Refusal as refusal:
        return refusal
    return None


def allowed(url: str) -> bool:
    refusal = refusal_of(url)
    if refusal is None:
        return True
    assert refusal.code == 50001
    assert refusal.facts["page"] == "对不起,您无权限查看该页面"
    assert all((refusal.zh, refusal.en))
    return False


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example.com",
        "http://app.example.com/back?x=1#y",
        "HTTPS://APP.Example.COM:444/",  # no port registered: any
        "https://other.example.com:8443/elsewhere",
        "http://127.0.0.1:9000/",
        "https://xn--bcher-kva.example/",
    ],
)
def test_registered_hosts_are_fine(url: str) -> None:
    assert allowed(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.com/",
        "https://app.example.com.evil.example/",
        "https://evil.example/?https://app.example.com/",
        "https://app.example.com@evil.example/",
        "https://evil.example#@app.example.com/",
        "https://evil.example\\@app.example.com/",
        "https://app.example.com\\.evil.example/",
        "https:app.example.com",
        "https:///app.example.com/",
        "//app.example.com/",
        "/back",
        "javascript:alert(1)//app.example.com",
        "data:text/html,app.example.com",
        "https://other.example.com/",  # registered with another port
        "http://127.0.0.1:9001/",
        "https://app.example.com/\r\nset-cookie: a=b",
        "https://app.example.com%2eevil.example/",
        "https://%61pp.example.com/",
        "https%3A%2F%2Fapp.example.com%2F",
        "https://app.example.com:99999/",
        "https://[::1/",
        "",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    assert not allowed(url)


def test_the_cause_is_told() -> None:
    for url, cause in (
        ("https://evil.example.com/", "no secure host of x; registered: app.example.com"),
        ("https%3A%2F%2Fapp.example.com", "URL-encoded twice"),
        ("ftp://app.example.com", "begin with http"),
    ):
        with pytest.raises(Refusal) as refused:
            redirects.check(url, HOSTS, sandbox=True, owner="x")
        assert cause in refused.value.en


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/", "http://localhost/", "http://[::1]/"])
def test_loopback_is_for_sandboxes(url: str) -> None:
    hosts = ["127.0.0.1", "localhost", "http://[::1]/"]
    redirects.check(url, hosts, sandbox=True, owner="x")
    with pytest.raises(Refusal, match="only a sandbox"):
        redirects.check(url, hosts, sandbox=False, owner="x")


def test_an_address_that_was_not_encoded_is_told_apart() -> None:
    sound = quote("https://app.example.com/a?b=1&c=2#d", safe="")
    redirects.check_encoded(f"appid=x&redirect_uri={sound}&state=1")
    redirects.check_encoded("appid=x&other=https://app.example.com/")
    for query in (
        "redirect_uri=https://app.example.com/a?b=1&c=2",
        "appid=x&redirect_uri=http://app.example.com",
        "corpid=x&redirect_url=http://app.example.com",
    ):
        with pytest.raises(Refusal, match="not URL-encoded"):
            redirects.check_encoded(query)


@pytest.mark.parametrize(
    ("url", "joined"),
    [
        ("https://a.example/", "https://a.example/?code=C&state=S+1"),
        ("https://a.example/?x=1", "https://a.example/?x=1&code=C&state=S+1"),
        ("https://a.example/?", "https://a.example/?code=C&state=S+1"),
        ("https://a.example/p#/home?y=2", "https://a.example/p?code=C&state=S+1#/home?y=2"),
        ("https://a.example/示例", "https://a.example/%E7%A4%BA%E4%BE%8B?code=C&state=S+1"),
        ("http://straße.example:81/ß?x", "http://strasse.example:81/%C3%9F?x&code=C&state=S+1"),
    ],
)
def test_code_and_state_are_added_to_the_query(url: str, joined: str) -> None:
    assert redirects.with_params(url, {"code": "C", "state": "S 1", "none": ""}) == joined


@pytest.mark.parametrize(
    "entry", ["", " ", "a b", "https://", "http://a@b", "ftp://x", "x:0", "\\x"]
)
def test_entries_that_are_no_hosts_are_refused(entry: str) -> None:
    with pytest.raises(Refusal) as refused:
        redirects.registered(entry)
    assert refused.value.code == 40035


NAMES = st.from_regex(r"[a-z]([a-z0-9-]{0,10}[a-z0-9])?(\.[a-z]{2,5}){1,2}", fullmatch=True)
PARTS = st.text(
    st.sampled_from(list("aZ0.-_~/:?#[]@!$&'()*+,;=%\\ \t\r\n。示ａ\u2028\x00|<>\"^`{}"))
)


@given(before=PARTS, host=NAMES, after=PARTS)
def test_what_is_let_through_is_on_the_host_a_browser_would_go_to(
    before: str, host: str, after: str
) -> None:
    """Whatever stands around a registered host: an address that passes is really on it."""
    url = f"https://{before}{host}{after}"
    try:
        redirects.check(url, [host], sandbox=True, owner="x")
    except Refusal:
        return
    # The part a browser takes as authority ends at the first of these (WHATWG URL, special schemes).
    authority = url[len("https://") :]
    for end in "/\\?#":
        authority = authority.partition(end)[0]
    assert "@" not in authority
    assert authority.partition(":")[0].lower() == host


@given(
    url=st.builds(
        lambda host, path: f"https://{host}/{path}",
        NAMES,
        PARTS.map(lambda text: quote(text, safe="")),
    ),
    fragment=st.sampled_from(["", "#top", "#/a?b=c"]),
    query=st.dictionaries(st.sampled_from("xyz"), st.text(max_size=5), max_size=3),
    state=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30),
)
def test_nothing_is_lost_on_the_way_back(
    url: str, fragment: str, query: dict[str, str], state: str
) -> None:
    asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    whole = f"{url}{'?' + asked if asked else ''}{fragment}"
    joined = redirects.with_params(whole, {"code": "C", "state": state})
    assert joined.isascii()
    parts = urlsplit(joined)
    back = dict(parse_qsl(parts.query, keep_blank_values=True))
    assert back == {**query, "code": "C", "state": state}
    assert parts._replace(query="").geturl() == urlsplit(whole)._replace(query="").geturl()


@given(st.text(max_size=60))
def test_any_text_is_an_answer_not_a_failure(text: str) -> None:
    allowed(text)
    allowed("https://" + text)
    try:
        redirects.registered(text)
        redirects.check_encoded(text)
    except Refusal:
        pass
    assert redirects.with_params(text, {"code": text}).isascii()
