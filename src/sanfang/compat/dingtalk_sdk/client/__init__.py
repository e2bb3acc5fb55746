"""Clients of a corp's own apps."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any

from sanfang.client import AppKey, Client, CorpSecret, TokenKey
from sanfang.protocol.signatures import jsapi_signature
from sanfang.protocol.urls import page_url

from ..core.utils import random_string
from ..crypto import DingTalkCrypto
from ..storage import BaseStorage
from ..storage.cache import DingTalkCache
from ..storage.stores import other_name
from .base import BaseClient

if TYPE_CHECKING:
    from ._groups import Groups  # the groups and their methods, for editors
else:

    class Groups:
        """Nothing: at run time `BaseClient` makes the groups out of the tables."""


__all__ = ["AppKeyClient", "BaseClient", "DingTalkClient", "SecretClient"]


class DingTalkClient(BaseClient, Groups):
    """What a corp's clients have in common; made as one of its subclasses."""

    _client: Client
    cache: DingTalkCache

    def __init__(
        self,
        corp_id: str,
        prefix: str = "client",
        storage: BaseStorage | None = None,
        timeout: Any = None,
        auto_retry: bool = True,
    ) -> None:
        super().__init__(storage, timeout, auto_retry)
        self.corp_id = corp_id
        self.cache = DingTalkCache(self.storage, f"{prefix}:{self.get_access_token_key()}")

    def get_access_token_key(self) -> str:
        """Return what sets this client's values in the storage apart."""
        return f"corp_id:{self.corp_id}"

    def _token_name(self, key: TokenKey) -> str:
        if key.kind == "corp":
            return self.cache.access_token.key_name()
        if key.kind == "jsapi_ticket":
            return self.cache.jsapi_ticket.key_name()
        return other_name(self.cache.prefix, key)

    @property
    def access_token(self) -> str:
        """The token in use, fetched if need be."""
        with self._translated():
            return self._client.get_access_token()

    @property
    def jsapi_ticket(self) -> str:
        """The ticket in use, fetched if need be."""
        with self._translated():
            return self._client.get_jsapi_ticket()

    def get_access_token(self) -> Any:
        """Fetch a token, whatever is in the storage; return the whole answer."""
        raise NotImplementedError

    def get_jsapi_ticket(self) -> Any:
        """Fetch a ticket, whatever is in the storage; return the whole answer."""
        return self.get("/get_jsapi_ticket", {"type": "jsapi"})

    def get_jsapi_params(
        self, url: str, noncestr: str | None = None, timestamp: Any = None
    ) -> dict[str, Any]:
        """Return corpId, timeStamp, nonceStr and signature for ``dd.config``."""
        nonce = noncestr or random_string()
        moment = int(time.time() * 1000) if timestamp is None else timestamp
        signature = jsapi_signature(self.jsapi_ticket, nonce, moment, page_url(url))
        return {
            "corpId": self.corp_id,
            "timeStamp": moment,
            "nonceStr": nonce,
            "signature": signature,
        }


class SecretClient(DingTalkClient):
    """An app of 2015 to 2018: CorpId and CorpSecret."""

    def __init__(
        self,
        corp_id: str,
        corp_secret: str,
        token: str | None = None,
        aes_key: str | None = None,
        storage: BaseStorage | None = None,
        timeout: Any = None,
        auto_retry: bool = True,
    ) -> None:
        self.corp_secret = corp_secret
        super().__init__(corp_id, f"secret:{corp_id}", storage, timeout, auto_retry)
        self.crypto = DingTalkCrypto(token, aes_key, corp_id)
        self._open(CorpSecret(corp_id, corp_secret))

    def get_access_token_key(self) -> str:
        """Return a key that tells two secrets of one corp apart: they have two tokens."""
        mark = hashlib.sha256(self.corp_secret.encode()).hexdigest()[:16]
        return f"corp_id:{self.corp_id}:{mark}"

    def get_access_token(self) -> Any:
        return self._gettoken(corpid=self.corp_id, corpsecret=self.corp_secret)

    def _gettoken(self, **query: str) -> Any:
        return self.get("/gettoken", query)


class AppKeyClient(DingTalkClient):
    """An app since 2018: AppKey and AppSecret."""

    def __init__(
        self,
        corp_id: str,
        app_key: str,
        app_secret: str,
        token: str | None = None,
        aes_key: str | None = None,
        storage: BaseStorage | None = None,
        timeout: Any = None,
        auto_retry: bool = True,
    ) -> None:
        self.app_key = app_key
        self.app_secret = app_secret
        super().__init__(corp_id, f"secret:{corp_id}", storage, timeout, auto_retry)
        self.crypto = DingTalkCrypto(token, aes_key, corp_id)
        self._open(AppKey(app_key, app_secret))

    def get_access_token_key(self) -> str:
        return f"app_key:{self.app_key}"

    def get_access_token(self) -> Any:
        return self.get("/gettoken", {"appkey": self.app_key, "appsecret": self.app_secret})
