"""The client of the control socket against servers that answer, and against all kinds that do not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from clickup_lang.operate.control import ControlError, Denied, Refused, Silent, Unreachable, connect
from clickup_lang.operate.services import Lookup, Service, find_services, known_places

GREETING = b"Click::ControlSocket/1.3\r\n"
PATIENCE = 0.3


@contextmanager
def server(path: Path, serve: Callable[[socket.socket], object]) -> Generator[None]:
    """One client is served by `serve`, then the socket is closed."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(1)

    def accept() -> None:
        with suppress(OSError):
            client, _ = listener.accept()
            with client:
                serve(client)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # which wakes the thread
        listener.close()


def says(text: bytes) -> Callable[[socket.socket], object]:
    """Sends it, then reads until the client goes."""

    def serve(client: socket.socket) -> None:
        client.sendall(text)
        while client.recv(1000):
            pass

    return serve


def read(path: Path) -> str:
    with connect(path, PATIENCE) as control:
        return control.read("states")


def test_an_answer_is_read_whole_and_the_next_one_begins_behind_it(tmp_path: Path) -> None:
    answers = GREETING + b"200-well\r\n200 Read handler 'a' OK\r\nDATA 7\r\na\r\nb\n\xc3\xa9200 Write OK\r\n520-Write handler 'c' error:\r\n520-line 1: x\r\n520 line 2: y\r\n"
    with server(tmp_path / "s", says(answers)), connect(tmp_path / "s", 5) as control:
        assert control.read("a") == "a\r\nb\n\xe9"
        control.write("b", "text")
        with pytest.raises(Refused) as refused:
            control.write("c", "text")
    assert (refused.value.code, refused.value.lines, str(refused.value)) == (520, ("line 1: x", "line 2: y"), "line 1: x; line 2: y")


def test_a_client_that_is_not_let_in_hears_why(tmp_path: Path) -> None:
    def serve(client: socket.socket) -> None:
        client.sendall(GREETING + b"590 Too many clients\r\n")

    with server(tmp_path / "s", serve), pytest.raises(Refused, match="Too many clients"):
        read(tmp_path / "s")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (b"", "does not answer: nothing came within 0.3 s"),
        (GREETING, "does not answer: nothing came within 0.3 s"),
        (GREETING + b"200 OK\r\nDATA 10\r\nabc", "does not answer: nothing came within 0.3 s"),
        (b"SSH-2.0-OpenSSH\r\n", "is no control socket of Click's kind"),
        (b"\0" * 200_000, "answers with a line without an end"),
        (GREETING + b"hello\r\n", "answers with something else than a code"),
        (GREETING + b"200 OK\r\nDATA x\r\n", "answers with something else than data"),
        (GREETING + b"200 OK\r\nDATA 99999999999\r\n", "answers with something else than data"),
    ],
)
def test_a_server_that_does_not_answer_as_it_should_is_told_of(tmp_path: Path, said: bytes, message: str) -> None:
    with server(tmp_path / "s", says(said)), pytest.raises(Silent) as silent:
        read(tmp_path / "s")
    assert str(silent.value) == message


def test_a_server_that_trickles_bytes_does_not_hold_us(tmp_path: Path) -> None:
    over = threading.Event()

    def serve(client: socket.socket) -> None:
        client.sendall(GREETING)
        while not over.wait(0.02):
            client.sendall(b"2")

    with server(tmp_path / "s", serve), pytest.raises(Silent, match="nothing came"):
        read(tmp_path / "s")
    over.set()


def test_a_server_that_reads_nothing_or_hangs_up_does_not_hold_a_large_batch(tmp_path: Path) -> None:
    for name, ends in (("hangs", False), ("gone", True)):
        over = threading.Event()

        def serve(client: socket.socket) -> None:
            client.sendall(GREETING)
            if not ends:
                over.wait(30)

        with server(tmp_path / name, serve), pytest.raises(Silent, match="has hung up" if ends else "nothing came"), connect(tmp_path / name, PATIENCE) as control:
            control.write("config", "x" * 10_000_000)
        over.set()


def test_a_socket_that_is_not_there_or_dead_is_told_from_others(tmp_path: Path) -> None:
    def message(path: Path) -> str:
        with pytest.raises(Unreachable) as found:
            read(path)
        return str(found.value)

    assert message(tmp_path / "none") == message(tmp_path / "none/none") == "is not there"
    with server(tmp_path / "dead", says(b"")):
        pass
    assert message(tmp_path / "dead") == "is what a service left behind that does not run any more"
    (tmp_path / "file").write_text("")
    assert message(tmp_path / "file") == "is what a service left behind that does not run any more"
    assert message(tmp_path / "file/x") == "cannot be reached: not a directory"


def test_errors_are_of_one_kind() -> None:
    assert issubclass(Denied, Unreachable) and all(issubclass(kind, ControlError) for kind in (Unreachable, Silent, Refused))


# -- where services are -------------------------------------------------------------------------------------------------------


def test_services_are_found_by_their_sockets_and_dead_ones_are_not(tmp_path: Path) -> None:
    long = "n" * 120
    for name in ("b", "a", "dead", "empty", long):
        (tmp_path / name).mkdir()
    (tmp_path / "file").write_text("")
    with server(tmp_path / "dead/control", says(b"")):
        pass
    with server(tmp_path / "a/control", says(b"")), server(tmp_path / "b/control", says(b"")):
        found = find_services(Lookup((tmp_path / "none", tmp_path)))
    assert found == (Service("a", tmp_path / "a/control"), Service("b", tmp_path / "b/control"))


def test_a_folder_or_a_socket_that_is_given_is_meant_alone(tmp_path: Path) -> None:
    assert find_services(Lookup((tmp_path,), state=tmp_path)) == (Service(tmp_path.name, tmp_path / "control"),)
    assert find_services(Lookup((tmp_path,), control=tmp_path / "x")) == (Service(f"{tmp_path}/x", tmp_path / "x"),)


def test_the_known_places_are_the_systems_and_the_users() -> None:
    places = known_places({"XDG_RUNTIME_DIR": "/run/user/7", "HOME": "/home/me"})
    assert [str(place) for place in places] == ["/run/cupc", "/run/user/7/cupc", "/home/me/.local/state/cupc"]
    assert [str(place) for place in known_places({})] == ["/run/cupc"]
