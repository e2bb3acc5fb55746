"""The check of dd.config: what passes, and with which code the rest is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanfang.platform.domain import corps, page_config, tokens
from sanfang.platform.domain.model import Identity

from .office import Office, lasting, story
from .pages import (
    NAMES,
    NONCE,
    STAMP,
    TICKET,
    check,
    config,
    have_ticket,
    opened,
    sha1,
    sha256,
    text,
)

# jsapi.md 3: computed once by hand, independent of our code.
VECTORS = [
    (
        "http://open.dingtalk.com",
        "10de2b0a6763ec3685a50272b5b0eb2848098dc2",
        "6d6e0580d57aac61e427c1e82e7545cca4eed5c59ae6bb468c6bf6f89753cdb2",
    ),
    (
        "http://abc.def/ghi/jkl?m=123&n=456",
        "6120632d2e1578ac4ee948b6f741c5a148d6beb6",
        "cee002574418c7a01a84ce19cd3dd01c90c43e6dc35bd85db959fbed1de42004",
    ),
    (
        "http://abc.def/p?q=%E4%B8%AD%20a",
        "70a9cfd08f602b7aa860176cb098a9b1ad0aeb66",
        "98379c30461a498e7a03449251c4c4312541118f3bb79318a77ea5390d1018cb",
    ),
]
PAGE = "http://app.example:8000/p?m=1"


def test_the_reference_vectors_pass() -> None:
    async def body(office: Office) -> None:
        await have_ticket(office)
        frame = await opened(office)
        for url, short, long in VECTORS:
            for signature in (short, long, short.upper(), long.upper()):
                assert (await check(office, signature, url, frame=frame)).ok
                assert (await check(office, signature, f"{url}#hash", frame=frame)).ok
            wrong = short[:-1] + ("0" if short[-1] != "0" else "1")
            assert not (await check(office, wrong, url, frame=frame)).ok

    story(body)


def test_what_was_granted_is_told_and_unknown_names_are_no_error() -> None:
    async def body(office: Office) -> None:
        await have_ticket(office)
        names: list[Any] = [*NAMES, "alert", "biz.nothing.such", "dd.biz.ding.post", 7, None]
        good = await check(office, sha1(text(TICKET, PAGE)), PAGE, jsApiList=names)
        assert good.ok
        assert good.granted == [*NAMES, "alert"]
        assert good.unauthorized == ["biz.nothing.such", "dd.biz.ding.post", "7", "None"]
        assert (await check(office, sha1(text(TICKET, PAGE)), PAGE, jsApiList=[])).granted == []

    story(body)


def test_numbers_are_read_as_javascript_writes_them() -> None:
    async def body(office: Office) -> None:
        await have_ticket(office)
        signature = sha256(text(TICKET, PAGE))
        for stamp in (1414588745, 1414588745.0, "1414588745"):
            agent = office.app.agent_id
            good = await check(office, signature, PAGE, timeStamp=stamp, agentId=agent)
            assert good.ok, stamp
        numbers = sha256(text(TICKET, PAGE, nonce="12345", stamp="1.5"))
        assert (await check(office, numbers, PAGE, timeStamp=1.5, nonceStr=12345)).ok

    story(body)


def test_either_address_of_the_page_may_have_been_signed() -> None:
    async def body(office: Office) -> None:
        await have_ticket(office)
        seen = "http://app-1-android.sanfang.localhost:8000/p?m=1"
        for url in (seen, PAGE):
            assert (await check(office, sha1(text(TICKET, url)), seen, PAGE)).ok
        other = await check(office, sha1(text(TICKET, "http://elsewhere.example/")), seen, PAGE)
        assert other.code == 52013

    story(body)


_PARTS = st.text(
    st.characters(codec="utf-8", exclude_characters="#?", exclude_categories=("Cs", "Cc")),
    max_size=8,
)


def test_a_query_may_be_signed_raw_decoded_or_decoded_with_plus() -> None:
    """Whatever the page's address is, each of the three forms passes, and a path is never decoded."""
    with lasting() as (runner, office):
        runner.run(have_ticket(office))
        frame = runner.run(opened(office))

        @settings(max_examples=100, deadline=None)
        @given(
            path=_PARTS, query=_PARTS, fragment=_PARTS, plus=st.booleans(), form=st.integers(0, 2)
        )
        def passes(path: str, query: str, fragment: str, plus: bool, form: int) -> None:
            asked = quote(query, safe="=&")
            if plus:
                asked = asked.replace("%20", "+")
            start = f"http://app.example:8000/{quote(path)}?"
            signed = start + (asked, unquote(asked), unquote_plus(asked))[form]
            page = f"{start}{asked}#{fragment}"
            good = runner.run(check(office, sha1(text(TICKET, signed)), page, frame=frame))
            assert good.ok
            wrong = sha1(text(TICKET, f"{signed}&x=1"))
            assert runner.run(check(office, wrong, page, frame=frame)).code == 52013

        passes()


