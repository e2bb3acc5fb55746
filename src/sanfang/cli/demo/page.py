"""A page of the sample app without a browser: the same requests, the same headers, its cookie."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from .story import Unexpected

LOOPBACK = "127.0.0.1"


class Page:
    """An address that was opened. ``corp_id`` goes into it as $CORPID$ would."""

    def __init__(self, origin: str, corp_id: str = "") -> None:
        self.origin = origin.rstrip("/")
        self.url = f"{self.origin}/board/?corpid={corp_id}" if corp_id else origin
        self._cookie = ""

    def get(self) -> int:
        """Open the page; return its status."""
        parts = urlsplit(self.url)
        path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        return self._send("GET", path, None, {})[0]

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """Send JSON as a script of the page does. Raises `Unexpected`."""
        headers = {"Content-Type": "application/json", "Origin": self.origin}
        status, raw = self._send("POST", path, json.dumps(body).encode(), headers)
        try:
            answer = json.loads(raw)
        except ValueError:
            answer = None
        if status != 200 or not isinstance(answer, dict):
            raise Unexpected(f"{path}: HTTP {status} {raw[:200]!r}")
        return answer

    def _send(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        parts = urlsplit(self.origin)
        # Browsers know that *.localhost is this machine; not every resolver does.
        host = parts.hostname or ""
        at = LOOPBACK if host.endswith(".localhost") else host
        connection = http.client.HTTPConnection(at, parts.port, timeout=10)
        sent = {"Host": parts.netloc, **headers} | (
            {"Cookie": self._cookie} if self._cookie else {}
        )
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            raw = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unexpected(f"{self.origin}{path}: {error!r}") from None
        finally:
            connection.close()
        if kept := response.getheader("Set-Cookie"):
            self._cookie = kept.partition(";")[0]
        return response.status, raw
