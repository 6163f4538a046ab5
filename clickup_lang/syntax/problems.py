"""The problems of the syntax room, E100 to E129: one builder for each, and nowhere else a message."""

from __future__ import annotations

from clickup_lang.diagnostics.problem import Edit, Fix, Label, Problem
from clickup_lang.source import Span
from clickup_lang.syntax.literals import LiteralFault

# A literal or name longer than this is shown by its beginning.
LONGEST_SHOWN = 40


def shown(text: str) -> str:
    """The text in backticks, with nothing in it that a terminal could take amiss."""
    if text == "`":
        return "a backtick"
    if len(text) > LONGEST_SHOWN:
        text = text[:LONGEST_SHOWN] + "..."
    return "`" + "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text) + "`"


def replace(title: str, span: Span, text: str) -> Fix:
    return Fix(title, (Edit(span, text),))


# -- files --------------------------------------------------------------------------------------------------------------------


def file_too_large(file: str, size: int, largest: int) -> Problem:
    return Problem(
        "E100",
        f"the file has {size} characters, and {largest} are the most that cupc reads",
        (Label(Span(file, 0, 0)),),
        help="move what belongs together into files of its own, and `import` them",
    )


def too_many(place: Span, limit: int) -> Problem:
    return Problem("E101", f"more than {limit} problems in this file; those after this place are not shown", (Label(place),))


# -- what the grammar does not allow ------------------------------------------------------------------------------------------


def unexpected(place: Span, expected: str, found: str, opened: Span | None, help: str | None) -> Problem:
    """`opened` is the bracket that could be closed there."""
    labels = (Label(place),) if opened is None else (Label(place), Label(opened, "opened here"))
    return Problem("E102", f"expected {expected}, found {found}", labels, help=help)


def never_closed(opener: Span, bracket: str, closer: str, place: Span, fix: Fix | None) -> Problem:
    return Problem(
        "E103",
        f"`{bracket}` is never closed",
        (Label(place, f"a `{closer}` is missing here"), Label(opener, "opened here")),
        help=None if fix else f"close it with `{closer}`",
        fix=fix,
    )


def closes_nothing(place: Span, closer: str, opener: str) -> Problem:
    return Problem(
        "E104",
        f"`{closer}` closes nothing",
        (Label(place),),
        help=f"remove it, or look above for a `{opener}` that is missing",
    )


def outside_declarations(place: Span, found: str, ended: Span | None) -> Problem:
    """`ended` is the bracket that closed the declaration before."""
    labels = (Label(place),) if ended is None else (Label(place), Label(ended, "this closes the declaration"))
    return Problem(
        "E105",
        f"expected a declaration, found {found}",
        labels,
        help="a declaration begins with a word such as `state`, `atom` or `pipeline`; statements stand in the `{ }` of an atom or a function",
    )


def unknown_declaration(place: Span, word: str, nearest: str) -> Problem:
    return Problem(
        "E106",
        f"`{word}` does not begin a declaration",
        (Label(place),),
        help=f"did you mean `{nearest}`?",
        fix=replace(f"write `{nearest}`", place, nearest),
    )


def too_deep(place: Span) -> Problem:
    return Problem(
        "E107", "this is nested too deeply", (Label(place),), help="split it with `let`, `fn` or a pipeline of its own"
    )


def chained_comparison(place: Span, operator: str, earlier: Span) -> Problem:
    return Problem(
        "E108",
        f"comparisons do not chain: `{operator}` would compare the result of another one",
        (Label(place), Label(earlier, "compared here already")),
        help="join two comparisons with `and`, or put one in parentheses",
    )


def loose_not(place: Span) -> Problem:
    return Problem(
        "E108",
        "`not` cannot stand behind an operator, since it reaches over the whole comparison",
        (Label(place),),
        help="put it in parentheses: `a == (not b)`",
    )


def assignment_in_expression(place: Span) -> Problem:
    return Problem(
        "E109",
        "`=` assigns, and cannot stand inside an expression",
        (Label(place),),
        help="`==` compares",
        fix=replace("write `==`", place, "=="),
    )


def record_in_braces(place: Span, name: str, closer: Span | None) -> Problem:
    fix = None
    if closer is not None:
        fix = Fix("write parentheses", (Edit(place, "("), Edit(closer, ")")))
    return Problem(
        "E110",
        f"a record is made with parentheses: `{name}(...)`",
        (Label(place),),
        help="braces hold statements and declarations only",
        fix=fix,
    )


def misspelled(place: Span, word: str, near: str) -> Problem:
    return Problem(
        "E106",
        f"`{word}` cannot stand here",
        (Label(place),),
        help=f"did you mean `{near}`?",
        fix=replace(f"write `{near}`", place, near),
    )


def foreign_word(place: Span, word: str, meant: str, fix: bool) -> Problem:
    return Problem(
        "E111",
        f"there is no `{word}` in this language",
        (Label(place),),
        help=f"write `{meant}`",
        fix=replace(f"write `{meant}`", place, meant) if fix else None,
    )


# -- what is no token ---------------------------------------------------------------------------------------------------------


def semicolons(places: list[Span], edits: list[Edit]) -> Problem:
    """One problem for all of them in a file."""
    return Problem(
        "E112",
        "there are no semicolons: the end of the line ends a statement",
        (Label(places[0]),),
        fix=Fix("end lines instead", tuple(edits)),
    )


def foreign_operator(place: Span, operator: str, word: str, typed: str) -> Problem:
    return Problem(
        "E113",
        f"`{operator}` is written `{word}`",
        (Label(place),),
        fix=replace(f"write `{word}`", place, typed),
    )


def modulo_without_spaces(place: Span) -> Problem:
    return Problem(
        "E114",
        "modulo has a space on each side, since `5%` is five percent",
        (Label(place),),
        fix=replace("put spaces around it", place, " % "),
    )


def open_text(place: Span) -> Problem:
    return Problem(
        "E115",
        "this text is not closed before the line ends",
        (Label(place),),
        help='close it with `"`; `\\n` stands for a line end, and `\\"` for a quote',
    )


def single_quotes(place: Span, text: str) -> Problem:
    closed = len(text) > 1 and text.endswith("'") and '"' not in text
    return Problem(
        "E116",
        "a text stands in double quotes",
        (Label(place),),
        fix=replace("use double quotes", place, f'"{text[1:-1]}"') if closed else None,
    )


def block_comment(place: Span) -> Problem:
    return Problem(
        "E117", "a comment begins with `//` and ends with its line", (Label(place),), help="begin each line of it with `//`"
    )


