"""The steps of the story. Each acts over HTTP, then looks at what the others saw."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from sanfang.protocol.crypto import CREATE_SUITE_KEY
from sanfang.protocol.signatures import signed_query

from ..remote import Platform, Refused, Unreachable
from ..sample import web as sample
from .children import ChildGone, Waited
from .page import Page
from .screen import Outcome, Screen
from .story import Story, Unexpected, check

DEPARTMENTS = {"研发部": ["测试员甲", "测试员乙"], "市场部": ["测试员丙"]}


class Step(NamedTuple):
    zh: str
    en: str
    expected: str
    act: Callable[[Story, Outcome], None]


def tell(story: Story, screen: Screen) -> Outcome | None:
    """Run all steps; return the one that failed, or None."""
    for number, step in enumerate(STEPS, 1):
        outcome = Outcome(number, step.zh, step.en, expected=step.expected)
        begun = time.perf_counter()
        with screen.doing(outcome):
            try:
                step.act(story, outcome)
            except (Unexpected, Waited, ChildGone, Refused, Unreachable) as error:
                outcome.ok, outcome.came = False, str(error)
            except (KeyError, TypeError, IndexError) as error:  # an answer of another shape
                outcome.ok, outcome.came = False, repr(error)
        outcome.ms = (time.perf_counter() - begun) * 1000
        screen.done(outcome)
        if not outcome.ok:
            return outcome
    return None


def _short(text: str, most: int = 88) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def platform_up(story: Story, outcome: Outcome) -> None:
    ready = story.platform_child.expect(lambda told: "url" in told, "the ready line")
    story.urls["platform"] = ready["url"]
    story.platform = Platform.find(None, None, story.folder / "platform")
    health = story.platform.call("health")
    check(health["status"] == "ok", health)
    outcome.facts = {"url": ready["url"]}
    outcome.notes = [ready["url"]]


def isv_up(story: Story, outcome: Outcome) -> None:
    begun = time.time_ns()
    data, board = (str(story.folder / f"{name}-{begun}.db") for name in ("isv", "board"))
    platform = story.urls["platform"]
    story.isv_child.tell(platform=platform, data=data, board=board, **story.keys)
    story.urls["isv"] = story.heard("ready")["url"]
    outcome.facts = {"url": story.urls["isv"]}
    outcome.notes = [f"{story.urls['isv']}  ← sanfang.isv.SuiteApp"]


def register(story: Story, outcome: Outcome) -> None:
    story.suite = story.platform.call(
        "suite.create",
        name="签到看板套件",
        callback_url=f"{story.urls['isv']}/callback",
        user_fields=["email"],
        **story.keys,
    )
    secrets = story.suite["secrets"]
    plain, body, reply, answered = story.on_wire("check_create_suite_url", CREATE_SUITE_KEY)
    check(answered == plain["Random"], f"reply {answered!r}")
    story.isv_child.tell(suite_key=story.suite["suite_key"], suite_secret=secrets["suite_secret"])
    story.heard("configured")
    outcome.facts = {
        "suite_key": story.suite["suite_key"],
        "pushed": body,
        "says": plain,
        "reply": reply,
        "reply_says": answered,
    }
    outcome.notes = [
        f"推送 pushed    {_short(body)}",
        f"明文 says      {json.dumps(plain, ensure_ascii=False)}",
        f"应答 replied   {_short(reply)}",
        f"明文 says      {answered}  = Random ✓",
        f"得到 given     suite_key {story.suite['suite_key']}",
    ]


def ticket(story: Story, outcome: Outcome) -> None:
    key = story.suite["suite_key"]
    isv = story.urls["isv"]
    story.platform.call(
        "suite.add-app",
        suite_key=key,
        name=sample.NAME,
        description="成员签到，按部门看今天，分享到会话",
        home_url=isv + sample.HOME,
        pc_home_url=isv + sample.PC_HOME,
    )
    host = urlsplit(isv).netloc
    story.platform.call("signin.set-hosts", key=key, hosts=[host])  # for browsers outside
    received = story.heard("ticket")["ticket"]
    plain, body, _, answered = story.on_wire("suite_ticket", key)
    known = story.platform.call("suite.show", suite_key=key, secrets=True)["secrets"]
    check(received == known["suite_ticket"], "the ISV has another ticket than the platform")
    check(answered == "success", f"reply {answered!r}")
    outcome.facts = {"event": plain["EventType"], "reply_says": answered}
    outcome.notes = [
        f"推送 pushed    {_short(body)}",
        f"明文 says      EventType {plain['EventType']}, SuiteTicket …{received[-4:]}",
        "应答 replied   success",
    ]


def enterprise(story: Story, outcome: Outcome) -> None:
    corp = story.platform.call("corp.create", name="示例公司")
    story.corp_id = corp["corp_id"]
    for department, people in DEPARTMENTS.items():
        made = story.platform.call("department.create", corp_id=story.corp_id, name=department)
        for number, person in enumerate(people):
            story.platform.call(
                "member.create",
                corp_id=story.corp_id,
                name=person,
                userid=f"u{made['dept_id']}{number}",
                mobile=f"199{made['dept_id']:04}{number:04}",
                departments=[made["dept_id"]],
            )
            story.people[person] = f"u{made['dept_id']}{number}"
    listed = story.platform.call("department.list", corp_id=story.corp_id)["items"]
    names = [department["name"] for department in listed]
    check(set(DEPARTMENTS) <= set(names), names)
    outcome.facts = {"corp_id": story.corp_id, "departments": names}
    outcome.notes = [
        f"{corp['name']} {story.corp_id}",
        "; ".join(f"{name}: {'、'.join(people)}" for name, people in DEPARTMENTS.items()),
    ]


def authorise(story: Story, outcome: Outcome) -> None:
    key, begun = story.suite["suite_key"], time.perf_counter()
    made = story.platform.call("suite.authorize", suite_key=key, corp_id=story.corp_id)
    check(made["event_type"] == "tmp_auth_code", made["event_type"])
    told = story.heard("activated", corp_id=story.corp_id)
    shown = story.active(1)
    took = (time.perf_counter() - begun) * 1000
    plain, body, _, answered = story.on_wire("tmp_auth_code", key)
    check(answered == "success", f"reply {answered!r}")
    agent = shown["agents"][0]
    check(told["agent_ids"] == [agent["agent_id"]], told)
    outcome.facts = {
        "pushed": body,
        "event": plain["EventType"],
        "agent_id": agent["agent_id"],
        "authorise_to_active_ms": round(took, 1),
    }
    outcome.notes = [
        f"推送 pushed    {_short(body)}",
        f"明文 says      EventType {plain['EventType']}, AuthCode …{plain['AuthCode'][-4:]}",
        "ISV            get_permanent_code → get_auth_info → get_agent → activate_suite",
        f"状态 state     active, agentid {agent['agent_id']}, close 1",
    ]


def contacts(story: Story, outcome: Outcome) -> None:
    told = story.heard("contacts", corp_id=story.corp_id)
    expected = {person for people in DEPARTMENTS.values() for person in people}
    names = {member["name"] for member in told["members"]}
    check(expected <= names, f"members {sorted(names)}")
    check(set(DEPARTMENTS) <= set(told["departments"]), told["departments"])
    mobiles = [member["mobile"] for member in told["members"] if member["mobile"]]
    check(not mobiles, f"{len(mobiles)} mobile numbers shown to an ISV")
    outcome.facts = {"departments": told["departments"], "members": sorted(names)}
    outcome.notes = [
        f"部门 departments  {'、'.join(told['departments'])}",
        f"成员 members      {'、'.join(sorted(names))}  (手机号不给 ISV / no mobiles: F51)",
    ]


def message(story: Story, outcome: Outcome) -> None:
    told = story.heard("message", corp_id=story.corp_id)
    inbox = story.platform.call("message.list", corp_id=story.corp_id, userid=told["to"])["items"]
    texts = [one["body"].get("content") for one in inbox if isinstance(one["body"], dict)]
    check(told["text"] in texts, f"inbox {inbox}")
    outcome.facts = {"to": told["to"], "text": told["text"], "inbox": len(inbox)}
    outcome.notes = [f"{told['to']} ← {told['text']}"]


def again(story: Story, outcome: Outcome) -> None:
    key = story.suite["suite_key"]
    made = story.platform.call("suite.authorize", suite_key=key, corp_id=story.corp_id)
    check(made["event_type"] == "change_auth", made["event_type"])
    story.heard("change_auth", corp_id=story.corp_id)
    story.delivered(made["push_id"])
    outcome.facts = {"event": made["event_type"], "why": made["en"]}
    outcome.notes = [made["zh"], made["en"]]


def relieve(story: Story, outcome: Outcome) -> None:
    key = story.suite["suite_key"]
    token = _corp_token(story)
    before = story.open_api("GET", "/department/list", access_token=token)
    check(before["errcode"] == 0, f"before: {before}")
    made = story.platform.call("suite.relieve", suite_key=key, corp_id=story.corp_id)
    after = story.open_api("GET", "/department/list", access_token=token)
    check(after["errcode"] == 40014, f"after: {after}")
    story.heard("relieved", corp_id=story.corp_id)
    story.delivered(made["push_ids"][0])
    outcome.facts = {"errcode_before": 0, "errcode_after": after["errcode"]}
    outcome.notes = [
        "推送 pushed    suite_relieve",
        f"旧 token       errcode {after['errcode']} {after['errmsg']}",
    ]


def authorise_anew(story: Story, outcome: Outcome) -> None:
    key = story.suite["suite_key"]
    made = story.platform.call("suite.authorize", suite_key=key, corp_id=story.corp_id)
    check(made["event_type"] == "tmp_auth_code", made["event_type"])
    story.heard("activated", corp_id=story.corp_id)
    shown = story.active(2)
    check(shown["authorisation"]["code_used_at"], "the new temporary code was not exchanged")
    answer = story.open_api("GET", "/department/list", access_token=_corp_token(story))
    check(answer["errcode"] == 0, answer)
    agent_id = shown["agents"][0]["agent_id"]
    outcome.facts = {"generation": 2, "agent_id": agent_id}
    outcome.notes = [f"新的永久授权码 / a new permanent code; active, agentid {agent_id}"]


def board(story: Story, outcome: Outcome) -> None:
    """Do what the page does for a member, without a browser: every call is the page's own."""
    key, corp_id = story.suite["suite_key"], story.corp_id
    userids = [story.people[name] for name in DEPARTMENTS["研发部"]]
    opened = story.platform.call("conversation.open", corp_id=corp_id, userids=userids)
    me = userids[1]
    code = story.platform.call("signin.code", corp_id=corp_id, userid=me, app=key)["code"]
    page = Page(story.urls["isv"], corp_id)
    config = page.post("/dingtalk/config", url=page.url, corp_id=corp_id)
    shown = story.platform.call("authorisation.show", suite_key=key, corp_id=corp_id)
    agent_id = shown["agents"][0]["agent_id"]
    check(config.get("agentId") == str(agent_id), config)
    person = page.post("/dingtalk/login", code=code, corp_id=corp_id)
    check(person.get("name") == DEPARTMENTS["研发部"][1], person)
    made = page.post("/api/checkins", place="示例公司前台")
    check(made.get("department") == "研发部", made)
    check(page.post("/api/share", cid=opened["cid"]).get("sent"), "not shared")
    found = story.platform.call("message.list", corp_id=corp_id, cid=opened["cid"])["items"]
    check([one["msgtype"] for one in found] == ["oa"], found)
    title = found[0]["body"]["body"]["title"]
    outcome.facts = {"agent_id": agent_id, "name": person["name"], "message": title}
    outcome.notes = [
        f"dd.config      agentId {config['agentId']}, signature …{config['signature'][-4:]}",
        f"免登 login     {person['userid']} {person['name']}",
        f"会话 cid       {_short(opened['cid'])}",
        f"消息 message   {sample.NAME}: {title}",
    ]


