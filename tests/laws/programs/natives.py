"""`with_elements`: a random program with elements of Click on some of its ways, which change nothing: `Null`, `Counter`, `Print` to nobody.

An element ends the transaction, and nothing is known behind it: there packets leave, or are taken apart again and counted.
"""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

from tests.laws.programs.files import RandomProgram

ELEMENTS = {
    "Nothing": 'extern atom Nothing -> out element "Null"',
    "Tally": 'extern atom Tally -> out element "Counter"',
    "Paint": 'extern atom Paint(color: u8) -> out element "Paint"',
    "Sorted": 'extern atom Sorted -> ip, other element "Classifier(12/0800, -)"',
}
WAY = re.compile(r" -> ToDevice\((left|right)\)$", re.MULTILINE)
IN = re.compile(r"^FromDevice\((left|right)\) -> ", re.MULTILINE)
AGAIN = """\
state again : map<u16, u32> {
capacity 6
idle 80ms
when full evict oldest
}
state twice : counter
atom Again -> out {
twice += 1
let n = again[l4.source] else { again[l4.source] = 0 }
n += 1
l4.destination = n as wrap u16
emit out
}"""


def with_elements(program: RandomProgram) -> RandomProgram | None:
    """None where no way is free for one. The same for the same program."""
    random = Random(program.seed)
    used: set[str] = set()
    number = 0
    again = False

    def element() -> str:
        nonlocal number
        number += 1
        chosen = random.choice(("Nothing", "Tally", "Paint"))
        used.add(chosen)
        return f"{chosen}{f'({random.randrange(9)})' if chosen == 'Paint' else ''} as native{number}"

    def out(found: re.Match[str]) -> str:
        nonlocal number, again
        kind, way = random.random(), found[0]
        if kind < 0.35:
            return way
        if kind < 0.6:
            return f" -> {element()}{way}"
        if kind < 0.75:
            used.add("Sorted")
            number += 1
            return f" -> Sorted as native{number}{way}\nnative{number}[other] -> Count(twice){way}"
        again = True
        first = element()
        return f" -> {first} -> Ethernet as frame_{number} -> IP as network_{number}\nnetwork_{number}[tcp], network_{number}[udp] -> Again as again_{number}{way}\nframe_{number}[rest], network_{number}[rest]{way}"

    text = WAY.sub(out, program.text)
    if "arrived" not in text and "leaving" not in text and random.random() < 0.6:
        text = IN.sub(lambda found: f"{found[0]}{element()} -> " if random.random() < 0.7 else found[0], text)
    if not number:
        return None
    head, service, rest = text.partition(f"service {program.name} version 1\n")
    declared = "\n".join([*(ELEMENTS[name] for name in sorted(used)), *([AGAIN] if again else ["state twice : counter"] if "Count(twice)" in text else [])])
    return replace(program, text=f"{head}{service}{declared}\n{rest}", features=program.features | {"elements of Click", *(["taken apart again"] if again else [])})
