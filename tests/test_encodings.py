"""A file that is not UTF-8 is read as what it says it is, or as what one was told."""

from __future__ import annotations

import codecs
import io

import pytest

from models.errors import InvalidInput
from service.encodings import as_utf8

TEXT = "Zoë: „100 €“ – naïve\r\n" * 9_000
ASCII_TEXT = "one,two\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8"])
def test_a_byte_order_mark_says_enough(encoding: str) -> None:
    assert as_utf8(io.BytesIO(TEXT.encode(encoding))).read().decode() == TEXT


def test_both_orders_of_utf_16_are_read() -> None:
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        assert as_utf8(io.BytesIO(mark + TEXT.encode(name))).read().decode() == TEXT


@pytest.mark.parametrize("encoding", ["windows-1252", "cp1252", "utf-16-le", "UTF-8"])
def test_a_named_encoding_is_taken_at_its_word(encoding: str) -> None:
    source = as_utf8(io.BytesIO(TEXT.encode(encoding)), encoding)
    assert source.read().decode() == TEXT


def test_lines_can_be_read_one_by_one_and_the_place_is_the_files_own() -> None:
    data = TEXT.encode("utf-16")
    source = as_utf8(io.BytesIO(data))
    assert source.readline() == "Zoë: „100 €“ – naïve\r\n".encode()
    assert 0 < source.tell() < len(data)
    source.read()
    assert source.tell() == len(data)


@pytest.mark.parametrize(
    ("data", "encoding", "code"),
    [
        ("one".encode("utf-16-le"), None, "broken_encoding"),
        (b"\x81\x8d", "windows-1252", "broken_encoding"),
        ("Zoë".encode("windows-1252"), "ascii", "broken_encoding"),
        (codecs.BOM_UTF16_LE + b"a", None, "broken_encoding"),
        (b"one", "no-such", "unknown_encoding"),
        (b"one", "base64", "unknown_encoding"),
    ],
)
def test_what_can_not_be_read_is_refused(data: bytes, encoding: str | None, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        as_utf8(io.BytesIO(data), encoding).read()
    assert caught.value.code == code


def test_plain_utf_8_is_handed_on_as_it_is() -> None:
    source = io.BytesIO(ASCII_TEXT.encode())
    assert as_utf8(source) is source
    assert source.read() == ASCII_TEXT.encode()
