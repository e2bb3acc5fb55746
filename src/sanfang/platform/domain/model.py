"""The things of the domain, as rows come and go. Field order is column order of the queries."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

import msgspec

SuiteStatus = Literal["developing", "finished"]
AuthState = Literal["pending", "active", "relieved"]
PushState = Literal["pending", "delivered", "stopped", "superseded", "failed"]
IdentityKind = Literal["internal", "suite", "isv_corp"]


class Close(IntEnum):
    """State of an agent on the wire: mind the reversed sense (isv-lifecycle.md 3.2)."""

    DISABLED = 0
    NORMAL = 1
    PENDING = 2


class Corp(msgspec.Struct, frozen=True):
    corp_id: str
    name: str
    is_authenticated: bool
    test_of: str | None
    created_at: int


class CorpApp(msgspec.Struct, frozen=True):
    """An enterprise's own app: ``app_key`` + ``secret``, or corpid + ``secret``."""

    app_key: str
    corp_id: str
    agent_id: int
    name: str
    secret: str
    ip_whitelist: list[str]


class Department(msgspec.Struct, frozen=True):
    dept_id: int
    parent_id: int
    name: str
    order: int


class Member(msgspec.Struct, frozen=True):
    userid: str
    unionid: str
    name: str
    mobile: str
    email: str
    position: str
    jobnumber: str
    is_admin: bool
    is_boss: bool
    active: bool
    departments: list[int] = []


class Developer(msgspec.Struct, frozen=True):
    developer_id: str
    corp_id: str
    name: str


class Suite(msgspec.Struct, frozen=True):
    suite_id: int
    suite_key: str
    developer_id: str
    name: str
    token: str
    aes_key: str
    callback_url: str
    suite_secret: str
    ip_whitelist: list[str]
    user_fields: list[str]
    status: str
    ticket: str
    ticket_before: str
    ticket_at: int
    ticket_due_at: int | None
    created_at: int


class MicroApp(msgspec.Struct, frozen=True):
    app_id: int
    suite_key: str
    name: str
    description: str
    logo_url: str
    home_url: str
    pc_home_url: str


class Authorisation(msgspec.Struct, frozen=True):
    suite_key: str
    corp_id: str
    generation: int  # grows with every new authorisation after a relieve; tokens carry it
    state: str
    auth_userid: str
    tmp_auth_code: str
    code_push_id: int | None
    code_received_at: int | None
    code_used_at: int | None
    permanent_code_hash: str
    ip_whitelist: list[str]
    authorised_at: int
    activated_at: int | None
    relieved_at: int | None


class Agent(msgspec.Struct, frozen=True):
    agent_id: int
    suite_key: str
    corp_id: str
    app_id: int
    close: int


class Identity(msgspec.Struct, frozen=True):
    """Whom a token speaks for."""

    kind: IdentityKind
    corp_id: str = ""  # internal, isv_corp
    app_key: str = ""  # internal
    agent_id: int = 0  # internal
    suite_key: str = ""  # suite, isv_corp
    generation: int = 0  # isv_corp: of the authorisation
    isv: str = ""  # suite, isv_corp: developer_id


class Callback(msgspec.Struct, frozen=True):
    """A registration for events of a corp; ``key_id`` is the ``$key`` of its cipher."""

    target_key: str
    corp_id: str
    key_id: str
    token: str
    aes_key: str
    url: str
    tags: list[str]
    created_at: int
    updated_at: int


class Push(msgspec.Struct, frozen=True):
    push_id: int
    suite_key: str  # the target: a suite_key, or 'cb:' and the key of an app with a call_back
    corp_id: str  # '' for suite-wide pushes (suite_ticket)
    event_type: str
    plain: str  # JSON before encryption
    state: str
    attempts: int  # all pushes made
    failures: int  # failed since creation or the last re-push; stops at settings.push_limit
    due_at: int
    created_at: int
    delivered_at: int | None


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try at one push, for the record."""

    started_at: int
    latency_ms: int
    status: int  # HTTP status; 0 when no answer came
    outcome: Literal["delivered", "failed"]
    reply: (
        str  # decrypted reply, or the raw beginning when it could not be decrypted (500 characters)
    )
    reason: str  # '' when delivered, else what was wrong: 'zh / en'


class Due(msgspec.Struct, frozen=True):
    """A push a dispatcher has claimed, with all it needs to send it."""

    push: Push
    url: str
    token: str
    aes_key: str
    key_id: str  # the `$key` of the cipher
    owner: str
