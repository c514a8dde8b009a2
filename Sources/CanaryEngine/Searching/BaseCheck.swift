// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryHistory
import Synchronization

/// What is known of the base of a search with a command, of which nobody may have said that it is good.
final class BaseCheck: Sendable {
    private struct State {
        var passes: Int
        var failures: Int
        var bad: BadBase?
    }

    private let state: Mutex<State>
    private let isOutermost: Bool

    /// Counts what `record` has; inside of a merge a failing base means nothing more.
    init(_ record: SearchRecord, isOutermost: Bool) {
        let answers = record.probes.map(\.probe.answer)
        state = Mutex(State(passes: answers.count { $0 == .pass }, failures: answers.count { $0 == .fail }))
        self.isOutermost = isOutermost
    }

    /// Counts an answer; returns whether it is the failure of the base after which nothing has passed in three probes.
    func suspects(_ answer: ProbeAnswer, of request: ProbeRequest) -> Bool {
        state.withLock { state in
            if answer == .pass { state.passes += 1 }
            if answer == .fail { state.failures += 1 }
            let isBase = request.point == ProbePoint(prefix: 0) && answer == .fail
            return isOutermost && isBase && state.passes == 0 && state.failures >= 3
        }
    }

    /// The base that fails although good passes; nil as long as that is not known.
    var bad: BadBase? { state.withLock(\.bad) }

    /// Notes that the base fails and a good commit passes.
    func note(_ bad: BadBase) { state.withLock { $0.bad = bad } }
}
