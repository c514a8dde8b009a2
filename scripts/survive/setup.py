# SPDX-License-Identifier: Apache-2.0
"""What each disaster starts from, and what must hold after it."""

import collections
import contextlib
import dataclasses
import os
import pathlib
import random
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence

from lib import sentences
from lib.checks import require
from lib.world import ENVIRONMENT, Canary, Commit, Repository, Result, Stack, require_whole

PROJECTS: dict[str, list[str]] = {"base": [], "left": ["base"], "right": [], "top": ["left", "right"]}


@dataclasses.dataclass(frozen=True)
class Setup:
    """A folder for one disaster, the program, the random numbers, and how many rounds are wanted."""

    folder: pathlib.Path
    program: pathlib.Path
    random: random.Random
    rounds: int


class World(Canary):
    """Tiny projects that build a file and install their header, a stack of them, and canary on it."""

    def __init__(
        self,
        setup: Setup,
        folder: pathlib.Path | None = None,
        *,
        state: pathlib.Path | None = None,
        forge: str | None = None,
        projects: Mapping[str, Sequence[str]] = PROJECTS,
        variants: Sequence[str] = ("local",),
        store: str = "1MiB",
        size: int = 20_000,
    ) -> None:
        """`forge` is the address that leads to the folder of repositories; each build writes `size` bytes."""
        self.folder = folder or setup.folder
        self.projects, self.variants = projects, variants
        # Set when prefixes may be removed and built again.
        self.may_rebuild = True
        # How many commits there are, over all projects: each has its number in `api.h`.
        self.count = 0
        self.forge = forge or str(self.folder / "forge")
        (self.folder / "forge").mkdir(parents=True)
        stack = Stack(
            self.folder / "manifests",
            "survive",
            variants={name: {} for name in variants},
            limits={"store": store},
            keep={"logs": "7d"},
        )
        super().__init__(
            setup.program, stack, state or self.folder / "state", {**ENVIRONMENT, "HOME": str(self.folder)}
        )
        self.repositories = {name: Repository(self.folder / "forge" / f"{name}.git") for name in projects}
        for name, upstreams in projects.items():
            checks = [f'test -s "$CANARY_UPSTREAM_{up.upper()}/include/{up}.h"' for up in upstreams]
            self.recipe(name, [*checks, f"head -c {size} /dev/zero > big", "sleep 0.01"], ["cp big"])
            self.commit(name)

    def recipe(self, name: str, build: Sequence[str], copy: Sequence[str] = ()) -> None:
        """Writes the manifest of a project, which installs its header and what the commands `copy` copy."""
        header = ['mkdir "$CANARY_PREFIX/include"', f'cp "$CANARY_SOURCE/api.h" "$CANARY_PREFIX/include/{name}.h"']
        install = [*header, *(f'{command} "$CANARY_PREFIX/"' for command in copy)]
        stages = {"build": "\n".join(build), "install": "\n".join(install)}
        self.stack.project(name, f"{self.forge}/{name}.git", self.projects[name], stages)

    def commit(self, name: str, count: int = 1) -> None:
        """Makes so many commits of a project."""
        self.repositories[name].add(Commit({"api.h": self.header(name)}) for _ in range(count))

    def header(self, name: str) -> str:
        """The header of a project in its next commit."""
        self.count += 1
        return f"{name} {self.count}\n"

    def commit_all(self) -> None:
        for name in self.projects:
            self.commit(name)

    def check(self, errors: str = "") -> None:
        """What must hold at any time, also right after a kill; `errors` is what was reported before it."""
        passed = sentences.PASSED.findall(errors)
        if not self.history.exists():
            require(not passed, "something was reported, and there is no history")
            return
        if self.history.stat().st_size == 0:
            return
        with self.database() as database:
            require_whole(database)
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'attempts'").fetchall():
                return
            states = dict(database.execute("SELECT id, state || ' ' || coalesce(result, '') FROM attempts"))
            attempts = dict(sentences.STARTS.findall(errors))
            for job in passed:
                attempt = attempts.get(job)
                require(
                    states.get(attempt) == "finished passed",
                    f"the attempt {attempt} was reported as passed and is {states.get(attempt)}",
                )
            twice = database.execute(
                "SELECT b.key FROM attempts a JOIN builds b ON b.id = a.build WHERE a.result = 'passed' "
                "AND a.purpose = 'first' GROUP BY b.key HAVING count(*) > 1"
            ).fetchall()
            require(not twice or self.may_rebuild, f"built twice: {twice}")

    def check_next_run(self) -> None:
        """The next run is right, and leaves nothing behind."""
        self.check(self.run("run").errors)
        with self.database() as database:
            unfinished = "SELECT id FROM attempts WHERE state IN ('running', 'queued')"
            require(not database.execute(unfinished).fetchall(), "attempts are not finished")
            require(not database.execute("SELECT 1 FROM runs WHERE state = 'running'").fetchall(), "a run is open")
            results = database.execute(
                "SELECT project, result FROM run_jobs WHERE run = (SELECT max(seq) FROM runs)"
            ).fetchall()
            prefixes = {
                f"{project}/{key}"
                for project, key in database.execute(
                    "SELECT b.project, b.key FROM prefixes p JOIN builds b ON b.id = p.build WHERE p.removed_at IS NULL"
                )
            }
        expected = [(name, "passed") for name in self.projects for _ in self.variants]
        require(sorted(results) == sorted(expected), f"the next run is wrong: {results}")
        present = {f"{path.parent.name}/{path.name}" for path in (self.state / "prefixes").glob("*/*")}
        require(present == prefixes, f"prefixes on the disk and in history differ: {present ^ prefixes}")
        for attempt in (self.state / "attempts").iterdir():
            require({path.name for path in attempt.iterdir()} <= {"log"}, f"{attempt} was not removed")
        require(not list((self.state / "mirrors").glob("*.new-*")), "an unfinished mirror is left")
        self.check_processes()

    def check_processes(self) -> None:
        """No process knows of the state folder any more."""
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            except OSError:
                continue
            require(
                str(self.state).encode() not in words or int(process.name) == os.getpid(),
                f"process {process.name} runs on: {words[:200]!r}",
            )

    def kill_after(self, verb: str, seconds: float) -> tuple[Result, bool]:
        """Starts a verb and kills it after that time; returns whether it still ran then."""
        process = self.start(verb)
        try:
            process.child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            was_running = True
        else:
            was_running = False
        result = process.wait()
        require(result.status in (0, -signal.SIGKILL), f"{verb} ended with {result.status}:\n{result.errors[-2000:]}")
        return result, was_running


class Endings(collections.Counter[int]):
    """How often a verb ended with which exit status."""

    def __str__(self) -> str:
        return "exit status: " + ", ".join(f"{status} {count} times" for status, count in sorted(self.items()))


class Disk:
    """A file system in memory, mounted at a folder; its sizes can be changed."""

    ROOMY = "size=64m,nr_inodes=20000"

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder

    def remount(self, options: str = ROOMY) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", str(self.folder)], check=True)


@contextlib.contextmanager
def mounted(folder: pathlib.Path, options: str = Disk.ROOMY) -> Iterator[Disk]:
    """A disk at a new folder, unmounted at the end."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)
