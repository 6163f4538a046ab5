"""`parse`: a text -> its tree, and one problem for each thing in it that is wrong.

What holds afterwards: declarations that could be read are in the module in the order of the text; a declaration with a syntax
error is not, and its name is in `unread`, so that nobody calls it unknown. Problems lie inside the text. Never raises.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import cast

from clickup_lang.diagnostics.problem import Problem
from clickup_lang.frozen import Frozen
from clickup_lang.source import SourceText
from clickup_lang.syntax import problems, tree
from clickup_lang.syntax.build_declarations import TreeBuilder
from clickup_lang.syntax.drive import Driver, Stop
from clickup_lang.syntax.explain_stop import describe_token, explain_stop, nearest, span_of
from clickup_lang.syntax.items import CLOSERS, DECLARATIONS, Chunk, at_line_start, begins_declaration, cut_items, join
from clickup_lang.syntax.prepared_files import LIBRARY, load, tree_path
from clickup_lang.syntax.scan import Token, scan
from clickup_lang.syntax.table import NAME, table

LARGEST_FILE = 4 << 20
MOST_PROBLEMS = 100

# Words of other languages that begin what a declaration here does.
FOREIGN_DECLARATIONS = {
    "function": "fn", "func": "fn", "def": "fn", "struct": "record", "type": "record", "class": "atom", "element": "atom",
    "include": "import", "use": "import", "using": "import", "table": "state", "map": "state", "var": "state", "let": "const",
    "option": "config", "rules": "config", "graph": "pipeline", "migration": "upgrade", "program": "service",
}  # fmt: skip


# Declarations that give no name to anything in the program.
NAMELESS = frozenset(["service", "import", "upgrade", "test"])


class Parsed(Frozen):
    """`problems` are in the order of the text; `unread` are the names that declarations with a syntax error would have had."""

    module: tree.Module
    problems: tuple[Problem, ...]
    unread: tuple[tree.Identifier, ...] = ()


def parse(source: SourceText) -> Parsed:
    """Modules of the standard library come from what was prepared, where that fits."""
    if source.file.startswith(LIBRARY):
        prepared = load(tree_path(source))
        if isinstance(prepared, Parsed):
            return prepared
    return parse_text(source)


def parse_text(source: SourceText) -> Parsed:
    if len(source.text) > LARGEST_FILE:
        problem = problems.file_too_large(source.file, len(source.text), LARGEST_FILE)
        return Parsed(tree.Module(source.file, ()), (problem,))
    return Parsing(source).parse()


class Parsing:
    """One file on its way from tokens to items."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.scanned = scan(source)
        self.builder = TreeBuilder(source.file, self.scanned.docs)
        self.driver = Driver(table(), self.builder)
        self.declarations: list[tree.Declaration] = []
        self.problems: list[Problem] = []
        self.unread: list[tree.Identifier] = []
        self.broken = [fault.start for fault in self.scanned.faults if fault.broken]
        self.stop: Stop | None = None

    def parse(self) -> Parsed:
        tokens = self.scanned.tokens
        chunks = cut_items(self.source.text, tokens)
        number = 0
        while number < len(chunks):
            chunk = chunks[number]
            number += 1
            if chunk.open and not self.enough:
                joined = join(tokens, chunks, number - 1)
                if joined is not None and self.reads_whole(joined):
                    chunk = joined
                    while number < len(chunks) and chunks[number].begin < joined.end:
                        number += 1
            self.parse_chunk(chunk)
        found = [fault.problem for fault in self.scanned.faults] + self.problems
        found.sort(key=lambda problem: problem.labels[0].span.start)
        if len(found) > MOST_PROBLEMS:
            place = found[MOST_PROBLEMS].labels[0].span
            found = [*found[:MOST_PROBLEMS], problems.too_many(place, MOST_PROBLEMS)]
        return Parsed(tree.Module(self.source.file, tuple(self.declarations)), tuple(found), tuple(self.unread))

    @property
    def enough(self) -> bool:
        """Whether there are more problems than are shown, so that no more are worth the time to explain them."""
        return len(self.problems) > MOST_PROBLEMS

    def reads_whole(self, chunk: Chunk) -> bool:
        """Whether the chunk is made of sound declarations."""
        if chunk.open or chunk.too_deep or not all(begins_declaration(part[0]) for part in chunk.parts):
            return False
        read = not any(isinstance(self.driver.drive(part), Stop) for part in chunk.parts)
        self.builder.problems.clear()
        return read

    def parse_chunk(self, chunk: Chunk) -> None:
        """One problem for the declaration, and one for each line behind it that begins anew at the left margin."""
        silent = False
        for number, part in enumerate(chunk.parts):
            if silent and not at_line_start(self.source.text, part[0].start):
                continue
            if self.enough and not begins_declaration(part[0]):
                continue
            problem = self.parse_part(chunk, number)
            if problem is None:
                continue
            if part[0].kind in CLOSERS and silent:
                continue
            silent = True
            if not self.excused(part, chunk):
                self.problems.append(problem)

    def excused(self, part: list[Token], chunk: Chunk) -> bool:
        """Whether a broken token of the same item has been told of, so that a syntax error may well come from it."""
        first = self.scanned.tokens[chunk.begin].start
        line_end = self.source.text.find("\n", part[-1].end)
        last = line_end if line_end >= 0 else len(self.source.text)
        return any(first <= offset < last for offset in self.broken) or self.after_semicolon(part)

    def after_semicolon(self, part: list[Token]) -> bool:
        """Whether the syntax error of the part stands beside a `;`, which has a problem of its own."""
        stop = self.stop
        if stop is None:
            return False
        semicolons = self.scanned.semicolons
        start = part[stop.index - 1].start if stop.index else part[0].start
        next_one = bisect_left(semicolons, start, key=lambda place: place.start)
        if next_one == len(semicolons):
            return False
        return not self.source.text[part[stop.index].end : semicolons[next_one].start].strip()

    def parse_part(self, chunk: Chunk, number: int) -> Problem | None:
        part = chunk.parts[number]
        self.stop = None
        if not begins_declaration(part[0]):
            return self.outside(chunk, number)
        if chunk.too_deep is not None and part[0].start <= chunk.too_deep.start < part[-1].end:
            self.note_unread(part)
            return problems.too_deep(span_of(self.source, chunk.too_deep))
        result = self.driver.drive(part)
        if isinstance(result, Stop):
            self.stop = result
            self.builder.problems.clear()
            self.note_unread(part)
            if self.enough:
                return None
            return explain_stop(self.source, self.driver.table, chunk, part, result)
        self.declarations.append(cast(tree.Declaration, result))
        self.problems += self.builder.problems
        self.builder.problems.clear()
        return None

    def outside(self, chunk: Chunk, number: int) -> Problem:
        """What stands where only declarations can."""
        part = chunk.parts[number]
        first = part[0]
        place = span_of(self.source, first)
        if first.kind in CLOSERS:
            return problems.closes_nothing(place, first.text, CLOSERS[first.kind])
        if first.kind == NAME and part[1].kind == NAME:
            meant = FOREIGN_DECLARATIONS.get(first.text) or nearest(first.text, list(DECLARATIONS))
            if meant is not None:
                return problems.unknown_declaration(place, first.text, meant)
        before = chunk.parts[number - 1][-2] if number else None
        ended = span_of(self.source, before) if before is not None and before.kind == "}" else None
        return problems.outside_declarations(place, describe_token(self.source, first), ended)

    def note_unread(self, part: list[Token]) -> None:
        if part[0].text in NAMELESS:
            return
        name = part[2] if part[0].text == "extern" and len(part) > 2 else part[1]
        if name.kind == NAME:
            self.unread.append(tree.Identifier(name.text, span_of(self.source, name)))


