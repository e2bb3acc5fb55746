"""Every cause that a search can find has its words, and the page of causes says them all."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sanfang.platform.domain import page_trials
from sanfang.platform.domain.page_causes import CAUSES
from sanfang.platform.domain.page_config import TEXTS
from sanfang.platform.domain.page_trials import Found, Key, Pages, Signed

PAGE = Path(__file__).parents[2] / "docs" / "jsapi-check.md"
TAIL = "/a/b/?corpid=dingx&q=1#/h"
URLS = (f"http://app-1.sanfang.localhost{TAIL}", f"http://www.app.example:81{TAIL}")


def test_every_cause_that_can_be_found_has_words() -> None:
    """The addresses, texts and keys of a search, as it makes them itself."""
    homes = ("http://app.example/?c=$CORPID$",)
    pages = Pages(URLS, "dingx", homes, ("http://app.example",), "http://app.example/f")
    causes = {place.cause for place in page_trials._wrong_places(pages)}
    for stamp in ("1414588745", "1414588745123", "1.5", " 1 "):
        signed = Signed(" Nonce ", stamp, "a" * 40)
        causes |= {each.cause for each in page_trials._writings(signed)}
        causes |= {each.cause for each in page_trials._clocks(signed)}
    causes |= {each.cause for each in page_trials._no_tickets([Key("", "x")])}
    assert causes <= CAUSES.keys()
    of_tickets = {name for name, cause in CAUSES.items() if cause.field == "jsapi_ticket"}
    assert CAUSES.keys() - causes <= of_tickets


def test_words_take_one_detail_in_both_languages() -> None:
    for cause in CAUSES.values():
        for text in (cause.zh, cause.en):
            fields = [each[1] for each in string.Formatter().parse(text)]
            assert len(fields) - fields.count(None) <= 1
            assert text.format("<detail>")
        assert re.search(r"[\u4e00-\u9fff]", cause.zh)
        assert cause.en.isascii()
        assert cause.faq in {"F11", "F13", "F14"}


def test_the_page_of_causes_is_current() -> None:
    told = PAGE.read_text("utf-8")
    for name, cause in CAUSES.items():
        zh, en = (text.replace("{!r}", "…").replace("{}", "…") for text in (cause.zh, cause.en))
        row = f"| `{name}` | {cause.field} | {zh} | {en} | {cause.faq} |"
        assert row in told, "run tools/build_jsapi_page.py"
    for code, text in TEXTS.items():
        assert f"| {code} | {text} |" in told


def test_a_search_that_finds_nothing_ends_by_its_budget() -> None:
    """However much a page gives to try: the bytes that are digested are bounded."""
    digested = 0

    class Counting(page_trials._Trial):
        def run(self, keys: Any, places: Any, ways: Any) -> Iterator[Found]:
            nonlocal digested
            before = self._left
            yield from super().run(keys, places, ways)
            digested += before - max(self._left, 0)

    original, page_trials._Trial = page_trials._Trial, Counting  # type: ignore[misc]
    try:
        urls = tuple(f"{url.partition('#')[0]}&{'y' * 7000}" for url in URLS)
        others = [Key("ticket_other_app", f"t{n}") for n in range(300)]
        signed = Signed("n", "1414588745123", "a" * 64)
        assert page_trials.find(signed, Pages(urls, "dingx"), ["t"], others) is None
    finally:
        page_trials._Trial = original  # type: ignore[misc]
    assert 0 < digested <= page_trials.MOST_BYTES
