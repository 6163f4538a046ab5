"""Bytes that an operator gives, on Click: in a configuration and by handlers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.click.router import Router, Service
from tests.native.test_bytes_settings import BEGUN, TEXT


def configuration(service: Service, more: str = "") -> str:
    shape = service.shape
    return f"""\
require(package "{shape.package}");
words :: {shape.element}(CLOCK packets, BUILD {shape.build}{more});
Idle -> [0]words; words[0] -> Discard;
"""


def test_bytes_are_set_shown_and_refused(service: Callable[[str], Service], tmp_path: Path) -> None:
    words = service(TEXT)
    given = r''', PARAM "mark = \"a, b\"", CONFIG "text = hex\"00 ff 22 0a\""'''
    with Router(words.click, [words.package.parent], configuration(words, given), tmp_path) as router:
        assert router.read("words.config") == BEGUN.replace('hex"01 02 03 04"', 'hex"00 ff 22 0a"')
        wanted = '["[ //  \\" # ", hex""]'
        assert router.write("words.config.names", wanted)[0] == 200 and router.read("words.config.names") == wanted
        assert router.write("words.config", f'text = "GET "\nnames = {wanted}\n')[0] == 200
        code, message = router.write("words.config", 'names = []\ntext = "abc"')
        assert code == 520 and 'line 2: `text`: `"abc"` has 3 bytes, and `bytes[4]` holds 4' in message
        assert router.read("words.config text") == '"GET "' and router.read("words.config.names") == wanted
        assert "rules map<bytes max 4,(name:bytes max 12=hex\"2d2c203d29\",code:bytes[2])>\n" in router.read("words.config_types")
