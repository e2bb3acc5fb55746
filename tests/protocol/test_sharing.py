"""One cipher in many threads and on both sides of a fork."""

from __future__ import annotations

import subprocess
import sys
import threading

from sanfang.protocol.crypto import CallbackCipher

from .wire import AES_KEY, TOKEN, opened

FORK = """
import os, sys
from sanfang.protocol.crypto import CallbackCipher, Sealed
cipher = CallbackCipher(sys.argv[1], sys.argv[2], "suite1")
def turn(text):
    s = cipher.seal(text)
    assert cipher.open(s.encrypt, s.signature, s.timestamp, s.nonce) == text.encode()
    return s
turn("before")
read, write = os.pipe()
child = os.fork()
sealed = [turn("same text") for _ in range(100)]
if child == 0:
    os.write(write, "\\n".join("|".join(s) for s in sealed).encode())
    os._exit(0)
os.close(write)
status = os.waitpid(child, 0)[1]
theirs = [Sealed(*line.split("|")) for line in open(read).read().split("\\n")]
for s in theirs:
    assert cipher.open(s.encrypt, s.signature, s.timestamp, s.nonce) == b"same text"
common = {s.encrypt for s in theirs} & {s.encrypt for s in sealed}
print(status, len(theirs), len(common))
"""


def test_threads_share_a_cipher() -> None:
    cipher = CallbackCipher(TOKEN, AES_KEY, "suite1")
    start = threading.Barrier(8)
    wrong: list[object] = []

    def work(name: int) -> None:
        start.wait()
        for n in range(400):
            text = f"{name}-{n}-".encode() * (n % 50 + 1)
            try:
                if opened(cipher, cipher.seal(text)) != text:
                    wrong.append(text)
            except Exception as error:  # noqa: BLE001 - reported below
                wrong.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_parent_and_child_of_a_fork_go_on_without_repeating_each_other() -> None:
    """Contexts are copied by the fork; the random first block keeps the messages apart."""
    run = [sys.executable, "-c", FORK, TOKEN, AES_KEY]
    done = subprocess.run(run, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == ["0", "100", "0"], done.stderr
