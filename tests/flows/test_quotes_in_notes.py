"""A quote in its note: marked, shortened, masked, and never more than its pieces hide."""

from __future__ import annotations

import pytest

from service.flows.quotes_in_notes import READ, SHOWN, QuoteInNote, quote_in_note
from service.masking import Mask
from service.storage.engine import Store
from service.storage.note_excerpts import Excerpt, around
from tests.flows.spoken_signals import with_portfolio
from tests.flows.world import World
from tests.stored import put_request

QUOTE = "We need bulk export"


def told(text: str, quote: str = QUOTE) -> QuoteInNote:
    """The quote in a note of this text, as the store would cut it."""
    start = text.index(quote)
    end = start + len(quote)
    first = max(0, start - READ)
    piece = text[first : end + READ]
    excerpt = Excerpt(piece, start - first, end - first, first == 0, end + READ >= len(text))
    return quote_in_note(excerpt, quote, Mask())


def test_a_short_note_is_shown_whole() -> None:
    found = told(f"Hello.\n{QUOTE} soon. Bye.")
    assert (found.before, found.quote, found.after) == ("Hello.\n", QUOTE, " soon. Bye.")
    assert (found.more_before, found.more_after) == (False, False)


def test_a_long_note_is_cut_between_words_on_both_sides() -> None:
    found = told(f"{'lorem ipsum ' * 200}{QUOTE}{' dolor sit' * 200}")
    assert found.before.split()[0] in ("lorem", "ipsum") and len(found.before) <= SHOWN
    assert found.after.split()[-1] in ("dolor", "sit") and len(found.after) <= SHOWN
    assert found.more_before and found.more_after


def test_script_without_blanks_is_cut_anywhere() -> None:
    found = told(f"{'請求書' * 300}{QUOTE}{'一覧' * 300}")
    assert len(found.before) == SHOWN and len(found.after) == SHOWN


def test_what_is_around_is_masked() -> None:
    found = told(f"Ann (ann@example.com, +49 30 901820 11): {QUOTE}. Or bob@example.com.")
    assert found.before == "Ann ([email], [phone]): "
    assert found.after == ". Or [email]."


@pytest.mark.parametrize("kept", [40, SHOWN - 6, SHOWN - 3, SHOWN, SHOWN + 4, SHOWN + 9])
def test_a_number_at_the_cut_is_never_shown_in_part(kept: int) -> None:
    phone = "+49 30 901820 11"
    found = told(f"{'x ' * 300}{phone}{' y' * (kept // 2)} {QUOTE}")
    for digits in ("901820", "9018", "30 9", "20 11"):
        assert digits not in found.before


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Call +49 30 901820 11 now", "820 11 now"),
        ("Call +49 30 901820 11 now", "Call +49 30 90"),
        ("Write ann@example.com today", "example.com today"),
        ("Call +49 30 901820 11 now", "9018"),
    ],
)
def test_a_number_that_runs_over_the_seam_is_not_pieced_together(text: str, quote: str) -> None:
    found = told(text, quote)
    shown = f"{found.before}{found.quote}{found.after}"
    assert "+49 30 901820 11" not in shown and "ann@example.com" not in shown
    assert found.quote == Mask()(quote)


def test_where_the_note_no_longer_says_it_the_quote_stands_alone() -> None:
    excerpt = Excerpt("Quite another text by now", 0, len(QUOTE), True, True)
    assert quote_in_note(excerpt, QUOTE, Mask()) == QuoteInNote("", QUOTE, "", False, False)
    assert quote_in_note(None, QUOTE, Mask()) == QuoteInNote("", QUOTE, "", False, False)


@pytest.mark.parametrize("before", [0, 3, 50])
def test_excerpts_are_cut_by_the_store_in_code_points(store: Store, before: int) -> None:
    text = f"{'🙂é' * before}{QUOTE}{'ß' * 50}"
    world = World(with_portfolio(store))
    request = put_request(store, world.note(1, text), text=QUOTE)
    with store.read() as connection:
        found = around(connection, [request], reach=20)[request]
    assert found.text[found.start : found.end] == QUOTE
    assert found.text == text[max(0, 2 * before - 20) : 2 * before + len(QUOTE) + 20]
    assert (found.from_start, found.to_end) == (before < 11, False)
