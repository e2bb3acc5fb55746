"""Webhook robots: what goes out, security settings, the minute's limit, and our own platform."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import inspect
import re
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.client import BadCall, CallRefused, RateLimited
from sanfang.client import robot_messages as messages
from sanfang.client.robots import AsyncRobot, Robot, TooManyMessages, Window
from sanfang.client.wire import Pause, Request, Response

from .conftest import NO_WAIT
from .living import Living, living
from .stand_in import StandIn

OK = {"errcode": 0, "errmsg": "ok"}
SECRET = "SECexample0123456789"

Say = Callable[..., Any]


@pytest.fixture(params=["sync", "async"])
def make(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Make robots of either kind with one face."""
    made: list[Any] = []
    with asyncio.Runner() as runner:

        class Face:
            def __init__(self, robot: Any) -> None:
                self.robot = robot

            def __getattr__(self, name: str) -> Any:
                def call(*args: Any, **kwargs: Any) -> Any:
                    result = getattr(self.robot, name)(*args, **kwargs)

                    async def wait() -> Any:
                        return await result

                    return runner.run(wait()) if inspect.isawaitable(result) else result

                return call

            def __repr__(self) -> str:
                return repr(self.robot)

        def build(*args: Any, **kwargs: Any) -> Any:
            kwargs.setdefault("retries", NO_WAIT)
            robot = Face((Robot if request.param == "sync" else AsyncRobot)(*args, **kwargs))
            made.append(robot)
            return robot

        yield build
        for robot in made:
            robot.close()


@pytest.fixture
def group(platform: StandIn) -> StandIn:
    platform.on("/robot/send", OK)
    platform.on("/robot/sendBySession", OK)
    return platform


@pytest.mark.parametrize(
    ("say", "sent"),
    [
        (
            lambda robot: robot.text("构建完成", at=["13000000001"], at_users=["li"]),
            {
                "msgtype": "text",
                "text": {"content": "构建完成"},
                "at": {"atMobiles": ["13000000001"], "atUserIds": ["li"], "isAtAll": False},
            },
        ),
        (
            lambda robot: robot.text("全体", at_all=True),
            {
                "msgtype": "text",
                "text": {"content": "全体"},
                "at": {"atMobiles": [], "atUserIds": [], "isAtAll": True},
            },
        ),
        (
            lambda robot: robot.markdown("构建", "#### 完成 @13000000001", at=["13000000001", "2"]),
            {
                "msgtype": "markdown",
                "markdown": {"title": "构建", "text": "#### 完成 @13000000001\n\n@2"},
                "at": {"atMobiles": ["13000000001", "2"], "atUserIds": [], "isAtAll": False},
            },
        ),
        (
            lambda robot: robot.link(
                "标题", "正文", "https://example.com/a", "https://e.com/p.png"
            ),
            {
                "msgtype": "link",
                "link": {
                    "title": "标题",
                    "text": "正文",
                    "messageUrl": "https://example.com/a",
                    "picUrl": "https://e.com/p.png",
                },
            },
        ),
        (
            lambda robot: robot.action_card(
                "标题", "正文", ("阅读", "https://example.com/a"), whole=True
            ),
            {
                "msgtype": "actionCard",
                "actionCard": {
                    "title": "标题",
                    "text": "正文",
                    "btnOrientation": "0",
                    "singleTitle": "阅读",
                    "singleURL": "https://example.com/a",
                },
            },
        ),
        (
            lambda robot: robot.action_card(
                "标题",
                "正文",
                ("是", "https://e.com/y"),
                ("否", "https://e.com/n"),
                side_by_side=True,
            ),
            {
                "msgtype": "actionCard",
                "actionCard": {
                    "title": "标题",
                    "text": "正文",
                    "btnOrientation": "1",
                    "btns": [
                        {"title": "是", "actionURL": "https://e.com/y"},
                        {"title": "否", "actionURL": "https://e.com/n"},
                    ],
                },
            },
        ),
        (
            lambda robot: robot.feed_card(("标题", "https://e.com/a", "https://e.com/p.png")),
            {
                "msgtype": "feedCard",
                "feedCard": {
                    "links": [
                        {
                            "title": "标题",
                            "messageURL": "https://e.com/a",
                            "picURL": "https://e.com/p.png",
                        }
                    ]
                },
            },
        ),
    ],
)
def test_messages_are_what_the_documents_show(
    make: Say, group: StandIn, say: Callable[[Any], Any], sent: dict[str, Any]
) -> None:
    assert say(make("robot-token", base_url=group.url)) == OK
    (seen,) = group.seen
    assert (seen.method, seen.query) == ("POST", {"access_token": "robot-token"})
    assert seen.headers["content-type"].startswith("application/json")
    assert seen.json == sent


