"""Check-ins, attendance records and leaves, as rows come. Field order is column order."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

CheckType = Literal["OnDuty", "OffDuty"]
TimeResult = Literal["Normal", "Early", "Late", "SeriousLate", "Absenteeism", "NotSigned"]
LocationResult = Literal["Normal", "Outside", "NotSigned"]
SourceType = Literal["ATM", "BEACON", "DING_ATM", "USER", "BOSS", "APPROVE", "SYSTEM", "AUTO_CHECK"]


class CheckIn(msgspec.Struct, frozen=True):
    check_in_id: int
    userid: str
    checked_at: int
    place: str
    detail_place: str
    remark: str
    latitude: str
    longitude: str
    images: list[str]


class Record(msgspec.Struct, frozen=True):
    """``work_date`` is the beginning of a day in Beijing."""

    record_id: int
    userid: str
    work_date: int
    check_type: str
    base_check_at: int
    user_check_at: int
    time_result: str
    location_result: str
    source_type: str
    details: dict[str, Any]


class Leave(msgspec.Struct, frozen=True):
    leave_id: int
    userid: str
    starts_at: int
    ends_at: int
    duration_unit: str
    duration_percent: int  # of the unit, in hundredths: 650 percent_day is six and a half days
