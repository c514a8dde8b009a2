# SPDX-License-Identifier: Apache-2.0
"""a git server that resets, sends garbage, or breaks off in the middle of a transfer"""

import contextlib
import random
import socket
import struct
import threading

from lib.checks import require, wait_until
from lib.servers import accepts, free_port
from lib.world import ENVIRONMENT, Process
from survive.setup import Setup, World

ENDLESS = 1 << 40


class Proxy(threading.Thread):
    """A server between canary and a real git daemon, which misbehaves as its `fault` says."""

    def __init__(self, target: int) -> None:
        super().__init__(daemon=True)
        self.fault, self.target, self.random = "none", target, random.Random(0)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client, self.fault), daemon=True).start()

    def serve(self, client: socket.socket, fault: str) -> None:
        if fault == "resets":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        elif fault == "sends garbage":
            client.sendall(b"0040" + bytes(range(256)) * 20)
            client.close()
        else:
            server = socket.create_connection(("127.0.0.1", self.target))
            most = self.random.randint(1, 900) if fault == "breaks off" else ENDLESS
            for source, sink, limit in ((client, server, ENDLESS), (server, client, most)):
                threading.Thread(target=pump, args=(source, sink, limit), daemon=True).start()


def pump(source: socket.socket, sink: socket.socket, limit: int) -> None:
    """Copies bytes until the source ends or so many are copied; then both connections end."""
    with contextlib.suppress(OSError):
        while limit > 0 and (data := source.recv(min(65536, limit))):
            limit -= len(data)
            sink.sendall(data)
    is_over = limit <= 0
    for end in (source, sink) if is_over else (sink,):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR if is_over else socket.SHUT_WR)


def test(setup: Setup) -> str:
    port = free_port()
    proxy = Proxy(port)
    world = World(setup, forge=f"git://127.0.0.1:{proxy.port}")
    options = ["--listen=127.0.0.1", f"--port={port}", "--export-all", "--reuseaddr"]
    daemon = Process(["git", "daemon", *options, f"--base-path={world.folder / 'forge'}"], ENVIRONMENT)
    try:
        wait_until(lambda: accepts(port), lambda: f"git daemon does not start: {daemon.errors()}")
        rounds = max(6, setup.rounds // 10)
        for turn in range(rounds):
            world.commit_all()
            proxy.fault = ["resets", "sends garbage", "breaks off"][turn % 3]
            result = world.start("run").wait()
            require(
                result.status in (0, 3),
                f"with a server that {proxy.fault} run ended with {result.status}:\n{result.errors[-2000:]}",
            )
            world.check(result.errors)
            proxy.fault = "none"
            world.check_next_run()
        return f"{rounds} rounds"
    finally:
        daemon.end()
        proxy.listener.close()
