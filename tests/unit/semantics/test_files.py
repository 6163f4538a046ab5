"""Problems between the files of a program."""

from __future__ import annotations

from clickup_lang.session import Session
from clickup_lang.source import DiskFileSystem, MemoryFileSystem
from tests.unit.semantics.programs import ask, codes, told

PROGRAM = """service example version 1
import net
import io
import "./rules.cup"
param inside : device = "eth0"
pipeline {
    FromDevice(inside) -> Check -> Discard
}
"""
RULES = """import net
atom Check -> pass, deny = drop {
    parse eth else deny
    emit pass
}
"""


def test_a_file_beside_the_program_is_imported() -> None:
    assert told(ask(PROGRAM, {"rules.cup": RULES})) == []


def test_a_file_that_is_not_there_is_one_problem() -> None:
    assert told(ask(PROGRAM)) == ["4:1 E203 `./rules.cup` cannot be read: no such file or directory"]


def test_a_name_that_no_file_can_have_is_one_problem() -> None:
    program = PROGRAM.replace("rules.cup", "a\0b.cup")
    checked = Session(MemoryFileSystem({"fuzz.cup": program}, DiskFileSystem())).check("fuzz.cup")
    assert [p.code for p in checked.problems][:1] == ["E203"] and "no file can have that name" in checked.problems[0].message


def test_files_that_import_each_other_are_one_problem() -> None:
    rules = 'import "./more.cup"\n' + RULES
    more = 'import "./rules.cup"\n'
    assert told(ask(PROGRAM, {"rules.cup": rules, "more.cup": more})) == [
        "more.cup:1:1 E204 files import each other in a circle: rules.cup -> more.cup -> rules.cup",
        "  help: move what both need into a third file",
    ]


def test_a_file_that_only_another_one_imports_is_named_as_one_imports_it() -> None:
    rules = 'import "./more.cup"\n' + RULES
    more = "const LIMIT = 3\n"
    program = PROGRAM + "const TWICE = LIMIT + LIMIT\n"
    assert told(ask(program, {"rules.cup": rules, "more.cup": more})) == [
        "9:15 E206 `LIMIT` is declared in `./more.cup`, which this file does not import",
        '  help: write `import "./more.cup"`',
        '  fix: write `import "./more.cup"`',
    ]


def test_a_problem_in_an_imported_file_is_shown_there() -> None:
    assert told(ask(PROGRAM, {"rules.cup": RULES.replace("emit pass", "emit past")})) == [
        "rules.cup:4:10 E602 `Check` has no port `past`",
        "  help: it has `pass` and `deny`",
        "  fix: write `pass`",
    ]


def test_a_syntax_error_hides_no_more_than_itself() -> None:
    broken = ask(PROGRAM, {"rules.cup": RULES.replace("parse eth else deny", "parse eth else")})
    assert [code[:2] for code in codes(broken)] == ["E1"]


def test_a_state_goes_through_a_pipeline_of_another_file_to_its_atoms() -> None:
    program = PROGRAM.replace("Check -> Discard", "Checked(refused) -> Discard") + "state refused : counter\n"
    part = "pipeline Checked(table: counter) -> good {\n    input -> Count(table) -> good\n}\n"
    assert told(ask(program, {"rules.cup": "import io\n" + part})) == []
    hiding = program + "state table : counter\n"
    assert [p.code for p in ask(hiding, {"rules.cup": "import io\n" + part}).problems] == ["W505"]  # `table` itself is not used


def test_a_value_of_a_pipeline_hides_a_state_of_its_name() -> None:
    program = PROGRAM.replace("Check -> Discard", "Checked(5) -> Discard") + "state table : counter\n"
    part = "pipeline Checked(table: u8) -> good {\n    input -> Count(table) -> good\n}\n"
    assert told(ask(program + part.replace("import io\n", ""), {"rules.cup": RULES}))[0] == "11:20 E207 the name of a state of type `counter` is wanted here"
