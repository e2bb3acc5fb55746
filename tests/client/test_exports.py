"""What the package offers, and what importing it costs."""

from __future__ import annotations

import inspect
import subprocess
import sys

import sanfang.client as package
from sanfang.client import AsyncClient, Client

HEAVY = ("asyncio", "aiohttp", "urllib3", "requests", "httpx", "niquests", "ssl", "sanfang.catalog")


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def loaded_after(code: str) -> set[str]:
    return set(
        run(f"{code}\nimport sys; print(*(n for n in {HEAVY!r} if n in sys.modules))").split()
    )


def test_importing_loads_no_http_library_no_catalogue_and_no_event_loop() -> None:
    assert loaded_after("import sanfang.client") == set()


def test_making_a_client_loads_none_either() -> None:
    code = "from sanfang.client import *; Client(Suite('suite4x', 'secret')).corp('dingcorp')"
    assert loaded_after(code) <= {"asyncio", "ssl"}, "asyncio comes with the name AsyncClient"


CALL = """
import asyncio
from sanfang.client import AppKey, AsyncClient, Client, TransportFailed
def go():
    try:
        with Client(AppKey("a", "b"), base_url="http://127.0.0.1:9") as client:
            client.call("user/get")
    except TransportFailed:
        pass
async def ago():
    try:
        async with AsyncClient(AppKey("a", "b"), base_url="http://127.0.0.1:9") as client:
            await client.call("user/get")
    except TransportFailed:
        pass
"""


STRANGERS = {"aiohttp", "urllib3", "requests", "httpx", "niquests"}


def test_a_sync_client_in_use_loads_no_http_library() -> None:
    loaded = loaded_after(CALL + "go()")
    assert "ssl" in loaded
    assert not loaded & STRANGERS


def test_an_async_client_in_use_loads_no_http_library() -> None:
    loaded = loaded_after(CALL + "asyncio.run(ago())")
    assert "asyncio" in loaded
    assert not loaded & STRANGERS


def test_all_lists_the_public_names() -> None:
    assert sorted(package.__all__) == package.__all__
    assert all(getattr(package, name) is not None for name in package.__all__)
    public = {
        name
        for name, value in vars(package).items()
        if not name.startswith("_")
        and getattr(value, "__module__", "").startswith("sanfang.client.")
    }
    assert public <= set(package.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(package, "HttpxClient")


def test_both_clients_offer_the_same_calls() -> None:
    """The drivers are two; the surface is one."""

    def surface(kind: type) -> dict[str, list[str]]:
        return {
            name: list(inspect.signature(method).parameters)
            for name, method in inspect.getmembers(kind, inspect.isfunction)
            if not name.startswith("_")
        }

    assert surface(Client) == surface(AsyncClient)
    options = (list(inspect.signature(kind).parameters) for kind in (Client, AsyncClient))
    assert next(options) == next(options)


def test_public_calls_are_documented() -> None:
    for kind in (Client, AsyncClient):
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            assert name.startswith("_") or method.__doc__, f"{kind.__name__}.{name}"
