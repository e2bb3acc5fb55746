"""What every store must do, as tests: for those who write one, and for ours.

::

    class TestMyStore(TokenStoreTests, SuiteStoreTests):
        @pytest.fixture
        def open_store(self, tmp_path):
            return lambda: MyStore(tmp_path / "tokens")

``open_store`` gives a function that opens one more handle on the same place, as another process
would. The place is empty when a test begins. For a store that lives in one process only, let it
return the same object each time. The tests need pytest to run them and nothing to import.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ..suites import SuiteStore
from ..tokens import Token, TokenKey, TokenStore

KEY = TokenKey("corp", app="dingexample", corp="dingcorp", platform="https://oapi.example")
TOKEN = Token("token-0001-of-a-corp", 1_700_000_000.25, 1_700_007_200.5)
OTHER = Token("token-0002-of-a-corp", 1_700_000_001.0, math.inf)
ODD = ("", "a|b", "a%7Cb", "a b", "中文", "a\nb", "{a}", "a:b", "'\"\\", "%s ?", "null", "x" * 500)
LONG = 30.0
SHORT = 0.05


class TokenStoreTests:
    """The obligations of a `TokenStore`."""

    def test_what_was_never_put_is_none(self, open_store: Callable[[], TokenStore]) -> None:
        assert open_store().get(KEY) is None

    def test_a_token_is_found_by_others_to_the_last_digit(
        self, open_store: Callable[[], TokenStore]
    ) -> None:
        assert open_store().put(KEY, TOKEN) is True
        assert open_store().get(KEY) == TOKEN

    def test_a_token_without_expiry_is_kept(self, open_store: Callable[[], TokenStore]) -> None:
        open_store().put(KEY, OTHER)
        assert open_store().get(KEY) == OTHER

    def test_an_expired_token_is_returned_all_the_same(
        self, open_store: Callable[[], TokenStore]
    ) -> None:
        expired = Token("old", 0.0, 1.0)
        open_store().put(KEY, expired)
        assert open_store().get(KEY) == expired

    def test_a_later_token_takes_the_place(self, open_store: Callable[[], TokenStore]) -> None:
        one, two = open_store(), open_store()
        one.put(KEY, TOKEN)
        two.put(KEY, OTHER)
        assert one.get(KEY) == OTHER

    def test_each_part_of_the_key_counts(self, open_store: Callable[[], TokenStore]) -> None:
        store = open_store()
        keys = [KEY, *(KEY._replace(**{name: "another"}) for name in KEY._fields)]
        for number, key in enumerate(keys):
            store.put(key, Token(f"token-{number}", 0.0))
        held = [store.get(key) for key in keys]
        assert [token and token.value for token in held] == [
            f"token-{number}" for number in range(len(keys))
        ]

    def test_no_two_odd_names_are_taken_for_one(self, open_store: Callable[[], TokenStore]) -> None:
        store = open_store()
        keys = [KEY._replace(corp=corp, app=app) for corp in ODD for app in ("", "a", "|")]
        for number, key in enumerate(keys):
            store.put(key, Token(f"token-{number}", 0.0))
        again = open_store()
        held = [again.get(key) for key in keys]
        assert [token and token.value for token in held] == [
            f"token-{number}" for number in range(len(keys))
        ]

    def test_a_long_value_is_kept(self, open_store: Callable[[], TokenStore]) -> None:
        token = Token("".join(map(chr, range(33, 127))) * 50, 0.0)
        open_store().put(KEY, token)
        assert open_store().get(KEY) == token

    # -- compare and delete -----------------------------------------------------------------

    def test_delete_if_deletes_what_it_names(self, open_store: Callable[[], TokenStore]) -> None:
        one, two = open_store(), open_store()
        one.put(KEY, TOKEN)
        assert two.delete_if(KEY, TOKEN.value) is True
        assert one.get(KEY) is None
        assert one.delete_if(KEY, TOKEN.value) is False

    def test_delete_if_leaves_a_newer_token(self, open_store: Callable[[], TokenStore]) -> None:
        store = open_store()
        store.put(KEY, OTHER)
        assert store.delete_if(KEY, TOKEN.value) is False
        assert store.get(KEY) == OTHER

    def test_delete_if_of_nothing_is_false(self, open_store: Callable[[], TokenStore]) -> None:
        assert open_store().delete_if(KEY, "anything") is False

    def test_a_token_can_be_put_again_after_it_was_deleted(
        self, open_store: Callable[[], TokenStore]
    ) -> None:
        store = open_store()
        store.put(KEY, TOKEN)
        store.delete_if(KEY, TOKEN.value)
        store.put(KEY, TOKEN)
        assert store.get(KEY) == TOKEN

    # -- leases -----------------------------------------------------------------------------

    def test_one_has_the_lease_at_a_time(self, open_store: Callable[[], TokenStore]) -> None:
        one, two = open_store(), open_store()
        fence = one.lease(KEY, LONG)
        assert fence is not None
        assert two.lease(KEY, LONG) is None
        assert one.lease(KEY, LONG) is None
        one.release(KEY, fence)
        assert two.lease(KEY, LONG) is not None

    def test_each_fence_is_above_those_before(self, open_store: Callable[[], TokenStore]) -> None:
        fences = [0]
        for number in range(5):
            store = open_store()
            fence = store.lease(KEY, LONG)
            assert fence is not None
            assert fence > fences[-1]
            fences.append(fence)
            if number % 2:
                store.put(KEY, TOKEN, fence)
                store.delete_if(KEY, TOKEN.value)
            else:
                store.release(KEY, fence)

    def test_leases_of_other_keys_are_other_leases(
        self, open_store: Callable[[], TokenStore]
    ) -> None:
        store = open_store()
        assert store.lease(KEY, LONG) is not None
        assert store.lease(KEY._replace(corp="another"), LONG) is not None
        assert store.lease(KEY._replace(platform="https://sandbox.example"), LONG) is not None

    def test_a_lease_ends_by_itself(self, open_store: Callable[[], TokenStore]) -> None:
        first = open_store().lease(KEY, SHORT)
        second = until(lambda: open_store().lease(KEY, LONG))
        assert first is not None
        assert second > first

    def test_a_lease_is_no_token(self, open_store: Callable[[], TokenStore]) -> None:
        store = open_store()
        store.lease(KEY, LONG)
        assert store.get(KEY) is None
        assert store.delete_if(KEY, "") is False

    def test_putting_with_the_fence_ends_the_lease(
        self, open_store: Callable[[], TokenStore]
    ) -> None:
        one, two = open_store(), open_store()
        fence = one.lease(KEY, LONG)
        assert one.put(KEY, TOKEN, fence) is True
        assert two.get(KEY) == TOKEN
        assert two.lease(KEY, LONG) is not None

    def test_a_stalled_holder_cannot_overwrite_a_newer_token(
        self, open_store: Callable[[], TokenStore]
    ) -> None:
        one, two = open_store(), open_store()
        stalled = one.lease(KEY, SHORT)
        next_one = until(lambda: two.lease(KEY, LONG))
        assert one.put(KEY, TOKEN, stalled) is False
        assert one.get(KEY) is None
        assert two.put(KEY, OTHER, next_one) is True
        assert one.put(KEY, TOKEN, stalled) is False
        assert two.get(KEY) == OTHER

    def test_a_stalled_holder_cannot_end_the_next_ones_lease(
        self, open_store: Callable[[], TokenStore]
    ) -> None:
        one, two = open_store(), open_store()
        stalled = one.lease(KEY, SHORT)
        until(lambda: two.lease(KEY, LONG))
        assert stalled is not None
        one.release(KEY, stalled)
        assert one.put(KEY, TOKEN, stalled) is False
        assert open_store().lease(KEY, LONG) is None

    def test_a_holder_that_is_late_but_not_overtaken_may_put(
        self, open_store: Callable[[], TokenStore]
    ) -> None:
        store = open_store()
        fence = store.lease(KEY, 0.001)
        time.sleep(0.01)
        assert store.put(KEY, TOKEN, fence) is True
        assert store.get(KEY) == TOKEN

    def test_putting_without_a_fence_outdates_the_lease(
        self, open_store: Callable[[], TokenStore]
    ) -> None:
        one, two = open_store(), open_store()
        fence = one.lease(KEY, LONG)
        assert two.put(KEY, OTHER) is True
        assert one.put(KEY, TOKEN, fence) is False
        assert one.get(KEY) == OTHER
        assert one.lease(KEY, LONG) is not None

    def test_a_fence_that_was_never_given_is_refused(
        self, open_store: Callable[[], TokenStore]
    ) -> None:
        store = open_store()
        assert store.put(KEY, TOKEN, 7) is False
        assert store.get(KEY) is None
        assert store.extend(KEY, 7, LONG) is False
        store.release(KEY, 7)

    def test_deleting_leaves_the_lease_as_it_is(self, open_store: Callable[[], TokenStore]) -> None:
        one, two = open_store(), open_store()
        one.put(KEY, TOKEN)
        fence = one.lease(KEY, LONG)
        assert two.delete_if(KEY, TOKEN.value) is True
        assert two.lease(KEY, LONG) is None
        assert one.put(KEY, OTHER, fence) is True

    def test_a_lease_can_be_extended(self, open_store: Callable[[], TokenStore]) -> None:
        one, two = open_store(), open_store()
        fence = one.lease(KEY, SHORT)
        assert fence is not None
        assert one.extend(KEY, fence, LONG) is True
        time.sleep(2 * SHORT)
        assert two.lease(KEY, LONG) is None

    def test_a_lease_that_ran_out_can_be_extended_until_somebody_takes_it(
        self, open_store: Callable[[], TokenStore]
    ) -> None:
        one, two = open_store(), open_store()
        fence = one.lease(KEY, 0.001)
        assert fence is not None
        time.sleep(0.01)
        assert one.extend(KEY, fence, SHORT) is True
        until(lambda: two.lease(KEY, LONG))
        assert one.extend(KEY, fence, LONG) is False

    def test_a_lease_that_was_given_back_cannot_be_extended(
        self, open_store: Callable[[], TokenStore]
    ) -> None:
        store = open_store()
        for end in (store.release, lambda key, fence: store.put(key, TOKEN, fence)):
            fence = store.lease(KEY, LONG)
            assert fence is not None
            end(KEY, fence)
            assert store.extend(KEY, fence, LONG) is False

    # -- many at once -----------------------------------------------------------------------

    def test_of_many_at_once_one_gets_the_lease(self, open_store: Callable[[], TokenStore]) -> None:
        stores = [open_store() for _ in range(8)]
        fences = in_threads([partial(store.lease, KEY, LONG) for store in stores])
        assert len([fence for fence in fences if fence is not None]) == 1

    def test_of_many_at_once_one_deletes(self, open_store: Callable[[], TokenStore]) -> None:
        stores = [open_store() for _ in range(8)]
        stores[0].put(KEY, TOKEN)
        done = in_threads([partial(store.delete_if, KEY, TOKEN.value) for store in stores])
        assert sorted(done) == [False] * 7 + [True]

    def test_many_at_once_lose_nobodys_token(self, open_store: Callable[[], TokenStore]) -> None:
        keys = [KEY._replace(corp=f"ding{number}") for number in range(16)]
        in_threads([partial(open_store().put, key, Token(key.corp, 0.0)) for key in keys])
        store = open_store()
        assert [token and token.value for token in map(store.get, keys)] == [
            key.corp for key in keys
        ]

    def test_one_handle_serves_many_threads(self, open_store: Callable[[], TokenStore]) -> None:
        store = open_store()
        turns: list[int] = []

        def work() -> None:
            for _ in range(5):
                fence = until(lambda: store.lease(KEY, LONG))
                turns.append(fence)
                assert store.put(KEY, Token(str(fence), 0.0), fence)

        in_threads([work] * 4)
        assert turns == sorted(set(turns)), "in the order of their fences, none twice"
        assert len(turns) == 20
        assert store.get(KEY) == Token(str(turns[-1]), 0.0)

    def test_the_repr_shows_no_token(self, open_store: Callable[[], TokenStore]) -> None:
        store = open_store()
        store.put(KEY, TOKEN)
        assert TOKEN.value not in repr(store)


class SuiteStoreTests:
    """The obligations of a `SuiteStore`."""

    def test_what_was_never_saved_is_none(self, open_store: Callable[[], SuiteStore]) -> None:
        store = open_store()
        assert store.ticket("suite4example") is None
        assert store.permanent_code("suite4example", "dingcorp") is None
        store.forget_corp("suite4example", "dingcorp")

    def test_the_last_ticket_is_found_by_others(self, open_store: Callable[[], SuiteStore]) -> None:
        store = open_store()
        store.save_ticket("suite4example", "ticket-1")
        store.save_ticket("suite4example", "ticket-2")
        again = open_store()
        assert again.ticket("suite4example") == "ticket-2"
        assert again.ticket("suite4another") is None

    def test_a_permanent_code_is_found_by_others(
        self, open_store: Callable[[], SuiteStore]
    ) -> None:
        store = open_store()
        store.save_permanent_code("suite4example", "dingcorp", "code-1")
        store.save_permanent_code("suite4example", "dingcorp", "code-2")
        again = open_store()
        assert again.permanent_code("suite4example", "dingcorp") == "code-2"
        assert again.permanent_code("suite4example", "dingother") is None
        assert again.permanent_code("suite4another", "dingcorp") is None

    def test_forgetting_a_corp_forgets_that_corp_alone(
        self, open_store: Callable[[], SuiteStore]
    ) -> None:
        store = open_store()
        store.save_ticket("suite4example", "ticket")
        for suite, corp in (("a", "x"), ("a", "y"), ("b", "x")):
            store.save_permanent_code(suite, corp, f"{suite}{corp}")
        store.forget_corp("a", "x")
        again = open_store()
        assert again.permanent_code("a", "x") is None
        assert again.permanent_code("a", "y") == "ay"
        assert again.permanent_code("b", "x") == "bx"
        assert again.ticket("suite4example") == "ticket"

    def test_no_two_odd_suites_or_corps_are_taken_for_one(
        self, open_store: Callable[[], SuiteStore]
    ) -> None:
        store = open_store()
        pairs = [(suite, corp) for suite in ODD for corp in ("", "a", "|", "中")]
        for number, (suite, corp) in enumerate(pairs):
            store.save_permanent_code(suite, corp, f"code-{number}")
        again = open_store()
        held = [again.permanent_code(suite, corp) for suite, corp in pairs]
        assert held == [f"code-{number}" for number in range(len(pairs))]

    def test_many_at_once_lose_nobodys_code(self, open_store: Callable[[], SuiteStore]) -> None:
        corps = [f"ding{number}" for number in range(16)]
        in_threads([partial(open_store().save_permanent_code, "s", corp, corp) for corp in corps])
        store = open_store()
        assert [store.permanent_code("s", corp) for corp in corps] == corps

    def test_the_repr_shows_no_code(self, open_store: Callable[[], SuiteStore]) -> None:
        store = open_store()
        store.save_ticket("suite4example", "secret-ticket-text")
        store.save_permanent_code("suite4example", "dingcorp", "secret-code-text")
        assert "secret" not in repr(store)


def until(attempt: Callable[[], int | None]) -> int:
    """Repeat an attempt until it gives something; fail after ten seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        result = attempt()
        if result is not None:
            return result
        time.sleep(0.005)
    raise AssertionError("still nothing after ten seconds")


def in_threads(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run every work in a thread of its own, all at once; return the results in order."""
    gate = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)
    failures: list[BaseException] = []

    def run(index: int, work: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[index] = work()
        except BaseException as failure:  # noqa: BLE001 - raised below
            failures.append(failure)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return results
