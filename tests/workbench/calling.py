"""A page's calls, sent the way the workbench's page sends them, without any browser."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from sanfang.platform.console.workbench import methods
from sanfang.platform.domain import frames

from .site import Site


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


PNG = b"".join(  # one blue pixel
    (
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)),
        _chunk(b"IDAT", zlib.compress(b"\0\0\0\xff")),
        _chunk(b"IEND", b""),
    )
)


@dataclass
class PageOf:
    """A page of the site's app, open at a member's desk with everything granted."""

    site: Site
    userid: str = "zhang"
    flavour: str = "android"
    granted: tuple[str, ...] | None = None
    device: dict[str, Any] = field(default_factory=dict)
    desk: str = ""
    frame: str = ""
    page: int = 0
    url: str = ""

    def __post_init__(self) -> None:
        self.desk = self.site.sign_in(self.userid)
        opened = self.ask("/api/frames", agent_id=self.site.agent_id, flavour=self.flavour)
        self.frame, self.url = opened["frame"], opened["src"]
        self.page = self.ask(f"/api/frames/{self.frame}/page", url=self.url)["page"]
        names = methods.names() if self.granted is None else self.granted
        self.site.run(self._grant(names))

    async def _grant(self, names: Any) -> None:
        held = await frames.get_frame(self.site.core, self.desk, self.frame)
        await frames.set_granted(self.site.core, held, names)

    def ask(self, path: str, **body: Any) -> Any:
        """Post to the workbench's API; its answer."""
        answer = self.site.api("POST", path, body, desk=self.desk)
        assert answer.status == 200, answer.text
        return answer.json

    def _call(self, way: str, method: str, params: Any, **more: Any) -> Any:
        call = {"page": self.page, "method": method, "params": params, "url": self.url}
        return self.ask(f"/api/frames/{self.frame}/{way}", **call, device=self.device, **more)

    def invoke(self, method: str, **params: Any) -> Any:
        """A call; what goes back over the bridge."""
        return self._call("invoke", method, params)

    def offered(self, method: str, **params: Any) -> dict[str, Any]:
        """What the browser's ability is given."""
        answer = self.invoke(method, **params)
        assert answer["ok"], answer
        assert answer["ask"]["ability"] == method
        found: dict[str, Any] = answer["ask"]["params"]
        return found

    def result(self, method: str, **params: Any) -> Any:
        """The result of a call that the server answers."""
        answer = self.invoke(method, **params)
        assert answer["ok"], answer
        assert "ask" not in answer
        return answer["result"]

    def finished(self, method: str, answer: Any, **params: Any) -> Any:
        """The result after a person answered."""
        done = self._call("finish", method, params, answer=answer)
        assert done["ok"], done
        return done["result"]

    def refused(self, method: str, answer: Any = None, **params: Any) -> tuple[str, str]:
        """Code and text of a call that fails; with ``answer``, of finishing it."""
        way, more = ("invoke", {}) if answer is None else ("finish", {"answer": answer})
        done = self._call(way, method, params, **more)
        assert not done["ok"], done
        return done["error"]["errorCode"], done["error"]["errorMessage"]

    def upload(self, content: bytes, name: str = "a.png", kind: str = "image") -> dict[str, Any]:
        """Add a file as the browser's abilities do."""
        answer = self.site.send(
            self.site.workbench_url,
            f"/api/media?frame={self.frame}&name={quote(name)}&kind={kind}",
            "POST",
            content,
            {
                "X-Sanfang-Desk": "1",
                "Origin": self.site.workbench_url,
                "Cookie": f"sanfang_desk={self.desk}",
                "Content-Type": "application/octet-stream",
            },
        )
        assert answer.status == 200, answer.text
        found: dict[str, Any] = answer.json
        return found
