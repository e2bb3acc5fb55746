"""Every method of our layer against a running platform: answered, or refused with a code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sanfang.compat.dingtalk_sdk import AppKeyClient, DingTalkClientException

from ..callbacks.test_stranger import Receiver
from ..journeys.harness import Platform, platform
from ..journeys.test_stranger import AES_KEY, TOKEN
from ..strangers.sdk_calls import client_of
from ..strangers.sdk_methods import Method, arguments, learn, methods

pytestmark = [
    pytest.mark.process,
    pytest.mark.filterwarnings("default"),  # of the stranger that builds the corp
]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with platform("sqlite", tmp_path_factory.mktemp("compat")) as found:
        yield found


def ours_of(running: Platform, theirs: Any) -> AppKeyClient:
    kind = type("Ours", (AppKeyClient,), {"API_BASE_URL": running.url + "/"})
    keys = (theirs.corp_id, theirs.app_key, theirs.app_secret, TOKEN, AES_KEY)
    made: AppKeyClient = kind(*keys, timeout=30, auto_retry=False)
    return made


def outcome(client: AppKeyClient, method: Method, known: dict[str, Any]) -> str:
    """Call a method; return ok, refused with its code, or what else happened."""
    values = arguments(method, known)
    try:
        answer = getattr(getattr(client, method.group), method.name)(**values)
    except DingTalkClientException as refused:
        return "refused" if refused.errcode else f"unreadable: {refused}"
    except Exception as error:  # noqa: BLE001 - whatever a program may die of is counted
        return f"broken: {error!r}"
    learn(method, answer, known)
    return "ok"


def test_every_method_is_answered_or_refused_with_a_code(running: Platform) -> None:
    receiver = Receiver()
    theirs, known = client_of(running, receiver)
    client = ours_of(running, theirs)
    try:
        came = {method.title: outcome(client, method, known) for method in methods()}
    finally:
        client.close()
        theirs._http.close()
        receiver.close()
    faults = {title: told for title, told in came.items() if told not in ("ok", "refused")}
    assert faults == {}
    own = [told for title, told in came.items() if not title.startswith("tb")]
    assert own.count("ok") > 0.85 * len(own), [t for t, told in came.items() if told == "refused"]
