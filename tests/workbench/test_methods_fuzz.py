"""Whatever a page sends, an ability answers: parameters and answers of any shape, never a 500."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sanfang.platform.console.workbench import methods
from sanfang.platform.console.workbench.methods import browsing
from sanfang.platform.console.workbench.methods.fields import Field, Unfit, read
from sanfang.platform.console.workbench.methods.parameters import FIELDS

from .calling import PageOf
from .site import Site

ODD: tuple[Any, ...] = (
    *(None, True, -1, 0.5, 1e308, 2**53, "", "x", "0", "-1", "../../etc/passwd", "<b>&amp;"),
    *("y" * 20_001, "\u202e", [], [None], [[]], ["x"], [{}], {}, {"users": 1}, {"corpId": 7}),
    *({"a": {"b": {"c": [1]}}}, ["x"] * 3000, "http://[", "//x", "file:///x", "1" * 40),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


def tried(fields: tuple[Field, ...], params: dict[str, Any]) -> dict[str, Any] | Unfit:
    try:
        return read(fields, params)
    except Unfit as unfit:
        return unfit


@settings(deadline=None, max_examples=200)
@given(method=st.sampled_from(sorted(FIELDS)), data=st.data())
def test_reading_gives_what_is_asked_for_or_names_the_field(
    method: str, data: st.DataObject
) -> None:
    fields = FIELDS[method]
    params = {field.name: data.draw(JSON) for field in fields if data.draw(st.booleans())}
    found = tried(fields, params)
    if isinstance(found, Unfit):
        assert found.name in {field.name for field in fields}
        assert found.text.startswith(f"参数无效: {found.name}")
    else:
        assert set(found) <= set(params)
        assert read(fields, found) == found  # what was read reads as itself


def test_no_parameter_breaks_an_ability(site: Site) -> None:
    """`PageOf` fails for every answer but 200."""
    page = PageOf(site)
    for method in sorted(set(methods.names()) - set(browsing.NAMES)):  # those are only read
        fields = FIELDS.get(method, ())
        for field in fields:
            for value in ODD[::5]:
                page.invoke(method, **{field.name: value})
        for value in ODD:
            names = [*(field.name for field in fields), "params", "name"]
            page.invoke(method, **dict.fromkeys(names, value))


def test_no_answer_breaks_an_ability(site: Site) -> None:
    page = PageOf(site)
    shapes = ("users", "departments", "roles", "cid", "spaceId", "dirId", "files", "media", "list")
    for method in sorted(methods._finishes):
        given = {"users": ["li"], "url": "http://127.0.0.1:9/", "name": "n", "types": ["file"]}
        for value in ODD:
            page._call("finish", method, given, answer=value)
            page._call("finish", method, given, answer=dict.fromkeys(shapes, value))
            typed = dict.fromkeys(shapes, value) | {"type": "file", "latitude": value}
            page._call("finish", method, given, answer=typed)


def test_no_simulator_breaks_an_ability(site: Site) -> None:
    page = PageOf(site)
    for value in ODD:
        names = ("latitude", "longitude", "accuracy", "location", "network", "apps", "uuid", "wifi")
        page.device = dict.fromkeys(names, value)
        for method in ("device.geolocation.get", "device.base.getPhoneInfo", "biz.map.locate"):
            page.invoke(method)
        page.invoke("device.launcher.checkInstalledApps", apps=["a"])
