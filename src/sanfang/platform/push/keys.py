"""What a push is sealed with and its reply opened with."""

from __future__ import annotations

from collections import OrderedDict

from sanfang.protocol.crypto import CallbackCipher


class Keys:
    """The token, EncodingAESKey and ``$key`` of one callback, with their cipher.

    The texts stay beside the cipher for one purpose: to find out, when a reply does not open, what
    the other side did instead. Raises `CallbackError` 900004 for a bad aes_key.
    """

    __slots__ = ("aes_key", "cipher", "key_id", "token")

    def __init__(self, token: str, aes_key: str, key_id: str) -> None:
        self.token = token
        self.aes_key = aes_key
        self.key_id = key_id
        self.cipher = CallbackCipher(token, aes_key, key_id)

    def __repr__(self) -> str:
        return f"Keys(key_id={self.key_id!r})"


class KeyRing:
    """Keys in use, so that their ciphers keep running; at most ``size``, the idlest go first."""

    def __init__(self, size: int = 4096) -> None:
        self._size = size
        self._keys: OrderedDict[tuple[str, str, str], Keys] = OrderedDict()

    def __len__(self) -> int:
        return len(self._keys)

    def get(self, token: str, aes_key: str, key_id: str) -> Keys:
        """Return the keys of a callback. Raises `CallbackError` 900004 for a bad aes_key."""
        name = (token, aes_key, key_id)
        keys = self._keys.get(name)
        if keys is not None:
            self._keys.move_to_end(name)
            return keys
        keys = self._keys[name] = Keys(token, aes_key, key_id)
        if len(self._keys) > self._size:
            self._keys.popitem(last=False)
        return keys
