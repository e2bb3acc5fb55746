"""The check of a callback URL: 71009, 71011, 71012, 71013 with what a person needs (F40, F52)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from sanfang.platform.domain.clock import Clock
from sanfang.platform.domain.core import ProbeResult, Settings
from sanfang.platform.push.probe import UrlProbe
from sanfang.platform.push.sender import Sender
from sanfang.protocol.crypto import CREATE_SUITE_KEY

from .isv import Isv, an_isv
from .sealing import AES_KEY, OTHER_AES_KEY, SUITE_KEY, TOKEN

RANDOM = "LPIdSnlF"
PLAIN = {
    "EventType": "check_create_suite_url",
    "Random": RANDOM,
    "TestSuiteKey": CREATE_SUITE_KEY,
}


async def ask(isv: Isv, *, settings: Settings | None = None, **changes: Any) -> ProbeResult:
    chosen = settings or Settings(push_timeout_ms=2000)
    asked = {
        "token": TOKEN,
        "aes_key": AES_KEY,
        "key_id": CREATE_SUITE_KEY,
        "plain": json.dumps(PLAIN).encode(),
        "accept": (RANDOM, "success"),
        **changes,
    }
    url = asked.pop("url", None)
    async with an_isv(isv), Sender(chosen, Clock()) as sender:
        return await UrlProbe(sender, chosen)(url or isv.url, **asked)


def test_dingtalk_sdk_passes_the_check_with_the_creation_key() -> None:
    result = asyncio.run(ask(Isv(CREATE_SUITE_KEY)))
    assert result == ProbeResult(
        ok=True,
        expected=RANDOM,
        decrypted=RANDOM,
        fields=result.fields,
        status=200,
    )
    assert sorted(result.fields) == ["encrypt", "msg_signature", "nonce", "timeStamp"]


class WithRealKey(Isv):
    """Reads with the creation key, answers with its own suite_key."""

    async def reply(self, event: dict[str, Any]) -> web.StreamResponse:
        return Isv(SUITE_KEY).sealed(event["Random"])


def test_a_reply_under_the_wrong_key_is_71009_and_names_both_keys() -> None:
    result = asyncio.run(ask(WithRealKey(CREATE_SUITE_KEY)))
    assert (result.code, result.faq) == (71009, "F52")
    assert CREATE_SUITE_KEY in result.zh
    assert SUITE_KEY in result.zh
    assert (result.expected, result.decrypted) == (RANDOM, RANDOM)


class Misspelt(Isv):
    async def reply(self, event: dict[str, Any]) -> web.StreamResponse:
        body = self.crypto.encrypt_message(event["Random"])
        body["timestamp"] = body.pop("timeStamp")
        return web.json_response(body)


def test_timestamp_for_time_stamp_passes_with_a_remark_and_is_71009_when_strict() -> None:
    result = asyncio.run(ask(Misspelt(CREATE_SUITE_KEY)))
    assert result.ok
    assert "timeStamp" in result.zh
    strict = Settings(strict_2016_reply=True)
    result = asyncio.run(ask(Misspelt(CREATE_SUITE_KEY), settings=strict))
    assert (result.ok, result.code) == (False, 71009)
    assert "timestamp" in result.fields


class Plain(Isv):
    async def reply(self, event: dict[str, Any]) -> web.StreamResponse:
        return web.Response(text="success")


def test_an_unencrypted_success_is_71009_and_shown() -> None:
    result = asyncio.run(ask(Plain(CREATE_SUITE_KEY)))
    assert (result.code, result.received, result.status) == (71009, "success", 200)
    assert "未加密" in result.zh


class Forbidding(Isv):
    async def reply(self, event: dict[str, Any]) -> web.StreamResponse:
        return web.Response(status=403)


def test_a_bad_status_is_told_in_the_platforms_own_words() -> None:
    result = asyncio.run(ask(Forbidding(CREATE_SUITE_KEY)))
    assert (result.code, result.status) == (71012, 403)
    assert result.errmsg == "url地址访问异常,错误原因为:http statusCode is:403"
    assert "CSRF" in result.zh


def test_a_receiver_with_another_aes_key_fails_and_hears_why() -> None:
    """Its crypto raises, its framework answers 500: all the platform can know is that."""
    result = asyncio.run(ask(Isv(CREATE_SUITE_KEY), aes_key=OTHER_AES_KEY))
    assert (result.code, result.status) == (71012, 500)
    assert "日志" in result.zh


@pytest.mark.parametrize(
    ("url", "code"), [("isv.example", 71011), ("http://169.254.169.254/", 71013)]
)
def test_urls_that_may_not_be_called_are_named(url: str, code: int) -> None:
    result = asyncio.run(ask(Isv(), url=url))
    assert (result.ok, result.code) == (False, code)
    assert result.zh
    assert result.en


def test_loopback_is_refused_outside_the_sandbox() -> None:
    isv = Isv(CREATE_SUITE_KEY)
    result = asyncio.run(ask(isv, settings=Settings(sandbox=False)))
    assert result.code == 71013
    assert isv.events == []


def test_a_bad_aes_key_is_900004_before_anything_is_sent() -> None:
    isv = Isv(CREATE_SUITE_KEY)
    result = asyncio.run(ask(isv, aes_key="too short"))
    assert (result.ok, result.code) == (False, 900004)
    assert isv.events == []
    assert "too short" not in result.zh
