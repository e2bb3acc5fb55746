"""The drive, downloads and uploads of a page: what is kept, what may be read, what is never fetched."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sanfang.platform.domain import contacts, corps, drive, media, micro_apps, spaces
from sanfang.platform.domain.model import Identity

from .calling import PNG, PageOf
from .site import Site, a_site


def spaces_of(page: PageOf) -> list[dict[str, Any]]:
    """The spaces a member chooses from."""
    entries: list[dict[str, Any]] = page.offered("biz.cspace.chooseSpaceDir")["first"]["entries"]
    return entries


def app_space(page: PageOf) -> str:
    return str(spaces_of(page)[0]["spaceId"])


def attach(page: PageOf, content: bytes = b"hello", name: str = "a.txt") -> dict[str, Any]:
    """Put a file into the app's space."""
    kept = page.upload(content, name, "file")
    answer = {"type": "file", "media": [{"media_id": kept["media_id"], "name": name}]}
    given = {"types": ["file"], "file": {"spaceId": app_space(page), "max": 1}}
    done = page.finished("biz.util.uploadAttachment", answer, **given)
    assert done["type"] == "file"
    found: dict[str, Any] = done["data"][0]
    return found


def test_attachments_go_into_the_space_the_page_names(site: Site) -> None:
    page = PageOf(site)
    made = attach(page, b"hello", "笔记.txt")
    assert made["spaceId"] == app_space(page)
    assert (made["fileName"], made["fileSize"], made["fileType"]) == ("笔记.txt", 5, "txt")
    chosen = {"type": "space", "files": [made]}
    again = page.finished("biz.util.uploadAttachment", chosen, types=["space"])
    assert again["type"] == "space"
    assert again["data"][0]["fileId"] == made["fileId"]


def test_the_open_api_sees_what_was_attached(site: Site) -> None:
    made = attach(PageOf(site), b"for the server")
    app = Identity("internal", site.corp_id, app_key=site.app_key, agent_id=site.agent_id)
    found = site.run(drive.get(site.core, app, made["spaceId"], made["fileId"]))
    assert found.size == len(b"for the server")
    assert found.creator


def test_a_file_of_an_address_is_saved_in_a_folder(site: Site) -> None:
    page = PageOf(site)
    site.pages["/report.pdf"] = web.Response(body=b"%PDF-1", content_type="application/pdf")
    space = app_space(page)
    given = {"url": f"{site.vhost()}/report.pdf", "name": "报告.pdf", "corpId": site.corp_id}
    assert page.offered("biz.cspace.saveFile", **given)["first"]["entries"]
    saved = page.finished("biz.cspace.saveFile", {"spaceId": space, "dirId": "0"}, **given)
    (file,) = saved["data"]
    assert file["fileName"].endswith(".pdf")
    assert file["fileSize"] == "6"
    listed = page.finished("biz.cspace.saveFile", {"list": {"spaceId": space}}, **given)
    assert "报告.pdf" in {each["name"] for each in listed["entries"]}
    kept = page.upload(b"kept", "k.txt", "file")
    given["url"] = kept["url"]
    saved = page.finished("biz.cspace.saveFile", {"spaceId": space}, **given)
    assert saved["data"][0]["fileSize"] == "4"


def test_choosing_a_folder_in_both_generations_fields(site: Site) -> None:
    page = PageOf(site)
    space = app_space(page)

    async def folder() -> int:
        app = Identity("internal", site.corp_id, app_key=site.app_key, agent_id=site.agent_id)
        zhang = await contacts.get_member(site.core, site.corp_id, "zhang")
        made = await drive.add_folder(site.core, app, space, "0", "合同", operator=zhang.unionid)
        return made.number

    number = str(site.run(folder()))
    found = page.finished("biz.cspace.chooseSpaceDir", {"spaceId": space, "dirId": number})
    assert (found["spaceId"], found["dirId"]) == (space, number)
    assert found["path"].endswith("/合同")
    assert found["data"][0]["dirId"] == number


def test_a_file_is_previewed_to_who_may_read_it(site: Site) -> None:
    page = PageOf(site)
    made = attach(page, PNG, "a.png")
    given = {"spaceId": made["spaceId"], "fileId": made["fileId"], "corpId": site.corp_id}
    (shown,) = page.offered("biz.cspace.preview", **given)["files"]
    assert shown["fileName"].endswith("png")
    path = f"/api/media/{shown['media_id']}"
    assert site.api("GET", path, desk=page.desk).body == PNG
    assert site.api("GET", path).status == 401
    images = [{"spaceId": made["spaceId"], "dentryId": made["fileId"]}]
    assert page.offered("biz.cspace.previewDentryImages", images=images, index=5)["index"] == 0
    given["fileId"] = "99999999"
    assert page.refused("biz.cspace.preview", **given)[0] == "3"


def test_a_team_folder_is_for_whom_it_lets_in(site: Site) -> None:
    async def make() -> str:
        core = site.core
        app = Identity("internal", site.corp_id, app_key=site.app_key, agent_id=site.agent_id)
        li = await contacts.get_member(core, site.corp_id, "li")
        made = await spaces.create(
            core, app, spaces.ORG, name="李四的文件夹", scene="team li", creator=li.unionid
        )
        return str(made.number)

    number = site.run(make())
    assert number in {each["spaceId"] for each in spaces_of(PageOf(site, "li"))}
    page = PageOf(site)
    assert number not in {each["spaceId"] for each in spaces_of(page)}
    given = {"url": "http://a.example/x", "name": "n"}
    assert page.refused("biz.cspace.saveFile", {"spaceId": number}, **given)[0] == "3"
    assert page.refused("biz.cspace.chooseSpaceDir", {"spaceId": number})[0] == "3"


