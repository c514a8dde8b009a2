// SPDX-License-Identifier: Apache-2.0

/// A commit that may be to blame.
package struct Candidate: Hashable, Codable, Sendable {
    /// Its number in the range.
    package let commit: Int
    /// How probable it is.
    package let probability: Double
}

/// Whether a culprit needs commits of other projects.
package enum IsolationFinding: Hashable, Codable, Sendable {
    /// It breaks with all other projects at the base.
    case alone
    /// It breaks with less than the head, but does not build without this commit or those before it.
    case inCompany(of: Int)
    /// It breaks only together with this one.
    case together(with: Candidate)
    /// It passes alone, and what it needs was not found.
    case open
}

/// Where good results turn bad, or bad ones good.
package struct SearchEdge: Hashable, Codable, Sendable {
    /// The last position of one kind.
    package let before: Int
    /// The next position that was tried, of the other kind.
    package let behind: Int
}

/// What a search found.
package struct SearchResult: Hashable, Codable, Sendable {
    /// What kind of thing it found, as documents write it.
    package enum Kind: String, CaseIterable, Codable, Sendable {
        /// One commit.
        case culprit
        /// Commits that nothing tells apart, one of which it is.
        case set
        /// Nothing is broken: the failure was an accident.
        case flake
        /// The base is broken too.
        case environment
        /// The budget is spent, or nothing more can be asked.
        case unresolved
        /// Good and bad alternate: no single commit explains it.
        case notMonotone
        /// There are no commits.
        case nothingMoved
    }

    /// What it found.
    package let kind: Kind
    /// A culprit, the members of a set, or the five most probable commits of an unresolved search; else empty.
    package let candidates: [Candidate]
    /// What is known of other projects' part in it; nil when one project moved, or no single one is to blame.
    package let isolation: IsolationFinding?
    /// The first and the last edge of a search that is not monotone; else empty.
    package let edges: [SearchEdge]

    init(
        _ kind: Kind, candidates: [Candidate] = [], isolation: IsolationFinding? = nil, edges: [SearchEdge] = []
    ) {
        self.kind = kind
        self.candidates = candidates
        self.isolation = isolation
        self.edges = edges
    }
}

/// What builds an hour or more after the search say of what it found.
package enum Confirmation: String, CaseIterable, Codable, Sendable {
    /// Not all of them were made.
    case open
    /// The parent passed and the culprit failed, twice.
    case confirmed
    /// One of them contradicted.
    case refuted
}
