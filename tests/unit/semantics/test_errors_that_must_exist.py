"""The errors that the language promises, each with its code: on the page of the code is a program that has this error alone.

What is asked of each: a message in the user's words, both places where there are two, a help line or a fix, and a literate case.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from clickup_lang.diagnostics import Problem
from clickup_lang.diagnostics.explain import explain
from clickup_lang.session import Session
from clickup_lang.source import MemoryFileSystem
from tests.literate import read_cases


class Wanted(NamedTuple):
    """`message` is found in what is said; `places` how many are underlined at least; `fix` whether one can be typed."""

    error: str
    code: str
    message: str
    places: int = 1
    fix: bool = False

    def __str__(self) -> str:
        return self.error


WANTED = (
    Wanted("unknown name, with the nearest one", "E201", "there is no value `eht`", fix=True),
    Wanted("unknown field, with the nearest one", "E208", "has no field `ethertype`", fix=True),
    Wanted("name of a module that is not imported", "E206", "which this file does not import", fix=True),
    Wanted("wrong type", "E301", "does not go between `size` and `duration`"),
    Wanted("narrowing", "E302", "it may not fit"),
    Wanted("missing header on a path", "E401", "is not there on every path", places=3),
    Wanted("same header twice without `as`", "E402", "another place in the packet already", places=2),
    Wanted("union member not handled", "E403", "says nothing about `ipv6`"),
    Wanted("field of a union that not all members have", "E404", "`ipv6` lacks it"),
    Wanted("unconnected port", "E601", "nothing says where packets from `Check[bad]` go", places=2),
    Wanted("unknown port", "E602", "has no port `ipv4`", fix=True),
    Wanted("two edges from one port", "E603", "two edges leave `wire[ip]`", places=2),
    Wanted("cycle", "E604", "round for ever: shrink -> shrink"),
    Wanted("unreachable atom", "E605", "no packet can reach `check`"),
    Wanted("path without `emit`", "E606", "ends without `emit`"),
    Wanted("recursion", "E312", "functions do not call themselves: bits -> bits"),
    Wanted("unbounded loop", "E313", "65536 is the most"),
    Wanted("unbounded bytes", "E320", "these bytes have no bound"),
    Wanted("full table without `else`", "E501", "may be full, and nothing says what then", places=2),
    Wanted("`else` on a table that evicts", "E502", "makes room when it is full", places=2, fix=True),
    Wanted("entry used after `remove`", "E503", "the entry `h` is gone here", places=2),
    Wanted("lease copied", "E512", "belongs to one entry, and is not copied", places=2),
    Wanted("tag read before it is set", "E509", "is not set on every path", places=2),
    Wanted("write to `config`", "E504", "the operator writes it", places=2),
    Wanted("write to a computed field", "E405", "never written by hand", places=2),
    Wanted("state that `on leave` may not touch", "E513", "`on leave` does not touch"),
    Wanted("unnamed stateful instance", "E611", "no name to know it by", places=2, fix=True),
    Wanted("unused state", "W505", "no packet reads or writes `seen`"),
    Wanted("state written but never read", "W506", "no packet ever reads it"),
    Wanted("states torn apart", "W508", "one transaction writes", places=2),
    Wanted("rule without effect", "E522", ""),
    Wanted("value out of range", "E303", "256 does not fit `u8`"),
    Wanted("duplicate declaration", "E202", "is declared twice", places=2),
    Wanted("service without pipeline", "E607", "the service has no pipeline"),
)
SAYS_IT_ALL = {"E303"}  # the range stands in the message


def problem_of(code: str) -> Problem:
    page = explain(code)
    assert page is not None
    problems = Session(MemoryFileSystem({"program.cup": page.programs("failing")[0]})).check("program.cup").problems
    return problems[0]


@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_an_error_is_said_with_all_its_places_and_what_to_do(wanted: Wanted) -> None:
    problem = problem_of(wanted.code)
    assert problem.code == wanted.code and wanted.message in problem.message, problem.message
    assert len(problem.labels) >= wanted.places and (problem.help or problem.fix or wanted.code in SAYS_IT_ALL), problem
    assert not wanted.fix or problem.fix is not None
    if problem.fix is not None:
        assert all(edit.span.file == "program.cup" for edit in problem.fix.edits)


@pytest.mark.parametrize("wanted", [w for w in WANTED if w.fix], ids=str)
def test_a_fix_that_is_typed_mends_the_program(wanted: Wanted) -> None:
    page = explain(wanted.code)
    fix = problem_of(wanted.code).fix
    assert page is not None and fix is not None
    text = page.programs("failing")[0]
    for edit in sorted(fix.edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert Session(MemoryFileSystem({"program.cup": text})).check("program.cup").problems == (), text


def test_each_error_has_a_literate_case() -> None:
    told = {match[1] for room in ("semantics", "syntax") for case in read_cases(room) for line in case.expected if (match := re.match(r"\S+ ([EWN]\d+) ", line))}
    assert {w.code for w in WANTED} - told == set()


def test_files_that_import_each_other_are_shown_as_a_circle() -> None:
    files = {"a.cup": 'service a version 1\nimport "./b.cup"\n', "b.cup": 'import "./a.cup"\n'}
    problem = next(p for p in Session(MemoryFileSystem(files)).check("a.cup").problems if p.code == "E204")
    assert "a.cup" in problem.message and "b.cup" in problem.message


def test_a_taken_second_key_needs_an_else_on_a_table_that_evicts_too() -> None:
    program = """\
service keys version 1
import io
record Use { port : u16 }
state uses : map<u16, Use> {
    capacity  10
    when full evict oldest
    index     by_port : u16 = port unique
}
param wire : device = "eth0"
atom Try -> out {
    uses[5] = Use(port: 7)
    if 7 in uses { emit out }
    emit out
}
pipeline { FromDevice(wire) -> Try as try -> ToDevice(wire) }
"""
    problems = Session(MemoryFileSystem({"program.cup": program})).check("program.cup").problems
    assert [p.code for p in problems] == ["E501"] and "second key" in problems[0].message


def test_after_a_syntax_error_the_rest_of_the_file_is_still_checked() -> None:
    program = """\
service rest version 1
import net
import io
param wire : device = "eth0"

atom Broken -> out {
    if packet.length > { emit out }
    emit out
}

atom Whole -> out {
    eth.tipe = 5
    emit out
}

pipeline {
    FromDevice(wire) -> Whole as whole -> ToDevice(wire)
    whole[] -> Discard
}
"""
    problems = Session(MemoryFileSystem({"program.cup": program})).check("program.cup").problems
    assert [(p.code, program.count("\n", 0, p.labels[0].span.start) + 1) for p in problems] == [("E102", 7), ("E208", 12), ("E102", 18)], problems


@pytest.mark.parametrize("operator", ["and", "or", "+", "*"])
def test_a_line_that_ends_in_an_operator_is_told_how_to_go_on(operator: str) -> None:
    program = f"service go_on version 1\natom Try -> out {{\n    if packet.length > 5 {operator}\n        packet.length < 9 {{ emit out }}\n    emit out\n}}\n"
    problem = next(p for p in Session(MemoryFileSystem({"program.cup": program})).check("program.cup").problems if p.code == "E102")
    assert problem.help is not None and problem.help.startswith("to go on in the next line"), problem
