"""`python -m clickup_lang.syntax.prepare`: writes the parser's table and the standard library's trees into `prepared/`.

Run when cupc is set up or built. Without it everything works, but each start builds the table anew.
"""

from __future__ import annotations

import os

from clickup_lang.share import share
from clickup_lang.source import SourceText
from clickup_lang.syntax.build_table import build_table
from clickup_lang.syntax.parse import parse_text
from clickup_lang.syntax.prepared_files import FOLDER, LIBRARY, TABLE_FILE, save, tree_path
from clickup_lang.syntax.table import plain


def prepare() -> list[str]:
    """Holds afterwards: `prepared/` has what fits this grammar, this room and this library, and nothing else. Gives the paths."""
    for old in os.listdir(FOLDER) if os.path.isdir(FOLDER) else ():
        os.remove(os.path.join(FOLDER, old))
    save(TABLE_FILE, plain(build_table()))
    written = [TABLE_FILE]
    for path in sorted(share("stdlib").glob("*.cup")):
        source = SourceText(LIBRARY + path.name, path.read_text(encoding="utf-8"))
        written.append(tree_path(source))
        save(written[-1], parse_text(source))
    return written


if __name__ == "__main__":
    for written in prepare():
        print(os.path.relpath(written))
