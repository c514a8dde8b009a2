# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments of a run, in 3 of 5 rounds, and of gc"""

import time

from lib.checks import require
from survive.setup import Setup, World


def test(setup: Setup) -> str:
    world = World(setup)
    world.may_rebuild = False
    world.run("run")
    world.check_next_run()
    world.may_rebuild = True
    # How long a verb takes: the moment is drawn from that.
    usual = {"run": 0.5, "gc": 0.2}
    killed = {"run": 0, "gc": 0}
    tries = 0
    while sum(killed.values()) < setup.rounds:
        tries += 1
        require(tries < 20 * setup.rounds, "most verbs end before they are killed")
        verb = "gc" if tries % 5 > 2 else "run"
        world.commit_all()
        if verb == "gc":
            world.run("run")
        began = time.monotonic()
        result, was_running = world.kill_after(verb, setup.random.uniform(0, usual[verb]))
        if was_running:
            usual[verb] *= 1.02
        else:
            usual[verb] = 0.8 * usual[verb] + 0.2 * (time.monotonic() - began)
        killed[verb] += was_running
        world.check(result.errors)
        world.check_next_run()
    return f"{killed['run']} kills of run, {killed['gc']} of gc"
