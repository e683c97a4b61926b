"""Text from a scenario as it is shown: what would steer the page is written out."""

from __future__ import annotations

import unicodedata
from typing import Final

#: They turn the direction of everything that follows, also of text that is not theirs.
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})
#: Lines end with them in some programs, and not in others.
_BREAKS: Final = str.maketrans({"\r": "\n", "\u2028": "\n", "\u2029": "\n", "\u0085": "\n"})


def visible(text: str) -> str:
    """Return a text whose control characters stand as ``⟨U+202E⟩``; line breaks and tabs stay.

    Written out are the characters that turn the direction of writing (Unicode's embeddings,
    overrides and isolates), those that no page or file may hold (controls, lone surrogates,
    noncharacters), and none that are letters, signs, marks or emoji.
    """
    if text.isascii() and text.isprintable():
        return text
    whole = text.replace("\r\n", "\n").translate(_BREAKS)
    return "".join(f"⟨U+{ord(c):04X}⟩" if _steers(c) else c for c in whole)


def runs_right_to_left(text: str) -> bool:
    """Return whether something in a text is written from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(c) in _RIGHT_TO_LEFT for c in text)


def _steers(character: str) -> bool:
    if character in "\n\t":
        return False
    code = ord(character)
    never = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF  # Unicode's noncharacters
    return never or character in _TURNING or unicodedata.category(character) in ("Cc", "Cs")
