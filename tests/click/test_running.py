"""A router that runs a service: asked and changed through Click's ControlSocket, and swapped for another configuration under way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.click.router import Router, Service

TRAFFIC = Path(__file__).resolve().parents[2] / "examples/firewall/traffic"


def configuration(service: Service, source: str = "Idle", more: str = "", name: str = "firewall") -> str:
    shape = service.shape
    return f"""\
require(package "{shape.package}");
{name} :: {shape.element}(CLOCK packets, BUILD {shape.build}{more});
source :: {source} -> [0]{name}; Idle -> [1]{name};
{name}[0] -> Discard; {name}[1] -> Discard;
"""


def from_traffic(service: Service, more: str = "") -> str:
    return configuration(service, f'FromDump("{TRAFFIC}/inside.pcap")', more)


@pytest.fixture()
def router(firewall: Service, tmp_path: Path) -> Router:
    return Router(firewall.click, [firewall.package.parent], from_traffic(firewall), tmp_path)


def test_handlers_tell_what_the_service_is_and_holds(router: Router, firewall: Service) -> None:
    with router:
        router.until("firewall.sessions.size", "7")
        assert [router.read(f"firewall.{h}") for h in ("service", "version", "build", "generation")] == ["firewall", "1", firewall.shape.build, "1"]
        assert router.read("firewall.states") == "refused counter 19\nsessions size 7\n"
        assert router.read("firewall.state sessions") == "7" and router.read("firewall.refused.count") == "19"
        assert "leaving.track[deny] -> Count 15\n" in router.read("firewall.edges")
        assert "leaving.track[deny] 15\n" in router.read("firewall.drops")
        assert router.read("firewall.devices").splitlines()[0].startswith("inside 150 11656 0 0")
        assert router.read("firewall.config_types") == "allowed set<ip_prefix>\n"
        assert router.read("firewall.schema").startswith("config allowed : set<ip_prefix>\n")
        report = json.loads(router.read("firewall.report"))
        assert report["packets"] == 150 and report["states"] == {"refused": 19, "sessions": 7}
        assert {"config\trw+", "state\tr+", "flush\tw"} <= {line.strip() for line in router.read("firewall.handlers").splitlines()}


def test_a_batch_of_config_is_taken_whole_or_not_at_all(router: Router) -> None:
    with router:
        before = router.read("firewall.config")
        code, message = router.write("firewall.config", "# the lab\nallowed = [10.9.0.0/16]\nallowd = []\n")
        assert code == 520 and "line 3: there is no config `allowd`" in message
        code, message = router.write("firewall.config", "allowed = [10.9.0.0/16]\nallowed = []\n")
        assert code == 520 and "line 2: `allowed` is set twice in this batch" in message
        assert router.write("firewall.config", "allowed = [10.0.0.0/64]")[0] == 520 and router.write("firewall.config.allowed", "x")[0] == 520
        assert router.read("firewall.config") == before
        assert router.write("firewall.config", "\nallowed = [10.9.0.0/16]\n")[0] == 200
        assert router.read("firewall.config") == "allowed = [10.9.0.0/16]\n"
        code, message = router.write("firewall.config.allowed", "[10.0.0.0/8]\nallowed = []")
        assert code == 520 and router.read("firewall.config") == "allowed = [10.9.0.0/16]\n"
        assert router.write("firewall.config", "allowed : set<ip_prefix> = [10.1.0.0/16,  // the first floor\n    10.2.0.0/16]")[0] == 200
        assert router.read("firewall.config.allowed") == "[10.1.0.0/16, 10.2.0.0/16]"
        assert router.write("firewall.config.allowed", "[192.168.0.0/24]\n")[0] == 200
        assert router.read("firewall.config allowed") == router.read("firewall.config.allowed") == "[192.168.0.0/24]"


def test_packets_see_a_new_config_from_the_next_one_on(firewall: Service, tmp_path: Path) -> None:
    gate = f'FromDump("{TRAFFIC}/inside.pcap", ACTIVE false)'
    with Router(firewall.click, [firewall.package.parent], configuration(firewall, gate), tmp_path) as router:
        assert router.write("firewall.config", "allowed = []")[0] == 200
        assert router.write("source.active", "true")[0] == 200
        router.until("firewall.devices", "inside 150 11656 0 0\noutside 0 0 7 426\n")
        assert router.read("firewall.sessions.size") == "0"


def test_a_swap_for_the_same_configuration_keeps_sessions_counts_and_config(router: Router, firewall: Service) -> None:
    with router:
        router.until("firewall.sessions.size", "7")
        assert router.write("firewall.config", "allowed = [10.0.0.0/16]")[0] == 200
        edges = router.read("firewall.edges")
        assert router.write("hotconfig", configuration(firewall))[0] == 200
        router.until("firewall.generation", "2")
        assert router.read("source.class") == "Idle"
        assert router.read("firewall.states") == "refused counter 19\nsessions size 7\n"
        assert router.read("firewall.edges") == edges and router.read("firewall.config.allowed") == "[10.0.0.0/16]"
        assert router.write("hotconfig", configuration(firewall, more=', CONFIG "allowed = []"'))[0] == 200
        router.until("firewall.generation", "3")
        assert router.read("firewall.sessions.size") == "7" and router.read("firewall.config.allowed") == "[]"


def test_other_code_on_the_same_state_takes_over_and_is_the_one_that_runs(
    router: Router, firewall: Service, service: Callable[[str], Service], firewall_text: str, tmp_path: Path
) -> None:
    other = service(firewall_text.replace("if way == inward or ip.source not in allowed { emit deny }", "if way == inward { emit deny }"))
    assert other.shape.build != firewall.shape.build and other.shape.element == firewall.shape.element
    (tmp_path / "both").mkdir()
    with Router(firewall.click, [firewall.package.parent, other.package.parent], from_traffic(firewall), tmp_path / "both") as both, router:
        both.until("firewall.sessions.size", "7")
        assert both.write("hotconfig", configuration(other))[0] == 200
        both.until("firewall.build", other.shape.build)
        assert both.read("firewall.sessions.size") == "7"
        # The old code is still loaded, under the same name of a class. It would open nothing here.
        fresh = configuration(other, f'FromDump("{TRAFFIC}/inside.pcap")', ', CONFIG "allowed = []"', name="fresh")
        assert both.write("hotconfig", fresh)[0] == 200
        opened = other.run_natively([f"inside=pcap:{TRAFFIC}/inside.pcap,", "outside=null"], "--config", "allowed=[]")["states"]["sessions"]
        assert opened > 7
        both.until("fresh.sessions.size", str(opened))
        code, message = both.write("hotconfig", configuration(firewall))
        assert code != 200 and f"is build {other.shape.build}" in message
        assert both.read("fresh.build") == other.shape.build


def test_state_of_another_shape_is_refused_and_the_old_service_goes_on(router: Router, firewall: Service, service: Callable[[str], Service], firewall_text: str, tmp_path: Path) -> None:
    changed = service(firewall_text.replace("version 1", "version 2").replace("    since : time\n", "    since : time\n    seen  : u32\n").replace("since: now)", "since: now, seen: 0)"))
    (tmp_path / "both").mkdir()
    with Router(firewall.click, [firewall.package.parent, changed.package.parent], from_traffic(firewall), tmp_path / "both") as both, router:
        both.until("firewall.sessions.size", "7")
        code, message = both.write("hotconfig", configuration(changed))
        assert code != 200 and "cannot take as it is" in message
        assert both.read("firewall.version") == "1" and both.read("firewall.sessions.size") == "7"
        assert both.write("hotconfig", configuration(changed, name="beside"))[0] == 200
        both.until("beside.version", "2")


def test_state_in_a_folder_is_kept_and_has_one_owner(firewall: Service, tmp_path: Path) -> None:
    kept = f', STATE "{tmp_path}/state"'
    (tmp_path / "second").mkdir()
    with Router(firewall.click, [firewall.package.parent], from_traffic(firewall, kept), tmp_path) as router:
        router.until("firewall.sessions.size", "7")
        with pytest.raises(AssertionError, match="is in use by process"):
            Router(firewall.click, [firewall.package.parent], configuration(firewall, more=kept), tmp_path / "second")
    with Router(firewall.click, [firewall.package.parent], configuration(firewall, more=kept), tmp_path) as router:
        assert router.read("firewall.sessions.size") == "7" and router.read("firewall.generation") == "2"


def test_what_an_operator_sets_is_kept_in_the_folder_and_read_natively_too(firewall: Service, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state/config").write_text("// by hand\nallowed : set<ip_prefix> = [10.3.0.0/16]\ngone : u8 = 3\n")
    kept = f', STATE "{tmp_path}/state"'
    with Router(firewall.click, [firewall.package.parent], configuration(firewall, more=kept), tmp_path) as router:
        assert router.read("firewall.config.allowed") == "[10.3.0.0/16]"
        assert router.write("firewall.config", "allowed = []")[0] == 200
    assert (tmp_path / "state/config").read_text() == "// What was set while firewall version 1 ran.\nallowed : set<ip_prefix> = []\n"
    report = firewall.run_natively([f"inside=pcap:{TRAFFIC}/inside.pcap,", "outside=null"], "--state", str(tmp_path / "state"))
    assert report["states"]["sessions"] == 0
    given = configuration(firewall, more=kept + ', CONFIG "allowed = [10.4.0.0/16]"')
    with Router(firewall.click, [firewall.package.parent], given, tmp_path) as router:
        assert router.read("firewall.config.allowed") == "[10.4.0.0/16]"
    assert "allowed : set<ip_prefix> = []\n" in (tmp_path / "state/config").read_text()


def test_a_state_folder_without_a_name_is_none(firewall: Service, tmp_path: Path) -> None:
    """As in the written configuration where nobody has set the variable."""
    with Router(firewall.click, [firewall.package.parent], configuration(firewall, more=', STATE ""'), tmp_path) as router:
        assert router.read("firewall.generation") == "1"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (", BURST 33", "BURST is a number from 1 to 32"),
        (', CONFIG "allowed = [10.0.0.0/40]"', "line 1: `allowed`"),
        (', CONFIG "nothing = 1"', "there is no config `nothing`"),
        (", SPEED 9", "SPEED"),
    ],
)
def test_a_wrong_argument_is_named(firewall: Service, tmp_path: Path, words: str, message: str) -> None:
    with pytest.raises(AssertionError, match=message.replace("[", r"\[")):
        Router(firewall.click, [firewall.package.parent], configuration(firewall, more=words), tmp_path)
