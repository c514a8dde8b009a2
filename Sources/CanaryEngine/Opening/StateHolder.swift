// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
import Foundation

extension StateHolder {
    /// This process, with its start time according to the kernel, so that a reused pid is not mistaken for it.
    package static func thisProcess() -> StateHolder {
        let pid = Int(ProcessInfo.processInfo.processIdentifier)
        return StateHolder(pid: pid, startedAt: startTime(of: pid) ?? "unknown")
    }

    /// Whether the process still runs.
    package var isAlive: Bool { Self.startTime(of: pid) == startedAt }

    /// Field 22 of `/proc/<pid>/stat` (proc(5)), ticks since boot, with the boot's id before it.
    private static func startTime(of pid: Int) -> String? {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let afterName = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[afterName...].split(separator: " ")
        guard fields.count > 20 else { return nil }
        let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        return "\(boot?.prefix(8) ?? "")-\(fields[20])"
    }
}
