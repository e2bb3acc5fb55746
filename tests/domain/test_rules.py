"""Contacts, developers, tokens, whitelist and rate rules."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.platform.domain import (
    authorisations,
    contacts,
    corps,
    developers,
    gatekeeping,
    messages,
    rates,
    suites,
    tokens,
)
from sanfang.platform.domain.core import Core, ProbeResult, Settings
from sanfang.platform.domain.model import Identity
from sanfang.platform.domain.refusals import Refusal
from sanfang.protocol.crypto import CREATE_SUITE_KEY
from sanfang.protocol.signatures import call_signature

from .test_authorisations import code_of, push_all, story
from .world import FakeProbe, a_core, a_suite


async def refused(code: int, waiting: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await waiting  # type: ignore[misc]
    assert caught.value.code == code
    return caught.value


def test_a_suite_is_made_only_when_its_url_answers_and_the_refusal_says_what_came() -> None:
    async def body(core: Core) -> None:
        assert isinstance(core.probe, FakeProbe)
        core.probe.result = ProbeResult(
            ok=False, code=71009, zh="不符", en="differs", faq="F40", fields=["timestamp"]
        )
        said = await refused(71009, a_suite(core))
        assert (said.faq, said.facts["fields"]) == ("F40", ["timestamp"])
        assert await suites.list_suites(core) == []
        core.probe.result = ProbeResult(ok=True)
        suite = await a_suite(core)
        assert core.probe.asked[-1][1] == CREATE_SUITE_KEY
        await suites.update_suite(core, suite.suite_key, callback_url="http://isv.example/new")
        assert core.probe.asked[-1][1] == suite.suite_key
        asked = len(core.probe.asked)
        await suites.update_suite(core, suite.suite_key, name="新名字")
        assert len(core.probe.asked) == asked

    story(body)


def test_departments_keep_their_tree_and_say_which_rule_is_broken() -> None:
    async def body(core: Core) -> None:
        corp_id = (await corps.create_corp(core, "示例公司")).corp_id
        a = await contacts.create_department(core, corp_id, "研发部", order=2)
        b = await contacts.create_department(core, corp_id, "市场部", order=1)
        c = await contacts.create_department(core, corp_id, "测试组", parent_id=a.dept_id)
        children = await contacts.list_departments(core, corp_id, 1, fetch_child=False)
        assert [d.name for d in children] == ["市场部", "研发部"]
        assert {d.dept_id for d in await contacts.list_departments(core, corp_id)} == {
            a.dept_id,
            b.dept_id,
            c.dept_id,
        }
        create, update = contacts.create_department, contacts.update_department
        await refused(60008, create(core, corp_id, "研发部"))
        await refused(60004, create(core, corp_id, "x", parent_id=99))
        await refused(60001, create(core, corp_id, "  "))
        await refused(60010, update(core, corp_id, a.dept_id, parent_id=c.dept_id))
        await refused(60006, contacts.delete_department(core, corp_id, a.dept_id))
        await refused(60007, contacts.delete_department(core, corp_id, 1))
        await refused(60003, contacts.get_department(core, corp_id, 99))
        member = await contacts.create_member(
            core, corp_id, name="测试员甲", departments=[c.dept_id]
        )
        await refused(60005, contacts.delete_department(core, corp_id, c.dept_id))
        await contacts.delete_member(core, corp_id, member.userid)
        await contacts.delete_department(core, corp_id, c.dept_id)

    story(body)


def test_a_number_may_join_five_plain_corps_through_the_api_and_more_through_the_console() -> None:
    async def body(core: Core) -> None:
        made = [(await corps.create_corp(core, f"示例公司{n}")).corp_id for n in range(6)]
        unions = set()
        for corp_id in made[:5]:
            member = await contacts.create_member(
                core, corp_id, name="测试员甲", mobile="13000000001"
            )
            unions.add(member.unionid)
        assert len(unions) == 1
        create = contacts.create_member
        said = await refused(40019, create(core, made[5], name="测试员甲", mobile="13000000001"))
        assert said.faq == "F46"
        await create(core, made[5], name="测试员甲", mobile="13000000001", by_api=False)
        await refused(60104, create(core, made[0], name="乙", mobile="13000000001"))
        await refused(60102, create(core, made[0], name="乙", userid="manager"))

    story(body)


def test_an_isv_never_sees_a_mobile_and_sees_an_email_only_when_ticked() -> None:
    async def body(core: Core) -> None:
        corp_id = (await corps.create_corp(core, "示例公司")).corp_id
        member = await contacts.create_member(
            core, corp_id, name="测试员甲", mobile="13000000001", email="a@example.com"
        )
        isv, own = Identity("isv_corp", corp_id), Identity("internal", corp_id)
        assert contacts.visible(member, own, []) == member
        assert contacts.visible(member, isv, []).email == ""
        shown = contacts.visible(member, isv, ["email"])
        assert (shown.mobile, shown.email) == ("", "a@example.com")

    story(body)


def test_a_developer_keeps_ten_test_corps_and_cannot_be_unbound() -> None:
    async def body(core: Core) -> None:
        corp_id = (await corps.create_corp(core, "示例软件公司")).corp_id
        developer = await developers.create_developer(core, corp_id, "示例开发者")
        for n in range(10):
            await developers.add_test_corp(core, developer.developer_id, f"测试企业{n}")
        await refused(40035, developers.add_test_corp(core, developer.developer_id, "第十一个"))
        assert (await refused(60011, developers.unbind(core, developer.developer_id))).faq == "F49"
        await refused(40035, developers.create_developer(core, corp_id, "第二个账号"))

    story(body)


@pytest.mark.parametrize("mode", ["keep", "rotate"])
def test_jsapi_tickets_follow_either_rule(mode: Literal["keep", "rotate"]) -> None:
    async def run() -> None:
        async with a_core(Settings(jsapi_ticket_mode=mode)) as core:
            identity = Identity("internal", "corp", "app")
            first, seconds = await tokens.jsapi_ticket(core, identity)
            second, _ = await tokens.jsapi_ticket(core, identity)
            assert seconds == 7200
            assert (first == second) is (mode == "keep")
            for _ in range(15):  # renewed again and again, but never beyond a day
                core.clock.travel(7_000_000)
                last, _ = await tokens.jsapi_ticket(core, identity)
            assert last != first
            other, _ = await tokens.jsapi_ticket(core, Identity("internal", "other", "app"))
            assert other != last

    asyncio.run(run())


def test_own_tokens_are_kept_and_renewed_and_each_secret_has_its_own() -> None:
    async def body(core: Core) -> None:
        corp_id = (await corps.create_corp(core, "示例公司")).corp_id
        first = (await corps.list_apps(core, corp_id))[0]
        second = await corps.create_app(core, corp_id, "第二个应用")
        one, _ = await tokens.corp_token(core, corp_id, first.secret)
        core.clock.travel(7_000_000)
        assert (await tokens.app_token(core, first.app_key, first.secret))[0] == one
        core.clock.travel(7_000_000)
        assert await tokens.resolve(core, one, core.clock.now()) is not None
        two, _ = await tokens.corp_token(core, corp_id, second.secret)
        assert two != one
        core.clock.travel(7_200_000)
        assert await tokens.resolve(core, one, core.clock.now()) is None
        await refused(40089, tokens.corp_token(core, corp_id, "wrong"))
        await refused(40089, tokens.app_token(core, "nobody", "wrong"))

    story(body)


def test_the_suite_token_needs_the_right_secret_and_a_live_ticket() -> None:
    async def body(core: Core) -> None:
        suite = await a_suite(core)
        key, secret = suite.suite_key, suite.suite_secret
        one, _ = await tokens.suite_token(core, key, secret, suite.ticket)
        core.clock.travel(core.settings.ticket_interval_ms)
        await suites.rotate_due_tickets(core)
        two, _ = await tokens.suite_token(core, key, secret, suite.ticket)  # one ticket's grace
        assert one != two
        core.clock.travel(core.settings.ticket_interval_ms)
        await suites.rotate_due_tickets(core)
        await refused(40085, tokens.suite_token(core, key, secret, suite.ticket))
        assert "suite_key" in (await refused(40085, tokens.suite_token(core, key, secret, key))).en
        await refused(40088, tokens.suite_token(core, key, "wrong", suite.ticket))
        await refused(40083, tokens.suite_token(core, "suitenobody", secret, suite.ticket))

    story(body)


def test_signed_calls_are_checked_step_by_step() -> None:
    async def body(core: Core) -> None:
        suite = await a_suite(core)
        now = str(core.clock.now())

        async def call(
            timestamp: str = now, ticket: str = suite.ticket, key: str = "", signature: str = ""
        ) -> Identity:
            signed = signature or call_signature(suite.suite_secret, timestamp, ticket)
            return await tokens.verify_signed_call(
                core,
                access_key=key or suite.suite_key,
                timestamp=timestamp,
                suite_ticket=ticket,
                signature=signed.replace("+", " "),
            )

        assert (await call()).suite_key == suite.suite_key
        assert (await call(ticket="any text while in development")).kind == "suite"
        await refused(853001, call(timestamp=now[:10]))
        await refused(853002, call(timestamp=str(core.clock.now() - 61_000)))
        await refused(853003, call(key="suitenobody"))
        await refused(853004, call(signature="wrong"))
        await suites.update_suite(core, suite.suite_key, status="finished")
        await refused(853005, call(ticket="any text"))
        assert (await call()).kind == "suite"

    story(body)


@pytest.mark.parametrize(
    ("pattern", "ip", "admitted"),
    [
        ("5.6.7.8", "5.6.7.8", True),
        ("5.6.7.8", "5.6.7.9", False),
        ("5.6.7.*", "5.6.7.200", True),
        ("5.6.*.*", "5.6.255.1", True),
        ("5.6.*.9", "5.6.1.1", True),
        ("5.6.*.*", "5.60.1.1", False),
        ("127.0.0.1", "::ffff:127.0.0.1", True),
    ],
)
def test_whitelist_patterns(pattern: str, ip: str, admitted: bool) -> None:
    caller = gatekeeping.Caller(Identity("suite"), gatekeeping.parse_patterns([pattern]))
    if admitted:
        assert gatekeeping.check_ip(caller, ip) is None
    else:
        with pytest.raises(Refusal, match="60020"):
            gatekeeping.check_ip(caller, ip)


@given(st.text())
def test_any_text_as_a_whitelist_entry_is_a_sound_pattern_or_refused(text: str) -> None:
    with contextlib.suppress(Refusal):
        (pattern,) = gatekeeping.parse_patterns([text])
        assert 2 <= len(pattern.parts) <= 4


def test_the_four_rules_refuse_with_their_own_codes_and_a_refused_call_counts_nowhere() -> None:
    async def run() -> None:
        settings = Settings(
            rate_suite_corp_api=2, rate_isv_corp_api=3, rate_isv_api=5, rate_corp_api=1
        )
        async with a_core(settings) as core:
            now = core.clock.now()

            async def call(suite: str, corp: str) -> int:
                identity = Identity("isv_corp", corp, suite_key=suite, isv="isv1")
                try:
                    await rates.check_rate(core, identity, "user/get", now)
                except Refusal as refusal:
                    return refusal.code
                return 0

            assert [await call("s1", "c1") for _ in range(3)] == [0, 0, 90014]  # R4
            assert [await call("s2", "c1") for _ in range(2)] == [0, 90008]  # R3
            assert [await call("s1", "c2") for _ in range(2)] == [0, 0]
            assert await call("s1", "c3") == 90010  # R2: five admitted, the refusals not counted
            own = Identity("internal", "c1", "app")
            await rates.check_rate(core, own, "user/get", now)
            await refused(90005, rates.check_rate(core, own, "user/get", now))
            await rates.check_rate(core, own, "user/get", now + 61_000)

    asyncio.run(run())


def test_a_message_reaches_members_and_departments_and_names_who_it_does_not() -> None:
    async def body(core: Core) -> None:
        suite, corp = await a_suite(core), await corps.create_corp(core, "示例公司")
        key, corp_id = suite.suite_key, corp.corp_id
        dept = await contacts.create_department(core, corp_id, "研发部")
        for userid in ("a", "b"):
            await contacts.create_member(
                core, corp_id, name=userid, userid=userid, departments=[dept.dept_id]
            )
        await authorisations.authorise(core, key, corp_id)
        agent = (await authorisations.list_agents(core, key, corp_id))[0]
        identity = Identity("isv_corp", corp_id, suite_key=key, generation=1)

        async def send(**changes: object) -> messages.Sent:
            arguments: dict[str, object] = {
                "agent_id": agent.agent_id,
                "touser": ["a", "nobody"],
                "toparty": [dept.dept_id, 99],
                "to_all": False,
                "msgtype": "text",
                "body": {"content": "你好"},
            }
            return await messages.send(core, identity, **(arguments | changes))  # type: ignore[arg-type]

        await refused(41044, send())  # not activated yet
        await authorisations.activate(core, key, corp_id, None)
        sent = await send()
        assert (sent.invalid_users, sent.invalid_parties, sent.receivers) == (["nobody"], [99], 2)
        inbox = await messages.list_messages(core, corp_id, userid="b")
        assert [(m.body, m.receivers) for m in inbox] == [({"content": "你好"}, ["a", "b"])]
        await refused(40056, send(agent_id=10**6))
        await refused(41028, send(to_all=True))
        await refused(40031, send(touser=["nobody"], toparty=[]))
        assert await code_of(core, key, corp_id)
        assert await push_all(core, key)

    story(body)
