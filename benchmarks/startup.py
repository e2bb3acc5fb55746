"""How long until something can be used: imports, `sanfang --help`, `sanfang serve` until it answers.

    .venv/bin/python benchmarks/startup.py

Every line is a fresh process, timed from its start by the parent; bytecode is cached, as after an
installation. All contenders run in turn, round after round, and the median is printed. "serve" counts
until the first HTTP answer (connection refused is tried again every 2 ms), on a new folder (the schema
is made) and on one that was used before. The baseline is uvicorn with a constant answer. moto_server,
an emulator of the same kind for another cloud, is run when it is installed.
"""

from __future__ import annotations

import argparse
import http.client
import importlib.util
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

PATIENCE_S = 30.0
HELLO = """
import sys, uvicorn
BODY = b'{"status":"ok"}'
START = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"15")]}
async def app(scope, receive, send):
    await send(START)
    await send({"type": "http.response.body", "body": BODY})
uvicorn.run(app, port=int(sys.argv[1]), log_level="critical", lifespan="off", interface="asgi3")
"""


def spent(command: Sequence[str]) -> float:
    """Run a command to its end; return its milliseconds."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - begun) * 1000


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answered(command: Sequence[str], port: int, path: str) -> tuple[float, float]:
    """Start a server; return milliseconds until its first answer, and its resident MB then."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _answers(port, path):
            if process.poll() is not None:
                raise SystemExit(f"{command} ended with {process.returncode}")
            if time.perf_counter() - begun > PATIENCE_S:
                raise SystemExit(f"{command} did not answer")
            time.sleep(0.002)
        took = (time.perf_counter() - begun) * 1000
        return took, _resident(process.pid)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():  # not Linux
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def importing(module: str) -> Callable[[], float]:
    code = f"import {module}" if module else "pass"
    return lambda: spent([sys.executable, "-c", code])


def imports(rounds: int) -> None:
    peers = ["aiohttp", "starlette.applications", "uvicorn", "dingtalk"]
    ours = ["sanfang.client", "sanfang.isv", "sanfang.cli.root"]
    names = ["", *ours, *(name for name in peers if importlib.util.find_spec(name.split(".")[0]))]
    run = {name: importing(name) for name in names}
    run["sanfang --help"] = lambda: spent([sys.executable, "-m", "sanfang.cli", "--help"])
    run["sanfang corp list --help"] = lambda: spent(
        [sys.executable, "-m", "sanfang.cli", "corp", "list", "--help"]
    )
    samples = _rounds(run, rounds)
    bare = statistics.median(samples[""])
    print(f"{'fresh process':<34}{'ms':>8}{'beyond Python':>15}{'x Python':>10}")
    for name, taken in samples.items():
        median = statistics.median(taken)
        title = name if " " in name else f"import {name}" if name else "python -c pass"
        print(f"{title:<34}{median:>8.0f}{median - bare:>15.0f}{median / bare:>10.1f}")


def serving(rounds: int, folder: Path) -> None:
    def serve(data: Path) -> tuple[float, float]:
        port = free_port()
        command = [sys.executable, "-m", "sanfang.cli", "serve"]
        command += ["--port", str(port), "--data", str(data)]
        return answered(command, port, "/sanfang/api/health")

    def fresh() -> tuple[float, float]:
        shutil.rmtree(folder / "new", ignore_errors=True)
        return serve(folder / "new")

    def hello() -> tuple[float, float]:
        port = free_port()
        return answered([sys.executable, "-c", HELLO, str(port)], port, "/")

    run: dict[str, Callable[[], tuple[float, float]]] = {
        "uvicorn, constant answer": hello,
        "sanfang serve, new folder": fresh,
        "sanfang serve, used folder": lambda: serve(folder / "used"),
    }
    if importlib.util.find_spec("moto"):

        def moto() -> tuple[float, float]:
            port = free_port()
            command = [sys.executable, "-m", "moto.server", "-p", str(port)]
            return answered(command, port, "/moto-api/data.json")

        run["moto_server"] = moto
    serve(folder / "used")
    samples = _rounds(run, rounds)
    base = statistics.median(ms for ms, _ in samples["uvicorn, constant answer"])
    print(f"\n{'start to first answer':<34}{'ms':>8}{'x bare':>10}{'resident MB':>15}")
    for name, taken in samples.items():
        ms = statistics.median(one for one, _ in taken)
        memory = statistics.median(one for _, one in taken)
        print(f"{name:<34}{ms:>8.0f}{ms / base:>10.2f}{memory:>15.0f}")
    if "moto_server" not in run:
        print("(moto_server is not installed / 未安装: pip install 'moto[server]')")


def _rounds(run: dict[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    samples: dict[str, list[T]] = {name: [] for name in run}
    for _ in range(rounds):
        for name, once in run.items():
            samples[name].append(once())
    return samples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    imports(rounds)
    with tempfile.TemporaryDirectory() as folder:
        serving(rounds, Path(folder))


if __name__ == "__main__":
    main()
