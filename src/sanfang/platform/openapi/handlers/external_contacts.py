"""External contacts (``/topapi/extcontact/*``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ...domain import external_contacts as externals
from ...domain.external_contacts import External
from .. import reasons
from ..convert import EXPECTED, Convert, Unfit, to_array, to_integer, to_text
from ..handling import Call, handler
from . import sight

Contact = Mapping[str, Any]

# The fields of a contact and their types; every name of the API writes them loosely.
_FIELDS: dict[str, tuple[str, Convert]] = {
    **dict.fromkeys(
        ("title", "address", "remark", "follower_user_id", "name", "state_code", "company_name"),
        ("string", to_text),
    ),
    **dict.fromkeys(("mobile", "email"), ("string", to_text)),
    **dict.fromkeys(("label_ids", "share_dept_ids"), ("array", to_array(to_integer))),
    "share_user_ids": ("array", to_array(to_text)),
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
            raise reasons.missing(code, f"contact.{name}")
    return await externals.create_external(
        call.core, call.identity.corp_id, msgspec.convert(said, External)
    )


async def change(call: Call, given: Contact) -> None:
    """Change an external contact; what is not given stays."""
    userid = given.get("user_id")
    if not isinstance(userid, str) or not userid:
        raise reasons.missing(40035, "contact.user_id")
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
    for name, (kind, convert) in _FIELDS.items():
        if given.get(name) is None:
            continue
        try:
            said[name] = convert(given[name])
        except Unfit as error:
            where = error.inside(f"contact.{name}").where
            raise reasons.unfit(40035, where, error.expected or EXPECTED[kind]) from error
    return said
