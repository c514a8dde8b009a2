# SPDX-License-Identifier: Apache-2.0
"""two runs at once"""

from lib.checks import require
from survive.setup import Setup, World


def test(setup: Setup) -> str:
    world = World(setup)
    pairs = max(3, setup.rounds // 20)
    for _ in range(pairs):
        world.commit("base")
        both = [world.start("run") for _ in range(2)]
        for result in [process.wait() for process in both]:
            require(result.status == 0, f"one of two runs ended with {result.status}:\n{result.errors[-2000:]}")
            world.check(result.errors)
        world.check_next_run()
    return f"{pairs} pairs"
