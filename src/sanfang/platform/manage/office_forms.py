"""What the operations of office.py take."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from ..domain.office_model import LocationResult, SourceType
from .forms import CorpId, Form

LATEST = 253_402_214_400_000  # the last day that every reader of dates can hold

UserId = Annotated[str, Meta(description="成员的 userid / userid of the member", min_length=1)]
Text = Annotated[str, Meta(max_length=500)]
Moment = Annotated[int, Meta(ge=0, lt=LATEST)]


def _said(zh: str, en: str) -> Meta:
    return Meta(description=f"{zh} / {en}")


When = Annotated[
    Moment | None, _said("时间，Unix 毫秒；不填为现在", "time in epoch milliseconds; absent: now")
]


class CheckInAdd(Form):
    corp_id: CorpId
    userid: UserId
    checked_at: When = None
    place: Annotated[Text, _said("地点", "place")] = ""
    detail_place: Annotated[Text, _said("详细地址", "the place in detail")] = ""
    remark: Annotated[Text, _said("备注", "remark")] = ""
    latitude: Annotated[Text, _said("纬度", "latitude")] = ""
    longitude: Annotated[Text, _said("经度", "longitude")] = ""
    images: Annotated[list[str], _said("图片地址", "addresses of pictures")] = []  # noqa: RUF012 - msgspec copies it


class AttendanceAdd(Form):
    corp_id: CorpId
    userid: UserId
    checked_at: When = None
    check_type: Annotated[
        Literal["", "OnDuty", "OffDuty"],
        _said("不填则按时间：13:30 前为上班", "absent: by the time, before 13:30 is OnDuty"),
    ] = ""
    time_result: Annotated[
        Literal["", "Normal", "Early", "Late", "SeriousLate", "Absenteeism", "NotSigned"],
        _said("不填则按 9:00–18:00 判断", "absent: judged by 9:00 to 18:00"),
    ] = ""
    location_result: Annotated[LocationResult, _said("位置结果", "result of the place")] = "Normal"
    source_type: Annotated[SourceType, _said("数据来源", "where the record comes from")] = "USER"
    address: Annotated[Text, _said("打卡地址", "address")] = ""


class LeaveAdd(Form):
    corp_id: CorpId
    userid: UserId
    starts_at: Annotated[Moment, _said("开始，Unix 毫秒", "start in epoch milliseconds")]
    ends_at: Annotated[Moment, _said("结束，Unix 毫秒", "end in epoch milliseconds")]
    duration_unit: Annotated[
        Literal["percent_day", "percent_hour"],
        _said("时长单位：天或小时", "unit of the duration: day or hour"),
    ] = "percent_day"


class TemplateAdd(Form):
    corp_id: CorpId
    name: Annotated[
        str, Meta(description="模板名称 / name of the template", min_length=1, max_length=64)
    ]
    fields: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=64)]],
        Meta(description="各字段的名称 / names of its fields", min_length=1, max_length=50),
    ]


class ReportOf(Form):
    corp_id: CorpId
    report_id: Annotated[str, _said("日志编号", "id of the report")]
    userid: UserId


class ReportComment(ReportOf, kw_only=True):
    content: Annotated[str, Meta(description="评论 / the comment", min_length=1, max_length=1000)]
