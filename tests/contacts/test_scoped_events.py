"""A suite with a scope hears of what lies in it, and of what leaves it; of nothing else."""

from __future__ import annotations

import json
from typing import Any

from sanfang.platform.domain import admins, contacts, outbox, roles, scopes
from sanfang.platform.domain.corp_events import target_of

from ..domain.world import AES_KEY
from ..openapi.world import World, story
from .test_events import TAGS
from .test_scopes import a_divided_corp


async def subscribe(world: World) -> None:
    form = {"call_back_tag": TAGS, "token": "tok", "aes_key": AES_KEY, "url": "http://isv.example/"}
    for token in (world.own, world.isv):
        reply = await world.post("/call_back/register_call_back", form, token)
        assert reply.code == 0, reply.json


async def heard(world: World, key: str) -> list[tuple[str, Any]]:
    pushes = await outbox.list_pushes(world.core, suite_key=target_of(key))
    events = [json.loads(push.plain) for push in reversed(pushes)]
    lists = ("UserId", "DeptId", "userIdList", "labelIdList")
    return [
        (each["EventType"], next(each[name] for name in lists if name in each))
        for each in events
        if each["EventType"] in TAGS
    ]


def test_members_inside_are_heard_of_and_those_outside_are_not() -> None:
    async def body(world: World) -> None:
        await a_divided_corp(world)
        await subscribe(world)
        core, corp_id = world.core, world.corp.corp_id
        await contacts.create_member(core, corp_id, name="内", userid="nei", departments=[3])
        await contacts.create_member(core, corp_id, name="外", userid="wai", departments=[4])
        await contacts.update_member(core, corp_id, "bing", position="named in the scope")
        await contacts.update_member(core, corp_id, "yi", position="outside")
        await admins.set_admin(core, corp_id, "jia", 2)
        await admins.set_admin(core, corp_id, "yi", 2)
        await contacts.delete_members(core, corp_id, ["nei", "wai"])
        await contacts.delete_member(core, corp_id, "bing")
        await contacts.delete_member(core, corp_id, "yi")
        assert await heard(world, world.suite.suite_key) == [
            ("user_add_org", ["nei"]),
            ("user_modify_org", ["bing"]),
            ("org_admin_add", ["jia"]),
            ("user_leave_org", ["nei"]),
            ("user_leave_org", ["bing"]),
        ]
        everything = await heard(world, world.app.app_key)
        assert ("user_leave_org", ["nei", "wai"]) in everything
        assert len(everything) == 9

    story(body)


def test_who_moves_out_of_the_scope_or_into_it_is_heard_of() -> None:
    async def body(world: World) -> None:
        await a_divided_corp(world)
        await subscribe(world)
        core, corp_id = world.core, world.corp.corp_id
        await contacts.update_member(core, corp_id, "jia", departments=[4])
        await contacts.update_member(core, corp_id, "jia", position="out of sight")
        await contacts.update_member(core, corp_id, "yi", departments=[2])
        assert await heard(world, world.suite.suite_key) == [
            ("user_modify_org", ["jia"]),
            ("user_modify_org", ["yi"]),
        ]

    story(body)


def test_departments_are_heard_of_by_where_they_lie_or_lay() -> None:
    async def body(world: World) -> None:
        await a_divided_corp(world)
        core, corp_id = world.core, world.corp.corp_id
        await contacts.update_member(core, corp_id, "jia", departments=[1])
        await subscribe(world)
        await contacts.create_department(core, corp_id, "内", parent_id=3)  # 5
        await contacts.create_department(core, corp_id, "外", parent_id=4)  # 6
        await contacts.update_department(core, corp_id, 4, name="市场二部")
        await contacts.update_department(core, corp_id, 5, parent_id=4)
        await contacts.update_department(core, corp_id, 5, name="看不见")
        await contacts.update_department(core, corp_id, 5, parent_id=2)
        await contacts.delete_department(core, corp_id, 5)
        await contacts.delete_department(core, corp_id, 6)
        assert await heard(world, world.suite.suite_key) == [
            ("org_dept_create", [5]),
            ("org_dept_modify", [5]),  # moved away
            ("org_dept_modify", [5]),  # moved back
            ("org_dept_remove", [5]),
        ]

    story(body)


def test_roles_given_are_told_for_the_members_inside_and_roles_themselves_to_everybody() -> None:
    async def body(world: World) -> None:
        await a_divided_corp(world)
        await subscribe(world)
        core, corp_id = world.core, world.corp.corp_id
        group = await roles.create_group(core, corp_id, "职务")
        role = await roles.create_role(core, corp_id, "负责人", group)
        await roles.give_roles(core, corp_id, [role], ["jia", "yi"])
        await roles.give_roles(core, corp_id, [role], ["yi"])
        assert await heard(world, world.suite.suite_key) == [
            ("label_conf_add", [group]),
            ("label_conf_add", [role]),
            ("label_user_change", ["jia"]),
        ]

    story(body)


def test_a_scope_of_everything_hears_everything() -> None:
    async def body(world: World) -> None:
        await a_divided_corp(world)
        await subscribe(world)
        core, corp_id = world.core, world.corp.corp_id
        await scopes.set_scope(core, world.suite.suite_key, corp_id, depts=[1], users=[])
        await contacts.update_member(core, corp_id, "yi", position="x")
        assert await heard(world, world.suite.suite_key) == [("user_modify_org", ["yi"])]

    story(body)
