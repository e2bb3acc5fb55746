"""External contacts (``/topapi/extcontact/*``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ...domain import external_contacts as externals
from ...domain.external_contacts import External
from ...domain.refusals import Refusal
from ..handling import Call, handler
from ..params import Unfit, to_array, to_integer, to_text
from . import sight

Contact = Mapping[str, Any]

_TEXTS = (
    *("title", "address", "remark", "follower_user_id", "name", "state_code", "company_name"),
    *("mobile", "email"),
)
_LISTS: dict[str, Callable[[Any], Any]] = {
    "label_ids": to_array(to_integer),
    "share_dept_ids": to_array(to_integer),
    "share_user_ids": to_array(to_text),
}
_NEEDED = {"name": 60112, "mobile": 60103, "follower_user_id": 40035, "label_ids": 40035}


@handler("oapi_topapi_extcontact_create_post")
async def create(call: Call) -> dict[str, Any]:
    return {"userid": await add(call, call.args["contact"])}


@handler("oapi_topapi_extcontact_update_post")
async def update(call: Call) -> dict[str, Any]:
    await change(call, call.args["contact"])
    return {}


@handler("oapi_topapi_extcontact_delete_post")
async def delete(call: Call) -> dict[str, Any]:
    corp_id = call.identity.corp_id
    await externals.delete_external(call.core, corp_id, call.args["user_id"])
    return {}


@handler("oapi_topapi_extcontact_get_post")
async def get(call: Call) -> dict[str, Any]:
    userid = call.args["user_id"]
    found = await externals.get_external(call.core, call.identity.corp_id, userid)
    return {"result": shown(userid, found)}


@handler("oapi_topapi_extcontact_list_post")
async def list_(call: Call) -> dict[str, Any]:
    return {"results": await page(call)}


@handler("oapi_topapi_extcontact_listlabelgroups_post")
async def listlabelgroups(call: Call) -> dict[str, Any]:
    return {"results": label_groups(call)}


async def add(call: Call, given: Contact) -> str:
    """Make an external contact of what a call says; refuse the field that is missing or wrong."""
    said = _read(given)
    for name, code in _NEEDED.items():
        if not said.get(name):
            raise _missing(code, name)
    return await externals.create_external(
        call.core, call.identity.corp_id, msgspec.convert(said, External)
    )


async def change(call: Call, given: Contact) -> None:
    """Change an external contact; what is not given stays."""
    userid = given.get("user_id")
    if not isinstance(userid, str) or not userid:
        raise _missing(40035, "user_id")
    await externals.update_external(call.core, call.identity.corp_id, userid, _read(given))


async def page(call: Call) -> list[dict[str, Any]]:
    """Return a page of external contacts."""
    offset, size = sight.offset_and_size(call)
    corp_id = call.identity.corp_id
    found = await externals.list_externals(call.core, corp_id, offset=offset, size=size)
    return [shown(userid, each) for userid, each in found]


def label_groups(call: Call) -> list[dict[str, Any]]:
    """Return a page of the labels a contact can have."""
    offset, size = sight.offset_and_size(call)
    return [
        {
            "name": group.name,
            "color": group.color,
            "labels": [{"id": number, "name": name} for number, name in group.labels],
        }
        for group in externals.LABELS[offset : offset + size]
    ]


def shown(userid: str, contact: External) -> dict[str, Any]:
    """Return a contact as the wire shows it."""
    return {"userid": userid, **msgspec.structs.asdict(contact)}


def _read(given: Contact) -> dict[str, Any]:
    said: dict[str, Any] = {}
    readers: dict[str, Callable[[Any], Any]] = {**dict.fromkeys(_TEXTS, to_text), **_LISTS}
    for name, read in readers.items():
        if given.get(name) is None:
            continue
        try:
            said[name] = read(given[name])
        except Unfit as error:
            raise Refusal(
                40035,
                f"contact.{name} 的类型不对。",
                f"contact.{name} is not of its documented type.",
                facts={"field": name},
            ) from error
    return said


def _missing(code: int, name: str) -> Refusal:
    return Refusal(
        code,
        f"缺少 contact.{name}。",
        f"contact.{name} is missing.",
        facts={"missing": name},
    )
