"""What each operation takes: path, query and body together, one struct per operation.

The descriptions are shown by the OpenAPI document and by ``sanfang ... --help``.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


def _text(zh: str, en: str) -> Meta:
    return Meta(description=f"{zh} / {en}")


# What every store and every JSON reader can hold.
Id = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Order = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Said = Annotated[str, Meta(min_length=1)]
CorpId = Annotated[str, _text("企业的 corpid", "corpid of the enterprise")]
SuiteKey = Annotated[str, _text("套件的 suite_key", "suite_key of the suite")]
DeveloperId = Annotated[str, _text("开发者编号", "id of the developer")]
UserId = Annotated[str, _text("成员的 userid", "userid of the member")]
Cid = Annotated[
    str, _text("会话的 cid（openConversationId）", "cid (openConversationId) of the conversation")
]
PushId = Annotated[Id, _text("推送编号", "id of the push")]
AgentId = Annotated[Id, _text("应用的 agentid", "agentid of the app")]
AppId = Annotated[Id | None, _text("微应用编号；不填为全部", "id of the micro-app; absent: all")]
Limit = Annotated[int, Meta(description="最多返回几条 / how many at most", ge=1, le=500)]
Cursor = Annotated[
    str, _text("上一页返回的 next", "the 'next' of the page before; empty for the first page")
]
Name = Annotated[str, Meta(description="名称 / name", min_length=1, max_length=128)]
HomeUrl = Annotated[
    str, _text("主页地址，可含 $CORPID$", "address of the home page, may hold $CORPID$")
]
IpWhitelist = Annotated[
    list[str],
    _text("允许调用的 IP，如 10.0.*.*", "addresses that may call, such as 10.0.*.*; none: any"),
]
UserFields = Annotated[
    list[str],
    _text("申请读取的员工字段，如 email", "employee fields the suite asks for, such as email"),
]


class Form(msgspec.Struct, forbid_unknown_fields=True):
    """The input of an operation."""


class Nothing(Form):
    """No input."""


class Listing(Form):
    limit: Limit = 100
    cursor: Cursor = ""


class CorpCreate(Form):
    name: Name
    is_authenticated: Annotated[bool, _text("已认证企业", "a certified corp")] = False
    admin_name: Annotated[
        str, Meta(description="管理员姓名 / name of its administrator", min_length=1)
    ] = "管理员"


class OfCorp(Form):
    corp_id: CorpId


class CorpUpdate(Form):
    corp_id: CorpId
    name: Annotated[Name | None, _text("新的名称", "its new name")] = None
    is_authenticated: Annotated[bool | None, _text("已认证企业", "a certified corp")] = None


class DepartmentCreate(Form):
    corp_id: CorpId
    name: Name
    parent_id: Annotated[Id, _text("上级部门，根部门为 1", "parent department; the root is 1")] = 1
    order: Annotated[
        Order | None, _text("同级中的次序，小的在前", "place among its siblings, smallest first")
    ] = None


class DepartmentList(Form):
    corp_id: CorpId
    parent_id: Annotated[Id, _text("从哪个部门起", "start from this department")] = 1
    recursive: Annotated[bool, _text("包括下级的下级", "with those below those below")] = True


class MemberCreate(Form):
    corp_id: CorpId
    name: Name
    userid: Annotated[str, _text("不填则自动生成", "made up when absent")] = ""
    mobile: Annotated[str, _text("手机号", "mobile number")] = ""
    email: Annotated[str, _text("邮箱", "e-mail")] = ""
    position: Annotated[str, _text("职位", "position")] = ""
    jobnumber: Annotated[str, _text("工号", "job number")] = ""
    departments: Annotated[
        list[Id], _text("所属部门，默认根部门", "departments; the root when absent")
    ] = []
    is_admin: Annotated[bool, _text("管理员", "an administrator")] = False


class MemberList(Listing, kw_only=True):
    corp_id: CorpId
    department_id: Annotated[Id, _text("哪个部门的成员", "members of this department")] = 1


class AppCreate(Form):
    corp_id: CorpId
    name: Name
    description: Annotated[str, _text("应用描述", "what it does")] = ""
    home_url: HomeUrl = ""
    pc_home_url: Annotated[str, _text("PC 主页地址", "address of the desktop home page")] = ""
    oa_url: Annotated[str, _text("管理后台地址", "address of the page for administrators")] = ""
    icon: Annotated[str, _text("图标的 media_id 或地址", "media_id or address of its icon")] = ""
    ip_whitelist: IpWhitelist = []


class AppList(Form):
    corp_id: CorpId
    secrets: Annotated[bool, _text("显示 secret", "show the secrets")] = False


class AppShow(Form):
    agent_id: AgentId
    secrets: Annotated[bool, _text("显示 secret", "show the secret")] = False


class AppUpdate(Form):
    """What is not given stays; an empty text or list takes it away."""

    agent_id: AgentId
    name: Annotated[Name | None, _text("新的名称", "its new name")] = None
    description: Annotated[str | None, _text("新的描述", "what it does now")] = None
    home_url: Annotated[
        str | None,
        _text("新的主页地址，空为没有", "new address of the home page; empty for none"),
    ] = None
    pc_home_url: Annotated[
        str | None,
        _text("新的 PC 主页地址，空为没有", "new address of the desktop home page; empty for none"),
    ] = None
    oa_url: Annotated[
        str | None,
        _text("新的管理后台地址，空为没有", "new address for administrators; empty for none"),
    ] = None
    icon: Annotated[
        str | None,
        _text(
            "新图标的 media_id 或地址，空为没有", "media_id or address of its icon; empty for none"
        ),
    ] = None
    ip_whitelist: Annotated[
        list[str] | None, _text("允许调用的 IP，空为不限", "addresses that may call; empty for any")
    ] = None


class MessageList(Listing, kw_only=True):
    corp_id: CorpId
    userid: Annotated[str, _text("只看此成员收到的", "only what this member received")] = ""
    cid: Annotated[str, _text("只看此会话里的", "only what was said in this conversation")] = ""


class MemberOfCorp(Form):
    corp_id: CorpId
    userid: UserId


class MemberAdmin(MemberOfCorp, kw_only=True):
    level: Annotated[
        Literal["main", "sub", "none"],
        _text("主管理员、子管理员或不是", "main or sub-administrator, or none"),
    ] = "sub"
    departments: Annotated[
        list[Id],
        _text(
            "子管理员管理的部门，不填为全部", "departments a sub-administrator manages; none: all"
        ),
    ] = []


class MemberActive(MemberOfCorp, kw_only=True):
    active: Annotated[bool, _text("已激活钉钉", "has activated DingTalk")] = True


class MessageRead(Form):
    corp_id: CorpId
    userid: UserId
    cid: Annotated[str, _text("只标记此会话的", "only those of this conversation")] = ""
    up_to: Annotated[
        Id | None, _text("到哪条消息为止，不填为全部", "the last message to mark; absent: all")
    ] = None


class ConversationOpen(Form):
    corp_id: CorpId
    userids: Annotated[
        list[str],
        _text(
            "成员；两人总是同一个会话，更多则新建群",
            "members; two always have one, more get a group",
        ),
    ]


class ConversationList(Listing, kw_only=True):
    corp_id: CorpId
    userid: Annotated[
        str, _text("只看此成员的，并数出未读", "only this member's, with unread counts")
    ] = ""


class RobotCreate(Form):
    corp_id: CorpId
    cid: Cid
    name: Name
    keywords: Annotated[
        list[str], _text("自定义关键词，消息须含其一", "words of which a message must hold one")
    ] = []
    ip_whitelist: IpWhitelist = []
    signed: Annotated[bool, _text("加签", "calls must be signed")] = False


class RobotList(Form):
    corp_id: CorpId
    cid: Cid


class DeveloperCreate(Form):
    corp_id: CorpId
    name: Name


class OfDeveloper(Form):
    developer_id: DeveloperId


class TestCorpCreate(Form):
    developer_id: DeveloperId
    name: Name


class MicroAppInput(Form):
    name: Name
    home_url: HomeUrl
    description: Annotated[str, _text("应用描述", "what it does")] = ""
    logo_url: Annotated[str, _text("图标地址", "address of the icon")] = ""
    pc_home_url: Annotated[str, _text("PC 主页地址", "address of the desktop home page")] = ""


class SuiteCreate(Form):
    name: Name
    callback_url: Annotated[
        str, _text("回调 URL，创建时即被验证", "callback URL, verified at creation")
    ]
    token: Annotated[
        str, Meta(description="签名用的 Token / token that signs callbacks", min_length=1)
    ]
    aes_key: Annotated[
        str, _text("数据加密密钥，43 个字母或数字", "EncodingAESKey, 43 letters or digits")
    ]
    developer_id: Annotated[
        str,
        _text(
            "开发者；不填用唯一的一个，一个也没有则新建",
            "the developer; when absent the only one there is, or a new one when there is none",
        ),
    ] = ""
    ip_whitelist: IpWhitelist = []
    user_fields: UserFields = []
    micro_apps: Annotated[
        list[MicroAppInput],
        _text("微应用；没有就收不到 ticket", "micro-apps; without one no ticket is pushed"),
    ] = []


class SuiteShow(Form):
    suite_key: SuiteKey
    secrets: Annotated[
        bool,
        _text(
            "显示 suite_secret, token, aes_key, suite_ticket",
            "show suite_secret, token, aes_key and suite_ticket",
        ),
    ] = False


class OfSuite(Form):
    suite_key: SuiteKey


class SuiteUpdate(Form):
    suite_key: SuiteKey
    name: Annotated[Name | None, _text("名称", "name")] = None
    callback_url: Annotated[
        str | None, _text("新的回调 URL，先被验证", "new callback URL, verified first")
    ] = None
    token: Annotated[Said | None, _text("新的 Token", "new token")] = None
    aes_key: Annotated[str | None, _text("新的数据加密密钥", "new EncodingAESKey")] = None
    ip_whitelist: Annotated[list[str] | None, _text("允许调用的 IP", "addresses that may call")] = (
        None
    )
    user_fields: Annotated[
        list[str] | None, _text("申请读取的员工字段", "employee fields the suite asks for")
    ] = None
    status: Annotated[
        Literal["developing", "finished"] | None, _text("状态", "status: developing or finished")
    ] = None


class MicroAppCreate(MicroAppInput, kw_only=True):
    suite_key: SuiteKey


class Authorize(Form):
    suite_key: SuiteKey
    corp_id: CorpId
    userid: Annotated[
        str, _text("由哪位管理员授权", "the administrator who authorises; the first when absent")
    ] = ""


class SuiteAndCorp(Form):
    suite_key: SuiteKey
    corp_id: CorpId


class AuthorisationScope(SuiteAndCorp, kw_only=True):
    departments: Annotated[
        list[Id],
        _text("授权的部门，含其下级；1 为全部", "departments with all below them; 1 is everything"),
    ] = []
    userids: Annotated[list[str], _text("另外授权的成员", "members besides those")] = []


class SetEnabled(Form):
    suite_key: SuiteKey
    corp_id: CorpId
    app_id: AppId = None


class RemoveApp(Form):
    suite_key: SuiteKey
    corp_id: CorpId
    app_id: Annotated[int, _text("微应用编号", "id of the micro-app")]


class AuthorisationList(Listing):
    suite_key: Annotated[str, _text("只看此套件", "only this suite")] = ""
    corp_id: Annotated[str, _text("只看此企业", "only this corp")] = ""


class PushList(Form):
    suite_key: Annotated[str, _text("只看此套件", "only this suite")] = ""
    corp_id: Annotated[str, _text("只看此企业", "only this corp")] = ""
    state: Annotated[
        Literal["", "pending", "delivered", "stopped", "superseded", "failed"],
        _text("只看此状态", "only this state: pending, delivered, stopped, superseded or failed"),
    ] = ""
    limit: Limit = 50
    cursor: Cursor = ""


class OfPush(Form):
    push_id: PushId
