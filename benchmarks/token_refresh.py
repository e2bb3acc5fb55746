"""How often a token is fetched when 4 processes of 50 callers each find it missing, then refused.

    .venv/bin/python benchmarks/token_refresh.py [--rounds 3] [--callers 50]

A server of its own counts. It takes 50 ms to issue a token, and each new token or ticket kills the
one before, as DingTalk did in 2016: whoever fetches a second one breaks the first. Two processes
are threads of one `Client`, two are tasks of one `AsyncClient`; all 200 callers begin together.
*cold*: the store is empty. *refused*: the server forgets the token that all hold. *ticket*: all
want a jsapi_ticket, which nobody has. The time is from the start signal to the last of 200 answers,
the median of the rounds. "no store" is what happens without one: every process keeps its own
token, and they kill each other's. dingtalk-sdk keeps its tokens in Redis, and for it old tokens
stay alive, for otherwise it does not come to an end.

PostgreSQL and Redis are those of SANFANG_TEST_POSTGRES and SANFANG_TEST_REDIS, or on 127.0.0.1; one
that does not answer is left out, and the run says so.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import multiprocessing
import os
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs

POSTGRES = os.environ.get("SANFANG_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
REDIS = os.environ.get("SANFANG_TEST_REDIS", "redis://127.0.0.1:6379/9")
PROCESSES = ("sync", "async", "sync", "async")
ISSUING = 0.05
PEERS = ("no store", "dingtalk-sdk, Redis")


class Counting(asyncio.Protocol):
    """Issue, check and count; GETs of one packet each."""

    counts: ClassVar[Counter[str]] = Counter()
    alive: ClassVar[set[str]] = set()
    kills: ClassVar[bool] = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        path, _, query = data.split(b" ", 2)[1].decode().partition("?")
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        self.counts[path] += 1
        if path == "/gettoken":
            asyncio.get_running_loop().call_later(ISSUING, self.issue, "access_token")
        elif path == "/get_jsapi_ticket":
            asyncio.get_running_loop().call_later(ISSUING, self.issue, "ticket")
        elif path == "/begin":
            Counting.kills = asked["kills"] == "1"
            self.counts.clear()
            self.alive.clear()
            self.answer({})
        elif path == "/forget":
            self.alive.clear()
            self.answer({})
        elif path == "/counts":
            self.answer(dict(self.counts))
        elif asked.get("access_token") in self.alive:
            self.answer({"errcode": 0, "errmsg": "ok", "department": []})
        else:
            self.counts["refused"] += 1
            self.answer({"errcode": 40014, "errmsg": "不合法的access_token"})

    def issue(self, field: str) -> None:
        value = uuid.uuid4().hex + ("" if field == "access_token" else "t")
        if field == "access_token":
            if self.kills:
                self.alive.clear()
            self.alive.add(value)
        self.answer({"errcode": 0, "errmsg": "ok", field: value, "expires_in": 7200})

    def answer(self, value: dict[str, Any]) -> None:
        body = json.dumps(value).encode()
        head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self.transport.write((head % len(body)).encode() + body)


def serve(ports: Any) -> None:
    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(
            Counting, "127.0.0.1", 0, backlog=512
        )
        ports.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def opened(place: str, url: str) -> Any:
    from sanfang.client import stores

    kind, _, where = place.partition("=")
    match kind:
        case "file":
            return stores.FileStore(where, base_url=url)
        case "SQLite":
            return stores.SQLiteStore(where, base_url=url)
        case "PostgreSQL":
            return stores.PostgresStore(where, base_url=url)
        case "Redis":
            return stores.RedisStore(REDIS, prefix=where, base_url=url)
    return None


def threads(callers: int, work: Callable[[], Any]) -> list[str]:
    gate, failures = threading.Barrier(callers), []

    def run() -> None:
        gate.wait()
        try:
            work()
        except Exception as error:  # noqa: BLE001 - counted
            failures.append(f"{type(error).__name__}: {error}"[:200])

    running = [threading.Thread(target=run) for _ in range(callers)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return failures


def worker(pipe: Any, kind: str, place: str, url: str, callers: int) -> None:
    """Do as the pipe says: ``call`` or ``ticket``, by all callers at once."""
    from sanfang.client import AppKey, AsyncClient, Client

    app = AppKey("dingexample", "example-secret")
    options: dict[str, Any] = {"base_url": url, "tokens": opened(place, url), "timeout": 30}
    if kind == "sdk":
        client = of_dingtalk_sdk(url, place.partition("=")[2])
        pipe.send("ready")
        while order := pipe.recv():
            ask = client.department.list if order == "call" else (lambda: client.jsapi_ticket)
            pipe.send(threads(callers, ask))
    elif kind == "sync":
        with Client(app, **options) as ours:
            pipe.send("ready")
            while order := pipe.recv():
                call = (lambda: ours.call("department/list")) if order == "call" else None
                pipe.send(threads(callers, call or ours.get_jsapi_ticket))
    else:

        async def main() -> None:
            async with AsyncClient(app, **options) as ours:
                pipe.send("ready")
                while order := await asyncio.to_thread(pipe.recv):
                    calls = (
                        ours.call("department/list") if order == "call" else ours.get_jsapi_ticket()
                        for _ in range(callers)
                    )
                    done = await asyncio.gather(*calls, return_exceptions=True)
                    failed = [error for error in done if isinstance(error, BaseException)]
                    pipe.send([f"{type(e).__name__}: {e}"[:200] for e in failed])

        asyncio.run(main())


def of_dingtalk_sdk(url: str, prefix: str) -> Any:
    import dingtalk
    import redis
    from dingtalk.storage.kvstorage import KvStorage

    logging.disable(logging.CRITICAL)
    client = dingtalk.SecretClient(
        "dingexample", "example-secret", storage=KvStorage(redis.Redis.from_url(REDIS), prefix)
    )
    client.API_BASE_URL = url + "/"
    return client


@contextlib.contextmanager
def places(wanted: str) -> Iterator[str | None]:
    """Give an empty place for a store, or None when its server does not answer."""
    if wanted in ("file", "SQLite"):
        with tempfile.TemporaryDirectory() as folder:
            yield f"{wanted}={Path(folder) / 'tokens'}"
    elif wanted == "PostgreSQL":
        yield from postgres_schema()
    elif wanted in ("Redis", "dingtalk-sdk, Redis"):
        yield from redis_prefix(wanted)
    else:
        yield f"{wanted}="


def postgres_schema() -> Iterator[str | None]:
    try:
        import psycopg

        connection = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3)
    except Exception:  # noqa: BLE001 - any reason is a reason
        yield None
        return
    schema = f"b_{uuid.uuid4().hex}"
    with connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        mark = "&" if "?" in POSTGRES else "?"
        yield f"PostgreSQL={POSTGRES}{mark}options=-csearch_path%3D{schema}"
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


def redis_prefix(kind: str) -> Iterator[str | None]:
    import redis

    client = redis.Redis.from_url(REDIS)
    try:
        client.ping()
    except redis.RedisError:
        yield None
        return
    prefix = f"b:{uuid.uuid4().hex}:"
    yield f"{kind}={prefix}"
    for key in client.scan_iter(f"{prefix}*"):
        client.delete(key)
    client.close()


class Round:
    """The processes on one empty place."""

    def __init__(self, url: str, place: str, callers: int) -> None:
        self.url = url
        sdk = place.startswith("dingtalk-sdk")
        self.tell("begin", f"?kills={0 if sdk else 1}")
        spawn = multiprocessing.get_context("spawn")
        self.pipes, self.processes = [], []
        for kind in ("sdk",) * 4 if sdk else PROCESSES:
            ours, theirs = spawn.Pipe()
            process = spawn.Process(target=worker, args=(theirs, kind, place, url, callers))
            process.start()
            self.pipes.append(ours)
            self.processes.append(process)
        for pipe in self.pipes:
            assert pipe.recv() == "ready"

    def tell(self, what: str, query: str = "") -> Any:
        with urllib.request.urlopen(f"{self.url}/{what}{query}", timeout=30) as answer:
            return json.load(answer)

    def go(self, order: str, counted: str) -> tuple[int, float, list[str]]:
        before = self.tell("counts").get(counted, 0)
        begun = time.perf_counter()
        for pipe in self.pipes:
            pipe.send(order)
        failures = [failure for pipe in self.pipes for failure in pipe.recv()]
        seconds = time.perf_counter() - begun
        return self.tell("counts").get(counted, 0) - before, seconds, failures

    def end(self) -> None:
        for pipe in self.pipes:
            pipe.send(None)
        for process in self.processes:
            process.join()


def main() -> None:
    parser = argparse.ArgumentParser(description="fetches of one token by many")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--callers", type=int, default=50, help="per process")
    options = parser.parse_args()
    ports: Any = multiprocessing.get_context("spawn").Queue()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(ports,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{ports.get()}"
    print(
        f"{len(PROCESSES)} processes x {options.callers} callers, median of {options.rounds} rounds"
    )
    print(f"{'store':<22}{'cold':>16}{'refused':>16}{'ticket':>16}{'failed calls':>14}")
    print(f"{'':<22}" + f"{'fetches     ms':>16}" * 3)
    for name in ("file", "SQLite", "PostgreSQL", "Redis", *PEERS):
        rows: list[list[tuple[int, float]]] = []
        failed = 0
        for _ in range(options.rounds):
            with places(name) as place:
                if place is None:
                    break
                one = Round(url, place, options.callers)
                row = []
                for order, counted in (
                    ("call", "/gettoken"), ("call", "/gettoken"), ("ticket", "/get_jsapi_ticket"),
                ):  # fmt: skip
                    if row and order == "call":
                        one.tell("forget")
                    count, seconds, failures = one.go(order, counted)
                    failed += len(failures)
                    if failures and name not in PEERS:
                        print(failures[0], file=sys.stderr)
                    row.append((count, seconds))
                one.end()
                rows.append(row)
        if not rows:
            print(f"{name:<22}  not here")
            continue
        cells = ""
        for column in zip(*rows, strict=True):
            counts = sorted({count for count, _ in column})
            shown = str(counts[0]) if len(counts) == 1 else f"{counts[0]}-{counts[-1]}"
            cells += f"{shown:>9}{statistics.median(s for _, s in column) * 1000:>7.0f}"
        print(f"{name:<22}{cells}{failed:>14}")
    server.terminate()


if __name__ == "__main__":
    main()
