"""Domains: the elements of `config blocked : set<domain> = ["ads.example"]`.

`name in blocked` asks whether a name, or any domain above it, is in the set. The name is bytes as they are in a DNS message (RFC 1035): each
label behind its length, with or without the empty one at the end; what is not such a name is in no set. Letters of both cases are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body
from clickup_lang.semantics.model import Expression
from clickup_lang.semantics.types import BOOLEAN, BytesType, ViewType
from clickup_lang.semantics.values import InConfigSet
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

LONGEST_LABEL, LONGEST_NAME = 63, 255
CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")


def domain_values(checker: Checker, written: tree.Expression) -> tuple[bytes, ...] | None:
    """The domains of a list as a DNS message has them, each once; None after a problem."""
    if not isinstance(written, tree.ListValue):
        checker.problems.append(say.wanted('a list of domains, as in `["ads.example"]`,', written.span))
        return None
    values: dict[bytes, None] = {}
    for item in written.items:
        if item.key is not None or not isinstance(item.value, tree.Literal) or not isinstance(item.value.value, str) or item.value.kind != "text":
            checker.problems.append(say.wanted('a domain in quotes, as in `"ads.example"`,', item.span))
            return None
        name = wire_name(item.value.value)
        if name is None:
            checker.problems.append(say.no_domain(item.value.value, item.span))
            return None
        values[name] = None
    return tuple(values)


def wire_name(text: str) -> bytes | None:
    """`"ads.example"` as a DNS message has it, in lower case and without its empty last label."""
    labels = text.lower().split(".")
    if any(not 1 <= len(label) <= LONGEST_LABEL or not CHARACTERS.issuperset(label) for label in labels):
        return None
    name = b"".join(bytes([len(label)]) + label.encode() for label in labels)
    return name if len(name) < LONGEST_NAME else None


def domain_text(name: bytes) -> str:
    """A name as a DNS message has it, with dots."""
    labels: list[str] = []
    while name:
        labels.append(name[1 : 1 + name[0]].decode())
        name = name[1 + name[0] :]
    return ".".join(labels)


def check_in_domains(body: Body, written: tree.Expression, config: str) -> Expression | None:
    """`name in blocked`."""
    from clickup_lang.semantics.expressions import check_value

    name = check_value(body, written)
    if name is None:
        return None
    if not isinstance(name.type, (BytesType, ViewType)):
        body.problem(say.wrong_type(name.type, "the bytes of a name", written.span))
        return None
    return InConfigSet(config, name, BOOLEAN)
