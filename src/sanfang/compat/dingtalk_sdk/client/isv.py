"""A suite and the corps that authorised it."""

from __future__ import annotations

from typing import Any

from sanfang.client import Suite, TokenKey

from ..core.constants import SuitePushType
from ..core.utils import ObjectDict, json_loads
from ..crypto import DingTalkCrypto
from ..storage import BaseStorage
from ..storage.cache import ISVCache
from ..storage.stores import other_name
from . import DingTalkClient
from .base import BaseClient
from .channel import ChannelClient

_OF_A_CORP = {"isv_corp": "access_token", "jsapi_ticket": "jsapi_ticket"}

__all__ = ["ISVChannelClient", "ISVClient", "ISVDingTalkClient"]


class _Codes:
    """What the suite was told only once, as `sanfang.client` asks for it.

    It goes through the client's own methods, because programs override them to look in a database.
    """

    def __init__(self, client: ISVClient) -> None:
        self._client = client

    def ticket(self, suite_key: str, /) -> str | None:
        value = self._client.cache.suite_ticket.get()
        return value if isinstance(value, str) else None

    def save_ticket(self, suite_key: str, ticket: str, /) -> None:
        self._client.set_suite_ticket(ticket)

    def permanent_code(self, suite_key: str, corp_id: str, /) -> str | None:
        value = self._client.get_permanent_code_from_cache(corp_id)
        return value if isinstance(value, str) else None

    def save_permanent_code(self, suite_key: str, corp_id: str, code: str, /) -> None:
        self._client.cache.permanent_code.set(corp_id, code)

    def forget_corp(self, suite_key: str, corp_id: str, /) -> None:
        self._client.cache.permanent_code.delete(corp_id)
        self._client.cache.ch_permanent_code.delete(corp_id)


