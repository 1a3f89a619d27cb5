"""What a reading always is, whatever the weights, and what the shipped reader understands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.encoder import load_first_layers
from clustering.reading import (
    LAYERS,
    Reader,
    ReadSpan,
    load_clause_encoder,
    load_reader,
    load_weights,
)
from models.errors import Unavailable
from models.severity import Severity
from tests.clustering.reading_fakes import HashedEncoder, make_reader

READER = make_reader()
NOTES = st.one_of(
    st.text(max_size=300),
    st.text(alphabet='ab \n\r\t.,;:-–•>"()<b/>&amp1!?😀שלא', max_size=300),
)


def assert_well_formed(text: str, spans: list[ReadSpan]) -> None:
    end = 0
    for span in spans:
        piece = text[span.start : span.end]
        assert end <= span.start < span.end <= len(text)
        assert piece == piece.strip()
        assert any(char.isalnum() for char in piece)
        assert 0 <= span.confidence <= 1
        assert 0 <= span.severity_confidence <= 1
        end = span.end


@given(NOTES)
@settings(deadline=None)  # the first note loads the languages
def test_spans_are_trimmed_in_order_and_inside(text: str) -> None:
    assert_well_formed(text, READER.read([text])[0])


@given(st.lists(NOTES, max_size=6))
@settings(deadline=None)
def test_a_reading_does_not_depend_on_its_company(texts: list[str]) -> None:
    assert READER.read(texts) == [READER.read([text])[0] for text in texts]


@given(st.integers(0, 50), NOTES)
@settings(max_examples=30, deadline=None)
def test_any_weights_give_well_formed_spans(seed: int, text: str) -> None:
    assert_well_formed(text, make_reader(seed).read([text])[0])


@pytest.mark.parametrize("text", ["", " \n\t ", "...", "🎉🎉🎉", "<p></p>", "> \n> ", "&nbsp;"])
def test_a_note_without_a_word_has_no_request(text: str) -> None:
    assert READER.read([text]) == [[]]


def test_no_notes_no_readings() -> None:
    assert READER.read([]) == []


def test_a_note_of_a_hundred_thousand_characters_is_read() -> None:
    text = ("They cannot export the list, so they copy it by hand.\n" * 2_000)[:100_000]
    assert_well_formed(text, READER.read([text])[0])


def test_missing_weights_are_refused_with_a_code(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        load_weights(tmp_path / "none.safetensors")
    assert refused.value.code == "reader_unavailable"


def test_weights_without_a_centre_are_refused(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    path = tmp_path / "old.safetensors"
    save_file({"spans.0.bias": np.zeros(2, np.float16)}, path, metadata={"vocabulary": "[]"})
    with pytest.raises(Unavailable) as refused:
        load_weights(path)
    assert refused.value.code == "reader_unavailable"


def test_an_encoder_of_another_width_is_refused() -> None:
    with pytest.raises(Unavailable) as refused:
        load_reader(HashedEncoder())
    assert refused.value.code == "reader_unavailable"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return load_reader()


def quotes(reader: Reader, text: str) -> list[str]:
    spans = reader.read([text])[0]
    assert_well_formed(text, spans)
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(
    "note",
    [
        "They had asked for single sign-on but they no longer need it. All well.",
        "The import problem from last month is fixed, thanks to support. No open points.",
        "Great call, they love the new dashboard and the team is happy.",
        "Next steps: I will send the training calendar and the price list.",
        "QBR with Harbour Foods. Adoption is up, renewal signed for two years. No asks.",
        "They withdrew the request for a Slack integration.",
        "Out of office until Monday, call moved to next week.",
        "Their parent company wants an API, they themselves do not.",
        "Sent: price list, training links.",
        "Agenda: single sign-on, exports, renewal.",
        "Login works again since Tuesday's fix, nothing open.",
        "The team praised the new import, best release so far.",
    ],
)
def test_what_is_no_request_is_left_out(reader: Reader, note: str) -> None:
    assert quotes(reader, note) == []


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("Cust wants bulk export of the client list.", "bulk export"),
        ("export of orders stops at 500 rows, they stitch pieces by hand", "500 rows"),
        ("Good chat about the holidays. She cannot see who changed a price.", "who changed"),
        (
            "<p>Hi Anna,</p><p>we <b>cannot log in</b> with Entra &amp; Okta, so half the team "
            "shares one password.</p><p>Thanks, Ada</p>",
            "<b>cannot log in</b> with Entra &amp; Okta",
        ),
        ("Mail from Ada:\n> hello\n> we type every booking twice into the calendar", "twice"),
        ("- renewal in May\n- reports must be sent by hand every Monday\n- lunch", "by hand"),
    ],
)
def test_a_request_is_found_among_chatter(reader: Reader, note: str, said: str) -> None:
    assert [said in quote for quote in quotes(reader, note)] == [True]


@pytest.mark.parametrize(
    ("note", "parts"),
    [
        ("FR: guest wifi, room photos", ["guest wifi", "room photos"]),
        ("Ask: SAML before the audit; also bulk delete", ["SAML", "bulk delete"]),
        ("Wants: night mode / hotkeys", ["night mode", "hotkeys"]),
    ],
)
def test_terse_lists_are_read_item_by_item(reader: Reader, note: str, parts: list[str]) -> None:
    found = quotes(reader, note)
    assert [part in quote for part, quote in zip(parts, found, strict=True)] == [True] * len(parts)


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("No pueden imprimir las etiquetas en lote.", "imprimir"),
        ("Sie wünschen sich einen Export der Kundenliste.", "Export"),
        ("Visita ao armazém. Precisam de exportar a lista, agora copiam à mão.", "exportar"),
    ],
)
def test_a_request_in_another_language_is_found(reader: Reader, note: str, said: str) -> None:
    assert [said in quote for quote in quotes(reader, note)] == [True]


@pytest.mark.parametrize(
    "note",
    [
        "El problema de acceso está resuelto, gracias. Nada pendiente.",
        "Das Problem mit der Anmeldung ist behoben, danke. Keine offenen Punkte.",
        "O problema de acesso está resolvido, obrigada. Nada pendente.",
    ],
)
def test_what_is_settled_in_another_language_is_left_out(reader: Reader, note: str) -> None:
    assert quotes(reader, note) == []


def test_two_requests_of_one_note_are_told_apart(reader: Reader) -> None:
    note = (
        "Monthly call.\n- Ada: export of invoices stops at 500 rows, she stitches them by hand\n"
        "- Tom: the mobile app crashes whenever a photo is attached\n- Lunch was good"
    )
    found = quotes(reader, note)
    assert ["500 rows" in quote for quote in found] == [True, False]
    assert ["crashes" in quote for quote in found] == [False, True]


@pytest.mark.parametrize(
    ("note", "severity"),
    [
        ("No SSO, no rollout: security blocks the go-live until it is there.", Severity.BLOCKING),
        ("Export stops at 500 rows, she stitches the pieces by hand weekly.", Severity.DEGRADED),
        ("A dark mode would be nice to have, no rush.", Severity.MINOR),
    ],
)
def test_severity_follows_the_words(reader: Reader, note: str, severity: Severity) -> None:
    assert [span.severity for span in reader.read([note])[0]] == [severity]


def test_reader_looks_at_clauses_by_a_part_of_the_encoder() -> None:
    assert 1 <= LAYERS < 6
    assert load_clause_encoder().fingerprint == load_first_layers(LAYERS).fingerprint


def test_the_shipped_reader_reads_a_note_alike_in_any_company(reader: Reader) -> None:
    note = "Cust wants bulk export. Otherwise happy."
    others = ["They cannot log in.", "No asks. " * 50, "Slow search, they wait 20 seconds."]
    assert reader.read([*others, note])[-1] == reader.read([note])[0]
