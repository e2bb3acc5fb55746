"""Which IP addresses the platform may connect to for somebody else.

The table is ours and not `ipaddress.is_private` and its kin, whose meaning changed between Python
versions. Three ranks: public; ``LOCAL`` (loopback, private and such), allowed in sandbox mode
only; everything else, never: nobody runs an app there, and a cloud's metadata service gives away
keys to whoever asks from the inside.
"""

from __future__ import annotations

import ipaddress
from typing import NamedTuple

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Range(NamedTuple):
    """A range of addresses that is not open to everybody."""

    network: Network
    local: bool  # allowed in sandbox mode
    zh: str
    en: str


def _range(text: str, zh: str, en: str, *, local: bool = False) -> Range:
    return Range(ipaddress.ip_network(text), local, zh, en)


# Looked up in order: single addresses stand before the ranges that hold them.
_RANGES = (
    _range("169.254.0.0/16", "链路本地地址（含云主机元数据服务）", "link-local, cloud metadata"),
    _range("100.100.100.200/32", "云主机元数据服务", "a cloud's metadata service"),
    _range("168.63.129.16/32", "云主机元数据服务", "a cloud's metadata service"),
    _range("127.0.0.0/8", "本机回环地址", "loopback", local=True),
    _range("10.0.0.0/8", "内网地址", "private", local=True),
    _range("172.16.0.0/12", "内网地址", "private", local=True),
    _range("192.168.0.0/16", "内网地址", "private", local=True),
    _range("100.64.0.0/10", "运营商级 NAT 地址", "carrier-grade NAT", local=True),
    # Proxy software that answers DNS with made-up addresses ("fake IP") takes them from here.
    _range("198.18.0.0/15", "测试网段地址", "benchmarking", local=True),
    _range("0.0.0.0/8", "未指定地址（只能用于监听）", "unspecified, only to listen on"),
    _range("192.0.0.0/24", "保留地址", "reserved"),
    _range("192.0.2.0/24", "文档示例地址", "documentation"),
    _range("192.88.99.0/24", "保留地址", "reserved"),
    _range("198.51.100.0/24", "文档示例地址", "documentation"),
    _range("203.0.113.0/24", "文档示例地址", "documentation"),
    _range("224.0.0.0/4", "组播地址", "multicast"),
    _range("240.0.0.0/4", "保留地址或广播地址", "reserved or broadcast"),
    _range("::/128", "未指定地址（只能用于监听）", "unspecified, only to listen on"),
    _range("::1/128", "本机回环地址", "loopback", local=True),
    _range("fd00:ec2::254/128", "云主机元数据服务", "a cloud's metadata service"),
    _range("fd20:ce::254/128", "云主机元数据服务", "a cloud's metadata service"),
    _range("fc00::/7", "内网地址", "private", local=True),
    _range("fe80::/10", "链路本地地址", "link-local"),
    _range("fec0::/10", "已废弃的站点本地地址", "deprecated site-local"),
    _range("ff00::/8", "组播地址", "multicast"),
    _range("2001::/23", "保留地址", "reserved"),
    _range("2001:db8::/32", "文档示例地址", "documentation"),
    _range("3fff::/20", "文档示例地址", "documentation"),
)
_PUBLIC6 = ipaddress.ip_network("2000::/3")
_RESERVED6 = _range("::/0", "保留地址", "reserved")
# Prefixes whose last or middle 32 bits are an IPv4 address that is reached in the end.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SIX_TO_FOUR = ipaddress.ip_network("2002::/16")


def parse(text: str) -> Address | None:
    """Read an address as a socket gives it (a zone such as ``%eth0`` is dropped), or None."""
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def refused(address: Address, *, sandbox: bool) -> Range | None:
    """Return the range that forbids connecting to ``address``, or None when it may be called."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _embedded(address)
        if inner is not None:
            return refused(inner, sandbox=sandbox)
    for found in _RANGES:
        if found.network.version == address.version and address in found.network:
            return None if found.local and sandbox else found
    if address.version == 6 and address not in _PUBLIC6:
        return _RESERVED6
    return None


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _SIX_TO_FOUR:
        return address.sixtofour
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return None
