"""/call_back/register, update, get and delete over the gate, with a real URL check."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from dingtalk.crypto import DingTalkCrypto

from sanfang.catalog import event_tags
from sanfang.platform.domain import authorisations, callbacks, corps, tokens
from sanfang.platform.domain.model import Identity
from sanfang.platform.domain.refusals import Refusal

from ..domain.world import AES_KEY
from ..openapi.world import FORM
from .world import TAGS, TOKEN, Place, story

EVERY_TAG = event_tags()


@pytest.mark.parametrize("isv", [False, True])
def test_a_registration_is_checked_kept_and_read_back(isv: bool) -> None:
    """The cipher of check_url carries the corpid for an own app, the suite_key for an ISV."""

    async def body(place: Place) -> None:
        assert await place.register() == 0
        assert place.receiver.events == [{"EventType": "check_url"}]
        found = await place.ask("get_call_back")
        assert found == {
            "errcode": 0,
            "errmsg": "ok",
            "call_back_tag": TAGS,
            "token": TOKEN,
            "aes_key": AES_KEY,
            "url": place.receiver.url,
        }

    story(body, isv=isv)


def test_the_second_registration_of_an_app_is_71006_and_another_app_has_its_own() -> None:
    async def body(place: Place) -> None:
        assert await place.register() == 0
        again = await place.world.post("/call_back/register_call_back", place.form(), place.token)
        assert again.code == 71006
        assert again.headers["x-sanfang-faq"] == "F33"
        assert "update_call_back" in again.explained
        assert len(place.receiver.events) == 1  # refused without asking the URL
        place.token = place.world.isv
        assert (await place.ask("get_call_back"))["errcode"] == 71007
        place.receiver.crypto = DingTalkCrypto(TOKEN, AES_KEY, place.world.suite.suite_key)
        assert await place.register() == 0

    story(body)


@pytest.mark.parametrize("name", ["get_call_back", "delete_call_back"])
def test_without_a_registration_reading_and_deleting_are_71007(name: str) -> None:
    async def body(place: Place) -> None:
        assert (await place.ask(name))["errcode"] == 71007
        assert (await place.ask("get_call_back_failed_result"))["errcode"] == 71007

    story(body)


def test_updating_replaces_everything_and_needs_a_registration() -> None:
    async def body(place: Place) -> None:
        path = "/call_back/update_call_back"
        changed = place.form(call_back_tag=["check_in"])
        assert (await place.world.post(path, changed, place.token)).code == 71007
        assert await place.register() == 0
        assert (await place.world.post(path, changed, place.token)).code == 0
        assert (await place.ask("get_call_back"))["call_back_tag"] == ["check_in"]
        assert len(place.receiver.named("check_url")) == 2
        place.receiver.says = "no"
        refused = await place.world.post(path, place.form(), place.token)
        assert refused.code == 71009
        assert (await place.ask("get_call_back"))["call_back_tag"] == ["check_in"]

    story(body)


def test_a_deleted_registration_can_be_made_anew() -> None:
    async def body(place: Place) -> None:
        assert await place.register() == 0
        assert (await place.ask("delete_call_back"))["errcode"] == 0
        assert (await place.ask("get_call_back"))["errcode"] == 71007
        assert await place.register() == 0

    story(body)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (71008, {"call_back_tag": ["user_add_org", "no_such_tag"]}),
        (71008, {"call_back_tag": ["suite_ticket"]}),
        (71010, {"call_back_tag": []}),
        (71010, {"call_back_tag": None}),
        (71010, {"call_back_tag": {"a": 1}}),
        (71010, {"token": None}),
        (71010, {"token": "a" * 129}),
        (71010, {"token": "with\ttab"}),
        (71010, {"aes_key": None}),
        (71010, {"aes_key": "short"}),
        (71010, {"aes_key": "!" * 43}),
        (71010, {"url": None}),
        (71010, {"url": {}}),
        (71011, {"url": "www.example.com"}),
        (71011, {"url": "ftp://isv.example/"}),
        (71012, {"url": "http://127.0.0.1:1/callback"}),
        (71013, {"url": "http://169.254.169.254/latest"}),
    ],
)
def test_a_bad_form_is_refused_with_its_code(code: int, changes: dict[str, Any]) -> None:
    async def body(place: Place) -> None:
        assert await place.register(**changes) == code
        assert (await place.ask("get_call_back"))["errcode"] == 71007

    story(body)


def test_an_unreachable_url_is_told_with_its_cause() -> None:
    async def body(place: Place) -> None:
        place.receiver.refuses = lambda event: True
        answer = await place.world.post("/call_back/register_call_back", place.form(), place.token)
        assert answer.code == 71012
        assert answer.json["errmsg"] == "url地址访问异常,错误原因为:http statusCode is:500"

    story(body)


def test_outside_a_sandbox_a_private_address_is_71013() -> None:
    async def body(place: Place) -> None:
        assert await place.register() == 71013

    story(body, sandbox=False)


def test_an_address_that_is_not_on_the_suites_whitelist_is_71013() -> None:
    async def body(place: Place) -> None:
        world = place.world
        await authorisations.set_ip_whitelist(
            world.core, world.suite.suite_key, place.corp_id, ["127.0.*.*", "198.51.100.*"]
        )
        refused = await world.post(
            "/call_back/register_call_back", place.form(url="http://8.8.8.8/x"), place.token
        )
        assert refused.code == 71013
        assert "8.8.8.8" in refused.explained
        assert await place.register() == 0

    story(body, isv=True)


def test_old_sdks_send_forms_with_json_text_and_tokens_in_the_body_of_a_get() -> None:
    async def body(place: Place) -> None:
        fields = place.form(call_back_tag=json.dumps(TAGS))
        target = f"/call_back/register_call_back?access_token={place.token}"
        sent = await place.world.raw("POST", target, urlencode(fields).encode(), FORM)
        assert sent.code == 0
        token = urlencode({"access_token": place.token}).encode()
        read = await place.world.raw("GET", "/call_back/get_call_back", token, FORM)
        assert read.json["call_back_tag"] == TAGS

    story(body)


def test_all_tags_are_taken_in_one_call_and_the_old_limit_is_a_setting() -> None:
    async def many(place: Place) -> None:
        assert await place.register(call_back_tag=[*EVERY_TAG, *EVERY_TAG]) == 0
        found = (await place.ask("get_call_back"))["call_back_tag"]
        assert sorted(found) == sorted(EVERY_TAG)

    async def few(place: Place) -> None:
        assert await place.register(call_back_tag=sorted(EVERY_TAG)[:21]) == 71010
        assert await place.register(call_back_tag=sorted(EVERY_TAG)[:20]) == 0

    story(many)
    story(few, call_back_most_tags=20)


def test_an_event_of_the_newer_documents_may_be_registered_too() -> None:
    async def body(place: Place) -> None:
        assert await place.register(call_back_tag=["todo_task_create"]) == 0

    story(body)


def test_deauthorising_removes_the_registration() -> None:
    async def body(place: Place) -> None:
        world, suite_key = place.world, place.world.suite.suite_key
        assert await place.register() == 0
        identity = await _identity(place)
        await authorisations.relieve(world.core, suite_key, place.corp_id)
        await authorisations.authorise(world.core, suite_key, place.corp_id)

        with pytest.raises(Refusal) as absent:
            await callbacks.get(world.core, identity)
        assert absent.value.code == 71007

    story(body, isv=True)


def test_a_corp_that_relieves_while_its_url_is_checked_gets_no_registration() -> None:
    async def body(place: Place) -> None:
        world, suite_key = place.world, place.world.suite.suite_key
        probe = world.core.probe

        async def slow(*args: Any, **options: Any) -> Any:
            result = await probe(*args, **options)
            await authorisations.relieve(world.core, suite_key, place.corp_id)
            return result

        world.core.probe = slow
        assert await place.register() == 40014

    story(body, isv=True)


def test_two_apps_of_a_corp_do_not_see_each_other() -> None:
    async def body(place: Place) -> None:
        core = place.world.core
        assert await place.register() == 0
        other = await corps.create_app(core, place.corp_id, "另一个应用")

        place.token, _ = await tokens.app_token(core, other.app_key, other.secret)
        assert (await place.ask("delete_call_back"))["errcode"] == 71007
        assert await place.register() == 0  # same corp, same $key, a lane of its own

    story(body)


async def _identity(place: Place) -> Identity:

    core = place.world.core
    identity = await tokens.resolve(core, place.token, core.clock.now())
    assert identity is not None
    return identity
