"""Cleaning masks what is no language and moves nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustering.note_text import MASK, clean, plain, readable

NOTE_TEXT = st.text(
    alphabet=st.characters(exclude_characters=MASK, exclude_categories=["Cs"]), max_size=300
)
PIECES = (
    "<p>|</p>|<b|>|&amp;|&|\n|\r\n|\r|> |-- |a word| |From: a|Sent: b|To: c|On 3 Jul, A wrote:"
    "|-----Original Message-----|Best regards,|Ann|<!--|-->|<style>|</style>|â€™|\u200b|\u00a0"
)
BITS = st.lists(st.sampled_from(PIECES.split("|")), max_size=25).map("".join)


def read_lines(note: str) -> list[str]:
    return [plain(line) for line in clean(note).split("\n") if plain(line)]


@given(NOTE_TEXT | BITS)
def test_every_character_that_is_kept_stands_where_it_stood(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    for at, (old, new) in enumerate(zip(text, cleaned, strict=True)):
        # An entity and a broken sequence show their own character at their first place.
        same = new in (old, MASK) or old in "&<\r" or old.isspace() or text[at] in "âÃÂ"
        assert same or (not old.isascii() and new in "\n "), (at, old, new)


@given(NOTE_TEXT | BITS)
def test_reading_cleaned_text_again_changes_nothing(text: str) -> None:
    once = plain(clean(text))
    assert plain(once) == once


@given(NOTE_TEXT | BITS)
def test_line_feeds_stay_where_they_were(text: str) -> None:
    feeds = [at for at, char in enumerate(clean(text)) if char == "\n"]
    assert set(feeds) >= {at for at, char in enumerate(text) if char == "\n"}


@pytest.mark.parametrize(
    ("note", "read"),
    [
        ("<b>Export</b> is slow", "Export is slow"),
        ("Needs R&amp;D seats", "Needs R&D seats"),
        ("tab&nbsp;le", "tab le"),
        ("> they can't log in", "they can't log in"),
        (">> > deep quote", "deep quote"),
        ("• SSO wanted", "SSO wanted"),
        ("2) SSO wanted", "SSO wanted"),
        ("[ ] SSO wanted", "SSO wanted"),
        ("see https://example.com/a?b=c for it", "see for it"),
        ("<style>p { color: red }</style>Wants SSO", "Wants SSO"),
        ("<title>Call</title><!-- x > y -->Wants SSO", "Wants SSO"),
        ("<!DOCTYPE html><![if !mso]><o:p>Wants SSO</o:p><![endif]>", "Wants SSO"),
        ('<a title="a > b" href=\'x\'>Wants</a> <img src="cid:1"/>SSO', "Wants SSO"),
        ("a < b and b > a", "a < b and b > a"),
        ("if a<b, then <Customer Name> <3", "if a<b, then <Customer Name> <3"),
        ("Q&A; later", "Q&A; later"),
        ("They canâ€™t use the cafÃ©", "They can’t use the café"),
        ("bulk ex\u200bport\u00a0now\ufeff", "bulk export now"),
    ],
)
def test_what_is_no_language_is_masked(note: str, read: str) -> None:
    assert plain(clean(note)) == read


def test_block_tags_part_lines_and_inline_tags_do_not() -> None:
    assert read_lines("<p>one</p><p>t<i>w</i>o</p>") == ["one", "two"]
    assert read_lines("<table><tr><td>one</td><td>two</td></tr></table>") == ["one", "two"]
    assert read_lines("<ul><li>one<li>two</ul>three<br/>four") == ["one", "two", "three", "four"]


def test_a_lone_carriage_return_parts_lines() -> None:
    assert read_lines("one\rtwo\r\nthree\u2028four") == ["one", "two", "three", "four"]


def test_a_span_is_readable_without_its_markup() -> None:
    assert readable("bulk <b>ex\u200bport</b> of R&amp;D") == "bulk export of R&D"


HISTORY = [
    "On Mon, 3 Jul 2026 at 09:30, Jane Doe <j@acme.example> wrote:\n> We want export.\n> Jane",
    "On Mon, 3 Jul 2026 at 09:30, Jane Doe <j@acme.example>\nwrote:\n> We want export.",
    "Am 03.07.2026 um 09:30 schrieb Jane Doe:\n\n> We want export.",
    "El vie, 3 jul 2026 a las 9:30, Jane (<j@acme.example>) escribió:\n> We want export.",
    "-----Original Message-----\nFrom: Jane\nSubject: Wishes\n\nWe want export.",
    "From: Jane Doe\nSent: Monday, 3 July 2026\nTo: Wes\nSubject: Wishes\n\nWe want export.",
    "Von: Jane Doe\nGesendet: Montag, 3. Juli 2026\nAn: Wes\nBetreff: X\n\nWe want export.",
]


@pytest.mark.parametrize("history", HISTORY)
@pytest.mark.parametrize("feed", ["\n", "\r\n"])
def test_what_a_reply_carries_along_is_left_out(history: str, feed: str) -> None:
    note = f"Thanks, we need SSO first.\n\n{history}".replace("\n", feed)
    assert read_lines(note) == ["Thanks, we need SSO first."]


@pytest.mark.parametrize("history", HISTORY)
@pytest.mark.parametrize("cover", ["", "FYI", "Forwarding this one from Jane.\n", "See below:"])
def test_a_note_that_is_a_forwarded_mail_is_read(history: str, cover: str) -> None:
    assert "We want export." in read_lines(f"{cover}\n{history}")


def test_a_reply_of_a_mail_program_in_html_is_cut_too() -> None:
    note = (
        '<div dir="ltr">We need SSO first.</div><br><div class="gmail_quote"><div class='
        '"gmail_attr">On Mon, Jul 3, 2026 at 9:30 AM Wes &lt;<a href="mailto:w@x.example">w@x'
        '.example</a>&gt; wrote:<br></div><blockquote style="margin:0 0 0 .8ex"><div>Do you want'
        " export?</div></blockquote></div>"
    )
    assert read_lines(note) == ["We need SSO first."]


def test_answers_between_quoted_lines_are_read() -> None:
    note = "All of it, see inline.\nOn 3 Jul 2026, Wes wrote:\n> Export?\nYes.\n> SSO?\nLater."
    assert read_lines(note) == ["All of it, see inline.", "Yes.", "Later."]


def test_a_mail_handed_on_by_its_program_is_new_to_us() -> None:
    note = (
        "Call with Acme on the renewal, all in good order there.\n"
        "---------- Forwarded message ---------\nFrom: Jane\nDate: Mon\nTo: Wes\n\nWe want export."
    )
    assert read_lines(note)[-1] == "We want export."


@pytest.mark.parametrize(
    "note",
    [
        "Quick call, all good otherwise.\nFrom: Jane (Acme)\n'We want export.'",
        "Email from Tomasz, their practice manager, about a lot of things:\n> 'We want export.'",
        "We talked at length of the renewal and prices. Odette wrote:\n'We want export.'",
    ],
)
def test_what_a_person_pasted_is_read(note: str) -> None:
    assert read_lines(note)[-1] == "'We want export.'"


SIGNATURES = [
    "-- \nAda Byron\nHead of IT",
    "Kind regards,\nAda Byron\nHead of IT\nTel: +44 20 7946 0958\nACME Ltd",
    "Mit freundlichen Grüßen\n\nAda Byron",
    "Sent from my iPhone",
    "Get Outlook for iOS",
    "M: +44 7700 900123\nE: ada@acme.example",
    "This email and any attachments are confidential and intended solely for\nthe addressee.",
    "CAUTION: this came from outside the organisation.",
    "Logged by HubSpot on 3 July",
    "Join Zoom Meeting\nhttps://zoom.example/j/1\nMeeting ID: 123 456 789\nPasscode: 1",
]


@pytest.mark.parametrize("furniture", SIGNATURES)
def test_signatures_and_what_programs_add_is_masked(furniture: str) -> None:
    assert read_lines(f"We need SSO.\n\n{furniture}") == ["We need SSO."]


@pytest.mark.parametrize(
    "line",
    [
        "Thanks for the export, they love it",
        "Best export we ever had, says Ann.",
        "PS: they also need SSO",
        "This email template can't be edited",
        "Meeting notes can't be searched",
        "Call volume: 300 a day",
        "2026-07-03 10:00",
    ],
)
def test_what_only_looks_like_it_is_read(line: str) -> None:
    assert read_lines(f"Hello.\nThanks,\nAnn\n\n{line}")[-1] == line


def test_mail_headers_and_signature_are_masked() -> None:
    note = "From: a@b.example\nSubject: Hi\nWe need SSO.\n-- \nAda Byron\nHead of IT"
    assert plain(clean(note)) == "We need SSO."


RUNS = ["<", ">", "&", "<a ", '<p title="', "<!--", "From: \n", "> ", "-- \n", "On 1 ", "â€", "\n"]


@pytest.mark.parametrize("bit", RUNS)
def test_a_hundred_thousand_of_anything_are_cleaned_in_one_go(bit: str) -> None:
    # A pattern that goes back over them would not return before the test run is stopped.
    assert len(clean((bit * 100_000)[:100_000])) == 100_000
