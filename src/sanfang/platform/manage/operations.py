"""The one description of the management API.

Every row says how an operation is called, what it takes, what it answers, what it is for, and which
function does it. ``function`` is "module:name" inside this package, looked up when the routes are
made: the command line reads this table on every start and must not import the domain for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..domain.callback_model import Lost, Registered
from ..domain.calls import CallRecord
from ..domain.model import Corp, Department, Developer, Member, MicroApp, Scope
from ..domain.office_model import CheckIn, Leave, Record
from ..domain.report_model import Counts, Template
from . import forms, gate_forms, office_forms, signin_forms, views
from .views import Page

PREFIX = "/sanfang/api"
_IN_PATH = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Operation:
    name: str  # "corp.create": operationId, and the command `sanfang corp create`
    call: str  # method, and path below PREFIX
    takes: type[forms.Form]
    answers: Any  # a type msgspec can encode
    function: str
    zh: str
    en: str
    public: bool = False  # True: no bearer token needed

    @property
    def method(self) -> str:
        return self.call.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.call.partition(" ")[2]

    @property
    def in_path(self) -> list[str]:
        """Names of the fields that stand in the path."""
        return _IN_PATH.findall(self.path)

    @property
    def has_body(self) -> bool:
        return self.method in ("POST", "PUT", "PATCH")


# fmt: off
OPERATIONS: tuple[Operation, ...] = (
    Operation("health", "GET /health", forms.Nothing, views.Health, "about:health",
              "平台是否就绪", "Tell whether the platform is up", public=True),
    Operation("settings", "GET /settings", forms.Nothing, list[views.SettingView], "about:settings",
              "全部设置及其当前值", "Every setting with its value"),
    Operation("corp.create", "POST /corps", forms.CorpCreate, Corp, "corps:create",
              "新建企业", "Make a corp"),
    Operation("corp.list", "GET /corps", forms.Listing, Page[Corp], "corps:list_",
              "列出企业", "List corps"),
    Operation("corp.show", "GET /corps/{corp_id}", forms.OfCorp, Corp, "corps:show",
              "查看企业", "Show a corp"),
    Operation("corp.update", "PATCH /corps/{corp_id}", forms.CorpUpdate, Corp, "corps:update",
              "改企业名称或认证状态", "Rename or certify a corp"),
    Operation("corp.dissolve", "POST /corps/{corp_id}/dissolve", forms.OfCorp, Corp,
              "corps:dissolve", "解散企业", "Dissolve a corp"),
    Operation("department.create", "POST /corps/{corp_id}/departments",
              forms.DepartmentCreate, Department, "contacts:create_department",
              "新建部门", "Make a department"),
    Operation("department.list", "GET /corps/{corp_id}/departments",
              forms.DepartmentList, Page[Department], "contacts:list_departments",
              "列出部门", "List departments"),
    Operation("member.create", "POST /corps/{corp_id}/members",
              forms.MemberCreate, Member, "contacts:create_member",
              "新建成员", "Make a member"),
    Operation("member.list", "GET /corps/{corp_id}/members",
              forms.MemberList, Page[Member], "contacts:list_members",
              "列出一个部门的成员", "List the members of a department"),
    Operation("member.show", "GET /corps/{corp_id}/members/{userid}",
              forms.MemberOfCorp, Member, "contacts:show_member",
              "查看成员", "Show a member"),
    Operation("member.delete", "DELETE /corps/{corp_id}/members/{userid}",
              forms.MemberOfCorp, None, "contacts:delete_member",
              "在管理后台移除成员", "Remove a member in the console"),
    Operation("member.set-admin", "PUT /corps/{corp_id}/members/{userid}/admin",
              forms.MemberAdmin, Member, "contacts:set_admin",
              "设为管理员或取消", "Make a member an administrator, or no longer"),
    Operation("member.set-active", "PUT /corps/{corp_id}/members/{userid}/active",
              forms.MemberActive, Member, "contacts:set_active",
              "设置成员是否已激活钉钉", "Say whether a member has activated DingTalk"),
    Operation("app.create", "POST /corps/{corp_id}/apps",
              forms.AppCreate, views.AppView, "apps:create",
              "新建企业自建应用", "Make an app of the corp's own"),
    Operation("app.list", "GET /corps/{corp_id}/apps",
              forms.AppList, Page[views.AppView], "apps:list_",
              "列出企业自建应用", "List the corp's own apps"),
    Operation("app.show", "GET /apps/{agent_id}", forms.AppShow, views.AppView, "apps:show",
              "查看企业自建应用", "Show an app of a corp's own"),
    Operation("app.update", "PATCH /apps/{agent_id}", forms.AppUpdate, views.AppView, "apps:update",
              "修改企业自建应用的名称、描述、图标、地址或 IP 白名单",
              "Change an own app's name, description, icon, addresses or IP whitelist"),
    Operation("message.list", "GET /corps/{corp_id}/messages",
              forms.MessageList, Page[views.MessageView], "messages:list_",
              "列出企业、成员或会话的消息", "List what a corp, a member or a conversation received"),
    Operation("message.unread", "GET /corps/{corp_id}/messages/unread",
              forms.MemberOfCorp, views.Unread, "messages:unread",
              "成员的未读数", "Count what a member has not read"),
    Operation("message.read", "POST /corps/{corp_id}/messages/read",
              forms.MessageRead, views.MessagesRead, "messages:read",
              "把成员收到的消息标为已读", "Mark what a member received as read"),
    Operation("conversation.open", "POST /corps/{corp_id}/conversations",
              forms.ConversationOpen, views.ConversationView, "conversations:open_",
              "打开成员之间的会话，得到 cid", "Open a conversation of members and get its cid"),
    Operation("conversation.list", "GET /corps/{corp_id}/conversations",
              forms.ConversationList, Page[views.ConversationView], "conversations:list_",
              "列出会话", "List conversations"),
    Operation("robot.create", "POST /corps/{corp_id}/robots",
              forms.RobotCreate, views.RobotMade, "conversations:create_robot",
              "在群里添加 webhook 机器人", "Add a webhook robot to a group"),
    Operation("robot.list", "GET /corps/{corp_id}/robots",
              forms.RobotList, Page[views.RobotView], "conversations:list_robots",
              "列出群里的 webhook 机器人", "List the webhook robots of a group"),
    Operation("checkin.add", "POST /corps/{corp_id}/check-ins",
              office_forms.CheckInAdd, CheckIn, "office:check_in",
              "让成员签到", "Let a member check in"),
    Operation("attendance.add", "POST /corps/{corp_id}/attendance",
              office_forms.AttendanceAdd, Record, "office:attend",
              "添加成员的打卡记录", "Record that a member came or went"),
    Operation("attendance.add-leave", "POST /corps/{corp_id}/leaves",
              office_forms.LeaveAdd, Leave, "office:leave",
              "添加成员的假期", "Record that a member is on leave"),
    Operation("report.add-template", "POST /corps/{corp_id}/report-templates",
              office_forms.TemplateAdd, Template, "office:add_template",
              "新建日志模板", "Make a template of reports"),
    Operation("report.read", "POST /corps/{corp_id}/reports/{report_id}/read",
              office_forms.ReportOf, Counts, "office:read_report",
              "让成员阅读日志", "Let a member read a report"),
    Operation("report.like", "POST /corps/{corp_id}/reports/{report_id}/like",
              office_forms.ReportOf, Counts, "office:like_report",
              "让成员点赞日志", "Let a member like a report"),
    Operation("report.comment", "POST /corps/{corp_id}/reports/{report_id}/comments",
              office_forms.ReportComment, Counts, "office:comment_report",
              "让成员评论日志", "Let a member comment on a report"),
    Operation("developer.create", "POST /developers",
              forms.DeveloperCreate, Developer, "developers:create",
              "开发者入驻，绑定一家企业", "Make a developer, bound to a corp"),
    Operation("developer.list", "GET /developers",
              forms.Listing, Page[Developer], "developers:list_",
              "列出开发者", "List developers"),
    Operation("developer.show", "GET /developers/{developer_id}",
              forms.OfDeveloper, Developer, "developers:show",
              "查看开发者", "Show a developer"),
    Operation("developer.unbind", "DELETE /developers/{developer_id}/binding",
              forms.OfDeveloper, None, "developers:unbind",
              "解除绑定：不提供 (F49)", "Unbind: not offered (F49)"),
    Operation("developer.add-test-corp", "POST /developers/{developer_id}/test-corps",
              forms.TestCorpCreate, Corp, "developers:add_test_corp",
              "新建测试企业，最多 10 家", "Make a test corp, at most 10"),
    Operation("suite.create", "POST /suites", forms.SuiteCreate, views.SuiteView, "suites:create",
              "新建套件，先验证回调 URL", "Make a suite; its callback URL is verified first"),
    Operation("suite.list", "GET /suites", forms.Listing, Page[views.SuiteView], "suites:list_",
              "列出套件", "List suites"),
    Operation("suite.show", "GET /suites/{suite_key}",
              forms.SuiteShow, views.SuiteView, "suites:show",
              "查看套件", "Show a suite"),
    Operation("suite.update", "PATCH /suites/{suite_key}",
              forms.SuiteUpdate, views.SuiteView, "suites:update",
              "修改套件，回调有变则先验证", "Change a suite; a changed callback is verified first"),
    Operation("suite.add-app", "POST /suites/{suite_key}/micro-apps",
              forms.MicroAppCreate, MicroApp, "suites:add_micro_app",
              "为套件添加微应用", "Add a micro-app to a suite"),
    Operation("suite.apps", "GET /suites/{suite_key}/micro-apps",
              forms.OfSuite, Page[MicroApp], "suites:micro_apps",
              "列出套件的微应用", "List the micro-apps of a suite"),
    Operation("suite.authorize", "POST /suites/{suite_key}/authorize",
              forms.Authorize, views.AuthorizeResult, "authorisations:authorize",
              "企业授权套件", "A corp authorises the suite"),
    Operation("suite.relieve", "POST /suites/{suite_key}/relieve",
              forms.SuiteAndCorp, views.PushesMade, "authorisations:relieve",
              "企业解除授权", "The corp relieves the suite"),
    Operation("suite.disable", "POST /suites/{suite_key}/disable",
              forms.SetEnabled, views.PushesMade, "authorisations:disable",
              "企业停用微应用", "The corp disables its micro-apps"),
    Operation("suite.enable", "POST /suites/{suite_key}/enable",
              forms.SetEnabled, views.PushesMade, "authorisations:enable",
              "企业启用微应用", "The corp enables its micro-apps"),
    Operation("suite.remove-app", "POST /suites/{suite_key}/remove-app",
              forms.RemoveApp, views.PushesMade, "authorisations:remove_app",
              "企业删除微应用, 授权保留", "The corp deletes a micro-app and keeps the authorisation"),
    Operation("suite.repush", "POST /suites/{suite_key}/repush",
              forms.OfSuite, views.Repushed, "suites:repush",
              "重新推送，停止的推送重新开始", "Push again what had stopped"),
    Operation("authorisation.list", "GET /authorisations",
              forms.AuthorisationList, Page[views.AuthorisationView], "authorisations:list_",
              "列出授权", "List authorisations"),
    Operation("authorisation.show", "GET /authorisations/{suite_key}/{corp_id}",
              forms.SuiteAndCorp, views.AuthorisationDetail, "authorisations:show",
              "查看授权及其 agentid", "Show an authorisation with its agentids"),
    Operation("authorisation.scope", "GET /authorisations/{suite_key}/{corp_id}/scope",
              forms.SuiteAndCorp, Scope, "contacts:show_scope",
              "查看套件可见的通讯录范围", "Show which contacts a suite may see"),
    Operation("authorisation.set-scope", "PUT /authorisations/{suite_key}/{corp_id}/scope",
              forms.AuthorisationScope, Scope, "contacts:set_scope",
              "设置套件可见的通讯录范围", "Set which contacts a suite may see"),
    Operation("signin.code", "POST /corps/{corp_id}/members/{userid}/signin-codes",
              signin_forms.CodeMake, views.SigninCode, "signin:code",
              "以成员身份取一个一次性登录 code", "Make a one-time code for signing in as a member"),
    Operation("signin.open", "POST /corps/{corp_id}/members/{userid}/signin-pages",
              signin_forms.PageOpen, views.SigninTarget, "signin:open_",
              "以成员身份打开登录页面并同意，得到带 code 的跳转地址",
              "Open a sign-in page as a member and agree; get the address with the code"),
    Operation("signin.hosts", "GET /signin-hosts/{key}",
              signin_forms.OfKey, views.Hosts, "signin:hosts",
              "列出应用的安全域名", "List the secure hosts of an app"),
    Operation("signin.set-hosts", "PUT /signin-hosts/{key}",
              signin_forms.HostsSet, views.Hosts, "signin:set_hosts",
              "设置应用的安全域名", "Set the secure hosts of an app"),
    Operation("signin.sso-secret", "POST /corps/{corp_id}/sso-secret",
              signin_forms.SsoSecret, views.SsoSecretView, "signin:sso_secret",
              "查看或更换企业的 SSOSecret", "Show a corp's SSOSecret, or make a new one"),
    Operation("workbench.link", "POST /corps/{corp_id}/members/{userid}/workbench-links",
              signin_forms.WorkbenchLinkMake, views.WorkbenchLink, "signin:workbench_link",
              "为成员生成一个一次性的工作台登录链接，五分钟内有效",
              "Make a one-time link that signs a member in to the workbench, good for five minutes"),
    Operation("openapp.create", "POST /open-apps",
              signin_forms.OpenAppCreate, views.OpenAppView, "signin:create_open_app",
              "新建登录应用 (appid)", "Make an open app for signing in (appid)"),
    Operation("openapp.list", "GET /open-apps",
              forms.Listing, Page[views.OpenAppView], "signin:list_open_apps",
              "列出登录应用", "List open apps"),
    Operation("call.list", "GET /calls", gate_forms.CallList, Page[CallRecord], "calls:list_",
              "列出开放接口的调用，新的在前", "List calls of the open API, newest first"),
    Operation("callback.list", "GET /corps/{corp_id}/callbacks",
              forms.OfCorp, Page[Registered], "callbacks:list_",
              "列出企业事件的回调注册", "List who registered for events of a corp"),
    Operation("callback.failures", "GET /corps/{corp_id}/callbacks/failures",
              gate_forms.FailureList, Page[Lost], "callbacks:failures",
              "列出没有送达的企业事件，旧的在前",
              "List events of a corp that could not be delivered, oldest first"),
    Operation("permission.list", "GET /permissions/{key}",
              gate_forms.OfOwner, views.Granted, "permissions:list_",
              "列出应用或套件的权限点", "List the permission points of an app or suite"),
    Operation("permission.grant", "POST /permissions/{key}/grant",
              gate_forms.PermissionPoints, views.Granted, "permissions:grant",
              "为应用或套件开通权限点", "Grant permission points to an app or suite"),
    Operation("permission.revoke", "POST /permissions/{key}/revoke",
              gate_forms.PermissionPoints, views.Granted, "permissions:revoke",
              "收回权限点", "Revoke permission points"),
    Operation("push.list", "GET /pushes", forms.PushList, Page[views.PushView], "pushes:list_",
              "列出推送，新的在前", "List pushes, newest first"),
    Operation("push.show", "GET /pushes/{push_id}", forms.OfPush, views.PushDetail, "pushes:show",
              "查看推送的明文与每次尝试", "Show what a push says and each try"),
    Operation("push.resend", "POST /pushes/{push_id}/resend",
              forms.OfPush, views.PushView, "pushes:resend",
              "重发一个推送", "Send a push again"),
)
# fmt: on

BY_NAME = {operation.name: operation for operation in OPERATIONS}


def arrange(operation: Operation, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Fill the path; return it, prefix and all, and the other values."""
    left = dict(values)
    path = _IN_PATH.sub(lambda m: quote(str(left.pop(m[1])), safe=""), operation.path)
    return PREFIX + path, left
