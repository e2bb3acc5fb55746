"""The programming interface of PyPI `dingtalk-sdk` 1.3.8, over `sanfang.client`.

``from dingtalk import AppKeyClient`` becomes ``from sanfang.compat.dingtalk_sdk import
AppKeyClient``; the submodules have the same names. Neither `dingtalk-sdk` nor `requests` is
needed. What each method sends and returns stands in ``methods.txt`` and ``gateway.txt``; what is
different on purpose, and the new name of each method, in docs/migrating-from-dingtalk-sdk.md.
"""

from .client import AppKeyClient, DingTalkClient, SecretClient
from .client.isv import ISVClient
from .core.exceptions import DingTalkClientException, DingTalkException

__all__ = [
    "AppKeyClient",
    "DingTalkClient",
    "DingTalkClientException",
    "DingTalkException",
    "ISVClient",
    "SecretClient",
]
