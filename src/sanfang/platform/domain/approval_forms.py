"""Forms (templates) of approvals."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec

from ..store.ports import Row, Tx
from ..store.queries import approvals as rows_of
from . import rows
from .core import Core
from .refusals import Refusal

MOST_FORMS = 200  # a corp
MOST_COMPONENTS = 200

_LIST = msgspec.json.Decoder(list[dict[str, Any]])
_DICT = msgspec.json.Decoder(dict[str, Any])


class Form(msgspec.Struct, frozen=True):
    """``components`` are those of the newer API: componentType and props (label, componentId, ...)."""

    process_code: str
    name: str
    description: str
    components: list[dict[str, Any]]
    details: dict[str, Any]
    created_at: int
    modified_at: int


async def save(
    core: Core,
    corp_id: str,
    *,
    name: str,
    components: list[dict[str, Any]],
    description: str = "",
    process_code: str = "",
    details: dict[str, Any] | None = None,
) -> Form:
    """Make a form, or change the one with ``process_code``.

    Refuses 200005 (name), 200006 (no components), 810002 (too many), 830001 (no such form), 40035
    (name taken).
    """
    if not 1 <= len(name) <= 200:
        raise Refusal(
            200005, "表单名称应为 1 到 200 个字符。", "A form's name has 1 to 200 characters."
        )
    if not 1 <= len(components) <= MOST_COMPONENTS:
        raise Refusal(
            200006,
            f"表单应有 1 到 {MOST_COMPONENTS} 个控件。",
            f"A form has 1 to {MOST_COMPONENTS} components.",
        )
    code, now = process_code or f"PROC-{str(uuid.uuid4()).upper()}", core.clock.now()
    texts = (name, description, rows.json_text(components), rows.json_text(details or {}), now)

    async def body(tx: Tx) -> Form:
        same = await tx.one(rows_of.FORM_BY_NAME, corp_id, name)
        if same is not None and same[0] != process_code:
            raise Refusal(
                40035,
                f"已有名为“{name}”的审批模板。",
                "There is an approval form of that name already.",
                facts={"v1": "formName.error"},
            )
        if process_code:
            if not await tx.run(rows_of.UPDATE_FORM, corp_id, code, *texts):
                raise unknown_form(code)
        else:
            count = await tx.one(rows_of.FORM_COUNT, corp_id)
            if count is not None and count[0] >= MOST_FORMS:
                raise Refusal(
                    810002,
                    f"企业的审批模板已有 {MOST_FORMS} 个。",
                    f"The corp has {MOST_FORMS} approval forms already.",
                )
            await tx.run(rows_of.INSERT_FORM, code, corp_id, *texts)
        row = await tx.one(rows_of.FORM_BY_CODE, corp_id, code)
        assert row is not None
        return _form(row)

    return await core.durable.transact(body)


async def get(core: Core, corp_id: str, process_code: str, *, refuse: int = 830001) -> Form:
    """Return a form, or refuse."""
    row = await core.durable.one(rows_of.FORM_BY_CODE, corp_id, process_code)
    if row is None:
        raise unknown_form(process_code, refuse)
    return _form(row)


async def get_by_name(core: Core, corp_id: str, name: str) -> Form:
    """Return the form of a name; refuse 830001."""
    row = await core.durable.one(rows_of.FORM_BY_NAME, corp_id, name)
    if row is None:
        raise unknown_form(name)
    return _form(row)


async def list_of(
    core: Core, corp_id: str, *, offset: int = 0, size: int = MOST_FORMS
) -> tuple[list[Form], bool]:
    """Return a page of a corp's forms, and whether there are more."""
    found = await core.durable.all(rows_of.FORMS, corp_id, size + 1, offset)
    return [_form(row) for row in found[:size]], len(found) > size


async def delete(core: Core, corp_id: str, process_code: str) -> list[str]:
    """Delete a form; return the ids of its instances that still run."""

    async def body(tx: Tx) -> list[str]:
        if not await tx.run(rows_of.DELETE_FORM, corp_id, process_code):
            raise unknown_form(process_code)
        running = await tx.all(rows_of.RUNNING_OF_FORM, corp_id, process_code)
        return [row[0] for row in running]

    return await core.durable.transact(body)


def unknown_form(process_code: str, code: int = 830001) -> Refusal:
    """Return the refusal for a process_code that is not the corp's."""
    return Refusal(
        code,
        f"企业没有审批模板 {process_code[:64]!r}；请检查 processCode。",
        f"The corp has no approval form {process_code[:64]!r}; check the processCode.",
        facts={"v1": "processCodeError"},
    )


def _form(row: Row) -> Form:
    values: list[Any] = list(row)
    values[3] = _LIST.decode(values[3])
    values[4] = _DICT.decode(values[4])
    return Form(*values)