@pytest.mark.parametrize(
    "address", ["{}/robot/send?access_token=t%2Bk", "{}/robot/send?access_token=t%2Bk&sign=x"]
)
def test_a_signed_call_is_the_documents_sample(make: Say, group: StandIn, address: str) -> None:
    robot = make(address.format(group.url), secret=SECRET, clock=lambda: 1600000000.123)
    robot.text("构建")
    code = hmac.new(
        SECRET.encode(), f"1600000000123\n{SECRET}".encode(), digestmod=hashlib.sha256
    ).digest()
    quoted = urllib.parse.quote_plus(base64.b64encode(code))
    assert group.seen[0].target == (
        f"/robot/send?access_token=t%2Bk&timestamp=1600000000123&sign={quoted}"
    )


def test_a_session_webhook_is_used_until_it_expires(make: Say, group: StandIn) -> None:
    now = [100.0]
    url = f"{group.url}/robot/sendBySession?session=example-session"
    robot = make(url, expires_at=200.0, clock=lambda: now[0])
    robot.text("好")
    assert group.seen[0].query == {"session": "example-session"}
    now[0] = 200.0
    with pytest.raises(BadCall, match="过期"):
        robot.text("好")
    assert len(group.seen) == 1


def test_a_message_without_a_keyword_is_not_sent(make: Say, group: StandIn) -> None:
    robot = make("robot-token", base_url=group.url, keywords=["构建", "部署"])
    with pytest.raises(BadCall, match="310000"):
        robot.text("你好")
    robot.feed_card(("部署完成", "https://e.com/a", "https://e.com/p.png"))
    assert len(group.seen) == 1


@pytest.mark.parametrize(
    "make_message",
    [
        lambda: messages.text(""),
        lambda: messages.text("x", at="13000000001"),
        lambda: messages.markdown("", "x"),
        lambda: messages.link("t", "x", "example.com"),
        lambda: messages.link("t", "x", "https://e.com/a b"),
        lambda: messages.action_card("t", "x"),
        lambda: messages.action_card(
            "t", "x", ("a", "https://a/"), ("b", "https://b/"), whole=True
        ),
        messages.feed_card,
    ],
)
def test_a_message_that_cannot_be_is_refused_before_it_is_sent(
    make_message: Callable[[], Any],
) -> None:
    with pytest.raises(BadCall, match=" / "):
        make_message()


