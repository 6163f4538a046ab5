"""What becomes of a text: which node, with which values, at which place."""

from __future__ import annotations

from typing import Any

import pytest

from clickup_lang.frozen import Frozen
from clickup_lang.source import SourceText, Span
from clickup_lang.syntax import parse, tree


def declare(text: str) -> Any:
    parsed = parse(SourceText("t.cup", text))
    assert parsed.problems == ()
    assert len(parsed.module.declarations) == 1
    return parsed.module.declarations[0]


def expression(text: str) -> tree.Expression:
    return declare(f"const x = {text}").value


def statements(text: str) -> tuple[Any, ...]:
    return declare("atom A -> x {\n" + text + "\n}").body.statements


def shape(node: object) -> object:
    """An expression as nested tuples, to read in a test."""
    match node:
        case tree.Name():
            return node.text
        case tree.Literal():
            return node.value
        case tree.Unary():
            return (node.operator, shape(node.operand))
        case tree.Binary():
            return (shape(node.left), node.operator, shape(node.right))
        case tree.Cast():
            return (shape(node.operand), "as wrap" if node.wrap else "as", node.to.name.text)
        case tree.Has() | tree.Reported():
            return (type(node).__name__.lower(), node.name.text)
        case tree.Range():
            return (shape(node.low), "..", shape(node.high))
        case tree.Member():
            return (shape(node.object), ".", node.name.text)
        case tree.Where():
            return (shape(node.value), "where", shape(node.condition))
        case _:
            raise AssertionError(node)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a or b and c", ("a", "or", ("b", "and", "c"))),
        ("a or b or c", (("a", "or", "b"), "or", "c")),
        ("not a == b", ("not", ("a", "==", "b"))),
        ("not not a", ("not", ("not", "a"))),
        ("a not in b | c", ("a", "not in", ("b", "|", "c"))),
        ("a | b & c", ("a", "|", ("b", "&", "c"))),
        ("a & b << c", ("a", "&", ("b", "<<", "c"))),
        ("a << b + c", ("a", "<<", ("b", "+", "c"))),
        ("a +| b * c", ("a", "+|", ("b", "*", "c"))),
        ("a - b - c", (("a", "-", "b"), "-", "c")),
        ("a * b as u8", ("a", "*", ("b", "as", "u8"))),
        ("a as wrap u16 | b", (("a", "as wrap", "u16"), "|", "b")),
        ("-a as u8", (("-", "a"), "as", "u8")),
        ("a - -b", ("a", "-", ("-", "b"))),
        ("has tcp and not has udp", (("has", "tcp"), "and", ("not", ("has", "udp")))),
        ("not reported Alert", ("not", ("reported", "Alert"))),
        ("0..n - 1", (0, "..", ("n", "-", 1))),
        ("a in 0..5", ("a", "in", (0, "..", 5))),
        ("given >> 2 & 1", (("given", ">>", 2), "&", 1)),
        ("a where b > 0 and not c", ("a", "where", (("b", ">", 0), "and", ("not", "c")))),
        ("(a or b) and c", (("a", "or", "b"), "and", "c")),
        ("a % b", ("a", "%", "b")),
    ],
)
def test_precedence(text: str, expected: object) -> None:
    assert shape(expression(text)) == expected


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1_000", "integer", 1000),
        ("007", "integer", 7),
        ("0x0800", "integer", 2048),
        ("0x00000000000000000000000000000000000000ff", "integer", 255),
        ("340282366920938463463374607431768211455", "integer", 2**128 - 1),
        ("10.0.0.1", "ipv4", 0x0A000001),
        ("10.0.0.0/8", "ipv4_prefix", (0x0A000000, 8)),
        ("0.0.0.0/0", "ipv4_prefix", (0, 0)),
        ("10.0.0.1:443", "ipv4_endpoint", (0x0A000001, 443)),
        ("2001:db8::1", "ipv6", 0x20010DB8000000000000000000000001),
        ("::", "ipv6", 0),
        ("::ffff:1.2.3.4", "ipv6", 0xFFFF01020304),
        ("1:2:3:4:5:6:7:8", "ipv6", 0x00010002000300040005000600070008),
        ("1:2:3:4:5:6:1.2.3.4", "ipv6", 0x00010002000300040005000601020304),
        ("2001:db8::/32", "ipv6_prefix", (0x20010DB8 << 96, 32)),
        ("[2001:db8::1]:443", "ipv6_endpoint", (0x20010DB8000000000000000000000001, 443)),
        ("02:00:00:00:00:0a", "mac", 0x02000000000A),
        ("250ms", "duration", 250_000_000),
        ("5m", "duration", 300 * 10**9),
        ("1d", "duration", 86400 * 10**9),
        ("64KiB", "size", 65536),
        ("10B", "size", 10),
        ("10Mbps", "bitrate", 10**7),
        ("5kpps", "packetrate", 5000),
        ("0.1%", "percent", (1, 1000)),
        ("99.9%", "percent", (999, 1000)),
        ("5%", "percent", (5, 100)),
        ('"a"', "text", "a"),
        (r'"\"\\\n\r\t\x41"', "text", '"\\\n\r\tA'),
        ('hex"90 90cc"', "hex", b"\x90\x90\xcc"),
        ('nocase "se\\x41"', "nocase", "seA"),
    ],
)
def test_literals(text: str, kind: str, value: object) -> None:
    literal = expression(text)
    assert isinstance(literal, tree.Literal)
    assert (literal.kind, literal.value) == (kind, value)
    assert literal.span == Span("t.cup", 10, 10 + len(text))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("300.0.0.1", "ipv4"), ("300.0.0.1/8", "ipv4_prefix"), ("300.0.0.1:80", "ipv4_endpoint"), ("10.0.0.1:99999", "ipv4_endpoint"),
        ("10.0.0.0/33", "ipv4_prefix"), ("10.0.0.1/8", "ipv4_prefix"), ("1::2::3", "ipv6"), ("::1/3", "ipv6_prefix"),
        ("[1:2:3]:80", "ipv6_endpoint"), ("02:00:00:00:00", "mac"), ("02:00:00:00:00:0g", "mac"), ("5min", "duration"),
        ("5foo", "duration"), ("5kB", "size"), ("5xbps", "bitrate"), ("5Tpps", "packetrate"), ("1.5Mbps", "bitrate"),
        ("1.5", "integer"), ("0xzz", "integer"), ("9" * 40, "integer"), ("9" * 40 + "s", "duration"), ('hex"9"', "hex"),
        (r'"\q"', "text"), (r'nocase "\q"', "nocase"),
    ],
)  # fmt: skip
def test_a_wrong_literal_has_one_problem_and_the_kind_that_was_meant(text: str, kind: str) -> None:
    parsed = parse(SourceText("t.cup", f"const x = {text}"))
    assert len(parsed.problems) == 1
    literal = parsed.module.declarations[0].value  # type: ignore[union-attr]
    assert isinstance(literal, tree.Literal) and literal.kind == kind
    sound = parse(SourceText("t.cup", f"const x = [{SOUND[kind]}]")).module.declarations[0].value.items[0].value  # type: ignore[union-attr]
    assert sound.kind == kind and type(sound.value) is type(literal.value)


