"""What the proxy does to headers, without a socket."""

from __future__ import annotations

import contextlib
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.platform.console.proxy import (
    backward,
    bridge,
    clients,
    cookies,
    exchange,
    forward,
    policies,
    upstream,
)
from sanfang.platform.console.proxy.codings import decoder

HERE, THERE = "https://app.example", "http://app-7-android.sanfang.localhost:8080"
WORKBENCH = "http://wb.sanfang.localhost:8080"
WAY = forward.Way(HERE, THERE, WORKBENCH, "android", "192.0.2.9")
PAGE = forward.Asked(document=True, worker=False)
OTHER = forward.Asked(document=False, worker=False)
PLACES = policies.Places(HERE, THERE, WORKBENCH, f"{THERE}/.ddc/bridge.js", "NONCE")
BRIDGE = PLACES.bridge


def sent(*pairs: tuple[str, str], what: forward.Asked = OTHER, way: forward.Way = WAY) -> list[str]:
    """Headers as the app gets them, one text each."""
    return [f"{name}: {value}" for name, value in forward.for_app(list(pairs), way, what)]


def got(*pairs: tuple[str, str], status: int = 200, what: forward.Asked = OTHER) -> backward.Answer:
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
    return backward.for_browser(status, raw, WAY, what, "NONCE")


def texts(answer: backward.Answer) -> list[str]:
    return [f"{name.decode()}: {value.decode('latin-1')}" for name, value in answer.headers]


