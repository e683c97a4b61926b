"""What would steer a page is written out; everything else is left as it is."""

from __future__ import annotations

import pytest

from simulator.output.visible_text import runs_right_to_left, visible


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "two\nlines\tand a tab",
        "µg/kg ≥ 3×10⁵",
        "שלום",
        "سلام",
        "🐁👩‍🔬🏳️‍🌈",
        "a\u200fb",
        "<b>&amp;",
    ],
)
def test_letters_signs_marks_and_emoji_stay(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize("code", [*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
def test_what_turns_the_direction_is_written_out(code: int) -> None:
    assert visible(f"a{chr(code)}b") == f"a⟨U+{code:04X}⟩b"


@pytest.mark.parametrize("code", [0x0, 0x1B, 0x7F, 0x9B, 0xD800, 0xFDD0, 0xFFFF, 0x1FFFE])
def test_what_no_file_may_hold_is_written_out(code: int) -> None:
    assert visible(chr(code)) == f"⟨U+{code:04X}⟩"
    visible(chr(code)).encode("utf-8")


@pytest.mark.parametrize("end", ["\r\n", "\r", "\u2028", "\u2029", "\u0085", "\n"])
def test_every_line_break_is_one(end: str) -> None:
    assert visible(f"a{end}b") == "a\nb"


def test_right_to_left_text_is_known() -> None:
    assert runs_right_to_left("a שלום")
    assert runs_right_to_left("سلام")
    assert not runs_right_to_left("µg 🐁")
