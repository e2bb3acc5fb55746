"""What an administrator does, through the management API, and what it answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .receiver import AES_KEY, TOKEN, Receiver
from .running import Running


def test_a_corp_comes_with_a_manager_and_is_found_again(platform: Running) -> None:
    made = platform.post("/corps", name="示例公司", is_authenticated=True, admin_name="测试员丁")
    assert platform.get(f"/corps/{made['corp_id']}") == made
    members = platform.get(f"/corps/{made['corp_id']}/members")["items"]
    assert [(member["name"], member["is_admin"]) for member in members] == [("测试员丁", True)]


def test_lists_are_paged_to_the_end_without_gap_or_repetition(platform: Running) -> None:
    made = {platform.post("/corps", name=f"第{n}公司")["corp_id"] for n in range(5)}
    seen: list[str] = []
    cursor = ""
    while True:
        page = platform.get(f"/corps?limit=2&cursor={cursor}")
        seen += [corp["corp_id"] for corp in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert made <= set(seen)
    assert len(seen) == len(set(seen))


def test_members_are_paged_by_department(platform: Running, corp_id: str) -> None:
    for number in range(3):
        platform.post(f"/corps/{corp_id}/members", name=f"测试员{number}", userid=f"u{number}")
    first = platform.get(f"/corps/{corp_id}/members?limit=2")
    rest = platform.get(f"/corps/{corp_id}/members?limit=2&cursor={first['next']}")
    found = [member["userid"] for member in first["items"] + rest["items"]]
    assert sorted(found) == ["manager", "u0", "u1", "u2"]
    assert rest["next"] == ""


def test_a_cursor_that_no_page_gave_is_refused(platform: Running, corp_id: str) -> None:
    answer = platform.call("GET", f"/corps/{corp_id}/members?cursor=-1")
    assert (answer.status, answer.json["facts"]) == (400, {"field": "cursor"})


def test_a_number_in_five_plain_corps_may_join_a_sixth_through_the_console(
    platform: Running,
) -> None:
    """F46: 40019 is the API's limit; the admin console is the way round it."""
    for number in range(6):
        corp = platform.post("/corps", name=f"第{number}公司")["corp_id"]
        platform.post(f"/corps/{corp}/members", name="测试员甲", mobile="19900000001")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/corps/nothing", 33001),
        ("/corps/nothing/members", 60003),
        ("/suites/nothing", 40083),
        ("/suites/nothing/micro-apps", 40083),
        ("/authorisations/nothing/nothing", 40083),
        ("/corps/nothing/messages", 33001),
    ],
)
def test_what_is_not_there_is_404_with_dingtalks_code(
    platform: Running, path: str, code: int
) -> None:
    answer = platform.call("GET", path)
    assert (answer.status, answer.json["code"]) == (404, code)
    assert answer.json["zh"]
    assert answer.json["errmsg"]


def test_a_taken_userid_is_a_conflict(platform: Running, corp_id: str) -> None:
    platform.post(f"/corps/{corp_id}/members", name="测试员甲", userid="jia")
    answer = platform.call("POST", f"/corps/{corp_id}/members", name="测试员乙", userid="jia")
    assert (answer.status, answer.json["code"]) == (409, 60102)


def test_a_developer_cannot_be_unbound(platform: Running, developer_id: str) -> None:
    """F49."""
    answer = platform.call("DELETE", f"/developers/{developer_id}/binding")
    assert answer.status == 409
    assert answer.json["faq"] == "F49"


def test_an_apps_secret_is_shown_when_made_and_later_on_request_only(
    platform: Running, corp_id: str
) -> None:
    made = platform.post(f"/corps/{corp_id}/apps", name="考勤助手")
    assert len(made["secret"]) > 20
    listed = platform.get(f"/corps/{corp_id}/apps")["items"]
    assert all(app["secret"] is None for app in listed)
    shown = platform.get(f"/corps/{corp_id}/apps?secrets=true")["items"]
    assert made["secret"] in [app["secret"] for app in shown]


