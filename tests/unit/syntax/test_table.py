"""The grammar, its table, and the files that hold it between runs."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path

import pytest
from lark import Lark, Token, logger

from clickup_lang.source import SourceText
from clickup_lang.syntax import parse, prepared_files
from clickup_lang.syntax.build_declarations import TreeBuilder
from clickup_lang.syntax.build_table import build_table, grammar_text
from clickup_lang.syntax.parse import parse_text
from clickup_lang.syntax.prepare import prepare
from clickup_lang.syntax.table import Table, from_plain, plain

SERVICES = sorted((Path(__file__).resolve().parents[2] / "cases" / "services").glob("*.cup"))


@pytest.fixture(scope="module")
def built() -> Table:
    return build_table()


def test_the_only_conflicts_are_the_three_that_are_meant(caplog: pytest.LogCaptureFixture) -> None:
    logger.setLevel(logging.DEBUG)
    try:
        Lark(grammar_text(), parser="lalr", start="declaration", debug=True)
    finally:
        logger.setLevel(logging.CRITICAL)
    messages = [record.getMessage() for record in caplog.records]
    conflicts = {
        (found[1], messages[number + 1].split()[1].lstrip("<"))
        for number, message in enumerate(messages)
        if (found := re.match(r"Shift/Reduce conflict for terminal (\w+)", message))
    }
    assert conflicts == {("ELSE", "conditional"), ("LBRACE", "type"), ("LSQB", "device")}


def test_every_action_is_a_method_of_the_builder_and_every_method_an_action(built: Table) -> None:
    actions = {rule.action for rule in built.rules if rule.action}
    methods = {name for name in dir(TreeBuilder) if not name.startswith("_")}
    helpers = {"doc", "identifier", "integer", "literal_value", "optional", "plain_type", "span_of", "text"}
    assert actions == methods - helpers


def test_the_same_grammar_gives_the_same_table(built: Table) -> None:
    assert build_table() == built


def test_a_table_survives_being_saved(built: Table) -> None:
    assert from_plain(plain(built)) == built


class LineEnds:
    """What the scanner does with line ends, for Lark's own lexer: none inside `( )` and `[ ]`."""

    always_accept = ("_NL",)

    def process(self, stream: object) -> object:
        stack: list[str] = []
        for token in stream:  # type: ignore[attr-defined]
            assert isinstance(token, Token)
            if token.type == "_NL" and stack and stack[-1] in ("LPAR", "LSQB"):
                continue
            if token.type in ("LPAR", "LSQB", "LBRACE"):
                stack.append(token.type)
            if token.type in ("RPAR", "RSQB", "RBRACE") and stack:
                stack.pop()
            yield token


def test_the_grammar_alone_reads_the_services() -> None:
    """The grammar is the language for other tools too: Lark's own lexer and parser read whole files with it."""
    lark = Lark(grammar_text(), parser="lalr", start="file", postlex=LineEnds())  # type: ignore[arg-type]
    for path in SERVICES:
        text = path.read_text(encoding="utf-8")
        read = lark.parse(text)
        mine = parse(SourceText(path.name, text)).module.declarations
        assert len(read.children) == len(mine), path.name


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place for prepared files."""
    monkeypatch.setattr(prepared_files, "FOLDER", str(tmp_path))
    monkeypatch.setattr(prepared_files, "TABLE_FILE", str(tmp_path / "table.pickle"))
    monkeypatch.setattr("clickup_lang.syntax.prepare.FOLDER", str(tmp_path))
    monkeypatch.setattr("clickup_lang.syntax.prepare.TABLE_FILE", str(tmp_path / "table.pickle"))
    return tmp_path


def test_what_is_prepared_is_what_would_be_built(folder: Path, built: Table) -> None:
    assert prepared_files.load_prepared_table() is None
    written = prepare()
    assert sorted(os.listdir(folder)) == sorted(os.path.basename(path) for path in written)
    assert prepared_files.load_prepared_table() == built


def test_a_prepared_tree_is_used_for_that_very_text_only(folder: Path) -> None:
    source = SourceText("<stdlib>/x.cup", "const a = 1\n")
    marked = parse_text(SourceText("<stdlib>/x.cup", "const marked = 1\n"))
    prepared_files.save(prepared_files.tree_path(source), marked)
    assert parse(source) == marked
    assert parse(SourceText("<stdlib>/x.cup", "const a = 2\n")) != marked
    assert parse(SourceText("<stdlib>/y.cup", "const a = 1\n")) != marked
    assert parse(SourceText("x.cup", "const a = 1\n")) != marked


def test_stale_and_damaged_files_are_as_good_as_none(folder: Path, built: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(prepared_files.TABLE_FILE)
    prepared_files.save(str(path), plain(built))
    whole = path.read_bytes()
    for damaged in (b"", whole[:20], whole[:1000], whole[:32] + b"nonsense", whole[:32] + whole[40:]):
        path.write_bytes(damaged)
        assert prepared_files.load_prepared_table() is None
    path.write_bytes(whole)
    assert prepared_files.load_prepared_table() == built
    monkeypatch.setattr(prepared_files, "making", lambda: b"x" * 32)
    assert prepared_files.load_prepared_table() is None
