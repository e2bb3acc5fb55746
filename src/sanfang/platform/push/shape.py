"""Bodies that are no reply: what they are instead (callback-crypto.md §2).

Called only when a reply could not be read, so it may look at it from every side. Most of what it
names was seen in question threads: ``success`` sent unencrypted, a dict printed instead of
serialised, JSON inside a JSON string, an error page, a framework that renamed ``timeStamp``.
"""

from __future__ import annotations

import difflib
import html
import json
import re
from collections.abc import Sequence
from typing import Any

from .finding import Finding, cut

FIELDS = ("msg_signature", "timeStamp", "nonce", "encrypt")
_SAMPLE = '{"msg_signature":"…","timeStamp":"…","nonce":"…","encrypt":"…"}'
_ZH_FORM = f"应返回 {_SAMPLE}"
_EN_FORM = f"Reply with {_SAMPLE}"
_WORDS = frozenset({"success", "ok", "true", "fail", "faile", "failed", "false", "error", "null"})
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
# What `print(a_dict)` and `str(some_bytes)` look like in Python.
_PRINTED = re.compile(r"""\{\s*b?'|b['"]\s*[{\[]|\(\s*[{b]""")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_PLAIN_ZH = "必须先用 EncodingAESKey 加密并签名，再以 JSON 返回。"
_PLAIN_EN = "Encrypt it with the EncodingAESKey, sign it, and return the JSON object."


def explain(body: bytes, content_type: str, accept: Sequence[str], *, strict: bool) -> Finding:
    """Say why ``body`` is not a reply."""
    if not body.strip():
        return Finding(
            "empty",
            f"返回内容为空。{_ZH_FORM}，其中 encrypt 解密后为 {accept[0]}。",
            f"The reply is empty. {_EN_FORM}, where encrypt decrypts to {accept[0]}.",
        )
    if body[:2] == b"\x1f\x8b":
        return Finding(
            "encoding",
            "返回内容是 gzip 压缩的，而请求并未声明接受压缩（Accept-Encoding: identity）。",
            "The reply is gzip-compressed, though the request asked for none "
            "(Accept-Encoding: identity).",
        )
    try:
        text = body.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        return Finding(
            "encoding",
            f"返回内容不是 UTF-8 文本（第 {error.start} 字节）。",
            f"The reply is not UTF-8 text (byte {error.start}).",
        )
    if text[:1] == "<":
        return _markup(text, content_type)
    if text.strip("\"'").lower() in _WORDS or text.strip("\"'") in accept:
        return _plain(text.strip("\"'"))
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        return _not_json(text, error, content_type)
    if body[:3] == b"\xef\xbb\xbf":
        return Finding(
            "json",
            "返回的 JSON 前面有 BOM（EF BB BF），请以不带 BOM 的 UTF-8 输出。",
            "The JSON of the reply begins with a byte order mark (EF BB BF); write UTF-8 without.",
        )
    if isinstance(value, dict):
        return _object(value, strict=strict)
    return _not_object(value, accept)


def time_note(fields: Sequence[str]) -> Finding | None:
    """Return a remark when the time field is spelt ``timestamp``, which 2016 refused."""
    if "timeStamp" in fields or "timestamp" not in fields:
        return None
    return Finding(
        "fields",
        "返回字段写成了 timestamp，文档写法是 timeStamp（大写 S）；这里接受，但 2016 "
        "年的平台会报 71009。",
        "The reply spells timestamp where the documents say timeStamp (capital S); accepted here, "
        "but the platform of 2016 answered 71009.",
    )


def _plain(word: str) -> Finding:
    return Finding(
        "unencrypted",
        f"返回了未加密的明文 {cut(word)!r}。{_PLAIN_ZH}{_ZH_FORM}。",
        f"The reply is the bare text {cut(word)!r}, not encrypted. {_PLAIN_EN} {_EN_FORM}.",
    )


