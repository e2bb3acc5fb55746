"""Messages that do not open: which step fails, and why (callback-crypto.md §3, §4, §7).

`CallbackCipher.open` answers yes or a number; this takes the message apart on its own, step by
step, and looks around at each: line breaks and blanks in the Base64, another mode of AES, another
padding, parts left out, the wrong ``$key``. Called only when `open` has said no.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from sanfang.protocol.crypto import CREATE_SUITE_KEY, CallbackError, Reply, Sealed
from sanfang.protocol.signatures import callback_signature, same

from . import signing
from .finding import Finding, cut
from .keys import Keys

_PUBLIC_ID = re.compile(r"(suite|ding|dt|custom|wx)[0-9A-Za-z_-]{6,60}")


class Autopsy(NamedTuple):
    """What a message that does not open turned out to hold."""

    finding: Finding
    message: str = ""  # the decrypted text, where there is any


class _Parts(NamedTuple):
    finding: Finding | None
    message: bytes = b""


def examine(reply: Reply, sent: Sealed, keys: Keys, accept: Sequence[str], code: int) -> Autopsy:
    """Find out why ``reply`` does not open; ``code`` is what `CallbackCipher.open` said."""
    sealed = reply.sealed
    parts = _dissect(sealed, sent, keys, accept)
    message = parts.message.decode("utf-8", "replace")
    if not _signed(sealed, keys):
        opens = parts.finding is None
        return Autopsy(signing.explain(sealed, sent, keys, accept, opens), message)
    if parts.finding is not None:
        return Autopsy(parts.finding, message)
    fault = CallbackError(code)  # not to be expected: the cipher sees what this does not
    return Autopsy(Finding("open", fault.zh or str(fault), fault.en or str(fault)), message)


def _signed(sealed: Sealed, keys: Keys) -> bool:
    expected = callback_signature(keys.token, sealed.timestamp, sealed.nonce, sealed.encrypt)
    return same(expected, sealed.signature)


def _dissect(sealed: Sealed, sent: Sealed, keys: Keys, accept: Sequence[str]) -> _Parts:
    if sealed.encrypt == sent.encrypt:
        return _Parts(
            Finding(
                "plain",
                f"返回的 encrypt 就是请求里的 encrypt：应加密 {accept[0]} 后返回，而不是原样返回。",
                f"The reply's encrypt is the request's: encrypt {accept[0]} and return that instead "
                "of the event.",
            )
        )
    try:
        cipher_text = _base64(sealed.encrypt)
    except ValueError as error:
        return _Parts(_bad_base64(sealed.encrypt, str(error)))
    if not cipher_text or len(cipher_text) % 16:
        return _Parts(
            Finding(
                "length",
                f"encrypt 解码后为 {len(cipher_text)} 字节，不是 16 的整数倍（900008）："
                "密文被截断，或没有补位。",
                f"encrypt decodes to {len(cipher_text)} bytes, not a multiple of 16 (900008): the "
                "cipher text was cut, or not padded.",
            )
        )
    key = base64.b64decode(keys.aes_key + "=")
    plain = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor().update(cipher_text)
    return _open(plain, cipher_text, key, keys, accept)


def _open(
    plain: bytes, cipher_text: bytes, key: bytes, keys: Keys, accept: Sequence[str]
) -> _Parts:
    pad = plain[-1]
    if not 0 < pad <= 32 or plain[-pad:] != bytes([pad]) * pad:
        return _Parts(_bad_padding(plain, cipher_text, key, keys, accept))
    body = plain[:-pad]
    length = int.from_bytes(body[16:20], "big") if len(body) >= 20 else -1
    if not 0 <= length <= len(body) - 20:
        return _Parts(_bad_length(body, keys, accept))
    message, key_id = body[20 : 20 + length], body[20 + length :]
    if key_id != keys.key_id.encode():
        return _Parts(_bad_key_id(key_id, message, keys), message)
    return _Parts(None, message)


def _base64(text: str) -> bytes:
    """Decode as leniently as the cipher does, but refuse what it would silently skip."""
    compact = text.replace("\n", "").replace("\r", "")
    return base64.b64decode(compact.encode("ascii"), validate=True)


def _bad_base64(text: str, error: str) -> Finding:
    zh = en = ""
    if " " in text.strip():
        zh = "；其中有空格，多半是 + 经过表单或 URL 解码变成了空格"
        en = "; it holds blanks: most likely a + that form or URL decoding turned into a blank"
    elif "-" in text or "_" in text:
        zh = "；其中有 - 或 _，请用标准 Base64（+ 和 /），不要用 URL 安全变体"
        en = "; it holds - or _: use standard Base64 (+ and /), not the URL-safe form"
    elif "%" in text:
        zh, en = "；它被 URL 编码过", "; it has been URL-encoded"
    elif re.fullmatch(r"[0-9a-fA-F]+", text):
        zh, en = "；像是十六进制，应为 Base64", "; it looks like hex and should be Base64"
    return Finding(
        "base64",
        f"encrypt 不是合法的 Base64（900008，长度 {len(text)}）{zh}。",
        f"encrypt is not Base64 (900008, {len(text)} characters: {cut(error)}){en}.",
        "F42",
    )


def _bad_padding(
    plain: bytes, cipher_text: bytes, key: bytes, keys: Keys, accept: Sequence[str]
) -> Finding:
    bare = plain.rstrip(b"\0")
    if bare.endswith(keys.key_id.encode()):
        if bare == plain:
            return _padding("没有补位", "there is no padding")
        return _padding(
            "用了补零（ZeroPadding/NoPadding）", "it is zero padding (ZeroPadding/NoPadding)"
        )
    if _find(plain, keys, accept):
        return _padding(
            f"末字节为 {plain[-1]}，补位字节不一致", f"its bytes differ (the last is {plain[-1]})"
        )
    ecb = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - to recognise it, not to use it
    other = ecb.decryptor().update(cipher_text)
    if _find(other, keys, accept):
        return Finding(
            "padding",
            "用了 AES-ECB 模式；应为 AES-256-CBC，IV 取密钥的前 16 字节。",
            "It was encrypted with AES-ECB; use AES-256-CBC with the key's first 16 bytes as IV.",
            "F42",
        )
    return Finding(
        "padding",
        "无法解密（900008）：解出来是乱码，补位无效。签名正确，说明 Token 没错；"
        "EncodingAESKey 与套件设置不同（43 位，解码前补一个 =），或密文在途中被改动。",
        "It cannot be decrypted (900008): the result is noise and its padding invalid. The "
        "signature fits, so the Token is right; the EncodingAESKey differs from the suite's (43 "
        "characters, one = appended before decoding), or the cipher text was changed on its way.",
        "F42",
    )


def _padding(zh: str, en: str) -> Finding:
    return Finding(
        "padding",
        f"能够解密，但补位错误（900008）：{zh}。请用 PKCS#7 补到 32 的整数倍（值 1–32，"
        "已对齐时再补一整块）。",
        f"It decrypts, but the padding is wrong (900008): {en}. Use PKCS#7 to a multiple of 32 "
        "(values 1–32, a whole block when already aligned).",
        "F42",
    )


def _bad_length(body: bytes, keys: Keys, accept: Sequence[str]) -> Finding:
    zh = en = ""
    found = _find(body, keys, accept)
    if found is not None:
        text, offset = found
        if offset == 20 and int.from_bytes(body[16:20], "little") <= len(body) - 20:
            zh, en = "；像是用了小端序", "; it looks little-endian"
        elif offset == 16:
            zh, en = "；没有写 4 字节长度", "; the 4 length bytes were left out"
        elif offset in (0, 4):
            zh, en = "；开头缺少 16 字节随机数", "; the 16 random bytes in front are missing"
        elif offset >= 0:
            zh = f"；明文 {text} 出现在第 {offset} 字节，应在第 20 字节"
            en = f"; the text {text} begins at byte {offset} and should at byte 20"
    return Finding(
        "length",
        f"长度字段不对（900009）{zh}。解密后应为：16 字节随机数 + 4 字节大端长度"
        "（UTF-8 字节数）+ 明文 + $key。",
        f"The length field is wrong (900009){en}. The plain buffer is 16 random bytes + 4 bytes "
        "of big-endian length (in UTF-8 bytes) + the message + $key.",
        "F42",
    )


def _bad_key_id(found: bytes, message: bytes, keys: Keys) -> Finding:
    text = found.decode("utf-8", "replace")
    zh, en = _mistaken_key(text, message, keys)
    return Finding(
        "key_id",
        f"能够解密，但末尾的 $key 不符（900010）：应为 {keys.key_id}，收到 {_shown(text, keys)}。{zh}",
        f"It decrypts, but the $key at its end differs (900010): expected {keys.key_id}, found "
        f"{_shown(text, keys)}. {en}",
        "F52",
    )


def _mistaken_key(found: str, message: bytes, keys: Keys) -> tuple[str, str]:
    if not found:
        return "消息后面没有拼接 $key。", "No $key was appended to the message."
    if found == CREATE_SUITE_KEY:
        return (
            "套件创建成功之后仍在使用 CREATE_SUITE_KEY，请把它换成真正的 suite_key。",
            "CREATE_SUITE_KEY was left in place after the suite was created; put the real "
            "suite_key in its place.",
        )
    if keys.key_id == CREATE_SUITE_KEY:
        return (
            "套件尚未创建，此时必须使用固定的 CREATE_SUITE_KEY，创建之后才用 suite_key。",
            "The suite does not exist yet: use the fixed CREATE_SUITE_KEY now and the suite_key "
            "once it is created.",
        )
    if found.strip() == keys.key_id:
        return "suite_key 首尾多了空白。", "There is white space around the suite_key."
    if found.startswith(keys.key_id):
        more = len(found) - len(keys.key_id)
        return (
            f"suite_key 之后还有 {more} 个字符，补位值可能偏小。",
            f"{more} characters follow the suite_key; the pad value may be too small.",
        )
    if found.lower() == keys.key_id.lower():
        return "仅大小写不同。", "Only the case differs."
    if found.startswith("ding"):
        return (
            "用了 corpid 或 appKey；套件（ISV）的回调要用 suite_key。",
            "A corpid or appKey was used; a suite's callback takes the suite_key.",
        )
    if found.startswith("suite"):
        return "这是另一个套件的 suite_key。", "That is the suite_key of another suite."
    if found.endswith(keys.key_id) or len(message) < 2:
        return (
            "长度字段偏小：应为明文的 UTF-8 字节数，而不是字符数。",
            "The length field is too small: it counts UTF-8 bytes, not characters.",
        )
    return (
        "请检查加解密类的第三个参数：套件填 suite_key。",
        "Look at the third argument of the crypto class: for a suite it is the suite_key.",
    )


def _shown(found: str, keys: Keys) -> str:
    """Quote a ``$key``, but never a secret that was put in its place by mistake."""
    if not found:
        return "（空 / nothing）"
    if found == keys.token:
        return "（Token）"
    if found == keys.aes_key:
        return "（EncodingAESKey）"
    if _PUBLIC_ID.fullmatch(found) or found.strip().lower() == keys.key_id.lower():
        return cut(found, 64)
    if found.endswith(keys.key_id):
        return f"…{keys.key_id}（{len(found)}）"
    return f"…{cut(found[-4:], 4)}（{len(found)}）"


def _find(buffer: bytes, keys: Keys, accept: Sequence[str]) -> tuple[str, int] | None:
    """Look for a text that is surely ours; return it and where it stands (-1: only the key)."""
    for text in accept:
        if len(text) >= 6 and (at := buffer.find(text.encode())) >= 0:
            return text, at
    return ("", -1) if keys.key_id.encode() in buffer else None
