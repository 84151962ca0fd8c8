"""Writes an item's text as the portal's `Felter[].Html`: pairs of h3 and span, each span an exported Word file.

The oddities are the real platform's: container attributes in single quotes, head tags (generator, the title
"Dagsordenspunkt") inside every span, h3 > span for sub-headings, blank spacer paragraphs, a word split over
several spans, an empty leading heading, and one extra div around the recommendation and the decisions under it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

HEAD = (
    '<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />'
    '<meta http-equiv="Content-Style-Type" content="text/css" />'
    '<meta name="generator" content="Aspose.Words for .NET 23.10.0" /><title>Dagsordenspunkt</title>'
)
SPACER = '<p style="margin-top:0pt; margin-bottom:0pt"><span>&#xa0;</span></p>'
CLASSES = {"beslutningstema": "beslutningstema", "indstilling": "indstilling", "økonomi": "ukendt", "høring": "ukendt"}
RECOMMENDATION = "Indstilling"

_SPLIT_WORD = re.compile(r"(\d+)(-)(\w+)")


@dataclass(frozen=True)
class Section:
    """A heading (may be empty) and the light markup below it."""

    heading: str
    text: str


def sections(body: str) -> list[Section]:
    """Cuts light markup at its `## ` lines; text before the first one gets an empty heading."""
    found = []
    for block in re.split(r"^(?=## )", body.strip(), flags=re.MULTILINE):
        first, _, rest = block.partition("\n")
        if first.startswith("## "):
            found.append(Section(first[3:].strip(), rest.strip()))
        elif block.strip():
            found.append(Section("", block.strip()))
    return found


def field_html(body: str, decisions: Sequence[Section], raw_html: str = "") -> str:
    """The whole field; an item without text gets the empty container that the portal then shows."""
    parts = _wrapped(sections(body), decisions)
    if not parts and not raw_html:
        return "<div><div id='sagsfremstillingContainer' class='sagsfremstilling'>\n</div></div>"
    blank = "<h3></h3>\n<span class=''><div>. </div></span>" if decisions else ""
    inside = "\n".join(filter(None, [blank, *parts, raw_html]))
    return f"<div><div id='sagsfremstillingContainer' class='sagsfremstilling'>\n{inside}\n</div></div>"


def _wrapped(texts: Iterable[Section], decisions: Sequence[Section]) -> list[str]:
    """Decisions stand below the recommendation, or last where there is none."""
    under = "\n".join(_pair(decision) for decision in decisions)
    parts = []
    for section in texts:
        if section.heading == RECOMMENDATION and under:
            parts.append(f"<div>\n{_pair(section)}\n{under}\n</div>")
            under = ""
        else:
            parts.append(_pair(section))
    return [*parts, f"<div>\n{under}\n</div>"] if under else parts


def _pair(section: Section) -> str:
    kind = CLASSES.get(section.heading.lower(), "")
    css = f" class='{kind}'" if kind else ""
    return f"<h3>{escape(section.heading)}</h3>\n<span{css}>{HEAD}<div>{_word(section.text)}</div></span>"


def _word(text: str) -> str:
    blocks = [block for block in re.split(r"\n\s*\n", text.strip()) if block.strip()]
    return SPACER.join(_block(block.strip()) for block in blocks)


def _block(block: str) -> str:
    lines = block.split("\n")
    if block.startswith("### "):
        rest = "\n".join(lines[1:])
        return f"<h3><span>{escape(lines[0][4:].strip())}</span></h3>" + (_block(rest) if rest.strip() else "")
    if block.startswith("- "):
        return f"<ul>{_entries(block, r'^- ')}</ul>"
    if re.match(r"\d+\. ", block):
        return f"<ol>{_entries(block, r'^[0-9]+[.] ')}</ol>"
    if block.startswith("|"):
        return f"<table>{''.join(_row(line) for line in lines)}</table>"
    return f'<p style="margin-top:0pt; margin-bottom:0pt">{_spans(block)}</p>'


def _entries(block: str, mark: str) -> str:
    entries = [entry for entry in re.split(mark, block, flags=re.MULTILINE) if entry.strip()]
    return "".join(f"<li>{_spans(entry)}</li>" for entry in entries)


def _row(line: str) -> str:
    cells = line.strip().strip("|").split("|")
    return f"<tr>{''.join(f'<td><p>{_spans(cell)}</p></td>' for cell in cells)}</tr>"


def _spans(text: str) -> str:
    flat = escape(" ".join(text.split()), quote=False)
    split = _SPLIT_WORD.sub(r"\1</span><span>\2</span><span>\3", flat)
    return f'<span style="font-family:Arial">{split}</span>'
