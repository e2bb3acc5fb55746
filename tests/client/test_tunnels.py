"""Through proxies: CONNECT for https, the whole address for http, logins, TLS to the proxy itself."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sanfang.client import AppKey, BadCall, ProxyFailed, TimedOut, Timeout

from .conftest import Make
from .stand_in import StandIn
from .test_transports import _certificate

APP = AppKey("dingexampleapp", "example-app-secret")


class Proxy:
    """A CONNECT proxy: ``asked`` has the heads of the requests; ``answer`` replaces its 200."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[bytes] = []
        self.answer: bytes | None = None
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._main = threading.Thread(target=self._accept)
        self._main.start()
        scheme = "http" if tls is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in [self._main, *self._threads]:
            thread.join()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self._start(self._serve, sock)

    def _start(self, target: Any, *args: Any) -> None:
        thread = threading.Thread(target=target, args=args)
        self._threads.append(thread)
        thread.start()

    def _serve(self, plain: socket.socket) -> None:
        self._sockets.append(plain)
        with plain, contextlib.suppress(OSError):
            sock = plain if self._tls is None else self._tls.wrap_socket(plain, server_side=True)
            self._sockets.append(sock)
            with sock:
                head = b""
                while b"\r\n\r\n" not in head:
                    data = sock.recv(4096)
                    if not data:
                        return
                    head += data
                self.asked.append(head)
                if self.answer is not None:
                    sock.sendall(self.answer)
                    return
                host, _, port = head.split()[1].decode().rpartition(":")
                with socket.create_connection((host, int(port))) as inner:
                    self._sockets.append(inner)
                    sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    self._pump(sock, inner)

    def _pump(self, one: socket.socket, two: socket.socket) -> None:
        import select

        while True:
            waiting = getattr(one, "pending", lambda: 0)()
            ready = [one] if waiting else select.select([one, two], [], [], 10)[0]
            for sock in ready:
                data = sock.recv(65536)
                if not data:
                    return
                (two if sock is one else one).sendall(data)
            if not ready:
                return


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return _certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*certificate)
    return made


@pytest.fixture
def secure(context: ssl.SSLContext) -> Iterator[StandIn]:
    stand_in = StandIn(context)
    yield stand_in
    stand_in.close()


@pytest.fixture(params=["http", "https"])
def proxy(request: pytest.FixtureRequest, context: ssl.SSLContext) -> Iterator[Proxy]:
    made = Proxy(context if request.param == "https" else None)
    yield made
    made.close()


def test_https_goes_through_a_tunnel_that_serves_many_calls(
    make: Make, secure: StandIn, proxy: Proxy, certificate: tuple[Path, Path]
) -> None:
    client = make(APP, base_url=secure.url, proxy=proxy.url, ca_file=str(certificate[0]))
    for _ in range(3):
        assert client.call("user/get", userid="a")["errcode"] == 0
    big = client.post("chat/send", body={"text": "张" * 200_000})
    assert big["errcode"] == 0
    assert len(secure.calls("/chat/send")[0].body) > 600_000
    assert len(proxy.asked) == 1, "one connection"
    host = secure.url.removeprefix("https://").encode()
    assert proxy.asked[0].startswith(b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n" % (host, host))
    assert b"access_token" not in proxy.asked[0]
    client.close()


def test_the_login_is_for_the_proxy_alone(
    make: Make, secure: StandIn, proxy: Proxy, certificate: tuple[Path, Path]
) -> None:
    url = proxy.url.replace("://", "://user:pa%40ss@")
    client = make(APP, base_url=secure.url, proxy=url, ca_file=str(certificate[0]))
    client.call("user/get", userid="a")
    assert b"Proxy-Authorization: Basic dXNlcjpwYUBzcw==\r\n" in proxy.asked[0]
    assert all("proxy-authorization" not in seen.headers for seen in secure.seen)
    client.close()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 5\r\n\r\nlogin", "407"),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "403"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://login.example\r\n\r\n", "302"),
    ],
)
def test_a_proxy_that_refuses_is_an_error_of_its_own(
    make: Make, secure: StandIn, proxy: Proxy, certificate: tuple[Path, Path], answer: bytes,
    words: str,
) -> None:  # fmt: skip
    proxy.answer = answer
    client = make(APP, base_url=secure.url, proxy=proxy.url, ca_file=str(certificate[0]))
    with pytest.raises(ProxyFailed, match=words) as caught:
        client.call("user/get", userid="a")
    assert caught.value.status == int(words)
    assert secure.seen == []
    client.close()


def test_a_proxy_that_is_not_there_is_named_without_its_login(make: Make) -> None:
    client = make(APP, base_url="https://platform.invalid", proxy="http://user:secret@127.0.0.1:9")
    with pytest.raises(ProxyFailed, match=r"127\.0\.0\.1:9") as caught:
        client.call("user/get")
    assert "secret" not in str(caught.value)


def test_a_proxy_that_says_nothing_ends_with_the_time_to_connect(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        client = make(APP, base_url="https://platform.invalid", proxy=url,
                      timeout=Timeout(exchange=5, connect=0.2))  # fmt: skip
        with pytest.raises(TimedOut) as caught:
            client.call("user/get")
    assert caught.value.phase == "connect"


@pytest.mark.parametrize("url", ["socks5://127.0.0.1:1080", "ftp://x", "http://"])
def test_what_is_no_http_proxy_is_refused_before_anything_is_sent(make: Make, url: str) -> None:
    with pytest.raises(BadCall, match="proxy"):
        make(APP, base_url="https://platform.invalid", proxy=url).call("user/get")


def test_an_empty_proxy_means_none(
    make: Make, platform: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert make(APP, base_url=platform.url, proxy="").call("user/get")["errcode"] == 0
