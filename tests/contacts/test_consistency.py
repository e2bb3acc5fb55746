"""Whatever name a thing is changed by, every other name shows the change.

Random sequences of calls, each through a random one of its names, against a model of a few lines.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sanfang.platform.domain import corps, tokens

from ..openapi.world import World, a_world

RELAXED = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
OLD, NEW = "old", "new"
# Our word, its name in 2016, its name since 2020.
FIELDS = (
    ("position", "position", "title"),
    ("jobnumber", "jobnumber", "job_number"),
    ("remark", "remark", "remark"),
    ("telephone", "tel", "telephone"),
    ("work_place", "workPlace", "work_place"),
    ("org_email", "orgEmail", "org_email"),
    ("hide_mobile", "isHide", "hide_mobile"),
)
USERS = [f"u{number}" for number in range(4)]
TEXT = st.text("甲乙丙ab", min_size=1, max_size=5)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXT,
        "position": TEXT,
        "jobnumber": TEXT,
        "remark": TEXT,
        "telephone": TEXT,
        "work_place": TEXT,
        "org_email": st.just("a@example.com"),
        "hide_mobile": st.booleans(),
        "extattr": st.dictionaries(TEXT, TEXT, max_size=2),
    },
)
GENERATION = st.sampled_from([OLD, NEW])
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("create"),
            GENERATION,
            st.sampled_from(USERS),
            VALUES,
            st.integers(0, 3),
        ),
        st.tuples(
            st.just("update"),
            GENERATION,
            st.sampled_from(USERS),
            VALUES,
            st.none() | st.integers(0, 3),
        ),
        st.tuples(
            st.just("delete"), st.sampled_from(["get", "batch", "v2"]), st.sampled_from(USERS)
        ),
        st.tuples(st.just("add_dept"), GENERATION, TEXT, st.integers(0, 3)),
        st.tuples(st.just("move_dept"), GENERATION, st.integers(0, 3), st.integers(0, 3)),
        st.tuples(st.just("drop_dept"), GENERATION, st.integers(0, 3)),
    ),
    min_size=3,
    max_size=12,
)


@dataclass
class Model:
    """What the corp must hold: departments as id -> (name, parent), members by userid."""

    departments: dict[int, tuple[str, int]] = field(default_factory=lambda: {1: ("", 0)})
    members: dict[str, dict[str, Any]] = field(default_factory=dict)

    def dept(self, number: int) -> int:
        return sorted(self.departments)[number % len(self.departments)]

    def below(self, dept_id: int) -> set[int]:
        found = {each for each, (_, parent) in self.departments.items() if parent == dept_id}
        return found.union(*(self.below(each) for each in found))

    def name_is_taken(self, name: str, parent: int, but: int = 0) -> bool:
        return any(row == (name, parent) and each != but for each, row in self.departments.items())


@dataclass
class Client:
    """Calls as one app of one corp."""

    world: World
    token: str

    async def call(self, path: str, **fields: Any) -> dict[str, Any]:
        if path in _GETS:
            return (await self.world.get(path, self.token, **fields)).json
        return (await self.world.post(path, fields, self.token)).json


_GETS = {
    *("/user/get", "/user/delete", "/user/list", "/user/getDeptMember", "/department/get"),
    *("/department/delete", "/department/list", "/user/getUseridByUnionid", "/user/get_by_mobile"),
    *("/department/list_parent_depts", "/user/get_org_user_count"),
}


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@pytest.fixture(scope="module")
def world(kind: None, runner: asyncio.Runner) -> Iterator[World]:
    opened = a_world()
    yield runner.run(opened.__aenter__())  # type: ignore[arg-type]
    runner.run(opened.__aexit__(None, None, None))  # type: ignore[arg-type]


@RELAXED
@given(steps=STEPS)
def test_every_name_shows_what_every_other_name_did(
    runner: asyncio.Runner, world: World, steps: list[tuple[Any, ...]]
) -> None:
    async def body() -> None:
        corp = await corps.create_corp(world.core, "示例公司", is_authenticated=True)
        app = (await corps.list_apps(world.core, corp.corp_id))[0]
        token, _ = await tokens.app_token(world.core, app.app_key, app.secret)
        client, model = Client(world, token), Model()
        for step in steps:
            await globals()[f"do_{step[0]}"](client, model, *step[1:])
        await compare(client, model)

    runner.run(body())


async def do_create(
    client: Client, model: Model, era: str, userid: str, said: dict[str, Any], number: int
) -> None:
    dept_id = model.dept(number)
    values = {"name": "测试员", **said}
    mobile = f"1390000000{userid[1]}"
    fields = written(values, era) | {"userid": userid, "mobile": mobile}
    if era == OLD:
        answer = await client.call("/user/create", department=[dept_id], **fields)
    else:
        answer = await client.call("/topapi/v2/user/create", dept_id_list=str(dept_id), **fields)
    if userid in model.members:
        assert answer["errcode"] == 60102
        return
    assert answer["errcode"] == 0, answer
    model.members[userid] = {**values, "mobile": mobile, "departments": [dept_id]}


async def do_update(
    client: Client, model: Model, era: str, userid: str, said: dict[str, Any], number: int | None
) -> None:
    fields = written(said, era) | {"userid": userid}
    changed = dict(said)
    if number is not None:
        changed["departments"] = sorted({1, model.dept(number)})
        name = "department" if era == OLD else "dept_id_list"
        depts = changed["departments"]
        fields[name] = depts if era == OLD else ",".join(map(str, depts))
    path = "/user/update" if era == OLD else "/topapi/v2/user/update"
    answer = await client.call(path, **fields)
    if userid not in model.members:
        assert answer["errcode"] == (60111 if era == OLD else 33012)
        return
    assert answer["errcode"] == 0, answer
    model.members[userid] |= changed


async def do_delete(client: Client, model: Model, how: str, userid: str) -> None:
    if how == "get":
        answer = await client.call("/user/delete", userid=userid)
    elif how == "batch":
        answer = await client.call("/user/batchdelete", useridlist=[userid])
    else:
        answer = await client.call("/topapi/v2/user/delete", userid=userid)
    known = model.members.pop(userid, None)
    assert answer["errcode"] == (0 if known else 33012 if how == "v2" else 60111)


async def do_add_dept(client: Client, model: Model, era: str, name: str, number: int) -> None:
    parent = model.dept(number)
    if era == OLD:
        answer = await client.call("/department/create", name=name, parentid=str(parent))
    else:
        answer = await client.call("/topapi/v2/department/create", name=name, parent_id=parent)
    if model.name_is_taken(name, parent):
        assert answer["errcode"] == (60008 if era == OLD else 60021)
        return
    assert answer["errcode"] == 0, answer
    made = answer["id"] if era == OLD else answer["result"]["dept_id"]
    model.departments[made] = (name, parent)


async def do_move_dept(client: Client, model: Model, era: str, one: int, other: int) -> None:
    dept_id, parent = model.dept(one), model.dept(other)
    if dept_id == 1:
        return
    if era == OLD:
        answer = await client.call("/department/update", id=dept_id, parentid=str(parent))
    else:
        answer = await client.call(
            "/topapi/v2/department/update", dept_id=dept_id, parent_id=parent
        )
    name, before = model.departments[dept_id]
    if parent != before and (parent == dept_id or parent in model.below(dept_id)):
        assert answer["errcode"] == 60010
    elif parent != before and model.name_is_taken(name, parent, dept_id):
        assert answer["errcode"] == (60008 if era == OLD else 60021)
    else:
        assert answer["errcode"] == 0, answer
        model.departments[dept_id] = (name, parent)


async def do_drop_dept(client: Client, model: Model, era: str, number: int) -> None:
    dept_id = model.dept(number)
    if era == OLD:
        answer = await client.call("/department/delete", id=dept_id)
    else:
        answer = await client.call("/topapi/v2/department/delete", dept_id=dept_id)
    if dept_id == 1:
        assert answer["errcode"] == 60007
    elif model.below(dept_id):
        assert answer["errcode"] == 60006
    elif any(dept_id in member["departments"] for member in model.members.values()):
        assert answer["errcode"] == 60005
    else:
        assert answer["errcode"] == 0, answer
        del model.departments[dept_id]


def written(said: dict[str, Any], era: str) -> dict[str, Any]:
    """Write our words as the calls of a generation do."""
    fields = {"name": said["name"]} if "name" in said else {}
    for ours, old, new in FIELDS:
        if ours in said:
            fields[old if era == OLD else new] = said[ours]
    if "extattr" in said:
        fields["extattr" if era == OLD else "extension"] = (
            said["extattr"] if era == OLD else json.dumps(said["extattr"])
        )
    return fields


async def compare(client: Client, model: Model) -> None:
    await compare_departments(client, model)
    everyone = {"manager", *model.members}
    for dept_id in model.departments:
        there = {u for u, member in model.members.items() if dept_id in member["departments"]}
        there |= {"manager"} if dept_id == 1 else set()
        old = await client.call("/user/getDeptMember", deptId=dept_id)
        new = await client.call("/topapi/user/listid", dept_id=dept_id)
        page = await client.call("/topapi/user/listsimple", dept_id=dept_id, cursor=0, size=100)
        assert old["errcode"] == 0, old
        assert set(old["userIds"]) == set(new["result"]["userid_list"]) == there
        assert {each["userid"] for each in page["result"]["list"]} == there
        old_list = (await client.call("/user/list", department_id=dept_id))["userlist"]
        listed = await client.call("/topapi/v2/user/list", dept_id=dept_id, cursor=0, size=100)
        for one in old_list:
            check(one, model.members.get(one["userid"]), OLD)
        for one in listed["result"]["list"]:
            check(one, model.members.get(one["userid"]), NEW)
        assert len(old_list) == len(listed["result"]["list"]) == len(there)
    for userid, member in model.members.items():
        old = await client.call("/user/get", userid=userid)
        new = (await client.call("/topapi/v2/user/get", userid=userid))["result"]
        check(old, member, OLD)
        check(new, member, NEW)
        assert old["unionid"] == new["unionid"]
        found = [
            (await client.call("/user/getUseridByUnionid", unionid=old["unionid"]))["userid"],
            (await client.call("/user/get_by_mobile", mobile=member["mobile"]))["userid"],
            (await client.call("/topapi/v2/user/getbymobile", mobile=member["mobile"]))["result"][
                "userid"
            ],
        ]
        assert set(found) == {userid}
        body = {"queryWord": member["name"], "offset": 0, "size": 100}
        reply = await client.world.v1("POST", "/v1.0/contact/users/search", body, client.token)
        assert userid in reply.json["list"]
    count = await client.call("/user/get_org_user_count", onlyActive=0)
    assert count["count"] == len(everyone)


async def compare_departments(client: Client, model: Model) -> None:
    rest = {each: row for each, row in model.departments.items() if each != 1}
    old = await client.call("/department/list", fetch_child=True)
    assert {each["id"]: (each["name"], each["parentid"]) for each in old["department"]} == rest
    for dept_id, (name, parent) in rest.items():
        one = await client.call("/department/get", id=dept_id)
        two = (await client.call("/topapi/v2/department/get", dept_id=dept_id))["result"]
        assert (one["name"], one["parentid"]) == (two["name"], two["parent_id"]) == (name, parent)
        reply = await client.world.v1(
            "POST",
            "/v1.0/contact/departments/search",
            {"queryWord": name, "offset": 0, "size": 100},
            client.token,
        )
        assert dept_id in reply.json["list"]
        path = (await client.call("/topapi/v2/department/listparentbydept", dept_id=dept_id))[
            "result"
        ]["parent_id_list"]
        assert path[:2] == [dept_id, parent]
        assert path[-1] == 1


def check(shown: dict[str, Any], member: dict[str, Any] | None, era: str) -> None:
    if member is None:
        assert shown["userid"] == "manager"
        return
    assert shown["name"] == member["name"]
    assert shown["mobile"] == member["mobile"]
    depts = shown["department" if era == OLD else "dept_id_list"]
    assert depts == sorted(member["departments"])
    for ours, old, new in FIELDS:
        if ours in member:
            assert shown[old if era == OLD else new] == member[ours], ours
    if "extattr" in member:
        attrs = shown["extattr"] if era == OLD else json.loads(shown.get("extension", "{}"))
        assert attrs == member["extattr"]
