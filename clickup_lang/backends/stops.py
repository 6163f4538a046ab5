"""The end of the first half: what a packet leaves for the second, and asks the memory for."""

from __future__ import annotations

from clickup_lang.backends.cpp import Lines, call
from clickup_lang.backends.purity import Later
from clickup_lang.backends.scope import Scope, Stop
from clickup_lang.ir.graph import Local


def put_off(later: Later, scope: Scope) -> Lines:
    """Nothing is written where the plan is not known yet: then only what is known here is wanted."""
    function = scope.function
    function.stops[later.number] = scope.facts
    stop = function.stop_plans.get(later.number)
    if stop is None or function.node is None:
        return []
    port = scope.program.port_type(function.node)
    return [*leave_waiting(stop, scope), f"return {port}::later;"]


def leave_waiting(stop: Stop, scope: Scope) -> Lines:
    lines = [f"waiting.resume = Resume::{stop.resume};"]
    if stop.key is not None:
        store, key = stop.key
        names = scope.program.stores[store]
        known = scope.images.get(stop.key)
        made = known or call(scope.helper(store, "key"), scope.key_value(key, lines)).text
        lines.append(f"{stop.waiting}.key = {made};")
        lines.append(f"waiting.asks = &kernel.{names.member};")
    lines += [f"{stop.waiting}.{member} = {scope.local(Local(name, of)).text};" for name, member, of in stop.locals]
    lines += [f"waiting.{member} = {scope.own_member(member)};" for member in stop.members]
    return lines
