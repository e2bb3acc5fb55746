"""Calls to a running platform: find it, call an operation of the table, read the answer.

Plain ``http.client``: one short call per command needs no pool. It is imported when a call is made,
so that help comes at once.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from sanfang.platform.manage.operations import BY_NAME, arrange

if TYPE_CHECKING:
    from http.client import HTTPConnection

TIMEOUT = 60.0  # seconds; `suite create` waits for the ISV's answer meanwhile
ANSWER_LIMIT = 64 << 20  # bytes


class Unreachable(Exception):  # noqa: N818 - says what is the case
    """No platform was found, or what answered is none."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


class Refused(Exception):  # noqa: N818
    """The platform refused; ``problem`` is its explanation (code, errmsg, zh, en, faq, facts)."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{problem.get('code')}: {problem.get('en')}")
        self.status, self.problem = status, problem


class Platform:
    """A running platform's management API."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        self._token = token

    @classmethod
    def find(cls, url: str | None, token: str | None, data: Path) -> Platform:
        """Take what was given; what was not, from ``server.json`` of the data folder."""
        known: dict[str, str] = {}
        if not (url and token):
            known = _server_file(data)
        if url and known and url.rstrip("/") != known.get("url", "").rstrip("/"):
            known = {}  # the token of one platform is not shown to another
        url = url or known.get("url")
        if not url:
            raise Unreachable(
                f"没有找到正在运行的平台 ({data / 'server.json'} 不存在)。请先运行 sanfang serve, "
                "或用 --url 和 --admin-token 指明。",
                f"No running platform found (there is no {data / 'server.json'}). Run sanfang serve"
                " first, or give --url and --admin-token.",
            )
        return cls(url, token or known.get("token", ""))

    def call(self, operation: str, **values: Any) -> Any:
        """Call an operation by its name; return its answer.

        :raises Refused: the platform refused. :raises Unreachable: nobody, or no platform, answered.
        """
        described = BY_NAME[operation]
        path, rest = arrange(described, values)
        body = None
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        if described.has_body:
            body = json.dumps(rest, ensure_ascii=False).encode()
            headers["Content-Type"] = "application/json"
        elif rest:
            path += "?" + urlencode({name: _query(value) for name, value in rest.items()})
        return self._send(described.method, path, body, headers)

    def workbench(self, corp_id: str, userid: str) -> str:
        """Return the address at which a member is in the workbench: where the platform sends one.

        In a sandbox it names the member. Elsewhere it holds a one-time link, good for five minutes.

        :raises Refused: there is no such member. :raises Unreachable: there is no workbench.
        """
        from http.client import HTTPException

        self.call("member.show", corp_id=corp_id, userid=userid)
        asked = urlencode({"as": f"{corp_id}/{userid}"}, safe="/")
        try:
            connection, base = _connect(self.url)
            try:
                connection.request("GET", f"{base}/sanfang/workbench?{asked}")
                response = connection.getresponse()
                response.read(ANSWER_LIMIT)
                location = response.getheader("Location", "")
            finally:
                connection.close()
        except (OSError, HTTPException, ValueError) as error:
            raise _cannot_reach(self.url, error) from None
        if not location:
            raise Unreachable(
                f"平台 {self.url} 没有工作台：返回 HTTP {response.status}。",
                f"The platform at {self.url} has no workbench: it answered HTTP {response.status}.",
            )
        if "?as=" in location:
            return location
        made = self.call("workbench.link", corp_id=corp_id, userid=userid)
        return location + "#" + str(made["path"]).partition("#")[2]

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Any:
        from http.client import HTTPException

        try:
            connection, base = _connect(self.url)
            try:
                connection.request(method, base + path, body, headers)
                response = connection.getresponse()
                raw, status = response.read(ANSWER_LIMIT), response.status
            finally:
                connection.close()
        except (OSError, HTTPException, ValueError) as error:
            raise _cannot_reach(self.url, error) from None
        return _read(self.url, status, raw)


def _cannot_reach(url: str, error: Exception) -> Unreachable:
    return Unreachable(
        f"连不上平台 {url}: {error}。它在运行吗？",
        f"Cannot reach the platform at {url}: {error}. Is it running?",
    )


def _read(url: str, status: int, raw: bytes) -> Any:
    try:
        answer = json.loads(raw)
    except ValueError:
        answer = raw
    if status == 200 and not isinstance(answer, bytes):
        return answer
    if isinstance(answer, dict) and {"code", "zh", "en"} <= answer.keys():
        raise Refused(status, answer)
    raise Unreachable(
        f"{url} 不是三方平台：返回 HTTP {status}, {raw[:80]!r}。",
        f"{url} is no sanfang platform: it answered HTTP {status}, {raw[:80]!r}.",
    )


def _connect(url: str) -> tuple[HTTPConnection, str]:
    from http.client import HTTPConnection, HTTPSConnection

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the address has to look like http://127.0.0.1:8080")
    made = HTTPConnection if parts.scheme == "http" else HTTPSConnection
    return made(parts.hostname, parts.port, timeout=TIMEOUT), parts.path.rstrip("/")


def _server_file(data: Path) -> dict[str, str]:
    try:
        known = json.loads((data / "server.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {name: value for name, value in known.items() if isinstance(value, str)}


def _query(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
