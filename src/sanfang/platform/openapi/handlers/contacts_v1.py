"""Contacts of the newer API (``/v1.0/contact/*``), where they are the same things."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ...domain import contacts, corps, permissions
from ...domain.model import Member
from ...domain.refusals import Refusal
from ..handling import Call, handler
from . import sight
from .member_fields import state_code

_PARAMETER = {40035: "parameter.error", 40068: "parameter.error", 40069: "parameter.error"}
_LEAVING = {**dict.fromkeys((40035, 41100), "invalidParameter.param.invalid")}
_NO_USER = {60111: "parameter.userNotExists", 40035: "parameter.error"}
LARGEST_RECORDS, MOST_SORTED, MOST_READ, MOST_PERMITTED = 50, 100, 100, 200
_YEAR = 365 * 24 * 3_600_000  # the longest time asked for
_END_OF_TIME = 2**62


@handler("v1_0_contact_users_search_post", v1=_PARAMETER)
async def users_search(call: Call) -> dict[str, Any]:
    args = call.args
    found = await contacts.search_members(
        *(call.core, call.identity.corp_id, args["queryWord"]),
        whole=args.get("fullMatchField") == 1,
    )
    return _cut(call, await sight.userids(call, found))


@handler("v1_0_contact_departments_search_post", v1=_PARAMETER)
async def departments_search(call: Call) -> dict[str, Any]:
    word = call.args["queryWord"]
    found = await contacts.search_departments(call.core, call.identity.corp_id, word)
    return _cut(call, await sight.dept_ids(call, found))


@handler("v1_0_contact_users_sort_post", v1={40032: "listsize.too.long"})
async def users_sort(call: Call) -> dict[str, Any]:
    """Sort members by name, in the order of code points; 1 is descending."""
    userids = list(dict.fromkeys(call.args["userIdList"]))
    sight.few("userIdList", userids, MOST_SORTED, 40032)
    found = await _members(call, userids)
    found.sort(key=lambda each: (each.name, each.userid), reverse=call.args.get("sortType") == 1)
    return {"userIdList": [each.userid for each in found]}


@handler("v1_0_contact_users_batch_get_get", types={"userIdList": "array of string"})
async def users_batch_get(call: Call) -> dict[str, Any]:
    """Known from an SDK only: members by their userids, and those that are not the caller's to see."""
    userids = list(dict.fromkeys(call.args.get("userIdList") or []))
    sight.few("userIdList", userids, MOST_READ)
    found = await _members(call, userids)
    seen = {each.userid for each in found}
    return {
        "userList": [_brief(each) for each in found],
        "unauthorizedUserIdList": [each for each in userids if each not in seen],
    }


@handler("v1_0_contact_emp_leave_records_get", v1=_LEAVING)
async def emp_leave_records(call: Call) -> dict[str, Any]:
    args = call.args
    size = args["maxResults"]
    if not 1 <= size <= LARGEST_RECORDS:
        raise Refusal(
            40035,
            f"maxResults 应为 1 到 {LARGEST_RECORDS}。",
            f"maxResults is from 1 to {LARGEST_RECORDS}.",
        )
    start, end = _moment(args["startTime"]), args.get("endTime")
    until = _moment(end) if end else _END_OF_TIME
    if min(until, max(call.now, start)) - start > _YEAR or until < start:
        raise Refusal(
            40035,
            "起止时间跨度不能超过 365 天；不传 endTime 时算到现在。",
            "The time asked for is at most 365 days; without endTime it lasts until now.",
        )
    hidden = permissions.MOBILE in await permissions.withheld(call.core, call.identity)
    found = await contacts.left_members(
        *(call.core, call.identity.corp_id),
        *(start, until),
        after=_token(args.get("nextToken")),
        size=size + 1,
    )
    answer: dict[str, Any] = {
        "records": [
            {
                "userId": userid,
                "name": name,
                **(
                    {"mobile": mobile, "stateCode": state_code(mobile)}
                    if mobile and not hidden
                    else {}
                ),
                "leaveTime": _written(left_at),
                "leaveReason": reason,
            }
            for _, userid, name, mobile, reason, left_at in found[:size]
        ]
    }
    if len(found) > size:
        answer["nextToken"] = str(found[size - 1][0])
    return answer


@handler("v1_0_contact_organizations_auth_infos_get")
async def organizations_auth_infos(call: Call) -> dict[str, Any]:
    corp_id = call.identity.corp_id
    wanted = call.args.get("targetCorpId") or corp_id
    if wanted != corp_id:
        raise Refusal(
            60011,
            "只能查询令牌所属企业的认证信息。",
            "Only the certification of the token's own corp can be read.",
            facts={"v1": "permission.denied"},
        )
    corp = await corps.get_corp(call.core, corp_id)
    return {
        "orgName": corp.name,
        "licenseOrgName": corp.name if corp.is_authenticated else "",
        "registrationNum": "",
        "unifiedSocialCredit": "",
        "organizationCode": "",
        "legalPerson": "",
        "licenseUrl": "",
        "authLevel": 1 if corp.is_authenticated else 0,
    }


@handler("v1_0_contact_senior_settings_post", v1=_NO_USER)
async def set_senior(call: Call) -> dict[str, Any]:
    """Set what ``/user/update`` calls isSenior; whom a senior is shown to nevertheless is not kept."""
    args = call.args
    lists = [args.get(f"permit{name}Ids") or [] for name in ("Staff", "Dept", "Tag")]
    if sum(map(len, lists)) > MOST_PERMITTED:
        raise Refusal(
            40035,
            f"高管白名单合计最多 {MOST_PERMITTED} 项。",
            f"A senior is shown to at most {MOST_PERMITTED} members, departments and roles.",
        )
    await contacts.update_member(
        *(call.core, call.identity.corp_id, args["seniorStaffId"]), senior=args["open"]
    )
    return {}


@handler("v1_0_contact_senior_settings_get", v1=_NO_USER)
async def get_senior(call: Call) -> dict[str, Any]:
    member = await sight.member(call, call.args["seniorStaffId"])
    return {
        "seniorStaffId": member.userid if member.profile.senior else "",
        "protectScenes": [],
        "seniorWhiteList": [],
    }


async def _members(call: Call, userids: list[str]) -> list[Member]:
    """Return those of these members that exist and lie in the caller's scope."""
    found = []
    for userid in await sight.userids(call, userids):
        try:
            found.append(await sight.hidden_member(call, userid))
        except Refusal:  # no such member
            continue
    return await sight.shown(call, found)


def _brief(member: Member) -> dict[str, Any]:
    profile = member.profile
    shown: dict[str, Any] = {
        "userid": member.userid,
        "unionid": member.unionid,
        "name": member.name,
        "nickname": profile.nickname,
        "avatar": "",
        "job_number": member.jobnumber,
        "remark": profile.remark,
        "senior": profile.senior,
    }
    if member.mobile:
        shown |= {"mobile": member.mobile, "state_code": state_code(member.mobile)}
    return shown


def _cut(call: Call, found: list[Any]) -> dict[str, Any]:
    offset, size = sight.offset_and_size(call)
    return {
        "hasMore": len(found) > offset + size,
        "totalCount": len(found),
        "list": found[offset : offset + size],
    }


def _moment(text: str) -> int:
    try:
        read = datetime.fromisoformat(text)
        return int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise Refusal(
            41100,
            "时间应写作 2021-01-06T11:47:37Z。",
            "A time is written as 2021-01-06T11:47:37Z.",
        ) from error


def _written(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _token(text: str | None) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) < 18):
        raise Refusal(40035, "nextToken 无效。", "That nextToken was not given by this API.")
    return int(text)
