"""A platform on a socket: files outlive a restart, signed addresses work for any HTTP client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from sanfang.platform.domain import contacts, corps, tokens
from sanfang.platform.server import Platform, bind, serve, url_of

from .forms import PNG


async def running(folder: Path, client: Callable[[str, str, str], Any]) -> Any:
    """Serve a platform over ``folder`` while ``client(url, token, unionid)`` runs in a thread."""
    async with await Platform.open(folder, dispatch=False) as platform:
        core = platform.core
        found = await corps.list_corps(core)
        corp = found[0] if found else await corps.create_corp(core, "示例公司")
        app = (await corps.list_apps(core, corp.corp_id))[0]
        if not found:
            await contacts.create_member(core, corp.corp_id, name="测试员甲", userid="zhang")
        member = await contacts.get_member(core, corp.corp_id, "zhang")
        token, _ = await tokens.app_token(core, app.app_key, app.secret)
        listener, stop = bind(), asyncio.Event()
        server = asyncio.create_task(serve(platform, listener, stop=stop))
        try:
            return await asyncio.to_thread(client, url_of(listener), token, member.unionid)
        finally:
            stop.set()
            await server


def test_media_and_files_outlive_a_restart(tmp_path: Path) -> None:
    big = bytes(range(256)) * 4096

    def first(url: str, token: str, unionid: str) -> tuple[str, str, str]:
        made = requests.post(
            f"{url}/media/upload?type=image&access_token={token}",
            files={"media": ("a.png", PNG, "image/png")},
            timeout=10,
        ).json()
        headers = {"x-acs-dingtalk-access-token": token}
        base, query = f"{url}/v1.0/storage/spaces", f"?unionId={unionid}"
        space = requests.post(base + query, json={}, headers=headers, timeout=10).json()
        one = f"{base}/{space['space']['id']}/files"
        info = requests.post(
            f"{one}/uploadInfos/query{query}",
            json={"protocol": "HEADER_SIGNATURE", "multipart": False},
            headers=headers,
            timeout=10,
        ).json()
        signed = info["headerSignatureInfo"]
        assert signed["resourceUrls"][0].startswith(f"{url}/sanfang/files/")
        put = requests.put(
            signed["resourceUrls"][0], data=big, headers=signed["headers"], timeout=10
        )
        assert put.status_code == 200
        fields = {"uploadKey": info["uploadKey"], "name": "big.bin", "parentId": "0"}
        file = requests.post(
            f"{one}/commit{query}", json=fields, headers=headers, timeout=10
        ).json()
        return made["media_id"], file["dentry"]["spaceId"], file["dentry"]["id"]

    async def run() -> None:
        media_id, space, dentry = await running(tmp_path, first)

        def second(url: str, token: str, unionid: str) -> None:
            query = {"access_token": token, "media_id": media_id}
            found = requests.get(f"{url}/media/get", params=query, timeout=10)
            assert (found.content, found.headers["content-type"]) == (PNG, "image/png")
            path = f"{url}/v1.0/storage/spaces/{space}/dentries/{dentry}/downloadInfos/query"
            headers = {"x-acs-dingtalk-access-token": token}
            info = requests.post(
                path, params={"unionId": unionid}, json={}, headers=headers, timeout=10
            ).json()["headerSignatureInfo"]
            got = requests.get(info["resourceUrls"][0], headers=info["headers"], timeout=10)
            assert got.content == big
            assert requests.get(info["resourceUrls"][0], timeout=10).status_code == 403

        await running(tmp_path, second)

    asyncio.run(run())
    assert [path.name[:1] for path in (tmp_path / "media").glob(".*")] == []


def test_a_content_that_was_removed_from_the_folder_is_told_so(tmp_path: Path) -> None:
    def upload(url: str, token: str, _: str) -> dict[str, Any]:
        made = requests.post(
            f"{url}/media/upload?type=image&access_token={token}",
            files={"media": ("a.png", PNG)},
            timeout=10,
        ).json()
        for file in (tmp_path / "media").rglob("*"):
            if file.is_file():
                file.unlink()
        query = {"access_token": token, "media_id": made["media_id"]}
        reply: dict[str, Any] = requests.get(f"{url}/media/get", params=query, timeout=10).json()
        return reply

    assert asyncio.run(running(tmp_path, upload))["errcode"] == 40007
