"""Webhook robots: a robot of a group, which needs nothing but its address.

`Robot` and `AsyncRobot` share all they do; only who carries out the flow differs. The messages
are made by the plain functions of `robot_messages`, so they can be sent by other means too.
Documents: the robot pages of the server API; signature: HMAC-SHA256 over the timestamp, a line
break and the secret, keyed with the secret, in Base64.
"""

from __future__ import annotations

import base64
import hmac
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

import msgspec

from .addresses import addresses
from .answers import read
from .credentials import tail
from .errors import BadCall, CallRefused, RateLimited, TransportFailed
from .retries import RetryRule
from .robot_messages import action_card, feed_card, link, markdown, text
from .wire import AsyncTransport, Flow, Pause, Request, Transport

if TYPE_CHECKING:
    from .async_client import _Driver as TaskDriver
    from .client import _Driver

R = TypeVar("R")

PER_MINUTE = 20
"""Messages a minute of one robot; over it DingTalk is deaf to it for ten minutes."""

_LIMIT = 1024 * 1024
_DEAF = 600.0  # seconds
_UNPROVED = 310000
# Codes that robots have been seen to answer, and that no table of the documents has.
_GONE = (
    "没有这个机器人：从群设置里重新复制 webhook 地址",
    "there is no such robot: copy the address from the group's settings again",
)
_CODES: dict[int | str, tuple[str, str]] = {
    130101: (
        "发得太快：每分钟最多 20 条，超过后十分钟内都不接收",
        "too fast: over 20 messages a minute a robot is not heard for ten minutes",
    ),
    300001: _GONE,
    300005: _GONE,
}
# What 310000 says; which of the three security settings of the robot it was.
_WHY = {
    "sign not match": (
        "加签不对：secret 应为该机器人安全设置里 SEC 开头的密钥，且 webhook 与它属于同一个机器人",
        "the signature is wrong: secret is the SEC... key in this robot's security settings, and "
        "belongs to the same robot as the address",
    ),
    "timestamp": (
        "时间戳与平台相差超过一小时，或没有加签：检查本机时钟，并传入 secret",
        "the timestamp is more than an hour off, or there is none: check this machine's clock, "
        "and give the secret",
    ),
    "keywords not in content": (
        "消息里没有自定义关键词：把关键词写进文本或标题，传入 keywords= 可在发送前检查",
        "none of the robot's keywords is in the message: put one into text or title; with "
        "keywords= this is checked before sending",
    ),
    "not in whitelist": (
        "来源 IP 不在机器人的 IP 段里：errmsg 里是平台看到的地址",
        "the caller's address is not on the robot's list; errmsg has the one the platform saw",
    ),
}
_MINUTE = 60.0


class TooManyMessages(BadCall):
    """The robot has had its messages of this minute, and ``wait=False``; nothing was sent.

    ``retry_after``: seconds until there is room.
    """

    def __init__(self, limit: int, retry_after: float) -> None:
        self.limit = limit
        self.retry_after = retry_after
        super().__init__(
            f"一个机器人每分钟最多 {limit} 条消息，{retry_after:.1f} 秒后再发；请合并消息"
            f" / a robot sends {limit} messages a minute: wait {retry_after:.1f} s, or put several"
            " into one"
        )


def sign(secret: str, timestamp: int | str) -> str:
    """Sign a call; ``timestamp`` in milliseconds. To be URL-encoded once."""
    plain = f"{timestamp}\n{secret}".encode()
    return base64.b64encode(hmac.digest(secret.encode(), plain, "sha256")).decode("ascii")


# -- how many a minute ------------------------------------------------------------------------


