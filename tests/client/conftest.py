from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from sanfang.client import AsyncClient, Client, RetryRule

from .stand_in import StandIn

NO_WAIT = RetryRule(pauses=(0.0, 0.0, 0.0))

_NETWORK_VARIABLES = (
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "SANFANG_OAPI_URL", "SANFANG_API_URL",
)  # fmt: skip


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _NETWORK_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def platform() -> Iterator[StandIn]:
    stand_in = StandIn()
    yield stand_in
    stand_in.close()


class Facade:
    """An `AsyncClient` with the face of a `Client`, so that one test serves both."""

    def __init__(self, client: AsyncClient, runner: asyncio.Runner) -> None:
        self._client = client
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        if not callable(method):
            return method

        def call(*args: Any, **kwargs: Any) -> Any:
            result = method(*args, **kwargs)
            if inspect.iscoroutine(result):
                result = self._runner.run(result)
            if isinstance(result, AsyncIterator):
                return self._iterate(result)
            return Facade(result, self._runner) if isinstance(result, AsyncClient) else result

        return call

    def _iterate(self, items: AsyncIterator[Any]) -> Iterator[Any]:
        async def step() -> tuple[Any, bool]:
            try:
                return await anext(items), False
            except StopAsyncIteration:
                return None, True

        while not (step_ := self._runner.run(step()))[1]:
            yield step_[0]

    def __repr__(self) -> str:
        return repr(self._client)


Make = Callable[..., Any]


@pytest.fixture(params=["sync", "async"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Make clients of either kind; retries do not wait, and all are closed at the end."""
    made: list[Any] = []
    with asyncio.Runner() as runner:

        def build(credentials: Any, **options: Any) -> Any:
            options.setdefault("retries", NO_WAIT)
            if request.param == "sync":
                client: Any = Client(credentials, **options)
            else:
                client = Facade(AsyncClient(credentials, **options), runner)
            made.append(client)
            return client

        yield build
        for client in made:
            client.close()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
