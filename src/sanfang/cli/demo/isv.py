"""The ISV of the demo, a program of its own: ``python -m sanfang.cli.demo.isv``.

``make_app`` is all an ISV has to write for the authorisations; what its customers see is the sample
micro-app, 签到看板 (`sanfang.cli.sample`). The rest lets the story look in: the first line of stdin is
the configuration, a later one brings the suite's key and secret, the end of stdin is the end; every
line of stdout is a JSON object saying what happened.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

from sanfang.isv import SuiteApp

from ..sample import BoardApp

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def make_app(config: dict[str, Any], tell: Callable[..., None]) -> SuiteApp:
    """Make the suite app: it reads the contacts of every corp that authorises, and greets one."""
    app = SuiteApp(
        token=config["token"],
        aes_key=config["aes_key"],
        data=config["data"],
        base_url=config["platform"],
        origins=[config["origin"]],
    )

    @app.on("suite_ticket")
    async def ticket(event: Any, corp: Any) -> None:
        tell("ticket", ticket=event.suite_ticket)

    @app.activated
    async def activated(event: Any, corp: Any) -> None:
        tell("activated", corp_id=corp.corp_id, name=corp.corp_name, agent_ids=corp.agent_ids)
        departments = (await corp.call("department/list", id=1))["department"]
        members = []
        for department in departments:
            found = await corp.call("user/list", department_id=department["id"])
            members += [
                {"userid": user["userid"], "name": user["name"], "mobile": user.get("mobile", "")}
                for user in found["userlist"]
            ]
        names = [department["name"] for department in departments]
        tell("contacts", corp_id=corp.corp_id, departments=names, members=members)
        first = members[0] if members else {"userid": corp.user_id, "name": "管理员"}
        text = f"{first['name']}，你好！{corp.corp_name}已开通签到看板。"
        sent = await corp.call(
            "message/send",
            agentid=corp.agent_ids[0],
            touser=first["userid"],
            msgtype="text",
            text={"content": text},
        )
        tell("message", corp_id=corp.corp_id, to=first["userid"], text=text, answer=sent)

    @app.on("change_auth")
    async def changed(event: Any, corp: Any) -> None:
        tell("change_auth", corp_id=event.auth_corp_id)

    @app.on("suite_relieve")
    async def relieved(event: Any, corp: Any) -> None:
        tell("relieved", corp_id=event.auth_corp_id)

    return app


def tell(event: str, **facts: Any) -> None:
    print(json.dumps({"event": event, **facts}, ensure_ascii=False), flush=True)


class Tap:
    """Tells of every callback as it looks on the wire, both ways; changes nothing."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/callback":
            await self._app(scope, receive, send)
            return
        came, went = bytearray(), bytearray()

        async def hear() -> Message:
            message = await receive()
            came.extend(message.get("body", b""))
            return message

        async def say(message: Message) -> None:
            went.extend(message.get("body", b""))
            await send(message)

        await self._app(scope, hear, say)
        query = scope["query_string"].decode()
        tell("wire", query=query, body=came.decode(), reply=went.decode())


class Server(uvicorn.Server):
    """uvicorn that tells when it listens."""

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        tell("ready", url=_origin(self.servers[0].sockets[0]))


def _origin(listener: Any) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


async def main() -> None:
    config = json.loads(await asyncio.to_thread(sys.stdin.readline))
    # Bound before the app is made: its pages are signed for this address and for no other.
    listener = socket.create_server(("127.0.0.1", 0))
    app = make_app({"origin": _origin(listener), **config}, tell)
    board = BoardApp(app, origin=_origin(listener), data=config["board"])
    server = Server(uvicorn.Config(Tap(board), log_level="warning", interface="asgi3"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while line := await asyncio.to_thread(sys.stdin.readline):
        app.configure(**json.loads(line))
        tell("configured")
    server.should_exit = True
    await serving


if __name__ == "__main__":
    asyncio.run(main())
