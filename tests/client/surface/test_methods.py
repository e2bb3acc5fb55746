"""Every documented API is a method, and sends exactly what `call()` sends for the same arguments."""

from __future__ import annotations

import asyncio
import copy
import inspect
import pydoc
import re
from keyword import iskeyword
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from msgspec.structs import replace

from sanfang.catalog import Endpoint, load
from sanfang.client import (
    AppKey,
    AsyncClient,
    BadCall,
    Client,
    Credentials,
    MemorySuites,
    OpenApp,
    Request,
    Response,
    SsoSecret,
    Suite,
)
from sanfang.client.surface.names import identifier, method_name
from sanfang.client.surface.special import kind_of

from .values import arguments, methods

METHODS = methods()
ANSWER = (
    b'{"errcode":0,"access_token":"T","accessToken":"T","suite_access_token":"T","expires_in":7200}'
)


class Recorder:
    """A transport that keeps the last request."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def send(self, request: Request) -> Response:
        if request.body is not None and not isinstance(request.body, bytes):
            request = replace(request, body=b"".join(request.body))  # a file is open only now
        self.requests.append(request)
        return Response(200, {}, ANSWER)

    def close(self) -> None:
        pass


class AsyncRecorder(Recorder):
    async def send(self, request: Request) -> Response:  # type: ignore[override]
        return super().send(request)

    async def close(self) -> None:  # type: ignore[override]
        pass


def identity_for(endpoint: Endpoint) -> Credentials:
    """Whose token the API takes; for a person's, the app they signed in to."""
    if endpoint.scheme in ("signature", "sns_token"):
        return OpenApp("dingopen", "open-app-secret")
    kinds: dict[str, Credentials] = {
        "suite": Suite("suite4x", "suite-secret-x"),
        "sso": SsoSecret("ding0corp", "sso-secret-xxx"),
        "personal": OpenApp("dingopen", "open-app-secret"),
    }
    return kinds.get(",".join(endpoint.tokens), AppKey("dingapp", "app-secret-xxx"))


class Pair:
    """A client of each kind of credentials, sync or async, over one recorder."""

    def __init__(self, kind: type[Client | AsyncClient], transport: Any) -> None:
        self._kind, self.transport = kind, transport
        self._clients: dict[Credentials, Any] = {}
        self._suites = MemorySuites()
        self._suites.save_ticket("suite4x", "ticket")

    def client(self, endpoint: Endpoint) -> Any:
        who = identity_for(endpoint)
        if who not in self._clients:
            self._clients[who] = self._kind(
                who, transport=self.transport, suite_store=self._suites, clock=lambda: 1e9
            )
        return self._clients[who]


@pytest.fixture(scope="module")
def pair() -> Pair:
    return Pair(Client, Recorder())


def method_of(client: Any, name: str) -> Any:
    found = client.api
    for part in name.split("."):
        found = getattr(found, part)
    return found


def by_hand(client: Any, endpoint: Endpoint, given: dict[str, Any]) -> Any:
    """The same call by its path, with the names of the wire."""
    wire = {identifier(param.name): param.name for param in endpoint.params}
    root = next((identifier(param.name) for param in endpoint.params if param.root), None)
    values = {wire[name]: value for name, value in given.items() if name != root}
    body = given.get(root) if root else None
    if root is None and values.keys() & {"query", "body"}:  # words of call() itself
        places = {param.name: param.in_ for param in endpoint.params}
        sent = {n: v for n, v in values.items() if places[n] == "body"}
        left = {n: v for n, v in values.items() if places[n] == "query"}
        rest = {n: v for n, v in values.items() if places[n] not in ("body", "query")}
        return client.request(endpoint.method, endpoint.path, query=left, body=sent or None, **rest)
    return client.request(endpoint.method, endpoint.path, body=body, **values)


