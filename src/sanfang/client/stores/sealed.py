"""A store around a store, that keeps nothing in the clear."""

from __future__ import annotations

import base64
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..errors import BadCall, StoreFailed
from ..tokens import Token, TokenKey
from .common import DurableStore, Store, checked, key_text, text_of

_MARK = "sealed1:"
_NONCE = 12


class SealedStore:
    """Encrypt what another store keeps, with AES-256-GCM and a key that is not in that store.

    ``secret`` is 32 random bytes, or a text of at least 32 characters with as much chance in it
    (no password: nothing slows a guess down). What is sealed belongs to its key: a token or code
    moved to another tenant's place does not open. Whoever changes the secret must empty the store.
    """

    def __init__(self, store: Store, secret: bytes | str) -> None:
        raw = secret.encode() if isinstance(secret, str) else secret
        if len(raw) < 32:
            raise BadCall("密钥至少 32 字节 / the secret must have at least 32 bytes")
        self._store = store
        self._cipher = AESGCM(hashlib.sha256(b"sanfang.client.stores\0" + raw).digest())
        if isinstance(store, DurableStore):
            self.platform = store.platform

    # -- tokens -----------------------------------------------------------------------------

    def get(self, key: TokenKey, /) -> Token | None:
        held = self._store.get(key)
        return held and held._replace(value=self._open(held.value, key_text(key)))

    def lease(self, key: TokenKey, seconds: float, /) -> int | None:
        return self._store.lease(key, seconds)

    def extend(self, key: TokenKey, fence: int, seconds: float, /) -> bool:
        return self._store.extend(key, fence, seconds)

    def release(self, key: TokenKey, fence: int, /) -> None:
        self._store.release(key, fence)

    def put(self, key: TokenKey, token: Token, fence: int | None = None, /) -> bool:
        sealed = token._replace(value=self._seal(token.value, key_text(key)))
        return self._store.put(key, sealed, fence)

    def delete_if(self, key: TokenKey, value: str, /) -> bool:
        held = self._store.get(key)
        if held is None or self._open(held.value, key_text(key)) != value:
            return False
        return self._store.delete_if(key, held.value)

    # -- tickets and permanent codes --------------------------------------------------------

    def ticket(self, suite_key: str, /) -> str | None:
        held = self._store.ticket(suite_key)
        return held and self._open(held, text_of("ticket", suite_key))

    def save_ticket(self, suite_key: str, ticket: str, /) -> None:
        sealed = self._seal(checked("ticket", ticket), text_of("ticket", suite_key))
        self._store.save_ticket(suite_key, sealed)

    def permanent_code(self, suite_key: str, corp_id: str, /) -> str | None:
        held = self._store.permanent_code(suite_key, corp_id)
        return held and self._open(held, text_of("code", suite_key, corp_id))

    def save_permanent_code(self, suite_key: str, corp_id: str, code: str, /) -> None:
        sealed = self._seal(checked("code", code), text_of("code", suite_key, corp_id))
        self._store.save_permanent_code(suite_key, corp_id, sealed)

    def forget_corp(self, suite_key: str, corp_id: str, /) -> None:
        self._store.forget_corp(suite_key, corp_id)

    # -- the seal ---------------------------------------------------------------------------

    def _seal(self, text: str, place: str) -> str:
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, text.encode(), place.encode())
        return _MARK + base64.b64encode(sealed).decode("ascii")

    def _open(self, text: str, place: str) -> str:
        try:
            if not text.startswith(_MARK):
                raise ValueError(text[:0])
            raw = base64.b64decode(text.removeprefix(_MARK), validate=True)
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], place.encode()).decode()
        except (InvalidTag, ValueError):
            raise StoreFailed(
                "SealedStore",
                "存的内容打不开：密钥换过，或它不是本存储写的",
                "what is kept does not open: the secret was changed, or somebody else wrote it",
            ) from None

    def close(self) -> None:
        """Close the store inside, if it can be."""
        close = getattr(self._store, "close", None)
        if close is not None:
            close()

    def __repr__(self) -> str:
        return f"<SealedStore of {self._store!r}>"
