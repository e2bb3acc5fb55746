"""What a member finds in the workbench: conversations, messages, what is unread."""

from __future__ import annotations

from sanfang.platform.domain import (
    app_scopes,
    chats,
    contacts,
    conversations,
    inbox,
    leaving,
    messages,
    micro_apps,
    robots,
)
from sanfang.platform.domain.app_scopes import AppScope
from sanfang.platform.domain.bells import Bell, Hearer
from sanfang.platform.domain.core import Core
from sanfang.platform.domain.inbox import Entry
from sanfang.platform.domain.model import Identity

from .office import Office, refused, story


async def notify(office: Office, *userids: str, text: str = "通知") -> int:
    """A work notification of the app."""
    sent = await messages.send(
        office.core,
        office.identity,
        agent_id=office.app.agent_id,
        touser=userids,
        toparty=[],
        to_all=False,
        msgtype="text",
        body={"content": text},
        channel="work",
    )
    return sent.message_id


async def listed(office: Office, userid: str) -> dict[str, Entry]:
    found = await inbox.conversations(office.core, office.corp_id, userid)
    return {entry.cid: entry for entry in found}


async def a_pair(office: Office, one: str = "jia", other: str = "yi") -> str:
    return await conversations.open_conversation(office.core, office.corp_id, [one, other])


def test_a_new_member_has_nothing() -> None:
    async def body(office: Office) -> None:
        assert await listed(office, "jia") == {}
        await refused(60111, inbox.conversations(office.core, office.corp_id, "nobody"))

    story(body)


def test_two_talk_and_each_sees_the_other() -> None:
    async def body(office: Office) -> None:
        core, corp_id = office.core, office.corp_id
        cid = await a_pair(office)
        said = await inbox.say(core, corp_id, "jia", cid, "你好\n世界")
        assert (said.mine, said.type, said.data["content"]) == (True, "text", "你好\n世界")
        assert (said.author.kind, said.author.id, said.author.name) == ("member", "jia", "测试员甲")
        mine, theirs = await listed(office, "jia"), await listed(office, "yi")
        assert (mine[cid].title, theirs[cid].title) == ("测试员乙", "测试员甲")
        assert mine[cid].last_text == theirs[cid].last_text == "你好 世界"
        assert (mine[cid].unread, theirs[cid].unread) == (0, 1)
        core.clock.travel(1000)
        await inbox.say(core, corp_id, "yi", cid, "好")
        page = await inbox.messages(core, corp_id, "jia", cid)
        assert [(item.text, item.mine) for item in page] == [("你好 世界", True), ("好", False)]
        assert (await listed(office, "jia"))[cid].last_text == "好"

    story(body)


def test_reading_is_told_to_who_wrote() -> None:
    async def body(office: Office) -> None:
        core, corp_id = office.core, office.corp_id
        cid = await a_pair(office)
        first = await inbox.say(core, corp_id, "jia", cid, "一")
        await inbox.say(core, corp_id, "jia", cid, "二")
        assert await inbox.read(core, corp_id, "yi", cid, up_to=first.id) == 1
        assert (await listed(office, "yi"))[cid].unread == 1
        page = await inbox.messages(core, corp_id, "jia", cid)
        assert [(item.read, item.read_count) for item in page] == [(True, 1), (False, 0)]
        assert await inbox.read(core, corp_id, "yi", cid) == 1
        assert await inbox.read(core, corp_id, "yi", cid) == 0
        theirs = await inbox.messages(core, corp_id, "yi", cid)
        assert all(item.read and not item.mine for item in theirs)

    story(body)


def test_work_notifications_have_a_thread_per_app() -> None:
    async def body(office: Office) -> None:
        core, corp_id = office.core, office.corp_id
        thread = f"app:{office.app.agent_id}"
        await notify(office, "jia", "yi", text="第一条")
        core.clock.travel(1)
        await notify(office, "jia", text="第二条")
        entry = (await listed(office, "jia"))[thread]
        assert (entry.kind, entry.title, entry.unread) == ("app", "签到看板", 2)
        assert entry.last_text == "第二条"
        assert (await listed(office, "yi"))[thread].last_text == "第一条"
        assert "bing" not in await listed(office, "bing")
        page = await inbox.messages(core, corp_id, "jia", thread)
        assert [item.text for item in page] == ["第一条", "第二条"]
        assert page[0].author.kind == "app"
        assert page[0].author.name == "签到看板"
        await refused(40016, inbox.say(core, corp_id, "jia", thread, "回复"))
        assert await inbox.read(core, corp_id, "jia", thread) == 2
        assert (await listed(office, "jia"))[thread].unread == 0

    story(body)


