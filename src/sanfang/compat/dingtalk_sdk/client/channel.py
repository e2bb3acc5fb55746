"""Service windows (2015 to 2018). No call of this client ever left `dingtalk-sdk`: see the docs."""

from __future__ import annotations

import time
from typing import Any

from sanfang.client import CorpSecret, TokenKey
from sanfang.protocol.signatures import jsapi_signature
from sanfang.protocol.urls import page_url

from ..core.exceptions import DingTalkClientException
from ..core.utils import objects, random_string
from ..storage import BaseStorage
from ..storage.cache import ChannelCache, DingTalkCacheItem
from ..storage.stores import other_name
from .base import BaseClient

_DEAD = frozenset((33001, 40001, 40014, 42001))


class ChannelClient(BaseClient):
    """What the clients of service windows have in common."""

    _has_groups = False

    def __init__(
        self,
        corp_id: str,
        prefix: str = "channel",
        storage: BaseStorage | None = None,
        timeout: Any = None,
        auto_retry: bool = True,
    ) -> None:
        super().__init__(storage, timeout, auto_retry)
        self.corp_id = corp_id
        self.cache = ChannelCache(self.storage, prefix)

    def _token_name(self, key: TokenKey) -> str:
        return other_name(self.cache.prefix, key)

    def get_channel_token(self) -> Any:
        """Fetch a token, whatever is in the storage; return the whole answer."""
        raise NotImplementedError

    @property
    def channel_token(self) -> str:
        """The token in use, fetched if need be."""
        return self._kept(self.cache.channel_token, "access_token")

    @property
    def channel_jsapi_ticket(self) -> str:
        """The ticket in use, fetched if need be."""
        return self._kept(self.cache.jsapi_ticket, "ticket")

    def _kept(self, item: DingTalkCacheItem, field: str) -> str:
        value = item.get()
        if value is None:
            fetch = self.get_channel_token if field == "access_token" else self._ticket
            answer = fetch()
            value = answer[field]
            item.set(value=value, ttl=int(answer.get("expires_in") or 7200))
        return str(value)

    def _ticket(self) -> Any:
        return self.get_channel_jsapi_ticket()

    def _call(self, path: str, **query: Any) -> Any:
        """Call with the window's own token; a dead one is fetched again, once."""
        token = self.channel_token
        try:
            return self._with(token, path, query)
        except DingTalkClientException as refused:
            if refused.errcode not in _DEAD:
                raise
        if self.cache.channel_token.get() == token:
            self.cache.channel_token.delete()
        return self._with(self.channel_token, path, query)

    def _with(self, token: str, path: str, query: dict[str, Any]) -> Any:
        self._wire.expect()
        answer = self._answer("GET", path, {"access_token": token, **query}, None, raw=False)
        return objects(answer)

    def get_channel_jsapi_ticket(self) -> Any:
        """Fetch a ticket for pages of the window."""
        return self._call("/channel/get_channel_jsapi_ticket")

    def get_user_list(self, offset: int = 0, size: int = 100) -> Any:
        """List followers."""
        return self._call("/channel/user/list", offset=offset, size=size)

    def get_by_openid(self, openid: str) -> Any:
        """Return a follower."""
        return self._call("/channel/user/get_by_openid", openid=openid)

    def get_by_code(self, code: str) -> Any:
        """Return the follower who opened a page."""
        return self._call("/channel/user/get_by_code", code=code)

    def get_jsapi_params(
        self, url: str, noncestr: str | None = None, timestamp: Any = None
    ) -> dict[str, Any]:
        """Return corpId, timeStamp, nonceStr and signature for ``dd.config``."""
        nonce = noncestr or random_string()
        moment = int(time.time() * 1000) if timestamp is None else timestamp
        signature = jsapi_signature(self.channel_jsapi_ticket, nonce, moment, page_url(url))
        return {
            "corpId": self.corp_id,
            "timeStamp": moment,
            "nonceStr": nonce,
            "signature": signature,
        }


class SecretChannelClient(ChannelClient):
    """A window with its own secret."""

    def __init__(
        self,
        corp_id: str,
        channel_secret: str,
        storage: BaseStorage | None = None,
        timeout: Any = None,
        auto_retry: bool = True,
    ) -> None:
        super().__init__(corp_id, f"channelsecret:{corp_id}", storage, timeout, auto_retry)
        self.channel_secret = channel_secret
        self._open(CorpSecret(corp_id, channel_secret))

    def get_channel_token(self) -> Any:
        query = {"corpid": self.corp_id, "channel_secret": self.channel_secret}
        return self._with("", "/channel/get_channel_token", query)
