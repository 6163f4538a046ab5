"""Feeds a compiled service with mutated packets, under sanitizers.

    python -m tests.fuzz.packets.run examples/firewall/firewall.cup --packets 10000000

Prints how many went through; a sanitizer's report ends it with an error.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from clickup_lang.session import Session
from clickup_lang.share import share
from tests.fuzz.packets.seeds import write_seeds
from tests.runtime_library import runtime_library

HERE = Path(__file__).resolve().parent
FLAGS = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")


def build_fuzzer(program: Path, folder: Path) -> Path:
    """The fuzzer for a program, with the program's code and the runtime's under sanitizers."""
    bundled = Session().bundle(str(program))
    assert bundled.bundle is not None, [p.message for p in bundled.problems]
    for artifact in bundled.bundle.artifacts:
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.content)
    include = ["-I", str(share("runtime_c") / "include"), "-I", str(folder)]
    native = next(folder.glob("native/*.cc"))
    fuzzer = folder / "packet_fuzz"
    bundle = bundled.bundle
    pushes = any("push_front(context" in path.read_text() for path in folder.glob("kernel/*.hh"))
    head = ["-DHEAD=CUP_HEADROOM"] if pushes else []
    names = [*head, f'-DSERVICE_SOURCE="{native}"', f"-DFUZZED={bundle.service}_v{bundle.version}::SERVICE"]
    subprocess.run(["g++", "-std=gnu++17", *FLAGS, *include, *names, str(HERE / "packet_fuzz.cc"), str(runtime_library("gcc", *FLAGS)), "-lpcap", "-o", str(fuzzer)], check=True)
    return fuzzer


def run_fuzzer(fuzzer: Path, packets: int, seed: int, more: Sequence[bytes] = ()) -> str:
    """What it prints; raises `CalledProcessError` where a sanitizer reports. `more` are packets to begin with besides the usual ones."""
    seeds = fuzzer.with_name("seeds")
    write_seeds(seeds, more)
    return subprocess.run([fuzzer, seeds, str(packets), str(seed)], check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("--packets", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(run_fuzzer(build_fuzzer(options.program, Path(folder)), options.packets, options.seed))


if __name__ == "__main__":
    main()
