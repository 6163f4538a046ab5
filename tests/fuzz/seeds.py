"""The seeds of the corpus: every item of every service, and every literate case, each in a file of its own.

    python -m tests.fuzz.seeds

adds those that are missing. Inputs that the fuzzer found are kept beside them.
"""

from __future__ import annotations

import re
from pathlib import Path

from clickup_lang.syntax.items import DECLARATIONS
from tests.literate import CASES, read_cases

CORPUS = Path(__file__).resolve().parent / "corpus"


def seeds() -> dict[str, str]:
    """Texts by file name; a text that two services share is there once."""
    found: dict[str, str] = {}
    for path in sorted((CASES / "services").glob("*.cup")):
        starts = re.split(r"^(?=(?:" + "|".join(sorted(DECLARATIONS)) + r")\b)", path.read_text(encoding="utf-8"), flags=re.M)
        for number, item in enumerate(starts):
            found.setdefault(item, f"{path.stem}_{number:02}.cup")
    for case in read_cases("syntax"):
        name = re.sub(r"\W+", "_", case.title).lower()
        found.setdefault(case.program, f"{case.file.removesuffix('.md')}_{name}.cup")
    return {name: text for text, name in found.items()}


if __name__ == "__main__":
    CORPUS.mkdir(exist_ok=True)
    for name, text in seeds().items():
        (CORPUS / name).write_bytes(text.encode("utf-8"))
