"""What the callback address accepts, answers and refuses."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanfang.isv import CallbackError, SuiteApp
from sanfang.isv.reception import Push, Reception
from sanfang.isv.refusals import Refused
from sanfang.protocol.crypto import CREATE_SUITE_KEY, CallbackCipher

from .world import (
    AES_KEY,
    CIPHER,
    CREATING,
    SUITE_KEY,
    SUITE_SECRET,
    TOKEN,
    FakePlatform,
    event,
    idle,
    make,
    opened,
    push,
    seal,
)

pytestmark = pytest.mark.anyio


def refused(answer: Any) -> tuple[int, dict[str, Any]]:
    assert 400 <= answer.status < 500
    body = json.loads(answer.body)
    assert body["zh"]
    assert body["en"]
    return answer.status, body


async def test_the_check_at_suite_creation_is_answered_before_there_is_a_suite() -> None:
    app = make(FakePlatform(), suite_key=None, suite_secret=None)
    check = {
        "EventType": "check_create_suite_url",
        "Random": "LPIdSnlF",
        "TestSuiteKey": CREATE_SUITE_KEY,
    }
    async with app:
        assert await push(app, check, CREATING) == "LPIdSnlF"


async def test_the_check_of_2026_without_test_suite_key_is_answered_too() -> None:
    async with make(FakePlatform()) as app:
        check = {"EventType": "check_create_suite_url", "Random": "xyz"}
        assert await push(app, check, CREATING) == "xyz"


async def test_after_creation_checks_come_with_our_key_and_are_answered_with_it() -> None:
    async with make(FakePlatform()) as app:
        check = {"EventType": "check_update_suite_url", "Random": "abc", "TestSuiteKey": SUITE_KEY}
        assert await push(app, check) == "abc"
        assert await push(app, {"EventType": "check_url"}) == "success"


async def test_the_first_message_of_the_2016_guide_is_answered() -> None:
    """Vector 1 of the spec, byte for byte."""
    encrypt = (
        "1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+OzrHMeiZI7gTRWVdUB"
        "mfxjZ8Ej23JVYa9VrYeJ5as7XM/ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/D6Ibr0rgUathB6zRHP8PYrfgnNOS9PhSB"
        "dHlegK+AGGanfwjXuQ9+0pZcy0w9lQ=="
    )
    query = (
        b"signature=5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0&timestamp=1445827045067&nonce=nEXhMP4r"
    )
    async with make(FakePlatform(), token="123456", suite_key=None, suite_secret=None) as app:
        answer = await app.receive(query, json.dumps({"encrypt": encrypt}).encode())
    assert opened(answer, CallbackCipher("123456", AES_KEY, CREATE_SUITE_KEY)) == "LPIdSnlF"


async def test_events_before_the_suite_is_known_are_refused_with_what_to_do() -> None:
    async with make(FakePlatform(), suite_key=None, suite_secret=None) as app:
        status, body = refused(await app.receive(*seal(event("suite_ticket", SuiteTicket="t"))))
        assert (status, body["errcode"]) == (403, 900010)
        assert SUITE_KEY in body["en"]
        assert "app.configure" in body["en"]
        app.configure(SUITE_KEY, SUITE_SECRET)
        assert await push(app, event("suite_ticket", SuiteTicket="t")) == "success"


async def test_a_message_for_another_suite_is_refused_and_its_key_named() -> None:
    other = CIPHER.with_key_id("suiteofsomebodyelse1")
    async with make(FakePlatform()) as app:
        status, body = refused(await app.receive(*seal(event("change_auth"), other)))
        assert (status, body["errcode"], body["faq"]) == (403, 900010, "F52")
        assert "suiteofsomebodyelse1" in body["en"]
        assert SUITE_KEY in body["en"]


async def test_a_ticket_of_another_suite_inside_our_envelope_is_not_stored() -> None:
    """Pain 11: tickets mixed up between suites."""
    async with make(FakePlatform()) as app:
        foreign = {**event("suite_ticket", SuiteTicket="t"), "SuiteKey": "suiteofsomebodyelse1"}
        _, body = refused(await app.receive(*seal(foreign)))
        assert body["errcode"] == 900010
        assert app.health().ticket_age is None


async def test_nothing_but_checks_is_accepted_under_the_creation_key() -> None:
    async with make(FakePlatform()) as app:
        ticket = event("suite_ticket", SuiteTicket="t")
        _, body = refused(await app.receive(*seal(ticket, CREATING)))
        assert body["errcode"] == 900010


@pytest.mark.parametrize(
    ("query", "body", "status", "code"),
    [
        (b"", b"{}", 403, 900005),
        (b"signature=s&nonce=n", b"{}", 400, 900002),
        (b"signature=s&timestamp=1", b"{}", 400, 900003),
        (b"signature=s&timestamp=1&nonce=n", b"{}", 400, 900008),
        (b"signature=s&timestamp=1&nonce=n", b"not json", 400, 900008),
        (b"signature=s&timestamp=1&nonce=n", b'{"encrypt": "AAAA"}', 403, 900005),
        (b"signature=s&timestamp=1&nonce=n", b"\xff\xfe", 400, 900008),
    ],
)
async def test_a_request_that_is_no_push_is_told_why(
    query: bytes, body: bytes, status: int, code: int
) -> None:
    async with make(FakePlatform()) as app:
        got, explained = refused(await app.receive(query, body))
    assert explained["errcode"] == code
    assert got == status


async def test_a_message_with_a_wrong_aes_key_is_told_so() -> None:
    wrong = CallbackCipher(TOKEN, "x" * 43, SUITE_KEY)
    async with make(FakePlatform()) as app:
        _, body = refused(await app.receive(*seal(event("change_auth"), wrong)))
    assert body["errcode"] in (900008, 900009, 900010)


@pytest.mark.parametrize("plain", [b"success", b"[1]", b'{"EventType":"tmp_auth_code"}', b"\xff"])
async def test_a_genuine_message_that_is_no_event_is_told_so(plain: bytes) -> None:
    async with make(FakePlatform()) as app:
        _, body = refused(await app.receive(*seal(plain)))
        assert body["errcode"] == 900001
        assert app.health().waiting == 0


@pytest.mark.parametrize("event_type", ["change_auth", "suite_relieve", "org_micro_app_stop"])
async def test_an_event_about_a_corp_that_names_none_is_told_so(event_type: str) -> None:
    async with make(FakePlatform()) as app:
        nobody = event(event_type, AuthCorpId="", AgentId=1)
        _, body = refused(await app.receive(*seal(nobody)))
    assert "AuthCorpId" in body["en"]


async def test_field_names_that_came_instead_are_listed() -> None:
    async with make(FakePlatform()) as app:
        query, _ = seal(event("change_auth"))
        _, body = refused(await app.receive(query, b'{"Encrypt": "x", "b": 1}'))
    assert body["fields"] == ["Encrypt", "b"]


async def test_refusals_are_counted_for_the_operator() -> None:
    async with make(FakePlatform()) as app:
        for _ in range(3):
            await app.receive(b"", b"")
        await app.receive(*seal(b"[]"))
        assert app.health().refused == {"900005": 3, "900001": 1}


async def test_an_event_that_cannot_be_stored_is_not_answered_success() -> None:
    async with make(FakePlatform()) as app:
        database = app._open().database
        database.writing.execute("PRAGMA query_only = ON")
        answer = await app.receive(*seal(event("change_auth", AuthCorpId="ding1")))
        assert answer.status == 503
        assert b"success" not in answer.body.replace("应答 success".encode(), b"").replace(
            b"answered success", b""
        )
        database.writing.execute("PRAGMA query_only = OFF")


@pytest.mark.parametrize("spelling", ["signature", "msg_signature"])
@pytest.mark.parametrize("time", ["timestamp", "timeStamp"])
async def test_both_spellings_of_the_query_are_accepted(spelling: str, time: str) -> None:
    sealed = CIPHER.seal(b'{"EventType":"check_url"}')
    query = f"{spelling}={sealed.signature}&{time}={sealed.timestamp}&nonce={sealed.nonce}"
    async with make(FakePlatform()) as app:
        assert opened(await app.receive(query.encode(), sealed.body())) == "success"


async def test_the_answer_repeats_time_and_nonce_and_spells_timestamp_as_in_2016() -> None:
    sealed = CIPHER.seal(b'{"EventType":"check_url"}')
    async with make(FakePlatform()) as app:
        answer = await app.receive(sealed.query().encode(), sealed.body())
    body = json.loads(answer.body)
    assert list(body) == ["msg_signature", "timeStamp", "nonce", "encrypt"]
    assert (body["timeStamp"], body["nonce"]) == (sealed.timestamp, sealed.nonce)


async def test_a_stray_space_in_the_event_type_does_no_harm() -> None:
    platform = FakePlatform()
    async with make(platform) as app:
        assert await push(app, {**platform.new_ticket(), "EventType": "suite_ticket "}) == "success"
        await idle(app)
        assert app.health().ticket_age is not None


async def test_chinese_text_survives_the_inbox() -> None:
    seen: list[Any] = []
    app = make(FakePlatform())
    app.on("org_custom")(lambda event, corp: seen.append(event.raw["Name"]))
    async with app:
        await push(app, event("org_custom", CorpId="ding1", Name="市场部（上海）"))
        await idle(app)
    assert seen == ["市场部（上海）"]


async def test_a_bad_aes_key_is_refused_when_the_app_is_made() -> None:
    with pytest.raises(CallbackError) as caught:
        make(FakePlatform(), aes_key="short")
    assert caught.value.code == 900004


async def test_key_without_secret_is_refused_when_the_app_is_made() -> None:
    with pytest.raises(ValueError, match="together"):
        make(FakePlatform(), suite_secret=None)


# Licence codes


def licence(code: str) -> dict[str, Any]:
    return event("check_suite_license_code", AuthCorpId="ding1", LicenseCode=code)


async def test_a_licence_code_is_judged_at_once_and_not_stored() -> None:
    app = make(FakePlatform())

    @app.license_check
    async def judge(event: Any, corp: Any) -> bool:
        return corp.corp_id == "ding1" and event.license_code == "GOOD-0001"

    async with app:
        assert await push(app, licence("GOOD-0001")) == "success"
        assert await push(app, licence("BAD-00001")) != "success"
        assert app.health().waiting == 0


async def test_a_licence_code_is_not_valid_without_a_judge_or_when_the_judge_fails() -> None:
    app = make(FakePlatform(), license_timeout=0.01)
    async with app:
        assert await push(app, licence("x")) != "success"
        app.license_check(lambda event, corp: 1 / 0)
        assert await push(app, licence("x")) != "success"
        app.license_check(lambda event, corp: True)
        assert await push(app, licence("x")) == "success"

        @app.license_check
        async def slow(event: Any, corp: Any) -> bool:
            await asyncio.Event().wait()
            return True

        assert await push(app, licence("x")) != "success"


# Anything at all

RECEPTION = Reception(TOKEN, AES_KEY, SUITE_KEY)


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_end_in_a_refusal(query: bytes, body: bytes) -> None:
    with pytest.raises(Refused) as caught:
        RECEPTION.open(query, body)
    assert 400 <= caught.value.status < 500
    assert json.loads(caught.value.body())["errcode"] == caught.value.code


@given(st.binary(min_size=1, max_size=300), st.sampled_from([CIPHER, CREATING]))
def test_any_sealed_bytes_are_an_event_or_a_refusal(plain: bytes, cipher: CallbackCipher) -> None:
    result: object
    try:
        result = RECEPTION.open(*seal(plain, cipher))
    except Refused as refusal:
        result = refusal
    assert isinstance(result, (Push, Refused))
    assert isinstance(result, Push) or 400 <= result.status < 500


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = ["SuiteKey", "TimeStamp", "AuthCorpId", "CorpId", "AuthCode", "SuiteTicket", "Random"]
TYPES = ["suite_ticket", "tmp_auth_code", "change_auth", "suite_relieve", "user_add_org"]
MORE_TYPES = ["market_buy", "check_url", "check_create_suite_url", "org_micro_app_stop", "", "？"]


@settings(deadline=None)  # opens a database
@given(
    st.lists(
        st.tuples(
            st.sampled_from(TYPES + MORE_TYPES) | json_values,
            st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=9), json_values, max_size=6),
        ),
        max_size=5,
    )
)
def test_whatever_is_sealed_is_answered_and_leaves_the_app_at_work(
    pushes: list[tuple[Any, dict[str, Any]]],
) -> None:
    """Genuine messages with any content: an answer below 500, and the next event is handled."""
    seen: list[Any] = []
    app: SuiteApp = make(FakePlatform(), poll=5)
    app.on("org_custom")(lambda event, corp: seen.append(event))

    async def run() -> None:
        async with app:
            for event_type, fields in pushes:
                answer = await app.receive(*seal({"EventType": event_type, **fields}))
                assert answer.status < 500
            await push(app, event("org_custom"))
            async with asyncio.timeout(10):
                while not seen:
                    await asyncio.sleep(0.001)

    logging.disable(logging.CRITICAL)
    try:
        asyncio.run(run())
    finally:
        logging.disable(logging.NOTSET)
