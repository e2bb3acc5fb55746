"""A suite app in a process of its own, which kills itself with SIGKILL where it is told.

``KILL`` is one of: ``before-answer:N`` (the N-th push is stored, not answered), ``after-answer:N``,
``code`` (the permanent code arrived and is not stored), ``save:N`` (before the N-th record is
stored), ``handler`` (inside the handler, before its effect). Empty: live.
"""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path
from typing import Any, NoReturn

import uvicorn

from sanfang.isv import SuiteApp
from sanfang.isv.records import Records
from sanfang.isv.suite_file import SuiteFile

KILL, _, NUMBER = os.environ.get("KILL", "").partition(":")
EFFECTS = Path(os.environ["EFFECTS"])


def die(*_: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


class Killer:
    """ASGI middleware that dies around the answer to the N-th push."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.pushes = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            self.pushes += 1
        due = KILL.endswith("-answer") and str(self.pushes) == NUMBER

        async def sending(message: Any) -> None:
            if due and KILL == "before-answer":
                die()
            await send(message)
            if due and message["type"] == "http.response.body":
                die()

        await self.app(scope, receive, sending)


def dying_save() -> Any:
    save, calls = Records.save, [0]

    async def wrapped(self: Records, record: Any) -> None:
        calls[0] += 1
        if str(calls[0]) == NUMBER:
            die()
        await save(self, record)

    return wrapped


def effect(what: str) -> None:
    with EFFECTS.open("a") as file:
        file.write(what + "\n")


def make() -> SuiteApp:
    app = SuiteApp(
        suite_key=os.environ["SUITE_KEY"],
        suite_secret=os.environ["SUITE_SECRET"],
        token=os.environ["TOKEN"],
        aes_key=os.environ["AES_KEY"],
        data=os.environ["DATA"],
        base_url=os.environ["PLATFORM"],
    )

    @app.activated
    async def hello(event: Any, corp: Any) -> None:
        if KILL == "handler":
            die()
        await corp.call(
            "message/send",
            agentid=corp.agent_ids[0],
            touser="a",
            msgtype="text",
            text={"content": f"你好 {corp.corp_name}"},
        )
        effect(f"activated {corp.corp_id}")

    @app.on("user_add_org")
    async def user(event: Any, corp: Any) -> None:
        effect(f"user {corp.corp_id} {event.user_ids[0]}")

    return app


if __name__ == "__main__":
    if KILL == "code":
        SuiteFile.save_permanent_code = die  # type: ignore[method-assign]
    if KILL == "save":
        Records.save = dying_save()  # type: ignore[method-assign]
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(Killer(make()), log_level="warning", timeout_graceful_shutdown=5)
    uvicorn.Server(config).run(sockets=[listener])
