"""What three clients send for the same calls, byte by byte: ``python -m tests.strangers.compared``.

It renews the two generated parts of docs/clients-compared.md. A recorder answers on 127.0.0.1; the
clients are unmodified and only pointed at it.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import dingtalk
from alibabacloud_dingtalk.contact_1_0 import client as contact_client
from alibabacloud_dingtalk.contact_1_0 import models as contact_models
from alibabacloud_dingtalk.oauth2_1_0 import client as oauth2_client
from alibabacloud_dingtalk.oauth2_1_0 import models as oauth2_models
from alibabacloud_dingtalk.robot_1_0 import client as robot_client
from alibabacloud_dingtalk.robot_1_0 import models as robot_models
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions
from dingtalk.client.base import BaseClient

from sanfang.client import AppKey, AsyncClient, Client

from ..compat.recorder import Arrived, Recorder

PAGE = Path(__file__).absolute().parents[2] / "docs" / "clients-compared.md"
CALLS, AT_ONCE = 10, 20
OURS, OURS_ASYNC, THEIRS, OFFICIAL = (
    "sanfang `Client`",
    "sanfang `AsyncClient`",
    "dingtalk-sdk 1.3.8",
    "alibabacloud-dingtalk",
)
NAMES = (OURS, OURS_ASYNC, THEIRS, OFFICIAL)
KEY, SECRET = "dingexample", "example-secret"
TOKEN_CALLS = ("/gettoken", "/v1.0/oauth2/accessToken")
SENT = {"name": "研发部", "parentid": "1"}
MESSAGE = {"msgtype": "text", "text": {"content": "你好"}}

Run = Callable[[], Any]


@dataclass
class Bench:
    """A recorder, and how it answers: with dead tokens, or slowly."""

    dead: bool = False
    hold: float = 0.0
    fetched: int = 0
    recorder: Recorder = field(init=False)

    def __post_init__(self) -> None:
        self.recorder = Recorder(self._answer)

    def _answer(self, arrived: Arrived) -> Any:
        if arrived.path in TOKEN_CALLS:
            threading.Event().wait(self.hold)
            self.fetched += 1
            token = f"TOKEN{self.fetched}" if self.dead else "TOKEN"
            return {"errcode": 0, "access_token": token, "expires_in": 7200} | {
                "accessToken": token,
                "expireIn": 7200,
            }
        if self.dead:
            if arrived.path.startswith("/v1.0/"):
                return _refused()
            return {"errcode": 40014, "errmsg": "不合法的access_token"}
        if arrived.path == "/router/rest":
            name = dict(arrived.query)["method"].replace(".", "_") + "_response"
            return {name: {"errcode": 0, "task_id": 1, "result": {"task_id": 1}}}
        return {"errcode": 0, "errmsg": "ok", "id": 2, "nick": "测试员甲", "task_id": 1}

    def take(self) -> list[Arrived]:
        return self.recorder.take()


def _refused() -> Any:
    from ..compat.recorder import Told

    body = {"code": "InvalidAuthentication", "message": "不合法的access_token", "requestid": "r"}
    return Told(body, status=400)


class Contender:
    """A client of one app; each call is a method. None: the client has no such call."""

    name = ""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.calls: dict[str, Run | None] = {}

    def close(self) -> None:
        """Close what it opened."""


class Ours(Contender):
    """Our sync client."""

    name = OURS

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        client = Client(AppKey(KEY, SECRET), base_url=bench.recorder.url, retries=0)
        self.client = client
        self.calls = {name: _call_of(client, name) for name in PLANS}

    def close(self) -> None:
        self.client.close()


PLANS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "user.get": ("GET", "user/get", {"userid": "zhang"}),
    "department.create": ("POST", "department/create", SENT),
    "notice": (
        "POST",
        "topapi/message/corpconversation/asyncsend_v2",
        {"agent_id": 3, "userid_list": ["zhang", "li"], "msg": MESSAGE},
    ),
    "person": ("GET", "/v1.0/contact/users/{unionId}", {"unionId": "u1"}),
    "robot": (
        "POST",
        "/v1.0/robot/oToMessages/batchSend",
        {
            "robotCode": KEY,
            "userIds": ["zhang", "li"],
            "msgKey": "sampleText",
            "msgParam": '{"content": "你好"}',
        },
    ),
}
TITLES = {
    "user.get": "旧接口，GET · the old host, GET: `/user/get`",
    "department.create": "旧接口，POST · the old host, POST: `/department/create`",
    "notice": "工作通知 · a notice to people: `asyncsend_v2`",
    "person": "新接口，GET · the new host, GET: `/v1.0/contact/users/{unionId}`",
    "robot": "新接口，POST · the new host, POST: `/v1.0/robot/oToMessages/batchSend`",
}


def _call_of(client: Any, name: str) -> Run:
    method, path, params = PLANS[name]
    return lambda: client.request(method, path, **params)


class OursAsync(Contender):
    """Our async client."""

    name = OURS_ASYNC

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self.runner = asyncio.Runner()
        client = AsyncClient(AppKey(KEY, SECRET), base_url=bench.recorder.url, retries=0)
        self.client = client
        self.calls = {name: self._run(_call_of(client, name)) for name in PLANS}

    def _run(self, call: Run) -> Run:
        return lambda: self.runner.run(call())

    def at_once(self) -> None:
        async def all_of_them() -> None:
            call = _call_of(self.client, "person")
            await asyncio.gather(*(call() for _ in range(AT_ONCE)))

        self.runner.run(all_of_them())

    def close(self) -> None:
        self.runner.run(self.client.close())
        self.runner.close()


class _Pointed(dingtalk.AppKeyClient):  # type: ignore[misc]
    def _handle_pre_top_request(self, params: dict[str, Any], uri: str) -> Any:
        return super()._handle_pre_top_request(params, urljoin(self.API_BASE_URL, uri))


class Theirs(Contender):
    """The community's SDK."""

    name = THEIRS

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        kind = type("Client", (_Pointed,), {"API_BASE_URL": bench.recorder.url + "/"})
        client = kind("dingcorp", KEY, SECRET, timeout=30)
        self.calls = {
            "user.get": lambda: client.user.get("zhang"),
            "department.create": lambda: client.department.create(dict(SENT)),
            "notice": lambda: client.message.asyncsend_v2(MESSAGE, 3, ["zhang", "li"]),
            "person": None,
            "robot": None,
        }

    def close(self) -> None:
        BaseClient._http.close()


