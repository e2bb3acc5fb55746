"""``sanfang demo``: tell the story, then keep the platform and the ISV running."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
from contextlib import ExitStack, closing
from pathlib import Path
from types import FrameType

import click

FAILED = 1


@click.command()
@click.option(
    "--check", is_flag=True, help="只跑一遍，成功则退出码 0 / run once; exit code 0 if all is well"
)
@click.option("--json", "as_json", is_flag=True, help="每步一行 JSON / one JSON line per step")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="保留数据的目录，默认用临时目录 / folder that keeps the data; a temporary one when absent",
)
@click.option(
    "--port",
    default=0,
    type=click.IntRange(0, 65535),
    help="平台的端口 / port of the platform  [default: any]",
)
def demo(*, check: bool, as_json: bool, data: Path | None, port: int) -> None:
    """一条命令看完全过程：ISV 注册套件、企业授权、推送、激活、读通讯录、发消息、解除、再授权。

    The whole story: a platform and a real ISV are started, and over HTTP an ISV registers a suite,
    an enterprise authorises, relieves and authorises again. Both keep running until Ctrl-C.

    \b
    例 / example:
      sanfang demo
      sanfang demo --check --json
    """
    from .screen import JsonLines, Lines, Screen, failure
    from .steps import tell
    from .story import Story

    screen: Screen = JsonLines() if as_json else Lines()
    with ExitStack() as stack:
        stack.enter_context(_terminable())
        if data is None:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sanfang-demo-")))
        data.mkdir(parents=True, exist_ok=True)
        story = stack.enter_context(closing(Story(data, port)))
        failed = tell(story, screen)
        if failed is not None:
            click.echo(failure(failed), err=True)
            sys.exit(FAILED)
        if not check:
            screen.addresses(story.addresses())
            _wait_for_ctrl_c()


def _wait_for_ctrl_c() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo()


class _terminable:  # noqa: N801 - reads as a function
    """SIGTERM ends the demo in order, as Ctrl-C does."""

    def __enter__(self) -> None:
        def stop(number: int, frame: FrameType | None) -> None:
            sys.exit(128 + number)

        self._before = signal.signal(signal.SIGTERM, stop)

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGTERM, self._before)
