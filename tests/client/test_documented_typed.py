"""The same examples through the typed methods: ``client.api.user.get(userid=…)`` sends them too.

Values that stand in a query or in a path are given as the type that the document names, since
there they are text on the wire. `REFUSED` lists the examples which the check of arguments refuses
because they contradict the tables beside them; ``client.call`` sends those as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sanfang.catalog import Endpoint, load
from sanfang.client import BadArgument
from sanfang.client.surface.names import FILE, identifier

from .test_documented_requests import (
    DIFFERENT,
    OF_2016,
    OF_V1,
    Caller,
    Documents,
    check_2016,
    check_v1,
)

NAMES = dict(reversed(line.split(" ", 1)) for line in FILE.read_text(encoding="utf-8").splitlines())
_LEFT_OUT = "the example leaves out what its own table requires"
REFUSED = {
    "GET /chat/get": _LEFT_OUT,
    "GET /chat/bind": _LEFT_OUT,
    "GET /chat/unbind": _LEFT_OUT,
    "POST /crm/customer/create": "one customer or a list of them: the page has both",
    "POST /crm/customer/delete": "the field is `id` in the table, `id[]` in the example",
    "POST /crm/contact/delete": "the same: `contactid` and `contactid[]`",
    "PUT /v1.0/badge/codes/userInstances": _LEFT_OUT,
    "PUT /v1.0/aiot/products/{productKey}/devices/{deviceName}/properties": _LEFT_OUT,
    "PUT /v1.0/crm/personalCustomers": _LEFT_OUT,
    "POST /v1.0/carbon/userDetails/write": "text in the table, a number in the example",
}


class Typed:
    """A client whose ``request`` goes through the method of that API."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def request(
        self, method: str, path: str, query: Any = None, body: Any = None, **params: Any
    ) -> Any:
        host = "api" if path.startswith("/v") else "oapi"
        endpoint = load().find(host, method, path)
        assert endpoint is not None
        found = self._client.api
        for part in NAMES[endpoint.id].split("."):
            found = getattr(found, part)
        given = {**params, **(query or {})}
        if isinstance(body, dict):
            given |= body
        elif body is not None:
            given["body"] = body
        typed = {identifier(name): _typed(endpoint, name, value) for name, value in given.items()}
        return found(**typed)


def _typed(endpoint: Endpoint, name: str, value: Any) -> Any:
    """Return a text out of a query or a path as the type that the document names."""
    places = [p for p in endpoint.params if p.name == name and p.in_ in ("path", "query")]
    if not places or not isinstance(value, str):
        return value
    kind = places[0].type
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    if kind == "integer" and value.lstrip("-").isdecimal():
        return int(value)
    return value


@pytest.fixture(scope="module", params=["sync", "async"])
def caller(request: pytest.FixtureRequest) -> Iterator[Caller]:
    documents = Documents()
    made = Caller(documents, request.param)
    plain, made.clients = made.clients, {k: Typed(v) for k, v in made.clients.items()}
    yield made
    made.clients = plain
    made.close()
    documents.recorder.close()


def test_typed_methods_send_the_examples_as_printed(caller: Caller) -> None:
    told: dict[str, str] = {}
    refused: dict[str, str] = {}
    for check, listed in ((check_2016, OF_2016), (check_v1, OF_V1)):
        for each in listed:
            name = f"{each['method']} {each['path']}"
            try:
                faults = check(caller, each)
            except BadArgument as bad:
                refused[name] = str(bad)
            else:
                if faults and each["path"] not in DIFFERENT:
                    told[name] = "; ".join(faults)
    assert told == {}
    assert {name: why for name, why in refused.items() if name not in REFUSED} == {}
    assert refused.keys() == REFUSED.keys()
