"""A sample of every area against the running platform, through both clients."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from typing import Any

import pytest

from sanfang.catalog import check_answer
from sanfang.client import AsyncClient, CallRefused, Client
from sanfang.client.errors import AnswerTooLong
from sanfang.client.surface.special import kind_of

from ..living import Living, living
from .test_methods import method_of
from .values import arguments, methods

METHODS = methods()
DAY = {"workDateFrom": "2024-01-01 00:00:00", "workDateTo": "2024-01-02 00:00:00"}

# Areas whose first method is about a thing that must be there. UNION and AGENT are filled in.
CHOSEN: dict[str, tuple[str, dict[str, Any]]] = {
    "attendance": ("attendance.list", {**DAY, "userIdList": ["zhang"], "offset": 0, "limit": 10}),
    "calendar": ("v1.calendar.list_calendars", {"userId": "UNION"}),
    "chat": ("chat.create", {"name": "群", "owner": "zhang", "useridlist": ["zhang", "li"]}),
    "checkin": ("checkin.record", {"department_id": "1", "start_time": 1, "end_time": 2}),
    "contacts": ("department.list", {"id": "1"}),
    "drive": (
        "v1.drive.list_spaces",
        {"unionId": "UNION", "spaceType": "org", "maxResults": 10},
    ),
    "messages": (
        "topapi.message.corpconversation.asyncsend_v2",
        {
            "agent_id": "AGENT",
            "userid_list": ["zhang"],
            "msg": {"msgtype": "text", "text": {"content": "你好"}},
        },
    ),
    "microapp": ("microapp.list", {}),
    "report": (
        "topapi.report.simplelist",
        {"start_time": 1, "end_time": 2, "cursor": 0, "size": 10},
    ),
    "storage": ("v1.storage.get_org", {"corpId": "CORP", "unionId": "UNION"}),
    "todo": (
        "topapi.workrecord.getbyuserid",
        {"userid": "zhang", "offset": 0, "limit": 10, "status": 0},
    ),
    "workflow": ("topapi.process.gettodonum", {"userid": "zhang"}),
    "workrecord": ("v1.workrecord.count_work_record", {"userId": "zhang"}),
}
NOT_FOR_OWN_APPS = {
    *("app_market", "appstore", "carbon", "finance", "occupationauth", "planetom", "service_isv"),
}


def sample() -> dict[str, tuple[str, dict[str, Any]]]:
    """A method of each area that an own app may call, and arguments for it."""
    found = dict(CHOSEN)
    for name, endpoint in METHODS.items():
        plain = kind_of(endpoint) == "call" and not any(p.root for p in endpoint.params)
        if "internal" in endpoint.tokens and plain and endpoint.area != "callback":
            found.setdefault(endpoint.area, (name, arguments(endpoint)))
    return found


SAMPLE = sample()


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    with living(tmp_path_factory.mktemp("platform")) as found:
        yield found


@pytest.fixture(scope="module")
def client(platform: Living) -> Iterator[Client]:
    with Client(platform.app, base_url=platform.url) as made:
        yield made


@pytest.fixture(scope="module")
def known(platform: Living, client: Client) -> dict[str, Any]:
    apps = {app["app_key"]: app["agent_id"] for app in platform.get("/apps")["items"]}
    agent = apps[platform.app.app_key]
    union = client.api.user.get(userid="zhang")["unionid"]
    return {"UNION": union, "AGENT": agent, "CORP": platform.corp_id}


def test_every_area_that_own_apps_may_call_has_a_sample() -> None:
    assert {each.area for each in METHODS.values()} - SAMPLE.keys() == {
        *NOT_FOR_OWN_APPS,
        "callback",
        "media",
    }


@pytest.mark.parametrize("area", SAMPLE)
def test_a_method_of_an_area_is_answered_as_documented(
    platform: Living, client: Client, known: dict[str, Any], area: str
) -> None:
    name, given = SAMPLE[area]
    endpoint = METHODS[name]
    filled = {key: known.get(str(value), value) for key, value in given.items()}

    async def awaited() -> Any:
        async with AsyncClient(platform.app, base_url=platform.url) as other:
            return await method_of(other, name)(**filled)

    for answer in (method_of(client, name)(**filled), asyncio.run(awaited())):
        rooted = any(field.root for field in endpoint.response)
        if endpoint.response_type == "empty":
            assert answer == {}
        else:
            inside = answer["body"] if rooted else answer
            assert check_answer(endpoint, inside, extra=True) == []


def test_a_callback_address_that_nobody_registered_is_a_refusal(
    platform: Living, client: Client
) -> None:
    with pytest.raises(CallRefused) as refused:
        client.api.call_back.get_call_back()
    assert refused.value.code == 71007

    async def awaited() -> None:
        async with AsyncClient(platform.app, base_url=platform.url) as other:
            await other.api.call_back.get_call_back()

    with pytest.raises(CallRefused) as refused:
        asyncio.run(awaited())
    assert refused.value.code == 71007


def test_a_file_goes_out_and_comes_back(platform: Living, client: Client) -> None:
    picture = io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(2000))
    picture.name = "picture.png"
    media_id = client.api.media.upload(type="image", media=picture)["media_id"]
    assert client.api.media.get(media_id=media_id) == picture.getvalue()

    async def awaited() -> bytes:
        async with AsyncClient(platform.app, base_url=platform.url) as other:
            return await other.api.media.get(media_id=media_id)

    assert asyncio.run(awaited()) == picture.getvalue()
    kept = client._core.settings.limit
    client._core.settings.limit = 1000
    try:
        with pytest.raises(AnswerTooLong, match=r"client\.download"):
            client.api.media.get(media_id=media_id)
    finally:
        client._core.settings.limit = kept
