"""`user/get` through the whole gate against the bare server, Prism and moto: the same load, one run.

    .venv/bin/python benchmarks/peers.py [--rounds 3] [--seconds 3] [--prism PATH]

Needs wrk; on Linux servers are pinned to one core and wrk to another. The platform is `sanfang serve`
as it ships: SQLite, call log, all rate rules counted with limits that the load does not reach. Peers
run as shipped: Prism mocks an OpenAPI description of the same path, moto's server answers S3
GetObject with 40 bytes and its own /moto-api/data.json. A peer that is not installed is left out,
and the run says so. Prism: ``npm install --prefix FOLDER @stoplight/prism-cli``, then give
``--prism FOLDER/node_modules/.bin/prism`` or have it on the path.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import importlib.util
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gate import BASE, CONNECTIONS, cpu_seconds, pinned
from gate import start as start_here
from startup import free_port

NEVER = 10**9
OBJECT = b"forty bytes, as small answers often are."
OURS = "user/get through the gate, own app"
# Prism answers the documented example, after checking the call against this.
DESCRIPTION = {
    "openapi": "3.0.3",
    "info": {"title": "contacts", "version": "1"},
    "paths": {
        "/user/get": {
            "get": {
                "parameters": [
                    {"name": name, "in": "query", "required": True, "schema": {"type": "string"}}
                    for name in ("access_token", "userid")
                ],
                "responses": {
                    "200": {
                        "description": "a member",
                        "content": {
                            "application/json": {
                                "example": {
                                    "errcode": 0,
                                    "errmsg": "ok",
                                    "userid": "zhang",
                                    "name": "测试员甲",
                                    "active": True,
                                    "department": [1],
                                    "mobile": "13000000001",
                                    "unionid": "PiiiPyQqBNBii0HnCJ3zljcuAiEiE",
                                }
                            }
                        },
                    }
                },
            }
        }
    },
}


class Server:
    """A process that answers HTTP, and how to end it."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self.port = process, port

    def ask(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        """Ask once; fail on anything but a success."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if method == "PUT":
            headers["x-amz-acl"] = "public-read"  # wrk signs nothing
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if isinstance(body, dict):
            headers["Content-Type"] = "application/json"
        connection.request(method, path, raw, headers)
        answer = connection.getresponse()
        told = answer.read()
        connection.close()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {told[:300]!r}")
        return json.loads(told) if told[:1] in (b"{", b"[") else told

    def ready(self, path: str) -> Server:
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError):
                self.ask("GET", path)
                return self
            time.sleep(0.05)
        raise SystemExit(f"{self.process.args!r} did not answer")


@contextlib.contextmanager
def running(*command: str, port: int) -> Iterator[Server]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([*pinned(0), *command], stdout=quiet, stderr=quiet)
    try:
        yield Server(process, port)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)
        if process.poll() is None:
            process.kill()
            process.wait()


@contextlib.contextmanager
def sanfang(folder: Path) -> Iterator[dict[str, tuple[Server, str]]]:
    port, data = free_port(), folder / "platform"
    command = [sys.executable, "-m", "sanfang.cli", "serve", "--port", str(port)]
    command += ["--data", str(data)]
    for rule in ("corp_api", "isv_api", "isv_corp_api", "suite_corp_api"):
        command += ["--set", f"rate_{rule}={NEVER}"]
    with running(*command, port=port) as server:
        server.ready("/sanfang/api/health")
        admin = json.loads((data / "server.json").read_text())["token"]
        api = "/sanfang/api/corps"
        corp_id = server.ask("POST", api, {"name": "Example Ltd"}, admin)["corp_id"]
        member = {"userid": "zhang", "name": "测试员甲", "departments": [1]}
        server.ask("POST", f"{api}/{corp_id}/members", {**member, "mobile": "13000000001"}, admin)
        app = server.ask("GET", f"{api}/{corp_id}/apps?secrets=1", token=admin)["items"][0]
        keys = f"appkey={app['app_key']}&appsecret={app['secret']}"
        token = server.ask("GET", f"/gettoken?{keys}")["access_token"]
        path = f"/user/get?userid=zhang&access_token={token}"
        assert server.ask("GET", path)["name"] == "测试员甲"
        yield {OURS: (server, path)}


@contextlib.contextmanager
def bare(folder: Path) -> Iterator[dict[str, tuple[Server, str]]]:
    process, port = start_here("bare", str(folder))
    try:
        yield {BASE: (Server(process, port), "/")}
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def prism(folder: Path, program: str) -> Iterator[dict[str, tuple[Server, str]]]:
    port, description = free_port(), folder / "openapi.json"
    description.write_text(json.dumps(DESCRIPTION), encoding="utf-8")
    command = [program, "mock", "-h", "127.0.0.1", "-p", str(port), str(description)]
    path = "/user/get?access_token=t&userid=zhang"
    with running(*command, port=port) as server:
        yield {"Prism, the same path mocked": (server.ready(path), path)}


@contextlib.contextmanager
def moto(_: Path) -> Iterator[dict[str, tuple[Server, str]]]:
    port = free_port()
    with running(sys.executable, "-m", "moto.server", "-p", str(port), port=port) as server:
        server.ready("/moto-api/data.json")
        server.ask("PUT", "/bench")
        server.ask("PUT", "/bench/object", OBJECT)
        assert server.ask("GET", "/bench/object") == OBJECT
        yield {
            "moto, S3 GetObject of 40 bytes": (server, "/bench/object"),
            "moto, /moto-api/data.json": (server, "/moto-api/data.json"),
        }


def load(server: Server, path: str, seconds: int) -> tuple[float, float]:
    """Return requests a second and CPU µs a request."""
    before = cpu_seconds(server.process)
    url = f"http://127.0.0.1:{server.port}{path}"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", url]
    out = subprocess.run([*pinned(1), *command], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out:
        raise SystemExit(f"{url} does not answer 2xx:\n{out}")
    used = cpu_seconds(server.process) - before
    rate, count = re.search(r"Requests/sec:\s+([\d.]+)", out), re.search(r"(\d+) requests in", out)
    assert rate is not None
    assert count is not None
    return float(rate[1]), used / max(int(count[1]), 1) * 1e6


def report(got: dict[str, list[tuple[float, float]]]) -> None:
    def rate(name: str) -> float:
        return statistics.median(one for one, _ in got[name])

    print(f"{'':40}{'req/s':>10}{'x bare':>9}{'ours is':>10}{'cpu us':>9}")
    for name, results in got.items():
        cpu = statistics.median(one for _, one in results)
        ours = rate(OURS) / rate(name)
        print(
            f"{name:40}{rate(name):>10,.0f}{rate(name) / rate(BASE):>9.2f}{ours:>9.1f}x{cpu:>9.0f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--prism", default=shutil.which("prism"), help="Prism's program")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is needed (apt-get install wrk)")
    servers: list[Callable[[Path], Any]] = [bare, sanfang]
    if options.prism:
        servers.append(lambda folder: prism(folder, options.prism))
    else:
        print("(Prism is not installed / 未安装: npm install @stoplight/prism-cli, then --prism)")
    if importlib.util.find_spec("moto") and importlib.util.find_spec("flask_cors"):
        servers.append(moto)
    else:
        print("(moto's server is not installed / 未安装: pip install 'moto[server]')")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        targets: dict[str, tuple[Server, str]] = {}
        for each in servers:
            targets |= stack.enter_context(each(folder))
        got: dict[str, list[tuple[float, float]]] = {name: [] for name in targets}
        for _ in range(options.rounds):
            for name, (server, path) in targets.items():
                got[name].append(load(server, path, options.seconds))
    report(got)


if __name__ == "__main__":
    main()
