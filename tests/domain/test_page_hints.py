"""What a developer is told when dd.config fails: the very mistake that was made."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from sanfang.platform.domain import authorisations, corps, frames, page_trials, suites, tokens
from sanfang.platform.domain.core import Core
from sanfang.platform.domain.model import Identity, Suite
from sanfang.platform.domain.page_config import Outcome
from sanfang.platform.domain.page_trials import Pages, Place

from .office import Office, an_app, story
from .pages import NONCE, STAMP, TICKET, check, have_ticket, opened, sha1, sha256, text
from .world import a_suite

SEEN = "http://app-1-android.sanfang.localhost:8000/list/?corpid=dingx&q=%E4%B8%AD%20a#/home"
PAGE = "http://app.example:8000/list/?corpid=dingx&q=%E4%B8%AD%20a"
FORM = "http://app.example:8000/list/?corpid=dingx&q=中 a"


async def cause(office: Office, signature: str, /, **changes: Any) -> Outcome:
    """What is found for the page with this signature."""
    frame = await opened(office)
    outcome = await check(office, signature, SEEN, PAGE, frame=frame, **changes)
    assert not outcome.ok
    return outcome


# The address: what was signed in its place, and the cause that is told.
ADDRESSES = [
    (f"{PAGE}#", "hash_signed"),
    (SEEN, "hash_signed"),
    (SEEN.replace("%E4%B8%AD%20a", "中 a"), "hash_signed"),
    ("http://app.example:8000/list/", "query_missing"),
    ("http://app.example:8000/list/?corpid=dingx", "parameter_missing"),
    ("http://app.example:8000/list/?q=中 a", "parameter_missing"),
    ("http://app.example:8000/list/?q=%E4%B8%AD%20a&corpid=dingx", "query_reordered"),
    (quote(PAGE, safe=""), "url_encoded"),
    ("http://app.example:8000/list/?corpid=dingx&q=%25E4%25B8%25AD%2520a", "query_encoded"),
    ("http://app.example:8000/list/?corpid%3Ddingx%26q%3D%25E4%25B8%25AD%2520a", "query_encoded"),
    ("http://app.example:8000/list/?corpid=dingx&q=%E4%B8%AD+a", "query_encoded"),
    (FORM.replace("&", "&amp;"), "html_escaped"),
    (PAGE.replace("&", "&amp;"), "html_escaped"),
    ("http://app.example:8000/list?corpid=dingx&q=中 a", "slash"),
    (PAGE.replace("http:", "https:"), "scheme"),
    ("https://app.example/list/?corpid=dingx&q=中 a", "scheme"),
    ("http://app.example/list/?corpid=dingx&q=中 a", "port"),
    (PAGE.replace("8000", "80"), "port"),
    (PAGE.replace("app.example", "localhost"), "other_host"),
    (PAGE.replace("app.example", "127.0.0.1"), "other_host"),
    ("/list/?corpid=dingx&q=%E4%B8%AD%20a", "host_missing"),
    ("http://app.example:8000/list/?corpid=dingx&q=%e4%b8%ad%20a", "letter_case"),
    ("http://app.example:8000/home?corpid=$CORPID$", "corpid_template"),
    ("http://app.example:8000", "origin_signed"),
    ("http://app.example:8000/", "origin_signed"),
    ("https://app.example/list/?corpid=dingx&q=%E4%B8%AD%20a", "scheme"),
    ("http://app.example:8000/list", "parent_signed"),
    ("undefined", "url_missing"),
    ("", "url_missing"),
]


def test_another_address_was_signed() -> None:
    async def body(office: Office) -> None:
        await have_ticket(office)
        for digest in (sha1, sha256):
            for url, expected in ADDRESSES:
                report = (await cause(office, digest(text(TICKET, url)))).report
                assert report.cause == expected, (url, report.cause)
                assert report.differs[0].field == "url"
                assert report.differs[0].sent == url
                assert report.differs[0].expected == SEEN.partition("#")[0]
                assert report.faq in ("F11", "F14")
                assert report.zh
                assert report.en

    story(body)


def test_the_home_page_or_the_first_page_was_signed() -> None:
    async def body(office: Office) -> None:
        await have_ticket(office)
        home = f"http://app.example:8000/home?corpid={office.corp_id}"
        pc = f"https://app.example/pc?corpid={office.corp_id}"
        for url, expected in ((home, "home_signed"), (pc, "home_signed")):
            report = (await cause(office, sha1(text(TICKET, url)))).report
            assert report.cause == expected
            assert url in report.zh
        first = "http://app.example:8000/entry?from=robot"
        frame = await opened(office, url=first)
        outcome = await check(office, sha1(text(TICKET, first)), SEEN, PAGE, frame=frame)
        assert outcome.report.cause == "first_page"
        assert first in outcome.report.zh
        page = f"http://app.example:8000/p?c={office.corp_id}&x=1"
        template = page.replace(office.corp_id, "$CORPID$")
        outcome = await check(office, sha1(text(TICKET, template)), page)
        assert outcome.report.cause == "corpid_template"

    story(body)


def joined(*pairs: tuple[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in pairs)


T, N, S, U = ("jsapi_ticket", TICKET), ("noncestr", NONCE), ("timestamp", STAMP), ("url", PAGE)
WRITINGS: list[tuple[str, str]] = [
    (joined(T, ("nonceStr", NONCE), ("timeStamp", STAMP), U), "names_misspelt"),
    (joined(T, ("nonceStr", NONCE), S, U), "names_misspelt"),
    (joined(T, N, ("timeStamp", STAMP), U), "names_misspelt"),
    (joined(("ticket", TICKET), N, S, U), "names_misspelt"),
    (joined(N, T, S, U), "order"),
    (joined(U, S, N, T), "order"),
    (joined(T, N, U), "field_missing"),
    (joined(T, S, U), "field_missing"),
    (TICKET + NONCE + STAMP + PAGE, "values_only"),
    ("".join(sorted((TICKET, NONCE, STAMP, PAGE))), "values_only"),
    (joined(T, N, S, ("url", quote(PAGE, safe=""))), "url_encoded"),
    (quote(joined(T, N, S, U), safe=""), "text_encoded"),
    (joined(T, N, S, U) + "\n", "text_unclean"),
    (joined(T, ("noncestr", STAMP), ("timestamp", NONCE), U), "swapped"),
    (joined(T, ("noncestr", NONCE.lower()), S, U), "nonce_differs"),
    (joined(T, ("noncestr", "undefined"), S, U), "nonce_differs"),
    (joined(T, N, ("timestamp", "undefined"), U), "timestamp_differs"),
    (joined(T, N, ("timestamp", f"{STAMP}000"), U), "timestamp_type"),
    (joined(T, N, ("timestamp", f"{STAMP}.0"), U), "timestamp_type"),
    (joined(T, N, ("timestamp", f"{STAMP}437"), U), "timestamp_type"),
    (joined(T, N, ("timestamp", str(int(STAMP) - 1)), U), "timestamp_twice"),
    (joined(T, N, ("timestamp", str(int(STAMP) + 7)), U), "timestamp_twice"),
    # two mistakes at once
    (joined(T, ("nonceStr", NONCE), ("timeStamp", STAMP), ("url", f"{PAGE}#/home")), "hash_signed"),
    (joined(N, T, S, ("url", "http://app.example:8000/list/")), "query_missing"),
]


def test_another_text_was_signed() -> None:
    async def body(office: Office) -> None:
        await have_ticket(office)
        for signed, expected in WRITINGS:
            report = (await cause(office, sha256(signed))).report
            causes = [report.cause, *(each.field for each in report.differs)]
            assert report.cause == expected, (signed, causes)
            assert report.differs
        keyed = hmac.new(TICKET.encode(), text(TICKET, PAGE).encode(), hashlib.sha1).hexdigest()
        assert (await cause(office, keyed)).report.cause == "hmac"
        millis = f"{STAMP}437"
        report = (await cause(office, sha1(text(TICKET, PAGE)), timeStamp=millis)).report
        assert report.cause == "timestamp_type"
        near = sha1(text(TICKET, PAGE, stamp=f"{STAMP}399"))
        assert (await cause(office, near, timeStamp=millis)).report.cause == "timestamp_twice"

    story(body)


def test_two_mistakes_are_both_told() -> None:
    async def body(office: Office) -> None:
        await have_ticket(office)
        signed = joined(T, ("nonceStr", NONCE), ("timeStamp", STAMP), ("url", f"{PAGE}#/home"))
        report = (await cause(office, sha1(signed))).report
        assert [each.field for each in report.differs] == ["url", "text"]
        assert "#" in report.zh
        assert "nonceStr" in report.zh

    story(body)


def test_a_superseded_ticket_says_when_and_by_whom() -> None:
    """F11: another server fetched a newer one."""

    async def body(office: Office) -> None:
        first, _ = await tokens.jsapi_ticket(office.core, office.identity, ip="10.0.0.1")
        office.core.clock.travel(60_000)
        await tokens.jsapi_ticket(office.core, office.identity, ip="10.0.0.2")
        report = (await cause(office, sha1(text(first, PAGE)))).report
        assert (report.cause, report.faq) == ("ticket_superseded", "F11")
        assert "10.0.0.2" in report.zh
        assert "2023-11-14 22:14:20 UTC" in report.zh
        assert first not in str(report)
        # and with a second mistake on top
        report = (await cause(office, sha1(text(first, f"{PAGE}#/home")))).report
        assert [each.field for each in report.differs] == ["jsapi_ticket", "url"]

    story(body, jsapi_ticket_mode="rotate")


def test_an_expired_ticket_says_since_when() -> None:
    async def body(office: Office) -> None:
        first, _ = await tokens.jsapi_ticket(office.core, office.identity)
        office.core.clock.travel(7_200_000)
        outcome = await cause(office, sha1(text(first, PAGE)))
        assert (outcome.code, outcome.report.cause) == (52011, "ticket_expired")
        assert "2023-11-15 00:13:20 UTC" in outcome.report.zh
        outcome = await cause(office, "a" * 40)
        assert (outcome.code, outcome.report.cause) == (52011, "ticket_expired")
        await tokens.jsapi_ticket(office.core, office.identity)
        outcome = await cause(office, sha1(text(first, PAGE)))
        assert (outcome.code, outcome.report.cause) == (52013, "ticket_expired")

    story(body)


def test_what_is_no_ticket_of_this_app_is_named() -> None:
    async def body(office: Office) -> None:
        core = office.core
        other = await office.another_app(name="别的应用")
        identity = Identity("internal", office.corp_id, other.app_key, other.agent_id)
        theirs, _ = await tokens.jsapi_ticket(core, identity)
        token, _ = await tokens.app_token(core, office.app.app_key, office.app.secret)
        outcome = await cause(office, sha1(text(theirs, PAGE)))
        assert (outcome.code, outcome.report.cause) == (52011, "ticket_other_app")
        assert "别的应用" in outcome.report.zh
        outcome = await cause(office, "a" * 40)
        assert (outcome.code, outcome.report.cause) == (52011, "ticket_fetched_by_other")
        await have_ticket(office)
        for key, expected in (
            (theirs, "ticket_other_app"),
            (token, "access_token"),
            (office.app.secret, "app_secret"),
            ("undefined", "ticket_missing"),
            ("", "ticket_missing"),
            (f"{TICKET}\n", "ticket_unclean"),
        ):
            outcome = await cause(office, sha256(text(key, PAGE)))
            assert (outcome.code, outcome.report.cause) == (52013, expected)
            assert outcome.report.differs[0].field == "jsapi_ticket"
            assert not key or key == "undefined" or key.strip()[:12] not in str(outcome)

    story(body)


def test_nobody_has_fetched_a_ticket() -> None:
    async def body(office: Office) -> None:
        outcome = await cause(office, "a" * 64)
        assert (outcome.code, outcome.report.cause) == (52011, "ticket_never_fetched")
        assert outcome.report.faq == "F13"
        assert outcome.message.endswith("ticketList:[]")

    story(body)


def test_the_ticket_of_another_corp_and_its_agent() -> None:
    """The classic mistake of an ISV: one corp's ticket or agentid for all corps."""

    async def body(office: Office) -> None:
        core = office.core
        there = await corps.create_corp(core, "另一家")
        theirs = await an_app(core, there.corp_id, name="那边的应用")
        await have_ticket(office)
        other = "otherticketotherticket"
        outcome = await cause(office, sha1(text(TICKET, PAGE)), agentId=str(theirs.agent_id))
        assert (outcome.code, outcome.report.cause) == (52019, "agent_unknown")
        assert str(office.app.agent_id) in outcome.report.zh
        await have_ticket(office, corp_id=there.corp_id, ticket=other)
        unseen = await cause(office, sha1(text(other, PAGE)))
        assert unseen.report.cause == "signature_differs"  # a corp that has nothing to do with it

    story(body)


