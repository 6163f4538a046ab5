"""`cupc doctor [DEVICE...]`: looks at this machine, and says for each thing that is not as it should be what to do."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from itertools import groupby
from textwrap import wrap

from clickup_lang.cli.face import Exit, Face, columns_of
from clickup_lang.operate.examine_devices import examine_devices
from clickup_lang.operate.examine_machine import judge_machine, read_machine
from clickup_lang.toolchain.examine_click import examine_click
from clickup_lang.toolchain.examine_tools import examine_compilers, examine_python
from clickup_lang.toolchain.finding import Finding

COLORS = {"ok": "\x1b[32m", "note": "\x1b[33m", "problem": "\x1b[1;31m"}


def declare(parser: ArgumentParser) -> None:
    parser.add_argument("devices", metavar="DEVICE", nargs="*", help="devices that a service is to use; all that carry Ethernet where none is named")
    parser.add_argument("--json", action="store_true", help="for programs: {ready, findings: [{topic, state, said, advice, needed}]}")


def carry_out(options: Namespace, face: Face) -> int:
    """1 where something is missing without which cupc cannot do what it is for, or a device that was named."""
    with face.doing("examine"):
        findings = [
            *examine_python(),
            *examine_compilers(face.environment),
            *examine_click(face.environment),
            *judge_machine(read_machine(face.environment)),
            *examine_devices(options.devices),
        ]
    ready = not any(f.state == "problem" and f.needed for f in findings)
    if options.json:
        shown = [{"topic": f.topic, "state": f.state, "said": f.said, "advice": f.advice, "needed": f.needed} for f in findings]
        face.answer(json.dumps({"ready": ready, "findings": shown}, indent=2) + "\n")
    else:
        face.answer(report(findings, face.colors(face.out), min(columns_of(face.out), 120)) + verdict(ready) + "\n")
    return Exit.FINE if ready else Exit.PROBLEMS


def report(findings: list[Finding], color: bool, columns: int) -> str:
    """By topic, each finding with its state first and its advice below."""
    lines: list[str] = []
    for topic, group in groupby(findings, key=lambda f: f.topic):
        lines.append(f"\x1b[1m{topic}\x1b[0m" if color else topic)
        for finding in group:
            mark = f"{COLORS[finding.state]}{finding.state:8}\x1b[0m" if color else f"{finding.state:8}"
            first, *others = wrap(finding.said, columns - 11) or [""]
            lines += [f"  {mark} {first}", *(f"{'':11}{line}" for line in others)]
            lines += [f"{'':11}{'> ' if number == 0 else '  '}{line}" for number, line in enumerate(wrap(finding.advice, columns - 13, break_long_words=False, break_on_hyphens=False))]
    return "\n".join(lines) + "\n\n"


def verdict(ready: bool) -> str:
    return "ready to build and run" if ready else "not ready: see what is marked as a problem"
