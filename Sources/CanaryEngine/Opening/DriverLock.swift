// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
import CanaryHistory
import CanaryRunner
import Foundation
import Glibc

/// The right to drive a state folder: held by one process, released by its end however it ends.
package final class DriverLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Takes the lock, or waits for it.
    ///
    /// - Parameters:
    ///   - verb: what this process is doing, for those who wait.
    ///   - wait: whether to wait, until `stop` is raised.
    ///   - waiting: called once with the holder's words when it comes to that.
    /// - Throws: `EngineError` `stateInUse` when not waiting, `stateFolder` when the folder cannot be used,
    ///   `interrupted` when stopped.
    package static func take(
        _ state: StateFolder, verb: String, wait: Bool, stop: StopSignal, waiting: @Sendable (String) -> Void
    ) async throws -> DriverLock {
        try makeFolder(state.path)
        try StateOwner.demand(state)
        let path = state.driverLock
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw unusable(state.path) }
        let lock = DriverLock(descriptor: descriptor)
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let holder = (try? String(contentsOfFile: path, encoding: .utf8)) ?? "another process"
            guard wait else {
                throw EngineError(
                    .stateInUse, "the state folder `\(state.path)` is driven by \(holder)",
                    hint: "leave out `--no-wait` to wait for it, or name another folder with `--state`")
            }
            waiting(holder)
            while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
                guard !stop.isRaised else { throw EngineError(.interrupted, "interrupted") }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
        lock.sign("pid \(StateHolder.thisProcess().pid) (`canary \(verb)`)")
        return lock
    }

    /// Who holds the lock of `state`, in words; nil when nobody does.
    ///
    /// Found without touching the lock, so that nobody is kept from it.
    package static func holder(of state: StateFolder) -> String? {
        var found = stat()
        guard stat(state.driverLock, &found) == 0,
            let locks = try? String(contentsOfFile: "/proc/locks", encoding: .utf8)
        else { return nil }
        let isHeld = locks.split(separator: "\n").contains { line in
            let fields = line.split(separator: " ")
            return fields.contains("FLOCK") && fields.contains { $0.hasSuffix(":\(found.st_ino)") }
        }
        return isHeld ? try? String(contentsOfFile: state.driverLock, encoding: .utf8) : nil
    }

    /// Whether a daemon drives `state`: it takes requests instead of making others wait.
    package static func isServed(_ state: StateFolder) -> Bool {
        holder(of: state)?.hasSuffix("(`canary serve`)") ?? false
    }

    private func sign(_ text: String) {
        ftruncate(descriptor, 0)
        _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
    }

    private static func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw unusable(path)
        }
    }

    private static func unusable(_ path: String) -> EngineError {
        EngineError(
            .stateFolder, "the state folder `\(path)` cannot be used: \(String(cString: strerror(errno)))",
            hint: "name a folder you may write to with `--state`")
    }
}