def workbench(story: Story, outcome: Outcome) -> None:
    userid = story.people[DEPARTMENTS["研发部"][0]]
    address = story.platform.workbench(story.corp_id, userid)
    check(Page(address).get() == 200, f"no workbench at {address}")
    story.urls["workbench"] = address
    outcome.facts = {"url": address}
    outcome.notes = [address]


def _corp_token(story: Story) -> str:
    """Get a corp token with the signed form, which needs no permanent code."""
    key = story.suite["suite_key"]
    known = story.platform.call("suite.show", suite_key=key, secrets=True)["secrets"]
    signed = signed_query(
        key, known["suite_secret"], str(time.time_ns() // 1_000_000), known["suite_ticket"]
    )
    answer = story.open_api(
        "POST", "/service/get_corp_token", {"auth_corpid": story.corp_id}, **signed
    )
    check(answer.get("errcode", 0) == 0, answer)
    return str(answer["access_token"])


STEPS = [
    Step("平台启动", "The platform is up", "health ok", platform_up),
    Step("ISV 启动", "The ISV is up", "its ready line", isv_up),
    Step(
        "ISV 的开发者注册套件，平台验证回调 URL",
        "The ISV's developer registers a suite; the platform verifies its callback URL",
        "the echoed Random, encrypted",
        register,
    ),
    Step(
        "平台推送 suite_ticket，ISV 收到",
        "The platform pushes a ticket; the ISV receives it",
        "the same ticket on both sides",
        ticket,
    ),
    Step(
        "一家企业入驻，有部门和成员",
        "An enterprise arrives, with departments and members",
        "its departments listed",
        enterprise,
    ),
    Step(
        "企业授权：加密推送临时授权码，ISV 换取永久授权码并激活",
        "It authorises: the temporary code is pushed encrypted, the ISV exchanges it and activates",
        "state active, close 1",
        authorise,
    ),
    Step(
        "ISV 读取通讯录",
        "The ISV reads the contacts",
        "every department and member, no mobile number",
        contacts,
    ),
    Step(
        "ISV 发消息，成员收到",
        "The ISV sends a message; the member receives it",
        "the text in the member's inbox",
        message,
    ),
    Step(
        "再次授权：只推送 change_auth",
        "Authorised again: only change_auth is pushed",
        "change_auth delivered",
        again,
    ),
    Step(
        "企业解除授权：推送 suite_relieve，token 立即失效",
        "It relieves: suite_relieve is pushed, tokens are dead at once",
        "errcode 40014 for the old token",
        relieve,
    ),
    Step(
        "重新授权：新的永久授权码，再次激活",
        "It authorises anew: a new permanent code, active again",
        "state active, generation 2",
        authorise_anew,
    ),
    Step(
        "成员打开签到看板：签名、免登、签到，分享到会话",
        "A member opens the board: signature, sign-in, check-in; shared to a conversation",
        "the member's name, and the message in the conversation",
        board,
    ),
    Step(
        "工作台等着你：用浏览器打开它",
        "The workbench waits for you: open it in a browser",
        "its page",
        workbench,
    ),
]
