"""Any query to any page: a refusal that explains itself, or a way back to the registered host."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sanfang.platform.domain import signin_apps, signin_pages
from sanfang.platform.domain.refusals import Refusal

from ..openapi.world import World, a_world
from .people import SITE, an_open_app

FIELDS = ("appid", "client_id", "corpid", "redirect_uri", "redirect_url", "response_type")
MORE = ("scope", "state", "prompt", "corpId", "loginTmpCode", "%zz", "")
TEXTS = st.text(max_size=12) | st.sampled_from(
    [SITE, "code", "snsapi_login", "openid", "https://evil.example/", "//evil.example", "\\"]
)


@pytest.fixture(autouse=True)
def kind() -> None:
    """What is tried here is the same on every store."""


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@pytest.fixture(scope="module")
def world(runner: asyncio.Runner) -> Iterator[World]:
    opened = a_world()
    yield runner.run(opened.__aenter__())  # type: ignore[arg-type]
    runner.run(opened.__aexit__(None, None, None))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def sites(runner: asyncio.Runner, world: World) -> list[dict[str, str]]:
    """Sound queries to begin with."""
    app = runner.run(an_open_app(world))
    key = world.app.app_key
    runner.run(signin_apps.set_hosts(world.core, key, ["app.example.com"]))
    rest = {"redirect_uri": SITE, "response_type": "code", "state": "S1"}
    return [
        {**rest, "appid": app.app_id, "scope": "snsapi_login"},
        {**rest, "client_id": key, "scope": "openid", "prompt": "consent"},
        {"corpid": world.corp.corp_id, "redirect_url": SITE},
        {**rest, "appid": world.corp.corp_id, "scope": "snsapi_base"},
        {},
    ]


@settings(
    max_examples=600,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_query_is_refused_or_leads_to_the_registered_host(
    runner: asyncio.Runner, world: World, sites: list[dict[str, str]], data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from([*signin_pages.PAGES, "/nowhere"]))
    known = st.sampled_from([value for site in sites for value in site.values()])
    changes = st.dictionaries(st.sampled_from((*FIELDS, *MORE)), TEXTS | known, max_size=3)
    fields = {**data.draw(st.sampled_from(sites)), **data.draw(changes)}
    safe = data.draw(st.sampled_from(["", ":/", "%&="]))
    query = "&".join(
        f"{name}={quote(value, safe=safe, errors='replace')}" for name, value in fields.items()
    )

    async def follow() -> str:
        request = await signin_pages.examine(world.core, path, query)
        return await signin_pages.admit(world.core, request, world.corp.corp_id, "manager")

    told: tuple[str, str] | None = None
    where = ""
    try:
        where = runner.run(follow())
    except Refusal as refusal:
        told = (refusal.zh, refusal.en)
    if told is not None:
        assert all(told)
        return
    parts = urlsplit(where)
    assert parts.hostname == "app.example.com"
    assert parse_qs(parts.query)["code"]
