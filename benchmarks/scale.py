"""What `user/get` and a gate check cost with 10 to 1,000,000 members in 1 to 100,000 corps; start and memory.

    .venv/bin/python benchmarks/scale.py [--members 10,10000,1000000] [--corps 1,1000,100000]

Rows are put straight into a SQLite file, as many as are asked for, in one go. Calls are ASGI calls
in this process: token, whitelist, rate rules, parameters, and for `user/get` the member with places
and roles; each names another member, or comes from another corp's app, so that no single row stays
warm. A gate check is the same call without its userid: all steps, then 41009 instead of the handler. The largest file
is tried last; ratios are to the smallest.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from startup import answered, free_port

NEVER = 10**9
CALLS = 4000  # in a batch
BATCHES = 7
ASKERS = 1000  # corps whose apps call, at most
SEED = 20261123
SECRET = "s" * 64

# Corp 0 holds all members; the others have an app and a root department.
_NUMBERS = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)"
_FILL_CORPS = (
    f"""{_NUMBERS} INSERT INTO corps (corp_id, name, is_authenticated, next_dept_id, created_at)
        SELECT printf('ding%06d', i), printf('示例公司%d', i), 1, 2, 0 FROM n""",
    f"""{_NUMBERS} INSERT INTO corp_apps (app_key, corp_id, agent_id, name, secret, ip_whitelist)
        SELECT printf('key%06d', i), printf('ding%06d', i), 1000 + i, '自建应用', '{SECRET}', '[]'
        FROM n""",
    f"""{_NUMBERS} INSERT INTO departments (corp_id, dept_id, parent_id, name, sort_order)
        SELECT printf('ding%06d', i), 1, 0, printf('示例公司%d', i), 0 FROM n""",
)
_FILL_MEMBERS = (
    f"""{_NUMBERS} INSERT INTO members (corp_id, userid, unionid, name, mobile, email, position,
          jobnumber, is_admin, is_boss, active, created_at)
        SELECT 'ding000000', printf('user%07d', i), printf('union%07d', i), printf('测试员%d', i),
          printf('130%08d', i), '', '工程师', '', 0, 0, 1, 0 FROM n""",
    f"""{_NUMBERS} INSERT INTO member_departments (corp_id, dept_id, userid, is_leader)
        SELECT 'ding000000', 1, printf('user%07d', i), 0 FROM n""",
)


async def world(folder: Path, members: int, corps: int) -> tuple[Any, list[bytes]]:
    """Make a filled platform; return its open API and the tokens of some corps, the large one first."""
    from sanfang.platform.domain import tokens
    from sanfang.platform.domain.clock import Clock
    from sanfang.platform.domain.core import Core, ProbeResult, Settings
    from sanfang.platform.openapi import OpenApi
    from sanfang.platform.store import open_durable, open_hot

    async def probe(*_: object, **__: object) -> ProbeResult:
        return ProbeResult(ok=True)

    path = folder / "scale.db"
    await (await open_durable(path)).close()  # makes the schema
    fill(path, members, corps)
    settings = Settings(
        rate_corp_api=NEVER, rate_isv_api=NEVER, rate_isv_corp_api=NEVER, rate_suite_corp_api=NEVER
    )
    core = Core(
        await open_durable(path), await open_hot(folder / "hot.db"), Clock(), settings, probe
    )
    step = max(1, corps // ASKERS)
    found = [
        (await tokens.app_token(core, f"key{number:06d}", SECRET))[0].encode()
        for number in range(0, corps, step)
    ]
    return OpenApi(core), found


def fill(path: Path, members: int, corps: int) -> None:
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA synchronous = OFF")
        for statement in _FILL_CORPS:
            db.execute(statement, (corps,))
        for statement in _FILL_MEMBERS:
            db.execute(statement, (members,))
        db.execute("ANALYZE")
    db.close()


async def receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


class Caller:
    """Sends ASGI calls one after another; counts answers that are not what they should be."""

    def __init__(self, api: Any) -> None:
        self._api = api
        self.last = b""

    async def _send(self, message: dict[str, Any]) -> None:
        self.last = message.get("body", b"") or self.last

    async def call(self, query: bytes) -> None:
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/user/get",
            "query_string": query,
            "headers": [(b"host", b"127.0.0.1:8080"), (b"user-agent", b"python-requests/2.32.3")],
            "client": ("127.0.0.1", 50000),
            "scheme": "http",
        }
        await self._api(scope, receive, self._send)

    async def cost(self, queries: Sequence[bytes], code: bytes) -> float:
        """Return µs a call: the best batch, since what others do on the machine only slows it down."""
        taken = []
        for _ in range(BATCHES):
            gc.collect()
            begun = time.perf_counter()
            for query in queries:
                await self.call(query)
            taken.append((time.perf_counter() - begun) / len(queries) * 1e6)
            assert self.last.startswith(b'{"errcode":' + code), self.last
        return min(taken)


async def measure(members: int, corps: int) -> tuple[float, float, float, float, float]:
    """Return µs of a read, of a gate check by one app and by many; seconds to fill, MB of the file."""
    with tempfile.TemporaryDirectory() as name:
        folder, begun = Path(name), time.perf_counter()
        api, tokens = await world(folder, members, corps)
        filled = time.perf_counter() - begun
        chosen, caller = random.Random(SEED), Caller(api)
        large = b"&access_token=" + tokens[0]
        reads = [b"userid=user%07d" % chosen.randrange(members) + large for _ in range(CALLS)]
        read = await caller.cost(reads, b"0,")
        one = await caller.cost([large[1:]] * CALLS, b"41009,")
        many = [b"access_token=" + chosen.choice(tokens) for _ in range(CALLS)]
        other = await caller.cost(many, b"41009,")
        size = sum(each.stat().st_size for each in folder.iterdir()) / 1e6
        core = api._core
        await core.durable.close()
        await core.hot.close()
        return read, one, other, filled, size


def start() -> None:
    """Print how soon an empty platform answers, and what it holds in memory then."""
    taken = []
    for _ in range(5):
        with tempfile.TemporaryDirectory() as folder:
            port = free_port()
            command = [sys.executable, "-m", "sanfang.cli", "serve", "--port", str(port)]
            taken.append(answered([*command, "--data", folder], port, "/sanfang/api/health"))
    ms, mb = statistics.median(t for t, _ in taken), statistics.median(m for _, m in taken)
    print(f"\nempty store: first answer after {ms:.0f} ms (target 1000), {mb:.0f} MB (target 100)")


def numbers(text: str) -> list[int]:
    return [int(each) for each in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=numbers, default=[10, 10_000, 1_000_000])
    parser.add_argument("--corps", type=numbers, default=[1, 1_000, 100_000])
    options = parser.parse_args()
    print(
        f"{'members':>10}{'corps':>10}{'user/get us':>13}{'x':>6}{'gate us':>10}{'x':>6}"
        f"{'many apps us':>14}{'x':>6}{'file MB':>9}{'filled in s':>13}"
    )
    first: tuple[float, ...] = ()
    for members, corps in zip(options.members, options.corps, strict=True):
        read, one, many, filled, size = asyncio.run(measure(members, corps))
        first = first or (read, one, many)
        print(
            f"{members:>10,}{corps:>10,}{read:>13.1f}{read / first[0]:>6.2f}{one:>10.1f}"
            f"{one / first[1]:>6.2f}{many:>14.1f}{many / first[2]:>6.2f}{size:>9.0f}{filled:>13.1f}",
            flush=True,
        )
    start()


if __name__ == "__main__":
    main()
