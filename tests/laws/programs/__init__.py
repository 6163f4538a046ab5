"""Well-typed programs over the whole language, drawn at random: `random_program(seed)`."""

from tests.laws.programs.files import RandomProgram, files_of
from tests.laws.programs.program import random_program

__all__ = ["RandomProgram", "files_of", "random_program"]