AGENTS: list[tuple[Callable[[Office], Any], str]] = [
    (lambda office: "", "agent_missing"),
    (lambda office: office.app.app_key, "agent_is_key"),
    (lambda office: 99999, "agent_unknown"),
]
CORPS: list[tuple[Callable[[Office], Any], str]] = [
    (lambda office: "", "corp_missing"),
    (lambda office: "$CORPID$", "corp_template"),
    (lambda office: f" {office.corp_id}", "corp_unclean"),
    (lambda office: "dingnobody", "corp_unknown"),
]


def test_a_wrong_corp_or_agent_is_told_with_the_right_one() -> None:
    """F10 (080003), F12."""

    async def body(office: Office) -> None:
        await have_ticket(office)
        other = await office.another_app(name="别的应用")
        for give, expected in (*AGENTS, (lambda _: str(other.agent_id), "agent_of_other_app")):
            outcome = await cause(office, "a" * 40, agentId=give(office))
            assert (outcome.code, outcome.report.cause) == (52019, expected)
            assert "080003" in outcome.report.zh
            assert "080003" in outcome.report.en
            assert (outcome.report.faq, outcome.report.differs[0].field) == ("F10", "agentId")
            assert outcome.report.differs[0].expected == str(office.app.agent_id)
        for give, expected in CORPS:
            outcome = await cause(office, "a" * 40, corpId=give(office))
            assert (outcome.code, outcome.report.cause) == (52010, expected)
            assert (outcome.report.faq, outcome.report.differs[0].expected) == (
                "F12",
                office.corp_id,
            )
        outcome = await cause(office, "a" * 40, agentId=..., agentid="1")
        assert "agentid" in outcome.report.zh

    story(body)


