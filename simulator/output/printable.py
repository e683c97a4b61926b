"""Pages to be printed: one HTML file that needs nothing else, on A4."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from html import escape

_STYLE = """
@page { size: A4; margin: 14mm 13mm 16mm;
  @bottom-right { content: "page " counter(page) " of " counter(pages); font-size: 8pt; }
  @bottom-left { content: string(sheet); font-size: 8pt; } }
* { box-sizing: border-box; }
html { background: #e8e8e8; }
body { font: 10pt/1.35 "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; color: #222;
  background: #fff; max-width: 186mm; margin: 8mm auto; padding: 10mm; }
header { border-bottom: 1.5pt solid #222; padding-bottom: 3mm; margin-bottom: 4mm; }
h1 { font-size: 17pt; margin: 0 0 2mm; string-set: sheet content(); }
h2 { font-size: 12pt; margin: 6mm 0 2mm; break-after: avoid; }
h3 { font-size: 10pt; margin: 4mm 0 1mm; break-after: avoid; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .6mm 4mm; margin: 0; }
dt { color: #666; }
dd { margin: 0; overflow-wrap: anywhere; }
p, li { margin: 1mm 0; }
ul { margin: 1mm 0; padding-left: 5mm; }
.banner { border: 1.5pt solid #222; padding: 2mm 3mm; margin: 0 0 4mm; font-weight: bold;
  text-align: center; letter-spacing: .02em; }
.rehearsal { border-style: dashed; }
section.new-page { break-before: page; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th { text-align: left; vertical-align: bottom; font-size: 8.5pt; border-bottom: 1pt solid #222;
  padding: 1mm 2mm; }
td { border-bottom: .4pt solid #bbb; padding: 1.1mm 2mm; vertical-align: top; }
th.number, td.number { text-align: right; white-space: nowrap; }
td.number + td.code, th.number + th.code { padding-left: 5mm; }
th.code, td.code { font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-weight: bold;
  white-space: nowrap; }
th.box, td.box { text-align: center; width: 9mm; padding: 1mm .5mm; }
td.box::after { content: ""; display: inline-block; width: 3.6mm; height: 3.6mm;
  border: .8pt solid #222; }
tr.first td { border-top: .9pt solid #777; }
footer { margin-top: 8mm; break-inside: avoid; }
figure { margin: 3mm 0; break-inside: avoid; }
figure img { max-width: 100%; }
figcaption { color: #444; }
td.good { background: #e3f1ea; }
td.bad { background: #f8dccb; font-weight: bold; }
td.open { background: #f5efcf; }
.line { display: inline-block; border-bottom: .6pt solid #222; width: 45mm; }
@media print { html { background: none; } body { margin: 0; padding: 0; max-width: none; } }
"""


def page(
    title: str,
    *,
    facts: Mapping[str, str],
    body: Iterable[str],
    banners: Sequence[tuple[str, str]] = (),
    signed: bool = True,
) -> str:
    """Return a whole page.

    Parameters
    ----------
    facts : what stands in the head, by name.
    body : pieces of HTML, made by the functions of this module.
    banners : (class, text) of what nobody may overlook: "key" or "rehearsal".
    signed : whether it ends with a line for date and signature.
    """
    head = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts.items()
    )
    warnings = "".join(
        f'<div class="banner {kind}">{escape(text)}</div>\n' for kind, text in banners
    )
    footer = (
        '<footer>Date <span class="line"></span> &ensp; Name and signature '
        '<span class="line"></span></footer>\n'
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>{escape(title)}</h1>\n<dl>{head}</dl></header>\n{warnings}"
        + "\n".join(body)
        + f"\n{footer * signed}</body>\n</html>\n"
    )


def section(heading: str, *pieces: str, new_page: bool = False) -> str:
    """Return a part with a heading, on a page of its own if wanted."""
    kind = ' class="new-page"' if new_page else ""
    return f"<section{kind}>\n<h2>{escape(heading)}</h2>\n" + "\n".join(pieces) + "\n</section>"


def heading(text: str) -> str:
    """Return a heading within a section."""
    return f"<h3>{escape(text)}</h3>"


def paragraph(text: str) -> str:
    """Return a paragraph."""
    return f"<p>{escape(text)}</p>"


def bullets(texts: Sequence[str]) -> str:
    """Return a list, or nothing where there are no texts."""
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<ul>{items}</ul>" if items else ""


def picture(svg: str, *, sentence: str) -> str:
    """Return a figure with its caption, as an image of its own: no name in it can meet another."""
    data = b64encode(svg.encode("utf-8")).decode("ascii")
    return (
        f'<figure><img src="data:image/svg+xml;base64,{data}" alt="{escape(sentence)}">'
        f"<figcaption>{escape(sentence)}</figcaption></figure>"
    )


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    number: Sequence[str] = (),
    code: Sequence[str] = (),
    box: Sequence[str] = (),
    group: str | None = None,
    tone: Mapping[str, Mapping[str, str]] | None = None,
) -> str:
    """Return a table whose head is repeated on every printed page.

    Parameters
    ----------
    columns : their names.
    rows : cells in the order of the columns.
    number, code, box : columns set flush right; in the type of codes; as boxes to be ticked,
        whose cells are empty where they are "" and have no box where they are "-".
    group : column at whose every new value a heavier line is drawn.
    tone : "good", "bad" or "open" of a cell by its text, by column; for what the text says too.
    """
    kinds = {
        **dict.fromkeys(number, "number"),
        **dict.fromkeys(code, "code"),
        **dict.fromkeys(box, "box"),
    }

    def attribute(name: str, text: str = "") -> str:
        kind = kinds.get(name) or (tone or {}).get(name, {}).get(text)
        return f' class="{kind}"' if kind else ""

    head = "".join(f"<th{attribute(name)}>{escape(name)}</th>" for name in columns)
    lines, before = [], None
    for row in rows:
        value = row[columns.index(group)] if group is not None else None
        start = ' class="first"' if group is not None and value != before else ""
        before = value
        cells = "".join(
            f"<td{'' if text == '-' and name in box else attribute(name, text)}>{escape(text)}</td>"
            for name, text in zip(columns, row, strict=True)
        )
        lines.append(f"<tr{start}>{cells}</tr>")
    return (
        f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n"
        + "\n".join(lines)
        + ("\n</tbody>\n</table>")
    )
