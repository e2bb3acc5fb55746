"""Durable reception of callbacks: SuiteApp against a bare POST handler and Flask + dingtalk-sdk.

    .venv/bin/python benchmarks/reception.py [--rounds 5] [--seconds 4]

Needs wrk (and its Lua). One worker of uvicorn (uvloop, httptools) pinned to one core, wrk with 64
connections on another. Every request is an event of its own, sealed beforehand; after each run
the rows in SuiteApp's file must be as many as wrk's answers, so nothing was taken for a duplicate
and nothing answered before it was stored (synchronous=FULL). Rounds are interleaved, medians count.

The peer is bridged to the same server in the cheapest way, in the loop without threads. It does not
store anything in its first line; in the second it commits each event by itself, as one would.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

TOKEN, AES_KEY = "123456", "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij"
SUITE_KEY = "suiteexample00000001"
CONNECTIONS = 64
CORPS = 200
EVENTS = 200_000
BASE = "bare ASGI POST, constant answer"
NAMES = {
    "bare": BASE,
    "open": "SuiteApp's crypto, nothing stored",
    "receive": "SuiteApp, received (another process handles)",
    "handle": "SuiteApp, received, and handled meanwhile",
    "flask": "Flask + dingtalk-sdk, nothing stored",
    "flask-commit": "Flask + dingtalk-sdk, a commit per event",
}


# --- servers


async def body_of(receive: Any) -> bytes:
    message = await receive()
    body: bytes = message["body"]
    while message["more_body"]:
        message = await receive()
        body += message["body"]
    return body


async def answer(send: Any, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def bare(folder: Path) -> Any:
    """Read the body and answer a constant as long as ours: the limit of what the server can do."""
    from sanfang.protocol.crypto import CallbackCipher

    constant = CallbackCipher(TOKEN, AES_KEY, SUITE_KEY).seal("success").reply()

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await body_of(receive)
        await answer(send, constant)

    return app


def open_only(folder: Path) -> Any:
    """What SuiteApp does but for storing: verify, decrypt, parse, seal."""
    from sanfang.isv.reception import SUCCESS, Reception

    reception = Reception(TOKEN, AES_KEY, SUITE_KEY)
    reception.configure(SUITE_KEY)

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        push = reception.open(scope["query_string"], await body_of(receive))
        await answer(send, push.reply(SUCCESS))

    return app


def suite_app(folder: Path, handles: bool) -> Any:
    from sanfang.isv import SuiteApp
    from sanfang.isv.ownership import Ownership

    data = str(folder / "isv.db")
    app = SuiteApp(
        suite_key=SUITE_KEY, suite_secret="s" * 20, token=TOKEN, aes_key=AES_KEY, data=data
    )

    @app.on("user_modify_org")
    async def handle(event: Any, corp: Any) -> None:
        assert corp.corp_id

    if not handles:
        app.other = Ownership(data)
        assert app.other.acquire()
    return app


def flask_app(folder: Path, commits: bool) -> Any:
    """Do what the documents of dingtalk-sdk show, in Flask."""
    from dingtalk.crypto import DingTalkCrypto
    from flask import Flask, request

    web = Flask("peer")
    crypto = DingTalkCrypto(TOKEN, AES_KEY, SUITE_KEY)
    database = sqlite3.connect(folder / "peer.db", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE inbox (id INTEGER PRIMARY KEY, key TEXT UNIQUE, plain TEXT)")

    @web.post("/callback")
    def callback() -> Any:
        query = request.args
        plain = crypto.decrypt_message(
            request.get_json(), query["signature"], query["timestamp"], query["nonce"]
        )
        event = json.loads(plain)
        if commits:
            key = f"{event['EventType']}:{event['CorpId']}:{event['TimeStamp']}"
            database.execute("INSERT OR IGNORE INTO inbox (key, plain) VALUES (?, ?)", (key, plain))
        return crypto.encrypt_message("success")

    return in_loop(web)


def in_loop(wsgi: Any) -> Any:
    """Bridge WSGI to ASGI without a thread."""
    import io

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        body = await body_of(receive)
        environ = {
            "REQUEST_METHOD": scope["method"],
            "SCRIPT_NAME": "",
            "PATH_INFO": scope["path"],
            "QUERY_STRING": scope["query_string"].decode(),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        status: list[str] = []
        result = wsgi(environ, lambda line, headers, *_: status.append(line))
        if not status[0].startswith("200"):
            raise RuntimeError(status[0])
        await answer(send, b"".join(result))

    return app


APPS = {
    "bare": bare,
    "open": open_only,
    "receive": lambda folder: suite_app(folder, handles=False),
    "handle": lambda folder: suite_app(folder, handles=True),
    "flask": lambda folder: flask_app(folder, commits=False),
    "flask-commit": lambda folder: flask_app(folder, commits=True),
}


def serve(which: str, port: int, folder: Path) -> None:
    """Run one server in this process (started by `measure`)."""
    import uvicorn

    uvicorn.run(
        APPS[which](folder),
        port=port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        lifespan="on" if which in ("receive", "handle") else "off",
    )


# --- load


LUA = """
local requests = {}
for line in io.lines("%s") do
  local path, body = line:match("^(%%S+) (.*)$")
  requests[#requests + 1] = wrk.format("POST", path, {["Content-Type"] = "application/json"}, body)
end
local next = 0
function request()
  next = next + 1
  return requests[(next - 1) %% #requests + 1]
end
"""


def prepare(folder: Path) -> Path:
    """Seal the events and write wrk's script."""
    from sanfang.protocol.crypto import CallbackCipher

    cipher = CallbackCipher(TOKEN, AES_KEY, SUITE_KEY)
    chance = random.Random(1)
    now = time.time_ns() // 1_000_000
    with (folder / "events").open("w") as file:
        for number in range(EVENTS):
            event = {
                "EventType": "user_modify_org",
                "TimeStamp": now + number // 8,  # several in one millisecond
                "UserId": [f"user{number}"],
                "CorpId": f"dingexample{chance.randrange(CORPS):04}",
            }
            sealed = cipher.seal(json.dumps(event))
            file.write(f"/callback?{sealed.query()} {sealed.body().decode()}\n")
    script = folder / "load.lua"
    script.write_text(LUA % (folder / "events"))
    return script


class Run(NamedTuple):
    rate: float
    cpu: float  # µs a request, server only
    p99: str
    handled: float  # share of the events handled when the load ended


def measure(rounds: int, seconds: float, which: list[str]) -> dict[str, list[Run]]:
    got: dict[str, list[Run]] = {name: [] for name in which}
    with tempfile.TemporaryDirectory() as folder:
        script = prepare(Path(folder))
        for _ in range(rounds):
            for name in which:
                with tempfile.TemporaryDirectory() as data:
                    got[name].append(once(name, script, seconds, Path(data)))
    return got


def once(which: str, script: Path, seconds: float, folder: Path) -> Run:
    process, port = start(which, folder)
    try:
        load(port, script, 0.3)  # warm
        stored = rows(folder)
        before, begun = cpu_seconds(process), time.monotonic()
        out = load(port, script, seconds, skip=True)
        used = cpu_seconds(process) - before
        handled = rows(folder, "WHERE state = 1") / max(rows(folder), 1)
        took = time.monotonic() - begun
    finally:
        process.terminate()
        process.wait()
    count = int(re.search(r"(\d+) requests in", out)[1])
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    if which in ("receive", "handle"):
        # What wrk had in flight at its end was stored as well, though it saw no answer.
        extra = rows(folder) - stored - count
        if not -EVENTS < 0 <= extra <= 2 * CONNECTIONS:
            raise SystemExit(f"{which}: {count} answers but {extra:+} rows in {took:.1f} s")
    return Run(rate, used / count * 1e6, re.search(r"99%\s+(\S+)", out)[1], handled)


def load(port: int, script: Path, seconds: float, skip: bool = False) -> str:
    """Run wrk; ``skip`` leaves out the first tenth of the events, which the warming used."""
    text = script.read_text()
    if skip:
        text = text.replace("local next = 0", f"local next = {EVENTS // 10}")
    else:
        text = text.replace(") do\n", f") do\n  if #requests >= {EVENTS // 10} then break end\n", 1)
    variant = script.with_suffix(".skip.lua" if skip else ".warm.lua")
    variant.write_text(text)
    duration = f"-d{seconds:.0f}s" if seconds >= 1 else "-d1s"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", duration, "--latency", "-s", str(variant)]
    url = f"http://127.0.0.1:{port}/callback"
    out = subprocess.run([*pinned(1), *command, url], capture_output=True, text=True, check=True)
    # Slow answers (wrk's timeout is 2 s) happen to the peer and are no errors.
    if "Non-2xx" in out.stdout or re.search(r"(connect|read|write) [1-9]", out.stdout):
        raise SystemExit(out.stdout + out.stderr)
    return out.stdout


def rows(folder: Path, where: str = "") -> int:
    if not (folder / "isv.db").exists():
        return 0
    database = sqlite3.connect(folder / "isv.db")
    (count,) = database.execute(f"SELECT count(*) FROM inbox {where}").fetchone()
    database.close()
    return count


def start(which: str, folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, __file__, "--serve", which, "--port", str(port)]
    process = subprocess.Popen([*pinned(0), *command, "--folder", str(folder)])
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.1).close()
            return process, port
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server did not start")


def pinned(core: int) -> list[str]:
    many = (os.cpu_count() or 1) > 1 and shutil.which("taskset")
    return ["taskset", "-c", str(core)] if many else []


def cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report(got: dict[str, list[Run]]) -> None:
    def middle(name: str, field: str) -> float:
        return statistics.median(getattr(run, field) for run in got[name])

    base = middle("bare", "rate") if "bare" in got else 1
    peer = middle("flask", "rate") if "flask" in got else 0
    print(
        f"{'':46}{'req/s':>8}{'x bare':>8}{'x Flask':>9}{'cpu us':>8}{'p99':>10}{'handled':>9}   min - max"
    )
    for name, runs in got.items():
        rate = middle(name, "rate")
        rates = [run.rate for run in runs]
        p99 = sorted(run.p99 for run in runs)[len(runs) // 2]
        handled = f"{middle(name, 'handled'):.0%}" if name == "handle" else ""
        print(
            f"{NAMES[name]:46}{rate:8,.0f}{rate / base:8.2f}{rate / peer if peer else 0:9.1f}"
            f"{middle(name, 'cpu'):8.1f}{p99:>10}{handled:>9}   {min(rates):,.0f} - {max(rates):,.0f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--only", nargs="*", choices=list(APPS), default=list(APPS))
    parser.add_argument("--serve", choices=list(APPS))
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.port, options.folder)
    elif shutil.which("wrk") is None:
        sys.exit("needs wrk: apt-get install wrk, brew install wrk")
    else:
        report(measure(options.rounds, options.seconds, options.only))


if __name__ == "__main__":
    main()
