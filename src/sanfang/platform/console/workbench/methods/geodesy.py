"""Coordinates: WGS-84 as satellites give them, GCJ-02 as maps in mainland China must draw them.

The offset is the well-known approximation of GCJ-02: two sums of sines on the Krasovsky ellipsoid,
about 100 to 700 m, none outside of China. It has no closed inverse; three corrections leave less than
a centimetre.
"""

from __future__ import annotations

from math import asin, cos, pi, radians, sin, sqrt
from typing import NamedTuple

_AXIS = 6_378_245.0  # metres, Krasovsky
_ECCENTRICITY2 = 0.006_693_421_622_965_943
_CHINA = (0.8293, 55.8271, 72.004, 137.8347)  # south, north, west, east
_EARTH = 6_371_008.8  # metres, mean radius


class Point(NamedTuple):
    """Degrees north and east."""

    latitude: float
    longitude: float


def in_china(point: Point) -> bool:
    """Whether the offset applies: a rectangle around China, as every implementation has it."""
    south, north, west, east = _CHINA
    return south <= point.latitude <= north and west <= point.longitude <= east


def to_gcj02(point: Point) -> Point:
    """Convert from WGS-84."""
    if not in_china(point):
        return point
    north, east = _offset(point)
    return Point(point.latitude + north, point.longitude + east)


def to_wgs84(point: Point) -> Point:
    """Convert from GCJ-02."""
    if not in_china(point):
        return point
    guess = point
    for _ in range(3):
        back = to_gcj02(guess)
        guess = Point(
            guess.latitude + point.latitude - back.latitude,
            guess.longitude + point.longitude - back.longitude,
        )
    return guess


def distance(one: Point, other: Point) -> float:
    """Return the metres between two points, over the sphere."""
    north = radians(other.latitude - one.latitude)
    east = radians(other.longitude - one.longitude)
    half = sin(north / 2) ** 2
    half += cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(east / 2) ** 2
    return 2 * _EARTH * asin(min(1.0, sqrt(half)))


def _offset(point: Point) -> Point:
    """Return by how many degrees GCJ-02 lies off."""
    x, y = point.longitude - 105.0, point.latitude - 35.0
    root = sqrt(abs(x))
    fine = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + fine
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + fine
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    latitude = radians(point.latitude)
    flat = 1 - _ECCENTRICITY2 * sin(latitude) ** 2
    meridian = _AXIS * (1 - _ECCENTRICITY2) / (flat * sqrt(flat)) * pi / 180
    parallel = _AXIS / sqrt(flat) * cos(latitude) * pi / 180
    return Point(north / meridian, east / parallel)
