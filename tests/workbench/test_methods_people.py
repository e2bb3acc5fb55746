"""Choosing people and conversations, DING and sharing: what comes out, and what cannot be reached."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sanfang.platform.domain import (
    app_scopes,
    chats,
    contacts,
    conversations,
    departments,
    messages,
    micro_apps,
    roles,
)

from .calling import PageOf
from .site import Site, a_site


@pytest.fixture(scope="module")
def firm() -> Iterator[Site]:
    """A site of this module's own, with departments.

    root: zhang (administrator), li; 研发 (2 levels): wang, 前端: chen; 保密 hidden: mi;
    外包 outer, sees only itself: bao.
    """
    with a_site() as one:
        one.run(_furnish(one))
        yield one


async def _furnish(site: Site) -> None:
    core, corp = site.core, site.corp_id
    lab = await departments.create_department(core, corp, name="研发")
    web = await departments.create_department(core, corp, name="前端", parent_id=lab.dept_id)
    secret = await departments.create_department(
        core, corp, name="保密", hide_dept=True, user_permits=["li"]
    )
    outer = await departments.create_department(
        core,
        corp,
        name="外包",
        outer_dept=True,
        outer_dept_only_self=True,
        outer_permit_users=["wang"],
    )
    await contacts.update_member(core, corp, "wang", departments=[lab.dept_id])
    for userid, name, dept in (
        ("chen", "陈六", web.dept_id),
        ("mi", "密七", secret.dept_id),
        ("bao", "包八", outer.dept_id),
    ):
        await contacts.create_member(core, corp, name=name, userid=userid, departments=[dept])


def dept(site: Site, name: str) -> int:
    return site.run(contacts.search_departments(site.core, site.corp_id, name))[0]


def test_choosing_members_returns_them_as_2016_did(firm: Site) -> None:
    page = PageOf(firm)
    offered = page.offered("biz.contact.choose", users=["li", "nobody"], multiple=True, max=5)
    picker = offered["picker"]
    assert [each["userid"] for each in picker["picked"]] == ["li"]
    assert picker["max"] == 5
    assert not picker["departments"]
    chosen = page.finished("biz.contact.choose", {"users": ["wang", "nobody"]})
    assert chosen == [{"name": "王五", "avatar": "", "emplId": "wang"}]


def test_the_newer_picker_counts_members_once(firm: Site) -> None:
    page, lab = PageOf(firm), dept(firm, "研发")
    answer = {"users": ["wang", "li"], "departments": [str(lab)]}
    found = page.finished("biz.contact.complexPicker", answer)
    assert found["selectedCount"] == 3  # li, wang, chen below
    assert found["departments"] == [{"id": str(lab), "name": "研发", "number": "2"}]
    assert found["users"][0] == {
        "name": "王五",
        "avatar": "",
        "emplId": "wang",
        "corpId": firm.corp_id,
        "selectDeptId": lab,
        "selectDeptName": "研发",
    }
    only = page.finished("biz.contact.complexPicker", answer, responseUserOnly=True)
    assert only["departments"] == []
    assert {each["emplId"] for each in only["users"]} == {"wang", "li", "chen"}


def test_the_picker_of_2016_names_its_list_department(firm: Site) -> None:
    lab = dept(firm, "研发")
    answer = {"users": ["li"], "departments": [lab]}
    found = PageOf(firm).finished("biz.contact.complexChoose", answer)
    assert found == {
        "users": [{"name": "李四", "avatar": "", "emplId": "li"}],
        "department": [{"id": lab, "name": "研发"}],
    }


def test_choosing_departments(firm: Site) -> None:
    page, lab = PageOf(firm), dept(firm, "研发")
    picker = page.offered("biz.contact.departmentsPicker", pickedDepartments=[str(lab)])["picker"]
    assert picker["pickedDepartments"] == [{"id": lab, "name": "研发"}]
    assert not picker["users"]
    found = page.finished("biz.contact.departmentsPicker", {"departments": [lab]})
    assert (found["userCount"], found["departmentsCount"]) == (2, 1)
    assert found["departments"][0]["deptId"] == str(lab)


def test_a_custom_list_offers_only_its_own(firm: Site) -> None:
    page = PageOf(firm)
    given = {"users": ["li", "wang", "nobody"], "isShowCompanyName": True}
    picker = page.offered("biz.customContact.multipleChoose", **given)["picker"]
    assert [each["userid"] for each in picker["people"]] == ["li", "wang"]
    assert picker["company"] == "示例公司"
    found = page.finished("biz.customContact.multipleChoose", {"users": ["chen", "wang"]}, **given)
    assert [each["emplId"] for each in found] == ["wang"]


def test_choosing_roles(firm: Site) -> None:
    async def make() -> int:
        group = await roles.create_group(firm.core, firm.corp_id, "职能")
        return await roles.create_role(firm.core, firm.corp_id, "会计", group)

    number = str(firm.run(make()))
    page = PageOf(firm)
    offered = page.offered("biz.contact.rolesPicker", corpId=firm.corp_id)["roles"]
    assert {"id": number, "name": "会计", "group": "职能"} in offered
    found = page.finished("biz.contact.rolesPicker", {"roles": [number, "999999"]})
    assert found == {"roles": [{"name": "会计", "roleId": number}]}


def see(site: Site, userid: str, dept_id: int = 1) -> tuple[set[str], set[str]]:
    """Departments and members a picker lists."""
    found = site.api("GET", f"/api/contacts/departments/{dept_id}", desk=site.sign_in(userid)).json
    names = {each["name"] for each in found["departments"]}
    return names, {each["userid"] for each in found["members"]}


def test_a_hidden_department_is_seen_by_whom_it_permits(firm: Site) -> None:
    assert "保密" not in see(firm, "zhang")[0]
    assert "保密" in see(firm, "li")[0]
    assert "保密" in see(firm, "mi")[0]
    secret = dept(firm, "保密")
    for desk, status in (("zhang", 400), ("li", 200)):
        path = f"/api/contacts/departments/{secret}"
        assert (firm.api("GET", path, desk=firm.sign_in(desk)).status == 200) == (status == 200)
    assert PageOf(firm).finished("biz.contact.choose", {"users": ["mi"]}) == []
    assert PageOf(firm, "li").finished("biz.contact.choose", {"users": ["mi"]})[0]["name"] == "密七"
    found = PageOf(firm).finished("biz.contact.departmentsPicker", {"departments": [secret]})
    assert found["departments"] == []


def test_an_outer_department_sees_itself_and_what_it_is_permitted(firm: Site) -> None:
    names, people = see(firm, "bao")
    assert names == {"外包"}
    assert people == {"bao", "wang"}
    answer = {"users": ["bao", "wang", "li", "zhang", "chen"]}
    found = PageOf(firm, "bao").finished("biz.contact.choose", answer)
    assert {each["emplId"] for each in found} == {"bao", "wang"}
    desk = firm.sign_in("bao")
    listed = firm.api("GET", "/api/contacts/search?q=%E5%9B%9B", desk=desk).json["members"]
    assert listed == []  # 李四


def test_a_group_is_made_and_its_id_is_a_chatid(firm: Site) -> None:
    page = PageOf(firm)
    picker = page.offered("biz.contact.createGroup", users=["li"])["picker"]
    assert picker["disabled"] == ["zhang"]
    assert picker["picked"][0]["userid"] == "li"
    made = page.finished("biz.contact.createGroup", {"users": ["li", "wang"]})
    chat = firm.run(conversations.find_chat(firm.core, firm.corp_id, made["id"]))
    assert chat is not None
    assert chat.owner == "zhang"
    people = firm.run(conversations.members_of(firm.core.durable, chat.cid))
    assert {each.userid for each in people} == {"zhang", "li", "wang"}
    shown = page.offered("biz.chat.toConversation", chatId=made["id"], corpId=firm.corp_id)
    assert shown["cid"] == chat.cid
    assert page.refused("biz.contact.createGroup", {"users": ["zhang"]})[0] == "3"


def group_of(site: Site, owner: str, *others: str) -> conversations.Conversation:
    return site.run(
        chats.create_chat(
            site.core,
            site.corp_id,
            name=f"{owner}的群",
            owner=owner,
            userids=[owner, *others],
            options={},
        )
    )


def test_only_conversations_one_is_in_can_be_chosen(firm: Site) -> None:
    mine, other = group_of(firm, "zhang", "li"), group_of(firm, "li", "wang")
    page = PageOf(firm)
    offered = page.offered("biz.chat.pickConversation", corpId=firm.corp_id, isConfirm="false")
    cids = {each["cid"] for each in offered["conversations"]}
    assert mine.cid in cids
    assert other.cid not in cids
    assert offered["confirm"] is False
    assert page.finished("biz.chat.pickConversation", {"cid": mine.cid}) == {
        "cid": mine.cid,
        "title": "zhang的群",
    }
    assert page.refused("biz.chat.pickConversation", {"cid": other.cid})[0] == "3"
    assert page.refused("biz.chat.toConversation", chatId=other.chatid)[0] == "3"
    way = "biz.chat.toConversationByOpenConversationId"
    assert page.refused(way, openConversationId=other.cid)[0] == "3"
    assert page.offered(way, openConversationId=mine.cid)["cid"] == mine.cid


def test_choosing_a_group_returns_every_name_of_it(firm: Site) -> None:
    mine, joined = group_of(firm, "zhang", "li"), group_of(firm, "li", "zhang")
    page = PageOf(firm)
    way = "biz.chat.chooseConversationByCorpId"
    offered = page.offered(way, corpId=firm.corp_id, filterNotOwnerGroup=True)["conversations"]
    cids = {each["cid"] for each in offered}
    assert mine.cid in cids
    assert joined.cid not in cids
    assert page.finished(way, {"cid": joined.cid}) == {
        "chatId": joined.chatid,
        "openConversationId": joined.cid,
        "cid": joined.cid,
        "title": "li的群",
    }


def test_a_disbanded_group_is_gone(firm: Site) -> None:
    mine = group_of(firm, "zhang", "li")
    firm.run(chats.disband(firm.core, mine))
    page = PageOf(firm)
    offered = page.offered("biz.chat.pickConversation")["conversations"]
    assert mine.cid not in {each["cid"] for each in offered}
    assert page.refused("biz.chat.pickConversation", {"cid": mine.cid})[0] == "3"


def test_the_server_writes_to_the_picked_conversation(firm: Site) -> None:
    """F20: a cid picked through JSAPI is what /message/send_to_conversation takes."""
    page = PageOf(firm)
    picked = page.finished("biz.chat.pickConversation", {"users": ["li"]})
    assert picked["title"] == "李四"
    token = firm.send(
        firm.url, f"/gettoken?appkey={firm.app_key}&appsecret={firm.app_secret}"
    ).json["access_token"]
    body = {"sender": "zhang", "cid": picked["cid"], "msgtype": "text", "text": {"content": "到"}}
    sent = firm.send(
        firm.url,
        f"/message/send_to_conversation?access_token={token}",
        "POST",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    ).json
    assert (sent["errcode"], sent["receiver"]) == (0, "li")
    listed = firm.api(
        "GET", f"/api/conversations/{picked['cid']}/messages", desk=firm.sign_in("li")
    ).text
    assert "到" in listed


def log_of(site: Site, userid: str) -> list[messages.Message]:
    return site.run(messages.list_messages(site.core, site.corp_id, userid=userid, limit=1000))


def test_a_ding_is_in_the_message_log(firm: Site) -> None:
    page = PageOf(firm)
    given: dict[str, Any] = {
        "users": ["li", "nobody"],
        "type": 2,
        "alertType": 1,
        "alertDate": {"format": "yyyy-MM-dd HH:mm", "value": "2026-01-01 09:00"},
        "attachment": {"title": "看板", "url": "http://a.example/", "image": "", "text": "t"},
        "text": "开会",
    }
    offered = page.offered("biz.ding.create", **given)
    assert [each["userid"] for each in offered["receivers"]] == ["li"]
    assert offered["text"] == "开会"
    assert offered["at"] == "2026-01-01 09:00"
    assert page.finished("biz.ding.create", {"text": "马上开会"}, **given) == {
        "dingCreateResult": True
    }
    last = log_of(firm, "li")[-1]
    assert (last.channel, last.sender, last.receivers) == ("ding", "zhang", ["li"])
    assert isinstance(last.body, dict)
    assert last.body["content"] == "马上开会"
    assert page.finished("biz.ding.post", {}, users=["li"], text="x") == {}


def test_a_call_is_in_the_message_log(firm: Site) -> None:
    page = PageOf(firm)
    for given in ({"users": ["wang"]}, {"userId": "wang"}):
        assert page.offered("biz.telephone.call", **given)["receivers"][0]["userid"] == "wang"
    assert page.finished("biz.telephone.call", {}, users=["wang"]) == {}
    last = log_of(firm, "wang")[-1]
    assert (last.channel, last.sender) == ("call", "zhang")
    assert PageOf(firm, "bao").refused("biz.telephone.call", users=["zhang"])[0] == "2"


def test_sharing_says_a_link_in_the_conversation(firm: Site) -> None:
    mine, other = group_of(firm, "zhang", "li"), group_of(firm, "li", "wang")
    page = PageOf(firm)
    given = {"type": 0, "url": "http://a.example/x", "title": "标题", "content": "c", "image": ""}
    assert page.finished("biz.util.share", {"cid": mine.cid}, **given)["result"] == 1
    said = firm.run(messages.list_messages(firm.core, firm.corp_id, cid=mine.cid))[-1]
    assert said.msgtype == "link"
    assert said.sender == "zhang"
    assert page.refused("biz.util.share", {"cid": other.cid}, **given)[0] == "3"


def test_pages_of_the_client(firm: Site) -> None:
    page = PageOf(firm)
    person = page.offered("biz.util.open", name="profile", params={"id": "wang"})["person"]
    assert person["name"] == "王五"
    assert person["departments"] == ["研发"]
    assert page.refused("biz.util.open", name="profile", params={"id": "mi"})[0] == "2"
    other = {"id": "wang", "corpId": "dingother"}
    assert page.refused("biz.util.open", name="profile", params=other)[0] == "3"
    chat = page.offered("biz.util.open", name="chat", params={"users": ["li"]})
    assert chat["view"] == "chat"
    assert chat["title"] == "李四"
    assert page.offered("biz.util.open", name="contactAdd")["view"] == "contactAdd"


def test_opening_another_app(firm: Site) -> None:
    page = PageOf(firm)
    agent = str(firm.agent_id)
    found = page.offered("biz.microApp.openApp", agentId=agent, appId="", corpId=firm.corp_id)
    assert found == {"agent_id": firm.agent_id, "name": "示例应用"}
    assert page.refused("biz.microApp.openApp", agentId="999")[0] == "3"
    assert page.refused("biz.microApp.openApp")[0] == "2"


def test_an_app_outside_ones_sight_is_not_opened(firm: Site) -> None:
    async def make() -> int:
        form = micro_apps.AppForm(name="李四的应用", description="d", home_url="http://a.example/")
        app = await micro_apps.create_app(firm.core, firm.corp_id, form, micro_apps.NEW)
        scope = app_scopes.AppScope(userids=["li"])
        await app_scopes.set_scope(firm.core, firm.corp_id, app.agent_id, scope)
        return app.agent_id

    agent = str(firm.run(make()))
    opened = PageOf(firm, "li").offered("biz.microApp.openApp", agentId=agent)
    assert opened["name"] == "李四的应用"
    assert PageOf(firm, "wang").refused("biz.microApp.openApp", agentId=agent)[0] == "3"


def test_an_answer_that_is_none_is_refused(firm: Site) -> None:
    page = PageOf(firm)
    answers: tuple[Any, ...] = ([], "x", 7, {"users": "li"})
    for answer in answers:
        assert page.refused("biz.contact.choose", answer)[0] == "3"
        assert page.refused("biz.chat.pickConversation", answer)[0] == "3"
