"""The exceptions of `dingtalk-sdk`: ``errcode`` and ``errmsg``."""

from __future__ import annotations

from typing import Any


class DingTalkException(Exception):  # noqa: N818 - the name is the interface
    """Any refusal. ``errcode`` is a number, or None when there was no answer with a code."""

    def __init__(self, errcode: Any, errmsg: Any) -> None:
        super().__init__(errcode, errmsg)
        self.errcode = errcode
        self.errmsg = errmsg

    def __str__(self) -> str:
        return f"Error code: {self.errcode}, message: {self.errmsg}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.errcode}, {self.errmsg})"


class DingTalkClientException(DingTalkException):
    """A call was refused, or its answer could not be read.

    ``__cause__`` is the error of `sanfang.client`, with an explanation. ``response`` has
    ``status_code``, ``headers``, ``content``, ``text`` and ``json()``, ``request`` has ``method``
    and ``url``, without the token.
    """

    def __init__(
        self,
        errcode: Any,
        errmsg: Any,
        client: Any = None,
        request: Any = None,
        response: Any = None,
    ) -> None:
        super().__init__(errcode, errmsg)
        self.client = client
        self.request = request
        self.response = response


class InvalidSignatureException(DingTalkException):
    """A push was not signed with our token."""

    def __init__(self, errcode: int = -40001, errmsg: str = "Invalid signature") -> None:
        super().__init__(errcode, errmsg)


class InvalidCorpIdOrSuiteKeyException(DingTalkException):
    """A push was meant for another corp or suite."""

    def __init__(self, errcode: int = -40005, errmsg: str = "Invalid CorpIdOrSuiteKey") -> None:
        super().__init__(errcode, errmsg)
