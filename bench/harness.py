"""`compile_harness`: a C++ program around a generated kernel in memory."""

from __future__ import annotations

import subprocess
from pathlib import Path

from clickup_lang.session import Session
from clickup_lang.source import MemoryFileSystem

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = ROOT / "runtime_c"


def compile_harness(text: str, name: str, harness: Path, folder: Path, *defines: str) -> Path:
    """Of `harness`, which includes KERNEL, for the program `text`; in `folder`. `name` is the program's file."""
    bundle = Session(MemoryFileSystem({name: text})).bundle(name).bundle
    assert bundle is not None
    for artifact in bundle.artifacts:
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.content)
    include = ["-I", str(folder), "-I", str(RUNTIME / "include"), "-I", str(ROOT / "bench/bare")]
    objects: list[str] = []
    for source in sorted(RUNTIME.glob("src/*.c")):
        if not source.name.startswith("native"):
            objects.append(str(folder / f"{source.stem}.o"))
            subprocess.run(["gcc", "-std=gnu11", "-O2", *include, "-c", str(source), "-o", objects[-1]], check=True)
    program = folder / "kernel_bench"
    names = [f'-DKERNEL="kernel/{bundle.service}.hh"', f"-DNAMESPACE={bundle.service}_v{bundle.version}", *defines]
    subprocess.run(["g++", "-std=c++17", "-O2", *include, *names, str(harness), *objects, "-o", str(program)], check=True)
    return program
