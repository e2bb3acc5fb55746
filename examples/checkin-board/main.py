"""Start the check-in board as an enterprise's own app, or as a suite's micro-app.

    python main.py --corp-id ding... --agent-id 1001 --app-key ding... --app-secret ...
    python main.py --token ... --aes-key ... --suite-key suite... --suite-secret ...

``--platform http://127.0.0.1:8080`` for a sandbox; DingTalk's own hosts without it. The app itself is
`sanfang.cli.sample`, the very code that ``sanfang demo`` runs.
"""

# ruff: noqa: T201 - a program for people
from __future__ import annotations

import argparse

import uvicorn

from sanfang.cli.sample import make_board
from sanfang.isv import CorpApp, SuiteApp


def main() -> None:
    """Read the options, say what to register, serve."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument(
        "--origin", help="where pages are served, if it is not http://127.0.0.1:PORT"
    )
    parser.add_argument("--data", default="checkins", help="prefix of the two data files")
    parser.add_argument("--platform", help="a sandbox's address")
    for name in ("corp-id", "app-key", "app-secret", "token", "aes-key"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--agent-id", type=int)
    for name in ("suite-key", "suite-secret"):
        parser.add_argument(f"--{name}")
    given = parser.parse_args()
    origin = given.origin or f"http://127.0.0.1:{given.port}"
    common = {
        "base_url": given.platform,
        "origins": [origin],
        "data": f"{given.data}-app.db",
        "token": given.token,
        "aes_key": given.aes_key,
    }
    app: SuiteApp
    if given.corp_id:
        app = CorpApp(
            corp_id=given.corp_id,
            agent_id=given.agent_id,
            app_key=given.app_key,
            app_secret=given.app_secret,
            **common,
        )
    else:
        if not (given.token and given.aes_key):
            parser.error(
                "给 --corp-id，或 --token 与 --aes-key / --corp-id, or --token and --aes-key"
            )
        app = SuiteApp(suite_key=given.suite_key, suite_secret=given.suite_secret, **common)
    board = make_board(app, origin=origin, data=f"{given.data}-board.db")
    print(f"主页 home page: {board.home_url}")
    print(f"PC 主页 desktop: {board.pc_home_url}")
    print(f"回调 callback:   {origin}/callback")
    uvicorn.run(board, host="127.0.0.1", port=given.port, log_level="warning")


if __name__ == "__main__":
    main()
