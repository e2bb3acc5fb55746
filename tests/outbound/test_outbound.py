"""What may be connected to: addresses, URLs, names."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.platform.outbound import Forbidden, Origin, Resolver, read_url
from sanfang.platform.outbound.addresses import parse, refused

from .names import resolving

LOCAL = ["127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"]
LOCAL += ["100.64.0.1", "198.18.0.7", "::1", "fd12:3456::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"]
LOCAL += ["64:ff9b::7f00:1", "2002:7f00:1::"]
NEVER = [
    "0.0.0.0",
    "169.254.169.254",
    "169.254.1.1",
    "100.100.100.200",
    "224.0.0.1",
    "255.255.255.255",
]
NEVER += ["240.0.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.9", "::", "fe80::1", "fe80::1%eth0"]
NEVER += ["ff02::1", "fd00:ec2::254", "2001:db8::1", "::ffff:169.254.169.254", "100::1", "fec0::1"]
NEVER += ["168.63.129.16", "fd20:ce::254"]
NEVER += ["64:ff9b::a9fe:a9fe", "2001::1"]
PUBLIC = ["8.8.8.8", "203.119.1.1", "172.32.0.1", "100.128.0.1", "2400:3200::1", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("text", LOCAL)
def test_local_addresses_are_for_the_sandbox_only(text: str) -> None:
    address = parse(text)
    assert address is not None
    assert refused(address, sandbox=True) is None
    found = refused(address, sandbox=False)
    assert found is not None
    assert found.local


@pytest.mark.parametrize("text", NEVER)
def test_some_addresses_are_never_called(text: str) -> None:
    address = parse(text)
    assert address is not None
    assert refused(address, sandbox=True) is not None
    assert refused(address, sandbox=False) is not None


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_may_be_called(text: str) -> None:
    address = parse(text)
    assert address is not None
    assert refused(address, sandbox=False) is None


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_what_python_calls_private_is_never_called_outside_the_sandbox(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    inner = getattr(address, "ipv4_mapped", None) or address
    if inner.is_private or inner.is_loopback or inner.is_link_local or inner.is_multicast:
        excused = {"2001:1::1", "2001:1::2", "192.0.0.9", "192.0.0.10"}
        assert str(inner) in excused or refused(address, sandbox=False) is not None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "www.example.com/callback",
        "ftp://isv.example/",
        "http://",
        "http:///path",
        "http://isv.example:0/",
        "http://isv.example:99999/",
        "http://user:secret@isv.example/",
        "http://isv.example/a b",
        "http://[::1/",
        "http://127.1/",
        "http://2130706433/",
        "http://1.2.3.4.5/",
        "http://１２７.１/",
        "javascript:alert(1)",
        "http://" + "a" * 3000,
    ],
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(Forbidden) as caught:
        read_url(url, sandbox=True)
    assert caught.value.step == "url"
    assert caught.value.zh
    assert "secret" not in str(caught.value)


@given(st.text(max_size=60))
def test_any_text_as_url_is_either_parsed_or_refused(text: str) -> None:
    for url in (text, f"http://{text}/"):
        with contextlib.suppress(Forbidden):
            assert read_url(url, sandbox=False)[0].host


def test_a_literal_forbidden_address_is_refused_and_says_how_to_allow_it() -> None:
    with pytest.raises(Forbidden) as caught:
        read_url("http://127.0.0.1:8000/callback", sandbox=False)
    assert caught.value.step == "address"
    assert "沙箱" in caught.value.zh
    assert "sandbox" in caught.value.en
    read_url("http://127.0.0.1:8000/callback", sandbox=True)
    with pytest.raises(Forbidden) as caught:
        read_url("http://[::ffff:169.254.169.254]/latest", sandbox=True)
    assert caught.value.step == "address"
    assert "sandbox" not in caught.value.en


@pytest.mark.parametrize(
    ("url", "origin", "path", "host_header"),
    [
        ("http://isv.example", Origin(False, "isv.example", 80), "/", "isv.example"),
        ("https://ISV.example/a?b=c#d", Origin(True, "isv.example", 443), "/a?b=c", "isv.example"),
        ("http://isv.example:8080/回调", Origin(False, "isv.example", 8080), None, None),
        ("http://[2400:3200::1]:81/", Origin(False, "2400:3200::1", 81), "/", "[2400:3200::1]:81"),
        ("http://示例.example/", Origin(False, "xn--fsq092h.example", 80), "/", None),
        ("http://isv.example/%E5%9B%9E?x=%2F&y=a+b", None, "/%E5%9B%9E?x=%2F&y=a+b", None),
    ],
)
def test_a_url_is_read_into_origin_and_path(
    url: str, origin: Origin | None, path: str | None, host_header: str | None
) -> None:
    found, rest = read_url(url, sandbox=False)
    assert rest.isascii()
    assert origin in (None, found)
    assert path in (None, rest)
    assert host_header in (None, str(found))


def test_a_name_is_looked_up_once_for_all_who_ask_at_the_same_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def main() -> None:
        asked = resolving(monkeypatch, isv_example=["8.8.8.8", "8.8.4.4", "8.8.8.8"])
        resolver = Resolver(sandbox=False)
        found = await asyncio.gather(*(resolver.addresses("isv.example") for _ in range(20)))
        assert found == [["8.8.8.8", "8.8.4.4"]] * 20
        assert asked == ["isv.example"]

    asyncio.run(main())


def test_one_who_loses_patience_does_not_spoil_the_lookup_for_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def main() -> None:
        resolving(monkeypatch, isv_example=["8.8.8.8"])
        resolver = Resolver(sandbox=False)
        tasks = [asyncio.create_task(resolver.addresses("isv.example")) for _ in range(2)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        assert await tasks[1] == ["8.8.8.8"]
        assert tasks[0].cancelled()

    asyncio.run(main())