def _markup(text: str, content_type: str) -> Finding:
    if text[:5].lower() == "<xml>":
        return Finding(
            "html",
            "返回的是 <xml>：这是微信的格式，钉钉要求 JSON。",
            "The reply is <xml>, which is WeChat's form; DingTalk wants JSON.",
        )
    found = _TITLE.search(text[:4096])
    title = cut(html.unescape(found.group(1))) if found else cut(text)
    kind = f" (Content-Type: {cut(content_type)})" if content_type else ""
    return Finding(
        "html",
        f"返回的是网页而不是 JSON{kind}：{title!r}。请检查回调路径、登录拦截（含 CSRF）"
        "以及前面的代理或网关。",
        f"The reply is a web page, not JSON{kind}: {title!r}. Look at the path of the callback, "
        "at login or CSRF filters, and at a proxy or gateway in front.",
    )


def _not_json(text: str, error: Exception, content_type: str) -> Finding:
    if _BASE64.fullmatch(text.replace("\n", "").replace("\r", "")):
        return Finding(
            "json",
            f"只返回了密文本身，没有包成 JSON。{_ZH_FORM}。",
            f"The reply is the encrypted text alone. {_EN_FORM}.",
        )
    if _PRINTED.match(text):
        return Finding(
            "json",
            "返回的是 Python 对象的打印结果（单引号或 b'…'），不是 JSON：请用 json.dumps 输出。",
            "The reply is a printed Python object (single quotes or b'…'), not JSON: use json.dumps.",
        )
    if re.match(r"\w+=[^&{}]*(&\w+=|$)", text):
        return Finding(
            "json",
            f"返回的是表单格式（a=1&b=2），不是 JSON。{_ZH_FORM}。",
            f"The reply is form-encoded (a=1&b=2), not JSON. {_EN_FORM}.",
        )
    where = error.pos if isinstance(error, json.JSONDecodeError) else 0
    kind = f" (Content-Type: {cut(content_type)})" if content_type else ""
    near = cut(text[max(0, where - 10) : where + 20], 32)
    return Finding(
        "json",
        f"返回内容不是合法 JSON{kind}：第 {where} 个字符附近 {near!r}。{_ZH_FORM}。",
        f"The reply is not JSON{kind}: character {where}, near {near!r}. {_EN_FORM}.",
    )


def _not_object(value: Any, accept: Sequence[str]) -> Finding:
    if isinstance(value, str):
        try:
            inner = json.loads(value)
        except (ValueError, RecursionError):
            return _plain(value) if value in accept else _wrong_type("字符串", "a string")
        if isinstance(inner, dict):
            return Finding(
                "json",
                "JSON 被编码了两次：返回的是一个内含 JSON 的字符串。框架会替你序列化，请直接返回对象，"
                "或返回文本而不要再次 dumps。",
                "The JSON is encoded twice: the reply is a string that holds JSON. The framework "
                "serialises for you; return the object, or the text without another dumps.",
            )
        return _wrong_type("字符串", "a string")
    names = {list: ("数组", "a list"), bool: ("布尔值", "a boolean"), type(None): ("null", "null")}
    return _wrong_type(*names.get(type(value), ("数字", "a number")))


def _wrong_type(zh: str, en: str) -> Finding:
    return Finding(
        "json",
        f"返回的 JSON 是{zh}，应为对象。{_ZH_FORM}。",
        f"The JSON of the reply is {en} and should be an object. {_EN_FORM}.",
    )


