"""National ids and bank accounts in running text: by shape, then by their check digits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

Span = tuple[int, int]
Check = Callable[[str], bool]

_BEFORE, _AFTER = r"(?<![\w.$€£#/-])", r"(?![\w/-])(?!\.\d)"
# The kind of number named right before it: then no check digit is asked for.
_NAMED = re.compile(
    r"\b(?:SSN|NIF|NIE|DNI|CPF|BSN|SIN|NINO|PESEL|CURP|AHV|(?i:social security|national insurance"
    r"|national id|passport|pasaporte|passaporte|personalausweis|steuer-?id(?:nr)?|tax id"
    r"|codice fiscale|personnummer|aadhaar|id card|driving licen[cs]e|driver'?s licen[cs]e"
    r"|sozialversicherungsnummer))\b(?i:[ ]?(?:no|nr|number|num|nummer|número))?\.?[ ]?"
    r"(?:[:#]|is|es|ist)?[ ]?(?P<number>[A-Z]{0,3}[ ]?\d(?:[ .-]?[A-Z\d]){5,17})" + _AFTER
)
_IBAN = re.compile(_BEFORE + r"[A-Z]{2}\d{2}(?:[ ]?[A-Z\d]{4}){2,7}(?:[ ]?[A-Z\d]{1,3})?" + _AFTER)


def id_spans(text: str) -> list[Span]:
    """Where the ids stand, in order, not overlapping."""
    found = sorted({*_named(text), *_ibans(text), *_checked(text)})
    kept: list[Span] = []
    for start, end in found:
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _named(text: str) -> Iterator[Span]:
    for match in _NAMED.finditer(text):
        if sum(char.isdigit() for char in match["number"]) >= 5:
            yield match.span("number")


def _ibans(text: str) -> Iterator[Span]:
    for match in _IBAN.finditer(text):
        shown = match.group()
        # A word in capitals right behind it may have been taken along.
        while shown and not _validators()["iban"](shown):
            shown = shown.rpartition(" ")[0]
        if shown:
            yield match.start(), match.start() + len(shown)


def _checked(text: str) -> Iterator[Span]:
    checks = _validators()
    for match in _SHAPES.finditer(text):
        if checks[match.lastgroup or ""](match.group()):
            yield match.span()


_SHAPES = re.compile(
    _BEFORE
    + r"(?:(?P<ssn>\d{3}-\d{2}-\d{4})"
    + r"|(?P<cpf>\d{3}\.\d{3}\.\d{3}-\d{2})"
    + r"|(?P<sin>\d{3}-\d{3}-\d{3})"
    + r"|(?P<nir>[12][ ]?\d{2}[ ]?\d{2}[ ]?\d[\dAB][ ]?\d{3}[ ]?\d{3}[ ]?\d{2})"
    + r"|(?P<aadhaar>\d{4}[ ]\d{4}[ ]\d{4})"
    + r"|(?P<dni>\d{8}-?[A-Z])|(?P<nie>[XYZ]-?\d{7}-?[A-Z])"
    + r"|(?P<codice>[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z])"
    + r"|(?P<curp>[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z\d]\d)"
    + r"|(?P<nino>[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ ]?\d{2}[ ]?\d{2}[ ]?\d{2}[ ]?[A-D]))"
    + _AFTER
)


@cache
def _validators() -> dict[str, Check]:
    # On first use: the package reads tables of prefixes.
    from stdnum import iban
    from stdnum.br import cpf
    from stdnum.ca import sin
    from stdnum.es import dni, nie
    from stdnum.fr import nir
    from stdnum.in_ import aadhaar
    from stdnum.it import codicefiscale
    from stdnum.mx import curp
    from stdnum.us import ssn

    return {
        "iban": iban.is_valid,
        "ssn": ssn.is_valid,
        "cpf": cpf.is_valid,
        "sin": sin.is_valid,
        "nir": nir.is_valid,
        "aadhaar": aadhaar.is_valid,
        "dni": dni.is_valid,
        "nie": nie.is_valid,
        "codice": codicefiscale.is_valid,
        "curp": curp.is_valid,
        # It has no check digit; its shape is rare enough.
        "nino": lambda shown: True,
    }
