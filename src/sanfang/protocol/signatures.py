"""Every signature of the wire: callbacks, pages (JSAPI), signed calls and the TOP gateway.

Callback: callback-crypto.md §4. JSAPI: tokens-and-limits.md §4. Signed calls: ibid. §3.
SHA-1 and MD5 are what the protocols prescribe; they are not a choice made here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Literal

Algorithm = Literal["sha1", "sha256"]
TopMethod = Literal["md5", "hmac", "hmac-sha256"]


def same(a: str | bytes, b: str | bytes) -> bool:
    """Compare two signatures or secrets in constant time; any text is allowed, not only ASCII."""
    if isinstance(a, str) and isinstance(b, str) and a.isascii() and b.isascii():
        return hmac.compare_digest(a, b)
    return hmac.compare_digest(_bytes(a), _bytes(b))


def callback_signature(token: str, timestamp: str, nonce: str, encrypt: str) -> str:
    """Sign a callback request or its reply; the four texts exactly as they travel.

    Returns 40 lower-case hex digits (callback-crypto.md §4).
    """
    text = "".join(sorted((token, timestamp, nonce, encrypt)))
    return hashlib.sha1(text.encode()).hexdigest()  # noqa: S324 - prescribed by the protocol


def jsapi_text(ticket: str, nonce: str, timestamp: str | int, url: str) -> str:
    """Write the text that `jsapi_signature` digests; ``url`` is used as given.

    Both ends show this text to a person when signatures differ (FAQ F11, F14).
    """
    return f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}"


def jsapi_signature(
    ticket: str, nonce: str, timestamp: str | int, url: str, algorithm: Algorithm = "sha1"
) -> str:
    """Sign a page for ``dd.config``; pass the URL through `sanfang.protocol.urls.page_url` first.

    SHA-1 is the rule of 2016 and of the SDKs, SHA-256 that of the 2026 sample.
    """
    digest = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}[algorithm]
    return digest(jsapi_text(ticket, nonce, timestamp, url).encode()).hexdigest()


def call_signature(secret: str, timestamp: str | int, suite_ticket: str | None = None) -> str:
    """Sign an oapi call that carries ``accessKey`` in place of a token.

    ``timestamp`` is in milliseconds. With ``suite_ticket`` it is the ISV's form
    (get_corp_token, get_auth_info, get_agent), without it that of sns/getuserinfo_bycode.
    Returns Base64, to be URL-encoded once by whoever builds the query.
    """
    text = str(timestamp) if suite_ticket is None else f"{timestamp}\n{suite_ticket}"
    digest = hmac.digest(secret.encode(), text.encode(), "sha256")
    return base64.b64encode(digest).decode("ascii")


def signed_query(
    access_key: str, secret: str, timestamp: str | int, suite_ticket: str | None = None
) -> dict[str, str]:
    """Build the query of a signed call; values are not yet URL-encoded."""
    query = {"accessKey": access_key, "timestamp": str(timestamp)}
    if suite_ticket is not None:
        query["suiteTicket"] = suite_ticket
    query["signature"] = call_signature(secret, timestamp, suite_ticket)
    return query


def top_signature(secret: str, fields: Mapping[str, str], method: TopMethod = "md5") -> str:
    """Sign a call of the TOP gateway: all fields of query and form but ``sign`` and files.

    Names and values are joined in the order of the names; ``md5`` has the secret before and after
    them, the other two (HMAC-MD5, HMAC-SHA256) as their key. Returns upper-case hex digits.
    """
    text = "".join(name + fields[name] for name in sorted(fields) if name != "sign")
    if method == "md5":
        whole = (secret + text + secret).encode("utf-8", "surrogatepass")
        return hashlib.md5(whole).hexdigest().upper()  # noqa: S324 - prescribed by the protocol
    digest = {"hmac": "md5", "hmac-sha256": "sha256"}[method]
    key, data = secret.encode(), text.encode("utf-8", "surrogatepass")
    return hmac.new(key, data, digest).hexdigest().upper()


def _bytes(value: str | bytes) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
