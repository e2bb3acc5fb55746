"""What a member may be: the rules of single fields, and of fields that are unique."""

from __future__ import annotations

import re

from ..store.ports import Tx
from ..store.queries import contacts as rows_of
from . import rows
from .core import Core
from .model import Member
from .refusals import Refusal

MOBILE_CORPS = 5  # non-certified corps one number may join through the API (40019)
LONGEST_NAME = 80
LONGEST_EXTATTR = 2000  # characters of JSON

_MOBILE = re.compile(r"1[3-9]\d{9}|\+\d{1,4}-?\d{5,15}", re.ASCII)
_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
_EMAIL = re.compile(
    rf"[\w!#$%&'*+/=?^`{{|}}~-]+(?:\.[\w!#$%&'*+/=?^`{{|}}~-]+)*@{_LABEL}(?:\.{_LABEL})+"
)
# The widest limits of both generations; what 2016 allowed less of, its handlers refuse.
_LONGEST = (
    ("position", 200, 60119),
    ("jobnumber", 64, 60123),
    ("email", 64, 60105),
)
_LONGEST_OF_PROFILE = (
    ("telephone", 50, 40063),
    ("work_place", 100, 40064),
    ("remark", 2000, 40065),
    ("org_email", 100, 60105),
    ("nickname", 80, 40035),
)


def name(text: str) -> str:
    """Return a name without space around it; refuse 60112 unless 1 to 80 characters remain."""
    text = text.strip()
    if not 1 <= len(text) <= LONGEST_NAME:
        raise Refusal(60112, "name 应为 1 到 80 个字符。", "A name has 1 to 80 characters.")
    return text


def userid(text: str) -> None:
    """Refuse 40003 for a userid of more than 64 characters, or with space or control characters."""
    if len(text) > 64 or not text.isprintable() or " " in text:
        raise Refusal(
            40003, "userid 应为 1 到 64 个可见字符。", "A userid has 1 to 64 visible characters."
        )


def mobile(text: str, code: int = 60103) -> str:
    """Return a number as it is kept: 11 digits, or ``+CC-`` and digits for other countries."""
    text = number(text)
    if not _MOBILE.fullmatch(text):
        raise Refusal(
            code,
            "手机号应为 11 位数字，海外号码写作 +国家码-号码。",
            "A mobile number has 11 digits; write one of another country as +CC-number.",
        )
    return text


def number(text: str) -> str:
    """Return a number without space around it and without China's code, right or not."""
    return text.strip().removeprefix("+86").lstrip("-")


def check(member: Member) -> None:
    """Refuse what a member's own fields do not allow."""
    if member.mobile:
        mobile(member.mobile)
    for address in (member.email, member.profile.org_email):
        if address and not _EMAIL.fullmatch(address):
            raise Refusal(60105, "邮箱格式不对。", "That is no e-mail address.")
    for field, longest, code in _LONGEST:
        limited(field, getattr(member, field), longest, code)
    for field, longest, code in _LONGEST_OF_PROFILE:
        limited(field, getattr(member.profile, field), longest, code)
    if member.profile.hired_date is not None and member.profile.hired_date < 1:
        raise Refusal(
            40035,
            "入职时间是毫秒时间戳，须为正数。",
            "The date of hiring is a positive timestamp in milliseconds.",
            facts={"field": "hired_date"},
        )
    for place in member.places:
        if place.order < 0:
            raise Refusal(
                40011, "部门内排序值不能为负。", "An order in a department is not negative."
            )
    if len(rows.json_text(member.profile.extattr)) > LONGEST_EXTATTR:
        raise Refusal(
            60122,
            f"extattr 超过 {LONGEST_EXTATTR} 个字符。",
            f"extattr has more than {LONGEST_EXTATTR} characters.",
        )


def limited(field: str, text: str, longest: int, code: int) -> None:
    """Refuse a text with ``code`` that is longer than ``longest`` characters."""
    if len(text) > longest:
        raise Refusal(
            code,
            f"{field} 超过 {longest} 个字符。",
            f"{field} has more than {longest} characters.",
            facts={"field": field},
        )


