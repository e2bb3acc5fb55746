"""What a client does with signed addresses: PUT a content, GET one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from sanfang.platform.openapi.transfers import Transfers

from ..openapi.world import Reply, World


async def transfer(
    world: World, method: str, url: str, headers: dict[str, str], body: bytes = b""
) -> Reply:
    """Send one request to a signed address and return everything that came back."""
    sent: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def collect(message: Any) -> None:
        sent.append(message)

    given = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    if body:
        given.append((b"content-length", b"%d" % len(body)))
    scope = {"type": "http", "method": method, "path": urlsplit(url).path, "headers": given}
    await Transfers(world.core)(scope, receive, collect)
    start, *pieces = sent
    names = {name.decode(): value.decode() for name, value in start["headers"]}
    return Reply(start["status"], names, b"".join(piece["body"] for piece in pieces))


async def put(world: World, info: dict[str, Any], content: bytes) -> Reply:
    url = info["resourceUrls"][0] if "resourceUrls" in info else info["resourceUrl"]
    return await transfer(world, "PUT", url, info["headers"], content)


async def fetch_signed(world: World, info: dict[str, Any]) -> Reply:
    url = info["resourceUrls"][0] if "resourceUrls" in info else info["resourceUrl"]
    return await transfer(world, "GET", url, info["headers"])


class Storage:
    """The storage API as one person of a corp uses it."""

    def __init__(self, world: World, unionid: str, token: str = "") -> None:
        self.world, self.unionid, self.token = world, unionid, token or world.own

    async def call(self, method: str, path: str, fields: object = None, **query: object) -> Reply:
        parts = "".join(f"&{name}={value}" for name, value in query.items())
        version = "" if path.startswith("/v") else "/v1.0/storage"
        target = f"{version}{path}?unionId={self.unionid}{parts}"
        return await self.world.v1(method, target, fields, self.token)

    async def space(self, **option: object) -> str:
        made = await self.call("POST", "/spaces", {"option": {"name": "资料", **option}})
        return str(made.json["space"]["id"])

    async def folder(self, space: str, parent: str, name: str) -> str:
        made = await self.call("POST", f"/spaces/{space}/dentries/{parent}/folders", {"name": name})
        return str(made.json["dentry"]["id"])

    async def upload(self, space: str, content: bytes) -> str:
        asked = {"protocol": "HEADER_SIGNATURE", "multipart": False}
        info = await self.call("POST", f"/spaces/{space}/files/uploadInfos/query", asked)
        assert (await put(self.world, info.json["headerSignatureInfo"], content)).status == 200
        return str(info.json["uploadKey"])

    async def commit(self, space: str, parent: str, name: str, key: str, **option: object) -> Reply:
        fields = {"uploadKey": key, "name": name, "parentId": parent, "option": option}
        return await self.call("POST", f"/spaces/{space}/files/commit", fields)

    async def file(
        self, space: str, parent: str, name: str, content: bytes = b"x", **option: object
    ) -> dict[str, Any]:
        made = await self.commit(space, parent, name, await self.upload(space, content), **option)
        found: dict[str, Any] = made.json["dentry"]
        return found

    async def names(self, space: str, parent: str = "0", **query: object) -> list[str]:
        found = await self.call("GET", f"/spaces/{space}/dentries", parentId=parent, **query)
        return [each["name"] for each in found.json["dentries"]]

    async def download(self, space: str, dentry: str, **option: object) -> bytes:
        path = f"/spaces/{space}/dentries/{dentry}/downloadInfos/query"
        info = await self.call("POST", path, {"option": option})
        found = await fetch_signed(self.world, info.json["headerSignatureInfo"])
        assert found.status == 200
        return found.body
