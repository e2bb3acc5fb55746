"""What the platform says of itself."""

from __future__ import annotations

import msgspec

import sanfang

from ..domain.core import Core, Settings
from . import forms, views

# Meaning of every setting; times are milliseconds unless said otherwise.
MEANINGS: dict[str, tuple[str, str]] = {
    "sandbox": (
        "沙箱：允许回环和内网回调地址",
        "sandbox: loopback and private callback addresses are allowed",
    ),
    "ticket_interval_ms": (
        "suite_ticket 的推送间隔",
        "how often each suite gets a new suite_ticket",
    ),
    "ticket_strict": (
        "只认最新的 suite_ticket，上一个立即失效",
        "only the newest suite_ticket works, no grace for the one before",
    ),
    "token_ttl_s": (
        "各种 token 和 jsapi_ticket 的有效期，秒",
        "life of every token and jsapi_ticket, in seconds",
    ),
    "signin_code_ttl_s": (
        "登录用的一次性 code 的有效期，秒",
        "life of one-time codes for signing in, in seconds",
    ),
    "refresh_token_ttl_s": (
        "用户 refreshToken 的有效期，秒",
        "life of a user's refreshToken, in seconds",
    ),
    "signin_profile": (
        "isv2016：/user/getuserinfo 的坏 code 为 40029，sys_level 按 2016 年的含义",
        "isv2016: /user/getuserinfo says 40029 for a bad code and has the sys_level of 2016",
    ),
    "jsapi_ticket_mode": (
        "keep：有效期内不变；rotate：新的使旧的失效",
        "keep: the same ticket while valid; rotate: a new one kills the old",
    ),
    "rate_profile": (
        "isv2016：按下面四项限流；modern：按 2026 年的规则；off：不限",
        "isv2016: the four limits below; modern: the rules of 2026; off: none",
    ),
    "rate_corp_api": ("企业 × 接口，每分钟", "corp × API, calls a minute"),
    "rate_isv_api": ("ISV × 接口，每分钟", "ISV × API, calls a minute"),
    "rate_isv_corp_api": ("ISV × 企业 × 接口，每分钟", "ISV × corp × API, calls a minute"),
    "rate_suite_corp_api": ("套件 × 企业 × 接口，每分钟", "suite × corp × API, calls a minute"),
    "rate_app_api_second": (
        "modern：应用 × 接口，每秒 (90018)",
        "modern: app × API, calls a second (90018)",
    ),
    "rate_ip_20s": (
        "modern：一个来源地址每 20 秒的调用次数 (1111)",
        "modern: calls in 20 seconds from one address (1111)",
    ),
    "rate_ip_ban_ms": (
        "modern：超过后封禁该地址多久",
        "modern: how long an address that sent more is banned",
    ),
    "rate_corp_month": (
        "modern：企业自建应用每月的调用次数，0 为不限 (90020)",
        "modern: calls a month by a corp's own apps, 0 for any number (90020)",
    ),
    "synthetic_answers": (
        "没有实现的接口按目录编造回答；关闭则拒绝",
        "APIs without behaviour answer from the catalogue; off: they are refused",
    ),
    "permissions": (
        "enforce：没有权限点的调用被拒绝 (60011)",
        "enforce: calls without the permission point are refused (60011)",
    ),
    "call_log": ("记录开放接口的每次调用", "every call of the open API is recorded"),
    "call_log_keep": ("保留最近多少次调用", "how many calls are remembered, the newest"),
    "department_members": (
        "一个部门的人数上限，0 为不限；通过接口添加时 (40023)",
        "members of a department, 0 for any number; through the API (40023)",
    ),
    "plain_corp_members": (
        "未认证企业的人数上限，0 为不限（官方未公布数字） (40020)",
        "members of a non-certified corp, 0 for any number (number not published) (40020)",
    ),
    "message_profile": (
        "isv2016：41028、41029；modern：另加 41045–41048；off：不限",
        "isv2016: 41028 and 41029; modern: also 41045-41048; off: none",
    ),
    "message_receivers_own": (
        "企业自建应用一次最多发给多少人 (41029)",
        "receivers of one call of an own app (41029)",
    ),
    "message_receivers_isv": (
        "ISV 应用一次最多发给多少人 (41029)",
        "receivers of one call of an ISV's app (41029)",
    ),
    "message_all_staff_daily": (
        "modern：每个应用每天的全员消息数 (41045)",
        "modern: messages of an app to everybody a day (41045)",
    ),
    "message_all_staff_minute": (
        "modern：每个应用每分钟的全员消息数 (41046)",
        "modern: messages of an app to everybody a minute (41046)",
    ),
    "message_minute_own": (
        "modern：企业自建应用每分钟的接收人次 (41047)",
        "modern: receivers a minute of an own app (41047)",
    ),
    "message_minute_isv": (
        "modern：ISV 应用对一家企业每分钟的接收人次 (41047)",
        "modern: receivers a minute of an ISV's app in one corp (41047)",
    ),
    "message_minute_corp": (
        "modern：一家企业每分钟的总接收人次 (41048)",
        "modern: receivers a minute of all apps in one corp (41048)",
    ),
    "robot_minute": (
        "一个群机器人每分钟的消息数，0 为不限 (410100)",
        "messages a minute of one webhook robot, 0: any number (410100)",
    ),
    "office_profile": (
        "isv2016：无公告 (F63)，审批、签到、考勤不向 ISV 开放 (F64)；modern：都有",
        "isv2016: no announcements (F63), no approvals, check-ins or attendance for ISVs (F64);"
        " modern: all of them",
    ),
    "media_image_bytes": ("图片最大字节数 (40006)", "largest image, in bytes (40006)"),
    "media_voice_bytes": ("语音最大字节数 (40006)", "largest voice, in bytes (40006)"),
    "media_video_bytes": ("视频最大字节数 (40006)", "largest video, in bytes (40006)"),
    "media_file_bytes": ("普通文件最大字节数 (40006)", "largest file, in bytes (40006)"),
    "drive_upload_bytes": (
        "经签名地址上传的文件最大字节数",
        "largest file sent to a signed address, in bytes",
    ),
    "drive_space_bytes": (
        "未指定容量的钉盘空间的字节数",
        "quota of a drive space that asks for none, in bytes",
    ),
    "signed_url_ttl_s": (
        "上传、下载地址的有效期，秒",
        "life of addresses for upload and download, in seconds",
    ),
    "strict_content_type": (
        "POST 必须是 application/json，否则 43004",
        "43004 for a POST that is not application/json",
    ),
    "strict_2016_reply": (
        "回调应答必须写作 timeStamp，URL 验证必须返回 Random",
        "a reply must spell timeStamp, and echo Random for URL checks",
    ),
    "require_https": ("拒绝 http 调用 (43003)", "43003 for plain http"),
    "console_domain": (
        "工作台的域名：wb.<域名>，微应用为 app-<agentid>-<端>.<域名>",
        "domain of the workbench, wb.<domain>; its micro-apps are app-<agentid>-<flavour>.<domain>",
    ),
    "trusted_proxy_header": (
        "反向代理写入调用者 IP 的头；空则取套接字地址",
        "header in which a proxy puts the caller's address; empty: the socket's",
    ),
    "push_timeout_ms": ("等待 ISV 应答推送的时间", "how long an ISV may take to answer a push"),
    "push_limit": ("一个推送失败多少次后停止", "failures of one push before it stops"),
    "push_retry_first_ms": (
        "第一次失败后等多久，之后每次加倍",
        "wait after the first failure; doubles",
    ),
    "push_retry_most_ms": ("最长等多久", "the longest wait"),
    "call_back_retries": (
        "企业事件失败后：modern 10 秒、再 30 秒各重试一次；isv2016 同套件推送；然后进失败列表",
        "failed corp events: modern retries after 10 s, then 30 s; isv2016 as suite pushes; then"
        " they are listed",
    ),
    "call_back_most_tags": (
        "一次注册最多多少个 call_back_tag (71010)；2017 年是 20",
        "tags in one registration (71010); 20 in 2017",
    ),
    "corp_apps_most": (
        "通过接口创建的自建应用上限 (33013)",
        "own apps of a corp that the API makes; 33013 beyond",
    ),
    "push_lease_ms": (
        "调度进程死后多久由别人接手，须大于超时",
        "when others take over from a dead dispatcher; longer than the timeout",
    ),
    "push_parallel": ("同一套件同时进行的推送数", "pushes in flight to one suite"),
    "push_reply_bytes": ("应答最长多少字节", "an answer longer than this is refused, in bytes"),
}


async def health(core: Core, form: forms.Nothing) -> views.Health:
    return views.Health("ok", sanfang.__version__, core.clock.now())


async def settings(core: Core, form: forms.Nothing) -> list[views.SettingView]:
    return describe(core.settings)


def describe(current: Settings) -> list[views.SettingView]:
    """List every setting with its value, its default and its meaning."""
    return [
        views.SettingView(
            field.name,
            getattr(current, field.name),
            field.default,
            *MEANINGS.get(field.name, ("", "")),
        )
        for field in msgspec.structs.fields(Settings)
    ]
