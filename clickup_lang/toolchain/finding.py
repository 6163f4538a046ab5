"""One thing that was looked at on a machine, and what to do about it."""

from __future__ import annotations

from clickup_lang.frozen import Frozen


class Finding(Frozen):
    """`state` is `ok`, `note` (something will not work, or not as well) or `problem` (what was asked for will not work).

    `topic` is the heading that it stands under. `advice` is empty where there is nothing to do. `needed`: without it cupc cannot do what
    it is for, which is to build a program and run it.
    """

    topic: str
    state: str
    said: str
    advice: str = ""
    needed: bool = False


def ok(topic: str, said: str) -> Finding:
    return Finding(topic, "ok", said)


def note(topic: str, said: str, advice: str = "") -> Finding:
    return Finding(topic, "note", said, advice)


def problem(topic: str, said: str, advice: str, needed: bool = False) -> Finding:
    return Finding(topic, "problem", said, advice, needed)
