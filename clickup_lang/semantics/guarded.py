"""What `let x = ... else { }` asks before it has its value."""

from __future__ import annotations

from clickup_lang.frozen import Frozen
from clickup_lang.semantics.model import Code, Expression


class Guarded(Frozen):
    """`first` holds operands, `fails` says that they do not do, `made` is the value where they do; `after` stands behind it."""

    first: Code
    fails: Expression
    made: Expression
    after: Code = ()
