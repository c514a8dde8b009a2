# SPDX-License-Identifier: Apache-2.0
"""a state folder on a disk with too few bytes, or too few inodes, of random sizes"""

from lib.checks import require
from survive.setup import Endings, Setup, World, mounted


def test(setup: Setup) -> str:
    endings = Endings()
    for turn in range(max(4, setup.rounds // 10)):
        folder = setup.folder / f"full-{turn}"
        inodes, size = setup.random.randint(5, 220), setup.random.randint(50, 1200)
        small = f"nr_inodes={inodes}" if turn % 2 else f"size={size}k"
        with mounted(folder / "disk", small) as disk:
            world = World(setup, folder, state=disk.folder / "state")
            result = world.start("run").wait()
            require(
                result.status in (0, 3),
                f"on a disk with {small} run ended with {result.status}:\n{result.errors[-2000:]}",
            )
            endings[result.status] += 1
            world.check(result.errors)
            disk.remount()
            world.check_next_run()
    return str(endings)
