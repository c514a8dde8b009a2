# SPDX-License-Identifier: Apache-2.0
"""a disk that fills up in the middle of `bisect command` and `bisect upstream`: bytes, or inodes"""

import pathlib

from lib import sentences
from lib.checks import CheckError, require
from lib.world import Result, database, require_whole
from survive.setup import Disk, Endings, Setup, World, mounted

COMMITS = 40


class SearchedWorld(World):
    """A world in which commit `culprit` of 40 of `base` breaks `top`; some headers have the macro that it removes."""

    def __init__(self, setup: Setup, folder: pathlib.Path, state: pathlib.Path, has_macro: bool, culprit: int) -> None:
        self.has_macro = has_macro
        # The n-th commit of the search is commit n + 3 of the world: before them are two first ones and a good one.
        self.first_bad = culprit + 3
        super().__init__(setup, folder, state=state, projects={"base": [], "top": ["base"]})

    def header(self, name: str) -> str:
        macro = "#define KEEP\n" if self.has_macro and self.count + 1 < self.first_bad else ""
        return super().header(name) + macro


class Search:
    """A search with its state on a small disk, and a probe that leaves this disk no room from a given build on."""

    def __init__(self, setup: Setup, folder: pathlib.Path, disk: Disk, verb: str) -> None:
        self.folder, self.verb, self.disk = folder, verb, disk
        self.culprit = setup.random.randint(1, COMMITS)
        # In some searches the error names what was removed, so that it can be looked up in the diffs.
        self.is_named = verb == "upstream" and setup.random.random() < 0.5
        self.world = SearchedWorld(setup, folder, disk.folder / "state", self.is_named, self.culprit)
        self.world.commit("base")
        self.write_scripts(size=setup.random.randint(1, 100_000))
        self.world.recipe("base", [f"'{folder}/count' bases"])
        self.world.recipe("top", [f"'{folder}/probe' \"$CANARY_UPSTREAM_BASE/include/base.h\""])
        if verb == "upstream":
            self.world.run("run")
        self.world.commit("base", COMMITS)
        if verb == "upstream":
            self.world.run("run", expected=[1])
        self.revisions = self.world.repositories["base"].revisions()[1:]

    def write_scripts(self, size: int) -> None:
        """`count` counts the builds of a kind and limits the disk at a given one; `probe` fails for bad commits."""
        folder = self.folder
        self.script(
            "count",
            f"""
            echo >>'{folder}/'$1
            if [ -e '{folder}/moment-'$1 ] && [ "$(wc -l <'{folder}/'$1)" -eq "$(cat '{folder}/moment-'$1)" ]; then
                . '{folder}/limit'
            fi
            """,
        )
        self.script(
            "probe",
            f"""
            read -r name number <"$1"
            '{folder}/count' tops
            head -c {size} /dev/zero >built || exit 1
            [ "$number" -lt {self.world.first_bad} ] || {{ echo "top.c:1:1: error: 'KEEP' was not declared"; exit 1; }}
            """,
        )

    def script(self, name: str, text: str) -> None:
        (self.folder / name).write_text(f"#!/bin/sh\nset -eu\n{text}\n")
        (self.folder / name).chmod(0o755)

    def builds(self, kind: str = "tops") -> int:
        """How often a project was built."""
        file = self.folder / kind
        return file.read_text().count("\n") if file.exists() else 0

    def limit_at(self, build: int, kind: str, left: int, unit: str) -> None:
        """From the build of that kind on which is so many after now, `left` KiB or inodes are free."""
        column, option, letter = ("used", "size", "k") if unit == "KiB" else ("iused", "nr_inodes", "")
        (self.folder / "limit").write_text(
            f"taken=$(df --block-size=1K --output={column} '{self.disk.folder}' | tail -n 1)\n"
            f"mount -o remount,{option}=$((taken + {left})){letter} '{self.disk.folder}'\n"
        )
        (self.folder / f"moment-{kind}").write_text(str(self.builds(kind) + build))

    def repair(self) -> None:
        for moment in self.folder.glob("moment-*"):
            moment.unlink()
        self.disk.remount()

    def search(self) -> Result:
        if self.verb == "upstream":
            return self.world.start("bisect", "upstream", "--json", "top").wait()
        repository = self.world.repositories["base"].path
        ends = ["--repository", str(repository), "--good", self.revisions[0], "--bad", "main"]
        probe = ["--", str(self.folder / "probe"), "api.h"]
        return self.world.start("bisect", "command", "--json", *ends, after=probe).wait()

    def check(self) -> tuple[dict[int, tuple[object, ...]], int]:
        """What must hold at any time; the probes in history by number, and how many of them were builds."""
        state = self.world.state / "command" if self.verb == "command" else self.world.state
        path = state / "canary.sqlite"
        if not path.exists() or path.stat().st_size == 0:
            return {}, 0
        with database(path) as connection:
            require_whole(connection)
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'probes'").fetchall():
                return {}, 0
            rows = connection.execute("SELECT n, prefix, answer, reused FROM probes").fetchall()
        for n, prefix, answer, _ in rows:
            truth = "fail" if prefix >= self.culprit else "pass"
            require(
                answer in (truth, "error"), f"probe {n} of commit {prefix} is recorded as `{answer}`, and is a {truth}"
            )
        return {row[0]: row for row in rows}, sum(answer != "error" and not reused for _, _, answer, reused in rows)

    def check_continued(self) -> int:
        """The same search continues and finds the commit; nothing is probed twice, and nothing left behind."""
        (known, known_builds), before = self.check(), self.builds()
        result = self.search()
        require(
            result.status == 0,
            f"with room again bisect ended with {result.status}:\n{result.errors[-2000:]}{result.output[-500:]}",
        )
        document = result.document()
        require(bool(document["evidence"]) == self.is_named, f"the evidence is {document['evidence']}")
        found = self.revisions.index(document["culprit"]["revision"])
        require(found == self.culprit, f"commit {self.culprit} broke it, and commit {found} was found")
        after, builds = self.check()
        require(known.items() <= after.items(), f"probes were lost: {known}, then {after}")
        require(
            not known_builds or sentences.CONTINUES in result.errors,
            f"it does not say that it continues:\n{result.errors[:500]}",
        )
        made = self.builds() - before
        require(made == builds - known_builds, f"{known_builds} builds were known, {builds} needed, and {made} made")
        worktrees = self.world.repositories["base"].git("worktree", "list")
        require(worktrees.count("\n") == 1, "a worktree is left")
        self.world.check_processes()
        return known_builds


