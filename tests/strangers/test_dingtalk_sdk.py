"""Every public method of the unmodified PyPI `dingtalk-sdk`, called against one running platform."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ..journeys.harness import Platform, platform
from .page import PAGE, sdk_section
from .sdk_calls import (
    BROKEN,
    MISREAD,
    MISREADS,
    OK,
    REFUSED,
    SYNTHETIC,
    UNSENT,
    Outcome,
    call,
    call_all,
    client_of,
)
from .sdk_methods import methods, of_taobao

pytestmark = [
    pytest.mark.process,
    pytest.mark.filterwarnings("default"),  # the stranger's own warnings are not ours to fix
]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with platform("sqlite", tmp_path_factory.mktemp("strangers")) as found:
        yield found


@pytest.fixture(scope="module")
def outcomes(running: Platform) -> list[Outcome]:
    return call_all(running)


def test_every_method_gets_an_answer_its_client_understands(outcomes: list[Outcome]) -> None:
    assert [str(each) for each in outcomes if each.fault] == []


def test_every_method_is_known_to_the_catalogue() -> None:
    unknown = {m.title for m in methods() if m.api and m.endpoint is None}
    assert unknown == {"tbdingding.qimen_dingtalk_flow_form"}


def test_only_the_sdks_own_faults_and_local_methods_send_nothing(outcomes: list[Outcome]) -> None:
    silent = {each.method.title for each in outcomes if each.kind == UNSENT}
    assert silent == {*BROKEN, "message.get_pc_url"}


def test_only_what_the_sdk_still_misreads_is_excused(outcomes: list[Outcome]) -> None:
    assert {each.method.title for each in outcomes if each.kind == MISREAD} == set(MISREADS)


def test_most_methods_that_are_not_generated_succeed(outcomes: list[Outcome]) -> None:
    own = [each for each in outcomes if not each.method.group.startswith("tb")]
    answered = [each for each in own if each.kind in (OK, SYNTHETIC)]
    assert len(answered) > 0.8 * len(own), [str(e) for e in own if e.kind == REFUSED]


def test_values_for_every_optional_parameter_break_nothing(running: Platform) -> None:
    faults = [str(each) for each in call_all(running, whole=True) if each.fault]
    assert faults == []


def test_apis_of_shops_and_parcels_are_refused_by_name(running: Platform) -> None:
    """The package carries thousands of TOP APIs that are not DingTalk's: one of each group."""
    client, known = client_of(running)
    one_each = {method.group: method for method in of_taobao()}
    assert len(one_each) > 200
    got = [call(client, method, known) for method in one_each.values()]
    assert [str(each) for each in got if each.code != "isv.invalid-method"] == []


def test_the_page_lists_what_came_of_each_method(outcomes: list[Outcome]) -> None:
    """Written by `python -m tests.strangers.page`."""
    assert sdk_section(outcomes) in Path(PAGE).read_text(encoding="utf-8")
