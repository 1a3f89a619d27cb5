"""Signatures, disclaimers and what mail programs and CRMs add: lines that say nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from clustering.mail_thread import Line

_LONGEST = 400
_MOST_SIGNED = 6  # lines of a signature

_DASHES = re.compile(r"(?:--|__|—)$")
_DEVICE = re.compile(
    r"(?:Sent from (?:my|a|Mail for|Outlook|Yahoo|Proton|Samsung)\b|Get Outlook for\b"
    r"|Von meinem \w+ gesendet|Gesendet von (?:meinem|Mail)\b|Enviado (?:desde|do|a partir do)\b"
    r"|Envoyé de mon\b|Diese Nachricht wurde von meinem\b).{0,80}$",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"(?:(?:kind|best|warm(?:est)?|many|with(?: kind| best)?)\s)?"
    r"(?:regards|wishes|thanks|cheers|best|sincerely"
    r"|yours(?: (?:sincerely|truly|faithfully))?|thank you|thx|rgds|br|kr)"
    r"|(?:mit )?(?:freundlichen|besten|herzlichen|viele|liebe|beste)n? grü(?:ß|ss)en?|mfg|vg|lg"
    r"|(?:un )?(?:cordial )?saludos?(?: cordiales)?|atentamente|abrazos?|(?:um )?abraço"
    r"|atenciosamente|cumprimentos|cordialement",
    re.IGNORECASE,
)
_PHONE_LINE = re.compile(
    r"(?:(?:tel(?:efon|éfono|efone)?|phone|mobile?|mobil|cell|direct|office|fax|móvil|[mtpfcd])\b"
    r"\.?[ ]?[:|]?[ ]?)?\+?[\d(][\d ().\-/]{6,24}(?:[ ]?(?:ext|x|-)\.?[ ]?\d{1,5})?$",
    re.IGNORECASE,
)
_CONTACT_LINE = re.compile(
    r"(?:e-?mail|web(?:site)?|www|linkedin|skype|[ew])\b[ ]?[:|][ ]?\S{3,120}$", re.IGNORECASE
)
_DISCLAIMER = re.compile(
    r"(?:confidentiality (?:notice|note)|disclaimer|legal notice|privileged and confidential)\b"
    r"|(?:this|the information (?:contained )?in this|the contents? of this)"
    r" (?:e-?mail|message|communication|transmission)\b.{0,160}"
    r"\b(?:confidential|intended (?:only|solely|for)|privileged)"
    r"|if you (?:are not the intended recipient|have received this (?:e-?mail|message) in error)"
    r"|diese e-?mail (?:enthält|und).{0,120}vertraulich"
    r"|est[ea] (?:correo|mensaje|mensagem|e-?mail)\b.{0,120}confidencia"
    r"|please consider the environment before printing|think before you print"
    r"|(?:caution|warning|external(?: e-?mail)?)[ ]?[:!-].{0,80}"
    r"(?:outside (?:of )?(?:the|your|our)|external (?:sender|source))"
    r"|this (?:e-?mail|message) (?:was sent|originated|came) from outside",
    re.IGNORECASE,
)
_BOILERPLATE = re.compile(
    r"\[?external(?: (?:e-?mail|sender))?\]?$|(?:e-?mail|call|meeting|activity) (?:was )?logged"
    r" (?:by|via|from|automatically)\b.{0,120}$|logged (?:automatically )?(?:by|via|from)"
    r" (?:hubspot|salesforce|gainsight|churnzero|outreach|gong|salesloft|zendesk|intercom)\b"
    r".{0,120}$"
    r"|(?:unsubscribe|view (?:this )?(?:e-?mail )?(?:in|online)|manage (?:your )?preferences)\b"
    r".{0,60}$|join (?:zoom meeting|(?:on|with) google meet|microsoft teams meeting|the meeting)"
    r"\b.{0,120}$|join (?:on|from) your (?:computer|phone)\b.{0,120}$|microsoft teams meeting$"
    r"|(?:meeting id|passcode|one tap mobile|dial by your location|phone conference id)[ ]?:"
    r".{0,80}$"
    r"|(?:\[cid:[^\]]{1,200}\]|\[image: [^\]]{1,200}\])$|_{10,}$|-{10,}$|={10,}$|\*{10,}$",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"p\.?\s?p?\.?\s?s\b", re.IGNORECASE)
_BULLET = ("-", "*", "•", "–", "·")


def mark_furniture(lines: Sequence[Line]) -> None:
    """Mark signatures, disclaimers and boilerplate as furniture."""
    at = 0
    while at < len(lines):
        at = _after(lines, at)


def _after(lines: Sequence[Line], at: int) -> int:
    """Mark what begins at this line; returns the line to go on with."""
    shown = lines[at].shown
    if not shown:
        return at + 1
    if _DASHES.match(shown):
        # Whatever follows the dashes of RFC 3676 is the signature, up to a blank line or a mail.
        return _mark(lines, at, at + 1 + _signed(lines, at + 1, strict=False))
    if _is_sign_off(shown):
        return _mark(lines, at, at + 1 + _signed(lines, at + 1, strict=True))
    if len(shown) <= _LONGEST and _says_nothing(shown):
        return _mark(lines, at, at + 1)
    if _DISCLAIMER.match(shown[:_LONGEST]):
        end = at + 1
        while end < len(lines) and lines[end].shown and not lines[end].furniture:
            end += 1
        return _mark(lines, at, end)
    return at + 1


def _says_nothing(shown: str) -> bool:
    patterns = (_DEVICE, _PHONE_LINE, _CONTACT_LINE, _BOILERPLATE)
    return any(pattern.match(shown) for pattern in patterns)


def _is_sign_off(shown: str) -> bool:
    return len(shown) <= 40 and _SIGN_OFF.fullmatch(shown.rstrip(" ,.!-")) is not None


def _signed(lines: Sequence[Line], at: int, *, strict: bool) -> int:
    """How many lines of a signature follow: short ones; with `strict` no sentences."""
    count = 0
    for line in lines[at : at + _MOST_SIGNED]:
        blank_before_name = strict and count == 0 and not line.shown
        if blank_before_name:
            count += 1
            continue
        if not line.shown or line.furniture or line.quoted or len(line.shown) > 120:
            break
        if strict and not _is_signature_line(line.shown):
            break
        count += 1
    return count


def _is_signature_line(shown: str) -> bool:
    if len(shown) > 60 or shown[-1] in ".?!:;" or shown.startswith(_BULLET):
        return _says_nothing(shown)
    return len(shown.split()) <= 8 and not _POSTSCRIPT.match(shown) and not shown[0].islower()


def _mark(lines: Sequence[Line], start: int, end: int) -> int:
    for line in lines[start:end]:
        line.furniture = True
    return end
