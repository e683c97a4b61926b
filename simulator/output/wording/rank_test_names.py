"""What the tests of two arms are called in print."""

from __future__ import annotations

from typing import Final

TEST_NAMES: Final = {
    "mann_whitney": "Mann-Whitney U",
    "brunner_munzel": "Brunner-Munzel",
    "permutation": "studentised permutation",
}
