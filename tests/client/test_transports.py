"""Both transports against a server that misbehaves: typed errors, bounded time and memory."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import os
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sanfang.client import (
    AppKey,
    BadAnswer,
    BadCall,
    Client,
    Request,
    Response,
    TimedOut,
    TransportFailed,
)
from sanfang.client.pool import PoolTransport
from sanfang.client.session import SessionTransport

from .conftest import Make
from .stand_in import Reply, StandIn
from .test_tokens import in_threads

APP = AppKey("dingexampleapp", "example-app-secret")


def test_there_is_a_timeout_by_default(make: Make) -> None:
    assert make(APP)._core.settings.timeout == 10.0


def test_a_server_that_hangs_ends_in_a_timeout(make: Make, platform: StandIn) -> None:
    platform.on("/gettoken", lambda _: platform.hold.wait(20) and None)
    with pytest.raises(TimedOut) as caught:
        make(APP, base_url=platform.url, timeout=0.2).get_access_token()
    assert (caught.value.seconds, caught.value.api) == (0.2, "gettoken")


def test_an_answer_that_drips_does_not_outlive_the_timeout(make: Make, platform: StandIn) -> None:
    """Each byte comes in time; all of them would not."""

    platform.on("/gettoken", Reply(b" " * 1000, drip=0.05))
    started = time.monotonic()
    with pytest.raises(TimedOut):
        make(APP, base_url=platform.url, timeout=0.3).get_access_token()
    assert time.monotonic() - started < 5


def test_an_answer_cut_short_is_a_bad_answer(make: Make, platform: StandIn) -> None:
    platform.on("/gettoken", Reply('{"errcode":0', length=1000))
    with pytest.raises(BadAnswer) as caught:
        make(APP, base_url=platform.url).get_access_token()
    assert caught.value.what == "truncated"


@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "chunked"])
def test_an_answer_over_16_mb_is_refused_without_being_read_to_its_end(
    make: Make, platform: StandIn, chunked: bool
) -> None:
    body = b" " * (16 * 1024 * 1024 + 1)
    if chunked:
        body = b"".join(b"100000\r\n%b\r\n" % (b" " * 0x100000) for _ in range(40)) + b"0\r\n\r\n"
    platform.on("/gettoken", Reply(body, chunked=chunked))
    client = make(APP, base_url=platform.url)
    with pytest.raises(BadAnswer) as caught:
        client.get_access_token()
    assert caught.value.what == "too_long"
    platform.on("/gettoken", platform.grant)
    assert client.get_access_token(), "the connection pool still works"


def test_a_chunked_answer_is_read(make: Make, platform: StandIn) -> None:
    body = b'{"errcode":0,"access_token":"t-1"}'
    platform.on("/gettoken", Reply(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body), chunked=True))
    assert make(APP, base_url=platform.url).get_access_token() == "t-1"


def test_a_redirect_is_not_followed(make: Make, platform: StandIn) -> None:
    target = f"{platform.url}/elsewhere"
    platform.on("/gettoken", Reply("", status=302, headers=(("Location", target),)))
    with pytest.raises(BadAnswer) as caught:
        make(APP, base_url=platform.url).get_access_token()
    assert caught.value.what == "redirect"
    assert platform.calls("/elsewhere") == []


def test_nobody_listening_is_a_failed_transport_that_names_the_address(make: Make) -> None:
    with pytest.raises(TransportFailed, match=r"http://127\.0\.0\.1:9 ") as caught:
        make(APP, base_url="http://127.0.0.1:9").call("user/get")
    assert not caught.value.dropped


def test_a_name_that_does_not_resolve_is_a_failed_transport(make: Make) -> None:
    with pytest.raises(TransportFailed, match=r"platform\.invalid"):
        make(APP, base_url="http://platform.invalid").call("user/get")


def test_chinese_is_read_as_utf_8_whatever_the_charset_header_says(
    make: Make, platform: StandIn
) -> None:
    reply = Reply({"errcode": 0, "name": "测试员甲"}, content_type="text/html; charset=ISO-8859-1")
    platform.on("/user/get", reply)
    assert make(APP, base_url=platform.url).call("user/get")["name"] == "测试员甲"


def test_one_connection_serves_many_calls(make: Make, platform: StandIn) -> None:
    client = make(APP, base_url=platform.url)
    for _ in range(20):
        client.call("user/get")
    assert platform.connections == 1


def test_a_closed_client_says_so_and_sends_nothing(make: Make, platform: StandIn) -> None:
    client = make(APP, base_url=platform.url)
    client.close()
    with pytest.raises(BadCall, match="已关闭"):
        client.call("user/get")
    assert platform.seen == []


def test_a_transport_of_ones_own_replaces_the_network() -> None:
    class Canned:
        def __init__(self) -> None:
            self.requests: list[Request] = []

        def send(self, request: Request, /) -> Response:
            self.requests.append(request)
            body = b'{"errcode":0,"access_token":"t-1","expires_in":7200}'
            return Response(200, {}, body)

        def close(self) -> None:
            raise AssertionError("a transport handed in is its owner's to close")

    canned = Canned()
    with Client(APP, transport=canned) as client:
        client.call("department/list", id=1)
    hosts = [request.url.split("/")[2] for request in canned.requests]
    assert hosts == ["oapi.dingtalk.com", "oapi.dingtalk.com"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_process_does_not_use_its_parents_connections(platform: StandIn) -> None:
    transport = PoolTransport()
    request = Request("GET", f"{platform.url}/gettoken?appkey=a", {})
    transport.send(request)
    child = os.fork()
    if child == 0:
        os._exit(0 if transport.send(request).status == 200 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert platform.connections == 2
    assert transport.send(request).status == 200
    assert platform.connections == 2, "the parent's connection is still its own"
    transport.close()


# -- proxies ----------------------------------------------------------------------------------


@pytest.fixture
def proxy() -> Iterator[StandIn]:
    """Serve as a plain HTTP proxy that answers everything itself."""
    stand_in = StandIn()
    for path in ("/gettoken", "/user/get"):
        stand_in.on(path, {"errcode": 0, "errmsg": "ok", "access_token": "t", "via": "proxy"})
    yield stand_in
    stand_in.close()


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_proxy_from_the_environment_is_used(
    make: Make, proxy: StandIn, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, proxy.url)
    client = make(APP, base_url="http://platform.invalid")
    assert client.call("user/get")["via"] == "proxy"
    assert proxy.seen[-1].target.startswith("http://platform.invalid/user/get?")


def test_a_proxy_without_a_scheme_and_with_a_login_is_understood(
    make: Make, proxy: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("http://", "user:pa%40ss@"))
    assert make(APP, base_url="http://platform.invalid").call("user/get")["via"] == "proxy"
    assert proxy.seen[-1].headers["proxy-authorization"] == "Basic dXNlcjpwYUBzcw=="


def test_no_proxy_is_honoured(
    make: Make, platform: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert make(APP, base_url=platform.url).call("user/get")["errcode"] == 0


# -- TLS --------------------------------------------------------------------------------------


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Make a self-signed certificate for 127.0.0.1; return it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Example Test CA")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "ca.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return _certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def secure(certificate: tuple[Path, Path]) -> Iterator[StandIn]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    stand_in = StandIn(context)
    yield stand_in
    stand_in.close()


def test_an_unknown_certificate_is_refused_and_the_error_says_what_to_set(
    make: Make, secure: StandIn
) -> None:
    with pytest.raises(TransportFailed, match="REQUESTS_CA_BUNDLE"):
        make(APP, base_url=secure.url).get_access_token()
    assert secure.seen == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_authorities_of_the_environment_are_trusted(
    make: Make,
    secure: StandIn,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    monkeypatch.setenv(variable, str(certificate[0]))
    client = make(APP, base_url=secure.url)
    assert client.call("user/get")["errcode"] == 0
    assert client.call("user/get")["errcode"] == 0
    assert secure.connections == 1


def test_fifty_first_calls_at_once_read_the_authorities_once(
    make: Make,
    secure: StandIn,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    made: list[ssl.SSLContext] = []
    real = ssl.create_default_context
    monkeypatch.setattr(
        ssl, "create_default_context", lambda **k: made.append(real(**k)) or made[-1]
    )
    request = Request("GET", f"{secure.url}/gettoken?appkey=a", {})
    if isinstance(make(APP), Client):
        pool = PoolTransport()
        answers = in_threads(50, lambda: pool.send(request))
        pool.close()
    else:
        answers = asyncio.run(fifty(request))
    assert [answer.status for answer in answers] == [200] * 50
    assert len(made) == 1


async def fifty(request: Request) -> list[Response]:
    session = SessionTransport()
    try:
        return await asyncio.gather(*(session.send(request) for _ in range(50)))
    finally:
        await session.close()


def test_a_certificate_for_another_name_is_refused(
    make: Make,
    secure: StandIn,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    url = secure.url.replace("127.0.0.1", "localhost")
    with pytest.raises(TransportFailed):
        make(APP, base_url=url).get_access_token()
    assert secure.seen == []


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authorities_that_cannot_be_read_are_named(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    with pytest.raises(BadCall, match="REQUESTS_CA_BUNDLE"):
        make(APP, base_url="https://127.0.0.1:9").get_access_token()


def test_https_goes_through_a_proxy_by_connect(
    make: Make, platform: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    platform.on_connect = asked.append
    monkeypatch.setenv("HTTPS_PROXY", platform.url)
    with pytest.raises(TransportFailed):
        make(APP, base_url="https://platform.invalid").get_access_token()
    assert asked == ["platform.invalid:443"]
