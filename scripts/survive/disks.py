# SPDX-License-Identifier: Apache-2.0
"""a disk that answers with EIO or ENOSPC, writes half of what it is given, or is read-only"""

import pathlib

from lib import sentences
from lib.checks import require
from lib.world import preload_library
from survive.setup import Disk, Endings, Setup, World, mounted


def test(setup: Setup) -> str:
    library = preload_library("bad-disk", setup.folder)
    with mounted(setup.folder / "disk") as disk:
        world = World(setup, state=disk.folder / "state")
        endings = faults(setup, world, library)
        read_only(world, disk)
    return str(endings)


def faults(setup: Setup, world: World, library: pathlib.Path) -> Endings:
    """Runs, and every sixth time gc, while some calls fail."""
    endings = Endings()
    for turn in range(max(12, setup.rounds)):
        world.commit_all()
        fault = ["eio", "full", "short"][turn % 3]
        variables = {"DISK_FAULT": fault, "DISK_FAULT_AT": str(setup.random.randint(1, 400))}
        if setup.random.random() < 0.5:
            variables["DISK_FAULT_FOR"] = str(setup.random.randint(1, 3))
        verb = "gc" if turn % 6 == 5 else "run"
        result = world.start(verb, variables={"LD_PRELOAD": str(library), **variables}).wait()
        allowed = (0,) if fault == "short" else (0, 3)
        require(
            result.status in allowed, f"{verb} with {variables} ended with {result.status}:\n{result.errors[-2000:]}"
        )
        require(result.status == 0 or "error" in result.errors, f"{verb} does not report {variables}:\n{result.errors}")
        endings[result.status] += 1
        world.check(result.errors)
        world.check_next_run()
    return endings


def read_only(world: World, disk: Disk) -> None:
    """A run reports what to do; verbs that only read work as before."""
    world.commit("base")
    disk.remount("ro")
    errors = world.run("run", expected=[3]).errors
    require(sentences.HINT in errors, f"run on a read-only disk gives no advice:\n{errors}")
    for verb, status in (("status", 0), ("history", 0), ("doctor", 3)):
        world.run(verb, expected=[status])
    disk.remount("rw")
    world.check_next_run()