def test_an_apps_robot_writes_to_a_member_in_a_thread_of_its_own() -> None:
    async def body(office: Office) -> None:
        card = {
            "title": "标题",
            "text": "**粗**",
            "singleTitle": "看",
            "singleURL": "https://a.example/",
        }
        await robots.send_to_members(
            office.core, office.identity, ["jia"], "sampleActionCard", card
        )
        thread = f"app:{office.app.app_key}"
        entry = (await listed(office, "jia"))[thread]
        assert (entry.title, entry.last_text) == ("签到看板", "标题")
        page = await inbox.messages(office.core, office.corp_id, "jia", thread)
        assert page[0].type == "action_card"
        assert page[0].data["buttons"] == [{"title": "看", "url": "https://a.example/"}]

    story(body)


def test_a_group_says_who_spoke_and_its_robot_has_a_name() -> None:
    async def body(office: Office) -> None:
        core, corp_id = office.core, office.corp_id
        people = ["jia", "yi", "bing"]
        cid = await conversations.open_conversation(core, corp_id, people)
        await inbox.say(core, corp_id, "yi", cid, "大家好")
        entry = (await listed(office, "jia"))[cid]
        assert (entry.kind, entry.title, entry.last_text) == ("group", "群聊", "测试员乙：大家好")
        made = await robots.create_webhook(core, corp_id, cid, "报警机器人")
        robot = await robots.find_webhook(core, made.access_token)
        await robots.post(core, robot, "text", {"content": "磁盘满了"})
        last = (await inbox.messages(core, corp_id, "bing", cid))[-1]
        assert (last.author.kind, last.author.name, last.text) == (
            "robot",
            "报警机器人",
            "磁盘满了",
        )
        chat = await conversations.get(core, corp_id, cid)
        await chats.disband(core, chat)
        assert (await listed(office, "jia"))[cid].closed
        assert len(await inbox.messages(core, corp_id, "jia", cid)) == 2

    story(body)


def test_pages_go_back_and_lose_nothing() -> None:
    async def body(office: Office) -> None:
        core, corp_id = office.core, office.corp_id
        cid = await a_pair(office)
        for number in range(25):
            await inbox.say(core, corp_id, ("jia", "yi")[number % 3 == 0], cid, str(number))
        seen: list[str] = []
        before = 0
        while page := await inbox.messages(core, corp_id, "jia", cid, before=before, limit=7):
            seen = [item.text for item in page] + seen
            before = page[0].id
        assert seen == [str(number) for number in range(25)]

    story(body)


def test_strangers_see_nothing() -> None:
    async def body(office: Office) -> None:
        core, corp_id = office.core, office.corp_id
        cid = await a_pair(office)
        await inbox.say(core, corp_id, "jia", cid, "秘密")
        await refused(40016, inbox.messages(core, corp_id, "bing", cid))
        await refused(40016, inbox.say(core, corp_id, "bing", cid, "我也要"))
        for wrong in ("", "cidnone", "\0", "\ud800", "名", "x" * 1000, "app:\0"):
            await refused(40016, inbox.messages(core, corp_id, "jia", wrong))
            await refused(40016, inbox.say(core, corp_id, "jia", wrong, "x"))
            assert await inbox.read(core, corp_id, "jia", wrong) == 0
        assert await inbox.messages(core, corp_id, "jia", "app:9999999999999999999999") == []
        assert await inbox.read(core, corp_id, "bing", cid) == 0
        assert await listed(office, "bing") == {}
        odd = await inbox.say(core, corp_id, "jia", cid, "a\0b\ud800")
        assert odd.data["content"] == "a\0b?"
        await refused(34014, inbox.say(core, corp_id, "jia", cid, ""))
        await refused(34016, inbox.say(core, corp_id, "jia", cid, "长" * 5001))

    story(body)


def test_a_recalled_message_keeps_its_place_and_loses_its_words() -> None:
    async def body(office: Office) -> None:
        core, corp_id = office.core, office.corp_id
        number = await notify(office, "jia", text="写错了")
        found = await messages.get_message(core, corp_id, number)
        assert found is not None
        await messages.recall(core, found)
        thread = f"app:{office.app.agent_id}"
        item = (await inbox.messages(core, corp_id, "jia", thread))[0]
        assert (item.type, item.data, item.recalled) == ("recalled", {}, True)
        entry = (await listed(office, "jia"))[thread]
        assert "写错了" not in entry.last_text
        assert entry.unread == 0

    story(body)


