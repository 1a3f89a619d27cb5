"""A quote in its note: what stands before it and after it, as much as tells what is meant."""

from __future__ import annotations

from dataclasses import dataclass

from service.masking import Mask
from service.storage.note_excerpts import Excerpt

# Code points shown on each side, and read beyond that so that nothing to hide is cut in two.
SHOWN = 220
READ = SHOWN + 200


@dataclass(frozen=True, slots=True)
class QuoteInNote:
    """Masked pieces of a note, to be read one after the other.

    `more_before` and `more_after` say whether the note goes on beyond them.
    """

    before: str
    quote: str
    after: str
    more_before: bool
    more_after: bool


def quote_in_note(excerpt: Excerpt | None, quote: str, mask: Mask) -> QuoteInNote:
    """The quote with what is around it; alone where its note no longer says it there.

    Each piece is masked by itself, as the quote always is. Where that hides less than masking
    them together, a number runs over the seam, and that side is not shown.
    """
    if excerpt is None or excerpt.text[excerpt.start : excerpt.end] != quote:
        return QuoteInNote("", mask(quote), "", False, False)
    before, after = excerpt.text[: excerpt.start], excerpt.text[excerpt.end :]
    left = _last_words(before, whole=excerpt.from_start)
    right = _first_words(after, whole=excerpt.to_end)
    unseen_left, unseen_right = before[: len(before) - len(left)], after[len(right) :]
    if not _hides_as_much(mask, unseen_left, left, quote, right, unseen_right):
        if not _hides_as_much(mask, unseen_left, left, quote):
            left, unseen_left = "", before
        if left or not _hides_as_much(mask, quote, right, unseen_right):
            right, unseen_right = "", after
    return QuoteInNote(
        before=mask(left).lstrip(),
        quote=mask(quote),
        after=mask(right).rstrip(),
        more_before=bool(unseen_left.strip()) or not excerpt.from_start,
        more_after=bool(unseen_right.strip()) or not excerpt.to_end,
    )


def _hides_as_much(mask: Mask, *pieces: str) -> bool:
    return "".join(map(mask, pieces)) == mask("".join(pieces))


def _last_words(text: str, *, whole: bool) -> str:
    if whole and len(text) <= SHOWN:
        return text
    cut = text[-SHOWN:]
    words = cut.split(maxsplit=1)
    return words[1] if len(words) == 2 else cut


def _first_words(text: str, *, whole: bool) -> str:
    if whole and len(text) <= SHOWN:
        return text
    cut = text[:SHOWN]
    words = cut.rsplit(maxsplit=1)
    return words[0] if len(words) == 2 else cut
