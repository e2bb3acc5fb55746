"""Whoever leaves, and whatever is deleted, is named by no setting any more; the past stays as it was."""

from __future__ import annotations

import json
from typing import Any

from sanfang.platform.domain import (
    admins,
    app_scopes,
    approval_forms,
    approvals,
    calendars,
    chats,
    contacts,
    conversations,
    external_contacts,
    messages,
    outbox,
    roles,
    scopes,
    todos,
)
from sanfang.platform.domain.app_scopes import AppScope
from sanfang.platform.domain.approval_flow import Step
from sanfang.platform.domain.corp_events import target_of
from sanfang.platform.domain.external_contacts import External
from sanfang.platform.domain.model import Identity, Member
from sanfang.platform.store.ports import Query, Tx

from ..domain.world import AES_KEY
from ..openapi.world import World, story

LEFTOVERS = Query("mentions.all", "SELECT kind, mentioned, place, place_id FROM mentions")
HOUR = 3_600_000


async def people(world: World, *userids: str) -> list[Member]:
    return [
        await contacts.create_member(world.core, world.corp.corp_id, name=each, userid=each)
        for each in userids
    ]


async def leave(world: World, *userids: str) -> None:
    await contacts.delete_members(world.core, world.corp.corp_id, userids)


async def told(world: World, tags: list[str]) -> None:
    form = {"call_back_tag": tags, "token": "tok", "aes_key": AES_KEY, "url": "http://isv.example/"}
    assert (await world.post("/call_back/register_call_back", form, world.own)).code == 0


async def heard(world: World) -> list[dict[str, Any]]:
    pushes = await outbox.list_pushes(world.core, suite_key=target_of(world.app.app_key))
    events = [json.loads(push.plain) for push in reversed(pushes)]
    return [event for event in events if event["EventType"] != "check_url"]


def test_departments_lose_the_leaver_as_owner_manager_and_in_their_lists() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        await people(world, "jia", "yi")
        made = await contacts.create_department(core, corp_id, "研发部", user_permits=["jia", "yi"])
        await contacts.update_member(core, corp_id, "jia", departments=[1, made.dept_id])
        await contacts.update_department(
            *(core, corp_id, made.dept_id),
            managers=["jia"],
            org_dept_owner="jia",
            outer_permit_users=["jia"],
        )
        await leave(world, "jia")
        left = await contacts.get_department(core, corp_id, made.dept_id)
        assert left.profile.user_permits == ["yi"]
        assert (left.profile.org_dept_owner, left.profile.outer_permit_users) == ("", [])
        assert await contacts.department_managers(core, corp_id, made.dept_id) == []
        await leave(world, "yi")
        assert await core.durable.all(LEFTOVERS) == []

    story(body)


def test_who_reported_to_the_leaver_reports_to_nobody() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        await people(world, "jia", "yi", "bing")
        for userid in ("yi", "bing"):
            await contacts.update_member(core, corp_id, userid, manager_userid="jia", nickname="n")
        await contacts.update_member(core, corp_id, "bing", manager_userid="yi")
        await leave(world, "jia")
        yi = await contacts.get_member(core, corp_id, "yi")
        assert (yi.profile.manager_userid, yi.profile.nickname) == ("", "n")
        bing = await contacts.get_member(core, corp_id, "bing")
        assert bing.profile.manager_userid == "yi"
        await leave(world, "yi", "bing")
        assert await core.durable.all(LEFTOVERS) == []

    story(body)


def test_an_app_that_only_the_leaver_saw_does_not_open_to_everybody() -> None:
    async def body(world: World) -> None:
        core, corp_id, agent = world.core, world.corp.corp_id, world.app.agent_id
        await people(world, "jia", "yi")
        await app_scopes.set_scope(core, corp_id, agent, AppScope(userids=["jia", "yi"]))
        await leave(world, "jia")
        assert await app_scopes.get_scope(core, corp_id, agent) == AppScope(userids=["yi"])
        await leave(world, "yi")
        assert await app_scopes.get_scope(core, corp_id, agent) == AppScope(is_hidden=True)

    story(body)