def hash_comment(place: Span) -> Problem:
    return Problem(
        "E117", "a comment begins with `//`, not with `#`", (Label(place),), fix=replace("write `//`", place, "//")
    )


def foreign_name(place: Span, name: str) -> Problem:
    return Problem(
        "E118",
        f"{shown(name)} is not a name: names are made of ASCII letters, digits and `_`",
        (Label(place),),
    )


def strange_characters(place: Span, text: str, meant: str | None) -> Problem:
    if "\0" in text:
        return Problem("E119", "a NUL character: is this file a text?", (Label(place),))
    if meant == " ":
        return Problem(
            "E119", "a no-break space", (Label(place),), help="write a plain space", fix=replace("write a space", place, " ")
        )
    if meant is not None:
        return Problem(
            "E119", f"{shown(text)} means nothing here", (Label(place),), help=f"write `{meant}`",
            fix=replace(f"write `{meant}`", place, meant),
        )  # fmt: skip
    return Problem("E119", f"{shown(text)} means nothing here", (Label(place),))


# -- literals -----------------------------------------------------------------------------------------------------------------


def bad_literal(fault: LiteralFault, span: Span, text: str) -> Problem:
    """The problem with a literal at `span`; the fault's offsets count from its start."""
    place = Label(Span(span.file, span.start + fault.start, span.start + fault.end))
    fix = replace(f"write `{fault.meant}`", span, fault.meant) if fault.meant is not None else None
    match fault.what:
        case "integer_too_large":
            return Problem("E120", f"{shown(text)} is larger than any type holds", (place,), help="the largest is 2^128 - 1")
        case "not_a_number":
            return Problem("E121", f"{shown(text)} is not a number", (place,), help="numbers look like `1_000` or `0x1f`")
        case "fraction":
            return Problem(
                "E122",
                f"{shown(text)}: only a percentage has a fraction",
                (place,),
                help=f"write `{fault.meant}`" if fix else "use a smaller unit",
                fix=fix,
            )
        case "unknown_unit":
            if fix is not None:
                fix = replace(f"write `{fault.meant}`", place.span, fault.meant or "")
            return Problem(
                "E123",
                f"there is no unit {shown(fault.detail)}",
                (place,),
                help=f"did you mean `{fault.meant}`?"
                if fault.meant
                else "the units are ns us ms s m h d, B KiB MiB GiB TiB, bps kbps Mbps Gbps Tbps, pps kpps Mpps",
                fix=fix,
            )
        case "not_an_address":
            return bad_address(fault, place, text)
        case "not_a_port":
            return Problem("E125", f"{shown(fault.detail)} is not a port", (place,), help="ports are 0 to 65535")
        case "prefix_too_long":
            family, width = fault.detail.split()
            return Problem("E126", f"the prefix of an {family} address is 0 to {width} bits long", (place,))
        case "bits_beyond_prefix":
            return Problem(
                "E127",
                f"{shown(text)} has bits set beyond the first {fault.detail}",
                (place,),
                help=f"the prefix is `{fault.meant}`; a single address has no `/`",
                fix=fix,
            )
        case _:
            return bad_text(fault, place)


def bad_address(fault: LiteralFault, place: Label, text: str) -> Problem:
    helps = {
        "IPv4": "four numbers, 0 to 255, without leading zeros: `10.0.0.1`",
        "IPv6": "up to eight groups of hexadecimal digits, `::` once for groups of zero: `2001:db8::1`",
        "MAC": "six pairs of hexadecimal digits: `02:00:00:00:00:01`",
        "MAC or IPv6": "a MAC address has six pairs of hexadecimal digits, an IPv6 address eight groups, or `::`; elsewhere a space follows `:`",
    }
    article = "a" if fault.detail.startswith("MAC") else "an"
    message = f"{shown(text[fault.start : fault.end])} is not {article} {fault.detail} address"
    return Problem("E124", message, (place,), help=helps[fault.detail])


def bad_text(fault: LiteralFault, place: Label) -> Problem:
    match fault.what:
        case "bad_hex":
            return Problem("E128", f"{shown(fault.detail)} is not a hexadecimal digit", (place,))
        case "odd_hex":
            return Problem("E128", "a byte has two hexadecimal digits, and one is missing", (place,))
        case "escape_beyond_ascii":
            return Problem(
                "E129",
                f"`\\x{fault.detail}` is beyond ASCII, and a text is not made of bytes",
                (place,),
                help=f'bytes are written `hex"{fault.detail}"`',
            )
        case _:
            return Problem(
                "E129",
                f"there is no escape {shown(chr(92) + fault.detail)}",
                (place,),
                help=r"the escapes are \" \\ \n \r \t and \x00 to \x7f; a backslash itself is `\\`",
            )
