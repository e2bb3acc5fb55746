"""The child processes of the demo, heard through lines of JSON."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Event = dict[str, Any]
PATIENCE = 20.0  # seconds a step may wait for what it expects


class ChildGone(Exception):  # noqa: N818 - says what is the case
    """A child process ended; carries the end of its log."""


class Waited(Exception):  # noqa: N818
    """What was expected did not come in time."""


class Child:
    """A process that prints JSON lines and ends when its stdin closes, thus also with us.

    Its own session: Ctrl-C reaches us alone, and we end it in order.
    """

    def __init__(self, name: str, command: list[str], log: Path) -> None:
        self.name = name
        self._log = log
        with log.open("ab") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=_surroundings(),
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._seen: list[Event] = []
        self._reader = threading.Thread(target=self._read, name=name, daemon=True)
        self._reader.start()

    def tell(self, **message: Any) -> None:
        """Write a line of JSON to its stdin."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        except OSError:
            raise self._gone() from None

    def expect(self, what: Callable[[Event], bool], said: str) -> Event:
        """Take the first event that fits, also one that came already; the others stay.

        :raises Waited: none came in time. :raises ChildGone: the process ended.
        """
        deadline = time.monotonic() + PATIENCE
        looked = 0
        while True:
            for event in self._seen[looked:]:
                if what(event):
                    self._seen.remove(event)
                    return event
            looked = len(self._seen)
            try:
                event_or_end = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise Waited(f"{PATIENCE:.0f} s: {said}\n{self.log_end()}") from None
            if event_or_end is None:
                self._events.put(None)
                raise self._gone()
            self._seen.append(event_or_end)

    def log_end(self) -> str:
        return self._log.read_text("utf-8", "replace")[-2000:].strip()

    def ask_to_stop(self) -> None:
        """Close its stdin."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it may have gone already
            self._process.stdin.close()

    def stop(self) -> None:
        """Ask it to stop, wait; kill it if that does not help."""
        self.ask_to_stop()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _gone(self) -> ChildGone:
        code = self._process.wait()
        return ChildGone(f"{self.name} ended with code {code}\n{self.log_end()}")

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict):
                self._events.put(event)
        self._events.put(None)


def _surroundings() -> dict[str, str]:
    """Return the environment without our own variables: the demo is the same everywhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SANFANG_")}
    return kept | {"PYTHONUTF8": "1"}


def poll(look: Callable[[], Any], said: str) -> Any:
    """Ask again until the answer is true; return it. :raises Waited: it never was."""
    deadline = time.monotonic() + PATIENCE
    while True:
        if answer := look():
            return answer
        if time.monotonic() > deadline:
            raise Waited(f"{PATIENCE:.0f} s: {said}")
        time.sleep(0.02)
