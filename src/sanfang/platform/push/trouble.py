"""Why an address gave no answer that could be judged."""

from __future__ import annotations


class Trouble(Exception):  # noqa: N818 - the ISV's trouble, told to a person; not an error of ours
    """An address that may not be called, or that did not answer.

    ``code`` is 71011 (not a URL), 71012 (no answer) or 71013 (forbidden address); ``step`` names
    what failed for programs; ``cause`` is the variable part of 71012's text on the wire, in the
    words the real platform was seen to use where they are known (errors.md); ``zh`` and ``en`` say
    what happened and what to do. ``status`` and ``body``
    are what had come of an answer before it broke off.
    """

    def __init__(self, code: int, step: str, zh: str, en: str, *, cause: str = "") -> None:
        super().__init__(f"{code} {step}: {en}")
        self.code = code
        self.step = step
        self.zh = zh
        self.en = en
        self.cause = cause
        self.status = 0
        self.body = b""
