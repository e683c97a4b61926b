"""Codes that tell nothing: labels of animals, letters of syringes.

The alphabet has no vowels (no words) and none of the characters that look alike on a tail or a
tube: 0 O, 1 I L, 2 Z, 5 S, 8 B, U V, Q. The last character of a label is a check: any two labels
differ in two places at least, so one character misread never names another animal.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

_LETTERS = "CDFGHJKMNPRTWXY"
_ALPHABET = _LETTERS + "34679"
#: Characters of the shortest label.
_SHORTEST = 3


def draw_labels(
    generator: np.random.Generator, count: int, *, taken: Collection[str] = ()
) -> tuple[str, ...]:
    """Return ``count`` different labels in random order; a letter first, so none is a number.

    Parameters
    ----------
    taken : words that may not be a label, whatever their case.
    """
    forbidden = {word.upper() for word in taken}
    length = _SHORTEST
    # twice as many as needed: that a label is missing tells nobody anything
    while _possible(length) < 2 * count + len(forbidden):
        length += 1
    numbers = generator.permutation(_possible(length))
    labels = (_label(int(number), length) for number in numbers)
    allowed = (label for label in labels if label not in forbidden)
    return tuple(label for label, _ in zip(allowed, range(count), strict=False))


def _possible(length: int) -> int:
    return int(len(_LETTERS) * len(_ALPHABET) ** (length - 2))


def _label(number: int, length: int) -> str:
    number, first = divmod(number, len(_LETTERS))
    digits = [first]
    for _ in range(length - 2):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(digit)
    digits.append(sum(digits) % len(_ALPHABET))
    return "".join(_ALPHABET[digit] for digit in digits)


def draw_letters(
    generator: np.random.Generator, count: int, *, taken: Collection[str] = ()
) -> tuple[str, ...]:
    """Return ``count`` different codes of one letter, of more where one does not suffice.

    Parameters
    ----------
    taken : words that may not be a code, whatever their case: an arm called "C" beside a syringe
        "C" of another arm would be an accident.
    """
    forbidden = {word.upper() for word in taken}
    codes = list(_LETTERS)
    while len([code for code in codes if code not in forbidden]) < count:
        codes = [code + letter for code in codes for letter in _LETTERS]
    allowed = [code for code in codes if code not in forbidden]
    return tuple(allowed[place] for place in generator.permutation(len(allowed))[:count])
