"""The unmodified `dingtalk-sdk` uploads and downloads."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from dingtalk import SecretClient
from dingtalk.client.base import BaseClient
from dingtalk.core.exceptions import DingTalkClientException

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
