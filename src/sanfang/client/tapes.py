"""The format of a tape: how an exchange is written down, masked, read back and compared.

See `recorder` for what it is good for.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from . import errors
from .errors import SanfangError
from .wire import Request, Response

IGNORED = ("timestamp", "signature", "nonce", "noncestr", "nonceStr", "timeStamp")
"""The fields that a replay does not compare unless told otherwise."""

_SECRET_NAME = re.compile(
    r"(?:.*token|.*secret|.*ticket|permanent_?code|persistent_?code|tmp_?auth_?code|auth_?code"
    r"|aes_?key|.*password|authorization|cookie|set-cookie|ch_permanent_code)",
    re.IGNORECASE,
)
_KEPT_REQUEST = ("content-type", "x-acs-dingtalk-access-token")
_KEPT_RESPONSE = ("content-type", "content-disposition", "location", "retry-after")
_MASKED = "masked-"


class ReplayMismatch(AssertionError):  # noqa: N818
    """A call does not fit the tape: the message says what differed, ``differences`` lists it."""

    def __init__(self, text: str, differences: list[str]) -> None:
        self.differences = differences
        super().__init__("\n  ".join([text, *differences]))


class Masks:
    """Give each secret a name, and always the same one."""

    def __init__(self, numbered: bool) -> None:
        self._numbered = numbered
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def name(self, field: str, value: str) -> str:
        """Return the name of a secret; what is a name already stays."""
        if value.startswith(_MASKED) or not value:
            return value
        known = self._names.get(value)
        if known is None:
            field = field.lower()
            count = self._counts[field] = self._counts.get(field, 0) + 1
            number = str(count) if self._numbered else "*"
            known = self._names[value] = f"{_MASKED}{field}-{number}"
        return known

    def text(self, text: str) -> str:
        """Put the names of known secrets into a text."""
        for value, name in self._names.items():
            if len(value) >= 6:
                text = text.replace(value, name)
        return text

    def value(self, value: Any, field: str = "") -> Any:
        """Mask a JSON value: by the names of its fields, and by the secrets that are known."""
        if isinstance(value, dict):
            return {key: self.value(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, field) for item in value]
        if not isinstance(value, str):
            return value
        if value in self._names:
            return self._names[value]
        if _SECRET_NAME.fullmatch(field):
            return self.name(field, value)
        return self.text(value)


def request_of(request: Request, masks: Masks, ignored: Iterable[str] = ()) -> dict[str, Any]:
    parts = urlsplit(request.url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    headers = {name.lower(): value for name, value in request.headers.items()}
    _learn(masks, request, [*pairs, *headers.items()])
    body = _body_of(request.body, masks)
    query: dict[str, Any] = {}
    for name, value in pairs:
        masked = masks.value(value, name)
        query[name] = masked if name not in query else [*_list(query[name]), masked]
    made: dict[str, Any] = {
        "method": request.method,
        "host": f"{parts.scheme}://{parts.netloc}",
        "path": masks.text(unquote(parts.path)),
        "query": query,
        "headers": {
            name: masks.value(headers[name], name) for name in _KEPT_REQUEST if name in headers
        },
        **body,
    }
    if ignored:
        made["query"] = without(query, ignored)
        if "json" in made:
            made["json"] = without(made["json"], ignored)
    return made


def _learn(masks: Masks, request: Request, pairs: list[tuple[str, str]]) -> None:
    """Name the secrets of a request after the fields they are in, before anything is written."""
    secrets = {secret for secret in request.secrets if secret}
    if isinstance(request.body, bytes) and request.body[:1] in (b"{", b"["):
        with contextlib.suppress(ValueError, RecursionError):
            pairs = [*pairs, *_fields(json.loads(request.body))]
    for name, value in pairs:
        if value in secrets:
            masks.name(name, value)
    for secret in request.secrets:
        masks.name("secret", secret)


def _fields(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _fields(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from _fields(item, name)
    elif isinstance(value, str):
        yield name, value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def without(value: Any, ignored: Iterable[str]) -> Any:
    if isinstance(value, dict):
        return {key: without(item, ignored) for key, item in value.items() if key not in ignored}
    if isinstance(value, list):
        return [without(item, ignored) for item in value]
    return value


def _body_of(body: Any, masks: Masks) -> dict[str, Any]:
    """Write a body down as JSON if it is any, else as text, else as base64; an upload by its size."""
    if body is None or body == b"":
        return {}
    if not isinstance(body, bytes):
        return {"upload": {"size": body.size}}
    try:
        return {"json": masks.value(json.loads(body))}
    except (ValueError, RecursionError):
        pass
    try:
        return {"text": masks.text(body.decode())}
    except UnicodeError:
        return {"base64": base64.b64encode(body).decode()}


def bytes_of(made: Mapping[str, Any]) -> bytes:
    if "json" in made:
        return json.dumps(made["json"], ensure_ascii=False).encode()
    if "base64" in made:
        return base64.b64decode(made["base64"])
    return str(made.get("text", "")).encode()


def response_of(response: Response, body: bytes, masks: Masks) -> dict[str, Any]:
    """Write an answer down."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    return {
        "status": response.status,
        "headers": {name: masks.text(headers[name]) for name in _KEPT_RESPONSE if name in headers},
        **_body_of(body, masks),
    }


