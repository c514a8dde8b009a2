// SPDX-License-Identifier: Apache-2.0

import CanaryText
package import Glibc

/// Finds processes, also those that left their group, and ends them.
package struct ProcessScan: Sendable {
    private let matches: @Sendable (pid_t) -> Bool

    /// Finds processes by their id.
    package init(where matches: @escaping @Sendable (pid_t) -> Bool) { self.matches = matches }

    /// Finds processes by the `TMPDIR` they were started with: a process that leaves its group keeps its environment.
    ///
    /// A process that left its group *and* was started with another `TMPDIR` is not found; only containers hold those.
    package init(matches: @escaping @Sendable (_ temporary: String) -> Bool) {
        self.matches = { Self.temporary(of: $0).map(matches) ?? false }
    }

    /// Kills the matching processes until none is left; gives up after `patience`.
    ///
    /// - Returns: whether none is left.
    @discardableResult
    package func end(patience: Duration = .seconds(10)) async -> Bool {
        let deadline = ContinuousClock.now + patience
        var pause = Duration.milliseconds(1)
        while true {
            let found = processes()
            guard !found.isEmpty else { return true }
            // Read again just before the signal: the id may have gone to another process since.
            for process in found where matches(process) { kill(process, SIGKILL) }
            guard ContinuousClock.now < deadline else { return false }
            // Only a parent is notified when a process ends, and this process is not the parent. In a task of its own,
            // because an attempt that was cancelled must wait too.
            await Task { [pause] in _ = try? await Task.sleep(for: pause) }.value
            pause = min(pause * 2, .milliseconds(50))
        }
    }

    /// The ids of all matching processes, except this one.
    package func processes() -> [pid_t] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        let own = getpid()
        var found: [pid_t] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name.0) { atol($0) }
            if name > 0, name != Int(own), matches(pid_t(name)) { found.append(pid_t(name)) }
        }
        return found
    }

    private static let variable = Array("TMPDIR=".utf8)

    /// The `TMPDIR` that `process` was started with; nil when it has none, is gone, or belongs to another user.
    private static func temporary(of process: pid_t) -> String? {
        let descriptor = open("/proc/\(process)/environ", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: 128 << 10, alignment: 1) { buffer in
            var count = 0
            while count < buffer.count {
                let more = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
                guard more > 0 else { break }
                count += more
            }
            return value(in: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    private static func value(in environment: UnsafeRawBufferPointer) -> String? {
        var start = 0
        while start < environment.count {
            let end = environment.offset(of: 0, from: start) ?? environment.count
            let entry = environment[start..<end]
            if entry.starts(with: variable) { return String(decoding: entry.dropFirst(variable.count), as: UTF8.self) }
            start = end + 1
        }
        return nil
    }
}
