"""`sanfang` as a process: ready line, graceful stop, clear refusals, quick help, and the demo."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sanfang.cli.demo.steps import STEPS
from sanfang.platform import server

pytestmark = pytest.mark.process
SANFANG = [sys.executable, "-m", "sanfang.cli"]
ENV = {name: value for name, value in os.environ.items() if not name.startswith("SANFANG_")}
Process = subprocess.Popen[str]


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SANFANG, *arguments],
        capture_output=True,
        encoding="utf-8",
        env=ENV | {"PYTHONUTF8": "1"} | env,
        timeout=60,
        check=False,
    )


@contextlib.contextmanager
def serving(data: Path, *options: str) -> Iterator[tuple[Process, dict[str, Any]]]:
    """A started `sanfang serve --json` and what its ready line says."""
    process = subprocess.Popen(
        [*SANFANG, "serve", "--port", "0", "--json", "--data", str(data), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=ENV,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            pytest.fail(f"not ready: {process.communicate(timeout=10)[1]}")
        yield process, json.loads(line)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=10)


def test_the_ready_line_says_where_everything_is(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as (process, ready):
        assert ready["pid"] == process.pid
        assert ready["data"] == str(tmp_path / "data")
        assert Path(ready["admin_token_file"]).read_text().strip()
        made = run("corp", "create", "示例公司", "--data", ready["data"])
        assert made.returncode == 0, made.stderr
        assert "示例公司" in made.stdout


def test_a_call_finds_platform_and_app_through_the_data_folder(tmp_path: Path) -> None:
    with serving(tmp_path):
        made = run("corp", "create", "示例公司", "--data", str(tmp_path))
        assert made.returncode == 0, made.stderr
        called = run("call", "user/get", "userid=manager", SANFANG_DATA=str(tmp_path))
        assert called.returncode == 0, called.stderr
        assert json.loads(called.stdout)["name"] == "管理员"
        piped = f"{sys.executable} -m sanfang.cli call user/list department_id=1 --all --compact"
        cut = subprocess.run(
            f"{piped} | head -c 1 > /dev/null",
            shell=True,
            capture_output=True,
            encoding="utf-8",
            env=ENV | {"SANFANG_DATA": str(tmp_path)},
            check=False,
        )
        assert "Traceback" not in cut.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_gracefully(tmp_path: Path, number: signal.Signals) -> None:
    with serving(tmp_path) as (process, _):
        assert (tmp_path / "server.json").exists()
        process.send_signal(number)
        assert process.wait(15) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
        assert not (tmp_path / "server.json").exists()


def test_it_stops_with_its_parents_pipe_when_asked_to(tmp_path: Path) -> None:
    with serving(tmp_path, "--exit-with-stdin") as (process, _):
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
        assert process.wait(15) == 0


def test_a_second_one_on_the_same_folder_is_refused_by_pid(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, ready):
        second = run("serve", "--port", "0", "--data", str(tmp_path))
        assert second.returncode == 1
        assert str(process.pid) in second.stderr
        assert "Traceback" not in second.stderr
        assert run("corp", "list", "--data", str(tmp_path)).returncode == 0
        assert ready["url"] in (tmp_path / "server.json").read_text()


def test_after_kill_9_commands_say_nobody_is_there_and_a_new_one_starts(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, _):
        process.kill()
        process.wait(10)
    gone = run("corp", "list", "--data", str(tmp_path))
    assert gone.returncode == 3
    with serving(tmp_path):
        assert run("corp", "list", "--data", str(tmp_path)).returncode == 0


def test_a_taken_port_is_refused_with_advice(tmp_path: Path) -> None:
    with server.bind() as listener:
        port = str(listener.getsockname()[1])
        result = run("serve", "--port", port, "--data", str(tmp_path))
    assert result.returncode == 1
    assert "--port" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--database", "mysql://root:hunter2@x/"], "postgresql://"),
        (["--redis", "ftp://x"], "redis://"),
        (["--redis", "redis://:hunter2@127.0.0.1:1/0"], "127.0.0.1"),
        (["--database", "postgresql://u:hunter2@127.0.0.1:1/x"], "127.0.0.1"),
    ],
)
def test_a_store_that_cannot_be_opened_is_named_without_its_password(
    tmp_path: Path, options: list[str], named: str
) -> None:
    result = run("serve", "--port", "0", "--data", str(tmp_path), *options)
    assert result.returncode == 1
    assert named in result.stderr
    assert "hunter2" not in result.stderr + result.stdout
    assert "Traceback" not in result.stderr


def test_a_data_folder_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run("serve", "--port", "0", "--data", str(tmp_path / "file" / "below"))
    assert result.returncode == 1
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--set", "push_limt=3"], "push_limt"),
        (["--set", "push_limit=many"], "push_limit"),
        (["--set", "push_limit"], "NAME=VALUE"),
        (["--set", "rate_profile=fast"], "rate_profile"),
        (["--set", "push_timeout_ms=0"], "push_timeout_ms"),
        (["--set", "token_ttl_s=-1"], "token_ttl_s"),
        (["--set", "push_timeout_ms=20000"], "push_lease_ms"),
        (["--admin-token", "a b\n"], "--admin-token"),
        (["--admin-token", ""], "--admin-token"),
        (["--port", "65536"], "--port"),
    ],
)
def test_a_wrong_option_is_named_and_nothing_is_started(
    tmp_path: Path, options: list[str], named: str
) -> None:
    result = run("serve", "--port", "0", "--data", str(tmp_path / "data"), *options)
    assert result.returncode == 2
    assert named in result.stderr
    assert not (tmp_path / "data").exists()


def test_settings_given_are_in_force(tmp_path: Path) -> None:
    with serving(tmp_path, "--set", "push_limit=7", "--set", "ticket_strict=true") as (_, ready):
        shown = run("settings", "--json")
        assert shown.returncode == 0
        from ..manage.running import Running

        token = Path(ready["admin_token_file"]).read_text().strip()
        values = {s["name"]: s["value"] for s in Running(ready["url"], token).get("/settings")}
    assert (values["push_limit"], values["ticket_strict"]) == (7, True)


def test_help_imports_nothing_heavy() -> None:
    heavy = {"aiohttp", "starlette", "uvicorn", "rich", "msgspec", "cryptography", "asyncio"}
    code = (
        "import sys; from sanfang.cli.root import cli\n"
        "cli(['--help'], standalone_mode=False)\n"
        f"print(sorted({heavy!r} & sys.modules.keys()), file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, env=ENV
    )
    assert "serve" in result.stdout
    assert result.stderr.strip() == "[]"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk"])
def test_a_terminal_without_unicode_ends_in_no_traceback(encoding: str) -> None:
    env = ENV | {"PYTHONUTF8": "0", "PYTHONIOENCODING": encoding, "LC_ALL": "C"}
    result = subprocess.run(
        [*SANFANG, "settings"], capture_output=True, env=env, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr
    assert b"push_limit" in result.stdout


def test_the_demo_tells_the_whole_story(tmp_path: Path) -> None:
    result = run("demo", "--check", "--json", "--data", str(tmp_path))
    assert result.returncode == 0, result.stdout + result.stderr
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["step"] for line in told] == list(range(1, len(STEPS) + 1))
    assert all(line["ok"] and line["ms"] >= 0 for line in told)
    facts = {line["step"]: line["facts"] for line in told}
    assert facts[3]["reply_says"] == facts[3]["says"]["Random"]
    assert "测试员甲" in facts[7]["members"]
    assert facts[9]["event"] == "change_auth"
    assert facts[10]["errcode_after"] == 40014


def test_the_demo_runs_twice_in_one_folder_and_for_people(tmp_path: Path) -> None:
    for _ in range(2):
        result = run("demo", "--check", "--data", str(tmp_path))
        assert result.returncode == 0, result.stdout + result.stderr
    for step in STEPS:
        assert step.zh in result.stdout


def test_a_demo_that_fails_says_which_step_and_why(tmp_path: Path) -> None:
    with server.bind() as listener:
        port = str(listener.getsockname()[1])
        result = run("demo", "--check", "--json", "--port", port, "--data", str(tmp_path))
    assert result.returncode == 1
    assert result.stderr.startswith("step 1: expected health ok; came: platform ended")
    assert json.loads(result.stdout)["ok"] is False


def test_a_demo_that_is_stopped_leaves_nobody_behind(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*SANFANG, "demo", "--json", "--data", str(tmp_path)],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=ENV,
    )
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            if "addresses" in (told := json.loads(line)):
                break
        url = told["addresses"]["platform"]
        assert run("corp", "list", "--data", str(tmp_path / "platform")).returncode == 0
        process.terminate()
        assert process.wait(30) == 128 + signal.SIGTERM
    gone = run("corp", "list", "--url", url, "--admin-token", "x")
    assert gone.returncode == 3
