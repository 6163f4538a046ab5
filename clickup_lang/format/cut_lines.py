"""Tokens -> lines. A line break is where the author has one, behind a `{` whose `}` is on another line, and before such a `}`."""

from __future__ import annotations

from clickup_lang.format.tokens import Comment, Piece


class Line:
    """Tokens, or a comment alone. `pads` are the blanks before a token beyond those that it has anyway. `apart`: an empty line stands
    before it. `block` is the innermost `{` around its first token, and `inside` the innermost bracket of any kind."""

    __slots__ = ("pieces", "comment", "apart", "block", "inside", "pads", "comment_pad")

    def __init__(self, pieces: list[Piece], comment: Comment | None, apart: bool, block: Piece | None, inside: Piece | None) -> None:
        self.pieces = pieces
        self.comment = comment
        self.apart = apart
        self.block = block
        self.inside = inside
        self.pads: dict[int, int] = {}
        self.comment_pad = 0

    @property
    def is_statement(self) -> bool:
        """Whether it begins a statement, a declaration or a member of a list in braces; not one that goes on from the line before."""
        return bool(self.pieces) and self.inside is self.block and not continues(self.pieces[0]) and self.pieces[0].kind not in (")", "]", "}")


CONTINUING = frozenset(["->", ".", "else", "and", "or"])


def continues(piece: Piece) -> bool:
    return piece.text in CONTINUING


def cut_lines(pieces: list[Piece], last_comments: list[Comment]) -> list[Line]:
    split = multi_line_braces(pieces)
    lines: list[Line] = []
    open_brackets: list[Piece] = []
    before: Piece | None = None

    def begin(pieces: list[Piece], comment: Comment | None, apart: bool, first: Piece | None) -> None:
        around = open_brackets[:-1] if first is not None and first.kind in ")]}" else open_brackets
        block = next((b for b in reversed(around) if b.kind == "{"), None)
        lines.append(Line(pieces, comment, apart, block, around[-1] if around else None))

    for piece in pieces:
        for comment in piece.comments:
            if comment.own_line or before is None:
                begin([], comment, comment.apart, None)
            else:
                lines[-1].comment = comment
        forced = before is not None and ((before.kind == "{" and id(before) in split) or (piece.kind == "}" and id(piece) in split))
        if piece.new_line or piece.comments or forced or before is None:
            begin([piece], None, piece.apart, piece)
        else:
            lines[-1].pieces.append(piece)
        if piece.kind in ("(", "[", "{"):
            open_brackets.append(piece)
        elif piece.partner is not None:
            open_brackets.pop()
        before = piece
    for comment in last_comments:
        if comment.own_line or before is None:
            begin([], comment, comment.apart, None)
        else:
            lines[-1].comment = comment
    separate(lines)
    return lines


def multi_line_braces(pieces: list[Piece]) -> set[int]:
    """The ids of all `{` and `}` with a line break between the two."""
    breaks = 0
    breaks_at: dict[int, int] = {}
    found: set[int] = set()
    for piece in pieces:
        breaks += piece.new_line or bool(piece.comments)
        if piece.kind == "{":
            breaks_at[id(piece)] = breaks
        elif piece.kind == "}" and piece.partner is not None and breaks_at[id(piece.partner)] != breaks:
            found |= {id(piece), id(piece.partner)}
    return found


def separate(lines: list[Line]) -> None:
    """Empty lines: none at the ends of a block or in brackets, one around declarations of several lines."""
    for number, line in enumerate(lines):
        before = lines[number - 1] if number else None
        opens = before is not None and bool(before.pieces) and before.pieces[-1].kind in ("{", "(", "[")
        closes = bool(line.pieces) and line.pieces[0].kind in (")", "]", "}")
        if before is None or opens or closes or (line.inside is not None and line.inside is not line.block):
            line.apart = False
        elif line.pieces and continues(line.pieces[0]):
            line.apart = False
        elif line.block is None and before.pieces and before.pieces[0].kind in (")", "]", "}"):
            line.apart = True
        if line.block is None and line.inside is None and is_open(line) and before is not None and not is_continuation(line):
            first = number
            while first > 0 and not lines[first].apart and not lines[first - 1].pieces:
                first -= 1
            lines[first].apart = lines[first].apart or first > 0


def is_open(line: Line) -> bool:
    """Whether a bracket that opens in it closes on a later line."""
    own = {id(piece) for piece in line.pieces}
    return any(piece.kind in ("(", "[", "{") and id(piece.partner) not in own for piece in line.pieces)


def is_continuation(line: Line) -> bool:
    return bool(line.pieces) and (continues(line.pieces[0]) or line.pieces[0].kind in (")", "]", "}"))
