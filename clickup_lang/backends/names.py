"""Names of the source as names of C++: `leaving.track` -> `leaving_track`, `LeavingTrack`; none is a keyword or stands for two things."""

from __future__ import annotations

import re

KEYWORDS = frozenset(
    """alignas alignof and and_eq asm atomic_cancel atomic_commit atomic_noexcept auto bitand bitor bool break case catch char char8_t
    char16_t char32_t class co_await co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype
    default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline int long mutable
    namespace new noexcept not not_eq nullptr operator or or_eq private protected public reflexpr register reinterpret_cast requires
    return short signed sizeof static static_assert static_cast struct switch synchronized template this thread_local throw true try
    typedef typeid typename typeof union unsigned using virtual void volatile wchar_t while xor xor_eq""".split()
)

# Macros of the C library and of compilers in their GNU modes, as far as a name of the language can be one.
MACROS = frozenset("NULL EOF assert errno linux unix i386 stdin stdout stderr major minor makedev offsetof main".split())


def identifier(name: str) -> str:
    """The name with `_` in place of all that C++ does not take, and behind it where it would mean something else."""
    text = re.sub(r"\W", "_", name)
    if not text or text[0].isdigit():
        text = f"_{text}"
    reserved = text in KEYWORDS or text in MACROS or text.endswith("_t") or text.lower().startswith(("cup_", "__builtin"))
    return f"{text}_" if reserved else text


def camel_case(name: str) -> str:
    """`leaving.track`, `leaving_track` -> `LeavingTrack`."""
    return identifier("".join(part[:1].upper() + part[1:] for part in re.split(r"[\W_]+", name)))


def snake_case(name: str) -> str:
    """`ToDevice_2`, `leaving.track` -> `to_device_2`, `leaving_track`."""
    return identifier(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())


def upper_case(name: str) -> str:
    return identifier(name).upper()


class Names:
    """Names of one scope, and of those around it, but for `hidden` ones. Mutable: each name that is given out is taken."""

    def __init__(self, around: Names | None = None, taken: tuple[str, ...] = (), hidden: tuple[str, ...] = ()) -> None:
        self.around = around
        self.taken = set(taken)
        self.hidden = frozenset(hidden)

    def has(self, name: str) -> bool:
        return name in self.taken or (self.around is not None and name not in self.hidden and self.around.has(name))

    def take(self, wanted: str) -> str:
        """The name itself, or with a number behind it where it is taken."""
        wanted = identifier(wanted)
        name, number = wanted, 2
        while self.has(name):
            name, number = f"{wanted}_{number}", number + 1
        self.taken.add(name)
        return name
