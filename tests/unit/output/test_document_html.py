"""Pages: every part is there, in order, and every text is text."""

from __future__ import annotations

import base64
from html.parser import HTMLParser

import pytest

from simulator.output.document import (
    Bullets,
    Document,
    Marked,
    Paragraph,
    Picture,
    Section,
    Table,
    listed,
    say,
)
from simulator.output.document_html import block_html, section_html, to_html
from tests.unit.output.made_run import HOSTILE

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


class _Parts(HTMLParser):
    """Tags with their attributes, and all text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def parts(html: str) -> _Parts:
    found = _Parts()
    found.feed(html)
    found.close()
    return found


def everywhere(text: str) -> Document:
    """Return a document with a text wherever one can stand."""
    table = Table(text, (text, "n"), ((text, "1"), (text, "2")), number=("n",), group=text)
    inner = Section(text, (say(text, Marked("gap", text)), listed([text]), table))
    picture = Picture("name", SVG, text)
    return Document(text, (Section(text, (inner, picture)),), text, {text: text}, (text,))


def test_hostile_text_is_shown_as_text_everywhere() -> None:
    html = to_html(everywhere(HOSTILE))
    plain, odd = parts(to_html(everywhere("plain"))), parts(html)
    ours = [tag for tag in odd.tags if tag != "bdi"]  # right-to-left text is put in a box
    assert ours == plain.tags
    assert odd.tags.count("bdi") > 10
    assert "script" not in odd.tags
    assert "\u202e" not in html
    shown = HOSTILE.replace("\u202e", "⟨U+202E⟩").replace("\u202c", "⟨U+202C⟩")
    assert odd.text.count(shown) >= 13
    assert {d.get("alt") for tag, d in odd.found if tag == "img"} == {shown}


def test_nothing_is_fetched() -> None:
    found = parts(to_html(everywhere(HOSTILE)))
    for tag, attributes in found.found:
        assert "style" not in attributes, tag
        for name in ("src", "href"):
            assert (attributes.get(name) or "#").startswith(("data:", "#")), (tag, attributes)
    assert "url(" not in found.text
    assert "@import" not in found.text
    policy = next(d for t, d in found.found if t == "meta" and "http-equiv" in d)
    assert "default-src 'none'" in str(policy["content"])


def test_parts_stand_in_order_with_headings_one_deeper_each() -> None:
    inner = Section("inner", (say("b"),))
    html = to_html(
        Document("Title", (Section("First", (say("a"), inner)), Section("Second", (say("c"),))))
    )
    found = parts(html)
    assert [tag for tag in found.tags if tag[0] == "h" and tag[1:].isdigit()] == [
        "h1", "h2", "h3", "h2",
    ]  # fmt: skip
    assert [tag for tag in found.tags if tag in ("header", "main", "nav")] == ["header", "main"]
    assert ("html", {"lang": "en"}) in found.found
    assert 'class="notice"' not in html
    assert "<dl>" not in html


def test_many_sections_have_a_list_of_contents() -> None:
    html = to_html(Document("T", tuple(Section(f"s{k}", (say("x"),)) for k in range(4))))
    found = parts(html)
    links = [d["href"] for tag, d in found.found if tag == "a"]
    ids = [d["id"] for tag, d in found.found if "id" in d]
    assert links == [f"#{one}" for one in ids] == [f"#part-{k}" for k in range(1, 5)]


def test_marks_are_marked_in_sentences_and_cells() -> None:
    html = block_html(say("unit: ", Marked("assumed", "mouse"), "."))
    assert html == '<p>unit: <mark class="assumed">ASSUMED: mouse</mark>.</p>'
    gap = block_html(say(Marked("gap", "severity")))
    assert gap == '<p><mark class="gap">[TO BE WRITTEN: severity]</mark></p>'
    cell = block_html(Table("t", ("a", "b"), (("x", "ASSUMED"),)))
    assert '<td><mark class="assumed">ASSUMED</mark></td>' in cell


def test_a_table_names_its_columns_and_rows() -> None:
    table = Table("Sizes", ("arm", "", "n"), (("a", "x", "3"), ("", "y\nz", "4")), number=("n",))
    html = block_html(table)
    found = parts(html)
    box = found.found[0][1]
    assert (box["role"], box["tabindex"], box["aria-label"]) == ("group", "0", "Sizes")
    assert "<caption><span>Sizes</span></caption>" in html
    assert '<th scope="col">arm</th><td></td><th scope="col" class="number">n</th>' in html
    assert '<th scope="row">a</th><td>x</td><td class="number">3</td>' in html
    assert "<td></td><td>y\nz</td>" in html


def test_a_small_column_may_break_after_dots_and_keeps_its_text() -> None:
    table = Table("t", ("what", "path"), (("a.b", "truth.afc.sd_ln"),), small=("path",))
    html = block_html(table)
    assert '<th scope="col" class="small">path</th>' in html
    assert '<td class="small">truth.<wbr>afc.<wbr>sd_<wbr>ln</td>' in html
    assert '<th scope="row">a.b</th>' in html
    assert "truth.afc.sd_ln" in parts(html).text


def test_what_may_scroll_has_a_hint_that_is_not_read_aloud() -> None:
    for block in (Table("t", ("a",), (("x",),)), Picture("p", SVG, "power")):
        hints = [d for tag, d in parts(block_html(block)).found if d.get("class") == "hint"]
        assert hints == [{"class": "hint", "aria-hidden": "true"}]


def test_a_line_begins_a_group_of_rows() -> None:
    table = Table("t", ("g", "v"), (("a", "1"), ("a", "2"), ("b", "3")), group="g")
    assert block_html(table).count('<tr class="first">') == 1


def test_a_picture_is_an_image_of_its_own_with_its_caption_as_text() -> None:
    html = block_html(Picture("curve", SVG, 'power 0.8 at "n" = 8'))
    found = dict(parts(html).found)
    data = str(found["img"]["src"]).removeprefix("data:image/svg+xml;base64,")
    assert base64.b64decode(data).decode() == SVG
    assert found["img"]["alt"] == 'power 0.8 at "n" = 8'
    assert found["figcaption"] == {"aria-hidden": "true"}


def test_an_empty_list_is_nothing() -> None:
    assert block_html(Bullets(())) == ""


def test_headings_are_at_most_six_deep() -> None:
    section = Section("deepest", (say("x"),))
    for k in range(8):
        section = Section(f"{k}", (section,))
    assert "<h7" not in section_html(section)
    assert section_html(section).count("<h6>") == 5


def test_a_ragged_table_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        block_html(Table("t", ("a", "b"), (("x",),)))


def test_a_walk_sees_every_part_with_its_level() -> None:
    inner = Section("inner", (say("b"), Section("deep", ())))
    document = Document("T", (Section("one", (say("a"), inner, say("c"))), Section("two", ())))
    told = [
        (level, one.heading if isinstance(one, Section) else one.text)
        for level, one in document.walk()
        if isinstance(one, Section | Paragraph)
    ]
    assert told == [
        (1, "one"), (1, "a"), (2, "inner"), (2, "b"), (3, "deep"), (1, "c"), (1, "two"),
    ]  # fmt: skip