def test_apps_lose_departments_and_roles_that_are_deleted() -> None:
    async def body(world: World) -> None:
        core, corp_id, agent = world.core, world.corp.corp_id, world.app.agent_id
        made = await contacts.create_department(core, corp_id, "研发部")
        group = await roles.create_group(core, corp_id, "职务")
        role = await roles.create_role(core, corp_id, "负责人", group)
        scope = AppScope(dept_ids=[made.dept_id], role_ids=[role])
        await app_scopes.set_scope(core, corp_id, agent, scope)
        await contacts.delete_department(core, corp_id, made.dept_id)
        assert await app_scopes.get_scope(core, corp_id, agent) == AppScope(role_ids=[role])
        await roles.delete_role(core, corp_id, role)
        assert await app_scopes.get_scope(core, corp_id, agent) == AppScope(is_hidden=True)

    story(body)


def test_an_authorisation_loses_who_left_and_what_was_deleted_and_does_not_widen() -> None:
    async def body(world: World) -> None:
        core, corp_id, key = world.core, world.corp.corp_id, world.suite.suite_key
        await people(world, "jia")
        made = await contacts.create_department(core, corp_id, "研发部")
        await scopes.set_scope(core, key, corp_id, depts=[made.dept_id], users=["jia"])
        await leave(world, "jia")
        await contacts.delete_department(core, corp_id, made.dept_id)
        shown = (await world.get("/auth/scopes", world.isv)).json["auth_org_scopes"]
        assert shown == {"authed_user": [], "authed_dept": []}
        assert (await world.get("/user/get", world.isv, userid="manager")).code == 50002

    story(body)


def test_a_scope_of_a_role_or_administrator_that_loses_its_last_department_covers_none() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        await people(world, "jia", "yi")
        first = (await contacts.create_department(core, corp_id, "研发部")).dept_id
        second = (await contacts.create_department(core, corp_id, "市场部")).dept_id
        await admins.set_admin(core, corp_id, "jia", 2, departments=[first, second])
        group = await roles.create_group(core, corp_id, "职务")
        role = await roles.create_role(core, corp_id, "负责人", group)
        await roles.give_roles(core, corp_id, [role], ["jia", "yi"])
        await roles.set_holder_scope(core, corp_id, role, "jia", [first, second])
        await contacts.delete_department(core, corp_id, first)
        assert await admins.admin_scope(core, corp_id, "jia") == [second]
        holders, _ = await roles.list_holders(core, corp_id, role, offset=0, size=10)
        assert [each.scope for each in holders] == [[second], []]
        await contacts.delete_department(core, corp_id, second)
        assert await admins.admin_scope(core, corp_id, "jia") == []
        kept = await core.durable.all(Query("t", "SELECT scope FROM member_roles ORDER BY userid"))
        assert [row[0] for row in kept] == ["[0]", "[]"]  # none; all
        assert await core.durable.all(LEFTOVERS) == []

    story(body)


def test_departments_and_roles_forget_deleted_departments() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        gone = (await contacts.create_department(core, corp_id, "甲部")).dept_id
        kept = await contacts.create_department(
            *(core, corp_id, "乙部"), dept_permits=[1, gone], outer_permit_depts=[gone]
        )
        await contacts.delete_department(core, corp_id, gone)
        profile = (await contacts.get_department(core, corp_id, kept.dept_id)).profile
        assert (profile.dept_permits, profile.outer_permit_depts) == ([1], [])
        await contacts.delete_department(core, corp_id, kept.dept_id)
        assert await core.durable.all(LEFTOVERS) == []

    story(body)


def test_external_contacts_get_another_follower_and_lose_shares() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        await people(world, "jia")
        dept = (await contacts.create_department(core, corp_id, "研发部")).dept_id
        shares: dict[str, Any] = {"share_user_ids": ["jia", "manager"], "share_dept_ids": [dept]}
        contact = External(name="客", mobile="13900000001", follower_user_id="jia", **shares)
        userid = await external_contacts.create_external(core, corp_id, contact)
        await leave(world, "jia")
        await contacts.delete_department(core, corp_id, dept)
        left = await external_contacts.get_external(core, corp_id, userid)
        assert (left.follower_user_id, left.share_user_ids) == ("manager", ["manager"])
        assert left.share_dept_ids == []
        await external_contacts.delete_external(core, corp_id, userid)
        assert await core.durable.all(LEFTOVERS) == []

    story(body)


