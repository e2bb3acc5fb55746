"""A platform on a socket and a callback URL, and the command line pointed at them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sanfang.cli.root import cli

from ..manage.receiver import Receiver, receiver
from ..manage.running import Running, running


@dataclass
class Sanfang:
    """`sanfang ...`, run in this process against a platform on a socket."""

    platform: Running

    def run(self, *arguments: str, env: dict[str, str] | None = None) -> Result:
        surroundings = {"SANFANG_URL": self.platform.url, "SANFANG_TOKEN": self.platform.token}
        return CliRunner().invoke(cli, arguments, env=surroundings | (env or {}))

    def json(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


@pytest.fixture(scope="package")
def sanfang() -> Iterator[Sanfang]:
    with running() as one:
        yield Sanfang(one)


@pytest.fixture
def isv() -> Iterator[Receiver]:
    with receiver() as one:
        yield one
