"""Where a page may send a person back to: the rules of ``redirect_uri``, as plain functions.

The host must be registered: scheme ignored, host case-insensitive, port compared only when the
registered one has a port (sso-and-login.md 4). The address is URL-encoded in the query it stands in;
the answer joins it with ``&`` when it has a query already and keeps its fragment at the end.

Loopback hosts are taken in a sandbox only. That rule is ours: the documents do not speak of them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from sanfang.protocol import urls

from .refusals import Refusal

NO_PERMISSION = "对不起,您无权限查看该页面"  # what people read on the page (F2)
NOT_SECURE = "err msg redirect_uri domain is not secure domain"  # what requestAuthCode says (F4)

_PORTS = {"http": 80, "https": 443}
_SAFE = "!#$%&'()*+,/:;=?@[]~"
_RAW = re.compile(r"(?:^|[?&])(?:redirect_uri|redirect_url)=([^&#]*)")


class Host(msgspec.Struct, frozen=True):
    """A host, and its port when one was said."""

    name: str
    port: int | None = None

    def __str__(self) -> str:
        return self.name if self.port is None else f"{self.name}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine."""
        if self.name == "localhost" or self.name.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(self.name).is_loopback
        except ValueError:
            return False


def registered(text: str) -> Host:
    """Read an entry of the list of secure hosts: ``example.com``, ``example.com:8443`` or a URL.

    Refuses 40035 naming the entry.
    """
    entry = text.strip()
    url = entry if "://" in entry else f"http://{entry}"
    try:
        urls.check_callback_url(url)
        host = _host(url)
    except (urls.UrlError, ValueError) as fault:
        zh, en = (fault.zh, fault.en) if isinstance(fault, urls.UrlError) else ("", "")
        raise Refusal(
            40035,
            f"安全域名 {entry[:100]!r} 不合法：写 example.com、example.com:8443 或完整地址。{zh}",
            f"{entry[:100]!r} is no secure host: write example.com, example.com:8443 or a URL. {en}",
            facts={"field": "hosts"},
        ) from fault
    return host


def check(redirect_uri: str, hosts: Iterable[str], *, sandbox: bool, owner: str) -> None:
    """Refuse 50001 unless a person may be sent to ``redirect_uri``; the reason names the cause.

    ``hosts`` are the registered ones, ``owner`` says whose they are.
    """
    host = host_of(redirect_uri)
    if host.is_loopback and not sandbox:
        raise _refused(
            f"redirect_uri 指向本机 {host}，只有沙箱允许。",
            f"The redirect_uri points to this machine ({host}); only a sandbox allows that.",
        )
    known = [registered(each) for each in hosts]
    if any(_fits(host, redirect_uri, each) for each in known):
        return
    shown = "、".join(map(str, known[:10])) or "(无)"
    raise _refused(
        f"redirect_uri 的域名 {host} 不是 {owner} 的安全域名；已登记：{shown}。",
        f"The redirect_uri is on {host}, which is no secure host of {owner}; registered:"
        f" {', '.join(map(str, known[:10])) or '(none)'}.",
        host=str(host),
    )


def host_of(redirect_uri: str) -> Host:
    """Return the host an address is on; refuse 50001 for what is no http(s) address."""
    if re.match(r"https?%3a", redirect_uri, re.IGNORECASE):
        raise _refused(
            "redirect_uri 被 URL 编码了两次。",
            "The redirect_uri is URL-encoded twice; once is right.",
        )
    try:
        urls.check_callback_url(redirect_uri)
        return _host(redirect_uri)
    except urls.UrlError as fault:
        raise _refused(
            f"redirect_uri 不合法：{fault.zh}", f"No good redirect_uri: {fault.en}"
        ) from fault
    except ValueError as fault:
        raise _refused(
            "redirect_uri 的主机名无法识别。", "The host of the redirect_uri cannot be read."
        ) from fault


def check_encoded(query: str) -> None:
    """Refuse 50001 when the address to return to stands in a query as it is, not URL-encoded.

    ``query`` is the raw text after ``?``. An address in it would lose all after its first ``&``
    or ``#`` (F2).
    """
    found = _RAW.search(query)
    if found is not None and "://" in found[1]:
        raise _refused(
            "redirect_uri 没有 URL 编码；先做一次 encodeURIComponent 再拼进地址。",
            "The redirect_uri is not URL-encoded; put encodeURIComponent(...) of it into the address.",
        )


def with_params(redirect_uri: str, params: Mapping[str, str]) -> str:
    """Return the address, ASCII throughout, with ``params`` added to its query; empty ones are not.

    What it has already stays as it is; its fragment stays at the end.
    """
    page, mark, fragment = _to_checked_host(redirect_uri).partition("#")
    added = urlencode({name: value for name, value in params.items() if value}, errors="replace")
    joint = "" if page.endswith(("?", "&")) else "&" if "?" in page else "?"
    return quote(f"{page}{joint}{added}{mark}{fragment}", safe=_SAFE, errors="replace")


def is_on(url: str, pages: Iterable[str]) -> bool:
    """Tell whether an address is on the host of one of these entries or home pages.

    Refuses 50001 for what is no http(s) address; an entry that is none counts for nothing.
    """
    host = host_of(url)
    return any(_fits(host, url, known) for page in pages if (known := _known(page)) is not None)


def _fits(host: Host, url: str, known: Host) -> bool:
    if host.name != known.name:
        return False
    return known.port is None or known.port == (host.port or _PORTS[urlsplit(url).scheme])


def _known(page: str) -> Host | None:
    try:
        return registered(page) if page else None
    except Refusal:
        return None


def _host(url: str) -> Host:
    parts = urlsplit(url)
    name = (parts.hostname or "").lower()
    if not name.isascii():
        name = name.encode("idna").decode("ascii")
    if "%" in name:
        raise ValueError(name)
    return Host(name, parts.port)


def _to_checked_host(url: str) -> str:
    """Write an international host in ASCII: a browser reads some (``ß``) as another than we checked."""
    netloc = urlsplit(url).netloc
    return url if netloc.isascii() else url.replace(netloc, str(_host(url)), 1)


def _refused(zh: str, en: str, **facts: object) -> Refusal:
    return Refusal(50001, zh, en, faq="F2", facts={**facts, "page": NO_PERMISSION})
