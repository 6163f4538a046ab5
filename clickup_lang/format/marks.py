"""The tree -> what tokens alone do not tell about the room between them, and what lines are lined up by."""

from __future__ import annotations

from bisect import bisect_left

from clickup_lang.format.tokens import Piece
from clickup_lang.frozen import Frozen
from clickup_lang.source.nodes import nodes
from clickup_lang.syntax import tree

# Policy items by the words that they begin with; those of one word have a blank more, those of three go their own way.
WORDS = {"when full": 2, "on leave": 2, "per worker merge": 3}


class Marks:
    """By offsets: `no_blank_before` and `no_blank_after` tokens; `columns` the tokens at which lines are always lined up, each with the
    kind of line that it is in: lines of one kind that follow each other share a column, with at least `more_room` before it."""

    def __init__(self, tokens: list[Piece]) -> None:
        self.tokens = tokens
        self.starts = [token.start for token in tokens]
        self.no_blank_before: set[int] = set()
        self.no_blank_after: set[int] = set()
        self.columns: dict[int, str] = {}
        self.more_room: dict[int, int] = {}

    def index_at(self, offset: int) -> int:
        """Of the first token that begins there or later."""
        return bisect_left(self.starts, offset)

    def following(self, offset: int) -> Piece:
        """The first token behind that place that is no closing parenthesis: those of a grouped operand belong to it."""
        index = self.index_at(offset)
        while self.tokens[index].kind == ")":
            index += 1
        return self.tokens[index]

    def tight(self, offset: int, kind: str) -> None:
        """The token of that kind behind the offset stands close to what is before it."""
        token = self.following(offset)
        if token.kind == kind:
            self.no_blank_before.add(token.start)


def marks_of(module: tree.Module, tokens: list[Piece]) -> Marks:
    """Also splits a `>=` that ends type arguments, in `Marks.tokens`."""
    marks = Marks(tokens)
    for node in nodes(module.declarations):
        match node:
            case tree.TypeExpression():
                mark_type(marks, node)
            case _:
                pass
    for node in nodes(module.declarations):
        mark(marks, node)
    return marks


def mark(marks: Marks, node: Frozen) -> None:
    match node:
        case tree.Call(callee=callee):
            marks.tight(callee.span.end, "(")
        case tree.Report(event=name) | tree.Function(name=name) | tree.Atom(name=name):
            marks.tight(name.span.end, "(")
        case tree.Pipeline(name=name):
            if name is not None:
                marks.tight(name.span.end, "(")
        case tree.Index(object=object):
            marks.tight(object.span.end, "[")
        case tree.Node(name=name, arguments=arguments, port=port):
            if arguments is not None:
                marks.tight(name.span.end, "(")
            if port is not None:
                marks.tight(name.span.end, "[")
        case tree.Pattern(bindings=bindings, span=span):
            if bindings:
                marks.tight(span.start + 1, "(")
        case tree.Unary(operator="-", span=span):
            marks.no_blank_after.add(span.start)
        case tree.Argument(name=tree.Identifier(span=span)) | tree.Parameter(name=tree.Identifier(span=span)):
            marks.tight(span.end, ":")
        case tree.ListItem(key=key):
            # `:: : 1` would be another address without its blank.
            if key is not None and marks.tokens[marks.index_at(key.span.end) - 1].text[-1:] != ":":
                marks.tight(key.span.end, ":")
        case tree.Event(fields=fields, span=span):
            if not any(piece.new_line for piece in marks.tokens[marks.index_at(span.start) + 1 : marks.index_at(span.end)]):
                for field in fields:
                    marks.tight(field.name.span.end, ":")
        case _:
            mark_columns(marks, node)


def mark_columns(marks: Marks, node: Frozen) -> None:
    match node:
        case tree.Field(name=name) | tree.HeaderField(name=name):
            marks.columns[marks.following(name.span.end).start] = "field"
        case tree.Param(name=name) | tree.Config(name=name) | tree.State(name=name) | tree.Tag(name=name) | tree.Derived(name=name):
            marks.columns[marks.following(name.span.end).start] = type(node).__name__
        case tree.Const(name=name, type=type_) if type_ is not None:
            marks.columns[marks.following(name.span.end).start] = "Const"
        case tree.Enum(name=name, base=base) if base is not None:
            marks.columns[marks.following(name.span.end).start] = "Enum"
        case tree.PolicyItem(kind=kind, span=span) if WORDS.get(kind, 1) < 3:
            value = marks.tokens[marks.index_at(span.start) + WORDS.get(kind, 1)].start
            marks.columns[value] = "policy"
            marks.more_room[value] = 2 - WORDS.get(kind, 1)
        case tree.SendPacket(packet=packet):
            marks.columns[first_token(marks, packet)] = "send"
        case _:
            pass


def first_token(marks: Marks, value: tree.Expression) -> int:
    """With the parentheses around it, which the tree does not have."""
    index = marks.index_at(value.span.start)
    while marks.tokens[index - 1].kind == "(":
        index -= 1
    return marks.tokens[index].start


def mark_type(marks: Marks, node: tree.TypeExpression) -> None:
    """`map<K, V>`, `array<T>[N]`: nothing stands apart. A union of types is no type expression of its own here."""
    if node.name.text == "|":
        return
    index = marks.index_at(node.name.span.end)
    if node.arguments and marks.tokens[index].kind == "<":
        marks.no_blank_before.add(marks.tokens[index].start)
        marks.no_blank_after.add(marks.tokens[index].start)
        index = end_of_arguments(marks, node)
    if node.size is not None:
        marks.no_blank_before.add(marks.tokens[index].start)


def end_of_arguments(marks: Marks, node: tree.TypeExpression) -> int:
    """Marks the closing `>`, and gives the index behind it. One token may close several, and `>=` is taken apart."""
    end = node.arguments[-1].span.end
    index = marks.index_at(end)
    if marks.tokens[index - 1].end > end:
        index -= 1  # the second half of a token that has closed the argument too
    token = marks.tokens[index]
    marks.no_blank_before.add(token.start)
    if token.kind == ">=":
        rest = Piece("=", "=", token.start + 1, token.end, token.column + 1)
        token.kind = token.text = ">"
        token.end = token.start + 1
        marks.tokens.insert(index + 1, rest)
        marks.starts.insert(index + 1, rest.start)
    return index + 1
