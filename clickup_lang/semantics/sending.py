"""`send`, `push` and `pop`: copies, packets that the service makes, headers put before others and taken off."""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body
from clickup_lang.semantics.made_headers import check_layer
from clickup_lang.semantics.members import header_members
from clickup_lang.semantics.model import Code, NewLayer, PacketPart, PopTo, PushLayers, SendCopy, SendNew
from clickup_lang.semantics.stacks import is_stack
from clickup_lang.syntax import tree

MOST_BYTES = 65535


def check_send(body: Body, statement: tree.Send) -> Code:
    from clickup_lang.semantics.statements import check_block, port_of

    port = port_of(body, statement.port, "send", statement.span)
    if statement.packet is not None:
        made = check_packet_list(body, statement.packet)
        return () if port is None or made is None else (SendNew(port, *made, statement.span),)
    edits: Code = ()
    if statement.edits is not None:
        before = len(body.checker.problems)
        outer, body.editing = body.editing, True
        edits, falls = check_block(body, statement.edits)
        body.editing = outer
        if not falls and len(body.checker.problems) == before:
            body.problem(say.edits_end(statement.edits.span))
            return ()
    return () if port is None else (SendCopy(port, edits, statement.span),)


def check_push(body: Body, statement: tree.Push) -> Code:
    made = check_packet_list(body, statement.layers)
    if made is None or not is_place(body, statement.before):
        return ()
    layers, rest = made
    if rest is not None:
        body.problem(say.bad_header("headers are pushed, and nothing behind them", rest.span))
        return ()
    if not layers:
        body.problem(say.bad_header("nothing is pushed", statement.layers.span))
        return ()
    body.bytes_move("`push`", statement.span)
    name = statement.alias.text if statement.alias is not None else statement.before.text
    if statement.alias is not None and not both_stacks(body, statement.before, statement.alias):
        return ()
    return (PushLayers(layers, statement.before.text, name, statement.span),)


def check_pop(body: Body, statement: tree.Pop) -> Code:
    if not is_place(body, statement.to):
        return ()
    if statement.alias is not None and not both_stacks(body, statement.to, statement.alias):
        return ()
    body.bytes_move("`pop`", statement.span)
    name = statement.alias.text if statement.alias is not None else statement.to.text
    return (PopTo(statement.to.text, name, statement.span),)


def both_stacks(body: Body, name: tree.Identifier, alias: tree.Identifier) -> bool:
    """Whether another name is that of a stack where the name is, and of one header where it is not; if not, that is a problem."""
    if is_stack(body, name.text) or not is_stack(body, alias.text):
        return True
    body.problem(say.stack_elsewhere(alias.text, alias.span, body.checker.names.stacks[alias.text]))
    return False


def is_place(body: Body, name: tree.Identifier) -> bool:
    """Whether the name means one place in the packet everywhere: a function's header parameter does not."""
    if header_members(body, name) is None:
        return False
    if body.find(name.text) is not None:
        body.problem(say.bad_header(f"`{name.text}` is a parameter, and stands for different places", name.span, "say the header's own name"))
        return False
    return True


# -- headers that are made ----------------------------------------------------------------------------------------------------


def check_packet_list(body: Body, written: tree.ListValue) -> tuple[tuple[NewLayer, ...], PacketPart | None] | None:
    """The headers, outermost first, and the bytes behind them."""
    layers: list[NewLayer] = []
    rest: PacketPart | None = None
    broken = False
    for item in written.items:
        if item.key is not None or rest is not None:
            body.problem(say.wanted("a header, as in `eth(destination: a)`; bytes of the packet come last", item.span))
            return None
        match item.value:
            case tree.Call(callee=tree.Member(object=tree.Name(text="packet"), name=tree.Identifier(text="from"))) as call:
                rest = check_part(body, call)
                broken = broken or rest is None
            case tree.Name(text="payload", span=span) if body.find("payload") is None:
                rest = PacketPart(None, None, span)
            case tree.Call(callee=tree.Name()) as call:
                layer = check_layer(body, call)
                broken = broken or layer is None
                layers += [layer] if layer is not None else []
            case _:
                body.problem(say.wanted("a header, as in `eth(destination: a)`, or `packet.from(ipv4)`", item.span))
                return None
    return None if broken else (tuple(layers), rest)


def check_part(body: Body, written: tree.Call) -> PacketPart | None:
    """`packet.from(header, max: bytes)`."""
    first = written.arguments[0].value if written.arguments else None
    if not isinstance(first, tree.Name) or written.arguments[0].name is not None or len(written.arguments) > 2:
        body.problem(say.wrong_arguments("packet.from", "the name of a header, and `max: BYTES`", len(written.arguments), written.span))
        return None
    if header_members(body, tree.Identifier(first.text, first.span)) is None:
        return None
    most: int | None = None
    if len(written.arguments) == 2:
        limit = written.arguments[1]
        if limit.name is None or limit.name.text != "max":
            body.problem(say.unknown_member(limit.name.text if limit.name else "this", "`packet.from`", "parameter", limit.span, ["max"]))
            return None
        most = body.checker.integer(limit.value, body.file)
        if most is None:
            return None
    return PacketPart(first.text, min(most, MOST_BYTES) if most is not None else None, written.span)
