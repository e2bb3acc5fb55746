"""What is particular to each store: files and their modes, kill -9, servers that go away."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sanfang.client import BadCall, StoreFailed, Token, TokenKey
from sanfang.client.stores import (
    FileStore,
    PostgresStore,
    RedisStore,
    SealedStore,
    SQLiteStore,
    file,
    sqlite,
)
from sanfang.client.stores.conformance import KEY, TOKEN, in_threads
from tests.store.fixtures import REDIS

from .places import KINDS, opened, place

posix = pytest.mark.skipif(os.name != "posix", reason="modes and signals of POSIX")


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with place(request.param, tmp_path) as where:
        yield where


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# -- all --------------------------------------------------------------------------------------


def test_suites_of_two_platforms_do_not_mix(address: str) -> None:
    with opened(address) as here, opened(address, "https://sandbox.example") as sandbox:
        here.save_ticket("suite4example", "ticket")
        here.save_permanent_code("suite4example", "dingcorp", "code")
        assert sandbox.ticket("suite4example") is None
        assert sandbox.permanent_code("suite4example", "dingcorp") is None
        sandbox.forget_corp("suite4example", "dingcorp")
        assert here.permanent_code("suite4example", "dingcorp") == "code"


def test_the_platform_is_that_of_a_client_with_the_same_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert FileStore(tmp_path / "a").platform == "https://oapi.dingtalk.com"
    monkeypatch.setenv("SANFANG_OAPI_URL", "http://127.0.0.1:8000")
    assert FileStore(tmp_path / "a").platform == "http://127.0.0.1:8000"
    named = FileStore(tmp_path / "a", base_url="http://one:1", api_url="http://two:2/")
    assert named.platform == "http://one:1 http://two:2"


@pytest.mark.parametrize("value", ["", None, 7, b"code"])
def test_what_is_no_text_is_not_saved_over_a_code(address: str, value: Any) -> None:
    with opened(address) as store:
        store.save_permanent_code("suite4example", "dingcorp", "code")
        with pytest.raises(BadCall):
            store.save_permanent_code("suite4example", "dingcorp", value)
        with pytest.raises(BadCall):
            store.save_ticket("suite4example", value)
        assert store.permanent_code("suite4example", "dingcorp") == "code"


def test_a_closed_store_opens_again(address: str) -> None:
    store = opened(address)
    store.put(KEY, TOKEN)
    store.close()
    assert store.get(KEY) == TOKEN
    store.close()
    store.close()


@posix
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_process_and_its_parent_go_on(address: str) -> None:
    store = opened(address)
    store.put(KEY, TOKEN)
    child = os.fork()
    if child == 0:
        try:
            right = store.get(KEY) == TOKEN
            store.put(KEY._replace(corp="child"), TOKEN)
            store.close()
            os._exit(0 if right else 1)
        except BaseException:  # noqa: BLE001 - the child must not run the tests that follow
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert store.get(KEY) == TOKEN
    assert store.get(KEY._replace(corp="child")) == TOKEN
    store.put(KEY, TOKEN)
    store.close()


def test_no_error_shows_what_was_to_be_kept(address: str) -> None:
    with opened(address) as store:
        for secret in ("Secret\x00Secret", "Secret\ud800Secret"):
            store.put(KEY, TOKEN)
            shown = ""
            try:
                store.put(KEY, Token(secret, 0.0))
            except StoreFailed as failure:
                shown = str(failure)
            assert "Secret" not in shown
            assert store.get(KEY) == (TOKEN if shown else Token(secret, 0.0))


# -- file -------------------------------------------------------------------------------------


@posix
def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = FileStore(tmp_path / "tokens")
        store.put(KEY, TOKEN)
    finally:
        os.umask(before)
    assert [mode(path) for path in sorted(tmp_path.iterdir())] == [0o600, 0o600]
    (tmp_path / "tokens").chmod(0o644)
    store.get(KEY)
    assert mode(tmp_path / "tokens") == 0o600


@posix
def test_a_new_file_left_by_one_who_died_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "tokens.new").write_text("half of a fi")
    (tmp_path / "tokens.new").chmod(0o666)
    store = FileStore(tmp_path / "tokens")
    store.put(KEY, TOKEN)
    assert store.get(KEY) == TOKEN
    assert mode(tmp_path / "tokens") == 0o600


@posix
def test_the_new_file_is_not_written_through_a_link(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_text("untouched")
    (tmp_path / "tokens.new").symlink_to(target)
    with pytest.raises(StoreFailed):
        FileStore(tmp_path / "tokens").put(KEY, TOKEN)
    assert target.read_text() == "untouched"


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"null", b'{"tokens": {}}', b'{"sanfang_tokens": 1, "tokens": 7}', b"\xff"],
)
def test_a_damaged_file_is_reported_and_never_overwritten(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "tokens"
    path.write_bytes(text)
    store = FileStore(path)
    for work in (
        lambda: store.get(KEY),
        lambda: store.put(KEY, TOKEN),
        lambda: store.lease(KEY, 1.0),
        lambda: store.save_permanent_code("s", "c", "code"),
    ):
        with pytest.raises(StoreFailed, match="move it away"):
            work()
    assert path.read_bytes() == text


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text('{"sanfang_tokens": 2}')
    with pytest.raises(StoreFailed, match="newer"):
        FileStore(tmp_path / "tokens").put(KEY, TOKEN)


@pytest.mark.parametrize("make", [FileStore, SQLiteStore])
def test_a_folder_that_is_not_there_is_named(tmp_path: Path, make: Callable[..., Any]) -> None:
    store = make(tmp_path / "nowhere" / "tokens")
    with pytest.raises(StoreFailed, match="nowhere"):
        store.put(KEY, TOKEN)


WRITER = """
import sys
from sanfang.client import Token, TokenKey
from sanfang.client.stores import {store}
store = {store}(sys.argv[1], base_url="https://oapi.example")
key = TokenKey("corp", corp="dingcorp", platform="https://oapi.example")
number = 0
print("ready", flush=True)
while True:
    number += 1
    store.put(key, Token("x" * (number % 997 + 1), float(number)))
    store.save_permanent_code("suite", f"corp-{{number % 50}}", f"code-{{number}}")