async def free_mobile(tx: Tx, corp_id: str, new: Member, old: Member | None) -> None:
    """Refuse 60104 for a number of another member, 40021 for a new one of another person."""
    row = await tx.one(rows_of.MEMBER_BY_MOBILE, corp_id, new.mobile)
    if row is not None and row[0] != new.userid:
        raise Refusal(
            60104,
            f"该手机号已属于成员 {row[0]}。",
            f"The mobile number belongs to member {row[0]} already.",
        )
    if old is None:
        return
    person = await tx.one(rows_of.UNIONID_OF_MOBILE, new.mobile)
    if person is not None and person[0] != new.unionid:
        raise Refusal(
            40021,
            "新手机号已注册为另一个人；请删除成员后以新号码重新添加。",
            "The new number is registered as another person; delete the member and add it anew.",
        )


async def free_email(tx: Tx, corp_id: str, member: Member) -> None:
    """Refuse 60106 for an address of another member."""
    row = await tx.one(rows_of.MEMBER_BY_EMAIL, corp_id, member.email)
    if row is not None and row[0] != member.userid:
        raise Refusal(
            60106,
            f"该邮箱已属于成员 {row[0]}。",
            f"The e-mail address belongs to member {row[0]} already.",
        )


async def free_telephone(tx: Tx, corp_id: str, member: Member) -> None:
    """Refuse 40100 for an extension number of another member."""
    row = await tx.one(rows_of.MEMBER_BY_TELEPHONE, corp_id, member.profile.telephone)
    if row is not None and row[0] != member.userid:
        raise Refusal(
            40100,
            f"该分机号已属于成员 {row[0]}。",
            f"The extension number belongs to member {row[0]} already.",
        )


async def person_is_new(tx: Tx, corp_id: str, unionid: str) -> None:
    """Refuse 60107 for a person who is in the corp already, under another number."""
    row = await tx.one(rows_of.MEMBER_BY_UNIONID, corp_id, unionid)
    if row is not None:
        raise Refusal(
            60107,
            f"使用这个手机号的人已在企业中：成员 {row[0]}。",
            f"The person with that number is in the corp already: member {row[0]}.",
        )


async def room_in_department(tx: Tx, core: Core, corp_id: str, dept_id: int) -> None:
    """Refuse 40023 for a department that has as many members as it may."""
    most = core.settings.department_members
    if most and await tx.one(rows_of.MORE_IN_DEPT_THAN, corp_id, dept_id, most - 1) is not None:
        raise Refusal(
            40023,
            f"部门 {dept_id} 已有 {most} 人（设置 department_members）；请放到下级部门。",
            f"Department {dept_id} has {most} members (setting department_members); use departments"
            " below it.",
        )


async def room_in_corp(tx: Tx, core: Core, corp_id: str) -> None:
    """Refuse 40020 for a non-certified corp that has as many members as it may."""
    most = core.settings.plain_corp_members
    if most and await tx.one(rows_of.MORE_MEMBERS_THAN, corp_id, most - 1) is not None:
        raise Refusal(
            40020,
            f"未认证企业最多 {most} 人（设置 plain_corp_members）；认证后不限。",
            f"A non-certified corp has at most {most} members (setting plain_corp_members); a"
            " certified one any number.",
        )


async def is_member(tx: Tx, corp_id: str, manager: str) -> None:
    """Refuse 60128 for a manager who is no member."""
    if await tx.one(rows_of.MEMBER_BY_ID, corp_id, manager) is None:
        raise Refusal(
            60128,
            f"主管 {manager!r} 不是企业成员。",
            f"The manager {manager!r} is no member of the corp.",
        )


async def mobile_may_join(tx: Tx, number: str) -> None:
    """Refuse 40019 for a number in five non-certified corps already (F46)."""
    count = await tx.one(rows_of.PLAIN_CORPS_OF_MOBILE, number)
    if count is not None and count[0] >= MOBILE_CORPS:
        raise Refusal(
            40019,
            f"该手机号已通过接口加入 {MOBILE_CORPS} 个未认证企业；请在企业管理后台添加。",
            f"The number has joined {MOBILE_CORPS} non-certified corps through the API already;"
            " add it in the admin console instead.",
            faq="F46",
        )
