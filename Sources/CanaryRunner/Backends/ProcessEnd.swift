// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The end of a process that we started and do not reap ourselves.
enum ProcessEnd {
    /// Returns when `process` has ended; it stays a zombie, so that its number is still its own.
    ///
    /// A thread waits, for as long as that takes: looking again after a while would never come to an end under a clock
    /// that somebody made up, where timers stand still.
    static func of(_ process: pid_t) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                var state = siginfo_t()
                while waitid(P_PID, id_t(process), &state, WEXITED | WNOWAIT) != 0, errno == EINTR {}
                continuation.resume()
            }
        }
    }
}