def test_who_gets_a_userid_anew_does_not_find_what_the_former_holder_got() -> None:
    async def body(office: Office) -> None:
        core, corp_id = office.core, office.corp_id
        await notify(office, "jia", text="给原来的甲")
        cid = await a_pair(office)
        await inbox.say(core, corp_id, "jia", cid, "旧话")
        await leaving.delete_member(core, corp_id, "jia")
        core.clock.travel(1000)
        await contacts.create_member(core, corp_id, name="新来的", userid="jia")
        assert await listed(office, "jia") == {}
        thread = f"app:{office.app.agent_id}"
        assert await inbox.messages(core, corp_id, "jia", thread) == []
        await refused(40016, inbox.messages(core, corp_id, "jia", cid))
        core.clock.travel(1000)
        await notify(office, "jia", text="给新来的")
        assert [item.text for item in await inbox.messages(core, corp_id, "jia", thread)] == [
            "给新来的"
        ]
        assert (await listed(office, "yi"))[cid].title == "已离职的成员"

    story(body)


def test_changes_tell_what_came_since_and_cost_one_lookup_when_nothing_did() -> None:
    async def body(office: Office) -> None:
        core, corp_id = office.core, office.corp_id
        start = await inbox.changes(core, corp_id, "jia", -1)
        assert start.items == []
        first = await notify(office, "jia", "yi")
        await notify(office, "yi")
        found = await inbox.changes(core, corp_id, "jia", start.last)
        assert [item.id for item in found.items] == [first]
        assert found.items[0].cid == f"app:{office.app.agent_id}"
        again = await inbox.changes(core, corp_id, "jia", found.last)
        assert (again.items, again.last) == ([], found.last)
        assert (await inbox.changes(core, corp_id, "jia", -1)).last == first

    story(body)


def test_the_bell_rings_when_somebody_of_the_corp_gets_a_message() -> None:
    async def body(office: Office) -> None:
        bell = Bell()
        await bell.hang(office.core)
        with (
            bell.hear(office.corp_id, "jia") as mine,
            bell.hear("dingother", "jia") as others,
        ):
            await notify(office, "jia")
            assert await mine.rings(10)
            assert mine.news() == []
            assert not await others.rings(0)
            bell.ring("")
            assert await others.rings(0)
            assert await mine.rings(0)
            assert not await mine.rings(0)
        bell.ring(office.corp_id)
        assert not await mine.rings(0)  # who has left is not told

    story(body)


def test_who_wrote_hears_that_it_was_read_and_nobody_else() -> None:
    async def body(office: Office) -> None:
        core, corp_id = office.core, office.corp_id
        bell = Bell()
        await bell.hang(core)
        for mark in (inbox.read, _mark_all):
            cid = await a_pair(office)
            await inbox.say(core, corp_id, "jia", cid, "在吗")
            with bell.hear(corp_id, "jia") as jia, bell.hear(corp_id, "bing") as bing:
                await mark(core, corp_id, "yi", cid)
                assert await heard(jia) == [f"read {cid}"]
                await mark(core, corp_id, "yi", cid)  # nothing new was read
                await notify(office, "jia", "bing")
                assert await jia.rings(10)
                assert await bing.rings(10)
                assert jia.news() == bing.news() == []

    story(body)


async def heard(hearer: Hearer) -> list[str]:
    """What is new, whatever messages it rang for before."""
    while True:
        assert await hearer.rings(10)
        if found := hearer.news():
            return found


async def _mark_all(core: Core, corp_id: str, userid: str, cid: str) -> int:
    return await messages.mark_read(core, corp_id, userid)


def test_members_hear_of_changes_to_their_corps_apps() -> None:
    async def body(office: Office) -> None:
        core, corp_id = office.core, office.corp_id
        bell = Bell()
        await bell.hang(core)
        agent = office.app.agent_id
        with bell.hear(corp_id, "jia") as jia:
            for change in (
                lambda: office.another_app(),
                lambda: micro_apps.update_app(core, corp_id, agent, micro_apps.NEW, name="新名"),
                lambda: app_scopes.set_scope(core, corp_id, agent, AppScope(is_hidden=True)),
                lambda: micro_apps.delete_app(core, corp_id, agent),
            ):
                await change()
                assert await heard(jia) == ["apps"]

    story(body)


def test_many_threads_are_found_from_one_to_the_next() -> None:
    async def body(office: Office) -> None:
        core: Core = office.core
        apps = [await office.another_app(name=f"应用{n}") for n in range(12)]
        for app in apps:
            office.app, office.identity = app, _identity(office, app.app_key, app.agent_id)
            for _ in range(3):
                core.clock.travel(1)
                await notify(office, "jia", text=app.name)
        found = await inbox.conversations(core, office.corp_id, "jia")
        assert [entry.title for entry in found] == [app.name for app in reversed(apps)]
        assert {entry.unread for entry in found} == {3}

    story(body)


def _identity(office: Office, app_key: str, agent_id: int) -> Identity:
    return Identity("internal", office.corp_id, app_key, agent_id)
