"""What methods return: unwrapped as `dingtalk-sdk` unwraps it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from urllib3 import HTTPHeaderDict

from sanfang.client import Response

from .core.exceptions import DingTalkClientException
from .core.utils import json_loads, objects


class Asked(NamedTuple):
    """A request that was refused; the token in its address is hidden."""

    method: str
    url: str


class Answer:
    """An answer that is no JSON, with the attributes that programs use of a ``requests.Response``."""

    def __init__(self, response: Response) -> None:
        self.status_code = response.status
        self.headers = HTTPHeaderDict(response.headers)  # found whatever their case
        self.content = response.body if isinstance(response.body, bytes) else b""

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status_code < 400

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The content as JSON."""
        return json.loads(self.content)

    def iter_content(self, chunk_size: int = 1) -> Any:
        """Yield the content in pieces."""
        for start in range(0, len(self.content), chunk_size):
            yield self.content[start : start + chunk_size]

    def __repr__(self) -> str:
        return f"<Answer {self.status_code} {len(self.content)} bytes>"


def unwrap(answer: dict[str, Any], method: str) -> Any:
    """Return what is inside an answer of the gateway; raise for a failure told inside of it.

    ``{"x_response": {"result": …}}`` is unwrapped twice; a result that is JSON text is read. Old
    APIs tell failures as ``success: false`` with ``ding_open_errcode``.
    """
    inside = answer.get(method.replace(".", "_") + "_response", answer)
    if isinstance(inside, dict) and "result" in inside:
        inside = inside["result"]
        if isinstance(inside, str):
            with contextlib.suppress(ValueError):
                inside = json_loads(inside)
    if isinstance(inside, dict):
        if not (inside.get("success", True) and inside.get("is_success", True)):
            code, text = inside.get("ding_open_errcode", -1), inside.get("error_msg", "")
            raise DingTalkClientException(code, text)
        code = number(inside.get("errcode", 0))
        if code:
            raise DingTalkClientException(code, inside.get("errmsg", code))
        if "errcode" in inside:
            inside = {**inside, "errcode": code}
    return objects(inside)


def taken(answer: Any, what: str, given: Mapping[str, Any]) -> Any:
    """Return the part of an answer that a method returns; without one, the whole.

    Raises `KeyError` when the platform left the field out.
    """
    if not what or what == "@raw" or not isinstance(answer, dict):
        return answer
    if what == "@dentry":
        dentry = answer["dentry"]
        return json_loads(dentry) if isinstance(dentry, str) else dentry
    if what == "@upload":
        return answer["upload_id" if given["upload_id"] is None else "media_id"]
    names = what.removesuffix("?").split(",")
    for name in names:
        found: Any = answer
        for part in name.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        if found is not None:
            return found
    return answer if what.endswith("?") else answer[names[0]]


def number(code: Any) -> Any:
    """Return a code as a number, if it is one."""
    try:
        return int(code)
    except (TypeError, ValueError):
        return code
