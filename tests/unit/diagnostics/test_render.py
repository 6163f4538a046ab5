"""Problems as text: goldens that a reader can check by eye, and laws about where underlines stand."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from clickup_lang.diagnostics import Edit, Fix, Label, Problem, Severity
from clickup_lang.diagnostics.excerpt import columns_of
from clickup_lang.diagnostics.render import Form, Look, render, render_short, render_text
from clickup_lang.source import SourceText, Span

TEXT = """\
service firewall version 1
import net
config limit : u8 = 3

atom Track -> pass {
\tlet key = flow_key(ip, l4) + flow_key(inner)
    emit pass
}
"""
OTHER = "fn flow_key(ip: ip) -> Flow { return ip }\n"
SOURCES = {"firewall.cup": SourceText("firewall.cup", TEXT), "flow.cup": SourceText("flow.cup", OTHER)}


def at(what: str, file: str = "firewall.cup") -> Span:
    start = SOURCES[file].text.index(what)
    return Span(file, start, start + len(what))


def shown(problem: Problem, width: int = 100) -> str:
    return render_text(problem, SOURCES, Look(width=width))


def test_two_places_on_one_line_one_in_another_file_and_a_help() -> None:
    problem = Problem(
        "E301",
        "`flow_key` takes one header, not two",
        (
            Label(at("flow_key(ip, l4)"), "two are given"),
            Label(at("key"), "for this"),
            Label(at("ip: ip", "flow.cup"), "one is taken"),
        ),
        help="leave `l4` out",
    )
    assert shown(problem) == """\
error E301: `flow_key` takes one header, not two
 --> firewall.cup:6:12
  |
6 |     let key = flow_key(ip, l4) + flow_key(inner)
  |         ---   ^^^^^^^^^^^^^^^^ two are given
  |         |
  |         for this
 ::: flow.cup:1:13
  |
1 | fn flow_key(ip: ip) -> Flow { return ip }
  |             ------ one is taken
  |
  = help: leave `l4` out
"""


def test_lines_between_are_shown_or_cut_and_a_range_over_lines_is_begun() -> None:
    whole = Span("firewall.cup", TEXT.index("atom"), len(TEXT))
    problem = Problem(
        "W501",
        "nobody reads `limit`",
        (Label(at("limit"), "here"), Label(at("firewall"), "in this"), Label(whole, "and this")),
        severity=Severity.WARNING,
    )
    assert shown(problem) == """\
warning W501: nobody reads `limit`
 --> firewall.cup:3:8
  |
1 | service firewall version 1
  |         -------- in this
2 | import net
3 | config limit : u8 = 3
  |        ^^^^^ here
