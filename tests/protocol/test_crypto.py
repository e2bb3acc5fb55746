"""Sealing and opening: the printed vectors, every check, and whatever hypothesis thinks of."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang.protocol.crypto import CREATE_SUITE_KEY, CallbackCipher, CallbackError, Sealed

from .wire import AES_KEY, NONCE, TIME, TOKEN, VECTORS, Vector, forge, frame, opened, signed

VECTOR = pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS.keys())
CIPHER = CallbackCipher(TOKEN, AES_KEY, CREATE_SUITE_KEY)
OTHER_KEY = "5g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij"


def refused(sealed: Sealed, cipher: CallbackCipher = CIPHER) -> int:
    with pytest.raises(CallbackError) as caught:
        opened(cipher, sealed)
    return caught.value.code


@VECTOR
def test_vector_opens(vector: Vector) -> None:
    assert opened(vector.cipher(), vector.sealed) == vector.plain


@VECTOR
def test_vector_is_reproduced_to_the_byte_when_its_random_is_given(vector: Vector) -> None:
    sealed = vector.cipher().seal(
        vector.plain,
        timestamp=vector.sealed.timestamp,
        nonce=vector.sealed.nonce,
        random=vector.random,
    )
    assert sealed == vector.sealed


def test_vector_is_reproduced_also_after_the_contexts_have_run() -> None:
    """Long-lived contexts must not leak into a message whose random is fixed."""
    vector = VECTORS["2c, success"]
    cipher = vector.cipher()
    opened(cipher, cipher.seal("before"))
    again = cipher.seal("success", timestamp=TIME, nonce=NONCE, random=vector.random)
    assert again == vector.sealed


def test_a_fresh_receiver_reads_every_message_of_a_long_lived_sender() -> None:
    sender = CallbackCipher(TOKEN, AES_KEY, "suite1")
    for n in range(50):
        sealed = sender.seal(f"message {n}")
        fresh = CallbackCipher(TOKEN, AES_KEY, "suite1")
        assert opened(fresh, sealed) == f"message {n}".encode()


def test_equal_messages_have_nothing_in_common() -> None:
    """The first block is random each time, so no later block repeats."""
    sealed = [base64.b64decode(CIPHER.seal("x" * 100).encrypt) for _ in range(100)]
    blocks = [text[i : i + 16] for text in sealed for i in range(0, len(text), 16)]
    assert len(set(blocks)) == len(blocks)


@given(st.binary(min_size=1))
def test_any_bytes_come_back(plain: bytes) -> None:
    assert opened(CIPHER, CIPHER.seal(plain)) == plain


@given(st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_as_utf8(plain: str) -> None:
    assert opened(CIPHER, CIPHER.seal(plain)).decode() == plain


@given(st.text(), st.text(), st.text(), st.text())
def test_any_four_texts_end_in_a_named_error(e: str, s: str, t: str, n: str) -> None:
    with pytest.raises(CallbackError):
        CIPHER.open(e, s, t, n)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_signed_text_ends_in_a_named_error(encrypt: str) -> None:
    with pytest.raises(CallbackError):
        opened(CIPHER, signed(encrypt))


@given(st.binary(max_size=40).map(lambda b: b * 16))
def test_any_signed_blocks_end_in_a_named_error(buffer: bytes) -> None:
    with pytest.raises(CallbackError):
        opened(CIPHER, forge(buffer))


@pytest.mark.parametrize("block", [16, 32])
@pytest.mark.parametrize("length", range(1, 40))
def test_padding_to_16_and_to_32_is_read(block: int, length: int) -> None:
    assert opened(CIPHER, forge(frame(b"m" * length, block=block))) == b"m" * length


def test_an_aligned_message_gets_a_whole_block_of_padding() -> None:
    message = b"m" * (64 - 20 - len(CREATE_SUITE_KEY))
    assert len(base64.b64decode(CIPHER.seal(message).encrypt)) == 96


def test_line_breaks_in_encrypt_are_signed_and_read() -> None:
    """The official Python 3 library breaks the text every 76 characters and at the end."""
    text = base64.encodebytes(base64.b64decode(forge(frame(b"m" * 200)).encrypt)).decode()
    assert "\n" in text
    assert opened(CIPHER, signed(text)) == b"m" * 200


def test_an_empty_message_is_read() -> None:
    assert opened(CIPHER, forge(frame(b""))) == b""


@pytest.mark.parametrize(
    "broken",
    [
        Sealed("0" * 40, TIME, NONCE, VECTORS["2c, success"].sealed.encrypt),
        VECTORS["2c, success"].sealed._replace(timestamp="1445827045068"),
        VECTORS["2c, success"].sealed._replace(nonce="nEXhMP4s"),
        VECTORS["2c, success"].sealed._replace(signature="签名"),
        VECTORS["2c, success"].sealed._replace(
            signature=VECTORS["2c, success"].sealed.signature.upper()
        ),
        VECTORS["2c, success"].sealed._replace(signature=""),
    ],
)
def test_a_wrong_signature_is_900005(broken: Sealed) -> None:
    assert refused(broken) == 900005


def test_the_wrong_token_is_900005() -> None:
    other = CallbackCipher("another", AES_KEY, CREATE_SUITE_KEY)
    assert refused(CIPHER.seal("success"), other) == 900005


def test_an_empty_timestamp_is_900002_and_an_empty_nonce_900003() -> None:
    sealed = CIPHER.seal("success")
    assert refused(sealed._replace(timestamp="")) == 900002
    assert refused(sealed._replace(nonce="")) == 900003


def test_what_cannot_be_signed_is_900006() -> None:
    assert refused(CIPHER.seal("success")._replace(nonce="\ud800")) == 900006
    assert refused(Sealed(None, "1", "n", "e")) == 900006  # type: ignore[arg-type]
    assert refused(Sealed("s", 1, "n", "e")) == 900006  # type: ignore[arg-type]


def test_the_wrong_key_is_900008() -> None:
    sealed = VECTORS["1, guide of 2016"].sealed
    assert refused(sealed, CallbackCipher(TOKEN, OTHER_KEY, CREATE_SUITE_KEY)) == 900008


@pytest.mark.parametrize("encrypt", ["", "A", "success", "not base64!", "汉字", "QUJD"])
def test_signed_text_that_is_no_cipher_text_is_900008(encrypt: str) -> None:
    assert refused(signed(encrypt)) == 900008


@pytest.mark.parametrize(
    "tail",
    [b"\x00", b"\x21", b"\xff", b"\x01\x02", b"\x02\x01\x02", b"\x00" * 15 + b"\x10"],
)
def test_wrong_padding_is_900008(tail: bytes) -> None:
    body = frame(b"success")[:-16]
    assert refused(forge(body + b"\x07" * (16 - len(tail)) + tail)) == 900008


def test_padding_that_reaches_into_the_random_is_900008() -> None:
    assert refused(forge(b"\x20" * 32)) == 900008


@pytest.mark.parametrize("length", [8 + len(CREATE_SUITE_KEY), 2**16, 2**31, 2**32 - 1])
def test_a_length_beyond_the_content_is_900009(length: int) -> None:
    buffer = frame(b"success")
    assert refused(forge(buffer[:16] + length.to_bytes(4, "big") + buffer[20:])) == 900009


@pytest.mark.parametrize(
    "buffer", [b"\x10" * 16, b"r" * 16 + b"\x10" * 16, b"r" * 18 + b"\x0e" * 14]
)
def test_a_buffer_too_short_for_the_length_field_is_900009(buffer: bytes) -> None:
    assert refused(forge(buffer)) == 900009


@pytest.mark.parametrize("key_id", ["", "suite4", CREATE_SUITE_KEY + "x", "ding1", "汉字"])
def test_another_key_at_the_end_is_900010(key_id: str) -> None:
    assert refused(forge(frame(b"success", key_id))) == 900010


def test_a_length_that_cuts_the_message_is_900010() -> None:
    buffer = frame(b"success")
    assert refused(forge(buffer[:16] + (6).to_bytes(4, "big") + buffer[20:])) == 900010


@pytest.mark.parametrize(
    "aes_key",
    ["", AES_KEY[:-1], AES_KEY + "=", AES_KEY + "A", "!" * 43, "汉" * 43, AES_KEY[:-1] + "\n"],
)
def test_a_bad_aes_key_is_900004_and_is_not_shown(aes_key: str) -> None:
    with pytest.raises(CallbackError) as caught:
        CallbackCipher(TOKEN, aes_key, "suite1")
    assert caught.value.code == 900004
    assert not aes_key or aes_key not in f"{caught.value} {caught.value!r}"


def test_an_aes_key_that_is_not_text_is_900004() -> None:
    with pytest.raises(CallbackError):
        CallbackCipher(TOKEN, None, "suite1")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"plain": ""}, 900001),
        ({"plain": b""}, 900001),
        ({"plain": "x", "timestamp": ""}, 900002),
        ({"plain": "x", "nonce": ""}, 900003),
        ({"plain": "\ud800"}, 900001),
        ({"plain": "x", "nonce": "\ud800"}, 900006),
        ({"plain": "x", "random": b"short"}, 900007),
    ],
)
def test_sealing_the_impossible_is_named(arguments: dict[str, str], code: int) -> None:
    with pytest.raises(CallbackError) as caught:
        CIPHER.seal(**arguments)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_the_key_that_does_not_fit_can_be_changed() -> None:
    """A receiver tries the suite_key, and on 900010 the key of a suite in creation."""
    real = CallbackCipher(TOKEN, AES_KEY, "suite1")
    sealed = VECTORS["1, guide of 2016"].sealed
    assert refused(sealed, real) == 900010
    creating = real.with_key_id(CREATE_SUITE_KEY)
    assert opened(creating, sealed) == VECTORS["1, guide of 2016"].plain
    assert (real.key_id, creating.key_id) == ("suite1", CREATE_SUITE_KEY)


def test_nothing_secret_is_shown() -> None:
    shown = repr(CallbackCipher("secrettoken", AES_KEY, "suite1"))
    assert "suite1" in shown
    assert "secrettoken" not in shown
    assert AES_KEY not in shown


def test_an_error_explains_itself_in_both_languages() -> None:
    error = CallbackError(900010, fields=["encrypt"])
    assert error.errmsg == "计算解密文字corpid不匹配"
    assert "suite_key" in error.zh
    assert "suite_key" in error.en
    assert (error.faq, error.fields) == ("F52", ["encrypt"])


def test_mismatch_is_one_class_whichever_code_a_library_gives() -> None:
    assert [CallbackError(c).is_signature for c in (900005, 900006, 900010)] == [True, True, False]
