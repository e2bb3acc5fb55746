"""What the client sends for the examples of the official documents is what the documents show.

``documented/`` holds the facts of the examples, one JSON object a line: method, path, query, JSON
body, the answer that is printed beside it, and the address of the page. Long texts in them were
shortened. ``2016.jsonl`` is the reference of 2016, ``v1.jsonl`` the HTTP messages of
api.dingtalk.com's pages (``who``: made by a corp that authorised a suite, or by a person),
``topapi.jsonl`` the curl commands of oapi.dingtalk.com's later pages, ``refusals.jsonl`` status
and code out of the tables of errors.

What "the same" means, over a real socket:

- the request line is the same byte for byte once percent-encoding is undone, in the order of the
  document, with the token's parameter in front on the old host;
- the body is the same byte for byte once the JSON of the document is written without blanks
  between its tokens and without ``\\u`` escapes: same fields, same order, same values;
- the headers that the document shows are there: ``Content-Type: application/json`` with a body,
  the token in ``x-acs-dingtalk-access-token`` or in the query;
- curl commands send forms with the token among the fields; the client sends the same fields as a
  JSON object, which the official SDK does too, and the token in the query.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_plus

import msgspec
import pytest

from sanfang.catalog import load
from sanfang.client import (
    AppKey,
    AsyncClient,
    CallRefused,
    Client,
    MemorySuites,
    OpenApp,
    SsoSecret,
    Suite,
)

from ..compat.recorder import Arrived, Recorder, Told

FOLDER = Path(__file__).with_name("documented")
TOKEN_PARAMETERS = ("access_token", "suite_access_token")
HEADER = "x-acs-dingtalk-access-token"
SUITE = Suite("suite4example", "suite-secret-of-the-example")
WHO = {
    "": AppKey("dingexample", "example-secret"),
    "/service/": SUITE,
    "/sso/": SsoSecret("dingcorp", "sso-secret"),
    "/sns/": OpenApp("dingoa-example", "open-secret"),
}
RESERVED = {"query", "body"}  # of the client's methods; such fields are given by ``body=``

DIFFERENT = {
    "/v1.0/oauth2/corpAccessToken": "the document shows a token where none exists yet",
    "/v2.0/yida/processes/instances": "the document forgot the token",
    "/v2.0/esign/auths/cancel": "an empty object is sent where the example leaves the body away",
    "/v1.0/aiot/products/{productKey}/devices/{deviceName}/properties": "the same",
}


def examples(name: str) -> list[dict[str, Any]]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


OF_2016, OF_TOPAPI, OF_V1 = (examples(f"{name}.jsonl") for name in ("2016", "topapi", "v1"))
REFUSALS = examples("refusals.jsonl")


class Documents:
    """A server that answers each call with the answer of its document."""

    def __init__(self) -> None:
        self.told = Told({})
        self.recorder = Recorder(self._answer)
        self.running = False

    def _answer(self, arrived: Arrived) -> Any:
        if not self.running:  # the client fetches its token
            return {
                "errcode": 0,
                "expires_in": 7200,
                **dict.fromkeys(("access_token", "suite_access_token"), "TOKEN"),
                "accessToken": "TOKEN",
                "expireIn": 7200,
            }
        return self.told


class Caller:
    """Calls the client under test, sync or async, with its token fetched before."""

    def __init__(self, documents: Documents, kind: str) -> None:
        self.documents = documents
        suites = MemorySuites()
        suites.save_ticket(SUITE.suite_key, "ticket")
        self.runner = asyncio.Runner()
        options: dict[str, Any] = {"base_url": documents.recorder.url, "retries": 0}
        make: Any = Client if kind == "sync" else AsyncClient
        self.run: Callable[[Any], Any] = lambda answer: answer
        if kind == "async":
            self.run = self.runner.run
        self.clients = {
            start: make(who, suite_store=suites, **options) for start, who in WHO.items()
        }
        for client in self.clients.values():
            self.run(client.get_access_token())
        self.clients["corp"] = self.clients["/service/"].corp("dingcorp")
        self.clients["user"] = self.run(self.clients[""].sign_in("code"))
        self.run(self.clients["corp"].get_access_token())
        # The new host may have a token of its own.
        self.run(self.clients[""].call("/v1.0/contact/users/search", queryWord="x"))
        self.documents.recorder.take()
        self.documents.running = True

    def call(self, told: Told, example: dict[str, Any], parts: Any = ()) -> tuple[Arrived, Any]:
        """Make the example's call; return what arrived and what came back.

        Every parameter is given by its name, and the client puts it where it belongs.
        """
        self.documents.told = told
        path, query, body = example["path"], example["query"], example["body"]
        fields = list(body.items()) if isinstance(body, dict) else []
        params = [*query, *fields]
        given = dict(params)
        if (
            len(given) < len(params)
            or not isinstance(body, (dict, type(None)))
            or RESERVED & set(given)
        ):
            given = {"query": dict(query), "body": body}
        start = next((start for start in self.clients if start and path.startswith(start)), "")
        client = self.clients[example.get("who") or start]
        try:
            back: Any = self.run(client.request(example["method"], path, **dict(parts), **given))
        except CallRefused as refused:
            back = refused
        arrived = self.documents.recorder.take()
        assert len(arrived) == 1, arrived
        return arrived[0], back

    def close(self) -> None:
        for client in self.clients.values():
            self.run(client.close())
        self.runner.close()


@pytest.fixture(scope="module", params=["sync", "async"])
def caller(request: pytest.FixtureRequest) -> Iterator[Caller]:
    documents = Documents()
    made = Caller(documents, request.param)
    yield made
    made.close()
    documents.recorder.close()


def written(value: Any) -> bytes:
    """Write JSON without blanks and without escapes: what is left to compare byte by byte."""
    return msgspec.json.encode(value)


def query_of(pairs: list[Any]) -> str:
    return "&".join(f"{name}={value}" for name, value in pairs)


def faults(
    example: dict[str, Any], arrived: Arrived, target: str, body: Any, header: bool
) -> list[str]:
    """List what is not as the document shows it."""
    found = []
    path, _, query = arrived.target.partition("?")
    told_path, _, told_query = target.partition("?")
    if arrived.method != example["method"]:
        found.append(f"method {arrived.method}")
    if unquote(path) != told_path or unquote_plus(query) != told_query:
        found.append(f"target {unquote_plus(arrived.target)} for {target}")
    if arrived.body != (b"" if body is None else written(body)):
        found.append(f"body {arrived.body!r} for {written(body)!r}")
    kind = arrived.header("content-type")
    if body is not None and not kind.startswith("application/json"):
        found.append(f"content type {kind!r}")
    if (arrived.header(HEADER) == "TOKEN") != header:
        found.append("token header")
    return found


def came_back(answer: Any, back: Any) -> bool:
    """Tell whether the printed answer was understood: as a result, or as an exception."""
    if isinstance(answer, dict) and answer.get("errcode"):
        return isinstance(back, CallRefused) and back.code == int(answer["errcode"])
    if answer is None:
        return bool(back == {})
    return bool(back == (answer if isinstance(answer, dict) else {"body": answer}))


def check_v1(caller: Caller, example: dict[str, Any]) -> list[str]:
    raw = b"" if example["answer"] is None else written(example["answer"])
    told = Told(raw, status=example["status"])
    arrived, back = caller.call(told, example, example["parts"])
    path = example["path"]
    for name, value in example["parts"].items():
        path = path.replace("{" + name + "}", value)
    target = path + (f"?{query_of(example['query'])}" if example["query"] else "")
    found = faults(example, arrived, target, example["body"], HEADER in example["headers"])
    return found if came_back(example["answer"], back) else [*found, f"came back {back}"]


def check_2016(caller: Caller, example: dict[str, Any]) -> list[str]:
    token = example["token"]
    arrived, back = caller.call(Told(example["answer"]), example)
    pairs = [[token, "TOKEN"], *example["query"]] if token else example["query"]
    target = example["path"] + (f"?{query_of(pairs)}" if pairs else "")
    found = faults(example, arrived, target, example["body"], header=False)
    return found if came_back(example["answer"], back) else [*found, f"came back {back}"]


def check_topapi(caller: Caller, example: dict[str, Any]) -> list[str]:
    posted = example["method"] == "POST"
    fields = example["fields"]
    example = {
        **example,
        "query": [] if posted else fields,
        "body": dict(fields) if posted else None,
    }
    arrived, back = caller.call(Told(example["answer"]), example)
    target = f"{example['path']}?{query_of([['access_token', 'TOKEN'], *example['query']])}"
    found = faults(example, arrived, target, example["body"], header=False)
    return found if back == example["answer"] else [*found, f"came back {back}"]


def wrong(caller: Caller, check: Any, listed: list[dict[str, Any]]) -> list[str]:
    told = ((each, check(caller, each)) for each in listed)
    found = {
        f"{each['method']} {each['path']}": "; ".join(faults) for each, faults in told if faults
    }
    return [
        f"{name}: {what}" for name, what in found.items() if name.split(" ")[1] not in DIFFERENT
    ]


def test_the_examples_of_2016_are_sent_as_printed(caller: Caller) -> None:
    assert wrong(caller, check_2016, OF_2016) == []


def test_the_http_messages_of_the_new_host_are_sent_as_printed(caller: Caller) -> None:
    assert wrong(caller, check_v1, OF_V1) == []


def test_the_fields_of_the_curl_commands_are_sent_as_json(caller: Caller) -> None:
    assert wrong(caller, check_topapi, OF_TOPAPI) == []


def test_the_documented_refusals_are_exceptions_with_their_codes(caller: Caller) -> None:
    told = []
    for each in REFUSALS:
        answer = {"code": each["code"], "message": "说明", "requestid": "R-1"}
        example = {**each, "query": [], "body": {} if each["method"] in ("POST", "PUT") else None}
        parts = dict.fromkeys(re.findall(r"{(\w+)}", each["path"]), "x")
        _, back = caller.call(Told(answer, status=each["status"]), example, parts)
        code = int(each["code"]) if each["code"].isdecimal() else each["code"]
        if not isinstance(back, CallRefused) or (back.code, back.status) != (code, each["status"]):
            told.append(f"{each['path']}: {back!r} for {code}")
        elif (back.errmsg, back.request_id) != ("说明", "R-1"):
            told.append(f"{each['path']}: {back.errmsg} {back.request_id}")
    assert told == []


def test_no_document_shows_a_list_where_the_catalogue_wants_comma_separated_text() -> None:
    looked_at = 0
    for each in (*OF_2016, *OF_V1, *OF_TOPAPI):
        host = "api" if each["path"].startswith("/v") else "oapi"
        endpoint = load().find(host, each["method"], each["path"])
        body = each.get("body") or dict(each.get("fields", ()))
        for param in endpoint.params if endpoint and isinstance(body, dict) else ():
            if param.format == "csv" and param.name in body:
                looked_at += 1
                assert isinstance(body[param.name], str), (each["path"], param.name)
    assert looked_at >= 5


def test_what_is_said_to_differ_differs(caller: Caller) -> None:
    listed = [each for each in OF_V1 if each["path"] in DIFFERENT]
    assert len(listed) == len(DIFFERENT)
    assert [each["path"] for each in listed if not check_v1(caller, each)] == []


def test_there_are_enough_of_both_generations() -> None:
    assert len({(e["method"], e["path"]) for e in OF_2016}) >= 40
    assert len({(e["method"], e["path"]) for e in OF_V1}) >= 100
    assert len({(e["method"], e["path"]) for e in OF_TOPAPI}) >= 60
    assert {e.get("who", "") for e in OF_V1} == {"", "corp", "user"}
    assert len({e["code"] for e in REFUSALS}) >= 60
    assert all(e["source"].startswith("https://") for e in (*OF_2016, *OF_V1, *OF_TOPAPI))
