"""The other side, small and under the test's control: a platform, a clock, sealed pushes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sanfang.client import Request, Response
from sanfang.isv import Answer, Backoff, SuiteApp
from sanfang.protocol.crypto import CREATE_SUITE_KEY, CallbackCipher, parse_reply

TOKEN = "test-token"
AES_KEY = "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij"
SUITE_KEY = "suiteexample00000001"
SUITE_SECRET = "secret-of-the-example-suite"
CIPHER = CallbackCipher(TOKEN, AES_KEY, SUITE_KEY)
CREATING = CIPHER.with_key_id(CREATE_SUITE_KEY)
STEADY = Backoff(first=10.0, factor=2.0, most=100.0, attempts=4, jitter=0.0)


class FakeClock:
    """Stands still until `advance`; whoever sleeps wakes when the time has come."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float, /) -> None:
        wake = asyncio.get_running_loop().create_future()
        entry = (self.now + seconds, wake)
        self._sleepers.append(entry)
        try:
            await wake
        finally:
            self._sleepers.remove(entry)

    @property
    def waits(self) -> list[float]:
        """How long each sleeper still has to sleep."""
        return sorted(round(until - self.now, 3) for until, _ in self._sleepers)

    def advance(self, seconds: float) -> None:
        self.now += seconds
        for until, wake in self._sleepers:
            if until <= self.now and not wake.done():
                wake.set_result(None)