4 |
5 | atom Track -> pass {
  | --------------------... and this
"""


def test_a_fix_shows_the_lines_before_and_after() -> None:
    problem = Problem("E201", "no `limt`", (Label(at("limit")),), fix=Fix("write `limits`", (Edit(at("limit"), "limits"),)))
    assert shown(problem).endswith("""\
  = fix: write `limits`
3 - config limit : u8 = 3
3 + config limits : u8 = 3
""")


def test_a_wide_character_takes_two_columns_and_a_long_line_is_cut_around_the_place() -> None:
    text = "x" * 200 + " 鍵 = here " + "y" * 200
    start = text.index("here")
    source = {"a.cup": SourceText("a.cup", text)}
    rows = render_text(Problem("E1", "m", (Label(Span("a.cup", start, start + 4)),)), source, Look(width=60)).splitlines()
    line, under = rows[3], rows[4]
    assert all(columns_of(row) <= 60 for row in rows)
    assert line.startswith("1 | ...") and line.endswith("...") and "鍵 = here" in line
    assert under.index("^") == columns_of(line[: line.index("here")])


def test_nothing_in_a_source_or_message_reaches_the_terminal_as_a_command() -> None:
    source = {"a.cup": SourceText("a.cup", "let \x1b[31m = \u202e1\n")}
    shown_text = render_text(Problem("E1", "no \x1b]0;x\x07", (Label(Span("a.cup", 4, 5), "\x9b"),)), source)
    assert not any(c < " " and c != "\n" or c in "\x9b\u202e" for c in shown_text)
    assert "\\x1b[31m" in shown_text and "\\u202e" in shown_text


def test_a_problem_without_place_and_one_in_an_unknown_file() -> None:
    assert shown(Problem("E001", "no file `a.cup`")) == "error E001: no file `a.cup`\n"
    assert render_short(Problem("E001", "no file `a.cup`"), {}) == "cupc: E001 no file `a.cup`"
    unknown = Problem("E1", "m", (Label(Span("gone.cup", 3, 4), "there"),))
    assert render_text(unknown, {}) == "error E1: m\n --> gone.cup\n  = there\n"


def test_colours_come_only_when_asked_and_change_nothing_else() -> None:
    problem = Problem("E1", "m", (Label(at("limit"), "here"),), help="h", fix=Fix("f", (Edit(at("limit"), "x"),)))
    import re

    coloured = render_text(problem, SOURCES, Look(color=True))
    assert "\x1b[1;31m" in coloured and "\x1b" not in shown(problem)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == shown(problem)


def test_short_is_one_line_with_place_code_and_message() -> None:
    problems = (Problem("E201", "no `limt`", (Label(at("limit")),)), Problem("W5", "w", (Label(at("atom")),), severity=Severity.WARNING))
    assert render(problems, SOURCES, Form.SHORT) == "firewall.cup:3:8: E201 no `limt`\nfirewall.cup:5:1: W5 w\n"


def test_json_says_everything() -> None:
    problem = Problem("E201", "no `limt`", (Label(at("limit"), "here"),), "h", Fix("f", (Edit(at("limit"), "x"),)))
    [found] = json.loads(render((problem,), SOURCES, Form.JSON))
    assert (found["code"], found["severity"], found["message"], found["help"]) == ("E201", "error", "no `limt`", "h")
    place = {"file": "firewall.cup", "line": 3, "column": 8, "end_line": 3, "end_column": 13, "start": 45, "end": 50}
    assert found["labels"] == [{**place, "text": "here"}]
    assert found["fix"] == {"title": "f", "edits": [{**place, "text": "x"}]}
    assert json.loads(render((), SOURCES, Form.JSON)) == []


def test_sarif_names_the_rule_the_place_and_the_fix() -> None:
    problem = Problem("E201", "no `limt`", (Label(at("limit"), "here"),), "h", Fix("f", (Edit(at("limit"), "x"),)))
    [run] = json.loads(render((problem,), SOURCES, Form.SARIF))["runs"]
    [result] = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "E201"
    region = {"startLine": 3, "startColumn": 8, "endLine": 3, "endColumn": 13}
    assert result["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "firewall.cup"}, "region": region}
    assert result["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"] == "x"


def test_github_escapes_what_its_commands_are_made_of() -> None:
    source = {"a,b:c.cup": SourceText("a,b:c.cup", "abc\n")}
    line = render((Problem("E1", "100% of\nit", (Label(Span("a,b:c.cup", 1, 3)),)),), source, Form.GITHUB)
    assert line == "::error file=a%2Cb%3Ac.cup,line=1,col=2,endLine=1,endColumn=3,title=E1::100%25 of%0Ait\n"


LINES = st.text(alphabet=st.sampled_from("ab \t(鍵é\u0301\x1b\u202e"), max_size=150)


@settings(max_examples=300, deadline=None)
@given(LINES, st.data())
def test_an_underline_stands_under_what_it_means(line: str, data: st.DataObject) -> None:
    line += "<here>"
    start = line.index("<here>")
    line += data.draw(LINES)
    source = {"a.cup": SourceText("a.cup", line)}
    rows = render_text(Problem("E1", "m", (Label(Span("a.cup", start, start + 6)),)), source, Look(width=70)).splitlines()
    drawn, under = rows[3], rows[4]
    assert under.count("^") == 6
    assert under.index("^") == columns_of(drawn[: drawn.index("<here>")])


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab\n\t鍵\r", max_size=60), st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70), st.text("xy", max_size=3)), min_size=1, max_size=5), st.integers(20, 90))
def test_any_places_in_any_text_are_shown(text: str, places: list[tuple[int, int, str]], width: int) -> None:
    labels = tuple(Label(Span("a.cup", min(a, b), max(a, b)), t) for a, b, t in places)
    fix = Fix("f", (Edit(labels[0].span, "new\nline"),))
    for form in Form:
        shown_text = render((Problem("E1", "m", labels, "h", fix),), {"a.cup": SourceText("a.cup", text)}, form, Look(width=width))
        assert "m" in shown_text
        if form is Form.TEXT:
            assert all(any(t in row for row in shown_text.splitlines()) for _, _, t in places)
