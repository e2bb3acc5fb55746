"""QR codes for signing in: what is in the picture, what the screen alone knows, and once."""

from __future__ import annotations

import asyncio

import pytest

from sanfang.platform.domain import signin_scans
from sanfang.platform.domain.refusals import Refusal

from ..openapi.world import World, story

PAGE = ("/connect/qrconnect", "appid=x&state=1")


def test_the_screen_hears_of_each_step_and_of_the_result_once() -> None:
    async def body(world: World) -> None:
        scan_id, watch = await signin_scans.begin(world.core, *PAGE, "page")
        assert await signin_scans.watch(world.core, watch) == signin_scans.Outcome("waiting")
        scan = await signin_scans.look(world.core, scan_id)
        assert (scan.path, scan.query, scan.shown) == (*PAGE, "page")
        await signin_scans.note_scanned(world.core, scan)
        assert (await signin_scans.watch(world.core, watch)).state == "scanned"
        await signin_scans.finish(world.core, scan_id, "https://app.example.com/?code=1")
        told = await signin_scans.watch(world.core, watch)
        assert told == signin_scans.Outcome("done", "https://app.example.com/?code=1")
        assert (await signin_scans.watch(world.core, watch)).state == "gone"

    story(body)


def test_who_opens_a_code_late_does_not_take_the_result_away() -> None:
    async def body(world: World) -> None:
        scan_id, watch = await signin_scans.begin(world.core, *PAGE, "page")
        late = await signin_scans.look(world.core, scan_id)
        await signin_scans.finish(world.core, scan_id, "https://app.example.com/?code=1")
        await signin_scans.note_scanned(world.core, late)
        assert (await signin_scans.watch(world.core, watch)).state == "done"

    story(body)


def test_what_is_in_the_picture_gives_nothing() -> None:
    async def body(world: World) -> None:
        scan_id, _ = await signin_scans.begin(world.core, *PAGE, "page")
        await signin_scans.finish(world.core, scan_id, "https://app.example.com/?code=1")
        for guess in (scan_id, "", "ü", "x" * 1000):
            assert await signin_scans.watch(world.core, guess) == signin_scans.Outcome("gone")

    story(body)


def test_one_of_many_answers_counts_and_one_of_many_screens_gets_it() -> None:
    async def body(world: World) -> None:
        scan_id, watch = await signin_scans.begin(world.core, *PAGE, "old_frame")

        async def answer(number: int) -> str:
            try:
                await signin_scans.finish(world.core, scan_id, str(number))
            except Refusal as refusal:
                return f"refused {refusal.code}"
            return str(number)

        answers = await asyncio.gather(*map(answer, range(50)))
        won = [each for each in answers if each != "refused 40078"]
        assert len(won) == 1
        asked = await asyncio.gather(*(signin_scans.watch(world.core, watch) for _ in range(50)))
        assert [each.result for each in asked if each.state == "done"] == won

    story(body)


def test_no_is_an_answer_too() -> None:
    async def body(world: World) -> None:
        scan_id, watch = await signin_scans.begin(world.core, *PAGE, "frame")
        await signin_scans.finish(world.core, scan_id, None)
        assert await signin_scans.watch(world.core, watch) == signin_scans.Outcome("denied")
        with pytest.raises(Refusal):
            await signin_scans.finish(world.core, scan_id, "later")

    story(body)


def test_a_code_is_good_for_five_minutes() -> None:
    async def body(world: World) -> None:
        scan_id, watch = await signin_scans.begin(world.core, *PAGE, "page")
        world.core.clock.travel(299_999)
        assert (await signin_scans.watch(world.core, watch)).state == "waiting"
        world.core.clock.travel(1)
        assert (await signin_scans.watch(world.core, watch)).state == "gone"
        with pytest.raises(Refusal) as late:
            await signin_scans.look(world.core, scan_id)
        assert late.value.code == 40078

    story(body)


@pytest.mark.parametrize("name", ["", "ü", "x" * 300, "nothing"])
def test_a_name_that_is_none(name: str) -> None:
    async def body(world: World) -> None:
        with pytest.raises(Refusal) as told:
            await signin_scans.look(world.core, name)
        assert told.value.code == 40078

    story(body)
