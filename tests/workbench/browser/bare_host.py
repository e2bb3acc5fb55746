"""The smallest workbench there can be: frames an app's page and answers its bridge from a table.

Proves ``bridge.js`` alone, without a platform, a proxy or a person to press buttons.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import sanfang.platform.console

from .app import HELPERS

BRIDGE = Path(sanfang.platform.console.__file__).parent / "static" / "bridge" / "bridge.js"

AGENTS = {
    "android": (
        "Mozilla/5.0 (Linux; U; Android 13; zh-CN; Pixel) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Version/4.0 Chrome/100.0.0.0 Mobile Safari/537.36 AliApp(DingTalk/8.3.20) "
        "com.alibaba.android.rimet/1 Channel/700159 language/zh-CN"
    ),
    "ios": (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
        "Gecko) Mobile/21A329 AliApp(DingTalk/8.3.20) com.laiwang.DingTalk/1 Channel/201200 "
        "language/zh-Hans-CN"
    ),
    "pc": (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 "
        "Safari/537.36 dingtalk-win/1.0.0 nw(0.14.7) DingTalk(8.3.20-Release.1)"
    ),
}

#: The host page. `table[method]` is what a call is answered with: {result} | {error} | {taps: […]}
#: | {progress: […], result}; `heard` keeps every envelope; `open` frames a page.
HOST = """<!doctype html><meta charset=utf-8><title>bare host</title><script>
window.table = {}; window.heard = []; window.frames_ = {};
window.frameApp = (id, src, version) => new Promise((resolve) => {
  const frame = document.createElement('iframe');
  frame.name = 'ddc:' + JSON.stringify({ frame: id, v: version });
  frame.src = src; frame.onload = () => resolve();
  frames_[id] = frame; document.body.append(frame);
});
window.tabApp = (id, src) => {
  frames_[id] = { contentWindow: window.open(src, 'ddc:' + JSON.stringify({ frame: id, v: '8.3.20' })) };
};
window.push = (id, push, data, seq) =>
  frames_[id].contentWindow.postMessage({ __ddc: 1, push, data, seq }, '*');
addEventListener('message', (event) => {
  const m = event.data;
  if (!m || m.__ddc !== 1) { heard.push({ stray: m, origin: event.origin }); return; }
  heard.push({ ...m, origin: event.origin });
  const send = (more) => event.source.postMessage({ __ddc: 1, id: m.id, ...more }, event.origin);
  if (m.hello) event.source.postMessage({ __ddc: 1, welcome: true }, event.origin);
  if (!m.method) return;
  const answer = table[m.method];
  if (!answer) { send({ ok: false, error: { errorCode: '1', errorMessage: m.method + ' unknown' } }); return; }
  if (answer.error) { send({ ok: false, error: answer.error }); return; }
  for (const data of answer.progress || []) send({ event: 'progress', data });
  send({ ok: true, result: answer.result === undefined ? {} : answer.result });
  for (const result of answer.taps || []) send({ ok: true, again: true, result });
});
</script><body>"""


class BareHost:
    """Serves ``wb.bare.localhost`` (the host page) and ``app-<flavour>.bare.localhost`` (pages).

    Args:
        clients: bundles by name, as :func:`bundles.bundles` makes them.
    """

    def __init__(self, clients: dict[str, bytes]) -> None:
        self.clients = clients
        bare = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                bare.answer(self)

            def log_message(self, *_args: Any) -> None:
                """Silence."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The host page."""
        return f"http://wb.bare.localhost:{self.port}/"

    def page(self, flavour: str, client: str, *, extra: str = "") -> str:
        """The address of an app's page in one flavour with one client."""
        return f"http://app-{flavour}.bare.localhost:{self.port}/app?client={client}{extra}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """One request, by host and path."""
        url = urlsplit(request.path)
        query = {k: v[0] for k, v in parse_qs(url.query).items()}
        flavour = request.headers["Host"].split(".")[0].removeprefix("app-")
        kind, policy = "text/html; charset=utf-8", ""
        if url.path == "/.ddc/bridge.js":
            kind, body = "text/javascript; charset=utf-8", self.bridge(flavour)
        elif url.path.startswith("/client/"):
            kind, body = "text/javascript; charset=utf-8", self.clients[url.path[8:]].decode()
        elif url.path == "/helpers.js":
            kind, body = "text/javascript; charset=utf-8", HELPERS.read_text(encoding="utf-8")
        elif flavour == "wb":
            body = HOST
        else:
            body, policy = self.app(query), "script-src 'self'; object-src 'none'"
        data = body.encode()
        request.send_response(200)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(data)))
        if policy:
            request.send_header("Content-Security-Policy", policy)
        request.end_headers()
        request.wfile.write(data)

    def bridge(self, flavour: str) -> str:
        """The bridge as the proxy serves it."""
        config = {
            "flavour": flavour,
            "clientVersion": "8.3.20",
            "hostOrigin": self.url.rstrip("/"),
            "appOrigin": "http://app.example",
            "userAgent": AGENTS.get(flavour, ""),
            "corpLanguage": "zh_CN",
        }
        return BRIDGE.read_text(encoding="utf-8").replace("__DDC_CONFIG__", json.dumps(config))

    def app(self, query: dict[str, str]) -> str:
        """An app's page: bridge first, then its client; ``inner`` puts a frame into it."""
        bridge = "" if query.get("bridge") == "no" else '<script src="/.ddc/bridge.js"></script>'
        client = query.get("client", "")
        script = f'<script src="/client/{client}"></script>' if client else ""
        inner = f'<iframe src="{query["inner"]}"></iframe>' if "inner" in query else ""
        return (
            f"<!doctype html><html><head>{bridge}<title>first</title></head><body>{inner}"
            f'{script}<script src="/helpers.js"></script></body></html>'
        )
