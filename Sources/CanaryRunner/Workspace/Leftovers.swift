// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
import Foundation

/// What an attempt leaves on the disk besides its log and what is stored: its folders, which can hold millions of files.
package struct Leftovers: Sendable {
    private let attempt: String
    private let project: String
    private let key: String
    private let isStored: Bool
    private let state: StateFolder
    private let quota: ProjectQuota?

    /// Names what the attempt of `order` leaves.
    ///
    /// - Parameters:
    ///   - isStored: whether what it installed stays.
    ///   - quota: what bounds it.
    package init(of order: WorkOrder, isStored: Bool, in state: StateFolder, quota: ProjectQuota?) {
        attempt = order.attempt
        project = order.project
        key = order.prefixKey
        self.isStored = isStored
        self.state = state
        self.quota = quota
    }

    /// Removes all of it, on a thread that nothing else needs.
    ///
    /// What is left `patience` after `isStopped` says so stays, until the next process that holds the state folder starts.
    package func remove(patience: Duration = .seconds(1), unless isStopped: @escaping @Sendable () -> Bool) async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                removeAll(patience, unless: isStopped)
                continuation.resume()
            }
        }
        await quota?.end(attempt, keeping: isStored ? state.prefix(of: project, key: key) : nil)
    }

    private func removeAll(_ patience: Duration, unless isStopped: () -> Bool) {
        var end: ContinuousClock.Instant?
        func isOver() -> Bool {
            guard isStopped() else { return false }
            let now = ContinuousClock.now
            let limit = end ?? now + patience
            end = limit
            return limit < now
        }
        if !isStored { PrefixStore(state: state).remove(project: project, key: key, unless: isOver) }
        Workspace(state: state).clear(attempt, unless: isOver)
    }
}