class ISVClient(BaseClient):
    """A suite. Give a ``storage`` that lasts: what it was told once cannot be asked for again."""

    _has_groups = False

    def __init__(
        self,
        suite_key: str,
        suite_secret: str,
        token: str | None = None,
        aes_key: str | None = None,
        storage: BaseStorage | None = None,
        timeout: Any = None,
        auto_retry: bool = True,
    ) -> None:
        super().__init__(storage, timeout, auto_retry)
        self.suite_key = suite_key
        self.suite_secret = suite_secret
        self.cache = ISVCache(self.storage, f"isv:{suite_key}")
        self.crypto = DingTalkCrypto(token, aes_key, suite_key)
        self._open(Suite(suite_key, suite_secret), _Codes(self))

    def _token_name(self, key: TokenKey) -> str:
        if key.kind == "suite":
            return self.cache.suite_access_token.key_name()
        if key.kind in _OF_A_CORP and key.corp:
            return f"isv_auth:{self.suite_key}:corp_id:{key.corp}:{_OF_A_CORP[key.kind]}"
        return other_name(self.cache.prefix, key)

    # -- what is pushed ---------------------------------------------------------------------

    def set_suite_ticket(self, suite_ticket: str) -> None:
        """Remember the suite_ticket; it has no expiry of its own."""
        self.cache.suite_ticket.set(value=suite_ticket)

    def parse_message(self, msg: Any, signature: Any, timestamp: Any, nonce: Any) -> Any:
        """Decrypt a push and act on it: a ticket, a temporary code, the end of an authorisation.

        What goes wrong is raised, so that the push is answered with an error and comes again:
        `dingtalk-sdk` logs it, answers success, and the code is lost.
        """
        text = self.crypto.decrypt_message(msg, signature, timestamp, nonce)
        try:
            message = json_loads(text)
        except ValueError:
            return text
        self.proc_message(message)
        return message

    def proc_message(self, message: Any) -> None:
        """Act on a push that was decrypted."""
        if not isinstance(message, dict):
            return
        kind = message.get("EventType")
        if kind == SuitePushType.SUITE_TICKET.value:
            if message.get("SuiteTicket"):
                self.set_suite_ticket(message["SuiteTicket"])
        elif kind == SuitePushType.TMP_AUTH_CODE.value:
            message["__permanent_code_data"] = self.get_permanent_code(message.get("AuthCode"))
        elif kind == SuitePushType.SUITE_RELIEVE.value and message.get("AuthCorpId"):
            self._client.forget(message["AuthCorpId"])

    def get_permanent_code_from_cache(self, corp_id: str) -> Any:
        """Return a corp's permanent code, or None. Programs override it."""
        return self.cache.permanent_code.get(corp_id)

    def get_ch_permanent_code_from_cache(self, corp_id: str) -> Any:
        """Return the permanent code of a corp's service window, or None."""
        return self.cache.ch_permanent_code.get(corp_id)

    # -- clients of corps -------------------------------------------------------------------

    def get_dingtalk_client(self, corp_id: str) -> ISVDingTalkClient:
        """Return the client of a corp that authorised the suite."""
        return ISVDingTalkClient(corp_id, self)

    def get_channel_client(self, corp_id: str) -> ISVChannelClient:
        """Return the client of a corp's service window."""
        return ISVChannelClient(corp_id, self)

    # -- the suite's calls ------------------------------------------------------------------

    @property
    def suite_access_token(self) -> str:
        """The token in use, fetched if need be."""
        with self._translated():
            return self._client.get_suite_token()

    def get_suite_access_token(self) -> Any:
        """Fetch a token, whatever is in the storage; return the whole answer."""
        body = {
            "suite_key": self.suite_key,
            "suite_secret": self.suite_secret,
            "suite_ticket": self.cache.suite_ticket.get(),
        }
        return self.post("/service/get_suite_token", body)

    def get_permanent_code(self, tmp_auth_code: Any) -> Any:
        """Exchange a temporary code, once; what it was exchanged for is stored before it returns."""
        answer = self.post("/service/get_permanent_code", {"tmp_auth_code": tmp_auth_code})
        corp_id = (answer.get("auth_corp_info") or {}).get("corpid")
        if corp_id:
            for name in ("permanent_code", "ch_permanent_code"):
                if answer.get(name):
                    getattr(self.cache, name).set(corp_id, answer[name])
        return answer

    def activate_suite(self, corp_id: str) -> Any:
        """Activate the suite for a corp."""
        body = {"suite_key": self.suite_key, "auth_corpid": corp_id}
        return self._about(body, corp_id, "activate_suite")

    def get_access_token_by_corpid(self, corp_id: str) -> Any:
        """Fetch a corp's token, whatever is in the storage; return the whole answer."""
        code = self.get_permanent_code_from_cache(corp_id)
        if not code:  # the signed form works without the code
            with self._translated():
                token = self._client.corp(corp_id).get_access_token()
            return ObjectDict(errcode=0, errmsg="ok", access_token=token, expires_in=7200)
        return self._about({"auth_corpid": corp_id}, corp_id, "get_corp_token")

    def get_auth_info(self, corp_id: str) -> Any:
        """Return what a corp authorised."""
        body = {"auth_corpid": corp_id, "suite_key": self.suite_key}
        return self.post("/service/get_auth_info", body)

    def get_agent(self, corp_id: str, agent_id: Any) -> Any:
        """Return a micro-app of a corp."""
        body = {"suite_key": self.suite_key, "auth_corpid": corp_id, "agentid": agent_id}
        return self._about(body, corp_id, "get_agent")

    def _about(self, body: dict[str, Any], corp_id: str, name: str) -> Any:
        code = self.get_permanent_code_from_cache(corp_id)
        return self.post(f"/service/{name}", {**body, "permanent_code": code})

    def get_unactive_corp(self, app_id: Any) -> Any:
        """List the corps where an app is not active yet."""
        return self.post("/service/get_unactive_corp", {"app_id": app_id})

    def reauth_corp(self, app_id: Any, corpid_list: Any) -> Any:
        """Ask corps for their authorisation again."""
        body = {"app_id": app_id, "corpid_list": list(corpid_list)}
        return self.post("/service/reauth_corp", body)

    def set_corp_ipwhitelist(self, corp_id: str, ip_whitelist: Any) -> Any:
        """Set the addresses that a corp's calls may come from."""
        body = {"auth_corpid": corp_id, "ip_whitelist": list(ip_whitelist)}
        return self.post("/service/set_corp_ipwhitelist", body)

    def get_channel_token_by_corpid(self, corp_id: str) -> Any:
        """Fetch the token of a corp's service window."""
        code = self.get_ch_permanent_code_from_cache(corp_id)
        body = {"auth_corpid": corp_id, "ch_permanent_code": code}
        return self.post("/service/get_channel_corp_token", body)


class ISVDingTalkClient(DingTalkClient):
    """A corp that authorised a suite; made by `ISVClient.get_dingtalk_client`."""

    def __init__(self, corp_id: str, isv_client: ISVClient) -> None:
        suite = isv_client
        super().__init__(
            corp_id,
            f"isv_auth:{suite.suite_key}",
            suite.storage,
            suite.timeout,
            suite.auto_retry,
        )
        self.isv_client = isv_client
        self._wire, self._home = suite._wire, suite._home  # noqa: SLF001 - one set of connections
        self._client = suite._client.corp(corp_id)  # noqa: SLF001

    def get_access_token(self) -> Any:
        return self.isv_client.get_access_token_by_corpid(self.corp_id)


class ISVChannelClient(ChannelClient):
    """The service window of a corp that authorised a suite."""

    def __init__(self, corp_id: str, isv_client: ISVClient) -> None:
        suite = isv_client
        prefix = f"isv_channel:{suite.suite_key}:{corp_id}"
        super().__init__(corp_id, prefix, suite.storage, suite.timeout, suite.auto_retry)
        self.isv_client = isv_client
        self._wire, self._home = suite._wire, suite._home  # noqa: SLF001
        self._client = suite._client.corp(corp_id)  # noqa: SLF001

    def get_channel_token(self) -> Any:
        return self.isv_client.get_channel_token_by_corpid(self.corp_id)
