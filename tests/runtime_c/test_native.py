"""The native program around a service: captures, script, reports, exit codes. The service is `runtime_c/tests/mirror_service.c`."""

from __future__ import annotations

import json
import mmap
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.runtime_c.building import Programs
from tests.runtime_c.captures import MICRO, ipv4, pcap_bytes, read_pcap, write_pcap, write_pcapng

Run = Callable[..., subprocess.CompletedProcess[str]]
A, B, STRANGER = ipv4("10.0.0.1", last=1), ipv4("10.0.0.2", last=2), ipv4("11.0.0.1", last=3)


@pytest.fixture
def run(programs: Programs, tmp_path: Path) -> Run:
    return lambda *words: programs.run("mirror", *words, cwd=tmp_path)


def datas(path: Path) -> list[bytes]:
    return [frame.data for frame in read_pcap(path)]


def test_inputs_are_merged_by_time_and_the_earlier_declared_comes_first(run: Run, tmp_path: Path) -> None:
    write_pcap(tmp_path / "a.pcap", [(5, ipv4("10.0.0.1")), (7, ipv4("10.0.0.2")), (7, ipv4("10.0.0.3"))])
    write_pcap(tmp_path / "b.pcap", [(4, b"four"), (7, b"seven"), (8, b"eight")])
    done = run("--set", "inside=pcap:a.pcap,back.pcap", "--set", "outside=pcap:b.pcap,out.pcap")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [(f.time_ns, f.data) for f in read_pcap(tmp_path / "back.pcap")] == [(4, b"four"), (7, b"seven"), (8, b"eight")]
    assert [f.time_ns for f in read_pcap(tmp_path / "out.pcap")] == [5, 7, 7]


