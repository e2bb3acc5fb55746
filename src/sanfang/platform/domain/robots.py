"""Robots that write: a group's own webhook robots, and the robots of apps (robotCode).

A webhook robot proves its caller by one or more of: a keyword in the text, a signature
(``timestamp`` and ``sign``, HMAC-SHA256 of "timestamp\\nsecret" with the secret, base64), an IP list.
The robot of an own app has the app's app_key as robotCode, that of an ISV's app its suite_key.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence

import msgspec

from ..store.ports import Row, Tx, Window
from ..store.queries import contacts as contact_rows
from ..store.queries import conversations as rows_of
from . import conversations, messages, rows, secrets
from .conversations import DISBANDED, Spoken
from .core import Core
from .gatekeeping import parse_patterns
from .messages import Draft
from .model import Identity
from .refusals import Refusal

SIGNED_FOR = 3600_000  # how old a timestamp may be, ms
OTO = 20  # receivers of one batchSend


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """A group's webhook robot. ``secret`` '' when calls need no signature."""

    robot_id: int
    corp_id: str
    cid: str
    name: str
    secret: str
    keywords: list[str]
    ip_whitelist: list[str]
    stopped: bool
    chat_status: int


class NewWebhook(msgspec.Struct, frozen=True):
    """What is told once, when a robot is made: only a hash of the token is kept."""

    robot_id: int
    access_token: str
    secret: str


class Batch(msgspec.Struct, frozen=True):
    """What became of a batch of messages of a robot to single members."""

    key: str
    invalid: list[str]


async def create_webhook(
    core: Core,
    corp_id: str,
    cid: str,
    name: str,
    *,
    keywords: Sequence[str] = (),
    ip_whitelist: Sequence[str] = (),
    signed: bool = False,
) -> NewWebhook:
    """Add a webhook robot to a group; refuse 40016 (no such group), 40035 (an IP pattern)."""
    await conversations.get(core, corp_id, cid)
    parse_patterns(ip_whitelist)
    token = secrets.token() + secrets.token()
    secret = f"SEC{secrets.token()}{secrets.token()}" if signed else ""

    async def body(tx: Tx) -> int:
        row = await tx.one(
            rows_of.INSERT_ROBOT,
            *(secrets.fingerprint(token), corp_id, cid, name, secret),
            *(rows.json_text(list(keywords)), rows.json_text(list(ip_whitelist))),
        )
        assert row is not None
        return int(row[0])

    return NewWebhook(await core.durable.transact(body), token, secret)


async def webhooks_of(core: Core, cid: str) -> list[Webhook]:
    """Return the webhook robots of a group."""
    return [_webhook(row) for row in await core.durable.all(rows_of.ROBOTS, cid)]


async def find_webhook(core: Core, token: str) -> Webhook:
    """Return the robot of an access_token; refuse 400101, 400102 (stopped), 400013 (no group)."""
    row = await core.durable.one(rows_of.ROBOT_BY_TOKEN, secrets.fingerprint(token))
    if row is None:
        raise Refusal(
            400101,
            "没有这个机器人：access_token 不存在；从群设置里重新复制 webhook 地址。",
            "There is no such robot: copy the webhook address from the group's settings again.",
        )
    robot = _webhook(row)
    if robot.stopped:
        raise Refusal(400102, "机器人已停用。", "The robot is stopped.")
    if robot.chat_status == DISBANDED:
        raise Refusal(400013, "群已被解散。", "The group was disbanded.")
    return robot


def check_proofs(
    robot: Webhook, *, text: str, timestamp: str, sign: str, ip: str, now: int
) -> None:
    """Refuse 310000 when a keyword, the signature or the caller's address is wrong."""
    if robot.ip_whitelist and not any(
        pattern.admits(ip.removeprefix("::ffff:")) for pattern in parse_patterns(robot.ip_whitelist)
    ):
        raise _unproved(
            f"ip {ip} not in whitelist",
            f"平台看到的来源 IP 是 {ip}，不在机器人的 IP 段里。",
            f"The platform saw address {ip}, which is not on the robot's list.",
        )
    if robot.secret:
        _check_sign(robot.secret, timestamp, sign, now)
    if robot.keywords and not any(word in text for word in robot.keywords):
        raise _unproved(
            "keywords not in content",
            f"消息里没有任何一个自定义关键词：{robot.keywords}。",
            f"None of the robot's keywords is in the message: {robot.keywords}.",
        )


def sign(secret: str, timestamp: str) -> str:
    """Return the signature of a call, before it is encoded for a URL."""
    text = f"{timestamp}\n{secret}".encode()
    return base64.b64encode(hmac.digest(secret.encode(), text, "sha256")).decode()


