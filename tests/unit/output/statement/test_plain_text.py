"""The statement as plain text and as data: nothing is lost, nothing steers a terminal."""

from __future__ import annotations

import json

from simulator.output.document import (
    Document,
    Marked,
    Picture,
    Section,
    Table,
    listed,
    say,
)
from simulator.output.json_text import to_json
from simulator.output.statement.plain_text import to_data, to_text

PAGE = Document(
    title="How many?",
    subtitle="mice",
    facts={"Seed": "7"},
    notice=("Nothing is claimed.",),
    sections=(
        Section(
            "2a Numbers",
            (
                say("n = ", Marked("assumed", "8"), " and ", Marked("gap", "who"), "."),
                listed(["one", say("two ", Marked("gap", "three"))]),
                Section(
                    "inner",
                    (
                        Table("sizes", ("group", "mice"), (("a", "8"), ("b", "12")), ("mice",)),
                        Picture("curve", "<svg/>", "It rises."),
                    ),
                ),
            ),
        ),
    ),
)
TEXT = """\
HOW MANY?

mice

! Nothing is claimed.

Seed: 7

2a Numbers
==========

n = [ASSUMED: 8] and [TO BE WRITTEN: who].

- one
- two [TO BE WRITTEN: three]

inner
-----

sizes
group  mice
a         8
b        12

It rises.
"""


def test_plain_text_is_the_document() -> None:
    assert to_text(PAGE) == TEXT


def test_a_table_that_is_too_wide_is_told_row_by_row() -> None:
    wide = Table("caption", ("name", "value"), (("x" * 60, "y" * 60),))
    assert to_text(Document("t", (Section("s", (wide,)),))).endswith(
        f"caption\n- name: {'x' * 60}; value:\n  {'y' * 60}\n"
    )


def test_nothing_steers_the_terminal_or_breaks_a_line() -> None:
    bad = "\x1b[2J\u202egnp.exe\x07\r\nnext"
    text = to_text(
        Document(bad, (Section(bad, (say(bad), Table(bad, (bad,), ((bad,),)))),), subtitle=bad)
    )
    assert not any(character in text for character in "\x1b\u202e\x07\r")
    assert text.count("⟨U+001B⟩") >= 5


def test_a_long_word_stays_whole() -> None:
    assert "w" * 5000 in to_text(Document("t", (Section("s", (say("w" * 5000),)),)))


def test_data_keeps_marks_apart() -> None:
    data = json.loads(to_json(to_data(PAGE)))
    assert data["title"] == "How many?"
    assert data["notice"] == ["Nothing is claimed."]
    (section,) = data["sections"]
    assert section["heading"] == "2a Numbers"
    paragraph, bullets, inner = section["blocks"]
    assert paragraph == {"paragraph": ["n = ", {"assumed": "8"}, " and ", {"gap": "who"}, "."]}
    assert bullets == {"list": [["one"], ["two ", {"gap": "three"}]]}
    assert inner["blocks"] == [
        {"table": "sizes", "rows": [{"group": "a", "mice": "8"}, {"group": "b", "mice": "12"}]},
        {"picture": "curve", "caption": "It rises."},
    ]