class Window:
    """The last minute of a robot: when each message went out."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._sent: deque[float] = deque()
        self._lock = threading.Lock()

    def reserve(self, now: float, *, wait: bool = True) -> float:
        """Take the next place and return the seconds until it.

        Without ``wait`` only a place that is free now is taken.
        """
        with self._lock:
            due = now
            if len(self._sent) >= self.limit:
                due = max(now, self._sent[-self.limit] + _MINUTE)
            if due > now and not wait:
                return due - now
            self._sent.append(due)
            while len(self._sent) > self.limit:
                self._sent.popleft()
            return due - now


# -- the robot --------------------------------------------------------------------------------


class _RobotCore:
    """What a robot knows and how one message goes; without I/O."""

    def __init__(
        self,
        url_or_token: str,
        *,
        secret: str | None,
        keywords: Iterable[str],
        base_url: str | None,
        expires_at: float | None,
        per_minute: int,
        wait: bool,
        timeout: float,
        retries: int | RetryRule,
        clock: Callable[[], float],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.address, self.api, self.token = _address(url_or_token, base_url)
        self.secret = secret or ""
        if secret and secret != secret.strip():
            raise BadCall("secret 前后有空白 / there is white space around the secret")
        self.keywords = (keywords,) if isinstance(keywords, str) else tuple(keywords)
        self.expires_at = expires_at
        self.window = Window(per_minute) if per_minute > 0 else None
        self.wait = wait
        self.timeout = timeout
        self.retries = RetryRule.of(retries)
        self.clock = clock
        self.monotonic = monotonic

    def send(self, message: Mapping[str, Any]) -> Flow[dict[str, Any]]:
        body = self._checked(message)
        return self._sent(body)

    def _checked(self, message: Mapping[str, Any]) -> bytes:
        kind = message.get("msgtype")
        if not isinstance(kind, str) or not kind:
            raise BadCall("消息缺少 msgtype / the message has no msgtype")
        body = msgspec.json.encode(message)
        if self.keywords:
            content = "\n".join(_texts(message.get(kind)))
            if not any(word in content for word in self.keywords):
                words = "、".join(self.keywords)
                raise BadCall(
                    f"消息里没有机器人的关键词（{words}），会被平台以 310000 拒绝"
                    f" / none of the robot's keywords ({words}) is in the message: the platform"
                    " would refuse it with 310000"
                )
        return body

    def _sent(self, body: bytes) -> Flow[dict[str, Any]]:
        if self.expires_at is not None and self.clock() >= self.expires_at:
            raise BadCall(
                "会话 webhook 已过期：请用下一条消息里的新地址"
                " / the session webhook has expired: use the address in the next message"
            )
        tries = 0
        while True:
            if self.window is not None:
                pause = self.window.reserve(self.monotonic(), wait=self.wait)
                if pause > 0 and not self.wait:
                    raise TooManyMessages(self.window.limit, pause)
                if pause > 0:
                    yield Pause(pause)
            request = self._request(body)
            try:
                return read(request, (yield request))
            except (CallRefused, TransportFailed) as error:
                # A message is not sent twice: only what was surely not taken is repeated.
                again = self.retries.pause(error, safe=False, tries=tries)
                if again is None:
                    raise _explained(error) from None
            tries += 1
            yield Pause(again)

    def _request(self, body: bytes) -> Request:
        url = self.address
        secrets: tuple[str, ...] = (self.token,)
        if self.secret:
            timestamp = int(self.clock() * 1000)
            query = urlencode({"timestamp": timestamp, "sign": sign(self.secret, timestamp)})
            url, secrets = f"{url}&{query}", (self.token, self.secret)
        headers = {"Content-Type": "application/json;charset=UTF-8"}
        return Request("POST", url, headers, body, self.timeout, _LIMIT, self.api, secrets)

    def __str__(self) -> str:
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}{parts.path} '{tail(self.token)}'"


def _explained(error: CallRefused | TransportFailed) -> CallRefused | TransportFailed:
    """Say which security setting it was, and how long a robot stays unheard."""
    if isinstance(error, RateLimited):
        error.retry_after = error.retry_after or _DEAF
    if not isinstance(error, CallRefused):
        return error
    if error.code in _CODES and not error.explanation:
        error.hint(" / ".join(_CODES[error.code]))
    if error.code != _UNPROVED:
        return error
    why = next((why for mark, why in _WHY.items() if mark in error.errmsg), None)
    if why is None:
        return error
    return CallRefused(
        error.code, error.errmsg, " / ".join(why), error.request_id, error.api, status=error.status
    )


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)


def _address(url_or_token: str, base_url: str | None) -> tuple[str, str, str]:
    """Return a robot's address, the name of its API and the secret part of the address."""
    given = url_or_token.strip() if isinstance(url_or_token, str) else ""
    if "://" not in given:
        if not given or any(c in given for c in "/?&=# \t\n"):
            raise BadCall(
                "机器人应以 webhook 地址或其 access_token 指明"
                " / a robot is named by its webhook address or the access_token in it"
            )
        base, _ = addresses(base_url, None)
        return f"{base}/robot/send?access_token={quote_plus(given)}", "robot/send", given
    parts = urlsplit(given)
    query = dict(parse_qsl(parts.query))
    host = f"{parts.scheme}://{parts.netloc}"
    addresses(host, None)  # checks it
    name = next((n for n in ("access_token", "session") if query.get(n)), "")
    if not name:
        raise BadCall(
            "webhook 地址里没有 access_token（群机器人）或 session（会话）"
            " / the address has neither an access_token (robot of a group) nor a session"
        )
    # timestamp and sign of an address that was copied from a call are of that call.
    kept = {n: v for n, v in query.items() if n not in ("timestamp", "sign")}
    return f"{host}{parts.path}?{urlencode(kept)}", parts.path.lstrip("/"), query[name]


