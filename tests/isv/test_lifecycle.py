"""The built-in lifecycle against a platform under the test's control."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sanfang.client import TransportFailed
from sanfang.isv import AuthorisedCorp, CorpState, SuiteApp, UnknownCorp

from . import world
from .world import FakeClock, FakePlatform, Refusal, event, idle, make, push, until

CORP = "dingexamplecorp1"
pytestmark = pytest.mark.anyio


async def test_an_authorisation_ends_in_active_with_names_and_agents() -> None:
    platform, seen = FakePlatform(), []
    app = make(platform)

    @app.activated
    async def hello(_: object, corp: AuthorisedCorp) -> None:
        await corp.call(
            "message/send",
            agentid=corp.agent_ids[0],
            touser="a",
            msgtype="text",
            text={"content": f"你好，{corp.corp_name}"},
        )
        seen.append((corp.corp_id, corp.active))

    async with app:
        assert await push(app, platform.new_ticket()) == "success"
        assert await push(app, platform.authorise(CORP, "示例科技（上海）")) == "success"
        await until(lambda: bool(seen))
        await idle(app)
        corp = app.corp(CORP)
    assert seen == [(CORP, True)]
    assert platform.active(CORP)
    assert corp.corp_name == "示例科技（上海）"
    assert corp.user_id == "admin1"
    assert corp.agent_ids == list(platform.closes[CORP])
    assert [agent.close for agent in corp.agents] == [1, 1]
    assert platform.messages == [(CORP, "你好，示例科技（上海）")]


async def test_a_code_without_its_corp_as_in_2016_leads_to_active_too() -> None:
    platform = FakePlatform()
    async with make(platform) as app:
        await push(app, platform.new_ticket())
        await push(app, platform.authorise(CORP, named=False))
        await until(lambda: platform.active(CORP))
        await idle(app)
        assert app.corp(CORP).state is CorpState.ACTIVE
        assert platform.count("get_permanent_code") == 1


async def test_the_same_push_again_is_answered_and_not_handled_again() -> None:
    platform, runs = FakePlatform(), []
    app = make(platform)
    app.activated(lambda event, corp: runs.append(corp.corp_id))
    async with app:
        await push(app, platform.new_ticket())
        tmp = platform.authorise(CORP)
        assert await push(app, tmp) == "success"
        await idle(app)
        assert [await push(app, tmp) for _ in range(3)] == ["success"] * 3
        await idle(app)
    assert runs == [CORP]
    assert platform.count("get_permanent_code") == 1


async def test_two_pushes_of_one_event_at_once_are_one_event() -> None:
    platform, runs = FakePlatform(), []
    app = make(platform)
    app.on("user_add_org")(lambda event, corp: runs.append(event))
    one = event("user_add_org", CorpId=CORP, UserId=["u1"])
    async with app:
        answers = await asyncio.gather(*(push(app, one) for _ in range(20)))
        await idle(app)
    assert set(answers) == {"success"}
    assert len(runs) == 1


async def test_without_a_ticket_the_corp_waits_and_goes_on_when_one_comes() -> None:
    platform, clock = FakePlatform(), FakeClock()
    async with make(platform, clock=clock) as app:
        await push(app, platform.authorise(CORP))
        await until(lambda: app.health().waiting_for_ticket == 1)
        clock.advance(100_000)  # time alone changes nothing, and it is no failed attempt
        await asyncio.sleep(0)
        assert app.dead_letters() == []
        assert platform.calls == []
        await push(app, platform.new_ticket())
        await idle(app)
        assert app.corp(CORP).active


async def test_a_ticket_that_the_platform_replaced_is_waited_for_as_well() -> None:
    platform = FakePlatform()
    async with make(platform) as app:
        await push(app, platform.new_ticket())
        await idle(app)
        newer = platform.new_ticket()
        await push(app, platform.authorise(CORP))
        await until(lambda: app.health().waiting_for_ticket == 1)
        await push(app, newer)
        await idle(app)
        assert app.corp(CORP).active
        assert app.dead_letters() == []


async def test_a_ticket_handler_that_fails_holds_up_no_later_ticket() -> None:
    platform, clock = FakePlatform(), FakeClock()
    app = make(platform, clock=clock)

    @app.on("suite_ticket")
    async def failing(event: object, corp: object) -> None:
        raise RuntimeError("broken")

    async with app:
        await push(app, platform.new_ticket())
        await until(lambda: clock.waits == [10.0])
        await push(app, platform.new_ticket())
        await push(app, platform.authorise(CORP))
        await until(lambda: app.corps() != [] and app.corp(CORP).active)


async def test_an_event_of_the_suite_that_waits_for_a_ticket_gets_it() -> None:
    """It waits in the very lane that the ticket's event comes by."""
    platform, told = FakePlatform(), []
    app = make(platform)

    @app.on("market_buy")
    async def order(event: object, corp: object) -> None:
        await app.client().get_suite_token()
        told.append("order")

    async with app:
        await push(app, event("market_buy", orderId=1))
        await until(lambda: app.health().waiting_for_ticket == 1)
        await push(app, platform.new_ticket())
        await idle(app)
    assert told == ["order"]


