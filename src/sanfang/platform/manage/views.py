"""What operations answer. Secrets are in fields of their own that stay empty unless asked for.

Times are epoch milliseconds. Permanent codes never leave the platform here: it keeps only a hash.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

from ..domain.model import Agent, Attempt, MicroApp

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A piece of a list; ``next`` is the ``cursor`` of the following page, empty at the end."""

    items: list[T]
    next: str = ""


class Health(msgspec.Struct, frozen=True):
    status: str
    version: str
    now: int


class SettingView(msgspec.Struct, frozen=True):
    name: str
    value: bool | int | str
    default: bool | int | str
    zh: str
    en: str


class AppView(msgspec.Struct, frozen=True):
    """An enterprise's own app. ``secret`` is shown when made, later only on request."""

    app_key: str
    corp_id: str
    agent_id: int
    name: str
    description: str
    icon: str
    home_url: str
    pc_home_url: str
    oa_url: str
    ip_whitelist: list[str]
    secret: str | None = None


class SuiteSecrets(msgspec.Struct, frozen=True):
    suite_secret: str
    token: str
    aes_key: str
    suite_ticket: str


class SuiteView(msgspec.Struct, frozen=True):
    suite_id: int
    suite_key: str
    developer_id: str
    name: str
    status: str
    callback_url: str
    ip_whitelist: list[str]
    user_fields: list[str]
    ticket_at: int
    ticket_due_at: int | None
    created_at: int
    micro_apps: list[MicroApp] = []
    secrets: SuiteSecrets | None = None


class AuthorizeResult(msgspec.Struct, frozen=True):
    """``tmp_auth_code`` begins an authorisation; a repeated one gives ``change_auth`` (FAQ F43)."""

    event_type: str
    push_id: int
    repeated: bool
    zh: str
    en: str
    faq: str | None = None


class PushesMade(msgspec.Struct, frozen=True):
    push_ids: list[int]


class Repushed(msgspec.Struct, frozen=True):
    pushes: int


class AuthorisationView(msgspec.Struct, frozen=True):
    suite_key: str
    corp_id: str
    state: str
    generation: int
    auth_userid: str
    code_received_at: int | None
    code_used_at: int | None
    authorised_at: int
    activated_at: int | None
    relieved_at: int | None
    ip_whitelist: list[str]


class AuthorisationDetail(msgspec.Struct, frozen=True):
    authorisation: AuthorisationView
    agents: list[Agent]


class Granted(msgspec.Struct, frozen=True):
    key: str
    points: list[str]


class PushView(msgspec.Struct, frozen=True):
    push_id: int
    suite_key: str
    corp_id: str
    event_type: str
    state: str
    attempts: int
    failures: int
    due_at: int
    created_at: int
    delivered_at: int | None


class NumberedAttempt(msgspec.Struct, frozen=True):
    number: int
    attempt: Attempt


class PushDetail(msgspec.Struct, frozen=True):
    """A push with what it says and how each try went. It stops after ``limit`` failures (F41)."""

    push: PushView
    plain: dict[str, Any]
    limit: int
    tries: list[NumberedAttempt]


class MessageView(msgspec.Struct, frozen=True):
    message_id: int
    corp_id: str
    agent_id: int
    msgtype: str
    body: Any
    created_at: int
    receivers: list[str]
    channel: str = ""
    sender: str = ""
    cid: str = ""
    key: str = ""
    read_by: list[str] = []
    recalled_at: int | None = None


class MessagesRead(msgspec.Struct, frozen=True):
    """How many messages a member had not read before."""

    read: int


class Unread(msgspec.Struct, frozen=True):
    """What a member has not read: ``inbox`` came from apps, ``conversations`` is by cid."""

    total: int
    inbox: int
    conversations: dict[str, int]


class ConversationView(msgspec.Struct, frozen=True):
    """``kind`` single or group; ``status`` 1 alive, 2 disbanded; ``unread`` of the member asked for."""

    cid: str
    chatid: str
    corp_id: str
    kind: str
    title: str
    owner: str
    members: list[str]
    status: int
    created_at: int
    unread: int = 0


class RobotMade(msgspec.Struct, frozen=True):
    """A webhook robot, told once: the platform keeps only a digest of the access_token."""

    robot_id: int
    webhook: str  # path below the platform's address
    access_token: str
    secret: str


class RobotView(msgspec.Struct, frozen=True):
    robot_id: int
    cid: str
    name: str
    keywords: list[str]
    ip_whitelist: list[str]
    signed: bool
    stopped: bool


class SigninCode(msgspec.Struct, frozen=True):
    """A one-time code, good once until ``expires_at``; ``exchange`` says by which call."""

    code: str
    kind: str
    app: str
    corp_id: str
    userid: str
    expires_at: int
    exchange: str


class WorkbenchLink(msgspec.Struct, frozen=True):
    """A way into the workbench, good once until ``expires_at``.

    ``path`` is below the platform's own address, which sends the browser on to the workbench's host;
    the secret is behind ``#``, which browsers keep and no server is sent.
    """

    corp_id: str
    userid: str
    path: str
    expires_at: int


class SigninTarget(msgspec.Struct, frozen=True):
    """Where a sign-in page sends the browser, with the code in it."""

    location: str
    page: str


class Hosts(msgspec.Struct, frozen=True):
    """The hosts an app's sign-in pages may send people back to."""

    key: str
    hosts: list[str]


class SsoSecretView(msgspec.Struct, frozen=True):
    corp_id: str
    sso_secret: str


class OpenAppView(msgspec.Struct, frozen=True):
    """An app for signing in to any web site. ``secret`` is shown when it is made."""

    app_id: str
    name: str
    hosts: list[str]
    created_at: int
    secret: str | None = None


class Problem(msgspec.Struct, frozen=True):
    """Why the platform refused: DingTalk's code and text, an explanation, and the facts."""

    code: int
    errmsg: str
    zh: str
    en: str
    faq: str | None = None
    facts: dict[str, Any] = {}
