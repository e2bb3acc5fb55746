"""Our platform on a socket with a corp, two members and an app: what the client is for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sanfang.client import AppKey
from sanfang.platform.domain.core import Settings

from ..manage.running import QUICK, Running, running


class Living:
    """A running platform; ``app`` are the credentials of the corp's own app."""

    def __init__(self, platform: Running) -> None:
        self.platform = platform
        self.url = platform.url
        self.corp_id: str = platform.post("/corps", name="示例公司")["corp_id"]
        for userid, name, mobile in (
            ("zhang", "测试员甲", "13000000001"),
            ("li", "测试员乙", "13000000002"),
        ):
            self.post("/members", userid=userid, name=name, departments=[1], mobile=mobile)
        made = self.post("/apps", name="示例应用")
        self.app = AppKey(made["app_key"], made["secret"])

    def post(self, path: str, **fields: Any) -> Any:
        return self.platform.post(f"/corps/{self.corp_id}{path}", **fields)

    def get(self, path: str) -> Any:
        return self.platform.get(f"/corps/{self.corp_id}{path}")


@contextlib.contextmanager
def living(data: Path | None = None, settings: Settings = QUICK) -> Iterator[Living]:
    """Run one until the block ends."""
    with running(data, settings=settings) as platform:
        yield Living(platform)
