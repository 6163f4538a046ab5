"""Values that need steps before them: derived values, and what a test asks of functions."""

from __future__ import annotations

from typing import Any

from clickup_lang.ir.evaluate import Evaluate
from clickup_lang.ir.execute import Statements
from clickup_lang.ir.graph import Body, Expression
from clickup_lang.ir.packet_run import PacketRun


def after_steps(steps: Body, value: Expression, statements: Statements) -> Evaluate:
    """The value behind the steps, which set locals of the run and change nothing else."""
    value_of = statements.expressions.compile(value)
    if not steps:
        return value_of
    execute = statements.compile(steps)

    def evaluate(run: PacketRun) -> Any:
        execute(run)
        return value_of(run)

    return evaluate
