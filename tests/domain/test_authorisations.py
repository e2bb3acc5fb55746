"""The authorisation state machine A1-A9 (isv-lifecycle.md 3.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from sanfang.platform.domain import authorisations, corps, outbox, suites, tokens
from sanfang.platform.domain.core import Core
from sanfang.platform.domain.model import Close, Due
from sanfang.platform.domain.refusals import Refusal

from .world import a_core, a_suite, an_attempt


def story(body: Callable[[Core], Awaitable[None]]) -> None:
    async def run() -> None:
        async with a_core() as core:
            await body(core)

    asyncio.run(run())


async def push_all(core: Core, suite_key: str) -> list[dict[str, object]]:
    """Deliver everything that waits; return the plain events in order."""
    seen = []
    work: list[Due] = await outbox.claim(core, suite_key, "test", limit=100)
    while work:
        due = work.pop(0)
        seen.append(msgspec.json.decode(due.push.plain))
        following = await outbox.finish(core, due, an_attempt(ok=True))
        if following is not None:
            work.insert(0, following)
    return seen


async def code_of(core: Core, suite_key: str, corp_id: str) -> str:
    found = await authorisations.get_authorisation(core, suite_key, corp_id)
    assert found is not None
    return found.tmp_auth_code


def test_first_authorisation_announces_a_temporary_code_and_waits_for_activation() -> None:
    async def body(core: Core) -> None:
        suite, corp = await a_suite(core), await corps.create_corp(core, "示例公司")
        outcome = await authorisations.authorise(core, suite.suite_key, corp.corp_id)
        events = [e for e in await push_all(core, suite.suite_key) if "AuthCode" in e]
        assert outcome.event_type == "tmp_auth_code"
        assert [e["EventType"] for e in events] == ["tmp_auth_code"]
        assert events[0]["AuthCorpId"] == corp.corp_id
        agents = await authorisations.list_agents(core, suite.suite_key, corp.corp_id)
        assert [agent.close for agent in agents] == [Close.PENDING]

    story(body)


def test_activation_opens_the_agents_and_may_be_repeated() -> None:
    async def body(core: Core) -> None:
        suite, corp = await a_suite(core), await corps.create_corp(core, "示例公司")
        await authorisations.authorise(core, suite.suite_key, corp.corp_id)
        code = await code_of(core, suite.suite_key, corp.corp_id)
        permanent, _ = await authorisations.exchange_code(core, suite.suite_key, code)
        for _ in range(2):
            await authorisations.activate(core, suite.suite_key, corp.corp_id, permanent)
        info = await authorisations.auth_info(core, suite.suite_key, corp.corp_id, permanent)
        assert info.authorisation.state == "active"
        assert [agent.close for agent, _ in info.agents] == [Close.NORMAL]

    story(body)


def test_a_code_not_yet_received_is_pushed_again_and_a_received_one_gives_change_auth() -> None:
    async def body(core: Core) -> None:
        suite, corp = await a_suite(core), await corps.create_corp(core, "示例公司")
        first = await authorisations.authorise(core, suite.suite_key, corp.corp_id)
        again = await authorisations.authorise(core, suite.suite_key, corp.corp_id)
        assert (again.event_type, again.push_id, again.repeated) == (
            "tmp_auth_code",
            first.push_id,
            True,
        )
        await push_all(core, suite.suite_key)
        later = await authorisations.authorise(core, suite.suite_key, corp.corp_id)
        assert later.event_type == "change_auth"

    story(body)


def test_a_code_used_inside_its_own_push_counts_as_received() -> None:
    """The official demo exchanges the code before it answers the push."""

    async def body(core: Core) -> None:
        suite, corp = await a_suite(core), await corps.create_corp(core, "示例公司")
        await authorisations.authorise(core, suite.suite_key, corp.corp_id)
        code = await code_of(core, suite.suite_key, corp.corp_id)
        await authorisations.exchange_code(core, suite.suite_key, code)
        later = await authorisations.authorise(core, suite.suite_key, corp.corp_id)
        assert later.event_type == "change_auth"

    story(body)


def test_of_many_callers_with_one_code_exactly_one_wins() -> None:
    async def body(core: Core) -> None:
        suite, corp = await a_suite(core), await corps.create_corp(core, "示例公司")
        await authorisations.authorise(core, suite.suite_key, corp.corp_id)
        code = await code_of(core, suite.suite_key, corp.corp_id)
        results = await asyncio.gather(
            *(authorisations.exchange_code(core, suite.suite_key, code) for _ in range(50)),
            return_exceptions=True,
        )
        lost = [r for r in results if isinstance(r, Refusal)]
        assert len(lost) == 49
        assert {r.code for r in lost} == {40078}

    story(body)


def test_relieving_kills_the_permanent_code_and_the_tokens_and_a_new_authorisation_renews_both() -> (
    None
):
    async def body(core: Core) -> None:
        suite, corp = await a_suite(core), await corps.create_corp(core, "示例公司")
        key, corp_id = suite.suite_key, corp.corp_id
        await authorisations.authorise(core, key, corp_id)
        permanent, _ = await authorisations.exchange_code(
            core, key, await code_of(core, key, corp_id)
        )
        token, _ = await tokens.isv_corp_token(core, key, corp_id, permanent)
        identity = await tokens.resolve(core, token, core.clock.now())
        assert identity is not None
        await gate(core, identity)
        await authorisations.relieve(core, key, corp_id)
        with pytest.raises(Refusal) as gone:
            await gate(core, identity)
        assert gone.value.code == 40014
        with pytest.raises(Refusal) as dead:
            await tokens.isv_corp_token(core, key, corp_id, permanent)
        assert dead.value.code == 48004
        await authorisations.authorise(core, key, corp_id)
        with pytest.raises(Refusal) as old:
            await tokens.isv_corp_token(core, key, corp_id, permanent)
        assert old.value.code == 40084
        with pytest.raises(Refusal) as still:
            await gate(core, identity)  # a token of the earlier authorisation stays dead
        assert still.value.code == 40014

    async def gate(core: Core, identity: object) -> None:
        from sanfang.platform.domain import gatekeeping

        await gatekeeping.load_caller(core, identity)  # type: ignore[arg-type]

    story(body)


def test_disabling_and_enabling_is_announced_and_changes_close() -> None:
    async def body(core: Core) -> None:
        suite, corp = await a_suite(core, apps=2), await corps.create_corp(core, "示例公司")
        key, corp_id = suite.suite_key, corp.corp_id
        await authorisations.authorise(core, key, corp_id)
        await authorisations.activate(core, key, corp_id, None)
        await push_all(core, key)
        await authorisations.set_enabled(core, key, corp_id, False)
        names = [e["EventType"] for e in await push_all(core, key)]
        assert names == ["org_micro_app_stop", "org_micro_app_stop", "change_auth"]
        agents = await authorisations.list_agents(core, key, corp_id)
        assert {agent.close for agent in agents} == {Close.DISABLED}
        await authorisations.set_enabled(core, key, corp_id, True, app_id=agents[0].app_id)
        closes = [a.close for a in await authorisations.list_agents(core, key, corp_id)]
        assert closes == [Close.NORMAL, Close.DISABLED]

    story(body)


def test_authorising_again_after_a_new_micro_app_adds_an_agent_that_waits() -> None:
    async def body(core: Core) -> None:
        suite, corp = await a_suite(core), await corps.create_corp(core, "示例公司")
        key, corp_id = suite.suite_key, corp.corp_id
        await authorisations.authorise(core, key, corp_id)
        await authorisations.activate(core, key, corp_id, None)
        await push_all(core, key)
        form = suites.MicroAppForm(name="第二个应用", home_url="http://isv.example/2")
        app = await suites.add_micro_app(core, key, form)
        await authorisations.authorise(core, key, corp_id)
        assert await authorisations.unactive_corps(core, key, app.app_id) == ([corp_id], False)

    story(body)


@pytest.mark.parametrize(
    ("what", "code"),
    [("never", 41030), ("relieved", 48004), ("wrong", 40084), ("other", 41031)],
)
def test_a_permanent_code_that_does_not_fit_says_why(what: str, code: int) -> None:
    async def body(core: Core) -> None:
        suite = await a_suite(core)
        one = await corps.create_corp(core, "示例公司甲")
        two = await corps.create_corp(core, "示例公司乙")
        key = suite.suite_key
        permanent = {}
        for corp in (one, two):
            await authorisations.authorise(core, key, corp.corp_id)
            tmp = await code_of(core, key, corp.corp_id)
            permanent[corp.corp_id], _ = await authorisations.exchange_code(core, key, tmp)
        corp_id, given = one.corp_id, permanent[one.corp_id]
        if what == "never":
            corp_id = (await corps.create_corp(core, "示例公司丙")).corp_id
        elif what == "relieved":
            await authorisations.relieve(core, key, corp_id)
        elif what == "wrong":
            given = "x"
        else:
            given = permanent[two.corp_id]
        with pytest.raises(Refusal) as refused:
            await authorisations.activate(core, key, corp_id, given)
        assert refused.value.code == code

    story(body)


def test_each_dead_temporary_code_is_told_apart() -> None:
    async def body(core: Core) -> None:
        suite, other = await a_suite(core), await a_suite(core)
        corp = await corps.create_corp(core, "示例公司")
        key, corp_id = suite.suite_key, corp.corp_id

        async def refused(suite_key: str, code: str) -> str:
            with pytest.raises(Refusal) as caught:
                await authorisations.exchange_code(core, suite_key, code)
            assert caught.value.code == 40078
            return caught.value.en

        await authorisations.authorise(core, key, corp_id)
        code = await code_of(core, key, corp_id)
        assert "another suite" in await refused(other.suite_key, code)
        assert "no such" in await refused(key, "nonsense")
        await authorisations.exchange_code(core, key, code)
        core.clock.travel(5000)
        assert "5 s ago" in await refused(key, code)
        await authorisations.relieve(core, key, corp_id)
        await authorisations.authorise(core, key, corp_id)
        unused = await code_of(core, key, corp_id)
        await authorisations.relieve(core, key, corp_id)
        assert "relieved" in await refused(key, unused)

    story(body)


def test_deleting_a_micro_app_keeps_the_authorisation_and_authorising_again_brings_it_back() -> (
    None
):
    async def body(core: Core) -> None:
        suite, corp = await a_suite(core, apps=2), await corps.create_corp(core, "示例公司")
        key, corp_id = suite.suite_key, corp.corp_id
        await authorisations.authorise(core, key, corp_id)
        await authorisations.activate(core, key, corp_id, None)
        await push_all(core, key)
        gone, kept = await authorisations.list_agents(core, key, corp_id)
        await authorisations.remove_app(core, key, corp_id, gone.app_id)
        (event,) = await push_all(core, key)
        assert (event["EventType"], event["AgentId"]) == ("org_micro_app_remove", gone.agent_id)
        assert await authorisations.list_agents(core, key, corp_id) == [kept]
        with pytest.raises(Refusal, match="70003"):
            await authorisations.remove_app(core, key, corp_id, gone.app_id)
        await authorisations.authorise(core, key, corp_id)
        closes = [a.close for a in await authorisations.list_agents(core, key, corp_id)]
        assert sorted(closes) == [Close.NORMAL, Close.PENDING]

    story(body)


def test_a_dissolved_corp_ends_its_apps_authorisations_and_tokens() -> None:
    async def body(core: Core) -> None:
        suite, corp = await a_suite(core), await corps.create_corp(core, "示例公司")
        key, corp_id = suite.suite_key, corp.corp_id
        app = (await corps.list_apps(core, corp_id))[0]
        await authorisations.authorise(core, key, corp_id)
        permanent, _ = await authorisations.exchange_code(
            core, key, await code_of(core, key, corp_id)
        )
        await corps.dissolve_corp(core, corp_id)
        for waiting, code in (
            (tokens.corp_token(core, corp_id, app.secret), 40089),
            (tokens.isv_corp_token(core, key, corp_id, permanent), 48004),
            (authorisations.activate(core, key, corp_id, permanent), 70001),
            (authorisations.authorise(core, key, corp_id), 33001),
            (corps.dissolve_corp(core, corp_id), 33001),
        ):
            with pytest.raises(Refusal) as refused:
                await waiting
            assert refused.value.code == code
        assert (await corps.get_corp(core, corp_id)).dissolved_at == core.clock.now()

    story(body)
