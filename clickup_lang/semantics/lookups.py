"""Lookups in `config` maps: `backends[k]` and `limits.longest(address)`, in `if let` and `let ... else`."""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, LocalBinding
from clickup_lang.semantics.model import Expression
from clickup_lang.semantics.types import BOOLEAN, FoundType, LpmType, MapType, key_type
from clickup_lang.semantics.values import ConfigLookup, IsFound, Local, PartOf
from clickup_lang.syntax import tree


def is_lookup(body: Body, written: tree.Expression) -> bool:
    """Whether the expression looks into a config map."""
    match written:
        case tree.Index(object=tree.Name(text=name)):
            wanted: type = MapType
        case tree.Call(callee=tree.Member(object=tree.Name(text=name), name=tree.Identifier(text="longest"))):
            wanted = LpmType
        case _:
            return False
    if body.find(name) is not None or not isinstance(body.checker.names.find(name, body.file), tree.Config):
        return False
    config = body.checker.config(name)
    return config is not None and isinstance(config.type, wanted)


def check_lookup(body: Body, written: tree.Expression) -> ConfigLookup | None:
    """Of an expression that `is_lookup`."""
    from clickup_lang.semantics.expressions import want

    match written:
        case tree.Index(object=tree.Name(text=name), index=asked):
            pass
        case tree.Call(callee=tree.Member(object=tree.Name(text=name)), arguments=(tree.Argument(name=None, value=asked),)):
            pass
        case tree.Call(arguments=arguments, span=span):
            body.problem(say.wrong_arguments("longest", "one address", len(arguments), span))
            return None
        case _:
            raise AssertionError("no lookup")
    config = body.checker.config(name)
    assert config is not None and isinstance(config.type, (MapType, LpmType))
    by_prefix = isinstance(config.type, LpmType)
    key = want(body, asked, config.type.key, f"a key of `{name}`")
    return None if key is None else ConfigLookup(name, key, FoundType(name, key_type(config.type), config.type.value, by_prefix))


def found_member(found: Local, type: FoundType, field: tree.Identifier) -> Expression | None:
    """`b.key`, of an `lpm` `b.prefix`; None where the field is one of the value."""
    named = "prefix" if type.by_prefix else "key"
    return PartOf(found, (), True, type.key) if field.text == named else None


def found_value(found: Local, type: FoundType) -> PartOf:
    return PartOf(found, (), False, type.value)


def is_found(found: Local) -> Expression:
    return IsFound(found, BOOLEAN)


def bind_found(body: Body, name: tree.Identifier, type: FoundType) -> Local:
    """The name for an entry that is looked up, where its lookup stands; who binds it is the caller."""
    return Local(body.unique(name.text), type)


def binding_of(found: Local, name: tree.Identifier) -> LocalBinding:
    return LocalBinding(found.name, found.type, False, name.span)
