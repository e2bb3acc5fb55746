"""Wrong arguments are refused with the field's name, and nothing is sent."""

from __future__ import annotations

import copy
import enum
import random
import re
from typing import Any

import pytest

from sanfang.catalog import check
from sanfang.client import AppKey, AsyncClient, BadArgument, Client
from sanfang.client.surface.names import identifier
from sanfang.client.surface.operations import Operation
from sanfang.client.surface.shapes import is_numbered

from .test_methods import Recorder, method_of
from .values import arguments, leaves, methods

METHODS = methods()
SEND = "topapi.message.corpconversation.asyncsend_v2"


@pytest.fixture
def transport() -> Recorder:
    return Recorder()


@pytest.fixture
def client(transport: Recorder) -> Client:
    return Client(AppKey("dingapp", "app-secret-xxx"), transport=transport)


CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("user.get", {}, "userid", "userid is required"),
    ("user.get", {"userid": None}, "userid", "userid is required"),
    ("user.get", {"userId": "zhang"}, "userId", "did you mean userid?"),
    ("user.get", {"userid": "zhang", "user_id": "x"}, "user_id", "did you mean userid?"),
    ("user.get", {"userid": 7}, "userid", "should be str, not int"),
    ("user.get", {"userid": "zhang", "nonsense": 1}, "nonsense", "nonsense is unknown"),
    ("v1.contact.get_user", {"union_id": "x"}, "union_id", "did you mean unionId?"),
    (SEND, {"agent_id": "7", "msg": {}, "to_all_user": True}, "agent_id", "should be int, not str"),
    (SEND, {"agent_id": True, "msg": {}}, "agent_id", "should be int, not bool"),
    (SEND, {"agent_id": 7, "msg": "text"}, "msg", "should be dict, not str"),
    (SEND, {"agent_id": 7, "msg": {"msgtype": "text", "txt": 1}}, "msg.txt", "did you mean text?"),
    (
        SEND,
        {"agent_id": 7, "msg": {"msgtype": "text", "text": {"content": 7}}},
        "msg.text.content",
        "should be str, not int",
    ),
    ("topapi.alitrip.btrip.apply.get", {"rq": {}}, "rq.corpid", "is required"),
    (SEND, {"agent_id": 7, "msg": {"msgtype": "text"}}, "userid_list", "dept_id_list"),
    (
        SEND,
        {"agent_id": 7, "msg": {"msgtype": "text"}, "userid_list": ["a", 1.5]},
        "userid_list[1]",
        "should be str / int, not float",
    ),
    ("v1.contact.search_user", {"queryWord": "a", "offset": 0, "size": 0.5}, "size", "not float"),
    (
        "v1.workflow.form_create",
        {"name": "a", "formComponents": [{"componentType": "TextField"}, {"props": []}]},
        "formComponents[1].props",
        "should be dict, not list",
    ),
]


@pytest.mark.parametrize(("name", "given", "field", "text"), CASES)
def test_a_mistake_is_named_and_nothing_is_sent(
    client: Client, transport: Recorder, name: str, given: dict[str, Any], field: str, text: str
) -> None:
    with pytest.raises(BadArgument) as wrong:
        method_of(client, name)(**given)
    assert wrong.value.field == field
    assert wrong.value.api == name
    assert text in str(wrong.value)
    assert str(wrong.value).startswith(f"{name}: {field} ")
    assert transport.requests == []


def test_an_argument_without_its_name_is_refused(client: Client, transport: Recorder) -> None:
    get: Any = client.api.user.get
    with pytest.raises(BadArgument, match="userid=…"):
        get("zhang")
    assert transport.requests == []


def test_no_value_is_shown(client: Client) -> None:
    get: Any = client.api.gettoken
    with pytest.raises(BadArgument) as wrong:
        get(appkey="dingapp", appsecret=["app-secret-1234"])
    assert "1234" not in str(wrong.value)
    assert wrong.value.field == "appsecret"


def test_an_async_method_refuses_before_it_is_awaited() -> None:
    client = AsyncClient(AppKey("dingapp", "app-secret-xxx"))
    get: Any = client.api.user.get
    with pytest.raises(BadArgument):
        get(userid=7)


