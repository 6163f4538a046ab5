"""`explain_stop`: the place where a declaration stops making sense -> one problem, in the words of who wrote it."""

from __future__ import annotations

from clickup_lang.diagnostics.problem import Edit, Fix, Problem
from clickup_lang.source import SourceText, Span
from clickup_lang.syntax import problems
from clickup_lang.syntax.drive import Stop, acceptable
from clickup_lang.syntax.habits import habit
from clickup_lang.syntax.items import CLOSERS, OPENERS, Chunk, Gap, find_gap, indentation_of
from clickup_lang.syntax.scan import Token
from clickup_lang.syntax.table import END, INTEGER, LINE_END, NAME, Table

COMPARISONS = frozenset(["==", "!=", "<", ">", "<=", ">=", "in", "not"])

# What may go on after a whole expression; said only where nothing else is possible.
OPERATORS = frozenset(
    ["or", "and", "not", "in", "as", "where", "==", "!=", "<", ">", "<=", ">=", "|", "^", "&", "<<", ">>", "+", "-", "+|", "-|",
     "*", "/", "%", ".", "..", "(", "["]
)  # fmt: skip
POSTFIXES = frozenset([".", "(", "[", "<"])

# Said by way of `=` alone.
ASSIGNMENTS = frozenset(["+=", "-=", "|=", "&="])

# A line that ends with one of these was not meant to end.
GOING_ON = OPERATORS | ASSIGNMENTS | frozenset(["=", "->", "=>", ",", ":"])

# Where a comparison begins anew.
BEFORE_COMPARISONS = frozenset(
    [",", ":", "=", "+=", "-=", "|=", "&=", "=>", "..", "and", "or", "not", "where", "if", "match", "when", "size", "else", "idle"]
)

# More possibilities than this are no help.
MOST_SINGLES = 3

# What can begin at a place, by the rule that the machine could enter there; the wider one first.
PHRASES = (
    ("declaration", "a declaration"),
    ("statement", "a statement"),
    ("state", "`state`"),
    ("test_statement", "`send`, `expect` or another statement of a test"),
    ("arm", "an arm such as `tcp => ...`"),
    ("pattern", "a pattern"),
    ("header_field", "a field such as `length : u8`"),
    ("field", "a field such as `since : time`"),
    ("enumerator", "an enumerator"),
    ("policy_item", "a policy such as `capacity 1000`"),
    ("edge", "an edge such as `a -> b`"),
    ("node", "an atom or a port"),
    ("upgrade_block", "the name of a state"),
    ("rule", "a rule such as `since = now`"),
    ("merge", "a merge rule such as `packets sum`"),
    ("parameter", "a parameter such as `way: Way`"),
    ("argument", "an argument"),
    ("expression", "an expression"),
    ("sum", "an expression"),
    ("disjunction", "an expression"),
    ("conjunction", "an expression"),
    ("negation", "an expression"),
    ("interval", "an expression"),
    ("prefixed", "an expression"),
    ("postfix", "an expression"),
    ("type", "a type"),
    ("block", "`{`"),
    ("port", "the name of a port"),
    ("device", "the name of a device"),
)

# Which name is missing after a word.
NAMES_AFTER = {
    "emit": "the name of a port", "send": "the name of a port", "parse": "the name of a header", "has": "the name of a header",
    "after": "the name of a header", "before": "the name of a header", "report": "the name of an event",
    "reported": "the name of an event",
}  # fmt: skip

# Words of other languages, where a statement or an expression stops at them: what is written here, and whether it can be typed
# in their place.
FOREIGN_WORDS = {
    "elif": ("else if", True),
    "elsif": ("else if", True),
    "switch": ("match", True),
    "var": ("let", True),
    "mut": ("let", False),
    "while": ("for i in 0..N", False),
    "foreach": ("for", True),
    "drop": ("emit drop", False),
    "goto": ("emit PORT", False),
}


def explain_stop(source: SourceText, table: Table, chunk: Chunk, tokens: list[Token], stop: Stop) -> Problem:
    """`tokens` are the part of the chunk that was parsed."""
    found = tokens[stop.index]
    before = tokens[stop.index - 1] if stop.index else found
    place = span_of(source, found)
    if stop.deep:
        return problems.too_deep(place)
    if chunk.open:
        gap = find_gap(source, chunk)
        if found.kind == END or (gap.sure and gap.opener.start < found.start and gap.place <= found.start):
            return unclosed(source, gap)
    expected = acceptable(table, stop.states)
    opened = innermost(tokens, stop.index)
    if found.kind in CLOSERS and opened is None:
        return problems.closes_nothing(place, found.text, CLOSERS[found.kind])
    earlier = earlier_comparison(tokens, stop.index) if stop.kind in COMPARISONS else None
    if earlier is not None:
        operator = "not in" if stop.kind == "not" else stop.kind
        return problems.chained_comparison(place, operator, span_of(source, earlier))
    if before.kind == NAME and before.text == "not":
        return problems.loose_not(span_of(source, before))
    if stop.kind == "=" and "==" in expected:
        return problems.assignment_in_expression(place)
    if stop.kind == "{" and before.kind == NAME and before.text[0].isupper() and "==" in expected:
        return problems.record_in_braces(place, before.text, closer_of(source, tokens, stop.index))
    for word in (found, before):
        if word.kind == NAME and word.text in FOREIGN_WORDS and word.text not in expected:
            return problems.foreign_word(span_of(source, word), word.text, *FOREIGN_WORDS[word.text])
    if found.kind == NAME and found.text not in table.words and (near := nearest(found.text, [kind for kind in expected if kind.isalpha()])) is not None:
        return problems.misspelled(place, found.text, near)
    if opened is not None and (OPENERS[opened.kind] not in expected or same_line(source, opened, found)):
        opened = None
    return problems.unexpected(
        place,
        describe(table, expected, before, found),
        describe_token(source, found),
        None if opened is None else span_of(source, opened),
        habit(tokens, stop.index)
        or (
            "to go on in the next line, begin that one with `->`, `and`, `or`, `.` or `else`, or use `( )`"
            if found.kind in (LINE_END, END) and LINE_END not in expected and before.text in GOING_ON
            else None
        ),
    )


