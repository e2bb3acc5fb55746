"""The printed vectors of callback-crypto.md §6, and a forger of messages no honest sender makes."""

from __future__ import annotations

import base64
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from sanfang.protocol.crypto import CREATE_SUITE_KEY, CallbackCipher, Sealed
from sanfang.protocol.signatures import callback_signature

TOKEN = "123456"
AES_KEY = "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij"
TIME = "1445827045067"
NONCE = "nEXhMP4r"
CHECK_CREATE = (
    b'{"EventType":"check_create_suite_url","Random":"LPIdSnlF",'
    b'"TestSuiteKey":"suite4xxxxxxxxxxxxxxx"}'
)


class Vector(NamedTuple):
    token: str
    aes_key: str
    key_id: str
    sealed: Sealed
    plain: bytes
    random: bytes

    def cipher(self) -> CallbackCipher:
        return CallbackCipher(self.token, self.aes_key, self.key_id)


def _guide(signature: str, encrypt: str, plain: bytes, random: bytes) -> Vector:
    sealed = Sealed(signature, TIME, NONCE, encrypt)
    return Vector(TOKEN, AES_KEY, CREATE_SUITE_KEY, sealed, plain, random)


VECTORS = {
    "1, guide of 2016": _guide(
        "5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0",
        "1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+OzrHMeiZI7gTRW"
        "VdUBmfxjZ8Ej23JVYa9VrYeJ5as7XM/ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/D6Ibr0rgUathB6zRHP8PYrfgn"
        "NOS9PhSBdHlegK+AGGanfwjXuQ9+0pZcy0w9lQ==",
        CHECK_CREATE,
        b"hU3bEfGZZewzhG5a",
    ),
    "2a, random set": _guide(
        "bcf6dcefa4ce2dbaf7b0666c7264d46fd9aad4bd",
        "5DJFWzjRNOQk+5GSZxW+VrFMDWCIidPjEjg3//gm5x556BedVi62rDj1F9uXU97a4jw1R4FACUv9RCpoDobNqxhx"
        "RB2YtW901k4KHbP1/wpFJ3xdLG0n0A8U1VhENg80zKJd+YROR0YMGum4WYuoXJ6J98vt0ihYeIFoapNddLML5MyN"
        "AGM9saSpkouDMSvD+iU14i7V8ix1ia1Tb9ogog==",
        CHECK_CREATE,
        b"1234567890123456",
    ),
    "2b, Random": _guide(
        "7f366d49f7a38c2e641dfe867c8e540449453188",
        "5DJFWzjRNOQk+5GSZxW+Vg6DPszSFju+Dehr46zieA/DzJFSfIPb+mTAK+oPr/YMKQoWuuxNoB52SzWC3x+Gqg==",
        b"LPIdSnlF",
        b"1234567890123456",
    ),
    "2c, success": _guide(
        "73813ea128535f7945c17f81069c6b8045361375",
        "5DJFWzjRNOQk+5GSZxW+VpU/+Yf0KeplvXZ8LNdyQj5iN6tX2KSwwhy5oymzMpsFAiG4RS3L0/vY7TX4ZwLTFA==",
        b"success",
        b"1234567890123456",
    ),
    "3, own corp app": Vector(
        "mryue",
        "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7",
        "ding6ccabc44d2c8d38b",
        Sealed(
            "03044561471240d4a14bb09372dfcfd4fd0e40cb",
            "1608001896814",
            "WL4PK6yA",
            "0vJiX6vliEpwG3U45CtXqi+m8PXbQRARJ8p8BbDuD1EMTDf0jKpQ79QS93qEk7XHpP6u+oTTrd15NRPvNvmBKyDC"
            "YxxOK+HZeKju4yhELOFchzNukR+t8SB/qk4ROMu3",
        ),
        b'{"EventType":"check_url"}',
        b"l7Y3EcX2CU5w8av3",
    ),
    "4, console of 2026": Vector(
        "123456",
        "1234567890123456789012345678901234567890123",
        "dingsnotzck6pm5veliw",
        Sealed(
            "9a95a004dd16f5c307e849b994173f76aa26e5eb",
            "1614767836",
            "A7Co0cJLMzIDtMMI",
            "YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA==",
        ),
        b"success",
        b"dICkEDLj0eb6yAbc",
    ),
}


def forge(buffer: bytes, *, token: str = TOKEN, aes_key: str = AES_KEY) -> Sealed:
    """Encrypt a whole buffer, padding and all, as given, and sign it properly."""
    key = base64.b64decode(aes_key + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return signed(base64.b64encode(encryptor.update(buffer)).decode(), token=token)


def signed(encrypt: str, *, token: str = TOKEN) -> Sealed:
    """Sign any text in the place of the cipher text."""
    return Sealed(callback_signature(token, TIME, NONCE, encrypt), TIME, NONCE, encrypt)


def frame(message: bytes, key_id: str = CREATE_SUITE_KEY, block: int = 32) -> bytes:
    """Frame a message as an honest sender does, padded to blocks of 16 or 32."""
    buffer = b"r" * 16 + len(message).to_bytes(4, "big") + message + key_id.encode()
    pad = block - len(buffer) % block
    return buffer + bytes([pad]) * pad


def opened(cipher: CallbackCipher, sealed: Sealed) -> bytes:
    """Open what was sealed."""
    return cipher.open(sealed.encrypt, sealed.signature, sealed.timestamp, sealed.nonce)
