"""Expressions about arrays that are values, in a local or a `const`. As `values`, they mean the same in typed code and in the graph."""

from __future__ import annotations

from typing import Union

from clickup_lang.frozen import Frozen
from clickup_lang.semantics.types import ArrayType, Type
from clickup_lang.semantics.values import Value


class MakeArray(Frozen):
    """Values of all elements, in order."""

    values: tuple[Value, ...]
    type: ArrayType


class ArrayElement(Frozen):
    """An element of an array; the index surely lies in it."""

    operand: Value
    index: Value
    type: Type


class ArrayWith(Frozen):
    """The array with another element at an index, which surely lies in it. A statement that sets a local to itself with another element
    changes it in place."""

    operand: Value
    index: Value
    element: Value
    type: ArrayType


ArrayValue = Union[MakeArray, ArrayElement, ArrayWith]
