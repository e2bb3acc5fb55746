"""Reports: what they look like."""

from __future__ import annotations

from typing import Any

import msgspec


class TemplateField(msgspec.Struct, frozen=True):
    """``kind``: 1 text, 2 number, 3 one of several, 5 date, 7 some of several."""

    name: str
    kind: int = 1


class Template(msgspec.Struct, frozen=True):
    """A form that members fill in; its ``template_id`` is the report_code of the documents."""

    template_id: str
    name: str
    fields: list[TemplateField]


class Report(msgspec.Struct, frozen=True):
    """``contents`` are fields as the API takes them: key, sort, type, content_type, content."""

    number: int
    report_id: str
    template_id: str
    template_name: str
    creator: str
    creator_name: str
    dept_name: str
    draft: bool
    contents: list[dict[str, Any]]
    details: dict[str, Any]
    created_at: int
    modified_at: int


class Comment(msgspec.Struct, frozen=True):
    userid: str
    content: str
    created_at: int


class Counts(msgspec.Struct, frozen=True):
    """How many read it, liked it, comments there are, and people who commented."""

    read: int
    liked: int
    comments: int
    commenters: int
