"""The numbers DingTalk has for single fields (errors.md section 4); 40035 for all others.

A name may mean different things in different areas: ``/department/id`` narrows ``id``.
"""

from __future__ import annotations

_MISSING = {
    "agentid": 41011,
    "appkey": 41002,
    "appsecret": 41004,
    "auth_corpid": 41027,
    "app_id": 40086,
    "corpid": 41002,
    "corpsecret": 41004,
    "department": 40025,
    "department_id": 40009,
    "dept_id": 40009,
    "media_id": 41006,
    "msgtype": 40008,
    "permanent_code": 41025,
    "suite_key": 41021,
    "suite_secret": 41024,
    "suite_ticket": 41023,
    "tmp_auth_code": 41026,
    "url": 41010,
    "userid": 41009,
    "userId": 41009,
    "/call_back/url": 71010,
    "/department/id": 40009,
    "/department/name": 60001,
    "/department/parentid": 40010,
    "/user/name": 60112,
}
_UNFIT = {
    "agentid": 40056,
    "app_id": 40086,
    "department": 40025,
    "department_id": 40009,
    "dept_id": 40009,
    "offset": 40068,
    "order": 40070,
    "size": 40069,
    "toparty": 40066,
    "touser": 40031,
    "userid": 40003,
    "extattr": 60122,
    "extension": 60122,
    "dept_id_list": 40066,
    "useridlist": 40031,
    "/call_back/aes_key": 71010,
    "/call_back/call_back_tag": 71010,
    "/call_back/token": 71010,
    "/call_back/url": 71010,
    "/department/id": 40009,
    "/department/name": 60001,
    "/department/order": 40011,
    "/department/parentid": 40010,
    "/user/name": 60112,
}


def missing_code(name: str, path: str = "") -> int:
    """Return the number for a missing field of an API."""
    return _narrowed(_MISSING, name, path)


def unfit_code(name: str, path: str = "") -> int:
    """Return the number for a field of an API that is not valid."""
    return _narrowed(_UNFIT, name, path)


def _narrowed(table: dict[str, int], name: str, path: str) -> int:
    area = path[: path.find("/", 1)]
    return table.get(f"{area}/{name}") or table.get(name, 40035)