def error_of(problem: SanfangError) -> dict[str, Any]:
    """Write a failure down."""
    plain = (str, int, float, bool, type(None))
    state = {name: value for name, value in vars(problem).items() if isinstance(value, plain)}
    return {"type": type(problem).__name__, "text": str(problem), "state": state}


def line_of(text: str, number: int, path: Path) -> dict[str, Any]:
    try:
        line = json.loads(text)
        asked = line["request"]
        known = {"method", "path"} <= asked.keys() and (
            "error" in line or "status" in line["response"]
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        known = False
    if not known:
        raise ReplayMismatch(f"{path.name} 第 {number} 行不是录音 / this line is no recording", [])
    found: dict[str, Any] = line
    return found


def failure_of(said: Mapping[str, Any]) -> SanfangError:
    kind = getattr(errors, str(said["type"]), SanfangError)
    error: SanfangError = kind.__new__(kind)
    error.args = (said["text"],)
    error.__dict__.update(said.get("state", {}))
    return error


def differences_of(recorded: Any, asked: Any, where: str = "") -> list[str]:
    """List what differs; the host is not compared, and a masked field fits any secret."""
    if isinstance(recorded, dict) and isinstance(asked, dict):
        found = []
        for key in sorted({*recorded, *asked} - ({"host"} if not where else set())):
            way = f"{where}.{key}" if where else key
            empty: Any = {} if not where else None
            found += differences_of(recorded.get(key, empty), asked.get(key, empty), way)
        return found
    if isinstance(recorded, list) and isinstance(asked, list) and len(recorded) == len(asked):
        return [
            line
            for number, (one, two) in enumerate(zip(recorded, asked, strict=True))
            for line in differences_of(one, two, f"{where}[{number}]")
        ]
    if recorded == asked or (isinstance(asked, str) and _fits(str(recorded), asked)):
        return []
    return [f"{where}: 录音 recorded {_shown(recorded)}，实际 now {_shown(asked)}"]


def _fits(recorded: str, asked: str) -> bool:
    return (
        asked.startswith(_MASKED)
        and asked.endswith("-*")
        and recorded.rpartition("-")[0] == asked.rpartition("-")[0]
    )


def _shown(value: Any) -> str:
    if value in (None, {}):
        return "（无 none）"
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= 200:
        return text
    return f"{text[:160]}… ({len(text)}, sha256 {hashlib.sha256(text.encode()).hexdigest()[:8]})"