def outcome(transport: Recorder, run: Any) -> Any:
    """What was sent last, or why nothing was."""
    transport.requests.clear()
    try:
        run()
    except BadCall as refusal:
        assert not transport.requests
        return str(refusal)
    sent = transport.requests[-1]
    return sent.method, sent.url, dict(sent.headers), sent.body


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "required"])
def test_every_method_sends_what_call_sends(pair: Pair, whole: bool) -> None:
    """All 1,578 in one test each way: an item of its own each would cost ten times as long."""
    unsent = []
    for name, endpoint in METHODS.items():
        if kind_of(endpoint) != "call":
            continue
        client = pair.client(endpoint)
        method, given = method_of(client, name), arguments(endpoint, whole=whole)
        typed = outcome(pair.transport, lambda m=method, g=given: m(**g))
        plain = outcome(pair.transport, lambda c=client, e=endpoint, g=given: by_hand(c, e, g))
        assert typed == plain, name
        if isinstance(typed, str):
            unsent.append(name)
        else:
            assert typed[0] == endpoint.method, name
            assert not re.search(r"[{}]", typed[1].partition("?")[0]), name
    assert unsent == ["sns.getuserinfo"], "a person's token, who signed in to the app"


def test_every_method_of_an_async_client_sends_the_same(pair: Pair) -> None:
    other = Pair(AsyncClient, AsyncRecorder())

    async def send(method: Any, given: dict[str, Any]) -> None:
        await method(**given)

    with asyncio.Runner() as runner:
        for name, endpoint in METHODS.items():
            if kind_of(endpoint) != "call" or name == "sns.getuserinfo":
                continue
            given = arguments(endpoint)
            method = method_of(other.client(endpoint), name)
            typed = outcome(other.transport, lambda m=method, g=given: runner.run(send(m, g)))
            same = method_of(pair.client(endpoint), name)
            assert typed == outcome(pair.transport, lambda m=same, g=given: m(**g)), name


def test_every_documented_api_has_one_name_and_there_are_no_others() -> None:
    documented = [entry.id for entry in load().entries if entry.documented]
    assert len(METHODS) == len(documented) == 1578
    assert {endpoint.id for endpoint in METHODS.values()} == set(documented)


def test_every_name_follows_the_rule() -> None:
    for name, endpoint in METHODS.items():
        assert ".".join(method_name(endpoint)) == name
        assert all(part.isidentifier() and not iskeyword(part) for part in name.split("."))


def test_every_method_has_a_signature_and_a_docstring_of_its_api(pair: Pair) -> None:
    for name, endpoint in METHODS.items():
        method = method_of(pair.client(endpoint), name)
        parameters = inspect.signature(method).parameters
        assert list(parameters) == sorted(parameters, key=lambda p: parameters[p].default is None)
        assert set(parameters) == {identifier(param.name) for param in endpoint.params}
        required = {n for n, p in parameters.items() if p.default is p.empty}
        assert required == {identifier(p.name) for p in endpoint.params if p.required}
        assert endpoint.title in method.__doc__
        assert f"{endpoint.method} " in method.__doc__
        assert endpoint.path in method.__doc__
        assert method.__qualname__ == name


def test_help_shows_what_the_api_takes(pair: Pair) -> None:
    method = method_of(pair.client(METHODS["user.get"]), "user.get")
    text = pydoc.render_doc(method, renderer=pydoc.plaintext)  # type: ignore[attr-defined]
    assert "(*, userid: str, lang: str | None = None)" in text
    assert "查询用户详情" in text


def test_names_are_completed(pair: Pair) -> None:
    api = pair.client(METHODS["user.get"]).api
    assert {"user", "department", "topapi", "v1", "v2", "gettoken"} <= set(dir(api))
    assert "get_user" in dir(api.v1.contact)
    assert "corpconversation" in dir(api.topapi.message)
    assert "asyncsend_v2" in repr(api.topapi.message.corpconversation)


def test_a_name_space_can_be_copied(pair: Pair) -> None:
    user = copy.copy(pair.client(METHODS["user.get"]).api.user)
    assert user.get.__qualname__ == "user.get"


def test_a_method_is_made_once_and_kept(pair: Pair) -> None:
    api = pair.client(METHODS["user.get"]).api
    assert api.user.get is api.user.get
    assert api.user is api.user
    assert "get" in vars(api.user)