def test_chats_are_handed_over_and_who_takes_the_userid_later_is_in_none() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        await people(world, "bing", "jia", "yi")
        await told(world, ["chat_remove_member", "chat_update_owner", "chat_disband"])
        make: dict[str, Any] = {"options": {}, "owner": "jia"}
        led = await chats.create_chat(
            core, corp_id, name="一", userids=["jia", "bing", "yi"], admins=["yi"], **make
        )
        alone = await chats.create_chat(core, corp_id, name="二", userids=["jia"], **make)
        pair = await conversations.open_conversation(core, corp_id, ["jia", "yi"])
        await leave(world, "jia")
        after = await conversations.get(core, corp_id, led.cid)
        assert after.owner == "yi"
        assert [each.userid for each in await chats.members(core, after)] == ["bing", "yi"]
        events = {(each["EventType"], each["ChatId"]) for each in await heard(world)}
        assert events == {
            ("chat_remove_member", led.chatid),
            ("chat_update_owner", led.chatid),
            ("chat_disband", alone.chatid),
        }
        await people(world, "jia")  # another person with the same userid
        assert await conversations.list_conversations(core, corp_id, userid="jia") == []
        assert await conversations.open_conversation(core, corp_id, ["jia", "yi"]) != pair

    story(body)


def test_what_was_said_stays() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        await people(world, "jia", "yi")
        cid = await conversations.open_conversation(core, corp_id, ["jia", "yi"])
        said = {"sender": "jia", "cid": cid, "msgtype": "text", "body": {"content": "早"}}
        await conversations.say(core, corp_id, app="", **said)  # type: ignore[arg-type]
        await leave(world, "jia")
        page = await messages.list_messages(core, corp_id)
        assert [each.sender for each in page] == ["jia"]

    story(body)


def test_open_to_dos_lose_the_leaver_and_done_ones_keep_everybody() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        jia, yi, bing = [each.unionid for each in await people(world, "jia", "yi", "bing")]
        app = Identity("internal", corp_id, world.app.app_key, world.app.agent_id)

        async def todo(*executors: str, creator: str = yi) -> todos.Todo:
            return await todos.create(
                core, app, creator=creator, subject="s", executors=executors, participants=[jia]
            )

        shared, only, own = await todo(jia, bing), await todo(jia), await todo(jia, creator=jia)
        waiting = await todo(jia, bing)
        await todos.set_executors_done(
            core, corp_id, waiting.task_id, modifier=bing, states={bing: True}
        )
        past = await todo(jia)
        await todos.update(core, corp_id, past.task_id, modifier=yi, done=True)
        await leave(world, "jia")

        async def roles_of(task: todos.Todo) -> dict[str, int]:
            found = await todos.get(core, corp_id, task.task_id)
            return {each.unionid: each.roles for each in found.people}

        assert await roles_of(shared) == {yi: 2, bing: 1}
        assert await roles_of(only) == {yi: 3}  # its creator's own now
        assert await roles_of(own) == {jia: 2}
        assert (await todos.get(core, corp_id, waiting.task_id)).done
        assert await roles_of(past) == {yi: 2, jia: 5}

    story(body)


def test_coming_events_lose_the_leaver_and_past_ones_do_not() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        jia, yi = [each.unionid for each in await people(world, "jia", "yi")]
        now = core.clock.now()

        async def event(organizer: str, guest: str, hours: int) -> calendars.Event:
            guests = [calendars.Attendee(guest)] if guest else []
            times = (now + hours * HOUR, now + (hours + 1) * HOUR)
            return await calendars.create(
                core, corp_id, organizer, calendars.Plan("s", *times, guests)
            )

        coming, past = await event(yi, jia, 1), await event(yi, jia, -5)
        called, lonely = await event(jia, yi, 1), await event(jia, "", 1)
        await leave(world, "jia")

        async def state(made: calendars.Event) -> tuple[bool, set[str]]:
            rows = await core.durable.all(PEOPLE, made.number)
            return bool(rows[0][1]), {str(row[0]) for row in rows}

        assert await state(coming) == (False, {yi})
        assert await state(past) == (False, {jia, yi})
        assert await state(called) == (False, {jia, yi})
        assert await state(lonely) == (True, {jia})

    story(body)


