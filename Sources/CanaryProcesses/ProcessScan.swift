// SPDX-License-Identifier: Apache-2.0

import CanaryText
package import Glibc

/// Finds processes wherever they went, and ends them.
package struct ProcessScan: Sendable {
    private let isMeant: @Sendable (pid_t) -> Bool

    /// Finds processes by anything that can be asked about them.
    package init(where isMeant: @escaping @Sendable (pid_t) -> Bool) { self.isMeant = isMeant }

    /// Finds processes by the `TMPDIR` they were started with: what leaves its process group keeps its environment.
    ///
    /// A process that left its group *and* was started with another `TMPDIR` is not found; containers hold those too.
    package init(matches: @escaping @Sendable (_ temporary: String) -> Bool) {
        isMeant = { Self.temporary(of: $0).map(matches) ?? false }
    }

    /// Kills what is meant until nothing is left; gives up after `patience`.
    ///
    /// - Returns: whether nothing is left.
    @discardableResult
    package func end(patience: Duration = .seconds(10)) async -> Bool {
        let deadline = ContinuousClock.now + patience
        var pause = Duration.milliseconds(1)
        while true {
            let found = processes()
            guard !found.isEmpty else { return true }
            // Read again just before the signal: the id may have gone to another process since.
            for process in found where isMeant(process) { kill(process, SIGKILL) }
            guard ContinuousClock.now < deadline else { return false }
            // Nobody but its parent, which we are not, is told when a process is gone. In a task of its own, because
            // an attempt that was cancelled must wait too.
            await Task { [pause] in _ = try? await Task.sleep(for: pause) }.value
            pause = min(pause * 2, .milliseconds(50))
        }
    }

    /// The ids of all processes that are meant, but for this one.
    package func processes() -> [pid_t] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        let own = getpid()
        var found: [pid_t] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name.0) { atol($0) }
            if name > 0, name != Int(own), isMeant(pid_t(name)) { found.append(pid_t(name)) }
        }
        return found
    }

    private static let variable = Array("TMPDIR=".utf8)

    /// The `TMPDIR` that `process` was started with; nil when it has none, is gone, or is not ours to ask.
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
