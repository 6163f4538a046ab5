"""Page -> HTML that needs nothing else."""

from __future__ import annotations

import re
from html import escape

from clickup_lang.describe.page import Entry, Page, Section, Table

STYLE = """\
:root { color-scheme: light dark; --paper: #fbfcfd; --ink: #1c2128; --faint: #66717d; --code: #eef1f4; --line: #d5dbe1; --link: #2a62a8; }
@media (prefers-color-scheme: dark) { :root { --paper: #15191e; --ink: #e6edf3; --faint: #98a4b0; --code: #22282f; --line: #39424c; --link: #7fb0ea; } }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { margin-bottom: 0.2rem; }
h2 { margin-top: 2.2rem; border-bottom: 1px solid var(--line); }
h3 { margin: 1.4rem 0 0.3rem; font-family: ui-monospace, monospace; font-size: 1rem; }
a { color: var(--link); text-decoration: none; }
nav { color: var(--faint); }
nav p { margin: 0.2rem 0; }
pre { background: var(--code); padding: 0.6rem 0.8rem; border-radius: 6px; overflow-x: auto; font-size: 0.875rem; margin: 0.3rem 0; }
code { background: var(--code); padding: 0 0.25em; border-radius: 3px; font-size: 0.9em; }
table { border-collapse: collapse; font-size: 0.9rem; margin: 0.5rem 0; display: block; overflow-x: auto; }
th, td { text-align: left; padding: 0.15rem 0.8rem 0.15rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td { font-family: ui-monospace, monospace; font-size: 0.85rem; }
th.number, td.number { text-align: right; }
p { margin: 0.3rem 0; }
ul { margin: 0.3rem 0; color: var(--faint); }
"""


def html_page(page: Page) -> str:
    """A whole document; ends with a line end."""
    index = "".join(f'<p>{escape(s.title)}: {", ".join(link(s, e) for e in s.entries)}</p>\n' for s in page.sections if any(e.name for e in s.entries))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(page.title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(page.title)}</h1>\n{paragraphs(page.doc)}<nav>\n{index}</nav>\n{''.join(section(s) for s in page.sections)}</body>\n</html>\n"
    )


def anchor(of: Section, entry: Entry) -> str:
    """A header and a state may have one name."""
    return f"{of.title.lower()}-{entry.name}"


def link(of: Section, entry: Entry) -> str:
    return f'<a href="#{escape(anchor(of, entry))}">{escape(entry.name)}</a>'


def section(of: Section) -> str:
    return f"<h2>{escape(of.title)}</h2>\n" + "".join(entry_part(of, e) for e in of.entries)


def entry_part(of: Section, entry: Entry) -> str:
    heading = f'<h3 id="{escape(anchor(of, entry))}">{escape(entry.name)}</h3>\n' if entry.name else ""
    code = f"<pre>{escape(entry.code)}</pre>\n" if entry.code else ""
    facts = "<ul>\n" + "".join(f"<li>{marked(fact)}</li>\n" for fact in entry.facts) + "</ul>\n" if entry.facts else ""
    return heading + code + paragraphs(entry.doc) + facts + (table_part(entry.table) if entry.table is not None and entry.table.rows else "")


def paragraphs(doc: str) -> str:
    return "".join(f"<p>{marked(part)}</p>\n" for part in re.split(r"\n\s*\n", doc) if part.strip())


def marked(text: str) -> str:
    """What stands in backticks is code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))


def table_part(table: Table) -> str:
    def cell(kind: str, column: int, text: str) -> str:
        number = ' class="number"' if column in table.numbers else ""
        return f"<{kind}{number}>{escape(text)}</{kind}>"

    head = "".join(cell("th", n, c) for n, c in enumerate(table.columns))
    rows = "".join(f"<tr>{''.join(cell('td', n, c) for n, c in enumerate(row))}</tr>\n" for row in table.rows)
    return f"<table>\n<tr>{head}</tr>\n{rows}</table>\n"