def test_another_apps_space_is_closed(site: Site) -> None:
    async def other() -> str:
        app = Identity("internal", site.corp_id, app_key="dingother", agent_id=77)
        return str((await spaces.custom(site.core, app, domain="x", agent_id="")).number)

    number = site.run(other())
    page = PageOf(site)
    assert page.refused("biz.cspace.preview", spaceId=number, fileId="1")[0] == "3"
    assert page.refused("biz.cspace.chooseSpaceDir", {"list": {"spaceId": number}})[0] == "3"


def test_a_download_is_fetched_once_and_kept(site: Site) -> None:
    page = PageOf(site)
    site.pages["/data.csv"] = web.Response(body=b"a,b\n", content_type="text/csv")
    given = {"url": f"{site.vhost('pc')}/data.csv", "name": "表.csv"}
    page = PageOf(site, flavour="pc")
    kept = page.finished("biz.util.downloadFile", {}, **given)
    assert (kept["name"], kept["size"]) == ("表.csv", 4)
    answer = site.api("GET", f"/api/media/{kept['media_id']}", desk=page.desk)
    assert answer.body == b"a,b\n"
    assert "attachment" in answer.header("content-disposition")


def test_redirects_are_followed_and_failures_told(site: Site) -> None:
    page = PageOf(site)

    async def away(request: web.Request) -> web.Response:
        raise web.HTTPFound("/there.txt")

    site.pages["/here"] = away
    site.pages["/there.txt"] = web.Response(body=b"arrived")
    site.pages["/empty"] = web.Response(body=b"")
    kept = page.finished("biz.util.downloadFile", {}, url=f"{site.app.origin}/here")
    assert (kept["name"], kept["size"]) == ("there.txt", 7)
    for path, text in (("/missing", "404"), ("/empty", "empty")):
        code, said = page.refused("biz.util.downloadFile", {}, url=f"{site.app.origin}{path}")
        assert code == "3"
        assert text in said
    code, said = page.refused("biz.util.downloadFile", {}, url="http://127.0.0.1:9/x")
    assert code == "3"
    assert "cannot be reached" in said


def test_outside_a_sandbox_private_addresses_are_not_fetched() -> None:
    async def public_app(site: Site) -> None:
        await micro_apps.update_app(
            *(site.core, site.corp_id, site.agent_id, micro_apps.NEW),
            home_url="http://app.example.com/",
            pc_home_url="http://app.example.com/pc",
        )

    with a_site(sandbox=False) as site:
        site.run(public_app(site))
        page = PageOf(site)
        site.pages["/x"] = web.Response(body=b"secret")
        for url in (f"{site.app.origin}/x", f"http://localhost:{site.app.port}/x"):
            code, said = page.refused("biz.util.downloadFile", {}, url=url)
            assert code == "3"
            assert "secret" not in said
        assert site.app.targets() == []


def test_a_file_is_sent_to_the_apps_own_server_alone(site: Site) -> None:
    page = PageOf(site)
    got: dict[str, Any] = {}

    async def receive(request: web.Request) -> web.Response:
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField)
        got.update(name=file.filename, body=file.file.read(), note=form["note"])
        return web.Response(status=201, text="thanks")

    site.pages["/upload"] = receive
    kept = page.upload(PNG)
    given = {"filePath": kept["url"], "fileName": "图\r\n.png", "formData": {"note": "n"}}
    done = page.result("biz.util.uploadFile", url=f"{site.vhost()}/upload", **given)
    assert (done["statusCode"], done["data"], done["size"]) == ("201", "thanks", len(PNG))
    assert got == {"name": "图__.png", "body": PNG, "note": "n"}
    assert page.refused("biz.util.uploadFile", url="http://a.example/upload", **given)[0] == "4"
    given["filePath"] = f"{site.workbench_url}/api/media/@lALnothing"
    assert page.refused("biz.util.uploadFile", url=f"{site.vhost()}/upload", **given)[0] == "3"
    given["filePath"] = "file:///etc/passwd"
    assert page.refused("biz.util.uploadFile", url=f"{site.vhost()}/upload", **given)[0] == "3"


def test_media_of_another_corp_cannot_be_used(site: Site) -> None:
    async def elsewhere() -> str:
        import io

        corp = await corps.create_corp(site.core, "别家", admin_name="别人")
        app = (await corps.list_apps(site.core, corp.corp_id))[0]
        identity = Identity("internal", corp.corp_id, app_key=app.app_key, agent_id=app.agent_id)
        file = io.BytesIO(b"theirs")
        kept = await media.keep(site.core, identity, "file", "t.txt", "text/plain", file)
        return kept.media_id

    media_id = site.run(elsewhere())
    page = PageOf(site)
    given = {"url": f"{site.workbench_url}/api/media/{media_id}", "name": "n"}
    space = app_space(page)
    assert page.refused("biz.cspace.saveFile", {"spaceId": space}, **given)[0] == "3"
    answer = {"type": "file", "media": [{"media_id": media_id, "name": "x"}]}
    assert page.refused("biz.util.uploadAttachment", answer, types=["file"])[0] == "3"


def test_limits_of_an_answer(site: Site) -> None:
    page = PageOf(site)
    for answer in (
        {"type": "file", "media": []},
        {"type": "file", "media": ["x"]},
        {"type": "photo", "media": [{"media_id": "x"}]},
        {"media": [{"media_id": "x"}] * 10, "type": "file"},
        "x",
    ):
        assert page.refused("biz.util.uploadAttachment", answer, types=["file"])[0] == "3"
