"""Nothing secret is shown: not in logs, not in reprs, not in answers."""

from __future__ import annotations

import logging

import pytest

from sanfang.client import TransportFailed

from .world import (
    AES_KEY,
    SUITE_SECRET,
    TOKEN,
    FakeClock,
    FakePlatform,
    Refusal,
    event,
    idle,
    make,
    push,
    until,
)

pytestmark = pytest.mark.anyio


async def test_a_life_full_of_faults_leaves_no_secret_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    platform, clock = FakePlatform(), FakeClock()
    shown: list[str] = []
    app = make(platform, clock=clock)
    app.activated(lambda event, corp: shown.append(f"{event!r} {corp!r}"))

    def refuse() -> None:
        raise Refusal(40078)

    def cut() -> None:
        raise TransportFailed("cut")

    async with app:
        platform.before.update(get_permanent_code=cut, get_auth_info=refuse)
        await push(app, platform.new_ticket())
        await push(app, platform.authorise("ding1"))
        await until(lambda: clock.waits == [10.0])
        platform.before.pop("get_permanent_code")
        clock.advance(10)
        await until(lambda: clock.waits == [20.0])
        platform.before.clear()
        clock.advance(20)
        await idle(app)
        await push(app, event("org_change", CorpId="ding1"))
        await app.receive(b"signature=x&timestamp=1&nonce=2", b"{}")
        await idle(app)
        shown += [repr(app), repr(app.client()), str(app.health()), str(app.dead_letters())]
        code = platform.permanent["ding1"]
    tmp = next(body["tmp_auth_code"] for api, body in platform.calls if api == "get_permanent_code")
    text = caplog.text + "".join(shown)
    for secret in (TOKEN, AES_KEY, SUITE_SECRET, platform.ticket, code, tmp):
        assert secret
        assert secret not in text
