"""What the sandbox is given of members' days: check-ins, attendance records, leaves, and what they do
with reports.
"""

from __future__ import annotations

from ..domain import attendance, check_ins, corps, reports
from ..domain.core import Core
from ..domain.office_model import CheckIn, Leave, Record
from ..domain.report_model import Counts, Template, TemplateField
from . import office_forms as forms


async def check_in(core: Core, form: forms.CheckInAdd) -> CheckIn:
    return await check_ins.add(
        core,
        form.corp_id,
        form.userid,
        checked_at=form.checked_at,
        place=form.place,
        detail_place=form.detail_place,
        remark=form.remark,
        latitude=form.latitude,
        longitude=form.longitude,
        images=form.images,
    )


async def attend(core: Core, form: forms.AttendanceAdd) -> Record:
    return await attendance.add(
        core,
        form.corp_id,
        form.userid,
        user_check_at=form.checked_at,
        check_type=form.check_type,
        time_result=form.time_result,
        location_result=form.location_result,
        source_type=form.source_type,
        details={"userAddress": form.address} if form.address else {},
    )


async def leave(core: Core, form: forms.LeaveAdd) -> Leave:
    return await attendance.add_leave(
        core,
        form.corp_id,
        form.userid,
        starts_at=form.starts_at,
        ends_at=form.ends_at,
        duration_unit=form.duration_unit,
    )


async def add_template(core: Core, form: forms.TemplateAdd) -> Template:
    await corps.get_corp(core, form.corp_id)
    fields = [TemplateField(name) for name in dict.fromkeys(form.fields)]
    return await reports.add_template(core, form.corp_id, form.name, fields)


async def read_report(core: Core, form: forms.ReportOf) -> Counts:
    return await reports.read(core, form.corp_id, form.report_id, form.userid)


async def like_report(core: Core, form: forms.ReportOf) -> Counts:
    return await reports.like(core, form.corp_id, form.report_id, form.userid)


async def comment_report(core: Core, form: forms.ReportComment) -> Counts:
    return await reports.comment(core, form.corp_id, form.report_id, form.userid, form.content)
