"""Markdown: it reads well, and a text in it is never markup."""

from __future__ import annotations

import pytest

from simulator.output.document import (
    Document,
    Marked,
    Paragraph,
    Picture,
    Section,
    Table,
    listed,
    say,
)
from simulator.output.markdown import to_markdown
from tests.unit.output.made_run import HOSTILE


def body(*blocks: object) -> str:
    text = to_markdown(Document("T", (Section("S", blocks),)))  # type: ignore[arg-type]
    head, _, rest = text.partition("## S\n\n")
    assert head == "# T\n\n"
    return rest.rstrip("\n")


def test_a_document_is_headings_facts_lists_and_tables() -> None:
    table = Table("Sizes", ("arm", "n"), (("a\nb", "3"), ("c|d", "")), number=("n",))
    document = Document(
        "Title",
        (Section("One", (say("text"), listed(["a", "b"]), Section("Two", (table,)))),),
        subtitle="sub",
        facts={"seed": "1"},
        notice=("8 mice",),
    )
    assert to_markdown(document) == (
        "# Title\n\nsub\n\n> **8 mice**\n\n- seed: 1\n\n## One\n\ntext\n\n- a\n- b\n\n### Two\n\n"
        "**Sizes**\n\n| arm | n |\n| --- | ---: |\n| a<br>b | 3 |\n| c\\|d |   |\n"
    )


@pytest.mark.parametrize(
    "text",
    ["0.84 [0.83, 0.85]", "p < 0.05 and n > 3", "sd_ln and afc-im-10", "R & D", "1. e. 5 %",
     "a - b", "(see b)", "x = 1 # no heading", "100 µL/kg (35 µg/kg)"],
)  # fmt: skip
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert body(say(f"so {text}")) == f"so {text}"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("# h", "\\# h"),
        ("- item", "\\- item"),
        ("12. item", "12\\. item"),
        ("> quoted", "\\> quoted"),
        ("=== ", "\\=== "),
        ("<script>", "\\<script>"),
        ("</p>", "\\</p>"),
        ("*a* _b_ `c` ~d~", "\\*a\\* \\_b\\_ \\`c\\` \\~d\\~"),
        ("[a](http://b)", "[a\\](http://b)"),
        ("[a]: http://b", "[a\\]: http://b"),
        ("![a](b)", "![a\\](b)"),
        ("&lt;b&gt; &#60;", "\\&lt;b\\&gt; \\&#60;"),
        ("$\\alpha$", "\\$\\\\alpha\\$"),
        ("a\n# b\n\n- c", "a # b - c"),
        ("    code", "code"),
        ("\u202eabc", "⟨U+202E⟩abc"),
    ],
)
def test_what_would_be_markup_is_escaped(text: str, written: str) -> None:
    assert body(say(text)) == written


def test_marked_pieces_are_bold() -> None:
    told = Paragraph(("unit: ", Marked("assumed", "mouse"), "; ", Marked("gap", "severity"), "."))
    assert body(told) == "unit: **ASSUMED: mouse**; **[TO BE WRITTEN: severity]**."


def test_text_of_several_pieces_is_escaped_as_one() -> None:
    assert body(say("[a]", "(http://b)")) == "[a\\](http://b)"


def test_a_table_keeps_its_cells_whatever_is_in_them() -> None:
    lines = body(Table(HOSTILE, ("a", HOSTILE), ((HOSTILE, "x"),))).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert [row.replace("\\|", "").count("|") for row in rows] == [3, 3, 3]
    assert not any("<script" in line.replace("\\<script", "") for line in lines)


def test_a_picture_is_its_file_or_its_caption() -> None:
    document = Document("T", (Section("S", (Picture("curve", "<svg/>", "power 0.8"),)),))
    linked = to_markdown(document, figures={"curve": "figures/curve.svg"})
    assert linked.endswith("![curve](figures/curve.svg)\n\n*power 0.8*\n")
    assert to_markdown(document).endswith("## S\n\n*power 0.8*\n")
