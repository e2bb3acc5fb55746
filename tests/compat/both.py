"""The same call by the unmodified `dingtalk-sdk` and by our layer: what each sent and returned."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urljoin

import dingtalk
from dingtalk.client.isv import ISVClient as TheirIsv
from dingtalk.core.exceptions import DingTalkClientException as Theirs

from sanfang.catalog import example
from sanfang.compat import dingtalk_sdk as ours
from sanfang.compat.dingtalk_sdk.core.exceptions import DingTalkException as Ours

from ..strangers.sdk_methods import Method
from .recorder import Arrived, Recorder

KNOWN: dict[str, Any] = {
    **dict.fromkeys(("_id", "dept_id", "department_id"), 2),
    **dict.fromkeys(("agent_id", "agentid", "app_id"), 3),
    "spare_dept": 4,
    "receiver": "http://isv.example/",
    "cid": "cid",
    "unionid": "u",
    "group_id": 5,
    "role_id": 6,
    "rolelid_list": [6, 7],
    "task_id": 8,
}

_TAKEN = re.compile(r"""result_processor=lambda x:\s*x\[["'](\w+)["']\]""")


class Sent(NamedTuple):
    """A request without what differs every time: the token, the gateway's clock, the boundary."""

    method: str
    path: str
    query: dict[str, Any]
    body: Any


class Came(NamedTuple):
    """What came of a call: the requests it made, and what it returned or raised."""

    sent: list[Sent]
    returned: Any
    raised: str


def answer_for(method: Method) -> dict[str, Any]:
    """Make an answer from the catalogue, with the field that the SDK's source looks for."""
    made = example(method.endpoint) if method.endpoint else {}
    answer = {"errcode": 0, "errmsg": "ok", **(made if isinstance(made, dict) else {})}
    answer.pop("sub_code", None)
    source = method._source
    if method.api.startswith("/"):
        if field := _TAKEN.search(source):
            answer.setdefault(field[1], {"some": [1, "二"]})
        return answer
    inside = answer.get("result", answer)
    if not isinstance(inside, dict):
        inside = {"list": inside}
    inside = {**inside, "success": True, "errcode": 0, "is_success": True}
    if field := _TAKEN.search(source):
        inside.setdefault(field[1], {"some": [1, "二"]})
    return {method.api.replace(".", "_") + "_response": {"result": inside, "request_id": "r"}}


class TheirClient(dingtalk.AppKeyClient):  # type: ignore[misc]
    """TOP calls too go to ``API_BASE_URL``."""

    def _handle_pre_top_request(self, params: dict[str, Any], uri: str) -> Any:
        return super()._handle_pre_top_request(params, urljoin(self.API_BASE_URL, uri))


def clients(recorder: Recorder) -> tuple[Any, Any]:
    """Return their client and ours, of one app."""
    keys = ("dingcorp", "dingapp", "app-secret")
    theirs = type("Their", (TheirClient,), {"API_BASE_URL": recorder.url + "/"})(*keys, timeout=20)
    made = type("Our", (ours.AppKeyClient,), {"API_BASE_URL": recorder.url + "/"})
    return theirs, made(*keys, timeout=20)


def isv_clients(recorder: Recorder) -> tuple[Any, Any]:
    """Return their suite and ours, both with a ticket and a permanent code."""
    from ..journeys.test_stranger import DictStorage

    keys = ("suitekey", "suite-secret")
    theirs = type("Their", (TheirIsv,), {"API_BASE_URL": recorder.url + "/"})
    made = type("Our", (ours.ISVClient,), {"API_BASE_URL": recorder.url + "/"})
    both = theirs(*keys, storage=DictStorage(), timeout=20), made(*keys, timeout=20)
    for client in both:
        client.set_suite_ticket("ticket")
        client.cache.permanent_code.set("dingcorp", "permanent")
        client.cache.ch_permanent_code.set("dingcorp", "ch-permanent")
    return both


def call(recorder: Recorder, client: Any, title: str, values: Mapping[str, Any]) -> Came:
    """Call a method and return what came of it; the token was fetched before."""
    recorder.take()
    returned: Any = None
    raised = ""
    try:
        found = client
        for name in title.split("."):
            found = getattr(found, name)
        returned = found(**values)
    except (Theirs, Ours) as refused:
        raised = f"{refused.errcode}: {refused.errmsg}"
    except Exception as error:  # noqa: BLE001 - both are compared by what they die of
        raised = f"{type(error).__name__}: {error}"
    if not isinstance(returned, dict) and hasattr(returned, "status_code"):
        returned = (returned.status_code, returned.content)
    return Came([normal(each) for each in recorder.take()], plain(returned), raised)


def normal(arrived: Arrived) -> Sent:
    query = {
        name: _read(value)
        for name, value in arrived.query
        if name not in ("access_token", "session", "suite_access_token", "timestamp")
    }
    return Sent(arrived.method, arrived.path, query, _body(arrived))


def _read(value: str) -> Any:
    """Read JSON inside of a query value, and requests' spelling of booleans."""
    if value in ("True", "False"):
        return value.lower()
    if value[:1] in ("[", "{"):
        try:
            return _deep(json.loads(value))
        except ValueError:
            return value
    return value


def _deep(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _deep(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_deep(each) for each in value]
    return _read(value) if isinstance(value, str) and value[:1] in ("[", "{") else value


def _body(arrived: Arrived) -> Any:
    kind = arrived.header("content-type")
    if kind.startswith("multipart/"):
        boundary = kind.partition("boundary=")[2].encode()
        return arrived.body.replace(boundary, b"boundary")
    return arrived.json


def plain(value: Any) -> Any:
    """Return nested dicts as plain ones, so that they compare by what they hold."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, (list, tuple)) else value
