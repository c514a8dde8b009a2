// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryEngine
import CanaryNotifications
import Dispatch
import Glibc

/// What verbs take that drive the state folder.
struct DriverOptions: ParsableArguments {
    @Flag(name: .long, help: "When another canary drives the state folder: fail instead of waiting for it.")
    var noWait = false

    /// Gives `body` a signal that the first SIGINT or SIGTERM raises; the second ends this process at once.
    func interruptible<T>(_ body: (StopSignal) async throws -> T) async throws -> T {
        let stop = StopSignal()
        let signals = Signals.onInterrupt {
            if stop.isRaised { _exit(ExitCode.interrupted.rawValue) }
            Console.note("interrupted: ending what runs; once more to leave at once")
            stop.raise()
        }
        defer { signals.cancel() }
        return try await body(stop)
    }
}