def test_a_path_that_is_an_api_and_the_beginning_of_another_is_both(pair: Pair) -> None:
    statistics = pair.client(METHODS["user.get"]).api.topapi.report.statistics
    assert statistics.__qualname__ == "topapi.report.statistics"
    assert statistics.listbytype.__qualname__ == "topapi.report.statistics.listbytype"


def test_words_that_python_keeps_for_itself_get_an_underscore(pair: Pair) -> None:
    api = pair.client(METHODS["user.get"]).api
    assert api.topapi.edu.class_.create.__qualname__ == "topapi.edu.class_.create"
    assert api.topapi.attendance.group.schedule.async_.__name__ == "async_"
    event = api.v1.calendar.create_event
    assert "x_client_token" in inspect.signature(event).parameters


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("user.gett", "user.get？"),
        ("v1.contact.getuser", "v1.contact.get_user？"),
        ("topapi.mesage", "topapi.message？"),
        ("user.getuserinfo_by_nothing", "没有接口"),
        ("message.list_message_status", "client.call('message/list_message_status', …)"),
        ("user.nothing_like_it", "没有接口 user.nothing_like_it"),
    ],
)
def test_a_mistaken_name_is_an_attribute_error_that_helps(pair: Pair, name: str, text: str) -> None:
    client = pair.client(METHODS["user.get"])
    with pytest.raises(AttributeError) as wrong:
        method_of(client, name)
    assert text in str(wrong.value)
    assert not hasattr(client.api.user, "_nothing")


UPLOADS = [name for name, endpoint in METHODS.items() if kind_of(endpoint) == "upload"]


@pytest.mark.parametrize("name", UPLOADS)
def test_a_file_goes_out_as_upload_to_sends_it(pair: Pair, name: str, tmp_path: Path) -> None:
    client, endpoint = pair.client(METHODS[name]), METHODS[name]
    picture = tmp_path / "图.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    field = next(param.name for param in endpoint.params if param.type == "file")
    given = arguments(endpoint) | {field: picture}
    rest = {key: value for key, value in given.items() if key != field}
    typed = outcome(pair.transport, lambda: method_of(client, name)(**given))
    plain = outcome(pair.transport, lambda: client.upload_to(endpoint.path, picture, **rest))
    assert _without_boundary(typed) == _without_boundary(plain)
    assert 'filename="图.png"'.encode() in typed[3]
    assert typed[3].count(picture.read_bytes()) == 1


def _without_boundary(sent: Any) -> str:
    return re.sub(r"sanfang-[0-9a-f]{32}", "BOUNDARY", repr(sent))


def test_the_files_are_known() -> None:
    assert UPLOADS == ["file.upload.chunk", "file.upload.single", "media.upload"]
    assert [n for n, e in METHODS.items() if kind_of(e) == "content"] == ["media.get"]


@pytest.mark.parametrize("name", [n for n, e in METHODS.items() if kind_of(e) == "page"])
def test_a_page_returns_its_address_and_sends_nothing(pair: Pair, name: str) -> None:
    endpoint = METHODS[name]
    pair.transport.requests.clear()
    given = arguments(endpoint)
    address = urlsplit(method_of(pair.client(endpoint), name)(**given))
    host = "login.dingtalk.com" if endpoint.host == "login" else "oapi.dingtalk.com"
    assert (address.scheme, address.netloc, address.path) == ("https", host, endpoint.path)
    query = dict(parse_qsl(address.query))
    assert query == {k: str(v).lower() if v is True else str(v) for k, v in given.items()}
    assert not pair.transport.requests


def test_a_page_of_a_platform_of_one_address_is_there() -> None:
    client = Client(AppKey("a", "b"), base_url="http://127.0.0.1:8000")
    page = client.api.oauth2.auth(
        redirect_uri="http://a/b",
        response_type="code",
        client_id="a",
        scope="openid",
        prompt="consent",
    )
    assert page.startswith("http://127.0.0.1:8000/oauth2/auth?redirect_uri=http%3A%2F%2Fa%2Fb")
    client.close()
