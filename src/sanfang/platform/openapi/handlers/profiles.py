"""What the documents of 2016 do not offer (F63, F64), refused where that profile is set.

In ``isv2016`` there are no announcements; and third parties (an ISV's app) have of the office only
the calendar: no approvals, no check-ins, no attendance. Own apps keep those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...domain.refusals import Refusal
from ..handling import Answer, Call, Handler, Run


def later(handlers: Iterable[Handler], faq: str, *, for_isvs_only: bool) -> Iterator[Handler]:
    """Return handlers that the profile of 2016 refuses."""
    for each in handlers:
        yield each._replace(run=_guarded(each.run, faq, for_isvs_only))


def _guarded(run: Run, faq: str, for_isvs_only: bool) -> Run:
    async def guarded(call: Call) -> Answer:
        if call.core.settings.office_profile == "isv2016" and (
            not for_isvs_only or call.identity.kind == "isv_corp"
        ):
            raise _not_offered(faq)
        return await run(call)

    return guarded


def _not_offered(faq: str) -> Refusal:
    what = {
        "F63": ("公告接口", "Announcements are"),
        "F64": ("审批、签到与考勤数据", "Approvals, check-ins and attendance are"),
    }[faq]
    return Refusal(
        48002,
        f"2016 年的文档不向此类应用开放{what[0]}；后来的文档开放，见设置 office_profile。",
        f"{what[1]} not offered to this kind of app by the documents of 2016; later ones do:"
        " see the setting office_profile.",
        faq=faq,
        facts={"v1": "Forbidden.AccessDenied.AccessTokenPermissionDenied"},
    )
