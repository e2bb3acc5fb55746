"""The check of dd.config, frames and a member's inbox, against an empty function.

    .venv/bin/python benchmarks/jsapi.py [--calls 3000] [--messages 50000]

In one process, on SQLite in a folder of its own, as ``sanfang serve`` has it. Rounds of everything
are interleaved; per call: median and 99th percentile of the microseconds. What fails is explained by
trying mistakes, so it costs more; it is bounded (page_trials.MOST_BYTES) and done in a thread.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sanfang.platform.domain import (
    contacts,
    conversations,
    corps,
    desks,
    frames,
    inbox,
    messages,
    micro_apps,
    page_config,
    tokens,
)
from sanfang.platform.domain.clock import Clock
from sanfang.platform.domain.core import Core, ProbeResult, Settings
from sanfang.platform.domain.micro_apps import NEW, AppForm
from sanfang.platform.domain.model import Identity
from sanfang.platform.store import open_durable, open_hot
from sanfang.platform.store.ports import Tx
from sanfang.protocol.signatures import jsapi_signature, same

PAGE = "http://app.example:8000/board?corpid=dingx&from=robot"
SEEN = "http://app-1-android.sanfang.localhost:8000/board?corpid=dingx&from=robot"
ROUNDS = 10
Work = Callable[[], Awaitable[object]]


async def probe(url: str, **_: Any) -> ProbeResult:
    return ProbeResult(ok=True)


async def empty() -> None:
    pass


async def measure(works: dict[str, tuple[Work, int]]) -> None:
    took: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, (work, calls) in works.items():
            for _ in range(max(1, calls // ROUNDS)):
                start = time.perf_counter()
                await work()
                took[name].append((time.perf_counter() - start) * 1e6)
    base = statistics.median(took["an empty async function"])
    print(f"{'':48}{'us':>10}{'p99 us':>10}{'x empty':>10}")
    for name, times in took.items():
        median, last = statistics.median(times), sorted(times)[int(len(times) * 0.99)]
        print(f"{name:48}{median:>10.1f}{last:>10.1f}{median / base:>10.0f}")


async def filled(core: Core, corp_id: str, many: int) -> None:
    """Give jia a full inbox: notifications of an app, and half as many in a conversation."""
    identity_of = Identity("internal", corp_id, "app", 1)
    cid = await conversations.open_conversation(core, corp_id, ["jia", "yi"])
    for start in range(0, many, 1000):

        async def body(tx: Tx) -> None:
            for number in range(1000):
                draft = messages.Draft(
                    corp_id=corp_id,
                    msgtype="text",
                    body={"content": f"消息 {number}"},
                    agent_id=0 if number % 2 else 1,
                    app=identity_of.app_key,
                    sender="yi" if number % 2 else "",
                    cid=cid if number % 2 else "",
                )
                await messages.deliver(tx, core, draft, {"jia"})

        await core.durable.transact(body)
        del start


async def main(calls: int, many: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        durable = await open_durable(Path(folder) / "durable.db")
        hot = await open_hot(Path(folder) / "hot.db")
        core = Core(durable, hot, Clock(), Settings(), probe)
        corp = await corps.create_corp(core, "示例公司")
        for userid in ("jia", "yi", "bing"):
            await contacts.create_member(core, corp.corp_id, name=userid, userid=userid)
        form = AppForm(name="签到看板", description="d", home_url="http://app.example:8000/")
        app = await micro_apps.create_app(core, corp.corp_id, form, NEW)
        identity = Identity("internal", corp.corp_id, app.app_key, app.agent_id)
        ticket, _ = await tokens.jsapi_ticket(core, identity)
        token = await desks.open_desk(core, corp.corp_id, "jia")
        frame, _ = await frames.open_frame(core, token, app.agent_id, "android")
        await filled(core, corp.corp_id, many)
        try:
            await measure(works(core, frame, token, ticket, calls))
        finally:
            await durable.close()
            await hot.close()


def works(
    core: Core, frame: frames.Frame, token: str, ticket: str, calls: int
) -> dict[str, tuple[Work, int]]:
    def config(url: str) -> dict[str, Any]:
        return {
            "agentId": str(frame.agent_id),
            "corpId": frame.corp_id,
            "timeStamp": 1414588745,
            "nonceStr": "Zn4zmLFKD0wzilzM",
            "signature": jsapi_signature(ticket, "Zn4zmLFKD0wzilzM", 1414588745, url),
            "jsApiList": ["biz.contact.choose", "device.geolocation.get", "biz.ding.post"],
        }

    first, last = config(SEEN), config(PAGE)
    urls = [f"{SEEN}#/home", f"{PAGE}#/home"]
    corp_id = frame.corp_id

    async def bare() -> None:
        """What every verifier has to do: one digest, one comparison."""
        computed = jsapi_signature(ticket, "Zn4zmLFKD0wzilzM", 1414588745, SEEN)
        assert same(computed, str(first["signature"]))

    def checked(fields: dict[str, Any], *, ok: bool) -> Work:
        async def work() -> None:
            assert (await page_config.check(core, frame, fields, urls=urls)).ok is ok

        return work

    def searched(fields: dict[str, Any]) -> Work:
        async def work() -> None:
            core.clock.travel(3100)  # as often as a frame may ask
            outcome = await page_config.check(core, frame, fields, urls=urls)
            assert not outcome.ok

        return work

    async def whole() -> None:
        mine = await frames.get_frame(core, token, frame.frame_id)
        outcome = await page_config.check(core, mine, first, urls=urls)
        await frames.set_granted(core, mine, outcome.granted)

    few = max(20, calls // 30)
    return {
        "an empty async function": (empty, calls),
        "one digest and comparison": (bare, calls),
        "page_config.check, the page's address": (checked(first, ok=True), calls),
        "page_config.check, the app's own address": (checked(last, ok=True), calls),
        "frame read, checked, granted": (whole, calls),
        "refused, # was signed": (searched(config(f"{PAGE}#/home")), few),
        "refused, no mistake we know": (searched(first | {"signature": "a" * 40}), few),
        "inbox.changes, nothing new": (
            lambda: inbox.changes(core, corp_id, "jia", 2**50),
            calls,
        ),
        "inbox.conversations": (lambda: inbox.conversations(core, corp_id, "jia"), few),
        "inbox.messages, a page of 30": (
            lambda: inbox.messages(core, corp_id, "jia", "app:1"),
            few,
        ),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=3000)
    parser.add_argument("--messages", type=int, default=50_000)
    given = parser.parse_args()
    asyncio.run(main(given.calls, given.messages))