class _RobotVerbs(Generic[R]):
    """The messages a robot can send; ``R`` is the answer, or what brings it."""

    _core: _RobotCore

    def _run(self, flow: Flow[dict[str, Any]]) -> R:
        raise NotImplementedError

    def send(self, message: Mapping[str, Any]) -> R:
        """Send a message made by the functions of `robot_messages`, or by hand."""
        return self._run(self._core.send(message))

    def text(
        self,
        content: str,
        *,
        at: Sequence[str] = (),
        at_users: Sequence[str] = (),
        at_all: bool = False,
    ) -> R:
        """Send a text; ``at`` are mobile numbers, ``at_users`` userids."""
        return self.send(text(content, at=at, at_users=at_users, at_all=at_all))

    def markdown(
        self,
        title: str,
        text: str,
        *,
        at: Sequence[str] = (),
        at_users: Sequence[str] = (),
        at_all: bool = False,
    ) -> R:
        """Send markdown; ``title`` is what a notification shows."""
        return self.send(markdown(title, text, at=at, at_users=at_users, at_all=at_all))

    def link(self, title: str, text: str, url: str, picture: str = "") -> R:
        """Send a link."""
        return self.send(link(title, text, url, picture))

    def action_card(
        self,
        title: str,
        text: str,
        *buttons: tuple[str, str],
        side_by_side: bool = False,
        whole: bool = False,
    ) -> R:
        """Send a card with ``(title, url)`` buttons; see `action_card`."""
        card = action_card(title, text, *buttons, side_by_side=side_by_side, whole=whole)
        return self.send(card)

    def feed_card(self, *links: tuple[str, str, str]) -> R:
        """Send a feed of ``(title, url, picture)`` links."""
        return self.send(feed_card(*links))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._core}>"


class Robot(_RobotVerbs[dict[str, Any]]):
    """A webhook robot.

    ::

        with Robot(webhook, secret="SEC...") as robot:
            robot.markdown("构建", "### 构建失败", at=["13800000000"])

    ``url_or_token``: the address from the group's settings, or the access_token in it, or a
    session webhook that a message to a robot brought (then ``expires_at``: seconds since 1970).
    ``secret``: of the signed security setting. ``keywords``: of the other one; a message without
    any is refused before it is sent. ``per_minute``: messages a minute, 0 for any number; over
    it a call waits, or with ``wait=False`` raises `TooManyMessages`. The rest as for `Client`.
    """

    def __init__(
        self,
        url_or_token: str,
        *,
        secret: str | None = None,
        keywords: Iterable[str] = (),
        base_url: str | None = None,
        expires_at: float | None = None,
        per_minute: int = PER_MINUTE,
        wait: bool = True,
        timeout: float = 10.0,
        retries: int | RetryRule = 3,
        transport: Transport | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        from .client import _Driver as Made

        self._core = _RobotCore(
            url_or_token,
            secret=secret,
            keywords=keywords,
            base_url=base_url,
            expires_at=expires_at,
            per_minute=per_minute,
            wait=wait,
            timeout=timeout,
            retries=retries,
            clock=clock,
        )
        self._driver: _Driver = Made(transport)

    def _run(self, flow: Flow[dict[str, Any]]) -> dict[str, Any]:
        return self._driver.run(flow)

    def close(self) -> None:
        """Close the connections."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class AsyncRobot(_RobotVerbs[Awaitable[dict[str, Any]]]):
    """The same for coroutines: each message is awaited."""

    def __init__(
        self,
        url_or_token: str,
        *,
        secret: str | None = None,
        keywords: Iterable[str] = (),
        base_url: str | None = None,
        expires_at: float | None = None,
        per_minute: int = PER_MINUTE,
        wait: bool = True,
        timeout: float = 10.0,
        retries: int | RetryRule = 3,
        transport: AsyncTransport | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        from .async_client import _Driver as Made

        self._core = _RobotCore(
            url_or_token,
            secret=secret,
            keywords=keywords,
            base_url=base_url,
            expires_at=expires_at,
            per_minute=per_minute,
            wait=wait,
            timeout=timeout,
            retries=retries,
            clock=clock,
        )
        self._driver: TaskDriver = Made(transport)

    def _run(self, flow: Flow[dict[str, Any]]) -> Awaitable[dict[str, Any]]:
        return self._driver.run(flow)

    async def close(self) -> None:
        """Close the connections."""
        await self._driver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
