// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// The processes of a program that leads its own group.
///
/// Valid until the leader is reaped: then another group can get its id.
struct ProcessGroup: Sendable {
    /// The id of the leader and of the group.
    let leader: pid_t

    /// Whether the leader has ended; asking does not reap it.
    var hasEnded: Bool {
        var state = siginfo_t()
        return waitid(P_PID, id_t(leader), &state, WEXITED | WNOWAIT | WNOHANG) != 0 || state.si_signo == SIGCHLD
    }

    /// Whether any process of the group still runs; a zombie does not.
    var isAlive: Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.contains { name in
            guard pid_t(name) != nil, let text = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
                let end = text.lastIndex(of: ")")
            else { return false }
            let fields = text[text.index(after: end)...].split(separator: " ")
            return fields.count > 2 && fields[2] == "\(leader)" && fields[0] != "Z" && fields[0] != "X"
        }
    }

    /// Sends `number` to every process of the group.
    func signal(_ number: Int32) { kill(-leader, number) }

    /// Waits until the leader has ended, without reaping it.
    ///
    /// Its output has ended by then, so this takes microseconds, except for a program that closes its output and goes
    /// on.
    func end() async {
        var pause = Duration.microseconds(100)
        while !hasEnded {
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(50))
        }
    }
}
