"""From rows to things and back: lists are JSON text in the store."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from ..store.ports import Row
from .model import (
    Agent,
    Authorisation,
    Callback,
    Corp,
    CorpApp,
    Department,
    DepartmentProfile,
    HeldRole,
    Member,
    Place,
    Profile,
    Push,
    Scope,
    Suite,
)

T = TypeVar("T")

_LIST = msgspec.json.Decoder(list[str])
_PROFILE = msgspec.json.Decoder(Profile)
_DEPARTMENT_PROFILE = msgspec.json.Decoder(DepartmentProfile)
_SCOPE = msgspec.json.Decoder(Scope)
_NO_PROFILE, _NO_DETAILS = Profile(), DepartmentProfile()


def json_text(value: object) -> str:
    """Return compact JSON text (UTF-8 characters as they are)."""
    return msgspec.json.encode(value).decode()


def strings(text: str) -> list[str]:
    """Read a JSON list of strings."""
    return [] if text == "[]" else _LIST.decode(text)


def corp(row: Row) -> Corp:
    corp_id, name, authenticated, test_of, created_at, dissolved_at = row
    return Corp(corp_id, name, bool(authenticated), test_of, created_at, dissolved_at)


def corp_app(row: Row) -> CorpApp:
    app_key, corp_id, agent_id, name, secret, whitelist = row
    return CorpApp(app_key, corp_id, agent_id, name, secret, strings(whitelist))


def department(row: Row) -> Department:
    profile = row[4]
    return Department(
        *(row[0], row[1], row[2], row[3]),
        _NO_DETAILS if profile == "{}" else _DEPARTMENT_PROFILE.decode(profile),
    )


def scope(text: str) -> Scope | None:
    """Read an authorisation's scope; None is everything."""
    return _SCOPE.decode(text) if text else None


def place(row: Row) -> Place:
    return Place(row[0], row[1], bool(row[2]), row[3])


def member(row: Row, places: list[Place], roles: list[HeldRole]) -> Member:
    """Make a member of the columns ``queries.contacts.MEMBER`` and what belongs to it."""
    level, is_boss, active, profile = row[7:11]
    return Member(
        *(row[0], row[1], row[2], row[3], row[4], row[5], row[6]),
        *(level > 0, bool(is_boss), bool(active), [each.dept_id for each in places]),
        *(places, roles, _NO_PROFILE if profile == "{}" else _PROFILE.decode(profile), level),
    )


def suite(row: Row) -> Suite:
    values: list[Any] = list(row)
    values[8] = strings(values[8])
    values[9] = strings(values[9])
    return Suite(*values)


def authorisation(row: Row) -> Authorisation:
    values: list[Any] = list(row)
    values[10] = strings(values[10])
    return Authorisation(*values)


def agent(row: Row) -> Agent:
    return Agent(*row)


def callback(row: Row) -> Callback:
    values: list[Any] = list(row)
    values[6] = strings(values[6])
    return Callback(*values)


def push(row: Row) -> Push:
    return Push(*row)