def unclosed(source: SourceText, gap: Gap) -> Problem:
    """The one problem of a chunk with an open bracket at its end."""
    closer = OPENERS[gap.opener.kind]
    fix = None
    if gap.sure:
        blanks = " " * indentation_of(source, gap.opener.start)
        fix = Fix(f"close it with `{closer}`", (Edit(Span(source.file, gap.place, gap.place), f"\n{blanks}{closer}"),))
    place = Span(source.file, gap.place, gap.place)
    return problems.never_closed(span_of(source, gap.opener), gap.opener.kind, closer, place, fix)


def span_of(source: SourceText, token: Token) -> Span:
    return Span(source.file, token.start, token.end)


def earlier_comparison(tokens: list[Token], index: int) -> Token | None:
    """The comparison that the one at `index` would chain with."""
    if tokens[index - 1].text in GOING_ON:
        return None
    depth = 0
    for token in reversed(tokens[:index]):
        depth += (token.kind in CLOSERS) - (token.kind in OPENERS)
        if depth < 0 or token.kind == LINE_END or (depth == 0 and token.text in BEFORE_COMPARISONS):
            return None
        if depth == 0 and token.text in COMPARISONS:
            return token
    return None


def same_line(source: SourceText, one: Token, other: Token) -> bool:
    return source.text.find("\n", one.start, other.start) < 0


def innermost(tokens: list[Token], index: int) -> Token | None:
    """The bracket that is open before the token at `index`."""
    depth = 0
    for token in reversed(tokens[:index]):
        if token.kind in CLOSERS:
            depth += 1
        elif token.kind in OPENERS:
            if depth == 0:
                return token
            depth -= 1
    return None


def closer_of(source: SourceText, tokens: list[Token], index: int) -> Span | None:
    """Where the bracket at `index` is closed."""
    depth = 0
    for token in tokens[index:]:
        depth += (token.kind in OPENERS) - (token.kind in CLOSERS)
        if depth == 0:
            return span_of(source, token) if token.kind in CLOSERS else None
    return None


def describe_token(source: SourceText, token: Token) -> str:
    if token.kind == LINE_END:
        return "the end of the line"
    if token.kind == END:
        return "the end of the file" if not source.text[token.end :].strip() else "the end of the line"
    return problems.shown(token.text)


def describe(table: Table, expected: dict[str, int], before: Token, found: Token) -> str:
    """What could stand there, as a phrase: rules first, then single tokens."""
    left = set(expected)
    phrases: list[str] = []
    origins = {origin for state in expected.values() for origin in table.gotos[state]}
    for origin, phrase in PHRASES:
        if origin in origins and left & table.first[origin]:
            left -= table.first[origin]
            if phrase not in phrases:
                phrases.append(phrase)
    for kind, phrase in ((NAME, NAMES_AFTER.get(before.text, "a name")), (INTEGER, "a number"), ("<TEXT>", "a text")):
        if kind in left:
            left.discard(kind)
            phrases.append(phrase)
    if not phrases and "+" in left and left <= OPERATORS:
        return "an operator"
    # Of what may follow a whole expression or name, only that which could be missing.
    left -= (OPERATORS if "+" in left else POSTFIXES) | ASSIGNMENTS
    singles = sorted(left - {LINE_END, END}, key=importance)
    if len(phrases) + len(singles) > MOST_SINGLES:
        # `was`, `max` and the like are seldom what is missing.
        singles = [kind for kind in singles if not kind.isalpha()] or singles
    words = phrases + [f"`{kind}`" for kind in singles if kind != ":" or "," not in singles]
    if left & {LINE_END, END} and found.kind not in (LINE_END, END) and not phrases:
        words.append("the end of the line")
    return join_words(words)


def importance(kind: str) -> tuple[bool, str]:
    """Punctuation before words."""
    return kind.isalpha(), kind


def nearest(word: str, known: list[str]) -> str | None:
    """The known word that was most likely meant."""
    from difflib import get_close_matches  # slow to import, and seldom wanted

    close = get_close_matches(word.lower(), sorted(known), 1, 0.75) if 2 < len(word) < 20 else []
    return close[0] if close else None


def join_words(words: list[str]) -> str:
    """`a`, `b` or `c`."""
    if len(words) <= 1:
        return words[0] if words else "something else"
    return ", ".join(words[:-1]) + " or " + words[-1]
