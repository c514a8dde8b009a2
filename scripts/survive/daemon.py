# SPDX-License-Identifier: Apache-2.0
"""kill -9 of `serve` in a run that was requested over HTTP; the next one finishes what was accepted"""

import time

from lib.checks import require, wait_until
from lib.world import Service
from survive.setup import PROJECTS, Setup, World


def test(setup: Setup) -> str:
    world = World(setup)
    began = time.monotonic()
    world.run("run")
    usual = time.monotonic() - began
    accepted = []
    for _ in range(min(setup.rounds, 20)):
        world.commit(setup.random.choice(list(PROJECTS)))
        with Service(world) as service:
            status, response = service.request("POST", "/requests", '{"kind": "run"}')
            require(status == 202, f"a request got {status}: {response}")
            accepted.append(response["request"])
            time.sleep(setup.random.uniform(0, usual * 1.2))
            service.process.kill()
            world.check(service.process.wait().errors)
        finish(world, accepted[-1])
        world.check_next_run()
    with world.database() as database:
        states = database.execute("SELECT id, state FROM requests ORDER BY seq").fetchall()
    require(states == [(request, "finished") for request in accepted], f"accepted {accepted}, finished {states}")
    return f"{len(accepted)} kills, each request carried out"


def finish(world: World, request: str) -> None:
    """The next daemon carries the request out, and ends when it is asked to."""
    with Service(world) as service:
        wait_until(
            lambda: service.request("GET", f"/requests/{request}.json")[1]["state"] == "finished",
            lambda: f"the request `{request}` was forgotten:\n{service.process.errors()[-2000:]}",
            seconds=60,
        )
        result = service.stop()
    require(result.status == 0, f"serve ended with {result.status}:\n{result.errors[-2000:]}")
    world.check(result.errors)
