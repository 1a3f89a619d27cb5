from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInput
from service.decoding import MAX_LINE_BYTES, Line, decode_csv, decode_json, decode_lines

NDJSON = "application/x-ndjson"
JSON = "application/json"


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidInput) as caught:
        decode_json(data)
    return caught.value.code


def codes(lines: list[Line]) -> dict[int, str]:
    return {line: raw.code for line, raw in lines if isinstance(raw, InvalidInput)}


def good(lines: list[Line]) -> dict[int, Mapping[str, Any]]:
    return {line: raw for line, raw in lines if not isinstance(raw, InvalidInput)}


def test_money_stays_exact() -> None:
    assert decode_json(b'{"arr": 412000.10}') == {"arr": Decimal("412000.10")}


def test_the_last_of_two_equal_names_counts() -> None:
    assert decode_json(b'{"text": "a", "text": "b"}') == {"text": "b"}


def test_a_mark_of_byte_order_is_passed_over() -> None:
    assert decode_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b'{"a": }',
        b'{"a": 1} {"b": 2}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": "line\nbreak"}',
        b"{'a': 1}",
        b"9" * 5_000,
        b"1." + b"9" * 5_000,
        b"1e999999999",
        b"1e99999999999999999999999",
        b"[" * 65 + b"]" * 65,
        b"[" * 200_000,
        b'{"a":' * 100_000,
    ],
)
def test_what_is_no_json_is_refused(data: bytes) -> None:
    assert refusal(data) == "broken_json"


def test_sixty_four_levels_are_taken() -> None:
    assert decode_json(b"[" * 64 + b"]" * 64)


@pytest.mark.parametrize("data", [b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\xaf"'])
def test_what_is_no_utf8_is_refused(data: bytes) -> None:
    assert refusal(data) == "broken_utf8"


@pytest.mark.parametrize("data", [b'"\\ud83d"', b'{"a": ["\\ude00"]}', b'{"\\ud83d": 1}'])
def test_half_a_character_is_refused(data: bytes) -> None:
    assert refusal(data) == "lone_surrogate"


def test_a_pair_of_escapes_is_one_character() -> None:
    assert decode_json(b'"\\ud83d\\ude00"') == "\U0001f600"


def test_each_line_stands_for_itself() -> None:
    data = b'{"a": 1}\r\n\n{"a": \n"text"\n{"a": "\xff"}\n{"a": 2}'
    lines = list(decode_lines(data, NDJSON))
    assert good(lines) == {1: {"a": 1}, 6: {"a": 2}}
    assert codes(lines) == {3: "broken_json", 4: "wrong_type", 5: "broken_utf8"}


def test_a_line_without_end_is_refused_and_the_next_is_read() -> None:
    data = b'{"a": "' + b"x" * (2 * MAX_LINE_BYTES) + b'"}\n{"a": 2}\n'
    lines = list(decode_lines(io.BytesIO(data), NDJSON))
    assert codes(lines) == {1: "line_too_long"}
    assert good(lines) == {2: {"a": 2}}


def test_a_line_that_just_fits_is_read() -> None:
    data = b'{"a": "' + b"x" * (MAX_LINE_BYTES - 10) + b'"}\n{"a": 2}'
    assert list(good(list(decode_lines(data, NDJSON)))) == [1, 2]


@pytest.mark.parametrize("media_type", [JSON, "text/plain", ""])
def test_an_array_is_known_by_its_bracket(media_type: str) -> None:
    lines = list(decode_lines(b' [{"a": 1}, 7, {"a": 2}]', media_type))
    assert good(lines) == {1: {"a": 1}, 3: {"a": 2}}
    assert codes(lines) == {2: "wrong_type"}


@pytest.mark.parametrize("media_type", [JSON, "text/plain", ""])
def test_lines_are_known_by_the_lack_of_one(media_type: str) -> None:
    assert good(list(decode_lines(b'{"a": 1}\n{"a": 2}', media_type))) == {1: {"a": 1}, 2: {"a": 2}}


def test_a_broken_array_is_refused_as_a_whole() -> None:
    with pytest.raises(InvalidInput) as caught:
        decode_lines(b'[{"a": 1}, {"a": ]', JSON)
    assert caught.value.code == "broken_json"


def test_csv_cells_come_under_their_columns() -> None:
    data = b'\xef\xbb\xbfaccount_id,name\r\na-1,"Acme, Inc."\r\na-2,\r\n'
    assert list(decode_csv(data, columns=["account_id"])) == [
        (2, {"account_id": "a-1", "name": "Acme, Inc."}),
        (3, {"account_id": "a-2", "name": ""}),
    ]


def test_a_csv_row_is_counted_where_it_begins() -> None:
    data = b'id,text\n1,"one\ntwo\nthree"\n\n2,four\n'
    assert list(decode_csv(data, columns=["id"])) == [
        (2, {"id": "1", "text": "one\ntwo\nthree"}),
        (6, {"id": "2", "text": "four"}),
    ]


def test_a_csv_row_with_too_few_or_too_many_cells_is_named() -> None:
    lines = list(decode_csv(b"id,name\n1\n2,b\n3,c,d\n", columns=["id"]))
    assert codes(lines) == {2: "csv_cells", 4: "csv_cells"}
    assert good(lines) == {3: {"id": "2", "name": "b"}}


def test_a_csv_row_with_a_stray_quote_is_named_and_the_next_is_read() -> None:
    lines = list(decode_csv(b'id,name\n1,"a"b\n2,c\n', columns=["id"]))
    assert codes(lines) == {2: "broken_csv"}
    assert good(lines) == {3: {"id": "2", "name": "c"}}


def test_a_quote_that_never_closes_is_named_where_it_opened() -> None:
    assert codes(list(decode_csv(b'id,name\n1,a\n2,"b\n3,c\n', columns=["id"]))) == {
        3: "broken_csv"
    }


def test_a_csv_row_that_is_no_utf8_is_named_and_the_next_is_read() -> None:
    lines = list(decode_csv(b"id,name\n1,M\xfcller\n2,M\xc3\xbcller\n", columns=["id"]))
    assert codes(lines) == {2: "broken_utf8"}
    assert good(lines) == {3: {"id": "2", "name": "Müller"}}


def test_a_cell_may_hold_a_whole_note() -> None:
    lines = list(decode_csv(b"id,text\n1," + b"x" * 200_000 + b"\n", columns=["id"]))
    assert len(good(lines)[2]["text"]) == 200_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"a-1,Acme\na-2,Bolt\n",
        b"account_id;name\na-1;Acme\n",
        b"account_id,name,name\na-1,b,c\n",
        b'"account_id\n',
    ],
)
def test_a_csv_file_without_its_header_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode_csv(data, columns=["account_id"])
    assert caught.value.code == "csv_header"


