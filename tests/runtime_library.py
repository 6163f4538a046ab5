"""The runtime as a library for tests: built once for its content, compiler and flags, also by several test processes at once."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from clickup_lang.share import share


def runtime_library(compiler: str, *flags: str) -> Path:
    """Of C11, compiled with `flags`."""
    sources = sorted(share("runtime_c").rglob("*.[ch]"))
    key = hashlib.sha256(b"".join([" ".join([compiler, *flags]).encode(), *(p.read_bytes() for p in sources)])).hexdigest()[:16]
    library = Path(tempfile.gettempdir()) / f"cupc-test-runtime-{os.getuid()}-{key}.a"
    with open(library.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not library.exists():
            with tempfile.TemporaryDirectory(dir=library.parent) as folder:
                compile_runtime([s for s in sources if s.suffix == ".c" and s.parent.name == "src"], compiler, flags, Path(folder))
                os.replace(f"{folder}/libcup.a", library)
    return library


def compile_runtime(sources: list[Path], compiler: str, flags: tuple[str, ...], folder: Path) -> None:
    include = share("runtime_c") / "include"

    def compile_one(source: Path) -> None:
        subprocess.run([compiler, "-std=gnu11", *flags, "-I", str(include), "-c", str(source), "-o", f"{folder}/{source.stem}.o"], check=True)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(compile_one, sources))
    subprocess.run(["ar", "rcs", f"{folder}/libcup.a", *sorted(map(str, folder.glob("*.o")))], check=True)
