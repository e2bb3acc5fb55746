"""Every endpoint of the catalogue, asked badly: always a documented code, never a failure, and never a
refusal that has written something.

The sweep asks each endpoint a fixed set of bad questions; hypothesis makes others.
``SANFANG_FUZZ=20000`` sets how many.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any
from zlib import crc32

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sanfang.catalog import Endpoint, error_codes, load
from sanfang.platform.openapi.handlers import ALL
from sanfang.platform.store.ports import Query
from sanfang.protocol import errors

from ..openapi.world import Reply, World, a_world
from .world import ask, sound

CATALOG = load()
EXAMPLES = int(os.environ.get("SANFANG_FUZZ", "400"))
OURS = {0, 22, 88}
BROKEN = "failed inside"
DEEP: Any = "bottom"
for _ in range(300):
    DEEP = {"a": [DEEP]}
HOSTILE: tuple[Any, ...] = (
    *(
        "",
        " ",
        "x" * 5000,
        "\x01\x7f\n\r",
        "\0",
        "\ud800",
        "a|b,c",
        "{",
        "[1",
        "null",
        "示例",
        "-1",
    ),
    *(-1, 0, 2**31, 2**63, 10**400, 1e308, True, None, [], {}, [None], [[1]], {"a": None}, DEEP),
    *([DEEP], ["x"] * 2000, [{}], [{"id": "\0"}], "9" * 30, "2024-13-99", "%", "../../etc"),
)


async def told(world: World, endpoint: Endpoint, values: dict[str, Any]) -> str:
    """Ask, and return what is wrong with the answer, or an empty text."""
    before = contents(world)
    reply = await ask(world.api, world, endpoint, values)
    code, wrong = judged(endpoint, reply)
    if wrong:
        return f"{endpoint.id}: {wrong}"
    SEEN[str(code)] += 1
    if code and contents(world) != before and not endpoint.id.startswith(_MAY_WRITE):
        return f"{endpoint.id}: refused {code} and yet wrote"
    return ""


async def known(world: World) -> dict[str, Any]:
    """People and things that are there, by the names that fields have for them."""
    await world.sign_in()
    row = await world.core.durable.one(UNIONID, world.corp.corp_id)
    assert row is not None
    people = dict.fromkeys(
        ("userid", "userId", "creatorUserId", "touser", "userid_list"), "manager"
    )
    people |= dict.fromkeys(("unionId", "operatorId", "unionid", "union_id", "operator_id"), row[0])
    things: dict[str, Any] = dict.fromkeys(("agentid", "agent_id", "agentId"), world.app.agent_id)
    things |= dict.fromkeys(("id", "dept_id", "department_id", "deptId", "parentid"), 1)
    things |= {"calendarId": "primary", "corpId": world.corp.corp_id, "msgtype": "text"}
    return {**people, **things}


def sensible(endpoint: Endpoint, there: dict[str, Any]) -> dict[str, Any]:
    """A sound question about what is there, so that it gets past the gate."""
    return {name: there.get(name, value) for name, value in sound(endpoint).items()}


UNIONID = Query("tests.unionid", "SELECT unionid FROM members WHERE corp_id = $1 LIMIT 1")
SEEN: Counter[str] = Counter()
# A refusal of these is itself something to remember: a code that was tried, a push that failed.
_MAY_WRITE = ("oapi_service_", "v1_0_event_suite_ticket", "oapi_call_back_")


def judged(endpoint: Endpoint, reply: Reply) -> tuple[str | int, str]:
    if reply.headers.get("content-type") != "application/json":
        kind = endpoint.response_type or "file"
        fine = reply.status in (200, 302) and kind in ("empty", "binary", "redirect", "file")
        return 0, "" if fine else f"{reply.status} without JSON"
    body = msgspec.json.decode(reply.body)
    if reply.status >= 500 and body.get("code") != "ServiceUnavailable":
        return 0, f"HTTP {reply.status} {body}"
    if BROKEN in reply.headers.get("x-sanfang-explain", ""):
        return 0, "the platform failed"
    if "error_response" in (body if isinstance(body, dict) else {}):
        return body["error_response"]["code"], "" if reply.explained else "no explanation"
    if endpoint.host == "api":
        if reply.status == 200:
            return 0, ""
        whole = set(body) == {"code", "message", "requestid"} and bool(reply.explained)
        return body["code"], "" if whole else f"{reply.status} {body}"
    code = body.get("errcode", 0) if isinstance(body, dict) else 0
    if code not in OURS and errors.lookup(code) is None and code not in error_codes():
        return code, f"undocumented code {code}"
    if code and not reply.explained:
        return code, f"{code} without explanation"
    return code, ""


def contents(world: World) -> bytes:
    """A digest of every table of the durable store."""
    connection = world.core.durable._writer  # type: ignore[attr-defined]
    digest = hashlib.blake2b()
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
        for row in connection.execute(f'SELECT * FROM "{name}"'):
            digest.update(repr(row).encode("utf-8", "replace"))
    return digest.digest()


def bad_questions(endpoint: Endpoint, whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Nothing; what nobody knows; each field in turn hostile, each time with another value."""
    yield {}
    yield whole
    yield {**whole, "nobody_knows": DEEP, "x" * 300: 10**400}
    at = crc32(endpoint.id.encode())
    names = [p.name for p in endpoint.params if p.type != "file" and p.in_ != "header"][:12]
    for number, name in enumerate(names):
        yield {**whole, name: HOSTILE[(at + number) % len(HOSTILE)]}
    if names:
        yield {name: HOSTILE[(at + 7 * n) % len(HOSTILE)] for n, name in enumerate(names)}


