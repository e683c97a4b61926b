"""How a written answer looks: on a screen of any width, and in print."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
@page { size: A4; margin: 15mm 14mm 17mm; }
* { box-sizing: border-box; }
html { background: #ececec; -webkit-text-size-adjust: 100%; }
body { font: 16px/1.5 "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; color: #222;
  background: #fff; max-width: 56rem; margin: 0 auto;
  padding: 1.6rem clamp(.9rem, 4vw, 2.6rem) 3rem; overflow-wrap: break-word; }
h1, h2, h3, h4 { line-height: 1.25; break-after: avoid; overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; margin: 0 0 .4rem; }
h2 { font-size: 1.3rem; margin: 2.4rem 0 .6rem; padding-top: .5rem; border-top: 1px solid #767676; }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
h4 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
p, li, dd, figcaption { overflow-wrap: anywhere; }
p { margin: .5rem 0; max-width: 46rem; }
ul { margin: .5rem 0; padding-left: 1.3rem; max-width: 46rem; }
li { margin: .25rem 0; }
a { color: #00558c; }
:focus-visible { outline: 3px solid #0072b2; outline-offset: 2px; }
.subtitle { font-size: 1.1rem; margin: 0 0 .8rem; color: #444; }
.notice { border: 2px solid #222; border-left-width: .6rem; padding: .7rem 1rem; margin: 1rem 0; }
.notice p { font-size: 1.2rem; line-height: 1.4; font-weight: bold; margin: .3rem 0; }
.notice p + p { font-size: 1rem; font-weight: normal; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.2rem; margin: .8rem 0;
  font-size: .92rem; }
dt { color: #5a5a5a; }
dd { margin: 0; }
nav { margin: 1.4rem 0 0; font-size: .92rem; }
nav ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap;
  gap: .1rem 1.1rem; max-width: none; }
nav a { display: inline-block; padding: .1rem 0; line-height: 1.3; }
nav li { margin: .1rem 0; }
.scroll { overflow-x: auto; margin: .9rem 0; }
/* As wide as what is in it, and a page's text at least. */
.room { display: inline-block; min-width: 100%; vertical-align: top; }
/* High where the room is wider than the text of the page (the body less its padding), and else of
   no height: the hint is seen where something scrolls. */
.hint { display: block; position: sticky; left: 0; height: 0; overflow: hidden; width: 20.5rem;
  max-width: 92vw; box-sizing: content-box; background: #ececec; font-size: .8rem;
  padding: clamp(0px, calc((100% - 100vw + 1.8rem - 1px) * 999), 1.6rem) 0 0; }
@media (min-width: 22.5rem) { .hint {
  padding: clamp(0px, calc((100% - 92vw - 1px) * 999), 1.6rem) 0 0; } }
@media (min-width: 56rem) { .hint {
  padding: clamp(0px, calc((100% - 56rem + 8vw - 1px) * 999), 1.6rem) 0 0; } }
@media (min-width: 65rem) { .hint {
  padding: clamp(0px, calc((100% - 50.8rem - 1px) * 999), 1.6rem) 0 0; } }
.hint span { display: block; margin: -1.6rem 0 0; line-height: 1.6rem; padding: 0 .5rem;
  white-space: nowrap; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; line-height: 1.4;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; color: #444; padding: 0 0 .35rem; }
caption span { position: sticky; left: 0; display: inline-block;
  max-width: min(46rem, calc(100vw - 2rem)); font-weight: bold; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th { text-align: left; vertical-align: top; font-weight: normal; }
thead th { vertical-align: bottom; font-weight: bold; border-bottom: 2px solid #222; }
th, td { padding: .35rem .6rem .35rem 0; border-bottom: 1px solid #c9c9c9; white-space: pre-line; }
td { vertical-align: top; }
th:not(.long), td:not(.long) { white-space: pre; }
.long { min-width: 12rem; overflow-wrap: anywhere; }
.small { font-size: .78rem; color: #5a5a5a; }
td.small:not(.long) { white-space: pre-line; overflow-wrap: anywhere; min-width: 9rem; }
tr.first > * { border-top: 2px solid #767676; }
.number { text-align: right; padding-left: .6rem; }
.number + th, .number + td { padding-left: .8rem; }
figure { margin: 1rem 0; break-inside: avoid; }
figure .scroll { margin: 0; }
figure img { display: block; width: 100%; height: auto; }
figcaption { color: #444; font-size: .92rem; max-width: 46rem; margin-top: .3rem; }
mark { color: inherit; padding: 0 .2em; -webkit-box-decoration-break: clone;
  box-decoration-break: clone; }
mark.assumed { background: #fbf0c4; border-bottom: 2px dotted #222; }
mark.gap { background: #fff; border: 2px dashed #222; font-style: italic; line-height: 1.75; }
@media (max-width: 40rem) {
  h1 { font-size: 1.4rem; }
  .notice p { font-size: 1.05rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin: 0 0 .45rem; }
  figure img { width: 38rem; }
  .long { min-width: 11rem; }
}
@media print {
  html { background: none; }
  body { font-size: 10pt; padding: 0; max-width: none; }
  h2 { margin-top: 1.3rem; }
  nav { display: none; }
  .scroll { overflow: visible; }
  .hint { display: none; }
  table { font-size: 8.5pt; }
  .long { min-width: 7rem; }
  td.small:not(.long) { min-width: 6rem; }
  figure img { width: auto; max-width: 100%; max-height: 235mm; }
}
"""
