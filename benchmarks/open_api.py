"""`user/get` through the whole gate, against the bare server and against what people use instead.

    .venv/bin/python benchmarks/open_api.py [--rounds 5] [--seconds 2]
        [--moto moto_server] [--prism "prism"]

The whole gate: token, IP whitelist, four rate rules, parameters, the member from SQLite, and the call
log; and once more without the log. Beside it the bare ASGI constant on the same server, moto's S3
(listing an empty bucket) and Prism (user/get in an OpenAPI file of a hundred paths); the last two only
where their commands are found or given. Rounds are interleaved; on Linux servers are
pinned to one core, wrk to another.

Then, without HTTP: one call with 10, 10,000 and 100,000 members and 1, 1,000 and 10,000 corps, and what
the process holds in memory with an empty store.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shlex
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gate import bare, figures, load, pinned

BASE = "bare ASGI constant"
MADE_UP = "/topapi/smartwork/hrm/employee/queryonjob?status_list=2&offset=0&size=9&access_token="


async def world(folder: Path, *, members: int = 10, corps_: int = 1, log: bool = True) -> Any:
    """Make a platform with so many members and corps; return its core, API, and an ISV's token."""
    from sanfang.platform.domain import authorisations, corps, developers, suites, tokens
    from sanfang.platform.domain.clock import Clock
    from sanfang.platform.domain.core import Core, ProbeResult, Settings
    from sanfang.platform.openapi import OpenApi
    from sanfang.platform.store import open_durable, open_hot

    async def probe(*_: object, **__: object) -> ProbeResult:
        return ProbeResult(ok=True)

    never = 10**9
    settings = Settings(
        rate_corp_api=never,
        rate_isv_api=never,
        rate_isv_corp_api=never,
        rate_suite_corp_api=never,
        call_log=log,
        call_log_keep=20_000,
    )
    durable, hot = await open_durable(folder / "bench.db"), await open_hot(folder / "hot.db")
    core = Core(durable, hot, Clock(), settings, probe)
    corp = await corps.create_corp(core, "Example Ltd")
    await crowd(core, corp.corp_id, members - 1)
    for number in range(corps_ - 1):
        await corps.create_corp(core, f"Example {number} Ltd")
    developer = await developers.create_developer(core, corp.corp_id, "示例开发者")
    form = suites.SuiteForm(
        name="示例套件",
        token="t",
        aes_key="a" * 43,
        callback_url="http://127.0.0.1/",
        ip_whitelist=["127.0.*.*"],
        micro_apps=[suites.MicroAppForm(name="示例应用", home_url="http://127.0.0.1/")],
    )
    suite = await suites.create_suite(core, developer.developer_id, form)
    await authorisations.authorise(core, suite.suite_key, corp.corp_id)
    isv, _ = await tokens.isv_corp_token(core, suite.suite_key, corp.corp_id, None)
    return core, OpenApi(core), isv


async def crowd(core: Any, corp_id: str, number: int) -> None:
    """Write members by copying one, which is quicker than hiring them."""
    if number < 1:
        return
    writer = core.durable._writer
    for table, key in (("members", "userid"), ("member_departments", "userid")):
        row = writer.execute(
            f"SELECT * FROM {table} WHERE corp_id = ? LIMIT 1", (corp_id,)
        ).fetchone()
        names = [each[1] for each in writer.execute(f"PRAGMA table_info({table})")]
        rows = []
        for n in range(number):
            copy = dict(zip(names, row, strict=True)) | {key: f"user{n}"}
            if "unionid" in copy:
                copy |= {"unionid": f"union{n}", "mobile": f"1{n:010}"}
            rows.append(tuple(copy.values()))
        marks = ",".join("?" * len(names))
        writer.execute("BEGIN")
        writer.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        writer.execute("COMMIT")


# --- over HTTP


def serve(which: str, port: int, folder: str) -> None:
    import uvicorn
    import uvloop

    async def main() -> None:
        app: Any = bare
        if which != "bare":
            Path(folder, which).mkdir()
            _, app, token = await world(Path(folder, which), log=which == "log")
            Path(folder, f"{which}.token").write_text(token)
        config = uvicorn.Config(
            app,
            port=port,
            loop="uvloop",
            http="httptools",
            access_log=False,
            log_level="warning",
            proxy_headers=False,
            server_header=False,
        )
        await uvicorn.Server(config).serve()

    uvloop.run(main())


