"""The table of operations: complete, consistent, and the only description there is."""

from __future__ import annotations

import re
from typing import Any, get_type_hints

import msgspec
import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from sanfang.platform.domain.core import Core, Settings
from sanfang.platform.manage.about import MEANINGS
from sanfang.platform.manage.app import function_of, management_app
from sanfang.platform.manage.document import document
from sanfang.platform.manage.operations import BY_NAME, OPERATIONS, PREFIX, Operation, arrange

from .receiver import Receiver
from .running import Running

by_name = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.name)


@by_name
def test_an_operations_function_takes_and_answers_what_the_table_says(
    operation: Operation,
) -> None:
    hints = get_type_hints(function_of(operation))

    assert hints["form"] == operation.takes
    assert hints["return"] == (type(None) if operation.answers is None else operation.answers)
    assert hints["core"] == Core


@by_name
def test_every_field_in_a_path_is_a_field_of_the_form(operation: Operation) -> None:
    fields = {field.name for field in msgspec.structs.fields(operation.takes)}
    assert set(operation.in_path) <= fields


@by_name
def test_every_operation_and_field_is_explained_in_both_languages(operation: Operation) -> None:
    described = document()["paths"][PREFIX + operation.path][operation.method.lower()]
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {})
    fields = body.get("schema", {}).get("properties", {}).values()
    texts = [described["summary"], *(p["description"] for p in described.get("parameters", []))]
    texts += [schema["description"] for schema in fields]
    for text in texts:
        zh, _, en = text.partition(" / ")
        assert re.search(r"[\u4e00-\u9fff]|PC", zh), text
        assert re.search(r"[a-z]", en), text


def test_names_and_calls_are_unique() -> None:
    assert len(BY_NAME) == len(OPERATIONS)
    assert len({operation.call for operation in OPERATIONS}) == len(OPERATIONS)


def test_the_document_is_valid_openapi_31() -> None:
    made = document()
    validate(made)
    assert made["openapi"].startswith("3.1")


def test_every_route_is_in_the_document_and_nothing_else_is() -> None:
    core: Any = None
    served = {
        (method, route.path)  # type: ignore[attr-defined]
        for route in management_app(core, "token").routes
        for method in route.methods - {"HEAD"}  # type: ignore[attr-defined]
    }
    described = {
        (method.upper(), path) for path, ways in document()["paths"].items() for method in ways
    }
    assert served == described


def test_every_setting_has_a_meaning_in_both_languages_and_nothing_else_has() -> None:
    assert {field.name for field in msgspec.structs.fields(Settings)} == set(MEANINGS)
    assert all(zh and en for zh, en in MEANINGS.values())


def test_fields_of_the_path_are_quoted_and_do_not_go_elsewhere() -> None:
    path, rest = arrange(BY_NAME["member.list"], {"corp_id": "a/b?c", "limit": 3})
    assert path == f"{PREFIX}/corps/a%2Fb%3Fc/members"
    assert rest == {"limit": 3}


def test_answers_are_what_the_document_promises(
    platform: Running, isv: Receiver, suite_key: str, corp_id: str
) -> None:
    """A walk over nearly every operation, each answer checked against its schema."""
    corp, suite = f"/corps/{corp_id}", f"/suites/{suite_key}"
    department = platform.post(f"{corp}/departments", name="研发部")
    platform.post(f"{suite}/authorize", corp_id=corp_id)
    isv.wait_for("tmp_auth_code")
    push_id = platform.get("/pushes?limit=1")["items"][0]["push_id"]
    developer_id = platform.get("/developers?limit=1")["items"][0]["developer_id"]
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/health", {}),
        ("GET", "/settings", {}),
        ("POST", "/corps", {"name": "乙公司"}),
        ("GET", "/corps", {}),
        ("GET", corp, {}),
        ("GET", f"{corp}/departments", {}),
        ("POST", f"{corp}/members", {"name": "测试员甲", "departments": [department["dept_id"]]}),
        ("GET", f"{corp}/members?department_id={department['dept_id']}", {}),
        ("POST", f"{corp}/apps", {"name": "考勤助手"}),
        ("GET", f"{corp}/apps", {}),
        ("GET", f"/apps/{platform.post(f'{corp}/apps', name='审批')['agent_id']}", {}),
        ("GET", f"{corp}/messages", {}),
        ("GET", "/developers", {}),
        ("GET", f"/developers/{developer_id}", {}),
        ("POST", f"/developers/{developer_id}/test-corps", {"name": "测试企业"}),
        ("GET", "/suites", {}),
        ("GET", f"{suite}?secrets=1", {}),
        ("PATCH", suite, {"name": "新名称"}),
        ("GET", f"{suite}/micro-apps", {}),
        ("POST", f"{suite}/disable", {"corp_id": corp_id}),
        ("POST", f"{suite}/enable", {"corp_id": corp_id}),
        ("POST", f"{suite}/repush", {}),
        ("GET", f"/authorisations?corp_id={corp_id}", {}),
        ("GET", f"/authorisations/{suite_key}/{corp_id}", {}),
        ("GET", f"/pushes?suite_key={suite_key}&state=delivered", {}),
        ("GET", f"/pushes/{push_id}", {}),
        ("POST", f"/pushes/{push_id}/resend", {}),
        ("POST", f"{suite}/relieve", {"corp_id": corp_id}),
    ]
    for method, path, body in calls:
        answer = platform.call(method, path, **body)
        assert answer.status == 200, (path, answer.body)
        _conforms(method, path, answer.json)


def _conforms(method: str, path: str, answer: Any) -> None:
    made = document()
    for template, ways in made["paths"].items():
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        if re.fullmatch(pattern, PREFIX + path.partition("?")[0]) and method.lower() in ways:
            content = ways[method.lower()]["responses"]["200"]["content"]
            schema = {**content["application/json"]["schema"], "components": made["components"]}
            OAS31Validator(schema).validate(answer)
            return
    pytest.fail(f"{method} {path} is not in the document")
