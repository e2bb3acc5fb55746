"""External contacts: what is written loosely is read, what does not fit is named, what is missing too."""

from __future__ import annotations

from typing import Any

from ..openapi.world import World, story

PATH = "/topapi/extcontact"
CONTACT: dict[str, Any] = {
    "name": "示例客户",
    "mobile": "13900000001",
    "state_code": "86",
    "follower_user_id": "manager",
    "label_ids": [1001],
}


def test_lists_and_numbers_are_read_however_they_are_written() -> None:
    async def body(world: World) -> None:
        loose = {
            "label_ids": "1001,2002",
            "share_dept_ids": "[1]",
            "share_user_ids": "manager",
            "mobile": 13900000001,
            "state_code": 86,
        }
        made = await world.post(f"{PATH}/create", {"contact": {**CONTACT, **loose}}, world.own)
        assert made.code == 0, made.json
        query = {"user_id": made.json["userid"]}
        kept = (await world.post(f"{PATH}/get", query, world.own)).json["result"]
        assert (kept["label_ids"], kept["share_dept_ids"]) == ([1001, 2002], [1])
        assert (kept["share_user_ids"], kept["mobile"]) == (["manager"], "13900000001")
        change = {"user_id": made.json["userid"], "label_ids": ["2003"], "title": "总监"}
        assert (await world.post(f"{PATH}/update", {"contact": change}, world.own)).code == 0
        kept = (await world.post(f"{PATH}/get", query, world.own)).json["result"]
        assert (kept["label_ids"], kept["title"], kept["name"]) == ([2003], "总监", "示例客户")

    story(body)


def test_the_field_that_does_not_fit_is_named_with_its_place_in_the_list() -> None:
    async def body(world: World) -> None:
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"label_ids": [1001, "x"]}, "contact.label_ids[1]"),
            ({"share_dept_ids": {"a": 1}}, "contact.share_dept_ids"),
            ({"share_user_ids": [["jia"]]}, "contact.share_user_ids[0]"),
            ({"name": {"first": "x"}}, "contact.name"),
            ({"title": "a\x00b"}, "contact.title"),
        ]
        for fields, where in wrong:
            given = {"contact": {**CONTACT, **fields}}
            for path in (f"{PATH}/create", f"{PATH}/update"):
                reply = await world.post(path, given, world.own)
                assert reply.code == 40035, (path, fields, reply.json)
                assert where in reply.explained, (path, fields)
        listed = await world.post(f"{PATH}/list", {"size": 10, "offset": 0}, world.own)
        assert listed.json["results"] == []

    story(body)


def test_what_is_missing_is_named() -> None:
    async def body(world: World) -> None:
        for name, code in (
            *(("name", 60112), ("mobile", 60103)),
            *(("follower_user_id", 40035), ("label_ids", 40035)),
        ):
            given = {key: value for key, value in CONTACT.items() if key != name}
            reply = await world.post(f"{PATH}/create", {"contact": given}, world.own)
            assert reply.code == code, (name, reply.json)
            assert name in reply.explained
        reply = await world.post(f"{PATH}/update", {"contact": {"title": "x"}}, world.own)
        assert reply.code == 40035
        assert "contact.user_id" in reply.explained

    story(body)
