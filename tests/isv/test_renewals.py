"""A page says that its dd.config failed with 52013: another program has killed our ticket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, cast

import msgspec
import pytest

from sanfang.client import AsyncClient, BadCall
from sanfang.client.jsapi import sign_jsapi
from sanfang.isv.renewals import EVERY, Renewals, signed_with

from ..manage.running import QUICK
from .house import Got, House, corp_house
from .test_doors import ticket

URL = "https://app.example.com/?a=%E4%BD%A0#top"


class Client:
    """Fetches tickets that are never the same, and counts them."""

    def __init__(self) -> None:
        self.fetched = 1

    async def get_jsapi_ticket(self) -> str:
        return f"ticket-{self.fetched}"

    async def renew_jsapi_ticket(self, dead: str) -> str:
        await asyncio.sleep(0)
        self.fetched += 1
        return await self.get_jsapi_ticket()


def config(ticket: str, **options: Any) -> dict[str, Any]:
    return sign_jsapi(ticket, URL, agent_id=1, corp_id="ding1", **options)


@pytest.mark.parametrize("digest", ["sha1", "sha256"])
def test_a_config_tells_its_ticket(digest: Any) -> None:
    made = config("ticket-1", digest=digest, timestamp=1414588745)
    assert signed_with("ticket-1", URL, made)
    assert signed_with("ticket-1", URL, {**made, "timeStamp": 1414588745})
    assert not signed_with("ticket-2", URL, made)
    assert not signed_with("ticket-1", URL.replace("a=", "b="), made)


def test_of_many_pages_one_renews_and_all_sign_again() -> None:
    now = [1000.0]
    client, renewals = Client(), Renewals(lambda: now[0])

    async def ask(used: str, corp_id: str = "ding1") -> bool:
        return await renewals.again(cast(AsyncClient, client), corp_id, URL, config(used))

    async def main() -> None:
        assert all(await asyncio.gather(*(ask("ticket-1") for _ in range(20))))
        assert client.fetched == 2
        assert await ask("ticket-0")  # of long ago
        assert not await ask("ticket-2")  # once in five minutes
        assert client.fetched == 2
        now[0] += EVERY
        assert await ask("ticket-2")
        assert await ask("ticket-3", "ding2")  # another corp has minutes of its own
        assert client.fetched == 4

    asyncio.run(main())


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"nonceStr": "", "timeStamp": "1", "signature": "0" * 64},
        {"nonceStr": "n", "timeStamp": True, "signature": "0" * 64},
        {"nonceStr": "n", "timeStamp": "1", "signature": 5},
        {"nonceStr": "n", "timeStamp": [], "signature": "0" * 64},
    ],
)
def test_for_what_is_no_config_nothing_is_fetched(wrong: dict[str, Any]) -> None:
    none = cast(AsyncClient, None)
    with pytest.raises(BadCall):
        asyncio.run(Renewals(lambda: 0.0).again(none, "ding1", URL, wrong))


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    rotating = msgspec.structs.replace(QUICK, jsapi_ticket_mode="rotate")
    with corp_house(settings=rotating) as one:
        yield one


def test_another_programs_ticket_kills_ours_and_the_page_has_it_renewed(house: House) -> None:
    page = f"{house.origin}/?corpid={house.corp_id}#x"

    def signed() -> dict[str, Any]:
        got: dict[str, Any] = house.post("config", {"url": page, "corp_id": house.corp_id}).json
        return got

    def failed(config: Any) -> Got:
        return house.post("failed", {"url": page, "config": config})

    async def fetch_elsewhere() -> None:
        await house.app.client().call("get_jsapi_ticket", type="jsapi")

    before, used = ticket(house), signed()
    house.run(fetch_elsewhere())
    assert ticket(house) == before  # nobody told us
    assert failed(used).json == {"again": True}
    assert ticket(house) != before
    assert not signed_with(before, page, signed())
    assert failed(signed()).json == {"again": False}  # not twice in five minutes
    assert failed({"signature": "x"}).status == 400
    assert house.post("failed", {"url": "https://evil.example/", "config": used}).status == 403
