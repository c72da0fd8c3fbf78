"""Our BER against PySNMP's own, and against bytes of any kind."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pyasn1.type import univ
from pysnmp.proto import rfc1157, rfc1902, rfc1905
from pysnmp.proto.api import v2c

from collectors.errors import ParseError
from collectors.transports import ber, snmp_message

oids = st.builds(
    lambda head, rest: (*head, *rest),
    st.one_of(
        st.tuples(st.integers(0, 1), st.integers(0, 39)), st.tuples(st.just(2), st.integers(0, 2**32 - 81))
    ),
    st.lists(st.one_of(st.integers(0, 300), st.integers(0, 2**32 - 1)), min_size=0, max_size=40).map(tuple),
)
counters = st.integers(0, 2**32 - 1)
values = st.one_of(
    st.integers(-(2**31), 2**31 - 1).map(lambda n: (rfc1902.Integer32(n), 2, str(n))),
    oids.map(lambda oid: (rfc1902.ObjectIdentifier(oid), 6, ".".join(map(str, oid)))),
    counters.map(lambda n: (rfc1902.Counter32(n), 65, str(n))),
    counters.map(lambda n: (rfc1902.Gauge32(n), 66, str(n))),
    counters.map(lambda n: (rfc1902.TimeTicks(n), 67, str(n))),
    st.integers(0, 2**64 - 1).map(lambda n: (rfc1902.Counter64(n), 70, str(n))),
    st.binary(min_size=4, max_size=4).map(
        lambda raw: (rfc1902.IpAddress(raw), 64, ".".join(str(byte) for byte in raw))
    ),
    st.binary(max_size=300).map(lambda raw: (rfc1902.OctetString(raw), 4, raw)),
)


def theirs(pdu: Any) -> bytes:
    message = v2c.Message()
    v2c.apiMessage.set_defaults(message)
    v2c.apiMessage.set_community(message, b"public")
    v2c.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


def response_of(pairs: list[tuple[tuple[int, ...], Any]], request_id: int = 7) -> bytes:
    pdu = v2c.ResponsePDU()
    v2c.apiPDU.set_defaults(pdu)
    v2c.apiPDU.set_request_id(pdu, request_id)
    v2c.apiPDU.set_varbinds(pdu, pairs)
    return theirs(pdu)


@given(oids)
def test_an_object_identifier_encodes_as_pyasn1_does_and_comes_back(oid: tuple[int, ...]) -> None:
    content = ber.encode_oid(oid)
    assert ber.encode_tlv(6, content) == encoder.encode(rfc1902.ObjectIdentifier(oid))
    assert ber.decode_oid(content) == (oid, ".".join(map(str, oid)))


@given(st.integers(-(2**63), 2**63 - 1))
def test_an_integer_reads_in_pyasn1_and_comes_back(number: int) -> None:
    content = ber.encode_integer(number)
    assert decoder.decode(ber.encode_tlv(2, content)) == (univ.Integer(number), b"")
    # never longer than PyASN1's, which takes two bytes for -128
    assert len(ber.encode_tlv(2, content)) <= len(encoder.encode(univ.Integer(number)))
    assert ber.decode_integer(content) == number


@given(st.lists(st.tuples(oids, values), min_size=1, max_size=6), st.integers(0, 2**31 - 1))
def test_a_response_of_pysnmp_reads_as_what_was_put_in(
    pairs: list[tuple[tuple[int, ...], tuple[object, int, object]]], request_id: int
) -> None:
    data = response_of([(oid, value[0]) for oid, value in pairs], request_id)
    message = snmp_message.decode_message(data)
    assert (message.version, message.community, message.pdu.kind) == (1, b"public", snmp_message.RESPONSE)
    assert message.pdu.request_id == request_id
    assert len(message.pdu.varbinds) == len(pairs)
    for varbind, (oid, (_, tag, shown)) in zip(message.pdu.varbinds, pairs, strict=True):
        assert (ber.decode_oid(varbind.name)[0], varbind.tag) == (oid, tag)
        if isinstance(shown, bytes):
            assert varbind.content == shown
        else:
            text = ".".join(map(str, oid))
            assert ber.render(text, varbind.tag, varbind.content) == f"{text}|{tag}|{shown}".encode()
    # and the way back gives the very same bytes
    pdu = snmp_message.encode_pdu(
        snmp_message.RESPONSE, request_id, 0, 0, snmp_message.encode_varbinds(message.pdu.varbinds)
    )
    assert snmp_message.encode_message(1, b"public", pdu) == data


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        (rfc1905.noSuchObject, ber.NO_SUCH_OBJECT),
        (rfc1905.noSuchInstance, ber.NO_SUCH_INSTANCE),
        (rfc1905.endOfMibView, ber.END_OF_MIB_VIEW),
    ],
)
def test_an_exception_of_pysnmp_is_told_apart(value: object, tag: int) -> None:
    message = snmp_message.decode_message(response_of([((1, 3, 6, 1), value)]))
    assert message.pdu.varbinds == [ber.Varbind(b"\x2b\x06\x01", tag, b"")]


@given(st.lists(oids, min_size=1, max_size=5), st.integers(0, 2**31 - 1), st.integers(0, 200))
def test_a_bulk_request_encodes_as_pysnmp_does(names: list[tuple[int, ...]], number: int, count: int) -> None:
    pdu = v2c.GetBulkRequestPDU()
    v2c.apiBulkPDU.set_defaults(pdu)
    v2c.apiBulkPDU.set_request_id(pdu, number)
    v2c.apiBulkPDU.set_max_repetitions(pdu, count)
    v2c.apiBulkPDU.set_varbinds(pdu, [(oid, v2c.null) for oid in names])
    ours = snmp_message.encode_request(
        1, b"public", snmp_message.GET_BULK, number, map(ber.encode_oid, names), repetitions=count
    )
    assert ours == theirs(pdu)


def test_a_version_1_request_reads_in_pysnmp() -> None:
    data = snmp_message.encode_request(
        0, b"secret", snmp_message.GET_NEXT, 99, [ber.encode_oid((1, 3, 6, 1))]
    )
    message, rest = decoder.decode(data, asn1Spec=rfc1157.Message())
    assert rest == b""
    assert bytes(message["community"]) == b"secret"
    assert int(message["data"]["get-next-request"]["request-id"]) == 99


def test_only_reading_requests_can_be_made() -> None:
    with pytest.raises(ValueError, match="only reads"):
        snmp_message.encode_request(1, b"private", 0xA3, 1, [b"\x2b\x06"])


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_a_parse_error(data: bytes) -> None:
    _read_all(data)


SAMPLE = response_of(
    [
        ((1, 3, 6, 1, 2, 1, 1, 1, 0), rfc1902.OctetString(b"x" * 150)),
        ((1, 3, 6, 1, 2, 1, 1, 2, 0), rfc1902.ObjectIdentifier((1, 3, 6, 1, 4, 1, 2011))),
        ((1, 3, 6, 1, 2, 1, 1, 3, 0), rfc1902.TimeTicks(4_000_000_000)),
        ((1, 3, 6, 1, 2, 1, 4, 20, 1, 1, 10, 0, 0, 1), rfc1902.IpAddress("10.0.0.1")),
    ]
)


@given(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255), st.integers(0, len(SAMPLE)))
def test_a_damaged_answer_is_a_message_or_a_parse_error(position: int, byte: int, length: int) -> None:
    damaged = bytearray(SAMPLE)
    damaged[position] = byte
    _read_all(bytes(damaged))
    _read_all(bytes(damaged[:length]))


def _read_all(data: bytes) -> None:
    try:
        for varbind in snmp_message.decode_message(data).pdu.varbinds:
            line = ber.render(ber.decode_oid(varbind.name)[1], varbind.tag, varbind.content)
            assert b"\n" not in line
    except ParseError:
        return


@given(st.binary(max_size=60))
def test_an_octet_string_survives_its_line(content: bytes) -> None:
    line = ber.render("1.3.6.1", ber.OCTET_STRING, content)
    _, tag, value = line.split(b"|", 2)
    assert len(line.decode().splitlines()) == 1
    assert (value if tag == b"4" else bytes.fromhex(value.decode())) == content


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"core-sw", b"4|core-sw"),
        (b"", b"4|"),
        ("机房一".encode(), "4|机房一".encode()),
        ("机房一".encode("gbk"), b"4x|bbfab7bfd2bb"),
        (b"two\r\nlines", b"4x|74776f0d0a6c696e6573"),
        (b"name\x00", b"4x|6e616d6500"),
        (b"a|b", b"4|a|b"),
    ],
)
def test_text_is_shown_as_text_and_the_rest_in_hex(content: bytes, shown: bytes) -> None:
    assert ber.render("1.3", ber.OCTET_STRING, content) == b"1.3|" + shown


@pytest.mark.parametrize(
    ("tag", "content", "shown"),
    [
        (ber.COUNTER32, b"\xff\xff\xff\xff", "65|4294967295"),  # an agent without the leading zero
        (ber.UINTEGER32, b"\x05", "66|5"),
        (ber.OPAQUE, bytes.fromhex("9f780441c80000"), "68x|9f780441c80000"),
        (ber.IP_ADDRESS, b"", "64x|"),
        (ber.OBJECT_IDENTIFIER, b"", "6|0.0"),
        (ber.NULL, b"", "5|"),
    ],
)
def test_unusual_values_have_a_line_too(tag: int, content: bytes, shown: str) -> None:
    assert ber.render("1.3", tag, content) == f"1.3|{shown}".encode()


@pytest.mark.parametrize("text", ["", "1", "1.3.x", "3.1", "1.40", "1.3.-1", "1.3.4294967296", "1..3"])
def test_a_wrong_object_identifier_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        ber.parse_oid(text)


@pytest.mark.parametrize(
    "content", [b"\x2b\x86", b"\x2b\xff\xff\xff\xff\xff\x01", b"\x2b" + b"\x01" * 130, b"\x80"]
)
def test_wrong_bytes_of_an_identifier_are_refused(content: bytes) -> None:
    with pytest.raises(ParseError):
        ber.decode_oid(content)
