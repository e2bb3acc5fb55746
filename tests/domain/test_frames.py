"""Frames: a micro-app open at a desk, which page it shows, what that page may call."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from sanfang.platform.domain import app_scopes, desks, frames, leaving, micro_apps
from sanfang.platform.domain.app_scopes import AppScope
from sanfang.platform.domain.frames import Frame, origin_of
from sanfang.platform.domain.micro_apps import NEW

from .office import Office, refused, story

CHOOSE, LOCATE = "biz.contact.choose", "device.geolocation.get"


async def opened(office: Office, token: str, flavour: Any = "android", **more: Any) -> Frame:
    return (await frames.open_frame(office.core, token, office.app.agent_id, flavour, **more))[0]


def test_each_flavour_opens_its_home_page_with_the_corp_filled_in() -> None:
    async def body(office: Office) -> None:
        token, agent_id = await office.desk(), office.app.agent_id
        pages = {}
        for flavour in frames.FLAVOURS:
            frame, pages[flavour] = await frames.open_frame(office.core, token, agent_id, flavour)
            assert frame.origins == ("http://app.example:8000", "https://app.example")
            assert (frame.owner_key, frame.app_name) == (office.app.app_key, "签到看板")
            assert (frame.page, frame.granted, frame.config_done) == (0, frozenset(), False)
        mobile = f"http://app.example:8000/home?corpid={office.corp_id}"
        assert pages == {
            "android": mobile,
            "ios": mobile,
            "pc": f"https://app.example/pc?corpid={office.corp_id}",
        }

    story(body)


def test_in_a_conversation_its_id_is_filled_in_encoded_twice() -> None:
    async def body(office: Office) -> None:
        app = await office.another_app(
            home_url="http://app.example/?c=$DOUBLE_ENCCID$&corpId=%24CORPID%24", pc_home_url=""
        )
        token = await office.desk()
        _, page = await frames.open_frame(
            office.core, token, app.agent_id, "pc", conversation="cid/+="
        )
        assert page == f"http://app.example/?c=cid%252F%252B%253D&corpId={office.corp_id}"

    story(body)


def test_another_page_of_the_app_opens_and_a_foreign_one_does_not() -> None:
    async def body(office: Office) -> None:
        token, agent_id = await office.desk(), office.app.agent_id
        url = "https://APP.example:443/detail?id=1&corpid=$CORPID$"
        _, page = await frames.open_frame(office.core, token, agent_id, "ios", url=url)
        assert page == url.replace("$CORPID$", office.corp_id)
        for foreign in (
            *("http://evil.example/", "http://app.example/", "https://app.example:8000/"),
            *("http://app.example:8000@evil.example/", "javascript:alert(1)", "//app.example/"),
            *("http://app.example.evil/", "http://[x", "data:text/html,x", "x" * 9000),
        ):
            waiting = frames.open_frame(office.core, token, agent_id, "ios", url=foreign)
            assert (await refused(50001, waiting)).faq == "F2"

    story(body)


def test_who_may_not_open_an_app_gets_no_frame() -> None:
    async def body(office: Office) -> None:
        core, agent_id = office.core, office.app.agent_id
        token = await office.desk()
        await refused(40056, frames.open_frame(core, token, 99999, "pc"))
        await refused(51003, frames.open_frame(core, "x" * 43, agent_id, "pc"))
        await app_scopes.set_scope(core, office.corp_id, agent_id, AppScope(is_hidden=True))
        await refused(50002, frames.open_frame(core, token, agent_id, "pc"))
        await frames.open_frame(core, await office.desk("manager"), agent_id, "pc")
        empty = await office.another_app(home_url="", pc_home_url="")
        await refused(40035, frames.open_frame(core, token, empty.agent_id, "pc"))
        only = await office.another_app(home_url="", pc_home_url="https://pc.example/")
        assert (await frames.open_frame(core, token, only.agent_id, "ios"))[
            1
        ] == "https://pc.example/"

    story(body)


def test_a_frame_is_its_desks_alone() -> None:
    async def body(office: Office) -> None:
        core, token, other = office.core, await office.desk("jia"), await office.desk("jia")
        frame = await opened(office, token)
        assert await frames.get_frame(core, token, frame.frame_id) == frame
        url = "http://app.example:8000/"
        for wrong in (other, "x" * 43, ""):
            await refused(51003, frames.get_frame(core, wrong, frame.frame_id))
            await refused(51003, frames.new_page(core, wrong, frame.frame_id, url))
            await frames.close_frame(core, wrong, frame.frame_id)
        for unknown in ("unknown", "", "\ud800", "x" * 10_000):
            await refused(51003, frames.get_frame(core, token, unknown))
        assert await frames.get_frame(core, token, frame.frame_id) == frame
        await frames.close_frame(core, token, frame.frame_id)
        await refused(51003, frames.get_frame(core, token, frame.frame_id))

    story(body)


def test_a_frame_ends_with_its_desk() -> None:
    async def body(office: Office) -> None:
        core, token = office.core, await office.desk("jia")
        frame = await opened(office, token)
        await leaving.delete_member(core, office.corp_id, "jia")
        await refused(51003, frames.get_frame(core, token, frame.frame_id))
        token = await office.desk("yi")
        frame = await opened(office, token)
        await desks.close_desk(core, token)
        await refused(51003, frames.get_frame(core, token, frame.frame_id))

    story(body)


def test_every_page_starts_with_nothing_granted() -> None:
    async def body(office: Office) -> None:
        core, token = office.core, await office.desk()
        frame = await opened(office, token)
        assert not frame.allows(CHOOSE)
        assert frame.allows("device.notification.alert")
        assert frame.allows("alert")
        frame = await frames.new_page(core, token, frame.frame_id, "http://app.example:8000/a")
        assert (frame.page, frame.page_url) == (1, "http://app.example:8000/a")
        frame = await frames.set_granted(core, frame, ["chooseStaffForPC", LOCATE])
        assert frame.config_done
        assert frame.granted == {CHOOSE, LOCATE}  # by the name that goes over the bridge
        assert (await frames.get_frame(core, token, frame.frame_id)).allows("dd.biz.contact.choose")
        frame = await frames.new_page(core, token, frame.frame_id, "https://app.example/b")
        assert (frame.page, frame.granted, frame.config_done) == (2, frozenset(), False)
        assert not frame.allows(CHOOSE)
        await refused(50001, frames.new_page(core, token, frame.frame_id, "http://evil.example/"))

    story(body)


def test_what_a_page_that_was_left_is_granted_is_lost() -> None:
    async def body(office: Office) -> None:
        core, token = office.core, await office.desk()
        stale = await opened(office, token)
        fresh = await frames.new_page(core, token, stale.frame_id, "http://app.example:8000/b")
        after = await frames.set_granted(core, stale, [CHOOSE])
        assert (after.page, after.granted, after.config_done) == (fresh.page, frozenset(), False)
        kept = await frames.get_frame(core, token, stale.frame_id)
        assert not kept.allows(CHOOSE)

    story(body)


def test_grants_and_pages_at_once_never_give_a_page_what_another_was_granted() -> None:
    async def body(office: Office) -> None:
        core, token = office.core, await office.desk()
        frame = await opened(office, token)
        for round_ in range(5):
            url = f"http://app.example:8000/{round_}"
            told = await asyncio.gather(
                *(frames.set_granted(core, frame, [CHOOSE]) for _ in range(4)),
                frames.new_page(core, token, frame.frame_id, url),
                *(frames.set_granted(core, frame, [CHOOSE]) for _ in range(4)),
            )
            after = await frames.get_frame(core, token, frame.frame_id)
            assert (after.page, after.granted) == (frame.page + 1, frozenset())
            assert all(each.granted == frozenset() for each in told if each.page == after.page)
            frame = after

    story(body)


def test_two_pages_at_once_get_different_numbers() -> None:
    async def body(office: Office) -> None:
        core, token = office.core, await office.desk()
        frame = await opened(office, token)
        url = "http://app.example:8000/"
        told = await asyncio.gather(
            *(frames.new_page(core, token, frame.frame_id, url) for _ in range(8))
        )
        assert sorted(each.page for each in told) == list(range(1, 9))

    story(body)


def test_an_old_ios_client_loses_the_grant_with_the_hash() -> None:
    """F15."""

    async def body(office: Office) -> None:
        core, token = office.core, await office.desk()
        for flavour, version, lost in (
            ("ios", "2.6.5", True),
            ("ios", "2.7.0", False),
            ("ios", "8.3.20", False),
            ("android", "2.6.5", False),
            ("pc", "2.0", False),
        ):
            frame = await opened(office, token, flavour, client_version=version)
            frame = await frames.set_granted(core, frame, [CHOOSE])
            other = await frames.hash_changed(core, token, frame.frame_id, frame.page + 1)
            assert other.allows(CHOOSE)
            frame = await frames.hash_changed(core, token, frame.frame_id, frame.page)
            assert (frame.allows(CHOOSE), frame.hash_lost) == (not lost, lost)
            frame = await frames.set_granted(core, frame, [CHOOSE])
            assert (frame.allows(CHOOSE), frame.hash_lost) == (True, False)

    story(body)


def test_a_frame_remembers_what_it_was_opened_as() -> None:
    """An app that is changed while it is open goes on as it was; a new frame is as it is now."""

    async def body(office: Office) -> None:
        core, token = office.core, await office.desk()
        frame = await opened(office, token)
        await micro_apps.update_app(
            core, office.corp_id, office.app.agent_id, NEW,
            home_url="https://new.example/", pc_home_url="",
        )  # fmt: skip
        assert (await frames.get_frame(core, token, frame.frame_id)).origins == frame.origins
        assert (await opened(office, token)).origins == ("https://new.example",)
        assert msgspec.json.decode(msgspec.json.encode(frame), type=Frame) == frame

    story(body)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("HTTP://Example.COM:80/a", "http://example.com"),
        ("https://example.com:443", "https://example.com"),
        ("https://example.com:80/?x", "https://example.com:80"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("http://示例.example/", "http://xn--fsq092h.example"),
        ("http://user@example.com/", "http://example.com"),
        ("ftp://example.com/", ""),
        ("http://example.com:x/", ""),
        ("http://[::1/", ""),
        ("http://\u2100.example" + "x" * 70, ""),
        ("", ""),
    ],
)
def test_origins_are_written_one_way(url: str, origin: str) -> None:
    assert origin_of(url) == origin
