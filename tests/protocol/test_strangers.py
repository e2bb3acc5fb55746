"""Round trips, both directions, with third-party crypto as PyPI has it."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest
from dingtalk.core.exceptions import InvalidCorpIdOrSuiteKeyException, InvalidSignatureException
from dingtalk.crypto import DingTalkCrypto
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException

from sanfang.protocol.crypto import CREATE_SUITE_KEY, CallbackCipher, Sealed, parse_reply

from .wire import AES_KEY, NONCE, TIME, TOKEN, opened

TEXTS = [
    "success",
    "x",
    "你好，三方",
    json.dumps({"EventType": "suite_ticket", "SuiteTicket": "示例票据" * 20}, ensure_ascii=False),
    "x" * 127,
    "x" * 128,
    "汉" * 1500,
    "😀\x00\n\t",
]
TEXT = pytest.mark.parametrize("text", TEXTS, ids=lambda t: f"{t[:8]!r}…{len(t.encode())}")
KEY_ID = pytest.mark.parametrize("key_id", [CREATE_SUITE_KEY, "ding6ccabc44d2c8d38b"])


def ours(key_id: str) -> CallbackCipher:
    return CallbackCipher(TOKEN, AES_KEY, key_id)


@TEXT
@KEY_ID
def test_dingtalk_sdk_reads_what_we_push(text: str, key_id: str) -> None:
    push = ours(key_id).seal(text)
    crypto = DingTalkCrypto(TOKEN, AES_KEY, key_id)
    plain = crypto.decrypt_message(push.body(), push.signature, push.timestamp, push.nonce)
    assert plain == text


@TEXT
@KEY_ID
def test_we_read_what_dingtalk_sdk_replies(text: str, key_id: str) -> None:
    reply = DingTalkCrypto(TOKEN, AES_KEY, key_id).encrypt_message(text)
    sealed = parse_reply(json.dumps(reply).encode(), strict=True).sealed
    assert opened(ours(key_id), sealed).decode() == text


def test_dingtalk_sdk_reads_many_messages_of_one_running_context() -> None:
    cipher, crypto = ours("suite1"), DingTalkCrypto(TOKEN, AES_KEY, "suite1")
    for n in range(50):
        push = cipher.seal(f"message {n}")
        args = (push.signature, push.timestamp, push.nonce, push.encrypt)
        assert crypto.decrypt_encrypt_str(*args) == f"message {n}"


def test_dingtalk_sdk_refuses_another_suites_message_and_a_wrong_signature() -> None:
    push = ours("suite1").seal("success")
    crypto = DingTalkCrypto(TOKEN, AES_KEY, "suite2")
    with pytest.raises(InvalidCorpIdOrSuiteKeyException):
        crypto.decrypt_encrypt_str(push.signature, push.timestamp, push.nonce, push.encrypt)
    with pytest.raises(InvalidSignatureException):
        crypto.decrypt_encrypt_str(push.signature, "1", push.nonce, push.encrypt)


@TEXT
def test_wechatpy_reads_what_we_push(text: str) -> None:
    """A sister platform's library: the same cipher and signature under XML."""
    push = ours("suite1").seal(text)
    crypto = WeChatCrypto(TOKEN, AES_KEY, "suite1")
    body = {"Encrypt": push.encrypt}
    assert crypto.decrypt_message(body, push.signature, push.timestamp, push.nonce) == text


@TEXT
def test_we_read_what_wechatpy_replies(text: str) -> None:
    xml = WeChatCrypto(TOKEN, AES_KEY, "suite1").encrypt_message(text, NONCE, TIME)
    node = ET.fromstring(xml)
    names = ("MsgSignature", "TimeStamp", "Nonce", "Encrypt")
    sealed = Sealed(*(node.findtext(name) or "" for name in names))
    assert opened(ours("suite1"), sealed).decode() == text


def test_wechatpy_refuses_another_apps_message() -> None:
    push = ours("suite1").seal("success")
    with pytest.raises(InvalidAppIdException):
        WeChatCrypto(TOKEN, AES_KEY, "suite2").decrypt_message(
            {"Encrypt": push.encrypt}, push.signature, push.timestamp, push.nonce
        )
