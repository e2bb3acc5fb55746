"""One platform and one callback URL for all tests here that do not need their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .receiver import AES_KEY, TOKEN, Receiver, receiver
from .running import Running, running


@pytest.fixture(scope="package")
def platform() -> Iterator[Running]:
    with running() as one:
        yield one


@pytest.fixture
def isv() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


@pytest.fixture
def corp_id(platform: Running) -> str:
    return str(platform.post("/corps", name="示例公司")["corp_id"])


@pytest.fixture
def developer_id(platform: Running) -> str:
    corp = platform.post("/corps", name="示例软件公司")
    return str(platform.post("/developers", corp_id=corp["corp_id"], name="甲")["developer_id"])


@pytest.fixture
def suite_key(platform: Running, isv: Receiver, developer_id: str) -> str:
    """A suite with one micro-app whose ticket has been delivered."""
    made = platform.post(
        "/suites",
        name="示例套件",
        callback_url=isv.url,
        token=TOKEN,
        aes_key=AES_KEY,
        developer_id=developer_id,
    )
    isv.suite_key = made["suite_key"]
    path = f"/suites/{isv.suite_key}/micro-apps"
    platform.post(path, name="示例应用", home_url="http://127.0.0.1:1/")
    isv.wait_for("suite_ticket")
    return isv.suite_key