class TestToTheApp:
    def test_it_is_asked_as_the_client_at_its_own_origin(self) -> None:
        headers = sent(
            ("host", "app-7-android.sanfang.localhost:8080"),
            ("user-agent", "Mozilla/5.0 Chrome"),
            ("origin", THERE),
            ("referer", f"{THERE}/a?b=c"),
            ("accept", "*/*"),
        )
        assert "Host: app.example" in headers
        assert "Origin: https://app.example" in headers
        assert "Referer: https://app.example/a?b=c" in headers
        assert "X-Forwarded-Proto: http" in headers
        assert "X-Forwarded-For: 192.0.2.9" in headers
        assert [line for line in headers if line.startswith("User-Agent")] == [
            f"User-Agent: {clients.user_agent('android', '')}"
        ]

    def test_where_the_browser_is_is_said_unless_it_contradicts_the_origin(self) -> None:
        """Rails and Next.js compare Origin with X-Forwarded-Host, Django with Host."""
        said = "X-Forwarded-Host: app-7-android.sanfang.localhost:8080"
        assert said in sent(("accept", "*/*"))
        assert said in sent(("origin", "null"))
        assert said not in sent(("origin", THERE))
        assert said.replace("Forwarded", "Sanfang") in sent(("origin", THERE))
        assert "X-Sanfang-Host: evil" not in sent(("x-sanfang-host", "evil"))

    def test_a_foreign_origin_stays(self) -> None:
        assert "Origin: https://other.example" in sent(("origin", "https://other.example"))
        assert "Origin: null" in sent(("origin", "null"))

    def test_what_is_between_neighbours_stays_there(self) -> None:
        headers = sent(
            ("connection", "keep-alive, X-Hop"),
            ("x-hop", "1"),
            ("keep-alive", "5"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("proxy-authorization", "Basic x"),
            ("x-forwarded-for", "6.6.6.6"),
            ("x-real-ip", "6.6.6.6"),
            ("forwarded", "for=6.6.6.6"),
            ("expect", "100-continue"),
        )
        assert "6.6.6.6" not in " ".join(headers)
        names = {line.partition(":")[0].lower() for line in headers}
        assert names == {"host", "user-agent", "via", "x-sanfang-host"} | {
            f"x-forwarded-{each}" for each in ("for", "host", "proto")
        }

    @pytest.mark.parametrize(
        ("given_", "kept"),
        [
            ("sanfang_desk=SECRET", ""),
            ("a=1; sanfang_desk=SECRET; b=2", "a=1; b=2"),
            ("__Host-sanfang_desk=SECRET;c=3", "c=3"),
            ("sanfang_form=SECRET; __Host-sanfang_form=SECRET; c=3", "c=3"),
            (" SANFANG_DESK =SECRET; d=4", "d=4"),
            ("xsanfang_desk=5; e=sanfang_desk=6", "xsanfang_desk=5; e=sanfang_desk=6"),
            ("a=1;; b", "a=1;; b"),
        ],
    )
    def test_it_never_sees_our_cookies(self, given_: str, kept: str) -> None:
        headers = [line for line in sent(("cookie", given_)) if line.startswith("Cookie")]
        assert headers == ([f"Cookie: {kept}"] if kept else [])

    def test_pages_are_asked_for_uncompressed_and_whole(self) -> None:
        given_ = (("accept-encoding", "gzip, br"), ("range", "bytes=1-"), ("if-range", "x"))
        page = sent(*given_, what=PAGE)
        assert "Accept-Encoding: identity" in page
        assert not [line for line in page if line.lower().startswith(("range", "if-range"))]
        assert "Accept-Encoding: gzip, br" in sent(*given_)
        assert "Range: bytes=1-" in sent(*given_)

    def test_the_desktop_client_says_which_browser_it_is(self) -> None:
        way = WAY._replace(flavour="pc")
        headers = sent(("user-agent", "Mozilla/5.0 X"), ("sec-ch-ua-mobile", "?0"), way=way)
        assert [line for line in headers if line.startswith("User-Agent")] == [
            "User-Agent: Mozilla/5.0 X dingtalk-win/1.0.0 nw(0.14.7) DingTalk(8.3.20-Release.1)"
        ]
        assert "Sec-Ch-Ua-Mobile: ?0" in headers
        assert "sec-ch-ua" not in " ".join(sent(("sec-ch-ua-mobile", "?0"))).lower()

    @pytest.mark.parametrize(
        ("headers", "document"),
        [
            ([("sec-fetch-dest", "document")], True),
            ([("sec-fetch-dest", "iframe")], True),
            ([("sec-fetch-dest", "empty"), ("accept", "text/html")], False),
            ([("sec-fetch-dest", "script")], False),
            ([("accept", "text/html,application/xhtml+xml")], True),
            ([("accept", "text/html"), ("x-requested-with", "XMLHttpRequest")], False),
            ([("accept", "*/*")], False),
            ([], False),
        ],
    )
    def test_a_page_is_what_the_browser_will_show(
        self, headers: forward.Pairs, document: bool
    ) -> None:
        assert forward.asked("GET", headers).document is document

    def test_a_request_of_our_own_is_known_again(self) -> None:
        once = forward.for_app([], WAY, OTHER)
        assert forward.is_loop([(name.lower(), value) for name, value in once])
        assert forward.is_loop([("via", "1.0 nginx, 1.1 sanfang (x)")])
        assert not forward.is_loop([("via", "1.1 sanfang.example, 1.1 other"), ("via", "")])


class TestToTheBrowser:
    def test_what_is_of_the_apps_own_host_goes(self) -> None:
        answer = got(
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Strict-Transport-Security", "max-age=9; includeSubDomains"),
            ("Clear-Site-Data", '"*"'),
            ("Service-Worker-Allowed", "/"),
            ("Alt-Svc", 'h3=":443"'),
            ("Connection", "X-Hop"),
            ("X-Hop", "1"),
            ("Transfer-Encoding", "chunked"),
            ("X-Kept", "1"),
        )
        assert texts(answer) == ["x-kept: 1"]

    @pytest.mark.parametrize(
        ("said", "policy", "expected"),
        [
            ("DENY", "", f"frame-ancestors {WORKBENCH}"),
            (" SameOrigin ", "", f"frame-ancestors 'self' {WORKBENCH}"),
            ("DENY", "img-src *", f"frame-ancestors {WORKBENCH}"),
            ("DENY", "frame-ancestors x.example", ""),
            ("ALLOWALL", "", ""),
            ("", "", ""),
        ],
    )
    def test_the_workbench_may_frame_a_page_and_others_as_the_app_says(
        self, said: str, policy: str, expected: str
    ) -> None:
        headers = [(n, v) for n, v in (("X-Frame-Options", said), ("CSP", policy)) if v]
        headers = [(n.replace("CSP", "Content-Security-Policy"), v) for n, v in headers]
        given_ = policies.relaxed(policy, PLACES) if policy else ""
        said_by = [f"content-security-policy: {text}" for text in (given_, expected) if text]
        assert texts(got(*headers)) == said_by
        assert texts(got(*headers, status=304)) == []

    @pytest.mark.parametrize(
        ("location", "expected"),
        [
            ("https://app.example/x?y=%20#z", f"{THERE}/x?y=%20#z"),
            ("https://app.example", f"{THERE}/"),
            ("https://APP.example:443/x", f"{THERE}/x"),
            ("//app.example/x", f"{THERE}/x"),
            ("/x", "/x"),
            ("x/../y", "x/../y"),
            ("https://oapi.example/x?u=https://app.example/", None),
            ("http://app.example/x", None),
            ("https://app.example.evil.example/", None),
            ("https://app.example@evil.example/", None),
            ("", ""),
        ],
    )
    def test_redirects_to_the_app_come_back_here(self, location: str, expected: str | None) -> None:
        answer = got(("Location", location), status=302)
        assert texts(answer) == [f"location: {location if expected is None else expected}"]

    def test_refresh_is_a_redirect_too(self) -> None:
        assert texts(got(("Refresh", "0; url=https://app.example/x"))) == [
            f"refresh: 0; url={THERE}/x"
        ]
        assert texts(got(("Refresh", "5"))) == ["refresh: 5"]

    @pytest.mark.parametrize(
        ("cookie", "expected"),
        [
            ("a=1; Path=/; HttpOnly", "a=1; Path=/; HttpOnly"),
            ("a=1; Domain=app.example; Path=/x", "a=1; Path=/x"),
            ("a=1; domain=.example", "a=1"),
            ("a=1; Domain=; b", "a=1; b"),
            ("a=1; Domain=other.example", ""),
            ("a=1; Domain=xapp.example", ""),
            ("a=1; Secure; SameSite=Strict", "a=1; SameSite=Strict"),
            ("a=1; SameSite=None; Secure; Partitioned", "a=1; SameSite=Lax"),
            ("__Host-a=1; Secure; Path=/", "__Host-a=1; Secure; Path=/"),
            ("sanfang_desk=evil; Path=/", ""),
            ("__HOST-sanfang_desk=evil; Secure; Path=/", ""),
            ("=nameless", ""),
            ("a=b=c; Expires=Thu, 01 Jan 1970 00:00:00 GMT", None),
        ],
    )
    def test_cookies_become_this_hosts(self, cookie: str, expected: str | None) -> None:
        expected = cookie if expected is None else expected
        assert texts(got(("Set-Cookie", cookie))) == (
            [f"set-cookie: {expected}"] if expected else []
        )

    def test_on_https_secure_cookies_stay_so(self) -> None:
        cookie = "a=1; SameSite=None; Secure"
        assert cookies.for_browser(cookie, HERE, THERE.replace("http:", "https:")) == cookie

    def test_a_page_is_edited_and_its_length_unknown(self) -> None:
        answer = got(
            ("Content-Type", 'Text/HTML; Charset="GBK"'),
            ("Content-Length", "10"),
            ("Content-Encoding", "gzip"),
            ("Accept-Ranges", "bytes"),
            ("ETag", '"x"'),
            what=PAGE,
        )
        assert answer.script == '<script src="/.ddc/bridge.js"></script>'
        assert (answer.charset, answer.coding) == ("gbk", "gzip")
        assert texts(answer) == ['content-type: Text/HTML; Charset="GBK"', 'etag: "x"']

    @pytest.mark.parametrize(
        ("status", "headers", "what"),
        [
            (200, [("Content-Type", "text/html")], OTHER),
            (200, [("Content-Type", "text/plain")], PAGE),
            (200, [("Content-Type", "application/xhtml+xml")], PAGE),
            (200, [], PAGE),
            (206, [("Content-Type", "text/html")], PAGE),
            (204, [("Content-Type", "text/html")], PAGE),
            (304, [("Content-Type", "text/html")], PAGE),
            (302, [("Content-Type", "text/html"), ("Location", "/x")], PAGE),
            (
                200,
                [("Content-Type", "text/html"), ("Content-Disposition", "attachment; f")],
                PAGE,
            ),
            (404, [("Content-Type", "text/html")], forward.Asked(document=False, worker=True)),
            (200, [("Content-Type", "text/html")], forward.Asked(document=False, worker=True)),
        ],
    )
    def test_anything_else_is_left_alone(
        self, status: int, headers: list[tuple[str, str]], what: forward.Asked
    ) -> None:
        answer = got(*headers, ("Content-Encoding", "br"), status=status, what=what)
        assert not answer.script
        assert not answer.prefix
        assert "content-encoding: br" in texts(answer)

    def test_error_pages_have_abilities_too(self) -> None:
        assert got(("Content-Type", "text/html"), status=404, what=PAGE).script

    def test_no_length_without_a_body(self) -> None:
        for status in (204, 304):
            assert texts(got(("Content-Length", "5"), status=status)) == []

    def test_a_policy_of_304_does_not_part_a_page_from_its_own(self) -> None:
        policy = ("Content-Security-Policy", "script-src 'nonce-new'")
        assert texts(got(policy, status=304, what=PAGE)) == []

    def test_the_nonce_is_said_where_addresses_do_not_count(self) -> None:
        answer = got(
            ("Content-Type", "text/html"),
            ("Content-Security-Policy", "script-src 'nonce-a' 'strict-dynamic'"),
            what=PAGE,
        )
        assert answer.script == '<script src="/.ddc/bridge.js" nonce="NONCE"></script>'
        assert "'nonce-NONCE'" in texts(answer)[1]

    def test_an_apps_broken_header_is_no_fault_of_ours(self) -> None:
        answer = got(("X Bad", "1"), ("X-Control", "a\x00b"), ("X-Fine", "é"), ("", "1"))
        assert texts(answer) == ["x-fine: é"]

    def test_a_service_worker_leaves_pages_to_the_proxy(self) -> None:
        worker = forward.Asked(document=False, worker=True)
        answer = got(("Content-Type", "text/javascript"), ("Content-Length", "3"), what=worker)
        assert answer.prefix == backward.WORKER_GUARD
        assert texts(answer) == ["content-type: text/javascript"]


class TestAddresses:
    @pytest.mark.parametrize(
        "path", ["@evil.example/", ".evil.example/", ":1/", "", "*", "//x", "?"]
    )
    def test_no_path_changes_the_host(self, path: str) -> None:
        url = upstream.address(HERE, path.encode(), b"")
        assert (url.host, url.port) == ("app.example", 443)

    @given(st.binary(max_size=40), st.binary(max_size=40))
    def test_whatever_comes_goes_to_the_app(self, path: bytes, query: bytes) -> None:
        url = upstream.address("http://[::1]:3000", b"/" + path, query)
        assert (url.scheme, url.host, url.port, url.user) == ("http", "::1", 3000, None)
        assert url.raw_path_qs.isascii()

    @given(
        st.from_regex(r"/[!-~]{0,30}", fullmatch=True).filter(
            lambda text: not set("?#") & set(text)
        )
    )
    def test_printable_targets_stay_as_they_are(self, path: str) -> None:
        assert upstream.address(HERE, path.encode(), b"a=%20+b").raw_path_qs == f"{path}?a=%20+b"


class TestPolicies:
    @pytest.mark.parametrize(
        ("policy", "expected"),
        [
            ("img-src *", "img-src *"),
            ("frame-ancestors 'self' x.example", f"frame-ancestors 'self' x.example {WORKBENCH}"),
            ("frame-ancestors 'none'", f"frame-ancestors {WORKBENCH}"),
            (
                "script-src 'self'; frame-ancestors 'none'",
                f"script-src 'self'; frame-ancestors {WORKBENCH}; script-src-elem 'self' {BRIDGE}",
            ),
            ("default-src 'none'", f"default-src 'none'; script-src-elem {BRIDGE}"),
            ("DEFAULT-SRC 'NONE'", f"default-src 'NONE'; script-src-elem {BRIDGE}"),
            ("script-src", f"script-src; script-src-elem {BRIDGE}"),
            (
                "default-src 'self'; script-src 'nonce-a' 'unsafe-eval'",
                "default-src 'self'; script-src 'nonce-a' 'unsafe-eval';"
                f" script-src-elem 'nonce-a' 'unsafe-eval' {BRIDGE}",
            ),
            (
                "script-src 'none'; script-src-elem cdn.example; script-src-elem ignored.example",
                f"script-src 'none'; script-src-elem cdn.example {BRIDGE}",
            ),
            (
                "script-src 'nonce-a' 'strict-dynamic' 'unsafe-inline'",
                "script-src 'nonce-a' 'strict-dynamic' 'unsafe-inline';"
                " script-src-elem 'nonce-a' 'strict-dynamic' 'unsafe-inline' 'nonce-NONCE'",
            ),
            (
                "img-src a, frame-ancestors https://app.example, img-src c",
                f"img-src a, frame-ancestors https://app.example {THERE} {WORKBENCH}, img-src c",
            ),
            (
                "connect-src https://app.example wss://app.example/live *.example other.test",
                f"connect-src https://app.example {THERE} wss://app.example/live"
                f" {THERE.replace('http', 'ws', 1)}/live *.example other.test",
            ),
            (
                "img-src app.example:443/pics; form-action https://app.example:8443",
                f"img-src app.example:443/pics {THERE}/pics; form-action https://app.example:8443",
            ),
            ("upgrade-insecure-requests; img-src *", "img-src *"),
            ("", ""),
            (" ; ,, ;", ""),
            ("report-uri https://app.example/r", "report-uri https://app.example/r"),
        ],
    )
    def test_no_more_is_allowed_than_frame_and_bridge(self, policy: str, expected: str) -> None:
        assert policies.relaxed(policy, PLACES) == expected

    def test_an_upgrade_stays_where_the_proxy_is_on_https(self) -> None:
        places = PLACES._replace(there=THERE.replace("http:", "https:"))
        kept = policies.relaxed("upgrade-insecure-requests", places)
        assert kept == "upgrade-insecure-requests"

    def test_an_app_on_an_address_of_six_bytes_more(self) -> None:
        places = PLACES._replace(here="http://[::1]:3000")
        assert policies.relaxed("img-src http://[::1]:3000", places) == (
            f"img-src http://[::1]:3000 {THERE}"
        )

    @given(st.text(max_size=80))
    def test_no_text_breaks_the_reading(self, text: str) -> None:
        relaxed = policies.relaxed(text, PLACES)
        assert "frame-ancestors" not in relaxed.lower().replace(" ", ";").split(";")


class TestCodings:
    TEXT = b"<head>" + bytes(range(256)) * 500

    @pytest.mark.parametrize("size", [1, 7, 100_000])
    @pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "identity", "", "DEFLATE "])
    def test_it_is_undone_piece_by_piece(self, coding: str, size: int) -> None:
        packed = {"gzip": gzip.compress(self.TEXT), "deflate": zlib.compress(self.TEXT)}.get(
            coding.strip().lower().removeprefix("x-"), self.TEXT
        )
        one = decoder(coding)
        assert one is not None
        pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
        assert b"".join(out for piece in pieces for out in one.feed(piece)) == self.TEXT

    def test_bare_deflate_and_gzip_in_parts_too(self) -> None:
        bare = zlib.compressobj(wbits=-15)
        packed = bare.compress(self.TEXT) + bare.flush()
        deflate, parts = decoder("deflate"), decoder("gzip")
        assert deflate is not None
        assert parts is not None
        assert b"".join(deflate.feed(packed)) == self.TEXT
        assert b"".join(parts.feed(gzip.compress(b"a") + gzip.compress(b"b"))) == b"ab"

    def test_a_bomb_unfolds_slowly(self) -> None:
        one = decoder("gzip")
        assert one is not None
        sizes = [len(piece) for piece in one.feed(gzip.compress(b"\0" * 5_000_000))]
        assert sum(sizes) == 5_000_000
        assert max(sizes) <= 65536

    @given(st.binary(min_size=3, max_size=50), st.sampled_from(["gzip", "deflate"]))
    def test_nonsense_is_said_to_be_so(self, data: bytes, coding: str) -> None:
        one = decoder(coding)
        assert one is not None
        with contextlib.suppress(ValueError):
            list(one.feed(data))

    def test_unknown_ones_are_not_guessed(self) -> None:
        assert decoder("zstd") is None
        assert decoder("gzip, br") is None


class TestFaults:
    @pytest.mark.parametrize(
        ("error", "said"),
        [
            (
                OSError("cannot write to http://a.example/x?code=SECRET"),
                "cannot write to http://a.example/x",
            ),
            (
                ValueError("URL('http://a.example/?a=SECRET') is odd?"),
                "URL('http://a.example/') is odd",
            ),
            (ValueError(), "ValueError"),
        ],
    )
    def test_causes_name_no_codes(self, error: Exception, said: str) -> None:
        assert exchange.cause(error) == said


class TestBridge:
    def test_no_config_ends_the_script_it_stands_in(self) -> None:
        text = bridge.literal({"a": "</script><!--\u2028&"})
        assert not set("<>&\u2028") & set(text)

    def test_it_is_sent_again_only_when_it_changed(self) -> None:
        status, headers, body = bridge.served(WAY, "UA", "")
        etag = dict(headers)[b"etag"].decode()
        assert (status, b"__DDC_CONFIG__" in body) == (200, False)
        assert bridge.served(WAY, "UA", f'"a", W/{etag}')[0] == 304
        assert bridge.served(WAY._replace(workbench="http://wb.y"), "UA", etag)[0] == 200
        assert dict(headers)[b"cache-control"] == b"no-cache"
