"""Through NAT, an ICMP error quotes the very packet that its receiver has sent: addresses, ports and checksums, as far as they are quoted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.native.conftest import Compile
from tests.native.nat_errors import CASES, HOP, INNER, PUBLIC, WORLD, Case, answered, asked, error, hop_further, sum_of, through_nat

NAT = (Path(__file__).resolve().parents[2] / "examples/nat/nat.cup").read_text()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_error_from_outside_quotes_what_the_inner_host_has_sent(case: Case, compile_program: Compile, tmp_path: Path) -> None:
    program = compile_program(NAT)
    sent = asked(case.kind)
    (left,) = through_nat(program, tmp_path, ("inside", sent))
    again, came = through_nat(program, tmp_path, ("inside", sent), ("outside", error(case, HOP, PUBLIC, left)))
    assert again == left and left[12:16] != sent[12:16]
    assert came == error(case, HOP, INNER, sent)
    assert sum_of(came[:20]) == sum_of(came[20:]) == sum_of(came[28:48]) == 0xFFFF
    assert came[28:] == hop_further(sent)[: 20 + case.quoted]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_error_of_the_inner_host_quotes_what_the_world_has_sent(case: Case, compile_program: Compile, tmp_path: Path) -> None:
    program = compile_program(NAT)
    (left,) = through_nat(program, tmp_path, ("inside", asked(case.kind)))
    answer = answered(case.kind, left)
    _, came = through_nat(program, tmp_path, ("inside", asked(case.kind)), ("outside", answer))
    said = error(case, INNER, WORLD, came)
    _, _, told = through_nat(program, tmp_path, ("inside", asked(case.kind)), ("outside", answer), ("inside", said))
    assert told == error(case, PUBLIC, WORLD, answer)
    assert sum_of(told[:20]) == sum_of(told[20:]) == sum_of(told[28:48]) == 0xFFFF
