# SPDX-License-Identifier: Apache-2.0
"""the clock two hours back, a year forward, and right again"""

from lib import sentences
from lib.checks import require
from lib.world import preload_library
from survive.setup import Setup, World


def shifted(library: object, seconds: int) -> dict[str, str]:
    """The variables that shift the clock of the program by so many seconds."""
    return {"LD_PRELOAD": str(library), "CLOCK_SHIFT": str(seconds)}


def test(setup: Setup) -> str:
    world = World(setup)
    world.check_next_run()
    library = preload_library("shift-clock", setup.folder)
    for shift in (-7200, 365 * 86400, -7200, 0):
        world.commit("base")
        errors = world.run("run", variables=shifted(library, shift)).errors
        require(sentences.PASSED.search(errors), f"nothing was built with the clock at {shift} s:\n{errors}")
        world.check(errors)
        world.check_next_run()
    with world.database() as database:
        negative = database.execute("SELECT id FROM attempts WHERE finished_at < started_at").fetchall()
        require(not negative, f"attempts that ended before they began: {negative}")
    for verb in ("status", "history"):
        world.run(verb)
    return "4 shifts"
