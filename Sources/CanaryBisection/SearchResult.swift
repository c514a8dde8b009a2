// SPDX-License-Identifier: Apache-2.0

package import CanaryModel

/// A commit that may have broken the build.
package struct Suspect: Hashable, Codable, Sendable {
    /// Its number in the range of the search, from 1.
    package let number: Int
    /// The commit.
    package let commit: Commit
    /// How probable it is that this commit is to blame, 0 to 1.
    package let probability: Double

    /// Makes a suspect of commit `number` of a range.
    package init(number: Int, commit: Commit, probability: Double) {
        self.number = number
        self.commit = commit
        self.probability = probability
    }
}

/// Whether a culprit needs commits of other projects in order to break the build.
package enum IsolationFinding: Hashable, Codable, Sendable {
    /// It breaks with all other projects at the base.
    case alone
    /// It breaks without the end of the range, but does not build without this commit and those before it.
    case needs(Int)
    /// It breaks only together with this commit.
    case pair(with: Suspect)
    /// It passes alone, and the commit that it needs was not found.
    case open
}

/// Neighbouring positions with different results.
package struct SearchEdge: Hashable, Codable, Sendable {
    /// The last position with one result.
    package let before: Int
    /// The next position that was built, with the other result.
    package let after: Int
}

/// What a search found.
package struct SearchResult: Hashable, Codable, Sendable {
    /// The kind of result, as documents write it.
    package enum Kind: String, CaseIterable, Codable, Sendable {
        /// One commit.
        case culprit
        /// One of several commits that cannot be distinguished.
        case set
        /// Nothing is broken: the failure was a flake.
        case flake
        /// The base is broken too.
        case environment
        /// The budget is spent, or no position is left to build.
        case unresolved
        /// Good and bad alternate: no single commit explains the results.
        case notMonotone
        /// There are no commits between good and bad.
        case nothingMoved
    }

    /// The kind of result.
    package let kind: Kind
    /// The culprit, the members of a set, or the five most probable commits of an unresolved search; otherwise empty.
    package private(set) var suspects: [Suspect] = []
    /// Whether other projects are involved; nil when only one project changed or when there is no single culprit.
    package private(set) var isolation: IsolationFinding?
    /// The first and the last edge of a search that is not monotone; otherwise empty.
    package private(set) var edges: [SearchEdge] = []
}

/// What the builds said that an hour or more after the search check its result.
package enum Confirmation: String, CaseIterable, Codable, Sendable {
    /// Some of them are still to be made.
    case open
    /// The parent passed and the culprit failed, twice.
    case confirmed
    /// One of them contradicted the result.
    case refuted
}
