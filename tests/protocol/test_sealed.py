"""Reading pushes and replies off the wire, in all their spellings."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sanfang.protocol.crypto import CallbackCipher, CallbackError, Sealed, parse_push, parse_reply

from .wire import AES_KEY, TOKEN, VECTORS, opened

SEALED = VECTORS["2c, success"].sealed
CIPHER = VECTORS["2c, success"].cipher()
BODY = SEALED.body()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def query_of(**parameters: str) -> str:
    return "&".join(f"{name}={value}" for name, value in parameters.items())


def reply_of(**fields: object) -> bytes:
    """A reply with the fields as given; None leaves one out."""
    whole: dict[str, object] = {
        "msg_signature": SEALED.signature,
        "timeStamp": SEALED.timestamp,
        "nonce": SEALED.nonce,
        "encrypt": SEALED.encrypt,
    }
    return json.dumps({k: v for k, v in (whole | fields).items() if v is not None}).encode()


def test_a_push_survives_the_wire() -> None:
    sealed = CallbackCipher(TOKEN, AES_KEY, "suite1").seal("你好", nonce="a+b&c=d 汉")
    assert parse_push(sealed.query().encode(), sealed.body()) == sealed


def test_a_reply_survives_the_wire() -> None:
    reply = parse_reply(SEALED.reply())
    assert reply.sealed == SEALED
    assert reply.fields == ["msg_signature", "timeStamp", "nonce", "encrypt"]


def test_a_push_names_its_signature_both_ways() -> None:
    names = [pair.split("=")[0] for pair in SEALED.query().split("&")]
    assert names == ["signature", "msg_signature", "timestamp", "nonce"]


@pytest.mark.parametrize("signature", ["signature", "msg_signature"])
@pytest.mark.parametrize("timestamp", ["timestamp", "timeStamp"])
def test_both_spellings_of_a_push_are_read(signature: str, timestamp: str) -> None:
    named = {signature: SEALED.signature, timestamp: SEALED.timestamp, "nonce": SEALED.nonce}
    assert parse_push(query_of(**named), BODY) == SEALED
    assert parse_push(named, BODY) == SEALED


@pytest.mark.parametrize(
    ("missing", "code"), [("signature", 900005), ("timestamp", 900002), ("nonce", 900003)]
)
def test_a_parameter_missing_from_a_push_is_named(missing: str, code: int) -> None:
    """Even where the body has it: parameters count in the query only."""
    named = {"signature": "s", "timestamp": "t", "nonce": "n"}
    body = json.dumps({**named, "encrypt": "e"}).encode()
    with pytest.raises(CallbackError) as caught:
        parse_push({k: v for k, v in named.items() if k != missing}, body)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"null", b'"encrypt"', b"{}", b'{"encrypt":1}', b'{"encrypt":null}'),
        *(b'{"Encrypt":"x"}', b'{"encrypt":"x"', b"encrypt=x", b"\xff\xfe", b'{"encrypt":"\xff"}'),
        *(b"[" * 100_000, b'{"a":' * 100_000, b'{"encrypt":"\\ud800"}', b"\xef\xbb\xbf{}"),
    ],
    ids=lambda body: repr(body[:12]),
)
def test_a_body_without_encrypt_is_900008(body: bytes) -> None:
    with pytest.raises(CallbackError) as caught:
        parse_push(SEALED.query(), body)
    assert caught.value.code == 900008


def test_the_fields_that_came_in_its_place_are_named() -> None:
    with pytest.raises(CallbackError) as caught:
        parse_push(SEALED.query(), b'{"Encrypt":"x","agent":{}}')
    assert caught.value.fields == ["Encrypt", "agent"]


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
@example(b'{"encrypt":"x"}')
def test_any_body_ends_in_a_named_error(body: bytes) -> None:
    with pytest.raises(CallbackError):
        opened(CIPHER, parse_push(SEALED.query(), body))
    with pytest.raises(CallbackError):
        opened(CIPHER, parse_reply(body).sealed)


@given(st.binary() | st.text())
@example("signature=%ff&timestamp=%00&nonce=%ed%a0%80")
@example("signature=a&timestamp=b&nonce=\ud800")
def test_any_query_ends_in_a_named_error(query: bytes | str) -> None:
    with pytest.raises(CallbackError):
        opened(CIPHER, parse_push(query, BODY))


@given(st.dictionaries(st.sampled_from(["msg_signature", "timeStamp", "nonce", "encrypt"]), JSON))
def test_any_values_in_a_reply_end_in_a_named_error(fields: dict[str, object]) -> None:
    fields.setdefault("msg_signature", "s")
    with pytest.raises(CallbackError):
        opened(CIPHER, parse_reply(json.dumps(fields).encode()).sealed)


def test_the_first_of_two_equal_parameters_counts() -> None:
    query = SEALED.query() + "&nonce=other"
    assert parse_push(query, BODY).nonce == SEALED.nonce


@pytest.mark.parametrize("name", ["timeStamp", "timestamp"])
@pytest.mark.parametrize("value", ["1445827045067", 1445827045067])
def test_the_time_of_a_reply_is_read_in_both_spellings_and_types(name: str, value: object) -> None:
    body = reply_of(**{"timeStamp": None, name: value})
    assert opened(CIPHER, parse_reply(body).sealed) == b"success"


@pytest.mark.parametrize(
    "literal", ["1445827045.067", "1.5E3", "-1", "0", "1445827045067000000000"]
)
def test_a_number_counts_as_the_text_received(literal: str) -> None:
    """An old Python library signs a float's text; 1445827045.067 must not become 1445827045.0."""
    body = reply_of(timeStamp="@").replace(b'"@"', literal.encode())
    assert parse_reply(body).sealed.timestamp == literal


def test_strict_refuses_the_misspelt_time_and_names_the_fields() -> None:
    body = reply_of(timeStamp=None, timestamp="1445827045067")
    assert parse_reply(body).sealed == SEALED
    with pytest.raises(CallbackError) as caught:
        parse_reply(body, strict=True)
    assert caught.value.code == 900002
    assert caught.value.fields == ["msg_signature", "nonce", "encrypt", "timestamp"]


def test_strict_accepts_the_right_spelling_beside_the_wrong_one() -> None:
    assert parse_reply(reply_of(timestamp="1"), strict=True).sealed == SEALED


@pytest.mark.parametrize(
    ("field", "code"),
    [("msg_signature", 900005), ("timeStamp", 900002), ("nonce", 900003), ("encrypt", 900008)],
)
@pytest.mark.parametrize("value", [None, "", True, [], {}])
def test_a_field_missing_from_a_reply_is_named(field: str, code: int, value: object) -> None:
    with pytest.raises(CallbackError) as caught:
        parse_reply(reply_of(**{field: value}))
    assert caught.value.code == code
    assert "nonce" in caught.value.fields or field == "nonce"


def test_fields_are_named_in_the_order_received() -> None:
    body = b'{"timestamp":1,"nonce":"n","extra":null,"encrypt":"e","msg_signature":"s"}'
    assert parse_reply(body).fields == ["timestamp", "nonce", "extra", "encrypt", "msg_signature"]


@pytest.mark.parametrize("body", [b"success", b"", b"fail", b"<html>", b"[1]", b"{}", b"null"])
def test_a_reply_that_is_no_object_has_no_fields(body: bytes) -> None:
    with pytest.raises(CallbackError) as caught:
        parse_reply(body)
    assert (caught.value.code, caught.value.fields) == (900008, [])


def test_a_sealed_message_is_a_plain_tuple() -> None:
    assert Sealed("s", "t", "n", "e") == ("s", "t", "n", "e")
