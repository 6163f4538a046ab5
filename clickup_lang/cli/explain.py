"""`cupc explain CODE`: the page of a code; without a code, the list of all."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from clickup_lang.cli.face import Exit, Face
from clickup_lang.diagnostics.explain import explain, explained_codes


def declare(parser: ArgumentParser) -> None:
    parser.add_argument("code", metavar="CODE", nargs="?", help="as shown with a problem, such as E201; all codes are listed where none is given")


def carry_out(options: Namespace, face: Face) -> int:
    if options.code is None:
        pages = [page for page in map(explain, explained_codes()) if page is not None]
        face.answer("".join(f"{page.code}  {page.title}\n" for page in pages))
        return Exit.FINE
    page = explain(options.code)
    if page is None:
        face.err.write(f"cupc explain: there is no code `{options.code}`{nearest(options.code)}; `cupc explain` lists all\n")
        return Exit.USAGE
    face.answer(emphasised(page.text) if face.colors(face.out) else page.text)
    return Exit.FINE


def nearest(code: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(code.upper(), explained_codes(), 1, 0.5)
    return f", the nearest is `{near[0]}`" if near else ""


def emphasised(text: str) -> str:
    """Headings bold, programs in colour, without the marks around them."""
    shown: list[str] = []
    in_program = False
    for line in text.splitlines():
        if line.startswith("```"):
            in_program = not in_program
            shown.append(f"\x1b[2m{line[3:].removeprefix('cup ').strip() or ''}\x1b[0m" if in_program else "")
        elif in_program:
            shown.append(f"    \x1b[36m{line}\x1b[0m")
        elif line.startswith("#"):
            shown.append(f"\x1b[1m{line.lstrip('# ')}\x1b[0m")
        else:
            shown.append(line)
    return "\n".join(shown) + "\n"