def _object(value: dict[str, Any], *, strict: bool) -> Finding:
    received = list(value)
    names = ", ".join(cut(name, 40) for name in received[:12]) or "-"
    missing = [name for name in FIELDS if not _present(value, name, strict=strict)]
    if len(missing) == len(FIELDS) or (len(missing) >= 3 and "encrypt" in missing):
        foreign = _foreign(value, names)
        if foreign is not None:
            return foreign
    if set(received) == {"encrypt"}:
        return Finding(
            "fields",
            f"返回中只有 encrypt：像是把请求体原样返回了。{_ZH_FORM}。",
            f"The reply has encrypt alone: it looks like the request's body sent back. {_EN_FORM}.",
        )
    hints_zh, hints_en = [], []
    for name in missing:
        zh, en = _missing(name, value, strict=strict)
        hints_zh.append(zh)
        hints_en.append(en)
    return Finding(
        "fields",
        f"返回字段有误：{'；'.join(hints_zh)}。收到的字段：{names}；应为：{', '.join(FIELDS)}。",
        f"Fields of the reply are wrong: {'; '.join(hints_en)}. Received: {names}; "
        f"expected: {', '.join(FIELDS)}.",
    )


def _present(value: dict[str, Any], name: str, *, strict: bool) -> bool:
    if name == "timeStamp" and not strict and _usable(value.get("timestamp")):
        return True
    return _usable(value.get(name))


def _usable(found: Any) -> bool:
    return not isinstance(found, bool) and isinstance(found, str | int | float) and found != ""


def _missing(name: str, value: dict[str, Any], *, strict: bool) -> tuple[str, str]:
    if name in value:
        kind = "null" if value[name] is None else type(value[name]).__name__
        if value[name] == "":
            return f"{name} 为空", f"{name} is empty"
        return f"{name} 应为文本，收到的是 {kind}", f"{name} should be text and is {kind}"
    if name == "timeStamp" and strict and "timestamp" in value:
        return (
            "timeStamp 写成了 timestamp（strict_2016_reply 打开时按 2016 年的规则拒绝）",
            "timeStamp is spelt timestamp (refused as in 2016 while strict_2016_reply is on)",
        )
    like = _alike(name, list(value))
    if like is not None:
        return f"{name} 写成了 {cut(like, 40)}", f"{name} is spelt {cut(like, 40)}"
    return f"缺少 {name}", f"{name} is missing"


def _alike(name: str, received: list[str]) -> str | None:
    """Find the field that was most likely meant to be ``name``."""
    others = [name for name in received[:50] if len(name) <= 40 and name not in FIELDS]
    plain = {re.sub(r"[^a-z0-9]", "", field.lower()): field for field in others}
    meant = re.sub(r"[^a-z0-9]", "", name.lower())
    known = {"msg_signature": ("signature", "sign"), "encrypt": ("encrypted", "encryptmsg", "msg")}
    for word in (meant, *known.get(name, ())):
        if word in plain:
            return plain[word]
    close = difflib.get_close_matches(meant, plain, n=1, cutoff=0.7)
    return plain[close[0]] if close else None


def _foreign(value: dict[str, Any], names: str) -> Finding | None:
    """Recognise objects that are something else altogether: wrapped replies and errors."""
    for name, inner in value.items():
        if isinstance(inner, str) and inner[:1] == "{" and '"encrypt"' in inner:
            return Finding(
                "fields",
                f"返回内容被放进了字段 {cut(name)} 的字符串里，应直接作为整个响应体返回。",
                f"The reply sits as text inside the field {cut(name)}; it has to be the whole body.",
            )
        if isinstance(inner, dict) and "encrypt" in inner:
            return Finding(
                "fields",
                f"返回内容被包在字段 {cut(name)} 里（框架统一包装的响应？），"
                "应直接作为整个响应体返回。",
                f"The reply is wrapped in the field {cut(name)} (a framework's envelope?); it has to "
                "be the whole body.",
            )
    if any(
        _usable(value.get(field)) for field in ("errcode", "code", "error", "errmsg", "message")
    ):
        said = cut(json.dumps(value, ensure_ascii=False, default=str), 160)
        return Finding(
            "fields",
            f"返回的是一条错误信息而不是加密的应答：{said}。请查看接收方日志；收到的字段：{names}。",
            f"The reply is an error message, not an encrypted reply: {said}. See the receiver's "
            f"log; fields received: {names}.",
        )
    return None
