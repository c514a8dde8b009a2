// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryEngine
import CanaryFiles
import Dispatch
import Glibc

/// The options of verbs that hold the state folder.
struct StateLockOptions: ParsableArguments {
    @Flag(name: .long, help: "If another canary is using the state folder, fail instead of waiting.")
    var noWait = false

    /// Takes the lock of `state`, and says who holds it while it waits.
    func take(_ state: StateFolder, verb: String, stop: StopSignal) async throws -> StateLock {
        try await StateLock.take(state, verb: verb, wait: !noWait, stop: stop) {
            Console.note("waiting: `\(state.path)` is in use by \($0)")
        }
    }

    /// Gives `body` a signal that the first SIGINT or SIGTERM raises; the second one exits at once.
    func interruptible<T>(_ body: (StopSignal) async throws -> T) async throws -> T {
        let stop = StopSignal()
        let signals = Signals.onInterrupt {
            if stop.isRaised { _exit(ExitCode.interrupted.rawValue) }
            Console.note("interrupted: stopping running builds; press Ctrl-C again to quit now")
            stop.raise()
        }
        defer { signals.cancel() }
        return try await body(stop)
    }
}
