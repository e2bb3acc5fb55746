"""DING from a server: not offered, and it says so (F62). A person makes a DING on a page, with JSAPI."""

from __future__ import annotations

from typing import Any

from ...domain.refusals import Refusal
from ..handling import Call, handler

_V1 = {48002: "Forbidden.AccessDenied.AccessTokenPermissionDenied"}


@handler("oapi_topapi_ding_create_post")
async def ding_create(call: Call) -> dict[str, Any]:
    raise not_offered()


@handler("oapi_topapi_ding_send_post")
async def ding_send(call: Call) -> dict[str, Any]:
    raise not_offered()


@handler("oapi_topapi_ding_task_create_post")
async def ding_task_create(call: Call) -> dict[str, Any]:
    raise not_offered()


@handler("oapi_topapi_ding_task_status_update_post")
async def ding_task_status_update(call: Call) -> dict[str, Any]:
    raise not_offered()


@handler("v1_0_robot_ding_send_post", v1=_V1)
async def robot_ding_send(call: Call) -> dict[str, Any]:
    raise not_offered()


@handler("v1_0_robot_ding_recall_post", v1=_V1)
async def robot_ding_recall(call: Call) -> dict[str, Any]:
    raise not_offered()


@handler("v1_0_robot_ding_messages_send_post", v1=_V1)
async def robot_ding_messages_send(call: Call) -> dict[str, Any]:
    raise not_offered()


def not_offered() -> Refusal:
    """48002: a DING comes from a person."""
    return Refusal(
        48002,
        "不提供服务端发 DING；请在页面里用 JSAPI biz.ding.post（由员工发起），或改发工作通知。",
        "DING from a server is not offered; let a person do it on a page with JSAPI biz.ding.post,"
        " or send a work notification.",
        faq="F62",
    )
