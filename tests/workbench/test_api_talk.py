"""Conversations, messages, media and contacts of a member; what comes while somebody looks."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest

from sanfang.platform.domain import contacts, conversations, media, messages, micro_apps
from sanfang.platform.domain.model import Identity

from .site import Site


def app_of(site: Site) -> Identity:
    return Identity("internal", corp_id=site.corp_id, app_key=site.app_key, agent_id=site.agent_id)


def notify(site: Site, *users: str, text: str = "审批到了") -> None:
    """A work notification of the app."""
    site.run(
        messages.send(
            site.core,
            app_of(site),
            agent_id=site.agent_id,
            touser=list(users),
            toparty=[],
            to_all=False,
            msgtype="text",
            body={"content": text},
        )
    )


def talk(site: Site, *users: str) -> str:
    return site.run(conversations.open_conversation(site.core, site.corp_id, list(users)))


def thread(site: Site, desk: str, cid: str) -> Any:
    found = site.api("GET", "/api/conversations", desk=desk).json
    return next(each for each in found if each["cid"] == cid)


def test_a_notification_is_unread_until_it_was_seen(site: Site) -> None:
    desk, cid = site.sign_in("li"), f"app:{site.agent_id}"
    notify(site, "li", text="有一条审批")
    entry = thread(site, desk, cid)
    assert (entry["title"], entry["last_text"]) == ("示例应用", "有一条审批")
    assert entry["unread"] >= 1
    items = site.api("GET", f"/api/conversations/{cid}/messages", desk=desk).json
    assert items[-1]["data"]["content"] == "有一条审批"
    assert items[-1]["author"]["kind"] == "app"
    body = {"up_to": items[-1]["id"]}
    assert site.api("POST", f"/api/conversations/{cid}/read", body, desk=desk).status == 200
    assert thread(site, desk, cid)["unread"] == 0


def test_members_talk_to_each_other(site: Site) -> None:
    li, wang = site.sign_in("li"), site.sign_in("wang")
    cid = talk(site, "li", "wang")
    said = site.api("POST", f"/api/conversations/{cid}/messages", {"text": "<b>你好</b>"}, desk=li)
    assert said.json["mine"] is True
    heard = site.api("GET", f"/api/conversations/{cid}/messages", desk=wang).json[-1]
    assert heard["data"]["content"] == "<b>你好</b>"
    assert (heard["mine"], heard["author"]["name"]) == (False, "李四")
    assert thread(site, wang, cid)["unread"] == 1


def test_a_page_back_in_time(site: Site) -> None:
    desk, cid = site.sign_in("li"), talk(site, "li", "wang")
    path = f"/api/conversations/{cid}/messages"
    for number in range(5):
        site.api("POST", path, {"text": f"第 {number} 句"}, desk=desk)
    last = site.api("GET", f"{path}?limit=2", desk=desk).json
    assert [each["text"] for each in last] == ["第 3 句", "第 4 句"]
    before = site.api("GET", f"{path}?limit=2&before={last[0]['id']}", desk=desk).json
    assert [each["text"] for each in before] == ["第 1 句", "第 2 句"]


def test_nobody_reads_what_others_say(site: Site) -> None:
    cid, stranger = talk(site, "li", "wang"), site.sign_in("zhang")
    path = f"/api/conversations/{cid}/messages"
    assert site.api("GET", path, desk=stranger).json["code"] == 40016
    assert site.api("POST", path, {"text": "x"}, desk=stranger).status == 400
    assert all(
        each["cid"] != cid for each in site.api("GET", "/api/conversations", desk=stranger).json
    )


@pytest.mark.parametrize("text", ["", " ", "x" * 5001, 7, None])
def test_what_is_no_message_is_refused(site: Site, text: object) -> None:
    cid = talk(site, "li", "wang")
    answer = site.api(
        "POST", f"/api/conversations/{cid}/messages", {"text": text}, desk=site.sign_in("li")
    )
    if text == " ":
        return  # white space is somebody's message to write
    assert answer.status == 400


def test_notifications_cannot_be_answered(site: Site) -> None:
    notify(site, "li")
    path = f"/api/conversations/app:{site.agent_id}/messages"
    assert site.api("POST", path, {"text": "好"}, desk=site.sign_in("li")).json["code"] == 40016


class Stream:
    """An open /api/live."""

    def __init__(self, site: Site, desk: str, last: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
        headers = {
            "Host": site.workbench_url.partition("://")[2],
            "Cookie": f"sanfang_desk={desk}",
        }
        if last:
            headers["Last-Event-ID"] = last
        self.connection.request("GET", "/api/live", headers=headers)
        self.response = self.connection.getresponse()

    def next(self) -> tuple[str, Any, str]:
        """Read one event: its name, data and id."""
        fields: dict[str, str] = {}
        while line := self.response.readline().decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            fields[name] = value
        return fields["event"], json.loads(fields["data"]), fields["id"]

    def close(self) -> None:
        self.connection.close()
        self.response.close()


def test_a_message_is_told_at_once_and_after_a_break(site: Site) -> None:
    desk = site.sign_in("wang")
    stream = Stream(site, desk)
    assert stream.response.getheader("content-type", "").startswith("text/event-stream")
    assert stream.next()[0] == "hello"
    notify(site, "wang", text="第一\n条")
    name, item, number = stream.next()
    assert (name, item["data"]["content"]) == ("message", "第一\n条")
    stream.close()
    notify(site, "wang", text="第二条")
    again = Stream(site, desk, last=number)
    assert again.next()[0] == "hello"
    assert again.next()[1]["data"]["content"] == "第二条"
    again.close()


def test_who_wrote_is_told_that_it_was_read(site: Site) -> None:
    li, wang, cid = site.sign_in("li"), site.sign_in("wang"), talk(site, "li", "wang")
    path = f"/api/conversations/{cid}"
    site.api("POST", f"{path}/read", {"up_to": 0}, desk=wang)
    said = site.api("POST", f"{path}/messages", {"text": "在吗"}, desk=li).json
    writer, other = Stream(site, li), Stream(site, site.sign_in("zhang"))
    assert (writer.next()[0], other.next()[0]) == ("hello", "hello")
    site.api("POST", f"{path}/read", {"up_to": said["id"]}, desk=wang)
    assert writer.next()[:2] == ("read", {"cid": cid})
    notify(site, "zhang", text="下一件事")
    assert other.next()[0] == "message"  # and nothing of the others' conversation before
    writer.close()
    other.close()


def test_members_are_told_when_their_apps_change(site: Site) -> None:
    stream = Stream(site, site.sign_in("wang"))
    assert stream.next()[0] == "hello"
    change = {"description": "测试用的微应用"}
    site.run(
        micro_apps.update_app(site.core, site.corp_id, site.agent_id, micro_apps.NEW, **change)
    )
    assert stream.next()[:2] == ("apps", {})
    stream.close()


def test_live_is_for_who_is_signed_in(site: Site) -> None:
    assert site.api("GET", "/api/live").status == 401


def test_media_of_the_corp_is_shown_safely(site: Site) -> None:
    import io

    def keep(name: str, kind: str) -> str:
        kept = site.run(
            media.keep(site.core, app_of(site), "image", name, kind, io.BytesIO(b"<script>"))
        )
        return f"/api/media/{kept.media_id.replace('@', '%40')}"

    desk = site.sign_in("li")
    picture = site.api("GET", keep("图.png", "image/png"), desk=desk)
    assert picture.body == b"<script>"
    assert picture.header("content-type") == "image/png"
    assert picture.header("x-content-type-options") == "nosniff"
    assert picture.header("cross-origin-resource-policy") == "same-site"
    page = site.api("GET", keep("x.html", "text/html"), desk=desk)
    assert page.header("content-type") == "application/octet-stream"
    assert page.header("content-disposition").startswith("attachment;")
    assert "sandbox" in page.header("content-security-policy")
    drawn = site.api("GET", keep("x.svg", "image/svg+xml"), desk=desk)
    assert drawn.header("content-disposition").startswith("attachment;")
    assert site.api("GET", "/api/media/%40lALnone", desk=desk).json["code"] == 40007
    assert site.api("GET", keep("a.png", "image/png")).status == 401


def test_an_upload_belongs_to_the_frames_app(site: Site) -> None:
    desk = site.sign_in("li")
    opened = site.api(
        "POST", "/api/frames", {"agent_id": site.agent_id, "flavour": "android"}, desk=desk
    ).json
    headers = {
        "Cookie": f"sanfang_desk={desk}",
        "X-Sanfang-Desk": "1",
        "Origin": site.workbench_url,
    }
    path = f"/api/media?frame={opened['frame']}&name=%E5%9B%BE.png&kind=image"
    kept = site.send(site.workbench_url, path, "POST", b"bytes", headers).json
    assert kept["url"].startswith(site.workbench_url)
    found = site.run(media.get(site.core, app_of(site), kept["media_id"]))
    assert (found.filename, found.size) == ("图.png", 5)
    assert site.api("GET", kept["url"].removeprefix(site.workbench_url), desk=desk).body == b"bytes"
    empty = site.send(site.workbench_url, path, "POST", b"", headers)
    assert (empty.status, empty.json["code"]) == (400, 44001)
    other = site.send(site.workbench_url, "/api/media?frame=x&name=a.png", "POST", b"x", headers)
    assert other.json["code"] == 51003


def test_contacts_for_pickers(site: Site) -> None:
    desk = site.sign_in("li")
    dept = site.run(contacts.create_department(site.core, site.corp_id, name="研发部", parent_id=1))
    root = site.api("GET", "/api/contacts/departments/1", desk=desk).json
    assert [each["id"] for each in root["path"]] == [1]
    assert any(each["name"] == "研发部" for each in root["departments"])
    assert {"zhang", "li", "wang"} <= {each["userid"] for each in root["members"]}
    number = getattr(dept, "dept_id", dept)
    below = site.api("GET", f"/api/contacts/departments/{number}", desk=desk).json
    assert [each["name"] for each in below["path"]][-1] == "研发部"
    found = site.api("GET", "/api/contacts/search?q=%E7%8E%8B", desk=desk).json
    assert [each["userid"] for each in found["members"]] == ["wang"]
    assert site.api("GET", "/api/contacts/departments/x", desk=desk).status == 400
