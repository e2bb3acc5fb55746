"""Signatures that do not fit: what the other side signed instead (callback-crypto.md §4).

A wrong signature is 40 hex digits and says nothing by itself. But there are few ways to get it
wrong, and each can be tried: with the request's timestamp, without sorting, over the plain text,
with another key of the same settings, ... The one that gives the received digits is the mistake.
Texts that were signed are named, never shown: the token is among them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from sanfang.protocol.crypto import Sealed
from sanfang.protocol.signatures import callback_signature, same

from .finding import Finding, cut
from .keys import Keys

_LENGTHS = {32: "MD5", 64: "SHA-256", 128: "SHA-512"}
_Attempt = tuple[str, str, str]  # zh, en, signature


def explain(reply: Sealed, sent: Sealed, keys: Keys, accept: Sequence[str], opens: bool) -> Finding:
    """Say why the signature of ``reply`` does not fit.

    ``opens`` tells whether the message decrypts with our aes_key and ``$key`` all the same: then
    the key is right and only the signing is wrong.
    """
    zh, en = _cause(reply, sent, keys, accept, opens)
    shown = cut(reply.signature, 44)
    return Finding(
        "signature",
        f"签名不匹配（900005）：{zh}。应为 sha1(sort(token, timeStamp, nonce, encrypt)) 的 40 位"
        f"小写十六进制，timeStamp={cut(reply.timestamp, 24)}、nonce={cut(reply.nonce, 24)} "
        f"取返回中的原文；收到 {shown}。",
        f"The signature does not fit (900005): {en}. It should be the 40 lower-case hex digits of "
        f"sha1(sort(token, timeStamp, nonce, encrypt)) with the reply's own "
        f"timeStamp={cut(reply.timestamp, 24)} and nonce={cut(reply.nonce, 24)}; received {shown}.",
    )


def _cause(
    reply: Sealed, sent: Sealed, keys: Keys, accept: Sequence[str], opens: bool
) -> tuple[str, str]:
    if same(reply.signature, sent.signature):
        return (
            "返回的是请求里的签名，需要对返回的密文重新计算",
            "it is the request's signature sent back; it has to be made anew over the reply",
        )
    seen = reply.signature.strip()
    for zh, en, signature in _attempts(reply, sent, keys, accept):
        if same(signature, seen):
            return zh, en
        if same(signature, seen.lower()):
            return f"十六进制应为小写（{zh}）", f"hex digits have to be lower-case ({en})"
    if len(seen) != 40:
        kind = _LENGTHS.get(len(seen))
        if kind:
            return f"长度像 {kind}，应使用 SHA-1", f"its length is that of {kind}; use SHA-1"
        return f"长度为 {len(seen)}，应为 40", f"it has {len(seen)} characters instead of 40"
    if opens:
        return (
            "密文能正常解密，所以 EncodingAESKey 没错；请核对 Token，"
            "以及返回的 timeStamp、nonce 是否就是参与签名的值",
            "the message decrypts, so the EncodingAESKey is right; check the Token, and that the "
            "reply's timeStamp and nonce are the very texts that were signed",
        )
    return (
        "密文也无法用本套件的 EncodingAESKey 解密：Token 和 EncodingAESKey 很可能都是另一个套件的",
        "nor does the message decrypt with this suite's EncodingAESKey: Token and EncodingAESKey "
        "are most likely those of another suite",
    )


def _attempts(reply: Sealed, sent: Sealed, keys: Keys, accept: Sequence[str]) -> Iterator[_Attempt]:
    token, stamp, nonce, encrypt = keys.token, reply.timestamp, reply.nonce, reply.encrypt
    yield "仅大小写不同", "only the case differs", callback_signature(token, stamp, nonce, encrypt)
    yield from _other_times(reply, sent, keys)
    bare = "".join(encrypt.split())
    if bare != encrypt:
        yield (
            "encrypt 中有换行，而签名是对去掉换行后的文本计算的",
            "encrypt holds line breaks, and the signature was made over it without them",
            callback_signature(token, stamp, nonce, bare),
        )
    yield (
        "签名用了请求里的 encrypt，而不是返回的 encrypt",
        "it was made over the request's encrypt, not the reply's",
        callback_signature(token, stamp, nonce, sent.encrypt),
    )
    for text in accept:
        yield (
            f"签名用了明文 {text}，而不是密文 encrypt",
            f"it was made over the plain text {text}, not over encrypt",
            callback_signature(token, stamp, nonce, text),
        )
    yield from _other_tokens(reply, keys)
    yield from _other_forms(token, stamp, nonce, encrypt)


def _other_times(reply: Sealed, sent: Sealed, keys: Keys) -> Iterator[_Attempt]:
    """The signed timestamp or nonce is not the one in the reply."""
    stamps = {
        reply.timestamp: ("", ""),
        sent.timestamp: ("请求里的 timestamp", "the request's timestamp"),
        reply.timestamp.partition(".")[0]: ("去掉小数的时间", "the time without its fraction"),
        f"{reply.timestamp}.0": ("带小数的时间", "the time with a fraction"),
        f"{reply.timestamp}000": ("毫秒时间", "the time in milliseconds"),
        reply.timestamp[:-3]: ("秒级时间", "the time in seconds"),
    }
    nonces = {reply.nonce: ("", ""), sent.nonce: ("请求里的 nonce", "the request's nonce")}
    for stamp, (stamp_zh, stamp_en) in stamps.items():
        for nonce, (nonce_zh, nonce_en) in nonces.items():
            zh = " 和 ".join(filter(None, (stamp_zh, nonce_zh)))
            en = " and ".join(filter(None, (stamp_en, nonce_en)))
            if zh:
                yield (
                    f"签名用的是{zh}，与返回的 timeStamp、nonce 不一致",
                    f"it was made with {en}, which is not what the reply's fields say",
                    callback_signature(keys.token, stamp, nonce, reply.encrypt),
                )


def _other_tokens(reply: Sealed, keys: Keys) -> Iterator[_Attempt]:
    """Something else of the settings stands in the place of the token."""
    others = (
        ("EncodingAESKey 被当作 Token", "the EncodingAESKey was used as Token", keys.aes_key),
        ("suite_key 被当作 Token", "the suite_key was used as Token", keys.key_id),
        ("签名时没有加入 Token", "the Token was left out", ""),
        ("Token 末尾多了换行", "the Token has a line break at its end", f"{keys.token}\n"),
        ("Token 末尾多了空格", "the Token has a space at its end", f"{keys.token} "),
        ("Token 首尾空格被去掉了", "spaces around the Token were cut off", keys.token.strip()),
    )
    for zh, en, token in others:
        yield zh, en, callback_signature(token, reply.timestamp, reply.nonce, reply.encrypt)


def _other_forms(token: str, stamp: str, nonce: str, encrypt: str) -> Iterator[_Attempt]:
    """The right texts, put together or digested in another way."""
    orders = (
        (token, stamp, nonce, encrypt),
        (token, nonce, stamp, encrypt),
        (encrypt, nonce, stamp, token),
        (stamp, nonce, encrypt, token),
    )
    for order in orders:
        yield (
            "四个文本没有按字典序排序就拼接了",
            "the four texts were joined without sorting them",
            _digest("".join(order), "sha1"),
        )
    ordered = sorted((token, stamp, nonce, encrypt))
    folded = sorted((token, stamp, nonce, encrypt), key=str.lower)
    yield (
        "排序时忽略了大小写，应按字符编码排序",
        "the texts were sorted without regard to case; sort by character code",
        _digest("".join(folded), "sha1"),
    )
    yield (
        "签名里没有加入 encrypt（漏掉第四个文本）",
        "encrypt, the fourth text, was left out",
        _digest("".join(sorted((token, stamp, nonce))), "sha1"),
    )
    for glue in ("\n", "&", ",", " "):
        yield (
            f"拼接时用了分隔符 {glue!r}，应直接相连",
            f"the texts were joined with {glue!r} between them; join them directly",
            _digest(glue.join(ordered), "sha1"),
        )
    for name, algorithm in (("MD5", "md5"), ("SHA-256", "sha256"), ("SHA-512", "sha512")):
        yield (
            f"用了 {name}，应使用 SHA-1",
            f"it is {name}; use SHA-1",
            _digest("".join(ordered), algorithm),
        )


def _digest(text: str, algorithm: str) -> str:
    return hashlib.new(algorithm, text.encode(), usedforsecurity=False).hexdigest()
