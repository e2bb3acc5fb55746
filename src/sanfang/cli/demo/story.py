"""The three parties of the demo, and ways to look at what each of them saw."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from sanfang.protocol.crypto import CallbackCipher, CallbackError, parse_push, parse_reply

from ..remote import Platform
from ..suite import new_keys
from .children import Child, poll


class Unexpected(Exception):  # noqa: N818 - says what is the case
    """Something else came than the step expected."""


def check(fact: object, came: object) -> None:
    if not fact:
        raise Unexpected(str(came))


class Story:
    """The three parties, and what they know of each other so far."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.keys = new_keys()
        data = str(folder / "platform")
        serve = ["-m", "sanfang.cli", "serve", "--json", "--exit-with-stdin"]
        serve += ["--port", str(port), "--data", data]
        self.platform_child = Child("platform", serve, folder / "platform.log")
        self.isv_child = Child("ISV", ["-m", "sanfang.cli.demo.isv"], folder / "isv.log")
        self.platform: Platform
        self.urls: dict[str, str] = {}
        self.suite: dict[str, Any] = {}
        self.corp_id = ""
        self.people: dict[str, str] = {}  # name: userid

    def close(self) -> None:
        self.platform_child.ask_to_stop()
        self.isv_child.stop()
        self.platform_child.stop()

    def addresses(self) -> dict[str, str]:
        """Return where to look, by name."""
        data = self.folder / "platform"
        return {
            "platform": self.urls["platform"],
            "management_api": f"{self.urls['platform']}/sanfang/api/openapi.json",
            "admin_token_file": str(data / "admin.token"),
            "isv": self.urls["isv"],
            "pushes": f"sanfang push list --data {data}",
            "workbench": self.urls["workbench"],
        }

    # What several steps need.

    def heard(self, event: str, **facts: Any) -> dict[str, Any]:
        """Wait until the ISV tells of an event."""
        return self.isv_child.expect(
            lambda told: (
                told.get("event") == event
                and all(told.get(name) == value for name, value in facts.items())
            ),
            f"ISV: {event} {facts or ''}".strip(),
        )

    def on_wire(self, event_type: str, key_id: str) -> tuple[dict[str, Any], str, str, str]:
        """Return a callback as it was on the wire: plain, push, reply, plain reply."""
        cipher = CallbackCipher(self.keys["token"], self.keys["aes_key"], key_id)
        found: list[tuple[dict[str, Any], str, str, str]] = []

        def fits(told: dict[str, Any]) -> bool:
            if told.get("event") != "wire":
                return False
            try:
                plain = json.loads(_open(cipher, parse_push(told["query"], told["body"].encode())))
            except CallbackError:  # for another key
                return False
            if plain["EventType"] != event_type:
                return False
            answered = _open(cipher, parse_reply(told["reply"].encode()).sealed)
            found.append((plain, told["body"], told["reply"], answered))
            return True

        self.isv_child.expect(fits, f"ISV: {event_type} on the wire")
        return found[0]

    def delivered(self, push_id: int) -> dict[str, Any]:
        """Wait until a push has been delivered."""

        def look() -> Any:
            shown = self.platform.call("push.show", push_id=push_id)
            return shown if shown["push"]["state"] == "delivered" else None

        return dict(poll(look, f"push {push_id} delivered"))

    def active(self, generation: int) -> dict[str, Any]:
        """Wait until the authorisation is active and its agent open (close 1)."""
        key = self.suite["suite_key"]

        def look() -> Any:
            shown = self.platform.call("authorisation.show", suite_key=key, corp_id=self.corp_id)
            state = shown["authorisation"]["state"], shown["authorisation"]["generation"]
            return shown if state == ("active", generation) else None

        shown = dict(poll(look, f"authorisation active, generation {generation}"))
        closes = [agent["close"] for agent in shown["agents"]]
        check(closes == [1], f"close: {closes}")
        return shown

    def open_api(self, method: str, path: str, body: Any = None, **query: str) -> dict[str, Any]:
        """Call the open API with nothing but HTTP, as any program could."""
        parts = urlsplit(self.urls["platform"])
        assert parts.hostname is not None
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
        try:
            sent = None if body is None else json.dumps(body).encode()
            headers = {"Content-Type": "application/json"} if sent else {}
            connection.request(method, f"{path}?{urlencode(query)}", sent, headers)
            answer = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unexpected(f"{path}: {error!r}") from None
        finally:
            connection.close()
        assert isinstance(answer, dict)
        return answer


def _open(cipher: CallbackCipher, sealed: Any) -> str:
    return cipher.open(sealed.encrypt, sealed.signature, sealed.timestamp, sealed.nonce).decode()
