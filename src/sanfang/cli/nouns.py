"""The commands that call one operation each."""

from __future__ import annotations

import json
from typing import Any

import click

from . import output
from .commands import Noun, command

_CORP = ("corp_id", "name", "is_authenticated", "test_of", "created_at")
_PUSH = ("push_id", "suite_key", "corp_id", "event_type", "state", "attempts", "created_at")


def show_push(answer: dict[str, Any]) -> None:
    """Print a push: its state against the limit, what it says, and each try with its reason."""
    output.fields({**answer["push"], "limit": answer["limit"]})
    click.echo("\n明文 / plain")
    click.echo(json.dumps(answer["plain"], ensure_ascii=False, indent=2))
    click.echo("\n尝试 / tries")
    output.table([{"number": one["number"], **one["attempt"]} for one in answer["tries"]])


corp = Noun(
    "corp",
    "企业 / Corps",
    command("create", "corp.create", arguments=["name"], example="sanfang corp create 示例公司"),
    command("list", "corp.list", columns=_CORP, example="sanfang corp list --limit 20"),
    command("show", "corp.show", example="sanfang corp show ding0example"),
    command("update", "corp.update", example="sanfang corp update ding0example --authenticated"),
    command("dissolve", "corp.dissolve", example="sanfang corp dissolve ding0example"),
)

department = Noun(
    "department",
    "部门 / Departments",
    command(
        "create",
        "department.create",
        arguments=["name"],
        example="sanfang department create ding0example 研发部 --parent-id 1",
    ),
    command("list", "department.list", example="sanfang department list ding0example"),
)

member = Noun(
    "member",
    "成员 / Members",
    command(
        "create",
        "member.create",
        arguments=["name"],
        example="sanfang member create ding0example 测试员甲 --userid jia --department 2",
    ),
    command(
        "list",
        "member.list",
        columns=("userid", "name", "departments", "mobile", "email", "position", "is_admin"),
        example="sanfang member list ding0example --department-id 2",
    ),
    command("show", "member.show", example="sanfang member show ding0example jia"),
    command("delete", "member.delete", example="sanfang member delete ding0example jia"),
    command(
        "set-admin",
        "member.set-admin",
        example="sanfang member set-admin ding0example jia --level sub --department 2",
    ),
    command(
        "set-active",
        "member.set-active",
        example="sanfang member set-active ding0example jia --no-active",
    ),
)

app = Noun(
    "app",
    "企业自建应用 / Apps of a corp's own",
    command(
        "create",
        "app.create",
        arguments=["name"],
        example="sanfang app create ding0example 考勤助手"
        " --home-url 'http://127.0.0.1:9000/?corpid=$CORPID$'",
    ),
    command(
        "list",
        "app.list",
        columns=("agent_id", "name", "app_key", "home_url", "pc_home_url", "secret"),
        example="sanfang app list ding0example --secrets",
    ),
    command("show", "app.show", example="sanfang app show 1 --secrets"),
    command(
        "update",
        "app.update",
        example="sanfang app update 1 --name 考勤 --home-url 'http://127.0.0.1:9000/?corpid=$CORPID$'",
    ),
)

developer = Noun(
    "developer",
    "开发者 / Developers",
    command(
        "create",
        "developer.create",
        arguments=["corp_id", "name"],
        example="sanfang developer create ding0example 示例开发者",
    ),
    command("list", "developer.list", example="sanfang developer list"),
    command("show", "developer.show", example="sanfang developer show isv0example"),
    command(
        "add-test-corp",
        "developer.add-test-corp",
        arguments=["name"],
        example="sanfang developer add-test-corp isv0example 测试企业",
    ),
    command("unbind", "developer.unbind", example="sanfang developer unbind isv0example"),
)

authorisation = Noun(
    "authorisation",
    "授权记录 / Authorisations on record",
    command(
        "list",
        "authorisation.list",
        columns=("suite_key", "corp_id", "state", "generation", "authorised_at", "activated_at"),
        example="sanfang authorisation list --suite-key suite0example",
    ),
    command(
        "show",
        "authorisation.show",
        example="sanfang authorisation show suite0example ding0example",
    ),
    command(
        "scope",
        "authorisation.scope",
        example="sanfang authorisation scope suite0example ding0example",
    ),
    command(
        "set-scope",
        "authorisation.set-scope",
        example="sanfang authorisation set-scope suite0example ding0example --department 2",
    ),
)

push = Noun(
    "push",
    "推送 / Pushes",
    command(
        "list",
        "push.list",
        columns=_PUSH,
        example="sanfang push list --suite-key suite0example --state stopped",
    ),
    command("show", "push.show", show=show_push, example="sanfang push show 12"),
    command("resend", "push.resend", example="sanfang push resend 12"),
)

