"""`cut_items`: a file's tokens -> its items, each to be parsed on its own, so that an error in one leaves the others whole.

A *chunk* reaches from one declaration's keyword at the start of a line to the next. In a sound file it is one declaration. Where a
bracket is open at its end, either it was never closed, or the keyword stands inside a declaration whose lines are not indented;
`join` gives what the second reading would parse.
"""

from __future__ import annotations

from clickup_lang.frozen import Frozen
from clickup_lang.source import SourceText
from clickup_lang.syntax.scan import Token
from clickup_lang.syntax.table import END, LINE_END, NAME

DECLARATIONS = frozenset(
    ["service", "import", "param", "const", "config", "state", "derived", "tag", "event", "enum", "record", "header", "fn", "atom",
     "extern", "pipeline", "upgrade", "test"]
)  # fmt: skip

OPENERS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = {closer: opener for opener, closer in OPENERS.items()}

# Before one of these, the word at the start of a line is the name of something, not a declaration's keyword.
NEVER_AFTER_KEYWORDS = frozenset([*CLOSERS, "[", ".", "=", "+=", "-=", "->", ","])

DEEPEST_BRACKETS = 100

# How far a declaration whose lines are not indented is looked for. More keywords than this in one body and its brace counts as
# never closed.
MOST_JOINED = 64


class Chunk(Frozen):
    """`parts` are its lines outside all brackets, the first of them the declaration; each ends with a token of kind END.

    `open` are the brackets that nothing closes, `too_deep` the first one of too many. `begin` and `end` are indices of tokens.
    """

    parts: list[list[Token]]
    open: list[Token]
    too_deep: Token | None
    begin: int
    end: int


def at_line_start(text: str, offset: int) -> bool:
    return offset == 0 or text[offset - 1] in "\n\ufeff"


def begins_declaration(token: Token) -> bool:
    return token.kind == NAME and token.text in DECLARATIONS


def cut_items(text: str, tokens: list[Token]) -> list[Chunk]:
    """Every token but line ends is in one part of one chunk."""
    begins = [
        i
        for i, token in enumerate(tokens)
        if begins_declaration(token)
        and at_line_start(text, token.start)
        and (i + 1 == len(tokens) or tokens[i + 1].kind not in NEVER_AFTER_KEYWORDS)
    ]
    if not begins or begins[0] > 0:
        begins.insert(0, 0)
    ends = begins[1:] + [len(tokens)]
    return [cut(tokens, begin, end) for begin, end in zip(begins, ends) if begin < end]


def cut(tokens: list[Token], begin: int, end: int) -> Chunk:
    """Line ends inside `( )` and `[ ]` are left out, those outside all brackets end a part."""
    parts: list[list[Token]] = []
    part: list[Token] = []
    open_brackets: list[Token] = []
    too_deep: Token | None = None
    for index in range(begin, end):
        token = tokens[index]
        kind = token.kind
        if kind == LINE_END:
            if not open_brackets:
                finish(part, parts)
                part = []
                continue
            if open_brackets[-1].kind != "{":
                continue
        elif kind in OPENERS:
            open_brackets.append(token)
            if len(open_brackets) > DEEPEST_BRACKETS and too_deep is None:
                too_deep = token
        elif kind in CLOSERS:
            close(open_brackets, CLOSERS[kind])
        part.append(token)
    finish(part, parts)
    return Chunk(parts, open_brackets, too_deep, begin, end)


def close(open_brackets: list[Token], opener: str) -> None:
    """Forgets the innermost bracket of that kind and what is open inside it; nothing where none is open.

    A `}` closes its `{` over an open `(`, so that a forgotten `)` does not swallow the lines that follow.
    """
    for depth in range(len(open_brackets) - 1, -1, -1):
        if open_brackets[depth].kind == opener:
            del open_brackets[depth:]
            return
        if open_brackets[depth].kind == "{":
            return


def finish(part: list[Token], parts: list[list[Token]]) -> None:
    if part:
        last = part[-1]
        part.append(Token(END, "", last.end, last.end))
        parts.append(part)


def join(tokens: list[Token], chunks: list[Chunk], number: int) -> Chunk | None:
    """The chunk of that number with as many of those behind it as it takes until all its brackets are closed."""
    balance = 0
    for last in range(number, min(len(chunks), number + MOST_JOINED)):
        chunk = chunks[last]
        for index in range(chunk.begin, chunk.end):
            kind = tokens[index].kind
            balance += (kind in OPENERS) - (kind in CLOSERS)
            if balance == 0 and kind in CLOSERS and last > number:
                return cut(tokens, chunks[number].begin, chunk.end)
    return None


class Gap(Frozen):
    """An `opener` that nothing closes, and the offset after which its closer is missing; `sure` where the indentation tells."""

    opener: Token
    place: int
    sure: bool


def find_gap(source: SourceText, chunk: Chunk) -> Gap:
    """The bracket that was most likely forgotten, of those in a chunk with open ones.

    Lines inside `{` are indented deeper than the line that opens it; the first one that is not, and is no closer at the same
    depth, stands where the closer should have been.
    """
    opened: list[tuple[Token, int]] = []
    before = chunk.parts[0][0]
    for part in chunk.parts:
        indentation = indentation_of(source, part[0].start)
        at_start = False
        for token in part[:-1]:
            if token.kind == LINE_END:
                at_start = True
                continue
            if at_start:
                at_start = False
                indentation = indentation_of(source, token.start)
                if opened and opened[-1][0].kind == "{":
                    limit = opened[-1][1]
                    if indentation < limit or (indentation == limit and token.kind not in CLOSERS):
                        return Gap(opened[-1][0], before.end, True)
            if token.kind in OPENERS:
                opened.append((token, indentation))
            elif token.kind in CLOSERS and opened and opened[-1][0].kind == CLOSERS[token.kind]:
                opened.pop()
            before = token
    return Gap(chunk.open[-1], before.end, False)


def indentation_of(source: SourceText, offset: int) -> int:
    """How many blanks begin the line of that character, at most a thousand."""
    start = source.line_starts[source.line_and_column(offset)[0] - 1]
    position = start
    while position < offset and position < start + 1000 and source.text[position] in " \t":
        position += 1
    return position - start
