"""One process put together: what lasts, what is refused, how it stops."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
import threading
from pathlib import Path

import pytest

from sanfang.platform import server
from sanfang.platform.manage.folder import DataFolder
from sanfang.platform.store.errors import StoreInUse

from .receiver import AES_KEY, TOKEN, Receiver
from .running import QUICK, running


def test_what_was_made_is_there_after_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as one:
        corp_id = one.post("/corps", name="示例公司")["corp_id"]
        token = one.token
    with running(tmp_path) as two:
        assert two.get(f"/corps/{corp_id}")["name"] == "示例公司"
        assert two.token == token


def test_the_token_is_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "new")
    token = folder.admin_token()
    assert len(token) >= 40
    assert DataFolder(tmp_path / "new").admin_token() == token
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.token_file.stat().st_mode) == 0o600


def test_a_token_file_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.token_file.write_text("chosen\n")
    folder.token_file.chmod(0o644)
    assert folder.admin_token() == "chosen"
    assert stat.S_IMODE(folder.token_file.stat().st_mode) == 0o600


def test_a_token_file_with_something_else_in_it_is_refused(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    for wrong in (b"\xff\xfe", "令牌".encode(), b"two\nlines"):
        folder.token_file.write_bytes(wrong)
        with pytest.raises(OSError, match="holds no token"):
            folder.admin_token()


def test_a_given_token_is_used_and_not_written_down(tmp_path: Path) -> None:
    with running(tmp_path, admin_token="given-by-hand") as one:
        assert one.token == "given-by-hand"
        assert one.get("/corps")["items"] == []
    assert not (tmp_path / "admin.token").exists()


def test_server_json_is_for_the_owner_alone_and_goes_with_its_process(tmp_path: Path) -> None:
    folder, file = DataFolder(tmp_path), tmp_path / "server.json"
    folder.announce("http://127.0.0.1:1", "secret")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["pid"] == os.getpid()
    folder.withdraw()
    assert not file.exists()


def test_another_processs_server_json_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "server.json"
    file.write_text('{"url": "http://127.0.0.1:1", "token": "x", "pid": 1}')
    DataFolder(tmp_path).withdraw()
    assert file.exists()


def test_a_folder_in_use_is_refused_by_name(tmp_path: Path) -> None:
    async def second() -> None:
        with pytest.raises(StoreInUse, match=str(tmp_path)):
            await server.Platform.open(tmp_path)

    with running(tmp_path):
        asyncio.run(second())


def test_a_refused_opening_leaves_the_folder_free(tmp_path: Path) -> None:
    """The database opens, the hot store does not: the database is given back."""

    async def open_wrongly() -> None:
        with pytest.raises(Exception, match="ftp"):
            await server.Platform.open(tmp_path, redis="ftp://127.0.0.1/")

    asyncio.run(open_wrongly())
    with running(tmp_path) as one:
        assert one.get("/health")["status"] == "ok"


def test_without_dispatch_pushes_wait_for_a_process_that_dispatches(
    tmp_path: Path, isv: Receiver
) -> None:
    with running(tmp_path, dispatch=False) as one:
        made = one.post(
            "/suites", name="示例套件", callback_url=isv.url, token=TOKEN, aes_key=AES_KEY
        )
        isv.suite_key = made["suite_key"]
        one.post(f"/suites/{isv.suite_key}/micro-apps", name="示例应用", home_url="http://x/")
        (waiting,) = one.get("/pushes")["items"]
        assert (waiting["state"], waiting["attempts"]) == ("pending", 0)
    with running(tmp_path):
        assert isv.wait_for("suite_ticket")["SuiteKey"] == isv.suite_key


def test_a_request_under_way_is_answered_before_the_server_stops(isv: Receiver) -> None:
    asked, go_on = threading.Event(), threading.Event()
    answers: list[int] = []

    def slow(event: dict[str, object]) -> str:
        asked.set()
        go_on.wait(5)
        return str(event["Random"])

    isv.judge = slow
    with running() as one:

        def create() -> None:
            form = {"callback_url": isv.url, "token": TOKEN, "aes_key": AES_KEY}
            answers.append(one.call("POST", "/suites", name="示例套件", **form).status)

        caller = threading.Thread(target=create)
        caller.start()
        assert asked.wait(10)
        threading.Timer(0.1, go_on.set).start()
    caller.join()
    assert answers == [200]


def test_a_push_under_way_ends_before_the_server_stops_and_its_receiver_can_call_back(
    tmp_path: Path, isv: Receiver
) -> None:
    """Real handlers call the API before they answer (isv-lifecycle.md 3.3)."""
    asked, go_on = threading.Event(), threading.Event()
    called_back: list[int] = []
    with running(tmp_path) as one:
        form = {"callback_url": isv.url, "token": TOKEN, "aes_key": AES_KEY}
        isv.suite_key = one.post("/suites", name="示例套件", **form)["suite_key"]

        def slow(event: dict[str, object]) -> str:
            asked.set()
            go_on.wait(5)
            called_back.append(one.call("GET", "/health").status)
            return "success"

        isv.judge = slow
        one.post(f"/suites/{isv.suite_key}/micro-apps", name="示例应用", home_url="http://x/")
        assert asked.wait(10)
        threading.Timer(0.2, go_on.set).start()  # by then the server has been told to stop
    assert called_back == [200]
    with running(tmp_path, dispatch=False) as two:
        (push,) = two.get("/pushes")["items"]
        assert (push["state"], push["attempts"]) == ("delivered", 1)


def test_a_listener_accepts_before_the_platform_is_open() -> None:
    """Pending pushes go out while a platform opens; an ISV that calls back must not be refused."""
    listener = server.bind()
    with listener, socket.create_connection(listener.getsockname(), timeout=5) as early:
        assert early.getpeername() == listener.getsockname()


@pytest.mark.parametrize(
    ("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::1", "[::1]")]
)
def test_the_url_is_one_this_machine_can_reach(host: str, shown: str) -> None:
    with server.bind(host) as listener:
        assert server.url_of(listener) == f"http://{shown}:{listener.getsockname()[1]}"


def test_a_taken_port_is_refused() -> None:
    with server.bind() as listener, pytest.raises(OSError, match="in use"):
        server.bind(port=listener.getsockname()[1])


def test_settings_are_shown_with_their_values_and_defaults() -> None:
    with running(settings=QUICK) as one:
        shown = {setting["name"]: setting for setting in one.get("/settings")}
    assert (shown["push_timeout_ms"]["value"], shown["push_timeout_ms"]["default"]) == (2000, 5000)
