// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// What changed between a job's last good run and its first bad one, and when: the culprit is one of the changes.
package struct ChangeSet: Hashable, Codable, Sendable {
    /// One change.
    package enum Change: Hashable, Codable, Sendable, Comparable {
        /// The branch head of a project: an upstream's, or the job's own.
        case head(of: String)
        /// The newest release of an upstream.
        case release(of: String)
        /// The image of a variant.
        case image(variant: String)

        /// The project whose source it is; nil for an image.
        package var project: String? {
            switch self {
            case .head(let name), .release(let name): name
            case .image: nil
            }
        }
    }

    /// All changes; the project itself only if nothing else changed.
    package let changes: Set<Change>
    /// When the last good run began.
    package let after: Date
    /// When the first bad run began.
    package let upTo: Date

    private enum CodingKeys: String, CodingKey {
        case changes = "movers"
        case after, upTo
    }

    /// What changed for `job` between `good` and `bad`.
    ///
    /// If the upstreams of `good` are not known, any of them may have changed. If those of `bad` are not known, the set
    /// is empty.
    package init(of job: JobID, from good: Inputs, to bad: Inputs) {
        after = good.at
        upTo = bad.at
        guard let new = bad.upstreams else {
            changes = []
            return
        }
        let old = good.upstreams ?? [:]
        let changed = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }
        var changes = Set(changed.map { job.lane == .head ? Change.head(of: $0) : .release(of: $0) })
        if let old = good.environment, let new = bad.environment, old != new {
            changes.insert(.image(variant: job.variant))
        }
        let hasOwnChange =
            good.tree == nil || bad.tree == nil ? good.inputsHash != bad.inputsHash : good.tree != bad.tree
        if changes.isEmpty && hasOwnChange { changes.insert(.head(of: job.project)) }
        self.changes = changes
    }

    private init(changes: Set<Change>, after: Date, upTo: Date) {
        self.changes = changes
        self.after = after
        self.upTo = upTo
    }

    /// The changes that a commit which broke both jobs must be part of; nil if there are none.
    package func shared(with other: ChangeSet) -> ChangeSet? {
        let both = changes.intersection(other.changes)
        let (latest, earliest) = (max(after, other.after), min(upTo, other.upTo))
        guard !both.isEmpty, latest < earliest else { return nil }
        return ChangeSet(changes: both, after: latest, upTo: earliest)
    }

    /// The name of the only change; nil if there are several or none.
    package var upstream: String? {
        guard changes.count == 1, let only = changes.first else { return nil }
        if case .image(let variant) = only { return "image of \(variant)" }
        return only.project
    }
}
