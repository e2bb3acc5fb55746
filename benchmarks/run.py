"""Run every benchmark, or those named, and write docs/benchmarks.md: `make bench`.

Each benchmark is a script of its own that compares with a bare baseline and peers in one run.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SCRIPTS = [
    ("crypto.py", "回调加解密 · Callback crypto"),
    ("reception.py", "持久接收回调 · Durable callback reception (SuiteApp)"),
    ("push.py", "持久推送 · Durable push"),
    ("gate.py", "开放 API 网关 · The open API's gate"),
    ("peers.py", "user/get 与同类 · user/get against peers"),
    ("scale.py", "规模 · Scale"),
    ("story.py", "授权到激活 · Authorised to activated"),
    ("rate_limit.py", "四条频率规则 · The four rate rules"),
    ("store.py", "存储 · Stores"),
    ("client.py", "客户端 · The client"),
    ("token_refresh.py", "令牌更新 · Renewing a token"),
    ("jsapi.py", "JSAPI 校验与收件箱 · The check of dd.config, and the inbox"),
    ("jsapi_http.py", "dd.config 经 HTTP · dd.config over HTTP"),
    ("proxy.py", "工作台的代理 · The workbench's proxy"),
    ("startup.py", "启动 · Start-up"),
]
HEAD = """# 性能 · Benchmarks

每张表都由一条命令一次跑出（基准、同类与我们在同一次运行中比较）；比值比绝对值可信。
Each table comes from one command that runs the bare baseline, the peers and us in one run; trust the
ratios more than the numbers. Reproduce all: `make bench`.

"""


def main() -> int:
    wanted = sys.argv[1:]
    page = HERE.parent / "docs" / "benchmarks.md"
    kept = _sections(page.read_text(encoding="utf-8"))
    failed = []
    for script, title in SCRIPTS:
        if wanted and script.removesuffix(".py") not in wanted:
            continue
        print(f"== {script}", flush=True)
        done = subprocess.run(
            [sys.executable, str(HERE / script)], capture_output=True, text=True, check=False
        )
        print(done.stdout, flush=True)
        if done.returncode:
            failed.append(script)
            print(done.stderr[-3000:], file=sys.stderr)
            continue
        kept[title] = f"`python benchmarks/{script}`\n\n```\n{done.stdout.strip()}\n```"
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}\n"
    parts = [f"\n## {title}\n\n{kept[title]}\n" for _, title in SCRIPTS if title in kept]
    page.write_text(HEAD + machine + "".join(parts), encoding="utf-8")
    if failed:
        print("failed, their old tables stay:", ", ".join(failed))
    return bool(failed)


def _sections(page: str) -> dict[str, str]:
    """Return what stands under each title, so that a run of some leaves the others."""
    blocks = [block.partition("\n\n") for block in page.split("\n## ")[1:]]
    return {title.strip(): text.strip() for title, _, text in blocks}


if __name__ == "__main__":
    sys.exit(main())