async def test_a_ticket_that_comes_just_before_the_waiting_begins_is_not_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    platform = FakePlatform()
    async with make(platform, poll=60) as app:
        inbox = app._open().inbox
        postpone = inbox.postpone

        async def slowly(*arguments: object) -> None:
            await push(app, platform.new_ticket())
            await postpone(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(inbox, "postpone", slowly)
        await push(app, platform.authorise(CORP))
        await idle(app)
        assert app.corp(CORP).active


async def test_a_ticket_received_by_another_process_is_noticed(tmp_path: Path) -> None:
    platform, data = FakePlatform(), str(tmp_path / "isv.db")
    one, other = (make(platform, data=data, poll=0.01) for _ in range(2))
    async with one:
        await push(one, platform.authorise(CORP))
        await until(lambda: one.health().waiting_for_ticket == 1)
        async with other:
            await push(other, platform.new_ticket())
            await until(lambda: one.corps() != [] and one.corp(CORP).active)


async def test_an_older_ticket_does_not_replace_a_newer_one() -> None:
    platform = FakePlatform()
    async with make(platform) as app:
        older, newer = platform.new_ticket(), platform.new_ticket()
        await push(app, newer)
        await push(app, older)
        await push(app, platform.authorise(CORP))
        await idle(app)
        assert app.corp(CORP).active


async def test_an_answer_lost_after_the_code_was_used_up_is_survived() -> None:
    """40078 with nothing stored: on through the signed form."""
    platform, clock = FakePlatform(), FakeClock()

    def cut() -> None:
        del platform.after["get_permanent_code"]
        raise TransportFailed("cut", dropped=True)

    platform.after["get_permanent_code"] = cut
    async with make(platform, clock=clock) as app:
        await push(app, platform.new_ticket())
        await push(app, platform.authorise(CORP))
        await until(lambda: clock.waits == [10.0])
        clock.advance(10)
        await idle(app)
        assert app.corp(CORP).active
        assert platform.active(CORP)
        assert app.dead_letters() == []
        # and calls in the corp's name work without a permanent code
        await app.corp(CORP).call(
            "message/send", agentid=1, touser="a", msgtype="text", text={"content": "x"}
        )
    assert platform.messages == [(CORP, "x")]


async def test_a_code_lost_without_the_corps_name_is_repaired_by_the_next_change() -> None:
    platform, clock, runs = FakePlatform(), FakeClock(), []

    def cut() -> None:
        del platform.after["get_permanent_code"]
        raise TransportFailed("cut", dropped=True)

    platform.after["get_permanent_code"] = cut
    app = make(platform, clock=clock)
    app.activated(lambda event, corp: runs.append(corp.corp_id))
    async with app:
        await push(app, platform.new_ticket())
        await push(app, platform.authorise(CORP, named=False))
        await until(lambda: clock.waits == [10.0])
        clock.advance(10)
        await until(lambda: len(app.dead_letters()) == 1)
        assert "F45" in app.dead_letters()[0].note
        await push(app, platform.change(CORP))
        await idle(app)
        assert app.corp(CORP).active
    assert runs == [CORP]


@pytest.mark.parametrize("named", [True, False])
async def test_a_code_whose_authorisation_was_ended_meanwhile_ends_quietly(named: bool) -> None:
    platform = FakePlatform()
    async with make(platform) as app:
        await push(app, platform.authorise(CORP, named=named))  # waits: there is no ticket yet
        await push(app, platform.relieve(CORP))
        await push(app, platform.new_ticket())
        await idle(app)
        assert app.dead_letters() == []
        assert app.corp(CORP).state is CorpState.RELIEVED


async def test_relieving_forgets_the_code_and_authorising_again_begins_anew() -> None:
    platform, told = FakePlatform(), []
    app = make(platform)
    app.activated(lambda event, corp: told.append("activated"))
    app.relieved(lambda event, corp: told.append((corp.state.value, corp.agent_ids)))
    async with app:
        await push(app, platform.new_ticket())
        await push(app, platform.authorise(CORP))
        await idle(app)
        await push(app, platform.relieve(CORP))
        await idle(app)
        assert app.corps() == []
        assert [corp.corp_id for corp in app.corps(CorpState.RELIEVED)] == [CORP]
        await push(app, platform.authorise(CORP))
        await idle(app)
        assert app.corp(CORP).active
    assert told == ["activated", ("relieved", []), "activated"]


async def test_a_relieve_that_comes_after_the_new_authorisation_does_not_undo_it() -> None:
    platform = FakePlatform()
    async with make(platform) as app:
        await push(app, platform.new_ticket())
        await push(app, platform.authorise(CORP))
        await idle(app)
        late = platform.relieve(CORP)
        await push(app, platform.authorise(CORP))
        await idle(app)
        await push(app, late)
        await idle(app)
        assert app.corp(CORP).active


async def test_a_change_activates_what_waits_for_it_and_tells_the_handlers() -> None:
    platform, told = FakePlatform(), []
    app = make(platform)
    app.activated(lambda event, corp: told.append("activated"))
    app.changed(lambda event, corp: told.append(sorted(corp.agent_ids)))
    async with app:
        await push(app, platform.new_ticket())
        await push(app, platform.authorise(CORP))
        await idle(app)
        platform.closes[CORP][3001] = 2  # the administrator added an app
        await push(app, platform.change(CORP))
        await idle(app)
        assert platform.closes[CORP][3001] == 1
        activations = platform.count("activate_suite")
        await push(app, platform.change(CORP))
        await idle(app)
        assert platform.count("activate_suite") == activations  # nothing to activate
    agents = sorted(platform.closes[CORP])
    assert told == ["activated", agents, agents]


async def test_stop_restore_and_remove_of_a_micro_app_are_kept() -> None:
    platform = FakePlatform()
    async with make(platform) as app:
        await push(app, platform.new_ticket())
        await push(app, platform.authorise(CORP))
        await idle(app)
        first, second = app.corp(CORP).agent_ids
        await push(app, event("org_micro_app_stop", AuthCorpId=CORP, AgentId=first, AppId=1))
        await push(app, event("org_micro_app_remove", AuthCorpId=CORP, AgentId=second, AppId=2))
        await idle(app)
        assert [(a.agent_id, a.close) for a in app.corp(CORP).agents] == [(first, 0)]
        await push(app, event("org_micro_app_restore", AuthCorpId=CORP, AgentId=first, AppId=1))
        await idle(app)
        assert [(a.agent_id, a.close) for a in app.corp(CORP).agents] == [(first, 1)]


async def test_a_stored_code_of_an_earlier_authorisation_does_not_stand_in_the_way(
    tmp_path: Path,
) -> None:
    """The relieve push never came; the new code's answer was lost; the old code is refused."""
    platform, clock = FakePlatform(), FakeClock()
    async with make(platform, clock=clock, data=str(tmp_path / "isv.db")) as app:
        await push(app, platform.new_ticket())
        await push(app, platform.authorise(CORP))
        await idle(app)
        platform.relieve(CORP)  # not pushed

        def cut() -> None:
            del platform.after["get_permanent_code"]
            raise TransportFailed("cut", dropped=True)

        platform.after["get_permanent_code"] = cut
        await push(app, platform.authorise(CORP))
        await until(lambda: clock.waits == [10.0])
        clock.advance(10)
        await idle(app)
        assert app.corp(CORP).active
        assert platform.active(CORP)


@pytest.mark.parametrize("api", ["get_auth_info", "get_agent", "activate_suite"])
async def test_each_step_goes_on_where_the_last_one_failed(api: str, tmp_path: Path) -> None:
    """The step fails, the process ends, another one goes on: the code is exchanged once."""
    platform, clock = FakePlatform(), FakeClock()

    def busy() -> None:
        raise Refusal(40035)

    platform.before[api] = busy
    data = str(tmp_path / "isv.db")
    async with make(platform, clock=clock, data=data) as app:
        await push(app, platform.new_ticket())
        await push(app, platform.authorise(CORP))
        await until(lambda: clock.waits == [10.0])
    platform.before.clear()
    clock.advance(10)
    async with make(platform, clock=clock, data=data) as app:
        await idle(app)
        assert app.corp(CORP).active
    assert platform.count("get_permanent_code") == 1


async def test_a_platform_without_the_signed_form_works_with_the_permanent_code() -> None:
    platform = FakePlatform()
    platform.signed_form = False
    async with make(platform) as app:
        await push(app, platform.new_ticket())
        await push(app, platform.authorise(CORP))
        await idle(app)
        assert app.corp(CORP).active


async def test_corps_of_one_suite_never_share_tokens() -> None:
    platform = FakePlatform()
    app = make(platform)

    @app.activated
    async def hello(_: object, corp: AuthorisedCorp) -> None:
        await corp.call(
            "message/send", agentid=1, touser="a", msgtype="text", text={"content": corp.corp_id}
        )

    async with app:
        await push(app, platform.new_ticket())
        names = [f"dingcorp{number}" for number in range(10)]
        await asyncio.gather(*(push(app, platform.authorise(name)) for name in names))
        await idle(app)
        assert sorted(corp.corp_id for corp in app.corps()) == names
    assert sorted(platform.messages) == [(name, name) for name in names]
    assert platform.count("get_suite_token") == 1


async def test_a_corp_never_seen_is_an_error_with_an_explanation() -> None:
    async with make(FakePlatform()) as app:
        with pytest.raises(UnknownCorp, match="never authorised"):
            app.corp("dingnobody")


async def test_a_suite_told_later_is_remembered_in_the_file(tmp_path: Path) -> None:
    platform, data = FakePlatform(), str(tmp_path / "isv.db")
    async with make(platform, data=data, suite_key=None, suite_secret=None) as app:
        assert app.suite_key is None
        app.configure(world.SUITE_KEY, world.SUITE_SECRET)
        assert await push(app, platform.new_ticket()) == "success"
        await idle(app)
    again: SuiteApp = make(platform, data=data, suite_key=None, suite_secret=None)
    async with again:
        assert again.suite_key == world.SUITE_KEY
        await push(again, platform.authorise(CORP))
        await idle(again)
        assert again.corp(CORP).active