message = Noun(
    "message",
    "消息 / Messages",
    command(
        "list",
        "message.list",
        columns=("message_id", "agent_id", "msgtype", "body", "receivers", "created_at"),
        example="sanfang message list ding0example --userid jia",
    ),
    command(
        "unread",
        "message.unread",
        arguments=["userid"],
        example="sanfang message unread ding0example jia",
    ),
    command(
        "read",
        "message.read",
        arguments=["userid"],
        example="sanfang message read ding0example jia",
    ),
)

conversation = Noun(
    "conversation",
    "会话 / Conversations",
    command(
        "open",
        "conversation.open",
        example="sanfang conversation open ding0example --userid jia --userid yi",
    ),
    command(
        "list",
        "conversation.list",
        columns=("cid", "kind", "title", "owner", "members", "status", "unread"),
        example="sanfang conversation list ding0example --userid jia",
    ),
)

robot = Noun(
    "robot",
    "群机器人 / Webhook robots",
    command(
        "create",
        "robot.create",
        arguments=["cid", "name"],
        example="sanfang robot create ding0example cid0example 构建机器人 --keyword 构建",
    ),
    command(
        "list",
        "robot.list",
        arguments=["cid"],
        example="sanfang robot list ding0example cid0example",
    ),
)

checkin = Noun(
    "checkin",
    "签到 / Check-ins",
    command(
        "add",
        "checkin.add",
        arguments=["userid"],
        example="sanfang checkin add ding0example jia --place 客户公司 --remark 拜访",
    ),
)

attendance = Noun(
    "attendance",
    "考勤 / Attendance",
    command(
        "add",
        "attendance.add",
        arguments=["userid"],
        example="sanfang attendance add ding0example jia --time-result Late",
    ),
    command(
        "add-leave",
        "attendance.add-leave",
        arguments=["userid"],
        example="sanfang attendance add-leave ding0example jia"
        " --starts-at 1700000000000 --ends-at 1700086400000",
    ),
)

signin = Noun(
    "signin",
    "登录 / Signing in",
    command(
        "code",
        "signin.code",
        example="sanfang signin code ding0example jia --app suite0example",
    ),
    command(
        "open",
        "signin.open",
        arguments=["address"],
        example="sanfang signin open ding0example jia"
        " 'https://login.dingtalk.com/oauth2/auth?client_id=...'",
    ),
    command("hosts", "signin.hosts", example="sanfang signin hosts suite0example"),
    command(
        "set-hosts",
        "signin.set-hosts",
        example="sanfang signin set-hosts suite0example --host 127.0.0.1:9000",
    ),
    command("sso-secret", "signin.sso-secret", example="sanfang signin sso-secret ding0example"),
)

openapp = Noun(
    "openapp",
    "登录应用 / Open apps",
    command(
        "create",
        "openapp.create",
        arguments=["name"],
        example="sanfang openapp create 示例网站 --host 127.0.0.1:9000",
    ),
    command("list", "openapp.list", example="sanfang openapp list"),
)

report = Noun(
    "report",
    "日志 / Reports of members",
    command(
        "add-template",
        "report.add-template",
        arguments=["name", "fields"],
        example="sanfang report add-template ding0example 拜访记录 客户 结果",
    ),
    command(
        "read",
        "report.read",
        arguments=["userid"],
        example="sanfang report read ding0example report0example jia",
    ),
    command(
        "like",
        "report.like",
        arguments=["userid"],
        example="sanfang report like ding0example report0example jia",
    ),
    command(
        "comment",
        "report.comment",
        arguments=["userid", "content"],
        example="sanfang report comment ding0example report0example jia 不错",
    ),
)

call = Noun(
    "call",
    "开放接口的调用记录 / Calls of the open API",
    command(
        "list",
        "call.list",
        columns=(
            "call_id",
            "at",
            "client_ip",
            "endpoint",
            "status",
            "code",
            "micros",
            "synthetic",
            "en",
        ),
        example="sanfang call list --corp-id ding0example --refused",
    ),
)

callback = Noun(
    "callback",
    "企业事件的回调注册 / Registrations for events of a corp",
    command(
        "list",
        "callback.list",
        columns=("owner_key", "url", "tags", "failed", "updated_at"),
        example="sanfang callback list ding0example",
    ),
    command(
        "failures",
        "callback.failures",
        columns=("failure_id", "owner_key", "tag", "plain", "event_time", "returned"),
        example="sanfang callback failures ding0example --key suite0example",
    ),
)

permission = Noun(
    "permission",
    "权限点 / Permission points",
    command("list", "permission.list", example="sanfang permission list ding0example"),
    command(
        "grant",
        "permission.grant",
        arguments=["points"],
        example="sanfang permission grant ding0example qyapi_get_member",
    ),
    command(
        "revoke",
        "permission.revoke",
        arguments=["points"],
        example="sanfang permission revoke ding0example qyapi_get_member",
    ),
)