"""


@posix
@pytest.mark.process
@pytest.mark.parametrize("kind", ["FileStore", "SQLiteStore"])
def test_a_kill_at_any_moment_leaves_a_whole_file(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    store = opened(f"{'file' if kind == 'FileStore' else 'sqlite'}={path}")
    key = TokenKey("corp", corp="dingcorp", platform="https://oapi.example")
    for _ in range(8):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER.format(store=kind), str(path)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(random.uniform(0.0, 0.05))
        writer.kill()
        writer.wait()
        writer.stdout.close()
        held = store.get(key)
        if held is not None:
            assert held.value == "x" * (int(held.fetched_at) % 997 + 1)
        fence = store.lease(key, 30.0)
        assert fence is not None, "nobody holds a lock any more"
        store.release(key, fence)
    assert store.get(key) is not None
    store.close()


HOLDER = """
import sys, time
from sanfang.client import Token, TokenKey
from sanfang.client.stores import FileStore
store = FileStore(sys.argv[1])
with store._changing():
    print("holding", flush=True)
    time.sleep(60)
"""


@posix
@pytest.mark.process
def test_a_process_stopped_in_the_lock_is_waited_for_within_a_bound_and_killed_sets_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tokens"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holding\n"
    holder.send_signal(signal.SIGSTOP)
    monkeypatch.setattr(file, "PATIENCE", 0.1)
    store = FileStore(path)
    assert store.get(KEY) is None, "readers wait for nobody"
    with pytest.raises(StoreFailed, match="hangs"):
        store.put(KEY, TOKEN)
    holder.kill()
    holder.wait()
    holder.stdout.close()
    monkeypatch.setattr(file, "PATIENCE", 10.0)
    store.put(KEY, TOKEN)
    assert store.get(KEY) == TOKEN


def test_a_clock_set_back_holds_no_lease_for_ever(tmp_path: Path) -> None:
    now = [1_700_000_000.0]
    for store in (
        FileStore(tmp_path / "tokens", clock=lambda: now[0]),
        SQLiteStore(tmp_path / "tokens.db", clock=lambda: now[0]),
    ):
        now[0] = 1_700_000_000.0
        first = store.lease(KEY, 15.0)
        now[0] -= 0.5
        assert store.lease(KEY, 15.0) is None
        now[0] -= 3600
        second = store.lease(KEY, 15.0)
        assert first is not None
        assert second is not None
        assert second > first
        store.close()


# -- SQLite -----------------------------------------------------------------------------------


@posix
def test_the_database_and_what_lies_beside_it_are_their_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = SQLiteStore(tmp_path / "tokens.db")
        store.put(KEY, TOKEN)
        modes = {path.name: mode(path) for path in tmp_path.iterdir()}
        store.close()
    finally:
        os.umask(before)
    assert modes["tokens.db"] == 0o600
    assert set(modes.values()) == {0o600}
    (tmp_path / "tokens.db").chmod(0o644)
    SQLiteStore(tmp_path / "tokens.db").get(KEY)
    assert mode(tmp_path / "tokens.db") == 0o600


def test_what_is_no_database_is_reported_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "tokens.db"
    path.write_text("this is a letter and no database " * 100)
    with pytest.raises(StoreFailed, match=r"tokens\.db"):
        SQLiteStore(path).put(KEY, TOKEN)
    assert path.read_text().startswith("this is a letter")


def test_a_database_that_is_locked_is_waited_for_within_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE", 0.1)
    one, two = SQLiteStore(tmp_path / "tokens.db"), SQLiteStore(tmp_path / "tokens.db")
    two.put(KEY, TOKEN)
    with one._changing(), pytest.raises(StoreFailed, match="locked"):
        two.put(KEY, TOKEN)
    assert two.put(KEY, TOKEN) is True
    one.close()
    two.close()


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_several_may_open_a_new_database_at_once(tmp_path: Path, lock: str) -> None:
    """SQLite answers "locked" at once to whoever turns on WAL while another makes the tables."""
    path = tmp_path / "tokens.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute(f"BEGIN {lock}")
    other.execute("CREATE TABLE something (x)")
    timer = threading.Timer(0.05, lambda: other.execute("COMMIT"))
    timer.start()
    store = SQLiteStore(path)
    assert store.put(KEY, TOKEN) is True
    timer.join()
    other.close()
    store.close()


# -- PostgreSQL -------------------------------------------------------------------------------


def test_a_database_server_that_is_away_is_reported_without_its_password() -> None:
    store = PostgresStore("postgresql://someone:Pa55word@127.0.0.1:9/nothing")
    with pytest.raises(StoreFailed, match="PostgresStore") as caught:
        store.get(KEY)
    assert "Pa55word" not in str(caught.value) + repr(store)
    with pytest.raises(StoreFailed):
        PostgresStore("this is = no address").get(KEY)


def test_a_connection_that_was_cut_is_opened_again(tmp_path: Path) -> None:
    with place("postgres", tmp_path) as address, opened(address) as one, opened(address) as two:
        one.put(KEY, TOKEN)
        backend = one._connection.info.backend_pid
        two._run("SELECT pg_terminate_backend(%s)", backend)
        deadline = time.monotonic() + 10
        while two._run("SELECT 1 FROM pg_stat_activity WHERE pid = %s", backend):
            assert time.monotonic() < deadline
        assert one.get(KEY) == TOKEN


def test_many_that_start_together_make_the_tables_once(tmp_path: Path) -> None:
    with place("postgres", tmp_path) as address:
        stores = [opened(address) for _ in range(8)]
        in_threads([lambda store=store: store.get(KEY) for store in stores])  # type: ignore[misc]
        for store in stores:
            store.close()


# -- Redis ------------------------------------------------------------------------------------


def test_a_redis_that_is_away_is_reported_without_its_password() -> None:
    store = RedisStore("redis://:Pa55word@127.0.0.1:9/0")
    with pytest.raises(StoreFailed, match="RedisStore") as caught:
        store.get(KEY)
    assert "Pa55word" not in str(caught.value) + repr(store)
    with pytest.raises(BadCall):
        RedisStore("no address")


def test_a_fence_outlives_a_redis_that_forgot_everything(tmp_path: Path) -> None:
    with place("redis", tmp_path) as address, opened(address) as store:
        stalled = store.lease(KEY, 30.0)
        store._redis.delete(store._at(KEY))
        assert store.put(KEY, TOKEN, stalled) is False
        time.sleep(0.002)
        newer = store.lease(KEY, 30.0)
        assert newer > stalled
        assert store.put(KEY, TOKEN, stalled) is False
        assert store.put(KEY, TOKEN, newer) is True


def test_a_client_of_ones_own_is_used_as_it_is(tmp_path: Path) -> None:
    import redis

    with place("redis", tmp_path) as address:
        for options in ({}, {"decode_responses": True}):
            own = redis.Redis.from_url(REDIS, **options)
            store = RedisStore(own, prefix=address.partition("=")[2])
            store.put(KEY, TOKEN)
            store.save_ticket("suite4example", "ticket")
            assert store.get(KEY) == TOKEN
            assert store.ticket("suite4example") == "ticket"
            store.close()
            assert own.ping(), "it is not ours to close"
            own.close()


# -- sealed -----------------------------------------------------------------------------------


def test_nothing_is_kept_in_the_clear(tmp_path: Path) -> None:
    inside = FileStore(tmp_path / "tokens")
    store = SealedStore(inside, os.urandom(32))
    store.put(KEY, TOKEN)
    store.save_ticket("suite4example", "ticket-of-the-suite")
    store.save_permanent_code("suite4example", "dingcorp", "permanent-code")
    text = (tmp_path / "tokens").read_text()
    json.loads(text)
    for secret in (TOKEN.value, "ticket-of-the-suite", "permanent-code"):
        assert secret not in text
    assert store.platform == inside.platform
    store.close()


def test_another_secret_opens_nothing(tmp_path: Path) -> None:
    inside = FileStore(tmp_path / "tokens")
    SealedStore(inside, b"a" * 32).put(KEY, TOKEN)
    with pytest.raises(StoreFailed, match="secret"):
        SealedStore(inside, b"b" * 32).get(KEY)
    inside.put(KEY, TOKEN)
    with pytest.raises(StoreFailed, match="secret"):
        SealedStore(inside, b"a" * 32).get(KEY)


def test_what_is_moved_to_another_tenants_place_does_not_open(tmp_path: Path) -> None:
    inside = FileStore(tmp_path / "tokens")
    store = SealedStore(inside, b"a" * 32)
    store.put(KEY, TOKEN)
    sealed = inside.get(KEY)
    assert sealed is not None
    theirs = KEY._replace(corp="dingother")
    inside.put(theirs, sealed)
    with pytest.raises(StoreFailed):
        store.get(theirs)


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCall, match="32"):
        SealedStore(FileStore(tmp_path / "tokens"), "password")


# -- the package ------------------------------------------------------------------------------


def test_importing_the_stores_loads_no_driver() -> None:
    code = (
        "import sys, sanfang.client.stores as s; s.FileStore\n"
        "print(*(n for n in ('psycopg', 'redis', 'sqlite3', 'asyncio') if n in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_driver_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, extra in (("psycopg", "postgres"), ("redis", "redis")):
        code = (
            f"import sys; sys.modules[{module!r}] = None\n"
            "import sanfang.client.stores as s\n"
            f"try: s.{'PostgresStore' if module == 'psycopg' else 'RedisStore'}\n"
            "except Exception as error: print(type(error).__name__, error)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert done.stdout.startswith("BadCall")
        assert f"sanfang[{extra}]" in done.stdout


def test_the_names_of_the_package_are_there() -> None:
    import sanfang.client.stores as package

    assert [getattr(package, name).__name__ for name in package.__all__] == package.__all__
    assert not hasattr(package, "MongoStore")


def test_threads_that_share_a_store_of_files_wait_for_one_another(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "tokens")
    done = threading.Event()

    def write() -> None:
        store.put(KEY, TOKEN)
        done.set()

    with store._changing():
        thread = threading.Thread(target=write)
        thread.start()
        assert not done.wait(0.05)
    thread.join()
    assert store.get(KEY) == TOKEN