def sweep(endpoints: list[Endpoint], *, every: int) -> list[str]:
    """Ask all bad questions, in a new world after every so many endpoints."""

    async def run() -> list[str]:
        wrong: list[str] = []
        for start in range(0, len(endpoints), every):
            async with a_world(SETTINGS) as world:
                there = await known(world)
                for endpoint in endpoints[start : start + every]:
                    whole = sensible(endpoint, there)
                    for values in bad_questions(endpoint, whole):
                        found = await told(world, endpoint, values)
                        wrong += [f"{found} for {str(values)[:300]}"] if found else []
        return wrong

    return asyncio.run(run())


def _settings() -> Any:
    from sanfang.platform.domain.core import Settings

    return Settings(rate_profile="off", call_log=False)


SETTINGS = _settings()
BUILT = [CATALOG.endpoints[handler.endpoint] for handler in ALL]
MADE_UP = [
    CATALOG.endpoints[entry.id]
    for entry in CATALOG.entries
    if entry.id not in {handler.endpoint for handler in ALL}
]


def test_every_endpoint_with_behaviour_survives_every_bad_question() -> None:
    assert sweep(BUILT, every=25) == []


def test_every_synthetic_endpoint_survives_bad_questions() -> None:
    some = MADE_UP[crc32(b"sanfang") % 3 :: 3]  # a third of them: they share their code
    assert sweep(some, every=len(some)) == []


VALUES = st.recursive(
    st.sampled_from(HOSTILE)
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@pytest.fixture(scope="module")
def world(runner: asyncio.Runner) -> Iterator[World]:
    opened = a_world(SETTINGS)
    yield runner.run(opened.__aenter__())  # type: ignore[arg-type]
    runner.run(opened.__aexit__(None, None, None))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def there(runner: asyncio.Runner, world: World) -> dict[str, Any]:
    return runner.run(known(world))


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    endpoint=st.sampled_from(BUILT) | st.sampled_from(MADE_UP),
    data=st.data(),
)
def test_any_values_anywhere(
    runner: asyncio.Runner,
    world: World,
    there: dict[str, Any],
    endpoint: Endpoint,
    data: st.DataObject,
) -> None:
    values = sensible(endpoint, there)
    names = [p.name for p in endpoint.params if p.type != "file" and p.in_ != "header"]
    for name in names:
        choice = data.draw(st.sampled_from(["sound", "bad", "bad", "gone"]), label=name)
        if choice == "bad":
            values[name] = data.draw(VALUES, label=f"{name} =")
        elif choice == "gone":
            values.pop(name, None)
    assert runner.run(told(world, endpoint, values)) == ""
