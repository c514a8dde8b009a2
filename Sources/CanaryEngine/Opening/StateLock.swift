// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
import CanaryHistory
import Foundation
import Glibc

/// The exclusive lock of a state folder: held by one process, and released when it ends for any reason.
package final class StateLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Takes the lock, or waits for it.
    ///
    /// - Parameters:
    ///   - verb: the command of this process, shown to others who wait.
    ///   - wait: whether to wait, until `stop` is raised.
    ///   - waiting: called once with a description of the holder, when waiting starts.
    /// - Throws: `EngineError` `stateInUse` when not waiting, `stateFolder` when the folder cannot be used,
    ///   `interrupted` when `stop` was raised.
    package static func take(
        _ state: StateFolder, verb: String, wait: Bool, stop: StopSignal, waiting: @Sendable (String) -> Void
    ) async throws -> StateLock {
        try open(state)
        let path = state.driverLock
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw EngineError(
                .stateFolder, "the state folder `\(state.path)` cannot be used: \(String(cString: strerror(errno)))",
                hint: "use `--state` to choose another folder")
        }
        let lock = StateLock(descriptor: descriptor)
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let holder = (try? String(contentsOfFile: path, encoding: .utf8)) ?? "another process"
            guard wait else {
                throw EngineError(
                    .stateInUse, "the state folder `\(state.path)` is in use by \(holder)",
                    hint: "leave out `--no-wait` to wait for it, or use `--state` to choose another folder")
            }
            waiting(holder)
            while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
                guard !stop.isRaised else { throw EngineError.interrupted }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
        lock.sign("pid \(StateHolder.thisProcess().pid) (`canary \(verb)`)")
        return lock
    }

    /// The process that holds the lock of `state`, as text; nil if none does.
    ///
    /// Found without taking the lock, so that nobody is blocked.
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

    /// Whether a daemon holds `state`: it accepts requests, so others need not wait.
    package static func isServed(_ state: StateFolder) -> Bool {
        holder(of: state)?.hasSuffix("(`canary serve`)") ?? false
    }

    private func sign(_ text: String) {
        ftruncate(descriptor, 0)
        _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
    }

    /// Creates `state` if it is missing, and closes it to other users, without taking the lock.
    ///
    /// - Throws: `EngineError` `stateFolder` when others can change the folder, or when it cannot be used.
    package static func open(_ state: StateFolder) throws(EngineError) {
        do throws(StateFolderRefusal) { try state.open() } catch {
            throw EngineError(.stateFolder, error.text, hint: error.hint)
        }
    }
}
