"""Signing a page for ``dd.config`` (jsapi.md sections 2 to 4, tokens-and-limits.md section 4).

What goes wrong with it elsewhere is refused here, where it can still be explained, and not in
somebody's page as 52013: an address that is relative or still has its ``$CORPID$``, an
access_token in the place of the ticket, another corp's CorpId.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, unquote_plus, urlsplit

from .credentials import AuthorisedCorp, CorpSecret, OAuthApp
from .errors import BadCall

if TYPE_CHECKING:
    from .core import Core
    from .wire import Flow

Digest = Literal["sha256", "sha1"]
QueryRule = Literal["decoded", "decoded_plus", "as_given"]

_ACCESS_TOKEN = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)
_BLANK = re.compile(r"[\s\x00-\x1f\x7f]")
_LONGEST = 8192


def sign_jsapi(
    ticket: str,
    url: str,
    *,
    agent_id: int | str,
    corp_id: str,
    js_api_list: Iterable[str] | None = None,
    type: int | None = None,  # noqa: A002 - the field's name
    digest: Digest = "sha256",
    query: QueryRule = "decoded",
    nonce: str | None = None,
    timestamp: int | str | None = None,
) -> dict[str, Any]:
    """Return what ``dd.config`` takes, for the page at ``url`` (its ``location.href``).

    ``#`` and what follows is not signed. ``query`` says how the part after ``?`` is: URL-decoded,
    as the documents of 2026 have it; decoded with ``+`` for a space besides, as their Java sample
    does; or as given, the rule of 2016. ``digest``: SHA-256 is theirs too, SHA-1 that of 2016;
    DingTalk and our platform accept both. ``type``: 0 micro-app, 1 service window. ``nonce`` and
    ``timestamp`` (seconds) are chosen unless they are given.

    ``jsApiList`` is in the answer when ``js_api_list`` is given; a page may also add its own.
    Raises `BadCall` for what cannot work. To have the ticket kept for you, use
    ``client.jsapi_signature``.
    """
    import time

    from sanfang.protocol.signatures import jsapi_signature

    page = signed_url(url, query)
    _check_ticket(ticket)
    if digest not in ("sha256", "sha1"):
        raise BadCall(f"digest 应为 sha256 或 sha1 / digest is sha256 or sha1, not {digest!r:.40}")
    nonce = _text("nonce", secrets.token_hex(8) if nonce is None else nonce)
    stamp = _text("timestamp", str(int(time.time()) if timestamp is None else timestamp))
    config: dict[str, Any] = {
        "agentId": _text("agent_id", str(agent_id)),
        "corpId": _text("corp_id", corp_id),
        "timeStamp": stamp,
        "nonceStr": nonce,
        "signature": jsapi_signature(ticket, nonce, stamp, page, digest),
    }
    if type is not None:
        if type not in (0, 1):
            raise BadCall(
                "type 为 0（微应用）或 1（服务窗） / type is 0, micro-app, or 1, service window"
            )
        config["type"] = type
    if js_api_list is not None:
        config["jsApiList"] = _names(js_api_list)
    return config


def signed_url(url: str, query: QueryRule = "decoded") -> str:
    """Return the form of a page's address that is signed. Raises `BadCall`."""
    if not isinstance(url, str):
        raise BadCall(f"url 应为文本 / url is a text, not {type(url).__name__}")
    shown = url.partition("?")[0][:80]
    if len(url) > _LONGEST or _BLANK.search(url):
        raise BadCall(
            f"url 含空白或过长，应为页面的 location.href：{shown!r}"
            " / has blanks in it or is too long; give the page's location.href"
        )
    page = url.partition("#")[0]
    try:
        parts = urlsplit(page)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise BadCall(
            f"{shown!r} 不是完整的页面地址：签名的是 location.href，含协议、主机与端口"
            " / is no whole address of a page: what is signed is location.href, with scheme, host "
            "and port"
        )
    if "$CORPID$" in page or "%24CORPID%24" in page:
        raise BadCall(
            "url 里的 $CORPID$ 还没有换成企业的 corpid：请用页面打开后的 location.href"
            " / $CORPID$ is still in the url: give the location.href of the page as it was opened"
        )
    path, mark, asked = page.partition("?")
    match query:
        case "decoded":
            return path + mark + unquote(asked)
        case "decoded_plus":
            return path + mark + unquote_plus(asked)
        case "as_given":
            return page
    raise BadCall(
        f"query 应为 decoded、decoded_plus 或 as_given / query is one of these, not {query!r:.40}"
    )


def signature(
    core: Core, url: str, agent_id: int | str, corp_id: str | None, **options: Any
) -> Flow[dict[str, Any]]:
    """Sign with the ticket of a client; checks everything before a ticket is fetched."""
    corp = _corp(core, corp_id)
    options.setdefault("timestamp", int(core.settings.clock()))
    sign_jsapi("-", url, agent_id=agent_id, corp_id=corp, **options)
    return _signed(core, url, agent_id, corp, options)


def _signed(
    core: Core, url: str, agent_id: int | str, corp_id: str, options: dict[str, Any]
) -> Flow[dict[str, Any]]:
    ticket = yield from core.jsapi_ticket()
    return sign_jsapi(ticket, url, agent_id=agent_id, corp_id=corp_id, **options)


def _corp(core: Core, corp_id: str | None) -> str:
    identity = core.identity
    ours = ""
    if isinstance(identity, (CorpSecret, AuthorisedCorp, OAuthApp)):
        ours = identity.corp_id
    if corp_id and ours and corp_id != ours:
        raise BadCall(
            f"corp_id 是 {corp_id[:40]!r}，而这个客户端属于企业 {ours}：票据只对自己的企业有效"
            f" / this client belongs to corp {ours}, and its ticket is good for no other"
        )
    if not corp_id and not ours:
        raise BadCall(
            "请给出 corp_id：只凭 AppKey 不知道企业 / give corp_id: an AppKey does not tell the corp"
        )
    return corp_id or ours


def _check_ticket(ticket: str) -> None:
    if not isinstance(ticket, str) or not ticket or _BLANK.search(ticket):
        raise BadCall(
            "ticket 应为 get_jsapi_ticket 取得的文本 / ticket is the text that get_jsapi_ticket gives"
        )
    if _ACCESS_TOKEN.fullmatch(ticket):
        raise BadCall(
            "ticket 看起来是 access_token：签名用的是 jsapi_ticket，请用 client.get_jsapi_ticket()"
            " / the ticket looks like an access_token: a jsapi_ticket is signed with, see "
            "client.get_jsapi_ticket()"
        )


def _text(name: str, value: str) -> str:
    if not isinstance(value, str) or not value or _BLANK.search(value) or value == "None":
        raise BadCall(f"{name} 应为非空且不含空白的文本 / {name} is a text without blanks in it")
    return value


def _names(names: Iterable[str]) -> list[str]:
    if isinstance(names, str):
        raise BadCall(
            "js_api_list 应为列表，例如 ['biz.contact.choose'] / js_api_list is a list of names"
        )
    found = list(names)
    for name in found:
        if not isinstance(name, str) or not name or _BLANK.search(name):
            raise BadCall(f"js_api_list 中有不是接口名的值 / no name of an API: {name!r:.60}")
        if name.startswith("dd."):
            raise BadCall(f"{name!r:.60}：请去掉前面的 dd. / leave out the dd. in front")
    return found
