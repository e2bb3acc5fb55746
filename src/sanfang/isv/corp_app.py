"""`CorpApp`: one enterprise's own app. The simple case of a suite's: one corp, authorised already.

Everything is `SuiteApp`'s: data file, inbox, handlers, pages. What differs is who calls (AppKey or
CorpSecret in place of a suite), that the one corp is on record from the start, and that no
suite_ticket is waited for. Pushes are sealed with the CorpId (call_back/register_call_back) or with
the AppKey (the event subscription of newer apps): both are taken.
"""

from __future__ import annotations

import secrets as randomness
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from sanfang.client import AppKey, CorpSecret, Suite

from .app import SuiteApp
from .asgi import Answer, of
from .datafile import DataFile
from .doors import Digest, Form
from .health import Health
from .people import Person
from .records import Agent, CorpState
from .refusals import Refused
from .suite_file import Identity


class CorpApp(SuiteApp):
    """An enterprise's own app: pages, sign-in and calls; with ``token`` and ``aes_key`` events too.

    ::

        app = CorpApp(corp_id="ding...", agent_id=1001, app_key="ding...", app_secret=secret,
                      origins=["https://app.example.com"])
        config = await app.jsapi_config(url, js_api_list=["biz.contact.choose"])
        person = await app.login(code)

    ``app_key`` is left out by an app of 2015 to 2018: then ``app_secret`` is its CorpSecret. ``token``
    and ``aes_key`` are those given to ``call_back/register_call_back``. Everything else is as in
    `SuiteApp`; there is one corp, so ``corp_id`` need not be said again.
    """

    def __init__(
        self,
        *,
        corp_id: str,
        agent_id: int,
        app_secret: str,
        app_key: str | None = None,
        corp_name: str = "",
        token: str | None = None,
        aes_key: str | None = None,
        data: str = ":memory:",
        **options: Any,
    ) -> None:
        for name, value in (("corp_id", corp_id), ("app_secret", app_secret)):
            if not value:
                raise ValueError(f"{name} 为空 / {name} is empty")
        if (token is None) != (aes_key is None):
            raise ValueError(
                "token 与 aes_key 要一起给，或都不给（不接收事件）"
                " / give token and aes_key together, or neither to receive no events"
            )
        self._corp_id = corp_id
        self._own_key = app_key
        self._agent = Agent(agent_id=agent_id, close=1)
        self._corp_name = corp_name
        self._receives = token is not None
        super().__init__(
            suite_key=app_key or corp_id,
            suite_secret=app_secret,
            # Without a registered callback nothing can be genuine: keys that nobody knows.
            token=token or randomness.token_urlsafe(24),
            aes_key=aes_key or randomness.token_hex(22)[:43],
            data=data,
            **options,
        )

    @property
    def corp_id(self) -> str:
        """The corp whose app this is."""
        return self._corp_id

    async def jsapi_config(
        self,
        url: str,
        *,
        corp_id: str = "",
        js_api_list: Iterable[str] | None = None,
        agent_id: int | str | None = None,
        app_id: int | None = None,
        type: int | None = None,  # noqa: A002 - the field's name
        digest: Digest = "sha256",
    ) -> dict[str, Any]:
        """Return exactly what ``dd.config`` takes; see `SuiteApp.jsapi_config`."""
        return await super().jsapi_config(
            url,
            corp_id=corp_id or self._corp_id,
            js_api_list=js_api_list,
            agent_id=agent_id,
            app_id=app_id,
            type=type,
            digest=digest,
        )

    async def jsapi_failed(self, url: str, config: Mapping[str, Any], *, corp_id: str = "") -> bool:
        """Take a page's word that its ``dd.config`` failed; see `SuiteApp.jsapi_failed`."""
        return await super().jsapi_failed(url, config, corp_id=corp_id or self._corp_id)

    async def login(self, code: str, corp_id: str = "", *, form: Form = "auto") -> Person:
        """Exchange the code of ``requestAuthCode`` for the member; see `SuiteApp.login`."""
        return await super().login(code, corp_id or self._corp_id, form=form)

    async def receive(self, query: bytes, body: bytes) -> Answer:
        """Receive one push; see `SuiteApp.receive`."""
        if self._receives:
            return await super().receive(query, body)
        return of(
            Refused(
                404,
                404,
                "No Callback",
                "本应用没有登记事件回调：创建时给 token 与 aes_key，并调用 register_call_back。",
                "This app registered no callback: make it with token and aes_key, and call "
                "register_call_back.",
            )
        )

    def health(self) -> Health:
        """Return the state of things; there is no ticket to wait for."""
        found = super().health()
        problems = [one for one in found.problems if "suite_ticket" not in one]
        return msgspec.structs.replace(found, problems=problems, ok=not problems)

    def __repr__(self) -> str:
        return f"<CorpApp {self._own_key or self._corp_id} of {self._corp_id}>"

    def _open(self) -> DataFile:
        new = self._file is None
        file = super()._open()
        if new:
            record = file.records.get(self._corp_id)
            agents = record.agents or [self._agent]
            if self._agent.agent_id not in {agent.agent_id for agent in agents}:
                agents = [self._agent]
            file.records.put_now(
                msgspec.structs.replace(
                    record,
                    state=CorpState.ACTIVE,
                    corp_name=self._corp_name or record.corp_name,
                    agents=agents,
                )
            )
        return file

    def _other_keys(self) -> tuple[str, ...]:
        return (self._corp_id,) if self._own_key else ()

    def _credentials(self, identity: Identity) -> Suite | AppKey | CorpSecret:
        if self._own_key is None:
            return CorpSecret(self._corp_id, identity.suite_secret)
        return AppKey(identity.suite_key, identity.suite_secret)
