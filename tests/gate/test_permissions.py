"""Permission points: held or not, asked for only when told to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sanfang.catalog import load
from sanfang.platform.domain import permissions
from sanfang.platform.domain.refusals import Refusal
from sanfang.platform.openapi import OpenApi

from ..domain import world as stores
from ..openapi.world import JSON, World, send, story
from .world import TOKEN_HEADER

POINT = "qyapi_get_member"
CALL = "/topapi/v2/user/get"


@pytest.fixture(params=stores.KINDS, autouse=True)
def kind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test here runs on both kinds of stores."""
    stores.KIND[0] = request.param
    yield
    stores.KIND[0] = stores.KINDS[0]


def test_without_the_point_60011_names_it_and_with_it_the_call_passes() -> None:
    async def body(world: World) -> None:
        core, fields = world.core, {"userid": "manager"}
        reply = await world.post(CALL, fields, world.own)
        assert reply.code == 88
        assert reply.json["sub_code"] == "60011"
        assert POINT in reply.explained
        assert (await world.post(CALL, fields, world.isv)).code == 88
        assert await permissions.grant(core, world.app.app_key, [POINT]) == ["qyapi_base", POINT]
        assert (await world.post(CALL, fields, world.own)).code == 0
        assert (await world.post(CALL, fields, world.isv)).code == 88  # the suite's own points
        await permissions.grant(core, world.suite.suite_key, [POINT])
        assert (await world.post(CALL, fields, world.isv)).code == 0
        assert await permissions.revoke(core, world.app.app_key, [POINT]) == ["qyapi_base"]
        assert (await world.post(CALL, fields, world.own)).code == 88

    story(body, permissions="enforce")


def test_the_newer_host_answers_403() -> None:
    async def body(world: World) -> None:
        path = "/v1.0/contact/users/search"
        reply = await world.v1("POST", path, {"queryWord": "x", "offset": 0, "size": 1}, world.own)
        assert reply.status == 403
        assert reply.json["code"] == "Forbidden.AccessDenied.AccessTokenPermissionDenied"

    story(body, permissions="enforce")


def test_apis_for_one_kind_of_apps_refuse_the_other_with_or_without_points() -> None:
    """What the documents say of app types is in the catalogue as kinds of tokens."""
    catalog = load()
    found = [catalog.endpoints[entry.id] for entry in catalog.entries if entry.documented]
    own = next(e for e in found if e.app_types == e.tokens == ["internal"] and e.host == "api")
    isv = next(e for e in found if e.app_types == ["isv"] and e.tokens == ["isv_corp"])

    async def body(world: World) -> None:
        for endpoint, token in ((own, world.isv), (isv, world.own)):
            api = OpenApi(world.core, handlers=[])
            headers = [(TOKEN_HEADER, token.encode())]
            target = f"{endpoint.path}?access_token={token}".replace("{", "").replace("}", "")
            reply = await send(api, endpoint.method, target, b"{}", [*JSON, *headers])
            assert b"60011" in reply.body or b"PermissionDenied" in reply.body
            assert "not open to" in reply.explained

    story(body)
    story(body, permissions="enforce")


def test_basic_apis_and_apis_without_a_point_need_none() -> None:
    async def body(world: World) -> None:
        assert (await world.get("/auth/scopes", world.own)).code == 0
        assert (await world.get("/get_jsapi_ticket", world.own)).code == 0

    story(body, permissions="enforce")


def test_off_asks_for_nothing() -> None:
    async def body(world: World) -> None:
        assert (await world.post(CALL, {"userid": "manager"}, world.own)).code == 0

    story(body)


def test_points_and_owners_that_do_not_exist_are_refused_by_name() -> None:
    async def body(world: World) -> None:
        with pytest.raises(Refusal, match="no_such_point"):
            await permissions.grant(world.core, world.app.app_key, ["no_such_point"])
        with pytest.raises(Refusal, match="nobody"):
            await permissions.granted(world.core, "nobody")

    story(body)