SOUND = {
    "ipv4": "1.1.1.1", "ipv4_prefix": "1.0.0.0/8", "ipv4_endpoint": "1.1.1.1:1", "ipv6": "::1", "ipv6_prefix": "::/1",
    "ipv6_endpoint": "[::1]:1", "mac": "02:00:00:00:00:01", "duration": "1s", "size": "1B", "bitrate": "1bps", "packetrate": "1pps",
    "integer": "1", "hex": 'hex"90"', "text": '"a"', "nocase": 'nocase "a"',
}  # fmt: skip


def test_percent_and_modulo_are_told_apart() -> None:
    assert shape(expression("f[5%]").index) == (5, 100)  # type: ignore[union-attr]
    assert shape(expression("5 % 3")) == (5, "%", 3)


def test_a_socket_is_one_token_but_an_index_is_not() -> None:
    argument = expression("udp([2001:db8::7]:5000 > [::1]:53)").arguments[0]  # type: ignore[union-attr]
    assert argument.value.operator == ">" and argument.value.right.value == (1, 53)
    indexed = expression("[t[::1]: 443]").items[0]  # type: ignore[union-attr]
    assert isinstance(indexed.key, tree.Index) and indexed.value.value == 443


def test_a_map_keeps_keys_apart_from_addresses() -> None:
    items = expression("[2001:db8::/32: 1, 10.0.0.1: 2, 1: Backend(mac: 02:00:00:00:00:01)]").items  # type: ignore[union-attr]
    assert [item.key.kind for item in items] == ["ipv6_prefix", "ipv4", "integer"]


def test_spans_cover_the_node() -> None:
    text = "const x = (a + b) * f(c, d: 1).e[2]"
    value = declare(text).value
    assert text[value.span.start : value.span.end] == "(a + b) * f(c, d: 1).e[2]"
    assert text[value.operator_span.start : value.operator_span.end] == "*"
    assert text[value.left.span.start : value.left.span.end] == "a + b"
    assert text[value.right.object.span.start : value.right.object.span.end] == "f(c, d: 1).e"
    call = value.right.object.object
    assert [text[a.span.start : a.span.end] for a in call.arguments] == ["c", "d: 1"]


def test_spans_of_nested_type_arguments_end_at_their_own_bracket() -> None:
    text = "state s : map<u8, set<u16>>"
    argument = declare(text).type.arguments[1]
    assert text[argument.span.start : argument.span.end] == "set<u16>"


