"""The unmodified `dingtalk-sdk` uploads and downloads."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from dingtalk import SecretClient
from dingtalk.client.base import BaseClient
from dingtalk.core.exceptions import DingTalkClientException

from ..office.people import hire
from ..openapi.test_socket import over_a_socket
from ..openapi.world import World
from .forms import PNG

pytestmark = pytest.mark.filterwarnings("default")  # the stranger's own warnings


def named(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def a_client(world: World, port: int) -> Any:
    return SecretClient(world.corp.corp_id, world.app.secret)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Any:
    def at(port: int) -> None:
        monkeypatch.setattr(BaseClient, "API_BASE_URL", f"http://127.0.0.1:{port}/")

    return at


def test_media_upload_and_download(here: Any) -> None:
    async def body(world: World, port: int) -> None:
        here(port)
        client = a_client(world, port)
        made = await asyncio.to_thread(client.message.media_upload, "image", named("a.png", PNG))
        assert made["type"] == "image"
        found = await asyncio.to_thread(client.message.media_download_file, made["media_id"])
        assert found.content == PNG
        with pytest.raises(DingTalkClientException) as caught:
            await asyncio.to_thread(client.message.media_upload, "image", named("a.exe", PNG))
        assert caught.value.errcode == 40005

    over_a_socket(body)


def test_cspace_and_its_uploads(here: Any) -> None:
    async def body(world: World, port: int) -> None:
        here(port)
        cspace, agent = a_client(world, port).cspace, world.app.agent_id
        await hire(world, "zhang")

        def story() -> None:
            space = cspace.get_custom_space("docs", None)
            granted = cspace.grant_custom_space(True, "zhang", domain="docs")
            assert granted == space
            single = cspace.file_upload_single(agent, 3, named("a.txt", b"abc"))
            key = cspace.file_upload_transaction(agent, 6, 2)
            cspace.file_upload_chunk(agent, key, 1, named("1", b"123"))
            cspace.file_upload_chunk(agent, key, 2, named("2", b"456"))
            parts = cspace.file_upload_transaction(agent, 6, 2, key)
            for media_id, size in ((single, 3), (parts, 6)):
                added = cspace.add("code", media_id, space, "0", "a.txt", agent_id=agent)
                assert added["size"] == size
            assert cspace.add_to_single_chat(agent, "zhang", parts, "a.txt")["errcode"] == 0

        await asyncio.to_thread(story)

    over_a_socket(body)
