"""What only the enterprise's administrator may do, through the management API's functions."""

from __future__ import annotations

from sanfang.platform.domain import contacts
from sanfang.platform.manage import contacts as manage
from sanfang.platform.manage import forms

from ..openapi.world import World, story


def test_the_console_names_administrators_activates_and_removes_members() -> None:
    async def body(world: World) -> None:
        core, corp_id = world.core, world.corp.corp_id
        await contacts.create_member(core, corp_id, name="甲", userid="a")
        form = forms.MemberAdmin(corp_id=corp_id, userid="a", level="sub", departments=[1])
        made = await manage.set_admin(core, form)
        assert (made.sys_level, made.is_admin, made.profile.admin_depts) == (2, True, [1])
        form = forms.MemberAdmin(corp_id=corp_id, userid="a", level="none")
        assert (await manage.set_admin(core, form)).is_admin is False
        active = forms.MemberActive(corp_id=corp_id, userid="a", active=False)
        assert (await manage.set_active(core, active)).active is False
        member = forms.MemberOfCorp(corp_id=corp_id, userid="a")
        assert (await manage.show_member(core, member)).name == "甲"
        await manage.delete_member(core, member)
        assert (await world.get("/user/get", world.own, userid="a")).code == 60111

    story(body)


def test_the_console_sets_what_a_suite_may_see() -> None:
    async def body(world: World) -> None:
        core, key, corp_id = world.core, world.suite.suite_key, world.corp.corp_id
        form = forms.AuthorisationScope(suite_key=key, corp_id=corp_id, userids=["manager"])
        await manage.set_scope(core, form)
        shown = await manage.show_scope(core, forms.SuiteAndCorp(suite_key=key, corp_id=corp_id))
        assert (shown.depts, shown.users) == ([], ["manager"])
        assert (await world.get("/department/list", world.isv)).code == 50004
        assert (await world.get("/user/get", world.isv, userid="manager")).code == 0

    story(body)