def test(setup: Setup) -> str:
    endings, reused = Endings(), 0
    for turn in range(max(8, setup.rounds // 5)):
        verb, unit = ["command", "upstream"][turn % 2], ["KiB", "inodes"][turn // 2 % 2]
        kind = setup.random.choice(["tops", "bases"]) if verb == "upstream" else "tops"
        build, left = setup.random.randint(1, 5), setup.random.randint(0, 200 if unit == "KiB" else 10)
        folder = setup.folder / f"search-{turn}"
        try:
            with mounted(folder / "disk") as disk:
                search = Search(setup, folder, disk, verb)
                search.limit_at(build, kind, left, unit)
                result = search.search()
                require(result.status in (0, 3), f"ended with {result.status}:\n{result.errors[-2000:]}")
                is_explained = sentences.DISK_FULL in result.errors and sentences.HINT in result.errors
                require(result.status == 0 or is_explained, f"does not say what to do:\n{result.errors[-2000:]}")
                endings[result.status] += 1
                search.repair()
                reused += search.check_continued()
        except CheckError as error:
            raise CheckError(f"bisect {verb}, with {left} {unit} left from {kind} {build} on: {error}") from error
    require(endings[3], "no disk was full in the middle of a search: this proves nothing")
    return f"{endings}; {reused} builds were reused"
