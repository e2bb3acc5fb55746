"""A browser without a screen: keeps cookies, finds the forms of a page and sends them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from sanfang.platform.console.signin.app import signin_app
from sanfang.platform.domain.core import Core

from .site import Answer, Site

CORP, SNS = "/connect/oauth2/authorize", "/connect/oauth2/sns_authorize"
QR, OAUTH = "/connect/qrconnect", "/oauth2/auth"
LANDING, FRAME = "/omp/api/micro_app/admin/landing", "/login/qrcode.htm"


@dataclass
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.marks: dict[str, dict[str, str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(has.get("action", "")))
        if tag == "input" and self.forms and (has["type"] != "radio" or "checked" in has):
            self.forms[-1].fields[has["name"]] = has.get("value", "")
        if "id" in has:
            self.marks[has["id"]] = has


@dataclass
class Visitor:
    """One person's browser on the platform's own host."""

    site: Site
    cookies: dict[str, str] = field(default_factory=dict)
    last: Answer = field(default_factory=lambda: Answer(0, [], b""))

    def get(self, target: str, **headers: str) -> Answer:
        return self._send(target, "GET", None, headers)

    def post(self, target: str, fields: dict[str, str], **headers: str) -> Answer:
        given = {"Origin": self.site.url, "Content-Type": "application/x-www-form-urlencoded"}
        return self._send(target, "POST", urlencode(fields), {**given, **headers})

    def submit(self, action: str, **fields: str) -> Answer:
        """Send the first form with this action (and these hidden values) of the page shown."""
        chosen = {name: value for name, value in fields.items() if name not in ("answer", "corp")}
        return self.post(action, {**self.form(action, **chosen).fields, **fields})

    def form(self, action: str, **fields: str) -> Form:
        """Return the first form of the page with this action and hidden values."""
        found = [each for each in self.parsed.forms if each.action == action]
        assert found, self.last.text
        fit = [f for f in found if all(f.fields.get(k, v) == v for k, v in fields.items())]
        assert fit, [each.fields for each in found]
        return fit[0]

    def sign_in(self, userid: str, corp_id: str = "") -> Answer:
        """Choose somebody on the page shown and go where it leads."""
        self.submit("/sanfang/signin/desk", userid=userid, corp_id=corp_id or self.site.corp_id)
        assert self.last.status == 303, self.last.text
        return self.get(self.last.header("location"))

    @property
    def parsed(self) -> _Forms:
        page = _Forms()
        page.feed(self.last.text)
        return page

    def _send(self, target: str, method: str, body: str | None, headers: dict[str, str]) -> Answer:
        given = {"Accept": "text/html,application/xhtml+xml", **headers}
        if self.cookies:
            given["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        given = {name.replace("_", "-"): value for name, value in given.items()}
        self.last = self.site.send(self.site.url, target, method, body, given)
        for cookie in self.last.all("set-cookie"):
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return self.last


def address(path: str, **fields: str) -> str:
    return f"{path}?{urlencode({name: value for name, value in fields.items() if value})}"


def fields_of(location: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(location).query))


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


async def call(
    core: Core,
    method: str,
    path: str,
    query: bytes = b"",
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> Reply:
    """Send one request to the application itself, without a server."""
    given = {"host": "127.0.0.1:8080", "accept": "text/html", **(headers or {})}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": query,
        "scheme": "http",
        "http_version": "1.1",
        "server": ("127.0.0.1", 8080),
        "headers": [(k.encode("latin-1"), v.encode("latin-1")) for k, v in given.items()],
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await signin_app(core)(scope, receive, send)
    found = {k.decode(): v.decode("latin-1") for k, v in sent[0]["headers"]}
    return Reply(sent[0]["status"], found, b"".join(each.get("body", b"") for each in sent[1:]))