def start(command: Sequence[str], port: int) -> subprocess.Popen[bytes]:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([*pinned(0), *command], **quiet)  # type: ignore[call-overload]
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 0.1).close()
        except OSError:
            time.sleep(0.05)
        else:
            time.sleep(0.2)
            return process  # type: ignore[no-any-return]
    raise SystemExit(f"{command[0]} did not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def described(folder: str) -> str:
    """Write an OpenAPI file for Prism: user/get and a hundred other paths."""
    text = {"type": "string"}
    shape = {
        "userid": text,
        "name": text,
        "mobile": text,
        "department": {"type": "array", "items": {"type": "integer"}},
    }
    query = [
        {"name": n, "in": "query", "required": True, "schema": text}
        for n in ("access_token", "userid")
    ]
    ok = {
        "description": "ok",
        "content": {"application/json": {"schema": {"type": "object", "properties": shape}}},
    }
    operation = {"parameters": query, "responses": {"200": ok}}
    paths = {"/user/get": {"get": operation}} | {
        f"/area{n}/get": {"get": operation} for n in range(100)
    }
    file = Path(folder, "openapi.json")
    file.write_text(
        json.dumps({"openapi": "3.0.3", "info": {"title": "x", "version": "1"}, "paths": paths})
    )
    return str(file)


def measure(rounds: int, seconds: int, moto: str, prism: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        runs: dict[str, tuple[subprocess.Popen[bytes], str]] = {}

        def ours(which: str) -> tuple[subprocess.Popen[bytes], str]:
            port = free_port()
            own = ["--serve", which, "--port", str(port), "--folder", folder]
            return start([sys.executable, __file__, *own], port), f"http://127.0.0.1:{port}"

        process, url = ours("bare")
        runs[BASE] = process, f"{url}/"
        for which, title in (
            ("log", "user/get, the whole gate and the call log"),
            ("plain", "user/get, no call log"),
        ):
            process, url = ours(which)
            token = Path(folder, f"{which}.token").read_text()
            runs[title] = process, f"{url}/user/get?userid=manager&access_token={token}"
        if moto:
            port = free_port()
            process = start([*shlex.split(moto), "-p", str(port)], port)
            address = f"http://127.0.0.1:{port}/bucket"
            subprocess.run(["curl", "-s", "-X", "PUT", address], check=True, capture_output=True)
            runs["moto server, S3 list of an empty bucket"] = process, address
        if prism:
            port = free_port()
            process = start([*shlex.split(prism), "mock", "-p", str(port), described(folder)], port)
            runs["Prism, user/get"] = (
                process,
                f"http://127.0.0.1:{port}/user/get?userid=x&access_token=y",
            )
        try:
            got: dict[str, list[tuple[float, float, str]]] = {name: [] for name in runs}
            for _ in range(rounds):
                for name, (process, url) in runs.items():
                    got[name].append(load(url, seconds, process))
        finally:
            for process, _ in runs.values():
                process.terminate()
                process.wait()
    report(got)


def report(got: dict[str, list[tuple[float, float, str]]]) -> None:
    base, _, base_best = figures(got[BASE])
    ours = figures(got["user/get, the whole gate and the call log"])[0]
    print(
        f"{'':46}{'req/s':>9}{'x bare':>8}{'ours x':>8}{'best':>9}{'x bare':>8}{'cpu us':>8}{'p99':>10}"
    )
    for name, results in got.items():
        rate, cpu, best = figures(results)
        p99 = sorted(each[2] for each in results)[len(results) // 2]
        print(
            f"{name:46}{rate:9,.0f}{rate / base:8.2f}{ours / rate:8.2f}{best:9,.0f}"
            f"{best / base_best:8.2f}{cpu:8.1f}{p99:>10}"
        )


# --- without HTTP


async def flat() -> None:
    """Print µs of a call for growing stores."""
    print(f"\n{'members':>10}{'corps':>10}{'user/get us':>13}{'synthetic us':>14}")
    for members, corps in ((10, 1), (10_000, 1), (100_000, 1), (10, 1_000), (10, 10_000)):
        with tempfile.TemporaryDirectory() as folder:
            core, api, token = await world(Path(folder), members=members, corps_=corps)
            userid = "manager" if members == 10 else f"user{members // 2}"
            query = f"userid={userid}&access_token={token}"
            known = await timed(api, "GET", "/user/get", query)
            path, _, rest = MADE_UP.partition("?")
            made_up = await timed(api, "POST", path, rest + token)
            print(f"{members:10,}{corps:10,}{known:13.1f}{made_up:14.1f}")
            await core.calls.flush()
            await core.durable.close()
            await core.hot.close()


async def timed(api: Any, method: str, path: str, query: str) -> float:
    """Return µs a call, the median of nine batches."""
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(b"host", b"127.0.0.1"), (b"user-agent", b"x"), (b"accept", b"*/*")],
        "client": ("127.0.0.1", 50000),
        "scheme": "http",
    }
    answers: list[bytes] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            answers.append(message["body"])

    results = []
    for _ in range(9):
        begin = time.perf_counter()
        for _ in range(1000):
            await api(scope, receive, send)
        results.append((time.perf_counter() - begin) * 1000)
        assert b'"errcode":0' in answers[-1], answers[-1]
        answers.clear()
        await asyncio.sleep(0.3)  # the call log is written between the batches
    return statistics.median(results)


def memory() -> None:
    """Print what a new process holds after its first answers."""
    code = (
        "import asyncio, re, sys, tempfile, pathlib; sys.path.insert(0, 'benchmarks')\n"
        "import open_api\n"
        "async def main():\n"
        "    with tempfile.TemporaryDirectory() as folder:\n"
        "        core, api, token = await open_api.world(pathlib.Path(folder))\n"
        "        status = open('/proc/self/status').read()\n"
        "        print(int(re.search(r'VmRSS:\\s+(\\d+)', status)[1]) // 1024)\n"
        "        await core.calls.flush(); await core.durable.close(); await core.hot.close()\n"
        "asyncio.run(main())"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    print(f"\nresident with an empty store: {out.stdout.strip()} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--moto", default=shutil.which("moto_server") or "")
    parser.add_argument("--prism", default=shutil.which("prism") or "")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.port, options.folder)
        return
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is needed (apt-get install wrk)")
    measure(options.rounds, options.seconds, options.moto, options.prism)
    asyncio.run(flat())
    memory()


if __name__ == "__main__":
    main()
