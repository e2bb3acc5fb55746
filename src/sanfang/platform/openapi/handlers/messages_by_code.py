"""Messages that a member's own act allows: the code of ``requestOperateAuthCode`` goes with them.

Only SDKs know these calls. The code is used up when everything else of the message is in order.
"""

from __future__ import annotations

from typing import Any

from ...domain import message_content, signin
from ...domain.message_content import APP
from .. import reasons
from ..codes import unfit_code
from ..convert import Convert, Unfit, to_array, to_integer, to_text
from ..handling import Answer, Call, handler
from . import messages as by_agent
from .notifications import send_task

# The catalogue knows the code alone, so the rest is read here.
_RECEIVERS: dict[str, Convert] = {
    "agentid": to_integer,
    "touser": to_array(to_text),
    "toparty": to_array(to_integer),
    "userid_list": to_array(to_text),
    "user_id_list": to_array(to_text),
    "dept_id_list": to_array(to_integer),
}


@handler("oapi_message_send_by_code_post", types={"code": "string"})
async def send_by_code(call: Call) -> Answer:
    call.need("agentid")
    _read(call)
    message_content.read(call.args, APP)
    await _use(call, "/message/sendByCode")
    return await by_agent.message_send.run(call)


@handler(
    "oapi_topapi_message_corpconversation_asyncsendbycode_post",
    types={"msgcontent": "any", "dept_id_list": "array of integer"},
)
async def asyncsendbycode(call: Call) -> dict[str, Any]:
    _read(call)
    args = call.args
    content = {"msgtype": args["msgtype"], args["msgtype"]: args["msgcontent"]}
    msgtype, body = message_content.read(content, APP)
    await _use(call, "/topapi/message/corpconversation/asyncsendbycode")
    return {"task_id": await send_task(call, msgtype, body)}


def _read(call: Call) -> None:
    for name, convert in _RECEIVERS.items():
        value = call.args.get(name)
        if value in (None, ""):
            call.args[name] = None
            continue
        try:
            call.args[name] = convert(value)
        except Unfit as error:
            expected = error.expected or ("合法的值", "valid")
            raise reasons.unfit(unfit_code(name), name + error.where, expected) from error


async def _use(call: Call, path: str) -> None:
    await signin.operate(call.core, call.identity, call.need("code"), used_in=path)
