"""The built-in lifecycle: carry out what `steps` decides, storing each result before the next.

The one gap that storing cannot close is between the platform using up a temporary code and our
disk. It shows as 40078 with nothing stored, and is bridged by the signed form, which needs no
permanent code: if get_auth_info answers, the authorisation is alive and goes on from there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec

from sanfang.client import CallRefused
from sanfang.protocol.events import Event, SuiteTicket, TmpAuthCode

from . import steps
from .inbox import UNKNOWN_CORP
from .outcomes import GiveUp, Moved, Superseded, WaitForTicket
from .records import CorpRecord, CorpState, Records
from .suite_file import SuiteFile

USED_UP = frozenset({40078, 42008})
"""The temporary code is used, unknown or timed out."""

GONE = frozenset({41030, 48004, 40079})
"""The corp does not, or no longer, authorise the suite."""

DEAD_CODE = GONE | {40084, 41031}
"""Refusals that may be the fault of a permanent code from an earlier authorisation."""


class SuiteClient(Protocol):
    """What the lifecycle needs of `sanfang.client.AsyncClient`."""

    async def get_permanent_code(self, tmp_auth_code: str) -> dict[str, Any]: ...

    async def auth_info(self, corp_id: str) -> dict[str, Any]: ...

    async def agent(self, corp_id: str, agent_id: int | str) -> dict[str, Any]: ...

    async def activate(self, corp_id: str) -> dict[str, Any]: ...

    async def forget(self, corp_id: str) -> None: ...


class Lifecycle:
    """Bring every authorisation to its end state."""

    def __init__(
        self,
        records: Records,
        suite: SuiteFile,
        client: Callable[[], SuiteClient],
    ) -> None:
        self._records = records
        self._suite = suite
        self._client = client

    async def advance(self, event_id: int, event: Event, lane: str) -> tuple[steps.Kind, ...]:
        """Do everything that an event asks for; gives the kinds of handlers to run after it.

        Safe to repeat after an interruption at any point. Raises `Superseded`, `Moved`,
        `WaitForTicket`, `GiveUp`, or what the client raises.
        """
        if isinstance(event, SuiteTicket):
            self._refuse_older(event)
            return ()
        if not isinstance(event, steps.CONCERNED):
            return ()
        corp_id = "" if lane.startswith(UNKNOWN_CORP) else lane
        while True:
            record = self._records.get(corp_id)
            step = steps.next_step(event_id, event, record)
            if isinstance(step, steps.Finish):
                return step.kinds
            await self._do(step, event_id, event, record)

    def _refuse_older(self, event: SuiteTicket) -> None:
        # The ticket itself was stored when it came in, so that nothing in a lane can delay it.
        held = self._suite.held_ticket()
        if held is None or held.value == event.suite_ticket:
            return
        if 0 < (event.timestamp or 0) < held.time:
            raise Superseded("已有更新的 suite_ticket / a newer suite_ticket is held")

    async def _do(self, step: steps.Step, event_id: int, event: Event, record: CorpRecord) -> None:
        match step:
            case steps.Store(changed, forget):
                if forget:
                    await self._client().forget(record.corp_id)
                await self._records.save(changed)
            case steps.Exchange():
                assert isinstance(event, TmpAuthCode)
                await self._exchange(event_id, event, record)
            case steps.Describe():
                await self._describe(event_id, record)
            case steps.Activate():
                await self._about(record, lambda client: client.activate(record.corp_id))
                await self._records.save(steps.activated(record, event_id))

    async def _exchange(self, event_id: int, event: TmpAuthCode, record: CorpRecord) -> None:
        self._need_ticket()
        time = event.timestamp or 0
        try:
            # The suite file stores code, record and lane in one commit, inside this call.
            with self._suite.exchanging(event_id, time):
                answer = await self._client().get_permanent_code(event.auth_code)
        except CallRefused as refusal:
            if refusal.code in GONE:
                raise Superseded(_gone(refusal)) from refusal
            if refusal.code not in USED_UP:
                raise
            if not record.corp_id:
                raise self._lost(event_id) from refusal
            await self._about(record, lambda client: client.auth_info(record.corp_id))
            await self._records.save(steps.recovered(record, event_id, time))
            return
        corp_id = answer["auth_corp_info"]["corpid"]
        if corp_id != record.corp_id:
            raise Moved(corp_id)

    def _lost(self, event_id: int) -> Exception:
        if self._records.relieved_since(event_id):
            return Superseded("企业已解除授权 / the corp has ended the authorisation")
        return GiveUp(
            "临时授权码已被使用，而这条 2016 年格式的推送没有 AuthCorpId，不知道是哪个企业。"
            "该企业的下一次 change_auth 会自动补上；或请企业解除授权后重新授权（FAQ F44、F45）。"
            " / The temporary code is used up, and a push in the form of 2016 does not name the corp. "
            "The corp's next change_auth repairs this by itself; or let it relieve and authorise "
            "again (FAQ F44, F45)."
        )

    async def _describe(self, event_id: int, record: CorpRecord) -> None:
        self._need_ticket()
        corp_id = record.corp_id
        info = await self._about(record, lambda client: client.auth_info(corp_id))
        closes: dict[int, int | None] = {}
        for agent_id in steps.agents_in(info):
            closes[agent_id] = steps.close_of(await self._agent(record, agent_id))
        await self._records.save(steps.described(record, event_id, info, closes))

    async def _agent(self, record: CorpRecord, agent_id: int) -> dict[str, Any]:
        return await self._about(record, lambda client: client.agent(record.corp_id, agent_id))

    def _need_ticket(self) -> None:
        if self._suite.held_ticket() is None:
            raise WaitForTicket(
                "还没有收到 suite_ticket，等它来 / no suite_ticket yet; waiting for the push"
            )

    async def _about(
        self, record: CorpRecord, call: Callable[[SuiteClient], Awaitable[dict[str, Any]]]
    ) -> dict[str, Any]:
        """Make a call about a corp; if the stored permanent code is refused, do without it."""
        corp_id = record.corp_id
        try:
            try:
                return await call(self._client())
            except CallRefused as refusal:
                if refusal.code not in DEAD_CODE or self._records.permanent_code(corp_id) is None:
                    raise
            with self._suite.without_code():
                answer = await call(self._client())
            self._records.set_code(corp_id, None)
            return answer
        except CallRefused as refusal:
            if refusal.code not in GONE:
                raise
            if record.state in (CorpState.AUTHORISED, CorpState.DESCRIBED):
                gone = msgspec.structs.replace(record, state=CorpState.RELIEVED)
                await self._records.save(gone)
            raise Superseded(_gone(refusal)) from refusal


def _gone(refusal: CallRefused) -> str:
    return f"企业未授权或已解除授权 / the corp does not, or no longer, authorise: {refusal.code}"
