"""The error catalogue: the right texts, and an explanation for everything people meet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sanfang.protocol import errors

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT.parent / "shared" / "spec" / "errors.json"
MET = [
    *(-1, 22, 88, 404, 33001, 40001, 40003, 40013, 40014, 40019, 40029, 40035, 40056, 40102),
    *(40078, 40079, 40080, *range(40082, 40092), *range(41001, 41007), *range(41008, 41017)),
    *(*range(41021, 41032), *range(41042, 41049), 42001, 42008, 42009, *range(43001, 43006)),
    *(43007, 43008, 43009, 45009, 47001, 48003, 48004, 50002, 50003, 50004, 52019, 60003, 60008),
    *(60011, 60020, 60021, 60121, *range(70001, 70006), *range(71006, 71014)),
    *(*range(90001, 90015), 90018, *range(853001, 853006), *range(900001, 900011)),
]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (0, "ok"),
        (-1, "系统繁忙"),
        (40014, "不合法的access_token"),
        (40078, "不存在的临时授权码"),
        (40089, "不合法的corpid或corpsecret"),
        (60011, "没有调用该接口的权限"),  # the newer text is the default
        (60020, "访问ip不在白名单之中"),
        (52016, "无效的签名参数"),  # the older text is the default
        (900008, "计算解密文字错误"),
        ("InvalidAuthentication", "不合法的access_token"),
        (123456789, "123456789"),
        ("no.such.code", "no.such.code"),
    ],
)
def test_the_text_of_a_code(code: int | str, text: str) -> None:
    assert errors.text(code) == text


def test_a_variable_text_takes_its_reason_and_never_shows_the_gap() -> None:
    assert errors.text(71012, "timeout") == "url地址访问异常,错误原因为:timeout"
    assert errors.text(71012) == "url地址访问异常,错误原因为:"


@pytest.mark.parametrize("code", MET)
def test_what_people_meet_is_explained_in_our_own_words(code: int) -> None:
    info = errors.lookup(code)
    assert info is not None
    assert info.zh
    assert not info.en.startswith(info.note)


def test_every_row_has_both_languages() -> None:
    table = errors._table()
    mute = [r.code for rows in table.rows.values() for r in rows if not (r.zh and r.en)]
    assert len(table.rows) > 400
    assert mute == []


def test_the_faq_rows_are_named() -> None:
    wanted = {60020: "F48", 900010: "F52", 43004: "F30", 71009: "F40", 40078: "F44", 40019: "F46"}
    assert {c: info.faq for c in wanted if (info := errors.lookup(c))} == wanted


def test_scopes_are_kept_apart() -> None:
    client = errors.variants("3", "client")
    assert len(client) > 1
    assert errors.lookup("3", "client") == client[0]
    assert errors.lookup(3) is None
    newer = errors.lookup("InvalidAuthentication", "v1")
    assert newer is not None
    assert newer.http == 400


def test_an_explanation_is_for_reading() -> None:
    said = errors.explain(60020)
    assert said.startswith("60020 访问ip不在白名单之中 (FAQ F48)\n")
    assert len(said.split("\n")) == 3
    assert "invalidSuiteTicket" in errors.explain("invalidSuiteTicket")
    assert "1234567" in errors.explain(1234567)


def test_importing_reads_no_data() -> None:
    check = (
        "from sanfang.protocol import crypto, errors, events, urls;"
        "assert errors._table.cache_info().currsize == 0"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not REFERENCE.exists(), reason="the error reference is not on this machine")
def test_the_data_file_is_what_its_tool_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import build_errors

    assert build_errors.render(REFERENCE) == build_errors.TARGET.read_text("utf-8")
