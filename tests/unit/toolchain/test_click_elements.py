"""An engine's own list of its elements, as it is read."""

from __future__ import annotations

from pathlib import Path

from clickup_lang.toolchain.click_elements import parse_elements

MAP = """\
<?xml version="1.0" standalone="yes"?>
<elementmap xmlns="http://www.lcdf.org/click/xml/" provides="int64 linux" drivers="userlevel">
<entry name="Queue" cxxclass="FullNoteQueue" portcount="1/1-2" processing="h/lh" flowcode="x/x" requires="NotifierQueue" />
<entry name="NotifierQueue" portcount="1/1" processing="h/l" requires="userlevel|ns" />
<entry name="Plain" />
<entry headerfile="elements/local/shared.hh" provides="Shared" />
<entry name="Sharing" portcount="1/1" requires="Shared int64" />
<entry name="Kernel" portcount="1/1" requires="linuxmodule Plain" />
<entry name="Old" portcount="1/1" requires="!linux" />
</elementmap>
"""


def test_ports_and_needs_are_read_and_what_is_left_out_is_known(tmp_path: Path) -> None:
    (tmp_path / "map.xml").write_text(MAP)
    known = parse_elements("Click", tmp_path / "map.xml")
    assert known is not None and known.engine == "Click" and len(known.facts) == 6
    queue = known.facts["Queue"]
    assert (queue.port_count, queue.processing, queue.requires, queue.missing) == ("1/1-2", "h/lh", ("NotifierQueue",), ())
    assert (known.facts["Plain"].port_count, known.facts["Plain"].processing) == ("-/-", "a/a")
    assert {name: facts.missing for name, facts in known.facts.items() if facts.missing} == {"Kernel": ("linuxmodule",), "Old": ("!linux",)}


def test_a_list_that_is_not_there_or_broken_is_none(tmp_path: Path) -> None:
    assert parse_elements("Click", tmp_path / "map.xml") is None
    (tmp_path / "map.xml").write_text("<elementmap")
    assert parse_elements("Click", tmp_path / "map.xml") is None
