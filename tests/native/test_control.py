"""The control socket of a compiled firewall while packets go through it: protocol, handlers, config, and clients that mean harm."""

from __future__ import annotations

import json
import os
import random
import re
import resource
import socket
import stat
import subprocess
import time
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.native.running import CAPTURE, PATIENCE, Service, Wire, build_firewall, connected, running, within

DEFAULT = "allowed = [10.0.0.0/8, 192.168.0.0/16, 2001:db8::/32]\n"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_firewall(tmp_path_factory)


@pytest.fixture
def service(program: Path, tmp_path: Path) -> Generator[Service]:
    with running(program, tmp_path, CAPTURE) as service:
        yield service


@pytest.fixture
def wire(service: Service) -> Generator[Wire]:
    with Wire(service.socket) as wire:
        yield wire


# -- protocol -----------------------------------------------------------------------------------------------------------------


def test_the_greeting_and_the_answers_are_those_of_click(wire: Wire) -> None:
    assert wire.greeting == "Click::ControlSocket/1.3"
    for command, code, texts in (
        ("read stop", 530, ["Handler 'stop' write-only"]),
        ("WRITE states 1", 530, ["Handler 'states' read-only"]),
        ("READ nothing", 511, ["No handler named 'nothing'"]),
        ("WRITE nothing 1", 511, ["No handler named 'nothing'"]),
        ("READ nobody.count", 510, ["No element named 'nobody'"]),
        ("CHECKREAD states", 200, ["Read handler 'states' OK"]),
        ("CHECKWRITE config", 200, ["Write handler 'config' OK"]),
        ("CHECKWRITE states", 511, ["Handler 'states' not writable"]),
        ("CHECKREAD nothing", 511, ["No handler named 'nothing'"]),
        ("READ", 500, ["Wrong number of arguments"]),
        ("READDATA state", 500, ["Wrong number of arguments"]),
        ("READDATA state x", 500, ["Syntax error in length 'x'"]),
        ("WRITEDATA config -1", 500, ["Syntax error in length '-1'"]),
        ("READ state nothing", 590, ["Read handler 'state' error:", "there is no state `nothing`"]),
        ("LLRPC firewall#c0de", 501, ["Cannot call LLRPC 'firewall#c0de' remotely"]),
        ("LLRPC firewall#c0de 4\r\nREAD", 501, ["Cannot call LLRPC 'firewall#c0de' remotely"]),
        ("Dance", 501, ["Command 'DANCE' unimplemented"]),
        ("READ \x01\xff", 511, ["No handler named '^A\\303\\277'"]),
    ):
        assert wire.ask(command) == (code, texts), command
    code, texts = wire.ask("HELP")
    assert code == 200 and texts[0] == "Commands supported:" and texts[-1].startswith("QUIT ")
    assert wire.ask("QUIT") == (200, ["Goodbye!"]) and wire.at_end()


def test_lines_end_as_they_like_and_commands_come_together_or_in_pieces(service: Service) -> None:
    stream = (
        b"\r\n\nREAD version\nread   service  \rGET firewall.version\r\nREADDATA state 9\r\nsessions\nREADUNTIL state  END \nsessions\nEND  \n"
        b"WRITEUNTIL config\nallowed = [\n  1.0.0.0/8,\n  2.0.0.0/8 ]\n\nREAD config.allowed\nCHECKREAD 0.schema\nSET config.allowed [10.0.0.0/8]\nQUIT"
    )

    def answers(pieces: list[bytes]) -> bytes:
        client = connected(service.socket)
        for piece in pieces:
            client.sendall(piece)
            time.sleep(0.001)
        client.shutdown(socket.SHUT_WR)
        with client, client.makefile("rb") as file:
            return file.read()

    with Wire(service.socket) as wire:
        assert within(lambda: wire.read("sessions.size") == "7")
    whole = answers([stream])
    assert whole.count(b"200 ") == 10 and b"DATA 24\r\n[ 1.0.0.0/8, 2.0.0.0/8 ]" in whole and whole.endswith(b"200 Goodbye!\r\n")
    assert answers([stream[i : i + 1] for i in range(len(stream))]) == whole
    for cut in range(1, len(stream), 7):
        assert answers([stream[:cut], stream[cut:]]) == whole


