"""The tutorials' curl calls of the document generations, replayed as raw requests."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from functools import reduce
from typing import Any
from urllib.parse import quote

import pytest
import urllib3
from dingtalk.crypto import DingTalkCrypto

from sanfang.protocol.signatures import signed_query

from ..callbacks.test_stranger import Receiver
from ..journeys.harness import Platform, platform
from ..journeys.test_stranger import a_corp
from .samples import OF_2016, OF_SIGN_IN, OF_TOPAPI, OF_V1, Sample
from .sdk_calls import a_code
from .sdk_methods import PLAIN

pytestmark = [
    pytest.mark.process,
    pytest.mark.filterwarnings("default"),  # the stranger's own warnings are not ours to fix
]
GENERATIONS = {"2016": OF_2016, "topapi": OF_TOPAPI, "v1.0": OF_V1, "sign-in": OF_SIGN_IN}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with platform("sqlite", tmp_path_factory.mktemp("tutorials")) as found:
        yield found


def _known(running: Platform, receiver: Receiver) -> dict[str, str]:
    admin = running.admin
    corp_id = a_corp(admin)
    app = admin.get(f"/corps/{corp_id}/apps?secrets=1")["items"][0]
    receiver.crypto = DingTalkCrypto(PLAIN["token"], PLAIN["aes_key"], corp_id)
    cid = admin.post(f"/corps/{corp_id}/conversations", userids=["zhang", "li"])["cid"]
    robot = admin.post(f"/corps/{corp_id}/robots", cid=cid, name="报警")
    return {
        "corp_id": corp_id,
        "app_key": app["app_key"],
        "secret": app["secret"],
        "agent": str(app["agent_id"]),
        "unionid": admin.get(f"/corps/{corp_id}/members/zhang")["unionid"],
        "receiver": receiver.url,
        "robot": robot["access_token"],
        "token": "",
        **_to_sign_in(running, corp_id, app["app_key"]),
    }


def _to_sign_in(running: Platform, corp_id: str, app_key: str) -> dict[str, str]:
    admin = running.admin
    open_app = admin.post("/open-apps", name="示例网站")
    app_id, secret = open_app["app_id"], open_app["secret"]
    query = signed_query(app_id, secret, int(time.time() * 1000))
    boss = {"userid": "manager", "kind": "admin"}
    return {
        "sso_secret": admin.post(f"/corps/{corp_id}/sso-secret")["sso_secret"],
        "open_app": app_id,
        "open_secret": secret,
        "timestamp": query["timestamp"],
        "signature": quote(query["signature"], safe=""),
        "login_code": a_code(admin, corp_id, app_key),
        "login_code_2": a_code(admin, corp_id, app_key),
        "admin_code": a_code(admin, corp_id, app_key, **boss),
        "admin_code_2": a_code(admin, corp_id, app_key, **boss),
        "sns_code": a_code(admin, corp_id, app_id, kind="sns"),
        "sns_code_2": a_code(admin, corp_id, app_id, kind="sns"),
        "oauth_code": a_code(admin, corp_id, app_key, kind="oauth", scope="openid corpid"),
    }


@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_tutorials_calls_do_what_they_say(running: Platform, generation: str) -> None:
    receiver, http = Receiver(), urllib3.PoolManager()
    try:
        known = _known(running, receiver)
        wrong = [
            told
            for sample in GENERATIONS[generation]
            if (told := _replay(http, running.url, sample, known))
        ]
    finally:
        http.clear()
        receiver.close()
    assert not wrong, "\n".join(wrong)


def test_there_are_enough_of_them() -> None:
    calls = {str(sample) for samples in GENERATIONS.values() for sample in samples}
    assert len(calls) >= 60


def _replay(http: urllib3.PoolManager, url: str, sample: Sample, known: dict[str, str]) -> str:
    """Send a call; return what is wrong with its answer, or nothing."""
    method, target = sample.request.split(" ")
    headers = {"User-Agent": "curl/8.5.0", "Accept": "*/*"}
    if sample.newer and known["token"]:
        headers["x-acs-dingtalk-access-token"] = known["token"]
    more: dict[str, Any] = {}
    if sample.json is not None:
        headers["Content-Type"] = "application/json"
        more["body"] = json.dumps(_filled(sample.json, known), ensure_ascii=False).encode()
    elif sample.form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded;charset=utf-8"
        more = {"fields": _filled(sample.form, known), "encode_multipart": False}
    elif sample.parts is not None:
        more = {"fields": _filled(sample.parts, known)}
    answer = http.request(
        method, url + _filled(target, known), headers=headers, retries=False, timeout=30, **more
    )
    told = answer.json() if answer.data else {}
    for name, where in sample.keep.items():
        known[name] = str(_part(told, where))
    return _judge(sample, answer.status, told, answer.headers, known)


def _judge(sample: Sample, status: int, told: Any, headers: Any, known: dict[str, str]) -> str:
    code = told.get("errcode", 0) if isinstance(told, dict) else 0
    if sample.newer:
        code = 0 if status < 400 else told.get("code")
    wrong = [
        f"{where} is {_part(told, where)!r}, not {value!r}"
        for where, value in _filled(sample.expect, known).items()
        if (_part(told, where) is None if value is None else _part(told, where) != value)
    ]
    if code != sample.code:
        wrong.insert(0, f"{status} {code}")
    if "x-sanfang-synthetic" in headers:
        wrong.append("synthetic")
    return f"{sample}: {'; '.join(wrong)} in {told}" if wrong else ""


def _part(told: Any, where: str) -> Any:
    def step(value: Any, name: str) -> Any:
        if isinstance(value, list):
            return value[int(name)] if len(value) > int(name) else None
        return value.get(name) if isinstance(value, dict) else None

    return reduce(step, where.split("."), told)


def _filled(value: Any, known: dict[str, str]) -> Any:
    """Put what is known into a text or a structure of texts; other braces stay."""
    if isinstance(value, str):
        for name, text in known.items():
            value = value.replace("{" + name + "}", text)
        return value
    if isinstance(value, dict):
        return {name: _filled(each, known) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_filled(each, known) for each in value)
    return value
