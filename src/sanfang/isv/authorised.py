"""A corp that authorised the suite, as handlers see it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .records import Agent, CorpRecord, CorpState

if TYPE_CHECKING:
    from sanfang.client import AsyncClient


class AuthorisedCorp:
    """A corp and the way to call the platform in its name.

    A picture of the moment it was made; ask ``app.corp(corp_id)`` for a new one.
    """

    __slots__ = ("_client", "_loop", "_record")

    def __init__(
        self,
        record: CorpRecord,
        client: Callable[[str], AsyncClient],
        loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        self._record = record
        self._client = client
        self._loop = loop

    @property
    def corp_id(self) -> str:
        """The CorpId."""
        return self._record.corp_id

    @property
    def corp_name(self) -> str:
        """The corp's name, empty before it was asked for."""
        return self._record.corp_name

    @property
    def state(self) -> CorpState:
        """How far its authorisation has come."""
        return self._record.state

    @property
    def active(self) -> bool:
        """Whether its people can use the apps."""
        return self._record.state is CorpState.ACTIVE

    @property
    def user_id(self) -> str:
        """The administrator who authorised."""
        return self._record.user_id

    @property
    def agents(self) -> list[Agent]:
        """Its micro-apps."""
        return list(self._record.agents)

    @property
    def agent_ids(self) -> list[int]:
        """The agentids of its micro-apps; they differ from corp to corp."""
        return [agent.agent_id for agent in self._record.agents]

    def client(self) -> AsyncClient:
        """Return the client bound to this corp."""
        return self._client(self.corp_id)

    async def call(
        self,
        path: str,
        /,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        **params: Any,
    ) -> dict[str, Any]:
        """Call an API with this corp's token; see `sanfang.client.AsyncClient.call`."""
        return await self.client().call(path, query=query, body=body, **params)

    def call_sync(self, path: str, /, **params: Any) -> dict[str, Any]:
        """The same for sync handlers, which run in a thread; waits for the answer."""
        if self._loop is None:
            raise RuntimeError("应用尚未启动 / the app is not running")
        return asyncio.run_coroutine_threadsafe(self.call(path, **params), self._loop).result()

    def __repr__(self) -> str:
        return f"<AuthorisedCorp {self.corp_id} {self.corp_name!r} {self.state.value}>"
