"""An ISV in a process of its own, which can be told to kill itself at a chosen instant.

FAILPOINT=before_answer|after_answer and FAILPOINT_EVENT name the instant; it fires once, remembered by
a file, so that the restarted process goes on.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import uvicorn

from sanfang.isv import SuiteApp


def main() -> None:
    settings = json.loads(sys.argv[1])
    folder = Path(settings["folder"])
    app = SuiteApp(
        token=settings["token"],
        aes_key=settings["aes_key"],
        data=folder / "isv.db",
        base_url=settings["platform"],
    )

    @app.activated
    async def greet(event: Any, corp: Any) -> None:
        with (folder / "activated.log").open("a") as log:
            log.write(corp.corp_id + "\n")

    async def control(scope: Any, receive: Any, send: Any) -> None:
        """Beside the suite's endpoint: /configure?key=&secret= and /corps, for the test."""
        if scope["type"] != "http" or not scope["path"].startswith("/test/"):
            await guarded(scope, receive, send)
            return
        if scope["path"] == "/test/configure":
            message = await receive()
            given = json.loads(message["body"])
            app.configure(given["suite_key"], given["suite_secret"])
        body = json.dumps([[c.corp_id, c.state] for c in app.corps()]).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        point = os.environ.get("FAILPOINT", "")
        fired = folder / "failpoint-fired"
        armed = (folder / "failpoint-armed").exists()
        if not point or not armed or fired.exists() or scope["type"] != "http":
            await app(scope, receive, send)
            return

        async def deadly(message: Any) -> None:
            if point == "before_answer" and message["type"] == "http.response.start":
                fired.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            await send(message)
            if point == "after_answer" and message["type"] == "http.response.body":
                fired.touch()
                await asyncio.sleep(0)  # the answer has been written to the socket
                os.kill(os.getpid(), signal.SIGKILL)

        await app(scope, receive, deadly)

    config = uvicorn.Config(
        control, host="127.0.0.1", port=settings["port"], log_level="warning", lifespan="on"
    )
    server = uvicorn.Server(config)

    async def serve() -> None:
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        print(json.dumps({"url": f"http://127.0.0.1:{settings['port']}"}), flush=True)
        await serving

    asyncio.run(serve())


if __name__ == "__main__":
    main()
