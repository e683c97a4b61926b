"""Tables of an audit in windows of any width: no word is broken, and narrow ones hold them."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from simulator.cli.audit_table import fits, show_fitting
from simulator.cli.audit_view import show_audit
from simulator.scenario_files import read_scenario
from tests.unit.output.audit_fakes import audit

STUDY = "secretome-healthy-mice"


def _shown(width: int) -> list[str]:
    """Return the lines of an audit with wide numbers, as they are seen in a window."""
    found = audit(STUDY, wrong=True)
    lines = tuple(
        replace(line, value=type(line.value)(-1.234e-5, 6.789e-6))  # type: ignore[arg-type]
        if line.measure == "bias"
        else line
        for line in found.lines
    )
    stream = io.StringIO()
    screen = Console(file=stream, width=width, markup=False, highlight=False, emoji=False)
    found = replace(found, lines=lines, estimand="difference_of_means")
    show_audit(found, read_scenario(STUDY), screen)
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 100, 120])
def test_a_narrow_window_holds_the_tables_with_every_word_whole(width: int) -> None:
    lines = _shown(width)
    assert max(map(len, lines)) <= width
    known = set(" ".join(_shown(400)).split())
    table = lines[next(k for k, line in enumerate(lines) if "verdicts" in line) :]
    found = set(" ".join(table).split())
    assert {word for word in found - known if re.search("[a-z]", word)} == set()


def test_in_a_narrow_window_intervals_stand_under_their_numbers() -> None:
    text = "\n".join(_shown(80))
    assert re.search(r"^bias +-1.23e-05 +\S+ +30 pass *\n +afc: .* \[-2.56e-05, ", text, re.M)
    assert "[0.232, 0.356]" in text
    wide = "\n".join(_shown(200))
    assert re.search(r"^bias +afc: .* -1.23e-05 \[-2.56e-05, ", wide, re.M)


def test_what_is_too_wide_for_any_window_runs_on() -> None:
    stream = io.StringIO()
    screen = Console(file=stream, width=20, markup=False, highlight=False, emoji=False)
    columns = ("", "value [95 % CI]")
    show_fitting(columns, [("x" * 30, "1 [0, 2]")], screen, whole=columns)
    assert "x" * 30 in stream.getvalue()


@pytest.mark.parametrize(
    ("width", "words", "expected"),
    [
        (20, "four four four", True),  # 4 + 2 + 14
        (11, "four four four", True),
        (9, "four four four", False),
        (11, "elevenwords", False),
    ],
)
def test_a_table_fits_where_every_word_does(width: int, words: str, expected: bool) -> None:
    assert fits(("id", "note"), [("1234", words)], width, whole=("id",)) is expected
