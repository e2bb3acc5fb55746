"""Callback crypto: verify and decrypt a push, encrypt and sign the reply.

    .venv/bin/python benchmarks/crypto.py

Compares, in one run and on the same messages, `sanfang` with ``dingtalk-sdk``, with ``wechatpy``
(its JSON-free inner calls, the same cipher and signature) and with the bare cost of the bytes:
OpenSSL AES contexts made once, SHA-1, Base64, and nothing else. Rounds of the candidates are
interleaved and the best round of each counts, so that a neighbour's noise hits all alike.
The reply is ``success``, as a receiver answers, and once more as long as the message.
"""

from __future__ import annotations

import binascii
import hashlib
import os
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from dingtalk.crypto import DingTalkCrypto
from wechatpy.crypto import PrpCrypto, _get_signature

from sanfang.protocol.crypto import CallbackCipher, Sealed, parse_push

TOKEN = "123456"
KEY = "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij"
KEY_ID = "suite4xxxxxxxxxxxxxxx"
ROUNDS = 40
SECONDS = 0.02


def sanfang(push: Sealed, reply: str) -> Callable[[], object]:
    """Open and seal, every check included."""
    cipher = CallbackCipher(TOKEN, KEY, KEY_ID)

    def run() -> object:
        cipher.open(push.encrypt, push.signature, push.timestamp, push.nonce)
        return cipher.seal(reply)

    return run


def sanfang_wire(push: Sealed, reply: str) -> Callable[[], object]:
    """The same from query and body to reply body."""
    cipher = CallbackCipher(TOKEN, KEY, KEY_ID)
    query, body = push.query().encode(), push.body()

    def run() -> object:
        got = parse_push(query, body)
        cipher.open(got.encrypt, got.signature, got.timestamp, got.nonce)
        return cipher.seal(reply).reply()

    return run


def dingtalk_sdk(push: Sealed, reply: str) -> Callable[[], object]:
    """The community SDK, one crypto object kept."""
    crypto = DingTalkCrypto(TOKEN, KEY, KEY_ID)

    def run() -> object:
        crypto.decrypt_encrypt_str(push.signature, push.timestamp, push.nonce, push.encrypt)
        return crypto.encrypt_message(reply)

    return run


def wechatpy(push: Sealed, reply: str) -> Callable[[], object]:
    """The SDK of a sister platform: the same cipher and signature under its XML."""
    key = binascii.a2b_base64(KEY + "=")

    def run() -> object:
        if _get_signature(TOKEN, push.timestamp, push.nonce, push.encrypt) != push.signature:
            raise ValueError
        PrpCrypto(key).decrypt(push.encrypt, KEY_ID)
        sealed = PrpCrypto(key).encrypt(reply, KEY_ID).decode()
        return _get_signature(TOKEN, push.timestamp, push.nonce, sealed)

    return run


def bare(push: Sealed, reply: str) -> Callable[[], object]:
    """SHA-1, Base64 and AES over the same bytes, with no check and no framing."""
    key = binascii.a2b_base64(KEY + "=")
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))
    encrypt, decrypt = cipher.encryptor().update, cipher.decryptor().update
    text = push.encrypt.encode()
    framed = os.urandom((20 + len(reply) + len(KEY_ID)) // 32 * 32 + 32)

    def run() -> object:
        hashlib.sha1(text).hexdigest()
        decrypt(binascii.a2b_base64(text))
        return hashlib.sha1(binascii.b2a_base64(encrypt(framed), newline=False)).hexdigest()

    return run


CANDIDATES = {
    "sanfang": sanfang,
    "sanfang, from query and body to reply body": sanfang_wire,
    "dingtalk-sdk": dingtalk_sdk,
    "wechatpy": wechatpy,
    "bare OpenSSL, SHA-1, Base64": bare,
}


def measure(push: Sealed, reply: str) -> dict[str, float]:
    """Return microseconds per message of each candidate."""
    runs = {name: make(push, reply) for name, make in CANDIDATES.items()}
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(ROUNDS):
        for name, run in runs.items():
            best[name] = min(best[name], _round(run))
    return best


def _round(run: Callable[[], object]) -> float:
    clock = time.perf_counter
    count, start = 0, clock()
    while (spent := clock() - start) < SECONDS:
        for _ in range(50):
            run()
        count += 50
    return spent / count * 1e6


def main() -> None:
    """Print the tables."""
    for size, reply in ((200, "success"), (4096, "success"), (200, "y" * 200), (4096, "y" * 4096)):
        push = CallbackCipher(TOKEN, KEY, KEY_ID).seal(b"x" * size)
        best = measure(push, reply)
        ours, peer = best["sanfang"], best["dingtalk-sdk"]
        print(f"message {size} B, reply {len(reply)} B")
        for name, spent in best.items():
            print(f"  {name:44} {spent:8.2f} us  {1e6 / spent:9.0f}/s  {spent / ours:6.2f} x")
        print(f"  dingtalk-sdk / sanfang: {peer / ours:.2f}")
        # The bare bytes are what no receiver can avoid; what is above them is ours to answer for.
        print(f"  sanfang / bare:         {ours / best['bare OpenSSL, SHA-1, Base64']:.2f}\n")


if __name__ == "__main__":
    main()
