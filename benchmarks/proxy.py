"""A micro-app through its host in the workbench, against a bare aiohttp reverse proxy and no proxy.

    .venv/bin/python benchmarks/proxy.py [--rounds 5] [--seconds 2]

Needs wrk. Three servers: the app (a constant for each path), a reverse proxy of forty lines on aiohttp
that only passes on, and the platform, which finds the app in its store, rewrites headers both ways and
puts the bridge into pages. On Linux the two proxies are pinned to one core, app and wrk to another.
Rounds are interleaved; CPU us are the proxy's own, which neighbours on the machine disturb least.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CONNECTIONS = 16
BODIES = {
    "/api": (b"application/json", b'{"ok":true}'),
    "/page": (b"text/html", b"<!doctype html><html><head><title>t</title></head>" + b"x" * 20_000),
    "/asset": (b"text/javascript", b"y" * 65_536),
}
NAMES = {"/api": "JSON, 11 bytes", "/page": "page, 20 KB", "/asset": "script, 64 KB"}
DIRECT, BARE, OURS = "the app itself", "bare aiohttp proxy", "host in the workbench"


async def the_app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    kind, body = BODIES[scope["path"]]
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def bare_proxy(port: int, app_port: int) -> None:
    """Serve the least that can be called a reverse proxy."""
    from aiohttp import ClientSession, DummyCookieJar, TCPConnector, web

    session = ClientSession(
        connector=TCPConnector(limit=0), cookie_jar=DummyCookieJar(), auto_decompress=False
    )

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        url = f"http://127.0.0.1:{app_port}{request.raw_path}"
        given = {name: value for name, value in request.headers.items() if name != "Host"}
        async with session.request(
            request.method, url, headers=given, data=request.content, allow_redirects=False
        ) as found:
            answer = web.StreamResponse(status=found.status, headers=found.headers)
            await answer.prepare(request)
            async for data in found.content.iter_any():
                await answer.write(data)
            await answer.write_eof()
            return answer

    runner = web.ServerRunner(web.Server(handle))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


async def platform(port: int, app_port: int, folder: Path) -> None:
    from sanfang.platform import server
    from sanfang.platform.domain import corps, micro_apps

    listener = server.bind(port=port)
    async with await server.Platform.open(folder / "data") as one:
        corp = await corps.create_corp(one.core, "Example Ltd")
        app = (await corps.list_apps(one.core, corp.corp_id))[0]
        await micro_apps.update_app(
            one.core,
            corp.corp_id,
            app.agent_id,
            micro_apps.NEW,
            description="示例",
            home_url=f"http://127.0.0.1:{app_port}/",
        )
        (folder / "agent").write_text(str(app.agent_id))
        await server.serve(one, listener)


def serve(which: str, port: int, app_port: int, folder: str) -> None:
    """Run one server in this process (started by `start`)."""
    import uvicorn
    import uvloop

    logging.disable()  # aiohttp tells of every connection that wrk drops at the end
    if which == DIRECT:
        config = uvicorn.Config(
            the_app, port=port, loop="uvloop", http="httptools", access_log=False, log_level="error"
        )
        uvloop.run(uvicorn.Server(config).serve())
    elif which == BARE:
        uvloop.run(bare_proxy(port, app_port))
    else:
        uvloop.run(platform(port, app_port, Path(folder)))


def start(which: str, app_port: int, folder: str) -> tuple[subprocess.Popen[bytes], int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, __file__, "--serve", which, "--port", str(port)]
    command += ["--app-port", str(app_port), "--folder", folder]
    process = subprocess.Popen([*pinned(1 if which == DIRECT else 0), *command])
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 0.1).close()
            if which != OURS or Path(folder, "agent").exists():
                return process, port
        except OSError:
            pass
        time.sleep(0.05)
    raise SystemExit(f"{which} did not start")


def pinned(core: int) -> list[str]:
    many = (os.cpu_count() or 1) > 1 and shutil.which("taskset")
    return ["taskset", "-c", str(core)] if many else []


def cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(
    port: int, path: str, host: str, seconds: int, process: subprocess.Popen[bytes]
) -> tuple[float, float, str]:
    """Return requests a second, CPU us a request, and the 99th percentile."""
    before = cpu_seconds(process)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "--latency"]
    command += ["-H", f"Host: {host}", "-H", f"Sec-Fetch-Dest: {purpose(path)}"]
    command.append(f"http://127.0.0.1:{port}{path}")
    out = subprocess.run([*pinned(1), *command], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise SystemExit(out)
    used = cpu_seconds(process) - before
    rate = re.search(r"Requests/sec:\s+([\d.]+)", out)
    count = re.search(r"(\d+) requests in", out)
    p99 = re.search(r"99%\s+(\S+)", out)
    assert rate is not None
    assert count is not None
    assert p99 is not None
    return float(rate[1]), used / int(count[1]) * 1e6, p99[1]


def purpose(path: str) -> str:
    return "iframe" if path == "/page" else "empty"


def measure(rounds: int, seconds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        app, app_port = start(DIRECT, 0, folder)
        bare, bare_port = start(BARE, app_port, folder)
        ours, ours_port = start(OURS, app_port, folder)
        agent = Path(folder, "agent").read_text()
        runs = {
            DIRECT: (app_port, "127.0.0.1", app),
            BARE: (bare_port, "127.0.0.1", bare),
            OURS: (ours_port, f"app-{agent}-android.sanfang.localhost:{ours_port}", ours),
        }
        got: dict[tuple[str, str], list[tuple[float, float, str]]] = {}
        try:
            for _ in range(rounds):
                for path in BODIES:
                    for name, (port, host, process) in runs.items():
                        result = load(port, path, host, seconds, process)
                        got.setdefault((path, name), []).append(result)
        finally:
            for process in (app, bare, ours):
                process.terminate()
                process.wait()
    report(got)


def report(got: dict[tuple[str, str], list[tuple[float, float, str]]]) -> None:
    """Print medians; "x bare" compares with the bare proxy, by rate and by CPU time."""
    print(f"{'':40}{'req/s':>9}{'x bare':>8}{'cpu us':>9}{'x bare':>8}{'p99':>10}")
    for path in BODIES:
        bare_rate, bare_cpu = figures(got[path, BARE])
        for name in (DIRECT, BARE, OURS):
            rate, cpu = figures(got[path, name])
            p99 = sorted(each[2] for each in got[path, name])[len(got[path, name]) // 2]
            print(
                f"{NAMES[path] + ', ' + name:40}{rate:9,.0f}{rate / bare_rate:8.2f}{cpu:9.0f}"
                f"{bare_cpu / (cpu or 1):8.2f}{p99:>10}"
            )


def figures(results: list[tuple[float, float, str]]) -> tuple[float, float]:
    return statistics.median(each[0] for each in results), statistics.median(
        each[1] for each in results
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--app-port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.port, given.app_port, given.folder)
    elif shutil.which("wrk") is None:
        sys.exit("needs wrk")
    else:
        measure(given.rounds, given.seconds)


if __name__ == "__main__":
    main()
