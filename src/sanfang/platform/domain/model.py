"""The things of the domain, as rows come and go. Field order is column order of the queries."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Literal

import msgspec

SuiteStatus = Literal["developing", "finished"]
AuthState = Literal["pending", "active", "relieved"]
PushState = Literal["pending", "delivered", "stopped", "superseded", "failed"]
IdentityKind = Literal["internal", "suite", "isv_corp", "user", "sso", "personal", "sns_user"]


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
    dissolved_at: int | None = None


class CorpApp(msgspec.Struct, frozen=True):
    """An enterprise's own app: ``app_key`` + ``secret``, or corpid + ``secret``."""

    app_key: str
    corp_id: str
    agent_id: int
    name: str
    secret: str
    ip_whitelist: list[str]


class DepartmentProfile(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a department holds besides its place and name; kept as JSON.

    ``dept_permits``, ``user_permits``: who sees a hidden department; ``outer_permit_*``: whom the
    members of an outer department see.
    """

    source_identifier: str = ""
    brief: str = ""
    telephone: str = ""
    code: str = ""
    extension: str = ""
    org_dept_owner: str = ""
    create_dept_group: bool = False
    auto_add_user: bool = False
    auto_approve_apply: bool = False
    hide_dept: bool = False
    outer_dept: bool = False
    outer_dept_only_self: bool = False
    group_contain_sub_dept: bool = False
    group_contain_outer_dept: bool = False
    group_contain_hidden_dept: bool = False
    dept_permits: list[int] = []
    user_permits: list[str] = []
    outer_permit_depts: list[int] = []
    outer_permit_users: list[str] = []


class Department(msgspec.Struct, frozen=True):
    dept_id: int
    parent_id: int
    name: str
    order: int
    profile: DepartmentProfile = DepartmentProfile()


class Place(msgspec.Struct, frozen=True):
    """A member's place in one department; the largest ``order`` comes first."""

    dept_id: int
    order: int = 0
    leader: bool = False
    title: str = ""


class HeldRole(msgspec.Struct, frozen=True):
    role_id: int
    name: str
    group_name: str


class Profile(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a member holds besides the columns; kept as JSON.

    ``hired_date`` is in epoch milliseconds; ``admin_depts`` are the departments a sub-administrator
    manages, none meaning all.
    """

    telephone: str = ""
    work_place: str = ""
    remark: str = ""
    org_email: str = ""
    manager_userid: str = ""
    nickname: str = ""
    hired_date: int | None = None
    hide_mobile: bool = False
    senior: bool = False
    extattr: dict[str, Any] = {}
    admin_depts: list[int] = []


class Scope(msgspec.Struct, frozen=True):
    """Which of its contacts a corp lets a suite see: departments with all below them, and members."""

    depts: list[int] = []
    users: list[str] = []


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
    places: list[Place] = []
    roles: list[HeldRole] = []
    profile: Profile = Profile()
    sys_level: int = 0  # 0 none, 1 main administrator, 2 sub-administrator


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


class Identity(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whom a token speaks for.

    A user's token names the app too, in ``app_key`` or ``suite_key``. ``personal`` is an open app's
    (``app_key`` is its app_id), ``sns_user`` that of a person who signed in to one, ``sso`` that of a
    corp's admin backends.
    """

    kind: IdentityKind
    corp_id: str = ""  # internal, isv_corp, user, sso
    app_key: str = ""  # internal, user, personal, sns_user
    agent_id: int = 0  # internal
    suite_key: str = ""  # suite, isv_corp, user
    generation: int = 0  # isv_corp: of the authorisation
    isv: str = ""  # suite, isv_corp, user: developer_id
    userid: str = ""  # user
    unionid: str = ""  # user, sns_user
    scope: str = ""  # user: what the person agreed to


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
