"""Laws of recovery: no text raises, problems lie inside it, and an error in one declaration leaves the others as they were."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from clickup_lang.source import SourceText
from clickup_lang.syntax import Parsed, parse, tree
from clickup_lang.syntax.items import DECLARATIONS
from tests.literate import read_cases

SERVICES = sorted((Path(__file__).resolve().parents[2] / "cases" / "services").glob("*.cup"))
TEXTS = [path.read_text(encoding="utf-8") for path in SERVICES]

# What a slip of the finger, or a habit from another language, can put between two tokens.
SLIPS = [
    "(", ")", "[", "]", "{", "}", "<", ">", "->", "=>", "=", "==", ",", ".", ":", "..", "+", "-", "|", "&", "%", "*", "/", ";", "!",
    "&&", "||", "@", "#", "\\", "'", '"', "`", "\0", "é", "→", "\n", "\r", "\t", "and", "or", "not", "in", "if", "else", "match", "let",
    "emit", "for", "state", "atom", "test", "pipeline", "x", "Session", "0", "10foo", "300.0.0.1", "10.0.0.1", "::1", "5%", "1.5",
    '"text"', 'hex"9"', "///", "// comment",
]  # fmt: skip


def check(text: str) -> Parsed:
    """Parses, and holds what is true of every text."""
    parsed = parse(SourceText("any.cup", text))
    for problem in parsed.problems:
        assert re.fullmatch(r"E1\d\d", problem.code)
        assert problem.labels and problem.message
        assert problem.message.isprintable() and not problem.message.endswith(".")
        spans = [label.span for label in problem.labels] + [edit.span for edit in (problem.fix.edits if problem.fix else ())]
        for span in spans:
            assert span.file == "any.cup"
            assert 0 <= span.start <= span.end <= len(text)
    return parsed


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=200))
@example("\ufeffstate a : counter")
@example("\ud800")
@example("state")
@example("state\n")
@example("\r")
@example("/*")
@example('"')
@example("%")
def test_no_text_raises(text: str) -> None:
    check(text)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(SLIPS + sorted(DECLARATIONS)), max_size=40), st.sampled_from(["", " ", "\n"]))
def test_no_row_of_tokens_raises(tokens: list[str], between: str) -> None:
    check(between.join(tokens))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_mutation_of_a_service_raises(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 30))
        text = text[:start] + data.draw(st.sampled_from(SLIPS) | st.text(max_size=5)) + text[start + length :]
    check(text)


def item_starts(text: str) -> list[int]:
    """Where the declarations of a sound text begin."""
    return [found.start() for found in re.finditer(r"^(?:" + "|".join(DECLARATIONS) + r")\b", text, re.M)]


def names(declarations: tuple[tree.Declaration, ...]) -> list[str]:
    """Each declaration as its kind and name."""
    found: list[str] = []
    for declaration in declarations:
        name = getattr(declaration, "name", None)
        shown = name.text if isinstance(name, tree.Identifier) else name
        found.append(f"{type(declaration).__name__} {shown or getattr(declaration, 'path', '')}")
    return found


WHOLE = {text: names(parse(SourceText("any.cup", text)).module.declarations) for text in TEXTS}

# Before every word behind the first declaration's keyword.
PLACES = {text: [found.start() for found in re.finditer(r"\S+", text)][1:] for text in TEXTS}
PLACES = {text: [place for place in places if place > item_starts(text)[0]] for text, places in PLACES.items()}


def check_slip(text: str, slipped: str, at: int, growth: int) -> None:
    """`slipped` is `text` with a change at offset `at` that made it longer by `growth`."""
    starts = item_starts(text)
    number = max(i for i, start in enumerate(starts) if start <= at)
    end = (starts[number + 1] if number + 1 < len(starts) else len(text)) + growth
    parsed = check(slipped)
    whole = WHOLE[text]
    kept = names(parsed.module.declarations)
    assert kept[:number] == whole[:number]
    after = whole[number + 1 :]
    assert not after or kept[-len(after) :] == after
    for problem in parsed.problems:
        place = problem.labels[0].span
        assert starts[number] <= place.start and place.end <= end, problem


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_lost_line_harms_its_own_item_only(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    lines = text.splitlines(keepends=True)
    starts = item_starts(text)
    offsets = [sum(map(len, lines[:i])) for i in range(len(lines))]
    number = data.draw(st.integers(0, len(lines) - 1).filter(lambda i: offsets[i] >= starts[0] and lines[i].strip()))
    check_slip(text, "".join(lines[:number] + lines[number + 1 :]), offsets[number], -len(lines[number]))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_stray_token_harms_its_own_item_only(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    at = data.draw(st.sampled_from(PLACES[text]))
    token = data.draw(st.sampled_from(SLIPS)) + " "
    # These go on with the line before, which then is touched too.
    assume(token.strip() not in ("->", ".", "else", "and", "or", "&&", "||") or text[at - 1] != "\n")
    check_slip(text, text[:at] + token + text[at:], at, len(token))


def test_a_body_that_is_not_indented_is_read_all_the_same() -> None:
    for text in TEXTS:
        flat = re.sub(r"^[ \t]+", "", text, flags=re.M)
        parsed = check(flat)
        assert parsed.problems == ()
        assert names(parsed.module.declarations) == WHOLE[text]


def test_carriage_returns_and_tabs_change_nothing() -> None:
    for text in TEXTS:
        parsed = check(text.replace("\n", "\r\n").replace("    ", "\t"))
        assert parsed.problems == ()
        assert names(parsed.module.declarations) == WHOLE[text]


def nested(depth: int) -> list[str]:
    """Texts that nest so deep, each in another way."""
    return [
        "const a = " + "(" * depth + "1" + ")" * depth,
        "const a = " + "[" * depth + "1" + "]" * depth,
        "const a = " + "f(" * depth + "1" + ")" * depth,
        "const a = " + "-" * depth + "1",
        "const a = " + "not " * depth + "b",
        "const a = b" + " + b" * depth,
        "const a = b" + ".c" * depth,
        "const a = b" + "()" * depth,
        "state a : " + "set<" * depth + "u8" + ">" * depth,
        "atom A -> x {" + "if a {\n" * depth + "emit x\n" + "}\n" * depth + "}",
        "atom A -> x {\nif a { }" + " else if a { }" * depth + "\n}",
        "atom A -> x {" + "match a { _ => {\n" * depth + "emit x\n" + "} }\n" * depth + "}",
        'test "x" {' + "for i in 0..1 {\n" * depth + "wait 1s\n" + "}\n" * depth + "}",
    ]


def test_deep_nesting_is_one_problem_and_the_rest_is_read() -> None:
    for text in nested(400):
        parsed = check(text + "\nstate after : counter\n")
        assert [problem.code for problem in parsed.problems] == ["E107"], text[:40]
        assert names(parsed.module.declarations) == ["State after"]


def test_nesting_that_a_person_writes_is_no_problem() -> None:
    for text in nested(40):
        parsed = check(text)
        assert parsed.problems == ()
        assert repr(parsed.module) and hash(parsed.module) == hash(check(text).module)


def test_the_deepest_tree_can_be_walked() -> None:
    for text in nested(95):
        parsed = check(text)
        if not parsed.problems:
            assert hash(parsed.module) == hash(check(text).module)


def test_a_file_that_is_too_large_is_one_problem() -> None:
    parsed = check("//" + " " * (4 << 20))
    assert [problem.code for problem in parsed.problems] == ["E100"]


def test_a_file_that_is_no_program_gives_no_flood() -> None:
    parsed = check("".join(f"x{i} \\ é\n" for i in range(2000)))
    assert len(parsed.problems) == 101 and parsed.problems[-1].code == "E101"
    assert [problem.code for problem in check("MZ\0\0\1\2" * 100).problems].count("E119") <= 100


def test_the_names_of_what_could_not_be_read_are_kept() -> None:
    parsed = check("record R { a }\nextern atom E(\natom A -> {\nservice s\nimport n,\nstate s : counter\n")
    assert [name.text for name in parsed.unread] == ["R", "E", "A"]


MENDED_IN_SEVERAL_STEPS = {"Characters of a word processor", "A semicolon in the middle", "An operator in the wrong place"}


def test_a_fix_gives_a_text_without_that_problem() -> None:
    mended = 0
    for case in read_cases("syntax"):
        for problem in check(case.program).problems:
            if problem.fix is None:
                continue
            text = case.program
            for edit in sorted(problem.fix.edits, key=lambda e: -e.span.start):
                text = text[: edit.span.start] + edit.text + text[edit.span.end :]
            after = parse(SourceText("any.cup", text)).problems
            place = problem.labels[0].span
            assert (problem.code, place) not in [(p.code, p.labels[0].span) for p in after], case.title
            assert len(after) < len(check(case.program).problems) or case.title in MENDED_IN_SEVERAL_STEPS, case.title
            mended += 1
    assert mended > 30