def test_an_own_app_with_its_addresses_is_in_the_market_of_its_corp(
    platform: Running, corp_id: str
) -> None:
    home = "http://127.0.0.1:9000/?corpid=$CORPID$"
    made = platform.post(
        f"/corps/{corp_id}/apps", name="考勤助手", home_url=home, pc_home_url=f"{home}&pc=1"
    )
    opened = platform.call(
        "POST",
        f"/corps/{corp_id}/members/manager/signin-codes",
        app=str(made["agent_id"]),
        kind="login",
    )
    assert opened.status == 200, opened.body


@pytest.mark.parametrize(
    ("addresses", "code"),
    [
        ({"home_url": "ftp://127.0.0.1/"}, 33005),
        ({"home_url": "http://127.0.0.1/", "pc_home_url": "nonsense"}, 33006),
        ({"home_url": "http://127.0.0.1/", "pc_home_url": "http://other.example/"}, 33007),
        ({"oa_url": "javascript:alert(1)"}, 33008),
    ],
)
def test_an_own_app_with_a_bad_address_is_not_made(
    platform: Running, corp_id: str, addresses: dict[str, str], code: int
) -> None:
    before = platform.get(f"/corps/{corp_id}/apps")["items"]
    answer = platform.call("POST", f"/corps/{corp_id}/apps", name="考勤助手", **addresses)
    assert answer.status == 400
    assert answer.json["code"] == code
    assert platform.get(f"/corps/{corp_id}/apps")["items"] == before


def test_an_own_app_is_changed_where_something_is_given_and_stays_otherwise(
    platform: Running, corp_id: str
) -> None:
    home = "http://127.0.0.1:9000/?corpid=$CORPID$"
    made = platform.post(f"/corps/{corp_id}/apps", name="考勤助手", home_url=home)
    path = f"/apps/{made['agent_id']}"
    new = {"name": "签到", "oa_url": "http://127.0.0.1:9000/admin", "ip_whitelist": ["10.0.*.*"]}
    changed = platform.call("PATCH", path, **new).json
    assert changed == {**made, **new, "secret": None}
    assert platform.get(path) == changed
    assert changed in platform.get(f"/corps/{corp_id}/apps")["items"]
    emptied = {"home_url": "", "oa_url": "", "ip_whitelist": [], "icon": "@icon"}
    assert platform.call("PATCH", path, **emptied).json == {**changed, **emptied}
    assert platform.call("PATCH", path).json == {**changed, **emptied}
    assert platform.get(f"{path}?secrets=true")["secret"] == made["secret"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, 33002),
        ({"description": ""}, 33003),
        ({"home_url": "ftp://127.0.0.1/"}, 33005),
        ({"pc_home_url": "http://other.example/"}, 33007),
        ({"oa_url": "javascript:alert(1)"}, 33008),
        ({"ip_whitelist": ["10.0.0.1/8"]}, 40035),
    ],
)
def test_a_change_that_cannot_be_leaves_an_own_app_as_it_was(
    platform: Running, corp_id: str, change: dict[str, Any], code: int
) -> None:
    made = platform.post(f"/corps/{corp_id}/apps", name="考勤", home_url="http://127.0.0.1/")
    path = f"/apps/{made['agent_id']}"
    before = platform.get(path)
    answer = platform.call("PATCH", path, **{"name": "新名称", **change})
    assert (answer.status, answer.json["code"]) == (400, code)
    assert platform.get(path) == before


def test_only_own_apps_are_changed(platform: Running, suite_key: str, corp_id: str) -> None:
    platform.post(f"/suites/{suite_key}/authorize", corp_id=corp_id)
    agents = platform.get(f"/authorisations/{suite_key}/{corp_id}")["agents"]
    of_suite = platform.call("PATCH", f"/apps/{agents[0]['agent_id']}", name="不行")
    assert (of_suite.status, of_suite.json["code"]) == (400, 40056)
    assert suite_key in of_suite.json["zh"]
    unknown = platform.call("GET", f"/apps/{2**53 - 1}")
    assert (unknown.status, unknown.json["code"]) == (400, 40056)