def test_columns_without_a_name_are_passed_over() -> None:
    assert list(decode_csv(b"id,\n1,x\n", columns=["id"])) == [(2, {"id": "1"})]


def test_csv_is_told_by_its_media_type() -> None:
    lines = decode_lines(b"id\n1\n", "text/csv", csv_columns=["id"])
    assert list(lines) == [(2, {"id": "1"})]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner),
)


@given(JSON_VALUES)
def test_what_json_can_say_comes_back_as_it_was(value: object) -> None:
    assert decode_json(json.dumps(value).encode()) == value


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5))
def test_what_a_csv_writer_wrote_comes_back_as_it_was(cells: list[str]) -> None:
    names = [f"c{place}" for place in range(len(cells))]
    file = io.StringIO(newline="")
    csv.writer(file).writerows([names, cells])
    rows = list(decode_csv(file.getvalue().encode(), columns=names))
    assert rows == [(2, dict(zip(names, cells, strict=True)))]


MESS = st.one_of(
    st.binary(max_size=300),
    st.text('{}[]",:\\u0d8e1truefalsn \n\r').map(lambda text: text.encode(errors="surrogatepass")),
    st.lists(
        st.sampled_from([b'{"a":', b"1}", b'"', b"\n", b",", b"\xff", b"id", b"[", b"]", b"\\ud8"])
    ).map(b"".join),
)


@given(MESS)
def test_no_bytes_break_the_json_decoder(data: bytes) -> None:
    try:
        decode_json(data)
    except InvalidInput as refused:
        assert refused.code in {"broken_json", "broken_utf8", "lone_surrogate"}


@given(MESS, st.sampled_from([NDJSON, JSON, "text/csv"]))
def test_no_bytes_break_the_decoder_of_lines(data: bytes, media_type: str) -> None:
    try:
        lines = list(decode_lines(data, media_type, csv_columns=["id"]))
    except InvalidInput:
        return
    assert all(isinstance(raw, (dict, InvalidInput)) for _line, raw in lines)
    numbers = [line for line, _raw in lines]
    assert numbers == sorted(set(numbers))