WRONG: list[tuple[int, dict[str, Any]]] = [
    (52010, {"corpId": ...}),
    (52010, {"corpId": ""}),
    (52010, {"corpId": "dingnobody"}),
    (52010, {"corpId": ["x"]}),
    (52019, {"agentId": ...}),
    (52019, {"agentId": ""}),
    (52019, {"agentId": "abc"}),
    (52019, {"agentId": "99999"}),
    (52019, {"agentId": "-1"}),
    (52019, {"agentId": "９"}),
    (52019, {"agentId": "9" * 400}),
    (52019, {"agentId": True}),
    (52015, {"nonceStr": ...}),
    (52015, {"nonceStr": ""}),
    (52015, {"nonceStr": {"a": 1}}),
    (52018, {"timeStamp": ...}),
    (52018, {"timeStamp": ""}),
    (52018, {"timeStamp": None}),
    (52016, {"signature": ...}),
    (52016, {"signature": "abc"}),
    (52016, {"signature": "g" * 40}),
    (52016, {"signature": "a" * 41}),
    (52016, {"signature": "a" * 40 + "\n"}),
    (52017, {"jsApiList": ...}),
    (52017, {"jsApiList": "biz.contact.choose"}),
    (52017, {"jsApiList": {"0": "x"}}),
    (52017, {"jsApiList": ["x"] * 1001}),
    (52012, {"nonceStr": "\ud800"}),
    (52013, {"signature": "a" * 40}),
    (52013, {"nonceStr": "other"}),
    (52013, {"timeStamp": "1414588746"}),
]


def test_what_is_wrong_has_its_code_and_an_explanation() -> None:
    async def body(office: Office) -> None:
        await have_ticket(office)
        for code, changes in WRONG:
            frame = await opened(office)
            signature = sha1(text(TICKET, PAGE))
            outcome = await check(office, signature, PAGE, frame=frame, **changes)
            assert (outcome.ok, outcome.code, outcome.report.code) == (False, code, code), changes
            assert outcome.granted == []
            start = f"Code:{code} - Message: {page_config.TEXTS[code]},nonce:["
            assert outcome.message.startswith(start)
            assert outcome.report.zh
            assert outcome.report.en
            assert outcome.report.faq
            assert outcome.report.differs, changes

    story(body)


NO_PAGES: list[tuple[str, ...]] = [
    *((), ("",), ("about:blank",), ("/p",), ("ftp://a/",), ("http:///p",), ("http://[x",)),
    ("http://a.example/" + "x" * 9000,),
]


def test_a_page_that_is_no_web_page_is_52014() -> None:
    async def body(office: Office) -> None:
        await have_ticket(office)
        frame, fields = await opened(office), config(office, "a" * 40)
        for urls in NO_PAGES:
            outcome = await page_config.check(office.core, frame, fields, urls=urls)
            assert outcome.code == 52014, urls
            assert "url:[" in outcome.message

    story(body)


