"""Problems for programs: JSON for scripts, SARIF 2.1.0 for code scanning, workflow commands for GitHub.

Lines and columns count from one, columns are characters, `end_line` and `end_column` are behind the last character.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from clickup_lang.diagnostics.problem import Problem, Severity
from clickup_lang.source import SourceText, Span

Sources = Mapping[str, SourceText]
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render_json(problems: tuple[Problem, ...], sources: Sources) -> str:
    """A list with one object for each problem."""
    return json.dumps([problem_object(p, sources) for p in problems], indent=2, ensure_ascii=False) + "\n"


def problem_object(problem: Problem, sources: Sources) -> dict[str, object]:
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "labels": [{**place_object(label.span, sources), "text": label.text} for label in problem.labels],
        "help": problem.help,
        "fix": None
        if problem.fix is None
        else {
            "title": problem.fix.title,
            "edits": [{**place_object(e.span, sources), "text": e.text} for e in problem.fix.edits],
        },
    }


def place_object(span: Span, sources: Sources) -> dict[str, object]:
    line, column, end_line, end_column = corners(span, sources)
    return {
        "file": span.file,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "start": span.start,
        "end": span.end,
    }


def corners(span: Span, sources: Sources) -> tuple[int, int, int, int]:
    source = sources.get(span.file)
    if source is None:
        return 1, 1, 1, 1
    size = len(source.text)
    line, column = source.line_and_column(min(span.start, size))
    end_line, end_column = source.line_and_column(min(max(span.end, span.start), size))
    return line, column, end_line, end_column


def render_github(problem: Problem, sources: Sources) -> str:
    """A workflow command, which GitHub shows beside the line."""
    properties = f"title={escape_property(problem.code)}"
    if problem.labels:
        span = problem.labels[0].span
        line, column, end_line, end_column = corners(span, sources)
        last = f",endColumn={max(column, end_column - 1)}" if line == end_line else ""
        properties = f"file={escape_property(span.file)},line={line},col={column},endLine={end_line}{last},{properties}"
    text = problem.message + (f"\nhelp: {problem.help}" if problem.help else "")
    return f"::{LEVELS[problem.severity]} {properties}::{escape_data(text)}"


def escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")


def render_sarif(problems: tuple[Problem, ...], sources: Sources) -> str:
    codes = sorted({p.code for p in problems})
    log = {
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "cupc", "rules": [sarif_rule(code) for code in codes]}},
                "columnKind": "unicodeCodePoints",
                "results": [sarif_result(p, codes.index(p.code), sources) for p in problems],
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def sarif_rule(code: str) -> dict[str, object]:
    return {"id": code, "help": {"text": f"`cupc explain {code}` says what it means, with a failing and a mended program."}}


def sarif_result(problem: Problem, rule: int, sources: Sources) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": "note" if problem.severity is Severity.NOTE else problem.severity.value,
        "message": {"text": problem.message + (f"\nhelp: {problem.help}" if problem.help else "")},
        "locations": [sarif_location(label.span, label.text, sources) for label in problem.labels[:1]],
        "relatedLocations": [sarif_location(label.span, label.text, sources) for label in problem.labels[1:]],
    }
    if problem.fix is not None:
        result["fixes"] = [sarif_fix(problem, sources)]
    return result


def sarif_location(span: Span, text: str, sources: Sources) -> dict[str, object]:
    location: dict[str, object] = {
        "physicalLocation": {"artifactLocation": {"uri": uri_of(span.file)}, "region": sarif_region(span, sources)}
    }
    if text:
        location["message"] = {"text": text}
    return location


def uri_of(file: str) -> str:
    from urllib.parse import quote

    return quote(file)


def sarif_region(span: Span, sources: Sources) -> dict[str, int]:
    line, column, end_line, end_column = corners(span, sources)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def sarif_fix(problem: Problem, sources: Sources) -> dict[str, object]:
    assert problem.fix is not None
    return {
        "description": {"text": problem.fix.title},
        "artifactChanges": [
            {
                "artifactLocation": {"uri": uri_of(edit.span.file)},
                "replacements": [
                    {"deletedRegion": sarif_region(edit.span, sources), "insertedContent": {"text": edit.text}}
                ],
            }
            for edit in problem.fix.edits
        ],
    }