def test_types() -> None:
    union = declare("fn f(l4: tcp | udp) -> bytes max n + 1 { return a }")
    assert union.parameters[0].type.name.text == "|"
    assert [t.name.text for t in union.parameters[0].type.arguments] == ["tcp", "udp"]
    assert union.result.name.text == "bytes" and shape(union.result.maximum) == ("n", "+", 1)
    pool = declare("state ports : pool<u16>[u8] { range 1024..65535 }")
    assert pool.type.size.text == "u8" and shape(pool.policy[0].value) == (1024, "..", 65535)
    entry = declare("tag session : entry of sessions")
    assert (entry.type.name.text, entry.type.of.text) == ("entry", "sessions")
    table = declare("atom M(t: map<any, any { packets : u64 }>) -> pass { emit pass }").parameters[0].type
    assert table.arguments[0].fields is None and table.arguments[1].fields[0].name.text == "packets"
    assert table.arguments[1].name.text == "any"


def test_renames() -> None:
    record = declare("record R {\n    a : u8 was b\n    c : bucket was limits.d = 1\n}")
    assert record.fields[0].was.text == "b" and shape(record.fields[1].was) == ("limits", ".", "d")
    assert record.fields[1].default.value == 1
    state = declare("state hits : counter was track.hits")
    assert shape(state.was) == ("track", ".", "hits")
    node = declare("pipeline {\n    A as b was c -> d\n}").edges[0].stages[0][0]
    assert (node.alias.text, node.was.text) == ("b", "c")


def test_statements_and_their_else() -> None:
    let, assign, evaluate = statements("let a : u8 = b[c] else { emit x }\nb[c] = d else { emit x }\na.append(b) else { emit x }")
    assert (type(let), type(assign), type(evaluate)) == (tree.Let, tree.Assign, tree.Evaluate)
    for statement in (let, assign, evaluate):
        assert isinstance(statement.otherwise.statements[0], tree.Emit)


def test_an_else_belongs_to_the_nearest_if() -> None:
    (let,) = statements("let a = if b { c } else { d } else { e }")
    assert let.otherwise is not None and let.value.otherwise is not None


def test_a_parse_has_all_its_parts() -> None:
    first, second, third = statements(
        "parse ip as inner at payload else bad\nparse vlan after vlan max 4 else bad\nparse tcp else bad"
    )
    assert (first.header.text, first.alias.text, first.relation, first.place.text) == ("ip", "inner", "at", "payload")
    assert (second.alias, second.relation, second.maximum.value) == (None, "after", 4)
    assert (third.relation, third.place, third.otherwise.text) == (None, None, "bad")


def test_states_inside_an_atom_stand_apart_from_its_statements() -> None:
    atom = declare("atom A -> x {\n    /// How many.\n    state hits : counter\n    hits += 1\n    emit x\n}")
    assert [s.name.text for s in atom.states] == ["hits"] and atom.states[0].doc == "How many."
    assert [type(s) for s in atom.body.statements] == [tree.Assign, tree.Emit]


def test_doc_comments_belong_to_what_follows() -> None:
    enum = declare("/// One.\n/// Two.\n\nenum E {\n    /// A.\n    a, /// B.\n    b\n    /// Nothing.\n}")
    assert enum.doc == "One.\nTwo."
    assert [e.doc for e in enum.enumerators] == ["A.", "B."]
    assert declare("//// No doc.\nconst a = 1").doc is None


def test_tests() -> None:
    test = declare(
        'test "x" from 1 {\n expect nothing\n expect lan[0] 10\n expect lan[0] unchanged\n expect a { b } as c\n'
        " expect a == 1\n upgrade\n send lan[1] tcp()\n}"
    )
    assert test.from_version == 1
    kinds = [type(s) for s in test.statements]
    assert kinds == [tree.ExpectNothing, *[tree.ExpectPacket] * 3, tree.ExpectState, tree.UpgradeNow, tree.SendPacket]
    assert test.statements[1].count.value == 10 and isinstance(test.statements[1].device, tree.Index)
    assert test.statements[2].unchanged and test.statements[3].alias.text == "c"
    assert isinstance(test.statements[6].device, tree.Index)


def test_all_nodes_are_hashable_and_equal_to_what_the_same_text_gives() -> None:
    text = "atom A(a: u8) -> x {\n    let b = [1: 2, 3: 4]\n    emit x\n}"
    first, second = declare(text), declare(text)
    assert first == second and hash(first) == hash(second)
    assert declare(text.replace("emit x", "emit y")) != first


def test_every_kind_of_node_can_be_written() -> None:
    """Guards against nodes that no text gives, with the case that holds a bit of everything."""
    from tests.literate import read_cases

    seen: set[type] = set()

    def walk(value: object) -> None:
        if isinstance(value, tuple):
            for member in value:
                walk(member)
        elif isinstance(value, Frozen):
            seen.add(type(value))
            for name in type(value).__fields__:  # type: ignore[attr-defined]
                walk(getattr(value, name))

    for case in read_cases("syntax"):
        walk(parse(SourceText("t.cup", case.program)).module)
    nodes = {v for v in vars(tree).values() if isinstance(v, type) and issubclass(v, Frozen) and v is not Frozen}
    assert nodes - seen == set()
