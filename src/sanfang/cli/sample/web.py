"""The server of the check-in board: pages, and the three things they ask for.

The doors are ready made: ``/dingtalk`` signs the page for ``dd.config`` and signs the member in
(免登), ``/callback`` takes the platform's pushes. What is left is the app itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sanfang.client import CallRefused, SanfangError
from sanfang.isv import Person, SuiteApp

from .board import Board
from .people import Directory, department_of

STATIC = Path(__file__).parent / "static"
NAME = "签到看板"
HOME = "/board/?corpid=$CORPID$&dd_nav_bgcolor=FF0B57D0"
PC_HOME = "/board/?corpid=$CORPID$&pc=1"
_LIMIT = 8 * 1024
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'"
)
T = TypeVar("T")

Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]


class CheckInForm(msgspec.Struct):
    """What the page sends: a place in words, and a position where the client told one."""

    place: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class ShareForm(msgspec.Struct):
    """The conversation that the member picked."""

    cid: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class BoardApp:
    """The micro-app on a suite's app (or a corp's own), as an ASGI application.

    ``origin`` is where its pages are served; ``data`` the SQLite file of its check-ins.
    """

    def __init__(self, app: SuiteApp, *, origin: str, data: Path | str = "board.db") -> None:
        self._app = app
        self._origin = origin.rstrip("/")
        self._board = Board(data)
        self._directory = Directory()
        self._doors = app.pages(
            origins=[origin], js_api_list=["device.geolocation.get", "biz.chat.pickConversation"]
        )
        app.relieved(self._relieved)
        app.on("user_add_org", "user_leave_org", "user_modify_org")(self._moved)
        self._served = Starlette(
            routes=[
                Route("/board/", self._page),
                Route("/api/board", self._for_member(self._show)),
                Route("/api/checkins", self._for_member(self._check_in), methods=["POST"]),
                Route("/api/share", self._for_member(self._share), methods=["POST"]),
                Mount("/dingtalk", self._doors),
                Route("/callback", app),
                Mount("/static", StaticFiles(directory=STATIC)),
            ]
        )

    @property
    def home_url(self) -> str:
        """The address of the home page to register."""
        return self._origin + HOME

    @property
    def pc_home_url(self) -> str:
        """The address of the home page on the desktop."""
        return self._origin + PC_HOME

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve ASGI; start and stop are the suite app's."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            self._board.close()
        else:
            await self._served(scope, receive, send)

    # What the pages ask for

    async def _page(self, request: Request) -> Response:
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}
        return FileResponse(STATIC / "board.html", headers=headers)

    async def _show(self, request: Request, person: Person) -> Response:
        departments = await self._directory.departments(self._app.corp(person.corp_id))
        counts = await run_in_threadpool(self._board.counts, person.corp_id)
        latest = await run_in_threadpool(self._board.latest, person.corp_id)
        known = {one.name: len(one.members) for one in departments if one.members}
        rows = [
            {"name": name, "members": known.get(name, 0), "here": counts.get(name, 0)}
            for name in [*known, *(name for name in counts if name not in known)]
        ]
        mine = next((one for one in latest if one.userid == person.userid), None)
        return _json(
            {
                "day": self._board.today(),
                "me": {"userid": person.userid, "name": person.name},
                "departments": rows,
                "latest": [{**msgspec.structs.asdict(one), "userid": ""} for one in latest],
                "mine": mine,
            }
        )

    async def _check_in(self, request: Request, person: Person) -> Response:
        form = await _form(request, CheckInForm)
        if isinstance(form, Response):
            return form
        departments = await self._directory.departments(self._app.corp(person.corp_id))
        position = None
        if form.latitude is not None and form.longitude is not None:
            position = form.latitude, form.longitude
        made = await run_in_threadpool(
            self._board.add,
            person.corp_id,
            person.userid,
            person.name or person.userid,
            department_of(departments, person.userid),
            form.place.strip() or "未说明",
            position,
        )
        return _json(made)

    async def _share(self, request: Request, person: Person) -> Response:
        form = await _form(request, ShareForm)
        if isinstance(form, Response):
            return form
        corp = self._app.corp(person.corp_id)
        latest = await run_in_threadpool(self._board.latest, person.corp_id, 3)
        counts = await run_in_threadpool(self._board.counts, person.corp_id)
        try:
            sent = await corp.call(
                "message/send_to_conversation",
                sender=person.userid,
                cid=form.cid,
                msgtype="oa",
                oa={
                    "message_url": self.home_url.replace("$CORPID$", person.corp_id),
                    "head": {"bgcolor": "FF0B57D0", "text": NAME},
                    "body": {
                        "title": f"今天已有 {sum(counts.values())} 人签到",
                        "form": [
                            {"key": f"{one.at} {one.name}", "value": one.place} for one in latest
                        ],
                        "author": person.name,
                    },
                },
            )
        except CallRefused as refusal:
            return _problem(502, f"没有发出：{refusal.errmsg}", str(refusal.code))
        return _json({"sent": True, "receiver": sent.get("receiver", "")})

    # Around it

    def _for_member(
        self, answer: Callable[[Request, Person], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Let in who is signed in; what changes something must come from an own page."""

        async def endpoint(request: Request) -> Response:
            if request.method == "POST" and not self._doors.own(request.scope):
                return _problem(403, "不是本应用的页面", "no page of this app")
            person = self._doors.person(request.scope)
            if person is None:
                return _problem(401, "请先登录", "sign in first")
            try:
                return await answer(request, person)
            except SanfangError as error:
                return _problem(502, "平台没有答应，请稍后再试", str(error)[:300])

        return endpoint

    async def _relieved(self, event: Any, corp: Any) -> None:
        await run_in_threadpool(self._board.forget, corp.corp_id)
        self._directory.forget(corp.corp_id)

    async def _moved(self, event: Any, corp: Any) -> None:
        if corp is not None:
            self._directory.forget(corp.corp_id)


def make_board(app: SuiteApp, *, origin: str, data: Path | str = "board.db") -> BoardApp:
    """Make the micro-app on an app of `sanfang.isv`."""
    return BoardApp(app, origin=origin, data=data)


async def _form(request: Request, kind: type[T]) -> T | Response:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _LIMIT:
            return _problem(413, "太长", "too long")
    try:
        return msgspec.json.decode(bytes(body), type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _problem(400, "内容不对", "the body does not fit")


def _json(content: Any, status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(msgspec.json.encode(content), status, headers, "application/json")


def _problem(status: int, zh: str, en: str) -> Response:
    return _json({"zh": zh, "en": en}, status)