def test_the_message_reads_as_the_real_one() -> None:
    async def body(office: Office) -> None:
        await have_ticket(office)
        outcome = await check(
            office, "a" * 40, "http://192.168.31.134:8080/#/home", nonceStr="abcdefg"
        )
        assert outcome.message == (
            "Code:52013 - Message: 签名校验失败,nonce:[abcdefg],timestamp:[1414588745],"
            "url:[http://192.168.31.134:8080/],ticketList:[mS5k98fdkd***]"
        )

    story(body)


def test_the_order_of_codes() -> None:
    """Everything is wrong; each time the first is put right the next comes to light."""

    async def body(office: Office) -> None:
        right = {
            52010: {"corpId": office.corp_id},
            52019: {"agentId": str(office.app.agent_id)},
            52015: {"nonceStr": NONCE},
            52018: {"timeStamp": STAMP},
            52016: {"signature": sha1(text(TICKET, PAGE))},
            52017: {"jsApiList": []},
        }
        fields: dict[str, Any] = {}
        frame = await opened(office)
        for code, repair in right.items():
            assert (await page_config.check(office.core, frame, fields, urls=())).code == code
            fields.update(repair)
        assert (await page_config.check(office.core, frame, fields, urls=())).code == 52014
        assert (await page_config.check(office.core, frame, fields, urls=[PAGE])).code == 52011
        await have_ticket(office, ticket="another")
        assert (await page_config.check(office.core, frame, fields, urls=[PAGE])).code == 52013
        await have_ticket(office)
        assert (await page_config.check(office.core, frame, fields, urls=[PAGE])).ok

    story(body)


def test_another_apps_agent_or_ticket_is_none_of_ours() -> None:
    async def body(office: Office) -> None:
        other = await office.another_app(name="别的应用")
        await have_ticket(office, owner=other.app_key)
        signature = sha1(text(TICKET, PAGE))
        assert (await check(office, signature, PAGE)).code == 52011
        assert (await check(office, signature, PAGE, agentId=str(other.agent_id))).code == 52019
        await have_ticket(office, ticket="ours")
        assert (await check(office, signature, PAGE)).code == 52013

    story(body)


def test_another_corps_ticket_is_none_of_ours() -> None:
    async def body(office: Office) -> None:
        there = await corps.create_corp(office.core, "另一家")
        await have_ticket(office, corp_id=there.corp_id)
        assert (await check(office, sha1(text(TICKET, PAGE)), PAGE)).code == 52011

    story(body)


def test_a_stopped_member_of_the_list_does_not_stop_the_others() -> None:
    """With 2016's rule only the newest ticket counts, with 2026's one lives on and on."""

    async def body(office: Office) -> None:
        first, _ = await tokens.jsapi_ticket(office.core, office.identity)
        second, _ = await tokens.jsapi_ticket(office.core, office.identity)
        assert first != second
        assert (await check(office, sha1(text(first, PAGE)), PAGE)).code == 52013
        assert (await check(office, sha1(text(second, PAGE)), PAGE)).ok

    story(body, jsapi_ticket_mode="rotate")


def test_no_ticket_and_no_good_signature_is_ever_shown() -> None:
    async def body(office: Office) -> None:
        token, _ = await tokens.app_token(office.core, office.app.app_key, office.app.secret)
        ticket, _ = await tokens.jsapi_ticket(office.core, office.identity)
        for signed_with in (ticket, token, office.app.secret, "nothing"):
            signature = sha1(text(signed_with, f"{PAGE}#x"))
            outcome = await check(office, signature, PAGE)
            assert outcome.code == 52013
            for secret in (ticket, token, office.app.secret, sha1(text(ticket, PAGE))):
                assert secret not in str(outcome)
                assert secret[:11] not in str(outcome)

    story(body)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
_FIELDS = ("agentId", "corpId", "timeStamp", "nonceStr", "signature", "jsApiList", "url", "type")