def test_what_a_caller_has_is_accepted(client: Client, transport: Recorder) -> None:
    class Kind(enum.StrEnum):
        TEXT = "text"

    class Agent(enum.IntEnum):
        MINE = 7

    send: Any = method_of(client, SEND)
    message = {"msgtype": Kind.TEXT, "text": {"content": "文本"}}
    send(agent_id=Agent.MINE, msg=message, userid_list=("a", "b"), to_all_user=None)
    assert transport.requests[-1].body == (
        '{"agent_id":7,"msg":{"msgtype":"text","text":{"content":"文本"}},"userid_list":"a,b"}'.encode()
    )


def test_an_id_of_an_answer_can_be_given_back(client: Client, transport: Recorder) -> None:
    client.api.department.get(id=7)
    assert transport.requests[-1].url.endswith("&id=7")
    client.api.department.get(id="7")
    assert transport.requests[-1].url.endswith("&id=7")
    with pytest.raises(BadArgument, match="should be str / int, not float"):
        method_of(client, "department.get")(id=7.0)


def test_what_holds_itself_is_refused(client: Client, transport: Recorder) -> None:
    field: dict[str, Any] = {"componentType": "TableField"}
    field["formComponents"] = [field]
    with pytest.raises(BadArgument, match="nested too deeply") as wrong:
        method_of(client, "v1.workflow.form_create")(name="表单", formComponents=[field])
    assert wrong.value.field == "formComponents"
    assert transport.requests == []


def test_arguments_are_not_changed(client: Client) -> None:
    given = arguments(METHODS["v1.workflow.form_create"])
    kept = copy.deepcopy(given)
    method_of(client, "v1.workflow.form_create")(**given)
    assert given == kept


def test_forms_may_hold_forms(client: Client, transport: Recorder) -> None:
    field: Any = {"componentType": "TextField", "props": {"componentId": "a"}}
    table: Any = {"componentType": "TableField", "children": [field]}
    client.api.v1.workflow.form_create(name="表单", formComponents=[table])
    assert b'"children":[{"componentType":"TextField"' in (transport.requests[-1].body or b"")


def _operation(name: str) -> Operation:
    return Operation(name, METHODS[name])


def test_what_the_catalogue_accepts_is_accepted_everywhere() -> None:
    for name in METHODS:
        for whole in (True, False):
            _operation(name).prepare(arguments(METHODS[name], whole=whole))


@pytest.mark.parametrize("seed", range(4))
def test_a_wrong_value_anywhere_is_found_where_the_catalogue_finds_it(seed: int) -> None:
    """One value in each call is replaced; `catalog.check`, written for the platform, is the judge."""
    chance = random.Random(seed)
    refused = 0
    for name, endpoint in METHODS.items():
        given = arguments(endpoint)
        ways = list(leaves(given))
        # The catalogue judges a root as the whole body, and takes neither lists nor numbers for texts.
        odd = (
            p.root
            or p.recursive
            or p.type == "file"
            or p.format == "csv"
            or is_numbered(endpoint, p)
            for p in endpoint.params
        )
        if not ways or any(odd):
            continue
        way = chance.choice(ways)
        _replace(given, way, chance.choice([7, "text", True, 0.5, ["x"], {"x": 1}]))
        faults: list[str] = []
        for param in endpoint.params:
            faults += check([param], {param.name: given[identifier(param.name)]})
        wrong = any(KINDS.search(fault) for fault in faults)
        refusal = _refusal(name, given)
        assert (refusal is not None) is wrong, (name, way, faults, str(refusal))
        refused += wrong
    assert refused > 400


KINDS = re.compile(r"is unknown$|, not \w+$|is missing$")


def _refusal(name: str, given: dict[str, Any]) -> BadArgument | None:
    try:
        _operation(name).prepare(given)
    except BadArgument as wrong:
        return wrong
    return None


def _replace(given: Any, way: tuple[str | int, ...], value: Any) -> None:
    for part in way[:-1]:
        given = given[part]
    given[way[-1]] = value