def test_a_suites_secrets_are_shown_when_made_and_later_on_request_only(
    platform: Running, suite_key: str
) -> None:
    plain = json.dumps(platform.get(f"/suites/{suite_key}")) + json.dumps(platform.get("/suites"))
    shown = platform.get(f"/suites/{suite_key}?secrets=1")["secrets"]
    assert shown["token"] == TOKEN
    assert shown["aes_key"] == AES_KEY
    for secret in shown.values():
        assert len(secret) > 10
        assert secret not in plain


def test_a_wrong_reply_refuses_the_suite_and_shows_what_came(
    platform: Running, isv: Receiver, developer_id: str
) -> None:
    """F40: 71009 with expected, received, decrypted and the field names."""
    isv.judge = lambda event: "wrong"
    answer = platform.call("POST", "/suites", **_suite(isv, developer_id))
    assert (answer.status, answer.json["code"]) == (422, 71009)
    facts = answer.json["facts"]
    assert facts["decrypted"] == "wrong"
    assert facts["expected"]
    assert set(facts["fields"]) == {"msg_signature", "timeStamp", "nonce", "encrypt"}
    assert '"encrypt"' in facts["received"]


def test_nobody_at_the_callback_url_is_said_so(
    platform: Running, isv: Receiver, developer_id: str
) -> None:
    form = _suite(isv, developer_id) | {"callback_url": "http://127.0.0.1:1/callback"}
    answer = platform.call("POST", "/suites", **form)
    assert (answer.status, answer.json["code"]) == (422, 71012)


def test_several_developers_have_to_be_told_apart(
    platform: Running, isv: Receiver, developer_id: str
) -> None:
    corp = platform.post("/corps", name="另一家软件公司")["corp_id"]
    platform.post("/developers", corp_id=corp, name="乙")
    answer = platform.call("POST", "/suites", **_suite(isv, ""))
    assert (answer.status, answer.json["facts"]) == (400, {"field": "developer_id"})


def test_authorising_twice_says_why_only_change_auth_came(
    platform: Running, isv: Receiver, suite_key: str, corp_id: str
) -> None:
    """F43."""
    first = platform.post(f"/suites/{suite_key}/authorize", corp_id=corp_id)
    assert (first["event_type"], first["repeated"]) == ("tmp_auth_code", False)
    isv.wait_for("tmp_auth_code")
    _delivered(platform, isv, first["push_id"])
    second = platform.post(f"/suites/{suite_key}/authorize", corp_id=corp_id)
    assert second["event_type"] == "change_auth"
    assert second["faq"] == "F43"
    assert "relieve" in second["en"]


def test_relieving_what_was_never_authorised_is_refused(
    platform: Running, suite_key: str, corp_id: str
) -> None:
    answer = platform.call("POST", f"/suites/{suite_key}/relieve", corp_id=corp_id)
    assert (answer.status, answer.json["code"]) == (400, 41030)


def test_an_authorisation_shows_its_agents_until_it_is_relieved(
    platform: Running, isv: Receiver, suite_key: str, corp_id: str
) -> None:
    platform.post(f"/suites/{suite_key}/authorize", corp_id=corp_id)
    shown = platform.get(f"/authorisations/{suite_key}/{corp_id}")
    assert shown["authorisation"]["state"] == "pending"
    assert [agent["close"] for agent in shown["agents"]] == [2]
    platform.post(f"/suites/{suite_key}/relieve", corp_id=corp_id)
    shown = platform.get(f"/authorisations/{suite_key}/{corp_id}")
    assert shown["authorisation"]["state"] == "relieved"
    assert shown["agents"] == []


