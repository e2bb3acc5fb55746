"""What the sandbox is given of members' days: check-ins, attendance records, leaves."""

from __future__ import annotations

from ..domain import attendance, check_ins
from ..domain.core import Core
from ..domain.office_model import CheckIn, Leave, Record
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
