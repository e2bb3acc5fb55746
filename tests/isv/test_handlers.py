"""Registering handlers, and what the log says about those that are missing."""

from __future__ import annotations

import functools
import logging
from typing import Any

import pytest

from .world import FakePlatform, event, idle, make, push

pytestmark = pytest.mark.anyio


async def test_an_event_nobody_handles_is_stored_and_the_handler_to_write_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "sanfang.isv")
    async with make(FakePlatform()) as app:
        for number in range(3):
            await push(app, event("label_conf_add", CorpId="ding1", n=number))
        await idle(app)
    hints = [r.getMessage() for r in caplog.records if "@app.on" in r.getMessage()]
    assert len(hints) == 1
    assert "@app.on('label_conf_add')" in hints[0]
    assert "async def handle(event, corp):" in hints[0]


async def test_built_in_events_need_no_handler_and_no_hint(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "sanfang.isv")
    platform = FakePlatform()
    async with make(platform) as app:
        await push(app, platform.new_ticket())
        await push(app, platform.authorise("ding1"))
        await idle(app)
    assert not [r for r in caplog.records if "@app.on" in r.getMessage()]


async def test_one_handler_may_take_several_types_and_a_type_several_handlers() -> None:
    seen: list[Any] = []
    app = make(FakePlatform())

    @app.on("org_dept_create", "org_dept_modify")
    def both(event: Any, corp: Any) -> None:
        seen.append(("both", event.event_type))

    @app.on("org_dept_modify")
    async def one(event: Any, corp: Any) -> None:
        seen.append(("one", event.event_type))

    async with app:
        await push(app, event("org_dept_create", CorpId="ding1", DeptId=[1]))
        await push(app, event("org_dept_modify", CorpId="ding1", DeptId=[1]))
        await idle(app)
    assert seen == [
        ("both", "org_dept_create"),
        ("both", "org_dept_modify"),
        ("one", "org_dept_modify"),
    ]


async def test_partials_objects_and_equal_names_are_handlers_of_their_own() -> None:
    seen: list[Any] = []
    app = make(FakePlatform())

    async def note(what: str, event: Any, corp: Any) -> None:
        seen.append(what)

    class Thing:
        async def __call__(self, event: Any, corp: Any) -> None:
            seen.append("object")

    for what in ("a", "b"):
        app.on("org_change")(functools.partial(note, what))
    app.on("org_change")(lambda event, corp: seen.append("c"))
    app.on("org_change")(lambda event, corp: seen.append("d"))
    app.on("org_change")(Thing())
    async with app:
        await push(app, event("org_change", CorpId="ding1"))
        await idle(app)
    assert seen == ["a", "b", "c", "d", "object"]


async def test_an_event_of_the_suite_comes_without_a_corp() -> None:
    seen: list[Any] = []
    platform = FakePlatform()
    app = make(platform)
    app.on("suite_ticket")(lambda event, corp: seen.append(corp))
    async with app:
        await push(app, platform.new_ticket())
        await idle(app)
    assert seen == [None]


async def test_an_event_of_a_corp_never_authorised_comes_with_a_corp_in_state_unknown() -> None:
    seen: list[Any] = []
    app = make(FakePlatform())
    app.on("org_change")(lambda event, corp: seen.append((corp.corp_id, corp.state.value)))
    async with app:
        await push(app, event("org_change", CorpId="ding9"))
        await idle(app)
    assert seen == [("ding9", "unknown")]


async def test_what_is_not_a_function_is_refused_at_once() -> None:
    app = make(FakePlatform())
    with pytest.raises(TypeError, match="not a function"):
        app.on("x")("not callable")  # type: ignore[type-var]
