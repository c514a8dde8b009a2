// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// What moved between a job's last good run and its first bad one, and when: the culprit is in it.
package struct ChangeSet: Hashable, Codable, Sendable {
    /// One thing that moved.
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

    /// All that moved; the project itself only when nothing else did.
    package let movers: Set<Change>
    /// When the last good run began.
    package let after: Date
    /// When the first bad run began.
    package let upTo: Date

    /// What moved for `job` between `good` and `bad`.
    ///
    /// Where the upstreams of `good` are not known, any of them may have moved; where those of `bad` are not, none is
    /// named.
    package init(of job: JobID, from good: Inputs, to bad: Inputs) {
        after = good.at
        upTo = bad.at
        guard let new = bad.upstreams else {
            movers = []
            return
        }
        let old = good.upstreams ?? [:]
        let moved = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }
        var movers = Set(moved.map { job.lane == .head ? Change.head(of: $0) : .release(of: $0) })
        if let old = good.environment, let new = bad.environment, old != new {
            movers.insert(.image(variant: job.variant))
        }
        let ownMoved = good.tree == nil || bad.tree == nil ? good.head != bad.head : good.tree != bad.tree
        if movers.isEmpty && ownMoved { movers.insert(.head(of: job.project)) }
        self.movers = movers
    }

    private init(movers: Set<Change>, after: Date, upTo: Date) {
        self.movers = movers
        self.after = after
        self.upTo = upTo
    }

    /// What one commit that broke both must be part of; nil when there is no such thing.
    package func shared(with other: ChangeSet) -> ChangeSet? {
        let both = movers.intersection(other.movers)
        let (latest, earliest) = (max(after, other.after), min(upTo, other.upTo))
        guard !both.isEmpty, latest < earliest else { return nil }
        return ChangeSet(movers: both, after: latest, upTo: earliest)
    }

    /// The name of the only mover; nil when it is open which one it was.
    package var upstream: String? {
        guard movers.count == 1, let only = movers.first else { return nil }
        if case .image(let variant) = only { return "image of \(variant)" }
        return only.project
    }
}
