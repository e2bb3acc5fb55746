"""Callback encryption under the name that `dingtalk-sdk` gave it; the work is `protocol.crypto`'s.

Different on purpose: signatures are compared in constant time, the padding is checked, and
anything that cannot be opened is a `DingTalkException`.
"""

from __future__ import annotations

import json
from typing import Any

from sanfang.protocol.crypto import CallbackCipher, CallbackError

from ..core.exceptions import (
    DingTalkException,
    InvalidCorpIdOrSuiteKeyException,
    InvalidSignatureException,
)
from ..core.utils import to_text

_SIGNATURE = 900005
_OTHER_KEY = 900010


class DingTalkCrypto:
    """Encrypt and decrypt callback messages. Without an ``encoding_aes_key`` it can do neither."""

    def __init__(
        self, token: str | None, encoding_aes_key: str | None, corpid_or_suitekey: str
    ) -> None:
        self._cipher: CallbackCipher | None = None
        if encoding_aes_key:
            try:
                self._cipher = CallbackCipher(token or "", encoding_aes_key, corpid_or_suitekey)
            except CallbackError as problem:
                raise DingTalkException(problem.code, str(problem)) from None

    def encrypt_message(
        self, msg: str | bytes, nonce: Any = None, timestamp: Any = None
    ) -> dict[str, str]:
        """Return msg_signature, encrypt, timeStamp and nonce of a message."""
        try:
            sealed = self._ready().seal(
                msg,
                timestamp=to_text(timestamp) if timestamp else None,
                nonce=None if nonce is None else to_text(nonce),
            )
        except CallbackError as problem:
            raise DingTalkException(problem.code, str(problem)) from None
        return {
            "msg_signature": sealed.signature,
            "encrypt": sealed.encrypt,
            "timeStamp": sealed.timestamp,
            "nonce": sealed.nonce,
        }

    def decrypt_message(self, msg: Any, signature: Any, timestamp: Any, nonce: Any) -> str:
        """Return the text of a push, given its body as text or as a dict."""
        try:
            encrypt = (msg if isinstance(msg, dict) else json.loads(msg))["encrypt"]
        except (TypeError, ValueError, KeyError):
            raise DingTalkException(900008, "消息中没有 encrypt / no encrypt in it") from None
        return self.decrypt_encrypt_str(signature, timestamp, nonce, encrypt)

    def decrypt_encrypt_str(
        self, signature: Any, timestamp: Any, nonce: Any, encrypt_str: Any
    ) -> str:
        """Return the text of an encrypted one."""
        texts = (to_text(each) for each in (encrypt_str, signature, timestamp, nonce))
        try:
            return self._ready().open(*texts).decode()
        except CallbackError as problem:
            if problem.code == _SIGNATURE:
                raise InvalidSignatureException from problem
            if problem.code == _OTHER_KEY:
                raise InvalidCorpIdOrSuiteKeyException from problem
            raise DingTalkException(problem.code, str(problem)) from None
        except UnicodeError:
            raise DingTalkException(900008, "明文不是 UTF-8 / the text is not UTF-8") from None

    def _ready(self) -> CallbackCipher:
        if self._cipher is None:
            raise DingTalkException(900004, "没有给出 aes_key / no aes_key was given")
        return self._cipher