class Refusal(Exception):  # noqa: N818 - a refusal of the fake platform
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class FakePlatform:
    """The /service/* calls of one suite, and message/send; an `AsyncTransport`.

    ``before[api]`` and ``after[api]`` are called around an answer and may raise.
    """

    def __init__(self) -> None:
        self.ticket = ""
        self.codes: dict[str, str] = {}  # temporary code -> corp
        self.permanent: dict[str, str] = {}  # corp -> permanent code, while authorised
        self.names: dict[str, str] = {}
        self.closes: dict[str, dict[int, int]] = {}  # corp -> agent -> close
        self.signed_form = True
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.messages: list[tuple[str, str]] = []
        self.before: dict[str, Callable[[], Awaitable[None] | None]] = {}
        self.after: dict[str, Callable[[], Awaitable[None] | None]] = {}
        self._serial = 0

    # What the enterprise does; each gives the event to push

    def new_ticket(self) -> dict[str, Any]:
        self.ticket = f"ticket-{self._next()}-0123456789"
        return event("suite_ticket", SuiteTicket=self.ticket)

    def authorise(self, corp: str, name: str = "示例公司", *, named: bool = True) -> dict[str, Any]:
        code = f"code-{self._next()}-0123456789"
        self.codes[code] = corp
        self.permanent[corp] = ""
        self.names[corp] = name
        self.closes[corp] = {1000 + self._next(): 2, 2000 + self._next(): 2}
        who = {"AuthCorpId": corp} if named else {}
        return event("tmp_auth_code", AuthCode=code, **who)

    def relieve(self, corp: str) -> dict[str, Any]:
        self.permanent.pop(corp, None)
        self.codes = {code: owner for code, owner in self.codes.items() if owner != corp}
        return event("suite_relieve", AuthCorpId=corp)

    def change(self, corp: str) -> dict[str, Any]:
        return event("change_auth", AuthCorpId=corp)

    def active(self, corp: str) -> bool:
        return bool(self.closes.get(corp)) and all(c == 1 for c in self.closes[corp].values())

    def count(self, api: str) -> int:
        return sum(name == api for name, _ in self.calls)

    # The transport

    async def send(self, request: Request, /) -> Response:
        query = dict(parse_qsl(urlsplit(request.url).query))
        body = json.loads(request.body) if request.body else {}
        answer = await self.answer(urlsplit(request.url).path.lstrip("/"), query, body)
        return Response(
            200,
            {"Content-Type": "application/json"},
            json.dumps(answer, ensure_ascii=False).encode(),
        )

    async def close(self) -> None:
        pass

    async def answer(
        self, path: str, query: dict[str, str], body: dict[str, Any]
    ) -> dict[str, Any]:
        api = path.rpartition("/")[2]
        self.calls.append((api, body))
        try:
            await _maybe(self.before.get(api))
            answer = getattr(self, "_" + api)(query, body)
            await _maybe(self.after.get(api))
        except Refusal as refusal:
            return {"errcode": refusal.code, "errmsg": f"refused {refusal.code}"}
        return {"errcode": 0, "errmsg": "ok", **answer}

    def _get_suite_token(self, _: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        if body["suite_ticket"] != self.ticket:
            raise Refusal(40085)
        return {"suite_access_token": "suite-token-0123456789", "expires_in": 7200}

    def _get_permanent_code(self, _: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        corp = self.codes.pop(body["tmp_auth_code"], None)
        if corp is None:
            raise Refusal(40078)
        self.permanent[corp] = f"permanent-{self._next()}-0123456789"
        who = {"corpid": corp, "corp_name": self.names[corp]}
        return {"permanent_code": self.permanent[corp], "auth_corp_info": who}

    def _authorised(self, query: dict[str, str], body: dict[str, Any]) -> str:
        corp: str = body["auth_corpid"]
        if corp not in self.permanent:
            raise Refusal(48004)
        if "permanent_code" in body:
            if body["permanent_code"] != self.permanent[corp]:
                raise Refusal(40084)
        elif not self.signed_form:
            raise Refusal(41025)
        elif query["suiteTicket"] != self.ticket:
            raise Refusal(853005)
        return corp

    def _get_auth_info(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        corp = self._authorised(query, body)
        agents = [
            {"agentid": a, "appid": a % 1000, "agent_name": "示例应用"} for a in self.closes[corp]
        ]
        return {
            "auth_corp_info": {"corpid": corp, "corp_name": self.names[corp]},
            "auth_user_info": {"userId": "admin1"},
            "auth_info": {"agent": agents},
        }

    def _get_agent(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        corp = self._authorised(query, body)
        return {"agentid": body["agentid"], "close": self.closes[corp][body["agentid"]]}

    def _activate_suite(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        corp = self._authorised(query, body)
        self.closes[corp] = {a: 1 if c == 2 else c for a, c in self.closes[corp].items()}
        return {}

    def _get_corp_token(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        return {"access_token": "token-of-" + self._authorised(query, body), "expires_in": 7200}

    def _send(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        corp = query["access_token"].removeprefix("token-of-")
        self.messages.append((corp, body["text"]["content"]))
        return {"messageId": "m1"}

    def _next(self) -> int:
        self._serial += 1
        return self._serial


_TIME = [1_700_000_000_000]


def event(event_type: str, **fields: Any) -> dict[str, Any]:
    """Make a plain event of our suite; each has a later time than the one before."""
    _TIME[0] += 1
    return {"EventType": event_type, "SuiteKey": SUITE_KEY, "TimeStamp": _TIME[0], **fields}


def seal(plain: object, cipher: CallbackCipher = CIPHER) -> tuple[bytes, bytes]:
    """Return query and body of a push."""
    raw = plain if isinstance(plain, bytes) else json.dumps(plain, ensure_ascii=False).encode()
    sealed = cipher.seal(raw)
    return sealed.query().encode(), sealed.body()


def opened(answer: Answer, cipher: CallbackCipher = CIPHER) -> str:
    """Verify and decrypt an answer as the platform does."""
    assert answer.status == 200, answer
    sealed = parse_reply(answer.body, strict=True).sealed
    return cipher.open(sealed.encrypt, sealed.signature, sealed.timestamp, sealed.nonce).decode()


async def push(app: SuiteApp, plain: object, cipher: CallbackCipher = CIPHER) -> str:
    """Push an event and return the decrypted answer."""
    return opened(await app.receive(*seal(plain, cipher)), cipher)


async def until(condition: Callable[[], bool], what: str = "") -> None:
    """Let the app work until something is so."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.002)


async def idle(app: SuiteApp) -> None:
    """Wait until nothing waits in the inbox."""
    await until(lambda: app.health().waiting == 0)


def make(platform: FakePlatform, **options: Any) -> SuiteApp:
    """Make an app on a fake platform, in memory unless told otherwise."""
    given = {
        "suite_key": SUITE_KEY,
        "suite_secret": SUITE_SECRET,
        "token": TOKEN,
        "aes_key": AES_KEY,
        "data": ":memory:",
        "base_url": "http://platform.invalid",
        "transport": platform,
        "backoff": STEADY,
        "poll": 0.05,
        **options,
    }
    return SuiteApp(**given)


async def _maybe(hook: Callable[[], Awaitable[None] | None] | None) -> None:
    result = hook() if hook is not None else None
    if result is not None:
        await result
