"""Webhook robots of groups and robots of apps."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from sanfang.platform.domain import robots
from sanfang.platform.domain.robots import NewWebhook

from ..openapi.world import JSON, Reply, World
from .people import TEXT, a_chat, a_cid, inbox, read_all, refused, tale, v1_refused


async def a_robot(world: World, cid: str, **proofs: Any) -> NewWebhook:
    return await robots.create_webhook(world.core, world.corp.corp_id, cid, "构建", **proofs)


async def post(world: World, token: str, fields: Any, query: str = "", **more: Any) -> Reply:
    target = f"/robot/send?access_token={token}{query}"
    return await world.raw("POST", target, json.dumps(fields).encode(), JSON, **more)


WEBHOOK: dict[str, dict[str, Any]] = {
    "text": {"content": "构建完成"},
    "link": {"title": "t", "text": "x", "messageUrl": "http://a.example", "picUrl": ""},
    "markdown": {"title": "t", "text": "# x"},
    "actionCard": {"title": "t", "text": "x", "singleTitle": "s", "singleURL": "u"},
    "feedCard": {"links": [{"title": "t", "messageURL": "u", "picURL": "p"}]},
}


@pytest.mark.parametrize("kind", WEBHOOK)
def test_a_webhook_speaks_in_its_group(kind: str) -> None:
    async def body(world: World) -> None:
        made = await a_chat(world)
        robot = await a_robot(world, made["openConversationId"])
        sent = {"msgtype": kind, kind: WEBHOOK[kind]}
        assert (await post(world, robot.access_token, sent)).code == 0
        (seen,) = await inbox(world, "jia")
        assert (seen.cid, seen.msgtype) == (made["openConversationId"], kind)
        assert seen.body == WEBHOOK[kind]
        first = next(iter(WEBHOOK[kind]))
        short = {name: value for name, value in WEBHOOK[kind].items() if name != first}
        refused(await post(world, robot.access_token, {"msgtype": kind, kind: short}), 40035)

    tale(body)


def test_a_keyword_has_to_be_somewhere_in_the_text() -> None:
    async def body(world: World) -> None:
        cid = (await a_chat(world))["openConversationId"]
        robot = await a_robot(world, cid, keywords=["告警", "构建"])
        good = {"msgtype": "text", "text": {"content": "构建完成"}, "at": {"isAtAll": True}}
        assert (await post(world, robot.access_token, good)).code == 0
        bad = await post(world, robot.access_token, TEXT | {"at": {"atMobiles": ["构建"]}})
        refused(bad, 310000)
        assert bad.json["errmsg"] == "keywords not in content"

    tale(body)


def test_a_signature_is_checked_with_its_timestamp() -> None:
    async def body(world: World) -> None:
        cid = (await a_chat(world))["openConversationId"]
        robot = await a_robot(world, cid, signed=True)
        now = world.core.clock.now()

        async def call(timestamp: int | str, sign: str) -> Reply:
            query = f"&timestamp={timestamp}&sign={sign}"
            return await post(world, robot.access_token, TEXT, query)

        sign = robots.sign(robot.secret, str(now))
        assert (await call(now, quote(sign, safe=""))).code == 0
        assert (await call(now, sign)).code == 0  # "+" not encoded: arrives as a space
        for timestamp, given, errmsg in (
            (now, "", "sign not match"),
            (now, quote(robots.sign("SECother", str(now)), safe=""), "sign not match"),
            (now - 3600_001, quote(sign, safe=""), "invalid timestamp"),
            ("", quote(sign, safe=""), "invalid timestamp"),
            ("x", quote(sign, safe=""), "invalid timestamp"),
        ):
            reply = await call(timestamp, given)
            refused(reply, 310000)
            assert reply.json["errmsg"] == errmsg
            assert robot.secret not in reply.explained
        assert len(await inbox(world, "jia")) == 2

    tale(body)


def test_the_address_of_the_caller() -> None:
    async def body(world: World) -> None:
        cid = (await a_chat(world))["openConversationId"]
        robot = await a_robot(world, cid, ip_whitelist=["10.0.*.*"])
        assert (await post(world, robot.access_token, TEXT, client="10.0.9.9")).code == 0
        other = await post(world, robot.access_token, TEXT, client="10.1.0.1")
        refused(other, 310000)
        assert "10.1.0.1" in other.json["errmsg"]

    tale(body)


def test_twenty_messages_a_minute_and_no_more() -> None:
    async def body(world: World) -> None:
        cid = (await a_chat(world))["openConversationId"]
        robot, other = await a_robot(world, cid), await a_robot(world, cid)
        codes = [(await post(world, robot.access_token, TEXT)).code for _ in range(21)]
        assert codes == [0] * 20 + [410100]
        assert (await post(world, other.access_token, TEXT)).code == 0
        world.core.clock.travel(61_000)
        assert (await post(world, robot.access_token, TEXT)).code == 0

    tale(body)


def test_a_webhook_that_is_no_robot_or_whose_group_is_gone() -> None:
    async def body(world: World) -> None:
        made = await a_chat(world)
        robot = await a_robot(world, made["openConversationId"])
        refused(await post(world, "", TEXT), 400101)
        refused(await post(world, "f" * 64, TEXT), 400101)
        refused(await post(world, world.own, TEXT), 400101)
        refused(await post(world, robot.access_token, {"msgtype": "voice"}), 400105)
        refused(await post(world, robot.access_token, {"msgtype": "text"}), 40035)
        end = {"openConversationId": made["openConversationId"]}
        await world.v1("POST", "/v1.0/im/chat/scenegroup/disband", end, world.own)
        refused(await post(world, robot.access_token, TEXT), 400013)

    tale(body)


def sample(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "robotCode": world.app.app_key,
        "msgKey": "sampleText",
        "msgParam": '{"content":"你好"}',
        **changes,
    }


def test_a_robot_writes_to_members_and_takes_it_back() -> None:
    async def body(world: World) -> None:
        fields = sample(world, userIds=["jia", "yi", "nobody"])
        path = "/v1.0/robot/oToMessages/batchSend"
        sent = (await world.v1("POST", path, fields, world.own)).json
        key = sent["processQueryKey"]
        assert sent["invalidStaffIdList"] == ["nobody"]
        assert (await inbox(world, "jia"))[0].body == {"content": "你好"}
        await read_all(world, "yi")
        query = f"?robotCode={world.app.app_key}&processQueryKey={key}"
        status = f"/v1.0/robot/oToMessages/readStatus{query}"
        seen = (await world.v1("GET", status, None, world.own)).json
        assert seen["sendStatus"] == "SUCCESS"
        assert [
            (each["userId"], each["name"], each["readStatus"])
            for each in seen["messageReadInfoList"]
        ] == [
            ("jia", "测试员甲", "UNREAD"),
            ("yi", "测试员乙", "READ"),
        ]
        recall = {"robotCode": world.app.app_key, "processQueryKeys": [key, "otox"]}
        done = await world.v1("POST", "/v1.0/robot/otoMessages/batchRecall", recall, world.own)
        assert done.json["successResult"] == [key]
        assert list(done.json["failedResult"]) == ["otox"]
        assert (await world.v1("GET", status, None, world.own)).json["sendStatus"] == "RECALLED"

    tale(body)


def test_a_robot_speaks_in_a_group_and_between_two() -> None:
    async def body(world: World) -> None:
        group = (await a_chat(world))["openConversationId"]
        pair = await a_cid(world, "jia", "bing")
        for kind, cid in (("groupMessages", group), ("privateChatMessages", pair)):
            fields = sample(world, openConversationId=cid, coolAppCode="cool-1")
            sent = await world.v1("POST", f"/v1.0/robot/{kind}/send", fields, world.own)
            key = sent.json["processQueryKey"]
            assert (await inbox(world, "jia"))[-1].cid == cid
            await read_all(world, "jia")
            asked = {
                "robotCode": world.app.app_key,
                "openConversationId": cid,
                "processQueryKey": key,
            }
            read = (await world.v1("POST", f"/v1.0/robot/{kind}/query", asked, world.own)).json
            assert (read["sendStatus"], read["readUserIds"]) == ("SUCCESS", ["jia"])
            verb = "recall" if kind == "groupMessages" else "batchRecall"
            recall = {
                "robotCode": world.app.app_key,
                "openConversationId": cid,
                "processQueryKeys": [key],
            }
            done = await world.v1("POST", f"/v1.0/robot/{kind}/{verb}", recall, world.own)
            assert done.json["successResult"] == [key]

    tale(body)


def test_a_scene_groups_robot_speaks_to_some_and_is_read_back() -> None:
    async def body(world: World) -> None:
        cid = (await a_chat(world))["openConversationId"]
        fields = {
            "target_open_conversation_id": cid,
            "msg_template_id": "sampleMarkdown",
            "msg_param_map": '{"title":"t","text":"x"}',
            "robot_code": world.app.app_key,
            "receiver_user_ids": ["jia"],
        }
        path = "/topapi/im/chat/scencegroup/message"
        sent = await world.post(f"{path}/send_v2", fields, world.own)
        assert len(await inbox(world, "jia")) == 1
        assert await inbox(world, "yi") == []
        asked = {"open_conversation_id": cid, "open_msg_id": sent.json["open_msg_id"]}
        seen = (await world.post(f"{path}/query", asked, world.own)).json["im_message"]
        assert json.loads(seen["msg_content"]) == {"title": "t", "text": "x"}
        outside = fields | {"receiver_user_ids": ["bing"]}
        refused(await world.post(f"{path}/send_v2", outside, world.own), 60124)

    tale(body)


def test_an_isv_uses_its_suites_robot() -> None:
    async def body(world: World) -> None:
        fields = sample(world, robotCode=world.suite.suite_key, userIds=["jia"])
        path = "/v1.0/robot/oToMessages/batchSend"
        assert (await world.v1("POST", path, fields, world.isv)).status == 200
        other = await world.v1("POST", path, fields, world.own)
        v1_refused(other, "invalidParameter.robotCode.notExsit")

    tale(body)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"robotCode": "x"}, "invalidParameter.robotCode.notExsit"),
        ({"msgKey": "sampleX"}, "invalidParameter.msgKey.invalid"),
        ({"msgParam": "x"}, "invalidParameter.msgParam.invalid"),
        ({"msgParam": "{}"}, "invalidParameter.msgParam.invalid"),
        ({"msgParam": '{"content":"' + "x" * 15_000 + '"}'}, "invalidParameter.msgParam.tooLong"),
        ({"userIds": [f"u{n}" for n in range(21)]}, "invalidParameter.userIds.overMax"),
        ({"userIds": ["nobody"]}, "staffId.notExisted"),
    ],
)
def test_a_batch_that_cannot_be_sent(changes: dict[str, Any], name: str) -> None:
    async def body(world: World) -> None:
        fields = sample(world, userIds=["jia"]) | changes
        reply = await world.v1("POST", "/v1.0/robot/oToMessages/batchSend", fields, world.own)
        v1_refused(reply, name)
        assert await inbox(world, "jia") == []

    tale(body)


def test_the_robots_of_a_group_are_listed_without_their_secrets() -> None:
    async def body(world: World) -> None:
        cid = (await a_chat(world))["openConversationId"]
        made = await a_robot(world, cid, signed=True)
        reply = await world.v1(
            "POST", "/v1.0/robot/groups/robots/query", {"openConversationId": cid}, world.own
        )
        assert [each["name"] for each in reply.json["chatbotInstanceVOList"]] == ["构建"]
        assert made.secret.encode() not in reply.body
        assert made.access_token.encode() not in reply.body

    tale(body)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/topapi/ding/create", {}),
        ("/v1.0/robot/ding/send", {"remindType": 1, "receiverUserIdList": ["a"], "content": "x"}),
    ],
)
def test_ding_from_a_server_is_not_offered_and_says_what_to_do(
    path: str, fields: dict[str, Any]
) -> None:
    """F62."""

    async def body(world: World) -> None:
        if path.startswith("/v1.0"):
            reply = await world.v1("POST", path, {"robotCode": "r", **fields}, world.own)
            assert reply.status == 403
        else:
            filled = await _every_field(path)
            reply = await world.post(path, filled, world.own)
            assert reply.json["errcode"] in (48002, 88)
        assert "biz.ding.post" in reply.explained
        assert reply.headers["x-sanfang-faq"] == "F62"

    tale(body)


async def _every_field(path: str) -> dict[str, Any]:
    from sanfang.catalog import load

    endpoint = load().find("oapi", "POST", path)
    assert endpoint is not None
    values = {"integer": 1, "boolean": True, "array": [], "object": {"x": 1}, "number": 1}
    return {
        param.name: values.get(param.type, "1") if param.type != "array" else ["1"]
        for param in endpoint.params
    }
