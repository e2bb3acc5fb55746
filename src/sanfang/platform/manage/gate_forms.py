"""What the operations of calls.py, callbacks.py and permissions.py take."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from .forms import CorpId, Cursor, Form, Limit


def _said(zh: str, en: str) -> Meta:
    return Meta(description=f"{zh} / {en}")


OwnerKey = Annotated[
    str, _said("应用的 app_key 或套件的 suite_key", "app_key of an app, or suite_key of a suite")
]
Points = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=100)]],
    Meta(
        description="权限点，如 qyapi_get_member / permission points such as qyapi_get_member",
        min_length=1,
        max_length=300,
    ),
]


class CallList(Form):
    corp_id: Annotated[str, _said("只看此企业", "only this corp")] = ""
    key: Annotated[str, _said("只看此 app_key 或 suite_key", "only this app_key or suite_key")] = ""
    endpoint: Annotated[
        str, _said("只看此接口（目录编号）", "only this API, by its id in the catalogue")
    ] = ""
    refused: Annotated[bool, _said("只看被拒绝的", "only those refused")] = False
    limit: Limit = 50
    cursor: Cursor = ""


class FailureList(Form):
    corp_id: CorpId
    key: Annotated[str, _said("只看此 app_key 或 suite_key", "only this app_key or suite_key")] = ""
    limit: Limit = 50
    cursor: Cursor = ""


class OfOwner(Form):
    key: OwnerKey


class PermissionPoints(Form):
    key: OwnerKey
    points: Points
