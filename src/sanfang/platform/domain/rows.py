"""From rows to things and back: lists are JSON text in the store."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from ..store.ports import Row
from .model import Agent, Authorisation, Callback, Corp, CorpApp, Department, Member, Push, Suite

T = TypeVar("T")

_LIST = msgspec.json.Decoder(list[str])


def json_text(value: object) -> str:
    """Return compact JSON text (UTF-8 characters as they are)."""
    return msgspec.json.encode(value).decode()


def strings(text: str) -> list[str]:
    """Read a JSON list of strings."""
    return [] if text == "[]" else _LIST.decode(text)


def corp(row: Row) -> Corp:
    corp_id, name, authenticated, test_of, created_at = row
    return Corp(corp_id, name, bool(authenticated), test_of, created_at)


def corp_app(row: Row) -> CorpApp:
    app_key, corp_id, agent_id, name, secret, whitelist = row
    return CorpApp(app_key, corp_id, agent_id, name, secret, strings(whitelist))


def department(row: Row) -> Department:
    return Department(*row)


def member(row: Row, departments: list[int]) -> Member:
    values: list[Any] = [*row[:7], *(bool(flag) for flag in row[7:]), departments]
    return Member(*values)


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
