"""Every block of docs/tutorial.md is run against a platform and prints what is printed there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import sanfang

from ..journeys.harness import Platform, platform

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
TEXT = PAGE.read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8000"
_BLOCK = re.compile(
    r"<!-- (elsewhere|setup|run)(?:: (\w+))? -->\n```(\w+)\n(.*?)```\n(?:\n```text\n(.*?)```\n)?",
    re.DOTALL,
)

pytestmark = pytest.mark.process


class Block(NamedTuple):
    """One block: what to do with it, a module it needs, its language, itself, what it prints."""

    kind: str
    needs: str
    language: str
    code: str
    printed: str


BLOCKS = [Block(*found) for found in _BLOCK.findall(TEXT)]
RUN = [block for block in BLOCKS if block.kind == "run"]


class World:
    """A platform, and the environment that the setup of the tutorial leaves behind."""

    def __init__(self, running: Platform, folder: Path) -> None:
        self.running = running
        commands = folder / "bin"
        commands.mkdir()
        for name, line in (
            ("sanfang", f'exec {sys.executable} -m sanfang.cli "$@"'),
            ("python3", f'exec {sys.executable} "$@"'),
        ):
            script = commands / name
            script.write_text(f"#!/bin/sh\n{line}\n")
            script.chmod(0o755)
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.env = {
            **kept,
            "PATH": f"{commands}{os.pathsep}{kept.get('PATH', '')}",
            "PYTHONPATH": str(Path(sanfang.__file__).parents[1]),
            "PYTHONUTF8": "1",
            "LC_ALL": "C.UTF-8",
            "SANFANG_DATA": str(running.where.data),
        }

    def set_up(self, block: Block) -> None:
        script = "set -eu\n" + block.code.replace(ADDRESS, self.running.url) + "\nenv -0 >&3\n"
        read, write = os.pipe()
        with os.fdopen(read, "rb") as stream:
            done = subprocess.run(
                ["bash", "-c", f"exec 3>&{write}\n{script}"],
                env=self.env,
                pass_fds=(write,),
                capture_output=True,
                check=False,
                timeout=60,
            )
            os.close(write)
            left = stream.read().decode()
        assert done.returncode == 0, done.stderr.decode()
        pairs = (line.partition("=")[::2] for line in left.split("\0") if line)
        wanted = ("APP_KEY", "APP_SECRET", "SANFANG_OAPI_URL")
        self.env |= {name: value for name, value in pairs if name in wanted}

    def run(self, block: Block) -> str:
        shell = ["bash", "-euo", "pipefail", "-c", block.code]
        command = shell if block.language == "sh" else [sys.executable, "-c", block.code]
        done = subprocess.run(command, env=self.env, capture_output=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("tutorial")
    with platform("sqlite", folder) as running:
        made = World(running, folder)
        [setup] = [block for block in BLOCKS if block.kind == "setup"]
        made.set_up(setup)
        yield made


@pytest.mark.parametrize("block", RUN, ids=[f"{n}-{b.language}" for n, b in enumerate(RUN, 1)])
def test_a_block_prints_what_is_printed(world: World, block: Block) -> None:
    if block.language == "sh" and shutil.which("curl") is None:
        pytest.skip("需要 / needs: curl")
    if block.needs:
        pytest.importorskip(block.needs)
    assert block.printed
    assert world.run(block) == block.printed


def test_every_block_of_code_is_run() -> None:
    fences = re.findall(r"^```(sh|python)$", TEXT, re.MULTILINE)
    assert len(fences) == len(BLOCKS)
    assert [b.code for b in BLOCKS if b.kind == "elsewhere"] == [
        f"sanfang serve --port {ADDRESS.rpartition(':')[2]}\n"
    ]
    assert len(RUN) >= 5
