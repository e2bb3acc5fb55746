"""Where our layer does on purpose what `dingtalk-sdk` does not; printed on the migration page."""

from __future__ import annotations

from typing import NamedTuple


class Difference(NamedTuple):
    """What theirs does and what ours does, in Chinese and English."""

    zh: str
    en: str


_NO_POST = Difference(
    "原 SDK 调用了该类没有的方法，AttributeError，从未发出；这里正常发送",
    "theirs calls a method its class lacks and ends in AttributeError; ours sends it",
)

OF_METHODS: dict[str, Difference] = {
    "cspace.add_to_single_chat": Difference(
        "这里的 POST 带 `{}` 与 JSON 的 Content-Type，文档要求 POST 都有；原 SDK 两者皆无",
        "ours sends `{}` and a JSON Content-Type, which the old host wants on each POST; theirs neither",
    ),
    "employeerm.setuserworkdata": Difference(
        "原 SDK 误调 `getdismissionlist`；这里调用 `dingtalk.corp.hrm.employee.setuserworkdata`",
        "theirs calls `getdismissionlist` by mistake; ours calls the API of that name",
    ),
    "role.add_role": _NO_POST,
    "role.add_role_group": _NO_POST,
    "role.update_role": Difference(
        "同上；参数 `group_id` 作为文档中的 `roleId` 发送",
        "the same; its parameter `group_id` is sent as the documented `roleId`",
    ),
    "user.batchdelete": Difference(
        "原 SDK 向没有文档的 `POST /user/delete` 发送；这里用 `/user/batchdelete`",
        "theirs posts to the undocumented `/user/delete`; ours to `/user/batchdelete`",
    ),
    "user.listbypage": Difference(
        "原 SDK 调用 `/user/list`；这里调用 `/user/listbypage`",
        "theirs calls `/user/list`; ours `/user/listbypage`",
    ),
}
"""Methods whose request differs for arguments that both accept."""

OF_RETURNS: dict[str, Difference] = {
    "attendance.getleaveapproveduration": Difference(
        "结果在内层 `result` 时原 SDK KeyError；这里两层都找",
        "theirs ends in KeyError when it is one level deeper, as documented; ours looks in both",
    ),
    "cspace.grant_custom_space": Difference(
        "文档的应答没有 `spaceid`，原 SDK KeyError；这里返回整个应答",
        "the documented answer has no `spaceid`: KeyError in theirs; ours returns the answer",
    ),
    "microapp.create": Difference(
        "2016 年的应答写作 `agentid`，原 SDK KeyError；这里两种都认",
        "the answer of 2016 spells `agentid`: KeyError in theirs; ours takes both",
    ),
    "workrecord.dingtalk_oapi_process_workrecord_task_update": Difference(
        "文档的应答没有 `tasks`，原 SDK KeyError；这里返回整个应答",
        "the documented answer has no `tasks`: KeyError in theirs; ours returns the answer",
    ),
}
"""Methods that return something where theirs ends in KeyError."""