@pytest.mark.parametrize(
    "address",
    ["", "https://e.com/robot/send", "ftp://e.com/robot/send?access_token=x", "a token", "x&y=1"],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(BadCall, match=" / "):
        Robot(address)


def test_neither_token_nor_secret_is_shown(make: Say, group: StandIn) -> None:
    token = "0123456789abcdef-robot-token-7788"
    robot = make(f"{group.url}/robot/send?access_token={token}", secret=SECRET)
    assert "…7788" in repr(robot)
    group.on("/robot/send", {"errcode": 400101, "errmsg": f"no {token} {SECRET}"})
    with pytest.raises(CallRefused) as caught:
        robot.text("x")
    for text in (repr(robot), str(caught.value)):
        assert token not in text
        assert SECRET not in text


# -- twenty a minute --------------------------------------------------------------------------


def test_the_twenty_first_message_of_a_minute_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    robot = Robot("robot-token")
    core = robot._core
    core.monotonic = lambda: now[0]
    for number in range(20):
        flow = core.send(messages.text(f"{number}"))
        assert isinstance(next(flow), Request)
        now[0] += 1.0
    flow = core.send(messages.text("late"))
    pause = next(flow)
    assert pause == Pause(40.0)
    assert isinstance(flow.send(None), Request)
    with pytest.raises(StopIteration) as end:
        flow.send(Response(200, {}, b'{"errcode":0,"errmsg":"ok"}'))
    assert end.value.value["errcode"] == 0


def test_who_does_not_want_to_wait_is_told_when(make: Say, group: StandIn) -> None:
    robot = make("robot-token", base_url=group.url, per_minute=2, wait=False)
    robot.text("1")
    robot.text("2")
    with pytest.raises(TooManyMessages) as caught:
        robot.text("3")
    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= 60
    assert len(group.seen) == 2


@given(st.lists(st.floats(0, 30), max_size=80), st.integers(1, 20))
def test_no_minute_ever_sees_more_than_the_limit(gaps: list[float], limit: int) -> None:
    window, now, sent = Window(limit), 0.0, []
    for gap in gaps:
        now += gap
        sent.append(now + window.reserve(now))
    assert sent == sorted(sent)
    for first, later in zip(sent, sent[limit:], strict=False):
        assert later - first >= 60.0 - 1e-6


def test_being_too_fast_all_the_same_is_a_rate_limit_and_not_repeated(
    make: Say, group: StandIn
) -> None:
    group.on("/robot/send", {"errcode": 410100, "errmsg": "send too fast"})
    with pytest.raises(RateLimited) as caught:
        make("robot-token", base_url=group.url).text("x")
    assert caught.value.retry_after == 600
    assert len(group.seen) == 1


@pytest.mark.parametrize(
    "code",
    [
        *(-1, 40035, 43004, 130101, 300001, 300005, 400013, 400101, 400102, 400105, 400106),
        *(410100, 430101, 430102, 430103, 430104),
    ],
)
def test_every_code_of_a_robot_is_explained_in_both_languages(
    make: Say, group: StandIn, code: int
) -> None:
    group.on("/robot/send", {"errcode": code, "errmsg": "x"})
    with pytest.raises(CallRefused) as caught:
        make("robot-token", base_url=group.url, retries=0).text("x")
    assert re.search(r"[\u4e00-\u9fff].* / .*[a-z]{3}", caught.value.explanation)
    assert len(group.seen) == 1


# -- against our platform ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def world() -> Iterator[Living]:
    with living() as one:
        yield one


def _robot(world: Living, **options: Any) -> dict[str, Any]:
    cid = world.post("/conversations", userids=["zhang", "li"])["cid"]
    made: dict[str, Any] = world.post("/robots", cid=cid, name="构建机器人", **options)
    return made


def test_every_kind_of_message_arrives(make: Say, world: Living) -> None:
    made = _robot(world, signed=True, keywords=["构建"])
    robot = make(world.url + made["webhook"], secret=made["secret"], keywords=["构建"])
    robot.text("构建一")
    robot.markdown("构建二", "#### 构建 @13000000001", at=["13000000001"])
    robot.link("构建三", "正文", "https://example.com/a")
    robot.action_card("构建四", "正文", ("阅读", "https://example.com/a"), whole=True)
    robot.action_card("构建五", "正文", ("是", "https://e.com/y"), ("否", "https://e.com/n"))
    robot.feed_card(("构建六", "https://e.com/a", "https://e.com/p.png"))
    kinds = [each["msgtype"] for each in world.get("/messages?userid=li")["items"][-6:]]
    assert sorted(kinds) == ["actionCard", "actionCard", "feedCard", "link", "markdown", "text"]


@pytest.mark.parametrize(
    ("secret", "clock", "text", "why"),
    [
        ("SECwrong", None, "构建", "SEC"),
        (None, None, "构建", "secret"),
        ("right", 1.0, "构建", "clock"),
        ("right", None, "你好", "keywords"),
    ],
)
def test_310000_says_which_security_setting_it_was(
    make: Say, world: Living, secret: str | None, clock: float | None, text: str, why: str
) -> None:
    made = _robot(world, signed=True, keywords=["构建"])
    options = {"clock": lambda: clock} if clock else {}
    given = made["secret"] if secret == "right" else secret
    robot = make(world.url + made["webhook"], secret=given, **options)
    with pytest.raises(CallRefused) as caught:
        robot.text(text)
    assert caught.value.code == 310000
    assert why in caught.value.explanation


def test_our_limit_is_theirs(make: Say, world: Living) -> None:
    """Twenty go through; with our own limit off, the platform refuses the next."""
    made = _robot(world)
    robot = make(world.url + made["webhook"], per_minute=0)
    for number in range(20):
        robot.text(f"{number}")
    with pytest.raises(RateLimited):
        robot.text("21")
