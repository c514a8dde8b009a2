# SPDX-License-Identifier: Apache-2.0
"""Times, limits and what a benchmark does with them."""

import os
import pathlib
import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence

from lib.checks import require
from lib.world import ISOLATION, Path

# What benchmarks run programs with: the machine's environment, without the user's settings of git.
ENVIRONMENT = {**os.environ, **ISOLATION}


def seconds(command: Sequence[Path], text: str | None = None, environment: Mapping[str, str] = ENVIRONMENT) -> float:
    """How long a command takes, without its output; throws `CheckError` when it fails."""
    words = [os.fspath(word) for word in command]
    began = time.monotonic()
    ended = subprocess.run(
        words, env=environment, input=text, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
    )
    taken = time.monotonic() - began
    require(ended.returncode == 0, f"`{' '.join(words)}` ended with {ended.returncode}\n{ended.stderr[-2000:]}")
    return taken


def best(measure: Callable[[], float], rounds: int = 3) -> float:
    """The least of several measurements."""
    return min(measure() for _ in range(rounds))


def memory(pid: int, field: str = "VmRSS") -> float:
    """The memory of a process in MiB: resident now, or with `VmHWM` the most that it had."""
    found = re.search(rf"{field}:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0


class Limits:
    """Marks figures that are beyond their limit, and keeps whether there was one."""

    def __init__(self) -> None:
        self.are_exceeded = False

    def mark(self, is_beyond: bool, detail: object = "") -> str:
        """The end of a line with such a figure; empty when it is within its limit."""
        self.are_exceeded = self.are_exceeded or is_beyond
        return f"   BEYOND {detail}".rstrip() if is_beyond else ""

    @property
    def status(self) -> int:
        """The exit status of the benchmark."""
        return 1 if self.are_exceeded else 0
