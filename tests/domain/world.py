"""A domain to test in: memory stores, a clock that stands still, a callback URL that always answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from sanfang.platform.domain import corps, developers, suites
from sanfang.platform.domain.clock import Clock
from sanfang.platform.domain.core import Core, ProbeResult, Settings
from sanfang.platform.domain.model import Attempt, Suite
from sanfang.platform.store import open_durable, open_hot
from sanfang.platform.store.ports import Durable, Hot

from ..store.fixtures import durable_address, hot_address

KINDS = ("memory", "postgres+redis")
KIND = [KINDS[0]]  # what `a_core` opens; conftest.py runs every test on each
START = 1_700_000_000_000
AES_KEY = "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij"


class FakeProbe:
    """Answers every URL check the way it is told to."""

    def __init__(self) -> None:
        self.result = ProbeResult(ok=True)
        self.asked: list[tuple[str, str, bytes]] = []

    async def __call__(
        self,
        url: str,
        *,
        token: str,
        aes_key: str,
        key_id: str,
        plain: bytes,
        accept: tuple[str, ...],
    ) -> ProbeResult:
        self.asked.append((url, key_id, plain))
        return self.result


@asynccontextmanager
async def a_core(
    settings: Settings | None = None,
) -> AsyncIterator[Core]:
    """A core over fresh stores of the kind under test."""
    with ExitStack() as stack:
        one, other = await _stores(stack)
        try:
            yield Core(one, other, Clock(frozen_at=START), settings or Settings(), FakeProbe())
        finally:
            await one.close()
            await other.close()


async def _stores(stack: ExitStack) -> tuple[Durable, Hot]:
    if KIND[0] == "memory":
        return await open_durable(None), await open_hot(None)
    nowhere = Path("unused")
    durable = stack.enter_context(durable_address("postgres", nowhere))
    hot = stack.enter_context(hot_address("redis", nowhere))
    return await open_durable(durable), await open_hot(hot)


async def a_suite(core: Core, *, apps: int = 1, **changes: object) -> Suite:
    """A suite of a new developer, with its first ticket waiting in the outbox."""
    corp = await corps.create_corp(core, "示例软件公司")
    developer = await developers.create_developer(core, corp.corp_id, "示例开发者")
    form = suites.SuiteForm(
        name="示例套件",
        token="tok",
        aes_key=AES_KEY,
        callback_url="http://isv.example/callback",
        micro_apps=[
            suites.MicroAppForm(name=f"签到看板{n}", home_url="http://isv.example/")
            for n in range(apps)
        ],
    )
    for name, value in changes.items():
        setattr(form, name, value)
    return await suites.create_suite(core, developer.developer_id, form)


def an_attempt(*, ok: bool, reason: str = "") -> Attempt:
    return Attempt(
        started_at=START,
        latency_ms=1,
        status=200,
        outcome="delivered" if ok else "failed",
        reply="success" if ok else "faile",
        reason=reason,
    )
