"""The one door to jinja2: renders a template of `codegen/` with a frozen view. What is missing from a view is an error.

    python -m clickup_lang.backends.templates

compiles all templates into `prepared/`, when cupc is set up; one that has changed since is compiled anew, at each start.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from jinja2 import BytecodeCache, Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from clickup_lang.backends.wrap import wrap
from clickup_lang.share import share


PREPARED = Path(__file__).resolve().parent / "prepared"


class Prepared(FileSystemBytecodeCache):
    """Reads what `prepare` has written: whoever installs cupc writes into its folders, and nobody else."""

    def __init__(self) -> None:
        super().__init__(str(PREPARED), "%s")

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        return super().get_cache_key(name)

    def dump_bytecode(self, bucket: Bucket) -> None:
        pass


class Preparing(Prepared):
    def dump_bytecode(self, bucket: Bucket) -> None:
        FileSystemBytecodeCache.dump_bytecode(self, bucket)


@lru_cache(maxsize=4)
def environment(folder: Path, prepared: BytecodeCache = Prepared()) -> Environment:
    made = Environment(
        loader=FileSystemLoader(folder), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False,
        bytecode_cache=prepared,
    )  # fmt: skip
    made.filters["code"] = code
    return made


def code(lines: Sequence[str]) -> str:
    """The lines of a function's body; labels stand at the margin."""
    return "\n".join(shown for line in lines for shown in ([line] if line.endswith((":", ":;")) and " " not in line else wrap(f"    {line}")))


def render(template: str, view: object) -> str:
    """`template` is a path below `codegen/`; the template sees the view as `view`."""
    return environment(share("codegen")).get_template(template).render(view=view)


def prepare() -> None:
    PREPARED.mkdir(exist_ok=True)
    for old in PREPARED.iterdir():
        old.unlink()
    made = environment(share("codegen"), Preparing())
    for name in made.list_templates(extensions=["j2"]):
        made.get_template(name)


if __name__ == "__main__":
    prepare()