def test_fields_that_are_misspelt_or_malformed_are_named() -> None:
    async def body(office: Office) -> None:
        await have_ticket(office)
        for changes, expected, word in (
            ({"nonceStr": ..., "noncestr": NONCE}, "nonce_missing", "noncestr"),
            ({"timeStamp": ..., "timestamp": STAMP}, "timestamp_missing", "timestamp"),
            ({"signature": ""}, "signature_missing", "signature"),
            ({"signature": "a" * 32}, "signature_md5", "MD5"),
            ({"signature": "a" * 128}, "signature_sha512", "SHA-512"),
            ({"signature": f"{'a' * 27}="}, "signature_base64", "Base64"),
            ({"signature": f"{'a' * 40} "}, "signature_unclean", "空白"),
            ({"jsApiList": ..., "jsapiList": []}, "names_missing", "jsapiList"),
            ({"jsApiList": "['a']"}, "names_malformed", "文本"),
        ):
            report = (await cause(office, "a" * 40, **changes)).report
            assert report.cause == expected
            assert word in report.zh

    story(body)


def test_a_mistake_nobody_knows_shows_the_text_to_compare() -> None:
    async def body(office: Office) -> None:
        await have_ticket(office)
        report = (await cause(office, "a" * 40)).report
        assert (report.cause, report.faq) == ("signature_differs", "F14")
        assert "10.0.0.9" in report.zh
        assert report.computed["string"].startswith("jsapi_ticket=mS5k98fdkd***&noncestr=")
        assert report.computed["tickets"][0]["fetched_by"] == "10.0.0.9"
        assert report.sent["signature"] == "a" * 40

    story(body)


