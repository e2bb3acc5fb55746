"""The catalogue of JSAPI: names, what needs a grant, where it works."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.catalog import jsapi


def test_every_name_is_there_and_leads_over_the_bridge() -> None:
    assert len(jsapi.names()) == 701
    for name in jsapi.names():
        found = jsapi.method(name)
        assert found is not None
        assert found.name == name
        assert jsapi.canonical(name) == (found.bridge or name)


@pytest.mark.parametrize(
    ("name", "bridge"),
    [
        ("alert", "device.notification.alert"),
        ("chooseStaffForPC", "biz.contact.choose"),
        ("chooseChat", "biz.chat.chooseConversationByCorpId"),
        ("getAuthCode", "runtime.permission.requestAuthCode"),
        ("requestAuthCode", "runtime.permission.requestAuthCodeV2"),
        ("dd.biz.ding.post", "biz.ding.post"),
        ("biz.ding.post", "biz.ding.post"),
        ("no.such.thing", "no.such.thing"),
        ("", ""),
    ],
)
def test_other_names_of_a_method(name: str, bridge: str) -> None:
    assert jsapi.canonical(name) == bridge


@pytest.mark.parametrize(
    ("name", "gated"),
    [
        ("biz.contact.choose", True),
        ("chooseStaffForPC", True),
        ("device.geolocation.get", True),
        ("biz.ding.post", True),
        ("biz.util.uploadImage", True),  # no document says: gated
        ("no.such.thing", True),
        ("device.notification.alert", False),
        ("alert", False),
        ("runtime.permission.requestAuthCode", False),
        ("requestAuthCode", False),
        ("runtime.permission.requestJsApis", False),
        ("config", False),
        ("biz.navigation.setTitle", False),
        ("biz.navigation.setRight", False),  # as its family
        ("runtime.permission.requestOperateAuthCode", True),
    ],
)
def test_what_a_page_has_to_be_granted(name: str, gated: bool) -> None:
    assert jsapi.gated(name) is gated
    found = jsapi.method(name)
    assert found is None or found.gated is gated


def test_where_a_method_works_by_documents_or_package() -> None:
    choose = jsapi.method("biz.contact.choose")
    assert choose is not None
    assert choose.on("pc")
    assert choose.on("android")  # the documents say PC only, the package has it
    locate = jsapi.method("device.geolocation.get")
    assert locate is not None
    assert locate.on("ios")
    assert not locate.on("pc")
    ding = jsapi.method("biz.ding.create")
    assert ding is not None
    assert ding.lowest("pc") == "4.5.9"


def test_versions_are_compared_as_numbers() -> None:
    assert jsapi.version("8.3.20") > jsapi.version("8.3.9")
    assert jsapi.version("10.0") > jsapi.version("9.99.99")
    assert jsapi.version("rubbish") == jsapi.version("") == (0,)
    assert jsapi.version("9" * 5000)


@given(st.text())
def test_any_text_may_be_asked_for(name: str) -> None:
    assert isinstance(jsapi.gated(name), bool)
    assert isinstance(jsapi.version(name), tuple)
    assert jsapi.method(name) is None or name.removeprefix("dd.") in jsapi.names()


def test_parameters_and_results_are_read_when_asked_for() -> None:
    found = jsapi.method("biz.chat.pickConversation")
    assert found is not None
    assert {"corpId", "isConfirm"} <= {each["name"] for each in found.details.params}
    assert "cid" in {each["name"] for each in found.details.returns}
    for name in jsapi.names():
        every = jsapi.method(name)
        assert every is not None
        assert every.details.doc


def test_importing_reads_nothing() -> None:
    code = (
        "from sanfang.catalog import jsapi;"
        "assert jsapi._table.cache_info().currsize == 0;"
        "jsapi.gated('alert');"
        "assert jsapi._details.cache_info().currsize == 0"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_data_files_stay_small() -> None:
    assert sum(file.stat().st_size for file in jsapi.DATA.glob("*.json")) < 400_000
