"""Calls of `dingtalk-sdk`, and what came of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import requests
from dingtalk import AppKeyClient
from dingtalk.core.exceptions import DingTalkClientException

from sanfang.catalog import error_codes
from sanfang.protocol import errors

from ..callbacks.test_stranger import Receiver
from ..journeys.harness import Admin, Platform
from ..journeys.test_stranger import DictStorage, a_corp
from .sdk_methods import PLAIN, Method, arguments, learn, methods

OK, SYNTHETIC, REFUSED = "ok", "synthetic", "refused"
MISREAD, UNSENT = "misread", "sends nothing"

# The SDK's own faults. It calls a method that its class does not have, and sends nothing:
BROKEN = {"role.add_role", "role.update_role", "role.add_role_group"}
# It looks for a field which neither the documents nor the official SDKs have:
MISREADS = {
    "attendance.getleaveapproveduration": "duration_in_minutes",  # it is in result.result
}


# A code is good once, so each of these gets a new one, of its kind.
CODES = {
    "/user/getuserinfo": "login",
    "dingtalk.oapi.user.getuserinfo": "login",
    "dingtalk.oapi.v2.user.getuserinfo": "login",
    "/message/sendByCode": "operate",
    "dingtalk.corp.message.corpconversation.asyncsendbycode": "operate",
    "dingtalk.oapi.message.corpconversation.asyncsendbycode": "operate",
}


class Listening(requests.Session):
    """A session that remembers the last answer, so that its headers can be looked at."""

    last: requests.Response | None = None

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        self.last = None
        self.last = super().request(*args, **kwargs)
        return self.last


class PointedClient(AppKeyClient):  # type: ignore[misc]
    """What a user of the SDK writes to reach another address: TOP calls too go to ``API_BASE_URL``."""

    def _handle_pre_top_request(self, params: dict[str, Any], uri: str) -> tuple[Any, str]:
        return super()._handle_pre_top_request(params, urljoin(self.API_BASE_URL, uri))  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Outcome:
    """What came of a call; ``fault`` says what a client could not live with."""

    method: Method
    kind: str
    code: int | str = 0
    fault: str = ""

    def __str__(self) -> str:
        return f"{self.method.title} ({self.method.api}): {self.fault or self.kind} {self.code}"


def client_of(
    running: Platform, receiver: Receiver | None = None
) -> tuple[PointedClient, dict[str, Any]]:
    """Make a corp with people and an own app; return its client and what is known of the corp."""
    corp_id = a_corp(running.admin)
    app = running.admin.get(f"/corps/{corp_id}/apps?secrets=1")["items"][0]
    kind = type("Client", (PointedClient,), {"API_BASE_URL": running.url + "/"})
    kind._http = Listening()
    keys = (app["app_key"], app["secret"], PLAIN["token"], PLAIN["aes_key"])
    client = kind(corp_id, *keys, storage=DictStorage(), timeout=30)
    running.admin.call("PUT", f"/corps/{corp_id}/members/zhang/admin", {"level": "main"})
    if receiver is not None:
        receiver.crypto = client.crypto
    dept = next(d["id"] for d in client.department.list() if d["name"] == "研发部")
    client.user.create(
        {"userid": "spare", "name": "测试员戊", "department": [dept], "mobile": "13000000004"}
    )
    group = client.post("/role/add_role_group", {"name": "职务"})["groupId"]
    role = client.post("/role/add_role", {"roleName": "组长", "groupId": group})["roleId"]
    named = {"userid": "zhang", "template_name": "日报"}
    form = client.post("/topapi/report/template/getbyname", named)["result"]
    report = {
        "template_id": form["id"],
        "userid": "zhang",
        "dd_from": "sdk",
        "to_chat": False,
        "to_userids": ["li"],
        "contents": [
            {"key": each["field_name"], "sort": each["sort"], "type": each["type"], "content": "无"}
            for each in form["fields"]
        ],
    }
    agent = app["agent_id"]
    known = {
        **dict.fromkeys(("_id", "dept_id", "department_id"), dept),
        **dict.fromkeys(("agent_id", "agentid", "app_id"), agent),
        "cid": running.admin.post(f"/corps/{corp_id}/conversations", userids=["zhang", "li"])[
            "cid"
        ],
        "spare_dept": client.department.create({"name": "空部门", "parentid": "1"}),
        "new_code": lambda kind: a_code(running.admin, corp_id, app["app_key"], kind=kind),
        "report_id": client.post("/topapi/report/create", {"create_report_param": report})[
            "result"
        ],
        "receiver": receiver.url if receiver else "http://127.0.0.1:9/",
        "unionid": client.user.get("zhang")["unionid"],
        "group_id": group,
        "role_id": role,
        "rolelid_list": [role],
    }
    return client, known


def a_code(admin: Admin, corp_id: str, app: str, **more: str) -> str:
    """A one-time code of a member, by default one of requestAuthCode for zhang."""
    path = f"/corps/{corp_id}/members/{more.pop('userid', 'zhang')}/signin-codes"
    return str(admin.post(path, app=app, **more)["code"])


def call_all(running: Platform, *, whole: bool = False) -> list[Outcome]:
    """Call every method once; ``whole``: with a value for every optional parameter too."""
    receiver = Receiver()
    client, known = client_of(running, receiver)
    try:
        return [call(client, method, known, whole=whole) for method in methods()]
    finally:
        receiver.close()
        client._http.close()


def call(client: Any, method: Method, known: dict[str, Any], *, whole: bool = False) -> Outcome:
    values = arguments(method, known, whole=whole)
    if method.api in CODES:
        values["code"] = known["new_code"](CODES[method.api])
    heard: Listening = client._http
    heard.last = None
    try:
        answer = getattr(getattr(client, method.group), method.name)(**values)
    except DingTalkClientException as refused:
        return _refused(method, refused, heard.last)
    except Exception as error:  # noqa: BLE001 - whatever a client may die of is counted
        if heard.last is None and not isinstance(error, requests.RequestException):
            return Outcome(method, UNSENT, fault="" if method.title in BROKEN else repr(error))
        if isinstance(error, KeyError) and MISREADS.get(method.title) == error.args[0]:
            return Outcome(method, MISREAD)
        return Outcome(method, "broken", fault=f"{error!r} of {_body(heard.last)}")
    if heard.last is None:
        return Outcome(method, UNSENT)
    learn(method, answer, known)
    synthetic = "x-sanfang-synthetic" in heard.last.headers
    return Outcome(method, SYNTHETIC if synthetic else OK)


def _refused(
    method: Method, refused: DingTalkClientException, answer: requests.Response | None
) -> Outcome:
    if answer is None or answer.status_code != 200 or refused.errcode is None:
        return Outcome(method, "broken", fault=_body(answer))
    error = answer.json().get("error_response", {})
    code: int | str = error.get("sub_code") or refused.errcode
    fault = "" if _documented(code) else f"refused without a documented code: {_body(answer)}"
    return Outcome(method, REFUSED, code, fault)


def _documented(code: int | str) -> bool:
    if str(code).startswith("isv."):
        return True
    number = int(code)
    return number > 0 and (number in error_codes() or errors.lookup(number) is not None)


def _body(answer: requests.Response | None) -> str:
    return "no answer" if answer is None else f"{answer.status_code} {answer.text[:300]}"