def test_what_follows_data_that_broke_off_is_no_command(service: Service) -> None:
    with Wire(service.socket) as wire:
        wire.send(b"WRITEDATA config 100\r\nallowed = []\nWRITE stop\n")
        wire.socket.shutdown(socket.SHUT_WR)
        assert wire.answer() == (500, ["Not enough data"]) and wire.at_end()
    assert service.forwards()


# -- handlers -----------------------------------------------------------------------------------------------------------------


def test_handlers_tell_of_service_states_edges_drops_and_devices(service: Service, wire: Wire) -> None:
    assert within(lambda: int(wire.read("refused.count")) > 1000)
    assert (wire.read("service"), wire.read("version"), wire.read("list"), wire.read("generation")) == ("firewall", "1", "1\nfirewall\n", "0")
    assert "state sessions" in wire.read("schema")
    assert re.fullmatch(r"refused counter \d+\nsessions size 7\n", wire.read("states"))
    for name in ("state sessions", "sessions.size", "firewall.sessions.size", "track.sessions.size", "leaving.track.sessions.size", "0.sessions.size"):
        assert wire.read(name) == "7"
    edges = dict(re.findall(r"^(\S+\[\w+\] -> \S+) (\d+)$", wire.read("edges"), re.M))
    assert len(edges) == len(wire.read("edges").splitlines()) > 30 and int(edges["leaving.track[pass] -> ToDevice"]) > 0
    drops = {name: int(count) for name, count in re.findall(r"^(\S+) (\d+)$", wire.read("drops"), re.M)}
    assert drops["leaving.track[deny]"] > 0 and "Count[out]" not in drops
    report = json.loads(wire.read("report"))
    assert sum(e["packets"] for e in report["edges"] if e.get("drops")) == report["states"]["refused"]
    inside, outside = (line.split() for line in wire.read("devices").splitlines())
    assert inside[0] == "inside" and int(inside[1]) > 0 and outside[:3] == ["outside", "0", "0"] and int(outside[3]) > 0
    assert wire.read("config") == DEFAULT and wire.read("config allowed") + "\n" == DEFAULT.removeprefix("allowed = ")
    assert wire.read("config_types") == "allowed set<ip_prefix>\n"


def test_every_handler_that_is_listed_is_as_it_says(wire: Wire) -> None:
    listed = [line.split("\t") for line in wire.read("handlers").splitlines()]
    assert {"sessions.size", "refused.count", "config.allowed", "stop"} <= {name for name, _ in listed}
    for name, abilities in listed:
        assert (wire.ask(f"CHECKREAD {name}")[0] == 200, wire.ask(f"CHECKWRITE {name}")[0] == 200) == ("r" in abilities, "w" in abilities)
        if "r" in abilities and name != "state":
            wire.read(name)


def test_a_client_can_stop_the_service(service: Service) -> None:
    with Wire(service.socket) as wire:
        assert wire.ask("WRITE stop") == (200, ["Write handler 'stop' OK"])
    _, said = service.process.communicate(timeout=PATIENCE)
    assert service.process.returncode == 1 and re.fullmatch(r"firewall: stopped by a client after \d+ packets\n", said)
    assert not service.socket.exists()


# -- config -------------------------------------------------------------------------------------------------------------------


def test_a_batch_changes_what_packets_see(service: Service, wire: Wire) -> None:
    assert within(lambda: wire.read("sessions.size") == "7")
    assert wire.write("config", "// nobody\nallowed = []\n") == (200, ["Write handler 'config' OK"])
    assert (wire.read("config"), wire.read("generation")) == ("allowed = []\n", "1")
    before = int(wire.read("refused.count"))
    assert within(lambda: int(wire.read("refused.count")) > before + 100)


