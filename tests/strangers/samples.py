"""The calls of the official tutorials, as curl would send them: method, path, headers, fields.

Texts and values are ours. ``{name}`` stands for what is known or what an earlier sample answered;
``keep`` says under which name a part of the answer is kept. They are sent in order, since tutorials
build on what they made before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
HOME = "http://oa.example/"
TOKEN = "access_token={token}"


@dataclass(frozen=True)
class Sample:
    """``expect`` are dotted parts of the answer with their values, None meaning that they are there."""

    request: str
    json: Any = None
    form: dict[str, str] | None = None  # curl -d
    parts: dict[str, Any] | None = None  # curl -F
    expect: dict[str, Any] = field(default_factory=dict)
    keep: dict[str, str] = field(default_factory=dict)
    code: int | str = 0

    def __str__(self) -> str:
        return self.request.partition("?")[0]

    @property
    def newer(self) -> bool:
        return "/v1.0/" in self.request


def _message(kind: str, body: dict[str, Any]) -> Sample:
    fields = {"touser": "zhang|nobody", "toparty": "", "agentid": "{agent}", "msgtype": kind}
    answer = {"invaliduser": "nobody", "messageId": None}
    return Sample(f"POST /message/send?{TOKEN}", {**fields, kind: body}, expect=answer)


def _topapi(path: str, form: dict[str, str], **more: Any) -> Sample:
    """The newer oapi documents send forms, with the token among the fields."""
    return Sample(f"POST /topapi/{path}", form={"access_token": "{token}", **form}, **more)


OF_2016 = [
    Sample(
        "GET /gettoken?corpid={corp_id}&corpsecret={secret}",
        expect={"expires_in": None},
        keep={"token": "access_token"},
    ),
    Sample(f"GET /get_jsapi_ticket?{TOKEN}&type=jsapi", expect={"ticket": None}),
    Sample(
        f"POST /department/create?{TOKEN}",
        {"name": "市场部", "parentid": "1", "order": "1", "createDeptGroup": True},
        keep={"dept": "id"},
    ),
    Sample(f"GET /department/list?{TOKEN}", expect={"department": None}),
    Sample(f"GET /department/get?{TOKEN}&id={{dept}}", expect={"name": "市场部"}),
    Sample(
        f"POST /department/update?{TOKEN}",
        {"id": "{dept}", "name": "市场一部", "parentid": "1", "order": "2"},
    ),
    Sample(
        f"POST /user/create?{TOKEN}",
        {
            "userid": "wang",
            "name": "测试员丙",
            "orderInDepts": '{"1": 10}',
            "department": ["{dept}"],
            "position": "产品经理",
            "mobile": "13000000003",
            "tel": "010-00000000",
            "workPlace": "三号楼",
            "remark": "新来的",
            "email": "wang@example.com",
            "jobnumber": "111111",
            "isHide": False,
            "isSenior": False,
            "extattr": {"爱好": "旅游", "年龄": "24"},
        },
        expect={"userid": "wang"},
    ),
    Sample(
        f"GET /user/get?{TOKEN}&userid=wang", expect={"name": "测试员丙", "position": "产品经理"}
    ),
    Sample(
        f"POST /user/update?{TOKEN}",
        {"userid": "wang", "name": "测试员丁", "department": ["{dept}"]},
    ),
    Sample(
        f"GET /user/simplelist?{TOKEN}&department_id={{dept}}",
        expect={"userlist": [{"userid": "wang", "name": "测试员丁"}]},
    ),
    Sample(f"GET /user/list?{TOKEN}&department_id={{dept}}", expect={"userlist.0.userid": "wang"}),
    Sample(
        f"POST /media/upload?{TOKEN}&type=image",
        parts={"media": ("a.png", PNG, "image/png")},
        expect={"type": "image", "created_at": None},
        keep={"image": "media_id"},
    ),
    Sample(
        "POST /media/upload",
        parts={
            "access_token": "{token}",
            "type": "file",
            "media": ("a.pdf", b"%PDF-1.4", "application/pdf"),
        },
        keep={"file": "media_id"},
    ),
    _message("text", {"content": "张三的请假申请"}),
    _message("image", {"media_id": "{image}"}),
    _message("file", {"media_id": "{file}"}),
    _message(
        "link", {"messageUrl": HOME, "picUrl": "{image}", "title": "测试", "text": "一个链接"}
    ),
    _message(
        "oa",
        {
            "message_url": HOME,
            "head": {"bgcolor": "FFBBBBBB", "text": "头部标题"},
            "body": {
                "title": "正文标题",
                "form": [{"key": "姓名:", "value": "测试员甲"}, {"key": "年龄:", "value": "20"}],
                "rich": {"num": "15.6", "unit": "元"},
                "content": "大段文本",
                "image": "{image}",
                "file_count": "3",
                "author": "测试员乙",
            },
        },
    ),
    Sample(
        f"POST /chat/create?{TOKEN}",
        {"name": "群名称", "owner": "zhang", "useridlist": ["zhang", "li"]},
        keep={"chat": "chatid"},
    ),
    Sample(
        f"POST /chat/update?{TOKEN}",
        {"chatid": "{chat}", "name": "新群名", "add_useridlist": ["wang"]},
    ),
    Sample(
        f"GET /chat/get?{TOKEN}&chatid={{chat}}",
        expect={"chat_info.name": "新群名", "chat_info.owner": "zhang"},
    ),
    Sample(
        f"POST /chat/send?{TOKEN}",
        {
            "chatid": "{chat}",
            "sender": "zhang",
            "msgtype": "text",
            "text": {"content": "大家好"},
        },
    ),
    Sample(
        f"POST /microapp/create?{TOKEN}",
        {
            "appIcon": "{image}",
            "appName": "签到看板",
            "appDesc": "看每天的签到",
            "homepageUrl": HOME,
            "pcHomepageUrl": HOME + "pc",
            "ompLink": HOME + "admin",
        },
        expect={"agentid": None},
    ),
    Sample(
        f"POST /call_back/register_call_back?{TOKEN}",
        {
            "call_back_tag": ["user_add_org", "user_modify_org", "user_leave_org"],
            "token": "strangertoken",
            "aes_key": "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij",
            "url": "{receiver}",
        },
    ),
    Sample(
        f"GET /call_back/get_call_back?{TOKEN}",
        expect={"call_back_tag": ["user_add_org", "user_modify_org", "user_leave_org"]},
    ),
    Sample(f"GET /call_back/get_call_back_failed_result?{TOKEN}", expect={"failed_list": None}),
    Sample(f"GET /call_back/delete_call_back?{TOKEN}"),
    Sample(f"POST /user/batchdelete?{TOKEN}", {"useridlist": ["wang"]}),
    Sample(f"GET /department/delete?{TOKEN}&id={{dept}}"),
]

OF_TOPAPI = [
    Sample(
        "GET /gettoken?appkey={app_key}&appsecret={secret}",
        expect={"expires_in": 7200},
        keep={"token": "access_token"},
    ),
    _topapi(
        "v2/department/create",
        {"parent_id": "1", "name": "HR", "order": "10", "hide_dept": "false"},
        expect={"result.dept_id": None},
        keep={"dept": "result.dept_id"},
    ),
    _topapi("v2/department/get", {"dept_id": "{dept}"}, expect={"result.name": "HR"}),
    _topapi("v2/department/listsub", {"dept_id": "1"}, expect={"result.0.parent_id": 1}),
    _topapi(
        "v2/user/create",
        {"userid": "zhao", "name": "测试员己", "mobile": "13000000006", "dept_id_list": "{dept}"},
        expect={"result.userid": "zhao"},
    ),
    _topapi(
        "v2/user/get", {"userid": "zhao", "language": "zh_CN"}, expect={"result.name": "测试员己"}
    ),
    _topapi("v2/user/getbymobile", {"mobile": "13000000006"}, expect={"result.userid": "zhao"}),
    _topapi("user/listsimple", {"dept_id": "{dept}", "cursor": "0", "size": "10"}),
    _topapi("v2/user/list", {"dept_id": "{dept}", "cursor": "0", "size": "10"}),
    _topapi("user/listid", {"dept_id": "{dept}"}, expect={"result.userid_list": ["zhao"]}),
    _topapi(
        "message/corpconversation/asyncsend_v2",
        {
            "agent_id": "{agent}",
            "userid_list": "zhao,zhang",
            "to_all_user": "false",
            "msg": '{"msgtype": "text", "text": {"content": "测试员甲的请假申请"}}',
        },
        keep={"task": "task_id"},
    ),
    _topapi(
        "message/corpconversation/getsendprogress", {"agent_id": "{agent}", "task_id": "{task}"}
    ),
    _topapi("message/corpconversation/getsendresult", {"agent_id": "{agent}", "task_id": "{task}"}),
    _topapi("message/corpconversation/recall", {"agent_id": "{agent}", "msg_task_id": "{task}"}),
    _topapi("role/list", {"size": "20", "offset": "0"}, expect={"result.list": None}),
    _topapi(
        "workrecord/add",
        {
            "userid": "zhao",
            "create_time": "1793606400000",
            "title": "审批",
            "url": HOME,
            "formItemList": '[{"title": "事由", "content": "出差"}]',
        },
        expect={"record_id": None},
    ),
    Sample(
        "POST /robot/send?access_token={robot}",
        {"msgtype": "text", "text": {"content": "监控报警"}, "at": {"isAtAll": False}},
    ),
    Sample(
        "POST /robot/send?access_token={robot}",
        {"msgtype": "markdown", "markdown": {"title": "天气", "text": "#### 晴 \n > 9 度"}},
    ),
    _topapi("v2/user/delete", {"userid": "zhao"}),
    _topapi("v2/department/delete", {"dept_id": "{dept}"}),
]

# Signing in: the codes are made as if a person had opened the app or the page.
OF_SIGN_IN = [
    Sample("GET /gettoken?corpid={corp_id}&corpsecret={secret}", keep={"token": "access_token"}),
    Sample(
        f"GET /user/getuserinfo?{TOKEN}&code={{login_code}}",
        expect={"userid": "zhang", "is_sys": False, "sys_level": 0, "deviceId": None},
    ),
    Sample(f"GET /user/getuserinfo?{TOKEN}&code={{login_code}}", code=40078),
    _topapi(
        "v2/user/getuserinfo",
        {"code": "{login_code_2}"},
        expect={"result.userid": "zhang", "result.unionid": "{unionid}", "result.sys": False},
    ),
    Sample(
        "GET /sso/gettoken?corpid={corp_id}&corpsecret={sso_secret}",
        keep={"sso_token": "access_token"},
    ),
    Sample(
        "GET /sso/getuserinfo?access_token={sso_token}&code={admin_code}",
        expect={"is_sys": True, "user_info.userid": "manager", "corp_info.corpid": "{corp_id}"},
    ),
    Sample(
        "GET /sso/getuserinfo?access_token={sso_token}&code={admin_code}",
        code=41007,
    ),
    Sample(
        "GET /sns/gettoken?appid={open_app}&appsecret={open_secret}",
        keep={"token": "access_token"},
    ),
    Sample(
        f"POST /sns/get_persistent_code?{TOKEN}",
        {"tmp_auth_code": "{sns_code}"},
        expect={"unionid": "{unionid}"},
        keep={"openid": "openid", "persistent": "persistent_code"},
    ),
    Sample(
        f"POST /sns/get_sns_token?{TOKEN}",
        {"openid": "{openid}", "persistent_code": "{persistent}"},
        expect={"expires_in": 7200},
        keep={"sns_token": "sns_token"},
    ),
    Sample(
        "GET /sns/getuserinfo?sns_token={sns_token}",
        expect={"user_info.nick": "测试员甲", "user_info.openid": "{openid}"},
    ),
    Sample(
        "POST /sns/getuserinfo_bycode?accessKey={open_app}&timestamp={timestamp}"
        "&signature={signature}",
        {"tmp_auth_code": "{sns_code_2}"},
        expect={"user_info.openid": "{openid}", "user_info.unionid": "{unionid}"},
    ),
    Sample(
        "POST /v1.0/oauth2/userAccessToken",
        {
            "clientId": "{app_key}",
            "clientSecret": "{secret}",
            "code": "{oauth_code}",
            "grantType": "authorization_code",
        },
        expect={"expireIn": 7200, "corpId": "{corp_id}"},
        keep={"token": "accessToken", "refresh": "refreshToken"},
    ),
    Sample(
        "GET /v1.0/contact/users/me",
        expect={"nick": "测试员甲", "unionId": "{unionid}", "openId": None},
    ),
    Sample(
        "POST /v1.0/oauth2/userAccessToken",
        {
            "clientId": "{app_key}",
            "clientSecret": "{secret}",
            "refreshToken": "{refresh}",
            "grantType": "refresh_token",
        },
        keep={"token": "accessToken"},
    ),
    Sample("GET /v1.0/contact/users/{unionid}", expect={"unionId": "{unionid}"}),
    Sample(
        "POST /v1.0/oauth2/ssoAccessToken",
        {"corpid": "{corp_id}", "ssoSecret": "{sso_secret}"},
        keep={"token": "accessToken"},
    ),
    Sample(
        "GET /v1.0/oauth2/ssoUserInfo",
        {"code": "{admin_code_2}"},  # the printed sample sends it in the body of the GET
        expect={"corpId": "{corp_id}", "userId": "manager", "isAdmin": True},
    ),
]

_CALENDAR = "/v1.0/calendar/users/{unionid}/calendars/primary/events"
_TODO = "/v1.0/todo/users/{unionid}/tasks"
OF_V1 = [
    Sample(
        "POST /v1.0/oauth2/accessToken",
        {"appKey": "{app_key}", "appSecret": "{secret}"},
        expect={"expireIn": 7200},
        keep={"token": "accessToken"},
    ),
    Sample("POST /v1.0/oauth2/jsapiTickets", expect={"jsapiTicket": None, "expireIn": None}),
    Sample(
        "POST /v1.0/contact/users/search",
        {"queryWord": "测试员甲", "offset": 0, "size": 10, "fullMatchField": 1},
        expect={"totalCount": 1, "list": ["zhang"]},
    ),
    Sample(
        "POST /v1.0/contact/departments/search",
        {"queryWord": "研发", "offset": 0, "size": 10},
        expect={"totalCount": 1},
    ),
    Sample(
        "POST /v1.0/robot/oToMessages/batchSend",
        {
            "robotCode": "{app_key}",
            "userIds": ["zhang"],
            "msgKey": "sampleMarkdown",
            "msgParam": '{"text": "hello text","title": "hello title"}',
        },
        expect={"processQueryKey": None},
    ),
    Sample(
        f"POST {_TODO}?operatorId={{unionid}}",
        {
            "sourceId": "stranger-1",
            "subject": "接入待办",
            "creatorId": "{unionid}",
            "description": "应用发起的一项待办",
            "dueTime": 1793700000000,
            "executorIds": ["{unionid}"],
            "participantIds": ["{unionid}"],
            "detailUrl": {"appUrl": HOME, "pcUrl": HOME},
            "isOnlyShowExecutor": True,
            "priority": 20,
            "notifyConfigs": {"dingNotify": "1"},
        },
        expect={"subject": "接入待办", "priority": 20},
        keep={"task": "id"},
    ),
    Sample(
        f"PUT {_TODO}/{{task}}?operatorId={{unionid}}",
        {"subject": "接入待办二", "done": True},
        expect={"result": True},
    ),
    Sample(f"GET {_TODO}/{{task}}", expect={"subject": "接入待办二", "done": True}),
    Sample(f"DELETE {_TODO}/{{task}}?operatorId={{unionid}}", expect={"result": True}),
    Sample(
        f"POST {_CALENDAR}",
        {
            "summary": "例会",
            "description": "每周一次",
            "start": {"dateTime": "2026-11-24T10:15:30+08:00", "timeZone": "Asia/Shanghai"},
            "end": {"dateTime": "2026-11-24T11:15:30+08:00", "timeZone": "Asia/Shanghai"},
            "isAllDay": False,
            "attendees": [{"id": "{unionid}"}],
            "location": {"displayName": "一号会议室"},
            "reminders": [{"method": "dingtalk", "minutes": 15}],
        },
        expect={"summary": "例会", "location.displayName": "一号会议室"},
        keep={"event": "id"},
    ),
    Sample(
        f"GET {_CALENDAR}?timeMin=2026-11-24T00:00:00%2B08:00&timeMax=2026-11-25T00:00:00%2B08:00",
        expect={"events.0.summary": "例会"},
    ),
    Sample(
        f"PUT {_CALENDAR}/{{event}}",
        {"id": "{event}", "summary": "周会"},
        expect={"summary": "周会"},
    ),
    Sample(f"GET {_CALENDAR}/{{event}}", expect={"summary": "周会"}),
    Sample(f"DELETE {_CALENDAR}/{{event}}"),
    Sample(
        "POST /v1.0/workflow/forms",
        {
            "name": "出差报销审批",
            "description": "员工差旅费用",
            "formComponents": [
                {
                    "componentType": "TextField",
                    "props": {"componentId": "TextField-a", "label": "事由", "required": True},
                }
            ],
        },
        expect={"result.processCode": None},
        keep={"process": "result.processCode"},
    ),
    Sample(
        "POST /v1.0/workflow/processInstances",
        {
            "processCode": "{process}",
            "originatorUserId": "zhang",
            "deptId": 1,
            "microappAgentId": "{agent}",
            "approvers": [{"actionType": "NONE", "userIds": ["li"]}],
            "formComponentValues": [{"name": "事由", "value": "出差"}],
        },
        expect={"instanceId": None},
        keep={"instance": "instanceId"},
    ),
    Sample(
        "GET /v1.0/workflow/processInstances?processInstanceId={instance}",
        expect={"result.status": "RUNNING", "result.formComponentValues.0.value": "出差"},
    ),
    Sample(
        "POST /v1.0/workflow/processInstances/terminate",
        {
            "processInstanceId": "{instance}",
            "isSystem": True,
            "remark": "不去了",
            "operatingUserId": "zhang",
        },
        code="aflowProcessInstStatusException",  # not within 15 seconds of its start
    ),
]
