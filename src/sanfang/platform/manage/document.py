"""The OpenAPI 3.1 document, made from the table of operations."""

from __future__ import annotations

from typing import Any

import msgspec

import sanfang

from .operations import OPERATIONS, PREFIX, Operation
from .views import Problem

_REF = "#/components/schemas/{name}"
_ABOUT = """三方平台的管理接口：建企业、建套件、授权、看推送。
The management API of the sanfang platform: corps, suites, authorisations, pushes.

除 health 与本文档外，都要 `Authorization: Bearer 令牌`；令牌在数据目录的 admin.token 里。
Everything but health and this document needs `Authorization: Bearer TOKEN`; the token is in
admin.token of the data folder.

拒绝时返回 4xx 与 Problem: code 和 errmsg 同钉钉开放平台，zh 和 en 说明原因和办法。
A refusal is a 4xx with a Problem: code and errmsg as DingTalk's, zh and en say why and what to do.
时间都是毫秒。 Times are epoch milliseconds."""


def document() -> dict[str, Any]:
    """Describe the whole management API."""
    types = [*(o.takes for o in OPERATIONS), *(o.answers for o in OPERATIONS), Problem]
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    answers = dict(zip((o.name for o in OPERATIONS), schemas[len(OPERATIONS) :], strict=False))
    inputs = {o.name: components[o.takes.__name__] for o in OPERATIONS}
    for form in {o.takes.__name__ for o in OPERATIONS}:
        del components[form]  # inputs are spelt out where they are used, without the path's fields
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        described = _describe(operation, inputs[operation.name], answers[operation.name])
        paths.setdefault(PREFIX + operation.path, {})[operation.method.lower()] = described
    paths[f"{PREFIX}/openapi.json"] = {"get": _self()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "三方 sanfang management API",
            "version": sanfang.__version__,
            "description": _ABOUT,
        },
        "servers": [{"url": "/"}],
        "security": [{"admin": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"admin": {"type": "http", "scheme": "bearer"}},
            "responses": {
                "Refused": {
                    "description": "拒绝及其原因 / refused, and why",
                    "content": _json({"$ref": _REF.format(name="Problem")}),
                }
            },
        },
    }


def _describe(
    operation: Operation, takes: dict[str, Any], answer: dict[str, Any]
) -> dict[str, Any]:
    fields, required = takes.get("properties", {}), takes.get("required", [])
    in_path = operation.in_path
    rest = [name for name in fields if name not in in_path]
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": f"{operation.zh} / {operation.en}",
        "tags": [operation.name.partition(".")[0]],
    }
    parameters = [_parameter(name, "path", fields[name], required=True) for name in in_path]
    if operation.has_body and rest:
        body = {
            "type": "object",
            "properties": {name: fields[name] for name in rest},
            "required": [name for name in rest if name in required],
            "additionalProperties": False,
        }
        described["requestBody"] = {"required": bool(body["required"]), "content": _json(body)}
    elif not operation.has_body:
        parameters += [_parameter(n, "query", fields[n], required=n in required) for n in rest]
    if parameters:
        described["parameters"] = parameters
    described["responses"] = {
        "200": {"description": "完成 / done", "content": _json(answer)},
        "default": {"$ref": "#/components/responses/Refused"},
    }
    if operation.public:
        described["security"] = []
    return described


def _parameter(name: str, place: str, schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    schema = dict(schema)
    text = schema.pop("description", "")
    return {
        "name": name,
        "in": place,
        "required": required,
        "description": text,
        "schema": schema,
    }


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _self() -> dict[str, Any]:
    return {
        "operationId": "openapi",
        "summary": "本文档 / this document",
        "tags": ["about"],
        "security": [],
        "responses": {"200": {"description": "OpenAPI 3.1", "content": _json({"type": "object"})}},
    }