def test_a_batch_with_one_bad_line_changes_nothing_and_every_bad_line_is_told_of(service: Service, wire: Wire, tmp_path: Path) -> None:
    batch = "# all of it\nallowed = [1.0.0.0/8]\n\nalowed = [2.0.0.0/8]\nallowed : bool = true\nallowed = [\n  1.0.0.0/8,\n  x ]\njust words\n= 3\n"
    assert wire.write("config", batch) == (
        520,
        [
            "Write handler 'config' error:",
            "line 4: there is no config `alowed`",
            "line 5: `allowed` is of type `set<ip_prefix>`, not `bool`",
            "line 6: `allowed` is set twice in this batch",
            "line 9: `just words` is not of the form `NAME = VALUE`",
            "line 10: `= 3` is not of the form `NAME = VALUE`",
        ],
    )
    assert wire.write("config", "allowed = [\n  1.0.0.0/8,\n  x ]\n")[1][1].startswith("line 3: `allowed`: `x` is not ")
    assert wire.write("config", "allowed = [1.0.0.0/8]\nallowed = [1.0.0.0/33]\0")[1][1:] == ["line 2: there is a zero byte"]
    assert wire.write("config", "x\n" * 20)[1][-1] == "and 12 more"
    assert (wire.read("config"), wire.read("generation")) == (DEFAULT, "0") and not (tmp_path / "state/config").exists()
    assert wire.write("config", "\n// nothing\n") == (200, ["Write handler 'config' OK"]) and wire.read("generation") == "0"


def test_a_value_that_is_not_one_line_is_shown_on_one(wire: Wire) -> None:
    assert wire.write("config.allowed", "[1.0.0.0/8, // ours\n\t2.0.0.0/8\n]\n")[0] == 200
    assert wire.read("config") == "allowed = [1.0.0.0/8, 2.0.0.0/8 ]\n"
    assert wire.ask("WRITE config allowed = [3.0.0.0/8]")[0] == 200 and wire.read("config.allowed") == "[3.0.0.0/8]"
    assert wire.ask("WRITE config.allowed")[0] == 520 and wire.read("config.allowed") == "[3.0.0.0/8]"


def test_config_outlives_a_process_that_is_killed_between_two_batches(program: Path, tmp_path: Path) -> None:
    """After each kill the values are those of a whole batch: the last one that was acknowledged, or the one that was under way."""
    chance = random.Random(3)
    acknowledged = under_way = 0
    for _ in range(8):
        with running(program, tmp_path, CAPTURE) as service:
            with Wire(service.socket) as wire:
                if acknowledged:
                    kept = wire.read("config.allowed")
                    assert kept in {value_of(acknowledged), value_of(under_way)}
                    acknowledged = under_way if kept == value_of(under_way) else acknowledged
                for number in range(acknowledged + 1, acknowledged + chance.randrange(2, 30)):
                    under_way = number
                    assert wire.write("config", f"allowed = {value_of(number)}")[0] == 200
                    acknowledged = number
                under_way = acknowledged + 1
                data = f"allowed = {value_of(under_way)}".encode()
                wire.send(f"WRITEDATA config {len(data)}\r\n".encode() + data)
                time.sleep(chance.random() / 500)
                service.kill()
    assert (tmp_path / "state/config").read_text().startswith("// What was set while firewall version 1 ran.\nallowed : set<ip_prefix> = [")


def value_of(number: int) -> str:
    return f"[{', '.join(f'{number}.{i}.0.0/16' for i in range(40))}]"


def test_kept_values_that_do_not_fit_are_told_of_and_the_command_line_wins(program: Path, tmp_path: Path) -> None:
    kept = tmp_path / "state/config"
    kept.parent.mkdir()
    kept.write_text("// before\nallowed : set<u16> = [1]\nlimit : size = 5\nnonsense\n")
    with running(program, tmp_path, CAPTURE) as service:
        with Wire(service.socket) as wire:
            assert wire.read("config") == DEFAULT
        code, said = service.stop()
    assert code == 1 and said.splitlines()[:3] == [
        f"firewall: `{kept}` line 2: `allowed` is of type `set<ip_prefix>`, not `set<u16>`; the program's value is used",
        f"firewall: `{kept}` line 3: there is no config `limit`; the program's value is used",
        f"firewall: `{kept}` line 4: `nonsense` is not of the form `NAME = VALUE`; the program's value is used",
    ]
    kept.write_text("allowed : set<ip_prefix> = [1.0.0.0/8]\n")
    with running(program, tmp_path, CAPTURE, "--config", "allowed=[2.0.0.0/8]") as service, Wire(service.socket) as wire:
        assert wire.read("config.allowed") == "[2.0.0.0/8]"
    with running(program, tmp_path, CAPTURE) as service, Wire(service.socket) as wire:
        assert wire.read("config.allowed") == "[1.0.0.0/8]"


