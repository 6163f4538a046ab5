"""What a user sets params to, as values: the arguments of native elements are worked out from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clickup_lang.ir.elements import elements
from clickup_lang.ir.graph import Graph, ParamValue
from clickup_lang.operate.click_bindings import NotBound
from clickup_lang.semantics.read_value import read_value
from clickup_lang.semantics.types import RecordType, Type
from clickup_lang.source.nodes import nodes


def read_params(graph: Graph, given: tuple[tuple[str, str], ...]) -> Mapping[str, Any] | NotBound:
    """Of those params that some native element's argument depends on, as `given` by name and text; one of a record by its field."""
    asked = {n.name for index in elements(graph) for n in nodes(graph.nodes[index].arguments) if isinstance(n, ParamValue)}
    values: dict[str, Any] = {p.name: p.default for p in graph.params if p.name in asked}
    types = {p.name: p.type for p in graph.params}
    for path, text in given:
        name, *fields = path.split(".")
        if name not in asked:
            continue
        value = read_value(at(types[name], fields), text)
        if value is None:
            return NotBound(f"`--set {path}={text}`: that is no value which a native element can be given")
        values[name] = replaced(types[name], values[name], fields, value)
    return values


def at(of: Type, fields: list[str]) -> Type:
    for field in fields:
        assert isinstance(of, RecordType)
        of = of.fields[of.index(field)].type
    return of


def replaced(of: Type, whole: Any, fields: list[str], value: object) -> Any:
    """The whole value with that of one field replaced."""
    if not fields:
        return value
    assert isinstance(of, RecordType)
    place = of.index(fields[0])
    inner = replaced(of.fields[place].type, whole[place], fields[1:], value)
    return (*whole[:place], inner, *whole[place + 1 :])
