"""The kept corpus in the test suite: each input as it is, and a few thousand mutations that are the same in every run."""

from __future__ import annotations

import random
import re

from clickup_lang.source import SourceText
from clickup_lang.syntax import parse
from tests.fuzz.seeds import CORPUS, seeds

FILES = sorted(CORPUS.glob("*"))
TEXTS = [path.read_bytes().decode("utf-8", "replace") for path in FILES]
MUTATIONS = 4000


def check(text: str, name: str) -> None:
    for problem in parse(SourceText("fuzz.cup", text)).problems:
        for label in problem.labels:
            assert 0 <= label.span.start <= label.span.end <= len(text), (name, problem)


def test_the_corpus_has_its_seeds_and_stays_small() -> None:
    assert set(seeds()) <= {path.name for path in FILES}
    assert len(FILES) < 600
    assert sum(path.stat().st_size for path in FILES) < 1 << 20


def test_no_input_of_the_corpus_raises() -> None:
    for path, text in zip(FILES, TEXTS):
        check(text, path.name)


def test_no_mutation_of_the_corpus_raises() -> None:
    chance = random.Random(4294967291)
    pieces = [piece for text in TEXTS for piece in re.findall(r"\w+|\s+|[^\w\s]+", text)]
    for number in range(MUTATIONS):
        text = chance.choice(TEXTS)
        for _ in range(chance.randint(1, 5)):
            text = mutated(text, pieces, chance)
        check(text, f"mutation {number}")


def mutated(text: str, pieces: list[str], chance: random.Random) -> str:
    """The text with a piece of any input put in, a stretch taken out or doubled, or one character changed."""
    start = chance.randint(0, len(text))
    end = min(len(text), start + chance.randint(0, 40))
    match chance.randint(0, 4):
        case 0:
            return text[:start] + chance.choice(pieces) + text[start:]
        case 1:
            return text[:start] + text[end:]
        case 2:
            return text[:end] + text[start:]
        case 3:
            return text[:start] + chance.choice(pieces) + text[end:]
        case _:
            return text[:start] + chr(chance.choice([0, 9, 10, 13, 34, 92, 123, 125, 233, 0x2192, 0xD800])) + text[start + 1 :]