def test_authorisations_never_show_codes(
    platform: Running, isv: Receiver, suite_key: str, corp_id: str
) -> None:
    platform.post(f"/suites/{suite_key}/authorize", corp_id=corp_id)
    code = isv.wait_for("tmp_auth_code")["AuthCode"]
    listed = json.dumps(platform.get(f"/authorisations?suite_key={suite_key}"))
    assert corp_id in listed
    assert code not in listed
    assert "permanent" not in listed


def test_listing_authorisations_needs_a_suite_or_a_corp(platform: Running) -> None:
    assert platform.call("GET", "/authorisations").json["facts"] == {"field": "suite_key"}


def test_a_push_shows_its_text_and_each_try_with_the_reason(
    platform: Running, isv: Receiver, suite_key: str, corp_id: str
) -> None:
    answers = iter(["faile", "success"])
    isv.judge = lambda event: next(answers, "success")
    push_id = platform.post(f"/suites/{suite_key}/authorize", corp_id=corp_id)["push_id"]
    isv.wait_for("tmp_auth_code", 2)
    shown = _delivered(platform, isv, push_id)
    assert shown["plain"]["EventType"] == "tmp_auth_code"
    assert shown["limit"] == 100
    outcomes = [(one["attempt"]["outcome"], one["attempt"]["reply"]) for one in shown["tries"]]
    assert outcomes == [("failed", "faile"), ("delivered", "success")]
    assert " / " in shown["tries"][0]["attempt"]["reason"]


def test_a_delivered_push_is_sent_again_as_a_new_one(
    platform: Running, isv: Receiver, suite_key: str
) -> None:
    old = platform.get(f"/pushes?suite_key={suite_key}")["items"][-1]
    _delivered(platform, isv, old["push_id"])
    new = platform.post(f"/pushes/{old['push_id']}/resend")
    assert new["push_id"] > old["push_id"]
    assert new["event_type"] == old["event_type"] == "suite_ticket"
    isv.wait_for("suite_ticket", 2)


def test_pushes_are_filtered_by_state_and_corp_and_paged(
    platform: Running, isv: Receiver, suite_key: str, corp_id: str
) -> None:
    ids = []
    for _ in range(3):
        push = platform.post(f"/suites/{suite_key}/authorize", corp_id=corp_id)
        ids.append(push["push_id"])
        _delivered(platform, isv, push["push_id"])
    found: list[int] = []
    cursor = ""
    while True:
        page = platform.get(f"/pushes?corp_id={corp_id}&state=delivered&limit=2&cursor={cursor}")
        found += [push["push_id"] for push in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert found == sorted(ids, reverse=True)
    assert platform.get(f"/pushes?corp_id={corp_id}&state=stopped")["items"] == []


def test_repush_pushes_a_fresh_ticket(platform: Running, isv: Receiver, suite_key: str) -> None:
    assert platform.post(f"/suites/{suite_key}/repush")["pushes"] >= 1
    old, new = isv.wait_for("suite_ticket"), isv.wait_for("suite_ticket", 2)
    assert old["SuiteTicket"] != new["SuiteTicket"]


def test_repush_without_a_micro_app_says_what_is_missing(
    platform: Running, isv: Receiver, developer_id: str
) -> None:
    """F41."""
    made = platform.post("/suites", **_suite(isv, developer_id))
    answer = platform.call("POST", f"/suites/{made['suite_key']}/repush")
    assert (answer.status, answer.json["faq"]) == (400, "F41")


def _suite(isv: Receiver, developer_id: str) -> dict[str, str]:
    form = {"name": "示例套件", "callback_url": isv.url, "token": TOKEN, "aes_key": AES_KEY}
    return form | {"developer_id": developer_id}


def _delivered(platform: Running, isv: Receiver, push_id: int) -> dict[str, object]:
    """Wait for a push: the platform records it just after the ISV has answered."""
    for _ in range(500):
        shown = platform.get(f"/pushes/{push_id}")
        if shown["push"]["state"] == "delivered":
            return dict(shown)
        with isv.arrived:
            isv.arrived.wait(0.02)
    pytest.fail(f"push {push_id} was not delivered: {shown}")
