"""Places on a map, without a map: the places of `places`, listed by distance.

Positions that go in and out are GCJ-02, as on the real client's map.
"""

from __future__ import annotations

from typing import Any

from . import Ask, Invocation
from .admitting import completes, serves, unfit
from .device import Device, device_of
from .geodesy import Point, distance, to_gcj02
from .places import Place, near, nearest


@serves("biz.map.locate", "biz.map.search")
async def choose(call: Invocation) -> Ask:
    """Offer the places around a position, the device's where the page gives none."""
    at = _here(call, device_of(call))
    scope = call.params.get("scope", 0) if call.method.endswith("search") else 0
    found = [
        {"title": place.title, "address": place.address, "distance": metres} | _point(place.at)
        for place, metres in near(at, most=50)
        if not scope or metres <= max(scope, 0)
    ]
    return Ask({"places": found, "search": call.method.endswith("search"), **_point(at)})


@completes("biz.map.locate", "biz.map.search")
async def chosen(call: Invocation, answer: Any) -> dict[str, Any]:
    """Return the place that was chosen, or a position named by its nearest place."""
    here = _here(call, device_of(call))
    at = _read(answer)
    place = nearest(at)
    shown = _described(place, at)
    if call.method.endswith("search"):
        shown["distance"] = str(round(distance(here, at)))
    return shown


@serves("biz.map.view")
async def view(call: Invocation) -> Ask:
    """Show a position by name."""
    at = Point(*_checked(call.params["latitude"], call.params["longitude"]))
    title = call.params.get("title") or nearest(at).title
    return Ask({"title": title, "address": nearest(at).address, **_point(at)})


def _here(call: Invocation, device: Device) -> Point:
    given = call.params
    if given.get("latitude") or given.get("longitude"):
        return Point(*_checked(given.get("latitude", 0), given.get("longitude", 0)))
    return to_gcj02(Point(device.latitude, device.longitude))


def _checked(latitude: float, longitude: float) -> tuple[float, float]:
    if not -90 <= latitude <= 90:
        raise unfit("latitude", "应在 -90 到 90 之间", "between -90 and 90")
    if not -180 <= longitude <= 180:
        raise unfit("longitude", "应在 -180 到 180 之间", "between -180 and 180")
    return latitude, longitude


def _read(answer: Any) -> Point:
    try:
        latitude, longitude = float(answer["latitude"]), float(answer["longitude"])
    except (TypeError, KeyError, ValueError):
        raise unfit("latitude", "应为数字", "a number") from None
    return Point(*_checked(latitude, longitude))


def _point(at: Point) -> dict[str, float]:
    return {"latitude": round(at.latitude, 6), "longitude": round(at.longitude, 6)}


def _described(place: Place, at: Point) -> dict[str, Any]:
    return {
        **_point(at),
        "title": place.title,
        "province": place.province,
        "provinceCode": place.code[:2] + "0000",
        "city": place.city,
        "cityCode": place.code[:4] + "00",
        "adName": place.district,
        "adCode": place.code,
        "postCode": place.post,
        "snippet": place.road,
    }