def test_a_page_that_fails_over_and_over_is_not_searched_for_each_time() -> None:
    async def body(office: Office) -> None:
        await have_ticket(office)
        frame = await opened(office)
        signature = sha1(text(TICKET, f"{PAGE}#"))
        told = [(await check(office, signature, PAGE, frame=frame)).report.cause for _ in range(22)]
        assert told == ["hash_signed"] * 20 + ["signature_differs"] * 2
        office.core.clock.travel(61_000)
        assert (await check(office, signature, PAGE, frame=frame)).report.cause == "hash_signed"

    story(body)


async def authorised(core: Core, suite: Suite, corp_id: str) -> Identity:
    """Let a corp use a suite; return whom the corp token of the suite speaks for."""
    await authorisations.authorise(core, suite.suite_key, corp_id)
    await authorisations.activate(core, suite.suite_key, corp_id, None)
    return Identity("isv_corp", corp_id, suite_key=suite.suite_key)


def test_what_an_isv_mistakes_for_a_corps_ticket_and_agent() -> None:
    """One suite, two corps, two micro-apps: agentids, tickets and tokens differ by corp (F10, F14)."""

    async def body(office: Office) -> None:
        core, here = office.core, office.corp_id
        suite = await a_suite(core, apps=2)
        there = (await corps.create_corp(core, "另一家")).corp_id
        mine, theirs = [await authorised(core, suite, each) for each in (here, there)]
        ours = await authorisations.list_agents(core, suite.suite_key, here)
        others = await authorisations.list_agents(core, suite.suite_key, there)
        desk = await office.desk("manager")
        frame, _ = await frames.open_frame(core, desk, ours[0].agent_id, "pc")
        ticket, _ = await tokens.jsapi_ticket(core, mine)
        foreign, _ = await tokens.jsapi_ticket(core, theirs)
        corp_token, _ = await tokens.isv_corp_token(core, suite.suite_key, here, None)
        suite = await suites.get_suite(core, suite.suite_key)

        async def told(agent: object, key: str) -> Outcome:
            signature = sha256(text(key, PAGE))
            return await check(office, signature, PAGE, frame=frame, agentId=agent)

        assert (await told(ours[0].agent_id, ticket)).ok
        assert (await told(ours[1].agent_id, ticket)).ok  # both micro-apps of the suite
        for agent, expected in (
            (others[0].agent_id, "agent_of_other_corp"),
            (suite.suite_key, "agent_is_key"),
            (office.app.agent_id, "agent_of_other_app"),
        ):
            outcome = await told(agent, ticket)
            assert (outcome.code, outcome.report.cause) == (52019, expected)
            assert str(ours[0].agent_id) in outcome.report.zh
        for key, expected in (
            (foreign, "ticket_other_corp"),
            (corp_token, "access_token"),
            (suite.ticket, "suite_ticket"),
            (suite.suite_secret, "app_secret"),
        ):
            outcome = await told(ours[0].agent_id, key)
            assert (outcome.code, outcome.report.cause) == (52013, expected)
            assert key[:10] not in str(outcome)
            assert there not in str(outcome)  # who else uses a suite is nobody's business
        await authorisations.set_enabled(core, suite.suite_key, here, False)
        outcome = await told(ours[0].agent_id, ticket)
        assert (outcome.code, outcome.report.cause) == (52019, "agent_stopped")
        await authorisations.relieve(core, suite.suite_key, here)
        assert (await told(ours[0].agent_id, ticket)).report.cause == "agent_unknown"

    story(body)


@pytest.mark.parametrize(
    "path",
    ["/a" * 4000, "/a" * 2000 + "?" + "&a=" * 1300, "/?" + "&a=" * 2700, "/?" + "%25" * 2700],
)
def test_the_longest_address_makes_a_bounded_number_of_trials(path: str) -> None:
    url = f"http://app.example{path}"
    pages = Pages((url, f"{url}#x"), "ding1", (), ("http://app.example",), url)
    places = list(page_trials._distinct_places([Place("", url)], pages))
    assert len(places) < 300
    assert sum(len(place.url) for place in places) < 8_000_000