class Official(Contender):
    """The official SDK of the new host. It has no old host, and keeps no token: it is fetched by hand."""

    name = OFFICIAL

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self.token = ""
        self.calls = {
            "user.get": None,
            "department.create": None,
            "notice": None,
            "person": self.person,
            "robot": self.robot,
        }

    def _client(self, module: Any) -> Any:
        config = Config(protocol="http", region_id="central", endpoint=self.bench.recorder.address)
        return module.Client(config)

    def _headers(self, headers: Any) -> Any:
        if not self.token:
            request = oauth2_models.GetAccessTokenRequest(app_key=KEY, app_secret=SECRET)
            self.token = self._client(oauth2_client).get_access_token(request).body.access_token
        headers.x_acs_dingtalk_access_token = self.token
        return headers

    def person(self) -> Any:
        headers = self._headers(contact_models.GetUserHeaders())
        client = self._client(contact_client)
        return client.get_user_with_options("u1", headers, RuntimeOptions())

    def robot(self) -> Any:
        headers = self._headers(robot_models.BatchSendOTOHeaders())
        params = PLANS["robot"][2]
        request = robot_models.BatchSendOTORequest(
            robot_code=params["robotCode"],
            user_ids=params["userIds"],
            msg_key=params["msgKey"],
            msg_param=params["msgParam"],
        )
        client = self._client(robot_client)
        return client.batch_send_otowith_options(request, headers, RuntimeOptions())


CONTENDERS: tuple[type[Contender], ...] = (Ours, OursAsync, Theirs, Official)


# --- the requests


def requests_part() -> str:
    """Return each call as each client sends it."""
    return "\n".join(_told())


def _told() -> Iterator[str]:
    bench = Bench()
    contenders = [kind(bench) for kind in CONTENDERS]
    try:
        for call, title in TITLES.items():
            yield f"### {title}\n"
            shown: dict[str, str] = {}
            for contender in contenders:
                run = contender.calls[call]
                text = "" if run is None else _shown(bench, run)
                if text and text == shown.get(OURS):
                    continue  # ours send the same, sync and async
                shown[contender.name] = text
                yield f"{contender.name}{_also(contender, call)}\n"
                yield f"```http\n{text}\n```\n" if text else "没有这个接口 · has no such call\n"
    finally:
        for contender in contenders:
            contender.close()
        bench.recorder.close()