def test_a_kept_config_that_cannot_be_read_does_not_stop_the_service(program: Path, tmp_path: Path) -> None:
    (tmp_path / "state/config").mkdir(parents=True)
    with running(program, tmp_path, CAPTURE) as service:
        with Wire(service.socket) as wire:
            assert wire.read("config") == DEFAULT
            code, texts = wire.write("config", "allowed = []")
            assert code == 520 and texts[1] == f"it cannot be kept in `{tmp_path}/state`: Is a directory" and wire.read("config") == DEFAULT
        assert f"firewall: `{tmp_path}/state/config` cannot be read" in service.stop()[1]


def test_a_batch_that_the_disk_has_no_room_for_changes_nothing(program: Path, tmp_path: Path) -> None:
    with running(program, tmp_path, CAPTURE) as service, Wire(service.socket) as wire:
        assert wire.write("config", "allowed = [1.0.0.0/8]")[0] == 200
        kept = (tmp_path / "state/config").read_bytes()
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (len(kept) + 10, len(kept) + 10))
        assert wire.write("config", f"allowed = {value_of(7)}") == (520, ["Write handler 'config' error:", f"it cannot be kept in `{tmp_path}/state`: File too large"])
        assert wire.read("config.allowed") == "[1.0.0.0/8]" and (tmp_path / "state/config").read_bytes() == kept
        assert sorted(p.name for p in (tmp_path / "state").iterdir()) == ["arena", "config", "control", "lock", "service.json"]
        assert wire.write("config", "allowed = [1.0.0.0/9]")[0] == 200


# -- the socket itself --------------------------------------------------------------------------------------------------------


def test_the_socket_is_its_owners_alone_and_goes_with_the_service(service: Service, tmp_path: Path) -> None:
    assert stat.S_IMODE(service.socket.stat().st_mode) == 0o600 and stat.S_IMODE(service.socket.parent.stat().st_mode) == 0o700
    service.stop()
    assert not service.socket.exists()


