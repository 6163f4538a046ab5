"""`cupc graph`: forms by the ending, views by flags, and a picture of a program with problems."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from clickup_lang.cli.main import main
from tests.literate import CASES

FIREWALL = str(CASES / "services" / "01_firewall_v1.cup")


def cupc(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    return code, *capsys.readouterr()


@pytest.mark.parametrize("view", ["", "--modules", "--states", "--lowered"])
@pytest.mark.parametrize(("ending", "begins"), [("svg", "<svg "), ("html", "<!DOCTYPE html>"), ("dot", "digraph "), ("mmd", "flowchart ")])
def test_a_picture_is_written_in_the_form_of_its_ending(tmp_path: Path, capsys: pytest.CaptureFixture[str], view: str, ending: str, begins: str) -> None:
    out = tmp_path / f"x.{ending}"
    code, said, err = cupc(capsys, "graph", FIREWALL, *([view] if view else []), "-o", str(out))
    assert (code, said, err) == (0, f"{out}\n", "")
    written = out.read_text(encoding="utf-8")
    assert written.startswith(begins)
    if ending == "svg":
        ElementTree.fromstring(written)


def test_without_an_output_the_pipeline_is_told_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = cupc(capsys, "graph", FIREWALL)
    assert code == 0 and said.startswith("firewall version 1\n\n") and "    tcp, udp -> leaving.track\n" in said and "\x1b" not in said
    assert "\x1b[1mleaving.track\x1b[0m" in cupc(capsys, "--color", "graph", FIREWALL)[1]
    assert "sessions: map<Flow, Session>, flow: " in cupc(capsys, "graph", FIREWALL, "--states")[1]
    assert "\nnode leaving.track : Track -> " in cupc(capsys, "graph", FIREWALL, "--lowered")[1]


def test_a_program_with_problems_is_drawn_as_far_as_it_can_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "p.cup"
    program.write_text('service p version 1\nimport io\nparam d : device = "x"\npipeline {\n    FromDevice(d) -> Gone -> Discard\n}\n')
    code, said, err = cupc(capsys, "graph", "--format", "short", str(program))
    assert code == 1 and "E201" in err and "-> Gone" in said
    code, said, err = cupc(capsys, "graph", "--format", "short", str(program), "--states")
    assert code == 1 and "E201" in err and said == ""


def test_an_ending_that_is_not_known_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said, err = cupc(capsys, "graph", FIREWALL, "-o", str(tmp_path / "x.pdf"))
    assert code == 2 and said == "" and ".svg, .dot, .mmd, .html" in err and not list(tmp_path.iterdir())


def test_what_cannot_be_written_is_a_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said, err = cupc(capsys, "graph", "--format", "short", FIREWALL, "-o", str(tmp_path / "gone" / "x.svg"))
    assert code == 1 and said == "" and "E010 cannot write" in err
