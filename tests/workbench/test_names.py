"""Host names and addresses of the console."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.platform.console import names
from sanfang.platform.domain.core import Settings

SETTINGS = Settings()
HERE, THERE = "http://127.0.0.1:3000", "http://app-7-pc.sanfang.localhost:8080"


def scope(host: str, **headers: str) -> dict[str, Any]:
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"scheme": "http", "headers": [(b"host", host.encode()), *given]}


@pytest.mark.parametrize(
    ("host", "seat"),
    [
        ("app-7-android.sanfang.localhost", (7, "android")),
        ("app-7-ios.sanfang.localhost:8080", (7, "ios")),
        ("APP-7-PC.Sanfang.LocalHost.:8080", (7, "pc")),
        ("app-07-pc.sanfang.localhost", None),
        ("app-0-pc.sanfang.localhost", None),
        ("app--7-pc.sanfang.localhost", None),
        ("app-7-harmony.sanfang.localhost", None),
        ("app-7-pc.x.sanfang.localhost", None),
        ("app-7-pc.sanfang.localhost.evil.example", None),
        ("app-7-pcsanfang.localhost", None),
        ("app-٧-pc.sanfang.localhost", None),
        ("app-99999999999999999999-pc.sanfang.localhost", None),
        ("wb.sanfang.localhost", None),
        ("sanfang.localhost", None),
        ("", None),
    ],
)
def test_only_a_well_formed_host_shows_an_app(host: str, seat: tuple[int, str] | None) -> None:
    assert names.seat_of(SETTINGS, host) == seat


@given(st.integers(1, 10**18 - 1), st.sampled_from(names.FLAVOURS), st.integers(1, 65535))
def test_the_host_of_a_seat_is_read_back(agent_id: int, flavour: names.Flavour, port: int) -> None:
    host = f"{names.app_host(SETTINGS, agent_id, flavour)}:{port}"
    assert names.seat_of(SETTINGS, host) == (agent_id, flavour)


@given(st.text(max_size=60))
def test_no_host_header_breaks_the_reading(host: str) -> None:
    names.seat_of(SETTINGS, host)
    names.label_of(SETTINGS, host)


def test_origins_are_as_browsers_write_them() -> None:
    at = scope("127.0.0.1:8080")
    assert names.workbench_origin(SETTINGS, at) == "http://wb.sanfang.localhost:8080"
    assert names.app_origin(SETTINGS, at, 7, "pc") == THERE
    assert names.app_origins(SETTINGS, at) == "http://*.sanfang.localhost:8080"
    assert names.workbench_origin(SETTINGS, scope("x:80")) == "http://wb.sanfang.localhost"
    assert names.workbench_origin(SETTINGS, scope("[::1]:81")) == "http://wb.sanfang.localhost:81"


def test_the_scheme_in_front_is_believed_from_a_trusted_proxy_only() -> None:
    behind = scope("wb.sanfang.localhost", x_forwarded_proto="https")
    assert names.workbench_origin(SETTINGS, behind) == "http://wb.sanfang.localhost"
    trusting = Settings(trusted_proxy_header="x-real-ip")
    assert names.workbench_origin(trusting, behind) == "https://wb.sanfang.localhost"
    odd = scope("wb.sanfang.localhost", x_forwarded_proto="javascript")
    assert names.workbench_origin(trusting, odd) == "http://wb.sanfang.localhost"


@pytest.mark.parametrize(
    ("own", "shown"),
    [
        (f"{HERE}/a/b?c=%20d&e=f#g", f"{THERE}/a/b?c=%20d&e=f#g"),
        (HERE, f"{THERE}/"),
        (f"{HERE}?a", f"{THERE}/?a"),
        (f"{HERE}#/route", f"{THERE}/#/route"),
        (f"{HERE}//double//x?u=http://127.0.0.1:3000/", f"{THERE}//double//x?u={HERE}/"),
        ("HTTP://127.0.0.1:3000/A", f"{THERE}/A"),
    ],
)
def test_path_and_query_move_as_they_are(own: str, shown: str) -> None:
    assert names.moved(own, HERE, THERE) == shown


@given(st.from_regex(r"/[!-~]{0,30}", fullmatch=True))
def test_there_and_back_nothing_changes(target: str) -> None:
    shown = names.moved(HERE + target, HERE, THERE)
    assert shown == THERE + target
    assert names.moved(shown, THERE, HERE) == HERE + target


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:3001/",
        "https://127.0.0.1:3000/",
        "http://127.0.0.1:3000@evil.example/",
        "http://127.0.0.1:3000.evil.example/",
        "/path",
        "javascript:alert(1)",
        "http://[bad/",
        "",
    ],
)
def test_addresses_elsewhere_stay(url: str) -> None:
    assert names.moved(url, HERE, THERE) == url


@given(st.text(max_size=40))
def test_no_text_breaks_the_moving(url: str) -> None:
    names.moved(url, HERE, THERE)
