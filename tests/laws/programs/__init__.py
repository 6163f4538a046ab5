"""Well-typed programs over the whole language, drawn at random: `random_program(seed)`."""

from tests.laws.programs.program import RandomProgram, random_program

__all__ = ["RandomProgram", "random_program"]
