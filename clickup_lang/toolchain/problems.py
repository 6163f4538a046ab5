"""Every problem of the way from a bundle to a binary: one builder for each. None has a place in a program.

Codes: E8... `E806` is the only one that is a fault of cupc itself.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from clickup_lang.diagnostics import Problem

COMPILER_IS_MISSING = "E801"
COMPILER_DOES_NOT_RUN = "E802"
PCAP_IS_MISSING = "E803"
CANNOT_WRITE = "E804"
NOT_A_BUILD_FOLDER = "E805"
GENERATED_CODE_IS_WRONG = "E806"
COMPILER_WAS_STOPPED = "E807"
CLICK_IS_MISSING = "E811"
WRONG_CLICK = "E812"
CLICK_LOADS_NO_PACKAGES = "E813"
CLICK_REFUSES = "E814"
PROJECT_IS_THERE = "E815"


def compiler_is_missing() -> Problem:
    help = "on Debian or Ubuntu: `apt-get install g++ libpcap-dev`; or name one in the environment variable `CXX`; or write the C++ alone with `--emit-only`"
    return Problem(COMPILER_IS_MISSING, "there is no C++ compiler: neither `g++` nor `clang++` is on the PATH", help=help)


def archiver_is_missing() -> Problem:
    return Problem(COMPILER_IS_MISSING, "there is a C++ compiler, but no `ar`", help="on Debian or Ubuntu: `apt-get install binutils`")


def compiler_does_not_run(command: str, reason: str, from_environment: bool) -> Problem:
    origin = ", which the environment variable `CXX` names," if from_environment else ""
    return Problem(
        COMPILER_DOES_NOT_RUN, f"the C++ compiler `{command}`{origin} does not run: {reason}", help="correct or unset `CXX`" if from_environment else "install it again, or name another one in `CXX`"
    )  # fmt: skip


def compiler_is_old(command: str, version: str, least: int) -> Problem:
    return Problem(
        COMPILER_DOES_NOT_RUN, f"the C++ compiler `{command}` is version {version}, and at least {least} is needed", help="install a newer one, or name another in `CXX`"
    )  # fmt: skip


def pcap_is_missing() -> Problem:
    return Problem(PCAP_IS_MISSING, "the header files of libpcap are not installed", help="on Debian or Ubuntu: `apt-get install libpcap-dev`")


def cannot_write(path: Path, error: OSError) -> Problem:
    reason = (error.strerror or str(error)).lower()
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            help = "make room there, or write elsewhere with `-o DIR`"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            help = "write elsewhere with `-o DIR`"
        case _:
            help = None
    return Problem(CANNOT_WRITE, f"cannot write `{path}`: {reason}", help=help)


def disk_is_full(path: Path) -> Problem:
    return cannot_write(path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))


def not_a_build_folder(path: Path) -> Problem:
    what = "is there and is not a build folder" if path.is_dir() else "is there and is not a folder"
    return Problem(NOT_A_BUILD_FOLDER, f"`{path}` {what}", help="name another folder with `-o DIR`, or take this one away")


def generated_code_is_wrong(service: str, compiler: str) -> Problem:
    return Problem(GENERATED_CODE_IS_WRONG, f"the C++ that cupc made of `{service}` is refused by `{compiler}`; this is a fault of cupc, not of the program")


def compiler_was_stopped(command: str, signal: int) -> Problem:
    help = "signal 9 most often means that memory ran out" if signal == 9 else None
    return Problem(COMPILER_WAS_STOPPED, f"the C++ compiler `{command}` was stopped by signal {signal}", help=help)


def click_is_missing(name: str, variable: str) -> Problem:
    return Problem(CLICK_IS_MISSING, f"there is no installed {name} to build a package for", help=f"name its folder in `--click-prefix DIR` or `{variable}`")


def no_click_there(name: str, place: str, why: str) -> Problem:
    return Problem(WRONG_CLICK, f"{place} is no installed {name}: it {why}", help="the folder that was `--prefix` when Click was configured and installed is the one to name")


def another_click(wanted: str, place: str, found: str, target: str) -> Problem:
    return Problem(WRONG_CLICK, f"{place} is an installed {found}, and a package for {wanted} was asked for", help=f"build with `--target {target}`, or name another folder")


def click_loads_no_packages(name: str, place: str) -> Problem:
    return Problem(
        CLICK_LOADS_NO_PACKAGES, f"the {name} at {place} was built without dynamic linking, and loads no packages", help="configure it without `--disable-dynamic-linking` and install it again"
    )  # fmt: skip


def click_refuses(name: str, reason: str) -> Problem:
    return Problem(CLICK_REFUSES, f"{name} does not run the configuration: {reason}", help="`-v` shows all that it says")


def project_is_there(path: Path) -> Problem:
    what = "is there, and not empty" if path.is_dir() else "is there, and no folder"
    return Problem(PROJECT_IS_THERE, f"`{path}` {what}", help="name another folder, or take this one away")
