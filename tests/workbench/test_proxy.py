"""The proxy of micro-apps on a real socket, asked by raw HTTP."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import socket
import threading
import time
import zlib

import pytest
from aiohttp import web

from sanfang.platform import server
from sanfang.platform.domain import corps, micro_apps
from sanfang.platform.store.ports import Tx
from sanfang.platform.store.queries import authorisations as auth_rows

from .app_server import app_server
from .raw_app import raw_app
from .site import Answer, Site, a_site

NAVIGATION = {"Accept": "text/html", "Sec-Fetch-Dest": "iframe", "Accept-Encoding": "gzip, br"}
SCRIPT = '<script src="/.ddc/bridge.js"></script>'


def open_page(site: Site, path: str = "/", flavour: str = "android", **headers: str) -> Answer:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return site.send(site.vhost(flavour), path, headers=NAVIGATION | given)


def another_app(site: Site, home: str, pc_home: str = "") -> int:
    """Give the corp one more app; return its agentid."""
    form = micro_apps.AppForm(
        name="另一应用", description="另一个", home_url=home, pc_home_url=pc_home
    )
    made = site.run(micro_apps.create_app(site.core, site.corp_id, form, micro_apps.NEW))
    return made.agent_id


class TestPages:
    def test_the_bridge_is_first_in_the_page(self, site: Site) -> None:
        site.pages["/"] = "<!doctype html><head><title>三方</title>"
        answer = open_page(site, "/?corpid=ding1&x=%20+y")
        assert answer.text == f"<!doctype html><head>{SCRIPT}<title>三方</title>"
        assert site.app.targets() == ["/?corpid=ding1&x=%20+y"]
        assert site.app.requests[0].header("Host") == site.app.origin.removeprefix("http://")
        assert site.app.requests[0].header("Accept-Encoding") == "identity"

    @pytest.mark.parametrize("target", ["/a%2Fb//c/%e4%b8%89?", "/?a=b?c=d&&e=%ZZ", "/%00%0d%0a"])
    def test_path_and_query_arrive_as_they_were_sent(self, site: Site, target: str) -> None:
        open_page(site, target)
        assert site.app.targets() == [target.rstrip("?")]

    def test_the_app_is_asked_as_the_client_it_is_shown_in(self, site: Site) -> None:
        for flavour, word in (("android", "Android"), ("ios", "iPhone"), ("pc", "dingtalk-win")):
            open_page(site, flavour=flavour, User_Agent="Mozilla/5.0 Chrome")
            assert word in site.app.requests[-1].header("User-Agent")

    def test_scripts_and_data_pass_as_they_are(self, site: Site) -> None:
        packed = gzip.compress(b"let a = '<head>';")
        headers = {"Content-Type": "text/html", "Content-Encoding": "gzip", "ETag": '"1"'}
        site.pages["/part"] = web.Response(body=packed, headers=headers)
        answer = site.send(site.vhost(), "/part", headers={"Sec-Fetch-Dest": "empty"})
        assert (answer.body, answer.header("Content-Encoding")) == (packed, "gzip")
        assert answer.header("Content-Length") == str(len(packed))

    @pytest.mark.parametrize("coding", ["gzip", "deflate"])
    def test_a_page_compressed_unasked_is_undone(self, site: Site, coding: str) -> None:
        pack = gzip.compress if coding == "gzip" else zlib.compress
        headers = {"Content-Type": "text/html", "Content-Encoding": coding}
        site.pages["/"] = web.Response(body=pack(b"<head>x"), headers=headers)
        answer = open_page(site)
        assert answer.text == f"<head>{SCRIPT}x"
        assert not answer.header("Content-Encoding")

    def test_a_page_that_nobody_here_can_read_is_shown_as_it_is(self, site: Site) -> None:
        headers = {"Content-Type": "text/html", "Content-Encoding": "zstd"}
        site.pages["/"] = web.Response(body=b"\x28\xb5\x2f\xfd", headers=headers)
        answer = open_page(site)
        assert (answer.body, answer.header("Content-Encoding")) == (b"\x28\xb5\x2f\xfd", "zstd")

    def test_heads_and_cached_pages_have_no_body(self, site: Site) -> None:
        site.pages["/"] = "<head>"
        answer = site.send(site.vhost(), "/", "HEAD", headers=NAVIGATION)
        assert (answer.status, answer.body) == (200, b"")
        assert not answer.header("Content-Length")
        site.pages["/"] = web.Response(status=304, headers={"ETag": '"1"'})
        answer = open_page(site, If_None_Match='"1"')
        assert (answer.status, answer.body, answer.header("ETag")) == (304, b"", '"1"')
        assert site.app.requests[-1].header("If-None-Match") == '"1"'

    @pytest.mark.parametrize(
        "method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "REPORT"]
    )
    def test_every_method_passes(self, site: Site, method: str) -> None:
        site.pages["/x"] = b"done"
        answer = site.send(site.vhost(), "/x", method, b"sent", {"Content-Type": "a/b"})
        assert answer.body == b"done"
        seen = site.app.requests[0]
        assert (seen.method, seen.body, seen.header("Content-Type")) == (method, b"sent", "a/b")

    def test_trace_does_not(self, site: Site) -> None:
        assert site.send(site.vhost(), "/", "TRACE").status == 405
        assert site.app.requests == []

    def test_our_cookie_stays_here(self, site: Site) -> None:
        open_page(site, Cookie="sid=1; sanfang_desk=SECRET")
        assert site.app.requests[0].header("Cookie") == "sid=1"

    @pytest.mark.parametrize("value", ["三方=é", "a=1"])
    def test_headers_arrive_byte_by_byte(self, site: Site, value: str) -> None:
        heads = []

        def listen(connection: socket.socket, head: bytes) -> None:
            heads.append(head)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        with raw_app(listen) as origin:
            agent_id = another_app(site, f"{origin}/")
            host = site.vhost("pc", agent_id).removeprefix("http://")
            with socket.create_connection(("127.0.0.1", site.port)) as browser:
                cookie = value.encode()
                browser.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n".encode())
                browser.sendall(b"Cookie: " + cookie + b"\r\nConnection: close\r\n\r\n")
                assert browser.recv(12) == b"HTTP/1.1 200"
        assert b"Cookie: " + cookie + b"\r\n" in heads[0]

    def test_cookies_of_the_app_are_all_kept(self, site: Site) -> None:
        async def set_two(request: web.Request) -> web.Response:
            answer = web.Response(text="<head>", content_type="text/html")
            answer.headers.add("Set-Cookie", "a=1; Domain=127.0.0.1; Secure; SameSite=None")
            answer.headers.add("Set-Cookie", "b=2; HttpOnly")
            return answer

        site.pages["/"] = set_two
        assert open_page(site).all("Set-Cookie") == ["a=1; SameSite=Lax", "b=2; HttpOnly"]

    def test_a_redirect_to_the_app_itself_comes_back(self, site: Site) -> None:
        headers = {"Location": f"{site.app.origin}/next?a=%20"}
        site.pages["/"] = web.Response(status=302, headers=headers)
        answer = open_page(site)
        assert answer.status == 302
        assert answer.header("Location") == f"{site.vhost()}/next?a=%20"
        assert site.app.targets() == ["/"], "it is not followed here"

    def test_the_date_is_said_once(self, site: Site) -> None:
        site.pages["/"] = "x"
        assert len(open_page(site).all("Date")) == 1


class TestStreams:
    def test_a_large_body_goes_both_ways_in_pieces(self, site: Site) -> None:
        size, piece = 64 << 20, b"x" * (1 << 20)
        arrived = []

        async def swallow(request: web.Request) -> web.StreamResponse:
            arrived.append(sum([len(data) async for data in request.content.iter_any()]))
            answer = web.StreamResponse(headers={"Content-Length": str(size)})
            await answer.prepare(request)
            for _ in range(size // len(piece)):
                await answer.write(piece)
            return answer

        site.pages["/big"] = swallow
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
        host = site.vhost().removeprefix("http://")
        body = (piece for _ in range(size // len(piece)))
        connection.request("POST", "/big", body, {"Host": host, "Content-Length": str(size)})
        response = connection.getresponse()
        assert response.getheader("Content-Length") == str(size)
        assert sum(iter(lambda: len(response.read(1 << 20)), 0)) == size
        assert arrived == [size]
        connection.close()

    def test_a_body_of_unknown_length_stays_so(self, site: Site) -> None:
        site.pages["/x"] = b""
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
        host = site.vhost().removeprefix("http://")
        connection.request("POST", "/x", iter([b"ab", b"cd"]), {"Host": host}, encode_chunked=True)
        assert connection.getresponse().status == 200
        connection.close()
        assert site.app.requests[0].body == b"abcd"
        assert not site.app.requests[0].header("Content-Length")

    def test_events_come_one_by_one_and_end_with_the_browser(self, site: Site) -> None:
        told, ended = threading.Event(), threading.Event()

        async def events(request: web.Request) -> web.StreamResponse:
            answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await answer.prepare(request)
            await answer.write(b"data: first\n\n")
            while not told.is_set():
                await asyncio.sleep(0.01)
            await answer.write(b"data: second\n\n")
            try:
                while True:
                    await asyncio.sleep(0.01)
                    await answer.write(b":\n")
            except ConnectionError:
                ended.set()
                raise

        site.pages["/events"] = events
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
        connection.request("GET", "/events", headers={"Host": site.vhost()[7:]})
        response = connection.getresponse()
        assert response.readline() == b"data: first\n"
        told.set()
        assert [response.readline() for _ in range(2)] == [b"\n", b"data: second\n"]
        response.close()
        connection.close()
        assert ended.wait(10), "the app is still writing to nobody"

    @pytest.mark.parametrize("kind", ["text/html", "application/octet-stream"])
    def test_a_browser_that_does_not_read_holds_the_app_back(self, site: Site, kind: str) -> None:
        """What the proxy keeps of an answer is bounded, however large it is."""
        held = threading.Event()
        written: list[int] = []

        async def endless(request: web.Request) -> web.StreamResponse:
            answer = web.StreamResponse(headers={"Content-Type": kind})
            await answer.prepare(request)
            try:
                while len(written) < 200:
                    async with asyncio.timeout(1):
                        await answer.write(b"z" * (1 << 20))
                    written.append(1)
            except TimeoutError:
                held.set()
            return answer

        site.pages["/"] = endless
        with socket.create_connection(("127.0.0.1", site.port)) as browser:
            host = site.vhost().removeprefix("http://")
            head = f"GET / HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n\r\n"
            browser.sendall(head.encode())
            assert held.wait(20)
            assert len(written) < 50

    def test_a_browser_that_leaves_while_the_app_thinks_frees_the_app(self, site: Site) -> None:
        asked, freed = threading.Event(), threading.Event()

        def think(connection: socket.socket, head: bytes) -> None:
            asked.set()
            assert connection.recv(1) == b""
            freed.set()

        with raw_app(think) as origin:
            agent_id = another_app(site, f"{origin}/")
            with socket.create_connection(("127.0.0.1", site.port)) as browser:
                host = site.vhost("pc", agent_id).removeprefix("http://")
                browser.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                assert asked.wait(10)
            assert freed.wait(10)

    def test_a_page_that_streams_is_shown_as_it_comes(self, site: Site) -> None:
        seen = threading.Event()

        async def slow(request: web.Request) -> web.StreamResponse:
            answer = web.StreamResponse(headers={"Content-Type": "text/html"})
            await answer.prepare(request)
            await answer.write(b"<!doctype html><html><he")
            await answer.write(b"ad>begin\n")
            while not seen.is_set():
                await asyncio.sleep(0.01)
            await answer.write(b"end")
            return answer

        site.pages["/"] = slow
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
        connection.request("GET", "/", headers=NAVIGATION | {"Host": site.vhost()[7:]})
        response = connection.getresponse()
        line = response.readline()
        seen.set()
        assert line + response.read() == f"<!doctype html><html><head>{SCRIPT}begin\nend".encode()
        connection.close()

    def test_stopping_the_platform_does_not_wait_for_streams(self) -> None:
        async def forever(request: web.Request) -> web.StreamResponse:
            answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await answer.prepare(request)
            await answer.write(b"data: first\n\n")
            await asyncio.sleep(60)
            return answer

        with a_site() as site:
            site.pages["/events"] = forever
            connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
            connection.request("GET", "/events", headers={"Host": site.vhost()[7:]})
            response = connection.getresponse()
            assert response.readline() == b"data: first\n"
            loop = site.loop
            begin = loop.time()
        assert loop.time() - begin < 3
        response.close()
        connection.close()


BAD_ANSWERS = [
    b"SSH-2.0-OpenSSH\r\n",
    b"",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    b"HTTP/1.1 20 OK\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    b"HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n",
]


class TestTrouble:
    @pytest.mark.parametrize(
        "host", ["app-99999-pc", "app-1-harmony", "app-x-pc", "app-1-pc-x", "app-01-pc"]
    )
    def test_unknown_apps_are_said_to_be_so(self, site: Site, host: str) -> None:
        answer = site.send(f"http://{host}.{site.domain}:{site.port}", headers=NAVIGATION)
        assert answer.status == 404
        assert "没有这个" in answer.text
        assert "There is no such" in answer.text
        assert site.app.requests == []

    def test_a_fault_escapes_what_it_quotes(self, site: Site) -> None:
        host = f"http://app-<img src=x>.{site.domain}"
        assert "<img" not in site.send(host, headers=NAVIGATION).text

    def test_scripts_are_told_in_json(self, site: Site) -> None:
        answer = site.send(f"http://app-99999-pc.{site.domain}", "/api")
        assert answer.json["status"] == 404

    def test_an_app_that_is_down(self, site: Site) -> None:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        agent_id = another_app(site, f"http://127.0.0.1:{port}/")
        answer = site.send(site.vhost("android", agent_id), headers=NAVIGATION)
        assert answer.status == 502
        assert "连不上应用的服务器" in answer.text
        assert f"http://127.0.0.1:{port}" in answer.text
        assert "FAQ F2" in answer.text
        assert answer.header("Cache-Control") == "no-store"
        assert "default-src 'none'" in answer.header("Content-Security-Policy")

    def test_an_unknown_name(self, site: Site) -> None:
        agent_id = another_app(site, "http://nowhere.invalid/")
        answer = site.send(site.vhost("pc", agent_id), headers=NAVIGATION)
        assert answer.status == 502
        assert "cannot be reached" in answer.text

    @pytest.mark.parametrize("said", BAD_ANSWERS)
    def test_nonsense_is_answered_with_502(self, site: Site, said: bytes) -> None:
        with raw_app(lambda connection, head: connection.sendall(said)) as origin:
            agent_id = another_app(site, f"{origin}/")
            answer = site.send(site.vhost("pc", agent_id), headers=NAVIGATION)
        assert answer.status == 502
        assert "无法识别" in answer.text

    @pytest.mark.parametrize(
        ("method", "said", "cause"),
        [("GET", b"hello\r\n\r\n", "Bad status line"), ("POST", b"", "it hung up")],
    )
    def test_no_address_with_a_code_gets_into_the_log(
        self,
        site: Site,
        caplog: pytest.LogCaptureFixture,
        method: str,
        said: bytes,
        cause: str,
    ) -> None:
        caplog.set_level("INFO", "sanfang")
        with raw_app(lambda connection, head: connection.sendall(said)) as origin:
            vhost = site.vhost("pc", another_app(site, f"{origin}/"))
            body = b"x" * 2_000_000 if method == "POST" else None
            answer = site.send(vhost, "/?code=SECRET", method, body, NAVIGATION)
        assert answer.status == 502
        assert cause in answer.text
        assert "SECRET" not in caplog.text + answer.text

    def test_an_answer_that_breaks_off_does_not_look_whole(
        self, site: Site, capfd: pytest.CaptureFixture[str]
    ) -> None:
        def half(connection: socket.socket, head: bytes) -> None:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")

        with raw_app(half) as origin:
            agent_id = another_app(site, f"{origin}/")
            with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                site.send(site.vhost("pc", agent_id))
        assert capfd.readouterr().err == "", "it is the app's affair"

    def test_bad_compression_does_not_look_whole(self, site: Site) -> None:
        headers = {"Content-Type": "text/html", "Content-Encoding": "gzip"}
        site.pages["/"] = web.Response(body=gzip.compress(b"a")[:12] + b"~" * 50, headers=headers)
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            open_page(site)

    def test_odd_headers_of_an_app_do_not_break_the_answer(self, site: Site) -> None:
        def odd(connection: socket.socket, head: bytes) -> None:
            connection.sendall(
                b"HTTP/1.1 200 Fine\r\nX-Raw: \xe4\xb8\x89\r\nX-Long: " + b"y" * 30_000 + b"\r\n"
                b"Content-Type: text/html\r\nConnection: close, X-Raw\r\n\r\n<head>"
            )

        with raw_app(odd) as origin:
            agent_id = another_app(site, f"{origin}/")
            answer = site.send(site.vhost("pc", agent_id), headers=NAVIGATION)
        assert answer.text == f"<head>{SCRIPT}"
        assert len(answer.header("X-Long")) == 30_000
        assert not answer.header("X-Raw")

    def test_a_stopped_app_is_not_shown(self, site: Site) -> None:
        agent_id = another_app(site, f"{site.app.origin}/")
        site.run(_stop(site, agent_id))
        answer = site.send(site.vhost("pc", agent_id), headers=NAVIGATION)
        assert (answer.status, "50003" in answer.text) == (403, True)
        assert site.app.requests == []

    def test_an_app_without_home_page(self, site: Site) -> None:
        made = site.run(corps.create_app(site.core, site.corp_id, "无首页"))
        assert site.send(site.vhost("pc", made.agent_id)).status == 404


async def _stop(site: Site, agent_id: int) -> None:
    async def body(tx: Tx) -> None:
        await tx.run(auth_rows.SET_CLOSE, agent_id, 0)

    await site.core.durable.transact(body)


class TestSafety:
    def test_only_the_registered_origin_of_the_flavour_is_asked(self, site: Site) -> None:
        with app_server() as desktop:
            home, pc_home = f"{site.app.origin}/m", f"{desktop.origin}/d"
            agent_id = another_app(site, home, pc_home)
            for flavour in ("android", "ios", "pc"):
                site.send(site.vhost(flavour, agent_id), f"/{flavour}")
            assert site.app.targets() == ["/android", "/ios"]
            assert desktop.targets() == ["/pc"]

    @pytest.mark.parametrize("flavour", ["android", "pc"])
    def test_one_home_page_serves_every_flavour(self, site: Site, flavour: str) -> None:
        agent_id = another_app(site, "", f"{site.app.origin}/d")
        site.send(site.vhost(flavour, agent_id), "/x")
        assert site.app.targets() == ["/x"]

    @pytest.mark.parametrize(
        "target",
        [
            "http://127.0.0.1:1/evil",
            "//127.0.0.1:1/evil",
            "/@127.0.0.1:1/evil",
            "/../../evil",
            "/?u=http://127.0.0.1:1/#x",
        ],
    )
    def test_no_path_leads_elsewhere(self, site: Site, target: str) -> None:
        site.send(site.vhost(), target)
        assert len(site.app.requests) == 1
        assert site.app.requests[0].header("Host") == site.app.origin.removeprefix("http://")

    def test_a_home_page_at_the_proxy_itself_does_not_go_round(self, site: Site) -> None:
        for host in (f"app-1-pc.{site.domain}", f"wb.{site.domain}"):
            agent_id = another_app(site, f"http://{host}:{site.port}/")
            answer = site.send(site.vhost("pc", agent_id), headers=NAVIGATION)
            assert answer.status == 508
            assert "是本平台自己的地址" in answer.text

    def test_a_way_round_through_others_ends_at_the_second_pass(self, site: Site) -> None:
        assert site.send(site.vhost(), headers={"Via": "1.1 nginx, 1.1 sanfang"}).status == 508
        assert site.app.requests == []

    @pytest.mark.parametrize(
        "path", ["/sanfang/api/settings", "/sanfang/signin/people", "/oauth2/auth"]
    )
    def test_our_own_pages_are_not_shown_as_an_apps(self, site: Site, path: str) -> None:
        """Else they would be framed, with the bridge in them, at an origin of an app's choice."""
        agent_id = another_app(site, f"{site.url}/")
        answer = site.send(site.vhost("pc", agent_id), path, headers=NAVIGATION)
        assert (answer.status, "是本平台自己的地址" in answer.text) == (508, True)
        assert answer.header("Set-Cookie") == ""

    def test_private_addresses_are_for_sandboxes(self) -> None:
        with a_site(sandbox=False) as site:
            for home in (site.app.origin, f"http://localhost:{site.app.port}"):
                agent_id = another_app(site, f"{home}/")
                answer = site.send(site.vhost("pc", agent_id), headers=NAVIGATION)
                assert answer.status == 502
                assert "不能连接" in answer.text
            assert site.app.requests == []

    def test_metadata_services_are_for_nobody(self, site: Site) -> None:
        agent_id = another_app(site, "http://169.254.169.254/latest/")
        answer = site.send(site.vhost("pc", agent_id), headers=NAVIGATION)
        assert (answer.status, "元数据" in answer.text) == (502, True)

    def test_what_was_checked_is_what_is_called(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A name whose answer changes (DNS rebinding) is not looked up again for the connection."""
        answers = [["127.0.0.1"], ["169.254.169.254"]]
        asked = []

        async def lookup(host: str) -> list[str]:
            asked.append(host)
            return answers.pop(0)

        monkeypatch.setattr("sanfang.platform.outbound.resolver._lookup", lookup)
        agent_id = another_app(site, f"http://rebinding.test:{site.app.port}/")
        site.pages["/"] = b"x"
        for _ in range(2):
            assert site.send(site.vhost("pc", agent_id)).status == 200
        assert asked == ["rebinding.test"]
        assert site.app.requests[0].header("Host") == f"rebinding.test:{site.app.port}"

    def test_a_name_with_one_bad_address_is_refused(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def lookup(host: str) -> list[str]:
            return ["127.0.0.1", "169.254.169.254"]

        monkeypatch.setattr("sanfang.platform.outbound.resolver._lookup", lookup)
        agent_id = another_app(site, f"http://mixed.test:{site.app.port}/")
        assert site.send(site.vhost("pc", agent_id)).status == 502
        assert site.app.requests == []

    def test_names_below_localhost_are_this_machine(self, site: Site) -> None:
        agent_id = another_app(site, f"http://my-app.localhost:{site.app.port}/")
        site.send(site.vhost("pc", agent_id), "/x")
        assert site.app.targets() == ["/x"]

    @pytest.mark.parametrize("path", ["/.ddc", "/.ddc/", "/.ddc/x.js", "/%2Eddc/bridge2.js"])
    def test_our_paths_never_reach_the_app(self, site: Site, path: str) -> None:
        assert site.send(site.vhost(), path).status == 404
        assert site.app.requests == []

    def test_the_bridge_knows_its_page(self, site: Site) -> None:
        answer = site.send(site.vhost("pc"), "/.ddc/bridge.js", headers={"User-Agent": "UA"})
        assert answer.header("Content-Type") == "text/javascript; charset=utf-8"
        assert f'"hostOrigin":"{site.workbench_url}"' in answer.text
        assert f'"appOrigin":"{site.app.origin}"' in answer.text
        assert '"userAgent":"UA dingtalk-win' in answer.text
        again = {"User-Agent": "UA", "If-None-Match": answer.header("ETag")}
        answer = site.send(site.vhost("pc"), "/.ddc/bridge.js", headers=again)
        assert (answer.status, answer.body) == (304, b"")
        assert site.send(site.vhost(), "/.ddc/bridge.js", "POST").status == 404

    def test_a_service_worker_gets_its_guard(self, site: Site) -> None:
        headers = {"Content-Type": "text/javascript", "Service-Worker-Allowed": "/"}
        site.pages["/sw.js"] = web.Response(body=b"'use strict'", headers=headers)
        asked = {"Service-Worker": "script", "Sec-Fetch-Dest": "serviceworker"}
        answer = site.send(site.vhost(), "/sw.js", headers=asked)
        assert answer.text.endswith("'use strict'")
        assert answer.text.startswith('self.addEventListener("fetch"')
        assert not answer.header("Service-Worker-Allowed")

    def test_one_hosts_pages_are_not_found_at_another(self, site: Site) -> None:
        """Nothing of the platform is at an app's host, nothing of an app at the platform's."""
        site.pages["/sanfang/api/settings"] = b"the app's"
        assert site.send(site.vhost(), "/sanfang/api/settings").body == b"the app's"
        assert site.send(site.url, "/sanfang/api/settings").status in (401, 403)
        site.send(site.workbench_url, "/somewhere")
        assert site.app.targets() == ["/sanfang/api/settings"]


class TestFront:
    @pytest.mark.parametrize("query", ["", "?as=ding1/zhang", "?as=a%0d%0aX:1/%22"])
    def test_the_workbench_is_found_from_the_platforms_address(
        self, site: Site, query: str
    ) -> None:
        answer = site.send(site.url, f"/sanfang/workbench{query}")
        again = site.send(site.workbench_url, f"/sanfang/workbench{query}")
        assert (answer.status, again.status) == (302, 302)
        assert again.header("Location") == answer.header("Location")
        assert answer.header("Location").startswith(f"{site.workbench_url}/")
        assert ("as=" in answer.header("Location")) == bool(query)
        assert not answer.header("X")

    def test_outside_a_sandbox_nobody_is_chosen_by_address(self) -> None:
        with a_site(sandbox=False) as site:
            answer = site.send(site.url, "/sanfang/workbench?as=ding1/zhang")
            assert answer.header("Location") == f"{site.workbench_url}/"

    def test_the_domain_can_be_ones_own(self) -> None:
        with a_site(console_domain="ddt.example") as site:
            site.pages["/x"] = b"y"
            assert site.send(f"http://app-{site.agent_id}-pc.ddt.example", "/x").body == b"y"
            site.send(f"http://app-{site.agent_id}-pc.sanfang.localhost", "/y")
            assert site.app.targets() == ["/x"]

    def test_answers_do_not_wait_for_acknowledgements(self, site: Site) -> None:
        """Head and body are written apart: with Nagle's algorithm on, the body took 40 ms."""
        listener = server.bind()
        try:
            assert listener.proto == socket.IPPROTO_TCP
        finally:
            listener.close()
        took = []
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
        for _ in range(20):
            begin = time.perf_counter()
            connection.request("GET", "/gettoken")
            connection.getresponse().read()
            took.append(time.perf_counter() - begin)
        connection.close()
        assert sorted(took)[5] < 0.03
