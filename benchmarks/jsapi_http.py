"""dd.config over HTTP, as the workbench asks it, against an empty handler on the same server.

    .venv/bin/python benchmarks/jsapi_http.py [--rounds 5] [--seconds 2]

Needs wrk. The platform is `sanfang serve`'s: SQLite, the workbench behind its host name, the desk's
cookie, the frame and the grant in the hot store. The empty handlers answer the same POST with a
constant: a bare ASGI function, and a Starlette route that reads the JSON. On Linux servers are pinned
to one core, wrk to another; rounds are interleaved; CPU us are the server's own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from gate import cpu_seconds, pinned

CONNECTIONS = 16
BARE, STARLETTE = "empty handler, bare ASGI", "empty handler, Starlette, JSON read"
GRANTED, CALLED = "dd.config, checked and granted", "a granted call (biz.util.ut)"
PAGE = "http://127.0.0.1:9/board?corpid=dingx"


async def bare(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", b"11")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"ok":true}'})


def starlette_app() -> Any:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    async def empty(request: Request) -> Response:
        await request.json()
        return Response(b'{"ok":true}', media_type="application/json")

    return Starlette(routes=[Route("/{path:path}", empty, methods=["POST"])])


async def platform(port: int, folder: Path) -> None:
    """Serve a platform with an app opened by a member; leave what wrk sends in ``folder``."""
    from sanfang.platform import server
    from sanfang.platform.domain import corps, desks, frames, micro_apps, tokens
    from sanfang.platform.domain.micro_apps import NEW, AppForm
    from sanfang.platform.domain.model import Identity
    from sanfang.protocol.signatures import jsapi_signature

    listener = server.bind(port=port)
    async with await server.Platform.open(folder / "data") as one:
        core = one.core
        corp = await corps.create_corp(core, "示例公司")
        form = AppForm(name="签到看板", description="d", home_url=PAGE)
        app = await micro_apps.create_app(core, corp.corp_id, form, NEW)
        identity = Identity("internal", corp.corp_id, app.app_key, app.agent_id)
        ticket, _ = await tokens.jsapi_ticket(core, identity)
        desk = await desks.open_desk(core, corp.corp_id, "manager")
        frame, _ = await frames.open_frame(core, desk, app.agent_id, "android")
        host = f"sanfang.localhost:{port}"
        seen = f"http://app-{app.agent_id}-android.{host}/board?corpid=dingx"
        frame = await frames.new_page(core, desk, frame.frame_id, PAGE)
        config = {
            "agentId": str(app.agent_id),
            "corpId": corp.corp_id,
            "timeStamp": "1414588745",
            "nonceStr": "Zn4zmLFKD0wzilzM",
            "signature": jsapi_signature(ticket, "Zn4zmLFKD0wzilzM", "1414588745", seen),
            "jsApiList": ["biz.contact.choose", "biz.util.ut", "biz.ding.post"],
        }
        asked = {"page": frame.page, "url": seen, "device": {}}
        ask = {"method": "runtime.permission.requestJsApis", "params": config, **asked}
        call = {"method": "biz.util.ut", "params": {"key": "k", "value": {}}, **asked}
        told = {
            "path": f"/api/frames/{frame.frame_id}/invoke",
            "headers": {
                "Host": f"wb.{host}",
                "Origin": f"http://wb.{host}",
                "Cookie": f"sanfang_desk={desk}",
                "X-Sanfang-Desk": "1",
                "Content-Type": "application/json",
            },
            "bodies": {GRANTED: json.dumps(ask), CALLED: json.dumps(call)},
        }
        (folder / "told").write_text(json.dumps(told))
        await server.serve(one, listener)


def serve(which: str, port: int, folder: Path) -> None:
    if which == "ours":
        asyncio.run(platform(port, folder))
        return
    import uvicorn

    app = bare if which == "bare" else starlette_app()
    uvicorn.run(app, port=port, log_config=None, access_log=False, lifespan="off", ws="none")


def start(which: str, folder: str) -> tuple[subprocess.Popen[bytes], int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, __file__, "--serve", which, "--port", str(port), "--folder", folder]
    process = subprocess.Popen([*pinned(0), *command])
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port), 0.1).close()
        except OSError:
            time.sleep(0.05)
            continue
        if which != "ours" or (Path(folder) / "told").is_file():
            return process, port
        time.sleep(0.05)
    raise SystemExit("the server did not start")


def script(folder: Path, told: dict[str, Any], body: str) -> Path:
    """Write what wrk runs: the same POST again and again, and a look at the first answer."""
    lines = ["wrk.method = 'POST'", f"wrk.body = [==[{body}]==]"]
    lines += [f"wrk.headers['{name}'] = [==[{value}]==]" for name, value in told["headers"].items()]
    lines.append(
        "function response(status, headers, body) if status ~= 200 or not body:find('\"ok\":true')"
        " then io.stderr:write(status, ' ', body, '\\n') wrk.thread:stop() end end"
    )
    path = folder / "post.lua"
    path.write_text("\n".join(lines))
    return path


def load(url: str, lua: Path, seconds: int, process: subprocess.Popen[bytes]) -> tuple[float, ...]:
    """Return requests a second, CPU us a request, and the 99th percentile in milliseconds."""
    before = cpu_seconds(process)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "--latency", "-s", str(lua), url]
    done = subprocess.run([*pinned(1), *command], capture_output=True, text=True, check=True)
    if "Non-2xx" in done.stdout or done.stderr:
        raise SystemExit(done.stdout + done.stderr[:500])
    used = cpu_seconds(process) - before
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    count = re.search(r"(\d+) requests in", done.stdout)
    last = re.search(r"99%\s+([\d.]+)(us|ms|s)", done.stdout)
    assert rate is not None
    assert count is not None
    assert last is not None
    return float(rate[1]), used / int(count[1]) * 1e6, float(last[1]) * _MS[last[2]]


_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


def measure(rounds: int, seconds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        servers = {which: start(which, folder) for which in ("bare", "starlette", "ours")}
        told = json.loads((Path(folder) / "told").read_text())
        ask = told["bodies"][GRANTED]
        contenders = {
            BARE: ("bare", ask),
            STARLETTE: ("starlette", ask),
            GRANTED: ("ours", ask),
            CALLED: ("ours", told["bodies"][CALLED]),
        }
        got: dict[str, list[tuple[float, ...]]] = {name: [] for name in contenders}
        try:
            for _ in range(rounds):
                for name, (which, body) in contenders.items():
                    process, port = servers[which]
                    lua = script(Path(folder), told, body)
                    url = f"http://127.0.0.1:{port}{told['path']}"
                    got[name].append(load(url, lua, seconds, process))
        finally:
            for process, _ in servers.values():
                process.terminate()
                process.wait()
    base = [statistics.median(column) for column in zip(*got[STARLETTE], strict=True)]
    print(f"{'':38}{'calls/s':>10}{'x empty':>9}{'CPU us':>9}{'x empty':>9}{'p99 ms':>9}")
    for name, rows in got.items():
        rate, cpu, last = (statistics.median(column) for column in zip(*rows, strict=True))
        print(
            f"{name:38}{rate:>10,.0f}{rate / base[0]:>9.2f}"
            f"{cpu:>9.0f}{cpu / base[1]:>9.2f}{last:>9.2f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--serve")
    parser.add_argument("--port", type=int)
    parser.add_argument("--folder")
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.port, Path(given.folder))
    else:
        measure(given.rounds, given.seconds)


if __name__ == "__main__":
    main()