IN_GENERAL: tuple[Difference, ...] = (
    Difference(
        "默认存储保留没有期限的值：原 SDK 的 `MemoryStorage` 对票据与永久授权码抛 TypeError，"
        "被回调处理吞掉，授权就此丢失",
        "The default storage keeps values without expiry: `MemoryStorage` of theirs raises TypeError "
        "for tickets and permanent codes, the callback handler swallows it, and the code is lost",
    ),
    Difference(
        "`parse_message` 处理失败会抛出，平台因此重推；原 SDK 记一行日志（含授权码）后照常返回",
        "`parse_message` raises what went wrong, so that the push comes again; theirs logs it, code "
        "included, and returns as if nothing had happened",
    ),
    Difference(
        "令牌失效后更新一次、重试一次，然后抛异常；原 SDK 无限递归。网关的失效会话同样更新",
        "A dead token is renewed once and the call repeated once, then it is an exception; theirs "
        "recurses without end. Dead sessions of the gateway are renewed too",
    ),
    Difference(
        "多线程同时需要令牌时只取一次；jsapi_ticket 同样",
        "Threads that need a token at the same time fetch it once; the jsapi_ticket too",
    ),
    Difference(
        "默认 10 秒超时；原 SDK 没有超时",
        "10 s time-out by default; theirs has none",
    ),
    Difference(
        "平台繁忙或限流时等待后重试（`auto_retry=False` 关闭），原 SDK 立即抛出",
        "Waits and repeats when the platform is busy or limits calls, unless `auto_retry=False`; "
        "theirs raises at once. A dead token is renewed in either case",
    ),
    Difference(
        "同一企业的两个 CorpSecret 各有令牌；原 SDK 共用一个键",
        "Two CorpSecrets of one corp have two tokens; with theirs they share a key",
    ),
    Difference(
        "`get_jsapi_params` 先去掉网址的 `#…` 再签名；原 SDK 连它一起签，前端必然失败",
        "`get_jsapi_params` signs the address without its `#…`; theirs signs it whole, which fails",
    ),
    Difference(
        "`/get_jsapi_ticket` 带 `type=jsapi`",
        "`/get_jsapi_ticket` carries `type=jsapi`",
    ),
    Difference(
        "查询里的布尔值写 `true`、`false`，原 SDK 写 `True`、`False`；查询里的 JSON 不转义中文",
        "Booleans in a query are `true` and `false`, theirs `True` and `False`; JSON in a query is "
        "UTF-8 where theirs writes \\u escapes",
    ),
    Difference(
        "`register_call_back` 发送给出的全部标签；原 SDK 悄悄丢掉不在它自己列表里的",
        "`register_call_back` sends every tag it is given; theirs silently drops those that are not in its own list",
    ),
    Difference(
        '传给消息方法的字典不被改动；`userid_list="zhang"` 是一个人，原 SDK 发出 `z,h,a,n,g`',
        'A dict given as a message stays as it was; `userid_list="zhang"` is one person, with theirs '
        "`z,h,a,n,g`",
    ),
    Difference(
        "解密时检查填充，以恒定时间比较签名；打不开的消息都是 `DingTalkException`",
        "Padding is checked and signatures compared in constant time; what cannot be opened is a "
        "`DingTalkException`",
    ),
    Difference(
        "应答是网页、不完整或非 JSON 时抛 `DingTalkClientException`（`errcode` 为 None）；"
        "原 SDK 返回 requests 的 Response。网络错误是 `sanfang.client.TransportFailed`、`TimedOut`",
        "A page, a truncated or other unreadable answer is a `DingTalkClientException` whose `errcode` "
        "is None; theirs returns a Response. Network failures are `sanfang.client.TransportFailed` "
        "and `TimedOut`, where theirs shows exceptions of `requests`",
    ),
    Difference(
        "服务窗的 `ChannelClient` 能发出请求；原 SDK 因格式串有误全部 ValueError",
        "`ChannelClient` sends its calls; a wrong format string made each a ValueError in theirs",
    ),
    Difference(
        "没有永久授权码时，授权企业的令牌改用签名方式取得",
        "Without a permanent code a corp's token is fetched in the signed form",
    ),
    Difference(
        "网关的 `timestamp` 总是东八区时间；原 SDK 用本机时区",
        "The gateway's `timestamp` is always in UTC+8; theirs is in the zone of the machine",
    ),
    Difference(
        "请求只发往本平台：`get`、`post` 的绝对地址若在别的主机，拒绝",
        "Calls go to this platform only: `get` and `post` refuse an address on another host",
    ),
    Difference(
        "不带淘宝的 3,800 个方法（`tbwuliu` 等）；`top_request(名称, 参数)` 仍可调用",
        "Without the 3,800 methods of Taobao (`tbwuliu` …); `top_request(name, params)` sends them",
    ),
)