PEOPLE = Query(
    "calendar.people",
    """SELECT p.unionid, e.cancelled FROM calendar_people p
       JOIN calendar_events e ON e.event_no = p.event_no WHERE p.event_no = $1""",
)


def test_approvals_that_wait_for_the_leaver_go_to_the_administrator() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        await people(world, "jia", "yi")
        form = await approval_forms.save(
            core,
            corp_id,
            name="请假",
            components=[{"componentName": "TextField", "props": {"id": "a"}}],
        )
        start: dict[str, Any] = {"process_code": form.process_code, "originator": "yi"}
        start |= {"dept_id": 1, "form_values": [], "cc": approvals.Cc()}
        now_waiting = await approvals.start(core, corp_id, steps=[Step(["jia"])], **start)
        later = await approvals.start(core, corp_id, steps=[Step(["yi"]), Step(["jia"])], **start)
        both = [Step(["jia", "manager"], "AND")]
        together = await approvals.start(core, corp_id, steps=both, **start)
        await leave(world, "jia")

        async def running(instance: approvals.Instance) -> list[tuple[int, str]]:
            found = await approvals.get(core, corp_id, instance.instance_id)
            return [(each.task_id, each.userid) for each in found.tasks if each.status == "RUNNING"]

        [(task, approver)] = await running(now_waiting)
        assert approver == "manager"
        ended = await approvals.execute(
            *(core, corp_id, now_waiting.instance_id),
            task_id=task,
            actor="manager",
            result="agree",
            remark="",
        )
        assert (ended.status, ended.result) == ("COMPLETED", "agree")
        assert [each["userid"] for each in ended.records][:2] == ["yi", "jia"]
        [(task, _)] = await running(later)
        await approvals.execute(
            *(core, corp_id, later.instance_id),
            task_id=task,
            actor="yi",
            result="agree",
            remark="",
        )
        assert [each for _, each in await running(later)] == ["manager"]
        assert [each for _, each in await running(together)] == ["manager"]

    story(body)


SPACE = Query(
    "space",
    """INSERT INTO spaces (corp_id, kind, owner_key, scene, name, root_uuid, creator, details, quota,
         used, created_at, modified_at)
       VALUES ($1, 'org', '', '', 's', $2, 'u', '{}', 0, 0, 0, 0) RETURNING space_no""",
)
PERMIT = Query(
    "permit", "INSERT INTO dentry_permissions VALUES ($1, 0, $2, $3, 'READER', NULL, 'u', 0, 0)"
)
PERMITTED = Query("permitted", "SELECT member_id FROM dentry_permissions ORDER BY member_id")


def test_files_are_no_longer_shared_with_who_left_this_corp() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        jia, yi = [each.unionid for each in await people(world, "jia", "yi")]
        dept = (await contacts.create_department(core, corp_id, "研发部")).dept_id
        group = await roles.create_group(core, corp_id, "职务")
        role = await roles.create_role(core, corp_id, "负责人", group)

        async def share(tx: Tx) -> None:
            for number, where in enumerate((corp_id, "another corp")):
                if number:
                    await tx.run(OTHER)
                row = await tx.one(SPACE, where, f"root{number}")
                assert row is not None
                who = [("USER", jia), ("USER", yi), ("DEPT", str(dept)), ("TAG", f"{role}")]
                await tx.many(PERMIT, [(row[0], *each) for each in who])

        await core.durable.transact(share)
        await leave(world, "jia")
        await contacts.delete_department(core, corp_id, dept)
        await roles.delete_role(core, corp_id, role)
        left = [row[0] for row in await core.durable.all(PERMITTED)]
        assert sorted(left) == sorted([str(dept), str(role), jia, yi, yi])

    story(body)


OTHER = Query("other", "INSERT INTO corps VALUES ('another corp', 'x', 0, NULL, 2, 0, NULL)")
