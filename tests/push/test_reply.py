"""The verdict on a reply names the step that failed and the mistake behind it (pain 2, F40, F42, F52)."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from dingtalk.crypto import DingTalkCrypto
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto.base import BasePrpCrypto

from sanfang.platform.push.keys import KeyRing, Keys
from sanfang.platform.push.reply import Verdict, judge, record, remarks
from sanfang.protocol.crypto import CREATE_SUITE_KEY, CallbackError

from .sealing import (
    AES_KEY,
    KEYS,
    NONCE,
    OTHER_AES_KEY,
    SENT,
    STAMP,
    SUITE_KEY,
    TOKEN,
    aes,
    answer,
    fields,
    pack,
    pad,
    sign,
)


def refused(body: Any, step: str, *words: str, **more: Any) -> Verdict:
    """Judge a body; it must fail at ``step`` and say each of ``words`` in one of the languages."""
    accept = more.pop("accept", ("success",))
    strict = more.pop("strict", False)
    keys = more.pop("keys", KEYS)
    verdict = judge(answer(body, **more), keys, accept, strict=strict)
    assert not verdict.ok
    assert verdict.step == step, verdict
    assert verdict.zh
    assert verdict.en
    for word in words:
        assert word in verdict.zh or word in verdict.en, (word, verdict.zh, verdict.en)
    assert TOKEN not in verdict.reason.replace(STAMP, "")
    assert AES_KEY not in verdict.reason
    return verdict


# --- what is accepted -------------------------------------------------------------------------


def test_dingtalk_sdk_reply_is_accepted() -> None:
    crypto = DingTalkCrypto(TOKEN, AES_KEY, SUITE_KEY)
    verdict = judge(answer(crypto.encrypt_message("success")), KEYS)
    assert verdict.ok
    assert verdict.outcome == "delivered"
    assert (verdict.decrypted, verdict.reason, verdict.code) == ("success", "", 0)


def test_wechatpy_crypto_is_accepted() -> None:
    key = base64.b64decode(AES_KEY + "=")
    encrypt = BasePrpCrypto(key)._encrypt("success", SUITE_KEY).decode()
    assert judge(answer(fields(encrypt)), KEYS).ok


@pytest.mark.parametrize("block", [16, 32])
def test_padding_to_16_and_to_32_is_accepted(block: int) -> None:
    assert judge(answer(fields(aes(pad(pack(b"success"), block)))), KEYS).ok


@pytest.mark.parametrize("stamp", ["1445827045067", "1445827045", "1445827045.067"])
@pytest.mark.parametrize("as_number", [True, False])
def test_time_as_text_or_number_in_any_unit_is_accepted(stamp: str, as_number: bool) -> None:
    encrypt = aes(pad(pack(b"success")))
    value = stamp if as_number else f'"{stamp}"'
    body = (
        f'{{"msg_signature":"{sign(encrypt, stamp=stamp)}","timeStamp":{value},'
        f'"nonce":"{NONCE}","encrypt":"{encrypt}"}}'
    )
    assert judge(answer(body), KEYS).ok


def test_the_requests_own_timestamp_and_nonce_may_be_echoed() -> None:
    encrypt = aes(pad(pack(b"success")))
    signature = sign(encrypt, stamp=SENT.timestamp, nonce=SENT.nonce)
    body = fields(encrypt, msg_signature=signature, timeStamp=SENT.timestamp, nonce=SENT.nonce)
    assert judge(answer(body), KEYS).ok


def test_line_breaks_of_the_official_python_library_are_accepted() -> None:
    encrypt = base64.encodebytes(base64.b64decode(aes(pad(pack(b"success"))))).decode()
    assert "\n" in encrypt
    assert judge(answer(fields(encrypt)), KEYS).ok


def test_random_and_success_both_pass_a_url_check_and_only_random_when_told_so() -> None:
    def reply(text: bytes) -> bool:
        body = fields(aes(pad(pack(text))))
        return judge(answer(body), KEYS, ("LPIdSnlF", "success")).ok

    assert reply(b"LPIdSnlF")
    assert reply(b"success")
    refused(None, "plain", "LPIdSnlF", "Random", accept=("LPIdSnlF",))


def test_the_name_timestamp_is_accepted_with_a_remark_and_refused_when_strict() -> None:
    body = fields(timeStamp=None, timestamp=STAMP)
    found = answer(body)
    verdict = judge(found, KEYS)
    assert verdict.ok
    assert "timeStamp" in remarks(found, verdict)[0].en
    strict = refused(body, "fields", "timestamp", "timeStamp", "strict_2016_reply", strict=True)
    assert strict.code == 71009
    assert "timestamp" in strict.fields


def test_a_right_reply_of_another_content_type_is_accepted_with_a_remark() -> None:
    found = answer(content_type="text/html; charset=utf-8")
    verdict = judge(found, KEYS)
    assert verdict.ok
    assert "text/html" in remarks(found, verdict)[0].zh
    assert remarks(answer(), judge(answer(), KEYS)) == ()


# --- status -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "word"), [(500, "日志"), (404, "路径"), (405, "POST"), (403, "CSRF"), (201, "200")]
)
def test_a_status_other_than_200_is_71012_with_the_observed_text(status: int, word: str) -> None:
    verdict = refused("x", "status", word, str(status), status=status)
    assert verdict.code == 71012
    assert verdict.errmsg == f"url地址访问异常,错误原因为:http statusCode is:{status}"


def test_a_redirect_is_71012_with_the_observed_text_and_the_target() -> None:
    verdict = refused("", "redirect", "/login", status=302, location="https://isv.example/login")
    assert verdict.errmsg == (
        "url地址访问异常,错误原因为:不允许3xx跳转.http statusCode is:302"
        "跳转后地址为:https://isv.example/login"
    )


# --- not a reply at all -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "step", "words"),
    [
        ("", "empty", ["为空"]),
        (" \n", "empty", ["empty"]),
        ("success", "unencrypted", ["明文", "not encrypted"]),
        ('"success"', "unencrypted", ["not encrypted"]),
        ("faile", "unencrypted", ["faile"]),
        ("true", "unencrypted", ["true"]),
        ("<html><head><title>Sign in &amp; go</title></head>", "html", ["Sign in & go", "CSRF"]),
        ("<!DOCTYPE html>\n<h1>502</h1>", "html", ["代理"]),
        ("<xml><Encrypt>x</Encrypt></xml>", "html", ["微信", "WeChat"]),
        (b"\x1f\x8b\x08\x00rest", "encoding", ["gzip"]),
        ("返回".encode("gbk"), "encoding", ["UTF-8"]),
        (json.dumps(json.dumps(fields())), "json", ["编码了两次", "twice"]),
        (str(fields()), "json", ["json.dumps"]),
        (str(json.dumps(fields()).encode()), "json", ["json.dumps"]),
        ("msg_signature=a&timeStamp=b&nonce=c&encrypt=d", "json", ["表单", "form"]),
        (fields()["encrypt"], "json", ["密文本身", "encrypted text alone"]),
        (json.dumps(fields())[:-1], "json", ["不是合法 JSON"]),
        (b"\xef\xbb\xbf" + json.dumps(fields()).encode(), "json", ["BOM", "byte order mark"]),
        ("[]", "json", ["数组"]),
        ("7", "json", ["a number"]),
        ('"hello"', "json", ["a string"]),
        ("{}", "fields", ["缺少 msg_signature", "encrypt is missing"]),
        ({"errcode": 1, "errmsg": "bad sign"}, "fields", ["bad sign", "错误信息"]),
        ({"code": "500", "message": "NPE"}, "fields", ["NPE", "error message"]),
        ({"data": fields()}, "fields", ["包在字段 data", "envelope"]),
        ({"body": json.dumps(fields())}, "fields", ["body", "as text inside"]),
        ({"encrypt": SENT.encrypt}, "fields", ["请求体", "sent back"]),
        ("[" * 30_000, "json", []),
        ("{" * 30_000, "json", []),
        ("<title>" * 9_000, "html", []),
        ("9" * 9_000, "json", []),
    ],
)
def test_a_body_that_is_no_reply_is_named_for_what_it_is(
    body: Any, step: str, words: list[str]
) -> None:
    verdict = refused(body, step, *words)
    assert verdict.code == 71009
    assert len(verdict.reason) < 1200
    assert len(verdict.received) <= 500


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("timestamps", "timeStamp"),
        ("time_stamp", "timeStamp"),
        ("TimeStamp", "timeStamp"),
        ("signature", "msg_signature"),
        ("msgSignature", "msg_signature"),
        ("msg_signatrue", "msg_signature"),
        ("Nonce", "nonce"),
        ("encypt", "encrypt"),
        ("Encrypt", "encrypt"),
    ],
)
def test_a_misspelt_field_is_named_with_the_name_it_should_have(wrong: str, right: str) -> None:
    body = fields()
    body[wrong] = body.pop(right)
    verdict = refused(body, "fields", f"{right} is spelt {wrong}", f"{right} 写成了 {wrong}")
    assert wrong in verdict.fields
    assert f"Received: {', '.join(body)}" in verdict.en


@pytest.mark.parametrize(
    ("value", "words"), [("", "is empty"), ([1], "list"), (True, "bool"), ({}, "dict")]
)
def test_a_field_of_the_wrong_type_is_named(value: Any, words: str) -> None:
    refused(fields(nonce=value), "fields", f"nonce {words}" if words == "is empty" else words)


# --- signature --------------------------------------------------------------------------------


def wrongly(signature: str, **changes: Any) -> dict[str, Any]:
    return fields(msg_signature=signature, **changes)


ENCRYPT = fields()["encrypt"]
JOINED = sorted((TOKEN, STAMP, NONCE, ENCRYPT))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (wrongly(SENT.signature), ["请求里的签名"]),
        (wrongly(sign(ENCRYPT).upper()), ["小写", "lower-case"]),
        (wrongly(sign(ENCRYPT, stamp=SENT.timestamp)), ["请求里的 timestamp"]),
        (wrongly(sign(ENCRYPT, nonce=SENT.nonce)), ["the request's nonce"]),
        (
            wrongly(sign(ENCRYPT, stamp=SENT.timestamp, nonce=SENT.nonce)),
            ["the request's timestamp and the request's nonce"],
        ),
        (wrongly(sign(ENCRYPT, stamp=STAMP[:-3])), ["秒级"]),
        (wrongly(sign(ENCRYPT, token="")), ["没有加入 Token"]),
        (wrongly(sign(ENCRYPT, token=AES_KEY)), ["EncodingAESKey 被当作 Token"]),
        (wrongly(sign(ENCRYPT, token=SUITE_KEY)), ["suite_key was used as Token"]),
        (wrongly(sign(ENCRYPT, token=TOKEN + "\n")), ["换行"]),
        (wrongly(sign("success")), ["明文 success"]),
        (wrongly(sign(SENT.encrypt)), ["request's encrypt"]),
        (
            wrongly(hashlib.sha1((TOKEN + STAMP + NONCE + ENCRYPT).encode()).hexdigest()),
            ["without sorting", "字典序"],
        ),
        (wrongly(hashlib.sha1("&".join(JOINED).encode()).hexdigest()), ["分隔符"]),
        (wrongly(hashlib.sha256("".join(JOINED).encode()).hexdigest()), ["SHA-256"]),
        (wrongly(hashlib.md5("".join(JOINED).encode()).hexdigest()), ["MD5"]),
        (wrongly("0" * 64), ["SHA-256"]),
        (wrongly("short"), ["长度为 5"]),
        (wrongly(sign(ENCRYPT, token="other")), ["能正常解密", "check the Token"]),
    ],
)
def test_a_wrong_signature_is_traced_to_what_was_signed(
    body: dict[str, Any], words: list[str]
) -> None:
    verdict = refused(body, "signature", *words)
    assert verdict.code == 71009
    assert "900005" in verdict.zh
    assert verdict.decrypted == "success"


def test_another_suites_token_and_key_are_recognised_together() -> None:
    encrypt = aes(pad(pack(b"success")), OTHER_AES_KEY)
    body = fields(encrypt, msg_signature=sign(encrypt, token="other"))
    refused(body, "signature", "另一个套件", "another suite")


# --- message ----------------------------------------------------------------------------------


def test_base64_whose_plus_became_a_blank_is_recognised() -> None:
    encrypt = next(
        text for n in range(200) if "+" in (text := aes(pad(pack(b"success%d" % n))))
    ).replace("+", " ")
    refused(fields(encrypt), "base64", "+", "form or URL decoding")


@pytest.mark.parametrize(
    ("encrypt", "step", "words"),
    [
        ("%%%", "base64", ["URL 编码", "URL-encoded"]),
        ("a-b_" * 8, "base64", ["URL 安全", "URL-safe"]),
        ("00" * 33, "base64", ["十六进制", "hex"]),
        (base64.b64encode(b"x" * 30).decode(), "length", ["30 bytes"]),
        (SENT.encrypt, "plain", ["事件原文", "the event itself"]),
        (aes(pad(pack(b"success")), OTHER_AES_KEY), "padding", ["EncodingAESKey 与套件设置不同"]),
        (aes(pack(b"success").ljust(63, b"\x03") + b"\x09"), "padding", ["字节不一致"]),
        (aes(pack(b"success").ljust(64, b"\0")), "padding", ["补零", "zero padding"]),
        (aes(pad(pack(b"success")), ecb=True), "padding", ["AES-ECB"]),
        (aes(pad(b"r" * 16 + b"success" + SUITE_KEY.encode())), "length", ["4 字节长度"]),
        (
            aes(pad(b"\0\0\0\x07success" + SUITE_KEY.encode())),
            "length",
            ["16 字节随机数", "16 random bytes"],
        ),
        (
            aes(pad(b"r" * 16 + b"\x07\0\0\0success" + SUITE_KEY.encode())),
            "length",
            ["little-endian"],
        ),
    ],
)
def test_a_message_that_does_not_open_is_taken_apart(
    encrypt: str, step: str, words: list[str]
) -> None:
    verdict = refused(fields(encrypt), step, *words)
    assert verdict.code == 71009


def test_a_message_without_padding_is_recognised() -> None:
    text = b"success".ljust(64 - 20 - len(SUITE_KEY), b"!")
    refused(fields(aes(pack(text))), "padding", "没有补位", "no padding")


@pytest.mark.parametrize(
    ("key_id", "keys", "words"),
    [
        (CREATE_SUITE_KEY, KEYS, ["仍在使用 CREATE_SUITE_KEY", "left in place", CREATE_SUITE_KEY]),
        (SUITE_KEY, Keys(TOKEN, AES_KEY, CREATE_SUITE_KEY), ["尚未创建", "does not exist yet"]),
        ("ding6ccabc44d2c8d38b", KEYS, ["corpid 或 appKey", "ding6ccabc44d2c8d38b"]),
        ("suiteffffffffffffffff", KEYS, ["另一个套件", "suiteffffffffffffffff"]),
        ("", KEYS, ["没有拼接", "No $key"]),
        (f" {SUITE_KEY}", KEYS, ["空白", "white space"]),
        (SUITE_KEY.upper(), KEYS, ["大小写", "case"]),
        (f"{SUITE_KEY}\x03\x03", KEYS, ["2 characters follow"]),
        ("my app", KEYS, ["third argument"]),
    ],
)
def test_the_wrong_key_id_is_shown_with_the_expected_one(
    key_id: str, keys: Keys, words: list[str]
) -> None:
    body = fields(aes(pad(pack(b"success", key_id))))
    verdict = refused(body, "key_id", "900010", keys.key_id, *words, keys=keys)
    assert verdict.faq == "F52"
    assert verdict.decrypted == "success"


@pytest.mark.parametrize("secret", [TOKEN, AES_KEY, "kK2-very-secret-suite-secret-1234"])
def test_a_secret_used_as_key_id_is_never_shown(secret: str) -> None:
    verdict = refused(fields(aes(pad(pack(b"success", secret)))), "key_id")
    assert secret not in verdict.reason
    assert verdict.decrypted == "success"


def test_a_length_in_characters_is_told_from_one_in_bytes() -> None:
    text = "成功".encode()
    refused(fields(aes(pad(pack(text, size=2)))), "key_id", "UTF-8 字节数", "UTF-8 bytes")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("success\n", ["空白或换行"]),
        ('"success"', ["引号", "JSON-encoded"]),
        ("SUCCESS", ["大小写"]),
        ("fail", ["'fail'"]),
        ("", ["空文本"]),
        ("LPIdSnlF", ["Random"]),
        ('{"EventType":"suite_ticket"}', ["事件原文", "the event itself"]),
    ],
)
def test_another_plain_text_is_shown_beside_the_expected_one(text: str, words: list[str]) -> None:
    verdict = refused(fields(aes(pad(pack(text.encode())))), "plain", "success", *words)
    assert (verdict.code, verdict.expected) == (71009, "success")
    assert verdict.decrypted == text.strip()


def test_plain_text_that_is_not_utf8_is_refused_in_words() -> None:
    refused(fields(aes(pad(pack(b"\xff\xfe\x00")))), "plain", "UTF-8")


# --- always -----------------------------------------------------------------------------------


@given(st.binary(max_size=400))
def test_any_bytes_as_a_body_end_in_a_verdict(body: bytes) -> None:
    verdict = judge(answer(body), KEYS)
    assert not verdict.ok
    assert verdict.zh
    assert verdict.en


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from(["msg_signature", "timeStamp", "timestamp", "nonce", "encrypt", "x"]),
        json_values,
    )
)
def test_any_values_in_the_fields_end_in_a_verdict(body: dict[str, Any]) -> None:
    assert not judge(answer(body), KEYS).ok


@given(st.binary(max_size=100), st.booleans())
def test_any_signed_message_ends_in_a_verdict(message: bytes, aligned: bool) -> None:
    buffer = pad(message) if aligned else message
    encrypt = aes(buffer[: len(buffer) // 16 * 16])
    assert judge(answer(fields(encrypt or "x")), KEYS).ok is False


def test_a_record_keeps_what_was_decrypted_or_else_the_beginning_of_the_answer() -> None:
    found = answer()
    kept = record(found, judge(found, KEYS))
    assert (kept.outcome, kept.reply, kept.reason, kept.latency_ms) == (
        "delivered",
        "success",
        "",
        3,
    )
    page = answer("<html>" + "x" * 9000)
    kept = record(page, judge(page, KEYS))
    assert kept.outcome == "failed"
    assert kept.reply.startswith("<html>xx")
    assert len(kept.reply) == 500
    assert " / " in kept.reason


def test_a_key_ring_reuses_ciphers_and_forgets_the_idlest() -> None:
    ring = KeyRing(size=2)
    first = ring.get(TOKEN, AES_KEY, "a")
    ring.get(TOKEN, AES_KEY, "b")
    assert ring.get(TOKEN, AES_KEY, "a") is first
    ring.get(TOKEN, AES_KEY, "c")
    assert ring.get(TOKEN, AES_KEY, "a") is first
    assert len(ring) == 2
    with pytest.raises(CallbackError):
        ring.get(TOKEN, "short", "a")
    assert AES_KEY not in repr(first)
    assert TOKEN not in repr(first)
