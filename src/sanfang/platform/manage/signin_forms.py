"""What the operations of signin.py take."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from .forms import Form, MemberOfCorp, Name


def _said(zh: str, en: str) -> Meta:
    return Meta(description=f"{zh} / {en}")


AppKey = Annotated[
    str,
    _said(
        "应用：app_key、suite_key 或登录应用的 appid",
        "the app: its app_key, suite_key, or the appid of an open app",
    ),
]
Hosts = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=300)]],
    _said(
        "可跳转回的域名，如 example.com 或 127.0.0.1:9000",
        "hosts to send people back to, such as example.com or 127.0.0.1:9000",
    ),
]


class CodeMake(MemberOfCorp, kw_only=True):
    app: Annotated[
        str,
        _said(
            "哪个应用：agentid、app_key、suite_key 或登录应用的 appid",
            "which app: an agentid, app_key, suite_key, or the appid of an open app",
        ),
    ]
    kind: Annotated[
        Literal["login", "operate", "admin", "sns", "oauth", "scan"],
        _said(
            "login 免登；operate 操作授权码；admin 管理后台；sns 扫码登录；oauth 新版授权页；scan 即 loginTmpCode",
            "login: requestAuthCode; operate: requestOperateAuthCode; admin: admin backend;"
            " sns: open app login; oauth: the OAuth2 page; scan: a loginTmpCode",
        ),
    ] = "login"
    scope: Annotated[str, _said("oauth 的 scope", "scope, of oauth")] = "openid"


class WorkbenchLinkMake(MemberOfCorp):
    """Nothing besides the member: whoever opens the link is that member."""


class PageOpen(MemberOfCorp, kw_only=True):
    address: Annotated[
        str,
        Meta(
            description="应用发起登录的完整地址 / the whole address by which an app begins a sign-in",
            min_length=1,
            max_length=10_000,
        ),
    ]


class OfKey(Form):
    key: AppKey


class HostsSet(OfKey, kw_only=True):
    hosts: Hosts = field(default_factory=list)


class SsoSecret(Form):
    corp_id: Annotated[
        str, _said("企业的 corpid；ISV 用自己企业的", "corpid; an ISV uses its own corp's")
    ]
    renew: Annotated[bool, _said("换一个新的", "make a new one")] = False


class OpenAppCreate(Form):
    name: Name
    hosts: Hosts = field(default_factory=list)