def test_whatever_a_page_sends_is_judged() -> None:
    with lasting() as (runner, office):
        runner.run(have_ticket(office))
        frame = runner.run(opened(office))
        good = {"signature": sha1(text(TICKET, PAGE))}

        @settings(max_examples=150, deadline=None)
        @given(changes=st.dictionaries(st.sampled_from(_FIELDS) | st.text(max_size=9), _JSON))
        def judged(changes: dict[str, Any]) -> None:
            fields = config(office, "") | good | changes
            outcome = runner.run(page_config.check(office.core, frame, fields, urls=[PAGE]))
            assert outcome.ok or (outcome.code in page_config.TEXTS and outcome.report.zh)
            str(outcome).encode()

        judged()


def test_no_secret_of_the_store_is_in_any_report() -> None:
    """Whatever a page signs with, over whatever, and wherever it puts what it should not have."""
    with lasting() as (runner, office):
        core = office.core
        core.settings = msgspec.structs.replace(core.settings, jsapi_ticket_mode="rotate")

        async def fetched() -> list[str]:
            other = await office.another_app()
            elsewhere = Identity("internal", office.corp_id, other.app_key, other.agent_id)
            found = [(await tokens.jsapi_ticket(core, office.identity))[0] for _ in range(3)]
            found.append((await tokens.jsapi_ticket(core, elsewhere))[0])
            found += [office.app.secret, other.secret]
            key, secret = office.app.app_key, office.app.secret
            return [*found, (await tokens.app_token(core, key, secret))[0]]

        secrets = runner.run(fetched())
        own = [*secrets[:3], office.app.secret, secrets[-1]]
        frame = runner.run(opened(office))
        mistakes: dict[str, Callable[[str, str], str]] = {
            "page": lambda ticket, url: text(ticket, url),
            "hash": lambda ticket, url: text(ticket, f"{url}#x"),
            "home": lambda ticket, url: text(ticket, frame.homes[0]),
            "swapped": lambda ticket, url: text(ticket, url, STAMP, NONCE),
            "rubbish": lambda ticket, url: "rubbish",
        }
        stuffed = st.dictionaries(
            st.sampled_from(_FIELDS),
            st.sampled_from(own) | st.sampled_from(own).map(lambda one: f"x={one}&") | _JSON,
            max_size=2,
        )

        @settings(max_examples=80, deadline=None)
        @given(
            signed_with=st.sampled_from([*secrets, "undefined"]),
            mistake=st.sampled_from(sorted(mistakes)),
            changes=stuffed,
            query=st.sampled_from(["", "?a=1", f"?t={own[0]}"]),
        )
        def told(signed_with: str, mistake: str, changes: dict[str, Any], query: str) -> None:
            page = f"http://app.example:8000/p{query}"
            fields = config(office, sha1(mistakes[mistake](signed_with, page))) | changes
            core.clock.travel(4_000)  # searches are counted by the minute
            outcome = runner.run(page_config.check(core, frame, fields, urls=[page]))
            said = msgspec.json.encode(outcome).decode()
            if not outcome.ok:
                assert [secret for secret in secrets if secret in said] == []

        told()


@pytest.mark.parametrize("ticket", [True, False])
@pytest.mark.parametrize(
    "wrong",
    [{"nonceStr": "\ud800"}, {"timeStamp": "\ud800"}, {"timeStamp": 10**40}, {"type": 2**64}],
)
def test_what_no_answer_can_carry_is_explained_and_carried(
    wrong: dict[str, Any], ticket: bool
) -> None:
    async def body(office: Office) -> None:
        if ticket:
            await have_ticket(office)
        for url in (PAGE, f"{PAGE}\ud800"):
            outcome = await check(office, "0" * 40, url, **wrong)
            assert outcome.code in (52011, 52012, 52013)
            assert msgspec.json.decode(msgspec.json.encode(outcome))["report"]["zh"]

    story(body)
