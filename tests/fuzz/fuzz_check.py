"""Coverage-guided fuzzing of the compiler's front: no text may raise, and problems lie inside the text.

    python -m tests.fuzz.fuzz_check [--parse] [FLAGS OF LIBFUZZER]

mutates the files of `tests/fuzz/corpus/` until it is stopped (`-max_total_time=600`), and keeps what it finds in `build/fuzz/`. With
`--parse` only the parser is run, which is twenty times faster. An input that raises is written as `crash-...`: make it a case.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import atheris

CORPUS = Path(__file__).resolve().parent / "corpus"
FOUND = Path(__file__).resolve().parents[2] / "build" / "fuzz"

with atheris.instrument_imports(include=["clickup_lang"]):
    from clickup_lang.diagnostics.problem import Problem
    from clickup_lang.session import Session
    from clickup_lang.source import DiskFileSystem, MemoryFileSystem, SourceText
    from clickup_lang.syntax import parse

PATH = "fuzz.cup"


def holds(text: str, problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        for label in problem.labels:
            if label.span.file == PATH:
                assert 0 <= label.span.start <= label.span.end <= len(text), problem


def parse_one(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    holds(text, parse(SourceText(PATH, text)).problems)


def check_one(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    holds(text, Session(MemoryFileSystem({PATH: text}, DiskFileSystem())).check(PATH).problems)


def main(arguments: list[str]) -> None:
    target: Callable[[bytes], None] = parse_one if "--parse" in arguments else check_one
    FOUND.mkdir(parents=True, exist_ok=True)
    flags = [argument for argument in arguments if argument != "--parse"]
    atheris.Setup([flags[0], str(FOUND), str(CORPUS), "-max_len=8192", f"-artifact_prefix={FOUND}/", *flags[1:]], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
