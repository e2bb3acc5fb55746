"""What is kept in a storage of `dingtalk-sdk`."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from dingtalk.storage.kvstorage import KvStorage as TheirStorage
from hypothesis import given
from hypothesis import strategies as st

from sanfang.client import TokenKey, TokenStore
from sanfang.client.stores.conformance import TokenStoreTests
from sanfang.compat.dingtalk_sdk import (
    AppKeyClient,
    DingTalkClientException,
    ISVClient,
    SecretClient,
)
from sanfang.compat.dingtalk_sdk.storage import BaseStorage
from sanfang.compat.dingtalk_sdk.storage.kvstorage import KvStorage
from sanfang.compat.dingtalk_sdk.storage.memorystorage import MemoryStorage
from sanfang.compat.dingtalk_sdk.storage.stores import StoredTokens

from .recorder import Recorder, Told
from .test_documented import Redis


class TestStoredTokens(TokenStoreTests):
    """A storage serves as a token store, inside of one process."""

    @pytest.fixture
    def open_store(self) -> Callable[[], TokenStore]:
        store = StoredTokens(MemoryStorage(), repr)
        return lambda: store


def test_no_two_kinds_of_tokens_have_one_name() -> None:
    clients = [
        AppKeyClient("corp", "app", "secret"),
        SecretClient("corp", "secret"),
        SecretClient("corp", "another"),
        ISVClient("suite", "secret"),
    ]
    kinds = ("corp", "oauth", "suite", "isv_corp", "sso", "sns", "user", "jsapi_ticket")
    for one, client in enumerate(clients):
        mine = {client._token_name(TokenKey(kind, corp="corp")) for kind in kinds}
        assert len(mine) == len(kinds)
        others = [each for number, each in enumerate(clients) if number != one]
        for other in others:
            assert not mine & {other._token_name(TokenKey(kind, corp="corp")) for kind in kinds}


def test_values_are_kept_as_theirs_keeps_them() -> None:
    ours, theirs = Redis(), Redis()
    KvStorage(ours).set("key", {"名": [1]}, 10)
    TheirStorage(theirs).set("key", {"名": [1]}, 10)
    assert (ours.values, ours.ttls) == (theirs.values, theirs.ttls)
    assert KvStorage(theirs).get("key") == {"名": [1]}
    KvStorage(theirs).delete("key")
    assert KvStorage(theirs).get("key", "nothing") == "nothing"


def test_what_is_no_key_value_store_is_refused() -> None:
    with pytest.raises(TypeError, match="delete"):
        KvStorage(object())


def test_memory_forgets_what_has_expired_and_keeps_the_rest() -> None:
    storage = MemoryStorage()
    storage.set("expired", "a", 0)
    storage.set("lasting", "b", 60)
    storage.set("for good", "c")
    storage.set("nothing", None)
    assert [storage.get(key, "-") for key in ("expired", "lasting", "for good", "nothing")] == [
        "-",
        "b",
        "c",
        "-",
    ]
    storage["indexed"] = "d"
    assert storage["indexed"] == "d"  # theirs returns None
    del storage["indexed"]
    assert storage["indexed"] is None
    assert "b" not in repr(storage)


def test_a_storage_of_ones_own_is_used() -> None:
    class Own(BaseStorage):
        def __init__(self) -> None:
            self.values: dict[str, Any] = {}

        def get(self, key: str, default: Any = None) -> Any:
            return self.values.get(key, default)

        def set(self, key: str, value: Any, ttl: int | None = None) -> None:
            self.values[key] = value

        def delete(self, key: str) -> None:
            self.values.pop(key, None)

    own = Own()
    suite = ISVClient("suite", "secret", storage=own)
    suite.set_suite_ticket("ticket")
    suite.cache.permanent_code.set("corp", "permanent")
    assert own.values == {
        "isv:suite:suite_ticket": "ticket",
        "isv:suite:permanent_code:corp": "permanent",
    }


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "errcode",
                    "errmsg",
                    "result",
                    "success",
                    "x_response",
                    "error_response",
                    "code",
                    "a",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


class Asked:
    """One client, and a recorder that answers as it is told."""

    def __init__(self) -> None:
        self.recorder = Recorder(lambda _: {})
        kind = type("Ours", (AppKeyClient,), {"API_BASE_URL": self.recorder.url + "/"})
        self.client = kind("corp", "app", "secret", auto_retry=False)


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    made = Asked()
    yield made
    made.recorder.close()


@given(answer=_JSON, status=st.sampled_from([200, 400, 500]), cut=st.integers(0, 3))
def test_no_answer_brings_anything_but_an_answer_or_the_exception(
    asked: Asked, answer: Any, status: int, cut: int
) -> None:
    body = json.dumps(answer).encode()
    told = [Told(body[: len(body) - cut] if cut else body, status=status)]
    asked.recorder.answer = lambda _: told[0]
    client = asked.client
    client.cache.access_token.set(value="token", ttl=7200)
    for call in (lambda: client.get("/user/get"), lambda: client.top_request("x", {"a": 1})):
        with contextlib.suppress(DingTalkClientException):
            call()
