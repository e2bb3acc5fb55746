"""Whatever is sent to the office's APIs, the answer is a documented one, never our own failure."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from sanfang.catalog import Endpoint, Field, load
from sanfang.platform.openapi.handlers import (
    announcements,
    approval_forms,
    approvals,
    attendance,
    calendars,
    check_ins,
    old_approvals,
    old_calendars,
    rooms,
    todos,
)
from sanfang.platform.openapi.handling import Handler

from ..openapi.world import World, story
from .people import hire

FILES = (
    *(announcements, approval_forms, approvals, attendance, calendars, check_ins),
    *(old_approvals, old_calendars, rooms, todos),
)
DEEP: Any = "x"
for _ in range(60):
    DEEP = {"a": [DEEP]}
NASTY: tuple[Any, ...] = (
    *("", "x" * 5000, "\x00", "\x01\r\n", "\ud800", "-1", "[", "[]", "{}", "𝔘"),
    *(0, -1, 1 << 62, 1 << 70, 1e308, 1.5, True, [], [[]], [None], [{}], {}, DEEP),
)


def sample(field: Field, nasty: Any = None) -> Any:
    """Return a value of a field's type, ``nasty`` where it has leaves."""
    if field.type == "object":
        return {each.name: sample(each, nasty) for each in field.fields}
    if field.type == "array":
        if field.items == "object":
            return [{each.name: sample(each, nasty) for each in field.fields}]
        return ["manager" if nasty is None else nasty]
    if nasty is not None:
        return nasty
    if field.enum:
        return field.enum[0]
    return {"integer": 1, "boolean": True, "map": {}}.get(field.type, "manager")


def bodies(endpoint: Endpoint) -> list[dict[str, Any]]:
    """Return good-looking fields, then each field nasty by itself, then nasty leaves."""
    sent = [p for p in endpoint.params if p.in_ != "path"]
    good = {p.name: sample(p) for p in sent}
    found = [good]
    for param in sent:
        found += [{**good, param.name: value} for value in NASTY]
        if param.fields:
            found += [{**good, param.name: sample(param, value)} for value in NASTY]
    return found


async def abuse(world: World, endpoint: Endpoint, unionid: str) -> None:
    path = endpoint.path
    for param in endpoint.params:
        if param.in_ == "path":
            value = "primary" if param.name == "calendarId" else unionid
            path = path.replace("{" + param.name + "}", value)
    for fields in bodies(endpoint):
        if endpoint.host == "api":
            reply = await world.v1(endpoint.method, path, fields, world.own)
            fine = reply.status == 200
        elif endpoint.method == "GET":
            plain = {name: value for name, value in fields.items() if value != "\ud800"}
            reply = await world.get(path, world.own, **plain)
            fine = reply.code == 0
        else:
            reply = await world.post(path, fields, world.own)
            fine = reply.code == 0
        assert fine or "failed inside" not in reply.explained, (endpoint.id, fields)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.__name__.rpartition(".")[2])
def test_nothing_that_is_sent_makes_the_platform_fail(file: ModuleType) -> None:
    handlers = [each for each in vars(file).values() if isinstance(each, Handler)]

    async def body(world: World) -> None:
        (zhang,) = await hire(world, "zhang")
        for handler in handlers:
            endpoint = load().endpoints[handler.endpoint]
            if endpoint.host != "top":
                await abuse(world, endpoint, zhang)

    story(body, rate_profile="off")
