"""What is written from habit stops the parser, and the problem's help says what is meant."""

from __future__ import annotations

import pytest

from clickup_lang.source import SourceText
from clickup_lang.syntax import parse


@pytest.mark.parametrize(
    ("program", "help"),
    [
        ("const wait = 5 ms\n", "there is no space inside a literal: `5ms`"),
        ("const rate = 10 Mbps\n", "there is no space inside a literal: `10Mbps`"),
        ("atom A -> x {\n    a++\n}\n", "write `+= 1`"),
        ("atom A -> x {\n    a--\n}\n", "write `-= 1`"),
        ("pipeline {\n    network :: IP\n}\n", "a name stands behind what it is given to: `Atom as name`"),
        ("pipeline {\n    a[0] -> b\n}\n", "ports have names: `a[deny] -> b`"),
        ("pipeline {\n    a -> [1] b\n}\n", "an atom has one way in, which is not named"),
        ("state s : map<(u8, u8), u8> { capacity 5 }\n", "a key of several parts is a `record`"),
        ("const a = (5 b)\n", None),
    ],
)
def test_the_help_says_what_is_meant(program: str, help: str | None) -> None:
    (problem,) = parse(SourceText("case.cup", program)).problems
    assert (problem.code, problem.help) == ("E102", help)
