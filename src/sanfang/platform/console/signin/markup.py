"""HTML as values: whatever is a plain string is escaped, always.

Names of apps, corps and people are other people's text. Building pages from elements that escape
leaves no place where a template could forget to.
"""

from __future__ import annotations

from html import escape


class Html(str):
    """Markup that is ready; anything else is text."""

    __slots__ = ()


Node = Html | str | None
_VOID = frozenset(("br", "img", "input", "link", "meta"))


def tag(element: str, /, *children: Node, **attributes: str | bool | None) -> Html:
    """Return an element. ``class_`` is ``class``; ``data_x`` is ``data-x``; None and False leave out."""
    said = "".join(
        f" {_spelt(key)}" if value is True else f' {_spelt(key)}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if element in _VOID:
        return Html(f"<{element}{said}>")
    return Html(f"<{element}{said}>{join(*children)}</{element}>")


def join(*children: Node) -> Html:
    """Return nodes one after another, text escaped."""
    return Html(
        "".join(
            child if isinstance(child, Html) else escape(child)
            for child in children
            if child is not None
        )
    )


def words(zh: str, en: str) -> Html:
    """Return a few words in Chinese with the English beside them."""
    return join(zh, " ", tag("span", en, lang="en", class_="en"))


def both(zh: str, en: str, name: str = "p", class_: str | None = None) -> Html:
    """Return a sentence in Chinese with the English beside it."""
    return tag(name, words(zh, en), class_=class_)


def hidden(**fields: str) -> Html:
    """Return hidden fields of a form."""
    return join(*(tag("input", type="hidden", name=k, value=v) for k, v in fields.items()))


def _spelt(key: str) -> str:
    return key.rstrip("_").replace("_", "-")