def _also(contender: Contender, call: str) -> str:
    return "、`AsyncClient`" if contender.name == OURS else ""


def _shown(bench: Bench, run: Run) -> str:
    """Return the call without what goes before it, and without what differs every time."""
    bench.take()
    run()
    arrived = next(each for each in bench.take() if each.path not in TOKEN_CALLS)
    head = [arrived.line, *(f"{name}: {_quiet(name, value)}" for name, value in arrived.headers)]
    text = "\n".join(head) + "\n\n" + arrived.body.decode()
    text = re.sub(r"timestamp=[^&\s]+", "timestamp=…", text)
    host = "api.dingtalk.com" if arrived.path.startswith("/v1.0/") else "oapi.dingtalk.com"
    if arrived.path == "/router/rest":
        host = "eco.taobao.com"
    return text.replace(bench.recorder.address, host).rstrip()


def _quiet(name: str, value: str) -> str:
    """Leave out of a header what depends on the machine or the moment."""
    if name.lower() == "user-agent":
        return re.sub(r"(?<=/)[\d.]+.*|(?<= )\(.*", "…", value)
    return "…" if name.lower() in ("date", "x-acs-date", "x-acs-signature-nonce") else value


# --- the numbers


def numbers() -> dict[str, dict[str, str]]:
    """Count what each client does; rows by name."""
    rows: dict[str, dict[str, str]] = {}
    for kind in CONTENDERS:
        for row, value in _counted(kind):
            rows.setdefault(row, {})[kind.name] = value
    return rows


def _counted(kind: type[Contender]) -> Iterator[tuple[str, str]]:
    bench = Bench()
    contender = kind(bench)
    call = contender.calls["person"] or contender.calls["user.get"]
    assert call is not None
    try:
        call()
        arrived = bench.take()
        token = [each.line.split("?")[0] for each in arrived[:-1]]
        yield "第一次调用的请求 / requests of a first call", str(len(arrived))
        yield (
            "其中取令牌 / of them for the token",
            "、".join(f"`{line.removesuffix(' HTTP/1.1')}`" for line in token),
        )
        for _ in range(CALLS):
            call()
        sent = bench.take()
        yield f"再调用 {CALLS} 次的请求 / requests of {CALLS} more", str(len(sent))
        opened = len({each.connection for each in sent})
        yield f"这 {CALLS} 次用的连接 / connections they went over", str(opened)
        yield "令牌一直被拒时 / when the token stays refused", _stubborn(bench, call)
    finally:
        contender.close()
        bench.recorder.close()
    yield (
        f"{AT_ONCE} 个同时开始，取令牌 / {AT_ONCE} begin at once: tokens fetched",
        str(_cold(kind)) if kind is not Official else "由使用者自己取 / fetched by hand",
    )


def _stubborn(bench: Bench, call: Run) -> str:
    bench.take()
    bench.dead = True
    told = ""
    try:
        call()
    except Exception as error:  # noqa: BLE001 - the end of it is what is shown
        told = type(error).__name__
    calls = len(bench.take())
    return f"{calls if calls < 100 else '> 100'} → `{told}`"


def _cold(kind: type[Contender]) -> str:
    """Begin many calls on a client without a token; return how many tokens were fetched."""
    bench = Bench(hold=0.2)
    contender = kind(bench)
    try:
        if isinstance(contender, OursAsync):
            contender.at_once()
        else:
            call = contender.calls["person"] or contender.calls["user.get"]
            threads = [threading.Thread(target=call) for _ in range(AT_ONCE)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        fetched = sum(each.path in TOKEN_CALLS for each in bench.take())
        return "1" if fetched == 1 else f"≤ {AT_ONCE}"
    finally:
        contender.close()
        bench.recorder.close()


def numbers_part() -> str:
    """Return the numbers as a table."""
    lines = ["| | " + " | ".join(NAMES) + " |", "|---|" + "---|" * len(NAMES)]
    for row, values in numbers().items():
        lines.append(f"| {row} | " + " | ".join(values[name] for name in NAMES) + " |")
    return "\n".join(lines) + "\n"


def renewed(text: str, name: str, part: str) -> str:
    """Put a generated part between its marks."""
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    before, rest = text.split(start)
    return before + start + part + end + rest.split(end)[1]


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    text = renewed(text, "numbers", numbers_part())
    PAGE.write_text(renewed(text, "requests", requests_part()), encoding="utf-8")


if __name__ == "__main__":
    main()