def test_the_order_of_a_merge_is_seen_by_the_service(run: Run, tmp_path: Path) -> None:
    """Four hosts are remembered; which four depends on the order in which equal times are taken."""
    write_pcap(tmp_path / "a.pcap", [(10**9 * (i // 3), ipv4(f"10.0.0.{i}")) for i in range(100)])
    results = set()
    for _ in range(2):
        done = run("--set", "inside=pcap:a.pcap", "--set", "outside=pcap:,out.pcap", "--report", "json")
        report = json.loads(done.stdout.splitlines()[-1])
        report.pop("elapsed_ns")
        results.add((json.dumps(report), (tmp_path / "out.pcap").read_bytes()))
    assert len(results) == 1
    assert report["states"] == {"hosts": 4, "refused": 0}


def test_times_are_kept_to_the_nanosecond(run: Run, tmp_path: Path) -> None:
    moment = 1_700_000_000_123_456_789
    write_pcap(tmp_path / "in.pcap", [(moment, A)])
    run("--set", "inside=pcap:in.pcap", "--set", "outside=pcap:,out.pcap")
    assert read_pcap(tmp_path / "out.pcap")[0].time_ns == moment
    write_pcap(tmp_path / "in.pcap", [(moment, A)], magic=MICRO)
    run("--set", "inside=pcap:in.pcap", "--set", "outside=pcap:,out.pcap")
    assert read_pcap(tmp_path / "out.pcap")[0].time_ns == moment // 1000 * 1000


def test_pcapng_is_read(run: Run, tmp_path: Path) -> None:
    write_pcapng(tmp_path / "in.pcapng", [(1_700_000_000_000_000_007, A), (1_700_000_000_000_000_009, STRANGER)])
    done = run("--set", "inside=pcap:in.pcapng", "--set", "outside=pcap:,out.pcap")
    assert done.returncode == 0
    assert [(f.time_ns, f.data) for f in read_pcap(tmp_path / "out.pcap")] == [(1_700_000_000_000_000_007, A)]


def test_a_packet_cut_short_is_forwarded_as_captured(run: Run, tmp_path: Path) -> None:
    write_pcap(tmp_path / "in.pcap", [(1, A), (2, B)], cut=100)
    done = run("--set", "inside=pcap:in.pcap", "--set", "outside=pcap:,out.pcap", "--report", "json", "--config", "twice=true")
    assert json.loads(done.stdout)["cut"] == 2
    assert [(len(f.data), f.wire) for f in read_pcap(tmp_path / "out.pcap")] == [(60, 160)] * 4


def test_the_report_counts_everything(run: Run, tmp_path: Path) -> None:
    write_pcap(tmp_path / "a.pcap", [(1, A), (2, STRANGER), (3, B)])
    write_pcap(tmp_path / "b.pcap", [(2, b"xyz")])
    done = run("--set", "inside=pcap:a.pcap,", "--set", "outside=pcap:b.pcap,out.pcap", "--report", "json")
    report = json.loads(done.stdout)
    assert report.pop("elapsed_ns") > 0
    assert report == {
        "final": True,
        "service": "mirror",
        "version": 1,
        "packets": 4,
        "cut": 0,
        "time_ns": 3,
        "devices": {
            "inside": {"in_packets": 3, "in_bytes": 180, "out_packets": 1, "out_bytes": 3},
            "outside": {"in_packets": 1, "in_bytes": 3, "out_packets": 2, "out_bytes": 120},
        },
        "states": {"hosts": 2, "refused": 1},
        "edges": [
            {"from": "inside", "port": "pass", "to": "outside", "packets": 2},
            {"from": "outside", "port": "pass", "to": "inside", "packets": 1},
            {"from": "inside", "port": "deny", "to": "drop", "packets": 1, "drops": True},
        ],
    }


def test_large_packets_pass_whole(run: Run, tmp_path: Path) -> None:
    large = ipv4("10.0.0.1", size=65535, last=9)
    write_pcap(tmp_path / "in.pcap", [(i, large) for i in range(70)])
    assert run("--set", "inside=pcap:in.pcap", "--set", "outside=pcap:,out.pcap").returncode == 0
    assert datas(tmp_path / "out.pcap") == [large] * 70


def test_an_empty_capture_gives_an_empty_capture(run: Run, tmp_path: Path) -> None:
    write_pcap(tmp_path / "in.pcap", [])
    assert run("--set", "inside=pcap:in.pcap", "--set", "outside=pcap:,out.pcap").returncode == 0
    assert read_pcap(tmp_path / "out.pcap") == []


@pytest.mark.parametrize("missing", range(1, 76, 5))
def test_of_a_truncated_capture_all_that_is_whole_is_forwarded(run: Run, tmp_path: Path, missing: int) -> None:
    (tmp_path / "in.pcap").write_bytes(pcap_bytes([(1, A), (2, B), (3, A)])[:-missing])
    done = run("--set", "inside=pcap:in.pcap", "--set", "outside=pcap:,out.pcap")
    assert done.returncode == 1
    assert done.stderr.startswith("mirror: `in.pcap` is damaged at packet 3, and only those before it were taken: truncated dump file")
    assert done.stderr.count("\n") == 1
    assert datas(tmp_path / "out.pcap") == [A, B]


def test_a_damaged_input_does_not_stop_the_others(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.pcap").write_bytes(pcap_bytes([(1, A), (2, B)])[:-1])
    write_pcap(tmp_path / "b.pcap", [(9, b"late")])
    done = run("--set", "inside=pcap:in.pcap,back.pcap", "--set", "outside=pcap:b.pcap,out.pcap")
    assert done.returncode == 1 and "damaged at packet 2" in done.stderr
    assert datas(tmp_path / "out.pcap") == [A] and datas(tmp_path / "back.pcap") == [b"late"]


def test_damage_before_the_first_packet_leaves_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.pcap").write_bytes(pcap_bytes([(1, A)])[:-1])
    done = run("--set", "inside=pcap:in.pcap", "--set", "outside=pcap:,out.pcap")
    assert done.returncode == 1 and "damaged at packet 1" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["in.pcap"]


def test_a_capture_of_another_kind_is_refused(run: Run, tmp_path: Path) -> None:
    write_pcap(tmp_path / "in.pcap", [(1, A)], link=101)
    done = run("--set", "inside=pcap:in.pcap", "--set", "outside=pcap:,out.pcap")
    assert (done.returncode, done.stderr) == (
        1,
        "mirror: `in.pcap` holds frames of kind RAW, and this program reads Ethernet (EN10MB) only\n",
    )
    (tmp_path / "in.pcap").write_text("no capture at all, but long enough for a header")
    done = run("--set", "inside=pcap:in.pcap", "--set", "outside=pcap:,out.pcap")
    assert (done.returncode, done.stderr) == (1, "mirror: `in.pcap` cannot be read as a capture: unknown file format\n")
    done = run("--set", "inside=pcap:none.pcap", "--set", "outside=pcap:,out.pcap")
    assert (done.returncode, done.stderr) == (1, "mirror: `none.pcap` cannot be read as a capture: No such file or directory\n")
    assert [p.name for p in tmp_path.iterdir()] == ["in.pcap"]


def test_an_output_that_cannot_be_made_is_refused(run: Run, tmp_path: Path) -> None:
    write_pcap(tmp_path / "in.pcap", [(1, A)])
    done = run("--set", "inside=pcap:in.pcap,back.pcap", "--set", "outside=pcap:,none/out.pcap")
    assert (done.returncode, done.stderr) == (1, "mirror: `none/out.pcap` cannot be written: No such file or directory\n")
    assert [p.name for p in tmp_path.iterdir()] == ["in.pcap"]


USAGE = [
    (["--set", "inside=veth:0"], "`--set inside=veth:0`: a device is a network interface such as `eth0`, or `tap:NAME`, `pcap:IN,OUT` or `null`"),
    (["--set", "inside=tap:"], "`--set inside=tap:`: a device is a network interface such as `eth0`, or `tap:NAME`, `pcap:IN,OUT` or `null`"),
    (["--set", "inside=a_name_that_is_far_too_long"], "`--set inside=a_name_that_is_far_too_long`: a device is a network interface such as `eth0`, or `tap:NAME`, `pcap:IN,OUT` or `null`"),
    (["--set", "inside=none0", "--set", "outside=none0"], "`inside` and `outside` cannot both be `none0`"),
    (["--set", "inside=none0", "--set", "outside=null", "--name", "../up"], "`--name ../up`: a name is of letters, digits, `.`, `_` and `-`, at most 63"),
    (["--script", "-", "--set", "inside=none0"], "a script brings its own packets; its devices are `null`"),
    (["--set", "inside=pcap:a,b,c"], "`pcap:a,b,c`: a capture device is `pcap:IN,OUT`, two files at most"),
    (["--set", "inside=pcap:,x", "--set", "outside=pcap:,x"], "`inside` and `outside` cannot both write `x`"),
    (["--set", "inside"], "`--set inside` is not of the form `--set PARAM=VALUE`"),
    (["--set", "other=1"], "there is no param `other`; there is `inside`, `outside`, `mark`"),
    (["--set"], "`--set` lacks its value"),
    (["--config", "other=1"], "there is no config `other`; there is `allowed`, `twice`"),
    (["--turbo", "1"], "`--turbo` is no option; `--help` lists them"),
    (["--report", "xml"], "`--report xml`: reports are `json`"),
    (["--script", "file"], "`--script file`: scripts come on standard input, `-`"),
    (["--set", "inside=null", "--set", "outside=null", "--set", "mark=256"], "`--set mark=256`: `256` does not fit `u8` (byte 1 of the value)"),
    (
        ["--set", "inside=null", "--set", "outside=null", "--config", "allowed=[10.0.0.0/8, 1]"],
        "`--config allowed=[10.0.0.0/8, 1]`: `1` is not an IPv4 prefix such as `10.0.0.0/8` (byte 14 of the value)",
    ),
]


@pytest.mark.parametrize(("words", "message"), USAGE, ids=[" ".join(w) for w, _ in USAGE])
def test_wrong_usage_is_said_in_one_line(run: Run, words: list[str], message: str) -> None:
    done = run(*words)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"mirror: {message}\n")


def test_a_service_may_refuse_to_start(run: Run) -> None:
    done = run("--set", "inside=null", "--set", "outside=null", "--set", "mark=13")
    assert (done.returncode, done.stderr) == (1, "mirror: 13 brings bad luck\n")


def test_params_and_configs_reach_the_kernel(run: Run, tmp_path: Path) -> None:
    write_pcap(tmp_path / "in.pcap", [(1, A), (2, STRANGER)])
    run("--set", "inside=pcap:in.pcap", "--set", "outside=pcap:,out.pcap", "--set", "mark=77", "--config", "allowed=[11.0.0.0/8]")
    (out,) = datas(tmp_path / "out.pcap")
    assert out[26:30] == bytes([11, 0, 0, 1]) and out[22] == 77


# ---- State ----


def test_state_is_kept_in_its_folder(run: Run, tmp_path: Path) -> None:
    write_pcap(tmp_path / "in.pcap", [(1, A), (2, STRANGER)])
    words = ["--set", "inside=pcap:in.pcap", "--set", "outside=null", "--state", "kept", "--report", "json"]
    states = [json.loads(run(*words).stdout)["states"] for _ in range(3)]
    assert states == [{"hosts": 1, "refused": n} for n in (1, 2, 3)]
    assert [p.name for p in (tmp_path / "kept").iterdir()] == ["arena"]
    header = (tmp_path / "kept" / "arena").read_bytes()[:4096]
    assert header[:8] == b"CUPARENA" and int.from_bytes(header[332:336], "little") == 1
    assert int.from_bytes(header[512:520], "little") == 6


def test_state_of_another_service_is_refused_and_kept(run: Run, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "arena").write_bytes(b"something else")
    done = run("--set", "inside=null", "--set", "outside=null", "--state", "kept")
    assert (done.returncode, done.stderr) == (1, "mirror: `kept/arena` is not the state of a service\n")
    assert (tmp_path / "kept" / "arena").read_bytes() == b"something else"


# ---- Script ----


class Script:
    """A service that takes lines and answers them."""

    def __init__(self, program: Path, folder: Path, *words: str) -> None:
        self.process = subprocess.Popen(
            [program, "--script", "-", *words], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def __call__(self, *lines: str) -> list[str]:
        """What is answered up to `done` or `error`, that included."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("".join(line + "\n" for line in lines))
        self.process.stdin.flush()
        answer: list[str] = []
        while not answer or not answer[-1].startswith(("done", "error")):
            line = self.process.stdout.readline()
            assert line, "the program has ended"
            answer.append(line.rstrip("\n"))
        return answer

    def end(self, last: str = "quit\n") -> int:
        _, problems = self.process.communicate(last, timeout=30)
        assert problems == ""
        return self.process.returncode


@pytest.fixture
def script(programs: Programs, tmp_path: Path) -> Iterator[Script]:
    it = Script(programs.folder / "mirror", tmp_path, "--state", "kept")
    yield it
    if it.process.poll() is None:
        assert it.end() == 0


def test_a_script_sends_packets_and_sees_what_leaves(script: Script) -> None:
    assert script("at 5") == ["done"]
    assert script(f"packet inside {A.hex()}") == [f"out outside {A.hex()}", "done"]
    assert script(f"packet inside {STRANGER.hex()}") == ["done"]
    assert script("packet outside ABCD") == ["out inside abcd", "done"]
    assert script("packet outside -") == ["out inside -", "done"]
    assert script("set twice true") == ["done"]
    assert script(f"packet inside {A.hex()}") == [f"out outside {A.hex()}", f"out outside {A[:-1].hex()}02", "done"]
    assert script("edges") == ["edge 0 2", "edge 1 2", "edge 2 1", "done"]
    assert script("states") == ["state hosts 1", "state refused 1", "done"]


def test_a_script_sends_bursts(script: Script) -> None:
    lines = [f"{i} outside {i:02x}" for i in range(100)]
    assert script("packets 100", *lines) == [f"out inside {i:02x}" for i in range(100)] + ["done"]
    assert script("packets 0") == ["done"]


def test_a_script_sees_expiry_and_the_arena(script: Script, tmp_path: Path) -> None:
    second = 10**9
    script(f"at {100 * second}")
    script(f"packet inside {A.hex()}")
    script(f"at {105 * second}")
    script(f"packet inside {B.hex()}")
    with open(tmp_path / "kept" / "arena", "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as arena:
        assert int.from_bytes(arena[384:392], "little") == 105 * second
        assert int.from_bytes(arena[4096 + 192 : 4096 + 200], "little") == 2
        script(f"at {116 * second}")
        assert script("expire") == ["done"]
        assert int.from_bytes(arena[4096 + 192 : 4096 + 200], "little") == 1
        assert int.from_bytes(arena[384:392], "little") == 116 * second
    assert script("states") == ["state hosts 1", "state refused 0", "done"]


WRONG = [
    ("at x", "`x` is not a number"),
    ("at", "`` is not a number"),
    ("packet nowhere 00", "there is no device `nowhere`"),
    ("packet inside 0", "the packet is not an even number of digits"),
    ("packet inside 0g", "the packet has a digit that is none, at 1"),
    ("packet inside", "the packet is not an even number of digits"),
    ("set nothing 1", "there is no config `nothing`"),
    ("set twice 2", "`twice=2`: `2` is neither `true` nor `false` (byte 1 of the value)"),
    ("dance", "there is no command `dance`"),
]


@pytest.mark.parametrize(("line", "message"), WRONG, ids=[line for line, _ in WRONG])
def test_a_script_goes_on_after_a_wrong_line(script: Script, line: str, message: str) -> None:
    assert script(line) == [f"error {message}"]
    assert script("packet outside 01") == ["out inside 01", "done"]


def test_a_wrong_line_among_many_packets_ends_them(script: Script) -> None:
    answer = script("packets 4", "1 outside 01", "2 outside 02", "3 nowhere 03", "4 outside 04")
    assert answer == ["out inside 01", "out inside 02", "error there is no device `nowhere`"]
    assert script("states") == ["state hosts 0", "state refused 0", "done"]


def test_two_owners_of_one_state_are_refused(script: Script, run: Run) -> None:
    assert script("at 1") == ["done"]
    done = run("--script", "-", "--state", "kept")
    assert done.returncode == 1
    assert done.stderr == f"mirror: `kept` is in use by process {script.process.pid}: stop it, or give this one a name of its own with `--name`\n"


def test_the_end_of_the_script_is_the_end(script: Script) -> None:
    assert script("at 1") == ["done"]
    assert script.end("") == 0
