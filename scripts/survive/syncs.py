# SPDX-License-Identifier: Apache-2.0
"""kill -9 at each n-th fsync of a run and of gc, in canary or in a git that it started"""

from survive.setup import Setup, World


def test(setup: Setup) -> str:
    world = World(setup)
    killed = {"run": 0, "gc": 0}
    last = max(4, setup.rounds // 5) - 1
    for number in range(1, last + 1):
        world.commit_all()
        inject = f"inject=fsync,fdatasync:signal=SIGKILL:when={number}"
        trace = str(setup.folder / "strace")
        strace = ["strace", "-f", "-qq", "-o", trace, "-e", "trace=fsync,fdatasync", "-e", inject]
        for verb in killed:
            result = world.start(verb, wrapper=strace).wait()
            killed[verb] += result.status not in (0, 3)
            world.check(result.errors)
            world.check_next_run()
    return f"{killed['run']} kills of run itself, {killed['gc']} of gc, at the fsyncs 1 to {last}"