def test_a_dead_socket_is_taken_over_and_a_live_one_is_not(program: Path, tmp_path: Path) -> None:
    long = "x" * 90 + "/" + "y" * 90  # longer than an address may be
    (tmp_path / long).parent.mkdir()
    with running(program, tmp_path, CAPTURE, "--control", long) as service:
        assert service.forwards()
        second = [str(program), "--set", "inside=null", "--set", "outside=null", "--control", long]
        done = subprocess.run(second, cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (1, f"firewall: the control socket `{long}` cannot be opened: a service that runs listens there\n")
        service.kill()
        assert service.socket.is_socket()
    with running(program, tmp_path, CAPTURE, "--control", long) as service:
        assert service.forwards()


@pytest.mark.parametrize(
    ("path", "reason"), [("file", "something else is there, which is no socket"), ("none/x", "No such file or directory"), ("file/x", "Not a directory"), ("folder/", "Is a directory")]
)
def test_a_socket_that_cannot_be_is_refused_and_what_is_there_is_left(program: Path, tmp_path: Path, path: str, reason: str) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    done = subprocess.run([program, "--set", "inside=null", "--set", "outside=null", "--control", path], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, f"firewall: the control socket `{path}` cannot be opened: {reason}\n")
    assert (tmp_path / "file").read_text() == "mine"


# -- clients that mean harm ---------------------------------------------------------------------------------------------------


def test_random_bytes_do_no_harm(service: Service) -> None:
    chance = random.Random(1)
    words = [b"READ ", b"WRITE ", b"WRITEDATA config ", b"READUNTIL ", b"\r\n", b"\n", b"config", b"state ", b"99", b"LLRPC ", b"\0", b"allowed = [", b"WRITEUNTIL config .\n"]
    for round_ in range(40):
        with suppress(ConnectionError, TimeoutError), connected(service.socket) as client:
            client.settimeout(0.05)
            for _ in range(50):
                client.sendall(chance.randbytes(chance.randrange(1, 200)) if round_ % 2 else chance.choice(words))
    assert service.forwards()


def test_a_line_of_ten_megabytes_is_refused_and_the_next_command_carried_out(service: Service, wire: Wire) -> None:
    before = service.memory()
    wire.send(b"x" * 10_000_000 + b"\nREAD version\n")
    assert wire.answer()[0] == 500 and wire.answer()[0] == 200 and wire.data() == b"1"
    assert service.memory() < before + 2_000_000 and service.forwards()


def test_data_of_any_length_is_passed_over_where_it_is_too_much(service: Service, wire: Wire) -> None:
    wire.send(b"WRITEDATA config 10000000\r\n" + b"WRITE stop\n" * 909090 + b"xxxxxxxxxx" + b"\nREAD version\n")
    assert wire.answer()[0] == 521 and wire.answer()[0] == 200 and wire.data() == b"1"
    with connected(service.socket) as client:
        client.sendall(b"WRITEUNTIL config END\n" + b"WRITE stop\n" * 100_000)
        with client.makefile("rb") as file:
            assert file.readline().startswith(b"Click::") and file.readline().startswith(b"521 Data too large")
    assert service.forwards()


def test_clients_that_never_read_hold_no_memory(service: Service) -> None:
    before = service.memory()
    hungry = [connected(service.socket) for _ in range(8)]
    for client in hungry:
        client.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                client.send(b"READ report\n" * 1000)
    assert service.forwards() and service.memory() < before + 8_000_000
    for client in hungry:
        client.close()
    assert service.forwards()


def test_two_hundred_connections_are_refused_or_served_and_the_next_one_is_served(service: Service) -> None:
    files = len(os.listdir(f"/proc/{service.process.pid}/fd"))
    answers: list[bytes] = []
    clients: list[socket.socket] = []
    for _ in range(200):
        client = connected(service.socket)
        clients.append(client)
        answers.append(client.recv(100))
    assert any(b"590 Too many clients" in answer for answer in answers) and answers[0] == b"Click::ControlSocket/1.3\r\n"
    assert within(lambda: len(os.listdir(f"/proc/{service.process.pid}/fd")) <= files + 16)
    for client in clients:
        client.close()
    assert within(lambda: served(service)) and service.forwards()


def served(service: Service) -> bool:
    with suppress(ConnectionError), Wire(service.socket) as wire:
        return wire.ask("READ version")[0] == 200
    return False


def test_a_client_that_goes_away_at_any_moment_is_forgotten(service: Service) -> None:
    files = len(os.listdir(f"/proc/{service.process.pid}/fd"))
    for what in (b"", b"READ", b"READ report\n", b"WRITEDATA config 5\nab", b"READ report\n" * 50):
        for _ in range(20):
            with suppress(ConnectionError), connected(service.socket) as client:
                client.sendall(what)
    assert within(lambda: len(os.listdir(f"/proc/{service.process.pid}/fd")) <= files) and service.forwards()


def test_batches_of_several_clients_are_applied_one_after_the_other(service: Service) -> None:
    """Half of the clients do not wait for their answer, and some of these batches are wrong."""
    large = f"[{', '.join(f'{i >> 8}.{i & 255}.0.0/16' for i in range(0, 20_000, 2))}]"
    batch = f"WRITEDATA config.allowed {len(large)}\n{large}".encode()
    patient = [Wire(service.socket) for _ in range(5)]
    for number, wire in enumerate(patient):
        wire.send(batch + f"WRITE config.allowed [{number}.0.0.0/8\nWRITE config.allowed [{number}.0.0.0/8]\n".encode())
        with connected(service.socket) as client:
            client.sendall(batch)
    for wire in patient:
        assert [wire.answer()[0] for _ in range(3)] == [200, 520, 200]
    assert within(lambda: served(service)) and int(patient[0].read("generation")) >= 10 and service.forwards()
    assert patient[0].write("config.allowed", "[1.0.0.0/8]")[0] == 200
    assert within(lambda: patient[1].read("config.allowed") in (large, "[1.0.0.0/8]"))
    for wire in patient:
        wire.close()


def test_a_batch_of_a_hundred_thousand_prefixes_is_taken(service: Service, wire: Wire) -> None:
    value = f"[{', '.join(f'{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}.0/24' for i in range(0, 200_000, 2))}]"
    assert wire.write("config.allowed", value)[0] == 200
    assert wire.read("config.allowed") == value and service.forwards()
