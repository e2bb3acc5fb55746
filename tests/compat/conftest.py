from __future__ import annotations

from collections.abc import Iterator

import pytest
from dingtalk.client.base import BaseClient

from sanfang.compat.dingtalk_sdk.client.base import close_connections

from ..client.conftest import plain_environment

__all__ = ["plain_environment"]


@pytest.fixture(autouse=True)
def sessions() -> Iterator[None]:
    """Both have one set of connections for all clients, and programs do not close it."""
    yield
    BaseClient._http.close()
    close_connections()
