# SPDX-License-Identifier: Apache-2.0
"""thirty nights of 40 jobs, a day apart, each with a gc: the state folder stays within its limit"""

from lib.checks import require
from lib.world import preload_library
from survive.clocks import shifted
from survive.setup import Setup, World

LIMIT = 16


def test(setup: Setup) -> str:
    names = [f"p{index:02}" for index in range(20)]
    projects = {name: [names[index - 5]] if index >= 5 else [] for index, name in enumerate(names)}
    world = World(setup, projects=projects, variants=("local", "other"), store=f"{LIMIT}MiB", size=100_000)
    library = preload_library("shift-clock", setup.folder)
    largest = 0
    for night in range(30):
        for name in setup.random.sample(names, 6):
            world.commit(name)
        clock = shifted(library, night * 86400)
        world.check(world.run("run", variables=clock).errors)
        world.run("gc", "--verbose", variables=clock)
        largest = max(largest, sum(path.lstat().st_blocks * 512 for path in world.state.rglob("*")))
        require(largest <= LIMIT << 20, f"after night {night} the state folder takes {largest} bytes, over its `store`")
        world.check_processes()
    world.check_next_run()
    logs = len(list((world.state / "attempts").iterdir()))
    with world.database() as database:
        (attempts,) = database.execute("SELECT count(*) FROM attempts").fetchone()
        (removed,) = database.execute("SELECT count(*) FROM prefixes WHERE removed_at IS NOT NULL").fetchone()
    require(logs < attempts / 2, f"{logs} of {attempts} logs are left after a month; they are kept for a week")
    require(removed > 0, "gc had nothing to remove: the month proves nothing")
    return f"{attempts} attempts, {removed} prefixes removed, {logs} logs left, at most {largest >> 20} of {LIMIT} MiB"