async def post(core: Core, robot: Webhook, msgtype: str, body: object) -> Spoken:
    """Let a webhook robot speak in its group; refuse 410100 over 20 messages a minute."""
    most = core.settings.robot_minute
    window = Window(f"robot:{robot.robot_id}", most)
    if most and await core.hot.admit([window], now=core.clock.now()) >= 0:
        raise Refusal(
            410100,
            f"一个机器人每分钟最多 {most} 条消息；请合并后再发。",
            f"A robot sends {most} messages a minute; put several into one.",
            facts={"limit": most},
        )
    chat = await conversations.get(core, robot.corp_id, robot.cid)
    people = await conversations.members_of(core.durable, chat.cid)
    return await conversations.write_to(
        core,
        chat,
        {each.userid for each in people},
        msgtype,
        body,
        app=f"robot:{robot.robot_id}",
        channel="webhook",
    )


def check_code(identity: Identity, robot_code: str) -> None:
    """Refuse a robotCode that is not of the calling app."""
    own = messages.app_of(identity)
    if robot_code != own:
        raise Refusal(
            400106,
            f"robotCode {robot_code[:64]!r} 不属于此应用；此应用的是 {own}。",
            f"robotCode {robot_code[:64]!r} is not of this app, whose is {own}.",
            facts={"v1": "invalidParameter.robotCode.notExsit", "robot_code": own},
        )


async def send_to_members(
    core: Core, identity: Identity, userids: Sequence[str], msgtype: str, body: object
) -> Batch:
    """Let an app's robot write to members one by one; who is unknown is told, not refused."""
    people = list(dict.fromkeys(userids))
    if not 1 <= len(people) <= OTO:
        name = "overMax" if people else "empty"
        raise Refusal(
            40032,
            f"userIds 应有 1 到 {OTO} 个。",
            f"userIds has 1 to {OTO} ids.",
            facts={"v1": f"invalidParameter.userIds.{name}"},
        )
    corp_id = identity.corp_id
    durable = core.durable
    known = {
        userid
        for userid in people
        if await durable.one(contact_rows.MEMBER_BY_ID, corp_id, userid) is not None
    }
    invalid = [userid for userid in people if userid not in known]
    if not known:
        raise Refusal(
            40031,
            f"没有这些成员：{invalid[:5]}。",
            f"There are no such members: {invalid[:5]}.",
            facts={"v1": "staffId.notExisted"},
        )
    draft = Draft(
        corp_id=corp_id,
        msgtype=msgtype,
        body=body,
        channel="oto",
        app=messages.app_of(identity),
        key=messages.new_key("oto"),
        invalid_users=invalid,
    )

    async def write(tx: Tx) -> int:
        return await messages.deliver(tx, core, draft, known)

    await durable.transact(write)
    return Batch(draft.key, invalid)


async def send_to_conversation(
    core: Core,
    identity: Identity,
    cid: str,
    msgtype: str,
    body: object,
    *,
    channel: str = "group",
    only: Sequence[str] = (),
) -> Spoken:
    """Let an app's robot speak in a conversation, to all in it or to some; refuse 40016, 60124."""
    chat = await conversations.get(core, identity.corp_id, cid)
    people = await conversations.members_of(core.durable, cid)
    receivers = {each.userid for each in people}
    for userid in only:
        if userid not in receivers:
            raise conversations.not_inside(userid)
    return await conversations.write_to(
        core,
        chat,
        set(only) or receivers,
        msgtype,
        body,
        app=messages.app_of(identity),
        channel=channel,
    )


def _check_sign(secret: str, timestamp: str, given: str, now: int) -> None:
    digits = timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16
    if not digits or abs(now - int(timestamp)) > SIGNED_FOR:
        raise _unproved(
            "invalid timestamp",
            "timestamp 应为毫秒，且与平台时间相差不超过一小时。",
            "timestamp is in milliseconds and at most an hour from the platform's time.",
        )
    # A "+" that was not URL-encoded arrives as a space.
    wanted = sign(secret, timestamp).encode()
    if not hmac.compare_digest(given.replace(" ", "+").encode("utf-8", "replace"), wanted):
        raise _unproved(
            "sign not match",
            "sign 不对：HMAC-SHA256，密钥为 SEC 开头的 secret，"
            "内容为 timestamp、换行、secret，再 base64 和 URL 编码。",
            "sign is wrong: HMAC-SHA256 keyed with the SEC... secret, over timestamp, a newline and"
            " the secret; base64, then URL-encoded.",
        )


def _unproved(errmsg: str, zh: str, en: str) -> Refusal:
    return Refusal(310000, zh, en, errmsg=errmsg)


def _webhook(row: Row) -> Webhook:
    robot_id, corp_id, cid, name, secret, keywords, ips, stopped, status = row
    return Webhook(
        robot_id=robot_id,
        corp_id=corp_id,
        cid=cid,
        name=name,
        secret=secret,
        keywords=rows.strings(keywords),
        ip_whitelist=rows.strings(ips),
        stopped=bool(stopped),
        chat_status=status,
    )
